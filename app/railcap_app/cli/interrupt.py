"""Ctrl-C while a command works: it stops the solver, then kills it, and never takes away an answer that was found."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from railcap.solving.stop import Stop

if TYPE_CHECKING:
    from railcap.operations.schedule import Schedule
    from railcap.solving.progress import Progress

NO_ANSWER = "interrupted before there was an answer"

_STOPPING = b"\nrailcap: stopping with the best answer so far; press Ctrl-C again to kill the solver\n"
_FINISHING = b"\nrailcap: finishing the files, which takes a few seconds\n"
_LAST = b"\nrailcap: finishing the files; press Ctrl-C once more to end without them\n"
_ENOUGH = 3
"""So many signals during the writing end it."""


class Interrupted(Exception):
    """The user gave up waiting; the message says what is lost."""


class Watched:
    """A `Progress` that passes everything on and keeps the best answer, for whoever is interrupted."""

    def __init__(self, stop: UserStop, progress: Progress, cost_scale: int) -> None:
        self._stop, self._progress, self._scale = stop, progress, cost_scale
        self.best: tuple[int, Schedule] | None = None
        self.best_bound: int | None = None

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Keep a better answer, and pass it on."""
        self.best = objective, schedule
        self._stop.answered(objective / self._scale)
        self._progress.incumbent(time_s, objective, schedule)

    def bound(self, time_s: float, bound: int) -> None:
        """Keep a better bound, and pass it on."""
        self.best_bound = bound
        self._progress.bound(time_s, bound)

    def message(self, time_s: float, text: str) -> None:
        """Pass a message on."""
        self._progress.message(time_s, text)


class UserStop(Stop):
    """A `Stop` that signals request, which knows how far the command has come."""

    def __init__(self) -> None:
        super().__init__()
        self._loss = NO_ANSWER
        self._has_answer = False
        self._is_writing = False
        self._signals = 0

    def watch(self, progress: Progress, cost_scale: int) -> Watched:
        """Return `progress` with an ear for answers."""
        return Watched(self, progress, cost_scale)

    def answered(self, cost: float) -> None:
        """Note that there is an answer: from here on only the solver is killed, if it still runs."""
        if not self._is_writing:
            self._has_answer = True
            self._loss = f"interrupted: an answer of cost {cost:,.10g} was found, but not written"

    def finish(self, loss: str) -> None:
        """Begin to write: a signal or two end nothing any more. `loss` says what is lost if the user insists."""
        self._is_writing, self._loss = True, loss

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Take a signal; what is told is written straight, since a print could fall into the middle of another one."""
        if self._is_writing:
            self._signals += 1
            if self._signals >= _ENOUGH:
                raise KeyboardInterrupt
            os.write(2, _LAST if self._signals == _ENOUGH - 1 else _FINISHING)
            return
        can_end = not self._has_answer or _follows_solver(frame)
        if not self.requested:
            self.request()
            os.write(2, _STOPPING if can_end else _FINISHING)
        elif can_end:
            raise KeyboardInterrupt
        else:  # the solver is gone already, and its answer is being checked and explained
            os.write(2, _FINISHING)

    @property
    def loss(self) -> str:
        """What is lost by ending now."""
        return self._loss


def _follows_solver(frame: FrameType | None) -> bool:
    """Return whether the program waits for the solver's process, which answers an interrupt with its best answer."""
    while frame is not None:
        if frame.f_code.co_name == "follow" and frame.f_globals.get("__name__") == "railcap.solving.process":
            return True
        frame = frame.f_back
    return False


@contextmanager
def stop_on_interrupt() -> Iterator[UserStop]:
    """Give a `Stop` that the first SIGINT or SIGTERM requests; the second kills the solver.

    A solve in a process of its own answers the second one with the best answer so far; with nothing found it ends in
    `Interrupted`. After `UserStop.finish` the third one does.
    """
    stop = UserStop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except KeyboardInterrupt:
        raise Interrupted(stop.loss) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
