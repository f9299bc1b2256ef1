"""Certificates: what is written is judged right, and whatever is changed afterwards is found."""

import json
from dataclasses import replace

import pytest
import tiny_backends as tiny

from railcap.errors import InputError
from railcap.formats.certificate import check_certificate, problem_hash, write_certificate
from railcap.formats.displib import read_problem, write_problem
from railcap.solving.cross_check import Said
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Limit, Reason, Result, Termination

PROBLEM = tiny.two_trains()
BEST = Result(Termination(Reason.OPTIMAL), tiny.waiting(10), 10, 10, wall_s=1.5, backend="a")
POOR = Result(Termination(Reason.FEASIBLE, Limit.TIME), tiny.waiting(20), 20, 7, backend="b")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "certificate.json"
    said = [Said("a", "1.2", BEST), Said("b", None, POOR), Said("c", "3", None, "it died")]
    write_certificate(path, PROBLEM, BEST, said, SolveParameters(seed=7))
    return path


def test_a_certificate_is_judged_right(path):
    found, claim = check_certificate(path, PROBLEM)
    assert found == []
    assert claim == {"cost": 10, "bound": 10, "proof": "optimal", "backends": "a 1.2, b, c 3"}


def test_the_problem_may_come_from_a_file_and_have_another_name(path, tmp_path):
    write_problem(PROBLEM, tmp_path / "p.json")
    assert check_certificate(path, read_problem(tmp_path / "p.json"))[0] == []
    assert problem_hash(replace(PROBLEM, name="other")) == problem_hash(PROBLEM)


def test_another_problem_is_told(path):
    other = replace(PROBLEM, objective=PROBLEM.objective[:1])
    assert [kind for kind, _ in check_certificate(path, other)[0]] == ["another-problem"]


def test_without_answer_and_without_proof(tmp_path):
    nothing = Result(Termination(Reason.NO_SOLUTION_FOUND, Limit.TIME), bound=4)
    never = Result(Termination(Reason.INFEASIBLE))
    for result in (nothing, never):
        path = tmp_path / "certificate.json"
        write_certificate(path, PROBLEM, result, [Said("a", None, result)], SolveParameters())
        assert check_certificate(path, PROBLEM)[0] == []


def set_to(*where, value):
    def change(document):
        inside = document
        for key in where[:-1]:
            inside = inside[key]
        inside[where[-1]] = value

    return change


def kinds_after(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return {kind for kind, _ in check_certificate(path, PROBLEM)[0]}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (set_to("problem_sha256", value="0" * 64), "another-problem"),
        (set_to("cost_scale", value=2), "wrong-scale"),
        (set_to("objective", value=9), "wrong-objective"),
        (set_to("objective", value=None), "wrong-objective"),
        (set_to("bound", value=11), "bound-above-cost"),
        (set_to("bound", value=9), "no-proof"),
        (set_to("bound", value=8), "nobody-said-so"),
        (set_to("bound", value=None), "no-proof"),
        (set_to("proof", value=None), "no-proof"),
        (set_to("proof", value="infeasible"), "nobody-said-so"),
        (set_to("violations", value=3), "wrong-verdict"),
        (set_to("events", value=None), "no-schedule"),
        (set_to("events", 3, 0, value=5), "wrong-verdict"),
        (set_to("events", 0, 2, value=99), "unknown-event"),
        (set_to("events", 0, 1, value=2), "unknown-event"),
        (set_to("backends", 0, "objective", value=12), "nobody-said-so"),
        (set_to("backends", 0, "bound", value=5), "nobody-said-so"),
        (set_to("backends", 1, "bound", value=11), "proofs-disagree"),
        (set_to("backends", 1, "termination", value="infeasible"), "proofs-disagree"),
        (set_to("backends", value=[]), "nobody-said-so"),
    ],
)
def test_whatever_is_changed_is_found(path, change, kind):
    assert kind in kinds_after(path, change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_to("schema", value=2), "schema"),
        (set_to("events", 0, value=[1, 2]), "events[0]"),
        (set_to("events", 0, 1, value=-1), "events[0]"),
        (set_to("bound", value="ten"), "bound"),
        (set_to("extra", value=1), "extra"),
        (lambda document: document.pop("proof"), "proof"),
    ],
)
def test_what_is_no_certificate_is_told_with_its_place(path, change, words):
    with pytest.raises(InputError) as caught:
        kinds_after(path, change)
    assert words in str(caught.value)
