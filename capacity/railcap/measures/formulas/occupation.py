"""How long trains hold a part of the line: blocking time, union of reservations, compression of a few trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from railcap.errors import Issue
from railcap.measures.formulas.quantities import (
    Blocks,
    Intervals,
    Metres,
    Proportion,
    Quantity,
    Seconds,
    SecondsList,
    Shape,
    Speed,
    TrainsPerHour,
    checked,
    refuse,
)
from railcap.measures.intervals import clipped, length, union
from railcap.units import HOUR_S

WholeSeconds = Annotated[int, Quantity("s", 1, 604_800, Shape.WHOLE)]


@dataclass(frozen=True, slots=True)
class Clearing:
    """Blocking time of a section.

    Parameters
    ----------
    blocking_s : float
        Time in which the section is not free for another train.
    trains_per_hour : float
        Trains of this kind that can follow each other through it.
    """

    blocking_s: Seconds
    trains_per_hour: TrainsPerHour


@dataclass(frozen=True, slots=True)
class Occupation:
    """Occupation of a resource by overlapping reservations.

    Parameters
    ----------
    occupied_share : float
        Time in which at least one reservation holds it, against the window.
    occupied_s : int
        That time.
    summed_s : int
        Sum of the reservations in the window, which counts overlaps again and again.
    """

    occupied_share: Proportion
    occupied_s: Annotated[int, Quantity("s")]
    summed_s: Annotated[int, Quantity("s")]


@dataclass(frozen=True, slots=True)
class Compression:
    """A compressed succession of trains.

    Parameters
    ----------
    cycle_s : int
        Occupancy time with the cycle closed: from the first train to its repeat, that of the others behind it.
    cycle_share : float
        The same against the window.
    open_s : int
        From the begin of the first train's blocking to the end of the last blocking.
    starts_s : tuple of int
        Begin of each train's first blocking, from that of the first train on.
    moved_s : tuple of int
        By how much each train is moved; above 0: later, since it was in conflict.
    critical_block : int
        The block, from 1, that keeps the repeat from coming earlier.
    """

    cycle_s: Annotated[int, Quantity("s")]
    cycle_share: Proportion
    open_s: Annotated[int, Quantity("s")]
    starts_s: SecondsList
    moved_s: SecondsList
    critical_block: int


@checked
def section_clearing(
    section_m: Metres,
    train_m: Metres,
    speed_kmh: Speed,
    release_s: Seconds,
    setup_s: Seconds = 0.0,
    approach_m: Metres = 0.0,
) -> Clearing:
    """Blocking time of a section at constant speed, and the trains that can follow each other.

    Parameters
    ----------
    section_m : float
        ``L``, length of the section.
    train_m : float
        ``l``, length of the train, which leaves the section with its end.
    speed_kmh : float
        ``v``, speed.
    release_s : float
        ``t_e``, time for releasing the section.
    setup_s : float
        ``t_a``, time for setting the route and for sighting the signal.
    approach_m : float
        ``L_a``, distance from the distant signal to the section.

    Raises
    ------
    InputError
        With every number out of range, and if the lengths are all zero.

    Notes
    -----
    blocking = t_a + (L_a + L + l) / v + t_e; trains per hour = 3600 / blocking.

    - The train runs through at constant speed; all trains are alike.

    References
    ----------
    Blocking times: Happel 1959; Pachl, Railway operation and control. Professional knowledge.
    """
    blocking = setup_s + (approach_m + section_m + train_m) / (speed_kmh / 3.6) + release_s
    if not blocking:
        message = "the blocking time is 0; give the length of the section or of the train"
        refuse("section_clearing", [Issue("", "section_m", "0", message, "out-of-range")])
    return Clearing(blocking, HOUR_S / blocking)


@checked
def occupation(reservations_s: Intervals, window_s: WholeSeconds) -> Occupation:
    """Occupation of a station track, a route or another resource of a node: union of its reservations.

    Parameters
    ----------
    reservations_s : sequence of (int, int)
        ``reservations``, begin and end of each reservation, from the begin of the window.
    window_s : int
        ``W``, length of the window.

    Raises
    ------
    InputError
        With every number out of range, and every interval that ends before it begins.

    Notes
    -----
    occupied = length of the union of the reservations within the window; share = occupied / W.

    - Where reservations overlap, as those of routes that exclude each other do, the time counts once.
    - What lies outside the window does not count.

    References
    ----------
    UIC Code 406, 2nd edition, 2013, compression of a node: intervals are united, not added. Professional knowledge.
    """
    window = int(window_s)
    cut = [interval for begin, end in reservations_s for interval in clipped([(int(begin), int(end))], 0, window)]
    occupied = length(union(cut))
    return Occupation(occupied / window, occupied, length(cut))


@checked
def compression(blocking_s: Blocks, window_s: WholeSeconds) -> Compression:
    """Compression of a few trains by their blocking times: occupancy time, open and with the cycle closed.

    Parameters
    ----------
    blocking_s : sequence of sequence of (int, int) or None
        ``blocking``, for each train, in their order, begin and end of its blocking of every block of the line section;
        nothing for a block that it does not use.
    window_s : int
        ``W``, length of the window.

    Raises
    ------
    InputError
        With every number out of range, trains with different numbers of blocks, and trains that use none.

    Notes
    -----
    Each train is moved as a whole until, on one block at least, its blocking begins where that of a train before it
    ends; occupancy = the longest time, over all blocks, from the first begin to the last end on a block, so that all
    can be repeated behind each other.

    - Order, running times, dwells and meets are those of the timetable.
    - A train in the opposite direction has its blocks in the same columns.
    - No train begins before the first one does.

    References
    ----------
    UIC Code 406, 2nd edition, 2013. Professional knowledge.
    """
    refuse("compression", _block_issues(blocking_s))
    first: dict[int, int] = {}
    free: dict[int, int] = {}
    starts: list[int] = []
    moved: list[int] = []
    origin = _begin(blocking_s[0])
    for train in blocking_s:
        used = _used(train)
        earliest = origin - _begin(train)
        shift = max([earliest, *(free[at] - begin for at, begin, _ in used if at in free)])
        starts.append(shift - earliest)
        moved.append(shift)
        first = {at: begin + shift for at, begin, _ in used} | first
        free |= {at: end + shift for at, _, end in used}
    cycle, block = max((free[at] - first[at], -at) for at in free)
    return Compression(cycle, cycle / window_s, max(free.values()) - origin, tuple(starts), tuple(moved), 1 - block)


def _used(train: Sequence[tuple[int, int] | None]) -> list[tuple[int, int, int]]:
    """Return the blocks that a train uses: place, begin, end."""
    return [(at, int(block[0]), int(block[1])) for at, block in enumerate(train) if block is not None]


def _begin(train: Sequence[tuple[int, int] | None]) -> int:
    return min(begin for _, begin, _ in _used(train))


def _block_issues(blocking: Blocks) -> list[Issue]:
    blocks = len(blocking[0])
    return [
        Issue("", f"blocking_s, train {place}", "", message, "wrong-length")
        for place, train in enumerate(blocking, 1)
        for message in (
            f"{len(train)} blocks stand here, {blocks} with the first train" if len(train) != blocks else "",
            "this train uses no block" if not _used(train) else "",
        )
        if message
    ]
