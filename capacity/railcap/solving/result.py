"""What a solve ends with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from railcap.operations.schedule import Schedule


class Reason(Enum):
    """What a solve has, in one word."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION_FOUND = "no_solution_found"
    ERROR = "error"


class Limit(Enum):
    """Why a solve stopped before a proof."""

    TIME = "time"
    MEMORY = "memory"
    GAP = "gap"
    WORK = "work"
    INTERRUPTED = "interrupted"
    STALLED = "stalled"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Termination:
    """Why a solve ended: what it has, which limit stopped it (None: none), and detail in the solver's words."""

    reason: Reason
    limit: Limit | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TracePoint:
    """Best cost and bound known at a moment, in seconds since the solve began; costs in the problem's integer units."""

    time_s: float
    objective: int | None
    bound: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of a backend; objective and bound in the problem's integer units (divide by ``cost_scale``).

    A backend says OPTIMAL or INFEASIBLE only with a proof; `bound` is a proven lower bound or None.
    """

    termination: Termination
    schedule: Schedule | None = None
    objective: int | None = None
    bound: int | None = None
    wall_s: float = 0.0
    trace: tuple[TracePoint, ...] = ()
    statistics: Mapping[str, float | int | str] = field(default_factory=dict)
    honoured: Mapping[str, bool] = field(default_factory=dict)
    backend: str = ""
