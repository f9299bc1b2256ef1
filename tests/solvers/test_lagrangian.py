"""The Lagrangian bound never passes the optimum, and on small yards its master program reaches it."""

import math
import sys
import time

import pytest
from brute_force import brute_force
from random_problems import random_problem

from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.operations.timegrid import TimeGrid
from railcap.solving.stop import Stop
from railcap_solvers.bounds import master
from railcap_solvers.bounds.lagrangian import ROUGH_STEPS, LagrangianBound


def bound_of(problem, work=25):
    """Return the bound after some evaluations, infinite if a train cannot run at all, None without a usable grid."""
    grid = TimeGrid(problem)
    if not grid.usable:
        return None
    bounding = LagrangianBound(problem, grid)
    if bounding.infeasible:
        return math.inf
    said = []
    bound = bounding.improve(Stop(), 0.0, lambda: None, said.append, work=work)
    assert said == sorted(said)
    return bound


def test_no_bound_passes_the_optimum_of_small_problems():
    tight = solved = 0
    for seed in range(150):
        problem = random_problem(seed)
        optimum = brute_force(problem).cost
        bound = bound_of(problem)
        if bound is None or optimum is None:
            continue
        assert bound <= optimum, f"seed {seed}"
        solved += 1
        tight += bound == optimum
    # A bound of nothing at all would pass the line above; this one is often the optimum itself.
    assert solved > 50
    assert tight > 0.4 * solved


def test_trains_that_cannot_run_are_seen_as_infeasible():
    shut = {"r": Resource(1, ((0, 100),))}
    run = Operation((1,), 5, 5, 0, 50, (ResourceUse("r"),))
    problem = OperationsProblem((Train("t", (run, Operation((), start_ub_s=60))),), (), shut)
    assert bound_of(problem) == math.inf


def yard(tracks: int, trains: int) -> OperationsProblem:
    """Optional trains of value 10 that all want the yard at once; only as many as it has tracks can stay."""
    stay = (Operation((1,), 8, 8, 3, 3, (ResourceUse("yard", 2),)), Operation((), start_ub_s=11))
    return OperationsProblem(
        tuple(Train(f"t{n}", stay, 10) for n in range(trains)), (), {"yard": Resource(tracks)} if tracks > 1 else {}
    )


@pytest.mark.parametrize(("tracks", "trains"), [(1, 2), (1, 5), (3, 7)])
def test_refusals_that_a_full_yard_forces_are_proven(tracks, trains):
    assert bound_of(yard(tracks, trains), work=80) == 10 * (trains - tracks)


def test_without_ortools_there_is_a_bound_all_the_same(monkeypatch):
    full = bound_of(yard(3, 7), work=80)
    monkeypatch.setattr("railcap_solvers.bounds.lagrangian.installed", lambda package: None)
    monkeypatch.setitem(sys.modules, "ortools.linear_solver", None)
    assert 0 < bound_of(yard(3, 7), work=80) <= full


def test_trains_that_must_follow_each_other_cost_what_waiting_costs():
    # Three trains of 10 s on one track, all wanted at 0: the second waits 10 s, the third 20 s.
    run = (Operation((1,), 0, None, 0, 60), Operation((2,), 10, 10, 0, 60, (ResourceUse("r"),)), Operation((), 0, None))
    problem = OperationsProblem(
        tuple(Train(f"t{n}", run) for n in range(3)), tuple(DelayTerm(n, 2, 10, 1) for n in range(3))
    )
    assert bound_of(problem, work=200) == 30


def test_a_program_that_goes_round_in_circles_is_given_up(monkeypatch):
    """By steps, not by the clock, so that counted work comes to the same bound again: that of the first prices."""

    def bounds() -> list[float]:
        return [bound_of(random_problem(seed, 5, 8)) or 0 for seed in range(30)]

    whole = bounds()
    monkeypatch.setattr(master, "MOST_ITERATIONS", 1)
    given_up = bounds()
    assert all(one <= other for one, other in zip(given_up, whole, strict=True))
    assert given_up != whole
    assert bounds() == given_up


def test_a_stop_ends_the_work_at_once():
    problem = yard(2, 40)
    stop = Stop()
    stop.request()
    bounding = LagrangianBound(problem, TimeGrid(problem))
    began = time.monotonic()
    bounding.improve(stop, 1000.0, lambda: None, lambda bound: None)
    assert bounding.iterations <= 2
    assert time.monotonic() - began < 100


def test_payments_are_what_prices_add_to_each_train():
    """Five trains want a yard of two tracks: at good prices each pays what being refused costs."""
    problem = yard(2, 5)
    bounding = LagrangianBound(problem, TimeGrid(problem))
    bounding.improve(Stop(), 0.0, lambda: None, lambda bound: None, work=ROUGH_STEPS // 2)
    assert bounding.payments is None
    bounding = LagrangianBound(problem, TimeGrid(problem))
    bounding.improve(Stop(), 0.0, lambda: None, lambda bound: None, work=4 * ROUGH_STEPS)
    assert bounding.bound() == 30
    assert bounding.payments == pytest.approx([10.0] * 5, abs=1.0)
