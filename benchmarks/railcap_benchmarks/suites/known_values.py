"""Folders of DISPLIB problems with the best values that others have published for them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from railcap.errors import InputError

_VALUE_COLUMNS = ("best_known", "best_ub", "value")


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A problem's file and the best value published for it, in the units shown to people; None if there is none."""

    name: str
    family: str
    path: Path
    best: float | None


def known_values(problems: Path, best: Path, names: Sequence[str] = ()) -> list[KnownValue]:
    """Return the problems of a folder that a table has values of.

    Parameters
    ----------
    problems : Path
        Folder with a file ``NAME.json`` for each row of the table.
    best : Path
        CSV with a column ``instance``, perhaps a column ``objective`` (then the name is ``instance_objective``), and a
        column of values whose name begins with ``best_known``, ``best_ub`` or ``value``.
    names : sequence of str
        Only these; all if empty.

    Raises
    ------
    InputError
        With every row that cannot be used and every name that is not there.
    """
    try:
        text = best.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{best} cannot be read as a table of best values: {error}") from error
    reader = csv.DictReader(text.splitlines())
    columns = reader.fieldnames or ()
    column = next((name for start in _VALUE_COLUMNS for name in columns if name.startswith(start)), None)
    if "instance" not in columns or column is None:
        wanted = "a column instance and one that begins with best_known, best_ub or value"
        raise InputError(f"{best} needs {wanted}; it has: {', '.join(columns) or 'nothing'}")
    found, faults = [], []
    for line, row in enumerate(reader, 2):
        objective = row.get("objective") or ""
        name = f"{row['instance']}_{objective}" if objective else str(row["instance"])
        path = problems / f"{name}.json"
        value = row[column] or ""
        if names and name not in names:
            continue
        if not path.is_file():
            faults.append(f"line {line}: there is no {path}")
            continue
        try:
            number = float(value) if value.strip() else None
        except ValueError:
            faults.append(f"line {line}: {column} {value!r} is not a number")
            continue
        found.append(KnownValue(name, objective or _family(name), path, number))
    faults += [f"there is no instance {name}" for name in names if name not in {known.name for known in found}]
    if faults:
        raise InputError(f"{best}: " + "; ".join(faults))
    return found


def _family(name: str) -> str:
    """Return a name without its trailing number."""
    return re.sub(r"_?\d+$", "", name) or name
