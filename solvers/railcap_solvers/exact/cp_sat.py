"""CP-SAT as the solver of relaxations."""

from __future__ import annotations

import threading
import time
from typing import Any

from railcap.errors import InternalError
from railcap.solving.stop import Stop
from railcap_solvers.exact.model import ExactModel, Language
from railcap_solvers.exact.relaxation import Relaxed, RelaxTask, Solution
from railcap_solvers.status import Status

_NO_BOUND = float(1 << 62)


class CpSatRelaxer:
    """Solves relaxations by CP-SAT; see `railcap_solvers.exact.relaxation.Relaxer`."""

    def __init__(self) -> None:
        from ortools.sat.python import cp_model

        self._cp: Any = cp_model
        self.language = Language(cp_model.Domain, cp_model.CpModel)
        self._known_variables = 0

    def solve(self, model: ExactModel, task: RelaxTask) -> Relaxed:
        """Solve a relaxation within the limits of a round."""
        cp = self._cp
        if task.schedule is not None:
            model.add_hint(task.schedule)
        solver = cp.CpSolver()
        parameters = solver.parameters
        parameters.max_time_in_seconds = task.seconds
        if task.work is not None:
            parameters.max_deterministic_time = task.work
            parameters.interleave_search = True
        parameters.num_workers = max(1, task.threads)
        parameters.random_seed = task.seed % (1 << 31)
        parameters.relative_gap_limit = task.relative_gap
        if task.memory_mb is not None:
            parameters.max_memory_in_mb = task.memory_mb
        # A bound that says "infeasible" waits for the solver's own word.
        solver.best_bound_callback = lambda bound: (
            task.on_bound(model.costs.whole(bound)) if abs(bound) < _NO_BOUND else None
        )
        callback = _keeper(task, cp)
        status = _watched(solver, model.model, callback, task)
        if callback.fault is not None:
            raise callback.fault
        if status == cp.MODEL_INVALID:
            raise InternalError(f"the exact model is invalid: {model.model.validate()}")
        work = solver.response_proto.deterministic_time
        if status == cp.INFEASIBLE:
            return Relaxed(Status.INFEASIBLE, work=work)
        if status not in (cp.OPTIMAL, cp.FEASIBLE):
            return Relaxed(Status.UNKNOWN, work=work)
        self._known_variables = len(solver.response_proto.solution)
        found = Status.OPTIMAL if status == cp.OPTIMAL else Status.FEASIBLE
        solution = Solution(solver.value, solver.boolean_value)
        return Relaxed(found, solution, model.costs.whole(solver.best_objective_bound), work)

    def remember(self, model: ExactModel, solution: Solution) -> None:
        """Hint the relaxed solution."""
        model.model.clear_hints()
        for variable, _ in model.hints:
            if variable.index < self._known_variables:
                model.model.add_hint(variable, int(solution.value(variable)))


def _watched(solver: Any, model: Any, callback: Any, task: RelaxTask) -> Any:
    """Solve while a thread looks for reasons to stop."""
    done = threading.Event()
    stop: Stop = task.stop

    def watch() -> None:
        while not done.wait(0.1):
            if stop.requested or task.enough():
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(model, callback)
    finally:
        done.set()
        watcher.join()


def _keeper(task: RelaxTask, cp: Any) -> Any:
    """Return a solution callback that shows relaxed solutions, of which some happen to be schedules."""
    begun = time.monotonic()

    class Keeper(cp.CpSolverSolutionCallback):  # type: ignore[misc]
        """Spends at most a tenth of the time on looking, unless work is counted; a fault waits for the end."""

        def __init__(self) -> None:
            super().__init__()
            self.fault: InternalError | None = None
            self.spent = 0.0

        def on_solution_callback(self) -> None:
            """Look at a solution."""
            now = time.monotonic()
            if task.work is None and self.spent > 0.05 + 0.1 * (now - begun):
                return
            try:
                task.on_solution(Solution(self.value, self.boolean_value))
            except InternalError as fault:
                self.fault = fault
                self.stop_search()
            self.spent += time.monotonic() - now

    return Keeper()
