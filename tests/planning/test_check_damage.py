"""The railway checker: a timetable worked out by hand is sound, and each kind of damage to it is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Closure, Daylight, Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.planning.check import check_timetable
from railcap.planning.timetable import Call, Leg, Refusal, Timetable, TrainPath
from railcap.units import to_utc_s

ZONE = "Asia/Karachi"
DAY = date(2026, 3, 2)
MIN = 60


def at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return to_utc_s(DAY, int(hours) * 3600 + int(minutes) * 60, ZONE)


def station(name: str, *, reception: bool, province: str = "", loops: int = 1) -> Station:
    tracks = [
        Track("1", TrackKind.MAIN, 700, frozenset({1676})),
        *(Track(str(2 + n), TrackKind.LOOP, 500, frozenset({1676})) for n in range(loops)),
        Track("N", TrackKind.YARD, 700, frozenset({1520})),
        Track("S", TrackKind.LOOP, 150, frozenset({1676})),
    ]
    return Station(name, name, tuple(tracks), ZONE, simultaneous_reception=reception, province=province)


def line(name: str, start: str, end: str, *, double: bool = False) -> Section:
    speeds = {"freight": 60.0, "passenger": 100.0}
    return Section(name, start, end, 10_000, 2 if double else 1, frozenset({1676}), speeds, blocks=2 if double else 1)


def scenario() -> Scenario:
    """A - B - C single, C - D double with two blocks; B - C is run by day only, C's loop 2 is shut in the morning."""
    stations = [
        station("A", reception=True),
        station("B", reception=False),
        station("C", reception=False, loops=2),
        station("D", reception=True),
    ]
    sections = [line("AB", "A", "B"), line("BC", "B", "C"), line("CD", "C", "D", double=True)]
    types = [
        TrainType("GOODS", "Goods", "freight", 400, 80, 1676, 2 * MIN, 1 * MIN),
        TrainType("MAIL", "Mail", "passenger", 200, 120, 1676, 1 * MIN, 1 * MIN),
    ]
    up_stops = {"C": Stop("C", 5 * MIN, depart_until_s=10 * 3600)}
    requests = [
        PathRequest("UP1", "GOODS", "A", "D", 8 * 3600, later_s=60 * MIN, stops=up_stops, longest_journey_s=60 * MIN),
        PathRequest("UP2", "GOODS", "A", "D", 8 * 3600, later_s=60 * MIN, stops=up_stops, arrive_until_s=10 * 3600),
        PathRequest("UP3", "GOODS", "A", "D", 8 * 3600, later_s=10 * MIN),
        PathRequest(
            "DN1", "MAIL", "D", "A", 8 * 3600, later_s=60 * MIN, mandatory=True,
            stops={"B": Stop("B", 2 * MIN), "A": Stop("A", 3 * MIN)},
        ),
    ]  # fmt: skip
    fixed = FixedPath(
        "FX",
        "GOODS",
        (
            FixedCall("A", at("9:06"), at("9:06")),
            FixedCall("B", at("9:18"), at("9:18")),
            FixedCall("C", at("9:29"), at("9:29"), "3"),
        ),
    )
    return Scenario(
        name="hand",
        time_zone=ZONE,
        start=DAY,
        days=1,
        network=Network({s.id: s for s in stations}, {s.id: s for s in sections}),
        train_types={kind.id: kind for kind in types},
        requests=tuple(requests),
        fixed_paths=(fixed,),
        closures=(Closure("works", station="C", track="2", from_s=at("7:00"), until_s=at("9:12")),),
        daylight=(Daylight(section="BC", from_of_day_s=6 * 3600, until_of_day_s=18 * 3600),),
        rules=Rules(track_release_s=60),
        run_out_h=0.0,
    )


def call(place: str, track: str, arrival: str, departure: str | None = None) -> Call:
    return Call(place, track, at(arrival), at(departure or arrival), departure is not None)


def path(request: str, kind: str, calls: list[Call], legs: str, *, fixed: bool = False) -> TrainPath:
    parts = tuple(Leg(*leg.split("/")) for leg in legs.split())
    train = request if fixed else f"{request}/2026-03-02/1"
    return TrainPath(train, request, "", kind, tuple(calls), parts, fixed)


def sound() -> Timetable:
    """Running times: goods 10, mail 6 minutes a section; starting 2 and 1, stopping 1 minute."""
    up1 = [
        call("A", "1", "8:00", "8:00"), call("B", "1", "8:12"), call("C", "3", "8:23", "8:28"),
        call("D", "2", "8:41", "8:41"),
    ]  # fmt: skip
    up2 = [
        call("A", "2", "8:50", "8:50"), call("B", "1", "9:02"), call("C", "2", "9:13", "9:20"),
        call("D", "2", "9:33", "9:33"),
    ]  # fmt: skip
    dn1 = [
        call("D", "1", "8:20", "8:20"), call("C", "1", "8:27"), call("B", "2", "8:34", "8:36"),
        call("A", "2", "8:44", "8:47"),
    ]  # fmt: skip
    fx = [call("A", "1", "9:06", "9:06"), call("B", "1", "9:18"), call("C", "3", "9:29", "9:29")]
    return Timetable(
        "hand",
        (
            path("UP1", "GOODS", up1, "AB/1 BC/1 CD/1"),
            path("UP2", "GOODS", up2, "AB/1 BC/1 CD/1"),
            path("DN1", "MAIL", dn1, "CD/2 BC/1 AB/1"),
            path("FX", "GOODS", fx, "AB/1 BC/1", fixed=True),
        ),
        (Refusal("UP3/2026-03-02/1", "UP3", "", "GOODS", "lost", False),),
    )


UP1, UP2, DN1, FX = range(4)
Damage = Callable[[Timetable], Timetable]


def edit(train: int, change: Callable[[TrainPath], TrainPath]) -> Damage:
    def damage(timetable: Timetable) -> Timetable:
        paths = list(timetable.paths)
        paths[train] = change(paths[train])
        return replace(timetable, paths=tuple(paths))

    return damage


def shift(train: int, minutes: int, first: int = 0) -> Damage:
    """Move a train from its call `first` on; the arrival there stays if it is not the first."""

    def change(one: TrainPath) -> TrainPath:
        calls = []
        for place, item in enumerate(one.calls):
            if place < first:
                calls.append(item)
            elif place == first and first > 0:
                calls.append(replace(item, departure_s=item.departure_s + minutes * MIN))
            else:
                later = minutes * MIN
                calls.append(replace(item, arrival_s=item.arrival_s + later, departure_s=item.departure_s + later))
        return replace(one, calls=tuple(calls))

    return edit(train, change)


def with_call(train: int, place: int, **changes: object) -> Damage:
    def change(one: TrainPath) -> TrainPath:
        calls = list(one.calls)
        calls[place] = replace(calls[place], **changes)  # type: ignore[arg-type]
        return replace(one, calls=tuple(calls))

    return edit(train, change)


def with_leg(train: int, place: int, **changes: str) -> Damage:
    def change(one: TrainPath) -> TrainPath:
        legs = list(one.legs)
        legs[place] = replace(legs[place], **changes)
        return replace(one, legs=tuple(legs))

    return edit(train, change)


def without(train: int) -> Damage:
    return lambda table: replace(table, paths=tuple(p for n, p in enumerate(table.paths) if n != train))


def refuse(train: int) -> Damage:
    def damage(table: Timetable) -> Timetable:
        lost = table.paths[train]
        refusal = Refusal(lost.train, lost.request, "", lost.train_type, "lost", False)
        return replace(without(train)(table), refused=(*table.refused, refusal))

    return damage


DAMAGES: dict[str, tuple[str, Damage]] = {
    "train left out": ("missing-train", without(UP1)),
    "train listed twice": ("listed-twice", lambda t: replace(t, paths=(*t.paths, t.paths[UP1]))),
    "accepted and refused": (
        "listed-twice",
        lambda t: replace(t, refused=(*t.refused, Refusal(t.paths[UP1].train, "UP1", "", "GOODS", "x", False))),
    ),
    "train nobody asked for": ("unknown-train", edit(UP1, lambda p: replace(p, train="GHOST"))),
    "mandatory train refused": ("mandatory-refused", refuse(DN1)),
    "fixed path refused": ("fixed-path-refused", refuse(FX)),
    "other train type": ("wrong-train-type", edit(UP1, lambda p: replace(p, train_type="MAIL"))),
    "train type unknown": ("unknown-train-type", edit(UP1, lambda p: replace(p, train_type="NONE"))),
    "refused as another train type": (
        "wrong-train-type",
        lambda t: replace(t, refused=tuple(replace(r, train_type="MAIL") for r in t.refused)),
    ),
    "request unknown": ("wrong-identity", edit(UP1, lambda p: replace(p, request="UP2"))),
    "wrong number": ("wrong-identity", edit(UP1, lambda p: replace(p, number="9"))),
    "refused at a place that is not there": (
        "unknown-place",
        lambda t: replace(t, refused=tuple(replace(r, place="nowhere") for r in t.refused)),
    ),
    "refused against a train that is not there": (
        "unknown-train",
        lambda t: replace(t, refused=tuple(replace(r, against=("GHOST",)) for r in t.refused)),
    ),
    "refused under a wrong number": (
        "wrong-identity",
        lambda t: replace(t, refused=tuple(replace(r, number="9") for r in t.refused)),
    ),
    "asked for, said to be fixed": ("wrong-identity", edit(UP1, lambda p: replace(p, fixed=True))),
    "fixed, said to be asked for": ("wrong-identity", edit(FX, lambda p: replace(p, fixed=False))),
    "a leg too few": ("broken-path", edit(UP1, lambda p: replace(p, legs=p.legs[:-1]))),
    "legs swapped": ("broken-path", edit(UP1, lambda p: replace(p, legs=(p.legs[1], p.legs[0], p.legs[2])))),
    "stops short of its destination": (
        "wrong-route",
        edit(UP1, lambda p: replace(p, calls=p.calls[:-1], legs=p.legs[:-1])),
    ),
    "station unknown": ("unknown-station", with_call(UP1, 1, station="X")),
    "track unknown": ("unknown-track", with_call(UP1, 1, track="99")),
    "section unknown": ("unknown-section", with_leg(UP1, 1, section="ZZ")),
    "wrong line of the double track": ("wrong-section-track", with_leg(UP1, 2, track="2")),
    "run shortened": ("running-too-short", with_call(UP1, 1, arrival_s=at("8:10"), departure_s=at("8:10"))),
    "supplement forgotten": ("running-too-short", with_call(UP1, 1, stops=True)),
    "dwells on the line": ("dwells-on-the-line", with_call(UP1, 3, arrival_s=at("8:45"), departure_s=at("8:45"))),
    "waits in a pass": ("pass-with-length", with_call(UP1, 1, departure_s=at("8:14"))),
    "time runs back": ("time-runs-back", with_call(UP1, 2, departure_s=at("8:20"))),
    "passes at its end": ("no-stop-at-end", with_call(UP1, 3, stops=False)),
    "passes on the loop": ("passes-off-main", with_call(UP1, 1, track="2")),
    "too long for the loop": ("too-long-for-track", with_call(UP1, 2, track="S")),
    "track of another gauge": ("wrong-gauge", with_call(UP1, 2, track="N")),
    "leaves too early": ("departure-outside-window", shift(UP1, -5)),
    "leaves too late": ("departure-outside-window", shift(UP1, 70)),
    "dwell shortened": ("dwell-too-short", shift(UP1, -2, first=2)),
    "asked stop passed": (
        "missed-stop",
        edit(
            UP1,
            lambda p: replace(p, calls=(*p.calls[:2], call("C", "1", "8:22"), call("D", "2", "8:33", "8:33"))),
        ),
    ),
    "stop window broken": ("departure-outside-window", shift(UP1, 100, first=2)),
    "journey too long": ("journey-too-long", shift(UP1, 30, first=2)),
    "arrives too late": ("arrival-outside-window", shift(UP2, 60, first=2)),
    "night run": ("runs-in-closure", shift(UP2, 9 * 60)),
    "still under way at the end": ("after-horizon", shift(UP2, 15 * 60, first=2)),
    "holds its last track too briefly": ("wrong-hold-at-end", with_call(DN1, 3, departure_s=at("8:45"))),
    "fixed path moved": ("fixed-path-moved", shift(FX, 1)),
    "fixed path on another track": ("fixed-path-moved", with_call(FX, 2, track="2")),
    "fixed path stops on the way": ("fixed-path-moved", with_call(FX, 1, stops=True)),
    "head on": ("head-on", shift(DN1, -8)),
    "follows too closely": ("following-interval", shift(UP2, 2)),
    "crosses too closely": ("crossing-interval", shift(UP2, -6)),
    "enters before the other has left": ("section-occupied", shift(UP2, -7)),
    "overtakes on the line": (
        "overtakes-on-line",
        edit(UP2, lambda p: replace(p, calls=(call("A", "2", "9:07", "9:07"), call("B", "1", "9:16"), *p.calls[2:]))),
    ),
    "two trains on one track": ("track-occupied", with_call(DN1, 1, track="3", stops=True)),
    "track taken before its release": ("track-occupied", with_call(UP2, 0, track="2", arrival_s=at("8:47"))),
    "on a closed track": ("on-closed-track", with_call(UP1, 2, track="2")),
    "wrong order at opposing arrivals": ("simultaneous-arrival", shift(DN1, 26)),
}  # fmt: skip


def test_the_hand_made_timetable_is_sound():
    assert [str(violation) for violation in check_timetable(scenario(), sound())] == []


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_named(name):
    kind, damage = DAMAGES[name]
    found = check_timetable(scenario(), damage(sound()))
    assert kind in {violation.kind for violation in found}, [str(violation) for violation in found]
    assert all(violation.message for violation in found)


@pytest.mark.parametrize(
    ("minutes", "words"), [(-6, "at 2026-03-02 08:44, 0:00 after DN1/"), (-7, "at 2026-03-02 08:43, 0:01 before DN1/")]
)
def test_how_close_two_trains_come_is_told_in_words(minutes, words):
    found = check_timetable(scenario(), shift(UP2, minutes)(sound()))
    assert any(words in violation.message for violation in found), [str(violation) for violation in found]


def test_there_are_thirty_kinds_of_damage():
    assert len({kind for kind, _ in DAMAGES.values()}) >= 30
