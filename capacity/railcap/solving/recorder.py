"""The best answer and the trace of a solve, kept while they pass by on their way to whoever watches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from railcap.operations.schedule import Schedule
from railcap.solving.progress import Progress, Silent
from railcap.solving.result import Reason, Result, TracePoint


@dataclass(slots=True)
class Recorder:
    """A `Progress` that remembers the best incumbent and bound, and passes everything on."""

    watcher: Progress = field(default_factory=Silent)
    schedule: Schedule | None = None
    objective: int | None = None
    best_bound: int | None = None
    trace: list[TracePoint] = field(default_factory=list)

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Keep an incumbent if it is the best so far."""
        if self.objective is not None and objective >= self.objective:
            return
        self.schedule, self.objective = schedule, objective
        self.trace.append(TracePoint(time_s, objective, self.best_bound))
        self.watcher.incumbent(time_s, objective, schedule)

    def bound(self, time_s: float, bound: int) -> None:
        """Keep a bound if it is the best so far."""
        if self.best_bound is not None and bound <= self.best_bound:
            return
        self.best_bound = bound
        self.trace.append(TracePoint(time_s, self.objective, bound))
        self.watcher.bound(time_s, bound)

    def message(self, time_s: float, text: str) -> None:
        """Pass a message on."""
        self.watcher.message(time_s, text)

    def best_of(self, result: Result) -> Result:
        """Return `result` with what was seen on the way wherever that is better than what it ends with."""
        if result.objective is not None and (self.objective is None or result.objective < self.objective):
            self.incumbent(result.wall_s, result.objective, result.schedule or Schedule(()))
        if result.bound is not None:
            self.bound(result.wall_s, result.bound)
        termination = result.termination
        if self.schedule is not None and termination.reason in (Reason.NO_SOLUTION_FOUND, Reason.ERROR):
            termination = replace(termination, reason=Reason.FEASIBLE)
        is_better = self.objective is not None and (result.objective is None or self.objective < result.objective)
        return replace(
            result,
            termination=termination,
            schedule=self.schedule if is_better else result.schedule,
            objective=self.objective if is_better else result.objective,
            bound=self.best_bound if result.termination.reason is not Reason.INFEASIBLE else result.bound,
            trace=tuple(self.trace),
        )
