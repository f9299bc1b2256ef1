"""The plain peer: exact on random problems, with complete hints, and truthful about how it ended."""

import dataclasses
import random
from typing import Any

import pytest
from brute_force import brute_force
from random_problems import random_problem

from railcap.errors import UnsupportedFeature
from railcap.operations.check import check_schedule
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap.solving.result import Limit, Reason, Result
from railcap.solving.stop import Stop
from railcap_benchmarks.peers.plain import PlainBackend
from railcap_benchmarks.peers.plain_model import PlainModel


def run(problem: OperationsProblem, stop: Stop | None = None, **parameters: Any) -> Result:
    chosen = {"time_limit_s": 30.0, "threads": 1, **parameters}
    return PlainBackend().solve(problem, SolveParameters(**chosen), stop or Stop(), Silent())


def held(*resources: str) -> tuple[Operation, ...]:
    steps = [Operation((i + 1,), 5, start_ub_s=4 + 5 * i, resources=(ResourceUse(r),)) for i, r in enumerate(resources)]
    return (*steps, Operation())


@pytest.mark.parametrize("seed", range(80))
def test_random_problems_reach_the_proven_optimum(seed: int) -> None:
    problem = random_problem(seed)
    optimum = brute_force(problem)
    result = run(problem, seed=seed, warm_start=optimum.schedule if seed % 4 == 0 else None)
    if optimum.cost is None:
        assert result.termination.reason is Reason.INFEASIBLE
    else:
        assert result.termination.reason is Reason.OPTIMAL
        assert result.schedule is not None
        assert check_schedule(problem, result.schedule) == []
        assert (result.objective, result.bound) == (optimum.cost, optimum.cost)


def test_hints_are_complete_and_feasible() -> None:
    """The hint alone, every variable fixed to it, satisfies the model and has the schedule's cost."""
    from ortools.sat.python import cp_model

    checked = 0
    for seed in range(60):
        problem = random_problem(seed)
        optimum = brute_force(problem)
        if optimum.schedule is None:
            continue
        plain = PlainModel(problem)
        plain.add_hint(optimum.schedule)
        assert len(plain.model.proto.solution_hint.vars) == len(plain.model.proto.variables)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.fix_variables_to_their_hinted_value = True
        assert solver.solve(plain.model) == cp_model.OPTIMAL, seed
        assert solver.objective_value == optimum.cost
        checked += 1
    assert checked > 40


def test_swaps_at_one_instant_are_illegal() -> None:
    for orders in ((("a", "b"), ("b", "a")), (("a", "b"), ("b", "c"), ("c", "a"))):
        trains = tuple(Train(f"T{i}", held(*order)) for i, order in enumerate(orders))
        assert run(OperationsProblem(trains)).termination.reason is Reason.INFEASIBLE


def test_a_request_to_stop_keeps_the_warm_start() -> None:
    problem = OperationsProblem((Train("A", held("a")),), (DelayTerm(0, 1, 0, 1),))
    start = run(problem).schedule
    stop = Stop()
    stop.request()
    result = run(problem, stop, warm_start=start)
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.INTERRUPTED)
    assert result.schedule == start


def test_costs_that_fall_with_time_are_refused() -> None:
    problem = OperationsProblem((Train("A", held("a")),), (DelayTerm(0, 1, 0, -1),))
    with pytest.raises(UnsupportedFeature):
        run(problem)


def test_the_same_seed_and_work_give_the_same_answer() -> None:
    problem = random_problem(random.Random(1).randrange(40))
    first, second = (run(problem, deterministic=True, threads=2, seed=5) for _ in range(2))
    assert first.schedule == second.schedule
    assert dataclasses.replace(first.termination, detail="") == dataclasses.replace(second.termination, detail="")
