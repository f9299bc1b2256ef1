"""The working timetable as tables for people: CSV and one Excel workbook, by train, station and yard, in local times.

The CSV files are UTF-8 with a byte order mark, because Excel reads them as the old Windows code page without one;
other programs skip it. Lines end with CR LF (RFC 4180). Texts that a spreadsheet would take for a formula get an
apostrophe in front in CSV, and stand as plain text in the workbook. Every column is described in docs/outputs.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.formats.atomic import write_bytes
from railcap.formats.timetable_rows import Table, by_station, by_train, trains, yard_steps
from railcap.formats.workbook import workbook_bytes
from railcap.planning.timetable import Timetable

BY_TRAIN = "timetable_by_train.csv"
BY_STATION = "timetable_by_station.csv"
TRAINS = "trains.csv"
YARD_STEPS = "timetable_yard_steps.csv"
WORKBOOK = "timetable.xlsx"

FILES = (TRAINS, BY_TRAIN, BY_STATION, YARD_STEPS, WORKBOOK)
"""The names of the files that `write_tables` writes; `YARD_STEPS` only if any train undergoes steps in a yard."""


def write_tables(
    scenario: Scenario, timetable: Timetable, folder: str | Path, summary: Sequence[str] = ()
) -> list[Path]:
    """Write the working timetable into a folder that exists; each file whole or not at all.

    Parameters
    ----------
    summary : sequence of str
        Lines for the workbook's first sheet, such as those of `railcap.measures.summary_text.summary_text`.

    Returns
    -------
    list of Path
        Those of `FILES` in `folder` that it has written.

    Raises
    ------
    OutputError
        If a file cannot be written; names it.
    """
    requests = {request.id: request for request in train_requests(scenario)}
    tables = {
        TRAINS: trains(scenario, timetable, requests),
        BY_TRAIN: by_train(scenario, timetable, requests),
        BY_STATION: by_station(scenario, timetable, requests),
    }
    steps = yard_steps(scenario, timetable)
    if steps.rows:
        tables[YARD_STEPS] = steps
    contents = {name: csv_bytes(table) for name, table in tables.items()}
    contents[WORKBOOK] = workbook_bytes(scenario, tables[TRAINS], tables[BY_TRAIN], tables[BY_STATION], steps, summary)
    for name, content in contents.items():
        write_bytes(Path(folder) / name, content)
    return [Path(folder) / name for name in contents]


def csv_bytes(table: Table) -> bytes:
    """Return a table as CSV with a byte order mark; empty cells for None, moments as ``YYYY-MM-DD HH:MM:SS``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value[:1] in _FORMULA:
        return f"'{value}"
    return value


_FORMULA = frozenset("=+-@\t\r")
