"""Trains as lines of a train graph, and their numbers where there is room along them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, sin
from typing import Any

from railcap.drawing.colours import ink
from railcap.drawing.line_axis import LineAxis
from railcap.drawing.texts import GROUND_ALPHA, GROUND_PT, OneText, write_texts
from railcap.drawing.time_axis import TimeAxis
from railcap.measures.names import train_label
from railcap.planning.timetable import TrainPath

Point = tuple[float, float]

LABEL_PT = 6.5
_LETTER_PT = 0.62 * LABEL_PT
_EVERY_PT = 450.0  # a train's number comes again after about so much of its line
_LEAST_APART_PT = 150.0
_CELL_PT = 0.75 * LABEL_PT
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


def cut(piece: list[Point], hours: float) -> list[Point]:
    """Return what of a line lies between the left edge of a drawing and the right one; nothing if that is no line."""
    found: list[Point] = []
    for one, other in pairwise(piece):
        if other[0] >= 0 and one[0] <= hours:
            found += [_at_edge(one, other, hours), _at_edge(other, one, hours)]
    thinned = _thinned(found)
    return thinned if len(thinned) > 1 else []


def _at_edge(point: Point, other: Point, hours: float) -> Point:
    """Return a point, or where the way from there to another one comes over the edge."""
    x = min(max(point[0], 0.0), hours)
    if x == point[0]:
        return point
    return x, point[1] + (other[1] - point[1]) * (x - point[0]) / (other[0] - point[0])


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


@dataclass(frozen=True, slots=True)
class _Run:
    """A straight stretch of a train's line on paper, and how much of the line lies before it."""

    begin: Point
    end: Point
    before: float
    length: float


class LabelPlacer:
    """Gives train numbers room along their lines, so that none lies on another number or on another train's line."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._taken: set[tuple[int, int]] = set()
        self._lines: dict[tuple[int, int], set[str]] = defaultdict(set)

    def keep_off(self, path: TrainPath, pieces: list[list[Point]]) -> None:
        """Keep numbers of other trains off this train's line; to be told of all trains before the first `place`."""
        for piece in pieces:
            points = [self._paper.on_paper(point) for point in piece]
            for (x1, y1), (x2, y2) in pairwise(points):
                count = int(hypot(x2 - x1, y2 - y1) // (_CELL_PT / 2)) + 1
                for number in range(count + 1):
                    share = number / count
                    self._lines[_cell(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)].add(path.train)

    def place(self, path: TrainPath, pieces: list[list[Point]], colour: str, name: str = "") -> Iterator[LineLabel]:
        """Yield the labels of one train, the first near its origin, the last near its end; none without room."""
        full = name or train_label(path)
        short = full if path.number else full.rpartition(" ")[2]
        for text in dict.fromkeys((full, short)):
            found = [label for piece in pieces for label in self._along(path.train, text, piece, colour)]
            if found:
                yield from found
                return

    def _along(self, train: str, text: str, piece: list[Point], colour: str) -> Iterator[LineLabel]:
        """Yield labels along a piece: at its ends and now and then between, each in the nearest free place."""
        needed = len(text) * _LETTER_PT + 4
        runs = list(_runs([self._paper.on_paper(point) for point in piece]))
        total = sum(run.length for run in runs)
        # Stretches where the train stands have no number: it would lie along the line of the station. Nor have the
        # very ends of the line: the edge of the drawing would cut it.
        least, most = needed / 2 + LABEL_PT, total - needed / 2 - LABEL_PT
        places = [
            (run.before + middle, run, middle)
            for run in runs
            if run.length >= needed and run.begin[1] != run.end[1]
            for middle in _middles(run.length, needed)
            if least <= run.before + middle <= most
        ]
        gaps = max(1, round(total / _EVERY_PT))
        targets = [total * number / gaps for number in range(gaps + 1)]
        apart = max(_LEAST_APART_PT, 4 * needed)
        done: list[float] = []
        for target in (targets[0], *targets[:0:-1]):
            free = [one for one in places if all(abs(one[0] - at) >= apart for at in done)]
            for at, run, middle in sorted(free, key=lambda one: abs(one[0] - target)):
                label = self._fit(train, text, run, middle, needed, colour)
                if label is not None:
                    done.append(at)
                    yield label
                    break

    def _fit(self, train: str, text: str, run: _Run, from_begin: float, needed: float, colour: str) -> LineLabel | None:
        angle = atan2(run.end[1] - run.begin[1], run.end[0] - run.begin[0])
        along = cos(angle), sin(angle)
        aside = -along[1], along[0]
        middle = run.begin[0] + along[0] * from_begin, run.begin[1] + along[1] * from_begin
        for ups, anchor_up in (((2.2, 2.2 + LABEL_PT * 0.8), 1.8), ((-2.2, -2.2 - LABEL_PT * 0.8), -1.0 - LABEL_PT)):
            spines = [(middle[0] + aside[0] * up, middle[1] + aside[1] * up) for up in ups]
            cells = self._free_cells(train, spines, along, needed)
            if cells is None:
                continue
            self._taken |= cells
            anchor = middle[0] + aside[0] * anchor_up, middle[1] + aside[1] * anchor_up
            return LineLabel(text, self._paper.off_paper(anchor), degrees(angle), colour)
        return None

    def _free_cells(
        self, train: str, middles: Sequence[Point], along: Point, needed: float
    ) -> set[tuple[int, int]] | None:
        """Return the cells that a label takes along lines with these middles; None if one of them is not free."""
        cells = set()
        for step in _steps(needed):
            for x, y in middles:
                cell = _cell(x + along[0] * step, y + along[1] * step)
                if cell in self._taken or (cell in self._lines and self._lines[cell] - {train}):
                    return None
                cells.add(cell)
        return cells


def _runs(points: list[Point]) -> Iterator[_Run]:
    before = 0.0
    for begin, end in _straight_runs(points):
        length = hypot(end[0] - begin[0], end[1] - begin[1])
        yield _Run(begin, end, before, length)
        before += length


def _middles(length: float, needed: float) -> Iterator[float]:
    """Yield where the middle of a label may lie on a stretch."""
    count = min(40, int((length - needed) // (needed / 3)) + 1)
    for number in range(count + 1):
        yield needed / 2 + (length - needed) * number / count


def _cell(x: float, y: float) -> tuple[int, int]:
    return int(x // _CELL_PT), int(y // _CELL_PT)


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


GROUND: dict[str, Any] = {"facecolor": "white", "alpha": GROUND_ALPHA, "linewidth": 0, "pad": GROUND_PT}
"""The box behind a text that stands on lines and shades."""


def draw_labels(axes: Any, labels: list[LineLabel]) -> None:
    """Write train numbers along their lines, which stay above the boxes of the numbers."""
    texts = [
        OneText(label.text, label.at, LABEL_PT, ink(label.colour), lift="baseline", angle=label.angle)
        for label in labels
    ]
    write_texts(axes, texts, zorder=2.4, clip=True, ground=True)
