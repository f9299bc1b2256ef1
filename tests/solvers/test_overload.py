"""Overloads: trains that cannot all run, told by counting; against arithmetic and against brute force."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from brute_force import brute_force
from random_problems import branched_problem, random_problem

import railcap
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.operations.timegrid import TimeGrid
from railcap.planning.compile import compile_scenario
from railcap.solving.stop import Stop
from railcap_solvers.bounds.lagrangian import ROUGH_STEPS, LagrangianBound
from railcap_solvers.exact.cp_sat import CpSatRelaxer
from railcap_solvers.exact.model import ExactModel
from railcap_solvers.exact.overload import MOST_OVERLOADS, Overload, apart, overload_cost
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


@pytest.mark.parametrize(
    ("closures", "refused"),
    [((), 0), (((10, 22),), 1), (((10, 14), (12, 20)), 0), (((10, 16), (12, 22)), 1), (((5, 15), (25, 35)), 2)],
)
def test_closures_take_their_time_once(closures, refused):
    assert max((each for _, each in found(section_of([10, 10, 10], 40, closures=closures))), default=0) == refused


def test_the_release_that_runs_into_a_closure_costs_none_of_its_time():
    assert found(section_of([10, 10, 10], 47, release=5, closures=((20, 32),))) == set()
    assert found(section_of([10, 10, 10], 46, release=5, closures=((20, 32),))) == {((0, 1, 2), 1)}


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


def test_overloads_that_share_a_train_are_counted_once_and_by_what_they_cost():
    shared = [Overload(frozenset({0, 1}), 1), Overload(frozenset({1, 2}), 1), Overload(frozenset({3, 4}), 1)]
    assert overload_cost(shared, [5, 6, 7, 8, 9]) == 6 + 8
    assert [sorted(each.trains) for each in apart(shared, [5, 6, 7, 8, 9])] == [[3, 4], [1, 2]]
    many_cheap, one_dear = Overload(frozenset(range(5)), 2), Overload(frozenset({0, 5}), 1)
    assert overload_cost([many_cheap, one_dear], [900, 1, 1, 1, 1, 900]) == 900


def stays_of(windows, length):
    """Optional trains with the first and last start of their stays in a section."""
    use = (ResourceUse("section"),)
    trains = (
        Train(
            str(place),
            (Operation((1,), start_lb_s=low, start_ub_s=high, min_duration_s=length, resources=use), Operation()),
            refusal_cost=100,
        )
        for place, (low, high) in enumerate(windows)
    )
    return OperationsProblem(tuple(trains), (), {"section": Resource()})


def test_very_many_trains_in_each_others_way_are_few_overloads():
    prepared = prepare(stays_of([(7 * place, 7 * place + 120) for place in range(900)], 30))
    assert len(prepared.overloads) <= MOST_OVERLOADS
    assert least_cost(prepared) == 100 * (900 - (7 * 899 + 150) // 30)


def test_each_days_overload_is_kept_however_many_another_day_has():
    windows = [(place % 7, place % 7 + 50) for place in range(200)] + [(1000, 1010)] * 3
    assert least_cost(prepare(stays_of(windows, 10))) == 100 * (200 - 6 + 1)


def test_prices_without_any_know_the_refusals_and_all_in_it_pay_alike():
    problem = section_of([10, 10, 10, 10], 20, costs=[70, 40, 30, 90])
    overloads = prepare(problem).overloads
    bounding = LagrangianBound(problem, TimeGrid(problem), overloads=overloads)
    value, choices = bounding.evaluate(np.zeros(bounding.prices.shape))
    assert value == 70
    assert [choice.run is None for choice in choices] == [False, True, True, False]
    bounding.improve(Stop(), 60.0, lambda: None, lambda bound: None, work=ROUGH_STEPS)
    assert bounding.bound() == 70
    assert LagrangianBound(problem, TimeGrid(problem)).evaluate(np.zeros(bounding.prices.shape))[0] == 0
    assert bounding._payments is not None
    assert bounding._payments[0] == bounding._payments[3] >= bounding._payments[2] == 30


def test_the_model_refuses_them_by_a_row_of_its_own():
    rows = {}
    for overloads in ([], [Overload(frozenset({0, 1, 2}), 1)]):
        prepared = prepare(section_of([10, 10, 10], 29))
        prepared.overloads = overloads
        rows[len(overloads)] = ExactModel(prepared, CpSatRelaxer().language).rows
    assert rows[1] == rows[0] + 1


def test_what_they_cost_narrows_windows():
    late = DelayTerm(3, 1, threshold_s=10, coeff=1)
    section = section_of([10, 10, 10], 20)
    alone = Train("3", (Operation((1,), min_duration_s=10), Operation(start_ub_s=500)))
    problem = replace(section, trains=(*section.trains, alone), objective=(late,))
    prepared = prepare(problem, upper_bound=120)
    graph = prepared.graphs[3]
    assert graph is not None
    assert prepared.grid.seconds(graph.steps[1].start[1]) == 10 + 20, "120 less the one that is refused anyway"


def test_a_day_of_the_flagship_that_loses_more_than_half_of_its_trains_is_told_so_without_a_solver():
    problem = compile_scenario(railcap.load("quetta-chaman-day-14")).problem
    prepared = prepare(problem)
    assert max(each.refused for each in prepared.overloads) == 8
    assert least_cost(prepared) == 11_200 * problem.cost_scale


def test_a_release_may_begin_where_two_closures_touch():
    uses = (ResourceUse("section", 50),)
    passes = Train("passes", (Operation((1,), 0, None, 50, 150, uses), Operation()), 100)
    later = Train("later", (Operation((1,), 10, None, 300, None, (ResourceUse("section"),)), Operation()))
    problem = OperationsProblem((passes, later), (), {"section": Resource(closures=((0, 100), (100, 200)))})
    assert brute_force(problem).cost == 0
    assert found(problem) == set()


@pytest.mark.parametrize("draw", [random_problem, branched_problem])
@pytest.mark.parametrize("first", range(0, 600, 200))
def test_never_more_than_the_optimum(first, draw):
    claims = Counter()
    for seed in range(first, first + 200):
        problem = draw(seed)
        prepared = prepare(problem)
        if not prepared.overloads:
            continue
        claims.update(overload=1, link=bool(problem.links), closure=any(r.closures for r in problem.resources.values()))
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
