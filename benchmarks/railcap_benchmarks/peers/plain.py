"""The peer: a plain full CP-SAT model, optional intervals with NoOverlap or Cumulative on every resource.

Written as a competent user of CP-SAT would write it, exact, with complete hints, and frozen: it is what the exact
backend is measured against. The one thing that intervals cannot say is that hand-overs at one instant may not form a
circle (and how uses without length share a resource of capacity k); where a solution does that, order literals and a
clause are added and the model is solved again.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from typing import TYPE_CHECKING, Any

from railcap.errors import InternalError
from railcap.operations.check import check_schedule
from railcap.operations.objective import gap, schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import NoValidOrder, Schedule, schedule_from_routes
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Limit, Reason, Result, Termination, TracePoint
from railcap.solving.stop import Stop
from railcap_benchmarks.peers.plain_model import PlainModel
from railcap_solvers.exact.conflicts import analyse

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Routes = list[list[tuple[int, int]] | None]


_SMALL_OPERATIONS = 300


class PlainBackend:
    """The peer's backend; see the module."""

    name = "plain"
    features = FEATURES
    is_peer = True

    def is_available(self) -> str | None:
        """Return None if OR-Tools is installed, else what to install."""
        return None if importlib.util.find_spec("ortools") else "install ortools: pip install 'ortools>=9.15,<9.16'"

    def solve(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> Result:
        """Solve the full model; see `railcap.solving.backend.Backend`."""
        return _Run(problem, parameters, stop, progress).result()


class _Run:
    """One solve: the model, the best schedule and bound so far."""

    def __init__(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> None:
        self.begun = time.monotonic()
        self.problem, self.parameters, self.stop, self.progress = problem, parameters, stop, progress
        self.schedule: Schedule | None = None
        self.objective: int | None = None
        self.bound: int | None = None
        self.trace: list[TracePoint] = []
        self.rounds = 0
        self.statistics: dict[str, float | int | str] = {}

    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    def take(self, schedule: Schedule) -> None:
        """Keep a schedule if it is better; it must pass the check."""
        cost = schedule_cost(self.problem, schedule)
        if self.objective is not None and cost >= self.objective:
            return
        faults = check_schedule(self.problem, schedule)
        if faults:
            raise InternalError(f"the peer's schedule fails its check: {faults[0].message}")
        self.schedule, self.objective = schedule, cost
        self.trace.append(TracePoint(self.elapsed(), cost, self.bound))
        self.progress.incumbent(self.elapsed(), cost, schedule)

    def prove(self, bound: int) -> None:
        """Keep a better bound."""
        if self.bound is None or bound > self.bound:
            self.bound = bound
            self.trace.append(TracePoint(self.elapsed(), self.objective, bound))
            self.progress.bound(self.elapsed(), bound)

    def result(self) -> Result:
        """Solve, with further rounds where hand-overs form circles, and say how it ended."""
        start = self.parameters.warm_start or self._constructed()
        if start is not None and not check_schedule(self.problem, start):
            self.take(start)
        termination = self._rounds()
        return Result(
            termination,
            self.schedule,
            self.objective,
            self.bound,
            self.elapsed(),
            tuple(self.trace),
            {**self.statistics, "rounds": self.rounds},
            {"threads": True, "seed": True, "deterministic": True, "memory_limit_gb": False},
            PlainBackend.name,
        )

    def _constructed(self) -> Schedule | None:
        """Return a start by the constructive heuristic; small problems need none, and it cannot prove infeasibility."""
        if sum(len(train.operations) for train in self.problem.trains) <= _SMALL_OPERATIONS:
            return None
        from railcap_solvers.search import construct

        deadline_s = self.begun + 0.2 * self.parameters.time_limit_s
        routes = construct(self.problem, self.parameters.seed, self.stop, deadline_s)
        if routes is None:
            return None
        try:
            return schedule_from_routes(self.problem, routes)
        except NoValidOrder:
            return None

    def _rounds(self) -> Termination:
        from ortools.sat.python import cp_model

        self.progress.message(self.elapsed(), "builds the plain model")
        plain = PlainModel(self.problem)
        while True:
            left = self.parameters.time_limit_s - self.elapsed()
            if left <= 0:
                return self._stopped(Limit.TIME)
            if self.stop.requested:
                return self._stopped(Limit.INTERRUPTED)
            if self.schedule is not None:
                plain.add_hint(self.schedule)
            self.rounds += 1
            solver = self._solver(left)
            callback = _callback(self, plain)
            solver.best_bound_callback = lambda value: self.prove(_whole(value))
            status = _watched(solver, plain.model, callback, self.stop)
            if callback.fault is not None:
                raise callback.fault
            self.statistics["branches"] = int(self.statistics.get("branches", 0)) + solver.num_branches
            if status == cp_model.INFEASIBLE:
                return Termination(Reason.INFEASIBLE)
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                self.prove(_whole(solver.best_objective_bound))
                findings = analyse(self.problem, callback.routes(solver), plain.decided(solver.boolean_value))
                if findings.schedule is not None:
                    self.take(findings.schedule)
                plain.forbid(findings)
            if self.objective is not None and self.bound is not None and self.bound >= self.objective:
                return Termination(Reason.OPTIMAL)
            if self._gap_reached():
                return self._stopped(Limit.GAP)
            if status == cp_model.MODEL_INVALID:
                raise InternalError(f"the peer's model is invalid: {plain.model.validate()}")
            if self.stop.requested:
                return self._stopped(Limit.INTERRUPTED)
            if status == cp_model.UNKNOWN:
                return self._stopped(Limit.WORK if self.parameters.deterministic else Limit.TIME)

    def _gap_reached(self) -> bool:
        if self.objective is None or self.bound is None:
            return False
        return gap(self.objective, self.bound) <= self.parameters.relative_gap

    def _stopped(self, limit: Limit) -> Termination:
        return Termination(Reason.NO_SOLUTION_FOUND if self.schedule is None else Reason.FEASIBLE, limit)

    def _solver(self, left: float) -> cp_model.CpSolver:
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        settings = solver.parameters
        settings.max_time_in_seconds = left
        settings.num_workers = max(1, self.parameters.threads)
        settings.random_seed = self.parameters.seed % (1 << 31)
        settings.relative_gap_limit = self.parameters.relative_gap
        if self.parameters.memory_limit_gb is not None:
            settings.max_memory_in_mb = int(self.parameters.memory_limit_gb * 1024)
        if self.parameters.deterministic:
            settings.interleave_search = True
            settings.max_deterministic_time = self.parameters.time_limit_s
        return solver


def _whole(bound: float) -> int:
    """Return a bound on an integer cost as an integer, forgiving floating-point dust."""
    return int(-((-bound + 1e-6) // 1))


def _watched(solver: Any, model: Any, callback: Any, stop: Stop) -> Any:
    """Solve while a thread looks for a request to stop."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            if stop.requested:
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(model, callback)
    finally:
        done.set()
        watcher.join()


def _callback(run: _Run, plain: PlainModel) -> Any:
    """Return a solution callback that keeps every solution whose events can be put in order."""
    from ortools.sat.python import cp_model

    class Keeper(cp_model.CpSolverSolutionCallback):
        """Keeps schedules and bounds as they come; a fault waits for the end of the solve."""

        def __init__(self) -> None:
            super().__init__()
            self.fault: InternalError | None = None

        def routes(self, source: Any) -> Routes:
            """Return the routes of a solution."""
            found: Routes = []
            for t, chosen in enumerate(plain.chosen):
                route = [
                    (i, int(source.value(plain.start[t][i])))
                    for i, literal in enumerate(chosen)
                    if source.boolean_value(literal)
                ]
                found.append(route or None)
            return found

        def on_solution_callback(self) -> None:
            """Keep the solution."""
            findings = analyse(run.problem, self.routes(self), plain.decided(self.boolean_value))
            if findings.schedule is None:
                return
            try:
                run.take(findings.schedule)
            except InternalError as fault:
                self.fault = fault
                self.stop_search()

    return Keeper()
