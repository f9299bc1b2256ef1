"""The railway checker and links: trains tied together, worked out by hand, are sound, and each damage is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainType
from railcap.corridor.yards import LinkKind, TrainLink, YardProcess, YardStep
from railcap.planning.check import check_timetable
from railcap.planning.timetable import Call, Leg, Refusal, Step, Timetable, TrainPath
from railcap.planning.violation import Violation
from railcap.units import DAY_S, to_utc_s

BORDER, EAST = "Asia/Tehran", "Asia/Karachi"
DAY = date(2026, 3, 2)
MIN, HOUR = 60, 3600
BROAD, STANDARD = frozenset({1676}), frozenset({1435})


def at(clock: str, days: int = 0) -> int:
    """Return an instant by the clock of the border, half past three ahead of UTC; days after the first."""
    hours, minutes = clock.split(":")
    return to_utc_s(DAY + timedelta(days=days), int(hours) * HOUR + int(minutes) * MIN, BORDER)


def network() -> Network:
    """A broad - Z broad - C, and Z standard - B; Z is the border."""
    tracks = [Track(name, TrackKind.MAIN, 700, BROAD | STANDARD) for name in "123456"]
    zones = {"A": EAST, "Z": BORDER, "B": BORDER, "C": EAST}
    return Network(
        {name: Station(name, name, tuple(tracks), zone, simultaneous_reception=True) for name, zone in zones.items()},
        {
            name: Section(name, name[0], name[1], 10_000, 1, gauges, {"freight": 60.0, "passenger": 60.0})
            for name, gauges in (("AZ", BROAD), ("ZB", STANDARD), ("ZC", BROAD))
        },
    )


BOXES = TrainLink(
    "boxes", LinkKind.TRANSSHIPMENT, "IN", "OUT", first_count=2, least_s=30 * MIN, longest_s=3 * HOUR, refuse=True
)
RAKE = TrainLink("rake", LinkKind.TURN_ROUND, "IN", "HOME", least_s=1 * HOUR, longest_s=6 * HOUR, refuse=False)
PEOPLE = TrainLink(
    "people", LinkKind.CONNECTION, "MAIL", "BUS", least_s=20 * MIN, longest_s=2 * HOUR, refuse=False, station="Z"
)


def scenario(*links: TrainLink) -> Scenario:
    """Two trains bring the boxes for one, and turn round; the mail has a connection on its way."""
    lift = YardProcess("lift", (YardStep("lift", 30 * MIN),))
    requests = (
        PathRequest("IN", "BROAD", "A", "Z", 9 * HOUR + 1800, per_day=2, every_s=HOUR, stops=stop("lift")),
        PathRequest("OUT", "STANDARD", "Z", "B", 11 * HOUR, earlier_s=HOUR, later_s=5 * HOUR, stops=stop("lift")),
        PathRequest(
            "HOME", "BROAD", "Z", "A", 9 * HOUR + 10 * MIN, per_day=2, every_s=HOUR, later_s=8 * HOUR,
            stops=stop("brakes"),
        ),
        PathRequest("MAIL", "BROAD", "A", "C", 12 * HOUR + 1800, later_s=HOUR, stops={"Z": Stop("Z", 5 * MIN)}),
        PathRequest("BUS", "STANDARD", "Z", "B", 12 * HOUR, later_s=5 * HOUR, stops={"Z": Stop("Z", 10 * MIN)}),
    )  # fmt: skip
    return Scenario(
        name="links",
        time_zone=EAST,
        start=DAY,
        days=1,
        network=network(),
        train_types={
            "BROAD": TrainType("BROAD", "Broad", "freight", 400, 80, 1676, 2 * MIN, 1 * MIN),
            "STANDARD": TrainType("STANDARD", "Standard", "freight", 400, 80, 1435, 2 * MIN, 1 * MIN),
        },
        requests=requests,
        processes={"lift": lift, "brakes": YardProcess("brakes", (YardStep("brakes", 10 * MIN),))},
        links=links or (BOXES, RAKE, PEOPLE),
    )


def stop(process: str) -> dict[str, Stop]:
    return {"Z": Stop("Z", process=process)}


def step(name: str, track: str, begin: str, end: str) -> Step:
    return Step(name, "", track, at(begin), at(end))


def call(place: str, track: str, arrival: str, departure: str, *steps: Step) -> Call:
    return Call(place, track, at(arrival), at(departure), True, steps)


def path(train: str, kind: str, calls: list[Call], legs: str) -> TrainPath:
    way, number = train.split()
    parts = tuple(Leg(leg, "1") for leg in legs.split())
    return TrainPath(f"{way}/{DAY}/{number}", way, "", kind, tuple(calls), parts)


def sound() -> Timetable:
    """Ten minutes a section, two to start, one to stop; a rake is on its next track a minute after its last."""
    in1 = call("Z", "1", "8:13", "8:50", step("lift", "1", "8:20", "8:50"))
    in2 = call("Z", "2", "9:13", "9:45", step("lift", "2", "9:15", "9:45"))
    home1 = call("Z", "3", "8:51", "9:20", step("brakes", "3", "9:00", "9:10"))
    home2 = call("Z", "3", "9:46", "10:20", step("brakes", "3", "9:55", "10:05"))
    out = call("Z", "4", "10:30", "11:05", step("lift", "4", "10:30", "11:00"))
    return Timetable(
        "links",
        (
            path("IN 1", "BROAD", [call("A", "1", "8:00", "8:00"), in1], "AZ"),
            path("IN 2", "BROAD", [call("A", "1", "9:00", "9:00"), in2], "AZ"),
            path("HOME 1", "BROAD", [home1, call("A", "1", "9:33", "9:33")], "AZ"),
            path("HOME 2", "BROAD", [home2, call("A", "1", "10:33", "10:33")], "AZ"),
            path("OUT 1", "STANDARD", [out, call("B", "1", "11:18", "11:18")], "ZB"),
            path(
                "MAIL 1",
                "BROAD",
                [call("A", "1", "11:00", "11:00"), call("Z", "5", "11:13", "11:18"), call("C", "1", "11:31", "11:31")],
                "AZ ZC",
            ),
            path("BUS 1", "STANDARD", [call("Z", "6", "11:50", "12:00"), call("B", "1", "12:13", "12:13")], "ZB"),
        ),
    )


IN1, IN2, HOME1, HOME2, OUT, MAIL, BUS = range(7)
Damage = Callable[[Timetable], Timetable]


def with_call(train: int, place: int, **changes: object) -> Damage:
    def damage(table: Timetable) -> Timetable:
        paths, calls = list(table.paths), list(table.paths[train].calls)
        calls[place] = replace(calls[place], **changes)  # type: ignore[arg-type]
        paths[train] = replace(paths[train], calls=tuple(calls))
        return replace(table, paths=tuple(paths))

    return damage


def leave(train: int, clock: str) -> Damage:
    """Let a train that begins at the border leave it at another time, and wait there for it."""
    there = at(clock) + 13 * MIN
    return both(with_call(train, 0, departure_s=at(clock)), with_call(train, 1, arrival_s=there, departure_s=there))


def shift(train: int, minutes: int) -> Damage:
    """Move a whole train."""

    def damage(table: Timetable) -> Timetable:
        paths = list(table.paths)
        paths[train] = moved(paths[train], minutes * MIN)
        return replace(table, paths=tuple(paths))

    return damage


def moved(one: TrainPath, by_s: int) -> TrainPath:
    calls = tuple(
        replace(
            item,
            arrival_s=item.arrival_s + by_s,
            departure_s=item.departure_s + by_s,
            steps=tuple(replace(it, begin_s=it.begin_s + by_s, end_s=it.end_s + by_s) for it in item.steps),
        )
        for item in one.calls
    )
    return replace(one, calls=calls)


def refuse(*trains: int) -> Damage:
    def damage(table: Timetable) -> Timetable:
        lost = [table.paths[train] for train in trains]
        return replace(
            table,
            paths=tuple(one for one in table.paths if one not in lost),
            refused=tuple(Refusal(one.train, one.request, "", one.train_type, "lost", False) for one in lost),
        )

    return damage


def both(*damages: Damage) -> Damage:
    def damage(table: Timetable) -> Timetable:
        for one in damages:
            table = one(table)
        return table

    return damage


def kinds(made: Scenario, table: Timetable) -> set[str]:
    found = check_timetable(made, table)
    assert all(violation.message and str(violation) for violation in found)
    return {violation.kind for violation in found}


def only(made: Scenario, table: Timetable) -> Violation:
    found = check_timetable(made, table)
    assert len(found) == 1, [str(violation) for violation in found]
    return found[0]


DAMAGES: dict[str, tuple[set[str], Damage]] = {
    "mail too late for its connection": ({"connection-too-short"}, shift(MAIL, 28)),
    "people wait for too long": ({"link-too-long"}, shift(BUS, 74)),
    "boxes loaded before they are all there": ({"containers-leave-too-early"}, shift(OUT, -46)),
    "boxes loaded too soon after they came": ({"containers-leave-too-early"}, shift(OUT, -16)),
    "boxes wait for too long": ({"link-too-long"}, shift(OUT, 81)),
    "boxes have no feeder": ({"feeder-refused"}, refuse(IN1)),
    "neither has a feeder": ({"feeder-refused"}, refuse(IN1, IN2)),
    "turned round too quickly": ({"turn-round-too-short"}, leave(HOME2, "10:12")),
    "turned round too slowly": ({"link-too-long"}, leave(HOME2, "15:14")),
    "rake on its next track as it leaves the last": ({"rake-not-there"}, with_call(HOME1, 0, arrival_s=at("8:50"))),
    "rake there before it has come": ({"rake-not-there"}, with_call(HOME1, 0, arrival_s=at("8:10"))),
    "rake nowhere for a minute": ({"rake-comes-too-late"}, with_call(HOME1, 0, arrival_s=at("8:52"))),
    "rake leaves its track too late": (
        {"wrong-hold-at-end", "rake-not-there"},
        with_call(IN1, 1, departure_s=at("8:53")),
    ),
}


def test_the_day_of_ties_is_sound():
    assert [str(violation) for violation in check_timetable(scenario(), sound())] == []


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_nothing_else(name):
    found, damage = DAMAGES[name]
    assert kinds(scenario(), damage(sound())) == found


ALLOWED: dict[str, Damage] = {
    "the shortest connection": shift(MAIL, 27),
    "the longest connection": shift(BUS, 73),
    "boxes loaded as soon as they may": shift(OUT, -15),
    "boxes loaded as late as they may": shift(OUT, 80),
    "boxes wait on their train": leave(OUT, "15:00"),
    "rake turned round as quickly as it may": leave(HOME2, "10:13"),
    "rake turned round as slowly as it may": leave(HOME2, "15:13"),
    "those who take away are refused": refuse(OUT, HOME1, BUS),
    "the mail is refused, the bus runs without": refuse(MAIL),
    "feeders and boxes are refused, rakes come from elsewhere": refuse(IN1, IN2, OUT),
    "a rake from elsewhere is there at any time": both(with_call(HOME1, 0, arrival_s=at("7:00")), refuse(IN1, OUT)),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_the_rules_allow_is_sound(name):
    found = check_timetable(scenario(), ALLOWED[name](sound()))
    assert [str(violation) for violation in found] == []


def test_messages_name_trains_station_and_local_times():
    early = only(scenario(), shift(OUT, -46)(sound()))
    assert early.trains == (f"IN/{DAY}/2", f"OUT/{DAY}/1")
    assert early.place == "Z" and early.time_s == at("9:44")
    assert early.message == (
        f"OUT/{DAY}/1 begins its first step at Z 2026-03-02 09:44, 0:01 before IN/{DAY}/2 ends its last step "
        "(2026-03-02 09:45); at least 0:30 is needed (link boxes)"
    )
    refused = only(scenario(), refuse(IN1)(sound()))
    assert refused.message == f"OUT/{DAY}/1 runs from Z without IN/{DAY}/1, which is refused (link boxes)"
    rake = only(scenario(), with_call(HOME1, 0, arrival_s=at("8:50"))(sound()))
    assert "2026-03-02 08:50; its rake" in rake.message and "2026-03-02 08:51" in rake.message


def test_only_trains_that_are_turned_round_wait_at_their_origin():
    assert kinds(scenario(BOXES, PEOPLE), sound()) == {"wrong-hold-at-end"}


def without_steps(*trains: int) -> Damage:
    place = {IN1: 1, IN2: 1}
    return both(*(with_call(train, place.get(train, 0), steps=()) for train in trains))


def with_dwell(made: Scenario, way: str, minutes: int) -> Scenario:
    """Let a request stand at the border for a dwell, without a process."""
    stops = {"Z": Stop("Z", minutes * MIN)}
    return replace(
        made, requests=tuple(replace(one, stops=stops) if one.id == way else one for one in made.requests)
    )  # fmt: skip


@pytest.mark.parametrize(("dwell", "found"), [(29, set()), (30, {"dwell-too-short"})])
def test_a_rake_waits_at_least_for_the_dwell(dwell, found):
    """It stands from 8:51 to 9:20, the other for five minutes more."""
    table = without_steps(HOME1, HOME2)(sound())
    assert kinds(with_dwell(scenario(), "HOME", dwell), table) == found
    assert kinds(with_dwell(scenario(BOXES, PEOPLE), "HOME", dwell), table) == {"wrong-hold-at-end"}


def test_a_rake_stands_there_for_three_days_at_most():
    """It leaves at 9:10 at the earliest, after ten minutes of brakes."""
    for minute, found in (("9:00", set()), ("8:59", {"on-track-too-early"})):
        table = both(with_call(HOME1, 0, arrival_s=at(minute, -3)), refuse(IN1, HOME2, OUT))(sound())
        assert kinds(scenario(), table) == found


@pytest.mark.parametrize(("least", "found"), [(30, set()), (31, {"containers-leave-too-early"})])
def test_boxes_of_a_train_without_a_process_wait_from_its_dwell_on(least, found):
    """The train with the dwell of 32 minutes that comes at 9:13 ends it at 9:45; loading begins at 10:15."""
    made = with_dwell(scenario(replace(BOXES, least_s=least * MIN)), "IN", 32)
    made = replace(made, requests=tuple(one for one in made.requests if one.id in ("IN", "OUT")))
    table = both(without_steps(IN1, IN2), with_call(IN1, 1, departure_s=at("8:45")), shift(OUT, -15))(sound())
    table = replace(table, paths=tuple(one for one in table.paths if one.request in ("IN", "OUT")))
    assert kinds(made, table) == found


@pytest.mark.parametrize(("least", "found"), [(30, set()), (31, {"containers-leave-too-early"})])
def test_boxes_for_a_train_that_is_turned_round_have_until_it_leaves(least, found):
    """Its rake is unloaded at 8:50, does its brakes at 9:00 and leaves at 9:20."""
    onto_home = TrainLink("back", LinkKind.TRANSSHIPMENT, "IN", "HOME", least_s=least * MIN)
    assert kinds(scenario(BOXES, RAKE, PEOPLE, onto_home), sound()) == found


def test_a_batch_is_shared_out_in_order():
    """Three trains bring for two: the one in the middle for both of them."""
    link = TrainLink("boxes", LinkKind.TRANSSHIPMENT, "IN", "OUT", first_count=3, second_count=2)
    made = scenario(link)
    per_day = {"IN": 3, "OUT": 2}
    requests = (one for one in made.requests if one.id in per_day)
    made = replace(made, requests=tuple(replace(one, per_day=per_day[one.id], every_s=HOUR) for one in requests))
    lead, out = sound().paths[IN1], sound().paths[OUT]
    paths = [
        *(replace(moved(lead, number * HOUR), train=f"IN/{DAY}/{number + 1}") for number in range(3)),
        *(replace(moved(out, (number + 1) * HOUR), train=f"OUT/{DAY}/{number + 1}") for number in range(2)),
    ]
    table = Timetable("links", tuple(paths))
    assert kinds(made, table) == set()
    for train, others in ((0, {1}), (1, {1, 2}), (2, {2})):
        found = check_timetable(made, refuse(train)(table))
        assert {violation.kind for violation in found} == {"feeder-refused"}
        pairs = {violation.trains for violation in found}
        assert pairs == {(f"IN/{DAY}/{train + 1}", f"OUT/{DAY}/{other}") for other in others}
    early = check_timetable(made, replace(table, paths=(*paths[:3], moved(paths[3], -2 * HOUR), paths[4])))
    assert {violation.trains for violation in early if violation.kind == "containers-leave-too-early"} == {
        (f"IN/{DAY}/2", f"OUT/{DAY}/1")
    }


def overnight(link: TrainLink) -> Scenario:
    """A shuttle that goes back on the next day, with the rake of the day before."""
    shuttle = PathRequest("SHUTTLE", "BROAD", "A", "Z", 9 * HOUR + 1800, both=True, earlier_s=4 * HOUR)
    return replace(scenario(link), days=2, requests=(shuttle,))


def overnight_sound() -> Timetable:
    """Comes at 8:13, goes back at 7:00 on the next day; the first train back is from elsewhere, the last one stays."""

    def train(way: str, day: int, calls: list[Call]) -> TrainPath:
        one = path(f"{way} 1", "BROAD", calls, "AZ")
        return replace(moved(one, day * DAY_S), train=f"{way}/{DAY + timedelta(days=day)}/1", request="SHUTTLE")

    there = [call("A", "1", "8:00", "8:00"), call("Z", "1", "8:13", "8:13")]
    back = [call("Z", "2", "7:00", "7:00"), call("A", "2", "7:13", "7:13")]
    turned = train("SHUTTLE/back", 1, back)
    waited = replace(turned.calls[0], arrival_s=at("8:14"))
    return Timetable(
        "links",
        (
            train("SHUTTLE", 0, there),
            train("SHUTTLE", 1, there),
            train("SHUTTLE/back", 0, back),
            replace(turned, calls=(waited, turned.calls[1])),
        ),
    )


NIGHT = TrainLink("night", LinkKind.TURN_ROUND, "SHUTTLE", "SHUTTLE/back", days_later=1, least_s=HOUR)


def test_rakes_go_back_on_the_next_day():
    made, table = overnight(NIGHT), overnight_sound()
    assert kinds(made, table) == set()
    feeder = only(made, refuse(0)(table))
    assert feeder.kind == "feeder-refused"
    assert feeder.trains == ("SHUTTLE/2026-03-02/1", "SHUTTLE/back/2026-03-03/1")
    assert kinds(overnight(replace(NIGHT, refuse=False)), refuse(0)(table)) == set()
    assert kinds(made, refuse(1)(table)) == set()
    long = only(overnight(replace(NIGHT, longest_s=22 * HOUR)), table)
    assert long.kind == "link-too-long"
    assert "SHUTTLE/back/2026-03-03/1 leaves at Z 2026-03-03 07:00, 22:47 after" in long.message
    first_back = with_call(2, 0, arrival_s=at("6:00"))(table)
    assert kinds(made, first_back) == {"wrong-hold-at-end"}


def test_trains_that_do_not_come_there_are_wrong_for_another_reason():
    table = sound()
    lost = replace(
        table.paths[MAIL], calls=table.paths[MAIL].calls[2:] + table.paths[MAIL].calls[1:2], legs=(Leg("ZC", "1"),)
    )
    paths = (*table.paths[:MAIL], lost, *table.paths[MAIL + 1 :])
    assert "wrong-route" in kinds(scenario(), replace(table, paths=paths))
    ghost = replace(table.paths[IN1], calls=(table.paths[IN1].calls[0], call("X", "1", "8:13", "8:50")))
    found = kinds(scenario(), replace(table, paths=(ghost, *table.paths[1:])))
    assert found == {"unknown-station", "broken-path"}
