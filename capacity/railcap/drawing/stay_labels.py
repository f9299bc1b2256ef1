"""Which train stands on a station track and for how long: in its bar of a chart, or beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from railcap.drawing.colours import ink, ink_on
from railcap.drawing.texts import Align, OneText
from railcap.drawing.time_axis import TimeAxis
from railcap.drawing.train_names import TrainNames
from railcap.planning.timetable import TrainPath

_Span = tuple[float, float]

_IN_BAR_PT, _SMALL_PT = 6.0, 5.0
_LETTER = 0.62
"""Width of a letter, in its height."""


@dataclass(frozen=True, slots=True)
class StayLabel:
    """A train on a track, in hours along the axis: its bar, and the release time behind it."""

    begin: float
    end: float
    release: float
    name: str
    short: str
    colour: str

    def texts(self) -> Iterator[str]:
        """Yield what may be written, the best first."""
        minutes = f" {round((self.end - self.begin) * 3600) // 60}'"
        yield from dict.fromkeys((self.name + minutes, self.short + minutes, self.name, self.short))


def stay_label(
    names: TrainNames, path: TrainPath, time: TimeAxis, from_s: int, until_s: int, release_s: int
) -> StayLabel:
    """Return what is written for a train that stands for a time."""
    span = time.x(from_s), time.x(until_s), release_s / 3600
    return StayLabel(*span, names.name(path), names.short(path), names.colour(path))


def stay_texts(stays: Sequence[StayLabel], place: float, hours: float, points_per_hour: float) -> list[OneText]:
    """Return the trains of one track as texts in their bars; where a bar is too short, beside it up to the next one."""
    row = sorted(stays, key=lambda stay: (stay.begin, stay.end, stay.name))
    free_from = 0.0
    found = []
    for number, stay in enumerate(row):
        behind = stay.end + stay.release
        until = row[number + 1].begin if number + 1 < len(row) else hours
        if stay.end > stay.begin:
            gaps = (max(stay.begin, 0.0), min(stay.end, hours)), (behind, until), (free_from, stay.begin)
            if (label := _label(stay, place, gaps, points_per_hour)) is not None:
                text, end = label
                found.append(text)
                behind = max(behind, end)
        free_from = max(free_from, behind)
    return found


def _label(
    stay: StayLabel, place: float, gaps: Sequence[_Span], points_per_hour: float
) -> tuple[OneText, float] | None:
    """Return a label and where it ends, where it fits: in the bar, behind it, before it."""
    inside, behind, before = gaps
    for text in stay.texts():
        if (within := text_in_bar(text, inside, place, points_per_hour, ink_on(stay.colour))) is not None:
            return within, stay.end
        width = _width(text, _SMALL_PT)
        room = width / points_per_hour
        gap = 1.0 / points_per_hour
        if room <= behind[1] - behind[0]:
            return _text(behind[0] + gap, place, text, _SMALL_PT, "left", ink(stay.colour)), behind[0] + room
        if room <= before[1] - before[0]:
            return _text(before[1] - gap, place, text, _SMALL_PT, "right", ink(stay.colour)), stay.end
    return None


def text_in_bar(
    text: str, inside: _Span, place: float, points_per_hour: float, colour: str = "white"
) -> OneText | None:
    """Return a text in a bar from one hour to another; None where it does not fit."""
    for size in (_IN_BAR_PT, _SMALL_PT):
        if _width(text, size) <= (inside[1] - inside[0]) * points_per_hour:
            return _text((inside[0] + inside[1]) / 2, place, text, size, "center", colour)
    return None


def _width(text: str, size: float) -> float:
    return len(text) * _LETTER * size + 2


def _text(x: float, place: float, text: str, size: float, align: Align, colour: str) -> OneText:
    return OneText(text, (x, place), size, colour, align)
