"""The cells of tables: from text to values and back, each way exact; a cell that cannot be read says what would be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from railcap.corridor.validate_fault import did_you_mean
from railcap.units import DAY_S, local, to_utc_s

_WHOLE_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = tuple(day[:3] for day in _WHOLE_DAYS)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)$")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+$")
_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?([+-]\d{1,2})?$")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?\s*(Z|[+-]\d{2}:\d{2})?$")

_FRACTION = re.compile(r"(0?\.\d+|[1-9]\d{4}(\.\d+)?)$")
_TWELVE_HOURS = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*([AaPp])\.?[Mm]\.?$")
_SLASH_DATE = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b")


class CellError(ValueError):
    """A cell that cannot be read; the message says what would be right."""

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(message)


def number(text: str) -> float:
    """Read a decimal number; a comma is read as a decimal point where that cannot be a mistake."""
    if _DECIMAL_COMMA.match(text) and len(text.rpartition(",")[2]) != 3:
        text = text.replace(",", ".")
    if not _NUMBER.match(text):
        hint = ", without separators between thousands" if "," in text else ""
        raise CellError(f"this is not a number; write it like 12 or 12.5{hint}", "not-a-number")
    return float(text)


def whole(text: str) -> int:
    """Read a whole number."""
    value = number(text)
    if value != int(value):
        raise CellError("this is not a whole number", "not-a-number")
    return int(value)


def minutes(text: str) -> int:
    """Read minutes, to the nearest second; return seconds."""
    return round(number(text) * 60)


def kilometres(text: str) -> int:
    """Read kilometres, to the nearest metre; return metres."""
    return round(number(text) * 1000)


def flag(text: str) -> bool:
    """Read ``yes`` or ``no``."""
    word = text.lower()
    if word in ("yes", "true", "1"):
        return True
    if word in ("no", "false", "0"):
        return False
    raise CellError("this is neither yes nor no", "unknown-word")


def one_of(words: Iterable[str]) -> Callable[[str], str]:
    """Return a reader of one of some words."""
    known = tuple(words)

    def read(text: str) -> str:
        if text.lower() not in known:
            near = did_you_mean(text.lower(), known) if len(known) > 2 else f"; write {' or '.join(known)}"
            raise CellError(f"this word is not known here{near}", "unknown-word")
        return text.lower()

    return read


def words(text: str) -> tuple[str, ...]:
    """Read ids joined by spaces."""
    return tuple(text.split())


def joined(text: str) -> tuple[str, ...]:
    """Read ids joined by ``+``."""
    parts = tuple(part.strip() for part in text.split("+"))
    if not all(parts):
        raise CellError("an id is missing here; write ids joined by + without one at the ends", "missing-value")
    return parts


def gauges(text: str) -> frozenset[int]:
    """Read gauges in millimetres, joined by ``+``."""
    parts = [part.strip() for part in text.split("+")]
    if not all(re.fullmatch(r"\d{1,5}", part) for part in parts):
        raise CellError("this is not a gauge in mm; write 1676, or 1520+1676 for several", "not-a-gauge")
    return frozenset(int(part) for part in parts)


def day(text: str) -> date:
    """Read a date."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise CellError(f"this is not a date; write it like 2026-03-02{_excel_hint(text)}", "not-a-date") from None


def time_of_day(text: str) -> int:
    """Read ``HH:MM[:SS][+N]``; return seconds after the midnight of the day, beyond 24 h with ``+N`` days."""
    seconds = window_time(text)
    if seconds < 0:
        message = (
            "nothing begins before its own day: write the time alone, and choose the day by weekdays or dates; only "
            "windows of arrival and departure may lie on a day before, as 23:30-1"
        )
        raise CellError(message, "day-before")
    return seconds


def window_time(text: str) -> int:
    """Read ``HH:MM[:SS][+N]`` or ``-N``: as `time_of_day`, or so many days before; below 0 then."""
    match = _TIME_OF_DAY.match(text)
    hour, minute, second, days = (int(part or 0) for part in match.groups()) if match else (99, 0, 0, 0)
    if minute > 59 or second > 59 or hour * 3600 + minute * 60 + second > DAY_S:
        message = f"this is not a time of day; write it like 06:30, or 06:30+1 for the next day{_excel_hint(text)}"
        raise CellError(message, "not-a-time")
    return days * DAY_S + hour * 3600 + minute * 60 + second


def _excel_hint(text: str) -> str:
    """Return what a cell means that a spreadsheet has put into a form of its own; empty for any other text."""
    means = ""
    if _FRACTION.match(text):
        minutes_of_day = round(float(text) % 1 * 1440) % 1440
        means = f"number for a day or a time, here {minutes_of_day // 60:02d}:{minutes_of_day % 60:02d}"
    elif twelve := _TWELVE_HOURS.match(text):
        hour = int(twelve[1]) % 12 + (12 if twelve[3].lower() == "p" else 0)
        means = f"12-hour clock, here {hour:02d}:{twelve[2]}"
    elif _SLASH_DATE.match(text):
        means = "form of a date, in which day and month may be mistaken for each other"
    return f". This looks like Excel's {means}; format the cells as text first" if means else ""


def is_moment(text: str) -> bool:
    """Return whether a text has the form of a moment, not of a time of day."""
    return _MOMENT.match(text) is not None


def moment_in(zone_name: str) -> Callable[[str], int]:
    """Return a reader of ``YYYY-MM-DD HH:MM[:SS]``, local in a zone unless an offset such as ``+05:00`` follows."""

    def read(text: str) -> int:
        match = _MOMENT.match(text)
        if match is None:
            raise CellError(f"this is not a moment; write it like 2026-03-02 06:30{_excel_hint(text)}", "not-a-moment")
        date_text, hour, minute, second, offset = match.groups()
        on = day(date_text)
        of_day = time_of_day(f"{hour}:{minute}:{second or '00'}")
        if offset is None:
            try:
                time_s = to_utc_s(on, of_day, zone_name)
                wall = datetime(on.year, on.month, on.day) + timedelta(seconds=of_day)
                there = local(time_s, zone_name).replace(tzinfo=None)
            except (OverflowError, ValueError):
                raise CellError("this value is out of every bound", "out-of-range") from None
            if there != wall:
                shown = local(time_s, zone_name).strftime("%H:%M")
                message = f"this time does not exist on {on}: the clocks of {zone_name} skip it; is {shown} meant?"
                raise CellError(message, "skipped-by-clocks")
            return time_s
        midnight = int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp())
        return midnight + of_day - _offset_s(offset)

    return read


def _offset_s(text: str) -> int:
    if text == "Z":
        return 0
    size = int(text[1:3]) * 3600 + int(text[4:6]) * 60
    return -size if text[0] == "-" else size


def weekdays(text: str) -> frozenset[int]:
    """Read days of the week: ``mon-sun``, ``mon wed fri``, ``sat-mon``; commas, ``+`` or ``/`` may join them too."""
    found: set[int] = set()
    for part in re.split(r"[\s,;+/]+", re.sub(r"\s*[-\u2013]\s*", "-", text.lower()).strip(",;+/ ")):
        first, dash, last = part.partition("-")
        numbers = [_weekday(first), _weekday(last) if dash else _weekday(first)]
        found.update((numbers[0] + step) % 7 for step in range((numbers[1] - numbers[0]) % 7 + 1))
    return frozenset(found)


def _weekday(word: str) -> int:
    short = "wed" if word == "weds" else word.removesuffix(".")
    name = next((day for day in _WHOLE_DAYS if len(short) >= 3 and day.startswith(short)), None)
    if name is None:
        raise CellError(
            f"{word!r} is not a day of the week; write mon tue wed thu fri sat sun, or mon-fri", "unknown-word"
        )
    return _WHOLE_DAYS.index(name)


def write_number(value: float) -> str:
    """Write a number, exactly and without an exponent."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_minutes(seconds: int) -> str:
    """Write seconds as minutes; two decimals are enough to read the second back."""
    return write_number(round(seconds / 60, 2)) if seconds % 60 else str(seconds // 60)


def write_kilometres(metres: int) -> str:
    """Write metres as kilometres."""
    return write_number(metres / 1000)


def write_flag(value: bool) -> str:
    """Write ``yes`` or ``no``."""
    return "yes" if value else "no"


def write_gauges(value: Iterable[int]) -> str:
    """Write gauges joined by ``+``."""
    return "+".join(str(gauge) for gauge in sorted(value))


def write_time_of_day(seconds: int) -> str:
    """Write seconds after midnight as ``HH:MM[:SS][+N]``, before it with ``-N``."""
    days, rest = divmod(seconds, DAY_S)
    text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}"
    if rest % 60:
        text += f":{rest % 60:02d}"
    return f"{text}{days:+d}" if days else text


def write_moment(time_s: int, zone_name: str) -> str:
    """Write a moment in local time; with its offset where the clock shows the same time twice."""
    moment = local(time_s, zone_name)
    text = moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")
    if moment_in(zone_name)(text) == time_s:
        return text
    shift = moment.utcoffset() or timedelta()
    sign, size = ("-", -shift) if shift < timedelta() else ("+", shift)
    return f"{text}{sign}{size // timedelta(hours=1):02d}:{size // timedelta(minutes=1) % 60:02d}"


def write_weekdays(value: Iterable[int]) -> str:
    """Write days of the week, all seven as ``mon-sun``, and three or more in a row as a range."""
    left = sorted(set(value))
    parts = []
    while left:
        count = 1
        while count < len(left) and left[count] == left[0] + count:
            count += 1
        run, left = left[:count], left[count:]
        if count >= 3:
            parts.append(f"{DAYS[run[0]]}-{DAYS[run[-1]]}")
        else:
            parts += [DAYS[one] for one in run]
    return " ".join(parts)
