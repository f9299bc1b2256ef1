"""Times, clocks and lengths: integer seconds from the epoch inside, local clocks at the edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86400


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Return the IANA time zone `name`; raises ``ZoneInfoNotFoundError`` (a ``KeyError``) or ``ValueError``."""
    return ZoneInfo(name)


def to_utc_s(day: date, seconds_of_day: int, zone_name: str) -> int:
    """Return the UTC epoch second of a local wall-clock time.

    `seconds_of_day` may exceed a day: 90000 is 01:00 on the next day. A wall-clock time that a daylight-saving step
    skips is read with the offset before the step; one that occurs twice is the first.
    """
    day = day + timedelta(days=seconds_of_day // DAY_S)
    rest = seconds_of_day % DAY_S
    local = datetime(day.year, day.month, day.day, rest // 3600, rest // 60 % 60, rest % 60, tzinfo=zone(zone_name))
    return int(local.timestamp())


def local(time_s: int, zone_name: str) -> datetime:
    """Return the local wall-clock time of a UTC epoch second, with its zone."""
    return datetime.fromtimestamp(time_s, UTC).astimezone(zone(zone_name))


def clock(time_s: int, zone_name: str) -> str:
    """Return ``HH:MM`` (``HH:MM:SS`` where seconds are not zero) in local time."""
    moment = local(time_s, zone_name)
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def stamp(time_s: int, zone_name: str) -> str:
    """Return ``YYYY-MM-DD HH:MM`` (with seconds where not zero) in local time."""
    moment = local(time_s, zone_name)
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")


def duration(seconds: int) -> str:
    """Return a duration as ``H:MM`` (``H:MM:SS`` where seconds are not zero), with a sign if negative."""
    sign = "-" if seconds < 0 else ""
    seconds = abs(seconds)
    text = f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text


def round_up(value: float, step: int) -> int:
    """Return `value` rounded up to a multiple of `step`, forgiving floating-point dust below a millionth."""
    return int(-((-(value - 1e-6)) // step)) * step if value > 0 else 0
