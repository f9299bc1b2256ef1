"""Prepares a problem for the exact model: grid time, windows, what cannot be used, stays on shared resources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

from railcap.operations.objective import term_cost
from railcap.operations.problem import DelayTerm, OperationsProblem
from railcap_solvers.exact.grid import ENDLESS, Grid, Scale, horizon_steps, scale_of
from railcap_solvers.exact.interchange import Interchange, find_interchanges
from railcap_solvers.exact.overload import Overload, find_overloads, overload_cost
from railcap_solvers.exact.stays import Occupation, add_occupations
from railcap_solvers.exact.train_graph import Step, TrainGraph, build_graph, narrow_windows

Routes = Sequence[Sequence[tuple[int, int]] | None]


@dataclass(slots=True)
class Prepared:
    """A problem as the model needs it; see the module.

    `graphs` has None for a train that cannot run (or is frozen). `frozen` are the fixed uses of capacity-k resources by
    trains that keep their times: ``(train, operation, start, end with release)`` by resource.
    """

    problem: OperationsProblem
    grid: Grid
    graphs: list[TrainGraph | None]
    frozen_routes: list[Sequence[tuple[int, int]] | None]
    is_frozen: list[bool]
    occupations: list[Occupation] = field(default_factory=list)
    by_use: dict[tuple[int, int, str], int] = field(default_factory=dict)
    by_resource: dict[str, list[int]] = field(default_factory=dict)
    overloads: list[Overload] = field(default_factory=list)
    interchanges: list[Interchange] = field(default_factory=list)
    impossible: bool = False


def prepare(
    problem: OperationsProblem,
    *,
    free: frozenset[int] | None = None,
    routes: Routes | None = None,
    upper_bound: int | None = None,
    scale: Scale | None = None,
) -> Prepared:
    """Prepare a problem, whole or around trains that keep their times.

    Parameters
    ----------
    free : frozenset of int or None
        Trains to plan; the others keep `routes`. None: all.
    routes : per train its route, needed with `free`
    upper_bound : int or None
        A cost that a known schedule reaches; schedules that cost more are cut off where a single train tells.
    scale : Scale or None
        The problem's own, where it is known from before.
    """
    scale = scale or scale_of(problem)
    grid, horizon = scale.grid, scale.horizon
    if free is not None and routes is not None:
        grid = _grid_with(grid, routes, free)
    count = len(problem.trains)
    prepared = Prepared(problem, grid, [None] * count, [None] * count, [False] * count)
    if grid is not scale.grid:
        horizon = horizon_steps(problem, grid)
    busy: dict[str, list[tuple[int, int]]] = {}
    if free is not None and routes is not None:
        for train in range(count):
            if train not in free:
                prepared.is_frozen[train] = True
                prepared.frozen_routes[train] = routes[train]
        busy = _busy(problem, grid, routes, free)
        latest = [grid.steps(route[-1][1]) for train, route in enumerate(routes) if route and train not in free]
        horizon += max(0, max(latest, default=0))
    windows = _link_windows(problem, prepared, horizon)
    shut = _Shut(problem, grid, busy)
    for train in range(count):
        if not prepared.is_frozen[train]:
            prepared.graphs[train] = _graph(problem, grid, train, horizon, shut, windows)
    if not any(prepared.is_frozen):
        prepared.interchanges = find_interchanges(problem, grid, prepared.graphs)
    if upper_bound is not None:
        _cut_by_cost(prepared, upper_bound)
    _find_stays(prepared)
    while upper_bound is not None and prepared.overloads and _cut_by_cost(prepared, upper_bound):
        _find_stays(prepared)
    for train in range(count):
        mandatory = problem.trains[train].refusal_cost is None
        if mandatory and not prepared.is_frozen[train] and prepared.graphs[train] is None:
            prepared.impossible = True
    if any(overload.refused > len(overload.trains) for overload in prepared.overloads):
        prepared.impossible = True
    return prepared


def _find_stays(prepared: Prepared) -> None:
    """Find the stays that the present windows leave, and what they overload."""
    prepared.occupations.clear()
    prepared.by_use.clear()
    prepared.by_resource.clear()
    add_occupations(prepared)
    prepared.overloads = find_overloads(prepared)


def _grid_with(grid: Grid, routes: Routes, free: frozenset[int]) -> Grid:
    step = grid.step_s
    for train, route in enumerate(routes):
        if route and train not in free:
            for _, time_s in route:
                step = gcd(step, time_s - grid.origin_s)
    return grid if step == grid.step_s else Grid(grid.origin_s, step)


def _busy(
    problem: OperationsProblem, grid: Grid, routes: Routes, free: frozenset[int]
) -> dict[str, list[tuple[int, int]]]:
    """Return when frozen trains keep plain resources, releases included."""
    busy: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for train, route in enumerate(routes):
        if train in free or not route:
            continue
        for place, (operation, start) in enumerate(route):
            end = route[place + 1][1] if place + 1 < len(route) else None
            for use in problem.trains[train].operations[operation].resources:
                if problem.resource(use.resource).capacity == 1:
                    until = ENDLESS if end is None else grid.steps(end) + grid.length(use.release_s)
                    busy[use.resource].append((grid.steps(start), until))
    return busy


def _link_windows(
    problem: OperationsProblem, prepared: Prepared, horizon: int
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return windows of starts that links to frozen trains impose."""
    windows: dict[tuple[int, int], tuple[int, int]] = {}
    if not any(prepared.is_frozen):
        return windows
    grid = prepared.grid
    starts = [dict(route or ()) for route in prepared.frozen_routes]

    def narrow(train: int, operation: int, low: int, high: int) -> None:
        old = windows.get((train, operation), (0, horizon))
        windows[train, operation] = max(old[0], low), min(old[1], high)

    for link in problem.links:
        source, target = prepared.is_frozen[link.from_train], prepared.is_frozen[link.to_train]
        if source and not target:
            start = starts[link.from_train].get(link.from_operation)
            if start is None:
                if link.required:
                    narrow(link.to_train, link.to_operation, 1, 0)
                continue
            high = horizon if link.max_lag_s is None else grid.steps(start + link.max_lag_s)
            narrow(link.to_train, link.to_operation, grid.steps(start + link.min_lag_s), high)
        elif target and not source:
            start = starts[link.to_train].get(link.to_operation)
            if start is not None:
                low = 0 if link.max_lag_s is None else grid.steps(start - link.max_lag_s)
                narrow(link.from_train, link.from_operation, low, grid.steps(start - link.min_lag_s))
    return windows


class _Shut:
    """When an operation that uses given resources with given releases is shut out, merged and sorted."""

    def __init__(self, problem: OperationsProblem, grid: Grid, busy: Mapping[str, Sequence[tuple[int, int]]]) -> None:
        self._closures = {
            name: [(grid.steps(begin), grid.steps(until)) for begin, until in resource.closures]
            for name, resource in problem.resources.items()
            if resource.closures
        }
        self._busy = busy
        self._known: dict[tuple[tuple[str, int], ...], list[tuple[int, int]]] = {}

    def of(self, releases: Mapping[str, int]) -> list[tuple[int, int]]:
        """Return the intervals; two that overlap are one, two that touch let a step without length through."""
        key = tuple(releases.items())
        known = self._known.get(key)
        if known is not None:
            return known
        found: list[tuple[int, int]] = []
        for resource, release in key:
            found += self._closures.get(resource, ())
            found += [(begin - release, until) for begin, until in self._busy.get(resource, ())]
        found = sorted(set(found))
        merged: list[tuple[int, int]] = []
        for begin, until in found:
            if merged and begin < merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], until)
            else:
                merged.append((begin, until))
        self._known[key] = merged
        return merged


def _graph(
    problem: OperationsProblem,
    grid: Grid,
    train: int,
    horizon: int,
    shut: _Shut,
    windows: Mapping[tuple[int, int], tuple[int, int]],
) -> TrainGraph | None:
    steps: dict[int, Step] = {}
    operations = problem.trains[train].operations
    for index, operation in enumerate(operations):
        high = horizon if operation.start_ub_s is None else min(horizon, grid.steps(operation.start_ub_s))
        low, high = max(0, grid.steps(operation.start_lb_s)), high
        if (train, index) in windows:
            low, high = max(low, windows[train, index][0]), min(high, windows[train, index][1])
        releases: dict[str, int] = {}
        for use in operation.resources:
            releases[use.resource] = max(releases.get(use.resource, 0), grid.length(use.release_s))
        last = index == len(operations) - 1
        most = None if operation.max_duration_s is None or last else grid.length(operation.max_duration_s)
        least = 0 if last else grid.length(operation.min_duration_s)
        end = (ENDLESS, ENDLESS) if last else (low, horizon)
        steps[index] = Step(least, most, (low, high), end, releases, shut.of(releases))
    successors = {index: list(operation.successors) for index, operation in enumerate(operations)}
    if not narrow_windows(steps, successors, len(operations) - 1):
        return None
    return build_graph(train, problem.trains[train].refusal_cost is not None, steps, successors)


def train_cost_bounds(prepared: Prepared) -> list[int]:
    """Return for every train the least cost of its terms, or of refusing it, that its windows allow."""
    problem, grid = prepared.problem, prepared.grid
    least = [0] * len(problem.trains)
    if any(term.coeff < 0 or (isinstance(term, DelayTerm) and term.increment < 0) for term in problem.objective):
        return [-ENDLESS] * len(problem.trains)
    for term in problem.objective:
        graph = prepared.graphs[term.train]
        if graph is not None and isinstance(term, DelayTerm) and term.operation in graph.mandatory:
            start = grid.seconds(graph.steps[term.operation].start[0])
            least[term.train] += term.coeff * max(0, start - term.threshold_s)
            least[term.train] += term.increment * (start >= term.threshold_s)
    for index, train in enumerate(problem.trains):
        if train.refusal_cost is not None and not prepared.is_frozen[index]:
            refused = prepared.graphs[index] is None
            least[index] = train.refusal_cost if refused else min(least[index], train.refusal_cost)
    return least


def least_cost(prepared: Prepared) -> int:
    """Return what every solution within the windows costs at least, by trains alone and by overloads."""
    return frozen_cost(prepared) + _least_cost(prepared, train_cost_bounds(prepared))


def _least_cost(prepared: Prepared, least: list[int]) -> int:
    extra = [(train.refusal_cost or 0) - least[index] for index, train in enumerate(prepared.problem.trains)]
    return sum(least) + overload_cost(prepared.overloads, extra)


def _cut_by_cost(prepared: Prepared, upper_bound: int) -> bool:
    """Narrow windows by what a single term may cost when everything costs at most `upper_bound` together.

    Return whether that narrowed any.
    """
    problem, grid = prepared.problem, prepared.grid
    least = train_cost_bounds(prepared)
    if any(term.coeff < 0 for term in problem.objective) or min(least, default=0) < 0:
        return False
    spare = upper_bound - frozen_cost(prepared) - _least_cost(prepared, least)
    tied = {link.from_train for link in problem.links} | {link.to_train for link in problem.links}
    touched: set[int] = set()
    for term in problem.objective:
        graph = prepared.graphs[term.train]
        if graph is None or not isinstance(term, DelayTerm) or not term.coeff:
            continue
        refusal = problem.trains[term.train].refusal_cost
        most = spare + least[term.train]
        if refusal is not None and term.train not in tied:
            # Refusing a train frees what it holds, so one that costs more than its refusal is never worth it.
            most = min(most, refusal)
        step = graph.steps.get(term.operation)
        if step is None:
            continue
        high = grid.steps(term.threshold_s + max(most, -1) // term.coeff)
        if high < step.start[1]:
            step.start = step.start[0], high
            touched.add(term.train)
    for train in touched:
        graph = prepared.graphs[train]
        assert graph is not None
        steps, successors = graph.steps, graph.successors
        last = max(steps)
        possible = narrow_windows(steps, successors, last)
        prepared.graphs[train] = build_graph(train, graph.optional, steps, successors) if possible else None
    return bool(touched)


def frozen_cost(prepared: Prepared) -> int:
    """Return what the frozen trains cost, refusals included."""
    problem = prepared.problem
    cost = 0
    starts = {
        train: dict(route or ()) for train, route in enumerate(prepared.frozen_routes) if prepared.is_frozen[train]
    }
    for term in problem.objective:
        if term.train in starts:
            cost += term_cost(term, starts[term.train])
    for train, own in starts.items():
        if not own:
            cost += problem.trains[train].refusal_cost or 0
    return cost
