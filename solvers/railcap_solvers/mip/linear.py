"""A mixed-integer linear program as plain lists, and what a library is asked and answers about one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from railcap.solving.stop import Stop
from railcap_solvers.status import Status

__all__ = ["INFINITY", "Answer", "LinearModel", "LinearSolver", "Row", "Status", "Task", "Values"]

Values = Sequence[float]
"""A value for each variable, by index."""

INFINITY = math.inf


@dataclass(frozen=True, slots=True)
class Row:
    """``low <= sum(coefficient * variable) <= high``; an end may be infinite."""

    terms: Mapping[int, float]
    low: float
    high: float


@dataclass(slots=True)
class LinearModel:
    """``minimise constant + cost . x`` subject to rows and bounds; some variables take whole values only."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    cost: list[float] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    constant: float = 0.0

    def variable(self, lower: float, upper: float, *, whole: bool = False, cost: float = 0.0) -> int:
        """Add a variable; return its index."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(whole)
        self.cost.append(cost)
        return len(self.lower) - 1

    def row(self, terms: Mapping[int, float], low: float = -INFINITY, high: float = INFINITY) -> None:
        """Add a row; zero coefficients are left out."""
        self.rows.append(Row({index: value for index, value in terms.items() if value}, low, high))

    @property
    def impossible(self) -> bool:
        """Whether a row without variables, which libraries leave out, cannot hold."""
        return any(not row.terms and not row.low <= 0 <= row.high for row in self.rows)

    def objective(self, values: Values) -> float:
        """Return the cost of values."""
        return self.constant + math.fsum(cost * values[index] for index, cost in enumerate(self.cost) if cost)

    def breach(self, values: Values) -> float:
        """Return by how much values breach bounds, rows and wholeness at the most; 0 if they keep all."""
        worst = 0.0
        for index, value in enumerate(values):
            worst = max(worst, self.lower[index] - value, value - self.upper[index])
            if self.whole[index]:
                worst = max(worst, abs(value - round(value)))
        for row in self.rows:
            total = math.fsum(value * values[index] for index, value in row.terms.items())
            worst = max(worst, row.low - total, total - row.high)
        return worst


@dataclass(frozen=True, slots=True)
class Task:
    """What a library is asked about a model.

    Parameters
    ----------
    seconds : float
        Wall-clock limit, building and reading included.
    start : sequence of float or None
        Values that keep all rows, to start from.
    relaxed : bool
        Leave wholeness aside: the linear relaxation.
    stop : Stop
        Ends the solve early, with the best values kept where the library can.
    on_values : function or None
        Receives better and better values while the library runs, where it can tell.
    on_bound : function or None
        Receives better and better bounds, where it can tell.
    """

    seconds: float
    threads: int = 1
    seed: int = 0
    relative_gap: float = 0.0
    start: Values | None = None
    relaxed: bool = False
    stop: Stop = field(default_factory=Stop)
    on_values: Callable[[Values], None] | None = None
    on_bound: Callable[[float], None] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a library found: values and their objective (None: none), a proven lower bound (None: none), its own words.

    `duals` are those of the rows, after a relaxation that was solved to the end.
    """

    status: Status
    values: Values | None = None
    objective: float | None = None
    bound: float | None = None
    native: str = ""
    duals: Sequence[float] | None = None


class LinearSolver(Protocol):
    """A library that solves linear models; each in a module of its own, the library imported late."""

    name: str
    honours: Mapping[str, bool]
    """Which of threads, seed, warm_start, memory_limit_gb and deterministic it can keep."""

    def version(self) -> str | None:
        """Return the library's version, None if it is not installed; without importing it."""

    def solve(self, model: LinearModel, task: Task) -> Answer:
        """Solve a model; a fault of the library is a `railcap.errors.BackendError`."""
