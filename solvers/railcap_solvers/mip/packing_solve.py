"""Solves a problem as a time-indexed packing: the relaxation first, then the whole model, or columns if it is large."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from railcap.errors import InternalError
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import NoValidOrder, OrderSearchEnded, Schedule
from railcap.operations.timegrid import TimeGrid
from railcap_solvers.mip.disorder import Routes
from railcap_solvers.mip.linear import Answer, LinearModel, LinearSolver, Status, Task, Values
from railcap_solvers.mip.packing import NONZEROS, Packing
from railcap_solvers.stopping import stop_when

if TYPE_CHECKING:
    from railcap_solvers.portfolio import Board

INTEGRAL = 1e-6
"""How far from whole a value may be."""

RELAXATION_SHARE = 0.5
"""Share of the time that the relaxation may take."""


@dataclass(frozen=True, slots=True)
class PackingOutcome:
    """What is known at the end; costs in the problem's integer units.

    Parameters
    ----------
    bound : int or None
        A proven lower bound.
    optimal, infeasible : bool
        Proofs.
    native : str
        The library's own words, or why there was nothing to ask it.
    from_relaxation : bool
        The optimum came from the linear relaxation.
    columns : bool
        The model was too large and columns were generated.
    undecided : bool
        It ended with a solution for whose events no order was found, though there may be one.
    """

    schedule: Schedule | None
    objective: int | None
    bound: int | None
    optimal: bool
    infeasible: bool
    native: str
    from_relaxation: bool = False
    columns: bool = False
    undecided: bool = False


class Best:
    """The best schedule and bound so far, each improvement told to who wants it; only valid schedules are taken."""

    def __init__(
        self,
        problem: OperationsProblem,
        on_schedule: Callable[[Schedule, int], None],
        on_bound: Callable[[int], None],
        start: Schedule | None,
    ) -> None:
        self.problem = problem
        self._on_schedule, self._on_bound = on_schedule, on_bound
        self.schedule = start
        self.cost = None if start is None else schedule_cost(problem, start)
        self.bound: int | None = None
        self.undecided = False
        """Whether there was a solution for whose events no order was found, though there may be one."""

    def post(self, cost: int, schedule: Schedule) -> None:
        """Take a schedule if it is better; an `InternalError` if it breaks a rule."""
        if self.cost is not None and cost >= self.cost:
            return
        for violation in check_schedule(self.problem, schedule):
            raise InternalError(f"the packing model's schedule breaks a rule: {violation}")
        self.cost, self.schedule = cost, schedule
        self._on_schedule(schedule, cost)

    def post_bound(self, bound: int) -> None:
        """Take a bound if it is better; a bound above the best cost only says that this is the optimum."""
        if self.cost is not None:
            bound = min(bound, self.cost)
        if self.bound is None or bound > self.bound:
            self.bound = bound
            self._on_bound(bound)

    def outcome(
        self, native: str, infeasible: bool = False, relaxed: bool = False, columns: bool = False
    ) -> PackingOutcome:
        """Say what is known."""
        infeasible = infeasible and self.schedule is None
        optimal = self.cost is not None and self.bound is not None and self.bound >= self.cost
        return PackingOutcome(
            self.schedule,
            self.cost,
            self.bound,
            optimal,
            infeasible,
            native,
            relaxed and optimal,
            columns,
            self.undecided,
        )


def solve_packing(
    problem: OperationsProblem,
    solver: LinearSolver,
    task: Task,
    on_schedule: Callable[[Schedule, int], None],
    on_bound: Callable[[int], None],
    start: Schedule | None = None,
    nonzeros: int = NONZEROS,
    relaxation_only: bool = False,
) -> PackingOutcome:
    """Solve a problem as a time-indexed packing.

    Parameters
    ----------
    task : Task
        Limits, threads, seed, gap and stop; its start and callbacks are not used.
    on_schedule : function of a schedule and its cost
        Receives better and better schedules.
    on_bound : function of a cost
        Receives better and better bounds.
    start : Schedule, optional
        A valid schedule to start from; what is dearer is left out.
    nonzeros : int
        With more nonzeros than this, columns are generated instead (`packing_columns`).
    relaxation_only : bool
        End with the relaxation, whether it is integral or not.

    Raises
    ------
    BackendError
        If the library fails.
    """
    deadline = time.monotonic() + task.seconds
    best = Best(problem, on_schedule, on_bound, start)
    grid = TimeGrid(problem)
    if not grid.usable:
        return best.outcome(f"the time grid has {grid.slots} slots: too many")
    packing = Packing(problem, grid, best.cost)
    if packing.infeasible:
        return best.outcome("a train that must run cannot run even alone", infeasible=True)
    if packing.size.nonzeros > nonzeros:
        from railcap_solvers.mip.packing_columns import solve_by_columns

        return solve_by_columns(problem, grid, solver, task, deadline, best)
    solving = _Whole(packing, solver, replace(task, start=None, on_values=None, on_bound=None), deadline, best)
    relaxed = solving.relax(1.0 if relaxation_only else RELAXATION_SHARE)
    return solving.branch() if relaxed is None and not relaxation_only else relaxed or best.outcome(solving.words)


def pack(board: Board, solver: LinearSolver, seconds: float, relaxation_only: bool = False) -> PackingOutcome:
    """Solve a board's problem as a packing, from its best schedule; what is found stands on the board."""
    parameters = board.parameters
    with stop_when(lambda: board.outer_stop.requested or board.done.requested) as stop:
        task = Task(max(0.0, seconds), parameters.threads, parameters.seed, parameters.relative_gap, stop=stop)
        return solve_packing(
            board.problem,
            solver,
            task,
            lambda schedule, cost: board.post_schedule(cost, schedule),
            board.post_bound,
            board.schedule,
            relaxation_only=relaxation_only,
        )


class _Whole:
    """The whole model, again and again while solutions have no valid order."""

    def __init__(self, packing: Packing, solver: LinearSolver, task: Task, deadline: float, best: Best) -> None:
        self._packing, self._solver, self._task, self._best = packing, solver, task, best
        self._deadline = deadline
        self._model: LinearModel = packing.model
        self.words = ""

    def relax(self, share: float) -> PackingOutcome | None:
        """Solve relaxations, in a share of the time each; None if that settles nothing."""
        while not self._over:
            answer = self._solver.solve(self._model, replace(self._task, relaxed=True, seconds=self._left * share))
            self.words = answer.native
            if answer.status is Status.INFEASIBLE:
                return self._best.outcome(self.words, infeasible=True)
            self._take_bound(answer)
            if answer.values is None or answer.status is not Status.OPTIMAL or not self._integral(answer.values):
                return None
            if self._take(answer):
                return None if self._best.undecided else self._best.outcome(self.words, relaxed=True)
        return None

    def branch(self) -> PackingOutcome:
        """Solve with whole variables."""
        best, words = self._best, self.words
        while not (self._over or best.undecided or best.outcome(words).optimal):
            begin = None if best.schedule is None else self._packing.start(best.schedule)
            answer = self._solver.solve(
                self._model,
                replace(self._task, seconds=self._left, start=begin, on_values=self._seen, on_bound=self._seen_bound),
            )
            words = answer.native
            if answer.status is Status.INFEASIBLE:
                return best.outcome(words, infeasible=True)
            self._take_bound(answer)
            if answer.values is None or self._take(answer):
                break
        return best.outcome(words)

    @property
    def _left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    @property
    def _over(self) -> bool:
        return self._task.stop.requested or self._left <= 0.0

    def _integral(self, values: Values) -> bool:
        whole = self._model.whole
        return all(
            abs(value - round(value)) <= INTEGRAL for value, is_whole in zip(values, whole, strict=True) if is_whole
        )

    def _take_bound(self, answer: Answer) -> None:
        if answer.bound is not None and math.isfinite(answer.bound):
            self._seen_bound(answer.bound)

    def _take(self, answer: Answer) -> bool:
        """Take an answer's schedule, and its cost as the bound if the library says so; False if it has no order.

        Where that is not known, nothing can be forbidden and nothing more is to be had: `Best.undecided`.
        """
        assert answer.values is not None
        routes = self._packing.routes(answer.values)
        try:
            cost, schedule = self._packing.schedule(routes)
        except OrderSearchEnded:
            self._best.undecided = True
            return True
        except NoValidOrder:
            self._packing.forbid(routes)
            return False
        self._best.post(cost, schedule)
        proven = answer.status is Status.OPTIMAL and (self._task.relative_gap == 0.0 or self._task.relaxed)
        claimed = self._model.objective(answer.values) * self._packing.unit
        if proven and cost <= claimed + INTEGRAL * max(self._packing.unit, abs(claimed)):
            self._best.post_bound(cost)
        return True

    def _seen(self, values: Values) -> None:
        routes: Routes = self._packing.routes(values)
        try:
            cost, schedule = self._packing.schedule(routes)
        except NoValidOrder:
            return  # The library may keep it; `_take` forbids it in the end.
        self._best.post(cost, schedule)

    def _seen_bound(self, bound: float) -> None:
        self._best.post_bound(self._packing.whole(bound))
