"""The exact engine: proofs, limits, warm starts and grids."""

import dataclasses
import time

import pytest
from brute_force import brute_force
from random_problems import random_problem

from railcap.errors import InputError, UnsupportedFeature
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)
from railcap.operations.schedule import Schedule
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap.solving.result import Limit, Reason, Result
from railcap.solving.stop import Stop
from railcap_solvers.exact.backend import CpSatBackend
from railcap_solvers.exact.cp_sat import CpSatRelaxer
from railcap_solvers.exact.engine import EngineSettings, ExactEngine, Outcome
from railcap_solvers.exact.model import ExactModel
from railcap_solvers.exact.relaxation import Relaxed, RelaxTask
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.relaxer import LinearRelaxer


def engine_run(problem: OperationsProblem, incumbent: Schedule | None = None, **settings: object) -> Outcome:
    chosen = {"threads": 1, **settings}
    return ExactEngine(problem).run(EngineSettings(time.monotonic() + 30.0, **chosen), incumbent)  # type: ignore[arg-type]


def backend_run(problem: OperationsProblem, stop: Stop | None = None, **parameters: object) -> Result:
    chosen = {"time_limit_s": 30.0, "threads": 1, **parameters}
    return CpSatBackend().solve(problem, SolveParameters(**chosen), stop or Stop(), Silent())  # type: ignore[arg-type]


def test_an_exit_without_end_rules_out_only_ways_that_meet_it() -> None:
    """The first must come after the second on the way in, and can then only take the way beside the second's exit."""
    way_in = (ResourceUse("in"),)
    exits = (ResourceUse("exit"),)
    ways = (Operation((4,), resources=exits), Operation((4,), resources=exits), Operation((4,)))
    first = Train("first", (Operation((1, 2, 3), 10, resources=way_in), *ways, Operation()))
    second = Train("second", (Operation((1,), 10, None, 0, 0, way_in), Operation(resources=exits)))
    problem = OperationsProblem((first, second), (DelayTerm(0, 4, 0, 1),))
    assert brute_force(problem).cost == 20
    outcome = engine_run(problem, brute_force(problem).schedule)
    assert (outcome.objective, outcome.bound) == (20, 20)


def runs(*resources: str, length: int = 0) -> tuple[Operation, ...]:
    """Return operations that hold one resource each, and an exit that holds none."""
    last = len(resources)
    steps = [Operation((i + 1,), length, resources=(ResourceUse(name),)) for i, name in enumerate(resources)]
    return (*steps, Operation(label=f"exit {last}"))


def late(train: int, operation: int, threshold_s: int = 0, coeff: int = 1) -> DelayTerm:
    return DelayTerm(train, operation, threshold_s, coeff)


def swap(*orders: tuple[str, ...], latest_s: int | None = None) -> OperationsProblem:
    """Return trains that stay 5 s on every resource in turn, start by `latest_s` and want to be out at 10 s."""
    trains = tuple(Train(f"T{i}", runs(*order, length=5)) for i, order in enumerate(orders))
    first = [dataclasses.replace(train.operations[0], start_ub_s=latest_s) for train in trains]
    trains = tuple(
        dataclasses.replace(train, operations=(operation, *train.operations[1:]))
        for train, operation in zip(trains, first, strict=True)
    )
    return OperationsProblem(trains, tuple(late(i, len(order), 10) for i, order in enumerate(orders)))


@pytest.mark.parametrize("all_rows", [6000, 0])
@pytest.mark.parametrize("seed", range(60))
def test_random_problems_reach_the_proven_optimum(seed: int, all_rows: int) -> None:
    problem = random_problem(seed)
    optimum = brute_force(problem)
    outcome = engine_run(problem, seed=seed, all_rows=all_rows, incumbent=optimum.schedule if seed % 4 == 0 else None)
    if optimum.cost is None:
        assert outcome.infeasible
        assert outcome.schedule is None
    else:
        assert outcome.optimal
        assert outcome.schedule is not None
        assert check_schedule(problem, outcome.schedule) == []
        assert (schedule_cost(problem, outcome.schedule), outcome.bound) == (optimum.cost, optimum.cost)


@pytest.mark.parametrize("all_rows", [6000, 0])
def test_two_trains_cannot_swap_resources_at_one_instant(all_rows: int) -> None:
    assert engine_run(swap(("a", "b"), ("b", "a")), all_rows=all_rows).objective == 10
    assert engine_run(swap(("a", "b"), ("b", "a"), latest_s=9), all_rows=all_rows).infeasible


@pytest.mark.parametrize("all_rows", [6000, 0])
def test_three_trains_cannot_swap_in_a_circle(all_rows: int) -> None:
    # All out at 10 s would be an illegal circle; one has to stay outside until its resource is free again at 10 s.
    outcome = engine_run(swap(("a", "b"), ("b", "c"), ("c", "a")), all_rows=all_rows)
    assert (outcome.optimal, outcome.objective) == (True, 10)
    assert engine_run(swap(("a", "b"), ("b", "c"), ("c", "a"), latest_s=4), all_rows=all_rows).infeasible


def test_hand_over_at_one_instant_is_legal() -> None:
    outcome = engine_run(swap(("a", "b"), ("a", "b")))
    assert outcome.objective == 5


def test_capacity_lets_so_many_in_and_no_more() -> None:
    trains = tuple(Train(f"T{i}", runs("yard", length=10)) for i in range(5))
    objective = tuple(late(i, 1) for i in range(5))
    problem = OperationsProblem(trains, objective, {"yard": Resource(2)})
    for all_rows in (6000, 0):
        assert engine_run(problem, all_rows=all_rows).objective == 10 + 10 + 20 + 20 + 30


def test_an_incumbent_is_kept_and_a_bound_is_never_above_the_best() -> None:
    problem = random_problem(9)
    optimum = brute_force(problem)
    assert optimum.cost is not None
    outcome = engine_run(problem, incumbent=optimum.schedule, work=1e-9)
    assert outcome.objective == optimum.cost
    assert outcome.bound is None or outcome.bound <= optimum.cost


def test_a_request_to_stop_keeps_the_warm_start() -> None:
    problem = swap(("a", "b"), ("a", "b"))
    start = engine_run(problem).schedule
    stop = Stop()
    stop.request()
    result = backend_run(problem, stop, warm_start=start)
    assert result.schedule == start
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.INTERRUPTED)


def test_a_warm_start_that_breaks_rules_is_not_used() -> None:
    problem = swap(("a", "b"), ("a", "b"))
    result = backend_run(problem, warm_start=Schedule(()))
    assert (result.termination.reason, result.objective) == (Reason.OPTIMAL, 5)


def test_infeasible_is_said_with_a_proof() -> None:
    result = backend_run(swap(("a", "b"), ("b", "a"), latest_s=9))
    assert result.termination.reason is Reason.INFEASIBLE
    assert result.schedule is None


def test_counted_work_gives_the_same_answer_twice() -> None:
    problem = random_problem(12)
    first, second = (backend_run(problem, deterministic=True, threads=2, seed=3) for _ in range(2))
    assert first.schedule == second.schedule
    assert first.bound == second.bound


def test_an_unknown_option_names_those_that_exist() -> None:
    with pytest.raises(InputError, match="all_rows"):
        backend_run(swap(("a",)), options={"cp-sat": {"speed": 1}})


def test_costs_that_fall_with_time_are_refused_before_anything_is_built() -> None:
    problem = dataclasses.replace(swap(("a", "b")), objective=(late(0, 2, coeff=-1),))
    with pytest.raises(UnsupportedFeature, match="train T0"):
        engine_run(problem)


def test_a_coarse_grid_does_not_lose_the_last_second_before_an_increment() -> None:
    # Leaving at 60 s or later costs 1000, but waiting before the departure is better than on the way.
    steps = (
        Operation((1,)),
        Operation((2,), 60),
        Operation(start_lb_s=240),
    )
    objective = (DelayTerm(0, 1, 60, 0, 1000), JourneyTerm(0, 1, 2, 60, 1))
    problem = OperationsProblem((Train("T", steps),), objective)
    assert engine_run(problem).objective == (240 - 59) - 60


def test_times_far_from_zero_and_on_a_grid_give_the_same_cost() -> None:
    problem = swap(("w0", "a", "b"), ("w1", "b", "a"))
    base, step = 1_772_000_000, 60

    def moved(operation: Operation) -> Operation:
        return dataclasses.replace(
            operation, min_duration_s=operation.min_duration_s * step, start_lb_s=base + operation.start_lb_s * step
        )

    trains = tuple(dataclasses.replace(t, operations=tuple(map(moved, t.operations))) for t in problem.trains)
    objective = tuple(late(i, 3, base + 10 * step) for i in range(2))
    far = OperationsProblem(trains, objective)
    small, large = engine_run(problem), engine_run(far)
    assert large.statistics["grid_s"] == 5 * step
    assert small.objective is not None
    assert large.objective == small.objective * step


@pytest.mark.parametrize("seed", range(30))
def test_a_careless_start_becomes_optimal(seed: int) -> None:
    problem = random_problem(seed)
    optimum = brute_force(problem)
    if optimum.cost is None:
        pytest.skip("no solution")
    careless = engine_run(dataclasses.replace(problem, objective=())).schedule
    assert careless is not None
    for all_rows in (6000, 0):
        outcome = engine_run(problem, careless, seed=seed, all_rows=all_rows)
        assert (outcome.optimal, outcome.objective) == (True, optimum.cost)


def test_a_library_whose_bound_stays_below_its_optimum_does_not_keep_the_loop_for_ever() -> None:
    class Forgetful(CpSatRelaxer):
        def solve(self, model: ExactModel, task: RelaxTask) -> Relaxed:
            deaf = dataclasses.replace(task, on_bound=lambda bound: None)
            return dataclasses.replace(super().solve(model, deaf), bound=0)

    engine = ExactEngine(random_problem(6), relaxer=Forgetful())
    begun_s = time.monotonic()
    outcome = engine.run(EngineSettings(begun_s + 60.0))
    assert (outcome.limit, outcome.optimal) == (Limit.STALLED, False)
    assert outcome.objective == brute_force(random_problem(6)).cost
    assert time.monotonic() - begun_s < 60.0


def test_with_a_cost_known_elsewhere_only_what_is_cheaper_is_an_answer() -> None:
    problem = swap(("a", "b"), ("b", "a"), ("a", "b"))
    best = engine_run(problem).objective
    assert best is not None
    for relaxer in (CpSatRelaxer(), LinearRelaxer(Highs())):
        settings = EngineSettings(time.monotonic() + 30.0, threads=1)
        nothing = ExactEngine(problem, relaxer=relaxer).run(settings, upper_bound=best)
        assert (nothing.infeasible, nothing.schedule) == (True, None)
        found = ExactEngine(problem, relaxer=relaxer).run(settings, upper_bound=best + 1)
        assert (found.optimal, found.objective) == (True, best)


@pytest.mark.parametrize(
    ("bound", "silent_s", "stalled"), [(50, 6, False), (50, 21, True), (10, 4, False), (10, 6, True)]
)
def test_a_gap_that_is_hardly_ever_closed_leaves_less_patience(bound, silent_s, stalled):
    engine = ExactEngine(random_problem(1))
    engine.outcome.objective, engine.outcome.bound = 100, bound
    engine._news_at = time.monotonic() - silent_s
    assert engine._stalled(EngineSettings(time.monotonic() + 60, patience_s=20.0)) is stalled
