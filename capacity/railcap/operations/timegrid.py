"""Cheapest run of a single train on a time grid, alone or against prices for the use of resources.

All times of a problem are multiples of some step from some origin. With the orders between trains fixed, what remains
is a system of difference constraints, which is totally unimodular, and every cost term breaks on the grid too; so some
optimal schedule lies on the grid and nothing is lost by looking there only.

A run is a shortest path in the graph of (operation, start) pairs. Prices make it the pricing problem of a Lagrangian
relaxation (Brännlund, Lindberg, Nõu, Nilsson 1998; Caprara, Fischetti, Toth 2002): each grid slot of each resource has
a price that a train pays while it holds the resource or keeps it from others by its release time.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from railcap.operations.problem import DelayTerm, JourneyTerm, OperationsProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GridRun:
    """A cheapest run: its value (cost plus prices), and ``(operation, start in seconds)`` along its route."""

    value: float
    route: tuple[tuple[int, int], ...]


class Scratch(NamedTuple):
    """Memory of one walk, used again by the next: fresh memory costs more time than the walk itself."""

    value: Floats
    from_operation: npt.NDArray[np.int32]
    leaving: Floats
    arriving: Floats


class TimeGrid:
    """A problem's grid: origin, step and the slots up to the last instant that matters.

    Parameters
    ----------
    problem : OperationsProblem
    slots_limit : int
        More slots than this and `usable` is False: the grid is too fine to be walked.
    """

    def __init__(self, problem: OperationsProblem, slots_limit: int = 100_000) -> None:
        self.problem = problem
        absolute, relative = _times(problem)
        self.origin_s = min(absolute)
        self.step_s = math.gcd(*relative, *(value - self.origin_s for value in absolute)) or 1
        self.slots = (_horizon(problem, absolute) - self.origin_s) // self.step_s + 1
        self.usable = self.slots <= slots_limit
        users: dict[str, set[int]] = {}
        for index, train in enumerate(problem.trains):
            for op in train.operations:
                for use in op.resources:
                    users.setdefault(use.resource, set()).add(index)
        contested = (name for name, trains in users.items() if len(trains) > problem.resource(name).capacity)
        self.shared = ("", *sorted(contested))
        """Resources for which trains compete; row 0 of a price table stands for all others and is always 0."""
        shared = {name: row for row, name in enumerate(self.shared)}
        self.resource_index = {name: shared.get(name, 0) for name in users}

        self._threads = threading.local()

    @cached_property
    def no_prices(self) -> Floats:
        """A price table in which everything is free."""
        return np.zeros((len(self.shared), self.slots + 1))

    def scratch(self, states: int) -> Scratch:
        """Return the calling thread's scratch memory, with room for so many (operation, slot) pairs."""
        kept: Scratch | None = getattr(self._threads, "scratch", None)
        if kept is None or len(kept.value) < states:
            kept = Scratch(
                np.empty(states), np.empty(states, np.int32), np.empty(self.slots + 1), np.empty(self.slots + 1)
            )
            self._threads.scratch = kept
        return kept

    def slot(self, time_s: int) -> int:
        """Return the slot of an instant on the grid."""
        return (time_s - self.origin_s) // self.step_s

    def seconds(self, slot: int) -> int:
        """Return the instant of a slot."""
        return self.origin_s + slot * self.step_s


def _times(problem: OperationsProblem) -> tuple[list[int], list[int]]:
    """Return all instants and all durations of a problem that are not trivial."""
    absolute, relative = set[int](), set[int]()
    journeys = any(isinstance(term, JourneyTerm) for term in problem.objective)
    for train in problem.trains:
        for op in train.operations:
            absolute.add(op.start_lb_s)
            if op.start_ub_s is not None:
                absolute.add(op.start_ub_s)
            relative.add(op.min_duration_s)
            relative.add(op.max_duration_s or 0)
            relative.update(use.release_s for use in op.resources)
    for resource in problem.resources.values():
        for begin, end in resource.closures:
            absolute.update((begin, end))
    for link in problem.links:
        relative.add(link.min_lag_s)
        relative.add(link.max_lag_s or 0)
    for term in problem.objective:
        if isinstance(term, DelayTerm):
            absolute.add(term.threshold_s)
            earliest_s = problem.trains[term.train].operations[term.operation].start_lb_s
            if term.increment and journeys and earliest_s < term.threshold_s:
                # A journey term may want the last moment before an increment, which lies off any coarser grid.
                absolute.add(term.threshold_s - 1)
        else:
            relative.add(term.threshold_s)
    return sorted(absolute) or [0], sorted(relative)


def _horizon(problem: OperationsProblem, absolute: list[int]) -> int:
    """Return an instant by which some optimal schedule has started all its operations and let go of all it released."""
    operations = [op for train in problem.trains for op in train.operations]
    release = max((use.release_s for op in operations for use in op.resources), default=0)
    ends = [train.operations[-1].start_ub_s for train in problem.trains]
    if ends and all(end is not None for end in ends):
        return max(end for end in ends if end is not None) + release
    journeys = [term.threshold_s for term in problem.objective if isinstance(term, JourneyTerm)]
    work = sum(journeys)
    for op in operations:
        # Only a journey term makes an operation begin, or last, longer than it must.
        work += max(op.min_duration_s, op.max_duration_s or 0) if journeys else op.min_duration_s
        work += max((use.release_s for use in op.resources), default=0)
    lags = sum(max(0, link.min_lag_s, -(link.max_lag_s or 0)) for link in problem.links)
    return absolute[-1] + work + lags + release


class GridTrain:
    """One train laid out for the grid: windows, uses, closures and cost terms as flat arrays.

    The walk is limited to runs in which no single cost term exceeds a ceiling (`limit_cost`): every other run costs
    more than the ceiling, so a value found below it is the optimum.
    """

    def __init__(self, grid: TimeGrid, train: int) -> None:
        self.grid, self.train = grid, train
        operations = grid.problem.trains[train].operations
        self.count = len(operations)
        step = grid.step_s
        self._operations = operations
        self.min_duration = np.array([op.min_duration_s // step for op in operations], np.int64)
        self.max_duration = np.array(
            [-1 if op.max_duration_s is None else op.max_duration_s // step for op in operations], np.int64
        )
        self._uses()
        self._closures()
        self._terms()
        always = _on_every_route(operations)
        self._journey_limits = [
            (link.from_operation, link.to_operation, link.max_lag_s // step)
            for link in grid.problem.links
            if link.from_train == train
            and link.to_train == train
            and link.max_lag_s is not None
            and (link.from_operation in always or _go_together(operations, link.from_operation, link.to_operation))
        ]
        self._base_windows()
        self.limit_cost(math.inf)

    def _uses(self) -> None:
        index = self.grid.resource_index
        step = self.grid.step_s
        last_use = {use.resource: number for number, op in enumerate(self._operations) for use in op.resources}
        use_from, uses, arc_from, arcs, hold_from, holds = [0], [], [0], [], [0], []
        for op in self._operations:
            uses += [index[use.resource] for use in op.resources]
            use_from.append(len(uses))
            for successor in op.successors:
                kept = {use.resource for use in self._operations[successor].resources}
                arcs.append(successor)
                # Where the train may come back to a resource, its release is left out: it never keeps itself out.
                holds += [
                    (
                        index[use.resource],
                        0 if use.resource in kept or last_use[use.resource] > successor else use.release_s // step,
                    )
                    for use in op.resources
                ]
                hold_from.append(len(holds))
            arc_from.append(len(arcs))
        self.use_from, self.use_resource = np.array(use_from, np.int64), np.array(uses, np.int64)
        self.arc_from, self.arc_to = np.array(arc_from, np.int64), np.array(arcs, np.int64)
        self.hold_from = np.array(hold_from, np.int64)
        self.hold_resource = np.array([resource for resource, _ in holds], np.int64)
        self.hold_release = np.array([release for _, release in holds], np.int64)

    def _closures(self) -> None:
        closure_from, begin, end = [0], [], []
        for op in self._operations:
            shut = {c for use in op.resources for c in self.grid.problem.resource(use.resource).closures}
            merged: list[tuple[int, int]] = []
            for a, b in sorted(shut):
                if merged and a < merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
                else:
                    merged.append((a, b))
            begin += [self.grid.slot(a) for a, _ in merged]
            end += [self.grid.slot(b) for _, b in merged]
            closure_from.append(len(begin))
        self.closure_from = np.array(closure_from, np.int64)
        self.closure_begin, self.closure_end = np.array(begin, np.int64), np.array(end, np.int64)

    def _terms(self) -> None:
        """Split the train's cost into delay terms, and linear rates for journey terms whose time above is never 0."""
        step = self.grid.step_s
        rows: list[list[tuple[int, int, int]]] = [[] for _ in range(self.count)]
        self.rate = np.zeros(self.count)
        self.constant = 0.0
        self._delays: list[tuple[int, int, int]] = []
        self._journeys: list[tuple[int, int, int, int]] = []
        self.exact = True
        always = _on_every_route(self._operations)
        for term in self.grid.problem.objective:
            if term.train != self.train:
                continue
            if isinstance(term, DelayTerm):
                slot = self.grid.slot(term.threshold_s)
                rows[term.operation].append((slot, term.coeff * step, term.increment))
                if term.operation in always:
                    self._delays.append((term.operation, slot, term.coeff * step))
            elif term.from_operation in always and term.to_operation in always:
                self.constant += self._journey(term)
            elif _go_together(self._operations, term.from_operation, term.to_operation):
                rows[term.to_operation].append((0, 0, self._journey(term)))
            else:
                self.exact = False
        self.term_from = np.array(np.cumsum([0] + [len(row) for row in rows]), np.int64)
        flat = [item for row in rows for item in row]
        self.term_threshold = np.array([item[0] for item in flat], np.int64)
        self.term_rate = np.array([item[1] for item in flat], np.float64)
        self.term_increment = np.array([item[2] for item in flat], np.float64)

    def _journey(self, term: JourneyTerm) -> int:
        """Count a journey by linear rates of its two operations; return what is to be added where it is made."""
        step = self.grid.step_s
        shortest = _shortest_between(self._operations, term.from_operation, term.to_operation)
        if term.threshold_s > shortest:
            self.exact = False  # below the threshold the linear form undercuts the true cost: still a valid bound
        threshold = term.threshold_s // step
        self.rate[term.from_operation] -= term.coeff * step
        self.rate[term.to_operation] += term.coeff * step
        self._journeys.append((term.from_operation, term.to_operation, threshold, term.coeff * step))
        return -term.coeff * step * threshold

    def _base_windows(self) -> None:
        grid = self.grid
        low = np.array([grid.slot(op.start_lb_s) for op in self._operations], np.int64)
        high = np.array(
            [grid.slots - 1 if op.start_ub_s is None else grid.slot(op.start_ub_s) for op in self._operations],
            np.int64,
        )
        if self.closure_from[-1] > self.closure_from[-2]:
            low[-1] = max(low[-1], self.closure_end[-1])  # the exit lasts for ever, so it follows all its closures
        for first, then, longest in self._journey_limits:
            high[then] = min(high[then], high[first] + longest)
        self._base_low, self._base_high = low, high
        self._propagate(low, high)
        self._full_low, self._full_high = self._windows(math.inf)

    def _propagate(self, low: Ints, high: Ints) -> None:
        """Tighten windows along the graph and past closures; what cannot be reached ends with an empty window."""
        from railcap.operations.timegrid_kernel import tighten

        tighten(
            low, high, self.min_duration, self.arc_from, self.arc_to,
            self.closure_from, self.closure_begin, self.closure_end, self.grid.slots,
        )  # fmt: skip

    def limit_cost(self, ceiling: float) -> None:
        """Leave out every start that makes a single cost term exceed `ceiling`."""
        self.ceiling = ceiling
        self.low, self.high = self._windows(ceiling)
        self._spans = self._spanned()

    def _spanned(self) -> tuple[Ints, Ints, Ints]:
        """Return per contested resource the first slot that a run could hold and the slot after the last."""
        spans: dict[int, tuple[int, int]] = {}
        for operation in range(self.count):
            if self.low[operation] > self.high[operation]:
                continue
            until = self.grid.slots
            arcs = range(self.arc_from[operation], self.arc_from[operation + 1])
            if arcs:
                ends = [int(self.high[self.arc_to[arc]]) for arc in arcs]
                holds = slice(self.hold_from[arcs[0]], self.hold_from[arcs[-1] + 1])
                until = min(until, max(ends) + int(self.hold_release[holds].max(initial=0)))
            for row in self.use_resource[self.use_from[operation] : self.use_from[operation + 1]].tolist():
                first, last = spans.get(row, (self.grid.slots, 0))
                spans[row] = (min(first, int(self.low[operation])), max(last, until))
        table = np.array([(row, *span) for row, span in spans.items() if row], np.int64).reshape(-1, 3)
        return table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy()

    def meets(self, prefix: Floats) -> bool:
        """Whether any price lies where a run within the ceiling could hold a resource."""
        rows, first, until = self._spans
        return bool((prefix[rows, np.maximum(first, until)] > prefix[rows, first]).any())

    def _windows(self, ceiling: float) -> tuple[Ints, Ints]:
        """Return the windows in which no single cost term exceeds a ceiling."""
        low, high = self._base_low.copy(), self._base_high.copy()
        if math.isfinite(ceiling):
            for operation, threshold, rate in self._delays:
                if rate > 0:
                    high[operation] = min(high[operation], threshold + int(ceiling // rate))
        self._propagate(low, high)
        if math.isfinite(ceiling):
            for first, then, threshold, rate in self._journeys:
                if rate > 0 and low[first] <= high[first]:
                    high[then] = min(high[then], high[first] + threshold + int(ceiling // rate))
        self._propagate(low, high)
        return low, high

    @property
    def rates(self) -> list[int]:
        """Cost of one slot of delay or journey, for each of the train's cost terms."""
        return [rate for *_, rate in self._delays] + [rate for *_, rate in self._journeys]

    @property
    def an_hour(self) -> float:
        """What an hour of delay costs the train, at least 1."""
        return max(1.0, 3600 / self.grid.step_s * max(self.rates, default=0))

    @property
    def complete(self) -> bool:
        """Whether the ceiling leaves no start out."""
        return bool((self.low == self._full_low).all() and (self.high == self._full_high).all())

    def cheapest(self, prefix: Floats | None = None) -> GridRun | None:
        """Return the cheapest run within the ceiling, None if there is none.

        Parameters
        ----------
        prefix : array of float, shape (resources, slots + 1), optional
            Sums of the prices of the slots before each slot, row by resource; None: all prices are 0.
        """
        # Cheapest runs of parts of the windows, longest journeys left aside: the first that keeps them all is it.
        relaxed: list[tuple[float, int, GridRun, Ints, Ints]] = []

        def look_at(low: Ints, high: Ints) -> None:
            run = self._walk(prefix, low, high)
            if run is not None:
                heapq.heappush(relaxed, (run.value, next(number), run, low, high))

        number = itertools.count()
        look_at(self.low, self.high)
        while relaxed:
            *_, run, low, high = heapq.heappop(relaxed)
            too_long = self._too_long(run)
            if too_long is None:
                return run
            # It begins later than between its begin and the last begin for its end, or it ends sooner.
            first, then, last_begin, longest = too_long
            later, sooner = low.copy(), high.copy()
            later[first] = last_begin + 1
            sooner[first] = min(sooner[first], last_begin)
            sooner[then] = min(sooner[then], last_begin + longest)
            for part_low, part_high in ((later, high.copy()), (low.copy(), sooner)):
                self._propagate(part_low, part_high)
                look_at(part_low, part_high)
        return None

    def holds(self, run: GridRun) -> tuple[Ints, Ints, Ints]:
        """Return what a run holds of contested resources: rows, first slots and slots after the last.

        What the exit holds it holds to the end of the grid.
        """
        from railcap.operations.timegrid_kernel import collect_holds

        route = np.array(run.route, np.int64)
        operations = route[:, 0].copy()
        starts = (route[:, 1] - self.grid.origin_s) // self.grid.step_s
        table = np.empty((len(self.hold_resource) + len(self.use_resource), 3), np.int64)
        count = collect_holds(
            operations, starts, self.arc_from, self.arc_to, self.hold_from, self.hold_resource, self.hold_release,
            self.use_from, self.use_resource, self.grid.slots, table,
        )  # fmt: skip
        return table[:count, 0].copy(), table[:count, 1].copy(), table[:count, 2].copy()

    def _too_long(self, run: GridRun) -> tuple[int, int, int, int] | None:
        """Return a journey that takes longer than it may: its two operations, when it begins at last, its length."""
        starts = dict(run.route) if self._journey_limits else {}
        for first, then, longest in self._journey_limits:
            if first in starts and then in starts:
                begin, end = self.grid.slot(starts[first]), self.grid.slot(starts[then])
                if end - begin > longest:
                    return first, then, (begin + end - longest) // 2, longest
        return None

    def _walk(self, prefix: Floats | None, low: Ints, high: Ints) -> GridRun | None:
        from railcap.operations.timegrid_kernel import trace_back, walk

        size = np.maximum(0, high - low + 1)
        offset = np.concatenate(([0], np.cumsum(size)))
        if low[0] > high[0] or low[-1] > high[-1]:
            return None
        scratch = self.grid.scratch(int(offset[-1]))
        prices = self.grid.no_prices if prefix is None else prefix
        best, slot = walk(
            low, high, offset, self.min_duration, self.max_duration, self.use_from, self.use_resource,
            self.arc_from, self.arc_to, self.hold_from, self.hold_resource, self.hold_release,
            self.closure_from, self.closure_begin, self.closure_end,
            self.term_from, self.term_threshold, self.term_rate, self.term_increment, self.rate,
            prices, scratch.value, scratch.from_operation, scratch.leaving, scratch.arriving,
        )  # fmt: skip
        if not math.isfinite(best):
            return None
        chain = np.empty((self.count, 2), np.int64)
        length = trace_back(
            low, high, offset, self.min_duration, self.max_duration, self.use_from, self.use_resource,
            self.closure_from, self.closure_begin, self.closure_end,
            prices, scratch.value, scratch.from_operation, slot, chain,
        )  # fmt: skip
        operations, slots = chain[:length][::-1].T
        starts_s = self.grid.origin_s + slots * self.grid.step_s
        return GridRun(best + self.constant, tuple(zip(operations.tolist(), starts_s.tolist(), strict=True)))


def _on_every_route(operations: tuple[Any, ...]) -> set[int]:
    """Return the operations that every route from entry to exit contains."""
    count = len(operations)
    ahead = [0.0] * count
    ahead[0] = 1.0
    for op in range(count):
        for successor in operations[op].successors:
            ahead[successor] += ahead[op] / len(operations[op].successors)
    # A unit of flow spread over the arcs: exactly what carries all of it lies on every route.
    return {op for op in range(count) if ahead[op] > 1 - 1e-9}


def _go_together(operations: tuple[Any, ...], first: int, then: int) -> bool:
    """Whether every route has both operations, in this order, or neither."""
    return not _reaches(operations, 0, then, first) and not _reaches(operations, first, len(operations) - 1, then)


def _reaches(operations: tuple[Any, ...], begin: int, end: int, without: int) -> bool:
    """Whether some route leads from one operation to another and leaves out a third."""
    reached = {begin} - {without}
    for op in range(begin, end):
        if op in reached:
            reached.update(successor for successor in operations[op].successors if successor != without)
    return end in reached


def _shortest_between(operations: tuple[Any, ...], first: int, then: int) -> int:
    """Return the least time from the start of one operation to the start of another, windows left aside."""
    reach = {first: 0}
    for op in range(first, then):
        if op in reach:
            for successor in operations[op].successors:
                time_s = reach[op] + operations[op].min_duration_s
                reach[successor] = min(reach.get(successor, time_s), time_s)
    return int(reach.get(then, 0))


def cheapest_within(train: GridTrain, prefix: Floats | None) -> GridRun | None:
    """Raise the ceiling of a train until its cheapest run is proven, and return that run; None if it cannot run."""
    ceiling = max([60.0 * rate for rate in train.rates if rate > 0], default=1.0)
    while True:
        train.limit_cost(ceiling)
        run = train.cheapest(prefix)
        if train.complete or (run is not None and run.value <= ceiling):
            return run
        ceiling *= 3
