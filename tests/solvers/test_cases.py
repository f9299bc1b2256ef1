"""Cases by refused trains: together they lose no optimum, and their bounds are bounds."""

from dataclasses import replace
from random import Random

import pytest
from brute_force import brute_force
from daylight_line import daylight_line
from twins import section, twin_problem

from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.schedule import Schedule
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap.solving.result import Reason
from railcap.solving.solve import solve
from railcap.solving.stop import Stop
from railcap_solvers.bounds.lagrangian import LagrangianBound
from railcap_solvers.mip.cases import split
from railcap_solvers.portfolio import Board


def begun(problem, schedule):
    board = Board(problem, SolveParameters(time_limit_s=600, threads=1), Stop(), Silent())
    board.post_schedule(schedule_cost(problem, schedule), schedule)
    return board


def crowded(seed):
    """Return a section that more trains want than fit, or small trains of other kinds."""
    random = Random(seed)
    if seed % 2:
        begins = sorted(random.randrange(0, 12, 3) for _ in range(5))
        costs = [random.choice((60, 60, 60, 75, 90)) for _ in begins]
        return section(begins, until=random.choice((38, 44, 50)), costs=costs)
    problem = twin_problem(seed)
    trains = tuple(replace(train, refusal_cost=train.refusal_cost or 30) for train in problem.trains)
    return replace(problem, trains=trains, links=())


def test_the_cheapest_of_all_cases_is_the_optimum():
    split_up = closed = 0
    for seed in range(160):
        problem = crowded(seed)
        optimum = brute_force(problem)
        board = begun(problem, Schedule(()) if seed % 4 else optimum.schedule)
        if not board.grid.usable:
            continue
        cases = split(board, LagrangianBound(problem, board.grid).best_prices())
        found = [board.objective]
        for case in cases:
            best = brute_force(case.problem)
            if best.cost is None:
                continue
            found.append(best.cost + case.constant)
            assert case.bound <= best.cost + case.constant
            whole = case.outside(best.schedule)
            assert check_schedule(problem, whole) == []
            assert schedule_cost(problem, whole) == best.cost + case.constant
            assert case.outside(case.inside(whole)) == whole
            if case.running:
                assert case.inside(Schedule(())) is None
        assert min(found) == optimum.cost, f"seed {seed}"
        assert board.bound is None or board.bound <= optimum.cost
        split_up += len(cases) > 1
        closed += not cases
    assert split_up > 20
    assert closed > 10


@pytest.mark.parametrize("backend", ["cp-sat", "highs", "scip"])
def test_backends_agree_where_a_problem_is_split(backend, monkeypatch):
    seen = []

    def watched(*arguments):
        seen.append(split(*arguments))
        return seen[-1]

    monkeypatch.setattr("railcap_solvers.mip.backend.split", watched)
    problem = replace(daylight_line(0, stations=12, trains=7, days=1), links=())
    costs = [None if train.refusal_cost is None else train.refusal_cost // 4 for train in problem.trains]
    trains = tuple(replace(train, refusal_cost=cost) for train, cost in zip(problem.trains, costs, strict=True))
    problem = replace(problem, trains=trains)
    options = {} if backend == "cp-sat" else {backend: {"formulation": "disjunctive"}}
    result = solve(problem, backend, SolveParameters(time_limit_s=60, threads=1, options=options))
    assert result.termination.reason is Reason.OPTIMAL
    assert (result.objective, result.bound) == (14_505, 14_505)
    assert sum(route is None for route in result.schedule.routes(problem)) == 1
    if backend != "cp-sat":
        assert len(seen) == 1
        assert not any(case.is_whole for case in seen[0])
        assert result.statistics["cases"] == len(seen[0])
