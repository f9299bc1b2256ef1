"""A solve's ending as the JSON object of the outer contract, and as a line for people."""

from __future__ import annotations

from pathlib import Path

from railcap.operations.objective import gap
from railcap.solving.result import Limit, Reason, Result

_WORDS = {
    Reason.OPTIMAL: "proven optimal",
    Reason.FEASIBLE: "an answer, not proven optimal",
    Reason.INFEASIBLE: "proven infeasible: no answer exists",
    Reason.NO_SOLUTION_FOUND: "no answer found",
    Reason.ERROR: "the solver failed",
}
_LIMITS = {
    Limit.TIME: "stopped at the time limit",
    Limit.MEMORY: "stopped at the memory limit",
    Limit.GAP: "stopped at the wished gap",
    Limit.WORK: "stopped at the limit of counted work",
    Limit.INTERRUPTED: "interrupted",
    Limit.STALLED: "stopped since nothing improved",
    Limit.CRASHED: "cut short by a crash of the solver",
}


def answer_json(result: Result, cost_scale: int, trains: int, violations: int, out: Path | None) -> dict[str, object]:
    """Return the JSON object that plan and solve print; costs in the units shown to people, the gap a fraction."""
    objective, bound = _shown(result.objective, cost_scale), _shown(result.bound, cost_scale)
    accepted = 0 if result.schedule is None else len({event.train for event in result.schedule.events})
    return {
        "termination": result.termination.reason.value,
        "limit": None if result.termination.limit is None else result.termination.limit.value,
        "objective": objective,
        "bound": bound,
        "gap": None if objective is None or bound is None else gap(objective, bound),
        "wall_s": round(result.wall_s, 3),
        "violations": violations,
        "accepted": accepted,
        "rejected": trains - accepted if result.schedule is not None else 0,
        "out": None if out is None else str(out),
        "backend": result.backend,
        "detail": result.termination.detail,
        "not_honoured": not_honoured(result),
    }


def termination_line(result: Result) -> str:
    """Return how a solve ended, in words, with the detail that the solver gave."""
    termination = result.termination
    parts = [_WORDS[termination.reason]]
    if termination.limit is not None:
        parts.append(_LIMITS[termination.limit])
    parts.append(f"after {result.wall_s:.1f} s")
    if termination.detail:
        parts.append(termination.detail)
    if not_honoured(result):
        parts.append(f"could not keep: {', '.join(not_honoured(result))}")
    return f"{result.backend}: {'; '.join(parts)}"


def loss_of(cost: float | None, place: Path | None) -> str:
    """Return what to tell a user who does not let the files be finished."""
    if cost is None:
        return "interrupted while writing; there was no answer"
    where = "" if place is None else f" to {place}"
    return f"interrupted while writing: the answer of cost {cost:,.10g} was not written{where}"


def not_honoured(result: Result) -> list[str]:
    """Return the names of the parameters that could not be kept."""
    return sorted(name for name, kept in result.honoured.items() if not kept)


def _shown(cost: int | None, cost_scale: int) -> float | None:
    if cost is None:
        return None
    return cost // cost_scale if cost % cost_scale == 0 else cost / cost_scale
