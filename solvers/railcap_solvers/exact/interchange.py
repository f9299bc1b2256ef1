"""Trains that could run each other's runs: of all optimal schedules one keeps them in order, and that one suffices.

Demand of "four a day, an hour apart" compiles into trains that differ in nothing but when they may come and from when
their delay counts. Two such trains can exchange their runs, or one that runs can give its run to a refused one. Where
an exchange costs nothing it says which of the two comes first, and where it saves something it rules a schedule out:
the exact models hold rows for both (dominance between jobs: Emmons 1969; symmetry in integer programs: Margot 2010).

For a train i and a later one j, neither part of a link, with the same operations and uses:

* j may take any run of i that begins when j may begin, and i any run of j that begins when i still may. Both are
  checked by narrowing the windows of the one to such a beginning: what is left must lie within the other's.
* On runs that both may make, the costs of i and j differ by a constant.

An optimal schedule that, among all such, runs the earliest trains and has the fewest pairs of them in the wrong order
keeps the following, for otherwise an exchange would make it better: if both run, i enters no later than j. If i runs
and j is refused, though that costs more than the other way round, then i enters before j may. If j runs and i is
refused, though that is no cheaper than the other way round, then j enters after i may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from railcap.operations.problem import DelayTerm, ObjectiveTerm, OperationsProblem
from railcap.operations.schedule import Schedule
from railcap_solvers.exact.grid import Grid
from railcap_solvers.exact.train_graph import Step, TrainGraph, narrow_windows

if TYPE_CHECKING:
    from railcap_solvers.exact.model import ExactModel


@dataclass(frozen=True, slots=True)
class Interchange:
    """Two trains that could run each other's runs, the first the one that may come earlier.

    Parameters
    ----------
    earlier, later : int
        The trains.
    least : int
        Grid step at which the later one may enter at the earliest.
    most : int
        Grid step at which the earlier one may enter at the latest.
    saves : int or None
        What it saves to run the later one in place of the earlier one; None if not both are optional.
    """

    earlier: int
    later: int
    least: int
    most: int
    saves: int | None


def find_interchanges(problem: OperationsProblem, grid: Grid, graphs: Sequence[TrainGraph | None]) -> list[Interchange]:
    """Return pairs of interchangeable trains, given what is left of each alone on the line."""
    terms: defaultdict[int, list[ObjectiveTerm]] = defaultdict(list)
    for term in problem.objective:
        terms[term.train].append(term)
    tied = {link.from_train for link in problem.links} | {link.to_train for link in problem.links}
    alike: defaultdict[Any, list[TrainGraph]] = defaultdict(list)
    for graph in graphs:
        if graph is not None and graph.train not in tied:
            operations = problem.trains[graph.train].operations
            routes = tuple((op.min_duration_s, op.max_duration_s, op.successors, op.resources) for op in operations)
            alike[routes].append(graph)
    found: list[Interchange] = []
    for group in alike.values():
        group.sort(key=lambda graph: (graph.steps[0].start, graph.train))
        for chain in _chains(grid, group, terms):
            found += _pairs(problem, chain)
    return found


def _chains(
    grid: Grid, group: Sequence[TrainGraph], terms: dict[int, list[ObjectiveTerm]]
) -> Iterator[list[tuple[TrainGraph, int]]]:
    """Yield graphs of which each can be interchanged with the next, and so with all after it.

    With each comes what a run costs it more than it would cost the first of the chain.
    """
    chain = [(group[0], 0)]
    for earlier, later in pairwise(group):
        extra = _extra_cost(grid, earlier, later, terms)
        if extra is None:
            yield chain
            chain = [(later, 0)]
        else:
            chain.append((later, chain[-1][1] + extra))
    yield chain


def _pairs(problem: OperationsProblem, chain: Sequence[tuple[TrainGraph, int]]) -> Iterator[Interchange]:
    for (earlier, own), (later, other) in combinations(chain, 2):
        refusals = [problem.trains[graph.train].refusal_cost for graph in (earlier, later)]
        saves = None
        if refusals[0] is not None and refusals[1] is not None:
            saves = (own + refusals[1]) - (other + refusals[0])
        yield Interchange(earlier.train, later.train, later.steps[0].start[0], earlier.steps[0].start[1], saves)


def _extra_cost(
    grid: Grid, earlier: TrainGraph, later: TrainGraph, terms: dict[int, list[ObjectiveTerm]]
) -> int | None:
    """Return what a run that both may make costs the later one more; None if they cannot be interchanged.

    Either must be able to take all runs of the other that begin when both may begin.
    """
    window = later.steps[0].start[0], earlier.steps[0].start[1]
    if window[0] > window[1] or earlier.steps[0].start[1] > later.steps[0].start[1]:
        return None
    begun = [_begun_within(graph, window) for graph in (earlier, later)]
    if not (_within(begun[0], later) and _within(begun[1], earlier)):
        return None
    own, other = (
        sorted(terms[graph.train], key=lambda term: (_kind(term), term.threshold_s)) for graph in (earlier, later)
    )
    if len(own) != len(other):
        return None
    extra = 0
    for term, twin in zip(own, other, strict=True):
        if _kind(term) != _kind(twin):
            return None
        if term.threshold_s == twin.threshold_s:
            continue
        if not isinstance(term, DelayTerm) or term.operation not in earlier.mandatory & begun[0].keys():
            return None
        if max(term.threshold_s, twin.threshold_s) > grid.seconds(begun[0][term.operation].start[0]):
            return None
        extra += term.coeff * (term.threshold_s - twin.threshold_s)
    return extra


def _kind(term: ObjectiveTerm) -> tuple[int, ...]:
    """Return all of a term but its train and threshold."""
    if isinstance(term, DelayTerm):
        return 0, term.operation, term.coeff, term.increment
    return 1, term.from_operation, term.to_operation, term.coeff


def _begun_within(graph: TrainGraph, window: tuple[int, int]) -> dict[int, Step]:
    """Return the steps of a train that enters within a window; none if it cannot."""
    steps = {index: replace(step) for index, step in graph.steps.items()}
    steps[0].start = max(window[0], steps[0].start[0]), min(window[1], steps[0].start[1])
    successors = {index: list(after) for index, after in graph.successors.items()}
    return steps if narrow_windows(steps, successors, max(steps)) else {}


def _within(steps: dict[int, Step], graph: TrainGraph) -> bool:
    """Whether all that steps allow is allowed by a train's."""
    return all(
        index in graph.steps
        and graph.steps[index].start[0] <= step.start[0]
        and step.start[1] <= graph.steps[index].start[1]
        for index, step in steps.items()
    )


def in_order(problem: OperationsProblem, grid: Grid, pairs: Sequence[Interchange], schedule: Schedule) -> Schedule:
    """Exchange runs until a schedule keeps all orders that optimal ones can keep; it never gets dearer."""
    plays = list(range(len(problem.trains)))
    """The train whose run in the given schedule each makes."""
    entry: list[int | None] = [None if route is None else route[0][1] for route in schedule.routes(problem)]
    changed, swapped = True, False
    while changed:
        changed = False
        for pair in pairs:
            if _is_wrong(grid, pair, entry[pair.earlier], entry[pair.later]):
                plays[pair.earlier], plays[pair.later] = plays[pair.later], plays[pair.earlier]
                entry[pair.earlier], entry[pair.later] = entry[pair.later], entry[pair.earlier]
                changed = swapped = True
    if not swapped:
        return schedule
    player = {train: who for who, train in enumerate(plays)}
    return Schedule(tuple(replace(event, train=player[event.train]) for event in schedule.events))


def _is_wrong(grid: Grid, pair: Interchange, earlier_s: int | None, later_s: int | None) -> bool:
    """Whether an exchange would make a schedule cheaper, or else bring it nearer to the order that is kept."""
    if earlier_s is not None and later_s is not None:
        return earlier_s > later_s
    if pair.saves is None:
        return False
    if earlier_s is not None:
        return pair.saves > 0 and earlier_s >= grid.seconds(pair.least)
    return later_s is not None and pair.saves <= 0 and later_s <= grid.seconds(pair.most)


def add_orders(model: ExactModel) -> None:
    """Add the rows over entries and refusals to a model."""
    for pair in model.prepared.interchanges:
        first, second = model.prepared.graphs[pair.earlier], model.prepared.graphs[pair.later]
        if first is None or second is None:
            continue
        earlier_runs, later_runs = model.present[pair.earlier], model.present[pair.later]
        earlier = model.time[pair.earlier][first.start_event[0]]
        later = model.time[pair.later][second.start_event[0]]
        if first.steps[0].start[1] > second.steps[0].start[0]:
            model.row(later - earlier >= 0, [earlier_runs, later_runs])
        if pair.saves is None:
            continue
        if pair.saves > 0:
            if pair.least <= first.steps[0].start[0]:
                model.clause([~earlier_runs, later_runs])
            elif pair.least <= first.steps[0].start[1]:
                model.row(earlier <= pair.least - 1, [earlier_runs, ~later_runs])
        elif pair.most >= second.steps[0].start[1]:
            model.clause([~later_runs, earlier_runs])
        elif pair.most >= second.steps[0].start[0]:
            model.row(later >= pair.most + 1, [later_runs, ~earlier_runs])
