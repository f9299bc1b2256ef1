"""HiGHS as a `LinearSolver`, no more than the tests of formulations need."""

from __future__ import annotations

import math

import highspy
import numpy as np

from railcap_solvers.mip.linear import Answer, LinearModel, Status, Task


class HighsSolver:
    name = "highs"

    def __init__(self) -> None:
        self.honours = {"threads": True, "seed": True, "warm_start": True, "memory_limit_gb": False}

    def version(self) -> str | None:
        return "test"

    def solve(self, model: LinearModel, task: Task) -> Answer:
        highs = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", task.threads),
            ("random_seed", task.seed),
            ("time_limit", max(0.0, task.seconds)),
            ("mip_rel_gap", task.relative_gap),
            ("mip_abs_gap", 0.0),
        ):
            highs.setOptionValue(option, value)
        highs.passModel(_lp(model, task.relaxed))
        if task.start is not None and not task.relaxed:
            solution = highspy.HighsSolution()
            solution.col_value = list(task.start)
            highs.setSolution(solution)
        highs.run()
        info, status = highs.getInfo(), highs.getModelStatus()
        words = highs.modelStatusToString(status)
        if status == highspy.HighsModelStatus.kInfeasible:
            return Answer(Status.INFEASIBLE, native=words)
        optimal = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
        solved = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible or optimal
        solution = highs.getSolution()
        values = list(solution.col_value) if solved else None
        bound = info.mip_dual_bound if not task.relaxed else (info.objective_function_value if optimal else -math.inf)
        if not any(model.whole) and optimal:
            bound = info.objective_function_value
        return Answer(
            Status.OPTIMAL if optimal else Status.FEASIBLE if solved else Status.UNKNOWN,
            values,
            info.objective_function_value if solved else None,
            bound if math.isfinite(bound) else None,
            words,
            list(solution.row_dual) if task.relaxed and optimal else None,
        )


def _lp(model: LinearModel, relaxed: bool) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.lower), len(model.rows)
    lp.col_cost_ = np.array(model.cost)
    lp.col_lower_, lp.col_upper_ = np.array(model.lower), np.array(model.upper)
    lp.row_lower_ = np.array([row.low for row in model.rows])
    lp.row_upper_ = np.array([row.high for row in model.rows])
    lp.offset_ = model.constant
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0] + [len(row.terms) for row in model.rows])
    lp.a_matrix_.index_ = np.array([index for row in model.rows for index in row.terms], np.int32)
    lp.a_matrix_.value_ = np.array([value for row in model.rows for value in row.terms.values()], np.float64)
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in model.whole]
    return lp
