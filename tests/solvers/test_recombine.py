"""Recombination: plans get what other plans do better, keep all rules, and are never dearer."""

import time
from dataclasses import replace

import pytest
from orders_only import routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import OperationsProblem, Train
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search.anneal import Improver
from railcap_solvers.search.elites import Elites, Member
from railcap_solvers.search.engine import Plans, Search, build


def built(problem: OperationsProblem, seed: int = 0) -> Search:
    search = Search(problem, seed)
    build(search, None, None)
    return search


def annealed(search: Search, start: Plans, moves: int = 400, warm: float = 50.0, cool: float = 1.0) -> Plans:
    search.restart_from(start)
    search.anneal(moves, warm, cool, 10**9)
    return search.plans_in_force()


def bad_plans(search: Search) -> Plans:
    return annealed(search, search.plans_in_force(), 400, 2000.0, 2000.0)


def downhill(search: Search, start: Plans, members: range) -> Plans:
    """Return plans that are better than those at the start, for some trains."""
    search.limit_to(members)
    better = annealed(search, start, 2000, 0.0)
    assert cost_of(search, better) < cost_of(search, start)
    return better


def cost_of(search: Search, plans: Plans) -> int:
    search.restart_from(plans)
    return search.cost


def side_by_side(seed: int) -> tuple[OperationsProblem, int]:
    """Return two lines that share nothing as one problem, and how many trains the first has."""
    first, second = saturated_line(seed, 8, 5), saturated_line(seed + 1, 8, 5)
    count = len(first.trains)

    def elsewhere(train: Train) -> Train:
        operations = tuple(
            replace(op, resources=tuple(replace(use, resource=f"other {use.resource}") for use in op.resources))
            for op in train.operations
        )
        return replace(train, name=f"other {train.name}", operations=operations)

    terms = tuple(replace(term, train=term.train + count) for term in second.objective)
    trains = first.trains + tuple(elsewhere(train) for train in second.trains)
    return OperationsProblem(trains, first.objective + terms), count


@pytest.mark.parametrize("seed", range(8))
def test_plans_get_no_dearer_and_keep_all_rules(seed):
    search = built(saturated_line(seed), seed)
    start = search.plans_in_force()
    ends = [annealed(search, start) for _ in range(4)]
    for mine in ends:
        for other in ends:
            before, its = cost_of(search, mine), cost_of(search, other)
            search.restart_from(mine)
            search.take_over(other)
            routes = routes_in_force(search)
            assert check_schedule(search.problem, schedule_from_routes(search.problem, routes)) == []
            assert routes_cost(search.problem, routes) == search.cost <= before
            assert search.state.overlaps[0] == 0
            assert search.best_cost <= search.cost
            assert cost_of(search, other) == its


@pytest.mark.parametrize("seed", range(6))
def test_what_two_plans_do_well_in_different_places_comes_together(seed):
    problem, count = side_by_side(seed)
    search = built(problem, seed)
    start = bad_plans(search)
    trains = range(len(problem.trains))
    on_first, on_second = downhill(search, start, trains[:count]), downhill(search, start, trains[count:])
    saved = cost_of(search, start) - cost_of(search, on_second)
    before = cost_of(search, on_first)
    search.take_over(on_second)
    assert search.cost <= before - 0.75 * saved


def side_by_side_searches() -> tuple[Search, Elites, int]:
    """Return a search, elites of another one that is better elsewhere, and the cost of the best plans of both."""
    problem, count = side_by_side(3)
    other, search = built(problem), Search(problem)
    start, trains = bad_plans(other), range(len(problem.trains))
    search.load(routes_in_force(other))
    on_second = downhill(other, start, trains[count:])
    elites = Elites()
    elites.add(Member(cost_of(other, on_second), on_second))
    downhill(search, start, trains[:count])
    return search, elites, min(search.best_cost, cost_of(other, on_second))


def test_the_end_of_an_anneal_takes_over_what_other_searches_have_left():
    search, elites, best = side_by_side_searches()
    Improver(search, 1000, None, None, elites).end()
    assert search.best_cost < best
    assert elites.all()[0].cost == search.best_cost


def test_nothing_is_taken_over_when_the_time_is_up():
    search, elites, best = side_by_side_searches()
    before = search.best_cost
    Improver(search, None, time.monotonic() - 1.0, None, elites).end()
    assert search.best_cost == before >= best


def test_searches_of_one_layout_have_the_same_elites():
    elites = Elites()
    assert elites.of_layout(0) is elites
    assert elites.of_layout(1) is elites.of_layout(1) is not elites
    elites.of_layout(1).add(Member(1, (None, None, None)))  # type: ignore[arg-type]
    assert elites.all() == []
