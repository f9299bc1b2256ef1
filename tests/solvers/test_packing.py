"""The time-indexed packing equals oracles, its relaxation is integral on yards, its bounds hold."""

from __future__ import annotations

from pathlib import Path

import packing_sizes
import pytest
from brute_force import brute_force
from random_problems import random_problem
from yard_oracle import Visit, Yard, even_optimum, even_yard, fixed_optimum, fixed_yard, yard_problem

from railcap.operations import order
from railcap.operations.check import check_schedule
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
from railcap.operations.schedule import Event, NoValidOrder, Schedule
from railcap.operations.timegrid import TimeGrid
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.linear import Answer, Status, Task
from railcap_solvers.mip.packing import Packing, fits
from railcap_solvers.mip.packing_solve import PackingOutcome, solve_packing

SEEDS = 240
BATCH = 60


def solved(problem: OperationsProblem, start: Schedule | None = None, **options: int) -> PackingOutcome:
    """Return what the packing says, having checked that everything said on the way agrees with it."""
    costs: list[int] = []
    bounds: list[int] = []
    outcome = solve_packing(
        problem, Highs(), Task(60), lambda _, cost: costs.append(cost), bounds.append, start, **options
    )
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert not bounds or outcome.bound == bounds[-1]
    if outcome.schedule is not None:
        assert check_schedule(problem, outcome.schedule) == []
    return outcome


def disagreement(seed: int) -> str | None:
    problem = random_problem(seed)
    expected = brute_force(problem)
    for start in (None, expected.schedule):
        outcome = solved(problem, start)
        said = (outcome.objective, outcome.optimal, outcome.infeasible)
        if said != (expected.cost, expected.cost is not None, expected.cost is None):
            return f"seed {seed}: {said}, brute force says {expected.cost}"
    return None


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_packing_equals_brute_force(first: int) -> None:
    found = [disagreement(seed) for seed in range(first, first + BATCH)]
    assert [text for text in found if text] == []


def test_a_schedule_is_a_start_that_keeps_all_rows() -> None:
    taken = 0
    for seed in range(SEEDS):
        problem = random_problem(seed)
        best = brute_force(problem)
        if best.schedule is None or best.cost is None:
            continue
        packing = Packing(problem, TimeGrid(problem), best.cost)
        values = packing.start(best.schedule)
        assert values is not None, f"seed {seed}"
        assert packing.model.breach(values) < 1e-6
        assert packing.model.objective(values) * packing.unit == pytest.approx(best.cost)
        cost, _ = packing.schedule(packing.routes(values))
        assert cost == best.cost
        taken += 1
    assert taken > 100


def test_no_relaxation_passes_the_optimum() -> None:
    tight = solved_at_all = 0
    for seed in range(SEEDS):
        problem = random_problem(seed)
        best = brute_force(problem).cost
        packing = Packing(problem, TimeGrid(problem))
        if best is None:
            continue
        answer = Highs().solve(packing.model, Task(60, relaxed=True))
        assert answer.bound is not None
        assert packing.whole(answer.bound) <= best, f"seed {seed}"
        solved_at_all += 1
        tight += packing.whole(answer.bound) == best
    assert tight > 0.5 * solved_at_all


@pytest.mark.parametrize("waiting", [False, True])
@pytest.mark.parametrize(("trains", "tracks"), [(20, 1), (20, 2), (60, 3), (100, 4)])
def test_fixed_yards_come_from_the_relaxation(trains: int, tracks: int, waiting: bool) -> None:
    yard = fixed_yard(trains + tracks, trains, tracks)
    outcome = solved(yard_problem(yard, waiting))
    optimum = fixed_optimum(yard)
    assert 0 < optimum < sum(visit.weight for visit in yard.visits)
    assert (outcome.objective, outcome.bound, outcome.optimal) == (optimum, optimum, True)
    assert outcome.from_relaxation


@pytest.mark.parametrize(("trains", "tracks"), [(40, 1), (70, 2), (100, 2)])
def test_yards_of_equal_stays_equal_the_flow_of_trains_to_slots(trains: int, tracks: int) -> None:
    yard = even_yard(trains, trains, tracks)
    outcome = solved(yard_problem(yard))
    optimum = even_optimum(yard)
    assert optimum > 0
    assert (outcome.objective, outcome.optimal, outcome.from_relaxation) == (optimum, True, True)


def test_a_wide_window_is_taken_as_started_by() -> None:
    """Both kinds of variables, one per start and one per 'started by', say the same."""
    visits = even_yard(3, 30, 1, spread=3).visits
    wide = tuple(Visit(v.earliest, v.earliest + 15 * 70, 15, v.weight) for v in visits)
    yard = Yard(1, 0, (*visits, *wide))
    packing = Packing(yard_problem(yard), TimeGrid(yard_problem(yard)))
    assert {layout.moments[0].starts for layout in packing.layouts} == {False, True}
    outcome = solved(yard_problem(yard))
    assert (outcome.objective, outcome.optimal) == (even_optimum(yard), True)


def test_a_train_with_a_single_choice_of_start_has_one_variable_per_start() -> None:
    yard = Yard(1, 0, (Visit(0, 60, 15, 100), Visit(15, 75, 15, 100)))
    packing = Packing(yard_problem(yard), TimeGrid(yard_problem(yard)))
    assert len(packing.model.lower) == packing.size.variables == 10


def test_rows_are_those_of_maximal_cliques() -> None:
    # Stays 0-30, 10-40, 20-50 and 40-60 of one track: {0, 1, 2} and {2, 3} are the maximal cliques.
    visits = tuple(Visit(start, start, stay, 9) for start, stay in ((0, 30), (10, 30), (20, 30), (40, 20)))
    problem = yard_problem(Yard(1, 0, visits))
    rows = [row for row in Packing(problem, TimeGrid(problem)).model.rows if len(row.terms) > 1]
    assert sorted(sorted(row.terms) for row in rows) == [[0, 1, 2], [2, 3]]


def head_on(optional: int | None) -> OperationsProblem:
    """Two trains that stand on one track each and want to change places, which no order of events allows at once."""

    def train(name: str, first: str, then: str) -> Train:
        stand = Operation((1,), 5, None, 0, None, (ResourceUse(first),))
        move = Operation((2,), 5, None, 0, 40, (ResourceUse(then),))
        return Train(name, (stand, move, Operation()), optional)

    return OperationsProblem(
        (train("a", "r", "s"), train("b", "s", "r")), (DelayTerm(0, 2, 0, 1), DelayTerm(1, 2, 0, 1))
    )


def test_a_swap_at_one_instant_is_forbidden_at_every_instant() -> None:
    problem = head_on(None)
    packing = Packing(problem, TimeGrid(problem))
    swap: list[list[tuple[int, int]] | None] = [[(0, 0), (1, 5), (2, 10)], [(0, 0), (1, 5), (2, 10)]]
    with pytest.raises(NoValidOrder):
        packing.schedule(swap)
    before = len(packing.model.rows)
    packing.forbid(swap)
    assert len(packing.model.rows) > before + 1
    # One at a time they run one after the other, which takes the second 20 s to its exit.
    outcome = solved(problem)
    assert (outcome.objective, outcome.optimal) == (brute_force(problem).cost, True)


def test_an_order_that_is_only_not_found_forbids_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = range(0, SEEDS, 2)
    expected = {seed: brute_force(random_problem(seed)).cost for seed in seeds}
    monkeypatch.setattr(order, "SEARCH_LIMIT", 0)
    unproven = 0
    for seed in seeds:
        outcome = solved(random_problem(seed))
        assert not outcome.optimal or outcome.objective == expected[seed]
        assert not outcome.infeasible or expected[seed] is None
        unproven += not (outcome.optimal or outcome.infeasible)
    assert unproven


def test_two_that_cannot_both_run_are_infeasible_unless_one_may_be_refused() -> None:
    stay = (Operation((1,), 8, 8, 3, 3, (ResourceUse("yard"),)), Operation())
    assert solved(OperationsProblem((Train("a", stay), Train("b", stay)))).infeasible
    outcome = solved(OperationsProblem((Train("a", stay), Train("b", stay, 7))))
    assert (outcome.objective, outcome.optimal, outcome.infeasible) == (7, True, False)


def test_a_train_that_must_run_and_cannot_is_infeasible() -> None:
    run = (Operation((1,), 5, 5, 0, 50, (ResourceUse("r"),)), Operation(start_ub_s=60))
    outcome = solved(OperationsProblem((Train("t", run),), (), {"r": Resource(1, ((0, 100),))}))
    assert (outcome.infeasible, outcome.schedule) == (True, None)


def test_a_use_without_length_stays_out_of_another_trains_use() -> None:
    stay = Train("stays", (Operation((1,), 10, 10, 0, 0, (ResourceUse("r"),)), Operation()))
    touch = Train("touches", (Operation((1,), 0, 0, 3, None, (ResourceUse("r"),)), Operation()))
    outcome = solved(OperationsProblem((stay, touch), (DelayTerm(1, 0, 3, 1),)))
    assert (outcome.objective, outcome.optimal) == (7, True)


def test_a_train_that_comes_back_does_not_keep_itself_out() -> None:
    # The release of the first use, 50 s, reaches past the second use of the same train, and keeps the other out to 60.
    back = (
        Operation((1,), 10, 10, 0, 0, (ResourceUse("r", 50),)),
        Operation((2,), 10, 10),
        Operation((3,), 10, 10, resources=(ResourceUse("r"),)),
        Operation(),
    )
    other = (Operation((1,), 5, 5, 5, None, (ResourceUse("r"),)), Operation())
    problem = OperationsProblem((Train("back", back), Train("other", other)), (DelayTerm(1, 0, 0, 1),))
    outcome = solved(problem)
    assert (outcome.objective, outcome.optimal) == (60, True)


def test_links_and_journeys_bind() -> None:
    run = (Operation((1,), 10, None), Operation())
    problem = OperationsProblem(
        (Train("feeder", run), Train("taker", run)),
        (JourneyTerm(1, 0, 1, 10, 2), DelayTerm(1, 0, 0, 1)),
        links=(Link(0, 1, 1, 0, 5, 20), Link(0, 0, 1, 1, 40, None)),
    )
    # The taker starts 5 s after the feeder's end and ends 40 s after its start: 25 s later, 5 of them too many, or
    # starts up to 5 s later for less.
    assert solved(problem).objective == brute_force_bounded(problem)


def brute_force_bounded(problem: OperationsProblem) -> int | None:
    """Return the least cost by trying all starts up to a minute, on the grid of five seconds."""
    best = None
    times = range(0, 65, 5)
    for a in times:
        for b in times:
            for c in times:
                for d in times:
                    schedule = Schedule(
                        tuple(sorted((Event(a, 0, 0), Event(b, 0, 1), Event(c, 1, 0), Event(d, 1, 1)), key=_place))
                    )
                    if not check_schedule(problem, schedule):
                        cost = 2 * max(0, d - c - 10) + c
                        best = cost if best is None else min(best, cost)
    return best


def _place(event: Event) -> tuple[int, int, int]:
    return event.time_s, event.train, event.operation


@pytest.mark.parametrize("seed", range(4))
def test_columns_find_schedules_and_bounds_around_the_optimum(seed: int) -> None:
    yard = fixed_yard(seed, 40, 2)
    outcome = solved(yard_problem(yard), nonzeros=0)
    optimum = fixed_optimum(yard)
    assert outcome.columns
    assert outcome.bound == outcome.objective == optimum
    assert outcome.optimal


def test_columns_of_random_problems_never_claim_too_much() -> None:
    reached = feasible = 0
    for seed in range(120):
        problem = random_problem(seed)
        best = brute_force(problem)
        outcome = solve_packing(problem, Highs(), Task(1.0), lambda *_: None, lambda _: None, nonzeros=-1)
        if best.cost is None:
            assert outcome.schedule is None
            continue
        assert not outcome.infeasible
        assert outcome.bound is None or outcome.bound <= best.cost, f"seed {seed}"
        if outcome.schedule is not None:
            assert outcome.objective is not None
            assert outcome.objective >= best.cost
        feasible += not problem.links
        reached += outcome.objective == best.cost
    assert reached > 0.5 * feasible


def test_a_stop_ends_at_once_with_the_start() -> None:
    problem = head_on(None)
    best = brute_force(problem)
    task = Task(60)
    task.stop.request()
    outcome = solve_packing(problem, Highs(), task, lambda *_: None, lambda _: None, best.schedule)
    assert (outcome.objective, outcome.optimal, outcome.bound) == (best.cost, False, None)


def test_packing_fits_optional_trains_on_coarse_grids() -> None:
    assert fits(yard_problem(fixed_yard(1, 40, 2)))
    assert not fits(head_on(None))
    fine = OperationsProblem(
        tuple(
            Train(
                f"t{n}", (Operation((1,), 1, None, 0, 90_000, (ResourceUse("r"),)), Operation(start_ub_s=99_000)), 10**9
            )
            for n in range(60)
        )
    )
    assert not fits(fine)


def test_an_unsolved_relaxation_proves_nothing() -> None:
    class Silent(Highs):
        def solve(self, model, task):  # type: ignore[no-untyped-def]
            return Answer(Status.UNKNOWN, native="nothing")

    outcome = solve_packing(yard_problem(fixed_yard(1, 20, 1)), Silent(), Task(10), lambda *_: None, lambda _: None)
    assert (outcome.schedule, outcome.bound, outcome.optimal, outcome.infeasible) == (None, None, False, False)
    assert outcome.native == "nothing"


LARGE = pytest.param("karachi-chaman-3days", marks=pytest.mark.long)


@pytest.mark.parametrize("name", [LARGE if name in LARGE.values else name for name in packing_sizes.PROBLEMS])
def test_the_sizes_in_the_docs_are_those_of_the_models(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "formulations.md").read_text()
    assert packing_sizes.row(name) in page.splitlines()
