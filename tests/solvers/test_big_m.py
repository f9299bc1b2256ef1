"""The big-M peer: exact on random problems, with complete starts, and truthful about how it ended."""

import dataclasses
import time
from typing import Any

import pytest
from brute_force import brute_force
from random_problems import random_problem
from yard_oracle import fixed_optimum, fixed_yard, yard_problem

import railcap
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
from railcap.operations.schedule import Event, Schedule
from railcap.planning.compile import compile_scenario
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap.solving.result import Limit, Reason, Result
from railcap.solving.stop import Stop
from railcap_benchmarks.peers import big_m
from railcap_benchmarks.peers.big_m import BigMBackend
from railcap_benchmarks.peers.big_m_model import BigMModel, order_rows
from railcap_benchmarks.peers.big_m_start import start_values
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.linear import Answer, LinearModel, Task

LAST_LONG = 600


@pytest.fixture(scope="module")
def hard() -> OperationsProblem:
    """Six of a day's trains: enough for a constructed start, and no proof in seconds."""
    day = compile_scenario(railcap.load("quetta-chaman-day")).problem
    terms = tuple(term for term in day.objective if term.train < 6)
    return dataclasses.replace(day, trains=day.trains[:6], objective=terms)


def run(problem: OperationsProblem, stop: Stop | None = None, **parameters: Any) -> Result:
    chosen = {"time_limit_s": 60.0, "threads": 1, **parameters}
    return BigMBackend().solve(problem, SolveParameters(**chosen), stop or Stop(), Silent())


def whole_model(problem: OperationsProblem) -> BigMModel:
    model = BigMModel(problem)
    for _ in model.add_orders():
        pass
    return model


def held(*resources: str) -> tuple[Operation, ...]:
    steps = [Operation((i + 1,), 5, start_ub_s=4 + 5 * i, resources=(ResourceUse(r),)) for i, r in enumerate(resources)]
    return (*steps, Operation())


def equals_brute_force(seed: int) -> None:
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


@pytest.mark.parametrize("seed", range(60))
def test_random_problems_reach_the_proven_optimum(seed: int) -> None:
    equals_brute_force(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(60, LAST_LONG))
def test_many_random_problems_reach_the_proven_optimum(seed: int) -> None:
    equals_brute_force(seed)


def test_starts_are_complete_and_keep_all_rows() -> None:
    """The start alone satisfies the whole model and has the schedule's cost."""
    checked = with_units = 0
    for seed in range(400):
        problem = random_problem(seed)
        optimum = brute_force(problem)
        if optimum.schedule is None:
            continue
        model = whole_model(problem)
        values = start_values(model, optimum.schedule)
        assert model.linear.breach(values) == 0, seed
        assert model.constant + model.unit * model.linear.objective(values) == optimum.cost
        checked += 1
        with_units += bool(model.units)
    assert checked > 200
    assert with_units > 20


def test_order_rows_are_counted_before_they_are_written() -> None:
    for seed in range(60):
        problem = random_problem(seed)
        without = len(BigMModel(problem).linear.rows)
        model = whole_model(problem)
        beside = sum(len(units) for units in model.units.values())
        fewer = sum(
            problem.resource(first.resource).capacity
            - min(len(model.units[first.resource][use]) for use in (first, second))
            for first, second in model.same
        )
        assert len(model.linear.rows) - without - beside == order_rows(problem) - fewer, seed


def test_times_far_from_zero_and_thresholds_long_past() -> None:
    begin = 1_700_000_000
    trains = tuple(
        Train(name, (Operation((1,), 60, start_lb_s=begin, resources=(ResourceUse("r"),)), Operation()), refusal)
        for name, refusal in (("A", None), ("B", 10**10))
    )
    resources = {"r": Resource(closures=((0, begin + 10), (begin + 100, begin + 200)))}
    terms = (DelayTerm(0, 1, 0, 1), DelayTerm(1, 1, 5, 1, 3), JourneyTerm(1, 0, 1, 0, 1))
    result = run(OperationsProblem(trains, terms, resources))
    # One runs before the second closure, the other after it.
    cost = (begin + 70) + (begin + 260) - 5 + 3 + 60
    assert (result.termination.reason, result.objective, result.bound) == (Reason.OPTIMAL, cost, cost)


@pytest.mark.parametrize("orders", [(("a", "b"), ("b", "a")), (("a", "b"), ("b", "c"), ("c", "a"))])
def test_swaps_at_one_instant_are_illegal(orders: tuple[tuple[str, ...], ...]) -> None:
    trains = tuple(Train(f"T{i}", held(*order)) for i, order in enumerate(orders))
    assert run(OperationsProblem(trains)).termination.reason is Reason.INFEASIBLE


def test_a_swap_is_cut_off_and_a_wait_in_between_is_not() -> None:
    """The first round swaps for nothing; what is left is to refuse a train for 9, or to step aside for 1."""
    ahead, back = Train("A", held("a", "b"), 9), Train("B", held("b", "a"))
    result = run(OperationsProblem((ahead, back)))
    assert (result.termination.reason, result.objective, result.statistics["rounds"]) == (Reason.OPTIMAL, 9, 2)
    first, second, last = held("a", "b")
    aside = Operation((2,))
    steps = (dataclasses.replace(first, successors=(1, 2)), aside, dataclasses.replace(second, successors=(3,)), last)
    problem = OperationsProblem((Train("A", steps, 9), back), (DelayTerm(0, 1, increment=1),))
    result = run(problem)
    assert (result.termination.reason, result.objective, result.statistics["rounds"]) == (Reason.OPTIMAL, 1, 2)


def test_a_yard_is_proven_to_the_cost_of_a_flow() -> None:
    yard = fixed_yard(3, 25, 3)
    result = run(yard_problem(yard))
    assert (result.termination.reason, result.objective) == (Reason.OPTIMAL, fixed_optimum(yard))


def test_the_time_limit_holds_with_a_constructed_start_and_a_bound(hard: OperationsProblem) -> None:
    begun = time.monotonic()
    result = run(hard, time_limit_s=6)
    assert time.monotonic() - begun < 6 + 2 + 6, "two seconds are promised, six are left to a busy machine"
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.TIME)
    assert result.schedule is not None
    assert check_schedule(hard, result.schedule) == []
    assert result.trace[0].objective is not None
    assert result.trace[0].bound is None
    assert result.bound is not None
    assert result.objective is not None
    assert 0 <= result.bound < result.objective


def test_highs_begins_with_the_start(hard: OperationsProblem, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[LinearModel, Task, Answer]] = []

    class Records(Highs):
        def solve(self, model: LinearModel, task: Task) -> Answer:
            answer = super().solve(model, task)
            seen.append((model, task, answer))
            return answer

    monkeypatch.setattr(big_m, "Highs", Records)
    result = run(hard, time_limit_s=8)
    (model, task, answer), first = seen[0], result.trace[0]
    assert task.start is not None
    assert model.breach(task.start) == 0
    assert answer.objective is not None, "in so few seconds there is no solution but the start"
    assert answer.objective <= model.objective(task.start) + 1e-6
    assert first.objective is not None
    assert result.objective is not None
    assert result.objective <= first.objective


def test_a_request_to_stop_keeps_the_warm_start() -> None:
    problem = OperationsProblem((Train("A", held("a")),), (DelayTerm(0, 1, 0, 1),))
    start = Schedule((Event(2, 0, 0), Event(7, 0, 1)))
    stop = Stop()
    stop.request()
    result = run(problem, stop, warm_start=start)
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.INTERRUPTED)
    assert result.schedule == start
    assert result.objective == schedule_cost(problem, start)


def test_a_model_that_is_too_large_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_problem(1)
    optimum = brute_force(problem)
    monkeypatch.setattr(big_m, "MOST_ROWS", order_rows(problem) - 1)
    for start, reason in ((None, Reason.NO_SOLUTION_FOUND), (optimum.schedule, Reason.FEASIBLE)):
        result = run(problem, warm_start=start)
        assert (result.termination.reason, result.termination.limit) == (reason, Limit.MEMORY)
        assert f"{order_rows(problem):,} order rows" in result.termination.detail
        assert result.schedule == start


def test_costs_that_fall_with_time_are_refused() -> None:
    for term in (DelayTerm(0, 1, 0, -1), DelayTerm(0, 1, 0, 0, -1), JourneyTerm(0, 0, 1, 0, -1)):
        with pytest.raises(UnsupportedFeature):
            run(OperationsProblem((Train("A", held("a")),), (term,)))


def test_an_option_is_told_to_be_unknown() -> None:
    problem = OperationsProblem((Train("A", held("a")),))
    with pytest.raises(InputError, match="plain-big-m"):
        run(problem, options={"plain-big-m": {"cuts": 3}})


def test_it_is_a_peer_and_no_trains_cost_nothing() -> None:
    assert BigMBackend.is_peer
    assert BigMBackend().is_available() is None
    result = run(OperationsProblem(()))
    assert (result.termination.reason, result.objective) == (Reason.OPTIMAL, 0)
