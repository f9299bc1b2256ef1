"""Where the time of trains goes: parts that add up, and the causes of waits, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from planning_random import random_timetable, random_yard_scenario
from sample_yard import asked, at, border_line, step, train

from railcap.corridor.expand import train_requests
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop
from railcap.corridor.yards import AtClose, Banker, LinkKind, OpeningHours, TrainLink, YardResource
from railcap.measures.standing import Doing, standing, time_uses, times_by_request
from railcap.planning.timetable import Call, Timetable, TrainPath

HOUR_S = 3600
IN = asked("IN", "A-Y", "6:00", "unload", per_day=4)
THROUGH = asked("THROUGH", "A-Y", "6:00")
BACK = asked("BACK", "Y-A", "6:00")
CRANE = YardResource("crane", "Y")


def parts(scenario: Scenario, *paths: TrainPath, of: int = 0) -> list[tuple[str, str, int]]:
    """Return what a train does, where, and for how many minutes."""
    name = paths[of].train
    (time,) = [time for time in standing(scenario, Timetable("x", paths)) if time.train == name]
    return [(part.what, part.place, part.seconds // 60) for part in time.parts]


def waits(scenario: Scenario, *paths: TrainPath, of: int = 0) -> list[tuple[str, int]]:
    """Return the causes and minutes of a train's waits."""
    name = paths[of].train
    (time,) = [time for time in standing(scenario, Timetable("x", paths)) if time.train == name]
    return [(part.what, part.seconds // 60) for part in time.parts if part.doing is Doing.WAIT]


# The whole of it


@pytest.mark.parametrize("seed", range(60))
def test_the_parts_of_any_timetable_add_up_without_gaps(seed: int) -> None:
    scenario = random_yard_scenario(seed)
    timetable = random_timetable(scenario, seed)
    paths = {path.train: path for path in timetable.paths}
    times = standing(scenario, timetable)
    assert {time.train for time in times} == {request.id for request in train_requests(scenario)} & set(paths)
    for time in times:
        path = paths[time.train]
        assert sum(part.seconds for part in time.parts) == time.seconds
        assert time.begin_s in (path.departure_s, path.calls[0].arrival_s)
        assert time.end_s == path.calls[-1].departure_s
        assert all(part.seconds > 0 for part in time.parts)
        moments = [time.begin_s, *(part.until_s for part in time.parts)]
        assert [part.from_s for part in time.parts] == moments[:-1]
        steps = sum(one.end_s - one.begin_s for call in path.calls for one in call.steps)
        assert sum(part.seconds for part in time.parts if part.doing is Doing.STEP) == steps
        running = sum(there.arrival_s - here.departure_s for here, there in pairwise(path.calls))
        assert sum(part.seconds for part in time.parts if part.doing is Doing.RUNNING) == running
    together = time_uses(times)
    assert sum(use.seconds for use in together) == sum(time.seconds for time in times)
    assert sum(one.seconds for one in times_by_request(times)) == sum(time.seconds for time in times)


def test_a_day_in_the_yard() -> None:
    first = train(
        "IN/1",
        ("A", "1", "6:00", "6:00"),
        ("B", "1", "6:13", "6:20"),
        (
            "Y",
            "1",
            "6:33",
            "8:30",
            step("customs", "1", "6:40", "7:10"),
            step("unload", "K", "7:30", "8:30", "crane"),
        ),
    )
    other = train(
        "IN/2",
        ("A", "2", "5:00", "5:00"),
        ("B", "2", "5:13", "5:15"),
        ("Y", "2", "5:28", "7:20", step("customs", "2", "5:28", "5:58"), step("unload", "K", "6:20", "7:20", "crane")),
    )
    stops = {"B": Stop("B", 300), "Y": Stop("Y", process="unload")}
    assert parts(border_line(replace(IN, stops=stops)), first, other) == [
        ("running", "AB", 13),
        ("asked stop", "B", 5),
        ("trains further on", "B", 2),
        ("running", "BY", 13),
        ("other", "Y", 7),
        ("customs", "Y", 30),
        # The other train has the crane until 7:20, and its track a minute longer.
        ("queue for crane", "Y", 10),
        ("yard tracks", "Y", 1),
        ("other", "Y", 9),
        ("unload", "Y", 60),
    ]


def test_a_train_is_counted_from_when_it_comes_onto_its_track_to_be_loaded() -> None:
    out = asked("OUT", "Y-Z", "8:00", "load")
    path = train(
        "OUT",
        ("Y", "1", "5:00", "9:00", step("load", "1", "5:00", "6:00", "crane"), step("brakes", "1", "7:30", "7:40")),
        ("Z", "1", "9:13", "9:13"),
    )
    # It wished to leave at eight: with ten minutes of brakes to come, the time until 7:50 is its own.
    assert parts(border_line(out), path) == [
        ("load", "Y", 60),
        ("asked times", "Y", 90),
        ("brakes", "Y", 10),
        ("asked times", "Y", 20),
        ("trains further on", "Y", 60),
        ("running", "YZ", 13),
    ]


# In the yard, before a step


def unloaded(name: str, arrival: str, begin: str, end: str, track: str = "K") -> TrainPath:
    """Return a train that arrives on track K, is done with customs half an hour later, and is then unloaded."""
    hours, minutes = arrival.split(":")
    half = f"{int(hours) + int(minutes) // 30}:{(int(minutes) + 30) % 60}"
    run = at(arrival) - at("0:13")
    early = f"{run // HOUR_S}:{run // 60 % 60}"
    work = step("customs", track, arrival, half), step("unload", track, begin, end, "crane")
    return train(name, ("A", "1", early, early), ("B", "1", early, early), ("Y", track, arrival, end, *work))


def with_hours(at_close: AtClose) -> Scenario:
    hours = OpeningHours("crane", 8 * HOUR_S, 16 * HOUR_S)
    return border_line(IN, yard_resources={"crane": replace(CRANE, at_close=at_close)}, opening_hours=(hours,))


def test_what_cannot_end_before_closing_waits_for_the_opening() -> None:
    assert waits(with_hours(AtClose.FINISH), unloaded("IN", "14:53", "32:00", "33:00")) == [("opening hours", 997)]
    # It could have begun until 15:00.
    late = unloaded("IN", "14:20", "32:00", "33:00")
    assert waits(with_hours(AtClose.FINISH), late) == [("other", 10), ("opening hours", 1020)]


def test_work_that_may_run_over_waits_in_closed_time_only() -> None:
    path = unloaded("IN", "14:53", "32:00", "33:00")
    assert waits(with_hours(AtClose.RUN_OVER), path) == [("other", 37), ("opening hours", 960)]


def test_a_queue_is_as_long_as_the_resource_is_full() -> None:
    paths = unloaded("IN/1", "6:30", "9:00", "10:00"), unloaded("IN/2", "6:00", "6:30", "7:30", "1")
    assert waits(border_line(IN), *paths) == [("queue for crane", 30), ("other", 90)]
    assert waits(border_line(IN, cranes=2), *paths) == [("other", 120)]
    second = unloaded("IN/3", "6:00", "6:40", "7:40", "2")
    assert waits(border_line(IN, cranes=2), *paths, second) == [("queue for crane", 30), ("other", 90)]


def test_a_gap_that_is_too_short_belongs_to_the_queue() -> None:
    others = unloaded("IN/2", "6:00", "6:30", "7:30", "1"), unloaded("IN/3", "6:00", "8:20", "9:20", "2")
    path = unloaded("IN/1", "6:30", "9:20", "10:20")
    assert waits(border_line(IN), path, *others) == [("queue for crane", 140)]


def test_a_train_that_stands_on_the_right_track_waits_for_no_track() -> None:
    other = unloaded("IN/2", "6:00", "6:30", "7:30")
    path = unloaded("IN/1", "7:31", "9:00", "10:00")
    assert waits(border_line(IN), path, other) == [("other", 59)]


# On the way, before a departure


def through(name: str, arrival: str, departure: str, end: str) -> TrainPath:
    return train(name, ("A", "1", "5:00", "5:00"), ("B", "1", arrival, departure), ("Y", "1", end, end))


def back(begin: str, end: str) -> TrainPath:
    return train("BACK", ("Y", "2", begin, begin), ("B", "2", end, end), ("A", "2", "9:00", "9:00"))


def test_a_train_that_just_came_off_the_line_was_met() -> None:
    scenario = border_line(THROUGH, BACK, IN)
    assert waits(scenario, through("THROUGH", "6:13", "6:25", "6:38"), back("6:11", "6:24")) == [("meet", 12)]
    # A minute of crossing interval is all that a meet needs.
    late = waits(scenario, through("THROUGH", "6:13", "6:26", "6:39"), back("6:11", "6:24"))
    assert late == [("trains further on", 13)]


def test_a_train_follows_another_one() -> None:
    scenario = border_line(THROUGH, asked("AHEAD", "B-Y", "6:00"))
    ahead = train("AHEAD", ("B", "2", "6:15", "6:15"), ("Y", "2", "6:28", "6:28"))
    # The line is free for a follower four minutes after 6:28.
    assert waits(scenario, through("THROUGH", "6:13", "6:32", "6:45"), ahead) == [("pass", 19)]
    assert waits(scenario, through("THROUGH", "6:13", "6:33", "6:46"), ahead) == [("trains further on", 20)]


def test_a_train_that_was_overtaken_was_passed() -> None:
    scenario = border_line(THROUGH, BACK, IN)
    fast = train("IN", ("A", "2", "6:10", "6:10"), ("B", "2", "6:23", "6:25"), ("Y", "2", "6:38", "6:38"))
    assert waits(scenario, through("THROUGH", "6:13", "7:30", "7:43"), fast) == [("pass", 77)]


def standing_in_yard(name: str, track: str, from_: str, until: str) -> TrainPath:
    return train(name, ("B", "2", "3:00", "3:00"), ("Y", track, from_, until))


def test_a_full_yard_holds_a_train_out() -> None:
    scenario = border_line(THROUGH, IN, asked("X", "B-Y", "3:00", per_day=2), tracks=1)
    others = standing_in_yard("X/1", "1", "5:00", "7:00"), standing_in_yard("X/2", "K", "6:10", "8:00")
    # It comes a minute after track 1 has become free.
    assert waits(scenario, through("THROUGH", "6:13", "6:48", "7:01"), *others) == [("yard full at Y", 35)]
    # Until 6:10 there was room on track K: a departure until 5:57 would have found it.
    early = waits(scenario, through("THROUGH", "5:13", "6:48", "7:01"), *others)
    assert early == [("yard full at Y", 95)]
    early = waits(scenario, through("THROUGH", "5:13", "7:48", "8:01"), *others)
    assert early == [("trains further on", 44), ("yard full at Y", 51), ("trains further on", 60)]


def test_full_stations_before_a_full_yard_are_followed() -> None:
    scenario = border_line(
        asked("THROUGH", "A-Y", "5:00"), IN, asked("X", "C-Y", "3:00", per_day=4), line="ABC", tracks=1
    )
    others = [
        train(f"X/{n}", ("C", "2", "3:00", "3:00"), ("Y", track, "3:13", "9:00")) for n, track in ((1, "1"), (2, "K"))
    ]
    queue = [
        train(f"X/{n}", ("C", track, "5:00", "7:00"), ("Y", "1", "9:30", "9:30")) for n, track in ((3, "1"), (4, "2"))
    ]

    def path(*calls: tuple[str, str, str, str]) -> TrainPath:
        return train("THROUGH", ("A", "1", "5:00", "5:00"), *calls)

    held = path(("B", "1", "5:13", "6:48"), ("C", "1", "7:01", "9:48"), ("Y", "1", "10:01", "10:01"))
    assert waits(scenario, held, *others, *queue)[0] == ("yard full at Y", 95)
    # Without trains in the yard it is the loops alone.
    assert waits(scenario, held, *queue)[0] == ("loops full", 95)


def test_night_and_closure_keep_trains_off_the_line() -> None:
    night = border_line(THROUGH, daylight=(Daylight("BY", from_of_day_s=6 * HOUR_S, until_of_day_s=18 * HOUR_S),))
    assert waits(night, through("THROUGH", "17:50", "30:00", "30:13")) == [("night", 730)]
    # It could have departed until 17:47.
    late = waits(night, through("THROUGH", "17:30", "30:00", "30:13"))
    assert late == [("trains further on", 17), ("night", 733)]
    work = Closure("weld", "BY", from_s=at("10:00"), until_s=at("11:00"))
    assert waits(border_line(THROUGH, closures=(work,)), through("THROUGH", "9:50", "11:00", "11:13")) == [
        ("closure", 70)
    ]


def test_a_night_further_on_is_a_night_where_the_train_would_run_through() -> None:
    scenario = border_line(
        THROUGH, line="ABC", daylight=(Daylight("CY", from_of_day_s=6 * HOUR_S, until_of_day_s=18 * HOUR_S),)
    )
    path = train(
        "THROUGH",
        ("A", "1", "5:00", "5:00"),
        ("B", "1", "17:40", "29:49"),
        ("C", "1", "30:00", "30:00"),
        ("Y", "1", "30:11", "30:11"),
    )
    calls = [replace(call, stops=call.station != "C") for call in path.calls]
    # From 17:38 on it would come into the night between C and Y, eleven minutes later.
    assert waits(scenario, replace(path, calls=tuple(calls))) == [("night", 729)]


def test_a_train_waits_for_what_a_link_ties_it_to() -> None:
    link = TrainLink("L", LinkKind.CONNECTION, "BACK", "THROUGH", least_s=900, station="B")
    scenario = border_line(THROUGH, BACK, links=(link,))
    assert waits(scenario, through("THROUGH", "6:13", "6:39", "6:52"), back("6:11", "6:24")) == [("link", 26)]


def test_a_rake_waits_for_the_wish_of_its_next_train() -> None:
    link = TrainLink("rake", LinkKind.TURN_ROUND, "THROUGH", "BACK", least_s=1800)
    scenario = border_line(THROUGH, replace(BACK, departure_of_day_s=8 * HOUR_S), links=(link,))
    turned = train("BACK", ("Y", "1", "6:40", "8:30"), ("B", "2", "8:43", "8:43"), ("A", "2", "8:56", "8:56"))
    first = through("THROUGH", "5:13", "6:26", "6:39")
    assert waits(scenario, turned, first) == [("asked times", 80), ("trains further on", 30)]
    hurried = replace(link, least_s=111 * 60)
    assert waits(replace(scenario, links=(hurried,)), turned, first) == [("asked times", 80), ("link", 30)]


def test_a_train_waits_for_an_engine_that_is_out() -> None:
    hill = Banker("hill", "B", "Y", frozenset({"broad"}), "broad")
    scenario = border_line(THROUGH, IN, bankers=(hill,))
    ahead = train("IN/2", ("A", "2", "6:00", "6:00"), ("B", "2", "6:13", "6:13"), ("Y", "2", "6:26", "6:26"))
    light = train("L", ("Y", "2", "6:30", "6:30"), ("B", "2", "6:43", "6:43"))
    light = replace(light, train="IN/2026-03-02/2/light/hill", request="hill")
    own = replace(light, train="THROUGH/2026-03-02/1/light/hill", calls=tuple(_later(call) for call in light.calls))
    paths = through("THROUGH", "6:20", "6:44", "6:57"), ahead, light, own
    assert waits(scenario, *paths) == [("engines out of hill", 23), ("meet", 1)]
    assert waits(replace(scenario, bankers=(replace(hill, engines=2),)), *paths) == [("meet", 24)]


def _later(call: Call) -> Call:
    return replace(call, arrival_s=call.arrival_s + HOUR_S, departure_s=call.departure_s + HOUR_S)


def test_a_window_is_a_time_that_was_asked_for() -> None:
    stops = {"B": Stop("B", 60, depart_from_s=7 * HOUR_S), "Y": Stop("Y", arrive_from_s=8 * HOUR_S)}
    scenario = border_line(replace(THROUGH, stops=stops))
    assert waits(scenario, through("THROUGH", "6:13", "7:50", "8:03")) == [
        ("asked times", 93),
        ("trains further on", 3),
    ]


# The tables


def test_uses_of_time_by_cause_and_by_request() -> None:
    scenario = border_line(THROUGH, BACK)
    paths = through("THROUGH", "6:13", "6:25", "6:38"), back("6:11", "6:24")
    times = standing(scenario, Timetable("x", paths))
    running, *rest = time_uses(times)
    assert (running.doing, running.trains, running.place) == (Doing.RUNNING, 2, "AB")
    meet = next(use for use in rest if use.what == "meet")
    assert (meet.trains, meet.seconds, meet.longest_s, meet.place, meet.place_s) == (1, 720, 720, "B", 720)
    one, other = times_by_request(times)
    assert (one.request, one.trains, one.seconds) == ("THROUGH", 1, 98 * 60)
    assert [(use.what, use.seconds // 60) for use in other.uses] == [("running", 169)]
