"""What the exact loop asks of a solver for its relaxations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from railcap.operations.schedule import Schedule
from railcap.solving.stop import Stop
from railcap_solvers.exact.model import ExactModel, Language
from railcap_solvers.status import Status


@dataclass(frozen=True, slots=True)
class Solution:
    """Values of a model: of a time in whole steps, and whether a literal holds."""

    value: Callable[[Any], int]
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """How a relaxation ended; `bound` is in units of cost and holds whatever the status. `work` is counted work."""

    status: Status
    solution: Solution | None = None
    bound: int | None = None
    work: float = 0.0


@dataclass(frozen=True, slots=True)
class RelaxTask:
    """Limits of one round, and who hears what.

    Parameters
    ----------
    seconds : float
        Wall-clock limit.
    work : float or None
        Units of counted work for a round in deterministic mode.
    schedule : Schedule or None
        A known solution to start from.
    enough : function
        Asked ten times a second whether to stop.
    on_solution : function
        Receives solutions of the relaxation on the way.
    on_bound : function
        Receives bounds on the way.
    """

    seconds: float
    work: float | None
    threads: int
    seed: int
    relative_gap: float
    memory_mb: int | None
    stop: Stop
    schedule: Schedule | None
    enough: Callable[[], bool]
    on_solution: Callable[[Solution], None]
    on_bound: Callable[[int], None]


class Relaxer(Protocol):
    """A solver of relaxations."""

    language: Language

    def solve(self, model: ExactModel, task: RelaxTask) -> Relaxed:
        """Solve a relaxation."""

    def remember(self, model: ExactModel, solution: Solution) -> None:
        """Start the next round from a solution of this one, where no schedule is known."""
