"""Ctrl-C while a solver runs: once to stop with the best answer, twice to give up waiting."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from railcap.solving.stop import Stop

_STOPPING = b"\nrailcap: stopping with the best answer so far; press Ctrl-C again to kill the solver\n"


class Interrupted(Exception):
    """The user gave up waiting and there is no answer."""


@contextmanager
def stop_on_interrupt() -> Iterator[Stop]:
    """Give a `Stop` that the first SIGINT or SIGTERM requests; the second ends the wait.

    A solve in a process of its own answers the second one with the best answer so far; anything else ends in
    `Interrupted`.
    """
    stop = Stop()

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.requested:
            raise KeyboardInterrupt
        stop.request()
        os.write(2, _STOPPING)  # a print could fall into the middle of another one

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except KeyboardInterrupt:
        raise Interrupted("interrupted before there was an answer") from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
