"""Capacity from a traffic mix: each figure on lines small enough to work out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from capacity_lines import GAUGE, MIN, PLAIN, line

import railcap
from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.traffic import PathRequest, TrainType
from railcap.errors import InputError
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.formulas.thresholds import Threshold
from railcap.measures.mix.flows import section_flows
from railcap.measures.mix.headways import mean_headway_s
from railcap.measures.mix.methods import METHODS, interval_s
from railcap.measures.mix.report import mix_capacity
from railcap.measures.mix.report_text import cis_traffic, mix_text
from railcap.measures.mix.stretches import stretches

ALL_T = {"T": 1.0}
INTERVALS = replace(PLAIN, non_simultaneous_arrival_s=240, crossing_interval_s=60, following_interval_s=240)
THREE = {("A", "B"): 10 * MIN, ("B", "C"): 24 * MIN, ("C", "B"): 25 * MIN, ("C", "D"): 10 * MIN}


def told(scenario, mix=ALL_T, **options):
    return mix_capacity(scenario, shipped_thresholds(), mix=mix, **options)


def pairs(scenario, **options) -> dict[str, int]:
    (part,) = told(scenario, **options).parts
    return {row.method: row.figure.pairs for row in part.rows}


def requests(scenario, *asked: tuple[str, str, str, int]):
    return replace(
        scenario,
        requests=tuple(
            PathRequest(f"r{number}", kind, one, other, 3600, per_day=count, every_s=600)
            for number, (kind, one, other, count) in enumerate(asked)
        ),
    )


def test_cis_periods_of_the_worked_example_tlookup_wocs_1042() -> None:
    (part,) = told(line("ABCD", THREE, rules=INTERVALS, supplements_s=(120, 60))).parts
    row = part.rows[0]
    found = row.limiting.periods
    assert row.limiting.stretch.ends == ("B", "C")
    assert (found.a_min, found.b_min, found.c_min, found.d_min) == ((59,), (55,), (57,), (57,))
    assert cis_traffic(row.limiting)[:2] == (26, int(1380 / 55 * 0.93))
    assert {row.method: row.figure.pairs for row in part.rows}["theoretical"] == 26


def test_at_the_ends_of_the_line_no_train_comes_from_elsewhere() -> None:
    (part,) = told(line("ABCD", THREE, rules=INTERVALS, supplements_s=(120, 60))).parts
    assert [one.stretch.arrival_s / MIN for one in part.sections] == [2.5, 4, 2.5]


def test_uniform_pairs_take_42_min_and_34_of_them_a_day() -> None:
    scenario = line("AB", {("A", "B"): 20 * MIN}, rules=replace(INTERVALS, non_simultaneous_arrival_s=60))
    assert pairs(scenario)["theoretical"] == 34


def test_scott_counts_nine_trains_calculator_academy() -> None:
    # 17 min of running with 2 and 1 min of supplements are 20; the block operation takes 100.
    rules = replace(INTERVALS, following_interval_s=100 * MIN)
    (part,) = told(line("AB", {("A", "B"): 17 * MIN}, rules=rules, supplements_s=(120, 60))).parts
    figure = next(row.figure for row in part.rows if row.method == "scott")
    assert (figure.trains, figure.pairs) == (9, 4)


def test_double_track_of_helpiks_counts_62_of_72_pairs() -> None:
    scenario = line("AB", {("A", "B"): 16 * MIN}, rules=INTERVALS, section={"tracks": 2})
    (part,) = told(scenario).parts
    assert interval_s(part.sections[0].stretch) == 20 * MIN
    assert pairs(scenario)["cis"] == 62 and pairs(scenario)["theoretical"] == 72
    blocks = line("AB", {("A", "B"): 16 * MIN}, rules=INTERVALS, section={"tracks": 2, "blocks": 4})
    assert interval_s(told(blocks).parts[0].sections[0].stretch) == 4 * MIN  # no block release in these rules


def test_uic_405_takes_the_mean_of_followings_and_meetings() -> None:
    scenario = line("AB", {("A", "B"): 20 * MIN}, rules=INTERVALS)
    (one,) = stretches(scenario, section_flows(scenario, ALL_T))
    assert mean_headway_s(one) == (24 + 21) / 2 * MIN
    (part,) = told(scenario).parts
    assert next(row.figure for row in part.rows if row.method == "uic-405").trains == int(1440 / (22.5 / 0.6 + 0.25))


def test_uic_405_on_two_blocks_by_hand() -> None:
    # 10 min a block. T behind T: the first has left the first block after 10 min, 1 min release.
    # Q takes 5 min a block: behind T it must not catch it: 20 + 1 - 5 = 16; T behind Q: 5 + 1.
    rules = replace(INTERVALS, block_release_s=60)
    scenario = line("AB", {("A", "B"): 20 * MIN}, rules=rules, section={"tracks": 2, "blocks": 2})
    quick = TrainType("Q", "Q", "passenger", 100, 120, 1676, 0, 0)
    times = dict(scenario.network.running_times_s) | {("AB", end, "Q"): 10 * MIN for end in "AB"}
    scenario = replace(
        scenario,
        train_types={**scenario.train_types, "Q": quick},
        network=replace(scenario.network, running_times_s=times),
    )
    (one,) = stretches(scenario, section_flows(scenario, {"T": 0.5, "Q": 0.5}))
    assert mean_headway_s(one) == (11 + 16 + 6 + 6) / 4 * MIN


def test_closed_time_is_taken_off_the_day() -> None:
    scenario = line("AB", {("A", "B"): 20 * MIN}, rules=replace(INTERVALS, non_simultaneous_arrival_s=60))
    by_day = replace(scenario, daylight=(Daylight(section="AB", from_of_day_s=6 * 3600, until_of_day_s=18 * 3600),))
    assert pairs(by_day)["theoretical"] == 17
    # Maintenance has room in twelve closed hours, so that they alone count.
    assert pairs(by_day)["cis"] == int(720 / 42 * 0.93)
    assert pairs(by_day)["scott"] == int(1440 / 24 * 0.75 / 2) // 2
    two_days = replace(scenario, days=2)
    begin = scenario.begin_s
    shut = replace(two_days, closures=(Closure("c", section="AB", from_s=begin, until_s=begin + 86400),))
    assert pairs(shut)["theoretical"] == 17
    never = replace(scenario, closures=(Closure("c", section="AB", from_s=begin - 86400, until_s=begin + 3 * 86400),))
    assert set(pairs(never).values()) == {0}
    assert "0 pairs of trains a day" in mix_text(never, told(never))


def test_a_line_that_is_open_for_seconds_has_no_room_and_every_method_says_so() -> None:
    scenario = requests(line("AB", {("A", "B"): 20 * MIN}), ("T", "A", "B", 8), ("T", "B", "A", 8))
    shut = Closure("works", section="AB", from_s=scenario.begin_s + 15, until_s=scenario.end_s)
    (part,) = told(replace(scenario, closures=(shut,)), mix=None).parts
    assert {row.method for row in part.rows} == set(METHODS)
    assert all(row.figure.pairs == 0 and not row.enough for row in part.rows)


def test_a_section_too_long_for_its_hours_is_not_enough_by_any_method() -> None:
    """A pair takes 9 h of the 8 h that the section is open: no method has a pair, and CIS and the chart no load."""
    scenario = requests(line("AB", {("A", "B"): 270 * MIN}), ("T", "A", "B", 1), ("T", "B", "A", 1))
    shut = Closure("works", section="AB", from_of_day_s=0, until_of_day_s=16 * 3600)
    shorter = replace(scenario, closures=(shut,))
    (part,) = told(shorter, mix=None).parts
    assert {row.method: (row.figure.pairs, row.enough) for row in part.rows} == dict.fromkeys(METHODS, (0, False))
    text = " ".join(mix_text(shorter, told(shorter, mix=None, methods=["cis"])).split())
    assert "1 pair a day asked for: not enough, there is no room for one." in text and " inf" not in text


def test_on_double_track_one_closed_track_closes_a_direction() -> None:
    scenario = line("AB", {("A", "B"): 16 * MIN}, rules=INTERVALS, section={"tracks": 2})
    shut = Closure("c", section="AB", section_track="2", from_of_day_s=0, until_of_day_s=12 * 3600)
    assert pairs(replace(scenario, closures=(shut,)))["theoretical"] == 36


def test_where_trains_are_too_long_to_meet_sections_are_one() -> None:
    scenario = line("ABC", {("A", "B"): 10 * MIN, ("B", "C"): 10 * MIN}, rules=INTERVALS)
    assert [one.stretch.stations for one in told(scenario).sections] == [("A", "B"), ("B", "C")]
    long, short_main, short_loop = (
        Track("1", TrackKind.MAIN, 700, GAUGE),
        Track("2", TrackKind.MAIN, 500, GAUGE),
        Track("3", TrackKind.LOOP, 500, GAUGE),
    )
    # On a main track trains of any length pass; on a short loop neither of two trains of 600 m can be.
    for tracks, expected in (((long, short_main), ["AB", "BC"]), ((long, short_loop), ["AC"])):
        stations = {**scenario.network.stations, "B": replace(scenario.network.stations["B"], tracks=tracks)}
        found = told(replace(scenario, network=replace(scenario.network, stations=stations))).sections
        assert ["".join(one.stretch.ends) for one in found] == expected
    halt = replace(scenario.network.stations["B"], tracks=(long,))
    stations = {**scenario.network.stations, "B": halt}
    (one,) = told(replace(scenario, network=replace(scenario.network, stations=stations))).sections
    assert (one.stretch.stations, one.stretch.there.running_s) == (("A", "B", "C"), 20 * MIN)


def test_what_is_asked_for_is_counted_by_direction_and_day() -> None:
    scenario = requests(line("ABCD", THREE, rules=INTERVALS), ("T", "A", "D", 5), ("T", "C", "A", 3))
    found = {one.stretch.ends: one.stretch for one in told(scenario, mix=None).sections}
    assert (found["A", "B"].asked_there, found["A", "B"].asked_back) == (5, 3)
    assert (found["C", "D"].asked_there, found["C", "D"].asked_back) == (5, 0)
    mixed = {one.stretch.ends: one.stretch for one in told(scenario).sections}
    assert (mixed["A", "B"].asked_there, mixed["A", "B"].asked_back) == (4, 4)


def test_meets_after_petersen_count_on_each_section() -> None:
    scenario = requests(line("AB", {("A", "B"): 30 * MIN}, rules=INTERVALS), ("T", "A", "B", 12), ("T", "B", "A", 6))
    (part,) = told(scenario, mix=None).parts
    assert part.meets == pytest.approx(12 * 6 * 60 / 1440)


def test_freight_beside_passenger_trains_by_coefficients_of_removal() -> None:
    scenario = line(
        "AB",
        {("A", "B"): 20 * MIN},
        rules=replace(INTERVALS, non_simultaneous_arrival_s=60),
        section={"speeds_kmh": {"freight": 60.0, "passenger": 60.0}},
    )
    mail = TrainType("P", "P", "passenger", 100, 120, 1676, 0, 0)
    scenario = replace(scenario, train_types={**scenario.train_types, "P": mail})
    times = dict(scenario.network.running_times_s) | {("AB", end, "P"): 15 * MIN for end in "AB"}
    scenario = replace(scenario, network=replace(scenario.network, running_times_s=times))
    asked = requests(scenario, *((kind, *ends, 5) for kind in "TP" for ends in ("AB", "BA")))
    (part,) = told(asked, mix=None).parts
    greatest, available, traffic = cis_traffic(part.rows[0].limiting)
    assert (greatest, available) == (34, int(1380 / 42 * 0.93))
    assert traffic.freight_pairs == available - 6  # five pairs, each in the place of 1.2
    assert traffic.required_pairs == int(1.1 * (5 + 6) / 0.85)


def test_an_administration_replaces_only_what_it_has() -> None:
    own = Threshold("kazakhstan", "reliability", "single", 0.5, None, None, "our own")
    table = shipped_thresholds().replaced_by([own])
    scenario = line("AB", {("A", "B"): 20 * MIN}, rules=INTERVALS)
    plain, theirs = (
        mix_capacity(scenario, table, mix=ALL_T, administration=name).parts[0].rows[0].figure
        for name in ("", "kazakhstan")
    )
    assert theirs.pairs_exact == pytest.approx(plain.pairs_exact * 0.5 / 0.93)
    rows = {row.name: row.administration for use in theirs.answer.used for row in use.rows}
    assert rows["reliability"] == "kazakhstan" and rows["window_min"] == "cis"


def test_a_range_by_the_thresholds_that_give_least_and_most() -> None:
    (part,) = told(line("AB", {("A", "B"): 20 * MIN}, rules=replace(INTERVALS, non_simultaneous_arrival_s=60))).parts
    rows = {row.method: row for row in part.rows}
    assert (rows["cis"].least_pairs, rows["cis"].most_pairs) == (int(1320 / 42 * 0.9), int(1380 / 42 * 0.96))
    assert (rows["practical"].least_pairs, rows["practical"].most_pairs) == (
        int(0.6 * 1440 / 42),
        int(0.75 * 1440 / 42),
    )


def test_light_engines_count_beside_the_trains() -> None:
    week = railcap.load("karachi-uzen-week")
    flows = section_flows(week)
    ramp = [one for one, found in flows.items() if any(flow.light for flow in found)]
    assert ramp and all("pk_" in one for one in ramp)
    light = {flow.train_type for one in ramp for flow in flows[one] if flow.light}
    assert light == {"PK_LIGHT"}
    assert all(one.there.train_type != "PK_LIGHT" for one in stretches(week, {one: flows[one] for one in ramp}))


def test_nothing_to_count_is_told() -> None:
    scenario = line("AB", {("A", "B"): 20 * MIN})
    with pytest.raises(InputError, match="no train runs on any section"):
        told(scenario, mix=None)
    with pytest.raises(InputError, match="no such train type; it has T"):
        told(scenario, mix={"U": 1.0})
    with pytest.raises(InputError, match="no row of it"):
        told(scenario, administration="nowhere")
