"""What a simulation of delays says as tables for people: CSV files and one Excel workbook.

They are written as the working timetable is (`railcap.formats.timetable_tables`); docs/robustness.md has every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.formats.atomic import write_text
from railcap.formats.delay_table import delay_table_text
from railcap.formats.tables_book import write_tables
from railcap.formats.timetable_rows import Table, Value
from railcap.measures.names import station_name
from railcap.measures.robustness.report_cells import place_text
from railcap.measures.robustness.results import PERCENTILES, Lateness, Repaired, Robustness
from railcap.units import MINUTE_S

PUNCTUALITY = "delay_punctuality.csv"
PASSED_ON = "delay_passed_on.csv"
STATIONS = "delay_by_station.csv"
WITHDRAWN = "delay_withdrawn.csv"
VOLUME = "delay_volume.csv"
REPAIRED = "delay_repaired.csv"
CHANGED = "delay_changed.csv"
PRIMARY = "delay_primary.csv"
WORKBOOK = "delay.xlsx"

FILES = (PUNCTUALITY, PASSED_ON, STATIONS, WITHDRAWN, VOLUME, REPAIRED, CHANGED, PRIMARY, WORKBOOK)
"""The names of the files that `write_delay_tables` may write."""


def write_delay_tables(
    scenario: Scenario, found: Robustness, folder: str | Path, summary: Sequence[str] = ()
) -> list[Path]:
    """Write the tables into a folder that exists; each file whole or not at all.

    Parameters
    ----------
    summary : sequence of str
        Lines for the workbook's first sheet.

    Returns
    -------
    list of Path
        `FILES` in `folder`, `REPAIRED` and `CHANGED` only where a dispatcher was asked for; `PRIMARY` holds the table
        of delays that was used, to be used again.

    Raises
    ------
    OutputError
        If a file cannot be written; names it.
    """
    tables = {
        PUNCTUALITY: _punctuality(found),
        PASSED_ON: _passed_on(scenario, found),
        STATIONS: _stations(scenario, found),
        WITHDRAWN: _withdrawn(scenario, found),
        VOLUME: _volume(found),
    }
    if found.repaired is not None:
        groups = _groups(found, found.repaired)
        tables |= {REPAIRED: Table(_columns(found), groups), CHANGED: _changed(scenario, found, found.repaired)}
    folder = Path(folder)
    write_text(folder / PRIMARY, delay_table_text(found.table))
    return [folder / PRIMARY, *write_tables(scenario, tables, WORKBOOK, folder, summary)]


def _columns(found: Robustness) -> tuple[str, ...]:
    return (
        "level",
        "name",
        "request",
        "trains",
        "on_time",
        *(f"within_{minutes}_min" for minutes in found.within_min),
        "withdrawn",
        "mean_min",
        *(f"percentile_{percent}_min" for percent in PERCENTILES),
        "primary_min",
        "alone_min",
        "knock_on_min",
    )


def _punctuality(found: Robustness) -> Table:
    rows = _groups(found, found)
    for train in found.trains:
        level = "light engine" if train.light else "train"
        rows.append((level, train.train, train.request, *_lateness(found, train.lateness)))
    return Table(_columns(found), rows)


def _groups(found: Robustness, order: Robustness | Repaired) -> list[tuple[Value, ...]]:
    """Return the rows of all trains, and by category and request, in the order kept or repaired."""
    rows: list[tuple[Value, ...]] = [("all", None, None, *_lateness(found, order.overall))]
    rows += [("category", one.name, None, *_lateness(found, one)) for one in order.categories]
    rows += [("request", one.name, one.name, *_lateness(found, one)) for one in order.requests]
    return rows


def _lateness(found: Robustness, one: Lateness) -> tuple[Value, ...]:
    return (
        one.trains,
        round(one.within(0), 4),
        *(round(one.within(minutes), 4) for minutes in found.within_min),
        round(one.withdrawn_share, 4),
        _minutes(one.mean_s),
        *(one.percentile_min(percent) for percent in PERCENTILES),
        _minutes(one.primary_s),
        _minutes(one.alone_s),
        _minutes(one.knock_on_s),
    )


def _passed_on(scenario: Scenario, found: Robustness) -> Table:
    columns = ("cause", "place_id", "place", "first", "second", "buffer_min", "days", "passed_on_min", "kept_back_min")
    rows: list[tuple[Value, ...]] = [
        (
            str(one.handover.cause),
            one.handover.place,
            place_text(scenario, one.handover),
            one.handover.first or None,
            one.handover.second,
            _minutes(one.handover.buffer_s),
            round(one.share, 4),
            _minutes(one.passed_s),
            _minutes(one.eased_s),
        )
        for one in found.passed_on
    ]
    return Table(columns, rows)


def _stations(scenario: Scenario, found: Robustness) -> Table:
    columns = ("train", "call", "station_id", "station", "mean_min", "alone_min", "knock_on_min")
    rows: list[tuple[Value, ...]] = [
        (
            call.train,
            call.place + 1,
            call.station,
            station_name(scenario, call.station),
            _minutes(call.mean_s),
            _minutes(call.alone_s),
            _minutes(call.mean_s - call.alone_s),
        )
        for call in found.calls
    ]
    return Table(columns, rows)


def _withdrawn(scenario: Scenario, found: Robustness) -> Table:
    columns = ("train", "station_id", "station", "days", "closed", "without")
    rows: list[tuple[Value, ...]] = [
        (
            one.train,
            one.station,
            station_name(scenario, one.station),
            round(one.share, 4),
            one.closed or None,
            one.without or None,
        )
        for one in found.withdrawals
    ]
    return Table(columns, rows)


def _volume(found: Robustness) -> Table:
    columns = ("trains", "primary_min", "mean_min", "knock_on_min", "knock_on_per_primary", "withdrawn")
    rows: list[tuple[Value, ...]] = [
        (
            point.trains,
            _minutes(point.primary_s),
            _minutes(point.mean_s),
            _minutes(point.knock_on_s),
            round(point.knock_on_per_primary, 4),
            round(point.withdrawn_share, 4),
        )
        for point in found.volume
    ]
    return Table(columns, rows)


def _changed(scenario: Scenario, found: Robustness, repaired: Repaired) -> Table:
    columns = ("cause", "station_id", "station", "first", "before", "changes", "by_day")
    rows: list[tuple[Value, ...]] = [
        (
            str(one.cause),
            one.place,
            station_name(scenario, one.place),
            one.first,
            one.second or None,
            round(one.by_day * found.days),
            round(one.by_day, 4),
        )
        for one in repaired.changed
    ]
    return Table(columns, rows)


def _minutes(seconds: float) -> float:
    return round(seconds / MINUTE_S, 2)
