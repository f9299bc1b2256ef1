"""Scenario folders: ``scenario.toml`` and CSV tables (docs/scenario.md), read with every fault at once, and written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.corridor.validate import find_faults, validate
from railcap.corridor.validate_fault import Fault, did_you_mean
from railcap.errors import InputError, Issue
from railcap.formats.atomic import OutputFolder
from railcap.formats.scenario_folder_columns import NEEDED, SETTINGS, TABLES
from railcap.formats.scenario_folder_read import Parts, read_parts
from railcap.formats.scenario_folder_settings import Settings, SettingsFile, read_settings, read_settings_file
from railcap.formats.scenario_folder_write import folder_texts
from railcap.formats.table import Table, read_table, shortened

FILES = (SETTINGS, *(f"{name}.csv" for name in TABLES))
"""What `save_scenario` writes, or removes where a scenario has nothing for it."""


def load_scenario(path: str | Path) -> Scenario:
    """Read a scenario folder.

    Parameters
    ----------
    path : str or Path
        The folder, or its ``scenario.toml``.

    Raises
    ------
    InputError
        If it has any error; holds every error and warning that was found, with file, row, column and value.
    """
    return load_scenario_with_issues(path)[0]


def load_scenario_with_issues(path: str | Path) -> tuple[Scenario, list[Issue]]:
    """Read a scenario folder; return it with the warnings. Raises `InputError` as `load_scenario`."""
    folder = Path(path)
    if folder.name == SETTINGS:
        folder = folder.parent
    if not folder.is_dir():
        what = "this is a file; give the scenario's folder" if folder.exists() else "there is no such folder"
        raise InputError(f"{path} cannot be used", [Issue(str(path), "", "", what, "no-such-folder")])
    issues: list[Issue] = []
    chain, files = _chain(folder, issues)
    settings = read_settings(files[0], files[1:], issues)
    base_is_missing = any(issue.code == "no-such-base" for issue in issues)
    tables = {name: _read(name, folder, chain, issues, base_is_missing) for name in TABLES}
    issues += _unused_files(folder, tables)
    parts = read_parts(tables, settings.time_zone)
    for table in tables.values():
        issues += table.issues
    scenario = _scenario(settings, parts)
    issues += _validated(scenario, settings, parts, tables)
    errors = sum(issue.severity == "error" for issue in issues)
    if errors:
        found = "an error" if errors == 1 else f"{errors} errors"
        raise InputError(f"the scenario {path} has {found}", issues)
    return scenario, issues


def save_scenario(scenario: Scenario, path: str | Path) -> None:
    """Write a scenario folder, whole or not at all; equal scenarios give equal bytes.

    Tables of an earlier scenario in the folder are replaced or removed; other files stay. Texts lose spaces at their
    ends.

    Raises
    ------
    InputError
        If the scenario has errors, so that the folder could not be read again.
    OutputError
        If the folder cannot be written; what was there stays.
    """
    issues = validate(scenario)
    if any(issue.severity == "error" for issue in issues):
        raise InputError(f"the scenario {scenario.name} has errors and is not written to {path}", issues)
    contents = {name: _encoded(name, text) for name, text in folder_texts(scenario).items()}
    with OutputFolder(path, FILES) as folder:
        for name, content in contents.items():
            folder.file(name).write_bytes(content)


def _encoded(name: str, text: str) -> bytes:
    try:
        if "\0" not in text:
            return text.encode()
    except UnicodeEncodeError:
        pass
    message = "a text holds zero bytes or halves of characters, which no file can hold"
    raise InputError("the scenario cannot be written", [Issue(name, "", "", message, "broken-encoding")])


def scenario_folders(path: str | Path) -> list[Path]:
    """Return the folders in which the tables of a scenario folder are looked for, in order: itself, then its bases.

    Of several bases the first one goes before the others, and a folder that several lead to comes after all of these.
    What is wrong with a base is left to `load_scenario`.
    """
    return _chain(Path(path), [])[0]


def _chain(folder: Path, issues: list[Issue]) -> tuple[list[Path], list[SettingsFile]]:
    """Return the folder, its bases, the bases of these and so on, with their settings files; see `scenario_folders`."""
    files: dict[Path, SettingsFile] = {}
    ended: list[Path] = []

    def visit(place: Path, above: tuple[Path, ...]) -> None:
        here = place.resolve()
        settings = files[here] = _settings_file(place, folder, issues)
        bases = []
        for base in _bases(settings, issues):
            next_ = place / base
            if next_.resolve() in (*above, here):
                message = "the base folders lead back to this one: a cycle"
                issues.append(Issue(settings.file, "key base", base, message, "base-cycle"))
            elif not next_.is_dir():
                message = f"there is no such folder (looked in {here})"
                issues.append(Issue(settings.file, "key base", base, message, "no-such-base"))
            else:
                bases.append(next_)
        for next_ in reversed(bases):
            if next_.resolve() not in files:
                visit(next_, (*above, here))
        ended.append(place)

    visit(folder, ())
    chain = ended[::-1]
    return chain, [files[place.resolve()] for place in chain]


def _bases(settings: SettingsFile, issues: list[Issue]) -> list[str]:
    """Return what the key `base` names: a path or several, the first one first."""
    base = settings.content.get("base") or []
    found = [base] if isinstance(base, str) else base
    if isinstance(found, list) and all(isinstance(one, str) for one in found):
        return found
    message = 'this must be the path of a folder in quotes, or several in brackets: ["../one", "../two"]'
    issues.append(Issue(settings.file, "key base", str(base), message, "wrong-type"))
    return []


def _settings_file(folder: Path, scenario_folder: Path, issues: list[Issue]) -> SettingsFile:
    file = _name(folder / SETTINGS, scenario_folder)
    if (folder / SETTINGS).is_file():
        return read_settings_file(folder / SETTINGS, file, issues)
    if folder == scenario_folder:
        issues.append(
            Issue(file, "", "", "this file is missing; it gives name, time_zone, start and days", "missing-file")
        )
    return SettingsFile({}, file, readable=False)


def _name(file: Path, folder: Path) -> str:
    """Return how messages call a file: its path from the scenario folder."""
    return Path(os.path.relpath(file, folder)).as_posix()


def _read(name: str, folder: Path, chain: Iterable[Path], issues: list[Issue], base_is_missing: bool) -> Table:
    """Read a table from the first folder of the chain that has it; a missing base may have those that are missing."""
    for place in chain:
        file = place / f"{name}.csv"
        if file.exists():
            return read_table(file, TABLES[name], _name(file, folder))
    if name in NEEDED and not base_is_missing:
        others = [file.name for file in folder.glob("*.csv") if file.stem not in TABLES]
        near = did_you_mean(f"{name}.csv", others)
        near = near.replace("did you mean", "is it").replace("?", "; then rename it") if "did you" in near else ""
        sheets = sorted(file.name for file in folder.glob(f"{name}.xls*")) or sorted(
            file.name for file in folder.glob(f"{name}.ods")
        )
        near = f"; save {sheets[0]} as {name}.csv" if sheets else near
        columns = ", ".join(column for column, required in TABLES[name].items() if required)
        message = f"this table is missing; it needs at least the columns {columns}{near}"
        issues.append(Issue(f"{name}.csv", "", "", message, "missing-table"))
    return Table(f"{name}.csv")


def _unused_files(folder: Path, tables: Mapping[str, Table]) -> list[Issue]:
    """Return warnings of files that look like an optional table under a wrong name."""
    absent = [name for name, table in tables.items() if not table.columns and name not in NEEDED]
    found = []
    known = {f"{name}.csv" for name in TABLES}
    for file in sorted(folder.glob("*.[cC][sS][vV]")):
        near = get_close_matches(file.stem.lower(), absent, 1, 0.8)
        if near and file.name not in known:
            message = f"this file is not used; if it is the table {near[0]}, call it {near[0]}.csv"
            found.append(Issue(file.name, "", "", message, "unknown-file", "warning"))
    return found


def _scenario(settings: Settings, parts: Parts) -> Scenario:
    return Scenario(
        name=settings.name,
        time_zone=settings.time_zone,
        start=settings.start,
        days=settings.days,
        network=parts.network,
        train_types=parts.train_types,
        requests=parts.requests,
        fixed_paths=parts.fixed_paths,
        closures=parts.closures,
        daylight=parts.daylight,
        yard_resources=parts.yard_resources,
        opening_hours=parts.opening_hours,
        processes=parts.processes,
        links=parts.links,
        bankers=parts.bankers,
        rules=settings.rules,
        weights=settings.weights,
        run_out_h=settings.run_out_h,
        title=settings.title,
        description=settings.description,
    )


def _validated(scenario: Scenario, settings: Settings, parts: Parts, tables: dict[str, Table]) -> list[Issue]:
    """Validate what was read; leave out what only follows from faults of reading."""
    unread = {
        name
        for name, table in tables.items()
        if table.incomplete or (not table.columns and (table.issues or name in NEEDED))
    }
    broken = {record for record, (_, row) in parts.places.items() if row.bad}
    if not settings.period_is_known:
        broken.add(("scenario", ()))
    places = _Places(settings, parts, tables)
    faults = find_faults(scenario, broken=broken, unread=unread)
    return [places.issue(fault) for fault in faults if not places.is_known(fault)]


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the records of a scenario stand in its files."""

    settings: Settings
    parts: Parts
    tables: dict[str, Table]

    def is_known(self, fault: Fault) -> bool:
        """Return whether reading has found fault with the same value already."""
        if fault.table == "scenario":
            return fault.column in self.settings.bad or (
                self.settings.values.get(fault.column) is None and fault.column not in self.settings.files
            )
        table = self.tables[fault.table]
        if fault.column and TABLES[fault.table].get(fault.column, False) and fault.column not in table.columns:
            return True
        place = self.parts.places.get(fault.record)
        return place is not None and ("" in place[1].bad or fault.column in place[1].bad)

    def issue(self, fault: Fault) -> Issue:
        """Return a fault with the file, row and value that it is about."""
        if fault.table == "scenario":
            value = self.settings.values.get(fault.column)
            shown = fault.value if value is None else shortened(str(value))
            where = f"key {fault.column}" if fault.column else ""
            file = self.settings.files.get(fault.column, SETTINGS)
            return Issue(file, where, shown, fault.message, fault.code, fault.severity)
        table = self.tables[fault.table]
        place = self.parts.places.get(fault.record)
        if place is None:
            return Issue(table.file, "/".join(fault.key), fault.value, fault.message, fault.code, fault.severity)
        row = place[1]
        column = fault.column if fault.column in table.columns else ""
        where = f"row {row.number}, column {column}" if column else f"row {row.number}"
        value = shortened(row.cells.get(column, "")) if column else fault.value
        return Issue(place[0].file, where, value, fault.message, fault.code, fault.severity)
