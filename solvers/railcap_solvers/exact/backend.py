"""The backend `cp-sat`: the exact engine behind the contract of a solver."""

from __future__ import annotations

import importlib.util
import time

from railcap.errors import InputError
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Reason, Result, Termination, TracePoint
from railcap.solving.stop import Stop
from railcap_solvers.exact.engine import EngineSettings, ExactEngine, Outcome

OPTIONS = {"all_rows": 6000}
"""Options of the block `cp-sat` with their defaults."""


class CpSatBackend:
    """CP-SAT with lazily generated conflict rows; see `railcap_solvers.exact.engine`."""

    name = "cp-sat"
    features = FEATURES

    def is_available(self) -> str | None:
        """Return None if OR-Tools is installed, else what to install."""
        return None if importlib.util.find_spec("ortools") else "install ortools: pip install 'ortools>=9.15,<9.16'"

    def solve(
        self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress
    ) -> Result:
        """Solve exactly; see `railcap.solving.backend.Backend`."""
        begun = time.monotonic()
        options = _options(parameters)
        trace: list[TracePoint] = []
        best: list[int | None] = [None, None]

        def incumbent(schedule: Schedule, cost: int) -> None:
            best[0] = cost
            moment = time.monotonic() - begun
            trace.append(TracePoint(moment, *best))
            progress.incumbent(moment, cost, schedule)

        def bound(value: int) -> None:
            best[1] = value
            moment = time.monotonic() - begun
            trace.append(TracePoint(moment, *best))
            progress.bound(moment, value)

        engine = ExactEngine(problem, stop, incumbent, bound)
        settings = EngineSettings(
            begun + parameters.time_limit_s,
            parameters.threads,
            parameters.seed,
            parameters.relative_gap,
            parameters.time_limit_s * 0.3 if parameters.deterministic else None,
            None if parameters.memory_limit_gb is None else int(parameters.memory_limit_gb * 1024),
            options["all_rows"],
        )
        start = parameters.warm_start
        if start is not None and check_schedule(problem, start):
            start = None
        outcome = engine.run(settings, start)
        return Result(
            _termination(outcome),
            outcome.schedule,
            None if outcome.schedule is None else schedule_cost(problem, outcome.schedule),
            outcome.bound,
            time.monotonic() - begun,
            tuple(trace),
            outcome.statistics,
            {"threads": True, "seed": True, "deterministic": True, "memory_limit_gb": True},
            self.name,
        )


def _options(parameters: SolveParameters) -> dict[str, int]:
    given = parameters.options.get("cp-sat", {})
    unknown = sorted(set(given) - set(OPTIONS))
    if unknown:
        names = ", ".join(OPTIONS)
        raise InputError(f"unknown option of cp-sat: {', '.join(unknown)}; there are: {names}")
    merged = dict(OPTIONS)
    for name, value in given.items():
        if type(value) is not int or value < 0:
            raise InputError(f"option {name} of cp-sat must be an integer of at least 0, not {value!r}")
        merged[name] = value
    return merged


def _termination(outcome: Outcome) -> Termination:
    if outcome.infeasible:
        return Termination(Reason.INFEASIBLE)
    if outcome.optimal:
        return Termination(Reason.OPTIMAL)
    reason = Reason.NO_SOLUTION_FOUND if outcome.schedule is None else Reason.FEASIBLE
    return Termination(reason, outcome.limit)
