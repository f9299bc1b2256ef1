"""Tables of thresholds by administration: the one that ships, and rows of a user's own in its place."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from railcap.errors import InputError, Issue
from railcap.formats.table import Row, Table, read_table, write_table
from railcap.formats.table_cells import CellError, number, one_of, write_number
from railcap.measures.formulas.thresholds import KNOWN, Threshold, Thresholds

_COLUMNS = {
    "administration": True,
    "name": True,
    "case": False,
    "typical": True,
    "low": False,
    "high": False,
    "source": True,
}
_NUMBERS = ("low", "typical", "high")


def shipped_thresholds() -> Thresholds:
    """Return the table that ships with railcap."""
    with as_file(files("railcap.measures.formulas") / "thresholds.csv") as path:
        rows, _ = _read(path)
    return Thresholds(rows)


def read_thresholds(path: Path) -> tuple[Thresholds, list[Issue]]:
    """Read a table of thresholds; its rows replace those of the table that ships, or come beside them.

    Columns: ``administration``, ``name`` (see `KNOWN`), ``case``, ``typical`` (what is used), ``low`` and ``high``
    (what else is seen; may be empty) and ``source``. Fractions as such: 0.75 is 75 %.

    Returns
    -------
    Thresholds
    list of Issue
        Warnings, such as unknown columns.

    Raises
    ------
    InputError
        With every fault, naming file, row, column and value.
    """
    rows, issues = _read(path)
    if any(issue.severity == "error" for issue in issues):
        raise InputError(f"{path} cannot be used as a table of thresholds", issues)
    return shipped_thresholds().replaced_by(rows), issues


def thresholds_text(thresholds: Thresholds) -> str:
    """Return a table of thresholds as the text of a CSV file, which `read_thresholds` reads."""
    rows = [
        (row.administration, row.name, row.case, _cell(row.typical), _cell(row.low), _cell(row.high), row.source)
        for row in thresholds
    ]
    return write_table(list(_COLUMNS), rows)


def _cell(value: float | None) -> str:
    return "" if value is None else write_number(value)


def _read(path: Path) -> tuple[list[Threshold], list[Issue]]:
    table = read_table(path, _COLUMNS)
    found: dict[tuple[str, str, str], int] = {}
    rows = []
    for row in table.rows:
        threshold = _threshold(table, row)
        key = threshold.administration, threshold.name, threshold.case
        if all(key[:2]) and key in found:
            message = f"row {found[key]} has the same administration, name and case; leave one of them"
            table.fault(row, "name", message, "duplicate-row")
        found.setdefault(key, row.number)
        rows.append(threshold)
    return rows, table.issues


def _threshold(table: Table, row: Row) -> Threshold:
    """Return a row's threshold; whatever is wrong with it is an issue of the table."""
    administration = table.text(row, "administration", required=True).lower()
    name = table.value(row, "name", one_of(KNOWN), "", required=True)
    low, typical, high = (_number(table, row, name, column) for column in _NUMBERS)
    if typical is not None and not row.bad & set(_NUMBERS):
        if low is not None and low > typical:
            table.fault(row, "low", f"this is above the typical value {typical:g}", "contradiction")
        if high is not None and high < typical:
            table.fault(row, "high", f"this is below the typical value {typical:g}", "contradiction")
    source = table.text(row, "source", required=True)
    return Threshold(administration, name, table.text(row, "case").lower(), typical or 0.0, low, high, source)


def _number(table: Table, row: Row, name: str, column: str) -> float | None:
    def read(text: str) -> float:
        value = number(text)
        if fault := (KNOWN[name].fault(value) if name in KNOWN else None):
            message, code = fault
            raise CellError(message, code)
        return value

    return table.value(row, column, read, None, required=column == "typical")
