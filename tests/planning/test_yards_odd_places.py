"""Processes where they are easily got wrong: at turns, on a single track, without length, while tracks are closed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planning_lines import BROAD, clock_s, line, path_of, request, station
from planning_yards import HOUR_S, calls, clock, errors, hours, process, proven, refusal, shut, steps, stop, tracks

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop
from railcap.corridor.yards import AtClose, LinkKind, TrainLink, YardResource, YardStep

# Where trains turn, and where they come twice


def test_a_train_is_served_where_it_turns_back():
    scenario = line(
        request("X", "A-B", "6:00", vias=("C",), stops=stop("C", "check")),
        processes=process("check", YardStep("check", HOUR_S)),
    )
    assert errors(scenario) == set()
    found = proven(scenario)
    # It passes B, stands an hour at C and ends at B, and that is its shortest journey.
    assert calls(found, "X") == [
        ("A", "6:00", "6:00"),
        ("B", "6:12", "6:12"),
        ("C", "6:23", "7:23"),
        ("B", "7:36", "7:36"),
    ]
    assert found.cost is not None
    assert found.cost.whole.total == 0


def test_a_train_that_comes_to_a_yard_twice_is_served_twice():
    scenario = line(
        request("X", "A-B", "6:00", vias=("C",), stops={**stop("B", "check"), "C": Stop("C")}),
        processes=process("check", YardStep("check", 1800, resource="staff")),
        yard_resources={"staff": YardResource("staff", "B")},
    )
    assert errors(scenario) == set()
    found = proven(scenario)
    assert calls(found, "X") == [
        ("A", "6:00", "6:00"),
        ("B", "6:13", "6:43"),
        ("C", "6:56", "6:56"),
        ("B", "7:09", "7:39"),
    ]
    assert [(begin, end) for _, _, begin, end in steps(found, "X")] == [("6:13", "6:43"), ("7:09", "7:39")]
    assert found.cost is not None
    assert found.cost.whole.total == 0


def test_a_train_comes_back_to_a_yard_with_one_track_and_one_man():
    # It is the only one that holds them, so nothing keeps it from coming back.
    scenario = line(
        request("X", "B-C", "6:00", vias=("A",), stops={**stop("B", "check"), "A": Stop("A")}),
        stations={"B": station("B", tracks=(Track("1", TrackKind.MAIN, 750, BROAD),))},
        processes=process("check", YardStep("check", 600, resource="staff")),
        yard_resources={"staff": YardResource("staff", "B")},
    )
    found = proven(scenario)
    assert [(begin, end) for _, _, begin, end in steps(found, "X")] == [("5:50", "6:00"), ("6:26", "6:36")]


# A single track


def test_at_a_place_with_a_single_track_one_train_is_served_after_the_other():
    both = stop("B", "check")
    scenario = line(
        request("UP", "A-C", "6:00", stops=both, later_s=0),
        request("DOWN", "C-A", "6:00", stops=both),
        stations={"B": station("B", tracks=(Track("1", TrackKind.MAIN, 750, BROAD),))},
        processes=process("check", YardStep("check", 1800)),
    )
    found = proven(scenario)
    assert calls(found, "UP") == [("A", "6:00", "6:00"), ("B", "6:13", "6:43"), ("C", "6:56", "6:56")]
    # The other may enter the line a minute after that.
    assert calls(found, "DOWN") == [("C", "6:57", "6:57"), ("B", "7:10", "7:40"), ("A", "7:53", "7:53")]


# Closures and hours that touch


@pytest.mark.parametrize(("again", "begins"), [("8:00", "10:00"), ("8:01", "8:00"), ("7:00", "10:00")])
def test_closures_that_touch_leave_no_instant_between_them(again, begins):
    base = line(
        request("IN", "A-C", "6:00", stops=stop("B", "enter"), later_s=0),
        yard_resources={"customs": YardResource("customs", "B")},
        processes=process("enter", YardStep("papers", 0, resource="customs"), YardStep("walk", 600)),
    )
    closures = (
        shut(base, "6:00", "8:00", yard_resource="customs"),
        replace(shut(base, again, "10:00", yard_resource="customs"), id="more works"),
    )
    found = proven(replace(base, closures=closures))
    # Ten minutes for the walk and 13 to C.
    assert path_of(found, "IN").arrival_s == base.begin_s + clock_s(begins) + (10 + 13) * 60


def test_hours_that_touch_at_midnight_are_one_opening():
    found = proven(
        line(
            request("IN", "A-C", "22:00", stops=stop("B", "check"), later_s=0),
            yard_resources={"customs": YardResource("customs", "B")},
            opening_hours=(hours("customs", "22:00", "24:00"), hours("customs", "0:00", "2:00")),
            processes=process("check", YardStep("check", 3 * HOUR_S, resource="customs")),
        )
    )
    assert steps(found, "IN")[0][2:] == ("22:13", "25:13")


# Two tracks


def test_two_trains_that_need_each_others_track_do_so_one_after_the_other():
    # DOWN is on K from 6:13 to 6:23 and then on 1 to 6:33. UP can be on K a minute after that, a minute later than it
    # could come, and on 1 at 6:34; then it goes back to K, which nobody has had since.
    found = proven(
        line(
            request("UP", "A-C", "6:00", stops=stop("C", "one, K"), mandatory=True),
            request("DOWN", "D-C", "6:00", stops=stop("C", "K, one"), later_s=0, mandatory=True),
            names="ABCD",
            stations={"C": station("C", tracks=tracks("1", "K"), simultaneous_reception=True)},
            processes={
                **process("one, K", YardStep("a", 600, tracks=("1",)), YardStep("b", 600, tracks=("K",))),
                **process("K, one", YardStep("c", 600, tracks=("K",)), YardStep("d", 600, tracks=("1",))),
            },
            run_out_h=-17.1,
        )
    )
    # The horizon ends at 6:54.
    assert steps(found, "DOWN") == [("c", "K", "6:13", "6:23"), ("d", "1", "6:23", "6:33")]
    assert path_of(found, "UP").calls[-1].track == "K"
    assert clock(found, path_of(found, "UP").arrival_s) == "6:24"
    assert steps(found, "UP") == [("a", "1", "6:34", "6:44"), ("b", "K", "6:44", "6:54")]


# Steps without length


def test_a_step_without_length_waits_for_its_hours():
    chain = process("enter", YardStep("papers", 0, resource="customs"), YardStep("unload", HOUR_S))
    found = proven(
        line(
            request("IN", "A-C", "6:00", stops=stop("C", "enter")),
            yard_resources={"customs": YardResource("customs", "C")},
            opening_hours=(hours("customs", "8:00", "8:30"),),
            processes=chain,
            run_out_h=-14.5,
        )
    )
    # The horizon ends at 9:30, so that the papers cannot be later than 8:30, and not earlier than 8:00.
    (_, _, papers, _), (_, _, unload, done) = steps(found, "IN")
    assert "8:00" <= papers <= "8:30"
    assert papers <= unload
    assert done <= "9:30"


@pytest.mark.parametrize(("end", "runs"), [("7:24", True), ("7:23", False)])
def test_a_step_without_length_needs_an_instant_between_two_others(end, runs):
    # The man unloads FIRST from 6:23 to 7:23 without a pause. SECOND comes at 6:33; he may look at its papers when he
    # has done, not before. Then it walks for a minute, on a track that is closed from `end` on.
    base = line(
        request("FIRST", "A-C", "6:00", stops=stop("C", "unload"), later_s=0, mandatory=True),
        request("SECOND", "D-C", "6:20", stops=stop("C", "look"), later_s=0),
        names="ABCD",
        stations={"C": station("C", tracks=tracks("1", "2"), simultaneous_reception=True)},
        yard_resources={"man": YardResource("man", "C")},
        opening_hours=(hours("man", "6:23", "7:23"),),
        processes={
            **process("unload", YardStep("unload", HOUR_S, resource="man")),
            **process("look", YardStep("look", 0, resource="man"), YardStep("walk", 60, tracks=("2",))),
        },
        run_out_h=-12,
    )
    found = proven(replace(base, closures=(shut(base, end, "24:00", station="C", track="2"),)))
    assert found.timetable is not None
    assert ("SECOND" in {path.request for path in found.timetable.paths}) is runs
    if runs:
        assert [one[2] for one in steps(found, "SECOND")] == ["7:23", "7:23"]


def test_a_process_that_takes_no_time_is_an_error():
    scenario = line(
        request("IN", "A-C", "6:00", stops=stop("C", "nothing")),
        processes=process("nothing", YardStep("a", 0), YardStep("b", 0)),
    )
    assert errors(scenario) == {"no-time"}


# Tracks that are closed


def test_a_step_waits_until_a_track_for_it_is_open_again():
    base = line(
        request("IN", "A-C", "6:00", stops=stop("C", "unload")),
        stations={"C": station("C", tracks=tracks("1", "K", "L"))},
        processes=process("unload", YardStep("unload", HOUR_S, tracks=("K", "L"))),
        run_out_h=-14,
    )
    shuts = (shut(base, "6:00", "9:00", station="C", track="K"), shut(base, "6:00", "12:00", station="C", track="L"))
    found = proven(replace(base, closures=shuts))
    # It arrives at 6:23 on track 1 and must be done by ten o'clock.
    assert steps(found, "IN") == [("unload", "K", "9:00", "10:00")]
    assert path_of(found, "IN").calls[-1].track == "1"


@pytest.mark.parametrize(
    ("brakes", "departure", "begin"),
    [((), "10:00", "9:00"), (("K",), "10:10", "9:00"), (("1",), "8:00", None)],
)
def test_a_train_loaded_before_a_closure_must_be_off_the_track_by_then(brakes, departure, begin):
    # Track K is closed from 6:00 to 9:00, the train wishes to leave at 8:00. It stands on K until a step that must be
    # done elsewhere begins; without one it is loaded after the closure.
    chain = [YardStep("load", HOUR_S, tracks=("K",))]
    if brakes:
        chain.append(YardStep("brakes", 600, tracks=brakes))
    base = line(
        request("OUT", "C-A", "8:00", later_s=3 * HOUR_S, stops=stop("C", "load")),
        stations={"C": station("C", tracks=tracks("1", "K"))},
        processes=process("load", *chain),
    )
    found = proven(replace(base, closures=(shut(base, "6:00", "9:00", station="C", track="K"),)))
    assert clock(found, path_of(found, "OUT").departure_s) == departure
    load, *others = steps(found, "OUT")
    if begin:
        assert load[2] == begin
    else:
        assert load[3] <= others[0][2] <= "6:00"
        assert others[0][1] == "1"


@pytest.mark.parametrize("way", ["A-C", "C-A"])
def test_a_refusal_names_the_track_that_is_closed_and_not_the_crane_that_is_not(way):
    base = line(
        request("X", way, "8:00", later_s=0, stops=stop("C", "work")),
        stations={"C": station("C", tracks=tracks("1"))},
        processes=process("work", YardStep("work", HOUR_S, resource="crane")),
        yard_resources={"crane": YardResource("crane", "C")},
    )
    for_ever = replace(shut(base, "0:00", "1:00", station="C"), from_s=0, until_s=2**31)
    found = proven(replace(base, closures=(for_ever,)))
    assert refusal(found, "X").proof
    assert "track 1 at Station C" in refusal(found, "X").reason
    assert "crane" not in refusal(found, "X").reason


def test_a_refusal_names_the_crane_that_is_closed():
    found = proven(
        line(
            request("X", "C-A", "8:00", later_s=0, stops=stop("C", "work")),
            processes=process("work", YardStep("work", HOUR_S, resource="crane")),
            yard_resources={"crane": YardResource("crane", "C")},
            opening_hours=(hours("crane", "8:00", "8:30"),),
        )
    )
    assert refusal(found, "X").proof
    assert "closed time of crane" in refusal(found, "X").reason


# Origins


@pytest.mark.parametrize(("departure", "runs"), [("7:00", True), ("7:01", False)])
def test_a_train_is_loaded_three_days_before_it_leaves_at_most(departure, runs):
    # It may be on its track three days and an hour before seven o'clock on Monday: on Friday at six, when the only hour
    # of the crane begins.
    scenario = line(
        request("OUT", "C-A", departure, later_s=0, stops=stop("C", "load")),
        processes=process("load", YardStep("load", HOUR_S, resource="crane")),
        yard_resources={"crane": YardResource("crane", "C")},
        opening_hours=(hours("crane", "6:00", "7:00", frozenset({4})),),
    )
    found = proven(scenario)
    assert found.timetable is not None
    assert bool(found.timetable.paths) is runs
    if runs:
        assert steps(found, "OUT")[0][2] == "-66:00"
    else:
        assert refusal(found, "OUT").proof


@pytest.mark.parametrize(("least_h", "departure"), [(0, "9:00"), (3, "9:23")])
def test_a_rake_waits_on_its_track_to_be_loaded(least_h, departure):
    # It arrives at 6:23, comes onto its track as the train back a minute later, and is loaded when the crane opens.
    scenario = line(
        request("IN", "A-C", "6:00", later_s=0),
        request("OUT", "C-A", "7:00", later_s=5 * HOUR_S, stops=stop("C", "load")),
        yard_resources={"crane": YardResource("crane", "C")},
        opening_hours=(hours("crane", "8:00", "9:00"),),
        processes=process("load", YardStep("load", HOUR_S, resource="crane")),
        links=(TrainLink("L", LinkKind.TURN_ROUND, "IN", "OUT", least_s=least_h * HOUR_S),),
    )
    assert errors(scenario) == set()
    found = proven(scenario)
    assert calls(found, "OUT")[0] == ("C", "6:24", departure)
    assert [(begin, end) for _, _, begin, end in steps(found, "OUT")] == [("8:00", "9:00")]


def test_a_rake_that_must_be_loaded_elsewhere_changes_its_track():
    found = proven(
        line(
            request("IN", "A-C", "6:00", later_s=0),
            request("OUT", "C-A", "7:00", later_s=5 * HOUR_S, stops=stop("C", "load")),
            stations={"C": station("C", tracks=tracks("K", "1"))},
            yard_resources={"crane": YardResource("crane", "C")},
            opening_hours=(hours("crane", "8:00", "9:00"),),
            processes=process("load", YardStep("load", HOUR_S, resource="crane", tracks=("K",))),
            links=(TrainLink("L", LinkKind.TURN_ROUND, "IN", "OUT"),),
        )
    )
    assert calls(found, "OUT")[0] == ("C", "6:24", "9:00")
    assert steps(found, "OUT") == [("load", "K", "8:00", "9:00")]


def reloading(out: str, **link) -> Scenario:
    """Return a train that is unloaded from 6:23 to 7:23 and one that is loaded with that for half an hour."""
    return line(
        request("IN", "A-C", "6:00", later_s=0, stops=stop("C", "unload")),
        request("OUT", "C-A", out, later_s=8 * HOUR_S, stops=stop("C", "load")),
        stations={"C": station("C", tracks=tracks("1", "2"))},
        yard_resources={"crane": YardResource("crane", "C")},
        processes={
            **process("unload", YardStep("unload", HOUR_S, resource="crane")),
            **process("load", YardStep("load", 1800, resource="crane")),
        },
        links=(TrainLink("L", LinkKind.TRANSSHIPMENT, "IN", "OUT", **link),),
        run_out_h=0,
    )


def test_goods_are_loaded_after_they_were_unloaded():
    scenario = reloading("6:00", least_s=1800)
    assert errors(scenario) == set()
    found = proven(scenario)
    # The second train is not on a track before it is loaded.
    assert calls(found, "OUT")[0] == ("C", "7:53", "8:23")


def test_goods_that_must_not_lie_long_are_loaded_in_time_and_stand_until_the_train_leaves():
    found = proven(reloading("12:00", longest_s=HOUR_S))
    begin = steps(found, "OUT")[0][2]
    assert "7:23" <= begin <= "8:23"
    assert calls(found, "OUT")[0] == ("C", begin, "12:00")


# Names, and which track, and when


def test_a_resource_may_be_named_like_another_with_a_word_more():
    # Each serves one train at a time. The crane must begin in its hours; what is called after it is always open.
    found = proven(
        line(
            request("IN", "A-C", "6:00", later_s=0, per_day=2, every_s=1200, stops=stop("C", "unload")),
            request("OTHER", "D-C", "6:30", later_s=0, stops=stop("C", "lift")),
            names="ABCD",
            stations={"C": station("C", tracks=tracks("1", "2", "3"), simultaneous_reception=True)},
            yard_resources={
                "crane": YardResource("crane", "C", at_close=AtClose.RUN_OVER),
                "crane begin": YardResource("crane begin", "C"),
            },
            opening_hours=(hours("crane", "6:00", "7:00"),),
            processes={
                **process("unload", YardStep("unload", HOUR_S, resource="crane begin")),
                **process("lift", YardStep("lift", HOUR_S, resource="crane")),
            },
            run_out_h=24 - 39.6,
        )
    )
    assert found.timetable is not None
    # The horizon ends at 8:24.
    by_begin = sorted((step.begin_s, step.resource) for path in found.timetable.paths for step in path.calls[-1].steps)
    assert [resource for _, resource in by_begin] == ["crane begin", "crane", "crane begin"]
    assert clock(found, by_begin[0][0]) in ("6:23", "6:24")
    assert "6:43" <= clock(found, by_begin[1][0]) <= "7:00"
    assert clock(found, by_begin[2][0]) in ("7:23", "7:24")


def test_a_train_comes_back_to_the_track_that_it_has_just_left():
    # IN stands on 1 or 2 until 6:53, is weighed on K in an instant, and goes back at once. UP comes a minute later,
    # when the track that IN has left is not yet free for others.
    chain = process(
        "weigh",
        YardStep("check", 1800, tracks=("1", "2")),
        YardStep("weigh", 0, resource="scale", tracks=("K",)),
        YardStep("seal", 1800, resource="gang", tracks=("1", "2")),
    )
    found = proven(
        line(
            request("IN", "A-C", "6:00", stops=stop("C", "weigh"), mandatory=True, later_s=0),
            request("UP", "D-C", "6:41", stops={"C": Stop("C", 1800)}, mandatory=True, later_s=0),
            names="ABCD",
            stations={"C": station("C", tracks=tracks("1", "2", "K"), simultaneous_reception=True)},
            yard_resources={name: YardResource(name, "C") for name in ("scale", "gang")},
            opening_hours=(hours("scale", "6:30", "6:53"), hours("gang", "6:53", "7:23")),
            processes=chain,
            rules=Rules(track_release_s=120),
        )
    )
    check, weigh, seal = steps(found, "IN")
    assert (weigh[1], weigh[2]) == ("K", "6:53")
    assert check[1] == seal[1] != path_of(found, "UP").calls[-1].track


def test_trains_are_loaded_late_around_a_step_without_length():
    # To either side, LOAD at 12:00 and LOOK at 12:01. The man looks at LOOK's papers in an instant, half an hour before
    # it leaves, and not while he loads LOAD, so that he does so before.
    found = proven(
        line(
            request("LOAD", "C-A", "12:00", later_s=0, stops=stop("C", "load")),
            request("LOOK", "C-D", "12:01", later_s=0, stops=stop("C", "look")),
            names="ABCD",
            stations={"C": station("C", tracks=tracks("1", "2"))},
            yard_resources={"man": YardResource("man", "C")},
            processes={
                **process("load", YardStep("load", HOUR_S, resource="man")),
                **process("look", YardStep("look", 0, resource="man"), YardStep("walk", 1800)),
            },
        )
    )
    assert steps(found, "LOOK")[0][2] == "11:31"
    assert [one[2:] for one in steps(found, "LOAD")] == [("10:31", "11:31")]


def test_a_refusal_for_a_link_names_the_link():
    # OUT must leave at noon, and a connection of an hour at most does not reach IN. Both could run alone.
    found = proven(
        line(
            request("IN", "A-C", "6:00", later_s=0, value=1),
            request("OUT", "C-A", "12:00", later_s=0, mandatory=True),
            links=(TrainLink("L", LinkKind.CONNECTION, "IN", "OUT", longest_s=HOUR_S, refuse=False),),
        )
    )
    assert refusal(found, "IN").against == ("OUT/2026-03-02/1",)
    assert "connection L" in refusal(found, "IN").reason
    assert not refusal(found, "IN").proof


def test_a_step_that_may_run_over_begins_at_closing_time():
    found = proven(
        line(
            request("IN", "A-C", "6:00", later_s=0, stops=stop("C", "unload")),
            yard_resources={"crane": YardResource("crane", "C", at_close=AtClose.RUN_OVER)},
            opening_hours=(hours("crane", "5:00", "6:23"),),
            processes=process("unload", YardStep("unload", HOUR_S, resource="crane")),
            run_out_h=-12,
        )
    )
    assert [(begin, end) for _, _, begin, end in steps(found, "IN")] == [("6:23", "7:23")]
