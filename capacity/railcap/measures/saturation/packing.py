"""A first answer without a solver: trains put one by one onto the line, each as early as those before allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from railcap.measures.intervals import Interval, at_least, union
from railcap.measures.saturation.candidates import Candidates
from railcap.operations.check import check_schedule
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem
from railcap.operations.schedule import NoValidOrder, Schedule, schedule_from_routes
from railcap.planning.alone_run import AloneTrain
from railcap.solving.stop import Stop

Route = tuple[tuple[int, int], ...]

_PACKETS = (1, 2, 3)
"""Rounds of which all trains of one class follow each other."""


def packings(found: Candidates, weights: Sequence[int], stop: Stop) -> Iterator[Schedule]:
    """Yield schedules of as many candidates as fit, for several orders in which they are put onto the line.

    The orders are rounds of the mix, the classes from first to last or the other way round, in packets of up to three
    rounds. Trains that bankers help are left to the solver, so that nothing is yielded where there are some.

    Parameters
    ----------
    weights : sequence of int
        Trains of each class in a round.
    stop : Stop
        When it is requested, the schedule at work has the trains that stand on the line by then.
    """
    if any(link.from_train != link.to_train for link in found.compiled.problem.links):
        return
    classes = list(range(len(weights)))
    for packet in _PACKETS:
        for turn in (classes, classes[::-1]) if len(classes) > 1 else (classes,):
            schedule = _packed(found, [one for one in turn for _ in range(packet * weights[one])], stop)
            if schedule is not None:
                yield schedule
        if len(classes) == 1:
            return


def _packed(found: Candidates, turn: Sequence[int], stop: Stop) -> Schedule | None:
    """Put trains onto the line in turn until no class has room, or a stop; None if that makes no schedule."""
    problem = found.compiled.problem
    line = _Line(problem)
    routes: list[Route | None] = [None] * len(problem.trains)
    for index, train in enumerate(found.compiled.trains):
        if train.fixed is not None:
            routes[index] = line.put(problem.trains[index].operations, train.depart, train.arrive, index, None)
            if routes[index] is None:
                return None
    waiting = [list(group)[::-1] for group in found.trains]
    while any(waiting) and not stop.requested:
        for number in turn:
            if not waiting[number] or stop.requested:
                continue
            index = waiting[number].pop()
            train = found.compiled.trains[index]
            longest = None if train.request is None else train.request.longest_journey_s
            operations = problem.trains[index].operations
            routes[index] = line.put(operations, train.depart, train.arrive, index, longest)
            if routes[index] is None:
                waiting[number].clear()  # those after it have no wider windows
    if stop.requested and not any(routes[index] for group in found.trains for index in group):
        return None
    try:
        schedule = schedule_from_routes(problem, routes)
    except NoValidOrder:
        return None
    return None if check_schedule(problem, schedule) else schedule


class _Line:
    """Who holds each resource, and from when to when with the release."""

    def __init__(self, problem: OperationsProblem) -> None:
        self._problem = problem
        self._holds: dict[str, list[Interval]] = defaultdict(list)
        self._taken: dict[tuple[str, int], list[Interval]] = {}

    def put(
        self, operations: Sequence[Operation], depart: int, arrive: int, train: int, longest_s: int | None
    ) -> Route | None:
        """Put a train onto the line so that it arrives as early as can be; None if there is no room."""
        closures = [self._closed(operation) for operation in operations]
        terms = [DelayTerm(train, arrive, operations[arrive].start_lb_s, 1)]
        best = AloneTrain(operations, closures, depart, arrive, terms, longest_s).best()
        if best is None:
            return None
        ends = [start_s for _, start_s in best.route[1:]]
        for (index, start_s), end_s in zip(best.route, ends, strict=False):
            for use in operations[index].resources:
                self._holds[use.resource].append((start_s, end_s + use.release_s))
        self._taken.clear()
        return best.route

    def _closed(self, operation: Operation) -> list[Interval]:
        return union(span for use in operation.resources for span in self._not_free(use.resource, use.release_s))

    def _not_free(self, resource: str, release_s: int) -> list[Interval]:
        """Return when an operation may not be that needs the resource for a while after its end."""
        key = resource, release_s
        if key not in self._taken:
            known = self._problem.resource(resource)
            held = [(start_s - release_s, end_s) for start_s, end_s in self._holds[resource]]
            self._taken[key] = union([*known.closures, *at_least(held, known.capacity)])
        return self._taken[key]
