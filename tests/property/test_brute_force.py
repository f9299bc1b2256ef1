"""Every exact backend against the brute-force oracle on random small problems with every feature.

The long test takes as many problems as the environment variable RAILCAP_RANDOM_PROBLEMS says (2,000 if unset).
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from brute_force import brute_force
from proof import BACKENDS
from random_problems import branched_problem, random_problem

from railcap.operations.problem import OperationsProblem
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Reason
from railcap.solving.solve import solve

QUICK = 200
BATCH = 50


def disagreement(seed: int, backend: str, draw: Callable[[int], OperationsProblem]) -> str | None:
    problem = draw(seed)
    expected = brute_force(problem)
    result = solve(problem, backend, SolveParameters(time_limit_s=60, threads=1))
    reason = Reason.INFEASIBLE if expected.cost is None else Reason.OPTIMAL
    if (result.termination.reason, result.objective) == (reason, expected.cost):
        return None
    return f"seed {seed}: {result.termination} {result.objective}, brute force says {expected.cost}"


def disagreements(seeds: range, backend: str, draw: Callable[[int], OperationsProblem] = random_problem) -> list[str]:
    return [text for seed in seeds if (text := disagreement(seed, backend, draw)) is not None]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("first", range(0, QUICK, BATCH))
def test_backend_equals_brute_force(first: int, backend: str) -> None:
    assert disagreements(range(first, first + BATCH), backend) == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("first", range(0, QUICK // 2, BATCH))
def test_backend_equals_brute_force_where_trains_choose(first: int, backend: str) -> None:
    assert disagreements(range(first, first + BATCH), backend, branched_problem) == []


@pytest.mark.long
@pytest.mark.parametrize("backend", BACKENDS)
def test_backend_equals_brute_force_on_many_where_trains_choose(backend: str) -> None:
    count = int(os.environ.get("RAILCAP_RANDOM_PROBLEMS", "2000"))
    assert disagreements(range(QUICK // 2, QUICK // 2 + count), backend, branched_problem) == []


@pytest.mark.long
@pytest.mark.parametrize("backend", BACKENDS)
def test_backend_equals_brute_force_on_many(backend: str) -> None:
    count = int(os.environ.get("RAILCAP_RANDOM_PROBLEMS", "2000"))
    assert disagreements(range(QUICK, QUICK + count), backend) == []
