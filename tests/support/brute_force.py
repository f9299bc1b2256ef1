"""Exact answers of small operations problems, found without any solver.

`brute_force` enumerates routes and refusals, and for each choice every order on every resource, with earliest times by
longest paths. `exhaustive` is cruder and slower: it tries every list of events with times up to a last second and lets
`check_schedule` alone judge; it is there to test `brute_force`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, permutations, product

from railcap.operations.check import ViolationKind, check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import DelayTerm, JourneyTerm, OperationsProblem, Train
from railcap.operations.schedule import Event, Schedule

Node = tuple[int, int]
Path = tuple[int, ...]
ORIGIN: Node = (-1, -1)
"""Stands for time 0."""


@dataclass(frozen=True)
class Optimum:
    """The least cost and a schedule that has it; both None if there is no solution."""

    cost: int | None
    schedule: Schedule | None


def train_paths(train: Train) -> list[Path]:
    """Return every path of a train from its entry to its exit."""
    paths: list[Path] = []

    def walk(path: Path) -> None:
        if path[-1] == len(train.operations) - 1:
            paths.append(path)
        for successor in train.operations[path[-1]].successors:
            walk((*path, successor))

    walk((0,))
    return paths


def brute_force(problem: OperationsProblem) -> Optimum:
    """Return the proven optimum of a small problem."""
    best = Optimum(None, None)
    options: list[list[Path | None]] = [
        [*train_paths(train), *([None] if train.refusal_cost is not None else [])] for train in problem.trains
    ]
    for chosen in product(*options):
        best = _Choice(problem, chosen).improve(best)
    if best.schedule is not None:
        assert check_schedule(problem, best.schedule) == []
        assert schedule_cost(problem, best.schedule) == best.cost
    return best


@dataclass(frozen=True)
class _Occupation:
    """A use on a chosen route: from its start to the start of the next operation (None: for ever), and its release."""

    resource: str
    start: Node
    end: Node | None
    release_s: int


@dataclass(frozen=True)
class _Option:
    """One way to settle a conflict: times ``(u, v, w)`` for ``t(v) >= t(u) + w``, and orders ``u before v``.

    `apart` are the uses of which it puts the first before the second.
    """

    times: tuple[tuple[Node, Node, int], ...] = ()
    orders: tuple[tuple[Node, Node], ...] = ()
    apart: tuple[tuple[_Occupation, _Occupation], ...] = ()


@dataclass
class _State:
    """Earliest times under the edges so far."""

    earliest: dict[Node, int]
    out: dict[Node, tuple[tuple[Node, int], ...]]
    after: dict[Node, frozenset[Node]] = field(default_factory=dict)
    apart: frozenset[tuple[_Occupation, _Occupation]] = frozenset()


class _Choice:
    """The problem with its routes and refusals fixed."""

    def __init__(self, problem: OperationsProblem, chosen: tuple[Path | None, ...]) -> None:
        self.problem = problem
        self.chosen = chosen
        self.nodes = [(train, operation) for train, path in enumerate(chosen) for operation in path or ()]
        self.follower: dict[Node, Node | None] = {}
        for train, path in enumerate(chosen):
            for operation, following in zip(path or (), [*(path or ())[1:], None], strict=False):
                self.follower[train, operation] = None if following is None else (train, following)
        self.fixed_cost = sum(
            train.refusal_cost or 0 for train, path in zip(problem.trains, chosen, strict=True) if path is None
        )
        self.edges, self.orders = self._basic_edges()
        self.limit = 1 + sum(abs(weight) for _, _, weight in self.edges)
        self.occupations = self._occupations()
        self.decisions = list(self._decisions())
        self.limit += sum(
            max((abs(weight) for option in decision for _, _, weight in option.times), default=0)
            for decision in self.decisions
        )
        self.journeys = [
            term
            for term in problem.objective
            if isinstance(term, JourneyTerm)
            and term.coeff > 0
            and {(term.train, term.from_operation), (term.train, term.to_operation)} <= self.follower.keys()
        ]

    def improve(self, best: Optimum) -> Optimum:
        """Return the optimum of this choice if it is better than the best so far, else that."""
        for link in self.problem.links:
            if (
                link.required
                and (link.to_train, link.to_operation) in self.follower
                and (link.from_train, link.from_operation) not in self.follower
            ):
                return best
        root = _State({ORIGIN: 0, **dict.fromkeys(self.nodes, 0)}, {})
        state = self._extended(root, _Option(tuple(self.edges), tuple(self.orders)))
        return best if state is None else self._branch(state, 0, best)

    def _basic_edges(self) -> tuple[list[tuple[Node, Node, int]], list[tuple[Node, Node]]]:
        edges: list[tuple[Node, Node, int]] = []
        orders: list[tuple[Node, Node]] = []
        for node, following in self.follower.items():
            operation = self.problem.trains[node[0]].operations[node[1]]
            edges.append((ORIGIN, node, operation.start_lb_s))
            if operation.start_ub_s is not None:
                edges.append((node, ORIGIN, -operation.start_ub_s))
            if following is not None:
                orders.append((node, following))
                edges.append((node, following, operation.min_duration_s))
                if operation.max_duration_s is not None:
                    edges.append((following, node, -operation.max_duration_s))
        for link in self.problem.links:
            begin, end = (link.from_train, link.from_operation), (link.to_train, link.to_operation)
            if begin in self.follower and end in self.follower:
                edges.append((begin, end, link.min_lag_s))
                if link.max_lag_s is not None:
                    edges.append((end, begin, -link.max_lag_s))
        return edges, orders

    def _occupations(self) -> dict[str, list[_Occupation]]:
        found: dict[str, list[_Occupation]] = {}
        for node, following in self.follower.items():
            for use in self.problem.trains[node[0]].operations[node[1]].resources:
                found.setdefault(use.resource, []).append(_Occupation(use.resource, node, following, use.release_s))
        return found

    def _decisions(self) -> Iterator[list[_Option]]:
        for resource, occupations in self.occupations.items():
            for from_s, until_s in self.problem.resource(resource).closures:
                for occupation in occupations:
                    after = _Option(((ORIGIN, occupation.start, until_s),))
                    before = [] if occupation.end is None else [_Option(((occupation.end, ORIGIN, -from_s),))]
                    yield [*before, after]
            # Of capacity + 1 uses by as many trains, two must be one after the other: intervals that meet in
            # pairs have an instant in common.
            crowd = self.problem.resource(resource).capacity + 1
            for group in combinations(occupations, crowd):
                if len({occupation.start[0] for occupation in group}) == crowd:
                    yield [option for one, two in permutations(group, 2) for option in _before(one, two)]

    def _branch(self, state: _State, place: int, best: Optimum) -> Optimum:
        if best.cost is not None and self._least_cost(state) >= best.cost:
            return best
        if place == len(self.decisions):
            return self._spread_journeys(state, 0, best)
        options = self.decisions[place]
        if any(option.apart and state.apart.issuperset(option.apart) for option in options):
            return self._branch(state, place + 1, best)
        for option in options:
            extended = self._extended(state, option)
            if extended is not None:
                best = self._branch(extended, place + 1, best)
        return best

    def _spread_journeys(self, state: _State, place: int, best: Optimum) -> Optimum:
        """Try every start of each journey; with these fixed, the earliest times are the best."""
        if place == len(self.journeys):
            cost = self._cost(state)
            if best.cost is None or cost < best.cost:
                return Optimum(cost, Schedule(tuple(self._events(state))))
            return best
        journey = self.journeys[place]
        begin, end = (journey.train, journey.from_operation), (journey.train, journey.to_operation)
        latest = self.problem.trains[journey.train].operations[journey.from_operation].start_ub_s
        if latest is None:
            # A later start gains nothing once the journey cannot get shorter. With several such journeys that
            # push each other this would be no proof.
            assert len(self.journeys) == 1, "give the start of each journey a latest time"
            latest = state.earliest[end]
        for start_s in range(state.earliest[begin], latest + 1):
            fixed = self._extended(state, _Option(((ORIGIN, begin, start_s), (begin, ORIGIN, -start_s))))
            if fixed is not None:
                best = self._spread_journeys(fixed, place + 1, best)
        return best

    def _least_cost(self, state: _State) -> int:
        """Return the refusals and delays at the earliest times, which cost no more than any others."""
        cost = self.fixed_cost
        for term in self.problem.objective:
            if (
                isinstance(term, DelayTerm)
                and (start_s := state.earliest.get((term.train, term.operation))) is not None
            ):
                cost += term.coeff * max(0, start_s - term.threshold_s)
                cost += term.increment if start_s >= term.threshold_s else 0
        return cost

    def _cost(self, state: _State) -> int:
        return self._least_cost(state) + sum(
            term.coeff
            * max(
                0,
                state.earliest[term.train, term.to_operation]
                - state.earliest[term.train, term.from_operation]
                - term.threshold_s,
            )
            for term in self.journeys
        )

    def _events(self, state: _State) -> Iterator[Event]:
        # More nodes come after an earlier one than after a later one, so their number is a topological order.
        order = sorted(self.nodes, key=lambda node: (state.earliest[node], -len(state.after.get(node, ()))))
        return (Event(state.earliest[node], *node) for node in order)

    def _extended(self, state: _State, option: _Option) -> _State | None:
        """Return the state with more edges, None if they close a circle of orders or ask for ever later times."""
        after = _with_orders(state.after, option.orders)
        if after is None:
            return None
        out = dict(state.out)
        for begin, end, weight in option.times:
            out[begin] = (*out.get(begin, ()), (end, weight))
        earliest = dict(state.earliest)
        waiting = [begin for begin, _, _ in option.times]
        while waiting:
            begin = waiting.pop()
            for end, weight in out.get(begin, ()):
                if earliest[begin] + weight > earliest[end]:
                    if end == ORIGIN or earliest[begin] + weight > 2 * self.limit:
                        return None
                    earliest[end] = earliest[begin] + weight
                    waiting.append(end)
        return _State(earliest, out, after, state.apart | frozenset(option.apart))


def _before(one: _Occupation, two: _Occupation) -> list[_Option]:
    if one.end is None:
        return []
    return [_Option(((one.end, two.start, one.release_s),), ((one.end, two.start),), ((one, two),))]


def _with_orders(
    after: dict[Node, frozenset[Node]], orders: tuple[tuple[Node, Node], ...]
) -> dict[Node, frozenset[Node]] | None:
    """Return who comes after whom, transitively, with more order edges; None if they close a circle."""
    after = dict(after)
    for begin, end in orders:
        if begin == end or begin in after.get(end, ()):
            return None
        later = after.get(end, frozenset()) | {end}
        for node in [node for node, known in after.items() if begin in known] + [begin]:
            after[node] = after.get(node, frozenset()) | later
    return after


_JUDGED_LATER = {
    ViolationKind.NO_EXIT,
    ViolationKind.MISSING_TRAIN,
    ViolationKind.CLOSED,
    ViolationKind.LINK_PARTNER_MISSING,
}


def exhaustive(problem: OperationsProblem, last_s: int) -> Optimum:
    """Return the optimum among all lists of events at times 0 to `last_s`, judged by `check_schedule` alone."""
    best = Optimum(None, None)

    def extend(events: tuple[Event, ...], current: dict[int, int]) -> None:
        nonlocal best
        schedule = Schedule(events)
        violations = check_schedule(problem, schedule)
        if any(violation.kind not in _JUDGED_LATER for violation in violations):
            return
        if not violations:
            cost = schedule_cost(problem, schedule)
            if best.cost is None or cost < best.cost:
                best = Optimum(cost, schedule)
        now_s = events[-1].time_s if events else 0
        for train, whole in enumerate(problem.trains):
            nexts = whole.operations[current[train]].successors if train in current else (0,)
            for operation in nexts:
                for time_s in range(now_s, last_s + 1):
                    extend((*events, Event(time_s, train, operation)), {**current, train: operation})

    extend((), {})
    return best
