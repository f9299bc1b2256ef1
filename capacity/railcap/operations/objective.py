"""The cost of a schedule, whole and by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from railcap.operations.problem import DelayTerm, ObjectiveTerm, OperationsProblem
from railcap.operations.schedule import Schedule


def term_cost(term: ObjectiveTerm, starts: Mapping[int, int]) -> int:
    """Return what one term costs, given the starts of its train's chosen operations by operation index."""
    if isinstance(term, DelayTerm):
        start = starts.get(term.operation)
        if start is None:
            return 0
        return term.coeff * max(0, start - term.threshold_s) + term.increment * (start >= term.threshold_s)
    begin, end = starts.get(term.from_operation), starts.get(term.to_operation)
    if begin is None or end is None:
        return 0
    return term.coeff * max(0, end - begin - term.threshold_s)


def rises(term: ObjectiveTerm) -> bool:
    """Return whether a term never costs less for a later time, or a journey term for a longer journey."""
    return term.coeff >= 0 and not (isinstance(term, DelayTerm) and term.increment < 0)


def routes_cost(problem: OperationsProblem, routes: Sequence[Sequence[tuple[int, int]] | None]) -> int:
    """Return the whole cost of routes with start times, refusals included, in units of ``1 / cost_scale``."""
    starts = [dict(route or ()) for route in routes]
    cost = sum(term_cost(term, starts[term.train]) for term in problem.objective)
    return cost + sum(
        train.refusal_cost or 0 for train, route in zip(problem.trains, routes, strict=True) if route is None
    )


def schedule_cost(problem: OperationsProblem, schedule: Schedule) -> int:
    """Return the whole cost of a schedule in units of ``1 / cost_scale``."""
    return routes_cost(problem, schedule.routes(problem))


def gap(cost: float, bound: float) -> float:
    """Return ``(cost - bound) / max(cost, 1)``, the house's reading of a relative gap, never below 0."""
    return max(0.0, (cost - bound) / max(cost, 1.0))
