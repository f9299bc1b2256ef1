"""Ctrl-C while a solver runs: once to stop with the best answer, twice to give up waiting."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from railcap.solving.stop import Stop


@contextmanager
def stop_on_interrupt() -> Iterator[Stop]:
    """Give a `Stop` that the first SIGINT or SIGTERM requests; the second raises ``KeyboardInterrupt``."""
    stop = Stop()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        print("\nrailcap: stopping with the best answer so far; press Ctrl-C again to kill the solver", file=sys.stderr)

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
