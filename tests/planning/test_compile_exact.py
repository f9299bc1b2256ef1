"""Compiling loses nothing and adds nothing: random timetables are judged alike before and after it."""

import pytest
from planning_embed import NotExpressible, embed
from planning_random import random_scenario, random_timetable, random_yard_scenario

from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.planning.check import check_timetable
from railcap.planning.compile import compile_scenario
from railcap.planning.cost import cost_report
from railcap.planning.lift import lift

TIMETABLES = 20


def _in_its_own_way(violation):
    """Whether a train is held against itself, where it comes back to a section: the rules speak of other trains."""
    return len(violation.trains) != len(set(violation.trains))


def _compare(scenario, seed: int) -> tuple[int, int]:
    """Return how many timetables of a scenario were right and how many wrong, by both checkers."""
    compiled = compile_scenario(scenario)
    right = wrong = 0
    for number in range(TIMETABLES):
        timetable = random_timetable(scenario, seed * 1000 + number)
        violations = check_timetable(scenario, timetable)
        if any(_in_its_own_way(violation) for violation in violations):
            continue
        try:
            schedule = embed(compiled, timetable)
            complaints = [str(one) for one in check_schedule(compiled.problem, schedule)]
        except NotExpressible as error:
            complaints = [str(error)]
        if not violations:
            assert not complaints, f"seed {seed}, timetable {number}: right on the railway, not in operations"
        if complaints:
            wrong += 1
            continue
        lifted = lift(compiled, schedule)
        # Only the choice among interchangeable tracks may differ.
        assert {violation.kind for violation in violations} <= {"track-occupied", "needless-track-change"}
        assert check_timetable(scenario, lifted) == [], f"seed {seed}, timetable {number}"
        right += 1
        if right == 1:
            _compare_costs(scenario, compiled, schedule, lifted)
    return right, wrong


def _compare_costs(scenario, compiled, schedule, lifted):
    report = cost_report(scenario, lifted)
    assert report.whole.total == schedule_cost(compiled.problem, schedule) + compiled.constant_cost
    assert report.avoidable.total >= 0


def test_random_timetables_are_judged_alike():
    counts = [_compare(random_scenario(seed), seed) for seed in range(250)]
    assert sum(right for right, _ in counts) > 1000
    assert sum(wrong for _, wrong in counts) > 1000


def test_random_yards_and_links_are_judged_alike():
    counts = [_compare(random_yard_scenario(seed), seed) for seed in range(250)]
    assert sum(right for right, _ in counts) > 300
    assert sum(wrong for _, wrong in counts) > 1000


@pytest.mark.long
def test_many_random_timetables_are_judged_alike():
    for seed in range(1000, 4000):
        _compare(random_scenario(seed), seed)
        _compare(random_yard_scenario(seed), seed)
