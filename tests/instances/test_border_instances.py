"""The instances that cross the border: the demand is whole, and the small one is planned to the end."""

from __future__ import annotations

from collections import Counter

import pytest

import railcap
from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import train_requests, yard_closed_times
from railcap.corridor.ties import tied_trains
from railcap.planning.compile import compile_scenario
from railcap.units import local


def test_the_week_asks_for_all_trains_of_the_demand():
    scenario = railcap.load("karachi-uzen-week")
    asked = Counter(request.request for request in train_requests(scenario))
    per_day = {
        "PAX_BOLAN_UP": 1, "PAX_BOLAN_DN": 1, "PAX_JAFFAR_UP": 1, "PAX_JAFFAR_DN": 1, "CONT_EXPORT_UP": 4,
        "CONT_EXPORT_DN": 4, "REKO_DIQ_DN": 2, "REKO_DIQ_UP": 2, "PAX_CHAMAN": 2, "ML1_PAX": 24, "ML1_FREIGHT": 10,
        "AF_THROUGH": 4, "AF_FUEL": 4, "GRAIN": 2, "KTI_EXCHANGE": 2, "TM_PAX": 4, "AF_PAX": 2,
        "TRANSFER_OUT": 4, "TRANSFER_IN": 4,
    }  # fmt: skip
    assert asked == {request: 7 * count for request, count in per_day.items()}
    stations = scenario.network.stations
    assert {stations[end].country for one in scenario.requests for end in (one.origin, one.destination)} == {
        "PK", "AF", "TM", "KZ",
    }  # fmt: skip


def test_every_train_of_the_week_can_run_alone_and_its_containers_are_tied():
    scenario = railcap.load("karachi-uzen-week")
    compiled = compile_scenario(scenario)
    assert compiled.impossible == ()
    ties = Counter(pair.link.id for pair in tied_trains(scenario))
    # Five days of arrivals have their trains over the border in the week; three trains of a day fill two, by four ties.
    assert ties["rake_out"] == 5 * 4
    assert ties["rake_back"] == 7 * 4
    assert ties["export_boxes"] == 5 * 4
    assert len(list(banked_trains(scenario, train_requests(scenario)))) == 7 * 4


def test_customs_are_open_on_six_days_of_the_week():
    scenario = railcap.load("karachi-uzen-week")
    closed = yard_closed_times(scenario)["chaman_customs"]
    begin = scenario.begin_s
    week = [span for span in closed if begin < span[0] < begin + 7 * 86400]
    assert [local(end, "Asia/Karachi").strftime("%a %H:%M") for _, end in week] == [
        "Tue 08:00", "Wed 08:00", "Thu 08:00", "Fri 08:00", "Sat 08:00", "Mon 08:00",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def border_day():
    return railcap.plan(
        railcap.load("chaman-yard-day"), parameters=railcap.SolveParameters(time_limit_s=600, threads=2), isolated=False
    )


def test_the_day_at_the_border_is_proven_and_refuses_nobody(border_day):
    assert border_day.termination.reason.value == "optimal"
    assert border_day.timetable.refused == ()
    # Measured once: 1,563 weighted minutes, all of them avoidable if there were no hours and nobody else.
    assert border_day.objective == border_day.bound


def test_every_rake_that_goes_over_comes_back(border_day):
    paths = {path.train: path for path in border_day.timetable.paths}
    for pair in tied_trains(border_day.scenario):
        if pair.link.id in ("rake_out", "rake_back"):
            first, second = paths[pair.first].calls[-1], paths[pair.second].calls[0]
            assert second.arrival_s == first.departure_s + 60
            assert second.departure_s >= first.steps[-1].end_s
