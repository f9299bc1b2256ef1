"""Notes when the answers of a run came."""

from __future__ import annotations

import time

from railcap.operations.schedule import Schedule
from railcap.solving.progress import Progress


class Watch:
    """A `Progress` that notes when answers came, by the clock that the user sees, and passes everything on."""

    def __init__(self, progress: Progress) -> None:
        self.answers: list[tuple[float, int]] = []
        self._progress = progress
        self._begun_s = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Seconds since planning began."""
        return time.monotonic() - self._begun_s

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Note an answer."""
        self.answers.append((self.elapsed_s, objective))
        self._progress.incumbent(time_s, objective, schedule)

    def bound(self, time_s: float, bound: int) -> None:
        """Pass a bound on."""
        self._progress.bound(time_s, bound)

    def message(self, time_s: float, text: str) -> None:
        """Pass a message on."""
        self._progress.message(time_s, text)

    def cost_at(self, moment_s: float, scale: int) -> float | None:
        """Return the best cost known at a moment, None if there was none yet."""
        known = [objective for time_s, objective in self.answers if time_s <= moment_s]
        return known[-1] / scale if known else None
