"""Moves that change orders: every state between two keeps all rules, and small problems end at their optimum."""

import pytest
from brute_force import brute_force
from orders_only import of_orders_only, reordering_search, routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search import improve
from railcap_solvers.search.walk import REORDER


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("temperature", [1.0, 300.0])
def test_what_is_in_force_keeps_all_rules_after_every_few_moves(seed, temperature):
    search = reordering_search(saturated_line(seed), seed)
    for _ in range(40):
        search.anneal(25, temperature, temperature, 10**9)
        routes = routes_in_force(search)
        assert check_schedule(search.problem, schedule_from_routes(search.problem, routes)) == []
        assert routes_cost(search.problem, routes) == search.cost
        assert search.state.overlaps[0] == 0


def test_orders_are_changed_and_that_gains():
    """What the search knows of these moves: it begins by taking one for a gain, and all beyond that were made."""
    gains, seeds = 0.0, 6
    for seed in range(seeds):
        search = reordering_search(saturated_line(seed), seed)
        search.orders.gains[REORDER] = 1.0
        search.anneal(2000, 100.0, 100.0, 10**9)
        gains += float(search.orders.gains[REORDER])
    assert gains > seeds + 3


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
