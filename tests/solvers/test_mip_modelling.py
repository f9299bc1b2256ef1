"""The modelling language for linear libraries says the same as the rows that it becomes."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_backends import two_trains, waiting

from railcap.errors import BackendError, SolverCrashed
from railcap.operations.check import check_schedule
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Limit, Reason
from railcap.solving.solve import solve
from railcap.solving.stop import Stop
from railcap_solvers.mip.cbc import Cbc
from railcap_solvers.mip.glop import Glop
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.mip.modelling import Domain, LinearModelling
from railcap_solvers.mip.scip import Scip
from railcap_solvers.status import Status

SOLVERS = (Highs(), Cbc(), Scip())
SPAN = range(-6, 7)
INTERVALS = st.lists(st.tuples(st.integers(-6, 6), st.integers(-6, 6)), max_size=4)


def numbers(domain):
    return {number for low, high in domain.intervals for number in range(max(low, -6), min(high, 6) + 1)}


@given(INTERVALS, INTERVALS)
def test_sets_of_numbers(one, other):
    first, second = Domain.from_intervals(one), Domain.from_intervals(other)
    expected = {number for low, high in one for number in range(low, high + 1)}
    assert numbers(first) == expected
    assert numbers(first.union_with(second)) == expected | numbers(second)
    assert numbers(first.intersection_with(second)) == expected & numbers(second)
    assert numbers(first.complement()) == set(SPAN) - expected
    assert first.is_empty() == (not expected)
    if expected:
        assert (first.min(), first.max()) == (min(expected), max(expected))
        assert numbers(first.addition_with(Domain(2, 2))) == {number + 2 for number in expected} & set(SPAN)


COEFFICIENTS = st.lists(st.integers(-3, 3), min_size=2, max_size=2)
CONDITIONS = st.lists(st.tuples(st.integers(0, 1), st.booleans()), max_size=2)
KINDS = st.sampled_from(["<=", ">=", "==", "in"])


@settings(max_examples=300, deadline=None)
@given(
    COEFFICIENTS, st.integers(-5, 5), KINDS, INTERVALS.filter(lambda found: any(a <= b for a, b in found)), CONDITIONS
)
def test_a_row_with_conditions_holds_exactly_where_its_linear_rows_do(coefficients, constant, kind, intervals, wanted):
    """Of all whole values of two times and two literals; the literals of the intervals may be chosen freely."""
    model = LinearModelling()
    times = [model.new_int_var(-2, 3, "s"), model.new_int_var(0, 4, "t")]
    literals = [model.new_bool_var("a"), model.new_bool_var("b")]
    allowed = Domain.from_intervals(intervals)
    expression = coefficients[0] * times[0] + times[1] * coefficients[1] - constant
    conditions = [~literals[place] if negated else literals[place] for place, negated in wanted]
    if kind == "in":
        row = model.add_linear_expression_in_domain(expression, allowed)
    else:
        row = model.add(
            {"<=": lambda: expression <= 0, ">=": lambda: expression >= 0, "==": lambda: expression == 0}[kind]()
        )
    if conditions:
        row.only_enforce_if(conditions)
    linear = model.linear(1)
    extra = len(linear.lower) - 4
    for s, t, a, b in product(range(-2, 4), range(5), (0, 1), (0, 1)):
        total = coefficients[0] * s + coefficients[1] * t - constant
        holds = {
            "<=": total <= 0,
            ">=": total >= 0,
            "==": total == 0,
            "in": any(low <= total <= high for low, high in allowed.intervals),
        }[kind]
        asked = all((a, b)[place] != negated for place, negated in wanted)
        possible = any(linear.breach([s, t, a, b, *choice]) <= 1e-9 for choice in product((0, 1), repeat=extra))
        assert possible == (holds or not asked), (s, t, a, b)


def test_a_hinted_solution_is_completed_and_keeps_all_rows():
    model = LinearModelling()
    time = model.new_int_var_from_domain(Domain.from_intervals([(0, 2), (5, 9), (20, 30)]), "t")
    literal = model.new_bool_var("a")
    model.add(time >= 6).only_enforce_if(literal)
    model.add_exactly_one([literal])
    assert model.start() is None
    model.add_hint(time, 7)
    model.add_hint(literal, 1)
    assert model.linear(1).breach(model.start()) == 0
    model.add_hint(time, 3)
    assert model.linear(1).breach(model.start()) > 0


def test_variables_without_an_end_get_one_that_no_row_minds():
    model = LinearModelling()
    time, far = model.new_int_var(0, 50, "t"), model.new_int_var(0, 1 << 60, "u")
    literal = model.new_bool_var("a")
    model.add(far - time >= 30).only_enforce_if(literal)
    linear = model.linear(1)
    assert 80 <= linear.upper[far.index] < 1000
    assert linear.breach([50, 80, 1]) == 0


def knapsack(slack: float = 0.0) -> LinearModel:
    """The best of four things of which 10 fit: -16 by the first and the third, -18.5 in halves."""
    model = LinearModel(constant=3.0)
    for worth in (10.0, 9.0, 6.0, 1.0):
        model.variable(0, 1, whole=True, cost=-worth)
    model.row({0: 6, 1: 6, 2: 4, 3: 5}, high=10 + slack)
    return model


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: solver.name)
class TestLibraries:
    def test_the_best_is_proven_with_the_constant_in_value_and_bound(self, solver):
        heard = []
        answer = solver.solve(knapsack(), Task(20, on_values=heard.append))
        assert answer.status is Status.OPTIMAL
        assert (answer.objective, answer.bound) == (pytest.approx(-13), pytest.approx(-13))
        assert [round(value) for value in answer.values] == [1, 0, 1, 0]
        assert all(len(values) == 4 for values in heard)
        assert answer.native

    def test_a_relaxation_has_duals(self, solver):
        answer = solver.solve(knapsack(), Task(20, relaxed=True))
        assert answer.status is Status.OPTIMAL
        # Worth per size is 10/6, 9/6, 6/4, 1/5: after the first, what is left goes at 1.5 each.
        assert answer.objective == answer.bound == pytest.approx(3 - 10 - 4 * 1.5)
        assert list(answer.duals) == [pytest.approx(-1.5)]

    def test_infeasible_is_said(self, solver):
        model = knapsack()
        model.row({0: 1, 1: 1}, low=3)
        assert solver.solve(model, Task(20)).status is Status.INFEASIBLE

    def test_a_start_is_taken(self, solver):
        answer = solver.solve(knapsack(), Task(20, start=[1, 0, 1, 0]))
        assert (answer.status, answer.objective) == (Status.OPTIMAL, pytest.approx(-13))

    def test_rows_with_two_ends_and_free_variables(self, solver):
        model = LinearModel()
        free = model.variable(-float("inf"), float("inf"), cost=1)
        whole = model.variable(0, 9, whole=True)
        model.row({free: 1, whole: 1}, 2.5, 7.25)
        model.row({whole: 2}, 5, 13)
        model.row({})
        answer = solver.solve(model, Task(20))
        assert (answer.objective, round(answer.values[whole])) == (pytest.approx(-3.5), 6)


def test_cbc_that_is_not_there_is_told(monkeypatch):
    import pulp

    monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", "/nowhere/cbc")
    with pytest.raises(BackendError, match="/nowhere/cbc"):
        Cbc().solve(knapsack(), Task(20))


def test_a_cbc_that_dies_is_told_by_its_signal(monkeypatch, tmp_path):
    import pulp

    program = tmp_path / "cbc"
    program.write_text("#!/bin/sh\necho at work\nkill -SEGV $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", str(program))
    for start in (None, [1, 0, 1, 0]):
        with pytest.raises(SolverCrashed, match="SIGSEGV at work"):
            Cbc().solve(knapsack(), Task(20, start=start))


def test_a_cbc_that_dies_when_its_time_is_over_has_not_crashed(monkeypatch, tmp_path):
    """It dies between the end of its time and the moment at which it would be told to stop."""
    import pulp

    program = tmp_path / "cbc"
    program.write_text("#!/bin/sh\nsleep 1.3\nkill -SEGV $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", str(program))
    assert Cbc().solve(knapsack(), Task(1.0)).status is Status.UNKNOWN
    with pytest.raises(SolverCrashed, match="SIGSEGV"):
        Cbc().solve(knapsack(), Task(20))


def test_a_cbc_that_dies_leaves_the_best_schedule(monkeypatch, tmp_path):
    import pulp

    program = tmp_path / "cbc"
    program.write_text("#!/bin/sh\nkill -SEGV $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", str(program))
    problem = two_trains()
    for start in (waiting(20), None):  # its own, or one that was built for it
        result = solve(problem, "cbc", SolveParameters(time_limit_s=20, warm_start=start))
        assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.CRASHED)
        assert start is None or result.objective == 20
        assert check_schedule(problem, result.schedule) == []
        assert "SIGSEGV" in result.termination.detail


def test_a_preprocessing_that_time_cuts_short_proves_nothing():
    model = knapsack()
    model.row({0: 1, 1: 1}, low=2)  # 12 do not fit
    assert Cbc().solve(model, Task(20)).status is Status.INFEASIBLE
    assert Cbc().solve(model, Task(0.0001)).status is Status.UNKNOWN


def test_infeasible_is_not_believed_of_a_model_with_a_known_solution(monkeypatch):
    monkeypatch.setattr(Highs, "solve", lambda self, model, task: Answer(Status.INFEASIBLE, native="Infeasible"))
    result = solve(two_trains(), "highs", SolveParameters(time_limit_s=20, warm_start=waiting(20)))
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.CRASHED)
    assert "infeasible of which it has a solution" in result.termination.detail
    assert result.objective == 20


@pytest.mark.parametrize(("solver", "relaxed"), [(Scip(), False), (Scip(), True), (Glop(), True)])
def test_a_stop_ends_the_solvers_of_mathopt(solver, relaxed):
    """An assignment that is far from settled when it begins; without the stop all of them solve it."""
    model, size = LinearModel(), 40
    places = [
        [model.variable(0, 1, whole=True, cost=(7 * i * i + 3 * j * i) % 101) for j in range(size)] for i in range(size)
    ]
    for i in range(size):
        model.row(dict.fromkeys(places[i], 1.0), 1, 1)
        model.row(dict.fromkeys((row[i] for row in places), 1.0), 1, 1)
    assert solver.solve(model, Task(60, relaxed=relaxed)).status is Status.OPTIMAL
    stop = Stop()
    stop.request()
    stopped = solver.solve(model, Task(60, relaxed=relaxed, stop=stop))
    assert stopped.status is not Status.OPTIMAL and "INTERRUPTED" in stopped.native
