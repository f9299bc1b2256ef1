"""The master program over whole train runs: each train takes one run or none, each slot of a resource fits k trains.

Rows for slots are added as solutions overfill them. Its value over the runs known is no bound; its dual values are
prices, and prices give a bound (`lagrangian`). The program is solved by GLOP.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from railcap.operations.problem import OperationsProblem
from railcap.solving.stop import Stop
from railcap_solvers.bounds.kernel import add_use, peaks
from railcap_solvers.exact.overload import Overload

Ints = npt.NDArray[np.int64]

MOST_ITERATIONS = 200_000
"""One solve of the program takes some thousand steps of the simplex method, or goes round in circles for ever."""

_NEVER = 1e7
"""Cost of leaving a mandatory train out, in the program's scaled units: more than any run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A train's run as a column: cost, route with start times, and the slots that it holds of contested resources."""

    train: int
    cost: float
    route: tuple[tuple[int, int], ...]
    resource: Ints
    begin: Ints
    until: Ints


class Master:
    """A linear program that grows by runs and by rows.

    Parameters
    ----------
    shape : (int, int)
        Contested resources and slots.
    capacity : array, shape (resources,)
    overloads : sequence of Overload
        Trains of which so many are left out in every solution.
    """

    def __init__(
        self,
        problem: OperationsProblem,
        shape: tuple[int, ...],
        capacity: npt.NDArray[np.float64],
        overloads: Sequence[Overload] = (),
    ) -> None:
        from ortools.linear_solver import pywraplp

        self._lp: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._lp.SetSolverSpecificParametersAsString(f"max_number_of_iterations: {MOST_ITERATIONS}")
        self._capacity = capacity
        self._scale = float(problem.cost_scale)
        self._runs: list[Run] = []
        self._variables: list[Any] = []
        self._seen: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
        self._rows: dict[int, dict[int, Any]] = defaultdict(dict)
        self._holders: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._differences = np.zeros((shape[0], shape[1] + 1))
        objective = self._lp.Objective()
        objective.SetMinimization()
        self._convexity, left_out = [], []
        for train in problem.trains:
            row = self._lp.Constraint(1.0, 1.0)
            refused = self._lp.NumVar(0.0, self._lp.infinity(), "")
            row.SetCoefficient(refused, 1.0)
            objective.SetCoefficient(
                refused, _NEVER if train.refusal_cost is None else train.refusal_cost / self._scale
            )
            self._convexity.append(row)
            left_out.append(refused)
        for overload in overloads:
            row = self._lp.Constraint(float(overload.refused), self._lp.infinity())
            for number in overload.trains:
                row.SetCoefficient(left_out[number], 1.0)

    def add(self, runs: Iterable[Run]) -> int:
        """Add the runs that are new; return how many."""
        added = 0
        objective = self._lp.Objective()
        for run in runs:
            key = (run.train, run.route)
            if key in self._seen:
                continue
            self._seen.add(key)
            variable = self._lp.NumVar(0.0, self._lp.infinity(), "")
            objective.SetCoefficient(variable, run.cost / self._scale)
            self._convexity[run.train].SetCoefficient(variable, 1.0)
            number = len(self._runs)
            for r, begin, until in zip(run.resource.tolist(), run.begin.tolist(), run.until.tolist(), strict=True):
                self._holders[r].append((begin, until, number))
                for slot, row in self._rows[r].items():
                    if begin <= slot < until:
                        row.SetCoefficient(variable, 1.0)
            self._runs.append(run)
            self._variables.append(variable)
            added += 1
        return added

    def solve(self, stop: Stop, deadline: float, rounds: int = 3) -> bool:
        """Solve and add rows for overfull slots, a few rounds of it; return False if stopped or failed.

        Prices of a program that lacks rows are prices all the same, so the rounds need not end with none to add.
        """
        for _ in range(rounds):
            if stop.requested or time.monotonic() >= deadline or not self._solve(deadline):
                return False
            self._differences[:] = 0.0
            for run, variable in zip(self._runs, self._variables, strict=True):
                amount = variable.solution_value()
                if amount > 1e-7:
                    add_use(self._differences, run.resource, run.begin, run.until, amount)
            found = np.empty((4000, 2), np.int64)
            count = peaks(self._differences, self._capacity, found, 1e-5)
            new = 0
            for r, slot in found[:count].tolist():
                if slot not in self._rows[r]:
                    self._add_row(r, slot)
                    new += 1
            if not new:
                return True
        return self._solve(deadline)

    def _solve(self, deadline: float) -> bool:
        """Solve as it stands, until a deadline; where work is counted there is none, and the clock is not looked at."""
        if math.isfinite(deadline):
            self._lp.SetTimeLimit(int(1000 * max(0.01, deadline - time.monotonic())))
        return bool(self._lp.Solve() == self._lp.OPTIMAL)

    def _add_row(self, resource: int, slot: int) -> None:
        row = self._lp.Constraint(-self._lp.infinity(), float(self._capacity[resource]))
        for begin, until, number in self._holders[resource]:
            if begin <= slot < until:
                row.SetCoefficient(self._variables[number], 1.0)
        self._rows[resource][slot] = row

    def prices(self, into: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Write the prices of the last solution into a table, in the problem's cost units."""
        into[:] = 0.0
        for r, rows in self._rows.items():
            for slot, row in rows.items():
                into[r, slot] = max(0.0, -row.dual_value() * self._scale)
        return into
