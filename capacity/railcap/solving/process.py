"""A solve in a process of its own, so that a native crash, a hang or a full memory never takes the caller down.

The child tells incumbents and bounds as they come, so the best answer survives its loss. Limits are watched from here:
at a limit the child is asked to stop, and killed if it does not within a few seconds.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import IO, Any

import psutil

from railcap.errors import BackendError, RailcapError, SolverCrashed
from railcap.operations.problem import OperationsProblem
from railcap.solving.backend import Backend
from railcap.solving.frames import Job, read_frame, unpacked, write_frame
from railcap.solving.parameters import SolveParameters
from railcap.solving.recorder import Recorder
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.stop import Stop

_TICK_S = 0.1
_MEMORY_TICK_S = 0.3
_GRACE_S = {Limit.MEMORY: 3.0, Limit.INTERRUPTED: 10.0}
_OVER_MEMORY = 1.2
"""Above so many times its memory limit the child is killed without waiting: the machine comes first."""
_DETERMINISTIC_SLACK = 10.0
"""Counted work ends a deterministic solve; the clock only guards it, at so many times the limit."""
_ENDED = ("ended",)
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]); "
    "from railcap.solving.child import main; main(int(sys.argv[1]))"
)


def solve_in_process(
    problem: OperationsProblem, backend: Backend, parameters: SolveParameters, stop: Stop, recorder: Recorder
) -> Result:
    """Solve in a child process and return what it found, also if it died on the way.

    A Ctrl-C (``KeyboardInterrupt``) asks the child to stop and keeps the best answer; a second one kills it.

    Raises
    ------
    SolverCrashed
        If the child died without having found anything.
    RailcapError
        What the backend itself raised.
    """
    begun_s = time.monotonic()
    with _Child() as child:
        watch = _Watch(backend.name, parameters, begun_s)
        try:
            child.give(Job(backend, problem, parameters, begun_s))
            return watch.follow(child, stop, recorder)
        except _ChildLost as loss:
            return _rescued(loss, watch, recorder)


class _Child:
    """The child process: its pipes, its memory, its end."""

    def __init__(self) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                "-c",
                _BOOT,
                str(os.getpid()),
                json.dumps([place for place in sys.path if isinstance(place, str)]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={"PYTHONHASHSEED": "0", **os.environ},  # the same seed gives the same answer, whatever a set holds
            start_new_session=True,
        )
        self._frames: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> _Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._reader.join(timeout=5.0)
        with suppress(OSError):
            self._input.close()
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()
        self._errors.close()

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def give(self, job: Job) -> None:
        """Hand the job over; a backend or problem that cannot be pickled is the caller's fault and told so."""
        try:
            write_frame(self._input, job)  # type: ignore[arg-type]
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise BackendError(
                f"backend {job.backend.name!r} or its problem cannot be sent to a process of its own ({error}); "
                "define its class in a module, or solve with isolated=False"
            ) from error
        except OSError:
            self._frames.put(_ENDED)

    def next_frame(self) -> tuple[Any, ...] | None:
        """Return the next frame, or None after a tick without one."""
        try:
            return self._frames.get(timeout=_TICK_S)
        except queue.Empty:
            return None

    def ask_to_stop(self) -> None:
        """Wish that the solver ends soon with its best answer."""
        with suppress(OSError):
            self._input.write(b".")
            self._input.flush()

    def memory_b(self) -> int:
        """Return the resident memory of the child and of all processes that it started."""
        total = 0
        with suppress(psutil.Error):
            root = psutil.Process(self._process.pid)
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    total += process.memory_info().rss
        return total

    def kill(self) -> None:
        """End the child and all processes that it started, and wait until it is gone."""
        doomed: list[psutil.Process] = []
        with suppress(psutil.Error):
            root = psutil.Process(self._process.pid)
            doomed = root.children(recursive=True)
        with suppress(OSError):  # the child leads a session, which outlives it in the processes that it started
            os.killpg(self._process.pid, signal.SIGKILL)
        for process in doomed:
            with suppress(psutil.Error):
                process.kill()
        self._process.kill()
        self._process.wait()

    def how_it_died(self) -> str:
        """Return how the child ended, with the last words on its error stream."""
        try:
            code = self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            return "its process closed its pipe and went on"
        if code >= 0:
            ending = f"its process ended with exit code {code}"
        else:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            ending = f"its process was killed by {name}"
            if name == "SIGKILL":
                ending += " (the system does this when memory runs out)"
        words = self._last_words()
        return f"{ending}; it said: {words}" if words else ending

    def _last_words(self) -> str:
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - 2000))
        text = re.split(r"^(?:Current thread|Thread) 0x", self._errors.read().decode(errors="replace"), flags=re.M)[0]
        lines = text.split("\n")  # what the solver said, without the stack that comes after it
        return " | ".join([line.strip() for line in lines if line.strip()][-6:])

    def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                self._frames.put(read_frame(self._process.stdout))  # type: ignore[arg-type]
        except Exception:  # the end of the pipe, or a frame that the death of the child cut or spoilt
            self._frames.put(_ENDED)


class _ChildLost(Exception):
    """The child is gone, or failed: by which limit (None: by itself), and how."""

    def __init__(self, limit: Limit | None, detail: str, cause: BaseException | None = None, trace: str = "") -> None:
        super().__init__(detail)
        self.limit = limit
        self.detail = detail
        self.cause = cause
        self.trace = trace


class _Watch:
    """Follows a child to its end, and keeps its limits."""

    def __init__(self, backend_name: str, parameters: SolveParameters, begun_s: float) -> None:
        self.backend_name = backend_name
        self.peak_memory_b = 0
        self.stopped_by: Limit | None = None
        self._parameters = parameters
        self._begun_s = begun_s
        self._late_s = 0.0
        self._kill_at_s = float("inf")
        self._next_memory_s = 0.0
        self._next_wish_s = 0.0

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._begun_s

    def follow(self, child: _Child, stop: Stop, recorder: Recorder) -> Result:
        """Pass on what the child tells until it has its result; raises `_ChildLost` where it has none."""
        while True:
            try:
                frame = child.next_frame()
                result = self._take(frame, child, recorder) if frame is not None else None
                if result is not None:
                    return result
                if stop.requested:
                    self._stop(Limit.INTERRUPTED)
                self._watch_limits(child)
            except KeyboardInterrupt:
                if self.stopped_by is Limit.INTERRUPTED:
                    raise _ChildLost(Limit.INTERRUPTED, "killed at the second interrupt") from None
                self._stop(Limit.INTERRUPTED)
            self._insist(child)

    def _take(self, frame: tuple[Any, ...], child: _Child, recorder: Recorder) -> Result | None:
        match frame:
            case ("begun", late_s):
                self._late_s = late_s
            case ("incumbent", time_s, objective, events):
                recorder.incumbent(time_s + self._late_s, objective, unpacked(events))
            case ("bound", time_s, bound):
                recorder.bound(time_s + self._late_s, bound)
            case ("message", time_s, text):
                recorder.message(time_s + self._late_s, text)
            case ("result", result, events):
                return self._finished(result, None if events is None else events)
            case ("error", error, kind, text, trace):
                raise self._failure(error, kind, text, trace)
            case _:
                raise _ChildLost(self.stopped_by, child.how_it_died())
        return None

    def _finished(self, result: Result, events: bytes | None) -> Result:
        schedule = None if events is None else unpacked(events)
        termination = result.termination
        if self.stopped_by is not None and termination.reason not in (Reason.OPTIMAL, Reason.INFEASIBLE):
            termination = replace(termination, limit=self.stopped_by)
        return replace(
            result,
            termination=termination,
            schedule=schedule,
            wall_s=self.elapsed_s,
            statistics={**result.statistics, **self.statistics()},
            honoured={**result.honoured, **self.honoured()},
        )

    def statistics(self) -> dict[str, float | int | str]:
        """Return what the watching measured; no memory where the child was gone before the first look at it."""
        return {"peak_memory_mb": round(self.peak_memory_b / 2**20)} if self.peak_memory_b else {}

    def honoured(self) -> dict[str, bool]:
        """Return what of the parameters was kept by the watching."""
        kept = {"memory_limit_gb": True}
        if self._parameters.deterministic and self.stopped_by is not None:
            kept["deterministic"] = False
        return kept

    def _failure(self, error: BaseException | None, kind: str, text: str, trace: str) -> Exception:
        if isinstance(error, RailcapError):
            return error
        limit = Limit.MEMORY if kind == "MemoryError" else self.stopped_by
        return _ChildLost(limit, f"it failed with {kind}: {text}", error, trace)

    def _watch_limits(self, child: _Child) -> None:
        now_s = self.elapsed_s
        if now_s >= self._time_limit_s():
            self._stop(Limit.TIME)
        if now_s >= self._next_memory_s:
            self._next_memory_s = now_s + _MEMORY_TICK_S
            self._watch_memory(child)
        if now_s >= self._kill_at_s:
            raise _ChildLost(self.stopped_by, "its process was killed, since it did not stop when asked")

    def _watch_memory(self, child: _Child) -> None:
        used_b = child.memory_b()
        self.peak_memory_b = max(self.peak_memory_b, used_b)
        if self._parameters.memory_limit_gb is None:
            return
        limit_b = self._parameters.memory_limit_gb * 1e9
        if used_b > limit_b * _OVER_MEMORY:
            self.stopped_by = Limit.MEMORY
            raise _ChildLost(Limit.MEMORY, f"its process was killed at {used_b / 1e9:.2f} GB")
        if used_b > limit_b:
            self._stop(Limit.MEMORY)

    def _time_limit_s(self) -> float:
        limit_s = self._parameters.time_limit_s
        return limit_s * _DETERMINISTIC_SLACK if self._parameters.deterministic else limit_s

    def _stop(self, limit: Limit) -> None:
        """Begin to stop for `limit`; a later reason never gives more time than an earlier one."""
        if self.stopped_by is None or (limit is Limit.INTERRUPTED and self.stopped_by is not limit):
            self.stopped_by = limit
        grace_s = _GRACE_S.get(limit, min(20.0, max(1.8, 0.09 * self._parameters.time_limit_s)))
        if self._kill_at_s == float("inf"):
            self._kill_at_s = self.elapsed_s + grace_s

    def _insist(self, child: _Child) -> None:
        if self.stopped_by is not None and self.elapsed_s >= self._next_wish_s:
            self._next_wish_s = self.elapsed_s + 1.0
            child.ask_to_stop()


def _rescued(loss: _ChildLost, watch: _Watch, recorder: Recorder) -> Result:
    """Return the best answer of a child that is gone; raises `SolverCrashed` if it had none and died by itself."""
    if recorder.schedule is None and loss.limit not in (Limit.TIME, Limit.INTERRUPTED, Limit.MEMORY):
        crash = SolverCrashed(f"backend {watch.backend_name!r} had found nothing when {loss.detail}")
        if loss.trace:
            crash.add_note(loss.trace)
        raise crash from loss.cause
    reason = Reason.FEASIBLE if recorder.schedule is not None else Reason.NO_SOLUTION_FOUND
    return Result(
        Termination(reason, loss.limit or Limit.CRASHED, loss.detail),
        recorder.schedule,
        recorder.objective,
        recorder.best_bound,
        watch.elapsed_s,
        statistics=watch.statistics(),
        honoured=watch.honoured(),
    )
