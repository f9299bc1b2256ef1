"""A linear library as the solver of the exact loop's relaxations."""

from __future__ import annotations

import math
from typing import Any

from railcap.errors import SolverCrashed
from railcap_solvers.exact.model import ExactModel, Language
from railcap_solvers.exact.relaxation import Relaxed, RelaxTask, Solution
from railcap_solvers.mip.linear import Answer, LinearSolver, Task, Values
from railcap_solvers.mip.modelling import Domain, Expression, LinearModelling
from railcap_solvers.status import Status
from railcap_solvers.stopping import stop_when

_DUST = 1e-6
"""What a library may be off by: in a time step, and relative to the cost in a bound."""

_KEPT = 1e-5
"""A start that breaches some row by more is not handed over."""


class LinearRelaxer:
    """Writes the exact model as a linear one with tight big Ms, and solves it; see `Relaxer`."""

    def __init__(self, solver: LinearSolver) -> None:
        self._solver = solver
        self.language = Language(Domain, LinearModelling, is_linear=True)
        self.native = ""

    def solve(self, model: ExactModel, task: RelaxTask) -> Relaxed:
        """Solve a relaxation within the limits of a round."""
        if task.schedule is not None:
            model.add_hint(task.schedule)
        unit = model.costs.unit
        linear = model.model.linear(unit)
        if linear.impossible:
            return Relaxed(Status.INFEASIBLE)
        start = model.model.start()
        if start is not None and linear.breach(start) > _KEPT:
            start = None
        with stop_when(lambda: task.stop.requested or task.enough()) as stop:
            answer = self._solver.solve(
                linear,
                Task(
                    seconds=task.seconds,
                    threads=task.threads,
                    seed=task.seed,
                    relative_gap=task.relative_gap,
                    start=start,
                    stop=stop,
                    on_values=lambda values: task.on_solution(_solution(values)),
                    on_bound=lambda bound: task.on_bound(_whole(model, bound)),
                ),
            )
        self.native = answer.native
        if answer.status is Status.INFEASIBLE and start is not None:
            raise SolverCrashed(f"{self._solver.name} says that a model is infeasible of which it has a solution")
        return _relaxed(model, answer)

    def remember(self, model: ExactModel, solution: Solution) -> None:
        """Nothing: rows were added that the solution breaks, so it is no start."""
        model.model.clear_hints()


def _relaxed(model: ExactModel, answer: Answer) -> Relaxed:
    if answer.status is Status.INFEASIBLE:
        return Relaxed(Status.INFEASIBLE)
    bound = None if answer.bound is None or math.isinf(answer.bound) else _whole(model, answer.bound)
    solution = None if answer.values is None else _solution(answer.values)
    return Relaxed(answer.status if solution is not None else Status.UNKNOWN, solution, bound)


def _whole(model: ExactModel, bound: float) -> int:
    """Return a library's bound as a cost that is possible, rounded up with its dust taken off."""
    unit = model.costs.unit
    return model.costs.whole((bound - _DUST * max(1.0, abs(bound))) * unit)


def _solution(values: Values) -> Solution:
    """Return whole times: with all literals whole, rounding every time down keeps all differences of whole steps."""

    def value(expression: Any) -> int:
        if isinstance(expression, int):
            return expression
        total: float = expression.constant + sum(factor * values[index] for index, factor in expression.terms.items())
        return math.floor(total + 1e-4)

    def holds(literal: Expression) -> bool:
        return literal.constant + sum(factor * values[index] for index, factor in literal.terms.items()) > 0.5

    return Solution(value, holds)
