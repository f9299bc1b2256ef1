"""Trains joined by required links from exit to entry: nothing is lost by it, and the bound sees the links."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from brute_force import brute_force
from random_problems import random_problem

from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Link,
    Operation,
    OperationsProblem,
    ResourceUse,
    Train,
)
from railcap.operations.timegrid import TimeGrid, cheapest_within
from railcap.solving.stop import Stop
from railcap_solvers.bounds.chains import join_chains
from railcap_solvers.bounds.lagrangian import LagrangianBound


def chained(seed: int) -> OperationsProblem:
    """Return a random problem in which the second train follows the first, and often the third the second."""
    draw = Random(seed)
    problem = random_problem(seed, trains=3, operations=3)
    trains = tuple(
        replace(train, operations=(*train.operations[:-1], replace(train.operations[-1], resources=())))
        for train in problem.trains
    )
    links = [  # what the grid of one train sees of its own links
        replace(link, min_lag_s=0, required=False)
        for link in problem.links
        if link.from_train == link.to_train and link.max_lag_s is not None and link.max_lag_s >= 0
    ]
    for first in range(draw.choice((1, 2, 2))):
        least = draw.randrange(3)
        longest = draw.choice((least, least, least + 2, None))
        links.append(Link(first, len(trains[first].operations) - 1, first + 1, 0, least, longest, True))
    return replace(problem, trains=trains, links=tuple(links))


def test_joined_problems_cost_no_more_and_seldom_less():
    """Less only where one train of a chain would keep the next one out by its release."""
    solved = refused = equal = 0
    for seed in range(120):
        problem = chained(seed)
        joined = join_chains(problem)
        assert sorted(one for members in joined.members for one in members) == [0, 1, 2]
        assert len(joined.members) < 3
        optimum = brute_force(problem).cost
        if optimum is None:
            continue
        cost = brute_force(joined.problem).cost
        assert cost is not None, f"seed {seed}"
        assert cost <= optimum, f"seed {seed}"
        solved += 1
        equal += cost == optimum
        refused += any(train.refusal_cost is not None for train in problem.trains)
    assert solved > 50
    assert equal > 0.9 * solved
    assert refused > 20


def test_the_cheapest_run_of_a_chain_alone_is_its_optimum():
    """Cheaper only where a longest journey is that of some of its routes: the grid leaves those aside."""
    seen = equal = 0
    for seed in range(200):
        problem = chained(seed)
        lonely = replace(problem, resources={}, trains=tuple(without_resources(train) for train in problem.trains))
        joined = join_chains(lonely)
        grid = TimeGrid(joined.problem)
        bound = LagrangianBound(joined.problem, grid)
        optimum = brute_force(lonely).cost
        if bound.infeasible:
            assert optimum is None
        elif all(train.exact for train in bound.trains):
            value = sum(choice.value for choice in bound.alone)
            assert value <= optimum, f"seed {seed}"
            seen += 1
            equal += value == optimum
    assert seen > 60
    assert equal > 0.95 * seen


def without_resources(train: Train) -> Train:
    return replace(train, operations=tuple(replace(operation, resources=()) for operation in train.operations))


def test_no_bound_of_chains_passes_the_optimum():
    tight = solved = 0
    for seed in range(120):
        problem = chained(seed)
        joined = join_chains(problem)
        bounding = LagrangianBound(joined.problem, TimeGrid(joined.problem))
        optimum = brute_force(problem).cost
        if bounding.infeasible or optimum is None:
            continue
        bound = bounding.improve(Stop(), 0.0, lambda: None, lambda bound: None, work=25)
        assert bound <= optimum, f"seed {seed}"
        solved += 1
        tight += bound == optimum
    assert solved > 50
    assert tight > 0.4 * solved


def rake(longest_s: int | None = 0) -> OperationsProblem:
    """A train of an hour in minutes, and one that would leave at 10 with its rake; refusing them costs 30 and 50."""
    there = (Operation((1,), 60, None, 0, 100, (ResourceUse("line"),)), Operation((), start_ub_s=200))
    back = (Operation((1,), 20, None, 10, 150, (ResourceUse("line"),)), Operation((), start_ub_s=300))
    return OperationsProblem(
        (Train("there", there, 30), Train("back", back, 50)),
        (DelayTerm(1, 1, 30, 1), JourneyTerm(1, 0, 1, 20, 2)),
        links=(Link(0, 1, 1, 0, 5, None if longest_s is None else 5 + longest_s, True),),
    )


def test_the_second_train_of_a_rake_is_late_by_what_the_first_takes():
    # It leaves at 65 and is there at 85 instead of 30: dearer than to refuse it alone.
    assert cheapest_within_chain(rake()) == 50
    dearer = replace(rake(), trains=(rake().trains[0], replace(rake().trains[1], refusal_cost=60)))
    assert cheapest_within_chain(dearer) == 55


def test_values_of_a_chain_are_those_of_each_of_its_trains():
    problem = rake()
    three = replace(problem, trains=(*problem.trains, Train("other", problem.trains[0].operations)))
    joined = join_chains(three)
    assert joined.members == [(0, 1), (2,)]
    assert joined.per_train(np.array([7.0, 3.0])).tolist() == [7.0, 7.0, 3.0]


def test_a_journey_of_a_part_counts_only_where_it_is_made():
    train = join_chains(rake()).problem.trains[0]
    assert cheapest_within_chain(rake()) == 50
    slow = replace(rake().trains[1].operations[0], min_duration_s=25)
    longer = replace(
        rake(), trains=(rake().trains[0], replace(rake().trains[1], operations=(slow, Operation(())), refusal_cost=99))
    )
    # There at 90 instead of 30, and five more on the way than 20, each for two.
    assert cheapest_within_chain(longer) == 60 + 10
    assert train.refusal_cost == 80


def cheapest_within_chain(problem: OperationsProblem) -> float:
    joined = join_chains(problem).problem
    (bound,) = LagrangianBound(joined, TimeGrid(joined)).trains
    run = cheapest_within(bound, None)
    assert run is not None
    return run.value


@pytest.mark.parametrize(
    "change",
    [
        {"required": False},
        {"from_operation": 0},
        {"to_operation": 1},
        {"min_lag_s": -5, "max_lag_s": None},
    ],
)
def test_other_links_join_nothing(change):
    problem = rake()
    other = replace(problem, links=(replace(problem.links[0], **change),))
    assert join_chains(other).problem is other


def test_trains_that_stay_somewhere_for_ever_are_not_joined():
    problem = rake()
    stays = replace(problem.trains[0].operations[-1], resources=(ResourceUse("track"),))
    train = replace(problem.trains[0], operations=(problem.trains[0].operations[0], stays))
    other = replace(problem, trains=(train, problem.trains[1]))
    assert join_chains(other).problem is other


def test_a_circle_of_links_is_not_joined_as_a_whole():
    problem = rake()
    round_ = replace(problem, links=(*problem.links, Link(1, 1, 0, 0, 0, None, True)))
    assert [len(members) for members in join_chains(round_).members] == [2]
