"""Tables of primary delays: those that ship, and a user's own, read with every fault told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.resources import as_file, files
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import InputError, Issue
from railcap.formats.table import Row, Table, read_table, write_table
from railcap.formats.table_cells import CellError, minutes, number, one_of, write_minutes, write_number
from railcap.measures.robustness.delay_table import ANY, DelayKind, DelayRow, DelayTable, Distribution
from railcap.units import MINUTE_S

SHIPPED = ("ril405-low", "ril405-high", "all-kinds")
"""The names of the tables that ship with railcap; the first is used unless another is named."""

LONGEST_MIN = 7 * 24 * 60
"""No delay that a table speaks of is longer on average."""

_COLUMNS = {
    "kind": True,
    "trains": True,
    "where": False,
    "probability": True,
    "distribution": True,
    "mean_min": True,
    "cap_min": False,
    "source": False,
}
_WHERE = {
    DelayKind.ENTRY: "station",
    DelayKind.RUNNING: "section",
    DelayKind.DWELL: "station",
    DelayKind.STEP: "step of a process",
}


def load_delay_table(text: str, scenario: Scenario) -> tuple[DelayTable, list[Issue]]:
    """Return the table of delays that a text stands for: one of `SHIPPED`, or a file.

    Columns: ``kind`` (entry, running, dwell, step), ``trains`` (``*``, a category, train type, request or fixed path),
    ``where`` (a station, section or the name of a step; empty: everywhere), ``probability``, ``distribution``
    (exponential, uniform, constant), ``mean_min``, ``cap_min`` and ``source``.

    Returns
    -------
    DelayTable
    list of Issue
        Warnings, such as unknown columns.

    Raises
    ------
    InputError
        If there is no such table or file, or with every fault of it: file, row, column, value and what would be right.
    """
    if text in SHIPPED:
        with as_file(files("railcap.measures.robustness") / "data" / f"{text}.csv") as path:
            rows, issues = _read(path, scenario)
    else:
        path = Path(text)
        if not path.is_file():
            message = f"there is no such file, nor a table of this name that ships; those are {', '.join(SHIPPED)}"
            raise InputError("there are no delays to draw", [Issue("", "delays", text, message, "no-such-table")])
        rows, issues = _read(path, scenario)
    if any(issue.severity == "error" for issue in issues):
        raise InputError(f"{text} cannot be used as a table of delays", issues)
    return DelayTable(text, tuple(rows)), issues


def delay_table_text(table: DelayTable) -> str:
    """Return a table of delays as the text of a CSV file, which `load_delay_table` reads."""
    return write_table(list(_COLUMNS), [_cells(row) for row in table.rows])


def _cells(row: DelayRow) -> tuple[str, ...]:
    return (
        str(row.kind),
        row.trains,
        row.where,
        write_number(row.probability),
        str(row.distribution),
        write_number(round(row.mean_s / MINUTE_S, 6)),
        "" if row.cap_s is None else write_minutes(row.cap_s),
        row.source,
    )


def _read(path: Path, scenario: Scenario) -> tuple[list[DelayRow], list[Issue]]:
    table = read_table(path, _COLUMNS)
    names = _Names(scenario)
    found: dict[tuple[str, str, str], int] = {}
    rows = []
    for row in table.rows:
        delay = _delay(table, row, names)
        key = table.text(row, "kind").lower(), table.text(row, "trains"), table.text(row, "where")
        if key in found and all(key[:2]):
            message = f"row {found[key]} has the same kind, trains and place; leave one of them"
            table.fault(row, "kind", message, "duplicate-row")
        found.setdefault(key, row.number)
        if delay is not None:
            rows.append(delay)
    return rows, table.issues


class _Names:
    """What the columns `trains` and `where` may name in a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        categories = {train_type.category for train_type in scenario.train_types.values()}
        requests = [request.id for request in scenario.requests]
        fixed = [path.id for path in scenario.fixed_paths]
        self.trains = (ANY, *sorted({"passenger", "freight"} | categories), *scenario.train_types, *requests, *fixed)
        steps = {step.name: None for process in scenario.processes.values() for step in process.steps}
        stations, sections = tuple(scenario.network.stations), tuple(scenario.network.sections)
        self.where = {
            DelayKind.ENTRY: stations,
            DelayKind.RUNNING: sections,
            DelayKind.DWELL: stations,
            DelayKind.STEP: tuple(steps),
        }


def _delay(table: Table, row: Row, names: _Names) -> DelayRow | None:
    """Return a row's delays; whatever is wrong with it is an issue of the table."""
    kind_text = table.value(row, "kind", one_of(kind.value for kind in DelayKind), "", required=True)
    kind = DelayKind(kind_text) if kind_text else None
    what = "category, train type, request or fixed path"
    trains = table.value(row, "trains", _known(names.trains, what, " (* for all trains)"), "", required=True)
    where = ""
    if kind is not None:
        where = table.value(row, "where", _known(names.where[kind], _WHERE[kind], " (empty for everywhere)"), "")
    probability = table.value(row, "probability", _probability, 0.0, required=True)
    distribution = table.value(row, "distribution", one_of(one.value for one in Distribution), "", required=True)
    mean_s = table.value(row, "mean_min", _mean_s, 0.0, required=True)
    cap_s = table.value(row, "cap_min", _cap_s, None)
    if kind is None or row.bad or not distribution:
        return None
    source = table.text(row, "source")
    return DelayRow(kind, trains, probability, mean_s, Distribution(distribution), where, cap_s, source)


def _known(known: Iterable[str], what: str, also: str) -> Callable[[str], str]:
    """Return a reader of an id that the scenario has."""
    ids = tuple(known)

    def read(text: str) -> str:
        if text not in ids:
            near = did_you_mean(text, ids) if ids else "; there is none"
            raise CellError(f"the scenario has no {what} of this id{near}{also}", "unknown-id")
        return text

    return read


def _probability(text: str) -> float:
    value = number(text)
    if not 0 <= value <= 1:
        raise CellError("a probability lies between 0 and 1; write 0.4 for 40 %", "out-of-range")
    return value


def _mean_s(text: str) -> float:
    value = number(text)
    if not 0 < value <= LONGEST_MIN:
        message = f"a mean delay lies above 0 and is at most {LONGEST_MIN} minutes; for no delays take the row away"
        raise CellError(message, "out-of-range")
    return value * MINUTE_S


def _cap_s(text: str) -> int | None:
    value = minutes(text)
    if not 0 < value <= 4 * LONGEST_MIN * MINUTE_S:
        message = f"the longest delay lies above 0 and is at most {4 * LONGEST_MIN} minutes; empty for none"
        raise CellError(message, "out-of-range")
    return value
