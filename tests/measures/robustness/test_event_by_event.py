"""Delays of many days at once are those of an independent simulation, event by event, on the same draws."""

from __future__ import annotations

import pytest
from delayed_lines import EVERY_KIND, fleet, meeting
from event_by_event import Day
from random_timetables import random_timetables, sound_timetables
from simulated_days import Days

from railcap.corridor.scenario import Scenario
from railcap.planning.timetable import Timetable

WITHDRAW_S = 600


def must_agree(scenario: Scenario, timetable: Timetable, withdraw_s: int | None, days: int = 6) -> int:
    """Compare all events of some days; return how many of them are late or not at all."""
    found = Days(scenario, timetable, EVERY_KIND, days, withdraw_s=withdraw_s)
    disturbed = 0
    for number in range(days):
        day = Day(scenario, timetable, found.drawn(number), withdraw_s, found.places())
        times = day.run()
        assert found.times(number) == times
        if withdraw_s is None:
            assert day.asked == {one.name for one in found.graph.delays}
        disturbed += sum(time_s is None or time_s > day.planned_s(key) for key, time_s in times.items())
    return disturbed


@pytest.mark.parametrize("withdraw_s", [None, WITHDRAW_S])
@pytest.mark.parametrize("yards", [False, True])
def test_random_timetables(yards: bool, withdraw_s: int | None) -> None:
    compared = [must_agree(*one, withdraw_s) for one in random_timetables(yards=yards)]
    assert len(compared) >= 15 and sum(disturbed > 0 for disturbed in compared) > 0.9 * len(compared)


@pytest.mark.parametrize("withdraw_s", [None, 2 * WITHDRAW_S])
@pytest.mark.parametrize("buffer_s", [0, 120])
def test_lines_with_meets_and_followers(buffer_s: int, withdraw_s: int | None) -> None:
    assert must_agree(*meeting(5, buffer_s), withdraw_s) > 100
    assert must_agree(*fleet(8, buffer_s), withdraw_s) > 100


@pytest.mark.long
@pytest.mark.parametrize("withdraw_s", [None, WITHDRAW_S])
@pytest.mark.parametrize("yards", [False, True])
def test_many_random_timetables(yards: bool, withdraw_s: int | None) -> None:
    for scenario, timetable in sound_timetables(range(20_000), yards=yards):
        must_agree(scenario, timetable, withdraw_s)
