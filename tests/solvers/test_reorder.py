"""Moves that change orders, of both kinds: every state between two keeps all rules, and they lead to optima."""

from typing import Any

import numpy as np
import pytest
from brute_force import brute_force
from numba import njit
from orders_only import of_orders_only, routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search import improve
from railcap_solvers.search.engine import Search, build
from railcap_solvers.search.give_way import give_way
from railcap_solvers.search.layout import OCC_FROM
from railcap_solvers.search.occupation import new_state, put_all
from railcap_solvers.search.push import push

STAY_ARRAYS = ("occ_resource", "occ_from", "occ_until", "occ_begin", "occ_uses")
LIST_ARRAYS = ("blocked_train", "blocked_from", "blocked_until")


@njit
def give_way_often(static: Any, state: Any, work: Any, memory: Any, orders: Any, tolerance: float, count: int) -> int:
    made = 0
    for _ in range(count):
        if give_way(static, state, work, memory, orders, tolerance):
            made += 1
    return made


@njit
def push_often(static: Any, state: Any, work: Any, memory: Any, orders: Any, tolerance: float, count: int) -> int:
    made = 0
    for _ in range(count):
        if push(static, state, work, memory, orders, tolerance):
            made += 1
    return made


@pytest.mark.parametrize("moves", [give_way_often, push_often])
@pytest.mark.parametrize("tolerance", [0.0, 100.0])
def test_moves_succeed_and_what_is_in_force_keeps_all_rules_between_them(moves, tolerance):
    made = better = 0
    for seed in range(6):
        search = Search(saturated_line(seed), seed)
        build(search, None, None)
        for _ in range(40):
            cost = search.cost
            made += moves(search.static, search.state, search.work, search.memory, search.orders, tolerance, 10)
            better += search.cost < cost
            assert search.cost <= cost + 10 * tolerance
            assert_in_line(search)
    assert made > 20
    assert better > 5


def assert_in_line(search: Search) -> None:
    """Cost, stays and lists are what the plans in force say, and these keep all rules."""
    state, static = search.state, search.static
    routes = routes_in_force(search)
    assert check_schedule(search.problem, schedule_from_routes(search.problem, routes)) == []
    assert routes_cost(search.problem, routes) == search.cost
    anew = new_state(static)
    put_all(static, anew, *search.plans_in_force())
    assert anew.overlaps[0] == 0
    assert np.array_equal(anew.cost, state.cost)
    for arrays, bases, ours, theirs in (
        (LIST_ARRAYS, static.resource[:, 0], state.blocked_count, anew.blocked_count),
        (STAY_ARRAYS, static.train[:, OCC_FROM], state.occ_count, anew.occ_count),
    ):
        for number, base in enumerate(bases):
            assert ours[number] == theirs[number]
            there = slice(base, base + ours[number])
            for name in arrays:
                assert np.array_equal(getattr(anew, name)[there], getattr(state, name)[there]), name


def test_small_problems_end_at_their_optimum():
    equal = total = 0
    for seed in range(120):
        problem = of_orders_only(seed)
        known = brute_force(problem).cost
        if known is None:
            continue
        routes = improve(problem, seed=1, moves_limit=600)
        assert routes is not None, seed
        cost = routes_cost(problem, routes)
        assert cost >= known, seed
        total += 1
        equal += cost == known
    assert equal > 0.9 * total, (equal, total)


def slow_and_fast() -> OperationsProblem:
    """Return a slow and a fast train that run one way over two sections, with a track for each at both stations.

    The fast one comes to the first station ten seconds before the slow one, setting out at once, would clear the first
    section. To let it pass there costs the slow one 140 s. To go first all the way costs the fast one 260 s. To go
    first to the second station and let it pass there costs the one 100 s and the other 10 s.
    """

    def train(name: str, track: int, ready_s: int, runs_s: tuple[int, int]) -> Train:
        steps = [(f"A{track}", 0), ("A-B", runs_s[0]), (f"B{track}", 0), ("B-C", runs_s[1]), ("", 0)]
        return Train(
            name,
            tuple(
                Operation(
                    successors=(i + 1,) if i + 1 < len(steps) else (),
                    min_duration_s=run_s,
                    start_lb_s=ready_s,
                    resources=(ResourceUse(place, 0),) if place else (),
                )
                for i, (place, run_s) in enumerate(steps)
            ),
        )

    trains = (train("slow", 1, 0, (100, 300)), train("fast", 2, 90, (50, 50)))
    return OperationsProblem(trains, (DelayTerm(0, 4, 400, 1), DelayTerm(1, 4, 190, 1)), name="slow and fast")


def test_the_place_where_one_passes_the_other_moves_on():
    problem = slow_and_fast()
    routes = improve(problem, seed=1, moves_limit=500)
    assert routes is not None
    assert routes_cost(problem, routes) == brute_force(problem).cost == 110


def test_trains_that_are_late_for_others_are_counted():
    problem = slow_and_fast()
    search = Search(problem)
    search.load([[(0, 0), (1, 0), (2, 100), (3, 100), (4, 400)], [(0, 90), (1, 100), (2, 400), (3, 400), (4, 450)]])
    assert search.paying == 1
    search.load([[(0, 0), (1, 0), (2, 100), (3, 200), (4, 500)], [(0, 90), (1, 100), (2, 150), (3, 150), (4, 200)]])
    assert search.paying == 2
