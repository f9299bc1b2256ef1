"""The exact best run of a compiled train that has the railway to itself, however fine its times are.

With its entry fixed, a train best arrives as early as it can, and the starts that each of its operations can have are a
union of few intervals between closures. So what remains is a search over the entry alone, by branch and bound: a range
of entries has an earliest arrival, against which the cost is convex in the entry and so has a known least value. A
range is halved until its best entry does arrive so early.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from railcap.operations.problem import DelayTerm, ObjectiveTerm, Operation

Interval = tuple[int, int]
Route = tuple[tuple[int, int], ...]
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class AloneRun:
    """A cheapest run: its cost in the problem's integer units, and ``(operation, start)`` along its route."""

    cost: int
    route: Route


@dataclass(frozen=True, slots=True, order=True)
class _Range:
    """Entries from `begin_s` to `end_s`: none costs less than `bound`, and only `best_s` may cost so little."""

    bound: int
    begin_s: int
    end_s: int
    best_s: int


class AloneTrain:
    """One train of a compiled scenario.

    Parameters
    ----------
    operations : sequence of Operation
        With finite windows. Before its departure and after its arrival the train has no choice of time.
    closures : sequence
        By operation, when what it holds is closed; sorted by begin.
    depart, arrive : int
        These operations; both are on every route.
    terms : sequence of ObjectiveTerm
        Of this train only; they speak of departure and arrival.
    longest_s : int, optional
        The longest journey.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        closures: Sequence[Sequence[Interval]],
        depart: int,
        arrive: int,
        terms: Sequence[ObjectiveTerm] = (),
        longest_s: int | None = None,
    ) -> None:
        self._operations, self._terms, self._depart = operations, terms, depart
        self._free = [_free_times(*both) for both in zip(operations, closures, strict=True)]
        self._before_s = _least_between(operations, 0, depart)
        self._shortest_s = _least_between(operations, depart, arrive)
        self._after_s = _least_between(operations, arrive, len(operations) - 1)
        self._longest_s = longest_s

    def can_run(self) -> bool:
        """Return whether there is any run at all."""
        if self._longest_s is None:
            entry = self._operations[0]
            return bool(self._starts(entry.start_lb_s, _until(entry))[-1])
        return self._cheapest_entry() is not None

    def best(self) -> AloneRun | None:
        """Return the cheapest run, None if there is none at all."""
        found = self._cheapest_entry()
        return None if found is None else AloneRun(found.bound, self._route(found.best_s))

    def _cheapest_entry(self) -> _Range | None:
        entry = self._operations[0]
        ranges: list[_Range] = []
        self._add(ranges, entry.start_lb_s, _until(entry))
        while ranges:
            found = heapq.heappop(ranges)
            alone = self._range(found.best_s, found.best_s)
            if alone is not None and alone.bound == found.bound:
                return alone
            if found.begin_s < found.end_s:
                middle = (found.begin_s + found.end_s) // 2
                self._add(ranges, found.begin_s, middle)
                self._add(ranges, middle + 1, found.end_s)
        return None

    def _add(self, ranges: list[_Range], begin_s: int, end_s: int) -> None:
        """Add a range of entries, unless no entry of it leads to the exit in time."""
        found = self._range(begin_s, end_s)
        if found is not None:
            heapq.heappush(ranges, found)

    def _range(self, begin_s: int, end_s: int) -> _Range | None:
        """Bound a range of entries; None if none of them leads to the exit in time."""
        exits = self._starts(begin_s, end_s)[-1]
        if not exits:
            return None
        arrival_s = min(begin for begin, _ in exits) - self._after_s
        if self._longest_s is not None:
            begin_s = max(begin_s, arrival_s - self._longest_s - self._before_s)
        candidates = [begin_s, end_s, *(time_s - self._before_s for time_s in self._turning_points(arrival_s))]
        costs = [(self._cost(entry, arrival_s), entry) for entry in candidates if begin_s <= entry <= end_s]
        if not costs:
            return None
        bound, best_s = min(costs)
        return _Range(bound, begin_s, end_s, best_s)

    def _turning_points(self, arrival_s: int) -> list[int]:
        """Return the departures at which the cost against an earliest arrival changes its slope."""
        points = [arrival_s - self._shortest_s]
        for term in self._terms:
            if not isinstance(term, DelayTerm):
                points.append(arrival_s - term.threshold_s)
            elif term.operation == self._depart:
                points.append(term.threshold_s)
            else:
                points.append(term.threshold_s - self._shortest_s)
        return points

    def _cost(self, entry_s: int, earliest_arrival_s: int) -> int:
        """Return what an entry costs at least, if no arrival is earlier than the given one."""
        departure_s = entry_s + self._before_s
        arrival_s = max(earliest_arrival_s, departure_s + self._shortest_s)
        cost = 0
        for term in self._terms:
            if not isinstance(term, DelayTerm):
                cost += term.coeff * max(0, arrival_s - departure_s - term.threshold_s)
            else:
                at_s = departure_s if term.operation == self._depart else arrival_s
                cost += term.coeff * max(0, at_s - term.threshold_s)
        return cost

    def _starts(self, begin_s: int, end_s: int) -> list[list[Interval]]:
        """Return the starts that each operation can have if the entry lies in a range."""
        starts: list[list[Interval]] = [[] for _ in self._operations]
        starts[0] = [(begin_s, end_s)]
        for index, operation in enumerate(self._operations[:-1]):
            if not starts[index]:
                continue
            if len(starts[index]) > 1:
                starts[index] = _merged(starts[index])
            ends = _ends(starts[index], operation, self._free[index])
            for successor in operation.successors:
                after = self._operations[successor]
                low, high = after.start_lb_s, _until(after)
                for begin, end in ends:
                    if begin <= high and end >= low:
                        starts[successor].append((max(begin, low), min(end, high)))
        return starts

    def _route(self, entry_s: int) -> Route:
        """Return the run that enters then and leaves as early as it can; it waits as late on its way as it can."""
        starts = self._starts(entry_s, entry_s)
        index = len(self._operations) - 1
        time_s = min(begin for begin, _ in starts[index])
        route = [(index, time_s)]
        predecessors = self._predecessors()
        while index:
            index, time_s = next(
                (before, start_s)
                for before in predecessors[index]
                if (start_s := self._start_before(before, starts[before], time_s)) is not None
            )
            route.append((index, time_s))
        return tuple(reversed(route))

    def _predecessors(self) -> list[list[int]]:
        before: list[list[int]] = [[] for _ in self._operations]
        for index, operation in enumerate(self._operations):
            for successor in operation.successors:
                before[successor].append(index)
        return before

    def _start_before(self, index: int, starts: Sequence[Interval], end_s: int) -> int | None:
        """Return the first start of an operation that can end then."""
        operation = self._operations[index]
        longest = operation.max_duration_s
        for begin, end in starts:
            for free_from, free_until in self._free[index]:
                low = max(begin, free_from, -_NEVER if longest is None else end_s - longest)
                if low <= min(end, end_s - operation.min_duration_s) and end_s <= free_until:
                    return low
        return None


def _until(operation: Operation) -> int:
    return _NEVER if operation.start_ub_s is None else operation.start_ub_s


def _free_times(operation: Operation, closures: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return the times in which an operation may begin and end: between closures of what it holds, in its window."""
    free, begin = [], -_NEVER
    for closed_from, closed_until in closures:
        if closed_from >= begin:
            free.append((begin, closed_from))
        begin = max(begin, closed_until)
    free.append((begin, _NEVER))
    return tuple(one for one in free if one[0] <= _until(operation) and one[1] >= operation.start_lb_s)


def _ends(starts: Sequence[Interval], operation: Operation, free: Sequence[Interval]) -> list[Interval]:
    """Return when an operation can end that can have these starts."""
    least, most = operation.min_duration_s, operation.max_duration_s
    ends = []
    for begin, end in starts:
        for free_from, free_until in free:
            first, last = max(begin, free_from), min(end, free_until - least)
            if first <= last:
                ends.append((first + least, free_until if most is None else min(last + most, free_until)))
    return ends


def _merged(intervals: Sequence[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


def _least_between(operations: Sequence[Operation], first: int, then: int) -> int:
    """Return the least time from the start of one operation to the start of another, windows left aside."""
    reach = {first: 0}
    for index in range(first, then):
        if index in reach:
            for successor in operations[index].successors:
                time_s = reach[index] + operations[index].min_duration_s
                reach[successor] = min(reach.get(successor, time_s), time_s)
    return reach[then]
