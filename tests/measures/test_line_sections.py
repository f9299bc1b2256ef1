"""Where line sections end, how regular traffic is, and what is read off a timetable all together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from capacity_lines import MIN, PLAIN, line, timetable, train

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import Closure
from railcap.errors import InputError
from railcap.measures.names import train_labels
from railcap.measures.occupation.consumption import Window, line_consumption
from railcap.measures.occupation.line_sections import line_sections
from railcap.measures.occupation.nodes import busiest_nodes
from railcap.measures.occupation.occupations import Occupations
from railcap.measures.occupation.regularity import regularities
from railcap.measures.occupation.report import timetable_capacity
from railcap.measures.occupation.report_text import capacity_text
from railcap.measures.occupation.uses import PlaceKind

DOUBLE = line("ABCD", {("A", "B"): 600, ("B", "C"): 600, ("C", "D"): 600}, section={"tracks": 2})
SINGLE = line("ABCD", {("A", "B"): 600, ("B", "C"): 600, ("C", "D"): 600})


def ends(scenario, *paths, **options) -> list[str]:
    return ["".join(one.ends) for one in line_sections(scenario, timetable(*paths), **options)]


def through(name: str, scenario, at: float, stops: dict[str, float] | None = None, track: str = "1"):
    """Return a train from A to D that leaves at a minute, ten minutes a section, with stops of some minutes."""
    calls, now = [], at
    for place in "ABCD":
        stay = (stops or {}).get(place, 0)
        calls.append((place, now, now + stay))
        now += stay + 10
    return train(name, scenario, calls, track)


def test_on_double_track_a_line_section_reaches_as_far_as_all_trains_do() -> None:
    assert ends(DOUBLE, through("a", DOUBLE, 0)) == ["AD"]
    short = train("short", DOUBLE, [("A", 60, 60), ("B", 70, 70)])
    assert ends(DOUBLE, through("a", DOUBLE, 0), short) == ["AB", "BD"]


def test_on_double_track_it_ends_where_a_train_passes_another() -> None:
    slow = through("slow", DOUBLE, 0, {"C": 40}, track="2")
    quick = through("quick", DOUBLE, 20)
    assert ends(DOUBLE, slow, quick) == ["AC", "CD"]


def test_on_double_track_it_ends_where_a_train_stands_through_a_closure() -> None:
    begin = DOUBLE.begin_s + 25 * MIN
    closed = replace(DOUBLE, closures=(Closure("c", section="CD", from_s=begin, until_s=begin + 10 * MIN),))
    assert ends(closed, through("a", closed, 0, {"C": 30})) == ["AC", "CD"]
    assert ends(closed, through("a", closed, 100, {"C": 30})) == ["AD"]


def test_on_single_track_it_ends_where_trains_can_meet() -> None:
    assert ends(SINGLE, through("a", SINGLE, 0)) == ["AB", "BC", "CD"]
    stations = SINGLE.network.stations
    halt = replace(stations["B"], tracks=(Track("1", TrackKind.MAIN, 700, frozenset({1676})),))
    network = replace(SINGLE.network, stations={**stations, "B": halt})
    assert ends(replace(SINGLE, network=network), through("a", SINGLE, 0)) == ["AC", "CD"]


def test_it_ends_where_single_track_meets_double() -> None:
    sections = {**DOUBLE.network.sections, "CD": SINGLE.network.sections["CD"]}
    mixed = replace(DOUBLE, network=replace(DOUBLE.network, sections=sections))
    assert ends(mixed, through("a", mixed, 0)) == ["AC", "CD"]


def test_only_some_sections() -> None:
    assert ends(SINGLE, through("a", SINGLE, 0), sections=["BC"]) == ["BC"]


def test_regularity_of_a_direction() -> None:
    # Headways at A of 10, 20 and 30 minutes (the last one closes the hour); the second takes 8 minutes, not 10.
    scenario = line("AB", {("A", "B"): 8 * MIN})
    runs = [(0, 10), (10, 18), (30, 40)]
    paths = [train(f"t{n}", scenario, [("A", a, a), ("B", b, b)]) for n, (a, b) in enumerate(runs)]
    stretch = Occupations(scenario, timetable(*paths)).stretch(["AB"])
    (found,) = regularities(stretch, Window("", scenario.begin_s, scenario.begin_s + 60 * MIN))
    assert (found.entering, found.leaving, found.trains) == ("A", "B", 3)
    assert found.heterogeneity is not None
    assert found.heterogeneity.sshr == pytest.approx(1 / 8 + 1 / 20 + 1 / 30)
    assert found.heterogeneity.sahr == pytest.approx(1 / 8 + 1 / 22 + 1 / 30)
    assert found.speed_ratio == pytest.approx(10 / 8)


def test_a_day_counts_the_trains_that_enter_on_it() -> None:
    late = through("late", SINGLE, 1435)
    found = line_consumption(SINGLE, timetable(through("a", SINGLE, 0), late), recommended_rate=0.6)
    days = {(one.line_section.name(SINGLE), one.window.name): one.trains for one in found.sections if one.line_section}
    assert days == {
        ("A - B", "2026-03-02"): 2,
        ("B - C", "2026-03-02"): 1,
        ("B - C", "2026-03-03"): 1,
        ("C - D", "2026-03-02"): 1,
        ("C - D", "2026-03-03"): 1,
    }
    assert [window.name for window in found.windows] == ["2026-03-02", "2026-03-03"]
    assert [one.trains for one in found.whole] == [2]


def test_blocking_times_tell_who_has_what() -> None:
    scenario = line("AB", {("A", "B"): 600}, section={"blocks": 2}, rules=replace(PLAIN, block_release_s=90))
    path = train("t", scenario, [("B", 0, 5), ("A", 15, 15)])
    found = {
        (one.place.kind, one.place.where, one.place.number): (
            one.from_s - scenario.begin_s,
            one.until_s - scenario.begin_s,
            one.release_s,
        )
        for one in Occupations(scenario, timetable(path)).blockings()
    }
    assert found == {
        (PlaceKind.BLOCK, "AB", 2): (300, 600, 90),
        (PlaceKind.BLOCK, "AB", 1): (600, 900, 90),
        (PlaceKind.TRACK, "B", 1): (0, 300, 1),
        (PlaceKind.TRACK, "A", 1): (900, 900, 1),
    }


def test_the_text_says_first_what_binds() -> None:
    slower = {**SINGLE.network.running_times_s, ("BC", "B", "T"): 1200}
    scenario = replace(SINGLE, network=replace(SINGLE.network, running_times_s=slower))
    paths = [
        train(
            f"t{n}",
            scenario,
            [("A", n * 30, n * 30), ("B", b := n * 30 + 10, b), ("C", b + 20, b + 20), ("D", b + 30, b + 30)],
        )
        for n in range(45)
    ]
    table = timetable(*paths)
    capacity = timetable_capacity(scenario, table, recommended_rate=0.6)
    assert capacity.limiting is not None
    assert capacity.limiting.consumption.line_section is not None
    assert capacity.limiting.consumption.line_section.ends == ("B", "C")
    text = capacity_text(scenario, capacity, train_labels(table))
    first = " ".join(text.split("\n\n")[0].split())
    # 45 trains of 20 minutes each: 15 of 24 hours.
    assert "bound by B - C (single track, 10.0 km) on 2026-03-02. Its 45 trains, pushed together, take 15:00" in first
    assert "occupied 62 %" in first and "consumption is 104 %: too much" in first
    rows = [line.split()[:3] for line in text.splitlines() if "room for" in line or "binds" in line]
    assert ["B", "-", "C"] in rows and ["A", "-", "B"] in rows
    (fullest, *_) = busiest_nodes(capacity.nodes)
    assert fullest.occupied_s <= fullest.open_s


def test_without_trains_there_is_nothing_to_say() -> None:
    capacity = timetable_capacity(SINGLE, timetable(), recommended_rate=0.6)
    assert capacity.limiting is None
    assert "no train runs" in capacity_text(SINGLE, capacity, {})


def test_a_window_of_more_than_a_week_has_its_regularity() -> None:
    long = replace(SINGLE, days=10)
    table = timetable(*(through(f"t{day}", long, day * 1440) for day in range(10)))
    capacity = timetable_capacity(long, table, recommended_rate=0.6, window=(long.begin_s, long.begin_s + 10 * 86_400))
    (one,) = capacity.sections[0].regularity
    assert one.trains == 10 and one.heterogeneity is not None
    assert one.heterogeneity.sshr == pytest.approx(10 / 1440)


def test_a_window_beyond_the_horizon_is_refused_since_closures_are_not_known_there() -> None:
    table = timetable(through("a", SINGLE, 0))
    for window in ((SINGLE.begin_s - 1, SINGLE.end_s), (SINGLE.begin_s, SINGLE.end_s + 3600)):
        with pytest.raises(InputError, match="give a time within 2026-03-02 00:00 to 2026-03-0"):
            timetable_capacity(SINGLE, table, recommended_rate=0.6, window=window)
    assert timetable_capacity(SINGLE, table, recommended_rate=0.6, window=(SINGLE.begin_s, SINGLE.end_s)).trains == 1
