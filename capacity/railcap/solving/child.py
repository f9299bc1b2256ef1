"""The solver's process: takes one job on its standard input, tells what it learns on its standard output.

Started by `railcap.solving.process`, never by hand. It ignores Ctrl-C (the parent decides what that means) and does not
outlive its parent.
"""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

from railcap.operations.schedule import Schedule
from railcap.solving.frames import Job, packed, read_frame, write_frame
from railcap.solving.stop import Stop

_PR_SET_PDEATHSIG = 1


def main(parent_pid: int) -> None:
    """Solve the job on the standard input and exit without waiting for native libraries to tidy up."""
    signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which processes of a solver would inherit
    faulthandler.enable()
    _die_with(parent_pid)
    from_parent, to_parent = _private_streams()
    channel = _Channel(to_parent)
    stop = Stop()
    try:
        job = _take_job(from_parent)
        threading.Thread(target=_listen, args=(from_parent, stop), daemon=True).start()
        _solve(job, stop, channel)
    except BaseException as error:  # MemoryError and SystemExit from a solver included: the parent shall know
        channel.send("error", _picklable(error), type(error).__name__, str(error), traceback.format_exc())
    sys.stderr.flush()
    os._exit(0)


def _take_job(from_parent: BinaryIO) -> Job:
    """Read the job, which lives as long as this process: the garbage collector need never look at it."""
    gc.disable()
    job: Job = read_frame(from_parent)
    gc.freeze()
    gc.enable()
    return job


class _Channel:
    """The way to the parent, and the `Progress` that a backend in this process is given."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, *content: object) -> None:
        try:
            with self._lock:
                write_frame(self._stream, content)
        except (BrokenPipeError, ConnectionError):
            _abandon()

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        self.send("incumbent", time_s, objective, packed(schedule))

    def bound(self, time_s: float, bound: int) -> None:
        self.send("bound", time_s, bound)

    def message(self, time_s: float, text: str) -> None:
        self.send("message", time_s, text)


def _solve(job: Job, stop: Stop, channel: _Channel) -> None:
    late_s = max(0.0, time.monotonic() - job.begun_s)
    channel.send("begun", late_s)
    parameters = job.parameters
    if not parameters.deterministic:  # a budget of counted work must not depend on how long the start took
        parameters = replace(parameters, time_limit_s=max(0.01, parameters.time_limit_s - late_s))
    result = job.backend.solve(job.problem, parameters, stop, channel)
    schedule = None if result.schedule is None else packed(result.schedule)
    channel.send("result", replace(result, schedule=None), schedule)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for the frames alone: banners of native libraries go to the error stream instead."""
    from_parent, to_parent = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return from_parent, to_parent


def _listen(from_parent: BinaryIO, stop: Stop) -> None:
    while from_parent.read(1):
        stop.request()
    _abandon()


def _abandon() -> None:
    """End at once, with all processes of this session: nobody waits for the answer any more."""
    os.killpg(0, signal.SIGKILL)  # this process leads the session of all that were started from here


def _die_with(parent_pid: int) -> None:
    """Let the kernel end this process with its parent, for when native code keeps the listening thread from running."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent_pid:
            os._exit(1)


def _picklable(error: BaseException) -> BaseException | None:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # an exception of a solver library may hold anything
        return None
    return error
