"""The exact best run of a compiled train that has the railway to itself, however fine its times are.

With its departure fixed, a train best arrives as early as it can, and the starts that each of its operations can
have are a union of few intervals between closures. So what remains is a search over the departure alone, by branch and
bound: a range of departures has an earliest arrival, against which the cost is convex in the departure and so has a
known least value. A range is halved until its best departure does arrive so early. Departures without a way to them
from the entry, and arrivals without one to the exit, are left aside.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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
    """Departures from `begin_s` to `end_s`: none costs less than `bound`, and only `best_s` may cost so little."""

    bound: int
    begin_s: int
    end_s: int
    best_s: int


class AloneTrain:
    """One train of a compiled scenario.

    Parameters
    ----------
    operations : sequence of Operation
        With finite windows.
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
        self._operations, self._terms, self._depart, self._arrive = operations, terms, depart, arrive
        self._free = [_free_times(*both) for both in zip(operations, closures, strict=True)]
        self._shortest_s = _least_between(operations, depart, arrive)
        self._longest_s = longest_s

    def can_run(self) -> bool:
        """Return whether there is any run at all."""
        if self._longest_s is None:
            return bool(self._from_entry[-1])
        return self._cheapest() is not None

    def best(self) -> AloneRun | None:
        """Return the cheapest run, None if there is none at all."""
        found = self._cheapest()
        return None if found is None else AloneRun(found.bound, self._route(found.best_s))

    @cached_property
    def _from_entry(self) -> list[list[Interval]]:
        """The starts that each operation can have."""
        entry = self._operations[0]
        return self._starts(0, [(entry.start_lb_s, _until(entry))])

    @cached_property
    def _to_exit(self) -> list[list[Interval]]:
        """The starts of each operation from which there is a way to the exit."""
        operations = self._operations
        found: list[list[Interval]] = [[] for _ in operations]
        found[-1] = [(operations[-1].start_lb_s, _until(operations[-1]))]
        for index in range(len(operations) - 2, -1, -1):
            operation = operations[index]
            ends = _merged([one for after in operation.successors for one in found[after]])
            window = operation.start_lb_s, _until(operation)
            found[index] = _merged(_both(_starts_before(ends, operation, self._free[index]), [window]))
        return found

    def _cheapest(self) -> _Range | None:
        ranges: list[_Range] = []
        for begin_s, end_s in _both(self._from_entry[self._depart], self._to_exit[self._depart]):
            self._add(ranges, begin_s, end_s)
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
        """Add a range of departures, unless none of it leads to the exit in time."""
        found = self._range(begin_s, end_s)
        if found is not None:
            heapq.heappush(ranges, found)

    def _range(self, begin_s: int, end_s: int) -> _Range | None:
        """Bound a range of departures; None if none of them leads to the exit in time."""
        arrival_s = self._earliest_arrival(begin_s, end_s)
        if arrival_s is None:
            return None
        if self._longest_s is not None:
            begin_s = max(begin_s, arrival_s - self._longest_s)
        candidates = [begin_s, end_s, *self._turning_points(arrival_s)]
        costs = [(self._cost(one, arrival_s), one) for one in candidates if begin_s <= one <= end_s]
        if not costs:
            return None
        bound, best_s = min(costs)
        return _Range(bound, begin_s, end_s, best_s)

    def _earliest_arrival(self, begin_s: int, end_s: int) -> int | None:
        """Return the earliest arrival from which there is a way to the exit, if the departure lies in a range."""
        starts = self._starts(self._depart, [(begin_s, end_s)], self._arrive)[self._arrive]
        return min((begin for begin, _ in _both(_merged(starts), self._to_exit[self._arrive])), default=None)

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

    def _cost(self, departure_s: int, earliest_arrival_s: int) -> int:
        """Return what a departure costs at least, if no arrival is earlier than the given one."""
        arrival_s = max(earliest_arrival_s, departure_s + self._shortest_s)
        cost = 0
        for term in self._terms:
            if not isinstance(term, DelayTerm):
                cost += term.coeff * max(0, arrival_s - departure_s - term.threshold_s)
            else:
                at_s = departure_s if term.operation == self._depart else arrival_s
                cost += term.coeff * max(0, at_s - term.threshold_s)
        return cost

    def _starts(self, first: int, begins: Sequence[Interval], last: int | None = None) -> list[list[Interval]]:
        """Return the starts that each operation up to `last` can have if `first` has some of these."""
        starts: list[list[Interval]] = [[] for _ in self._operations]
        starts[first] = list(begins)
        for index in range(first, len(self._operations) - 1 if last is None else last):
            if not starts[index]:
                continue
            if len(starts[index]) > 1:
                starts[index] = _merged(starts[index])
            operation = self._operations[index]
            ends = _ends(starts[index], operation, self._free[index])
            for successor in operation.successors:
                after = self._operations[successor]
                low, high = after.start_lb_s, _until(after)
                for begin, end in ends:
                    if begin <= high and end >= low:
                        starts[successor].append((max(begin, low), min(end, high)))
        return starts

    def _route(self, departure_s: int) -> Route:
        """Return the run that departs then, arrives as early as it can and ends as soon as it can after that.

        On its way it waits as late as it can.
        """
        arrival_s = self._earliest_arrival(departure_s, departure_s)
        assert arrival_s is not None, "a departure of the best range has a way to the exit"
        depart, arrive, last = self._depart, self._arrive, len(self._operations) - 1
        on_the_way = self._starts(depart, [(departure_s, departure_s)], arrive)
        after = self._starts(arrive, [(arrival_s, arrival_s)])
        exit_s = min(begin for begin, _ in after[last])
        route = [(last, exit_s)]
        for starts, first in ((after, arrive), (on_the_way, depart), (self._from_entry, 0)):
            self._back(route, starts, first)
        return tuple(reversed(route))

    def _back(self, route: list[tuple[int, int]], starts: Sequence[Sequence[Interval]], first: int) -> None:
        """Lengthen a route, written backwards, to the operation `first`."""
        while route[-1][0] > first:
            index, time_s = route[-1]
            route.append(
                next(
                    (before, start_s)
                    for before in self._predecessors[index]
                    if (start_s := self._start_before(before, starts[before], time_s)) is not None
                )
            )

    @cached_property
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


def _starts_before(ends: Sequence[Interval], operation: Operation, free: Sequence[Interval]) -> list[Interval]:
    """Return when an operation can start that can have these ends."""
    least, most = operation.min_duration_s, operation.max_duration_s
    starts = []
    for begin, end in ends:
        for free_from, free_until in free:
            first, last = max(begin, free_from + least), min(end, free_until)
            if first <= last:
                starts.append((free_from if most is None else max(free_from, first - most), last - least))
    return starts


def _both(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """Return what two unions of intervals have in common."""
    common = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return [one for one in common if one[0] <= one[1]]


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
