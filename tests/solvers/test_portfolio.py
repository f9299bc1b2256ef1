"""The portfolio: times on the grid, truthful endings, and what its board takes."""

from dataclasses import replace

import pytest
from random_problems import random_problem
from saturated_line import saturated_line

import railcap
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)
from railcap.operations.schedule import Schedule
from railcap.operations.timegrid import TimeGrid
from railcap.planning.compile import compile_scenario
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap.solving.result import Limit, Reason
from railcap.solving.stop import Stop
from railcap_benchmarks.suites.generated import optional_line
from railcap_solvers.auto import AutoBackend
from railcap_solvers.exact import backend
from railcap_solvers.exact.backend import CpSatBackend
from railcap_solvers.exact.cp_sat import CpSatRelaxer
from railcap_solvers.exact.engine import ExactEngine
from railcap_solvers.exact.model import ExactModel
from railcap_solvers.exact.prepare import prepare
from railcap_solvers.exact.rows import OrderRows
from railcap_solvers.exact.stays import count_meetings
from railcap_solvers.portfolio import SMALL_OPERATIONS, Board, Helpers, Shares, look_ahead, on_grid
from railcap_solvers.search import anneal, construct
from railcap_solvers.search.engine import schedule_of


def stretched(problem, factor=60):
    """The same problem with all its times a factor larger, so that its grid is coarse."""

    def times(value):
        return None if value is None else value * factor

    def operation(op):
        return replace(
            op,
            min_duration_s=times(op.min_duration_s),
            max_duration_s=times(op.max_duration_s),
            start_lb_s=times(op.start_lb_s),
            start_ub_s=times(op.start_ub_s),
            resources=tuple(replace(use, release_s=times(use.release_s)) for use in op.resources),
        )

    return replace(
        problem,
        trains=tuple(replace(train, operations=tuple(map(operation, train.operations))) for train in problem.trains),
        resources={
            name: Resource(r.capacity, tuple((times(a), times(b)) for a, b in r.closures))
            for name, r in problem.resources.items()
        },
        links=tuple(replace(k, min_lag_s=times(k.min_lag_s), max_lag_s=times(k.max_lag_s)) for k in problem.links),
        objective=tuple(replace(term, threshold_s=times(term.threshold_s)) for term in problem.objective),
    )


@pytest.mark.parametrize("late_s", [1, 17, 59])
def test_times_off_the_grid_are_rounded_without_cost(late_s):
    tried = 0
    for seed in range(80):
        problem = stretched(random_problem(seed))
        routes = construct(problem)
        if routes is None:
            continue
        late = [route and [(op, time_s + late_s) for op, time_s in route] for route in routes]
        schedule = schedule_of(problem, late)
        if schedule is None:
            continue
        cost = schedule_cost(problem, schedule)
        grid = TimeGrid(problem)
        rounded_cost, rounded = on_grid(problem, grid, cost, schedule)
        assert all((event.time_s - grid.origin_s) % grid.step_s == 0 for event in rounded.events)
        assert check_schedule(problem, rounded) == []
        assert schedule_cost(problem, rounded) == rounded_cost <= cost
        tried += 1
    assert tried > 10


def test_a_journey_is_not_made_longer_by_rounding():
    run = (Operation((1,), 60, 600, 0, 6000, (ResourceUse("r"),)), Operation((), start_ub_s=6000))
    problem = OperationsProblem((Train("t", run),), (JourneyTerm(0, 0, 1, 60, 5), DelayTerm(0, 0, 6000, 1)))
    schedule = schedule_of(problem, [[(0, 90), (1, 150)]])
    assert on_grid(problem, TimeGrid(problem), 0, schedule)[0] == 0


def test_the_board_keeps_only_what_is_better():
    problem = OperationsProblem((Train("t", (Operation((1,)), Operation())),), (DelayTerm(0, 1, 0, 1),))
    board = Board(problem, SolveParameters(), Stop(), Silent())
    good, bad = (schedule_of(problem, [[(0, 0), (1, time_s)]]) for time_s in (3, 5))
    for schedule in (bad, good, bad):
        board.post_schedule(schedule_cost(problem, schedule), schedule)
    for bound in (1, 2, 1):
        board.post_bound(bound)
    assert (board.objective, board.bound, board.schedule) == (3, 2, good)
    assert [(point.objective, point.bound) for point in board.trace] == [(5, None), (3, None), (3, 1), (3, 2)]
    assert not board.proven
    board.post_bound(3)
    assert board.proven
    assert board.done.requested


def test_a_stop_before_the_solve_ends_it_as_interrupted():
    stop = Stop()
    stop.request()
    result = CpSatBackend().solve(random_problem(1), SolveParameters(time_limit_s=20), stop, Silent())
    assert result.schedule is None or isinstance(result.schedule, Schedule)
    assert result.termination.reason in {Reason.NO_SOLUTION_FOUND, Reason.FEASIBLE, Reason.OPTIMAL, Reason.INFEASIBLE}
    if result.termination.reason in {Reason.NO_SOLUTION_FOUND, Reason.FEASIBLE}:
        assert result.termination.limit is Limit.INTERRUPTED


@pytest.mark.parametrize("threads", [1, 2])
def test_search_and_bound_both_have_their_share(threads):
    stay = (Operation((1,), 8, 8, 3, 9, (ResourceUse("yard", 2),)), Operation((), start_ub_s=20))
    trains = tuple(Train(f"t{n}", stay, 10 + n % 7) for n in range(160))
    problem = OperationsProblem(trains, (), {"yard": Resource(3)})
    result = CpSatBackend().solve(problem, SolveParameters(time_limit_s=30, threads=threads), Stop(), Silent())
    assert result.statistics["bound_evaluations"] > 0
    assert result.bound <= result.objective
    assert any(point.objective is not None for point in result.trace)


def test_a_thread_whose_bound_has_nothing_to_do_searches_too(monkeypatch):
    calls = []
    real = anneal.improve

    def watched(*arguments):
        calls.append((arguments[5], arguments[8]))
        return real(*arguments)

    monkeypatch.setattr(anneal, "improve", watched)
    run = tuple(Operation((n + 1,), 200_003 if n == 7 else 7, resources=(ResourceUse(f"r{n}"),)) for n in range(47))
    trains = tuple(Train(f"t{n}", (*run, Operation())) for n in range(220))  # too long a time for a grid of seconds
    problem = OperationsProblem(trains, tuple(DelayTerm(n, 47, 0, 1 + n % 3) for n in range(220)))
    assert not TimeGrid(problem).usable
    result = AutoBackend().solve(problem, SolveParameters(time_limit_s=6, threads=2, seed=5), Stop(), Silent())
    assert check_schedule(problem, result.schedule) == []
    (one, ours), (other, theirs) = calls
    assert 5 in (one, other) and one != other
    assert ours is theirs is not None


def test_searching_without_news_never_costs_the_bound_its_turn():
    problem = compile_scenario(railcap.load("quetta-chaman-day")).problem
    for threads in (1, 2):
        result = CpSatBackend().solve(problem, SolveParameters(time_limit_s=25, threads=threads), Stop(), Silent())
        assert result.statistics["bound_evaluations"] > 5


@pytest.mark.parametrize(("minutes", "exact"), [(10, True), (0, False)])
def test_a_large_problem_is_left_to_the_exact_engine_where_windows_let_few_trains_meet(minutes, exact):
    problem = optional_line(0, minutes=minutes)
    assert sum(len(train.operations) for train in problem.trains) > SMALL_OPERATIONS
    shares = look_ahead(Board(problem, SolveParameters(time_limit_s=60), Stop(), Silent()))
    assert shares.exact is exact
    assert (shares.search_s < 60) is exact


@pytest.mark.parametrize("seed", range(40))
def test_no_possible_meeting_is_left_out_of_the_count(seed):
    prepared = prepare(random_problem(seed))
    if not prepared.impossible:
        rows = OrderRows(ExactModel(prepared, CpSatRelaxer().language))
        assert count_meetings(prepared) >= len(rows.possible())


def test_the_search_looks_for_a_first_schedule_beyond_its_share():
    board = Board(saturated_line(0, 14, 6), SolveParameters(time_limit_s=20), Stop(), Silent())
    Helpers(board, Shares(0.001, 0.001, True)).run()
    assert board.schedule is not None


@pytest.mark.parametrize(
    ("threads", "wide_gap", "searching", "engine_goes_on"),
    [(2, 0.0, [2], False), (1, 0.0, [1], False), (2, 1.0, [1], True), (1, 1.0, [], True)],
)
def test_where_the_exact_engine_stalls_search_and_bound_go_on(
    monkeypatch, threads, wide_gap, searching, engine_goes_on
):
    monkeypatch.setattr(backend, "LEAST_PATIENCE_S", 0.3)
    monkeypatch.setattr(backend, "PATIENCE_SHARE", 0.0)
    monkeypatch.setattr(backend, "WIDE_GAP", wide_gap)
    searches, engines, evaluations = [], [], []
    search_on, go_on = Helpers.search_on, ExactEngine.go_on

    def watched_search(helpers, count, beside):
        searches.append(count)
        evaluations.append(helpers.bound_evaluations)
        return search_on(helpers, count, beside)

    def watched_engine(engine, settings):
        engines.append(settings.threads)
        return go_on(engine, settings)

    monkeypatch.setattr(Helpers, "search_on", watched_search)
    monkeypatch.setattr(ExactEngine, "go_on", watched_engine)
    problem = saturated_line(0, 24, 20)
    result = CpSatBackend().solve(problem, SolveParameters(time_limit_s=6, threads=threads), Stop(), Silent())
    assert check_schedule(problem, result.schedule) == []
    assert searches == searching
    assert engines == ([1] if engine_goes_on else [])
    assert all(before < result.statistics["bound_evaluations"] for before in evaluations)
    assert result.termination.limit is Limit.TIME
