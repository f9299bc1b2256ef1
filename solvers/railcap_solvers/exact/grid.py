"""Time in steps of the largest grid on which a problem can be solved exactly.

For a fixed choice of routes and orders all rules are difference constraints, whose vertices lie on any grid on which
all times of the problem lie, and so do the breakpoints of the cost: nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from railcap.operations.problem import JourneyTerm, OperationsProblem

ENDLESS = 1 << 60
"""The end of an exit, in grid steps."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Grid time: ``time = origin_s + steps * step_s``."""

    origin_s: int
    step_s: int

    def steps(self, time_s: int) -> int:
        """Return a moment in steps."""
        return (time_s - self.origin_s) // self.step_s

    def length(self, seconds: int) -> int:
        """Return a length in steps."""
        return seconds // self.step_s

    def seconds(self, steps: int) -> int:
        """Return the moment of a step in seconds."""
        return self.origin_s + steps * self.step_s


def grid_of(problem: OperationsProblem) -> Grid:
    """Return the coarsest grid on which the problem can be solved exactly."""
    journeys = any(isinstance(term, JourneyTerm) for term in problem.objective)
    moments: list[int] = []
    step = 0
    for train in problem.trains:
        for operation in train.operations:
            moments.append(operation.start_lb_s)
            if operation.start_ub_s is not None:
                moments.append(operation.start_ub_s)
            step = gcd(step, operation.min_duration_s, operation.max_duration_s or 0)
            for use in operation.resources:
                step = gcd(step, use.release_s)
    for resource in problem.resources.values():
        moments += [moment for closure in resource.closures for moment in closure]
    for link in problem.links:
        step = gcd(step, link.min_lag_s, link.max_lag_s or 0)
    for term in problem.objective:
        if isinstance(term, JourneyTerm):
            step = gcd(step, term.threshold_s)
            continue
        moments.append(term.threshold_s)
        if term.increment and (journeys or term.increment < 0):
            # A journey term may want the last moment before an increment, which lies off any coarser grid.
            moments.append(term.threshold_s - 1)
    origin = min(moments, default=0)
    for moment in moments:
        step = gcd(step, moment - origin)
    return Grid(origin, step or 1)


def horizon_steps(problem: OperationsProblem, grid: Grid) -> int:
    """Return a step after which nothing needs to happen in some best schedule.

    In a best schedule every event is tied to a constant by a chain of tight durations, releases and lags, each used
    once. Without journey terms the earliest schedule of an order is a best one: then longest durations do not count.
    """
    earliest = not any(isinstance(term, JourneyTerm) for term in problem.objective)
    latest = [0]
    total = 0
    for train in problem.trains:
        longest: dict[int, int] = {}
        for index in reversed(range(len(train.operations))):
            operation = train.operations[index]
            latest.append(grid.steps(operation.start_lb_s))
            own = operation.min_duration_s if earliest else max(operation.min_duration_s, operation.max_duration_s or 0)
            own += max((use.release_s for use in operation.resources), default=0)
            longest[index] = own + max((longest.get(after, 0) for after in operation.successors), default=0)
            if not earliest and operation.start_ub_s is not None:
                latest.append(grid.steps(operation.start_ub_s))
        total += longest.get(0, 0)
    for resource in problem.resources.values():
        latest += [grid.steps(moment) for closure in resource.closures for moment in closure]
    for link in problem.links:
        total += abs(link.min_lag_s) + abs(link.max_lag_s or 0)
    for term in problem.objective:
        if isinstance(term, JourneyTerm):
            total += abs(term.threshold_s)
        elif not earliest:
            latest.append(grid.steps(term.threshold_s))
    return max(latest) + grid.length(total) + 1
