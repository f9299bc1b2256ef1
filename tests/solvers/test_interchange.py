"""Trains that could run each other's runs: the pairs, schedules put in order, and optima that stay what they are."""

from dataclasses import replace
from random import Random

import pytest
from brute_force import brute_force
from proof import proven_cost
from twins import section, twin_problem

from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import DelayTerm, JourneyTerm, Link, OperationsProblem, ResourceUse
from railcap.operations.schedule import Schedule, schedule_from_routes
from railcap_solvers.exact.interchange import in_order
from railcap_solvers.exact.prepare import prepare


def pairs(problem):
    prepared = prepare(problem)
    seconds = prepared.grid.seconds
    return [(pair.earlier, pair.later, seconds(pair.least), pair.saves) for pair in prepared.interchanges]


def test_a_later_train_saves_the_delay_that_it_does_not_have():
    assert pairs(section([0, 10, 30])) == [(0, 1, 10, 20), (0, 2, 30, 60), (1, 2, 30, 40)]


def test_the_order_is_that_of_the_windows_not_of_the_numbers():
    assert pairs(section([10, 0])) == [(1, 0, 10, 20)]


def test_what_refusals_cost_counts():
    assert pairs(section([0, 10], costs=[1000, 900])) == [(0, 1, 10, -80)]
    assert pairs(section([0, 10], costs=[1000, None])) == [(0, 1, 10, None)]


def changed(problem, train, **changes):
    trains = list(problem.trains)
    first, *rest = trains[train].operations
    trains[train] = replace(trains[train], operations=(replace(first, **changes), *rest))
    return replace(problem, trains=tuple(trains))


@pytest.mark.parametrize(
    "problem",
    [
        changed(section([0, 10]), 1, min_duration_s=11),
        changed(section([0, 10]), 1, max_duration_s=20),
        changed(section([0, 10]), 1, resources=(ResourceUse("section", 1),)),
        section([0, 10], thresholds=[10, 30]),  # counted from an instant that a run may come before
        replace(section([0, 10]), links=(Link(0, 0, 1, 0),)),
        replace(section([0, 10]), objective=(DelayTerm(0, 1, 10, 2), DelayTerm(1, 1, 20, 3))),
        replace(section([0, 10]), objective=(JourneyTerm(0, 0, 1, 10, 1), JourneyTerm(1, 0, 1, 12, 1))),
    ],
)
def test_trains_that_differ_in_more_are_not_interchanged(problem):
    assert pairs(problem) == []


def test_a_deadline_that_only_the_earlier_one_has_forbids_it():
    problem = section([0, 10], until=60)
    end = replace(problem.trains[0].operations[1], start_ub_s=30)
    trains = (replace(problem.trains[0], operations=(problem.trains[0].operations[0], end)), problem.trains[1])
    assert pairs(replace(problem, trains=trains)) == []  # the later one's run may end after it
    both = tuple(replace(train, operations=(train.operations[0], end)) for train in problem.trains)
    assert pairs(replace(problem, trains=both)) == [(0, 1, 10, 20)]


def test_a_schedule_is_put_in_order_and_gets_no_dearer():
    problem = section([0, 10, 30])
    schedule = schedule_from_routes(problem, [[(0, 60), (1, 70)], [(0, 20), (1, 30)], None])
    prepared = prepare(problem)
    ordered = in_order(problem, prepared.grid, prepared.interchanges, schedule)
    # What begins at 60 costs least as the run of the train that would else be refused.
    assert [route and route[0][1] for route in ordered.routes(problem)] == [None, 20, 60]
    assert schedule_cost(problem, ordered) == schedule_cost(problem, schedule) - 60


def shuffled(problem: OperationsProblem, schedule: Schedule, random: Random) -> Schedule | None:
    """Give the runs of a schedule to other trains, if that is valid."""
    players = list(range(len(problem.trains)))
    random.shuffle(players)
    given = Schedule(tuple(replace(event, train=players[event.train]) for event in schedule.events))
    if any(event.operation >= len(problem.trains[event.train].operations) for event in given.events):
        return None
    return None if check_schedule(problem, given) else given


def test_any_valid_schedule_stays_valid_in_order_and_is_left_alone_the_second_time():
    tried = 0
    for seed in range(300):
        problem, random = twin_problem(seed), Random(seed)
        optimum = brute_force(problem)
        prepared = prepare(problem)
        if optimum.schedule is None or not prepared.interchanges:
            continue
        for _ in range(4):
            schedule = shuffled(problem, optimum.schedule, random)
            if schedule is None:
                continue
            ordered = in_order(problem, prepared.grid, prepared.interchanges, schedule)
            assert check_schedule(problem, ordered) == []
            assert schedule_cost(problem, ordered) <= schedule_cost(problem, schedule)
            assert in_order(problem, prepared.grid, prepared.interchanges, ordered) is ordered
            tried += 1
    assert tried > 100


@pytest.mark.parametrize("backend", ["cp-sat", "highs"])
@pytest.mark.parametrize("first", range(0, 240, 60))
def test_optima_with_twins_equal_brute_force(backend, first):
    interchanged = 0
    for seed in range(first, first + 60):
        problem = twin_problem(seed)
        assert proven_cost(problem, backend) == brute_force(problem).cost, f"seed {seed}"
        interchanged += bool(prepare(problem).interchanges)
    assert interchanged > 15
