"""The events of a timetable and what each of them waits for, in an order in which they can be worked out.

Trains come, depart, enter blocks, arrive and begin steps of processes. An event takes place when all that it waits for
is there: the train's own event before and the least time from there, events of other trains that come first on a
track, in a block or on the way into a station, an opening, and never before its planned time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from railcap.measures.robustness.delay_table import DelayKind, DelayRow
from railcap.planning.timetable import TrainPath

Interval = tuple[int, int]

NONE = -1
"""No event, or no primary delay."""


class Act(StrEnum):
    """What happens."""

    COME = "comes onto its track"
    DEPART = "departs"
    BLOCK = "enters a block"
    ARRIVE = "arrives"
    STEP = "begins a step"
    LEAVE = "leaves its track"


class Cause(StrEnum):
    """What makes an event wait for another train, or for an opening."""

    MEET = "meet"
    PASS = "pass"
    OPPOSING = "opposing train"
    AHEAD = "train ahead"
    RECEPTION = "arrivals apart"
    TRACK = "station track"
    QUEUE = "queue"
    LINK = "link"
    BANKER = "banker"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Handover:
    """Where one train may pass delay on to another, or a closed time adds to it.

    Parameters
    ----------
    place : str
        Id of a station; of a section where the cause is a train ahead or its closure; of a yard resource or a banker.
    first, second : str
        The trains: of a meet or pass the one that is there first, and the other (either may pass delay on to the
        other); else `second` waits for `first`, which is empty where it is not one train alone.
    buffer_s : int
        The least time between the two in the timetable beyond what is needed; of closed time, until that begins.
    """

    cause: Cause
    place: str
    first: str
    second: str
    buffer_s: int = 0


@dataclass(frozen=True, slots=True)
class PrimaryDelay:
    """What may befall a train by itself.

    Parameters
    ----------
    train : int
        Number of its path.
    name : tuple of str
        What the numbers are drawn for: kind, train, place.
    cap_s : int or None
        Longer it cannot be, as no opening is long enough.
    """

    kind: DelayKind
    train: int
    name: tuple[str, ...]
    row: DelayRow
    cap_s: int | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before an event of another train, and `lag_s` after it.

    Parameters
    ----------
    needed : bool
        Without that event, as the other train is withdrawn, this train is withdrawn as well.
    line, at : int
        The event is the one at that place of a line of the graph; where its train is withdrawn, the one before it in
        the line takes its part, and so on. `NONE`: there is no such line.
    """

    event: int
    lag_s: int
    handover: int
    needed: bool = False
    line: int = NONE
    at: int = NONE


@dataclass(frozen=True, slots=True)
class Shut:
    """Not so that what lasts `length_s`, and the primary delay if it has one, from the event on meets a closed time."""

    closed: tuple[Interval, ...]
    length_s: int
    delay: int
    handover: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Not before all but `rank - 1` of those that have given a pool back so far are done with it."""

    pool: int
    rank: int
    handover: int


@dataclass(frozen=True, slots=True)
class Give:
    """A train is done with a pool `length_s` after the event, and the primary delay if it has one."""

    pool: int
    length_s: int
    delay: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a train does.

    Parameters
    ----------
    train, place : int
        Number of the path, and of the call (of a block, of the call before).
    planned_s : int
        When, by the timetable, in UTC seconds.
    before : int
        The train's event before, `NONE` if this is its first.
    least_s : int
        The least time from there, without primary delays.
    delay : int
        The primary delay that prolongs that time, `NONE` if there is none.
    """

    train: int
    place: int
    act: Act
    planned_s: int
    before: int = NONE
    least_s: int = 0
    delay: int = NONE
    waits: tuple[Wait, ...] = ()
    shuts: tuple[Shut, ...] = ()
    asks: tuple[Ask, ...] = ()
    gives: tuple[Give, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A train over a section track.

    Parameters
    ----------
    track : int
        Number of the section track.
    back : bool
        Whether it goes from the section's end to its start.
    marks : tuple of int
        The events of entering each block, and of arriving.
    follow_s, cross_s : int
        How long after a train of the same direction has left a block, and after an opposing train has arrived.
    """

    track: int
    back: bool
    marks: tuple[int, ...]
    follow_s: int
    cross_s: int


@dataclass(frozen=True, slots=True)
class Coming:
    """An arrival, kept `apart_s` from those at the same station that come by another way, a number of the section."""

    event: int
    station: int
    way: int
    apart_s: int


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A train that has one of a pool from an event until `length_s`, and the primary delay, after another one.

    Parameters
    ----------
    rank : int
        In the order of the timetable, of those that have given the pool back before all but ``rank - 1`` must be done.
    """

    pool: int
    take: int
    end: int
    length_s: int
    delay: int
    rank: int


@dataclass(frozen=True, slots=True)
class EventGraph:
    """All events, each after everything that it waits for.

    Parameters
    ----------
    lines : tuple of tuple of int
        Events of trains that follow each other, such as those that leave a block in one direction.
    arrivals : tuple of int
        The event of each train's arrival at its destination.
    pools : tuple of int
        Of like station tracks, yard resources and bankers' engines, how many trains each has room for at a time.
    runs, comings, uses : tuple of Run, Coming and PoolUse
        All that trains have the line, the ways into stations and the pools for: what any order of theirs must respect.
    """

    paths: tuple[TrainPath, ...]
    events: tuple[Event, ...]
    delays: tuple[PrimaryDelay, ...]
    handovers: tuple[Handover, ...]
    pools: tuple[int, ...]
    lines: tuple[tuple[int, ...], ...]
    arrivals: tuple[int, ...]
    runs: tuple[Run, ...] = ()
    comings: tuple[Coming, ...] = ()
    uses: tuple[PoolUse, ...] = ()
