"""A problem and the answer that somebody else proved."""

from __future__ import annotations

from dataclasses import dataclass

from railcap.operations.problem import OperationsProblem


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A problem with its optimal cost in the problem's integer units; None if it has no solution."""

    name: str
    problem: OperationsProblem
    cost: int | None
