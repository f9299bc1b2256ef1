from importlib.metadata import EntryPoint

import pytest
import tiny_backends as tiny

from railcap.errors import BackendMissing, InputError, InternalError, UnknownBackend, UnsupportedFeature
from railcap.operations.problem import JourneyTerm, Link, Operation, OperationsProblem, Resource, Train
from railcap.solving import registry
from railcap.solving.backend import FEATURES
from railcap.solving.features import features_of
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.solve import solve


@pytest.fixture
def points(monkeypatch):
    """Backends as an installed distribution would register them."""
    found = [
        EntryPoint("normal", "tiny_backends:Normal", registry.GROUP),
        EntryPoint("poor", "tiny_backends:Poor", registry.GROUP),
        EntryPoint("broken", "no_such_module:Backend", registry.GROUP),
        EntryPoint("missing", f"{__name__}:Missing", registry.GROUP),
    ]

    def entry_points(group, name=None):
        return [point for point in found if name is None or point.name == name]

    monkeypatch.setattr(registry, "entry_points", entry_points)


class Missing(tiny.Normal):
    name = "missing"

    def is_available(self):
        return "install it with: pip install missing"


def test_a_broken_backend_hides_no_other(points):
    states = registry.backends()
    assert list(states) == ["broken", "missing", "normal", "poor"]
    assert "no_such_module" in states["broken"].problem
    assert states["normal"].problem is None
    assert registry.get_backend("normal").name == "normal"


def test_an_unknown_backend_names_those_that_exist(points):
    with pytest.raises(UnknownBackend, match=r"'cplex'.*broken, missing, normal, poor"):
        solve(tiny.two_trains(), "cplex")


@pytest.mark.parametrize(("name", "words"), [("missing", "pip install missing"), ("broken", "cannot be loaded")])
def test_a_backend_that_cannot_run_says_what_to_do(points, name, words):
    with pytest.raises(BackendMissing, match=words):
        solve(tiny.two_trains(), name)


def test_an_unsupported_feature_is_told_with_the_backends_that_have_it(points):
    problem = OperationsProblem((Train("A", (Operation((1,)), Operation()), refusal_cost=5),))
    with pytest.raises(UnsupportedFeature, match=r"'poor'.*optional_trains.*missing, normal"):
        solve(problem, "poor")


def test_every_feature_is_seen():
    train = Train("A", (Operation((1, 2), max_duration_s=5), Operation((2,)), Operation()), refusal_cost=1)
    problem = OperationsProblem(
        (train,),
        (JourneyTerm(0, 0, 2, 0, 1),),
        {"yard": Resource(capacity=2), "line": Resource(closures=((0, 5),))},
        (Link(0, 0, 0, 2),),
    )
    assert features_of(problem) == FEATURES
    assert features_of(tiny.two_trains()) == frozenset()


def test_all_bad_parameters_are_told_at_once():
    bad = SolveParameters(
        time_limit_s=0,
        threads=0,
        seed=-1,
        relative_gap=-0.1,
        memory_limit_gb=float("nan"),
        options={"nobody": {}},
    )
    with pytest.raises(InputError) as caught:
        solve(tiny.two_trains(), tiny.Normal(), bad)
    told = {issue.where for issue in caught.value.issues}
    assert told == {"time_limit_s", "threads", "seed", "relative_gap", "memory_limit_gb", "options"}


def test_a_number_given_as_text_is_told_to_be_none():
    with pytest.raises(InputError, match=r"time_limit_s \('5'\): give a number of seconds above 0"):
        solve(tiny.two_trains(), tiny.Normal(), SolveParameters(time_limit_s="5"))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (SolveParameters(warm_start=5), "the parameter warm_start must be a railcap Schedule or None, not int"),
        (SolveParameters(options=3), "the parameter options must map names of backends to options, not be int"),
    ],
)
def test_a_parameter_of_a_wrong_kind_is_a_type_error(parameters, words):
    with pytest.raises(TypeError, match=words):
        solve(tiny.two_trains(), parameters=parameters)


def test_a_warm_start_that_breaks_the_problem_is_refused():
    with pytest.raises(InputError, match="warm start"):
        solve(tiny.two_trains(), tiny.Normal(), SolveParameters(warm_start=tiny.waiting(5)))


@pytest.mark.parametrize("isolated", [False, True])
@pytest.mark.parametrize(("backend", "words"), [(tiny.Lies(), "costs 10, it says 9"), (tiny.Collides(), "breaks")])
def test_a_wrong_answer_reaches_nobody(backend, words, isolated):
    with pytest.raises(InternalError, match=words):
        solve(tiny.two_trains(), backend, isolated=isolated)


class Ends(tiny.Normal):
    def __init__(self, *result):
        self.result = Result(*result)

    def solve(self, problem, parameters, stop, progress):
        return self.result


def test_an_optimum_above_its_bound_is_none():
    result = solve(tiny.two_trains(), Ends(Termination(Reason.OPTIMAL), tiny.waiting(11), 11, 10))
    assert (result.termination.reason, result.termination.limit) == (Reason.FEASIBLE, Limit.GAP)


def test_an_optimum_is_its_own_bound():
    assert solve(tiny.two_trains(), Ends(Termination(Reason.OPTIMAL), tiny.waiting(10), 10, None)).bound == 10


@pytest.mark.parametrize(
    "ending",
    [
        (Termination(Reason.FEASIBLE),),
        (Termination(Reason.INFEASIBLE), tiny.waiting(10), 10),
        (Termination(Reason.FEASIBLE), tiny.waiting(10), 10, 11),
    ],
)
def test_endings_that_contradict_themselves_are_internal_errors(ending):
    with pytest.raises(InternalError):
        solve(tiny.two_trains(), Ends(*ending))


def test_infeasible_and_nothing_found_pass():
    for reason in (Reason.INFEASIBLE, Reason.NO_SOLUTION_FOUND):
        assert solve(tiny.two_trains(), Ends(Termination(reason))).termination.reason is reason
