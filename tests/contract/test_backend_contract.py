"""What every backend that ships promises, tested alike."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from brute_force import brute_force
from random_problems import random_problem
from shipped_backends import LINEAR, SHIPPED, environment_with
from tiny_backends import two_trains
from yard_oracle import even_optimum, even_yard, fixed_optimum, fixed_yard, yard_problem

import railcap
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import Operation, OperationsProblem, ResourceUse, Train
from railcap.solving.parameters import SolveParameters
from railcap.solving.registry import backends
from railcap.solving.result import Limit, Reason
from railcap.solving.solve import solve

PROMISED_S = 2.0
"""A time limit of up to 20 s is kept within so much."""
BUSY_S = 6.0
"""What a machine that does other things besides may take on top; speed is not tested here."""


def impossible() -> OperationsProblem:
    """Two trains that must hold one resource in the same minute."""
    held = Operation((1,), 60, start_lb_s=0, start_ub_s=30, resources=(ResourceUse("r"),))
    return OperationsProblem((Train("A", (held, Operation())), Train("B", (held, Operation()))))


def test_these_are_the_backends_and_all_can_run():
    states = backends()
    assert set(SHIPPED) <= set(states)
    assert [name for name in SHIPPED if states[name].problem is not None] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_small_problem_is_proven_again_and_again_in_one_process(name):
    problem = random_problem(1)
    expected = brute_force(problem).cost
    assert expected is not None and expected > 0
    for seed in (0, 1, 0):
        result = solve(problem, name, SolveParameters(time_limit_s=60, threads=1, seed=seed))
        assert (result.termination.reason, result.objective, result.bound) == (Reason.OPTIMAL, expected, expected)
        assert result.backend == name


@pytest.mark.parametrize("name", SHIPPED)
def test_infeasible_is_proven_and_confirmed_by_another(name):
    other = "cp-sat" if name != "cp-sat" else "highs"
    for backend in (name, other):
        result = solve(impossible(), backend, SolveParameters(time_limit_s=60, threads=1))
        assert result.termination.reason is Reason.INFEASIBLE
        assert result.schedule is None


@pytest.mark.parametrize("isolated", [False, True], ids=["in the caller's process", "isolated"])
@pytest.mark.parametrize("name", SHIPPED)
def test_at_the_time_limit_the_best_is_kept_and_no_proof_is_claimed(name, isolated, hard):
    limit_s = 4.0
    begun_s = time.monotonic()
    result = solve(hard, name, SolveParameters(time_limit_s=limit_s, threads=1), isolated=isolated)
    assert time.monotonic() - begun_s < limit_s + PROMISED_S + BUSY_S
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.TIME)
    assert check_schedule(hard, result.schedule) == []
    assert result.bound is None or result.bound < result.objective
    assert not isolated or result.statistics["peak_memory_mb"] > 50


@pytest.mark.parametrize("name", SHIPPED)
def test_too_little_time_proves_nothing(name, hard, known):
    result = solve(hard, name, SolveParameters(time_limit_s=0.05, threads=1))
    assert result.termination.reason in (Reason.FEASIBLE, Reason.NO_SOLUTION_FOUND)
    assert result.termination.limit is Limit.TIME
    assert (result.schedule is None) == (result.termination.reason is Reason.NO_SOLUTION_FOUND)
    assert result.bound is None or result.bound <= known.objective


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "plain"])  # whose bound stays 0 here
def test_at_the_wished_gap_it_stops_and_says_so(name, hard):
    result = solve(hard, name, SolveParameters(time_limit_s=60, threads=1, relative_gap=0.9))
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.GAP)
    assert result.bound < result.objective <= 10 * result.bound
    assert result.wall_s < 60


@pytest.mark.parametrize("name", SHIPPED)
def test_a_warm_start_is_never_lost(name, hard, known):
    result = solve(hard, name, SolveParameters(time_limit_s=2, threads=1, warm_start=known.schedule), isolated=True)
    assert result.objective <= known.objective
    assert result.objective == schedule_cost(hard, result.schedule)


@pytest.mark.parametrize("name", SHIPPED)
def test_cancelling_keeps_the_best_answer(name, hard):
    class StopsAtFirst:
        def __init__(self):
            self.stop = railcap.Stop()

        def incumbent(self, time_s, objective, schedule):
            self.stop.request()

        def bound(self, time_s, bound): ...

        def message(self, time_s, text): ...

    watcher = StopsAtFirst()
    threading.Timer(20, watcher.stop.request).start()
    parameters = SolveParameters(time_limit_s=60, threads=1)
    result = solve(hard, name, parameters, watcher.stop, watcher, isolated=True)
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.INTERRUPTED)
    assert check_schedule(hard, result.schedule) == []


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_library_says_its_own_words_and_what_it_could_not_keep(name):
    result = solve(two_trains(), name, SolveParameters(time_limit_s=20, threads=2, deterministic=True))
    assert "ptimal" in str(result.statistics["native"]).lower()
    assert result.honoured["deterministic"] is False
    assert result.honoured["threads"] is (name != "scip")


@pytest.mark.parametrize("name", LINEAR)
def test_an_unknown_option_is_told(name):
    with pytest.raises(railcap.errors.InputError, match="cuts"):
        solve(two_trains(), name, SolveParameters(options={name: {"cuts": 3}}))


@pytest.mark.parametrize("first", ["pulp", "highspy", "ortools.sat.python.cp_model", "ortools.math_opt.python.mathopt"])
@pytest.mark.parametrize("names", [("highs", "scip", "cp-sat"), ("scip", "highs", "cbc")])
def test_whatever_a_host_imports_first_all_run_in_one_process(first, names):
    code = f"""
import {first}
from tiny_backends import two_trains
from railcap.solving.parameters import SolveParameters
from railcap.solving.solve import solve
for isolated in (False, True):
    for name in {names!r}:
        result = solve(two_trains(), name, SolveParameters(time_limit_s=30, threads=1), isolated=isolated)
        print("answer", result.objective)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment_with())
    assert ended.returncode == 0, ended.stderr
    answers = [line for line in ended.stdout.splitlines() if line.startswith("answer")]
    assert answers == ["answer 10"] * 6


@pytest.mark.parametrize("trains", [300, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "plain"])
def test_large_yards_are_proven_to_the_cost_of_a_flow(name, trains):
    for yard, optimum in (
        (fixed_yard(trains, trains, 4), fixed_optimum),
        (even_yard(trains, trains, trains // 100), even_optimum),
    ):
        result = solve(yard_problem(yard), name, SolveParameters(time_limit_s=60, threads=2))
        assert (result.termination.reason, result.objective) == (Reason.OPTIMAL, optimum(yard))
