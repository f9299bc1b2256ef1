"""Compression, headways and nodes against answers that can be worked out by hand, or stand in a source."""

from __future__ import annotations

from dataclasses import replace

import pytest
from capacity_lines import MIN, PLAIN, line, separation_faults, timetable, train

from railcap.corridor.rules import Closure
from railcap.errors import InputError
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.formulas.cis_period import cis_period
from railcap.measures.formulas.occupation import compression as by_formula
from railcap.measures.formulas.uic import uic406
from railcap.measures.occupation.compression import compress, compressed_timetable
from railcap.measures.occupation.consumption import Consumption, line_consumption
from railcap.measures.occupation.headways import followings, headway_matrix
from railcap.measures.occupation.nodes import node_uses
from railcap.measures.occupation.occupations import Occupations
from railcap.measures.occupation.uses import PlaceKind

DAY_MIN = 1440
MIXED_DAY = shipped_thresholds().value("uic", "occupancy_rate", "mixed/day")


def consumption(scenario, table, window_min: float = DAY_MIN, *, of: str = "", **options) -> Consumption:
    """Return the consumption of a line section, by its two stations, in a window from midnight on."""
    window = scenario.begin_s, scenario.begin_s + round(window_min * MIN)
    found = line_consumption(scenario, table, window=window, **{"recommended_rate": MIXED_DAY} | options).sections
    if not of:
        (only,) = found
        return only
    return next(one for one in found if one.line_section is not None and "".join(one.line_section.ends) == of)


# UIC 406


def test_uic406_pair_of_trains_on_two_blocks() -> None:
    two = line("AB", {("A", "B"): 120}, section={"blocks": 2})
    table = timetable(train("T1", two, [("A", 0, 0), ("B", 2, 2)]), train("T2", two, [("A", 10, 10), ("B", 12, 12)]))
    found = consumption(two, table, 12)
    assert found.compression.moved_s == (0, -540)  # T2 enters at 60
    assert found.compression.open_s == 180
    assert found.occupied_s == 120
    assert found.occupancy_rate == pytest.approx(0.167, abs=5e-4)
    blocking = [[(0, 60), (60, 120)], [(600, 660), (660, 720)]]
    formula = by_formula(blocking, 720)
    assert (formula.cycle_s, formula.open_s, formula.moved_s) == (120, 180, (0, -540))


def test_uic406_consumption_with_additional_time() -> None:
    one = line("AB", {("A", "B"): 900})
    table = timetable(
        *(train(f"T{n}", one, [("A", 24 * n, 24 * n), ("B", 24 * n + 15, 24 * n + 15)]) for n in range(5))
    )
    # 4500 s, and 900 s more for stability, that is a fifth; of 7200 s.
    found = consumption(one, table, 120, recommended_rate=1 / 1.2)
    assert found.occupied_s == 4500
    assert found.occupied_s * found.additional_rate == pytest.approx(900)
    assert found.consumption == pytest.approx(0.75)
    assert not found.too_much
    assert found.further_trains == 1
    assert found.consumption == pytest.approx(uic406(4500, 7200, 1 / 1.2).consumption_share)


def test_uic406_node_is_a_union_of_intervals_and_no_sum() -> None:
    scenario = line("AB", {("A", "B"): 60}, rules=replace(PLAIN, track_release_s=0))
    held = [(100, 300), (200, 400)]
    paths = [
        train(f"T{n}", scenario, [("A", a / 60, b / 60), ("B", b / 60 + 1, b / 60 + 1)])
        for n, (a, b) in enumerate(held)
    ]
    window = scenario.begin_s, scenario.begin_s + 1000
    (use,) = [use for use in node_uses(scenario, timetable(*paths), window) if use.station == "A"]
    assert (use.kind, use.trains, use.occupied_s) == (PlaceKind.TRACK, 2, 300)
    assert use.share == 0.30


def test_uic406_two_directions_on_single_track_add_up() -> None:
    scenario = line("AB", {("A", "B"): 200})
    up, down = (
        train("up", scenario, [("A", 0, 0), ("B", 200 / 60, 200 / 60)]),
        train("down", scenario, [("B", 5, 5), ("A", 500 / 60, 500 / 60)]),
    )
    found = consumption(scenario, timetable(up, down), 1000 / 60)
    assert found.occupied_s == 400
    assert found.occupancy_rate == pytest.approx(0.40)


def test_uic406_uniform_pairs_on_one_section() -> None:
    scenario = line("AB", {("A", "B"): 20 * MIN}, rules=replace(PLAIN, crossing_interval_s=60))
    paths = []
    for pair in range(30):
        at = 48 * pair
        paths.append(train(f"up{pair}", scenario, [("A", at, at), ("B", at + 20, at + 20)], track="1"))
        paths.append(train(f"down{pair}", scenario, [("B", at + 24, at + 24), ("A", at + 44, at + 44)], track="2"))
    found = consumption(scenario, timetable(*paths))
    assert found.occupied_s == 30 * 42 * MIN
    assert found.occupancy_rate == pytest.approx(0.875)
    assert round(100 * found.consumption) == 146
    assert found.too_much
    one_pair = consumption(scenario, timetable(*paths[:2]))
    assert DAY_MIN * MIN // one_pair.occupied_s == 34


def test_closed_time_is_no_open_time() -> None:
    scenario = line("AB", {("A", "B"): 60})
    noon = scenario.begin_s + 12 * 3600
    scenario = replace(scenario, closures=(Closure("c", section="AB", from_s=noon, until_s=noon + 3600),))
    found = consumption(scenario, timetable(train("T", scenario, [("A", 0, 0), ("B", 1, 1)])))
    assert found.open_s == 23 * 3600


def test_a_conflict_is_told_and_not_compressed() -> None:
    scenario = line("AB", {("A", "B"): 600})
    paths = [
        train(f"T{n}", scenario, [("A", 5 * n, 5 * n), ("B", 5 * n + 10, 5 * n + 10)], str(n + 1)) for n in range(2)
    ]
    with pytest.raises(InputError, match="1 pairs of trains are in conflict") as caught:
        line_consumption(scenario, timetable(*paths), recommended_rate=MIXED_DAY)
    assert "T0 then T1" in str(caught.value) and "0:05 less" in str(caught.value)


@pytest.mark.parametrize("rate", [0, -0.1, 1.01])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    scenario = line("AB", {("A", "B"): 600})
    with pytest.raises(InputError, match="above 0 and up to 1"):
        line_consumption(scenario, timetable(), recommended_rate=rate)


# CIS: periods of a pair of trains on a section of single track, http://www.tlookup.ru/wocs-1043-1.html

SCHEMES = {
    # The up train at P and Q, the down train at Q and P: does it stop there?
    "a": ((False, True), (False, True)),
    "b": ((True, False), (True, False)),
    "c": ((False, False), (True, True)),
    "d": ((True, True), (False, False)),
}
PERIODS = {"a": 59, "b": 55, "c": 57, "d": 57}


def pair_on_section(scheme: str, up: int = 400, down: int = 460):
    """Return a line O - P - Q - R and a pair of trains that enter P - Q at two times, with time to spare.

    A train that stops before it enters waits there for the other one: it has come before.
    """
    rules = replace(PLAIN, non_simultaneous_arrival_s=4 * MIN, crossing_interval_s=MIN)
    running = {("O", "P"): 600, ("P", "Q"): 24 * MIN, ("Q", "P"): 25 * MIN, ("Q", "R"): 600}
    scenario = line("OPQR", running, rules=rules, supplements_s=(2 * MIN, MIN))
    paths = []
    for name, way, minutes, enters in (("up", "OPQR", 24, up), ("down", "RQPO", 25, down)):
        at_entry, at_exit = SCHEMES[scheme][name == "down"]
        comes, leaves = enters - 100 * at_entry, enters + minutes + 2 * at_entry + at_exit
        goes = leaves + 90 * at_exit
        calls = [
            (way[0], comes - 13, comes - 13),
            (way[1], comes, enters),
            (way[2], leaves, goes),
            (way[3], goes + 13, goes + 13),
        ]
        paths.append(train(name, scenario, calls, "1" if name == "up" else "2"))
    return scenario, timetable(*paths)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("up", "down"), [(400, 460), (470, 400)])
def test_cis_period_of_each_scheme(scheme: str, up: int, down: int) -> None:
    scenario, table = pair_on_section(scheme, up, down)
    assert separation_faults(scenario, table.paths) == []
    assert consumption(scenario, table, of="PQ").occupied_s == PERIODS[scheme] * MIN


def test_cis_limiting_period_gives_26_pairs_a_day() -> None:
    least = min(consumption(*pair_on_section(scheme), of="PQ").occupied_s for scheme in SCHEMES)
    assert least == 55 * MIN and DAY_MIN * MIN // least == 26
    formula = cis_period(24, 25, 4, 1, 2, 1)
    assert {scheme: getattr(formula, f"{scheme}_min") for scheme in SCHEMES} == {
        scheme: (period,) for scheme, period in PERIODS.items()
    }


# Headways


def test_headway_matrix_of_two_kinds_of_trains() -> None:
    scenario = line("AB", {("A", "B"): 120})
    slow = replace(scenario.train_types["T"], id="S")
    times = {**scenario.network.running_times_s, ("AB", "A", "S"): 180}
    scenario = replace(
        scenario,
        network=replace(scenario.network, running_times_s=times),
        train_types={**scenario.train_types, "S": slow},
    )
    quick = [train(f"a{n}", scenario, [("A", 10 * n, 10 * n), ("B", 10 * n + 2, 10 * n + 2)]) for n in range(2)]
    slow_ones = [
        replace(train(f"b{n}", scenario, [("A", at := 10 * n + 5, at), ("B", at + 3, at + 3)]), train_type="S")
        for n in range(2)
    ]
    table = timetable(quick[0], slow_ones[0], quick[1], slow_ones[1])
    stretch = Occupations(scenario, table).stretch(["AB"])
    matrix = headway_matrix(stretch)
    assert [one.train_type for one in matrix.classes] == ["S", "T"]
    assert matrix.minimum_s == ((180, 180), (120, 120))  # h(A,B) = 120, h(B,A) = 180
    assert matrix.mean_s == 150
    assert compress(stretch.within(scenario.begin_s, scenario.begin_s + 9 * MIN)).occupied_s == 300
    assert [(one.headway_s, one.minimum_s, one.buffer_s) for one in followings(stretch)] == [
        (300, 120, 180),
        (300, 180, 120),
        (300, 120, 180),
    ]


def test_a_faster_follower_is_held_by_the_last_block() -> None:
    scenario = line("AB", {("A", "B"): 12 * MIN}, section={"blocks": 3}, rules=replace(PLAIN, block_release_s=MIN))
    fast = replace(scenario.train_types["T"], id="F")
    times = {**scenario.network.running_times_s, ("AB", "A", "F"): 6 * MIN}
    scenario = replace(
        scenario,
        network=replace(scenario.network, running_times_s=times),
        train_types={**scenario.train_types, "F": fast},
    )
    first = train("slow", scenario, [("A", 0, 0), ("B", 12, 12)])
    second = replace(train("fast", scenario, [("A", 20, 20), ("B", 26, 26)]), train_type="F")
    (found,) = followings(Occupations(scenario, timetable(first, second)).stretch(["AB"]))
    # It comes to the last block 4 minutes after its entry, a minute after the other has left it at 12.
    assert found.minimum_s == 9 * MIN and found.buffer_s == 11 * MIN
    assert found.place is not None and found.place.number == 3


def test_double_track_is_compressed_track_by_track() -> None:
    scenario = line("ABC", {("A", "B"): 600, ("B", "C"): 600}, section={"tracks": 2})
    up = [
        train(f"u{n}", scenario, [("A", 30 * n, 30 * n), ("B", at := 30 * n + 10, at), ("C", at + 10, at + 10)])
        for n in range(3)
    ]
    down = [
        train(f"d{n}", scenario, [("C", 30 * n, 30 * n), ("B", at := 30 * n + 10, at), ("A", at + 10, at + 10)], "2")
        for n in range(2)
    ]
    found = consumption(scenario, timetable(*up, *down))  # B is no end: the same trains on both sides, and no pass
    assert found.line_section is not None and found.line_section.sections == ("AB", "BC")
    assert (found.trains, found.occupied_s) == (5, 3 * 600)
    assert separation_faults(scenario, compressed_timetable(timetable(*up, *down), found.compression).paths) == []
