"""Trains as lines of a train graph, and their numbers where there is room along them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, sin
from typing import Any

from railcap.drawing.line_axis import LineAxis
from railcap.drawing.time_axis import TimeAxis
from railcap.measures.names import train_label
from railcap.planning.timetable import TrainPath

Point = tuple[float, float]

LABEL_PT = 6.5
_LETTER_PT = 0.62 * LABEL_PT
_EVERY_PT = 900.0  # a train's number comes again after so much of its line
_STRAIGHT_PT = 1.6


def polylines(path: TrainPath, time: TimeAxis, line: LineAxis, places: Mapping[str, int]) -> list[list[Point]]:
    """Return a train's line in (hours, km), in as many pieces as it leaves the axis and comes back."""
    pieces: list[list[Point]] = []
    piece: list[Point] = []
    before: int | None = None
    for number, call in enumerate(path.calls):
        place = places.get(call.station)
        on_axis = (
            place is not None and before is not None and path.legs[number - 1].section == _section(line, before, place)
        )
        if not on_axis:
            pieces.append(piece)
            piece = []
        if place is not None:
            km = line.km[place]
            piece += [(time.x(call.arrival_s), km), (time.x(call.departure_s), km)]
        before = place
    pieces.append(piece)
    return [one for one in (_thinned(piece) for piece in pieces) if len({y for _, y in one}) > 1]


def _section(line: LineAxis, one: int, other: int) -> str | None:
    return line.sections[min(one, other)] if abs(one - other) == 1 else None


def _thinned(points: list[Point]) -> list[Point]:
    """Leave out points that repeat."""
    return [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]


@dataclass(frozen=True, slots=True)
class LineLabel:
    """A train number along its line: anchor in (hours, km), degrees on paper, colour."""

    text: str
    at: Point
    angle: float
    colour: str


@dataclass(frozen=True, slots=True)
class Paper:
    """Points of paper per hour and per km; km run downwards."""

    per_hour: float
    per_km: float

    def on_paper(self, point: Point) -> Point:
        """Return a place on paper, in points, upwards."""
        return point[0] * self.per_hour, -point[1] * self.per_km

    def off_paper(self, point: Point) -> Point:
        """Return the (hours, km) of a place on paper."""
        return point[0] / self.per_hour, -point[1] / self.per_km


class LabelPlacer:
    """Gives train numbers room along their lines, so that no two of them overlap."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._taken: set[tuple[int, int]] = set()

    def place(self, path: TrainPath, pieces: list[list[Point]], colour: str) -> Iterator[LineLabel]:
        """Yield the labels of one train; none where there is no room."""
        full = train_label(path)
        short = full.rpartition(" ")[2]
        for text in dict.fromkeys((full, short)):
            found = [label for piece in pieces for label in self._along(text, piece, colour)]
            if found:
                yield from found
                return

    def _along(self, text: str, piece: list[Point], colour: str) -> Iterator[LineLabel]:
        points = [self._paper.on_paper(point) for point in piece]
        needed = len(text) * _LETTER_PT + 4
        next_at = 0.0
        done = 0.0
        for begin, end in _straight_runs(points):
            length = hypot(end[0] - begin[0], end[1] - begin[1])
            offset = (length - needed) / 2
            if offset >= 0 and done + length >= next_at and begin[1] != end[1]:
                label = self._fit(text, begin, end, length, needed, colour)
                if label is not None:
                    next_at = done + length + _EVERY_PT
                    yield label
            done += length

    def _fit(self, text: str, begin: Point, end: Point, length: float, needed: float, colour: str) -> LineLabel | None:
        angle = atan2(end[1] - begin[1], end[0] - begin[0])
        along = cos(angle), sin(angle)
        aside = -along[1], along[0]
        for share in (0.5, 0.3, 0.7, 0.15, 0.85):
            from_begin = (length - needed) * share + needed / 2
            middle = begin[0] + along[0] * from_begin, begin[1] + along[1] * from_begin
            cells = {
                _cell(middle[0] + along[0] * step + aside[0] * up, middle[1] + along[1] * step + aside[1] * up)
                for step in _steps(needed)
                for up in (1.5, 1.5 + LABEL_PT * 0.8)
            }
            if not cells & self._taken:
                self._taken |= cells
                anchor = middle[0] + aside[0] * 0.9, middle[1] + aside[1] * 0.9
                return LineLabel(text, self._paper.off_paper(anchor), degrees(angle), colour)
        return None


def _cell(x: float, y: float) -> tuple[int, int]:
    size = LABEL_PT * 0.75
    return int(x // size), int(y // size)


def _steps(needed: float) -> Iterator[float]:
    count = int(needed // (LABEL_PT * 0.5)) + 1
    for number in range(count + 1):
        yield -needed / 2 + needed * number / count


def _straight_runs(points: list[Point]) -> Iterator[tuple[Point, Point]]:
    """Yield stretches of a line on paper that no point leaves by more than a hair."""
    begin = 0
    for end in range(2, len(points) + 1):
        if end == len(points) or not _straight(points, begin, end):
            yield points[begin], points[end - 1]
            begin = end - 1


def _straight(points: list[Point], begin: int, end: int) -> bool:
    (x1, y1), (x2, y2) = points[begin], points[end]
    length = hypot(x2 - x1, y2 - y1)
    if length == 0:
        return False
    return all(
        abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) <= _STRAIGHT_PT * length for x, y in points[begin + 1 : end]
    )


def draw_labels(axes: Any, labels: list[LineLabel]) -> None:
    """Write train numbers along their lines, on a thin white ground."""
    from matplotlib.patheffects import withStroke

    ground = [withStroke(linewidth=1.2, foreground="white")]
    for label in labels:
        axes.text(
            *label.at,
            label.text,
            rotation=label.angle,
            rotation_mode="anchor",
            ha="center",
            va="baseline",
            fontsize=LABEL_PT,
            color=label.colour,
            path_effects=ground,
            clip_on=True,
            zorder=4,
        )
