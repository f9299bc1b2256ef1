"""Local days, over which shares of time are counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from railcap.units import local, to_utc_s


def local_days(first: date, last: date, time_zone: str) -> Iterator[tuple[str, int, int]]:
    """Yield the days of a zone from one to another: ISO date, begin and end."""
    day = first
    while day <= last:
        yield day.isoformat(), to_utc_s(day, 0, time_zone), to_utc_s(day + timedelta(days=1), 0, time_zone)
        day += timedelta(days=1)


def days_around(from_s: int, until_s: int, time_zone: str) -> Iterator[tuple[str, int, int]]:
    """Yield the days of a zone in which the time between two moments lies."""
    last = max(from_s, until_s - 1)
    yield from local_days(local(from_s, time_zone).date(), local(last, time_zone).date(), time_zone)
