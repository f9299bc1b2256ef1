"""The train graph: a distance-time diagram of the main line, with closures, train numbers and refused requests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, Interval, SectionClosures, drawn_closures
from railcap.drawing.colours import FIXED, request_colours
from railcap.drawing.legend import draw_legend, draw_refused
from railcap.drawing.line_axis import LineAxis, labelled, line_axis
from railcap.drawing.saving import output_paths, save
from railcap.drawing.time_axis import TimeAxis, draw_other_clock, draw_time_axis, time_axis, zone_text
from railcap.drawing.train_lines import LabelPlacer, Paper, draw_labels, polylines
from railcap.measures.fit import must_fit
from railcap.measures.names import train_labels, trains_text
from railcap.planning.timetable import Timetable, TrainPath
from railcap.units import local

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 2.1, 1.8, 1.05, 2.0
_LABEL_HEIGHT_IN = 0.125
_MANY_TRAINS = 40


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

    The vertical axis is the longest route of any train; trains of branches are drawn where they run on it. Time runs to
    the right, in the local time of one zone; where the line has another zone, its clock stands along the top.

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
        If `stations` are not on one train's route, the time is none, there is nothing to draw, or the timetable does
        not belong to the scenario.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    must_fit(scenario, timetable)
    line = line_axis(scenario, timetable, stations)
    time = _time(scenario, timetable, from_s, until_s, time_zone or scenario.time_zone)
    size = size_in or _size(line, time)
    return save(lambda: _figure(scenario, timetable, line, time, size), paths)


def _time(
    scenario: Scenario, timetable: Timetable, from_s: int | None, until_s: int | None, time_zone: str
) -> TimeAxis:
    first = min((path.departure_s for path in timetable.paths), default=scenario.begin_s)
    last = max((path.arrival_s for path in timetable.paths), default=scenario.begin_s + scenario.days * 86400)
    return time_axis(first if from_s is None else from_s, last if until_s is None else until_s, time_zone)


def _size(line: LineAxis, time: TimeAxis) -> tuple[float, float]:
    width = min(46.0, max(11.0, 0.23 * time.hours)) + _LEFT_IN + _RIGHT_IN
    height = min(30.0, max(5.5, 0.175 * len(line.stations))) + _TOP_IN + _BOTTOM_IN
    return width, height


def _figure(
    scenario: Scenario, timetable: Timetable, line: LineAxis, time: TimeAxis, size_in: tuple[float, float]
) -> Any:
    from matplotlib.figure import Figure

    width, height = size_in
    inner = max(1.0, width - _LEFT_IN - _RIGHT_IN), max(1.0, height - _TOP_IN - _BOTTOM_IN)
    figure = Figure(figsize=size_in, facecolor="white")
    axes = figure.add_axes((_LEFT_IN / width, _BOTTOM_IN / height, inner[0] / width, inner[1] / height))
    draw_time_axis(axes, time, inner[0])
    _draw_stations(axes, scenario, timetable, line, inner)
    closures = drawn_closures(scenario, line.sections, time.from_s, time.until_s)
    _draw_closures(axes, scenario, line, time, closures)
    _draw_trains(axes, scenario, timetable, line, time, inner)
    _draw_zones(axes, scenario, line, time, inner[0])
    places = line.places()
    elsewhere = [path for path in timetable.paths if not polylines(path, time, line, places)]
    _draw_heads(figure, scenario, timetable, elsewhere, time, size_in)
    draw_legend(figure, scenario, timetable, elsewhere, closures, size_in)
    draw_refused(figure, timetable, size_in)
    return figure


def _draw_stations(
    axes: Any, scenario: Scenario, timetable: Timetable, line: LineAxis, inner_in: tuple[float, float]
) -> None:
    length = line.km[-1]
    names = labelled(scenario, timetable, line, least_km=length * _LABEL_HEIGHT_IN / inner_in[1])
    margin = length * 0.004
    axes.set_ylim(length + margin, -margin)
    shown = [place for place, station in enumerate(line.stations) if station in names]
    texts = [f"{names[line.stations[place]]}  {line.posts[place]:.0f}" for place in shown]
    axes.set_yticks([line.km[place] for place in shown], texts, fontsize=7)
    axes.set_yticks([km for place, km in enumerate(line.km) if place not in set(shown)], minor=True)
    axes.grid(axis="y", which="major", color="#999999", linewidth=0.45, zorder=0.6)
    axes.grid(axis="y", which="minor", color="#CCCCCC", linewidth=0.3, zorder=0.6)
    axes.tick_params(axis="y", which="major", length=3, pad=7)
    axes.tick_params(axis="y", which="minor", length=3)
    right = axes.secondary_yaxis("right")
    right.set_yticks([line.km[place] for place in shown], [names[line.stations[place]] for place in shown])
    right.tick_params(axis="y", labelsize=7, length=3)
    _draw_track_numbers(axes, scenario, line, inner_in[0])


def _draw_track_numbers(axes: Any, scenario: Scenario, line: LineAxis, width_in: float) -> None:
    """Draw one or two lines beside the left edge, for single and double track."""
    for section, (top, bottom) in line.spans().items():
        for points in (6,) if scenario.network.sections[section].tracks == 1 else (4.8, 7.2):
            x = -points / 72 / width_in
            axes.plot(
                [x, x],
                [top, bottom],
                transform=axes.get_yaxis_transform(),
                color="black",
                linewidth=0.9,
                solid_capstyle="butt",
                clip_on=False,
            )


def _draw_closures(axes: Any, scenario: Scenario, line: LineAxis, time: TimeAxis, closures: SectionClosures) -> None:
    spans = line.spans()
    for kind, style in ((closures.nights, NIGHT), (closures.possessions, POSSESSION)):
        for interval, tracks in _by_interval(kind).items():
            for top, bottom in _joined(scenario, line, spans, tracks):
                begin, end = (time.x(moment) for moment in interval)
                axes.broken_barh([(begin, end - begin)], (top, bottom - top), zorder=0.7, **style)


def _by_interval(
    closures: Mapping[tuple[str, str], tuple[Interval, ...]],
) -> Mapping[Interval, list[tuple[str, str]]]:
    found: dict[Interval, list[tuple[str, str]]] = defaultdict(list)
    for place, intervals in closures.items():
        for interval in intervals:
            found[interval].append(place)
    return found


def _joined(
    scenario: Scenario, line: LineAxis, spans: Mapping[str, tuple[float, float]], tracks: list[tuple[str, str]]
) -> list[tuple[float, float]]:
    """Return stretches of the axis that are closed; one of two tracks takes half the height of its section."""
    pieces: list[tuple[float, float]] = []
    count = Counter(section for section, _ in tracks)
    for section, (top, bottom) in spans.items():
        if not count[section]:
            continue
        if count[section] < scenario.network.sections[section].tracks:
            middle = (top + bottom) / 2
            top, bottom = (top, middle) if (section, "1") in tracks else (middle, bottom)
        if pieces and pieces[-1][1] == top:
            pieces[-1] = pieces[-1][0], bottom
        else:
            pieces.append((top, bottom))
    return pieces


def _draw_trains(
    axes: Any,
    scenario: Scenario,
    timetable: Timetable,
    line: LineAxis,
    time: TimeAxis,
    inner_in: tuple[float, float],
) -> None:
    colours = request_colours(scenario)
    places = line.places()
    placer = LabelPlacer(Paper(inner_in[0] * 72 / time.hours, inner_in[1] * 72 / line.km[-1]))
    names = train_labels(timetable)
    drawn = {path.train: polylines(path, time, line, places) for path in timetable.paths}
    for path in timetable.paths:
        placer.keep_off(path, drawn[path.train])
    labels = []
    weight = 1.0 if len(timetable.paths) > _MANY_TRAINS else 1.5
    for path in _fewest_first(timetable):
        colour = FIXED if path.fixed else colours.get(path.request, FIXED)
        pieces = drawn[path.train]
        passenger = scenario.train_types[path.train_type].category == "passenger"
        for piece in pieces:
            x, y = zip(*piece, strict=True)
            axes.plot(
                x,
                y,
                color=colour,
                linewidth=weight * (1.25 if passenger else 0.95),
                linestyle=(0, (5, 1.5)) if path.fixed else "-",
                solid_joinstyle="round",
                zorder=3 if passenger else 2.5,
            )
        labels += list(placer.place(path, _visible(pieces, time), colour, names[path.train]))
    draw_labels(axes, labels)


def _fewest_first(timetable: Timetable) -> list[TrainPath]:
    """Order trains so that those on few sections get room for their numbers before those that have plenty."""
    return sorted(timetable.paths, key=lambda path: (len(path.legs), path.departure_s, path.train))


def _visible(pieces: list[list[tuple[float, float]]], time: TimeAxis) -> list[list[tuple[float, float]]]:
    inside = [[point for point in piece if 0 <= point[0] <= time.hours] for piece in pieces]
    return [piece for piece in inside if len(piece) > 1]


def _draw_zones(axes: Any, scenario: Scenario, line: LineAxis, time: TimeAxis, width_in: float) -> None:
    """Mark where the local time changes along the line, and show the other clock along the top."""
    offsets = [local(time.from_s, scenario.network.stations[one].time_zone).utcoffset() for one in line.stations]
    here = local(time.from_s, time.time_zone).utcoffset()
    others = [
        scenario.network.stations[one].time_zone
        for one, offset in zip(line.stations, offsets, strict=True)
        if offset != here
    ]
    other = Counter(others).most_common(1)[0][0] if others else time.time_zone
    draw_other_clock(axes, time, width_in, other)
    for place, (above, below) in enumerate(pairwise(offsets)):
        if above == below:
            continue
        middle = (line.km[place] + line.km[place + 1]) / 2
        axes.axhline(middle, color="#7B1FA2", linewidth=1.1, linestyle=(0, (8, 3)), zorder=2)
        one, two = (scenario.network.stations[line.stations[place + step]].time_zone for step in (0, 1))
        for zone_name, align, up in ((one, "bottom", 2), (two, "top", -2)):
            axes.annotate(
                zone_text(time.from_s, zone_name),
                (0, middle),
                xycoords=("axes fraction", "data"),
                xytext=(4, up),
                textcoords="offset points",
                va=align,
                fontsize=7,
                color="#7B1FA2",
            )


def _draw_heads(
    figure: Any,
    scenario: Scenario,
    timetable: Timetable,
    elsewhere: Sequence[TrainPath],
    time: TimeAxis,
    size_in: tuple[float, float],
) -> None:
    width, height = size_in
    left = 0.25 / width
    figure.text(left, 1 - 0.16 / height, scenario.title or scenario.name, fontsize=15, fontweight="bold", va="top")
    parts = [trains_text(timetable)]
    if elsewhere:
        parts.append(f"{len(elsewhere)} train{'s'[: len(elsewhere) != 1]} not on this line")
    parts.append(f"Local time of {zone_text(time.from_s, time.time_zone)}")
    figure.text(left, 1 - 0.46 / height, ". ".join(parts), fontsize=9, va="top")
