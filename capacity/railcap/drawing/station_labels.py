"""The stations beside a train graph: which of them get their names, and where these stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.line_axis import LineAxis
from railcap.drawing.strokes import MINOR, draw_grid, draw_ticks, hide_axis
from railcap.drawing.texts import Align, OneText, write_texts
from railcap.measures.names import station_name
from railcap.measures.text_columns import short
from railcap.planning.timetable import Timetable

LABEL_IN = 0.12
"""Least distance between two names."""

MOST_MOVED_IN = 0.35
"""How far a name may stand from the line of its station."""

_LETTERS, _MOST_LETTERS = 26, 32
_FONT_PT = 7.0
_ORDINARY = ("", "station", "halt", "loop", "block")


@dataclass(frozen=True, slots=True)
class StationLabel:
    """The name of a station: its place along the axis, and how far it stands from the top, in inches."""

    place: int
    name: str
    at_in: float


def station_labels(
    scenario: Scenario, timetable: Timetable, axis: LineAxis, height_in: float
) -> Sequence[StationLabel]:
    """Return the names beside an axis: where stations lie close together, moved apart as far as names may be moved.

    Where there is not enough room for all, the ends come first, then places where trains begin or end, junctions and
    other special places, places where many trains stop, and then the rest from the top down.
    """
    importance = _importance(scenario, timetable, axis)
    own = [km * height_in / axis.km[-1] for km in axis.km]
    chosen: list[int] = []
    at: list[float] = []
    for place in sorted(range(len(own)), key=lambda place: (-importance[place], place)):
        more = sorted([*chosen, place])
        if (len(more) - 1) * LABEL_IN > height_in:
            break
        moved = _moved_apart([own[one] for one in more], height_in)
        if all(abs(here - own[one]) <= MOST_MOVED_IN for here, one in zip(moved, more, strict=True)):
            chosen, at = more, moved
    return [
        StationLabel(place, station_name(scenario, axis.stations[place]), here)
        for place, here in zip(chosen, at, strict=True)
    ]


def _moved_apart(places: Sequence[float], height: float) -> list[float]:
    """Move rising places as little as possible (least squares), so that they stand apart and within the height."""
    groups: list[tuple[float, int]] = []  # sum and number of places that touch, each less the labels before it
    for number, place in enumerate(places):
        group = place - number * LABEL_IN, 1
        while groups and groups[-1][0] * group[1] >= group[0] * groups[-1][1]:
            before = groups.pop()
            group = before[0] + group[0], before[1] + group[1]
        groups.append(group)
    most = height - (len(places) - 1) * LABEL_IN
    found = [min(max(total / count, 0.0), most) for total, count in groups for _ in range(count)]
    return [place + number * LABEL_IN for number, place in enumerate(found)]


def _importance(scenario: Scenario, timetable: Timetable, axis: LineAxis) -> Sequence[int]:
    ends: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    for path in timetable.paths:
        ends.update((path.calls[0].station, path.calls[-1].station))
        stops.update(call.station for call in path.calls if call.stops)
    found = []
    for place, station in enumerate(axis.stations):
        is_end, special = place in (0, len(axis.stations) - 1), is_special(scenario, station)
        found.append(10**6 * is_end + 10**4 * (station in ends) + 10**3 * special + stops[station])
    return found


def is_special(scenario: Scenario, station: str) -> bool:
    """Return whether a station is a junction, a yard or the like."""
    return scenario.network.stations[station].kind not in _ORDINARY


def draw_stations(
    axes: Any,
    scenario: Scenario,
    timetable: Timetable,
    axis: LineAxis,
    inner_in: tuple[float, float],
    right_pt: float = 0.0,
) -> None:
    """Draw the lines of stations, and their names at both sides, with the kilometres at the left one.

    `right_pt`: what is left free between the right edge and the names there, in points.
    """
    length = axis.km[-1]
    margin = length * 0.004
    axes.set_ylim(length + margin, -margin)
    labels = station_labels(scenario, timetable, axis, inner_in[1])
    named = {label.place for label in labels}
    hide_axis(axes.yaxis)
    bearing = [axis.km[place] for place in sorted(named)]
    nameless = [km for place, km in enumerate(axis.km) if place not in named]
    draw_grid(axes, nameless, "y", "#CCCCCC", 0.3)
    draw_grid(axes, bearing, "y", "#999999", 0.45)
    for edge in ("left", "right"):
        draw_ticks(axes, bearing, edge)
        draw_ticks(axes, nameless, edge, width=MINOR)
    point = 1 / 72 / inner_in[0]
    _draw_names(axes, axis, labels, inner_in[1], (-8.5 * point, -15 * point), "right")
    right = 1 + (3 + right_pt) * point, 1 + (9.5 + right_pt) * point
    _draw_names(axes, axis, labels, inner_in[1], right, "left")


def draw_stations_below(
    axes: Any,
    scenario: Scenario,
    timetable: Timetable,
    axis: LineAxis,
    width_in: float,
    lead: tuple[float, float] = (-0.03, -0.058),
) -> None:
    """Write names and kilometres below an axis that runs along the line, each at the end of a thin line.

    `lead`: where the thin lines begin and end, in heights of the axes.
    """
    from matplotlib.collections import LineCollection

    axes.set_xticks(axis.km, [])
    axes.tick_params(axis="x", length=3)
    below = axes.get_xaxis_transform()
    leads = []
    for label in station_labels(scenario, timetable, axis, width_in):
        at = label.at_in * axis.km[-1] / width_in
        leads.append([(axis.km[label.place], lead[0]), (at, lead[1])])
        axes.annotate(
            f"{short(label.name, _LETTERS)}  {axis.posts[label.place]:.0f}",
            (at, lead[1] - 0.005),
            xycoords=below,
            rotation=90,
            ha="center",
            va="top",
            fontsize=_FONT_PT,
            annotation_clip=False,
        )
    style = {"colors": "#777777", "linewidths": 0.5, "transform": below, "clip_on": False}
    axes.add_collection(LineCollection(leads, **style), autolim=False)


def _draw_names(
    axes: Any, axis: LineAxis, labels: Sequence[StationLabel], height_in: float, x: tuple[float, float], align: Align
) -> None:
    """Write names beside an edge, each at the end of a thin line that leads to it from the line of its station."""
    from matplotlib.collections import LineCollection

    beside = axes.get_yaxis_transform()
    leads, texts = [], []
    for label in labels:
        name = short(label.name, _MOST_LETTERS)
        at = label.at_in * axis.km[-1] / height_in
        leads.append([(x[0], axis.km[label.place]), (x[1], at)])
        text = f"{name}  {axis.posts[label.place]:.0f}" if align == "right" else name
        size = _FONT_PT * min(1.0, _LETTERS / max(1, len(name)))
        shift = -1.5 if align == "right" else 1.5, 0.0
        texts.append(OneText(text, leads[-1][1], size, align=align, shift=shift))
    write_texts(axes, texts, zorder=3, transform=beside)
    style = {"colors": "#777777", "linewidths": 0.5, "transform": beside, "clip_on": False}
    axes.add_collection(LineCollection(leads, **style), autolim=False)


def draw_track_numbers(axes: Any, scenario: Scenario, axis: LineAxis, width_in: float) -> None:
    """Draw one or two lines beside the left edge, for single and double track."""
    from matplotlib.collections import LineCollection

    lines = [
        [(-points / 72 / width_in, top), (-points / 72 / width_in, bottom)]
        for section, (top, bottom) in axis.spans().items()
        for points in ((6,) if scenario.network.sections[section].tracks == 1 else (4.8, 7.2))
    ]
    style = {"colors": "black", "linewidths": 0.9, "transform": axes.get_yaxis_transform(), "clip_on": False}
    axes.add_collection(LineCollection(lines, **style), autolim=False)
