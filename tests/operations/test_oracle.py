"""The tests' own oracle and random problems: an oracle that errs would hide every other error."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import brute_force as oracle
import pytest
from brute_force import brute_force, exhaustive
from random_problems import random_problem

from railcap.operations.problem import JourneyTerm, OperationsProblem
from railcap.solving.backend import FEATURES
from railcap.solving.features import features_of


def ending(problem: OperationsProblem, last_s: int) -> OperationsProblem:
    """The problem with no start after `last_s`, so that its times can be enumerated."""
    return replace(
        problem,
        trains=tuple(
            replace(
                train,
                operations=tuple(
                    replace(o, start_ub_s=last_s if o.start_ub_s is None else min(o.start_ub_s, last_s))
                    for o in train.operations
                ),
            )
            for train in problem.trains
        ),
    )


@pytest.mark.parametrize(
    ("seeds", "trains", "operations", "last_s"), [(range(60), 2, 3, 6), (range(30), 3, 2, 4), (range(20), 2, 4, 5)]
)
def test_orders_and_times_enumerated_give_the_same_optimum(
    seeds: range, trains: int, operations: int, last_s: int
) -> None:
    found = []
    for seed in seeds:
        problem = ending(random_problem(seed, trains, operations), last_s)
        found.append(brute_force(problem).cost)
        assert found[-1] == exhaustive(problem, last_s).cost, f"seed {seed}"
    assert None in found
    assert any(cost is not None for cost in found)


def test_random_problems_have_every_feature_and_every_outcome() -> None:
    seen: Counter[str] = Counter()
    for seed in range(400):
        problem = random_problem(seed)
        optimum = brute_force(problem)
        seen.update(features_of(problem))
        seen["infeasible"] += optimum.cost is None
        seen["free"] += optimum.cost == 0
        seen["refused"] += optimum.schedule is not None and None in optimum.schedule.routes(problem)
        seen["journeys"] += sum(isinstance(term, JourneyTerm) for term in problem.objective) > 1
        seen["instants"] += optimum.schedule is not None and len({e.time_s for e in optimum.schedule.events}) < 4
    assert all(seen[name] >= 60 for name in FEATURES), seen
    assert all(seen[name] >= 10 for name in ("infeasible", "free", "refused", "journeys", "instants")), seen


def test_random_problems_hold_illegal_swaps_that_would_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule that hand-overs close no circle, some optima would be lower: the rule is put to the test."""
    honest = [brute_force(random_problem(seed)).cost for seed in range(400)]
    monkeypatch.setattr(oracle, "_with_orders", lambda after, orders: after)
    monkeypatch.setattr(oracle, "check_schedule", lambda problem, schedule: [])
    lax = [brute_force(random_problem(seed)).cost for seed in range(400)]
    assert sum(one != other for one, other in zip(honest, lax, strict=True)) >= 5


def test_same_seed_same_problem_on_every_python() -> None:
    text = repr([random_problem(seed) for seed in range(20)])
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "6734050a9bccf830"
