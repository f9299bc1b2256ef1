"""Several backends on one problem."""

import pytest
import tiny_backends as tiny

from railcap.errors import SolverCrashed, UnknownBackend
from railcap.solving.cross_check import Said, ask, best_of, chosen_backends, contradictions
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.stop import Stop


def said(name, reason, objective=None, bound=None, limit=None):
    schedule = None if objective is None else tiny.waiting(objective)
    return Said(name, "1.0", Result(Termination(reason, limit), schedule, objective, bound, backend=name))


OPTIMAL, FEASIBLE, NOTHING = Reason.OPTIMAL, Reason.FEASIBLE, Reason.NO_SOLUTION_FOUND


def test_all_are_those_that_can_run_without_the_peers():
    assert chosen_backends("all") == ["auto", "cbc", "cp-sat", "highs", "scip"]
    assert chosen_backends("highs") == ["highs"]
    assert chosen_backends(" highs, plain,highs,") == ["highs", "plain"]


def test_one_that_is_not_there_is_told_before_the_others_work():
    with pytest.raises(UnknownBackend, match="no backend is called 'hihgs' or 'x'; there are: auto, "):
        chosen_backends("hihgs,auto,x")


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        (said("a", OPTIMAL, 10, 10), said("b", OPTIMAL, 10, 10), 0),
        (said("a", OPTIMAL, 10, 10), said("b", FEASIBLE, 12, 3), 0),
        (said("a", OPTIMAL, 10, 10), said("b", OPTIMAL, 12, 12), 1),
        (said("a", OPTIMAL, 12, 12), said("b", FEASIBLE, 10, 3), 1),
        (said("a", NOTHING, None, 11), said("b", FEASIBLE, 10, 3), 1),
        (said("a", NOTHING, None, 10), said("b", FEASIBLE, 10, 3), 0),
        (said("a", Reason.INFEASIBLE), said("b", FEASIBLE, 10, 3), 1),
        (said("a", Reason.INFEASIBLE), said("b", NOTHING, None, 3), 0),
        (said("a", Reason.INFEASIBLE), said("b", Reason.INFEASIBLE), 0),
        (said("a", OPTIMAL, 10, 10), Said("b", None, None, "it died"), 0),
    ],
)
def test_what_cannot_be_true_of_two_is_found_in_either_order(one, other, count):
    assert len(contradictions([one, other])) == count
    assert len(contradictions([other, one])) == count


def test_the_best_answer_gets_the_best_bound_and_with_it_a_proof():
    name, best = best_of([said("a", FEASIBLE, 10, 3, Limit.TIME), said("b", NOTHING, None, 10, Limit.TIME)])
    assert (name, best.objective, best.bound) == ("a", 10, 10)
    assert best.termination == Termination(OPTIMAL)


def test_of_equal_answers_the_proven_one_is_best_and_a_proof_of_none_beats_silence():
    name, best = best_of([said("a", FEASIBLE, 10, 3, Limit.TIME), said("b", OPTIMAL, 10, 10)])
    assert (name, best.termination.reason) == ("b", OPTIMAL)
    assert best_of([said("a", NOTHING), said("b", Reason.INFEASIBLE)])[0] == "b"
    assert best_of([Said("a", None, None, "it died")]) is None


def test_one_that_fails_ends_nothing_but_alone_it_is_the_error():
    def solve(name):
        if name == "bad":
            raise SolverCrashed("it died")
        return said(name, OPTIMAL, 10, 10).result

    told = ask(["bad", "good"], solve, Stop())
    assert [(entry.backend, entry.problem, entry.result is None) for entry in told] == [
        ("bad", "it died", True),
        ("good", "", False),
    ]
    with pytest.raises(SolverCrashed):
        ask(["bad"], solve, Stop())


def test_after_a_stop_nobody_else_is_asked():
    stop, asked = Stop(), []

    def solve(name):
        asked.append(name)
        stop.request()
        return said(name, FEASIBLE, 10, 3, Limit.INTERRUPTED).result

    told = ask(["a", "b", "c"], solve, stop)
    assert asked == ["a"]
    assert [entry.problem for entry in told] == ["", "not asked any more", "not asked any more"]
