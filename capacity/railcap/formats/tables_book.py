"""Some tables as CSV files, and with a summary as one Excel workbook, as `railcap.formats.workbook` writes sheets."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.formats.atomic import write_bytes
from railcap.formats.timetable_rows import Table
from railcap.formats.timetable_tables import csv_bytes
from railcap.formats.workbook import MADE, Formats, summary_sheet, table_sheet


def write_tables(
    scenario: Scenario, tables: Mapping[str, Table], workbook: str, folder: str | Path, summary: Sequence[str]
) -> list[Path]:
    """Write tables into a folder that exists, each as a CSV file, and all as sheets of a workbook; return the paths.

    Parameters
    ----------
    tables : mapping of str to Table
        By the names of their files; sheets are called after what stands behind the first underscore.
    workbook : str
        The name of its file, written last.
    summary : sequence of str
        Lines for the workbook's first sheet.

    Raises
    ------
    OutputError
        If a file cannot be written; names it.
    """
    contents = {name: csv_bytes(table) for name, table in tables.items()}
    sheets = {name.partition("_")[2].removesuffix(".csv").replace("_", " "): table for name, table in tables.items()}
    contents[workbook] = tables_book_bytes(scenario, sheets, summary)
    for name, content in contents.items():
        write_bytes(Path(folder) / name, content)
    return [Path(folder) / name for name in contents]


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
