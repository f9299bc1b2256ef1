"""The horizontal axis of the drawings: local hours with day boundaries and dates. One unit is one hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from railcap.corridor.scenario import Scenario
from railcap.drawing.strokes import LABEL_PT, MINOR, TICK_PT, draw_grid, draw_ticks, hide_axis
from railcap.drawing.texts import Lift, OneText, write_texts
from railcap.errors import InputError, Issue
from railcap.planning.timetable import Timetable
from railcap.units import DAY_S, HOUR_S, local, to_utc_s

_LABEL_IN = 0.42  # what "00:00" needs
_HOUR_PT = 7.0
_MOST_DAYS = 100


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """From and until when (UTC seconds), and the zone whose clock is shown."""

    from_s: int
    until_s: int
    time_zone: str

    @property
    def hours(self) -> float:
        """Length of the axis."""
        return (self.until_s - self.from_s) / HOUR_S

    def x(self, time_s: int) -> float:
        """Return where a moment lies, in hours from the left."""
        return (time_s - self.from_s) / HOUR_S


def time_axis(first_s: int, last_s: int, time_zone: str) -> TimeAxis:
    """Return an axis of whole local hours around two moments; raises `InputError` for no time or too much of it."""
    if not 0 <= last_s - first_s <= _MOST_DAYS * DAY_S:
        message = f"the end must not be before the beginning, nor more than {_MOST_DAYS} days after it"
        issue = Issue("", "time to draw", f"{first_s} to {last_s}", message, "bad-time-range")
        raise InputError("the time to draw cannot be used", [issue])
    begin = first_s - _past_hour(first_s, time_zone)
    end = last_s + (HOUR_S - _past_hour(last_s, time_zone)) % HOUR_S
    return TimeAxis(begin, max(end, begin + HOUR_S), time_zone)


def timetable_span(scenario: Scenario, timetable: Timetable) -> tuple[int, int]:
    """Return when the first train takes its track and the last one leaves its own; without trains the first day."""
    first = min((path.calls[0].arrival_s for path in timetable.paths), default=scenario.begin_s)
    return first, max((path.calls[-1].departure_s for path in timetable.paths), default=scenario.begin_s + DAY_S)


def _past_hour(time_s: int, time_zone: str) -> int:
    moment = local(time_s, time_zone)
    return moment.minute * 60 + moment.second


def draw_time_axis(axes: Any, axis: TimeAxis, width_in: float, *, top: bool = True) -> None:
    """Draw hour grid, day boundaries and labels at the bottom, hours and dates again at the top."""
    step = _label_step(axis.hours, width_in)
    axes.set_xlim(0, axis.hours)
    hide_axis(axes.xaxis)
    hours = list(_hours(axis, axis.time_zone))
    labelled = [(x, moment) for x, moment in hours if moment.hour % step == 0]
    between = [x for x, moment in hours if moment.hour % step]
    draw_grid(axes, [x for x, _ in labelled], "x", "#B8B8B8", 0.5)
    if axis.hours / width_in < 12:
        draw_grid(axes, between, "x", "#DDDDDD", 0.35)
    for edge in ("bottom", "top") if top else ("bottom",):
        draw_ticks(axes, [x for x, _ in labelled], edge)
        draw_ticks(axes, between, edge, width=MINOR)
    _draw_hours(axes, labelled, "bottom", "black")
    days = list(_days(axis, axis.time_zone))
    for begin, _, _ in days:
        if begin > 0:
            axes.axvline(begin, color="#444444", linewidth=1.2, zorder=0.9)
    for begin, end, text in days:
        if (end - begin) / axis.hours * width_in > 0.9:
            _date_label(axes, (begin + end) / 2, 0, -19, text, "top")


def draw_other_clock(axes: Any, axis: TimeAxis, width_in: float, time_zone: str) -> None:
    """Draw the hours of a zone along the top: another zone, or the axis's own once more."""
    step = _label_step(axis.hours, width_in)
    labelled = [(x, moment) for x, moment in _hours(axis, time_zone) if moment.hour % step == 0]
    colour = "black" if time_zone == axis.time_zone else "#7B1FA2"
    draw_ticks(axes, [x for x, _ in labelled], "top", colour)
    _draw_hours(axes, labelled, "top", colour)
    for begin, end, text in _days(axis, time_zone):
        if (end - begin) / axis.hours * width_in > 0.9:
            _date_label(axes, (begin + end) / 2, 1, 17, text, "bottom", colour)


def zone_text(time_s: int, time_zone: str) -> str:
    """Return a zone with its offset: ``Asia/Kabul (UTC+04:30)``."""
    offset = local(time_s, time_zone).strftime("%z")
    return f"{time_zone} (UTC{offset[:3]}:{offset[3:5]})"


def clocks_text(axis: TimeAxis, other_zone: str) -> str:
    """Return which clock stands at the bottom, and which along the top if that is another zone's."""
    text = f"Local time of {zone_text(axis.from_s, axis.time_zone)}"
    if other_zone != axis.time_zone:
        text += f"; along the top that of {zone_text(axis.from_s, other_zone)}"
    return text


def date_text(day: date) -> str:
    """Return a day as drawings show it: ``Mon 2 Mar 2026``."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def span_text(axis: TimeAxis) -> str:
    """Return from when to when an axis reaches; of a whole day its date alone."""
    begin, end = (local(moment, axis.time_zone) for moment in (axis.from_s, axis.until_s))
    midnight = f"{end:%H:%M}" == "00:00"
    last = (end - timedelta(days=midnight)).date()
    if midnight and f"{begin:%H:%M}" == "00:00":
        return date_text(last) if last == begin.date() else f"{date_text(begin.date())} to {date_text(last)}"
    day = "" if last == begin.date() else f"{date_text(last)} "
    return f"{date_text(begin.date())} {begin:%H:%M} to {day}{'24:00' if midnight else f'{end:%H:%M}'}"


def _draw_hours(axes: Any, labelled: Sequence[tuple[float, Any]], edge: Literal["bottom", "top"], colour: str) -> None:
    y, up = (0.0, -1) if edge == "bottom" else (1.0, 1)
    lift: Lift = "top" if edge == "bottom" else "bottom"
    shift = 0.0, up * (TICK_PT + LABEL_PT)
    texts = [OneText(f"{moment:%H:%M}", (x, y), _HOUR_PT, colour, lift=lift, shift=shift) for x, moment in labelled]
    write_texts(axes, texts, zorder=1.5, transform=axes.get_xaxis_transform())


def _date_label(axes: Any, x: float, y: float, points: float, text: str, align: str, colour: str = "black") -> None:
    axes.annotate(
        text,
        (x, y),
        xycoords=("data", "axes fraction"),
        xytext=(0, points),
        textcoords="offset points",
        ha="center",
        va=align,
        fontsize=9,
        fontweight="bold",
        color=colour,
        annotation_clip=False,
    )


def _label_step(hours: float, width_in: float) -> int:
    for step in (1, 2, 3, 4, 6, 12):
        if hours / step * _LABEL_IN <= width_in:
            return step
    return 24


def _hours(axis: TimeAxis, time_zone: str) -> Iterator[tuple[float, Any]]:
    """Yield every full local hour: where it lies and its clock."""
    time_s = axis.from_s + (HOUR_S - _past_hour(axis.from_s, time_zone)) % HOUR_S
    while time_s <= axis.until_s:
        yield axis.x(time_s), local(time_s, time_zone)
        time_s += HOUR_S


def _days(axis: TimeAxis, time_zone: str) -> Iterator[tuple[float, float, str]]:
    """Yield every local day: where it begins and ends on the axis, and its date."""
    day = local(axis.from_s, time_zone).date()
    while (begin := to_utc_s(day, 0, time_zone)) < axis.until_s:
        end = to_utc_s(day + timedelta(days=1), 0, time_zone)
        yield axis.x(max(begin, axis.from_s)), axis.x(min(end, axis.until_s)), date_text(day)
        day += timedelta(days=1)
