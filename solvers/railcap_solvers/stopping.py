"""A stop that follows from conditions, for a library that looks at one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from railcap.solving.stop import Stop

_EVERY_S = 0.1


@contextmanager
def stop_when(condition: Callable[[], bool]) -> Iterator[Stop]:
    """Give a stop that is requested when `condition` holds, which is looked at ten times a second."""
    stop, done = Stop(), threading.Event()

    def watch() -> None:
        while not condition():
            if done.wait(_EVERY_S):
                return
        stop.request()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield stop
    finally:
        done.set()
        watcher.join()
