"""What a timetable says of a line's capacity as tables for people: CSV files and one Excel workbook.

They are written as the working timetable is (`railcap.formats.timetable_tables`); docs/capacity.md has every column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.formats.atomic import write_bytes
from railcap.formats.tables_book import write_tables
from railcap.formats.timetable_rows import Table, Value
from railcap.formats.timetable_tables import csv_bytes
from railcap.measures.names import station_name
from railcap.measures.occupation.consumption import Consumption, Window
from railcap.measures.occupation.report import SectionCapacity, TimetableCapacity
from railcap.measures.occupation.report_text import place_text, verdict_text
from railcap.measures.occupation.uses import Blocking, Place
from railcap.units import MINUTE_S, local

SECTIONS = "capacity_line_sections.csv"
BUFFERS = "capacity_buffers.csv"
HEADWAYS = "capacity_headways.csv"
REGULARITY = "capacity_regularity.csv"
NODES = "capacity_nodes.csv"
BLOCKINGS = "capacity_blocking_times.csv"
WORKBOOK = "capacity.xlsx"

FILES = (SECTIONS, BUFFERS, HEADWAYS, REGULARITY, NODES, BLOCKINGS, WORKBOOK)
"""The names of the files that `write_capacity_tables` writes."""

_SECTION = ("from_id", "to_id", "line_section", "window")


def write_capacity_tables(
    scenario: Scenario,
    capacity: TimetableCapacity,
    blockings: Iterable[Blocking],
    folder: str | Path,
    summary: Sequence[str] = (),
) -> list[Path]:
    """Write the tables into a folder that exists; each file whole or not at all.

    Parameters
    ----------
    blockings : iterable of Blocking
        Who has each block, station track and yard resource; a table of its own, which the workbook does not have.
    summary : sequence of str
        Lines for the workbook's first sheet.

    Returns
    -------
    list of Path
        `FILES` in `folder`.

    Raises
    ------
    OutputError
        If a file cannot be written; names it.
    """
    tables = {
        SECTIONS: _sections(scenario, capacity),
        BUFFERS: _buffers(scenario, capacity.sections),
        HEADWAYS: _headways(scenario, capacity.sections),
        REGULARITY: _regularity(scenario, capacity.sections),
        NODES: _nodes(scenario, capacity),
    }
    write_bytes(Path(folder) / BLOCKINGS, csv_bytes(_blockings(scenario, blockings)))
    write_tables(scenario, tables, WORKBOOK, folder, summary)
    return [Path(folder) / name for name in FILES]


def _sections(scenario: Scenario, capacity: TimetableCapacity) -> Table:
    columns = (
        *_SECTION,
        "km_from",
        "km_to",
        "tracks",
        "length_km",
        "window_from",
        "window_until",
        "utc_offset",
        "trains",
        "occupied_min",
        "open_min",
        "occupancy_rate",
        "additional_time_rate",
        "consumption",
        "verdict",
        "critical_block",
        "busiest_window",
        "binds",
    )
    busiest = capacity.line.busiest
    limiting = capacity.line.limiting
    rows = []
    for one in (*capacity.line.sections, *capacity.line.whole):
        whole = one.line_section is None
        ends = one.line_section.ends if one.line_section is not None else ()
        posts = [scenario.network.stations[end].km for end in ends] or [None, None]
        place = one.critical_place
        rows.append(
            (
                *_where(scenario, one),
                *posts,
                None if one.line_section is None else one.line_section.tracks,
                None if one.line_section is None else one.line_section.length_m / 1000,
                *_window(scenario, one.window),
                one.trains,
                _minutes(one.occupied_s),
                _minutes(one.open_s),
                round(one.occupancy_rate, 4) if one.open_s else None,
                round(one.additional_rate, 4),
                round(one.consumption, 4) if one.open_s else None,
                None if whole else verdict_text(one),
                None if place is None else place_text(scenario, place),
                None if whole else one in busiest,
                None if whole else one is limiting,
            )
        )
    return Table(columns, rows)


def _buffers(scenario: Scenario, sections: Sequence[SectionCapacity]) -> Table:
    columns = (
        *_SECTION,
        "first",
        "second",
        "second_enters",
        "utc_offset",
        "headway_min",
        "minimum_headway_min",
        "buffer_min",
        "critical_block",
    )
    rows = [
        (
            *_where(scenario, section.consumption),
            one.first,
            one.second,
            *_moment(one.entry_s, scenario.time_zone),
            _minutes(one.headway_s),
            _minutes(one.minimum_s),
            _minutes(one.buffer_s),
            None if one.place is None else place_text(scenario, one.place),
        )
        for section in sections
        for one in section.followings
    ]
    return Table(columns, rows)


def _headways(scenario: Scenario, sections: Sequence[SectionCapacity]) -> Table:
    sides = ("train_type", "from", "to", "trains")
    columns = (
        *_SECTION,
        *(f"first_{side}" for side in sides),
        *(f"second_{side}" for side in sides),
        "minimum_headway_min",
    )
    rows: list[tuple[Value, ...]] = []
    for section in sections:
        matrix = section.headways
        classes = [
            (
                one.train_type,
                station_name(scenario, one.entering),
                station_name(scenario, one.leaving),
                one.trains,
            )
            for one in matrix.classes
        ]
        for one, minimum in zip(classes, matrix.minimum_s, strict=True):
            rows += [
                (*_where(scenario, section.consumption), *one, *other, _minutes(seconds))
                for other, seconds in zip(classes, minimum, strict=True)
            ]
    return Table(columns, rows)


def _regularity(scenario: Scenario, sections: Sequence[SectionCapacity]) -> Table:
    columns = (
        *_SECTION,
        "direction_from",
        "direction_to",
        "track",
        "trains",
        "sshr_per_min",
        "sahr_per_min",
        "least_sshr_per_min",
        "slowest_to_fastest",
        "meets",
        "passes",
    )
    rows: list[tuple[Value, ...]] = []
    for section in sections:
        for one in section.regularity:
            uneven = one.heterogeneity
            sums = (uneven.sshr, uneven.sahr, uneven.least) if uneven is not None else (None, None, None)
            rows.append(
                (
                    *_where(scenario, section.consumption),
                    station_name(scenario, one.entering),
                    station_name(scenario, one.leaving),
                    one.track,
                    one.trains,
                    *(None if value is None else round(value, 5) for value in sums),
                    round(one.speed_ratio, 4),
                    section.encounters.meets,
                    section.encounters.passes,
                )
            )
    return Table(columns, rows)


def _nodes(scenario: Scenario, capacity: TimetableCapacity) -> Table:
    columns = (
        "kind",
        "station_id",
        "station",
        "name",
        "window",
        "window_from",
        "window_until",
        "utc_offset",
        "trains",
        "occupied_min",
        "open_min",
        "occupancy_rate",
    )
    rows = [
        (
            str(use.kind),
            use.station,
            station_name(scenario, use.station),
            use.name,
            use.window.name or None,
            *_window(scenario, use.window, scenario.network.stations[use.station].time_zone),
            use.trains,
            _minutes(use.occupied_s),
            _minutes(use.open_s),
            round(use.share, 4),
        )
        for use in capacity.nodes
    ]
    return Table(columns, rows)


def _blockings(scenario: Scenario, blockings: Iterable[Blocking]) -> Table:
    columns = ("kind", "place_id", "track_or_resource", "number", "place", "train", "from", "until", "free_from")
    named: dict[Place, tuple[Value, ...]] = {}
    rows = []
    for one in blockings:
        place = one.place
        if place not in named:
            named[place] = (str(place.kind), place.where, place.name, place.number, place_text(scenario, place))
        times = (one.from_s, one.until_s, one.until_s + one.release_s)
        moments, offsets = zip(*(_moment(time_s, scenario.time_zone) for time_s in times), strict=True)
        rows.append((*named[place], one.train, *moments, offsets[0]))
    return Table((*columns, "utc_offset"), rows)


def _where(scenario: Scenario, one: Consumption) -> tuple[Value, ...]:
    window = one.window.name or None
    if one.line_section is None:
        return None, None, "whole line at once", window
    return (*one.line_section.ends, one.line_section.name(scenario), window)


def _window(scenario: Scenario, window: Window, zone: str = "") -> tuple[Value, ...]:
    begin, offset = _moment(window.from_s, zone or scenario.time_zone)
    return begin, _moment(window.until_s, zone or scenario.time_zone)[0], offset


def _moment(time_s: int, zone: str) -> tuple[datetime, str]:
    moment = local(time_s, zone)
    offset = moment.strftime("%z")
    return moment.replace(tzinfo=None), f"UTC{offset[:3]}:{offset[3:5]}"


def _minutes(seconds: int) -> int | float:
    minutes = seconds / MINUTE_S
    return int(minutes) if minutes.is_integer() else round(minutes, 2)
