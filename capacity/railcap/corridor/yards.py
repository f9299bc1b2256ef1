"""Border yards and what ties trains together: yard resources, processes of steps, links, bankers on a ramp."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class AtClose(Enum):
    """What closing time means for a step: it must have ended by then, or it must have begun."""

    FINISH = "finish"
    RUN_OVER = "run_over"


@dataclass(frozen=True, slots=True)
class YardResource:
    """What steps of a yard's processes need: staff, cranes, pairs of tracks; it serves `capacity` trains at a time."""

    id: str
    station: str
    capacity: int = 1
    at_close: AtClose = AtClose.FINISH
    note: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Hours in which a yard resource works, on `weekdays` (0 = Monday); an end before the begin is on the next day.

    `time_zone` empty: the station's. A resource has as many as it needs; one without any is always open.
    """

    resource: str
    from_of_day_s: int
    until_of_day_s: int
    weekdays: frozenset[int] = frozenset(range(7))
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class YardStep:
    """A step of a process: how long it takes, what it needs (empty: nothing) and on which tracks (none: on any)."""

    name: str
    duration_s: int
    per_wagon_s: int = 0
    resource: str = ""
    tracks: tuple[str, ...] = ()
    note: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class YardProcess:
    """A chain of steps that a stop may ask for. Without resources and tracks it can be asked for at any station."""

    id: str
    steps: tuple[YardStep, ...]


class LinkKind(Enum):
    """What ties two trains: passengers or goods that change, containers that are reloaded, or one rake for both."""

    CONNECTION = "connection"
    TRANSSHIPMENT = "transshipment"
    TURN_ROUND = "turn_round"


@dataclass(frozen=True, slots=True)
class TrainLink:
    """Ties the trains of two requests at a station, batch by batch (rules 20 to 22 of docs/model.md).

    Parameters
    ----------
    first, second : str
        Requests, ``request/back`` for a way back: those whose trains bring, and those whose trains take away.
    first_count, second_count : int
        Trains in a batch.
    days_later : int
        From the day of the first trains to that of the second ones; below 0 to a day before.
    least_s, longest_s : int, int or None
        Time between them.
    refuse : bool
        Whether a second train is refused if one of its first trains is; else it runs without.
    station : str
        Empty: where the first ends and the second begins. Only a connection may name one on their way.
    """

    id: str
    kind: LinkKind
    first: str
    second: str
    first_count: int = 1
    second_count: int = 1
    days_later: int = 0
    least_s: int = 0
    longest_s: int | None = None
    refuse: bool = True
    station: str = ""
    note: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Banker:
    """Engines that help trains from one station to another, and come back light (rule 23 of docs/model.md).

    Parameters
    ----------
    start, end : str
        Stations between which an engine helps.
    train_types : frozenset of str
        The trains that need it.
    engines : int
        How many there are.
    engine_type : str
        The train type of a light engine.
    least_s, longest_s : int
        From the arrival of the train at the end to the departure of the light engine.
    """

    id: str
    start: str
    end: str
    train_types: frozenset[str]
    engine_type: str
    engines: int = 1
    least_s: int = 0
    longest_s: int = 3600
    note: str = ""
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class TiedTrains:
    """Two single trains that a link ties, by id."""

    link: TrainLink
    station: str
    first: str
    second: str
