"""Every simulated day keeps the rules between trains, as the railway checker reads them; so does an undisturbed one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from delayed_lines import EVERY_KIND, fleet, meeting
from event_by_event import Day, Key
from random_timetables import random_timetables
from simulated_days import Days

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.planning.check_line import section_violations, station_violations
from railcap.planning.check_links import link_violations
from railcap.planning.check_yards import yard_violations
from railcap.planning.timetable import Step, Timetable, TrainPath

# Trains wait for each other as long as they must; which track each has is told by another test.
_MAY_BE = {"link-too-long", "rake-comes-too-late", "track-occupied", "on-closed-track", "feeder-refused"}


def simulated(path: TrainPath, times: dict[Key, int | None], drawn: dict[tuple[str, ...], int]) -> TrainPath:
    """Return a path at the times of a day."""
    calls = []
    for place, call in enumerate(path.calls):
        steps = tuple(
            Step(one.name, one.resource, one.track, begin, begin + one.end_s - one.begin_s + more)
            for number, one in enumerate(call.steps)
            for begin in (times["step", path.train, place, number],)
            for more in (drawn.get(("step", path.train, f"{call.station} {one.name}"), 0),)
        )
        depart = times.get(("depart", path.train, place, 0))
        arrive = times.get(("arrive", path.train, place, 0))
        if place == 0:
            arrive = times.get(("come", path.train, 0, 0), steps[0].begin_s if steps else depart)
        if place == len(path.calls) - 1:
            depart = times.get(("leave", path.train, place, 0), arrive + call.departure_s - call.arrival_s)
        calls.append(replace(call, arrival_s=arrive, departure_s=depart or arrive, steps=steps))
    return replace(path, calls=tuple(calls))


def unexpected(scenario: Scenario, timetable: Timetable, days: int = 6) -> list[str]:
    found = Days(scenario, timetable, EVERY_KIND, days)
    told = []
    requests = {request.id: request for request in train_requests(scenario)}
    one_block = all(section.blocks == 1 for section in scenario.network.sections.values())
    for number in range(days):
        times, drawn = found.times(number), found.drawn(number)
        paths = [simulated(path, times, drawn) for path in timetable.paths]
        violations = [*station_violations(scenario, paths), *yard_violations(scenario, paths)]
        violations += link_violations(scenario, requests, paths, timetable.refused)
        if one_block:  # a train may stand between blocks, where the checker takes all of the time to be in the last
            violations += [one for one in section_violations(scenario, paths) if one.kind != "runs-in-closure"]
        told += [one.message for one in violations if one.kind not in _MAY_BE]
    return told


@pytest.mark.parametrize("yards", [False, True])
def test_rules_between_trains_are_kept_on_every_day(yards: bool) -> None:
    judged = [unexpected(*one) for one in random_timetables(yards=yards)]
    assert len(judged) >= 15 and not any(judged)


def test_rules_are_kept_on_lines_with_many_trains() -> None:
    assert unexpected(*meeting(6, 60)) == []
    assert unexpected(*fleet(9, 0)) == []


def test_no_more_trains_stand_at_a_station_than_it_has_like_tracks() -> None:
    looked_at = 0
    for scenario, timetable in random_timetables(yards=False):
        found = Days(scenario, timetable, EVERY_KIND, 4)
        for number in range(4):
            day = Day(scenario, timetable, found.drawn(number), None, found.places())
            day.run()
            for pools in day.pools.values():
                for uses, capacity, _ in pools:
                    looked_at += 1
                    assert most_at_once(day, uses) <= capacity
    assert looked_at > 500


def most_at_once(day: Day, uses) -> int:
    spans = []
    for use in uses:
        begin, end = day.time_s(use.take), day.time_s(use.end)
        more = day.delay_s(use.delay, day.caps.get(use.delay))
        spans.append((use.train, begin, end + use.lasting_s + more))
    return max(len({train for train, begin, end in spans if begin <= moment < end}) or 1 for _, moment, _ in spans)


def test_without_delays_nothing_moves() -> None:
    for yards in (False, True):
        for scenario, timetable in random_timetables(yards=yards):
            assert Days(scenario, timetable, EVERY_KIND, 1).undisturbed() == 0


def test_trains_keep_their_order_on_the_line() -> None:
    found = Days(*fleet(8, 0), EVERY_KIND, 50)
    for number in range(50):
        times = found.times(number)
        for place in range(1, 5):
            arrivals = [times["arrive", f"T{train}", place, 0] for train in range(8)]
            assert all(one < other for one, other in pairwise(arrivals))
