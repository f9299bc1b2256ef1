"""Twelve yards of k tracks with optional trains, optima from a min-cost flow."""

import pytest
from known_material import material
from proof import BACKENDS, proven_cost

from railcap_benchmarks.suites.yards import yards

YARDS = yards(material("optional_train_yards"))


def test_there_are_twelve_yards() -> None:
    assert len(YARDS) == 12


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("yard", YARDS, ids=[yard.name for yard in YARDS])
def test_backend_proves_the_optimum(yard, backend) -> None:
    assert proven_cost(yard.problem, backend) == yard.cost
