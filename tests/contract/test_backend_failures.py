"""What every backend that ships leaves behind when its process dies, memory runs out or its library is missing."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import psutil
import pytest
from shipped_backends import SHIPPED, environment_with

from railcap.errors import BackendMissing, SolverCrashed
from railcap.operations.check import check_schedule
from railcap.solving.parameters import SolveParameters
from railcap.solving.registry import backends, get_backend
from railcap.solving.result import Limit, Reason
from railcap.solving.solve import solve


def solver_processes() -> list[psutil.Process]:
    """Return the processes in which this one lets solve."""
    return [child for child in psutil.Process().children() if is_solver(child)]


def is_solver(process: psutil.Process) -> bool:
    """Return whether a process lets solve, False if it has ended."""
    try:
        return any("railcap.solving.child" in word for word in process.cmdline())
    except psutil.Error:
        return False


class Listener:
    """Keeps the costs that it hears of."""

    def __init__(self):
        self.costs = []

    def incumbent(self, time_s, objective, schedule):
        self.costs.append(objective)

    def bound(self, time_s, bound): ...

    def message(self, time_s, text): ...


class KillsTheSolver(Listener):
    """Shoots the solver's process at its first answer."""

    def incumbent(self, time_s, objective, schedule):
        super().incumbent(time_s, objective, schedule)
        for process in solver_processes():
            process.kill()


class Killer(threading.Thread):
    """Shoots processes that `find` finds, again and again until told to end."""

    def __init__(self, find):
        super().__init__(daemon=True)
        self._find = find
        self._over = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self.join()

    def run(self):
        while not self._over.wait(0.01):
            try:
                for process in self._find():
                    process.kill()
            except psutil.Error:  # it has ended by itself meanwhile
                continue


def cbc_programs() -> list[psutil.Process]:
    """Return the CBC programs that run in this process's solvers."""
    return [
        program
        for solver in solver_processes()
        for program in solver.children(recursive=True)
        if program.name() == "cbc"
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_solver_that_is_killed_after_its_first_answer_leaves_it(name, hard):
    listener = KillsTheSolver()
    result = solve(hard, name, SolveParameters(time_limit_s=60, threads=1), progress=listener, isolated=True)
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.CRASHED)
    assert "SIGKILL" in result.termination.detail
    assert result.objective == min(listener.costs)
    assert check_schedule(hard, result.schedule) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_solver_that_is_killed_before_it_has_an_answer_is_a_typed_error(name, hard):
    with Killer(solver_processes), pytest.raises(SolverCrashed, match=f"{name}.*SIGKILL"):
        solve(hard, name, SolveParameters(time_limit_s=60, threads=1), isolated=True)


def test_a_cbc_whose_program_is_killed_leaves_the_best_answer(hard):
    begun_s = time.monotonic()
    with Killer(cbc_programs):
        result = solve(hard, "cbc", SolveParameters(time_limit_s=30, threads=1), isolated=True)
    assert time.monotonic() - begun_s < 30, "the search has 8 % of the time, and a CBC that dies again ends the rest"
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.CRASHED)
    assert "cbc was ended by SIGKILL" in result.termination.detail
    assert check_schedule(hard, result.schedule) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_out_of_memory_keeps_the_best_answer_or_says_that_there_is_none(name, hard, known):
    parameters = SolveParameters(time_limit_s=60, threads=1, memory_limit_gb=0.02)
    result = solve(hard, name, parameters, isolated=True)
    assert result.termination.limit is Limit.MEMORY
    if result.schedule is None:
        assert result.termination.reason is Reason.NO_SOLUTION_FOUND
    else:  # it was quicker than the first look at its memory
        assert result.termination.reason is Reason.FEASIBLE
        assert check_schedule(hard, result.schedule) == []
    parameters = SolveParameters(time_limit_s=60, threads=1, memory_limit_gb=0.02, warm_start=known.schedule)
    result = solve(hard, name, parameters, isolated=True)
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.MEMORY)
    assert result.objective <= known.objective
    assert check_schedule(hard, result.schedule) == []


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("auto", "ortools"),
        ("cp-sat", "ortools"),
        ("scip", "ortools"),
        ("highs", "highspy"),
        ("highs", "pulp"),
        ("cbc", "pulp"),
    ],
)
def test_a_missing_library_is_told_with_what_to_install(name, missing, monkeypatch):
    import railcap_solvers.installed as where

    real = where.version

    def version(package):
        if package == missing:
            raise where.PackageNotFoundError(package)
        return real(package)

    monkeypatch.setattr(where, "version", version)
    assert missing in (backends()[name].problem or "")
    with pytest.raises(BackendMissing, match=f"pip install.*{missing}"):
        get_backend(name)


@pytest.mark.parametrize(("missing", "others"), [("ortools", ("cbc", "highs")), ("pulp", ("auto", "cp-sat", "scip"))])
def test_a_missing_library_stops_none_of_the_others(missing, others):
    code = f"""
import importlib.metadata, sys
real = importlib.metadata.version
def version(package):
    if package == {missing!r}:
        raise importlib.metadata.PackageNotFoundError(package)
    return real(package)
importlib.metadata.version = version
sys.modules[{missing!r}] = None
import railcap
from tiny_backends import two_trains
for name in {others!r}:
    print("answer", name, railcap.solve(two_trains(), name).objective)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment_with())
    assert ended.returncode == 0, ended.stderr
    answers = [line for line in ended.stdout.splitlines() if line.startswith("answer")]
    assert answers == [f"answer {name} 10" for name in others]
