"""Linear models in the form of OR-Tools' MathOpt, and what its solvers answer about them."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from railcap.errors import BackendError
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.status import Status
from railcap_solvers.stopping import call_when


class MathOptModel:
    """A linear model, or its relaxation if the task wants that, in MathOpt's form."""

    def __init__(self, model: LinearModel, task: Task) -> None:
        from ortools.math_opt.python import mathopt

        self._mathopt, self._model, self._task = mathopt, model, task
        self.written = mathopt.Model(name="railcap")
        self.variables = [
            self.written.add_variable(lb=lower, ub=upper, is_integer=whole and not task.relaxed)
            for lower, upper, whole in zip(model.lower, model.upper, model.whole, strict=True)
        ]
        self._rows = []
        for row in model.rows:
            linear = self.written.add_linear_constraint()
            if row.terms:
                linear.lower_bound, linear.upper_bound = row.low, row.high
            for index, value in row.terms.items():
                linear.set_coefficient(self.variables[index], value)
            self._rows.append(linear)
        self.written.minimize(model.constant)
        for index, cost in enumerate(model.cost):
            if cost:
                self.written.objective.set_linear_coefficient(self.variables[index], cost)

    def parameters(self) -> Any:
        """Return MathOpt's parameters for the task."""
        return self._mathopt.SolveParameters(
            time_limit=timedelta(seconds=max(0.05, self._task.seconds)),
            relative_gap_tolerance=self._task.relative_gap,
            absolute_gap_tolerance=1e-9,
            random_seed=self._task.seed,
        )

    def solve(self, name: str, kind: Any, parameters: Any, **arguments: Any) -> Answer:
        """Solve with a solver of MathOpt; its failure is a `BackendError` with its name."""
        from ortools.util.python.solve_interrupter import SolveInterrupter

        interrupter, stop = SolveInterrupter(), self._task.stop
        try:
            with call_when(lambda: stop.requested, interrupter.interrupt):
                result = self._mathopt.solve(
                    self.written, kind, params=parameters, interrupter=interrupter, **arguments
                )
        except Exception as error:
            reason = error.__context__ or error
            raise BackendError(f"{name} failed: {reason}") from error
        return self._answer(result)

    def _answer(self, result: Any) -> Answer:
        reasons = self._mathopt.TerminationReason
        ended = result.termination
        native = f"{ended.reason.name}{f' ({ended.limit.name})' if ended.limit else ''}"
        if ended.reason in (reasons.INFEASIBLE, reasons.INFEASIBLE_OR_UNBOUNDED):
            return Answer(Status.INFEASIBLE, native=native)
        bound = finite(ended.objective_bounds.dual_bound)
        if not result.has_primal_feasible_solution():
            return Answer(Status.UNKNOWN, bound=bound, native=native)
        found = result.variable_values()
        values = [found[variable] for variable in self.variables]
        optimal = ended.reason is reasons.OPTIMAL
        duals = None
        if self._task.relaxed and optimal:
            dual_values = result.dual_values()
            duals = [dual_values[row] for row in self._rows]
        status = Status.OPTIMAL if optimal else Status.FEASIBLE
        return Answer(status, values, self._model.objective(values), bound, native, duals)


def finite(bound: float | None) -> float | None:
    """Return a bound, None if it says nothing."""
    return bound if bound is not None and math.isfinite(bound) and abs(bound) < 1e19 else None
