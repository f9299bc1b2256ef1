"""Small random border yards: the planner's proven optimum is the least cost of all timetables there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import pytest
from planning_small_yards import OPENS, random_yard
from yard_brute_force import least_cost

from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import tied_trains
from railcap.planning.plan import Plan, plan
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Reason


def _planned(scenario: Scenario) -> Plan:
    found = plan(scenario, parameters=SolveParameters(time_limit_s=60, threads=1), isolated=False)
    assert found.termination.reason in (Reason.OPTIMAL, Reason.INFEASIBLE), found.termination
    return found


def _compare(seeds: Iterable[int]) -> Counter[str]:
    """Return what the compared yards had in them."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        scenario, ends = random_yard(seed)
        found = _planned(scenario)
        cost = None
        if found.cost is not None:
            cost = Fraction(found.cost.whole.total, found.cost.scale)
        assert cost == least_cost(scenario, OPENS, ends), f"seed {seed}"
        seen.update(_features(found))
    return seen


def _features(found: Plan) -> set[str]:
    if found.timetable is None:
        return {"infeasible"}
    seen = set()
    paths = {path.train: path for path in found.timetable.paths}
    calls = [call for path in paths.values() for call in path.calls]
    if sum(any(call.steps for call in path.calls) for path in paths.values()) > 1:
        seen.add("two trains with steps")
    if found.avoidable_objective:
        seen.add("in each other's way")
    if not found.timetable.refused:
        seen.add("all run")
    if any(stay.until_s > stay.from_s for call in calls for stay in call.stays[:-1]):
        seen.add("changes track")
    if any(call.steps for path in paths.values() for call in path.calls[1:-1]):
        seen.add("steps on the way")
    for pair in tied_trains(found.scenario):
        if {pair.first, pair.second} <= paths.keys():
            seen.add(pair.link.kind.value)
    return seen


def test_small_yards_cost_what_enumeration_finds():
    seen = _compare(range(60))
    expected = {
        "two trains with steps": 30,
        "in each other's way": 30,
        "all run": 15,
        "steps on the way": 1,
        "changes track": 2,
        "transshipment": 2,
        "connection": 3,
        "turn_round": 3,
    }
    assert {name: seen[name] for name in expected if seen[name] < expected[name]} == {}


@pytest.mark.long
def test_many_small_yards_cost_what_enumeration_finds():
    _compare(range(1000, 1500))
