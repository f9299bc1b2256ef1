"""A train graph as a figure: a line, a time, closures, clocks and the trains with their names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import (
    NIGHT,
    POSSESSION,
    SectionClosures,
    by_interval,
    closed_stretches,
    drawn_closures,
)
from railcap.drawing.legend import Legend, draw_legend
from railcap.drawing.line_axis import LineAxis
from railcap.drawing.rows import draw_heads
from railcap.drawing.section_load import STRIP_PT, SectionShares, draw_section_shares
from railcap.drawing.station_labels import draw_stations, draw_track_numbers
from railcap.drawing.time_axis import TimeAxis, clocks_text, draw_other_clock, draw_time_axis, zone_text
from railcap.drawing.train_lines import GROUND, LabelPlacer, Paper, Point, cut, draw_labels, polylines
from railcap.drawing.train_names import TrainNames
from railcap.planning.timetable import Timetable, TrainPath
from railcap.units import local

LEFT_IN, RIGHT_IN, TOP_IN = 2.1, 2.1, 1.05
_MANY_TRAINS = 40
_ZONE_IN = 0.14
_FIXED_DASH, _LIGHT_DASH = (0, (5, 1.5)), (0, (3, 2))


@dataclass(frozen=True, slots=True)
class GraphPart:
    """What a train graph shows: a line, a time, closures, the trains seen there, each with its lines, and bars."""

    line: LineAxis
    time: TimeAxis
    closures: SectionClosures
    trains: Sequence[tuple[TrainPath, list[list[Point]]]]
    shares: SectionShares

    @property
    def paths(self) -> list[TrainPath]:
        """The trains without their lines."""
        return [path for path, _ in self.trains]


def graph_part(
    scenario: Scenario, timetable: Timetable, line: LineAxis, time: TimeAxis, shares: SectionShares
) -> GraphPart:
    """Return what a train graph of a line and a time shows of a timetable."""
    places = line.places()
    found = []
    for path in timetable.paths:
        if path.calls[0].arrival_s < time.until_s and path.calls[-1].departure_s > time.from_s:
            pieces = [cut(piece, time.hours) for piece in polylines(path, time, line, places)]
            if any(pieces):
                found.append((path, [piece for piece in pieces if piece]))
    closures = drawn_closures(scenario, line.sections, time.from_s, time.until_s)
    return GraphPart(line, time, closures, found, shares)


def draw_graph(
    scenario: Scenario,
    timetable: Timetable,
    part: GraphPart,
    names: TrainNames,
    heads: tuple[str, Sequence[str]],
    legend: Legend,
    size_in: tuple[float, float],
) -> Any:
    """Draw a part of a timetable as a train graph; `heads` are its title and what stands below it."""
    from matplotlib.figure import Figure

    width, height = size_in
    line, time = part.line, part.time
    bottom = legend.height_in
    inner = max(1.0, width - LEFT_IN - RIGHT_IN), max(1.0, height - TOP_IN - bottom)
    figure = Figure(figsize=size_in, facecolor="white")
    axes = figure.add_axes((LEFT_IN / width, bottom / height, inner[0] / width, inner[1] / height))
    draw_time_axis(axes, time, inner[0])
    draw_stations(axes, scenario, timetable, line, inner, STRIP_PT)
    draw_section_shares(axes, line, part.shares, inner)
    draw_track_numbers(axes, scenario, line, inner[0])
    _draw_closures(axes, scenario, part)
    _draw_trains(axes, scenario, part, names, inner)
    other_zone = _draw_zones(axes, scenario, line, time, inner)
    title, texts = heads
    draw_heads(figure, title, ". ".join([*texts, clocks_text(time, other_zone)]), size_in)
    draw_legend(figure, legend, size_in)
    return figure


def _draw_closures(axes: Any, scenario: Scenario, part: GraphPart) -> None:
    line, time, closures = part.line, part.time, part.closures
    spans = line.spans()
    for kind, style in ((closures.nights, NIGHT), (closures.possessions, POSSESSION)):
        for interval, tracks in by_interval(kind).items():
            for top, bottom in closed_stretches(scenario, line, spans, tracks):
                begin, end = (time.x(moment) for moment in interval)
                axes.broken_barh([(begin, end - begin)], (top, bottom - top), zorder=0.7, **style)


def _draw_trains(
    axes: Any, scenario: Scenario, part: GraphPart, names: TrainNames, inner_in: tuple[float, float]
) -> None:
    from matplotlib.collections import LineCollection

    placer = LabelPlacer(Paper(inner_in[0] * 72 / part.time.hours, inner_in[1] * 72 / part.line.km[-1]))
    for path, pieces in part.trains:
        placer.keep_off(path, pieces)
    labels = []
    lines: dict[tuple[float, Any], list[tuple[list[Point], str, float]]] = defaultdict(list)
    weight = 1.0 if len(part.trains) > _MANY_TRAINS else 1.5
    # Trains on few sections get room for their numbers before those that have plenty.
    for path, pieces in sorted(part.trains, key=lambda one: (len(one[0].legs), one[0].departure_s, one[0].train)):
        colour = names.colour(path)
        passenger = scenario.train_types[path.train_type].category == "passenger"
        width = weight * (0.6 if path.light_for else 1.25 if passenger else 0.95)
        dash = _FIXED_DASH if path.fixed else _LIGHT_DASH if path.light_for else "-"
        lines[3 if passenger else 2.5, dash] += [(piece, colour, width) for piece in pieces]
        labels += list(placer.place(path, pieces, colour, names.name(path)))
    for (zorder, dash), some in lines.items():
        drawn, colours, widths = zip(*some, strict=True)
        ends: Any = "projecting" if dash == "-" else "butt"
        style = {"linestyles": [dash], "capstyle": ends, "joinstyle": "round", "zorder": zorder}
        axes.add_collection(LineCollection(drawn, colors=colours, linewidths=widths, **style), autolim=False)
    draw_labels(axes, labels)


def _draw_zones(axes: Any, scenario: Scenario, line: LineAxis, time: TimeAxis, inner_in: tuple[float, float]) -> str:
    """Mark where the local time changes along the line, and show the other clock along the top; return its zone."""
    offsets = [local(time.from_s, scenario.network.stations[one].time_zone).utcoffset() for one in line.stations]
    here = local(time.from_s, time.time_zone).utcoffset()
    others = [
        scenario.network.stations[one].time_zone
        for one, offset in zip(line.stations, offsets, strict=True)
        if offset != here
    ]
    other = Counter(others).most_common(1)[0][0] if others else time.time_zone
    draw_other_clock(axes, time, inner_in[0], other)
    for place, (above, below) in enumerate(pairwise(offsets)):
        if above == below:
            continue
        middle = (line.km[place] + line.km[place + 1]) / 2
        axes.axhline(middle, color="#7B1FA2", linewidth=1.1, linestyle=(0, (8, 3)), zorder=2)
        sides = (place, "bottom", 2, middle), (place + 1, "top", -2, line.km[-1] - middle)
        for station, align, up, room in sides:
            if room * inner_in[1] < _ZONE_IN * line.km[-1]:
                continue  # it would stand on the edge
            zone_name = scenario.network.stations[line.stations[station]].time_zone
            axes.annotate(
                zone_text(time.from_s, zone_name),
                (0, middle),
                xycoords=("axes fraction", "data"),
                xytext=(4, up),
                textcoords="offset points",
                va=align,
                fontsize=7,
                color="#7B1FA2",
                bbox=GROUND,
                zorder=4,
            )
    return other
