"""A problem that takes every backend longer than a test has, and an answer to it."""

import pytest

import railcap
from railcap.operations.problem import OperationsProblem
from railcap.planning.compile import compile_scenario
from railcap.solving.result import Result


@pytest.fixture(scope="session")
def hard() -> OperationsProblem:
    """A day of fourteen containers: an answer in seconds, a proof in many more."""
    return compile_scenario(railcap.load("quetta-chaman-day-14")).problem


@pytest.fixture(scope="session")
def known(hard) -> Result:
    """An answer to the hard problem, to start from."""
    return railcap.solve(hard, "cp-sat", railcap.SolveParameters(time_limit_s=3, threads=1))
