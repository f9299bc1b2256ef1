"""CSV tables: reading with everything that spreadsheets do to them, row by row with the row's place, and writing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import Issue
from railcap.formats.table_cells import CellError

T = TypeVar("T")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DECIMAL_COMMA = re.compile(r"[^,]*\d,\d[^,]*|[-+]?,\d[^,]*")


@dataclass(slots=True)
class Row:
    """A row of a table: `number` counts the lines of the file from 1; `bad` collects the columns at fault."""

    number: int
    cells: Mapping[str, str]
    bad: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Table:
    """A table that was read.

    `file` is its name for messages, `issues` are the faults found so far; `incomplete` says that rows are missing or
    cannot be told apart, so that nothing follows from an id that it does not have.
    """

    file: str
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    decimal_comma: bool = False
    incomplete: bool = False

    def text(self, row: Row, column: str, *, required: bool = False) -> str:
        """Return a cell as it stands, without spaces around it; a missing one that is required is an issue."""
        text = row.cells.get(column, "")
        if not text and required and column in self.columns and "" not in row.bad:
            self.fault(row, column, "a value is needed here", "missing-value")
        return text

    def value(self, row: Row, column: str, read: Callable[[str], T], default: T, *, required: bool = False) -> T:
        """Return a cell's value; `default` if it is empty, or cannot be read, which is an issue."""
        text = self.text(row, column, required=required)
        if not text:
            return default
        if "" in row.bad:  # cells may stand in wrong columns
            return default
        plain = text.replace(",", ".") if self.decimal_comma and _DECIMAL_COMMA.fullmatch(text) else text
        try:
            return read(plain)
        except CellError as error:
            self.fault(row, column, str(error), error.code)
        except (OverflowError, ValueError):
            self.fault(row, column, "this value is out of every bound", "out-of-range")
        return default

    def fault(self, row: Row, column: str, message: str, code: str, severity: str = "error") -> None:
        """Note a fault of a cell, or of a row if `column` is empty."""
        where = f"row {row.number}, column {column}" if column else f"row {row.number}"
        if severity == "error":
            row.bad.add(column)
        value = shortened(row.cells.get(column, ""))
        self.issues.append(Issue(self.file, where, value, message, code, severity))


def read_table(path: Path, columns: Mapping[str, bool], file: str | None = None) -> Table:
    """Read a CSV file.

    Comma, semicolon or tab between cells (as the header has it), with semicolons or tabs also decimal commas; UTF-8
    with or without BOM, any line ends, quoted cells with line ends in them, empty rows, and comment lines (``#``).

    Parameters
    ----------
    columns : mapping of str to bool
        The known columns, and whether each is required. Unknown ones are left out with a warning.
    file : str, optional
        How messages call the file; its name if not given.

    Returns
    -------
    Table
        With its issues; whatever could be read is there in spite of them.
    """
    table = Table(file or path.name)
    text = read_text(path, table.file, table.issues)
    if text is None:
        return table
    lines = _Lines(text)
    records = _records(table, lines, text)
    header = next(records, None)
    if header is None:
        if not table.issues:
            message = f"the file is empty; it needs a header row with the columns {', '.join(columns)}"
            table.issues.append(Issue(table.file, "", "", message, "empty-file"))
        return table
    names = _header(table, header, columns)
    for number, record in records:
        _add_row(table, names, number, record, columns)
    return table


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the text of a CSV file: commas, quotes where needed, ``\\n`` line ends."""
    return "".join(_written(row) for row in (columns, *rows))


def _written(row: Sequence[str]) -> str:
    # Whether a carriage return inside a cell gets quotes depends on Python's version, unless it ends the line.
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(row)
    return out.getvalue().removesuffix("\r\n") + "\n"


def read_text(path: Path, file: str, issues: list[Issue]) -> str | None:
    """Return the text of a UTF-8 file without its BOM; None with an issue if it is none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        issues.append(Issue(file, "", "", f"the file cannot be read: {error.strerror or error}", "unreadable-file"))
        return None
    if content.startswith(_UTF16):
        issues.append(Issue(file, "", "", "the file is in UTF-16; save it as UTF-8", "broken-encoding"))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        begin, end = content.rfind(b"\n", 0, error.start) + 1, content.find(b"\n", error.start)
        whole = content[begin : end if end >= 0 else len(content)]
        place = error.start - begin
        value = whole[max(0, place - 20) : place + 20].decode("utf-8", "replace").strip()
        message = "the file is not in UTF-8 (Latin-1 or a Windows code page perhaps); save it as UTF-8"
        issues.append(Issue(file, f"row {line}", value, message, "broken-encoding"))
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        message = "the file holds zero bytes, so it is no text; save it as UTF-8"
        issues.append(Issue(file, f"row {line}", "", message, "broken-encoding"))
        return None
    return text


def shortened(text: str) -> str:
    """Return a text that fits in a message."""
    return text if len(text) <= 60 else text[:57] + "..."


class _Lines:
    """The lines of a text without its comment lines, with the number of the line where the current record began."""

    def __init__(self, text: str) -> None:
        self._lines = enumerate(io.StringIO(text, newline=""), start=1)
        self._quoted = False
        self.first = 0

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            if not self._quoted and line.lstrip().startswith("#"):
                continue
            self.first = self.first or number
            if line.count('"') % 2:
                self._quoted = not self._quoted
            yield line

    def take_first(self) -> int:
        """Return the line where the record that was just read began, and begin the next one."""
        first, self.first = self.first, 0
        self._quoted = False
        return first


def _records(table: Table, lines: _Lines, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, with their line numbers."""
    separator = _separator(text)
    table.decimal_comma = separator != ","
    reader = csv.reader(iter(lines), delimiter=separator, strict=True)
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            message = f"quotes or line ends are broken from here on ({error}); a quote inside a cell is doubled"
            table.issues.append(Issue(table.file, f"row {lines.take_first()}", "", message, "broken-quotes"))
            table.incomplete = True
            return
        if record is None:
            return
        number = lines.take_first()
        record = [cell.strip() for cell in record]
        if any(record):
            yield number, record


def _separator(text: str) -> str:
    """Return what stands between the cells of the header."""
    header = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    return max((",", ";", "\t"), key=header.count)


def _header(table: Table, header: tuple[int, list[str]], columns: Mapping[str, bool]) -> list[str]:
    """Check the header; return the known columns in their places, ``""`` in the places of others."""
    number, found = header
    names = [name.lower() for name in found]
    table.columns = tuple(name for name in names if name in columns)
    where = f"row {number}"
    for name in dict.fromkeys(name for name in table.columns if table.columns.count(name) > 1):
        table.issues.append(Issue(table.file, where, name, "this column stands there twice", "duplicate-column"))
    unknown = [name for name in names if name and name not in columns]
    missing = [name for name, required in columns.items() if required and name not in names]
    for name in missing:
        near = did_you_mean(name, unknown) if unknown else ""
        near = near if "did you mean" in near else f"; the header has {', '.join(name for name in found if name)}"
        near = near.replace("did you mean", "is it").replace("?", ", which is not known?")
        message = f"the column {name!r} is missing{near}"
        table.issues.append(Issue(table.file, f"{where}, column {name}", "", message, "missing-column"))
    for name in unknown:
        message = f"this column is not known and is not used{did_you_mean(name, columns)}"
        table.issues.append(Issue(table.file, where, name, message, "unknown-column", "warning"))
    return [name if name in columns else "" for name in names]


def _add_row(
    table: Table, names: Sequence[str], number: int, record: Sequence[str], columns: Mapping[str, bool]
) -> None:
    cells = {name: cell for name, cell in zip(names, record, strict=False) if name}
    row = Row(number, cells)
    table.rows.append(row)
    # Spreadsheets leave out the separators of empty cells at the end of a row.
    if any(columns.get(name) for name in names[len(record) :]):
        message = f"the row has {len(record)} cells, the header has {len(names)}"
        table.fault(row, "", message, "row-too-short")
    elif any(record[len(names) :]):
        message = f"the row has {len(record)} cells, the header has {len(names)}; a cell with a separator needs quotes"
        table.fault(row, "", message, "row-too-long")
