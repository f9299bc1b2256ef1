"""SCIP by OR-Tools' MathOpt, and GLOP for its relaxations. It has one thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from railcap_solvers.installed import installed
from railcap_solvers.mip.glop import Glop
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.mip.mathopt_model import MathOptModel, finite


class Scip:
    """SCIP; see `railcap_solvers.mip.linear.LinearSolver`."""

    name = "scip"
    honours: Mapping[str, bool] = {"threads": False, "seed": True, "warm_start": True, "deterministic": False}

    def version(self) -> str | None:
        """Return the version of OR-Tools, which brings SCIP along; None if it is missing."""
        return installed("ortools")

    def solve(self, model: LinearModel, task: Task) -> Answer:
        """Solve a model."""
        if task.relaxed:
            return Glop().solve(model, task)
        from ortools.math_opt.python import mathopt

        begun = MathOptModel(model, task)
        parameters = begun.parameters()
        parameters.gscip.real_params["numerics/feastol"] = 1e-9
        hints = []
        if task.start is not None:
            hints = [mathopt.SolutionHint(variable_values=dict(zip(begun.variables, task.start, strict=True)))]
        return begun.solve(
            self.name,
            mathopt.SolverType.GSCIP,
            parameters,
            model_params=mathopt.ModelSolveParameters(solution_hints=hints),
            callback_reg=mathopt.CallbackRegistration(events={mathopt.Event.MIP_SOLUTION}),
            cb=_listener(mathopt, task, begun.variables),
        )


def _listener(mathopt: Any, task: Task, variables: list[Any]) -> Any:
    """Return a callback that passes solutions on, and ends the solve at the first one after a request to stop."""

    def listen(data: Any) -> Any:
        if data.solution is not None and task.on_values is not None:
            task.on_values([data.solution[variable] for variable in variables])
        bound = finite(data.mip_stats.dual_bound)
        if bound is not None and task.on_bound is not None:
            task.on_bound(bound)
        return mathopt.CallbackResult(terminate=task.stop.requested)

    return listen
