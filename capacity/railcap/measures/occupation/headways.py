"""Minimum headways on a line section, by type and direction of the trains, and the buffers that a timetable has."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from railcap.measures.occupation.uses import NONE, Ints, Place, Stretch, legs_inside

_NEVER = np.iinfo(np.int64).min // 4


@dataclass(frozen=True, slots=True)
class TrainClass:
    """Trains of one type that run over a line section in one direction, from one of its ends or of its stations."""

    train_type: str
    entering: str
    leaving: str
    trains: int


@dataclass(frozen=True, slots=True)
class HeadwayMatrix:
    """Least times between the entries of two trains into a line section, by their classes, in seconds.

    ``minimum_s[i][j]`` is that of a train of class i and one of class j after it, each of them run as most trains of
    its class run here (if several ways are as frequent, the longest). Opposing trains enter at opposite ends.
    `mean_s` is the mean over all pairs of trains, as the shares of the classes make them (UIC Code 405, 1996).
    """

    classes: tuple[TrainClass, ...]
    minimum_s: tuple[tuple[int, ...], ...]
    mean_s: float


@dataclass(frozen=True, slots=True)
class Following:
    """Two trains that enter a line section one after the other.

    `place` is where they come nearest to the minimum: the critical block. None: nothing keeps them apart.
    """

    first: str
    second: str
    entry_s: int
    headway_s: int
    minimum_s: int
    place: Place | None

    @property
    def buffer_s(self) -> int:
        """Scheduled headway less minimum headway; below 0 it is a conflict."""
        return self.headway_s - self.minimum_s


def followings(stretch: Stretch) -> tuple[Following, ...]:
    """Return the trains of a stretch with the one that enters after each, in that order.

    On double track each track counts by itself.
    """
    profiles = _Profiles(stretch)
    pairs: list[tuple[int, int]] = []
    last: dict[str, int] = {}
    for train, path in enumerate(stretch.paths):
        track = path.legs[legs_inside(stretch, path)[0]].track
        if track in last:
            pairs.append((last[track], train))
        last[track] = train
    if not pairs:
        return ()
    first, second = np.array(pairs, np.int64).T
    minimum_s, places = profiles.minimum_s(first, second, planned=True)
    return tuple(
        Following(
            stretch.paths[one].train,
            stretch.paths[other].train,
            int(stretch.entry_s[other]),
            int(stretch.entry_s[other] - stretch.entry_s[one]),
            int(minimum_s[number]),
            None if places[number] < 0 else stretch.places[places[number]],
        )
        for number, (one, other) in enumerate(pairs)
    )


def headway_matrix(stretch: Stretch) -> HeadwayMatrix:
    """Return the minimum headways between the classes of trains that run over a stretch.

    The minimum headway of a train j behind i is the greatest, over the places that both have, of i's end less its entry
    plus the interval less j's begin there after its own entry, at least 0 (Hansen and Pachl 2014, chapter 2). A train
    that stops where it enters is taken to wait there for the one before it, and so to have arrived already.
    """
    profiles = _Profiles(stretch)
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for train, path in enumerate(stretch.paths):
        inside = legs_inside(stretch, path)
        ends = path.calls[inside[0]].station, path.calls[inside[-1] + 1].station
        groups[path.train_type, *ends].append(train)
    keys = sorted(groups)
    usual = np.array([profiles.usual(groups[key]) for key in keys], np.int64)
    counts = np.array([len(groups[key]) for key in keys])
    first, second = (one.ravel() for one in np.meshgrid(usual, usual, indexing="ij"))
    minimum_s = profiles.minimum_s(first, second, planned=False)[0].reshape(len(keys), len(keys))
    shares = counts / max(1, counts.sum())
    return HeadwayMatrix(
        tuple(TrainClass(*key, len(groups[key])) for key in keys),
        tuple(tuple(row) for row in minimum_s.tolist()),
        float(shares @ minimum_s @ shares),
    )


class _Profiles:
    """Every train's uses of every place, counted from its entry."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        uses = stretch.uses
        shape = len(stretch.places), len(stretch.paths)
        self._begin_s, self._end_s = np.full(shape, -_NEVER), np.full(shape, _NEVER)
        entry_s = stretch.entry_s[uses.train]
        at = uses.place, uses.train
        np.minimum.at(self._begin_s, at, uses.begin_s - entry_s)
        np.maximum.at(self._end_s, at, uses.end_s - entry_s)
        key = uses.place * len(stretch.paths) + uses.train  # of each, the uses stand by time
        first_keys, first = np.unique(key, return_index=True)
        last_keys, from_end = np.unique(key[::-1], return_index=True)
        self._first_group, self._last_group = np.full(shape, NONE, np.int64), np.full(shape, NONE, np.int64)
        self._first_group.flat[first_keys] = uses.group[first]
        self._last_group.flat[last_keys] = uses.group[len(key) - 1 - from_end]

    def usual(self, trains: list[int]) -> int:
        """Return the train among some that runs as most of them do; of as many the one that takes longest."""
        ways: dict[bytes, list[int]] = defaultdict(list)
        for train in trains:
            ways[self._begin_s[:, train].tobytes() + self._end_s[:, train].tobytes()].append(train)
        most = max(len(several) for several in ways.values())
        often = [several[0] for several in ways.values() if len(several) == most]
        return max(often, key=lambda train: (int(self._end_s[:, train].max()), -train))

    def minimum_s(self, first: Ints, second: Ints, *, planned: bool) -> tuple[Ints, Ints]:
        """Return the minimum headways of pairs of trains, and the place where each binds (-1: none).

        `planned`: each second train really comes after the first, so that what it does first there keeps nothing off.
        """
        apart_s = self._stretch.apart_s if planned else self._stretch.again_s
        headway_s = self._stretch.entry_s[second] - self._stretch.entry_s[first]
        best, where = np.zeros(len(first), np.int64), np.full(len(first), NONE, np.int64)
        for place in range(len(self._stretch.places)):
            one, other = self._last_group[place, first], self._first_group[place, second]
            interval_s = apart_s[place, one, other]
            both = (one >= 0) & (other >= 0) & (interval_s != NONE)
            if planned:
                both &= headway_s + self._begin_s[place, second] >= self._end_s[place, first]
            needed_s = self._end_s[place, first] + interval_s - self._begin_s[place, second]
            nearer = both & (needed_s > best)
            best = np.where(nearer, needed_s, best)
            where = np.where(nearer, place, where)
        return best, where
