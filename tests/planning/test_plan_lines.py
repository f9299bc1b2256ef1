"""Lines whose best timetables are worked out by hand; the sums stand in the comments."""

import pytest
from planning_lines import clock_s, line, path_of, planned, request, section, station, times

from railcap.corridor.rules import Closure, Daylight, Rules
from railcap.corridor.traffic import FixedCall, FixedPath, Stop


def test_alone_a_train_takes_its_shortest_journey_and_costs_nothing():
    found = planned(line(request("up", "A-C", "6:00")))
    assert found.objective == 0
    # 2 to start + 10, 10 + 1 to stop.
    assert times(found, "up") == [("A", "6:00", "6:00"), ("B", "6:12", "6:12"), ("C", "6:23", "6:23")]


def test_meet_at_a_loop_without_simultaneous_reception():
    found = planned(line(request("up", "A-C", "6:00"), request("down", "C-A", "6:00")))
    # One stops at B at 6:13; the other may pass 4 minutes later, 6:17, 5 late; then the first leaves at 6:18 and is 8
    # late at its end: 13 minutes.
    assert found.objective == pytest.approx(13 * 0.2)
    assert found.gap == 0
    passing = next(path for path in found.timetable.paths if not path.calls[1].stops)
    waiting = next(path for path in found.timetable.paths if path.calls[1].stops)
    assert passing.calls[1].arrival_s - waiting.calls[1].arrival_s == 240
    assert waiting.calls[1].departure_s - passing.calls[1].departure_s == 60


def test_meet_at_a_loop_with_simultaneous_reception():
    open_b = station("B", simultaneous_reception=True)
    found = planned(line(request("up", "A-C", "6:00"), request("down", "C-A", "6:00"), stations={"B": open_b}))
    # The second passes a crossing interval after the first has arrived: 6:14, 2 late; the first leaves 6:15, 5 late.
    assert found.objective == pytest.approx(7 * 0.2)


def test_the_crossing_interval_is_that_of_the_station_of_the_meet():
    b = station("B", simultaneous_reception=True, crossing_interval_s=180)
    found = planned(line(request("up", "A-C", "6:00"), request("down", "C-A", "6:00"), stations={"B": b}))
    # Both stop at 6:13 and leave at 6:16, 6 late each; with one passing at 6:16 it would be 4 and 9.
    assert found.objective == pytest.approx(12 * 0.2)


def test_no_meet_where_the_loop_is_too_short():
    found = planned(
        line(request("up", "A-C", "6:00"), request("down", "C-A", "6:00"), stations={"B": station("B", loop_m=650)})
    )
    # The second waits at its origin until the first is there, and a crossing interval more: 24 late.
    assert found.objective == pytest.approx(24 * 0.2)


def test_followers_over_one_block():
    found = planned(line(request("one", "A-C", "6:00"), request("two", "A-C", "6:00")))
    # The first passes B at 6:12, the second leaves 4 minutes after that.
    assert found.objective == pytest.approx(16 * 0.2)


def test_followers_over_two_blocks():
    blocks = {way: section(*way.split("-"), blocks=2) for way in ("A-B", "B-C")}
    found = planned(line(request("one", "A-C", "6:00"), request("two", "A-C", "6:00"), sections=blocks))
    # The first clears its first block after 2 + 5 minutes, the second enters it a minute later.
    assert found.objective == pytest.approx(8 * 0.2)


def test_opposing_trains_are_never_in_two_blocks_of_one_section():
    blocks = {"A-B": section("A", "B", blocks=2)}
    found = planned(line(request("up", "A-B", "6:00"), request("down", "B-A", "6:00"), names="AB", sections=blocks))
    # The second leaves a crossing interval after the first has arrived at 6:13.
    assert found.objective == pytest.approx(14 * 0.2)


def test_double_track_with_and_without_bidirectional_working():
    trains = request("one", "A-B", "6:00"), request("two", "A-B", "6:00")
    one_way = planned(line(*trains, names="AB", sections={"A-B": section("A", "B", tracks=2)}))
    both_ways = planned(line(*trains, names="AB", sections={"A-B": section("A", "B", tracks=2, bidirectional=True)}))
    # One way: 4 minutes after the first has arrived at 6:13.
    assert one_way.objective == pytest.approx(17 * 0.2)
    assert both_ways.objective == 0
    assert {path.legs[0].track for path in both_ways.timetable.paths} == {"1", "2"}


def test_waits_overnight_at_the_last_station_before_daylight_running():
    scenario = line(request("up", "A-C", "17:50", later_s=0), daylight=(Daylight("B-C", "", 6 * 3600, 18 * 3600),))
    found = planned(scenario)
    assert times(found, "up") == [("A", "17:50", "17:50"), ("B", "18:03", "30:00"), ("C", "30:13", "30:13")]
    # 12 h 23 min instead of 23 min, all of it its own best: nothing is avoidable.
    assert found.objective == pytest.approx(720 * 0.2)
    assert found.avoidable_objective == 0
    assert found.avoidable_gap == 0


def test_leaves_later_rather_than_wait_under_way_where_that_is_cheaper():
    scenario = line(
        request("up", "A-C", "17:50", later_s=13 * 3600), daylight=(Daylight("B-C", "", 6 * 3600, 18 * 3600),)
    )
    weights = scenario.weights.__class__(late_freight=0.1, journey_freight=0.2)
    found = planned(line(*scenario.requests, daylight=scenario.daylight, weights=weights))
    # Leaving at 5:48 (11 h 58 min late) it passes B at 6:00 and takes its shortest journey.
    assert times(found, "up")[0] == ("A", "29:48", "29:48")
    assert found.objective == pytest.approx(718 * 0.1)


def test_a_fixed_path_stays_and_others_go_around_it():
    def at(text):
        return line().begin_s + clock_s(text)

    calls = (
        FixedCall("C", at("6:00"), at("6:00")),
        FixedCall("B", at("6:12"), at("6:12"), "1"),
        FixedCall("A", at("6:23"), at("6:23"), "2"),
    )
    scenario = line(request("up", "A-C", "6:00"), fixed_paths=(FixedPath("fixed", "freight", calls, "77"),))
    found = planned(scenario)
    assert times(found, "up")[0] == ("A", "6:24", "6:24")
    assert found.objective == pytest.approx(24 * 0.2)
    fixed = path_of(found, "fixed")
    assert fixed.fixed
    assert fixed.number == "77"
    assert [call.track for call in fixed.calls][1:] == ["1", "2"]


def test_a_slow_fixed_path_holds_the_line_as_long_as_it_says():
    def at(text):
        return line().begin_s + clock_s(text)

    calls = (FixedCall("A", at("6:00"), at("6:00")), FixedCall("B", at("6:40"), at("6:40")))
    scenario = line(request("up", "B-A", "6:00"), names="AB", fixed_paths=(FixedPath("fixed", "freight", calls),))
    assert times(planned(scenario), "up")[0] == ("B", "6:41", "6:41")


def test_a_closed_loop_makes_the_meet_impossible_while_it_is_closed():
    scenario = line(request("up", "A-C", "6:00"), request("down", "C-A", "6:00"))
    begin = scenario.begin_s
    shut = Closure("works", station="B", track="2", from_s=begin, until_s=begin + clock_s("7:00"))
    found = planned(line(*scenario.requests, closures=(shut,)))
    assert found.objective == pytest.approx(24 * 0.2)


def test_a_stop_holds_a_track_at_the_ends_for_its_dwell():
    stops = {"A": Stop("A", 600), "C": Stop("C", 300), "B": Stop("B", 120)}
    found = planned(line(request("up", "A-C", "6:00", stops=stops)))
    assert times(found, "up") == [("A", "5:50", "6:00"), ("B", "6:13", "6:15"), ("C", "6:28", "6:33")]
    assert found.objective == 0


def test_windows_of_stops_are_kept():
    stops = {"B": Stop("B", 60, depart_from_s=clock_s("6:30")), "C": Stop("C", 0, arrive_until_s=clock_s("6:44"))}
    found = planned(line(request("up", "A-C", "6:00", stops=stops, later_s=3600)))
    assert path_of(found, "up").calls[1].departure_s == found.scenario.begin_s + clock_s("6:30")
    # 30 + 13 at C; the shortest with its stop takes 13 + 1 + 13: 16 minutes more.
    assert found.objective == pytest.approx(16 * 0.2)


def test_a_longest_journey_keeps_a_train_from_starting_too_early():
    stops = {"B": Stop("B", 60, depart_from_s=clock_s("6:30"))}
    weights = line().weights.__class__(late_freight=1.0, journey_freight=0.2)
    free = planned(line(request("up", "A-C", "6:00", stops=stops), weights=weights))
    tied = planned(line(request("up", "A-C", "6:00", stops=stops, longest_journey_s=30 * 60), weights=weights))
    assert path_of(free, "up").journey_s == 43 * 60
    assert path_of(tied, "up").journey_s == 30 * 60


def test_a_train_may_run_slower_only_as_far_as_the_rules_let_it():
    trains = request("one", "A-B", "6:00"), request("two", "A-B", "6:00")
    scenario = line(*trains, names="AB", rules=Rules(longest_running_factor=1.5))
    for path in planned(scenario).timetable.paths:
        assert path.journey_s == 13 * 60
