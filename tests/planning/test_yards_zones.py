"""Clocks of half an hour's difference, hours over midnight, weeks' ends and borders closed for days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning_lines import line, path_of, request, station
from planning_yards import proven

from railcap.corridor.expand import train_requests
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop
from railcap.corridor.yards import AtClose, OpeningHours, YardProcess, YardResource, YardStep
from railcap.operations.problem import OperationsProblem
from railcap.planning.check import check_timetable
from railcap.planning.compile import compile_scenario
from railcap.planning.cost import cost_report
from railcap.planning.plan import Plan
from railcap.planning.timetable import Call, Timetable

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
OFFSETS_S = {"UTC": 0, "Asia/Kabul": 16200, "Asia/Karachi": 18000}
MONDAY = date(2026, 3, 2)
MONDAY_S = 1772409600
"""Its midnight in UTC."""
LONG_AGO_S = MONDAY_S - 4 * DAY_S + 12 * HOUR_S
"""Before any train may be on a track."""


@dataclass(frozen=True)
class Train:
    """A train of the line A - B - C; instants and times in seconds, instants from Monday's midnight in UTC on."""

    way: str
    departure: int
    later: int
    process: str
    arrive_until: int | None


@dataclass(frozen=True)
class Weekly:
    """A time of each of some days of the week, in UTC, and in whose clock it is written (empty: the place's)."""

    days: frozenset[int]
    begin: int
    length: int
    zone: str = ""


@dataclass(frozen=True)
class Week:
    """A week on the line, in UTC: trains, opening hours by yard resource, closures by what they close, daylight."""

    trains: tuple[Train, ...]
    hours: tuple[tuple[str, Weekly], ...]
    closures: tuple[tuple[tuple[tuple[str, str], ...], Weekly], ...]
    daylight: bool
    at_close: AtClose
    step_min: int


def written(week: Week, zones: Mapping[str, str], home: str) -> Scenario:
    """Return a week as a scenario in which every station, and the whole, has a clock of its own."""

    def clocks(one: Weekly, place: str) -> tuple[int, int, frozenset[int]]:
        """Return begin, end and days of a weekly time by a place's clock."""
        begin = one.begin + OFFSETS_S[one.zone or zones[place]]
        days = frozenset((day + begin // DAY_S) % 7 for day in one.days)
        return begin % DAY_S, (begin + one.length) % DAY_S, days

    places = {"crane": "C", "customs": "B"}
    hours = []
    for resource, one in week.hours:
        begin, end, days = clocks(one, places[resource])
        hours.append(OpeningHours(resource, begin, end, days, one.zone))
    closures = []
    for number, (what, one) in enumerate(week.closures):
        closed = dict(what)
        place = places.get(closed.get("yard_resource", ""), closed.get("station", closed.get("section", ""))[:1])
        begin, end, days = clocks(one, place)
        closures.append(
            Closure(
                f"c{number}",
                **closed,
                weekdays=days,
                from_of_day_s=begin,
                until_of_day_s=end,
                time_zone=one.zone,
            )
        )
    day = OFFSETS_S[zones["A"]]
    base = line(
        *(_asked(f"T{number}", train, zones) for number, train in enumerate(week.trains)),
        yard_resources={id_: YardResource(id_, place, at_close=week.at_close) for id_, place in places.items()},
        opening_hours=tuple(hours),
        processes={id_: YardProcess(id_, (YardStep(id_, MINUTE_S * week.step_min, resource=id_),)) for id_ in places},
        closures=tuple(closures),
        daylight=(Daylight("A-B", "", HOUR_S + day, 13 * HOUR_S + day),) if week.daylight else (),
        start=MONDAY - timedelta(days=1),
        days=6,
        run_out_h=24 + OFFSETS_S[home] / HOUR_S,
        time_zone=home,
    )
    stations = {id_: replace(one, time_zone=zones[id_]) for id_, one in base.network.stations.items()}
    return replace(base, network=replace(base.network, stations=stations))


def _asked(name: str, train: Train, zones: Mapping[str, str]) -> PathRequest:
    origin, destination = train.way
    day, departure = divmod(train.departure + OFFSETS_S[zones[origin]], DAY_S)
    until = None
    if train.arrive_until is not None:
        until = train.arrive_until + OFFSETS_S[zones[destination]] - day * DAY_S
    place = {"": "", "crane": "C", "customs": "B"}[train.process]
    on = MONDAY + timedelta(days=day)
    return PathRequest(
        name,
        "freight",
        origin,
        destination,
        departure,
        later_s=train.later,
        first_day=on,
        last_day=on,
        stops={place: Stop(place, process=train.process)} if place else {},
        value=3,
        arrive_until_s=until,
    )


def minutes(least: int, most: int, step: int = 10) -> st.SearchStrategy[int]:
    return st.integers(least // step, most // step).map(lambda steps: MINUTE_S * step * steps)


ZONES = st.sampled_from(sorted(OFFSETS_S))
WEEKLY = st.builds(
    Weekly,
    st.frozensets(st.integers(0, 6), min_size=4),
    minutes(0, 1430),
    minutes(60, 720),
    st.one_of(st.just(""), ZONES),
)
SHUT = st.builds(Weekly, st.frozensets(st.integers(0, 6), min_size=1), minutes(0, 1430), minutes(10, 300))
PLACES = st.sampled_from(
    [
        (("section", "A-B"),),
        (("section", "B-C"),),
        (("station", "B"), ("track", "2")),
        (("station", "C"), ("track", "1")),
        (("yard_resource", "crane"),),
        (("yard_resource", "customs"),),
    ]
)


@st.composite
def trains(draw: st.DrawFn) -> Train:
    departure = draw(minutes(0, 3 * 1440))
    until = draw(st.one_of(st.none(), minutes(360, 720)))
    return Train(
        draw(st.sampled_from(["AC", "AC", "CA", "BC"])),
        departure,
        draw(minutes(0, 480, 60)),
        draw(st.sampled_from(["", "crane", "customs", "customs"])),
        None if until is None else departure + until,
    )


WEEKS = st.builds(
    Week,
    st.lists(trains(), min_size=2, max_size=3).map(tuple),
    st.lists(st.tuples(st.sampled_from(["crane", "customs"]), WEEKLY), min_size=1, max_size=3).map(tuple),
    st.lists(st.tuples(PLACES, SHUT), max_size=2).map(tuple),
    st.booleans(),
    st.sampled_from(list(AtClose)),
    st.sampled_from([20, 60, 150]),
)


def anonymous(problem: OperationsProblem) -> str:
    """Return a problem as text, without the dates in the names of trains and what is closed long before they run."""
    resources = {
        name: replace(
            one, closures=tuple((max(begin, LONG_AGO_S), end) for begin, end in one.closures if end > LONG_AGO_S)
        )
        for name, one in problem.resources.items()
    }
    text = repr(replace(problem, resources=resources))
    for train in problem.trains:
        text = text.replace(train.name, train.name.partition("/")[0])
    return text


def times(found: Plan) -> dict[str, tuple[Call, ...]]:
    assert found.timetable is not None
    return {path.request: path.calls for path in found.timetable.paths}


CLOCKS = st.fixed_dictionaries(dict.fromkeys("ABC", ZONES))


def by_all_clocks(week: Week, zones: Mapping[str, str], home: str) -> tuple[Scenario, Scenario]:
    """Return a week in UTC and by other clocks, which is one problem."""
    in_utc, local = written(week, dict.fromkeys("ABC", "UTC"), "UTC"), written(week, zones, home)
    assert local.end_s == in_utc.end_s
    assert anonymous(compile_scenario(local).problem) == anonymous(compile_scenario(in_utc).problem)
    return in_utc, local


def renamed(timetable: Timetable, scenario: Scenario) -> Timetable:
    """Return a timetable with the names that its trains, one of each request, have in a scenario."""
    names = {train.request: train.id for train in train_requests(scenario)}
    paths = tuple(replace(path, train=names[path.request]) for path in timetable.paths)
    return replace(timetable, paths=paths, refused=tuple(replace(r, train=names[r.request]) for r in timetable.refused))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(WEEKS, CLOCKS, ZONES)
def test_a_plan_is_right_by_any_clocks(week, zones, home):
    in_utc, local = by_all_clocks(week, zones, home)
    found = proven(in_utc)
    assert found.timetable is not None
    assert found.cost is not None
    seen = renamed(found.timetable, local)
    assert check_timetable(local, seen) == []
    assert cost_report(local, seen).whole == found.cost.whole


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(WEEKS, CLOCKS, ZONES)
def test_a_week_is_planned_alike_by_any_clocks(week, zones, home):
    in_utc, local = by_all_clocks(week, zones, home)
    found, expected = proven(local), proven(in_utc)
    assert found.cost is not None
    assert expected.cost is not None
    assert found.cost.whole == expected.cost.whole
    assert times(found) == times(expected)


# Worked out by hand: a train of the line A - B - C - D is served by customs at C, 23 minutes from A and 13 from D. It
# is always worth running, and waiting costs, so that it is served as soon as it can be.

KARACHI, KABUL = "Asia/Karachi", "Asia/Kabul"
EVERY_DAY = frozenset(range(7))
TUESDAY = frozenset({1})


def border(departure: str, *, zone: str = KARACHI, hours=(), check_min: int = 60, more=None, **fields) -> Scenario:
    """Return the line, on which C has a clock of its own, and a train that leaves at a time of Monday (or after it)."""
    on = MONDAY + timedelta(days=seconds(departure) // DAY_S)
    values = {"first_day": on, "last_day": on, "later_s": 0, "value": 1000, "stops": {"C": Stop("C", process="check")}}
    train = request("IN", "A-D", "0:00", **{**values, **(more or {})})
    return line(
        replace(train, departure_of_day_s=seconds(departure) % DAY_S),
        names="ABCD",
        stations={"C": replace(station("C"), time_zone=zone)},
        yard_resources={"customs": YardResource("customs", "C")},
        opening_hours=tuple(OpeningHours("customs", seconds(begin), seconds(end), days) for begin, end, days in hours),
        processes={"check": YardProcess("check", (YardStep("check", MINUTE_S * check_min, resource="customs"),))},
        days=7,
        run_out_h=7 * 24,
        **fields,
    )


def seconds(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * HOUR_S + int(minute) * MINUTE_S


def after_monday(time_s: int, zone: str) -> tuple[int, str]:
    """Return an instant as the number of days after Monday and the time of day, by a clock."""
    day, time = divmod(time_s + OFFSETS_S[zone] - MONDAY_S, DAY_S)
    return day, f"{time // HOUR_S}:{time // MINUTE_S % 60:02d}"


def served(scenario: Scenario, zone: str) -> tuple[tuple[int, str], tuple[int, str]]:
    """Return when the train is served, by a clock."""
    (step,) = path_of(proven(scenario), "IN").calls[2].steps
    return after_monday(step.begin_s, zone), after_monday(step.end_s, zone)


def reason(scenario: Scenario) -> str:
    """Return why the train cannot run at all."""
    found = proven(scenario)
    assert found.timetable is not None
    (refusal,) = found.timetable.refused
    assert refusal.proof
    return refusal.reason


def closed(days: tuple[int, int], **place: str) -> Closure:
    """Close a place from midnight to midnight, by Karachi's clock, so many days after Monday."""
    from_s, until_s = (MONDAY_S - OFFSETS_S[KARACHI] + day * DAY_S for day in days)
    return Closure("shut", **place, from_s=from_s, until_s=until_s, reason="border closed")


@pytest.mark.parametrize(
    ("departure", "check_min", "days", "begin", "end"),
    [
        # There at 21:23, which is 20:53 in Kabul: it waits for ten o'clock.
        ("21:00", 60, EVERY_DAY, (0, "22:00"), (0, "23:00")),
        # The hours go on over midnight, and are just long enough.
        ("21:00", 240, EVERY_DAY, (0, "22:00"), (1, "2:00")),
        # There at 1:53 on Tuesday: too late for an hour, so it waits for the evening.
        ("26:00", 60, EVERY_DAY, (1, "22:00"), (1, "23:00")),
        # Monday's hours alone: on Tuesday they go on until two o'clock, and the evening has none for a week.
        ("25:00", 60, frozenset({0}), (1, "0:53"), (1, "1:53")),
        ("26:00", 60, frozenset({0}), (7, "22:00"), (7, "23:00")),
    ],
)
def test_hours_over_midnight_are_those_of_the_day_on_which_they_begin(departure, check_min, days, begin, end):
    hours = [("22:00", "2:00", days)]
    scenario = border(departure, zone=KABUL, hours=hours, check_min=check_min)
    assert served(scenario, KABUL) == (begin, end)


@pytest.mark.parametrize(("zone", "begin"), [(KARACHI, (1, "0:13")), (KABUL, (1, "0:30"))])
def test_a_path_over_midnight_comes_to_customs_on_the_day_of_their_clock(zone, begin):
    # There at 0:13 on Tuesday by Karachi's clock; in Kabul it is still Monday for 17 minutes.
    scenario = border("23:50", zone=zone, hours=[("0:00", "23:00", TUESDAY)])
    assert served(scenario, KARACHI)[0] == begin
    found = proven(scenario)
    assert path_of(found, "IN").train == "IN/2026-03-02/1"
    assert found.cost is not None
    assert found.cost.minutes(found.cost.whole.total) == pytest.approx(0.2 * (0 if zone == KARACHI else 17))


WORKDAYS = [("8:00", "20:00", frozenset(range(6)))]
SATURDAY_EVENING = f"{5 * 24 + 19}:00"


def test_customs_that_are_closed_on_sunday_let_nobody_through_from_saturday_evening_to_monday():
    # There at 19:23 on Saturday, too late for an hour until eight.
    assert served(border(SATURDAY_EVENING, hours=WORKDAYS), KARACHI) == ((7, "8:00"), (7, "9:00"))
    earlier = border(f"{5 * 24 + 18}:37", hours=WORKDAYS)
    assert served(earlier, KARACHI) == ((5, "19:00"), (5, "20:00"))


def test_a_train_that_may_not_wait_over_sunday_is_refused_for_the_hours_of_customs():
    scenario = border(SATURDAY_EVENING, hours=WORKDAYS, more={"longest_journey_s": 24 * HOUR_S})
    assert reason(scenario) == "the closed time of customs at Station C leaves it no time to run within its windows"


def test_a_border_closed_for_three_days_holds_up_whom_customs_have_not_let_through():
    # There at 23:23 on Monday; closed from midnight on. On Friday customs work again.
    shut = closed((1, 4), yard_resource="customs")
    assert served(border("23:00", closures=(shut,)), KARACHI) == ((4, "0:00"), (4, "1:00"))
    assert served(border("22:37", closures=(shut,)), KARACHI) == ((0, "23:00"), (1, "0:00"))
    on_tuesday = border("23:00", closures=(shut,), more={"arrive_until_s": 2 * DAY_S})
    assert reason(on_tuesday) == "the closed time of customs at Station C leaves it no time to run within its windows"


def test_a_section_closed_for_three_days_holds_up_whom_customs_let_through_too_late():
    shut = closed((1, 4), section="C-D")
    # 13 minutes before midnight is early enough to leave C, and an hour and a quarter to be there.
    in_time, late = border("22:24", closures=(shut,)), border("22:25", closures=(shut,))
    assert after_monday(path_of(proven(in_time), "IN").arrival_s, KARACHI) == (1, "0:00")
    call = path_of(proven(late), "IN").calls[2]
    assert after_monday(call.steps[0].begin_s, KARACHI) < (1, "0:00")
    assert after_monday(call.departure_s, KARACHI) == (4, "0:00")
    on_tuesday = border("22:25", closures=(shut,), more={"arrive_until_s": 2 * DAY_S})
    assert reason(on_tuesday) == (
        "the closure of section C-D (border closed) leaves it no time to run within its windows"
    )


def test_a_border_closed_on_both_sides_opens_at_the_later_of_them():
    both = closed((1, 4), yard_resource="customs"), replace(closed((1, 5), section="C-D"), id="also")
    scenario = border("23:00", closures=both)
    call = path_of(proven(scenario), "IN").calls[2]
    assert after_monday(call.steps[0].begin_s, KARACHI) >= (4, "0:00")
    assert after_monday(call.departure_s, KARACHI) == (5, "0:00")


def test_the_hours_of_a_step_bound_it_whatever_is_closed_besides():
    # There at 0:23, after track 2 was closed for ten minutes; customs open at 19:20 and not before.
    days = frozenset({0, 1, 2})
    short = Closure("short", station="C", track="2", weekdays=days, from_of_day_s=0, until_of_day_s=10 * MINUTE_S)
    scenario = border("0:00", hours=[("19:20", "20:20", EVERY_DAY)], check_min=20, closures=(short,))
    operations = compile_scenario(scenario).problem.trains[0].operations
    begins = {one.start_lb_s for one in operations if one.label.startswith("check")}
    assert {after_monday(begin, KARACHI) for begin in begins} == {(0, "19:20")}
