"""The working timetable as an Excel workbook: sheets with a frozen header, a filter and real date-times."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.formats.timetable_rows import Table, Value

_WIDEST = 60
_ACCEPTED_COLUMNS = ("reason", "proof", "place", "against")
_REFUSED_COLUMNS = ("light_for", "departure", "late_min", "arrival", "arrival_utc_offset", "journey_min")
MADE = datetime(2000, 1, 1)
"""The moment at which every workbook says that it was made, so that the same tables give the same bytes."""


def workbook_bytes(
    scenario: Scenario, trains: Table, by_train: Table, by_station: Table, yard_steps: Table, summary: Sequence[str]
) -> bytes:
    """Return the workbook; the same tables give the same bytes.

    Sheets: summary, accepted, refused, by train, by station, and yard steps if there are any. Texts are never read as
    formulas or links.
    """
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        # A fixed moment: the workbook would otherwise hold when it was written, and differ from run to run.
        book.set_properties({"title": scenario.title or scenario.name, "created": MADE})
        formats = Formats(book)
        summary_sheet(book, scenario, summary)
        status = trains.columns.index("status")
        accepted = Table(trains.columns, [row for row in trains.rows if row[status] != "refused"])
        refused = Table(trains.columns, [row for row in trains.rows if row[status] == "refused"])
        table_sheet(book, formats, "accepted", _without(accepted, _ACCEPTED_COLUMNS))
        table_sheet(book, formats, "refused", _without(refused, _REFUSED_COLUMNS))
        table_sheet(book, formats, "by train", by_train)
        table_sheet(book, formats, "by station", by_station)
        if yard_steps.rows:
            table_sheet(book, formats, "yard steps", yard_steps)
    return content.getvalue()


class Formats:
    """The formats of cells, made once for each workbook."""

    def __init__(self, book: Any) -> None:
        self.header = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "valign": "top"})
        self.moment = book.add_format({"num_format": "ddd yyyy-mm-dd hh:mm", "align": "left"})
        self.precise = book.add_format({"num_format": "ddd yyyy-mm-dd hh:mm:ss", "align": "left"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})


def summary_sheet(book: Any, scenario: Scenario, lines: Sequence[str]) -> None:
    """Add the first sheet: lines of text, by default the scenario's title."""
    sheet = book.add_worksheet("summary")
    fixed = book.add_format({"font_name": "Consolas", "font_size": 10})
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 120)
    text = [
        *(lines or [scenario.title or scenario.name]),
        "",
        "Times on the other sheets are local at each station; the column utc_offset says in which zone.",
    ]
    for row, line in enumerate(text):
        sheet.write_string(row, 0, line, fixed)


def table_sheet(book: Any, formats: Formats, name: str, table: Table) -> None:
    """Add a sheet with a table: a frozen header, a filter, columns as wide as what stands in them."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
    for column, title in enumerate(table.columns):
        sheet.write_string(0, column, title, formats.header)
        sheet.set_column(column, column, _width(title, [row[column] for row in table.rows]))
    for number, row in enumerate(table.rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, formats, number, column, value)


def _write(sheet: Any, formats: Formats, row: int, column: int, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no")
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value, formats.precise if value.second else formats.moment)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value)
    elif len(value) > _WIDEST:
        sheet.write_string(row, column, value, formats.wrapped)
    else:
        sheet.write_string(row, column, value)


def _width(title: str, values: Sequence[Value]) -> int:
    widths = (20 if isinstance(value, datetime) else len(str(value)) for value in values if value is not None)
    # The filter's arrow takes some room in the header.
    return min(_WIDEST, max(len(title) + 3, *widths, 6))


def _without(table: Table, columns: Sequence[str]) -> Table:
    kept = [place for place, column in enumerate(table.columns) if column not in columns]
    return Table(
        tuple(table.columns[place] for place in kept), [tuple(row[place] for place in kept) for row in table.rows]
    )
