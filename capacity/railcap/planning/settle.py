"""Loads trains as late and sends light engines back as early as others allow: none stands about longer than it must.

That costs nothing, so a solver does not care when it is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from railcap.operations.problem import Operation, OperationsProblem, ResourceUse
from railcap.operations.schedule import NoValidOrder, Schedule, schedule_from_routes
from railcap.planning.compile import CompiledScenario, CompiledTrain
from railcap.planning.compile_train import Act

Route = list[tuple[int, int]]


def settle(compiled: CompiledScenario, schedule: Schedule) -> Schedule:
    """Return a schedule of the same cost in which trains are loaded as late as their departures and others allow.

    Trains that change tracks at their origin, come from the rake of another, or must not be loaded later for a link,
    are left as they are. Light engines go back earlier where they can do so as they went, without waiting less on
    their way.
    """
    problem, routes = compiled.problem, schedule.routes(compiled.problem)
    lights = [
        index
        for index, (train, route) in enumerate(zip(compiled.trains, routes, strict=True))
        if route is not None and train.light_for
    ]
    bound = _bound_by_links(compiled)
    waiting = [
        index
        for index, (train, route) in enumerate(zip(compiled.trains, routes, strict=True))
        if route is not None and index not in bound and _may_settle(train, route)
    ]
    if not waiting and not lights:
        return schedule
    holds = _Holds(problem, routes)
    for index in sorted(lights, key=lambda index: (routes[index] or [])[1][1]):
        route = routes[index]
        assert route is not None, "only light engines that run come back"
        holds.take_out(index, route)
        routes[index] = _back_sooner(problem.trains[index].operations, route, holds)
        holds.put(index, routes[index] or [])
    for index in sorted(waiting, key=lambda index: -dict(routes[index] or ())[compiled.trains[index].depart]):
        route = routes[index]
        assert route is not None, "only trains that run may settle"
        holds.take_out(index, route)
        routes[index] = _settled(problem, compiled.trains[index], index, route, holds)
        holds.put(index, routes[index] or [])
    try:
        return schedule_from_routes(problem, routes)
    except NoValidOrder:  # many hand-overs at one instant: what was found stays
        return schedule


def _bound_by_links(compiled: CompiledScenario) -> set[int]:
    """Return the trains of which a link allows no later start of something before their departure."""
    found = set()
    for link in compiled.problem.links:
        if link.from_operation < compiled.trains[link.from_train].depart:
            found.add(link.from_train)
        if link.max_lag_s is not None and link.to_operation < compiled.trains[link.to_train].depart:
            found.add(link.to_train)
    return found


def _may_settle(train: CompiledTrain, route: Route) -> bool:
    origin = train.journey.visits[0]
    groups = {train.roles[op].group for op, _ in route if train.roles[op].place == 0 and train.roles[op].group}
    return bool(origin.steps) and not origin.turned and len(groups) == 1


def _settled(problem: OperationsProblem, train: CompiledTrain, index: int, route: Route, holds: _Holds) -> Route:
    """Return a route whose operations before the departure begin as late as they can."""
    operations = problem.trains[index].operations
    place = next(place for place, (op, _) in enumerate(route) if op == train.depart)
    moved = route[place:]
    end_s = moved[0][1]
    before = route[:place]
    while before:
        op, start_s = before.pop()
        if train.roles[op].act is not Act.STEP:
            moved.insert(0, (op, end_s))  # a wait, which may be as short as none, or the entry
            continue
        step = [op]
        while train.roles[before[-1][0]] == train.roles[op]:  # its begin is an operation of its own
            step.insert(0, before.pop()[0])
        begin_s = holds.latest([operations[one] for one in step], start_s, end_s)
        moved[0] = moved[0][0], begin_s + operations[op].min_duration_s
        moved = [*((one, begin_s) for one in step), *moved]
        end_s = begin_s
    return moved


def _back_sooner(operations: Sequence[Operation], route: Route, holds: _Holds) -> Route:
    """Return a light engine's route with all but its entry, the wait for its way back, as much earlier as can be."""
    (entry, begin_s), *rest = route
    sooner_s = min(
        rest[0][1] - begin_s - operations[entry].min_duration_s,
        *(start_s - operations[op].start_lb_s for op, start_s in rest),
    )
    while sooner_s > 0:
        too_much_s = max(
            holds.until(operations[op], start_s - sooner_s, end_s - sooner_s) - (start_s - sooner_s)
            for (op, start_s), (_, end_s) in pairwise(rest)
        )
        if not too_much_s:
            break
        sooner_s -= too_much_s
    return [(entry, begin_s), *((op, start_s - max(sooner_s, 0)) for op, start_s in rest)]


class _Holds:
    """Who holds which resource when."""

    def __init__(self, problem: OperationsProblem, routes: Sequence[Route | None]) -> None:
        self._problem = problem
        self._of: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for index, route in enumerate(routes):
            self.put(index, route or [])

    def put(self, train: int, route: Route) -> None:
        """Note what a train holds."""
        for (op, begin_s), (_, end_s) in pairwise(route):
            for use in self._problem.trains[train].operations[op].resources:
                self._of[use.resource].append((begin_s, end_s + use.release_s, train))

    def take_out(self, train: int, route: Route) -> None:
        """Forget what a train holds."""
        operations = self._problem.trains[train].operations
        for resource in {use.resource for op, _ in route for use in operations[op].resources}:
            self._of[resource] = [hold for hold in self._of[resource] if hold[2] != train]

    def latest(self, step: Sequence[Operation], start_s: int, end_s: int) -> int:
        """Return the latest begin of a step that ends by an instant; it is never earlier than where it was."""
        begin_s = end_s - step[-1].min_duration_s
        for operation in step:
            begin_s = begin_s if operation.start_ub_s is None else min(begin_s, operation.start_ub_s)
        while begin_s > start_s and (sooner := self._sooner(step, begin_s)) is not None:
            begin_s = sooner
        return max(begin_s, start_s)

    def until(self, operation: Operation, begin_s: int, end_s: int) -> int:
        """Return the next later begin to try, `begin_s` itself if an operation can be from there to `end_s`."""
        ways = (self._way_round(use, begin_s, end_s) for use in operation.resources)
        return max((way[1] for way in ways if way is not None), default=begin_s)

    def _sooner(self, step: Sequence[Operation], begin_s: int) -> int | None:
        """Return the next earlier begin to try, None if a step can begin then."""
        for operation in step:
            length_s = operation.min_duration_s
            for use in operation.resources:
                way = self._way_round(use, begin_s, begin_s + length_s)
                if way is not None:
                    return way[0] - length_s
        return None

    def _way_round(self, use: ResourceUse, begin_s: int, end_s: int) -> tuple[int, int] | None:
        """Return by when a use must have ended, or from when on it may begin, to avoid what it meets; None: nothing."""
        resource, free_s = self._problem.resource(use.resource), end_s + use.release_s
        for from_s, until_s in resource.closures:
            if begin_s < until_s and end_s > from_s:
                return from_s, until_s
        others = [hold for hold in self._of[use.resource] if hold[0] < free_s and hold[1] > begin_s]
        for instant in [begin_s, *(hold[0] for hold in others if hold[0] > begin_s)]:
            there = {hold[2] for hold in others if hold[0] <= instant < max(hold[1], hold[0] + 1)}
            if len(there) >= resource.capacity:
                return max(hold[0] for hold in others) - use.release_s, min(hold[1] for hold in others)
        return None
