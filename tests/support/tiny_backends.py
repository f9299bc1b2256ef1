"""Backends that behave and misbehave, for the tests of the solver's process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap.operations.schedule import Event, Schedule
from railcap.solving.backend import FEATURES
from railcap.solving.result import Limit, Reason, Result, Termination


def two_trains(name="two trains"):
    """Two trains over one resource; the best cost is 10 (one waits for the other)."""
    train = [
        Train(
            name,
            (
                Operation((1,), min_duration_s=10, resources=(ResourceUse("line"),)),
                Operation(),
            ),
        )
        for name in "AB"
    ]
    terms = tuple(DelayTerm(train, 1, threshold_s=10, coeff=1) for train in (0, 1))
    return OperationsProblem(tuple(train), terms, name=name)


def waiting(seconds):
    """The solution in which the second train leaves `seconds` after the first; costs that much."""
    events = (Event(0, 0, 0), Event(10, 0, 1), Event(seconds, 1, 0), Event(seconds + 10, 1, 1))
    return Schedule(tuple(sorted(events, key=lambda event: (event.time_s, -event.operation))))


class Normal:
    """Finds 20, then 10, with a proof."""

    name = "normal"
    features = FEATURES

    def is_available(self):
        return None

    def solve(self, problem, parameters, stop, progress):
        progress.message(0.0, "begin")
        progress.incumbent(0.01, 20, waiting(20))
        progress.bound(0.02, 7)
        return self.end(problem, parameters, stop, progress)

    def end(self, problem, parameters, stop, progress):
        print("a banner on the standard output")
        return Result(Termination(Reason.OPTIMAL), waiting(10), 10, 10)


class Aborts(Normal):
    """Dies as native code does, after its first answer."""

    name = "aborts"

    def end(self, problem, parameters, stop, progress):
        sys.stderr.write("terminate called: std::bad_alloc\n")
        sys.stderr.flush()
        os.abort()


class Killed(Normal):
    """Is shot by somebody else, after its first answer."""

    name = "killed"

    def end(self, problem, parameters, stop, progress):
        os.kill(os.getpid(), signal.SIGKILL)


class AbortsAtOnce(Aborts):
    """Dies before it has found anything."""

    name = "aborts-at-once"

    def solve(self, problem, parameters, stop, progress):
        return self.end(problem, parameters, stop, progress)


class Raises(Normal):
    """Raises after its first answer."""

    name = "raises"

    def end(self, problem, parameters, stop, progress):
        raise ValueError("a surprise")


class RaisesAtOnce(Raises):
    """Raises before it has found anything."""

    name = "raises-at-once"

    def solve(self, problem, parameters, stop, progress):
        return self.end(problem, parameters, stop, progress)


class RunsOut(Normal):
    """Gets no more memory after its first answer."""

    name = "runs-out"

    def end(self, problem, parameters, stop, progress):
        raise MemoryError


class RunsOutAtOnce(RunsOut):
    """Gets no memory to begin with."""

    name = "runs-out-at-once"

    def solve(self, problem, parameters, stop, progress):
        return self.end(problem, parameters, stop, progress)


class Hangs(Normal):
    """Hears no stop."""

    name = "hangs"

    def end(self, problem, parameters, stop, progress):
        time.sleep(600)


class HangsAtOnce(Hangs):
    """Hears no stop and finds nothing."""

    name = "hangs-at-once"

    def solve(self, problem, parameters, stop, progress):
        return self.end(problem, parameters, stop, progress)


class HangsWithHelper(Hangs):
    """Hangs, and has a process of its own that writes its number to a file."""

    name = "hangs-with-helper"

    def __init__(self, path):
        self.path = path

    def end(self, problem, parameters, stop, progress):
        code = f"import os, time; open({self.path!r}, 'w').write(str(os.getpid())); time.sleep(600)"
        subprocess.run([sys.executable, "-c", code], check=False)


class KilledWithHelper(HangsWithHelper):
    """Is shot by somebody else while a process of its own is at work."""

    name = "killed-with-helper"

    def end(self, problem, parameters, stop, progress):
        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(self.path).write_text(str(helper.pid))
        os.kill(os.getpid(), signal.SIGKILL)


class Obeys(Normal):
    """Waits for the wish to stop, then ends with its last word."""

    name = "obeys"

    def end(self, problem, parameters, stop, progress):
        while not stop.wait(1.0):
            pass
        return Result(Termination(Reason.FEASIBLE, Limit.INTERRUPTED), waiting(15), 15, 8)


class ObeysAtOnce(Obeys):
    """Waits for the wish to stop, and has nothing then."""

    name = "obeys-at-once"

    def solve(self, problem, parameters, stop, progress):
        self.end(problem, parameters, stop, progress)
        return Result(Termination(Reason.NO_SOLUTION_FOUND, Limit.INTERRUPTED))


class Eats(Normal):
    """Takes memory bit by bit until told to stop."""

    name = "eats"
    obeys = True

    def end(self, problem, parameters, stop, progress):
        eaten = []
        while not (self.obeys and stop.requested):
            if len(eaten) < 60:
                eaten.append(bytearray(os.urandom(1) * 10_000_000))
            time.sleep(0.02)
        return Result(Termination(Reason.NO_SOLUTION_FOUND, Limit.INTERRUPTED))


class EatsOn(Eats):
    """Takes memory and does not listen."""

    name = "eats-on"
    obeys = False


class Lies(Normal):
    """Claims a better cost than its schedule has."""

    name = "lies"

    def end(self, problem, parameters, stop, progress):
        return Result(Termination(Reason.OPTIMAL), waiting(10), 9, 9)


class Collides(Normal):
    """Runs both trains at once."""

    name = "collides"

    def end(self, problem, parameters, stop, progress):
        return Result(Termination(Reason.OPTIMAL), waiting(5), 5, 5)


class Poor(Normal):
    """Cannot do without an alternative."""

    name = "poor"
    features = frozenset()


class Denies(Normal):
    """Says that there is no answer, which is wrong."""

    name = "denies"

    def solve(self, problem, parameters, stop, progress):
        return Result(Termination(Reason.INFEASIBLE))


class Overbids(Normal):
    """Takes a poor answer for the best, which is wrong."""

    name = "overbids"

    def end(self, problem, parameters, stop, progress):
        return Result(Termination(Reason.OPTIMAL), waiting(15), 15, 15)
