"""A lower bound by Lagrangian relaxation of the resources, on the time grid.

The rule that a resource of capacity k is held (or kept by a release time) by at most k trains in each grid slot is
relaxed with a price per slot. What is left falls apart into one cheapest run per train, found exactly by
`railcap.operations.timegrid`; an optional train is refused when that is cheaper. The sum of these values less what the
capacity is worth is a lower bound for any prices (Geoffrion 1974); prices follow deflected subgradients with Polyak's
step. Sources of the method for train paths: Brännlund et al. 1998, Caprara et al. 2002.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from railcap.operations.problem import DelayTerm, OperationsProblem
from railcap.operations.timegrid import GridRun, GridTrain, TimeGrid, cheapest_within
from railcap.solving.stop import Stop
from railcap_solvers.bounds.kernel import count_use, excess, move


@dataclass(frozen=True, slots=True)
class Choice:
    """What a train does at the present prices: its value and its run, None where it is refused or runs very late."""

    value: float
    run: GridRun | None


class LagrangianBound:
    """Prices for the slots of every contested resource, and the best bound that they have proven so far.

    Parameters
    ----------
    problem : OperationsProblem
    grid : TimeGrid
        Must be `usable`.
    threads : int
        Threads for the trains' runs.
    """

    def __init__(self, problem: OperationsProblem, grid: TimeGrid, threads: int = 1) -> None:
        self.problem, self.grid = problem, grid
        self.trains = [GridTrain(grid, index) for index in range(len(problem.trains))]
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._unit = _cost_unit(problem, grid.step_s)
        rows = len(grid.shared)
        self.capacity = np.array([0] + [problem.resource(name).capacity for name in grid.shared[1:]], np.int64)
        self.price = np.zeros((rows, grid.slots))
        self._prefix = np.zeros((rows, grid.slots + 1))
        self._direction = np.zeros((rows, grid.slots))
        self.best = -math.inf
        self.iterations = 0
        self.alone = self._alone()

    def _alone(self) -> list[Choice]:
        """Best runs without prices; they also set how late a run may be before it is left to the ceiling."""
        choices = []
        for train in self.trains:
            refusal = self.problem.trains[train.train].refusal_cost
            run = cheapest_within(train, None)
            value = math.inf if run is None else run.value
            choices.append(Choice(value, run) if refusal is None or value <= refusal else Choice(refusal, None))
            slack = max(6 * 3600 / self.grid.step_s * _rate(train), 1.0)
            ceiling = min(refusal if refusal is not None else math.inf, (0 if run is None else value) + slack)
            train.limit_cost(ceiling)
        return choices

    @property
    def infeasible(self) -> bool:
        """Whether some mandatory train cannot run even alone."""
        return any(math.isinf(choice.value) for choice in self.alone)

    def _choose(self, train: GridTrain) -> Choice:
        """Return the train's cheapest run at the present prices, or its refusal.

        A run that is not within the train's ceiling costs more than the ceiling, so the ceiling rises until the answer
        lies below it or no run is left out any more.
        """
        refusal = self.problem.trains[train.train].refusal_cost
        while True:
            run = train.cheapest(self._prefix)
            value = math.inf if run is None else run.value
            least = value if train.complete else min(value, train.ceiling)
            if refusal is not None and least >= refusal:
                return Choice(float(refusal), None)
            if value <= least:
                return Choice(value, run)
            train.limit_cost(2.0 * train.ceiling + 1.0)

    def _all(self) -> list[Choice]:
        if self._pool is None:
            return [self._choose(train) for train in self.trains]
        return list(self._pool.map(self._choose, self.trains))

    def run(
        self,
        stop: Stop,
        seconds: float,
        upper: Callable[[], float | None],
        on_bound: Callable[[int], None],
        iterations: int = 1_000_000,
        target_gap: float = 0.0,
    ) -> int | None:
        """Improve the bound until a limit; return it as an integer cost, None if nothing is proven.

        Parameters
        ----------
        upper : callable
            Returns the cost of the best schedule known, None if there is none yet.
        on_bound : callable
            Receives each better bound, rounded up to a cost that schedules can have.
        """
        began = time.monotonic()
        use = np.zeros((len(self.grid.shared), self.grid.slots + 1), np.int32)
        worth, factor, since_better = 0.0, 1.0, 0
        for _ in range(iterations):
            self.iterations += 1
            choices = self._all()
            value = sum(choice.value for choice in choices) - worth
            if value > self.best + 1e-6 * max(1.0, abs(self.best)):
                since_better = 0
                self.best = max(self.best, value)
                on_bound(self.bound())
            else:
                since_better += 1
                if since_better >= 12:
                    factor, since_better = factor * 0.7, 0
            if stop.requested or time.monotonic() - began > seconds or factor < 1e-4:
                break
            use[:] = 0
            for train, choice in zip(self.trains, choices, strict=True):
                if choice.run is not None:
                    self._count(use, train, choice.run)
            length, slope = excess(use, self.capacity, self.price, self._direction, 0.6)
            if length == 0.0 or slope <= 0.0:
                self._direction[:] = 0.0
                length, slope = excess(use, self.capacity, self.price, self._direction, 0.0)
                if length == 0.0:
                    break
            cost = upper()
            goal = max(cost if cost is not None else 0.0, self.best + 0.02 * abs(self.best) + 1.0)
            worth = move(
                self.price, self._prefix, self._direction, self.capacity, factor * max(goal - value, 1.0) / length
            )
        return self.bound()

    def bound(self) -> int:
        """Return the best bound, rounded up to a cost that schedules can have."""
        if not math.isfinite(self.best):
            return 0
        return math.ceil(self.best / self._unit - 1e-6) * self._unit

    def _count(self, use: np.ndarray[tuple[int, ...], np.dtype[np.int32]], train: GridTrain, run: GridRun) -> None:
        operations = np.array([operation for operation, _ in run.route], np.int64)
        starts = np.array([self.grid.slot(time_s) for _, time_s in run.route], np.int64)
        arcs = np.full(len(operations), -1, np.int64)
        for place in range(len(operations) - 1):
            first, then = operations[place], operations[place + 1]
            for arc in range(train.arc_from[first], train.arc_from[first + 1]):
                if train.arc_to[arc] == then:
                    arcs[place] = arc
                    break
        count_use(use, starts, operations, 0, train.hold_from, train.hold_resource, train.hold_release, arcs, 1)
        last, end = int(operations[-1]), use.shape[1] - 1
        for resource in train.use_resource[train.use_from[last] : train.use_from[last + 1]]:
            use[resource, starts[-1]] += 1
            use[resource, end] -= 1


def _rate(train: GridTrain) -> float:
    """Return the largest cost of one slot of delay of a train."""
    return max(train.rates, default=0.0)


def _cost_unit(problem: OperationsProblem, step_s: int) -> int:
    """Return a number that divides the cost of every schedule on the grid."""
    unit = math.gcd(*(train.refusal_cost or 0 for train in problem.trains))
    for term in problem.objective:
        unit = math.gcd(unit, term.coeff * step_s, term.increment if isinstance(term, DelayTerm) else 0)
    return unit or 1
