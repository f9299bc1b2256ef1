"""Giving way: a train goes first at some places only, and what is in force afterwards, or undone, keeps all rules."""

import numpy as np
import pytest
from brute_force import brute_force
from orders_only import reordering_search, routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search import improve
from railcap_solvers.search.engine import Search
from railcap_solvers.search.layout import OCC_FROM
from railcap_solvers.search.occupation import new_state, put_all

STAY_ARRAYS = ("occ_resource", "occ_from", "occ_until", "occ_begin", "occ_uses")
LIST_ARRAYS = ("blocked_train", "blocked_from", "blocked_until")


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


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("temperature", [1.0, 300.0])
def test_lists_and_costs_are_what_the_plans_say_after_every_few_moves(seed, temperature):
    search = reordering_search(saturated_line(seed), seed)
    state, static = search.state, search.static
    for _ in range(40):
        search.anneal(25, temperature, temperature, 10**9)
        routes = routes_in_force(search)
        assert check_schedule(search.problem, schedule_from_routes(search.problem, routes)) == []
        anew = new_state(static)
        put_all(static, anew, *search.plans_in_force())
        assert search.cost == state.cost[:-1].sum()
        assert np.array_equal(anew.cost, state.cost)
        assert np.array_equal(anew.blocked_count[:-1], state.blocked_count[:-1])
        for base, count in zip(static.resource[:, 0], anew.blocked_count, strict=False):
            for name in LIST_ARRAYS:
                there = slice(base, base + count)
                assert np.array_equal(getattr(anew, name)[there], getattr(state, name)[there]), name
        for base, count in zip(static.train[:, OCC_FROM], anew.occ_count, strict=False):
            for name in STAY_ARRAYS:
                there = slice(base, base + count)
                assert np.array_equal(getattr(anew, name)[there], getattr(state, name)[there]), name


def test_trains_that_are_late_for_others_are_counted():
    problem = slow_and_fast()
    search = Search(problem)
    search.load([[(0, 0), (1, 0), (2, 100), (3, 100), (4, 400)], [(0, 90), (1, 100), (2, 400), (3, 400), (4, 450)]])
    assert search.paying == 1
    search.load([[(0, 0), (1, 0), (2, 100), (3, 200), (4, 500)], [(0, 90), (1, 100), (2, 150), (3, 150), (4, 200)]])
    assert search.paying == 2
