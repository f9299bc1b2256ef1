"""The train graph: a distance-time diagram of the main line, with closures, train numbers and refused requests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.graph_figure import LEFT_IN, RIGHT_IN, TOP_IN, draw_graph, graph_part
from railcap.drawing.legend import legend_below, overview_handles, part_handles, refused_lines
from railcap.drawing.line_axis import LineAxis, line_axis
from railcap.drawing.saving import output_paths, save
from railcap.drawing.section_load import BusyTimes, shares_handle
from railcap.drawing.time_axis import TimeAxis, time_axis
from railcap.drawing.train_names import TrainNames
from railcap.measures.fit import must_fit
from railcap.measures.names import trains_text
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Timetable, TrainPath


def draw_train_graph(
    scenario: Scenario,
    timetable: Timetable,
    path: str | Path | Sequence[str | Path],
    *,
    stations: tuple[str, str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
    time_zone: str | None = None,
    size_in: tuple[float, float] | None = None,
) -> list[Path]:
    """Draw the train graph of a timetable.

    The vertical axis is the longest route of any train, with those of others that go on from its ends; trains of
    branches are drawn where they run on it. Time runs to the right, in the local time of one zone; where the line has
    another zone, its clock stands along the top. Bars at the right edge say how busy each section is: over all days of
    the scenario, or in a time that is asked for.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.
    stations : tuple of two str, optional
        Ids of the first (top) and last station to draw.
    from_s, until_s : int, optional
        Time to draw in UTC seconds; by default from the first departure to the last arrival.
    time_zone : str, optional
        Zone of the clock; by default the scenario's.
    size_in : tuple of float, optional
        Width and height in inches; by default after the number of hours and stations.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If `stations` are neither on the line nor on one train's route, the time is none, there is nothing to draw, or
        the timetable does not belong to the scenario.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    must_fit(scenario, timetable)
    line = line_axis(scenario, timetable, stations)
    time = graph_time(scenario, timetable, from_s, until_s, time_zone or scenario.time_zone)
    all_days = from_s is None and until_s is None
    whole = all_days and stations is None
    return save(lambda: _figure(scenario, timetable, line, time, size_in, whole=whole, all_days=all_days), paths)


def graph_time(
    scenario: Scenario, timetable: Timetable, from_s: int | None, until_s: int | None, time_zone: str
) -> TimeAxis:
    """Return the time of a train graph: by default from the first departure to the last arrival."""
    first = min((path.departure_s for path in timetable.paths), default=scenario.begin_s)
    last = max((path.arrival_s for path in timetable.paths), default=scenario.begin_s + scenario.days * 86400)
    return time_axis(first if from_s is None else from_s, last if until_s is None else until_s, time_zone)


def _figure(
    scenario: Scenario,
    timetable: Timetable,
    line: LineAxis,
    time: TimeAxis,
    size_in: tuple[float, float] | None,
    *,
    whole: bool,
    all_days: bool,
) -> Any:
    busy = BusyTimes(scenario, timetable)
    part = graph_part(scenario, timetable, line, time, busy.over_all_days() if all_days else busy.in_time(time))
    elsewhere = trains_elsewhere(timetable, line)
    texts = [trains_text(timetable)]
    if elsewhere:
        texts.append(f"{counted(len(elsewhere), 'train')} not on this line")
    if len(part.trains) + len(elsewhere) < len(timetable.paths):
        texts.append(f"{counted(len(part.trains), 'train')} in this time")
    width = size_in[0] if size_in else min(46.0, max(11.0, 0.23 * time.hours)) + LEFT_IN + RIGHT_IN
    bars = shares_handle(scenario, line, part.shares)
    if whole:
        handles = overview_handles(scenario, timetable, elsewhere, part.closures)
        legend = legend_below([*handles, bars], width, refused_lines(timetable))
    else:
        legend = legend_below([*part_handles(scenario, part.paths, part.closures), bars], width)
    inner_height = min(30.0, max(5.5, 0.175 * len(line.stations)))
    size = size_in or (width, inner_height + TOP_IN + legend.height_in)
    heads = scenario.title or scenario.name, texts
    return draw_graph(scenario, timetable, part, TrainNames(scenario, timetable), heads, legend, size)


def trains_elsewhere(timetable: Timetable, line: LineAxis) -> list[TrainPath]:
    """Return the trains that run on no section of a line."""
    sections = set(line.sections)
    return [path for path in timetable.paths if sections.isdisjoint(leg.section for leg in path.legs)]
