"""Links between trains whose best timetables can be worked out by hand (rules 20 to 22 of docs/model.md)."""

from __future__ import annotations

from datetime import date

import pytest
from planning_lines import BROAD, line, path_of, planned, request, station

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.ties import tied_trains
from railcap.corridor.traffic import Stop
from railcap.corridor.yards import LinkKind, TrainLink, YardProcess, YardResource, YardStep

HOUR_S = 3600


def link(kind: str, first: str = "IN", second: str = "OUT", **fields) -> TrainLink:
    return TrainLink("L", LinkKind(kind), first, second, **fields)


def pairs(scenario) -> list[tuple[str, str]]:
    return [(tie.first.removeprefix("IN/"), tie.second.removeprefix("OUT/")) for tie in tied_trains(scenario)]


def test_three_trains_fill_two_in_order():
    scenario = line(
        request("IN", "A-C", "6:00", per_day=4, every_s=1800),
        request("OUT", "C-A", "12:00", per_day=2, every_s=1800),
        links=(link("transshipment", first_count=3, second_count=2, days_later=1),),
        days=2,
    )
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    # The first train out takes the first in and half of the second; the fourth train in has no counterpart.
    assert pairs(scenario) == [
        (f"{monday}/1", f"{tuesday}/1"),
        (f"{monday}/2", f"{tuesday}/1"),
        (f"{monday}/2", f"{tuesday}/2"),
        (f"{monday}/3", f"{tuesday}/2"),
    ]


def test_a_connection_waits_for_its_feeder():
    # The feeder arrives at 6:23 (2 + 10 + 10 + 1 minutes); changing takes a quarter of an hour.
    found = planned(
        line(
            request("IN", "A-C", "6:00"),
            request("OUT", "C-D", "6:00"),
            names="ABCD",
            links=(link("connection", least_s=900),),
        )
    )
    assert (path_of(found, "OUT").departure_s - found.scenario.begin_s) // 60 == 383 + 15


def test_a_connection_on_the_way_counts_from_arrival_to_departure():
    stops = {"B": Stop("B", 120)}
    found = planned(
        line(
            request("IN", "A-C", "6:00", stops=stops),
            request("OUT", "C-A", "6:00", stops=stops),
            links=(link("connection", station="B", least_s=600, longest_s=3600),),
        )
    )
    arrival, departure = path_of(found, "IN").calls[1].arrival_s, path_of(found, "OUT").calls[1].departure_s
    assert 600 <= departure - arrival <= 3600


def test_containers_leave_after_reloading():
    process = YardProcess("unload", (YardStep("unload", HOUR_S, resource="crane"),))
    found = planned(
        line(
            request("IN", "A-C", "6:00", per_day=2, every_s=1200, stops={"C": Stop("C", process="unload")}),
            request("OUT", "C-D", "8:00"),
            names="ABCD",
            yard_resources={"crane": YardResource("crane", "C")},
            processes={"unload": process},
            links=(link("transshipment", first_count=2, least_s=1800),),
        )
    )
    begin = found.scenario.begin_s
    ends = [call.departure_s for path in found.timetable.paths if path.request == "IN" for call in path.calls[-1:]]
    # One crane: the second is unloaded from 7:23 to 8:23, its containers can leave half an hour later.
    assert max(ends) == begin + (8 * 60 + 23) * 60
    assert path_of(found, "OUT").departure_s == begin + (8 * 60 + 53) * 60


def test_a_rake_turns_round_and_keeps_its_place_in_the_yard():
    # One track at C: the next train in must wait until the rake has left as the train back.
    found = planned(
        line(
            request("IN", "A-C", "6:00", later_s=0),
            request("OUT", "C-A", "8:00"),
            request("LATER", "A-C", "6:20", later_s=6 * HOUR_S),
            stations={"C": station("C", tracks=(Track("1", TrackKind.MAIN, 750, BROAD),))},
            links=(link("turn_round", least_s=1800),),
        )
    )
    out, later = path_of(found, "OUT"), path_of(found, "LATER")
    arrived = path_of(found, "IN").calls[-1]
    assert out.calls[0].arrival_s == arrived.departure_s + 60
    assert out.departure_s - arrived.arrival_s >= 1800
    assert out.departure_s == found.scenario.begin_s + 8 * HOUR_S
    assert later.arrival_s < arrived.arrival_s or later.arrival_s > out.departure_s


@pytest.mark.parametrize("refuse", [True, False])
def test_a_train_is_refused_with_its_feeder_or_runs_without(refuse):
    # The feeder cannot arrive in time, even alone.
    scenario = line(
        request("IN", "A-C", "6:00", value=1, arrive_until_s=6 * HOUR_S),
        request("OUT", "C-A", "6:00"),
        links=(link("connection", least_s=900, refuse=refuse),),
    )
    found = planned(scenario)
    refused = {refusal.request: refusal for refusal in found.timetable.refused}
    assert set(refused) == ({"IN", "OUT"} if refuse else {"IN"})
    if refuse:
        assert refused["OUT"].proof
        assert "IN/2026-03-02/1" in refused["OUT"].reason


def test_refusing_both_may_be_the_cheapest():
    # One of two trains fits the time between 6:00 and 6:23 on the line; the connection needs its feeder.
    scenario = line(
        request("IN", "A-C", "6:00", value=1, later_s=0),
        request("ALSO", "C-A", "6:00", value=1000, later_s=0),
        request("OUT", "C-D", "7:00", value=1, later_s=0),
        names="ABCD",
        stations={"B": station("B", loop_m=100)},
        links=(link("connection"),),
    )
    found = planned(scenario)
    refused = {refusal.request: refusal for refusal in found.timetable.refused}
    assert set(refused) == {"IN", "OUT"}
    assert refused["OUT"].against == ("IN/2026-03-02/1",)
    assert "refused itself" in refused["OUT"].reason
