"""Reads timed routes: which uses of resources clash, and if none do, in which order the events come.

Times alone do not make a schedule. At one instant a resource may be handed over, but a closed circle of hand-overs is
illegal, and of two uses without length either may come first. `analyse` therefore looks for three things, in turn:

* two uses of a plain resource that overlap in time, or ``capacity + 1`` uses that do so pairwise;
* a circle of hand-overs at one instant;
* an instant where the order that was chosen, for want of anything that decides it, does not work.

Intervals on a line meet in one point exactly if they meet pairwise, so a resource of capacity k is respected exactly
if in every set of k + 1 uses by different trains some pair is disjoint: what `covers` asks for is exact.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from railcap.operations.problem import Operation, OperationsProblem
from railcap.operations.schedule import Event, Schedule

Route = Sequence[tuple[int, int]]


class Use(NamedTuple):
    """One operation's use of one resource."""

    train: int
    operation: int
    resource: str


class _Timed(NamedTuple):
    """A use in a solution; others may come at `free_s` (None: never), after the event `end` if it is `instant`."""

    start_s: int
    free_s: int | None
    instant: bool
    use: Use
    begin: tuple[int, int]
    end: tuple[int, int]


@dataclass(slots=True)
class Findings:
    """What stands in the way of a schedule; nothing but `schedule` if nothing does.

    Parameters
    ----------
    pairs : list of (Use, Use)
        Uses of a plain resource that overlap, or whose order at one instant must be decided.
    covers : list of tuple of Use
        Uses by different trains of a resource of capacity ``len - 1`` of which some pair must be disjoint.
    circles : list of list of (Use, Use)
        Hand-overs (first before second) that cannot all hold.
    """

    pairs: list[tuple[Use, Use]] = field(default_factory=list)
    covers: list[tuple[Use, ...]] = field(default_factory=list)
    circles: list[list[tuple[Use, Use]]] = field(default_factory=list)
    schedule: Schedule | None = None


Decided = Callable[[Use, Use], bool]
"""Whether a solution has decided that the first use comes before the second."""


def analyse(problem: OperationsProblem, routes: Sequence[Route | None], decided: Decided) -> Findings:
    """Return the clashes of timed routes, or the schedule that they are.

    Parameters
    ----------
    routes : per train, ``(operation, start)`` pairs along its route, or None if refused
    decided : function of two uses
        Consulted only where times leave the order open.
    """
    findings = Findings()
    arcs: dict[tuple[int, int], list[tuple[tuple[int, int], tuple[Use, Use]]]] = defaultdict(list)
    for resource, uses in _timed_uses(problem, routes).items():
        capacity = problem.resource(resource).capacity
        if capacity == 1:
            _plain_clashes(uses, findings)
        else:
            _covers(uses, capacity, findings)
        for first, second in _handovers(uses, decided, capacity == 1):
            arcs[first.end].append((second.begin, (first.use, second.use)))
    if findings.pairs or findings.covers:
        return findings
    order = _order(routes, arcs, findings)
    if not findings.circles:
        _replay(problem, order, findings)
    if not findings.pairs and not findings.covers and not findings.circles:
        findings.schedule = Schedule(tuple(order))
    return findings


def escapes(problem: OperationsProblem, circle: Sequence[tuple[Use, Use]]) -> list[tuple[int, int]]:
    """Return the operations, as (train, operation), whose choice would break a circle open.

    Where a train of the circle leaves one use in the very event that begins the next, a route that does something
    else in between escapes; everywhere else the circle is closed whatever the times.
    """
    found: list[tuple[int, int]] = []
    for (leaving, _), (_, entering) in zip(circle, [*circle[1:], circle[0]], strict=True):
        if leaving.operation >= entering.operation:
            continue
        operations = problem.trains[leaving.train].operations
        for after in operations[leaving.operation].successors:
            if after < entering.operation and _reaches(operations, after, entering.operation):
                found.append((leaving.train, after))
    return found


def _reaches(operations: Sequence[Operation], first: int, last: int) -> bool:
    reached = {first}
    for index in range(first, last):
        if index in reached:
            reached.update(operations[index].successors)
    return last in reached


def _timed_uses(problem: OperationsProblem, routes: Sequence[Route | None]) -> dict[str, list[_Timed]]:
    uses: defaultdict[str, list[_Timed]] = defaultdict(list)
    for train, route in enumerate(routes):
        operations = problem.trains[train].operations
        for place, (operation, start) in enumerate(route or ()):
            end = route[place + 1][1] if route and place + 1 < len(route) else None
            longest: dict[str, int] = {}
            for used in operations[operation].resources:
                longest[used.resource] = max(longest.get(used.resource, 0), used.release_s)
            for resource, release in longest.items():
                free = None if end is None else end + release
                uses[resource].append(
                    _Timed(
                        start, free, not release, Use(train, operation, resource), (train, place), (train, place + 1)
                    )
                )
    for listed in uses.values():
        listed.sort(key=lambda timed: (timed.start_s, timed.free_s is None, timed.free_s or 0, timed.use))
    return uses


def _before(first: _Timed, second: _Timed) -> bool:
    return first.free_s is not None and first.free_s <= second.start_s


def _plain_clashes(uses: list[_Timed], findings: Findings) -> None:
    active: list[_Timed] = []
    for timed in uses:
        active = [other for other in active if not _before(other, timed)]
        for other in active:
            if other.use.train != timed.use.train and not _before(timed, other):
                findings.pairs.append((other.use, timed.use))
        active.append(timed)


def _covers(uses: list[_Timed], capacity: int, findings: Findings) -> None:
    active: list[_Timed] = []
    for timed in uses:
        active = [other for other in active if not _before(other, timed)]
        others: dict[int, Use] = {}
        for other in active:
            if other.use.train != timed.use.train and not _before(timed, other):
                others[other.use.train] = other.use
        if len(others) >= capacity:
            chosen = list(others.values())
            for begin in range(0, len(chosen) - capacity + 1, capacity):
                findings.covers.append((*chosen[begin : begin + capacity], timed.use))
        active.append(timed)


def _handovers(uses: list[_Timed], decided: Decided, plain: bool) -> list[tuple[_Timed, _Timed]]:
    """Return pairs of different trains of which the first ends in the instant in which the second starts."""
    ends: defaultdict[int, list[_Timed]] = defaultdict(list)
    for timed in uses:
        if timed.free_s is not None and timed.instant:
            ends[timed.free_s].append(timed)
    found = []
    for second in uses:
        for first in ends.get(second.start_s, ()):
            if first.use.train == second.use.train:
                continue
            forced = plain and not _before(second, first)
            if forced or decided(first.use, second.use):
                found.append((first, second))
    return found


def _order(
    routes: Sequence[Route | None],
    arcs: dict[tuple[int, int], list[tuple[tuple[int, int], tuple[Use, Use]]]],
    findings: Findings,
) -> list[Event]:
    """Sort the events by time, then topologically, a train going on as far as it can; note circles."""
    waiting: dict[tuple[int, int], int] = defaultdict(int)
    for targets in arcs.values():
        for target, _ in targets:
            waiting[target] += 1
    by_time: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for train, route in enumerate(routes):
        for place, (_, start) in enumerate(route or ()):
            by_time[start].append((train, place))
    order: list[Event] = []
    for time_s in sorted(by_time):
        group = by_time[time_s]
        members = set(group)
        for train, place in group:
            if (train, place - 1) in members:
                waiting[train, place] += 1
        ready = [event for event in group if not waiting[event]]
        heapq.heapify(ready)
        while ready:
            event = heapq.heappop(ready)
            members.discard(event)
            train, place = event
            route = routes[train] or ()
            order.append(Event(time_s, train, route[place][0]))
            for target in [(train, place + 1), *(target for target, _ in arcs.get(event, ()))]:
                if target in members:
                    waiting[target] -= 1
                    if not waiting[target]:
                        heapq.heappush(ready, target)
        if members:
            findings.circles.append(_circle(members, arcs))
    return order


def _circle(
    members: set[tuple[int, int]],
    arcs: dict[tuple[int, int], list[tuple[tuple[int, int], tuple[Use, Use]]]],
) -> list[tuple[Use, Use]]:
    """Return the hand-overs of one circle among events none of which can come first."""
    before: dict[tuple[int, int], tuple[tuple[int, int], tuple[Use, Use] | None]] = {}
    for event in sorted(members):
        if (event[0], event[1] - 1) in members:
            before[event] = ((event[0], event[1] - 1), None)
        for target, uses in arcs.get(event, ()):
            if target in members:
                before[target] = (event, uses)
    event = min(members)
    seen: dict[tuple[int, int], int] = {}
    walk: list[tuple[Use, Use] | None] = []
    while event not in seen:
        seen[event] = len(walk)
        event, uses_or_none = before[event]
        walk.append(uses_or_none)
    return [uses for uses in walk[seen[event] :] if uses is not None]


def _replay(problem: OperationsProblem, order: list[Event], findings: Findings) -> None:
    """Play the events in order; note uses that come too early and whose order must therefore be decided."""
    current: dict[int, int] = {}
    held: defaultdict[str, dict[int, Use]] = defaultdict(dict)
    kept: defaultdict[str, dict[int, tuple[int, Use]]] = defaultdict(dict)
    for event in order:
        operations = problem.trains[event.train].operations
        if event.train in current:
            operation = current[event.train]
            for used in operations[operation].resources:
                held[used.resource].pop(event.train, None)
                free = event.time_s + used.release_s
                if free > kept[used.resource].get(event.train, (event.time_s,))[0]:
                    kept[used.resource][event.train] = free, Use(event.train, operation, used.resource)
        current[event.train] = event.operation
        for used in operations[event.operation].resources:
            use = Use(event.train, event.operation, used.resource)
            others = {train: other for train, (free, other) in kept[used.resource].items() if free > event.time_s}
            others |= held[used.resource]
            others.pop(event.train, None)
            held[used.resource][event.train] = use
            capacity = problem.resource(used.resource).capacity
            if len(others) < capacity:
                continue
            early = list(others.values())[:capacity]
            if capacity == 1:
                findings.pairs.append((early[0], use))
            else:
                findings.covers.append((*early, use))
