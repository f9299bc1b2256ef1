"""What a railway checker finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach of a rule: its kind, a sentence for a planner, the trains, the place and the moment (UTC seconds)."""

    kind: str
    message: str
    trains: tuple[str, ...] = ()
    place: str = ""
    time_s: int | None = None

    def __str__(self) -> str:
        return f"{self.message} [{self.kind}]"
