"""The dispatcher and the new timing of kept orders, on lines where most trains stand on the track from the start."""

from dataclasses import replace

import numpy as np
import pytest
from brute_force import brute_force
from orders_only import of_orders_only, routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search import moves, orders
from railcap_solvers.search.engine import DISPATCH_NOISE_S, Search, build
from railcap_solvers.search.layout import PAYS_AT_EXIT


def never() -> bool:
    return False


def dispatched(problem: OperationsProblem, attempts: int = 30) -> Search | None:
    search = Search(problem, 1)
    for attempt in range(attempts):
        search.dispatch(DISPATCH_NOISE_S[attempt % len(DISPATCH_NOISE_S)], never)
        if search.complete:
            return search
    return None


def assert_valid(problem: OperationsProblem, search: Search) -> None:
    assert check_schedule(problem, schedule_from_routes(problem, search.routes())) == []
    assert routes_cost(problem, search.routes()) <= search.best_cost


@pytest.mark.parametrize("seed", range(12))
def test_all_trains_of_a_full_line_are_dispatched(seed):
    problem = saturated_line(seed)
    search = dispatched(problem)
    assert search is not None
    assert_valid(problem, search)


def test_where_insertion_leaves_trains_out_the_dispatcher_does_not():
    helped = 0
    for seed in range(12):
        problem = saturated_line(seed, 12, 6)
        search = Search(problem, 0)
        for attempt in range(4):
            search.insert(attempt)
        if search.complete:
            continue
        helped += 1
        assert dispatched(problem) is not None, seed
        build(search, None, None)
        assert search.complete, seed
    assert helped > 2


def test_trains_that_begin_on_the_same_track_are_not_dispatched():
    """Both must stand on it at once, so nothing is planned."""
    problem = saturated_line(0, 2, 0)
    first, second = problem.trains
    assert dispatched(problem) is not None
    blocked = replace(problem, trains=(first, replace(second, operations=first.operations)))
    search = Search(blocked, 0)
    search.dispatch(0.0, never)
    assert not search.complete
    assert not search.state.plan_length.any()


def test_dispatching_stops_when_told_to():
    """At the first look, though the same attempt comes through if it is let."""
    told, let = Search(saturated_line(1), 0), Search(saturated_line(1), 0)
    told.dispatch(0.0, lambda: True)
    assert not told.complete
    let.dispatch(0.0, never)
    assert let.complete


def test_dispatched_random_problems_keep_all_rules():
    complete = 0
    for seed in range(150):
        problem = of_orders_only(seed)
        search = dispatched(problem, 6)
        if search is None:
            continue
        complete += 1
        assert_valid(problem, search)
        known = brute_force(problem).cost
        assert known is not None, seed
        assert search.best_cost >= known, seed
    assert complete > 60


@pytest.mark.parametrize("share", [0.0, 0.37, 1.0])
def test_new_times_keep_the_orders_and_never_cost_more(share):
    gained = 0
    for seed in range(20):
        problem = saturated_line(seed)
        search = dispatched(problem)
        assert search is not None
        search.orders.allowed[0] = 0  # by replanning alone, which leaves room
        search.anneal(200, 1e4, 1e4, 10**9)
        before, cost = order_of(search), search.cost
        search.retime(share)
        assert order_of(search) == before
        assert search.cost <= cost
        gained += search.cost < cost
        search.load(routes_in_force(search))
        assert_valid(problem, search)
    assert gained > 2


def test_times_are_put_off_by_the_share_that_is_asked_for():
    search = dispatched(saturated_line(5))
    assert search is not None
    starts, costs = [], []
    for share in (0.0, 0.5, 1.0):
        search.retime(share)
        starts.append(np.concatenate([[start for _, start in route] for route in routes_in_force(search)]))
        costs.append(search.cost)
    early, between, late = starts
    assert (late > early).any()
    assert (between == early + (late - early) // 2).all()
    assert costs[0] == costs[1] == costs[2]


def order_of(search: Search) -> list[list[int]]:
    state = search.state
    return [
        state.blocked_train[first : first + state.blocked_count[resource]].tolist()
        for resource, (first, _, _) in enumerate(search.static.resource.tolist())
    ]


def test_times_of_an_order_are_refused_if_it_is_a_circle():
    problem = saturated_line(3)
    search = dispatched(problem)
    assert search is not None
    state, static = search.state, search.static
    crowded = int(np.argmax(state.blocked_count[:-1]))
    first, count = int(static.resource[crowded, 0]), int(state.blocked_count[crowded])
    trains = state.blocked_train[first : first + count].copy()
    refused = 0
    for shift in range(1, count):
        state.blocked_train[first : first + count] = np.roll(trains, shift)
        refused += not orders.sweep.py_func(static, state, search.work, search.orders)
    assert refused > 0


def test_the_lean_planner_costs_what_the_full_one_does():
    """Beside any other trains, where only exits are priced, both planners know the least cost of one more."""
    compared = 0
    for seed in range(60):
        problem = saturated_line(seed, 5, 2) if seed % 2 else of_orders_only(seed)
        lean, full = Search(problem, 0), Search(problem, 0)
        assert lean.static.train[:, PAYS_AT_EXIT].all()
        full.static.train[:, PAYS_AT_EXIT] = 0
        for attempt in range(3):
            lean.insert(attempt)
            full.restart_from(lean.plans_in_force())
            for train in range(len(problem.trains)):
                assert cost_alone(lean, train) == cost_alone(full, train), (seed, train)
                compared += 1
    assert compared > 300


def cost_alone(search: Search, train: int) -> int:
    """Return what a train costs at least beside the others, and put it back."""
    moves.take_out.py_func(search.static, search.state, search.memory, train)
    cost = moves.plan_beside(search.static, search.state, search.work, search.memory, train, 1e9, 0)
    moves.put_old.py_func(search.static, search.state, search.memory, train)
    return int(cost)
