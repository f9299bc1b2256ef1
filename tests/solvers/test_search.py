"""The search: every answer keeps all rules, single trains run at their best, and more work makes plans cheaper."""

import time
from dataclasses import replace

import numpy as np
import pytest
from brute_force import brute_force
from daylight_line import DAY, HOUR, daylight_line
from random_problems import random_problem

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Link,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)
from railcap.operations.schedule import Schedule, schedule_from_routes
from railcap.solving.parameters import SolveParameters
from railcap.solving.solve import solve
from railcap.solving.stop import Stop
from railcap_solvers.search import construct, improve
from railcap_solvers.search.anneal import Grades
from railcap_solvers.search.engine import Search, searches


def assert_keeps_all_rules(problem: OperationsProblem, routes) -> None:
    assert check_schedule(problem, schedule_from_routes(problem, routes)) == []


@pytest.mark.parametrize(("capacity", "rate"), [(10**12, 1), (1, 10**9)])
def test_huge_capacities_and_costs_are_no_trouble(capacity, rate):
    trains = tuple(
        Train(
            str(place), (Operation((1,), 100, None, 0, 0, (ResourceUse("yard"),)), Operation(start_lb_s=1000 * place))
        )
        for place in range(2 if capacity > 1 else 1)
    )
    terms = tuple(DelayTerm(place, 1, 0, rate) for place in range(len(trains)))
    problem = OperationsProblem(trains, terms, {"yard": Resource(capacity)})
    routes = construct(problem)
    assert routes is not None
    assert_keeps_all_rules(problem, routes)
    assert routes_cost(problem, routes) == sum(max(100, 1000 * place) for place in range(len(trains))) * rate


def first_train_alone(problem: OperationsProblem) -> OperationsProblem:
    return replace(
        problem,
        trains=problem.trains[:1],
        objective=tuple(term for term in problem.objective if term.train == 0),
        links=tuple(link for link in problem.links if link.from_train == link.to_train == 0),
    )


def least_cost_of_one(problem: OperationsProblem) -> int | None:
    for search in searches(problem, 1):
        search.insert(0)
        if search.complete:
            return search.best_cost
    return None


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_single_trains_run_at_their_best(first):
    checked = 0
    for seed in range(first, first + 50):
        problem = first_train_alone(random_problem(seed, 2, 6))
        routes = {len(train.operations) for train in problem.trains}
        if any(isinstance(term, JourneyTerm) for term in problem.objective) or not routes:
            continue  # a journey between operations that some routes avoid is only approximated
        assert least_cost_of_one(problem) == brute_force(problem).cost, seed
        checked += 1
    assert checked > 20


def test_single_train_weighs_late_departure_against_journey():
    """Leaving at 0 means a wait of 50 on the way; each second of it costs 3, each second of late departure 1."""
    track, line = (ResourceUse("track"),), (ResourceUse("line"),)
    train = Train(
        "one",
        (
            Operation((1,), 0, None, 0, 1000, track),
            Operation((2,), 10, 10, 0, None, ()),
            Operation((3,), 0, None, 0, None, ()),
            Operation((4,), 10, 10, 0, None, line),
            Operation(),
        ),
    )
    problem = OperationsProblem(
        (train,),
        (DelayTerm(0, 1, 0, 1), JourneyTerm(0, 1, 4, 20, 3)),
        {"line": Resource(1, ((0, 60),))},
    )
    routes = construct(problem)
    assert routes is not None
    assert dict(routes[0] or ())[1] == 50
    assert routes_cost(problem, routes) == 50


def test_longest_journey_makes_a_train_leave_late():
    """The line is shut until 500; who may be on the way for 30 s only must leave at 480 or later."""
    train = Train(
        "one",
        (
            Operation((1,), 0, None, 0, 1000),
            Operation((2,), 10, None),
            Operation((3,), 10, 10, 0, None, (ResourceUse("line"),)),
            Operation(),
        ),
        refusal_cost=10_000,
    )
    shut = {"line": Resource(1, ((0, 500),))}
    problem = OperationsProblem((train,), (DelayTerm(0, 3, 0, 1),), shut, (Link(0, 1, 0, 3, 0, 30),))
    routes = construct(problem)
    assert routes is not None
    assert routes_cost(problem, routes) == 510
    assert_keeps_all_rules(problem, routes)


@pytest.mark.parametrize(("graded", "moves", "share"), [(False, 150, 0.8), (True, 600, 0.85)])
def test_random_problems_never_break_a_rule_nor_beat_the_optimum(graded, moves, share):
    feasible = equal = 0
    for seed in range(150):
        problem = random_problem(seed)
        best = brute_force(problem).cost
        pays = np.random.default_rng(seed).random(len(problem.trains)) * 20
        payments = (lambda pays=pays: pays) if graded else None
        routes = improve(problem, moves_limit=moves, seed=seed, payments=payments)
        if routes is None:
            continue
        assert_keeps_all_rules(problem, routes)
        assert best is not None, seed
        cost = routes_cost(problem, routes)
        assert cost >= best, seed
        feasible += 1
        equal += cost == best
    assert feasible > 100
    assert equal > share * feasible


@pytest.mark.parametrize("seed", range(12))
def test_lines_are_planned_and_improved(seed):
    problem = daylight_line(seed)
    first = construct(problem, seed)
    assert first is not None
    assert_keeps_all_rules(problem, first)
    better = improve(problem, first, seed=seed, moves_limit=400)
    assert better is not None
    assert_keeps_all_rules(problem, better)
    assert routes_cost(problem, better) <= routes_cost(problem, first)


def test_moves_pay():
    """Over a few lines the search must gain much on insertion, or it does not search."""
    before = after = 0
    for seed in range(5):
        problem = daylight_line(seed, trains=24)
        first = construct(problem, seed)
        assert first is not None
        before += routes_cost(problem, first)
        after += routes_cost(problem, improve(problem, first, moves_limit=1500) or first)
    assert after < 0.93 * before


def test_internal_state_stays_consistent():
    problem = daylight_line(3, trains=24)
    search = Search(problem, 3)
    for attempt in range(4):
        search.insert(attempt)
        search.anneal(300, 5000.0, 10.0, 1 << 40)
        assert search.cost == int(search.state.cost[:-1].sum())
        assert search.state.overlaps[0] == 0
        assert search.best_cost == routes_cost(problem, search.routes())


def test_only_members_move_and_the_others_may_be_left_out():
    problem = daylight_line(3, trains=24)
    search = Search(problem, 3)
    search.insert(0)
    before = search.plans_in_force()
    search.limit_to(range(12))
    search.anneal(500, 50_000.0, 5_000.0, 1 << 40)
    for train in range(24):
        first, length = int(search.static.train[train, 0]), int(before[2][train])
        same = (search.plans_in_force()[1][first : first + length] == before[1][first : first + length]).all()
        if train >= 12:
            assert same
    assert search.plans_in_force()[1].tolist() != before[1].tolist()
    search.leave_out_others()
    assert not search.state.plan_length[12:24].any()
    assert search.cost == int(search.state.cost[:-1].sum())
    search.limit_to(range(24))
    search.add(range(12, 24))
    search.anneal(300, 100.0, 10.0, 1 << 40)
    assert search.state.plan_length[12:24].any()
    assert search.cost == int(search.state.cost[:-1].sum())
    assert search.state.overlaps[0] == 0
    assert_keeps_all_rules(problem, search.routes())


def test_a_train_enters_a_graded_anneal_when_the_temperature_is_that_of_its_payment():
    problem = daylight_line(1, trains=6)
    search = Search(problem, 1)
    search.insert(0)
    grades = Grades(search, np.array([1.0, 100.0, 10.0, 0.0, 100.0, -5.0]), 1.0)
    assert grades.mean == pytest.approx((1 + 2 * 100**2 + 10**2) / 211)
    seen = []
    for temperature, passed in ((200.0, 0.1), (20.1, 0.2), (20.0, 0.3), (2.0, 0.4), (1.0, 0.5), (1.0, 0.7)):
        grades.admit(temperature, passed)
        seen.append([train for train in range(6) if search.memory.is_member[train]])
    assert seen == [[1, 4], [1, 4], [1, 2, 4], [0, 1, 2, 4], [0, 1, 2, 4], [0, 1, 2, 3, 4, 5]]
    assert search.memory.refusal_weight[0] == 1.0


def test_no_train_enters_a_graded_anneal_before_one_that_it_needs():
    train = Train("t", (Operation((1,), 60, None), Operation()), 100)
    links = (Link(0, 1, 1, 0, 60, None, required=True), Link(1, 1, 2, 0, 60, None, required=True))
    search = Search(OperationsProblem((train, train, train, train), (), {}, links), 1)
    search.insert(0)
    grades = Grades(search, np.array([1.0, 0.0, 50.0, 20.0]), 1.0)
    grades.admit(100.0, 0.1)
    assert [train for train in range(4) if search.memory.is_member[train]] == [0, 1, 2]


def test_same_seed_and_moves_give_the_same_plans():
    problem = daylight_line(1)
    assert improve(problem, seed=5, moves_limit=500) == improve(problem, seed=5, moves_limit=500)


@pytest.mark.parametrize("seed", range(30))
def test_moves_kept_or_undone_leave_the_books_as_the_plans_say(seed):
    """Against a state into which the same plans were put anew; with links and capacities above 1."""
    for search in searches(random_problem(seed), seed):
        search.insert(0)
        search.anneal(60, 50.0, 5.0, 10**9)
        state = search.state
        books = [books_of(search, resource) for resource in range(len(search.static.resource))]
        costs = state.cost[:-1].tolist()
        assert sum(costs) == search.cost
        search.restart_from(search.plans_in_force())
        assert [books_of(search, resource) for resource in range(len(search.static.resource))] == books
        assert state.cost[:-1].tolist() == costs


def books_of(search: Search, resource: int) -> list[list[tuple[int, ...]]]:
    """Return what is booked of a resource: the spans in which it is full, and who holds it if more than one can."""
    state, base, capacity = search.state, *search.static.resource[resource, :2].tolist()
    full, held = base + int(state.blocked_count[resource]), base + int(state.held_count[resource])
    blocked = zip(state.blocked_from[base:full].tolist(), state.blocked_until[base:full].tolist(), strict=True)
    holders = zip(
        state.held_from[base:held].tolist(),
        state.held_until[base:held].tolist(),
        state.held_train[base:held].tolist(),
        strict=True,
    )
    return [sorted(blocked), sorted(holders) if capacity > 1 else sorted(state.blocked_train[base:full].tolist())]


def test_incumbents_are_checked_and_fall():
    problem = daylight_line(2, trains=20)
    seen: list[tuple[int, Schedule]] = []
    best = improve(problem, moves_limit=2000, on_incumbent=lambda cost, schedule: seen.append((cost, schedule)))
    assert best is not None
    costs = [cost for cost, _ in seen]
    assert costs == sorted(costs, reverse=True)
    assert len(costs) > 1
    assert costs[-1] == routes_cost(problem, best)
    assert all(check_schedule(problem, schedule) == [] for _, schedule in seen)


def test_a_start_that_breaks_rules_is_not_taken_over():
    problem = daylight_line(2)
    bad = [[(op, 0) for op in range(len(train.operations))] for train in problem.trains]
    routes = improve(problem, bad, moves_limit=50)
    assert routes is not None
    assert_keeps_all_rules(problem, routes)


def test_head_on_swap_is_refused():
    """Two trains that would swap places at one instant must not both run: nobody can move first."""
    trains = tuple(
        Train(
            name,
            (
                Operation((1,), 10, 10, 0, 0, (ResourceUse(one),)),
                Operation((2,), 10, 10, 0, None, (ResourceUse(other),)),
                Operation(),
            ),
            100,
        )
        for name, one, other in (("up", "a", "b"), ("down", "b", "a"))
    )
    routes = construct(OperationsProblem(trains))
    assert routes is not None
    assert sum(route is None for route in routes) == 1


def test_required_link_brings_its_partner():
    """`to` may only run if `from` does; alone, `from` would be refused."""
    feeder = Train("feeder", (Operation((1,), 60, None), Operation()), 5)
    main = Train("main", (Operation((1,), 60, None, 0, 600), Operation()), 1000)
    links = (Link(0, 1, 1, 0, 60, 120, required=True),)
    problem = OperationsProblem((feeder, main), (DelayTerm(0, 1, 0, 1),), {}, links)
    routes = improve(problem, moves_limit=200)
    assert routes is not None
    assert_keeps_all_rules(problem, routes)


def helped_trains(count: int, engines: int) -> OperationsProblem:
    """Return trains that each take an engine up for ten minutes, and light engines that bring it back in ten more.

    A train and its light engine need each other; one track down the ramp has room for one light engine at a time.
    """
    pool = ResourceUse("engines")
    up = (
        Operation((1,), resources=(pool,), max_duration_s=0, start_ub_s=4 * HOUR),
        Operation((2,), 600, 600, resources=(pool,), start_ub_s=5 * HOUR),
        Operation(start_ub_s=6 * HOUR),
    )
    down = (
        Operation((1,), 60, 3600, resources=(pool,), start_ub_s=6 * HOUR),
        Operation((2,), 600, 600, resources=(pool, ResourceUse("down", 60)), start_ub_s=7 * HOUR),
        Operation(start_ub_s=8 * HOUR),
    )
    trains, links, terms = [], [], []
    for number in range(count):
        trains += [Train(f"up {number}", up, 5000), Train(f"light {number}", down, 0)]
        train, light = 2 * number, 2 * number + 1
        links += [Link(train, 2, light, 0, 0, 0, True), Link(light, 1, train, 0, -100 * HOUR, None, True)]
        terms.append(DelayTerm(train, 0, 0, 1))
    return OperationsProblem(tuple(trains), tuple(terms), {"engines": Resource(engines)}, tuple(links))


@pytest.mark.parametrize("engines", [1, 2])
def test_companions_run_with_those_that_need_them_and_no_others(engines):
    problem = helped_trains(3, engines)
    exact = solve(problem, "cp-sat", SolveParameters(time_limit_s=60, threads=1), isolated=False)
    costs = []
    for seed in range(3):
        routes = improve(problem, seed=seed, moves_limit=2000)
        assert routes is not None
        assert_keeps_all_rules(problem, routes)
        assert [route is None for route in routes[::2]] == [route is None for route in routes[1::2]]
        costs.append(routes_cost(problem, routes))
    assert min(costs) == exact.objective == exact.bound


def test_circle_of_required_links_is_left_to_others():
    train = Train("one", (Operation((1,), 60), Operation()), 5)
    links = (Link(0, 1, 1, 0, -600, None, required=True), Link(1, 1, 0, 0, -600, None, required=True))
    assert construct(OperationsProblem((train, train), (), {}, links)) is None


def test_mandatory_train_that_cannot_run_gives_no_answer():
    shut = {"line": Resource(1, ((0, 10 * DAY),))}
    train = Train("one", (Operation((1,), 60, 60, 0, HOUR, (ResourceUse("line"),)), Operation()))
    assert construct(OperationsProblem((train,), (), shut)) is None


def test_stop_and_deadline_are_kept():
    problem = daylight_line(4, trains=24)
    stop = Stop()
    stop.request()
    begun = time.monotonic()
    improve(problem, stop=stop)
    improve(problem, deadline_s=time.monotonic() + 0.5)
    assert time.monotonic() - begun < 30
    with pytest.raises(ValueError, match="moves_limit"):
        improve(problem)


def test_empty_problem():
    assert construct(OperationsProblem(())) == []
