"""Running times, routes and shortest journeys, against rules worked out by hand and by enumeration."""

import random
from dataclasses import replace
from datetime import date

import pytest
from scenario_texts import GOOD, write_folder

from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.routing import NoRoute, Route, fixed_route, route
from railcap.corridor.rules import Rules
from railcap.corridor.running import longest_running_s, running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.formats.scenario_folder import load_scenario


def station(id_, *tracks):
    return Station(id_, id_, tracks or (track("1"), track("2", TrackKind.LOOP)), "UTC")


def track(id_, kind=TrackKind.MAIN, length=700, gauge=1676):
    return Track(id_, kind, length, frozenset({gauge}))


def section(id_, start, end, km=10, gauge=1676, **more):
    return Section(
        id_, start, end, round(km * 1000), 1, frozenset({gauge}), {"freight": 60.0, "passenger": 90.0}, **more
    )


def scenario(sections, stations=(), requests=(), running=(), **rules):
    ends = {end for one in sections for end in (one.start, one.end)}
    places = {end: station(end) for end in sorted(ends)} | {one.id: one for one in stations}
    types = {
        "GOODS": TrainType("GOODS", "Goods", "freight", 500, 80, 1676, 120, 60),
        "MAIL": TrainType("MAIL", "Mail", "passenger", 200, 80, 1676, 60, 30),
    }
    network = Network(places, {one.id: one for one in sections}, dict(running))
    return Scenario("s", "UTC", date(2026, 3, 2), 1, network, types, tuple(requests), rules=Rules(**rules))


def test_running_time_takes_the_lower_speed_and_rounds_up():
    one = scenario([section("AB", "A", "B", km=10.1)])
    assert running_time_s(one, "AB", "A", "GOODS") == 660  # 606 s at 60 km/h
    assert running_time_s(one, "AB", "B", "MAIL") == 480  # 454.5 s at the train's 80 km/h, not the line's 90
    exact = scenario([section("AB", "A", "B", km=10)])
    assert running_time_s(exact, "AB", "A", "GOODS") == 600
    assert running_time_s(scenario([section("AB", "A", "B", km=10.1)], time_step_s=1), "AB", "A", "GOODS") == 606


def test_a_given_running_time_stands_in_its_direction_only():
    one = scenario([section("AB", "A", "B")], running={("AB", "A", "GOODS"): 777}.items())
    assert running_time_s(one, "AB", "A", "GOODS") == 777
    assert running_time_s(one, "AB", "B", "GOODS") == 600
    assert running_time_s(one, "AB", "A", "MAIL") == 480


def test_longest_running_is_rounded_down_without_dust():
    one = scenario([section("AB", "A", "B")], longest_running_factor=1.1)
    assert longest_running_s(one, "AB", "A", "GOODS") == 660
    one = scenario([section("AB", "A", "B")], running={("AB", "A", "GOODS"): 777}.items(), longest_running_factor=1.1)
    assert longest_running_s(one, "AB", "A", "GOODS") == 854
    one = scenario([section("AB", "A", "B")], running={("AB", "A", "GOODS"): 100}.items(), longest_running_factor=1.15)
    assert longest_running_s(one, "AB", "A", "GOODS") == 115  # not 114: 100 * 1.15 is 114.99999999999999


def test_the_quickest_way_wins_over_the_shortest():
    slow = replace(section("AB", "A", "B", km=10), speeds_kmh={"freight": 10.0, "passenger": 90.0})
    one = scenario([slow, section("AC", "A", "C", km=20), section("CB", "C", "B", km=20)])
    assert route(one, "GOODS", "A", (), "B") == Route(("A", "C", "B"), ("AC", "CB"))
    assert route(one, "MAIL", "A", (), "B") == Route(("A", "B"), ("AB",))


def test_vias_are_passed_in_order():
    lines = [section("AB", "A", "B"), section("BC", "B", "C"), section("CD", "C", "D"), section("AD", "A", "D", 25)]
    one = scenario(lines)
    assert route(one, "GOODS", "A", (), "D").stations == ("A", "D")
    assert route(one, "GOODS", "A", ("B",), "D").stations == ("A", "B", "C", "D")
    assert route(one, "GOODS", "A", ("C", "B"), "D").stations == ("A", "B", "C", "B", "C", "D")


def test_ties_go_to_the_first_section_id():
    lines = [section("z", "A", "B"), section("b", "B", "D"), section("y", "A", "C"), section("c", "C", "D")]
    assert route(scenario(lines), "GOODS", "A", (), "D").sections == ("y", "c")
    parallel = [section("2", "A", "B"), section("1", "A", "B")]
    assert route(scenario(parallel), "GOODS", "A", (), "B").sections == ("1",)
    assert route(scenario(parallel), "GOODS", "B", (), "A").sections == ("1",)


def test_only_sections_and_stations_of_the_gauge_count():
    lines = [section("AB", "A", "B", gauge=1520), section("AC", "A", "C", km=50), section("CB", "C", "B", km=50)]
    assert route(scenario(lines), "GOODS", "A", (), "B").stations == ("A", "C", "B")
    no_track = station("C", track("1", gauge=1520))
    with pytest.raises(NoRoute, match=r"section AB has a gauge of 1520 mm"):
        route(scenario(lines, [no_track]), "GOODS", "A", (), "B")


def test_a_station_that_it_can_only_pass_or_only_stop_at_is_on_the_way():
    lines = [section("AB", "A", "B"), section("BC", "B", "C")]
    for middle in (station("B", track("1", length=100)), station("B", track("1", TrackKind.YARD))):
        assert route(scenario(lines, [middle]), "GOODS", "A", (), "C").stations == ("A", "B", "C")
    neither = station("B", track("1", TrackKind.YARD, length=100))
    with pytest.raises(NoRoute, match="at B no track"):
        route(scenario(lines, [neither]), "GOODS", "A", (), "C")


REASONS = {
    "unknown station": (("A", (), "X"), "there is no station 'X'"),
    "unknown via": (("A", ("X",), "B"), "there is no station 'X'"),
    "same station": (("A", (), "A"), "the same station"),
    "no line": (("A", (), "D"), "no line leads from A to D"),
    "too long for its end": (("A", (), "S"), "it is 500 m long, the longest track of its gauge has 300 m"),
    "no gauge at its end": (("A", (), "N"), "no track of N has its gauge of 1676 mm"),
}


@pytest.mark.parametrize("name", REASONS)
def test_why_there_is_no_route(name):
    (origin, vias, destination), reason = REASONS[name]
    lines = [section("AB", "A", "B"), section("DE", "D", "E"), section("AS", "A", "S"), section("AN", "A", "N")]
    short, narrow = station("S", track("1", length=300)), station("N", track("1", gauge=1000))
    with pytest.raises(NoRoute, match=reason):
        route(scenario(lines, [short, narrow]), "GOODS", origin, vias, destination)


def ways(one, here, goal, visited=()):
    """Yield every way without loops, with its time."""
    if here == goal:
        yield 0, ()
        return
    for each in one.network.sections.values():
        if here in (each.start, each.end) and 1676 in each.gauges_mm and each.other(here) not in (*visited, here):
            for time_s, rest in ways(one, each.other(here), goal, (*visited, here)):
                yield time_s + running_time_s(one, each.id, here, "GOODS"), (each.id, *rest)


@pytest.mark.parametrize("seed", range(150))
def test_routes_equal_the_best_of_all_ways(seed):
    dice = random.Random(seed)
    names = "ABCDEF"[: dice.randint(2, 6)]
    lines = []
    for number in range(dice.randint(1, 10)):
        start, end = dice.sample(names, 2)
        lines.append(
            section(f"{dice.randint(0, 9)}{number}", start, end, dice.randint(1, 4), dice.choice([1676, 1676, 1520]))
        )
    one = scenario(lines, [station(name) for name in names])
    best = min(ways(one, names[0], names[-1]), default=None)
    if best is None:
        with pytest.raises(NoRoute):
            route(one, "GOODS", names[0], (), names[-1])
    else:
        found = route(one, "GOODS", names[0], (), names[-1])
        assert found.sections == best[1]
        assert len(found.stations) == len(found.sections) + 1


def fixed(*stations):
    return FixedPath(
        "F", "GOODS", tuple(FixedCall(one, 1000 * place, 1000 * place) for place, one in enumerate(stations))
    )


def test_a_fixed_path_takes_the_quickest_of_parallel_sections():
    lines = [section("b", "A", "B", 10), section("a", "A", "B", 30), section("c", "A", "B", 5, gauge=1520)]
    assert fixed_route(scenario(lines), fixed("A", "B")) == Route(("A", "B"), ("b",))
    assert fixed_route(scenario(lines), fixed("A", "B", "A")).sections == ("b", "b")


@pytest.mark.parametrize(
    ("stations", "reason"),
    [
        (("A", "C"), "no section joins A and C"),
        (("A", "A"), "no section joins A and A"),
        (("A",), "at least two calls"),
        (("B", "C"), "section BC has a gauge of 1520 mm"),
        (("A", "X"), "there is no station 'X'"),
    ],
)
def test_fixed_paths_that_have_no_route(stations, reason):
    one = scenario([section("AB", "A", "B"), section("BC", "B", "C", gauge=1520)])
    with pytest.raises(NoRoute, match=reason):
        fixed_route(one, fixed(*stations))


def journey(stops=(), stations=()):
    lines = [section("AB", "A", "B"), section("BC", "B", "C"), section("CD", "C", "D")]
    asked = {one.station: one for one in stops}
    request = PathRequest("R", "GOODS", "A", "D", 0, stops=asked)
    one = scenario(lines, stations, [request])
    return shortest_journey_s(one, train_requests(one)[0])


def test_the_shortest_journey_counts_running_supplements_and_dwells():
    alone = 3 * 600 + 120 + 60
    assert journey() == alone
    assert journey([Stop("B", 300)]) == alone + 300 + 180
    assert journey([Stop("*", 30)]) == alone + 2 * (30 + 180)
    assert journey([Stop("*", 30), Stop("C", 0)]) == alone + 30 + 180 + 180
    assert journey([Stop("A", 900), Stop("D", 900)]) == alone  # dwells at the ends are no part of the journey
    assert journey([Stop("B", 60, 10, 20, 30, 40)]) == alone + 60 + 180  # nor are windows


def test_a_stop_that_the_tracks_force_counts():
    assert journey(stations=[station("B", track("1", TrackKind.LOOP))]) == 3 * 600 + 180 + 180


def test_given_running_times_reach_the_flagship_size(tmp_path):
    """A folder's given running time steers the route and the journey."""
    one = load_scenario(write_folder(tmp_path / "good", GOOD))
    cont = train_requests(one)[0]
    # Q-B 33 km at 60, B-G 48 km at 50 (57.6 min, rounded up), G-C given; a stop of 20 min at Gulistan.
    assert shortest_journey_s(one, cont) == 60 * (33 + 58 + 95 + 20 + 3 + 3)
