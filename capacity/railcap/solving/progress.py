"""Incumbents and bounds on their way to whoever watches a solve."""

from __future__ import annotations

from typing import Protocol

from railcap.operations.schedule import Schedule


class Progress(Protocol):
    """Receives what a running solve learns; called from the solver's thread, so be quick."""

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """A better feasible schedule was found, `time_s` seconds into the solve."""

    def bound(self, time_s: float, bound: int) -> None:
        """A better lower bound on the cost was proven."""

    def message(self, time_s: float, text: str) -> None:
        """The solver says what it does now, in a few words."""


class Silent:
    """Progress that nobody watches."""

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Ignore an incumbent."""

    def bound(self, time_s: float, bound: int) -> None:
        """Ignore a bound."""

    def message(self, time_s: float, text: str) -> None:
        """Ignore a message."""
