"""Some tables and a summary as one Excel workbook, each table a sheet, as `railcap.formats.workbook` writes them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from railcap.corridor.scenario import Scenario
from railcap.formats.timetable_rows import Table
from railcap.formats.workbook import MADE, Formats, summary_sheet, table_sheet


def tables_book_bytes(scenario: Scenario, sheets: Mapping[str, Table], summary: Sequence[str]) -> bytes:
    """Return a workbook with a sheet of the summary's lines and one for each table; the same give the same bytes.

    Parameters
    ----------
    sheets : mapping of str to Table
        By the names of the sheets, of at most 31 letters.
    """
    import xlsxwriter

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        # A fixed moment: the workbook would otherwise hold when it was written, and differ from run to run.
        book.set_properties({"title": scenario.title or scenario.name, "created": MADE})
        formats = Formats(book)
        summary_sheet(book, scenario, summary)
        for name, table in sheets.items():
            table_sheet(book, formats, name, table)
    return content.getvalue()
