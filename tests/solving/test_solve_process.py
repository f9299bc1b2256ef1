import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
import tiny_backends as tiny

from railcap.errors import InputError, SolverCrashed
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Limit, Reason
from railcap.solving.solve import solve
from railcap.solving.stop import Stop

SUPPORT = Path(__file__).parents[1] / "support"


class Watcher:
    def __init__(self):
        self.seen = []

    def incumbent(self, time_s, objective, schedule):
        self.seen.append(("incumbent", objective, schedule))

    def bound(self, time_s, bound):
        self.seen.append(("bound", bound))

    def message(self, time_s, text):
        self.seen.append(("message", text))


def run(backend, stop=None, progress=None, **parameters):
    return solve(tiny.two_trains(), backend, SolveParameters(**parameters), stop, progress, isolated=True)


def test_result_progress_and_trace_come_back(capfd):
    watcher = Watcher()
    result = run(tiny.Normal(), progress=watcher)
    assert result.termination.reason is Reason.OPTIMAL
    assert (result.objective, result.bound, result.backend) == (10, 10, "normal")
    assert result.schedule == tiny.waiting(10)
    assert watcher.seen[:3] == [("message", "begin"), ("incumbent", 20, tiny.waiting(20)), ("bound", 7)]
    assert [(p.objective, p.bound) for p in result.trace] == [(20, None), (20, 7), (10, 7), (10, 10)]
    assert result.trace[0].time_s > 0.01, "the start of the process counts"
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(("backend", "words"), [(tiny.Aborts(), "bad_alloc"), (tiny.Killed(), "SIGKILL")])
def test_a_death_keeps_the_best_answer_and_says_how(backend, words):
    result = run(backend)
    assert result.termination.reason is Reason.FEASIBLE
    assert words in result.termination.detail
    assert result.termination.limit is Limit.CRASHED
    assert (result.objective, result.bound) == (20, 7)


def test_a_death_leaves_no_process_that_the_solver_started(tmp_path):
    path = tmp_path / "helper"
    assert run(tiny.KilledWithHelper(str(path))).termination.limit is Limit.CRASHED
    assert ends(int(path.read_text()))


def test_a_path_of_modules_that_is_no_text_does_no_harm(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [tmp_path, *sys.path])
    assert run(tiny.Normal()).objective == 10


def test_a_death_without_an_answer_is_an_error():
    with pytest.raises(SolverCrashed, match=r"aborts-at-once.*SIGABRT.*bad_alloc"):
        run(tiny.AbortsAtOnce())


def test_an_exception_keeps_the_best_answer():
    result = run(tiny.Raises())
    assert result.objective == 20
    assert "ValueError: a surprise" in result.termination.detail


def test_an_exception_without_an_answer_is_an_error_with_the_trace_of_the_child():
    with pytest.raises(SolverCrashed, match="ValueError: a surprise") as caught:
        run(tiny.RaisesAtOnce())
    assert "in end" in caught.value.__notes__[0]


def test_a_hang_ends_soon_after_the_time_limit_with_the_best_answer():
    begun = time.monotonic()
    result = run(tiny.Hangs(), time_limit_s=1.0)
    assert time.monotonic() - begun < 20
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.TIME)
    assert "killed" in result.termination.detail
    assert result.objective == 20


def test_a_hang_without_an_answer_says_so():
    result = run(tiny.HangsAtOnce(), time_limit_s=0.5)
    assert (result.termination.reason, result.termination.limit) == (Reason.NO_SOLUTION_FOUND, Limit.TIME)
    assert "killed" in result.termination.detail


def test_processes_that_the_solver_started_end_with_it(tmp_path):
    path = tmp_path / "helper"
    run(tiny.HangsWithHelper(str(path)), time_limit_s=3.0)
    assert ends(int(path.read_text()))


def ends(pid):
    """Whether a process is gone within ten seconds."""
    ends_by = time.monotonic() + 10
    while runs(pid) and time.monotonic() < ends_by:
        time.sleep(0.05)
    return not runs(pid)


def runs(pid):
    """Whether a process is there and not merely waiting to be reaped by a lazy first process of a container."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_stop_reaches_the_child_and_its_last_word_counts():
    stop = Stop()
    threading.Timer(1.0, stop.request).start()
    result = run(tiny.Obeys(), stop=stop)
    assert result.termination.limit is Limit.INTERRUPTED
    assert (result.objective, result.bound) == (15, 8)


def test_the_time_limit_asks_before_it_kills():
    result = run(tiny.Obeys(), time_limit_s=1.5)
    assert (result.termination.limit, result.objective) == (Limit.TIME, 15)


def test_memory_is_watched_and_the_child_asked_first():
    result = run(tiny.Eats(), memory_limit_gb=0.25)
    assert result.termination.limit is Limit.MEMORY
    assert result.objective == 20
    assert result.honoured["memory_limit_gb"]
    assert result.statistics["peak_memory_mb"] > 200


def test_a_child_that_eats_on_is_killed():
    result = run(tiny.EatsOn(), memory_limit_gb=0.2)
    assert result.termination.limit is Limit.MEMORY
    assert "killed at" in result.termination.detail
    assert result.objective == 20


@pytest.mark.parametrize(
    ("backend", "reason"), [(tiny.RunsOut(), Reason.FEASIBLE), (tiny.RunsOutAtOnce(), Reason.NO_SOLUTION_FOUND)]
)
def test_a_memory_error_is_the_memory_limit_and_keeps_the_best_answer(backend, reason):
    result = run(backend)
    assert (result.termination.reason, result.termination.limit) == (reason, Limit.MEMORY)
    assert (result.objective, result.bound) == ((20, 7) if reason is Reason.FEASIBLE else (None, None))


@pytest.mark.parametrize(("backend", "limit"), [(tiny.AbortsAtOnce(), Limit.CRASHED), (tiny.HangsAtOnce(), Limit.TIME)])
def test_a_warm_start_is_an_answer_from_the_first_moment_on(backend, limit):
    watcher = Watcher()
    result = run(backend, progress=watcher, time_limit_s=1.0, warm_start=tiny.waiting(30))
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, limit)
    assert (result.objective, result.schedule) == (30, tiny.waiting(30))
    assert watcher.seen == [("incumbent", 30, tiny.waiting(30))]


def test_a_deterministic_solve_that_the_clock_ended_says_that_it_was_not():
    stop = Stop()
    threading.Timer(1.0, stop.request).start()
    assert run(tiny.Obeys(), stop=stop, deterministic=True).honoured["deterministic"] is False


def test_errors_of_railcap_pass_through_as_they_are(monkeypatch):
    with pytest.raises(InputError, match="unknown option"):
        run(Refuses())


class Refuses(tiny.Normal):
    def solve(self, problem, parameters, stop, progress):
        raise InputError("unknown option")


SCRIPT = """
import sys
sys.path.insert(0, {here!r})
import tiny_backends as tiny
from railcap.solving.parameters import SolveParameters
from railcap.solving.solve import solve

class Tell:
    def incumbent(self, time_s, objective, schedule): print("incumbent", objective, flush=True)
    def bound(self, time_s, bound): pass
    def message(self, time_s, text): pass

result = solve(tiny.two_trains(), tiny.{backend}(), SolveParameters(time_limit_s=30), None, Tell(), isolated=True)
print(result.termination.limit, result.objective, flush=True)
"""


def script(tmp_path, backend):
    """A script as users write them: without a guard against being imported."""
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(here=str(SUPPORT), backend=backend))
    return subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_ctrl_c_in_a_script_keeps_the_best_answer(tmp_path):
    with script(tmp_path, "Obeys") as process:
        assert process.stdout.readline() == "incumbent 20\n"
        os.killpg(process.pid, 2)
        assert process.stdout.read().splitlines()[-1] == "Limit.INTERRUPTED 15"


def test_a_second_ctrl_c_kills_and_keeps_what_was_found(tmp_path):
    with script(tmp_path, "Hangs") as process:
        assert process.stdout.readline() == "incumbent 20\n"
        os.kill(process.pid, 2)
        time.sleep(0.5)
        os.kill(process.pid, 2)
        begun = time.monotonic()
        assert process.stdout.read() == "Limit.INTERRUPTED 20\n"
        assert time.monotonic() - begun < 8, "the first interrupt alone gives ten seconds"


def test_no_orphan_outlives_a_killed_parent(tmp_path):
    with script(tmp_path, "Hangs") as process:
        process.stdout.readline()
        children = psutil.Process(process.pid).children()
        assert len(children) == 1
        process.kill()
        assert ends(children[0].pid)
