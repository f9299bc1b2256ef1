"""Puts start events into a valid global order: at one instant, a release before the acquire that needs it."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Event, NoValidOrder, OrderSearchEnded

Route = Sequence[tuple[int, int]]

SEARCH_LIMIT = 2_000
"""States looked at before an instant is given up; real ones need a handful, only contrived ones come near."""


def ordered_events(problem: OperationsProblem, routes: Sequence[Route | None]) -> list[Event]:
    """Return the start events of all routes in an order in which no resource is ever used beyond its capacity.

    Only the order and the resources are looked at; windows, durations, closures and links are the checker's.

    Parameters
    ----------
    routes : per train, ``(operation, start)`` pairs along its route, or None if refused

    Raises
    ------
    NoValidOrder
        If uses overlap, if hand-overs at one instant close a circle, or if the times fall along a route.
    OrderSearchEnded
        If the search for an order among many zero-length uses at one instant is given up after `SEARCH_LIMIT` states.
    """
    moves = sorted(_moves(routes), key=lambda move: (move.time_s, move.train, move.place))
    occupation = _Occupation(problem)
    events: list[Event] = []
    for time_s, together in groupby(moves, key=lambda move: move.time_s):
        occupation.advance(time_s)
        events += _order_instant(occupation, list(together))
    return events


class _Move(NamedTuple):
    """A train's step from one operation (None: it enters) to the next of its route."""

    time_s: int
    train: int
    place: int
    left: int | None
    operation: int


def _moves(routes: Sequence[Route | None]) -> Iterable[_Move]:
    for train, route in enumerate(routes):
        left, before_s = None, None
        for place, (operation, time_s) in enumerate(route or ()):
            if before_s is not None and time_s < before_s:
                raise NoValidOrder(f"train {train}: operation {operation} starts at {time_s}, before {before_s}")
            yield _Move(time_s, train, place, left, operation)
            left, before_s = operation, time_s


class _Occupation:
    """Which trains count on which resource (hold it, or keep it until a release), as time goes on."""

    def __init__(self, problem: OperationsProblem) -> None:
        self.problem = problem
        self.counts: Counter[str] = Counter()
        self._held: list[frozenset[str]] = [frozenset()] * len(problem.trains)
        self._kept: list[dict[str, int]] = [{} for _ in problem.trains]
        self._expiring: list[tuple[int, int, str]] = []

    def advance(self, time_s: int) -> None:
        """Let go of everything whose release lies at or before this instant."""
        while self._expiring and self._expiring[0][0] <= time_s:
            until_s, train, resource = heapq.heappop(self._expiring)
            if self._kept[train].get(resource) == until_s:
                del self._kept[train][resource]
                if resource not in self._held[train]:
                    self.counts[resource] -= 1

    def sets(self, moves: Sequence[_Move]) -> list[frozenset[str]]:
        """Return the resources on which a train counts now and after each of its moves at this instant."""
        train = moves[0].train
        operations = self.problem.trains[train].operations
        kept = set(self._kept[train])
        found = [self._held[train] | kept]
        for move in moves:
            if move.left is not None:
                kept.update(use.resource for use in operations[move.left].resources if use.release_s > 0)
            found.append(frozenset(kept.union(use.resource for use in operations[move.operation].resources)))
        return found

    def commit(self, moves: Sequence[_Move]) -> None:
        """Record a train's moves at this instant, except for the counts."""
        train = moves[0].train
        operations = self.problem.trains[train].operations
        kept = self._kept[train]
        for move in moves:
            for use in operations[move.left].resources if move.left is not None else ():
                until_s = move.time_s + use.release_s
                if until_s > max(move.time_s, kept.get(use.resource, move.time_s)):
                    kept[use.resource] = until_s
                    heapq.heappush(self._expiring, (until_s, train, use.resource))
        self._held[train] = frozenset(use.resource for use in operations[moves[-1].operation].resources)


def _order_instant(occupation: _Occupation, moves: list[_Move]) -> list[Event]:
    """Order the moves of one instant and record them."""
    by_train = {train: list(own) for train, own in groupby(moves, key=lambda move: move.train)}
    instant = _Instant(occupation, {train: occupation.sets(own) for train, own in by_train.items()})
    instant.advance_safely(list(by_train))
    for component in instant.stuck_components():
        if not instant.search(component):
            kind = OrderSearchEnded if instant.gave_up else NoValidOrder
            raise kind(_no_order_text(occupation.problem, instant, component, by_train))
    for own in by_train.values():
        occupation.commit(own)
    taken: Counter[int] = Counter()
    events = []
    for train in instant.trail:
        move = by_train[train][taken[train]]
        taken[train] += 1
        events.append(Event(move.time_s, train, move.operation))
    return events


class _Instant:
    """The moves of one instant as trains that step through sets of resources.

    A move is *safe* if whatever the others still want at this instant fits beside what it takes; safe moves are made
    without looking back. What remains (zero-length uses, several trains around a resource of capacity k) is searched.
    """

    def __init__(self, occupation: _Occupation, sets: dict[int, list[frozenset[str]]]) -> None:
        self.trail: list[int] = []
        self.gave_up = False
        """Whether the last search ended at its limit, with states left to look at."""
        self._counts = occupation.counts
        self._problem = occupation.problem
        self._sets = sets
        self._position = dict.fromkeys(sets, 0)
        self._last = {train: len(own) - 1 for train, own in sets.items()}
        self._wanting: defaultdict[str, list[int]] = defaultdict(list)
        for train, own in sets.items():
            for resource in frozenset().union(*own[1:]):
                self._wanting[resource].append(train)

    def advance_safely(self, trains: Sequence[int]) -> None:
        """Make safe moves, train by train, until there is none left."""
        progress = True
        while progress:
            progress = False
            for train in trains:
                while self._position[train] < self._last[train] and self._is_safe(train):
                    self._move(train)
                    progress = True

    def stuck_components(self) -> list[list[int]]:
        """Return the trains that have moves left, split into groups that share no resource."""
        left = [train for train in self._sets if self._position[train] < self._last[train]]
        group = {train: train for train in left}

        def root(train: int) -> int:
            while group[train] != train:
                train = group[train]
            return train

        user: dict[str, int] = {}
        for train in left:
            for resource in frozenset().union(*self._sets[train][self._position[train] :]):
                first = user.setdefault(resource, train)
                group[root(train)] = root(first)
        components: defaultdict[int, list[int]] = defaultdict(list)
        for train in left:
            components[root(train)].append(train)
        return list(components.values())

    def search(self, trains: list[int]) -> bool:
        """Make all moves of these trains by depth-first search; False, with nothing changed, if no order is found."""
        self.gave_up = False
        if not self._ends_fit(trains):
            return False
        begun = len(self.trail)
        seen: set[tuple[int, ...]] = set()
        choices = [(begun, self._fitting(trains))]
        while choices and len(seen) < SEARCH_LIMIT:
            if all(self._position[train] == self._last[train] for train in trains):
                return True
            mark, candidates = choices[-1]
            self._undo(mark)
            if not candidates:
                choices.pop()
                continue
            self._move(candidates.pop(0))
            self.advance_safely(trains)
            state = tuple(self._position[train] for train in trains)
            if state not in seen:
                seen.add(state)
                choices.append((len(self.trail), self._fitting(trains)))
        self._undo(begun)
        self.gave_up = bool(choices)
        return False

    def blocked(self, trains: Sequence[int]) -> dict[str, list[int]]:
        """Return the full resources that next moves wait for, with the trains that wait."""
        waiting: defaultdict[str, list[int]] = defaultdict(list)
        for train in trains:
            for resource in self._gains(train) if self._position[train] < self._last[train] else ():
                if self._counts[resource] >= self._problem.resource(resource).capacity:
                    waiting[resource].append(train)
        return waiting

    def _gains(self, train: int) -> frozenset[str]:
        own, position = self._sets[train], self._position[train]
        return own[position + 1] - own[position]

    def _fits(self, train: int) -> bool:
        return all(
            self._counts[resource] < self._problem.resource(resource).capacity for resource in self._gains(train)
        )

    def _is_safe(self, train: int) -> bool:
        return all(
            self._counts[resource] + self._still_wanting(resource) <= self._problem.resource(resource).capacity
            for resource in self._gains(train)
        )

    def _still_wanting(self, resource: str) -> int:
        """Count the trains that do not count on the resource now but will at some later step of this instant."""
        return sum(
            resource not in self._sets[train][self._position[train]]
            and any(resource in later for later in self._sets[train][self._position[train] + 1 :])
            for train in self._wanting[resource]
        )

    def _fitting(self, trains: Sequence[int]) -> list[int]:
        return [train for train in trains if self._position[train] < self._last[train] and self._fits(train)]

    def _ends_fit(self, trains: Sequence[int]) -> bool:
        """Tell whether everything that the trains hold after this instant fits, whatever the order."""
        change: Counter[str] = Counter()
        for train in trains:
            change.update(self._sets[train][-1])
            change.subtract(self._sets[train][self._position[train]])
        return all(
            self._counts[resource] + more <= self._problem.resource(resource).capacity
            for resource, more in change.items()
        )

    def _move(self, train: int) -> None:
        self._shift(train, 1)
        self.trail.append(train)

    def _undo(self, mark: int) -> None:
        while len(self.trail) > mark:
            self._shift(self.trail.pop(), -1)

    def _shift(self, train: int, step: int) -> None:
        before = self._sets[train][self._position[train]]
        self._position[train] += step
        after = self._sets[train][self._position[train]]
        for resource in before - after:
            self._counts[resource] -= 1
        for resource in after - before:
            self._counts[resource] += 1


def _no_order_text(
    problem: OperationsProblem, instant: _Instant, trains: Sequence[int], by_train: Mapping[int, Sequence[_Move]]
) -> str:
    time_s = by_train[trains[0]][0].time_s
    names = ", ".join(f"{train} ({problem.trains[train].name})" for train in trains)
    waits = "; ".join(
        f"resource {resource} is full for train {', '.join(str(train) for train in waiting)}"
        for resource, waiting in sorted(instant.blocked(trains).items())
    )
    return f"no order of the starts at {time_s} is legal for trains {names}: {waits or 'they block each other'}"
