"""What a caller may ask of any backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from railcap.operations.schedule import Schedule


@dataclass(frozen=True, slots=True)
class SolveParameters:
    """Limits and wishes, kept as far as a backend's library can; `Result.honoured` tells which were.

    Parameters
    ----------
    time_limit_s : float
        Wall-clock limit, model building included.
    threads : int
        Threads at most.
    seed : int
        Seed of everything random.
    deterministic : bool
        Same seed, same answer: work is then limited by counted work, not by the clock, wherever the clock would
        otherwise decide.
    relative_gap : float
        Stop once ``(cost - bound) / max(cost, 1)`` is at most this.
    memory_limit_gb : float or None
        Best effort.
    warm_start : Schedule or None
        A schedule to start from; must be feasible to be of use.
    options : mapping of str to mapping
        Backend-specific options by backend name; an unknown one is an error that names those that exist.
    """

    time_limit_s: float = 60.0
    threads: int = 2
    seed: int = 0
    deterministic: bool = False
    relative_gap: float = 0.0
    memory_limit_gb: float | None = None
    warm_start: Schedule | None = None
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
