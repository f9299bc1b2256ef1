"""Repeats written out: trains by day and number, closures and nights as intervals, right on every clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scenario_strategy import DAYS, ZONES
from scenario_texts import GOOD, write_folder

from railcap.corridor.expand import closures_at, section_closures, station_track_closures, train_requests
from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.formats.scenario_folder import load_scenario
from railcap.units import DAY_S, local, to_utc_s

KARACHI, KABUL = "Asia/Karachi", "Asia/Kabul"
MONDAY = date(2026, 3, 2)
H = 3600


def small(zones=(KARACHI, KABUL, KABUL), days=2, start=MONDAY, zone=KARACHI, requests=(), **parts):
    """Three stations A, B, C in a row; A and B in the province North."""
    tracks = (Track("1", TrackKind.MAIN, 700, frozenset({1676})), Track("2", TrackKind.LOOP, 700, frozenset({1676})))
    stations = {
        id_: Station(id_, id_, tracks, place_zone, province="North" if id_ == "A" else "South" if id_ == "C" else "")
        for id_, place_zone in zip("ABC", zones, strict=True)
    }
    sections = {
        id_: Section(id_, id_[0], id_[1], 10_000, tracks, frozenset({1676}), {"freight": 60.0, "passenger": 60.0})
        for id_, tracks in (("AB", 1), ("BC", 2))
    }
    types = {"T": TrainType("T", "T", "freight", 500, 80, 1676)}
    return Scenario("s", zone, start, days, Network(stations, sections), types, tuple(requests), run_out_h=24, **parts)


def at(clock, day=MONDAY, zone=KARACHI):
    """Return the UTC second of ``HH:MM`` on a day, by way of the library's own clock."""
    hours, minutes = clock.split(":")
    return int(
        datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=local(0, zone).tzinfo).timestamp()
    )


def test_trains_of_a_day_keep_its_date_past_midnight():
    request = PathRequest("R", "T", "A", "C", 20 * H, earlier_s=600, later_s=1200, per_day=4, every_s=3 * H)
    trains = train_requests(small(requests=[request], days=1))
    assert [train.id for train in trains] == [f"R/2026-03-02/{number}" for number in (1, 2, 3, 4)]
    fourth = trains[3]
    assert fourth.wished_departure_s == at("05:00", date(2026, 3, 3))
    assert fourth.earliest_departure_s == fourth.wished_departure_s - 600
    assert fourth.latest_departure_s == fourth.wished_departure_s + 1200


def test_both_directions_come_with_reversed_vias_at_the_clock_of_their_origin():
    request = PathRequest("R", "T", "A", "C", 8 * H, vias=("B",), both=True)
    there, back = train_requests(small(requests=[request], days=1))
    assert (there.id, there.origin, there.destination, there.vias) == ("R/2026-03-02/1", "A", "C", ("B",))
    assert (back.id, back.origin, back.destination) == ("R/back/2026-03-02/1", "C", "A")
    assert back.wished_departure_s - there.wished_departure_s == 1800  # Kabul is half an hour behind Karachi


def test_vias_are_reversed_on_the_way_back():
    request = PathRequest("R", "T", "A", "C", 8 * H, vias=("B", "A"), both=True)
    assert train_requests(small(requests=[request], days=1))[1].vias == ("A", "B")


def test_days_of_the_week_and_first_and_last_day():
    def days(**parts):
        request = PathRequest("R", "T", "A", "C", 8 * H, **parts)
        return [train.id[2:-2] for train in train_requests(small(requests=[request], days=9))]

    assert days(weekdays=frozenset({0, 3})) == ["2026-03-02", "2026-03-05", "2026-03-09"]
    assert days(first_day=date(2026, 3, 9)) == ["2026-03-09", "2026-03-10"]
    assert days(last_day=date(2026, 3, 3)) == ["2026-03-02", "2026-03-03"]
    assert days(first_day=date(2026, 4, 1)) == []


def test_the_order_is_by_request_direction_day_and_number():
    requests = [
        PathRequest("Z", "T", "A", "C", 8 * H, both=True, per_day=2, every_s=H),
        PathRequest("A", "T", "A", "C", 0),
    ]
    assert [train.id for train in train_requests(small(requests=requests))] == [
        "Z/2026-03-02/1",
        "Z/2026-03-02/2",
        "Z/2026-03-03/1",
        "Z/2026-03-03/2",
        "Z/back/2026-03-02/1",
        "Z/back/2026-03-02/2",
        "Z/back/2026-03-03/1",
        "Z/back/2026-03-03/2",
        "A/2026-03-02/1",
        "A/2026-03-03/1",
    ]


def test_windows_are_local_at_their_station_and_move_with_later_trains():
    stop = Stop("B", 60, 9 * H, 10 * H, 11 * H, 29 * H)
    request = PathRequest(
        "R", "T", "A", "C", 8 * H, per_day=2, every_s=H, stops={"B": stop, "*": Stop("*", 5)}, arrive_until_s=30 * H
    )
    first, second = train_requests(small(requests=[request], days=1))
    assert first.stops["B"] == Stop(
        "B", 60, at("09:00", zone=KABUL), at("10:00", zone=KABUL), at("11:00", zone=KABUL),
        at("05:00", date(2026, 3, 3), KABUL),
    )  # fmt: skip
    assert first.latest_arrival_s == at("06:00", date(2026, 3, 3), KABUL)
    assert second.stops["B"].arrive_from_s == at("10:00", zone=KABUL)
    assert second.latest_arrival_s == at("07:00", date(2026, 3, 3), KABUL)
    assert second.stops["*"] == Stop("*", 5)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(ZONES),
    DAYS,
    st.integers(0, DAY_S - 1),
    st.integers(1, 6),
    st.integers(60, 30_000),
    st.integers(0, 9),
)
def test_departures_show_their_time_on_the_local_clock(zone, start, of_day, per_day, every, days):
    """Whatever summer time does, the day's first train leaves at 07:30 by its origin's clock, others so much later."""
    request = PathRequest("R", "T", "A", "C", of_day, per_day=per_day, every_s=every)
    one = small(zones=(zone, "UTC", "UTC"), start=start, days=days, zone="UTC", requests=[request])
    trains = train_requests(one)
    assert len(trains) == days * per_day
    for train in trains:
        _, day, number = train.id.split("/")
        want = datetime.fromisoformat(day) + timedelta(seconds=of_day)
        shown = local(train.wished_departure_s - (int(number) - 1) * every, zone)
        if skipped(want, zone):
            assert shown.replace(tzinfo=None) > want  # the clock was put forward over it
        else:
            assert shown.replace(tzinfo=None) == want
            assert shown.fold == 0  # of two such moments it is the first


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_trains_are_so_many_real_minutes_apart_when_the_clocks_change(day):
    stops = {"B": Stop("B", arrive_until_s=4 * H)}
    request = PathRequest("R", "T", "A", "C", 2 * H + 1800, per_day=3, every_s=H, stops=stops)
    trains = train_requests(small(zones=("Europe/Paris",) * 3, start=day, days=1, requests=[request]))
    assert [b.wished_departure_s - a.wished_departure_s for a, b in pairwise(trains)] == [H, H]
    assert [b.stops["B"].arrive_until_s - a.stops["B"].arrive_until_s for a, b in pairwise(trains)] == [H, H]


def skipped(wall, zone):
    """Return whether a wall-clock time does not exist in a zone: going to UTC and back does not lead to it."""
    there = wall.replace(tzinfo=local(0, zone).tzinfo).astimezone(UTC)
    return there.astimezone(local(0, zone).tzinfo).replace(tzinfo=None) != wall


def shut(one, key=("AB", "1"), closures=section_closures):
    """Return the closed intervals within the scenario's period."""
    return [
        (max(begin, one.begin_s), min(end, one.end_s))
        for begin, end in closures(one).get(key, ())
        if end > one.begin_s and begin < one.end_s
    ]


def test_daylight_closes_all_of_the_night_before_the_first_dawn_and_after_the_last_dusk():
    one = small(days=1, daylight=(Daylight("AB", from_of_day_s=6 * H, until_of_day_s=18 * H),))
    assert shut(one) == [
        (at("00:00"), at("06:00")),
        (at("18:00"), at("06:00", date(2026, 3, 3))),
        (at("18:00", date(2026, 3, 3)), at("00:00", date(2026, 3, 4))),
    ]


def test_daylight_of_a_section_between_zones_goes_by_its_start():
    one = small(daylight=(Daylight("AB"), Daylight("BC")), days=1)
    assert shut(one)[0][1] == at("06:00", zone=KARACHI)
    assert shut(one, ("BC", "1"))[0][1] == at("06:00", zone=KABUL)
    given_zone = small(daylight=(Daylight("AB", time_zone="UTC"),), days=1)
    assert shut(given_zone)[0][1] == at("06:00", zone="UTC")


def test_a_province_has_every_section_with_an_end_in_it():
    one = small(daylight=(Daylight(province="North"),))
    assert set(section_closures(one)) == {("AB", "1")}
    one = small(daylight=(Daylight(province="South"),))
    assert set(section_closures(one)) == {("BC", "1"), ("BC", "2")}
    assert section_closures(small(daylight=(Daylight(section="AB", province=""),))).keys() == {("AB", "1")}


def test_the_time_before_the_first_midnight_is_covered():
    """A train may leave before it, where it may leave earlier than wished or lives by another clock."""
    request = PathRequest("R", "T", "A", "C", 0, earlier_s=5 * H)
    one = small(requests=[request], daylight=(Daylight("AB"),))
    night = section_closures(one)["AB", "1"][0:3]
    leaves = train_requests(one)[0].earliest_departure_s
    assert any(begin <= leaves < end for begin, end in night)


def test_the_time_of_fixed_paths_is_covered():
    late = small().end_s + 3 * DAY_S
    path = FixedPath("F", "T", (FixedCall("A", late - 600, late - 600), FixedCall("B", late, late)))
    one = small(fixed_paths=(path,), daylight=(Daylight("AB", from_of_day_s=0, until_of_day_s=1),))
    assert section_closures(one)["AB", "1"][-1][1] >= late


def test_closures_and_nights_are_merged_and_sorted():
    closures = (
        Closure("b", "AB", from_of_day_s=17 * H, until_of_day_s=19 * H, weekdays=frozenset({0})),
        Closure("a", "AB", from_s=at("05:00"), until_s=at("06:30")),
        Closure("c", "AB", from_s=at("12:00"), until_s=at("13:00")),
    )
    one = small(days=1, closures=closures, daylight=(Daylight("AB"),))
    assert shut(one) == [
        (at("00:00"), at("06:30")),
        (at("12:00"), at("13:00")),
        (at("17:00"), at("06:00", date(2026, 3, 3))),
        (at("18:00", date(2026, 3, 3)), at("00:00", date(2026, 3, 4))),
    ]


def test_closures_that_touch_are_one():
    hours = [Closure(f"c{hour}", "AB", from_s=at(f"{hour}:00"), until_s=at(f"{hour + 1}:00")) for hour in (11, 10, 13)]
    assert shut(small(closures=tuple(hours))) == [(at("10:00"), at("12:00")), (at("13:00"), at("14:00"))]


def test_a_closure_of_one_track_leaves_the_other():
    one = small(closures=(Closure("c", "BC", "2", from_s=at("12:00"), until_s=at("13:00")),))
    assert section_closures(one) == {("BC", "2"): ((at("12:00"), at("13:00")),)}


def test_a_recurring_closure_over_midnight_reaches_into_the_first_day():
    closure = Closure("c", "AB", from_of_day_s=22 * H, until_of_day_s=4 * H, weekdays=frozenset({6}))
    assert shut(small(closures=(closure,))) == [(at("00:00"), at("04:00"))]  # the day before is a Sunday


def test_a_recurring_closure_over_two_days_reaches_into_the_first():
    closure = Closure("c", "AB", from_of_day_s=22 * H, until_of_day_s=52 * H, weekdays=frozenset({5}))
    assert shut(small(closures=(closure,))) == [(at("00:00"), at("04:00"))]  # from Saturday 22:00 to Monday 04:00


def test_station_tracks():
    closures = (
        Closure("one", station="B", track="2", from_s=at("12:00"), until_s=at("13:00")),
        Closure("all", station="C", from_of_day_s=0, until_of_day_s=H, weekdays=frozenset({0})),
    )
    one = small(closures=closures, days=1)
    assert shut(one, ("B", "2"), station_track_closures) == [(at("12:00"), at("13:00"))]
    for track in "12":
        assert shut(one, ("C", track), station_track_closures) == [(at("00:00", zone=KABUL), at("01:00", zone=KABUL))]
    assert ("B", "1") not in station_track_closures(one)
    assert section_closures(one) == {}


def test_closures_have_names():
    closures = (
        Closure("works", "AB", from_s=at("12:00"), until_s=at("13:00"), reason="rail renewal"),
        Closure("unnamed", "AB", from_s=at("13:00"), until_s=at("14:00")),
    )
    one = small(closures=closures, daylight=(Daylight(province="North"),))
    assert closures_at(one, "AB", "1", at("12:30"), at("13:30")) == ("rail renewal", "closure unnamed")
    assert closures_at(one, "AB", "1", at("13:00"), at("13:30")) == ("closure unnamed",)
    assert closures_at(one, "AB", "1", at("15:00"), at("16:00")) == ()
    assert closures_at(one, "AB", "1", at("17:00"), at("19:00")) == ("daylight running in North, 06:00 to 18:00",)
    assert closures_at(one, "BC", "1", at("12:00"), at("20:00")) == ()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES), st.sampled_from(ZONES), DAYS, st.integers(0, 80_000), st.integers(600, 80_000), st.data()
)
def test_it_is_day_exactly_when_the_local_clock_says_so(zone, scenario_zone, start, dawn, length, data):
    dusk = min(dawn + length, DAY_S)
    assume(dawn < dusk)
    daylight = Daylight("AB", from_of_day_s=dawn, until_of_day_s=dusk)
    one = small(zones=(zone, "UTC", "UTC"), zone=scenario_zone, start=start, daylight=(daylight,))
    night = section_closures(one).get(("AB", "1"), ())
    assert list(night) == sorted(night)
    assert all(first[1] < second[0] for first, second in pairwise(night))
    for _ in range(20):
        moment = data.draw(st.integers(one.begin_s, one.end_s - 1))
        day = local(moment, zone).date()
        assume(
            not any(
                skipped(datetime.combine(day, datetime.min.time()) + timedelta(seconds=edge), zone)
                for edge in (dawn, dusk)
            )
        )
        is_day = to_utc_s(day, dawn, zone) <= moment < to_utc_s(day, dusk, zone)
        assert any(begin <= moment < end for begin, end in night) != is_day


@pytest.mark.parametrize("change", ["request", "closure"])
def test_the_folder_and_the_objects_agree(change, tmp_path):
    """Trains and closures of the good folder are those that its tables say."""
    one = load_scenario(write_folder(tmp_path / "good", GOOD))
    if change == "request":
        ids = [train.id for train in train_requests(replace(one, days=1))]
        assert ids == ["CONT/2026-03-02/1", "CONT/2026-03-02/2", "PAIR/2026-03-02/1", "PAIR/back/2026-03-02/1"]
    else:
        reasons = closures_at(one, "B-G", "1", at("12:00"), at("12:30"))
        assert reasons == ("track inspection",)
