"""DISPLIB's own five test instances, and the published solutions of those that have one."""

from itertools import permutations

import pytest
from brute_force import brute_force
from known_material import material
from proof import BACKENDS, proven_cost

from railcap.operations.check import ViolationKind, check_schedule
from railcap.operations.objective import routes_cost, schedule_cost
from railcap.operations.schedule import NoValidOrder, Schedule, events_of, schedule_from_routes
from railcap_benchmarks.suites.displib_tests import displib_tests

TESTS = displib_tests(material("displib"))
EXPECTED = {"headway1": 34, "swapping1": 30, "swapping2": 15, "infeasible1": None, "infeasible2": None}
EACH = pytest.mark.parametrize("test", TESTS, ids=[test.answer.name for test in TESTS])
SOLVED = [test for test in TESTS if test.solution is not None]
EACH_SOLVED = pytest.mark.parametrize("test", SOLVED, ids=[test.answer.name for test in SOLVED])


def test_the_published_values_are_the_known_ones() -> None:
    assert {test.answer.name: test.answer.cost for test in TESTS} == EXPECTED


@EACH_SOLVED
def test_published_solution_is_accepted(test) -> None:
    assert check_schedule(test.answer.problem, test.solution) == []
    assert schedule_cost(test.answer.problem, test.solution) == test.answer.cost


@EACH_SOLVED
def test_published_times_are_put_into_a_valid_order(test) -> None:
    problem = test.answer.problem
    again = schedule_from_routes(problem, test.solution.routes(problem))
    assert check_schedule(problem, again) == []
    assert sorted(again.events, key=str) == sorted(test.solution.events, key=str)


SWAPS = {
    "swapping1": (20, [[0, 0, 5, 10], [0, 0, 5, 10]]),
    "swapping2": (10, [[0, 0, 5, 10], [0, 5, 10], [0, 5, 10]]),
}


@pytest.mark.parametrize("name", SWAPS)
def test_illegal_swap_is_found_in_every_order_of_its_events(name) -> None:
    """Values that a model reaches if trains may hand over their resources in a circle."""
    problem = next(test.answer.problem for test in SOLVED if test.answer.name == name)
    value, starts = SWAPS[name]
    routes = [list(enumerate(times)) for times in starts]
    assert routes_cost(problem, routes) == value
    with pytest.raises(NoValidOrder, match="at 5"):
        schedule_from_routes(problem, routes)
    for trains in permutations(range(len(routes))):
        events = sorted(events_of(routes), key=lambda event: (event.time_s, event.operation, trains[event.train]))
        violations = check_schedule(problem, Schedule(tuple(events)))
        assert {violation.kind for violation in violations} == {ViolationKind.RESOURCE_TAKEN}


@EACH
def test_enumeration_finds_the_known_answer(test) -> None:
    assert brute_force(test.answer.problem).cost == test.answer.cost


@pytest.mark.parametrize("backend", BACKENDS)
@EACH
def test_backend_proves_the_known_answer(test, backend) -> None:
    assert proven_cost(test.answer.problem, backend) == test.answer.cost
