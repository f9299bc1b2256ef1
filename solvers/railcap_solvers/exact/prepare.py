"""Prepares a problem for the exact model: grid time, windows, what cannot be used, stays on shared resources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from railcap.operations.problem import DelayTerm, OperationsProblem
from railcap_solvers.exact.grid import ENDLESS, Grid, grid_of, horizon_steps
from railcap_solvers.exact.interchange import Interchange, find_interchanges
from railcap_solvers.exact.overload import Overload, find_overloads, overload_cost
from railcap_solvers.exact.stays import Occupation, add_occupations
from railcap_solvers.exact.train_graph import Step, TrainGraph, build_graph, narrow_windows


@dataclass(slots=True)
class Prepared:
    """A problem as the model needs it; see the module. `graphs` has None for a train that cannot run."""

    problem: OperationsProblem
    grid: Grid
    graphs: list[TrainGraph | None]
    occupations: list[Occupation] = field(default_factory=list)
    by_use: dict[tuple[int, int, str], int] = field(default_factory=dict)
    by_resource: dict[str, list[int]] = field(default_factory=dict)
    overloads: list[Overload] = field(default_factory=list)
    interchanges: list[Interchange] = field(default_factory=list)
    impossible: bool = False


def prepare(problem: OperationsProblem, *, upper_bound: int | None = None) -> Prepared:
    """Prepare a problem.

    Parameters
    ----------
    upper_bound : int or None
        A cost that a known schedule reaches; schedules that cost more are cut off where a single train tells.
    """
    grid = grid_of(problem)
    horizon, shut = horizon_steps(problem, grid), _Shut(problem, grid)
    graphs = [_graph(problem, grid, train, horizon, shut) for train in range(len(problem.trains))]
    prepared = Prepared(problem, grid, graphs, interchanges=find_interchanges(problem, grid, graphs))
    if upper_bound is not None:
        _cut_by_cost(prepared, upper_bound)
    _find_stays(prepared)
    while upper_bound is not None and prepared.overloads and _cut_by_cost(prepared, upper_bound):
        _find_stays(prepared)
    cannot_run = any(
        graph is None and train.refusal_cost is None
        for graph, train in zip(prepared.graphs, problem.trains, strict=True)
    )
    too_many = any(overload.refused > len(overload.trains) for overload in prepared.overloads)
    prepared.impossible = cannot_run or too_many
    return prepared


def _find_stays(prepared: Prepared) -> None:
    """Find the stays that the present windows leave, and what they overload."""
    prepared.occupations.clear()
    prepared.by_use.clear()
    prepared.by_resource.clear()
    add_occupations(prepared)
    prepared.overloads = find_overloads(prepared)


class _Shut:
    """When an operation that uses given resources is shut out by closures, merged and sorted."""

    def __init__(self, problem: OperationsProblem, grid: Grid) -> None:
        self._closures = {
            name: [(grid.steps(begin), grid.steps(until)) for begin, until in resource.closures]
            for name, resource in problem.resources.items()
            if resource.closures
        }
        self._known: dict[tuple[str, ...], list[tuple[int, int]]] = {}

    def of(self, resources: Iterable[str]) -> list[tuple[int, int]]:
        """Return the intervals; two that overlap are one, two that touch let a step without length through."""
        key = tuple(resources)
        known = self._known.get(key)
        if known is not None:
            return known
        merged: list[tuple[int, int]] = []
        for begin, until in sorted({closure for resource in key for closure in self._closures.get(resource, ())}):
            if merged and begin < merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], until)
            else:
                merged.append((begin, until))
        self._known[key] = merged
        return merged


def _graph(problem: OperationsProblem, grid: Grid, train: int, horizon: int, shut: _Shut) -> TrainGraph | None:
    steps: dict[int, Step] = {}
    operations = problem.trains[train].operations
    for index, operation in enumerate(operations):
        high = horizon if operation.start_ub_s is None else min(horizon, grid.steps(operation.start_ub_s))
        low = max(0, grid.steps(operation.start_lb_s))
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
        if train.refusal_cost is not None:
            refused = prepared.graphs[index] is None
            least[index] = train.refusal_cost if refused else min(least[index], train.refusal_cost)
    return least


def least_cost(prepared: Prepared) -> int:
    """Return what every solution within the windows costs at least, by trains alone and by overloads."""
    return _least_cost(prepared, train_cost_bounds(prepared))


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
    spare = upper_bound - _least_cost(prepared, least)
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
