"""HiGHS by PuLP and highspy.

HiGHS must never run in a process in which OR-Tools was imported after highspy or PuLP: OR-Tools brings a HiGHS of its
own, and the two crash. So OR-Tools is imported first.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from railcap.errors import BackendError
from railcap_solvers.installed import installed
from railcap_solvers.mip.imports import import_ortools_first
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.mip.pulp_problem import pulp_problem
from railcap_solvers.status import Status

_TOLERANCE = 1e-9
"""How far from whole a literal may be: with a big M in front of it, a time may be off by M times that."""


class Highs:
    """HiGHS; see `railcap_solvers.mip.linear.LinearSolver`."""

    name = "highs"
    honours: Mapping[str, bool] = {"threads": True, "seed": True, "warm_start": True, "deterministic": False}

    def version(self) -> str | None:
        """Return the version of highspy, None if it or PuLP is missing."""
        return installed("highspy") if installed("pulp") else None

    def solve(self, model: LinearModel, task: Task) -> Answer:
        """Solve a model."""
        begun = time.monotonic()
        import_ortools_first()
        import highspy

        while True:
            highspy.Highs.resetGlobalScheduler(True)  # a second solve with another number of threads fails otherwise
            problem, variables, owners = pulp_problem(model)
            left = max(0.05, task.seconds - (time.monotonic() - begun))
            problem.solve(_solver_class()(model, task, left))
            highs = problem.solverModel
            answer = _answer(model, task, highs, [variable.index for variable in variables], owners)
            if task.start is None or answer.status is not Status.OPTIMAL or _means_its_values(answer, model, highs):
                return answer
            # HiGHS 1.16 may solve a model to the end and then hand back the start that it was given.
            task = replace(task, start=None)


def _solver_class() -> Any:
    """Return PuLP's HiGHS with what it leaves out: a start, a seed, news on the way and an early end."""
    import highspy
    import pulp

    class WithStart(pulp.HiGHS):  # type: ignore[misc]
        """PuLP's HiGHS for one model and task."""

        def __init__(self, model: LinearModel, task: Task, seconds: float) -> None:
            super().__init__(mip=not task.relaxed, msg=False, gapRel=task.relative_gap, timeLimit=seconds)
            self._model, self._task = model, task
            self.threads = task.threads
            self.optionsDict.update(random_seed=task.seed, mip_abs_gap=_TOLERANCE)
            if not task.relaxed:
                self.optionsDict["mip_feasibility_tolerance"] = _TOLERANCE

        def callSolver(self, lp: Any) -> None:  # noqa: N802 (PuLP's name)
            highs, task = lp.solverModel, self._task
            if task.start is not None:
                start = highspy.HighsSolution()
                start.col_value = list(task.start)
                highs.setSolution(start)
            if not task.relaxed:
                highs.cbMipInterrupt.subscribe(self._on_tick)
                highs.cbMipImprovingSolution.subscribe(self._on_solution)
            highs.run()

        def findSolutionValues(self, lp: Any) -> tuple[int, int]:  # noqa: N802 (PuLP's name)
            return pulp.LpStatusNotSolved, pulp.LpSolutionNoSolutionFound  # the answer is read from HiGHS itself

        def _on_tick(self, event: Any) -> None:
            data = event.data_out
            if self._task.on_bound is not None and abs(data.mip_dual_bound) < highspy.kHighsInf:
                self._task.on_bound(data.mip_dual_bound + self._model.constant)
            if self._task.stop.requested:
                event.interrupt()

        def _on_solution(self, event: Any) -> None:
            if self._task.on_values is not None:
                self._task.on_values(list(event.data_out.mip_solution))

    return WithStart


def _means_its_values(answer: Answer, model: LinearModel, highs: Any) -> bool:
    """Whether the values of an optimum cost what HiGHS says that the optimum costs."""
    claimed = highs.getInfo().objective_function_value + model.constant
    return answer.objective is not None and abs(answer.objective - claimed) <= 1e-6 * max(1.0, abs(claimed))


def _answer(model: LinearModel, task: Task, highs: Any, places: list[int], owners: list[int]) -> Answer:
    """Read what HiGHS itself says: PuLP takes an end at a limit for an optimum."""
    import highspy

    kind = highspy.HighsModelStatus
    status, info = highs.getModelStatus(), highs.getInfo()
    native = highs.modelStatusToString(status)
    if status in (kind.kInfeasible, kind.kUnboundedOrInfeasible):
        return Answer(Status.INFEASIBLE, native=native)
    if status in (
        kind.kNotset,
        kind.kLoadError,
        kind.kModelError,
        kind.kPresolveError,
        kind.kSolveError,
        kind.kPostsolveError,
    ):
        raise BackendError(f"highs ended with {native}")
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    solution = highs.getSolution()
    column_values = solution.col_value  # each access copies the whole list
    values = [column_values[place] for place in places] if has_values else None
    optimal = status == kind.kOptimal and has_values
    if task.relaxed or not any(model.whole):
        bound = info.objective_function_value + model.constant if optimal else None
    else:
        dual = info.mip_dual_bound
        bound = None if abs(dual) >= highspy.kHighsInf else dual + model.constant
    found = Status.OPTIMAL if optimal else Status.FEASIBLE if has_values else Status.UNKNOWN
    duals = None
    if task.relaxed and optimal:
        duals = [0.0] * len(model.rows)
        for owner, dual in zip(owners, solution.row_dual, strict=True):
            duals[owner] += dual
    return Answer(found, values, None if values is None else model.objective(values), bound, native, duals)
