"""Overloads: trains that cannot all run, told by counting; against arithmetic and against brute force."""

from dataclasses import replace

import pytest
from brute_force import brute_force
from random_problems import random_problem

import railcap
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.operations.timegrid import TimeGrid
from railcap.planning.compile import compile_scenario
from railcap.solving.stop import Stop
from railcap_solvers.bounds.lagrangian import LagrangianBound
from railcap_solvers.exact.overload import Overload, apart, overload_cost
from railcap_solvers.exact.prepare import least_cost, prepare


def section_of(lengths, until, release=0, closures=(), costs=None):
    """Optional trains that each run once through a section, all between 0 and `until` (release apart)."""
    trains = tuple(
        Train(
            str(place),
            (
                Operation((1,), start_lb_s=0, min_duration_s=length, resources=(ResourceUse("section", release),)),
                Operation(start_ub_s=until),
            ),
            refusal_cost=100 if costs is None else costs[place],
        )
        for place, length in enumerate(lengths)
    )
    terms = tuple(DelayTerm(place, 1, threshold_s=length, coeff=0) for place, length in enumerate(lengths))
    return OperationsProblem(trains, terms, {"section": Resource(closures=closures)})


def found(problem, upper_bound=None):
    return {(tuple(sorted(each.trains)), each.refused) for each in prepare(problem, upper_bound=upper_bound).overloads}


def test_what_fits_exactly_is_no_overload():
    assert found(section_of([10, 10, 10], 30)) == set()


def test_one_second_too_long_refuses_one():
    assert found(section_of([10, 10, 10], 29)) == {((0, 1, 2), 1)}


def test_as_many_are_refused_as_it_takes_of_the_longest():
    # 70 s of stays in 29 s: without the two longest 30 s are left, so a third one must go.
    assert found(section_of([20, 15, 15, 20], 29)) >= {((0, 1, 2, 3), 3)}


def test_the_last_release_may_run_on():
    assert found(section_of([10, 10], 25, release=5)) == set()
    assert found(section_of([10, 10], 24, release=5)) == {((0, 1), 1)}


@pytest.mark.parametrize(("release", "overloaded"), [(0, True), (5, False)])
def test_a_closure_takes_its_time_but_for_a_release_that_runs_into_it(release, overloaded):
    problem = section_of([10, 10], 30 + release, release, closures=((10, 22),))
    assert bool(found(problem)) is overloaded


def test_trains_that_must_run_are_never_counted_as_refused():
    problem = section_of([10, 10, 10], 25)
    trains = (replace(problem.trains[0], refusal_cost=None), *problem.trains[1:])
    assert found(replace(problem, trains=trains)) == {((1, 2), 1)}


def test_trains_that_must_all_run_and_do_not_fit_make_a_problem_impossible():
    problem = section_of([10, 10, 10], 25)
    trains = tuple(replace(train, refusal_cost=None) for train in problem.trains)
    assert prepare(replace(problem, trains=trains)).impossible


def test_the_cheapest_refusals_are_what_overloads_cost():
    problem = section_of([10, 10, 10, 10], 20, costs=[70, 40, 30, 90])
    assert least_cost(prepare(problem)) == 70 == brute_force(problem).cost


def test_overloads_that_share_a_train_are_counted_once():
    shared = [Overload(frozenset({0, 1}), 1), Overload(frozenset({1, 2}), 1), Overload(frozenset({3, 4}), 1)]
    assert overload_cost(shared, [5, 6, 7, 8, 9]) == 6 + 8
    assert [sorted(each.trains) for each in apart(shared)] == [[0, 1], [3, 4]]


def test_a_day_of_the_flagship_that_loses_more_than_half_of_its_trains_is_told_so_without_a_solver():
    problem = compile_scenario(railcap.load("quetta-chaman-day-14")).problem
    prepared = prepare(problem)
    assert max(each.refused for each in prepared.overloads) == 8
    assert least_cost(prepared) == 11_200 * problem.cost_scale


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_never_more_than_the_optimum(first):
    claims = 0
    for seed in range(first, first + 100):
        problem = random_problem(seed)
        prepared = prepare(problem)
        if not prepared.overloads:
            continue
        claims += 1
        optimum = brute_force(problem).cost
        if optimum is None:
            continue
        assert not prepared.impossible
        assert least_cost(prepared) <= optimum
        assert not prepare(problem, upper_bound=optimum).impossible
        bounding = LagrangianBound(problem, TimeGrid(problem), overloads=prepared.overloads)
        bounding.improve(Stop(), 60.0, lambda cost=optimum: cost, lambda bound: None, work=30)
        assert bounding.bound() <= optimum
    assert claims
