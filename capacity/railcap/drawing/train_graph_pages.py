"""The train graph in pages: a long line in parts, a long time in days, on paper that can be held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.graph_figure import GraphPart, draw_graph, graph_part
from railcap.drawing.legend import legend_below, part_handles
from railcap.drawing.line_axis import line_axis
from railcap.drawing.line_parts import line_parts
from railcap.drawing.saving import save_pages
from railcap.drawing.section_load import BusyTimes, shares_handle
from railcap.drawing.time_axis import TimeAxis, span_text
from railcap.drawing.train_graph import graph_time
from railcap.drawing.train_names import TrainNames
from railcap.errors import InputError, Issue, OutputError
from railcap.measures.fit import must_fit
from railcap.measures.names import station_name
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Timetable
from railcap.units import HOUR_S, local, to_utc_s

A3_IN = (16.54, 11.69)
_MOST_HOURS = 7 * 24
_HOURS_OF_ONE_GRAPH, _STATIONS_OF_ONE_GRAPH = 48, 80


@dataclass(frozen=True, slots=True)
class _Page:
    """A page: what it shows, its number and how many there are."""

    part: GraphPart
    number: int
    of: int


def needs_pages(
    scenario: Scenario,
    timetable: Timetable,
    *,
    stations: tuple[str, str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
) -> bool:
    """Return whether one train graph is too much for one sheet: more than two days or more than 80 stations."""
    line = line_axis(scenario, timetable, stations)
    time = graph_time(scenario, timetable, from_s, until_s, scenario.time_zone)
    return time.hours > _HOURS_OF_ONE_GRAPH or len(line.stations) > _STATIONS_OF_ONE_GRAPH


def draw_train_graph_pages(
    scenario: Scenario,
    timetable: Timetable,
    path: str | Path,
    *,
    hours: int = 24,
    stations_per_page: int = 60,
    stations: tuple[str, str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
    time_zone: str | None = None,
    size_in: tuple[float, float] = A3_IN,
) -> list[Path]:
    """Draw the train graph of a timetable on the pages of one PDF, part after part of the line, each day by day.

    Parts meet at a station, where many trains begin or end, at borders or junctions. A page has the trains that can be
    seen on it and the clock of its part; there is none where no train runs.

    Parameters
    ----------
    path : str or Path
        The PDF to write.
    hours : int
        Hours on a page, counted from midnight: a divisor or a multiple of 24, for whole days.
    stations_per_page : int
        Stations on a page at most.
    stations : tuple of two str, optional
        Ids of the first and last station to draw, as in `draw_train_graph`.
    from_s, until_s : int, optional
        Time to draw in UTC seconds; by default the days from the first departure to the last arrival.
    time_zone : str, optional
        Zone of the days and of the clock; by default the scenario's.
    size_in : tuple of float
        Width and height of a page in inches; by default A3.

    Returns
    -------
    list of Path
        The file; none, and nothing is written, if no train runs there.

    Raises
    ------
    InputError
        As `draw_train_graph`, or if `hours` or `stations_per_page` cannot be used.
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".pdf":
        raise OutputError(f"cannot draw {path}: the name must end with .pdf")
    _check(hours, stations_per_page)
    must_fit(scenario, timetable)
    line = line_axis(scenario, timetable, stations)
    whole = graph_time(scenario, timetable, from_s, until_s, time_zone or scenario.time_zone)
    times = [
        TimeAxis(
            begin if from_s is None else max(begin, whole.from_s),
            end if until_s is None else min(end, whole.until_s),
            whole.time_zone,
        )
        for begin, end in _spans(whole, hours)
    ]
    busy = BusyTimes(scenario, timetable)
    timed = [(time, busy.in_time(time)) for time in times]
    parts = [
        part
        for piece in line_parts(scenario, timetable, line, stations_per_page)
        for time, shares in timed
        if _moves(part := graph_part(scenario, timetable, piece, time, shares))
    ]
    if not parts:
        return []
    names = TrainNames(scenario, timetable)
    pages = (_Page(part, number + 1, len(parts)) for number, part in enumerate(parts))
    save_pages((partial(_figure, scenario, timetable, page, names, size_in) for page in pages), path)
    return [path]


def _check(hours: int, stations_per_page: int) -> None:
    issues = []
    if not 1 <= hours <= _MOST_HOURS or (24 % hours and hours % 24):
        message = f"give 24, a divisor of it, or whole days up to {_MOST_HOURS}"
        issues.append(Issue("", "hours", str(hours), message, "bad-page"))
    if stations_per_page < 2:
        issues.append(Issue("", "stations_per_page", str(stations_per_page), "give at least 2", "bad-page"))
    if issues:
        raise InputError("the pages cannot be made", issues)


def _spans(whole: TimeAxis, hours: int) -> Iterator[tuple[int, int]]:
    """Yield from when to when pages reach, from the midnight before a time on until it ends."""
    day = local(whole.from_s, whole.time_zone).date()
    for number in count():
        begin, end = (to_utc_s(day, step * hours * HOUR_S, whole.time_zone) for step in (number, number + 1))
        if begin >= whole.until_s:
            return
        if end > max(begin, whole.from_s):
            yield begin, end


def _moves(part: GraphPart) -> bool:
    return any(len({km for _, km in piece}) > 1 for _, pieces in part.trains for piece in pieces)


def _figure(
    scenario: Scenario, timetable: Timetable, page: _Page, names: TrainNames, size_in: tuple[float, float]
) -> Any:
    part = page.part
    first, last = (station_name(scenario, part.line.stations[place]) for place in (0, -1))
    title = f"{first} - {last}, {span_text(part.time)}"
    texts = [
        scenario.title or scenario.name,
        f"Page {page.number} of {page.of}",
        counted(len(part.trains), "train"),
    ]
    bars = shares_handle(scenario, part.line, part.shares)
    legend = legend_below([*part_handles(scenario, part.paths, part.closures), bars], size_in[0])
    return draw_graph(scenario, timetable, part, names, (title, texts), legend, size_in)
