"""What the solve of a model ended with."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """What an answer has: `OPTIMAL` and `INFEASIBLE` are proofs by the library's own word."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"
