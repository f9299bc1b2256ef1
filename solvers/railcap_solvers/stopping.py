"""What follows from conditions: a stop, or a call, for a library that looks at nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from railcap.solving.stop import Stop

_EVERY_S = 0.1


@contextmanager
def stop_when(condition: Callable[[], bool]) -> Iterator[Stop]:
    """Give a stop that is requested when `condition` holds, which is looked at ten times a second."""
    stop = Stop()
    with call_when(condition, stop.request):
        yield stop


@contextmanager
def call_when(condition: Callable[[], bool], action: Callable[[], object]) -> Iterator[None]:
    """Act once when `condition` holds: at once, or when that is seen in a look ten times a second."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_S):
            if condition():
                action()
                return

    if condition():
        action()
        yield
        return
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
