"""GLOP, OR-Tools' simplex, by MathOpt: linear relaxations only, whatever the task says of wholeness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from railcap_solvers.installed import installed
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.mip.mathopt_model import MathOptModel


class Glop:
    """GLOP; see `railcap_solvers.mip.linear.LinearSolver`."""

    name = "glop"
    honours: Mapping[str, bool] = {"threads": False, "seed": True, "warm_start": False, "deterministic": True}

    def version(self) -> str | None:
        """Return the version of OR-Tools, None if it is missing."""
        return installed("ortools")

    def solve(self, model: LinearModel, task: Task) -> Answer:
        """Solve the relaxation of a model."""
        from ortools.math_opt.python import mathopt

        begun = MathOptModel(model, replace(task, relaxed=True))
        parameters = begun.parameters()
        parameters.relative_gap_tolerance = parameters.absolute_gap_tolerance = None
        return begun.solve(self.name, mathopt.SolverType.GLOP, parameters)
