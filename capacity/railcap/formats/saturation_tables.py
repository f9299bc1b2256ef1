"""A saturation as tables for people: CSV files and one Excel workbook; docs/saturation.md has every column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from railcap.formats.tables_book import write_tables
from railcap.formats.timetable_rows import Table, Value
from railcap.measures.saturation.report_text import place_name, tightest
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.saturation.yard_curve import CurvePoint
from railcap.units import MINUTE_S

CLASSES = "saturation_classes.csv"
PLACES = "saturation_places.csv"
CURVE = "saturation_curve.csv"
WORKBOOK = "saturation.xlsx"

FILES = (CLASSES, PLACES, CURVE, WORKBOOK)
"""The names of the files that `write_saturation_tables` may write."""


def write_saturation_tables(
    found: Saturation, folder: str | Path, summary: Sequence[str] = (), curve: Sequence[CurvePoint] = ()
) -> list[Path]:
    """Write the tables of a saturation into a folder that exists; each file whole or not at all.

    Parameters
    ----------
    summary : sequence of str
        Lines for the workbook's first sheet.
    curve : sequence of CurvePoint, optional
        Points of a yard's capacity curve, for a table of their own.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OutputError
        If a file cannot be written; names it.
    """
    tables = {CLASSES: _classes(found), PLACES: _places(found), **({CURVE: _curve(curve)} if curve else {})}
    return write_tables(found.scenario, tables, WORKBOOK, folder, summary)


def _classes(found: Saturation) -> Table:
    columns = ("class", "train_type", "from_id", "to_id", "in_a_round", "trains")
    rows: list[tuple[Value, ...]] = [
        (one.id, one.request.train_type, one.request.origin, one.request.destination, one.weight, count)
        for one, count in zip(found.mix.classes, found.counts, strict=True)
    ]
    return Table(columns, rows)


def _places(found: Saturation) -> Table:
    columns = ("kind", "place_id", "place", "room_for", "needed_min", "free_min", "share")
    rows: list[tuple[Value, ...]] = [
        (
            place.kind,
            place.id,
            place_name(found.scenario, place),
            room,
            round(place.need_s(found.counts) / MINUTE_S, 2),
            round(place.free_s / MINUTE_S, 2),
            round(place.share(found.counts), 4),
        )
        for place, room in tightest(found)
    ]
    return Table(columns, rows)


def _curve(points: Sequence[CurvePoint]) -> Table:
    columns = ("value", "trains", "bound", "proven", "bottleneck_kind", "bottleneck")
    rows: list[tuple[Value, ...]] = [
        (one.value, one.trains, one.bound, one.proven, one.kind or None, one.bottleneck or None) for one in points
    ]
    return Table(columns, rows)
