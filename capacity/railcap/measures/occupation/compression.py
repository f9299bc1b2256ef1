"""Compression of a timetable by UIC 406: trains pushed together as far as they go, and the cycle closed.

Each train is moved as a whole: its running times, dwells and waits stay, and so do the order of the trains at every
place and with it their meets and passes (UIC Code 406, 2nd edition, 2013). How far a train can be moved is a longest
path over the pairs of trains that follow each other somewhere. A valid timetable has a buffer of at least 0 on each
pair, so that it is as well a shortest path over buffers, with no negative length (Dijkstra 1959): a train moves by the
least sum of buffers on any chain from the first train to it.

The occupancy is the shortest time in which the traffic can be repeated: the greatest mean length, per repeat, of any
closed chain of trains (a maximum cycle ratio; Goverde, Railway timetable stability analysis using max-plus system
theory, Transportation Research B 41, 2007). Where all trains run over the whole stretch one behind the other, that is
the time from the first train to its repeat after the last one; else the repeat of the first train alone could come too
soon for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np

from railcap.measures.occupation.separations import Separations, separations
from railcap.measures.occupation.uses import NONE, Ints, Place, Stretch
from railcap.planning.timetable import Call, Timetable, TrainPath


@dataclass(frozen=True, slots=True)
class Link:
    """Two trains of the chain that binds: at `place` the second comes as soon after the first as it may.

    `again`: the second is the repeat of that train.
    """

    first: str
    second: str
    place: Place
    again: bool


@dataclass(frozen=True, slots=True)
class Compression:
    """Trains of a stretch pushed together.

    Parameters
    ----------
    trains : tuple of str
        In the order in which they enter.
    moved_s : tuple of int
        How much later each of them is after it: 0 or less.
    begin_s : int
        When the first one enters; it stays.
    open_s, planned_open_s : int
        From then until the last train has gone, after and before.
    occupied_s : int
        From the first train to its repeat, the cycle closed, rounded up to whole seconds.
    chain : tuple of Link
        The closed chain of trains that binds: the occupancy is its length over the number of repeats in it.
    """

    trains: tuple[str, ...]
    moved_s: tuple[int, ...]
    begin_s: int
    open_s: int
    planned_open_s: int
    occupied_s: int
    chain: tuple[Link, ...]


def compress(stretch: Stretch) -> Compression:
    """Return the trains of a stretch pushed together; of a stretch without trains nothing.

    Raises
    ------
    InputError
        If trains are in conflict.
    """
    if not stretch.paths:
        return Compression((), (), 0, 0, 0, 0, ())
    begin_s = int(stretch.entry_s[0])
    pairs = separations(stretch)
    nearest = _Nearest(stretch.entry_s - begin_s, pairs)
    occupied_s, chain = _repeat_time(nearest, pairs)
    names = tuple(path.train for path in stretch.paths)
    return Compression(
        names,
        tuple((-nearest.buffer_s).tolist()),
        begin_s,
        int((stretch.leave_s - nearest.buffer_s).max()) - begin_s,
        int(stretch.leave_s.max()) - begin_s,
        occupied_s,
        tuple(
            Link(
                names[pairs.first[pair]],
                names[pairs.second[pair]],
                stretch.places[pairs.place[pair]],
                bool(pairs.again[pair]),
            )
            for pair in chain
        ),
    )


def compressed_timetable(timetable: Timetable, compression: Compression) -> Timetable:
    """Return the trains of a compression alone, moved as it says."""
    moved = dict(zip(compression.trains, compression.moved_s, strict=True))
    paths = tuple(moved_path(path, moved[path.train]) for path in timetable.paths if path.train in moved)
    return Timetable(timetable.scenario, paths)


def moved_path(path: TrainPath, by_s: int) -> TrainPath:
    """Return a train later by some seconds as a whole."""
    return replace(path, calls=tuple(_moved_call(call, by_s) for call in path.calls))


def _moved_call(call: Call, by_s: int) -> Call:
    steps = tuple(replace(step, begin_s=step.begin_s + by_s, end_s=step.end_s + by_s) for step in call.steps)
    return replace(call, arrival_s=call.arrival_s + by_s, departure_s=call.departure_s + by_s, steps=steps)


class _Nearest:
    """The least sum of buffers before each train, and the pair of trains that ends it.

    `buffer_s` is at most how much later than the first train it begins; `pair` is -1 where nothing but that counts.
    """

    def __init__(self, after_first_s: Ints, pairs: Separations) -> None:
        count = len(after_first_s)
        rows = np.flatnonzero(~pairs.again)
        rows = rows[np.argsort(pairs.first[rows], kind="stable")]
        bounds = np.searchsorted(pairs.first[rows], np.arange(count + 1)).tolist()
        second, buffers_s, numbers = pairs.second[rows].tolist(), (-pairs.least_s[rows]).tolist(), rows.tolist()
        least_s, pair = after_first_s.tolist(), [NONE] * count
        left = [(buffer_s, train) for train, buffer_s in enumerate(least_s)]
        heapify(left)
        while left:
            buffer_s, train = heappop(left)
            if buffer_s > least_s[train]:
                continue
            for at in range(bounds[train], bounds[train + 1]):
                reach_s = buffer_s + buffers_s[at]
                if reach_s < least_s[second[at]]:
                    least_s[second[at]], pair[second[at]] = reach_s, numbers[at]
                    heappush(left, (reach_s, second[at]))
        self.buffer_s: Ints = np.array(least_s, np.int64)
        self.pair: Ints = np.array(pair, np.int64)

    def closed_by(self, closing: int, pairs: Separations) -> list[int]:
        """Return the chain from a train to another one that a pair with its repeat closes; none if none leads there."""
        train, target = int(pairs.first[closing]), int(pairs.second[closing])
        found = [closing]
        while train != target and (pair := int(self.pair[train])) >= 0:
            found.append(pair)
            train = int(pairs.first[pair])
        return found[::-1] if train == target else []


def _repeat_time(nearest: _Nearest, pairs: Separations) -> tuple[int, list[int]]:
    """Return the shortest time in which the traffic can be repeated, in whole seconds, and the chain that binds."""
    again = np.flatnonzero(pairs.again)
    needed_s = pairs.least_s[again] - nearest.buffer_s[pairs.first[again]] + nearest.buffer_s[pairs.second[again]]
    known: tuple[int, list[int]] = (0, [])
    for tried, best in enumerate(np.argsort(-needed_s, kind="stable").tolist()):
        if chain := nearest.closed_by(int(again[best]), pairs):
            known = int(needed_s[best]), chain
            if not tried:
                return known  # repeated after that, the trains need not be moved any further
            break
    return _Cycles(nearest, pairs).longest(*known)


class _Cycles:
    """Looks for closed chains that take longer than a time, with what they take as the next time (Newton's method).

    For a time, trains are moved later (Bellman 1958, Ford 1956) until nothing asks for more, or until a chain that asks
    without an end is found.
    """

    def __init__(self, nearest: _Nearest, pairs: Separations) -> None:
        self._count = len(nearest.buffer_s)
        self._rows = np.argsort(pairs.second, kind="stable")
        self._first, self._second = pairs.first[self._rows], pairs.second[self._rows]
        self._again = pairs.again[self._rows].astype(np.int64)
        self._least_s = pairs.least_s[self._rows]
        new = np.append(True, self._second[1:] != self._second[:-1])
        self._begins, self._segment = np.flatnonzero(new), np.cumsum(new) - 1
        self._trains = self._second[self._begins]
        self._moved_s = -nearest.buffer_s

    def longest(self, repeat_s: int, chain: Sequence[int]) -> tuple[int, list[int]]:
        """Return the longest time and its chain, from a chain that takes `repeat_s`."""
        found = repeat_s, list(chain)
        while longer := self._longer(found[0]):
            total_s, repeats = int(self._least_s[longer].sum()), int(self._again[longer].sum())
            found = -(-total_s // repeats), self._rows[longer].tolist()
        return found

    def _longer(self, repeat_s: int) -> list[int]:
        """Return a closed chain that takes longer than a time, as places among the sorted pairs; none if none does."""
        moved_s = self._moved_s.copy()
        pair = np.full(self._count, NONE, np.int64)
        asked_s = self._least_s - repeat_s * self._again
        while True:
            reach_s = moved_s[self._first] + asked_s
            most_s = np.maximum.reduceat(reach_s, self._begins)
            later = most_s > moved_s[self._trains]
            if not later.any():
                return []
            at = np.flatnonzero(later[self._segment] & (reach_s == most_s[self._segment]))
            pair[self._second[at]] = at
            moved_s[self._trains[later]] = most_s[later]
            if (train := self._on_cycle(pair)) is not None:
                return self._cycle(pair, train)

    def _on_cycle(self, pair: Ints) -> int | None:
        """Return a train on a closed chain of pairs that ask for each other; None if there is none."""
        before = np.append(np.where(pair >= 0, self._first[pair], self._count), self._count)
        steps = 1
        while steps <= self._count:
            before = before[before]
            steps *= 2
        on_cycle = before[before < self._count]
        return int(on_cycle[0]) if len(on_cycle) else None

    def _cycle(self, pair: Ints, train: int) -> list[int]:
        found = [int(pair[train])]
        while (before := int(self._first[found[-1]])) != train:
            found.append(int(pair[before]))
        return found[::-1]
