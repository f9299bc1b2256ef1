"""A request to stop, set by anybody, read by the solver."""

from __future__ import annotations

import threading


class Stop:
    """Cancellation: `request()` from any thread or signal handler; solvers look at `requested` often."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def request(self) -> None:
        """Ask the solve to end soon with its best answer."""
        self._event.set()

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Sleep up to `timeout_s`; return whether a stop was requested."""
        return self._event.wait(timeout_s)
