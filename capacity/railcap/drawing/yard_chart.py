"""The yard chart: the tracks of one yard over time with what trains undergo there, its resources, and their queues."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

from railcap.corridor.expand import yard_closed_times
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import YardResource
from railcap.drawing.rows import (
    BAR,
    BOTTOM_IN,
    LEFT_IN,
    RIGHT_IN,
    TOP_IN,
    Bars,
    Row,
    draw_heads,
    draw_row_legend,
    draw_rows,
    draw_shade,
    draw_track_shades,
    release_handle,
    track_text,
)
from railcap.drawing.saving import output_paths, save
from railcap.drawing.stay_labels import stay_label, stay_texts, text_in_bar
from railcap.drawing.texts import OneText, write_texts
from railcap.drawing.time_axis import TimeAxis, clocks_text, draw_other_clock, draw_time_axis, time_axis
from railcap.drawing.train_names import TrainNames
from railcap.errors import InputError, Issue
from railcap.measures.causes import queue_for
from railcap.measures.fit import must_fit
from railcap.measures.holds import resource_queues, yard_stations
from railcap.measures.intervals import levels
from railcap.measures.names import station_name
from railcap.planning.timetable import Call, Step, Timetable, TrainPath
from railcap.units import local

_ROW_IN = 0.3
_IN_PER_HOUR = 0.42
_QUEUE_ROWS = 1.5
_GAP = 1.7  # from the last row of a group to the first of the next one
_MOST_LANES = 12
_NAME_AT, _STEP_AT = -0.17, 0.17  # a bar's upper half names its train, its lower half the steps
_STEP: dict[str, Any] = {
    "facecolor": "black",
    "alpha": 0.45,
    "linewidth": 0.6,
    "edgecolor": "white",
    "zorder": 3.5,
}
_CLOSED: dict[str, Any] = {"facecolor": "#ECEFF1", "edgecolor": "#B0BEC5", "linewidth": 0.0, "hatch": "\\\\\\\\"}
_QUEUE = "#5D4037"

_Span = tuple[TrainPath, int, int]


@dataclass(frozen=True, slots=True)
class _Work:
    """A step of a train that needs a resource."""

    path: TrainPath
    step: Step


@dataclass(frozen=True, slots=True)
class _Yard:
    """The chart's rows: tracks by id, lanes of each resource, and where the queue of each stands."""

    station: str
    tracks: Mapping[str, Row]
    lanes: Mapping[str, Sequence[Row]]
    queues: Mapping[str, tuple[float, int]]

    def rows(self) -> list[Row]:
        """Return all rows from top to bottom, those at the ends of each queue's scale included."""
        rows = list(self.tracks.values())
        for resource, lanes in self.lanes.items():
            base, most = self.queues[resource]
            rows += lanes
            rows += [Row(queue_for(resource), str(most), base - _QUEUE_ROWS)] if most else []
            rows.append(Row(queue_for(resource), "0", base))
        return rows


def chart_names(scenario: Scenario) -> dict[str, str]:
    """Return the name of each yard's chart among the files, without a suffix, by station."""
    found: dict[str, str] = {}
    for station in yard_stations(scenario):
        plain = "yard_chart_" + re.sub(r"[^\w.-]", "_", station)
        numbered = (f"{plain}_{number}" for number in count(2))
        found[station] = next(name for name in chain([plain], numbered) if name not in found.values())
    return found


def draw_yard_chart(
    scenario: Scenario,
    timetable: Timetable,
    path: str | Path | Sequence[str | Path],
    *,
    station: str,
    from_s: int | None = None,
    until_s: int | None = None,
    time_zone: str | None = None,
    size_in: tuple[float, float] | None = None,
) -> list[Path]:
    """Draw one yard over time.

    At the top a row for each track: a bar reaches from when a train comes onto it until it leaves it, with its steps
    darker. Below, a lane for each train that a resource serves at a time, shaded while it is closed, and under it how
    many trains stand in the yard and wait for it. Where a neighbouring station has another clock, that stands along the
    top.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.
    station : str
        Id of the station.
    from_s, until_s : int, optional
        Time to draw in UTC seconds; by default from the first arrival there to the last departure.
    time_zone : str, optional
        Zone of the clock; by default the station's.
    size_in : tuple of float, optional
        Width and height in inches; by default after the number of hours and rows.

    Raises
    ------
    InputError
        If no train asks for a process there, the time is none, or the timetable does not belong to the scenario.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    must_fit(scenario, timetable)
    yards = yard_stations(scenario)
    if station not in yards:
        message = f"name a station where a process is done: {', '.join(yards) or 'there is none'}"
        raise InputError("there is no such yard to draw", [Issue("", "station", station, message, "unknown-yard")])
    calls = [(train, call) for train in timetable.paths for call in train.calls if call.station == station]
    first = min((call.arrival_s for _, call in calls), default=scenario.begin_s)
    last = max((call.departure_s for _, call in calls), default=scenario.begin_s + 86400)
    zone = time_zone or scenario.network.stations[station].time_zone
    time = time_axis(first if from_s is None else from_s, last if until_s is None else until_s, zone)
    lanes, queues = _lanes(scenario, station, calls), _queues(scenario, timetable, station)
    yard = _yard(scenario, station, lanes, queues)
    width = min(46.0, max(11.0, _IN_PER_HOUR * time.hours)) + LEFT_IN + RIGHT_IN
    height = (yard.rows()[-1].place + 1.2) * _ROW_IN + TOP_IN + BOTTOM_IN

    def build() -> Any:
        chart = _Chart(scenario, timetable, yard, time, size_in or (width, height))
        chart.draw_tracks(calls)
        for resource in lanes:
            chart.draw_resource(scenario.yard_resources[resource], lanes[resource], queues[resource])
        return chart.finish()

    return save(build, paths)


def _lanes(scenario: Scenario, station: str, calls: Sequence[tuple[TrainPath, Call]]) -> dict[str, list[list[_Work]]]:
    """Return the resources of a yard with what each unit of them does, handed out in the order of time."""
    works: dict[str, list[_Work]] = defaultdict(list)
    for path, call in calls:
        for step in call.steps:
            works[step.resource].append(_Work(path, step))
    found = {}
    for resource in scenario.yard_resources.values():
        if resource.station == station:
            lanes: list[list[_Work]] = [[] for _ in range(min(resource.capacity, _MOST_LANES))]
            for work in sorted(
                works[resource.id], key=lambda work: (work.step.begin_s, work.step.end_s, work.path.train)
            ):
                free = [lane for lane in lanes if not lane or lane[-1].step.end_s <= work.step.begin_s]
                if not free:
                    free = [[]]
                    lanes += free
                free[0].append(work)
            found[resource.id] = lanes
    return found


def _queues(scenario: Scenario, timetable: Timetable, station: str) -> dict[str, list[tuple[int, int]]]:
    """Return how many trains wait for each resource of a yard from when on."""
    waiting = resource_queues(timetable)
    return {
        resource.id: levels(hold.interval for hold in waiting.get(resource.id, ()))
        for resource in scenario.yard_resources.values()
        if resource.station == station
    }


def _yard(
    scenario: Scenario,
    station: str,
    lanes: Mapping[str, Sequence[Sequence[_Work]]],
    queues: Mapping[str, Sequence[tuple[int, int]]],
) -> _Yard:
    places = scenario.network.stations[station].tracks
    tracks = {
        track.id: Row(station_name(scenario, station), track_text(track), float(place))
        for place, track in enumerate(places)
    }
    last = len(places) - 1.0
    rows: dict[str, list[Row]] = {}
    scales = {}
    for resource, works in lanes.items():
        texts = [str(number + 1) if len(works) > 1 else "" for number in range(len(works))]
        rows[resource] = [Row(resource, text, last + _GAP + number) for number, text in enumerate(texts)]
        last = rows[resource][-1].place + _QUEUE_ROWS + 0.8
        scales[resource] = last, max((level for _, level in queues[resource]), default=0)
    return _Yard(station, tracks, rows, scales)


class _Chart:
    """A yard chart as it is being drawn."""

    def __init__(
        self, scenario: Scenario, timetable: Timetable, yard: _Yard, time: TimeAxis, size_in: tuple[float, float]
    ) -> None:
        from matplotlib.figure import Figure

        width, height = size_in
        inner = max(1.0, width - LEFT_IN - RIGHT_IN), max(0.5, height - TOP_IN - BOTTOM_IN)
        self._scenario, self._timetable, self._yard, self._time = scenario, timetable, yard, time
        self._size = size_in
        self._per_hour = inner[0] * 72 / time.hours
        self._names = TrainNames(scenario, timetable)
        self._closed = yard_closed_times(scenario)
        self._any_closed = False
        self._steps: dict[float, list[tuple[float, float]]] = defaultdict(list)
        self._texts: list[OneText] = []
        self._handles: list[Any] = [release_handle()]
        self._figure = Figure(figsize=size_in, facecolor="white")
        self._axes = self._figure.add_axes((LEFT_IN / width, BOTTOM_IN / height, inner[0] / width, inner[1] / height))
        draw_time_axis(self._axes, time, inner[0])
        self._other_zone = _other_zone(scenario, yard.station, time)
        draw_other_clock(self._axes, time, inner[0], self._other_zone)
        draw_rows(self._axes, yard.rows(), inner[0], unlined=yard.lanes)

    def draw_tracks(self, calls: Sequence[tuple[TrainPath, Call]]) -> None:
        """Draw the tracks with the trains on them, and the steps that they undergo."""
        places = {(self._yard.station, track): row.place for track, row in self._yard.tracks.items()}
        self._handles += draw_track_shades(self._axes, self._scenario, places, self._time)
        stays: dict[str, list[_Span]] = defaultdict(list)
        for path, call in calls:
            for stay in call.stays:
                stays[stay.track].append((path, stay.from_s, stay.until_s))
            for step in call.steps:
                if step.track in self._yard.tracks:
                    self._draw_step(step, self._yard.tracks[step.track].place)
        for track, row in self._yard.tracks.items():
            self._draw_bars(row.place, stays[track], self._scenario.rules.track_release_s)

    def _draw_bars(self, place: float, spans: Sequence[_Span], release_s: int = 0) -> None:
        """Draw trains in a row, each with its name in the upper half of its bar."""
        bars = Bars(self._time, self._per_hour)
        labels = [
            stay_label(self._names, path, self._time, from_s, until_s, release_s)
            for path, from_s, until_s in spans
            if bars.add(place, from_s, until_s, self._names.colour(path), release_s)
        ]
        bars.draw(self._axes)
        self._texts += stay_texts(labels, place + _NAME_AT, self._time.hours, self._per_hour)

    def _draw_step(self, step: Step, place: float) -> None:
        span = self._time.x(step.begin_s), self._time.x(step.end_s)
        self._steps[place].append((span[0], span[1] - span[0]))
        inside = max(span[0], 0.0), min(span[1], self._time.hours)
        if (text := text_in_bar(step.name, inside, place + _STEP_AT, self._per_hour)) is not None:
            self._texts.append(text)

    def draw_resource(
        self, resource: YardResource, lanes: Sequence[Sequence[_Work]], queue: Sequence[tuple[int, int]]
    ) -> None:
        """Draw what each unit of a resource does, when it is closed, and how many trains wait for it."""
        rows = self._yard.lanes[resource.id]
        base, most = self._yard.queues[resource.id]
        top = rows[0].place - 0.5
        closed = self._closed.get(resource.id, ())
        self._any_closed |= draw_shade(self._axes, self._time, closed, top, base - top, {"zorder": 0.7, **_CLOSED})
        for row, works in zip(rows, lanes, strict=True):
            self._draw_bars(row.place, [(work.path, work.step.begin_s, work.step.end_s) for work in works])
            for work in works:
                self._draw_step(work.step, row.place)
        self._draw_queue(base, most, queue)

    def _draw_queue(self, base: float, most: int, queue: Sequence[tuple[int, int]]) -> None:
        points = [(0.0, 0), *((self._time.x(time_s), level) for time_s, level in queue), (self._time.hours, 0)]
        inside = list(_inside(points, self._time.hours))
        x = [hour for hour, _ in inside]
        y = [base - _QUEUE_ROWS * level / max(1, most) for _, level in inside]
        self._axes.fill_between(x, y, base, step="post", color=_QUEUE, alpha=0.25, linewidth=0, zorder=2)
        self._axes.step(x, y, where="post", color=_QUEUE, linewidth=1.1, zorder=3)

    def finish(self) -> Any:
        """Draw the steps and all names, the title and the legend, and return the figure."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch

        for place, spans in self._steps.items():
            self._axes.broken_barh(spans, (place, BAR / 2), **_STEP)
        write_texts(self._axes, self._texts, zorder=4, clip=True)
        name = station_name(self._scenario, self._yard.station)
        text = clocks_text(self._time, self._other_zone)
        title = f"Yard chart of {name}: {self._scenario.title or self._scenario.name}"
        draw_heads(self._figure, title, text, self._size)
        self._handles.insert(0, Patch(facecolor="black", alpha=0.45, label="step of a process"))
        self._handles.append(Line2D([], [], color=_QUEUE, label="trains that stand in the yard and wait"))
        if self._any_closed:
            self._handles.append(Patch(label="closed hours", **_CLOSED))
        draw_row_legend(self._figure, self._scenario, self._timetable, {self._yard.station}, self._handles, self._size)
        return self._figure


def _inside(points: Sequence[tuple[float, int]], hours: float) -> Iterator[tuple[float, int]]:
    """Yield the points of a step line from the left edge to the right one, with the level at the left edge."""
    level = 0
    for x, after in sorted(points, key=lambda point: point[0]):
        if x > hours:
            break
        if x > 0:
            yield x, after
        else:
            level = after
            yield 0.0, level


def _other_zone(scenario: Scenario, station: str, time: TimeAxis) -> str:
    """Return the zone of a neighbouring station whose clock differs from the chart's; else the chart's own."""
    here = local(time.from_s, time.time_zone).utcoffset()
    for section in scenario.network.sections.values():
        if station in (section.start, section.end):
            zone = scenario.network.stations[section.other(station)].time_zone
            if local(time.from_s, zone).utcoffset() != here:
                return zone
    return time.time_zone
