"""Uses of a border that planners make: two offices with their own clocks, closures on one side, rakes and bankers.

Worked out by hand. A, B and C keep Karachi's clock, what lies behind them Kabul's, half an hour behind. All times are
Karachi's, counted from the first Monday's midnight, where nothing else is said. A train takes 13 minutes from a stop to
the next one, and 23 with a station passed between.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from planning_lines import BROAD, clock_s, line, path_of, request, station
from planning_yards import HOUR_S, calls, clock, errors, hours, process, proven, refusal, shut, steps, stop

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop, TrainType
from railcap.corridor.yards import AtClose, Banker, LinkKind, TrainLink, YardResource, YardStep
from railcap.operations.check import check_schedule
from railcap.operations.schedule import schedule_from_routes
from railcap.planning.lift import lift
from railcap.planning.plan import Plan
from railcap.planning.settle import settle
from railcap.units import DAY_S

KABUL = "Asia/Kabul"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
EVERY_DAY = frozenset(range(7))
OUT_AND_IN = {**stop("C", "leave"), **stop("D", "enter")}


def in_kabul(*names: str, **more) -> dict:
    """Return stations that keep Kabul's clock."""
    return {name: replace(station(name, **more), time_zone=KABUL) for name in names}


def border(*requests, leave_days=EVERY_DAY, enter_days=EVERY_DAY, **fields) -> Scenario:
    """Return line A - E; at C a train is let out, at D let in, half an hour each, from 8 to 16 o'clock there."""
    stations = {**in_kabul("D", "E"), **fields.pop("stations", {})}
    half_an_hour = 1800
    return line(
        *requests,
        names="ABCDE",
        stations=stations,
        yard_resources={id_: YardResource(id_, place) for id_, place in (("leave", "C"), ("enter", "D"))},
        opening_hours=(hours("leave", "8:00", "16:00", leave_days), hours("enter", "8:00", "16:00", enter_days)),
        processes={
            **process("leave", YardStep("leave", half_an_hour, resource="leave")),
            **process("enter", YardStep("enter", half_an_hour, resource="enter")),
        },
        **fields,
    )


def arrival(found: Plan, name: str) -> str:
    return clock(found, path_of(found, name).arrival_s)


def on(day: int, time: str) -> str:
    """Return a clock time so many days after Monday, its hours going on past 24."""
    hour, minute = time.split(":")
    return f"{24 * day + int(hour)}:{minute}"


# Two processes on one path


@pytest.mark.parametrize(
    ("departure", "begins", "arrives"),
    [
        # D opens at 8:30, and the train comes there at 8:43.
        ("6:00", ("8:00", "8:43"), "9:26"),
        # The last one that both let through: D closes at 16:30.
        ("14:54", ("15:17", "16:00"), "16:43"),
        ("14:55", None, "33:13"),
        # The last one that C lets out, and one that it does not.
        ("15:07", ("15:30", "32:30"), "33:13"),
        ("15:08", ("32:00", "32:43"), "33:26"),
    ],
)
def test_two_offices_let_a_train_through_by_their_own_clocks(departure, begins, arrives):
    scenario = border(request("IN", "A-E", departure, later_s=0, stops=OUT_AND_IN))
    assert errors(scenario) == set()
    found = proven(scenario)
    if begins:
        assert tuple(begin for _, _, begin, _ in steps(found, "IN")) == begins
    assert arrival(found, "IN") == arrives


@pytest.mark.parametrize(
    ("day", "departure", "arrives"),
    [
        # D is closed on Friday.
        (THURSDAY, "14:55", on(SATURDAY, "9:13")),
        (THURSDAY, "14:54", on(THURSDAY, "16:43")),
        # C is closed on Sunday, D is not.
        (SATURDAY, "15:07", on(SUNDAY, "9:13")),
        (SATURDAY, "15:08", on(7, "9:26")),
    ],
)
def test_the_two_sides_have_their_weeks_end_on_other_days(day, departure, arrives):
    scenario = border(
        request("IN", "A-E", departure, later_s=0, weekdays=frozenset({day}), stops=OUT_AND_IN),
        leave_days=EVERY_DAY - {SUNDAY},
        enter_days=EVERY_DAY - {FRIDAY},
        days=7,
        run_out_h=48,
    )
    assert arrival(proven(scenario), "IN") == arrives


# A border closed on one side


TWO_IN = request("IN", "A-E", "6:00", per_day=2, every_s=1800, later_s=0, stops=OUT_AND_IN, mandatory=True)


def closed_on_one_side(resource: str) -> Plan:
    """Plan two trains of Tuesday over a border of which one side works from Friday on, and one back on Wednesday."""
    base = border(
        replace(TWO_IN, weekdays=frozenset({TUESDAY})),
        request("OUT", "E-A", "6:00", later_s=0, weekdays=frozenset({WEDNESDAY}), stops={"C": Stop("C", 1200)}),
        days=3,
        run_out_h=48,
    )
    return proven(replace(base, closures=(shut(base, "24:00", "96:00", yard_resource=resource),)))


def arrivals(found: Plan, name: str) -> list[str]:
    assert found.timetable is not None
    return [clock(found, time_s) for time_s in sorted(p.arrival_s for p in found.timetable.paths if p.request == name)]


@pytest.mark.parametrize(
    ("resource", "arrive"),
    [
        # On Friday at 8:30 and at 9:00 in D, where the second one comes by then; then 13 minutes to E.
        ("enter", [on(FRIDAY, "9:13"), on(FRIDAY, "9:43")]),
        # At 8:00 and 8:30 in C, 13 minutes to D, half an hour there, 13 minutes to E.
        ("leave", [on(FRIDAY, "9:26"), on(FRIDAY, "9:56")]),
    ],
)
def test_a_border_closed_on_one_side_holds_up_those_who_go_through_it_alone(resource, arrive):
    found = closed_on_one_side(resource)
    assert arrivals(found, "IN") == arrive
    # The train back asks for neither. It leaves at 6:00 by E's clock.
    assert calls(found, "OUT") == [
        ("E", on(WEDNESDAY, "6:30"), on(WEDNESDAY, "6:30")),
        ("D", on(WEDNESDAY, "6:42"), on(WEDNESDAY, "6:42")),
        ("C", on(WEDNESDAY, "6:53"), on(WEDNESDAY, "7:13")),
        ("B", on(WEDNESDAY, "7:25"), on(WEDNESDAY, "7:25")),
        ("A", on(WEDNESDAY, "7:36"), on(WEDNESDAY, "7:36")),
    ]


def test_where_the_far_side_has_one_track_the_others_wait_on_the_near_one():
    # The second comes a minute after the first has left.
    one_track = in_kabul("D", tracks=(Track("1", TrackKind.MAIN, 750, BROAD),))
    base = border(TWO_IN, stations=one_track, run_out_h=96)
    found = proven(replace(base, closures=(shut(base, "9:00", "96:00", yard_resource="enter"),)))
    assert arrivals(found, "IN") == [on(FRIDAY, "9:13"), on(FRIDAY, "9:44")]


@pytest.mark.parametrize(
    ("place", "departure", "arrives", "begins"),
    [
        # D is reached after 33 minutes, at 23:30 in time for an hour of work before 0:30, midnight in Kabul.
        ({"station": "D"}, "22:57", "23:30", {"23:30"}),
        ({"station": "D"}, "22:58", "48:30", {"48:30"}),
        # Where the crane alone is closed the train comes in and may wait there, which costs nothing.
        ({"yard_resource": "crane"}, "22:57", "23:30", {"23:30", "48:30"}),
        ({"yard_resource": "crane"}, "22:58", "23:31", {"48:30"}),
    ],
)
def test_a_closed_station_keeps_trains_out_and_a_closed_crane_does_not(place, departure, arrives, begins):
    base = line(
        request("IN", "A-D", departure, later_s=0, stops=stop("D", "unload")),
        names="ABCD",
        stations=in_kabul("D"),
        yard_resources={"crane": YardResource("crane", "D")},
        processes=process("unload", YardStep("unload", HOUR_S, resource="crane")),
        run_out_h=25.5,
    )
    # On Tuesday by Kabul's clock; the horizon ends at 1:30 on Wednesday by Karachi's.
    tuesday = Closure("border", **place, weekdays=frozenset({TUESDAY}), from_of_day_s=0, until_of_day_s=24 * HOUR_S)
    found = proven(replace(base, closures=(tuesday,)))
    assert arrival(found, "IN") == arrives
    assert {one[2] for one in steps(found, "IN")} <= begins


@pytest.mark.parametrize(
    ("at_close", "zone", "begins"),
    [
        # At B at 12:23 on Friday; the break is from 12:30 to 14:00 there, or from 13:00 to 14:30 if Kabul's.
        (AtClose.FINISH, "", "14:00"),
        (AtClose.RUN_OVER, "", "12:23"),
        (AtClose.FINISH, KABUL, "14:30"),
        (AtClose.RUN_OVER, KABUL, "12:23"),
    ],
)
def test_a_break_on_fridays_is_kept_by_the_clock_it_is_written_in(at_close, zone, begins):
    break_ = Closure(
        "prayer",
        yard_resource="office",
        weekdays=frozenset({FRIDAY}),
        from_of_day_s=clock_s("12:30"),
        until_of_day_s=clock_s("14:00"),
        time_zone=zone,
    )
    # Two trains, the other on Thursday, when there is no break. Waiting costs.
    days = frozenset({THURSDAY, FRIDAY})
    found = proven(
        line(
            request("IN", "A-C", "12:10", later_s=0, weekdays=days, stops=stop("B", "check")),
            yard_resources={"office": YardResource("office", "B", at_close=at_close)},
            opening_hours=(hours("office", "6:00", "22:00"),),
            processes=process("check", YardStep("check", HOUR_S, resource="office")),
            closures=(break_,),
            days=5,
        )
    )
    assert found.timetable is not None
    begun = [clock(found, path.calls[1].steps[0].begin_s) for path in found.timetable.paths]
    assert begun == [on(THURSDAY, "12:23"), on(FRIDAY, begins)]


# Links over the border


@pytest.mark.parametrize(
    ("arriving", "departure", "leaving", "later", "train", "leaves"),
    [
        # A - D takes 33 minutes: there at 0:03 on Tuesday, which is Monday in D, as is the train from there at 23:40.
        ("A-D", "23:30", "23:40", 0, "OUT/2026-03-02/1", "24:18"),
        # There at 0:28; the train at 0:10 by D's clock is one of Tuesday.
        ("A-D", "23:55", "0:10", 1, "OUT/2026-03-03/1", "24:43"),
        # From C at 0:01 on Tuesday, there at 0:14, which is Monday in D, as is the train from there at 23:40.
        ("C-D", "0:01", "23:40", -1, "OUT/2026-03-02/1", "24:29"),
    ],
)
def test_a_link_counts_the_days_of_each_train_by_the_clock_where_it_begins(
    arriving, departure, leaving, later, train, leaves
):
    day = TUESDAY if later < 0 else MONDAY
    scenario = line(
        request("IN", arriving, departure, later_s=0, weekdays=frozenset({day})),
        request("OUT", "D-A", leaving),
        names="ABCD",
        stations=in_kabul("D"),
        links=(TrainLink("L", LinkKind.CONNECTION, "IN", "OUT", days_later=later, least_s=900),),
        days=2,
    )
    assert errors(scenario) == set()
    found = proven(scenario)
    assert found.timetable is not None
    assert [clock(found, path.departure_s) for path in found.timetable.paths if path.train == train] == [leaves]


def test_a_train_after_midnight_arrives_on_the_day_before_by_a_clock_behind():
    """From C at 0:05 on Tuesday, in D 13 minutes later, which is 23:48 on Monday there."""

    def night(**fields: object) -> Scenario:
        train = request("NIGHT", "C-D", "0:05", weekdays=frozenset({TUESDAY}), **fields)
        return line(train, names="BCD", stations=in_kabul("D"), days=2)

    def day_before(text: str) -> int:
        return clock_s(text) - DAY_S

    assert errors(night(arrive_until_s=day_before("23:47"))) == {"window-too-tight"}
    assert arrival(proven(night(arrive_until_s=day_before("23:48"))), "NIGHT") == "24:18"
    late = night(stops={"D": Stop("D", arrive_from_s=day_before("23:59"))})
    assert errors(late) == set()
    assert arrival(proven(late), "NIGHT") == "24:29"


@pytest.mark.parametrize(
    ("departure", "turns"),
    [
        # There at 23:59, unloaded until 0:59, back on a track a minute later; loaded until 2:30, which is 2:00 in D.
        ("23:26", ("24:59", "25:00", "26:30")),
        ("23:27", None),
    ],
)
def test_a_rake_is_unloaded_and_loaded_in_one_night_shift_or_not_at_all(departure, turns):
    found = proven(
        line(
            request("IN", "A-D", departure, later_s=0, mandatory=True, stops=stop("D", "unload")),
            request("OUT", "D-A", "23:00", later_s=6 * HOUR_S, stops=stop("D", "load")),
            names="ABCD",
            stations=in_kabul("D"),
            yard_resources={"crane": YardResource("crane", "D")},
            opening_hours=(hours("crane", "22:00", "2:00", frozenset({MONDAY})),),
            processes={
                **process("unload", YardStep("unload", HOUR_S, resource="crane")),
                **process("load", YardStep("load", 5400, resource="crane")),
            },
            links=(TrainLink("L", LinkKind.TURN_ROUND, "IN", "OUT"),),
            run_out_h=8,
        )
    )
    if turns is None:
        assert refusal(found, "OUT").against == ("IN/2026-03-02/1",)
    else:
        unloaded, comes, leaves = turns
        assert steps(found, "IN")[0][3] == unloaded
        assert calls(found, "OUT")[0] == ("D", comes, leaves)


@pytest.mark.parametrize(("departure", "leaves"), [("14:57", "17:15"), ("14:58", "33:30")])
def test_goods_are_reloaded_by_the_hours_of_the_far_side(departure, leaves):
    # IN is at D at 15:30 and unloaded by 16:00. The gang works until 15:45 by D's clock, so that it may sheet OUT's
    # wagons at 16:15, at closing time, when the goods have been there for a quarter of an hour; it opens at 8:30.
    found = proven(
        line(
            request("IN", "A-D", departure, later_s=0, mandatory=True, stops=stop("D", "unload")),
            request("OUT", "D-E", "12:00", later_s=24 * HOUR_S, mandatory=True, stops=stop("D", "load")),
            names="ABCDE",
            stations=in_kabul("D", "E"),
            yard_resources={"crane": YardResource("crane", "D", 2), "gang": YardResource("gang", "D")},
            opening_hours=(hours("crane", "8:00", "17:00"), hours("gang", "8:00", "15:45")),
            processes={
                **process("unload", YardStep("unload", 1800, resource="crane")),
                **process("load", YardStep("sheets", 0, resource="gang"), YardStep("load", HOUR_S, resource="crane")),
            },
            links=(TrainLink("L", LinkKind.TRANSSHIPMENT, "IN", "OUT", least_s=900),),
        )
    )
    assert clock(found, path_of(found, "OUT").departure_s) == leaves


@pytest.mark.parametrize(
    ("stops", "departure", "enters"),
    [
        # The rake is there at 6:13 on Monday and comes onto its track a minute later, at most three days before it
        # leaves on Thursday, or three days and the hour in which it is loaded.
        ({}, "6:14", "6:14"),
        ({}, "6:15", None),
        (stop("B", "load"), "7:14", "6:14"),
        (stop("B", "load"), "7:15", None),
    ],
)
def test_a_rake_waits_for_three_days_at_most(stops, departure, enters):
    found = proven(
        line(
            request("IN", "A-B", "6:00", later_s=0, weekdays=frozenset({MONDAY})),
            request("OUT", "B-A", departure, later_s=0, weekdays=frozenset({THURSDAY}), stops=stops),
            links=(TrainLink("L", LinkKind.TURN_ROUND, "IN", "OUT", days_later=3),),
            processes=process("load", YardStep("load", HOUR_S)),
            days=4,
        )
    )
    if enters:
        assert calls(found, "OUT")[0] == ("B", enters, on(THURSDAY, departure))
    else:
        assert "turn_round L" in refusal(found, "OUT").reason


@pytest.mark.parametrize("window", ["arrive_from_s", "depart_from_s"])
def test_the_window_of_a_stop_is_by_the_clock_of_its_station(window):
    # From 7:00 on in C, which keeps Kabul's clock.
    stops = {"C": Stop("C", **{window: clock_s("7:00")})}
    found = proven(line(request("IN", "A-D", "6:00", later_s=0, stops=stops), names="ABCD", stations=in_kabul("C")))
    assert calls(found, "IN")[2][2] == "7:30"
    assert arrival(found, "IN") == "7:43"


# Bankers


def ramp(*requests, longest_s=1800, home=None, **fields) -> Scenario:
    """Return line A - D with a banker from B, where it is at home and the clock is Kabul's, to C."""
    light = TrainType("light", "Light engine", "freight", 20, 60, 1676, 60, 60)
    scenario = line(
        *requests,
        names="ABCD",
        stations={"B": home} if home else in_kabul("B"),
        bankers=(Banker("ramp", "B", "C", frozenset({"freight"}), "light", 1, 300, longest_s),),
        **fields,
    )
    return replace(scenario, train_types={**scenario.train_types, "light": light})


HELPED = {"B": Stop("B", 60), "C": Stop("C", 60)}


@pytest.mark.parametrize(
    ("departure", "longest_s", "arrives", "back"),
    [
        # Daylight ends at 18:00 by the clock of B. A train leaves B 14 minutes after A and takes 13 to C; five minutes
        # later its engine goes back, in 12 minutes.
        ("17:46", 1800, "18:27", "18:30"),
        ("17:47", 1800, "30:57", "31:00"),
        # Where the engine may wait at C over night the train goes on.
        ("17:47", 86400, "18:28", "30:42"),
        ("18:03", 86400, "18:44", "30:42"),
        ("18:04", 86400, "30:57", "31:00"),
    ],
)
def test_a_banker_must_be_home_by_dusk_by_the_clock_of_its_home(departure, longest_s, arrives, back):
    scenario = ramp(
        request("UP", "A-D", departure, later_s=0, stops=HELPED), longest_s=longest_s, daylight=(Daylight("B-C"),)
    )
    assert errors(scenario) == set()
    found = proven(scenario)
    assert arrival(found, "UP") == arrives
    assert arrival(found, "ramp") == back


def test_the_next_train_waits_for_an_engine_that_stays_away_over_night():
    # The first is at B at 18:00 and goes on at 18:01. Its engine is back at 6:42, and a minute later the second goes.
    found = proven(
        ramp(
            request("UP", "A-D", "17:47", per_day=2, every_s=1200, later_s=0, stops=HELPED, mandatory=True),
            longest_s=86400,
            daylight=(Daylight("B-C"),),
        )
    )
    assert arrivals(found, "UP") == ["18:28", "31:10"]
    assert arrivals(found, "ramp")[0] == "30:42"


def test_engines_go_back_as_early_as_the_trains_let_them():
    # The trains go up from 6:14 to 6:27 and from 6:31 to 6:44. The first engine can leave at 6:32 and must let the
    # second train by, a minute for the meet; the other follows it when it has been at home for four minutes.
    scenario = ramp(
        request("UP", "A-D", "6:00", per_day=2, every_s=17 * 60, later_s=0, stops=HELPED, mandatory=True),
        longest_s=86400,
    )
    found = proven(replace(scenario, bankers=tuple(replace(one, engines=2) for one in scenario.bankers)))
    assert found.cost is not None
    assert found.cost.whole.total == 0
    assert found.result.schedule is not None
    problem, routes = found.compiled.problem, found.result.schedule.routes(found.compiled.problem)
    for index, train in enumerate(found.compiled.trains):
        if train.light_for:
            entry, *rest = routes[index] or []
            depart_s = scenario.begin_s + clock_s("9:00" if train.light_for.endswith("1") else "10:00")
            routes[index] = [entry, *((op, time_s + depart_s - rest[0][1]) for op, time_s in rest)]
    late = schedule_from_routes(problem, routes)
    assert check_schedule(problem, late) == []
    soon = settle(found.compiled, late)
    assert check_schedule(problem, soon) == []
    back = lift(found.compiled, soon)
    assert arrivals(replace(found, timetable=back), "UP") == ["6:41", "6:58"]
    assert arrivals(replace(found, timetable=back), "ramp") == ["6:57", "7:13"]


def test_a_train_with_two_bankers_needs_both_back():
    # At 6:32 the first of the two goes back, from 6:44 to 6:48 the section waits for the other one, which is at home at
    # 7:00.
    scenario = ramp(
        request("UP", "A-D", "6:00", per_day=2, every_s=1200, later_s=0, stops=HELPED, mandatory=True), run_out_h=-15
    )
    (one,) = scenario.bankers
    found = proven(replace(scenario, bankers=(one, replace(one, id="second"))))
    assert arrivals(found, "UP") == ["6:41", "7:28"]
    assert sorted(arrivals(found, "ramp")[:1] + arrivals(found, "second")[:1]) == ["6:44", "7:00"]


def test_a_train_whose_banker_is_never_home_by_dusk_cannot_run():
    # As above, but it may not wait for the morning.
    late = request("UP", "A-D", "17:47", later_s=0, stops=HELPED, longest_journey_s=2 * HOUR_S)
    found = proven(ramp(late, daylight=(Daylight("B-C"),)))
    assert refusal(found, "UP").proof
    assert "its banker ramp cannot come back: the closure of section B-C" in refusal(found, "UP").reason


@pytest.mark.parametrize(("longest_s", "back"), [(1800, None), (2 * HOUR_S, "7:40")])
def test_an_engine_needs_a_track_to_go_back_from(longest_s, back):
    # The train stands on the only track of C from 6:27 to 7:27; the engine leaves from there a minute later.
    scenario = ramp(
        request("UP", "A-D", "6:00", later_s=0, stops={**HELPED, **stop("C", "check")}),
        processes=process("check", YardStep("check", HOUR_S)),
        longest_s=longest_s,
        run_out_h=-15,
    )
    single = station("C", tracks=(Track("1", TrackKind.MAIN, 750, BROAD),))
    network = replace(scenario.network, stations={**scenario.network.stations, "C": single})
    found = proven(replace(scenario, network=network))
    if back:
        assert arrival(found, "ramp") == back
    else:
        assert "either its banker ramp finds no way back in time" in refusal(found, "UP").reason


@pytest.mark.parametrize(
    ("where", "leaves"),
    [
        # At C the engine leaves a train that arrives at 6:27, whatever that undergoes there; it is back at 6:44.
        ("C", ["6:14", "6:45"]),
        # At B it is not out before a train leaves, at 6:43 after half an hour; it is back at 7:13.
        ("B", ["6:43", "7:14"]),
    ],
)
def test_an_engine_is_out_from_departure_to_arrival_whatever_a_train_undergoes(where, leaves):
    found = proven(
        ramp(
            request("UP", "A-D", "6:00", per_day=2, every_s=1200, later_s=0, stops={**HELPED, **stop(where, "check")}),
            processes=process("check", YardStep("check", 1800)),
            run_out_h=-15,
        )
    )
    assert found.timetable is not None
    ups = [path for path in found.timetable.paths if path.request == "UP"]
    assert sorted(clock(found, path.calls[1].departure_s) for path in ups) == leaves


def test_trains_loaded_at_the_home_of_the_bankers_wait_there_for_one():
    # All wish to leave at six. An engine is back 30 minutes after it has left, 13, 5 and 12, and one more for the meet.
    home = station("B", tracks=tuple(Track(str(n), TrackKind.MAIN, 750, BROAD) for n in range(4)))
    stops = {**HELPED, **stop("B", "load")}
    found = proven(
        ramp(
            request("UP", "B-D", "6:00", per_day=3, every_s=60, later_s=3 * HOUR_S, stops=stops),
            home=home,
            processes=process("load", YardStep("load", HOUR_S)),
            run_out_h=-15,
        )
    )
    assert found.timetable is not None
    ups = [path for path in found.timetable.paths if path.request == "UP"]
    assert sorted(clock(found, path.departure_s) for path in ups) == ["6:00", "6:31", "7:02"]
