"""Searches whose releases are raised, so that no circle of hand-overs at one instant can close."""

import time
from dataclasses import replace

import pytest
from orders_only import routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search import construct, improve
from railcap_solvers.search.elites import Elites
from railcap_solvers.search.engine import CIRCLE_RELEASE_S, Routes, Search, searches
from railcap_solvers.search.occupation import new_state, put_all


def handed_over_at_once(seed: int) -> OperationsProblem:
    """Return a full line whose tracks may be entered at the instant at which they are left."""
    problem = saturated_line(seed)
    trains = tuple(
        replace(train, operations=tuple(_without_releases(operation) for operation in train.operations))
        for train in problem.trains
    )
    return replace(problem, trains=trains)


def _without_releases(operation: Operation) -> Operation:
    return replace(operation, resources=tuple(replace(use, release_s=0) for use in operation.resources))


def constructed(problem: OperationsProblem) -> Routes:
    routes = construct(problem, 0)
    assert routes is not None
    return routes


def users(problem: OperationsProblem, routes: Routes) -> dict[str, list[int]]:
    """Return the trains that use each resource, in their order."""
    uses = sorted(
        (start, train, use.resource)
        for train, route in enumerate(routes)
        for operation, start in route or ()
        for use in problem.trains[train].operations[operation].resources
    )
    found: dict[str, list[int]] = {}
    for _, train, resource in uses:
        found.setdefault(resource, []).append(train)
    return found


@pytest.mark.parametrize("seed", range(10))
def test_plans_are_timed_anew_in_their_orders_where_releases_are_raised(seed):
    problem = handed_over_at_once(seed)
    routes = constructed(problem)
    search = Search(problem, 0, CIRCLE_RELEASE_S)
    assert search.load(routes)
    raised = [list(route) for route in routes_in_force(search)]
    assert raised != routes
    assert users(problem, raised) == users(problem, routes)
    anew = new_state(search.static)
    put_all(search.static, anew, *search.plans_in_force())
    assert anew.overlaps[0] == 0
    timed = search.routes()
    assert check_schedule(problem, schedule_from_routes(problem, timed)) == []
    assert routes_cost(problem, timed) <= routes_cost(problem, routes)


def close_behind(end_s: int | None, run_s: int = 60) -> tuple[OperationsProblem, Routes]:
    """Return two trains of which one enters a track when the other leaves it, and must have left it by an end."""

    def train(number: int, begin_s: int) -> Train:
        track = Operation((1,), run_s, start_lb_s=begin_s, resources=(ResourceUse("track"),))
        return Train(f"T{number}", (track, Operation((), 0, start_ub_s=end_s if number else None)))

    problem = OperationsProblem((train(0, 0), train(1, run_s)), (DelayTerm(0, 1, 0, 1), DelayTerm(1, 1, 0, 1)))
    return problem, [[(0, 0), (1, run_s)], [(0, run_s), (1, 2 * run_s)]]


def test_plans_that_leave_no_room_for_raised_releases_are_not_loaded():
    problem, routes = close_behind(120)
    search = Search(problem, 0, CIRCLE_RELEASE_S)
    assert not search.load(routes)
    assert not search.state.plan_length.any()
    assert Search(problem, 0).load(routes)
    assert Search(close_behind(121)[0], 0, CIRCLE_RELEASE_S).load(routes)


def test_plans_beside_a_yard_are_not_timed_anew():
    """With room for two on a track more than orders matters, so plans that overlap there are not loaded."""
    problem, routes = close_behind(None)
    assert Search(problem, 0, CIRCLE_RELEASE_S).load(routes)
    with_yard = replace(problem, resources={"yard": Resource(capacity=2)})
    assert not Search(with_yard, 0, CIRCLE_RELEASE_S).load(routes)
    assert Search(with_yard, 0).load(routes)


def test_raised_releases_come_first_where_all_must_run_and_can_come_later_and_a_second_is_short():
    def are_raised(problem: OperationsProblem) -> list[bool]:
        return [bool((search.static.use[:, 1] > search.static.use[:, 2]).any()) for search in searches(problem, 0)]

    assert are_raised(handed_over_at_once(0)) == [True, False]
    assert are_raised(close_behind(None)[0]) == [True, False]
    assert are_raised(close_behind(200)[0]) == [False, True]
    assert are_raised(close_behind(None, 10)[0]) == [False, True]
    problem = close_behind(None)[0]
    optional = replace(problem, trains=tuple(replace(train, refusal_cost=9) for train in problem.trains))
    assert are_raised(optional) == [False, True]


def between_fixed_entries() -> tuple[OperationsProblem, Routes]:
    """Return the same two trains, each of which enters at a given instant, so that releases leave no room."""
    problem, routes = close_behind(None)
    trains = tuple(
        replace(train, operations=(replace(entry, start_ub_s=entry.start_lb_s), leave))
        for train in problem.trains
        for entry, leave in [train.operations]
    )
    return replace(problem, trains=trains), routes


def test_where_entries_leave_no_room_for_raised_releases_there_is_an_answer_in_time_without_them():
    problem, routes = between_fixed_entries()
    raised, as_they_are = searches(problem, 0)
    assert not raised.load(routes)
    assert as_they_are.load(routes)
    deadline_s = time.monotonic() + 6
    assert construct(problem, deadline_s=deadline_s) == routes
    assert time.monotonic() < deadline_s


def test_from_plans_that_raised_releases_leave_no_room_for_the_search_goes_on_without_them():
    problem, routes = between_fixed_entries()
    elites = Elites()
    improve(problem, routes, moves_limit=1, elites=elites)
    assert not elites.all()
    assert elites.of_layout(1).all()[0].cost == routes_cost(problem, routes)


@pytest.mark.parametrize("seed", range(5))
def test_a_search_goes_on_from_the_plans_that_it_is_given(seed):
    """One move finds next to nothing by itself, so the elites have what went in, not what insertion comes to."""
    problem = handed_over_at_once(seed)
    good = improve(problem, None, moves_limit=2_000)
    assert good is not None
    assert routes_cost(problem, good) < routes_cost(problem, constructed(problem))
    begun, anew = Elites(), Elites()
    improve(problem, good, moves_limit=1, seed=7, elites=begun)
    improve(problem, None, moves_limit=1, seed=7, elites=anew)
    assert begun.all()[0].cost < anew.all()[0].cost
