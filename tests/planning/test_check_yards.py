"""The railway checker in yards: a day at a border, worked out by hand, is sound, and each kind of damage is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.corridor.yards import AtClose, LinkKind, OpeningHours, TrainLink, YardProcess, YardResource, YardStep
from railcap.planning.check import check_timetable
from railcap.planning.timetable import Call, Leg, Step, Timetable, TrainPath
from railcap.planning.violation import Violation
from railcap.units import to_utc_s

BORDER, EAST = "Asia/Tehran", "Asia/Karachi"
"""Half past three and five hours ahead of UTC: 09:30 in the east is 08:00 at the border."""
FRIDAY = date(2026, 3, 6)
MIN, HOUR = 60, 3600
BROAD, STANDARD = frozenset({1676}), frozenset({1435})


def at(clock: str, days: int = 0) -> int:
    """Return an instant by the clock of the border; days after the Friday."""
    hours, minutes = clock.split(":")
    return to_utc_s(FRIDAY + timedelta(days=days), int(hours) * HOUR + int(minutes) * MIN, BORDER)


def station(name: str, zone: str, *tracks: Track) -> Station:
    return Station(name, name, tracks, zone, simultaneous_reception=True)


def line(name: str, gauges: frozenset[int]) -> Section:
    return Section(name, name[0], name[1], 10_000, 1, gauges, {"freight": 60.0, "passenger": 60.0})


def plain_tracks(gauges: frozenset[int]) -> tuple[Track, ...]:
    return tuple(Track(name, TrackKind.MAIN, 700, gauges) for name in "123")


def scenario() -> Scenario:
    """A broad - Z broad - C, and Z standard - B: Z is the border, with customs, cranes and shunters.

    Broad tracks 1, 2 and storage S, T; cranes stand at K (both gauges), L (broad), M (standard) and X (broad, short).
    """
    border = station(
        "Z",
        BORDER,
        *(Track(name, TrackKind.MAIN, 700, BROAD) for name in "12"),
        *(Track(name, TrackKind.YARD, 700, BROAD) for name in "ST"),
        Track("K", TrackKind.YARD, 600, BROAD | STANDARD),
        Track("L", TrackKind.YARD, 600, BROAD),
        Track("M", TrackKind.YARD, 600, STANDARD),
        Track("X", TrackKind.YARD, 200, BROAD),
    )
    stations = [
        station("A", EAST, *plain_tracks(BROAD)),
        border,
        station("B", BORDER, *plain_tracks(STANDARD)),
        station("C", EAST, *plain_tracks(BROAD)),
    ]
    sections = [line("AZ", BROAD), line("ZB", STANDARD), line("ZC", BROAD)]
    lift = YardStep("lift", 10 * MIN, 1 * MIN, "crane", ("K", "L", "M", "X"))
    weigh = YardStep("weigh", 5 * MIN, tracks=("1", "2"))
    processes = [
        YardProcess("unload", (YardStep("customs", 30 * MIN, 0, "customs"), lift, weigh)),
        YardProcess("load", (lift, YardStep("papers", 30 * MIN, 0, "customs"))),
        YardProcess("inspect", (YardStep("brakes", 20 * MIN, 0, "shunter"),)),
    ]
    requests = (
        PathRequest("IN1", "BROAD", "A", "Z", 9 * HOUR + 1800, stops={"Z": Stop("Z", process="unload")}),
        PathRequest("IN2", "BROAD", "A", "Z", 10 * HOUR, stops={"Z": Stop("Z", process="unload")}),
        PathRequest("THRU1", "BROAD", "A", "C", 10 * HOUR + 1800, stops={"Z": Stop("Z", process="inspect")}),
        PathRequest("THRU2", "BROAD", "A", "C", 10 * HOUR + 3000, stops={"Z": Stop("Z", process="inspect")}),
        PathRequest(
            "OUT", "STANDARD", "Z", "B", 11 * HOUR + 1800, later_s=80 * HOUR, stops={"Z": Stop("Z", process="load")}
        ),
    )
    calls = FixedCall("A", at("11:00"), at("11:00")), FixedCall("Z", at("11:13"), at("11:20"))
    return Scenario(
        name="border",
        time_zone=EAST,
        start=FRIDAY,
        days=1,
        network=Network({one.id: one for one in stations}, {one.id: one for one in sections}),
        train_types={
            "BROAD": TrainType("BROAD", "Broad", "freight", 400, 80, 1676, 2 * MIN, 1 * MIN, wagons=20),
            "STANDARD": TrainType("STANDARD", "Standard", "freight", 400, 80, 1435, 2 * MIN, 1 * MIN, wagons=20),
        },
        requests=requests,
        fixed_paths=(FixedPath("FX", "BROAD", calls),),
        yard_resources={
            "customs": YardResource("customs", "Z"),
            "crane": YardResource("crane", "Z", at_close=AtClose.RUN_OVER),
            "shunter": YardResource("shunter", "Z"),
        },
        opening_hours=(
            OpeningHours("customs", 8 * HOUR, 18 * HOUR, frozenset(range(5))),
            OpeningHours("crane", 6 * HOUR, 22 * HOUR),
        ),
        processes={process.id: process for process in processes},
        run_out_h=96.0,
    )


def step(name: str, resource: str, track: str, begin: str, end: str, days: int = 0) -> Step:
    return Step(name, resource, track, at(begin, days), at(end, days))


def call(place: str, track: str, arrival: str, departure: str, *steps: Step) -> Call:
    return Call(place, track, at(arrival), at(departure), True, steps)


def path(request: str, kind: str, calls: list[Call], legs: str, *, fixed: bool = False) -> TrainPath:
    train = request if fixed else f"{request}/2026-03-06/1"
    parts = tuple(Leg(leg, "1") for leg in legs.split())
    return TrainPath(train, request, "", kind, tuple(calls), parts, fixed)


def sound() -> Timetable:
    """Ten minutes a section, two to start, one to stop; half an hour for customs, for a lift and for papers."""
    in1 = call(
        "Z", "1", "8:13", "9:30",
        step("customs", "customs", "1", "8:20", "8:50"),
        step("lift", "crane", "K", "8:55", "9:25"),
        step("weigh", "", "1", "9:25", "9:30"),
    )  # fmt: skip
    in2 = call(
        "Z", "2", "8:43", "10:05",
        step("customs", "customs", "2", "8:50", "9:20"),
        step("lift", "crane", "K", "9:30", "10:00"),
        step("weigh", "", "2", "10:00", "10:05"),
    )  # fmt: skip
    thru1 = call("Z", "S", "9:13", "9:40", step("brakes", "shunter", "S", "9:15", "9:35"))
    thru2 = call("Z", "T", "9:33", "10:00", step("brakes", "shunter", "T", "9:35", "9:55"))
    out = call(
        "Z", "M", "10:10", "11:30",
        step("lift", "crane", "M", "10:10", "10:40"),
        step("papers", "customs", "M", "10:45", "11:15"),
    )  # fmt: skip
    fixed = [call("A", "1", "11:00", "11:00"), call("Z", "1", "11:13", "11:20")]
    return Timetable(
        "border",
        (
            path("IN1", "BROAD", [call("A", "1", "8:00", "8:00"), in1], "AZ"),
            path("IN2", "BROAD", [call("A", "1", "8:30", "8:30"), in2], "AZ"),
            path("THRU1", "BROAD", [call("A", "1", "9:00", "9:00"), thru1, call("C", "1", "9:53", "9:53")], "AZ ZC"),
            path("THRU2", "BROAD", [call("A", "1", "9:20", "9:20"), thru2, call("C", "1", "10:13", "10:13")], "AZ ZC"),
            path("OUT", "STANDARD", [out, call("B", "1", "11:43", "11:43")], "ZB"),
            path("FX", "BROAD", fixed, "AZ", fixed=True),
        ),
    )


IN1, IN2, THRU1, THRU2, OUT, FX = range(6)
Damage = Callable[[Timetable], Timetable]


def with_call(train: int, place: int, change: Callable[[Call], Call]) -> Damage:
    def damage(table: Timetable) -> Timetable:
        paths, calls = list(table.paths), list(table.paths[train].calls)
        calls[place] = change(calls[place])
        paths[train] = replace(paths[train], calls=tuple(calls))
        return replace(table, paths=tuple(paths))

    return damage


PLACE = {IN1: 1, IN2: 1, THRU1: 1, THRU2: 1, OUT: 0, FX: 1}
"""Which call of a train is at the border."""


def with_border(train: int, **changes: object) -> Damage:
    return with_call(train, PLACE[train], lambda one: replace(one, **changes))  # type: ignore[arg-type]


def with_step(train: int, number: int, **changes: object) -> Damage:
    """Change a step; times are given as clocks of the Friday."""
    times = {f"{key}_s": at(str(value)) for key, value in changes.items() if key in ("begin", "end")}
    others = {key: value for key, value in changes.items() if key not in ("begin", "end")}

    def change(one: Call) -> Call:
        steps = list(one.steps)
        steps[number] = replace(steps[number], **times, **others)  # type: ignore[arg-type]
        return replace(one, steps=tuple(steps))

    return with_call(train, PLACE[train], change)


def with_steps(train: int, change: Callable[[tuple[Step, ...]], tuple[Step, ...]]) -> Damage:
    return with_call(train, PLACE[train], lambda one: replace(one, steps=change(one.steps)))


def both(*damages: Damage) -> Damage:
    def damage(table: Timetable) -> Timetable:
        for one in damages:
            table = one(table)
        return table

    return damage


def later_out(lift: tuple[str, str, int], papers: tuple[str, str, int], departure: tuple[str, int]) -> Damage:
    """Load the train out at other times (clock and days after the Friday) and let it leave at another."""
    steps = (
        Step("lift", "crane", "M", at(lift[0], lift[2]), at(lift[1], lift[2])),
        Step("papers", "customs", "M", at(papers[0], papers[2]), at(papers[1], papers[2])),
    )
    leaves = at(*departure)
    there = leaves + 13 * MIN
    return both(
        with_border(OUT, arrival_s=steps[0].begin_s, departure_s=leaves, steps=steps),
        with_call(OUT, 1, lambda one: replace(one, arrival_s=there, departure_s=there)),
    )


def kinds(made: Scenario, table: Timetable) -> set[str]:
    found = check_timetable(made, table)
    assert all(violation.message and str(violation) for violation in found)
    return {violation.kind for violation in found}


def messages(made: Scenario, table: Timetable, kind: str) -> list[str]:
    return [violation.message for violation in check_timetable(made, table) if violation.kind == kind]


DAMAGES: dict[str, tuple[str, Damage]] = {
    "lifted on a track of another gauge": ("wrong-gauge", with_step(IN1, 1, track="M")),
    "lifted on a track that is too short": ("too-long-for-track", with_step(IN1, 1, track="X")),
    "lifted where no crane stands": ("wrong-step-track", with_step(IN1, 1, track="1")),
    "comes onto a track that is too short": ("too-long-for-track", with_border(THRU1, track="X")),
    "customs on another track though its own would do": ("needless-track-change", with_step(IN1, 0, track="S")),
    "weighed on the other of two tracks, stood on by another train": (
        "track-occupied",
        with_step(IN1, 2, track="2"),
    ),
    "onto the crane track before its release": ("track-occupied", with_step(IN2, 1, begin="9:25", end="9:55")),
    "storage track taken twice": (
        "track-occupied",
        both(with_border(THRU2, track="S"), with_step(THRU2, 0, track="S")),
    ),
    "back on its track before another has left it": (
        "track-occupied",
        both(with_border(THRU1, track="1"), with_step(THRU1, 0, track="1")),
    ),
    "step missing in the middle": ("step-missing", with_steps(IN1, lambda steps: (steps[0], steps[2]))),
    "all steps missing": ("step-missing", with_border(IN1, steps=())),
    "step twice": (
        "step-not-asked-for",
        with_steps(THRU1, lambda steps: (*steps, step("brakes", "", "S", "9:35", "9:40"))),
    ),
    "step of an unknown name": (
        "step-not-asked-for",
        with_steps(THRU1, lambda steps: (*steps, step("polish", "", "S", "9:35", "9:40"))),
    ),
    "steps where none was asked for": (
        "step-not-asked-for",
        with_call(
            THRU1, 2, lambda one: replace(one, steps=(step("brakes", "", "1", "9:53", "9:53"),))
        ),
    ),
    "steps of a fixed path": (
        "step-not-asked-for",
        with_border(FX, steps=(step("brakes", "shunter", "1", "11:13", "11:20"),)),
    ),
    "steps out of order": (
        "steps-out-of-order",
        with_border(
            OUT,
            arrival_s=at("10:05"),
            steps=(step("papers", "customs", "M", "10:05", "10:35"), step("lift", "crane", "M", "10:40", "11:10")),
        ),
    ),
    "step too short": ("step-too-short", with_step(IN1, 0, end="8:49")),
    "step too long": ("step-too-long", with_step(IN1, 0, begin="8:19")),
    "step that runs back": ("step-too-short", with_step(IN1, 0, end="8:10")),
    "wagons forgotten": ("step-too-short", with_step(IN1, 1, end="9:05")),
    "step begun before the train came": ("step-outside-stop", with_step(THRU1, 0, begin="9:12", end="9:32")),
    "step ended after the train left": ("step-outside-stop", with_step(THRU2, 0, begin="9:41", end="10:01")),
    "step begun before the last one ended": ("steps-overlap", with_step(IN1, 1, begin="8:49", end="9:19")),
    "without what it needs": ("wrong-yard-resource", with_step(THRU1, 0, resource="")),
    "with something else": ("wrong-yard-resource", with_step(THRU1, 0, resource="customs", begin="9:20", end="9:40")),
    "resource unknown": ("unknown-yard-resource", with_step(THRU1, 0, resource="ghost")),
    "step on an unknown track": ("unknown-track", with_step(IN1, 1, track="99")),
    "step at no time of any calendar": (
        "impossible-time",
        with_steps(IN1, lambda steps: (*steps[:2], replace(steps[2], end_s=10**20))),
    ),
    "crane used twice": ("yard-resource-full", with_step(IN2, 1, track="L", begin="9:20", end="9:50")),
    "shunter for two trains": ("yard-resource-full", with_step(THRU2, 0, begin="9:34", end="9:54")),
    "customs before they open": (
        "step-in-closed-time",
        later_out(("7:15", "7:45", 0), ("7:45", "8:15", 0), ("11:30", 0)),
    ),
    "customs not done when they close": (
        "step-in-closed-time",
        later_out(("17:00", "17:30", 0), ("17:31", "18:01", 0), ("18:10", 0)),
    ),
    "customs at the weekend": (
        "step-in-closed-time",
        later_out(("17:15", "17:45", 0), ("10:00", "10:30", 1), ("10:40", 1)),
    ),
    "lift begun at night": (
        "step-in-closed-time",
        later_out(("22:01", "22:31", -1), ("10:45", "11:15", 0), ("11:30", 0)),
    ),
    "on its track before its first step": ("wrong-hold-at-end", with_border(OUT, arrival_s=at("10:09"))),
    "on its track after its last step": ("wrong-hold-at-end", with_border(IN2, departure_s=at("10:06"))),
    "loaded more than three days before": (
        "on-track-too-early",
        later_out(("10:29", "10:59", -3), ("10:45", "11:15", 0), ("11:30", 0)),
    ),
}  # fmt: skip


def test_the_day_at_the_border_is_sound():
    assert [str(violation) for violation in check_timetable(scenario(), sound())] == []


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_nothing_else(name):
    kind, damage = DAMAGES[name]
    # What is wrong with names and instants is said of one train; that another misses it is no further finding.
    assert kinds(scenario(), damage(sound())) == {kind}


def test_there_are_eighteen_kinds_of_damage():
    assert len({kind for kind, _ in DAMAGES.values()}) >= 18


SOUND_CHANGES: dict[str, Damage] = {
    "back on another of the tracks that are right": with_step(IN2, 2, track="1"),
    "papers until the last minute": later_out(("17:00", "17:30", 0), ("17:30", "18:00", 0), ("18:10", 0)),
    "customs over, papers on Monday": later_out(("17:15", "17:45", 0), ("8:00", "8:30", 3), ("8:30", 3)),
    "lift into the night": later_out(("21:59", "22:29", -1), ("9:20", "9:50", 0), ("11:30", 0)),
    "lift begun as the cranes close": later_out(("22:00", "22:30", -1), ("9:20", "9:50", 0), ("11:30", 0)),
    "loaded three days before": later_out(("10:30", "11:00", -3), ("9:20", "9:50", 0), ("11:30", 0)),
    "moved to the crane track for the step before": both(
        with_border(OUT, track="K"), with_step(OUT, 0, track="K"), with_step(OUT, 1, track="K")
    ),
}


@pytest.mark.parametrize("name", SOUND_CHANGES)
def test_what_the_rules_allow_is_sound(name):
    found = check_timetable(scenario(), SOUND_CHANGES[name](sound()))
    assert [str(violation) for violation in found] == []


def test_two_shunters_serve_two_trains():
    made = scenario()
    table = with_step(THRU2, 0, begin="9:34", end="9:54")(sound())
    two = replace(made, yard_resources={**made.yard_resources, "shunter": YardResource("shunter", "Z", 2)})
    assert kinds(two, table) == set()
    text = messages(made, table, "yard-resource-full")[0]
    assert "2026-03-06 09:34" in text and "THRU1/2026-03-06/1 until 2026-03-06 09:35" in text


def test_no_step_lies_in_a_closure_of_its_resource():
    """Cranes shut for three days from Friday noon: the train out is loaded before or on Monday afternoon."""
    made = replace(
        scenario(), closures=(Closure("rails", yard_resource="crane", from_s=at("12:00"), until_s=at("12:00", 3)),)
    )
    assert kinds(made, sound()) == set()
    for day in range(3):
        table = later_out(("13:00", "13:30", day), ("9:00", "9:30", 3), ("14:00", 3))(sound())
        texts = messages(made, table, "step-in-closed-time")
        assert len(texts) == 1
        assert "closed from 2026-03-06 12:00" in texts[0]
    monday = later_out(("12:00", "12:30", 3), ("12:30", "13:00", 3), ("13:00", 3))(sound())
    assert kinds(made, monday) == set()


def test_a_track_closed_under_a_step_is_found():
    shut = Closure("points", station="Z", track="K", from_s=at("9:00"), until_s=at("9:10"))
    assert kinds(replace(scenario(), closures=(shut,)), sound()) == {"on-closed-track"}
    own = Closure("points", station="Z", track="1", from_s=at("8:55"), until_s=at("9:25"))
    assert kinds(replace(scenario(), closures=(own,)), sound()) == set()


def test_hours_are_those_of_the_station_unless_they_say_otherwise():
    """Customs open at eight by the clock of the border are open at half past nine in the east."""
    made = scenario()
    early = later_out(("7:15", "7:45", 0), ("7:45", "8:15", 0), ("11:30", 0))(sound())
    assert "07:45" in messages(made, early, "step-in-closed-time")[0]
    hours = OpeningHours("customs", 9 * HOUR + 1800, 19 * HOUR + 1800, frozenset(range(5)), EAST)
    same = replace(made, opening_hours=(made.opening_hours[1], hours))
    assert kinds(same, sound()) == set()
    assert kinds(same, early) == {"step-in-closed-time"}
    for minute, found in ((15, set()), (16, {"step-in-closed-time"})):
        open_ = replace(hours, from_of_day_s=9 * HOUR + minute * MIN)
        assert kinds(replace(made, opening_hours=(open_,)), early) == found


def test_hours_may_reach_over_midnight():
    made = replace(scenario(), opening_hours=(OpeningHours("crane", 8 * HOUR, 1 * HOUR),))
    before = later_out(("00:59", "01:29", 0), ("9:20", "9:50", 0), ("11:30", 0))(sound())
    assert kinds(made, before) == set()
    after = later_out(("01:01", "01:31", 0), ("9:20", "9:50", 0), ("11:30", 0))(sound())
    assert kinds(made, after) == {"step-in-closed-time"}


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("9:24", "10:00", {"yard-resource-full"}),
        ("9:25", "10:00", set()),
        ("9:30", "10:00", set()),
        ("9:31", "10:00", {"yard-resource-full"}),
        ("9:30", "9:35", {"yard-resource-full"}),
    ],
)
def test_a_step_without_length_falls_between_others(first, second, found):
    """The crane lifts from 8:55 to 9:25 and from 9:30 to 10:00; with trains on their way it is done in an instant."""
    made = scenario()
    process = YardProcess("inspect", (YardStep("brakes", 0, 0, "crane"),))
    made = replace(made, processes={**made.processes, "inspect": process})
    table = both(
        with_step(THRU1, 0, begin=first, end=first, resource="crane"),
        with_step(THRU2, 0, begin=second, end=second, resource="crane"),
    )(sound())
    assert kinds(made, table) == found
    cranes = YardResource("crane", "Z", 2, AtClose.RUN_OVER)
    assert kinds(replace(made, yard_resources={**made.yard_resources, "crane": cranes}), table) == set()


def test_steps_without_length_stand_in_nobodys_way():
    made = scenario()
    process = YardProcess("inspect", (YardStep("brakes", 0, 0, "shunter"),))
    made = replace(made, processes={**made.processes, "inspect": process})
    table = both(with_step(THRU1, 0, begin="9:35", end="9:35"), with_step(THRU2, 0, begin="9:35", end="9:35"))(sound())
    assert kinds(made, table) == set()


def test_a_stop_with_a_process_on_the_way_may_last_longer_than_its_steps():
    longer = both(
        with_border(THRU2, departure_s=at("10:30")),
        with_call(THRU2, 2, lambda one: replace(one, arrival_s=at("10:43"), departure_s=at("10:43"))),
    )
    assert kinds(scenario(), longer(sound())) == set()


def test_a_train_passes_where_steps_are_asked_for():
    table = with_border(THRU1, stops=False, departure_s=at("9:13"), steps=())(sound())
    assert {"missed-stop", "step-missing", "passes-off-main"} <= kinds(scenario(), table)


NAMES = st.sampled_from(
    ["", "customs", "lift", "weigh", "brakes", "papers", "crane", "shunter", "1", "2", "K", "M", "X"]
)
TEXTS = NAMES | st.text(max_size=3)
TIMES = st.integers(at("7:00"), at("12:00")) | st.sampled_from([at("8:50"), at("9:25")]) | st.integers()
STEPS = st.lists(st.builds(Step, TEXTS, TEXTS, TEXTS, TIMES, TIMES), max_size=4).map(tuple)


LINKS = (
    TrainLink("boxes", LinkKind.TRANSSHIPMENT, "IN1", "OUT", longest_s=2 * HOUR),
    TrainLink("people", LinkKind.CONNECTION, "THRU1", "OUT", station="Z"),
    TrainLink("rake", LinkKind.TURN_ROUND, "IN2", "OUT", least_s=HOUR),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_checker_never_raises(data):
    """Steps are replaced, left out and moved, one or all of them, at any call of any train, with links or without."""
    made = replace(scenario(), links=data.draw(st.sampled_from([(), LINKS])))
    table = sound()
    for _ in range(data.draw(st.integers(1, 3))):
        train = data.draw(st.integers(0, len(table.paths) - 1))
        place = data.draw(st.integers(0, len(table.paths[train].calls) - 1))
        steps = table.paths[train].calls[place].steps
        kind = data.draw(st.sampled_from(["replace", "shuffle", "mutate", "call"]))
        if kind == "mutate" and steps:
            number = data.draw(st.integers(0, len(steps) - 1))
            name = data.draw(st.sampled_from(["name", "resource", "track", "begin_s", "end_s"]))
            value = data.draw(TIMES if name.endswith("_s") else TEXTS)
            mutated = replace(steps[number], **{name: value})
            change = {"steps": (*steps[:number], mutated, *steps[number + 1 :])}
        elif kind == "shuffle":
            change = {"steps": tuple(data.draw(st.permutations(steps)))}
        elif kind == "call":
            change = {data.draw(st.sampled_from(["arrival_s", "departure_s"])): data.draw(TIMES)}
        else:
            change = {"steps": data.draw(STEPS)}
        table = with_call(train, place, lambda one, change=change: replace(one, **change))(table)
    found = check_timetable(made, table)
    assert all(isinstance(violation, Violation) and str(violation) for violation in found)
