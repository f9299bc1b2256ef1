"""SCIP by OR-Tools' MathOpt, and GLOP for its relaxations. It has one thread."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from railcap.errors import BackendError
from railcap_solvers.installed import installed
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.status import Status


class Scip:
    """SCIP; see `railcap_solvers.mip.linear.LinearSolver`."""

    name = "scip"
    honours: Mapping[str, bool] = {"threads": False, "seed": True, "warm_start": True, "deterministic": False}

    def version(self) -> str | None:
        """Return the version of OR-Tools, which brings SCIP along; None if it is missing."""
        return installed("ortools")

    def solve(self, model: LinearModel, task: Task) -> Answer:
        """Solve a model."""
        from ortools.math_opt.python import mathopt

        begun_model, variables, rows = _written(mathopt, model, task)
        parameters = mathopt.SolveParameters(
            time_limit=timedelta(seconds=max(0.05, task.seconds)),
            relative_gap_tolerance=task.relative_gap,
            absolute_gap_tolerance=1e-9,
            random_seed=task.seed,
        )
        if not task.relaxed:
            parameters.gscip.real_params["numerics/feastol"] = 1e-9
        hints = []
        if task.start is not None:
            hints = [mathopt.SolutionHint(variable_values=dict(zip(variables, task.start, strict=True)))]
        arguments: dict[str, Any] = {}
        if not task.relaxed:
            arguments = {"callback_reg": _registration(mathopt), "cb": _listener(mathopt, task, variables)}
        kind = mathopt.SolverType.GLOP if task.relaxed else mathopt.SolverType.GSCIP
        try:
            result = mathopt.solve(
                begun_model,
                kind,
                params=parameters,
                model_params=mathopt.ModelSolveParameters(solution_hints=hints),
                **arguments,
            )
        except Exception as error:
            reason = error.__context__ or error
            raise BackendError(f"scip failed: {reason}") from error
        return _answer(mathopt, model, task, result, variables, rows)


def _written(mathopt: Any, model: LinearModel, task: Task) -> tuple[Any, list[Any], list[Any]]:
    """Return the model in MathOpt's form with its variables and rows."""
    written = mathopt.Model(name="railcap")
    variables = [
        written.add_variable(lb=lower, ub=upper, is_integer=whole and not task.relaxed)
        for lower, upper, whole in zip(model.lower, model.upper, model.whole, strict=True)
    ]
    rows = []
    for row in model.rows:
        linear = (
            written.add_linear_constraint(lb=row.low, ub=row.high) if row.terms else written.add_linear_constraint()
        )
        for index, value in row.terms.items():
            linear.set_coefficient(variables[index], value)
        rows.append(linear)
    written.minimize(model.constant)
    for index, cost in enumerate(model.cost):
        if cost:
            written.objective.set_linear_coefficient(variables[index], cost)
    return written, variables, rows


def _registration(mathopt: Any) -> Any:
    return mathopt.CallbackRegistration(events={mathopt.Event.MIP_SOLUTION})


def _listener(mathopt: Any, task: Task, variables: list[Any]) -> Any:
    """Return a callback that passes solutions on, and ends the solve at the first one after a request to stop."""

    def listen(data: Any) -> Any:
        if data.solution is not None and task.on_values is not None:
            task.on_values([data.solution[variable] for variable in variables])
        if data.mip_stats.dual_bound is not None and task.on_bound is not None:
            bound = data.mip_stats.dual_bound
            if math.isfinite(bound) and abs(bound) < 1e19:
                task.on_bound(bound)
        return mathopt.CallbackResult(terminate=task.stop.requested)

    return listen


def _answer(mathopt: Any, model: LinearModel, task: Task, result: Any, variables: list[Any], rows: list[Any]) -> Answer:
    ended = result.termination
    native = f"{ended.reason.name}{f' ({ended.limit.name})' if ended.limit else ''}"
    if ended.reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
        return Answer(Status.INFEASIBLE, native=native)
    bound = ended.objective_bounds.dual_bound
    known_bound = bound if math.isfinite(bound) and abs(bound) < 1e19 else None
    if not result.has_primal_feasible_solution():
        return Answer(Status.UNKNOWN, bound=known_bound, native=native)
    found = result.variable_values()
    values = [found[variable] for variable in variables]
    optimal = ended.reason is mathopt.TerminationReason.OPTIMAL
    duals = None
    if task.relaxed and optimal:
        dual_values = result.dual_values()
        duals = [dual_values[row] for row in rows]
    status = Status.OPTIMAL if optimal else Status.FEASIBLE
    return Answer(status, values, model.objective(values), known_bound, native, duals)
