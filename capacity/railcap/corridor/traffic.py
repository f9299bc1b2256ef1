"""What shall run: train types, path requests (also repeated ones) and paths that are fixed already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class TrainType:
    """A kind of train; supplements are added to a section's running time where the train starts or stops at an end."""

    id: str
    name: str
    category: str
    length_m: int
    speed_kmh: float
    gauge_mm: int
    start_supplement_s: int = 120
    stop_supplement_s: int = 60
    note: str = ""
    assumed: str = ""
    wagons: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop that must be made: least dwell, and windows as seconds after the local midnight of the departure day.

    Window seconds may exceed a day, or lie below 0 on a day before. They are those of the day's first train; for later
    trains of the day they are later by as much as these leave later. At the origin and destination the dwell is how
    long the train holds its track there before departure and after arrival. A stop with a `process` undergoes its
    steps, and has no dwell.
    """

    station: str
    dwell_s: int = 0
    arrive_from_s: int | None = None
    arrive_until_s: int | None = None
    depart_from_s: int | None = None
    depart_until_s: int | None = None
    process: str = ""


@dataclass(frozen=True, slots=True)
class PathRequest:
    """A row of the demand: one train, or one that repeats over the day and the week, in one direction or both.

    Parameters
    ----------
    departure_of_day_s : int
        Wished departure of the first train of the day at its origin, local time there.
    earlier_s, later_s : int
        How far a departure may move from the wished time.
    per_day, every_s : int
        Trains a day in each direction, and the time from one to the next.
    weekdays : frozenset of int
        Days of departure (0 = Monday).
    first_day, last_day : date or None
        The days between which it runs; None: all days of the scenario.
    both : bool
        Also a train back, from destination to origin, with the same times and the vias reversed.
    stops : mapping of str to Stop
        By station id; the key ``"*"`` stands for every station on the way, ends included.
    value : float
        Value points; refusing costs ``value * value_point_min``.
    """

    id: str
    train_type: str
    origin: str
    destination: str
    departure_of_day_s: int
    number: str = ""
    name: str = ""
    vias: tuple[str, ...] = ()
    both: bool = False
    earlier_s: int = 0
    later_s: int = 0
    per_day: int = 1
    every_s: int = 0
    weekdays: frozenset[int] = frozenset(range(7))
    first_day: date | None = None
    last_day: date | None = None
    stops: Mapping[str, Stop] = field(default_factory=dict)
    value: float = 50.0
    mandatory: bool = False
    longest_journey_s: int | None = None
    arrive_until_s: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class FixedCall:
    """A fixed path at one station, in UTC seconds; arrival equals departure where it passes."""

    station: str
    arrival_s: int
    departure_s: int
    track: str = ""


@dataclass(frozen=True, slots=True)
class FixedPath:
    """A train path that must stay exactly as it is. An empty track id leaves the track free."""

    id: str
    train_type: str
    calls: tuple[FixedCall, ...]
    number: str = ""


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """One train asked for: a path request on one day in one direction, in UTC seconds.

    `stops` holds absolute windows (UTC seconds) where it has any; the ``"*"`` stop is kept under that key.
    """

    id: str
    request: str
    number: str
    name: str
    train_type: str
    origin: str
    destination: str
    vias: tuple[str, ...]
    wished_departure_s: int
    earliest_departure_s: int
    latest_departure_s: int
    stops: Mapping[str, Stop]
    value: float
    mandatory: bool
    longest_journey_s: int | None = None
    latest_arrival_s: int | None = None
