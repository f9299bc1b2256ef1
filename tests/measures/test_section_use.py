"""Occupied and open time of sections."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from sample_line import line_scenario, sample_timetable

from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.measures.intervals import clipped, length, union, without
from railcap.measures.section_use import SectionUse, section_uses
from railcap.planning.timetable import Call, Leg, Timetable, TrainPath

PLAIN = replace(line_scenario(4), closures=(), daylight=())
HOUR = 3600
interval_sets = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


def run(name: str, enter_s: int, leave_s: int, *, back: bool = False) -> TrainPath:
    one, other = ("s01", "s00") if back else ("s00", "s01")
    begin = PLAIN.begin_s
    calls = (
        Call(one, "1", begin + enter_s, begin + enter_s, True),
        Call(other, "1", begin + leave_s, begin + leave_s, True),
    )
    return TrainPath(name, name, "", "FRT", calls, (Leg("s00-s01", "1"),))


def use(scenario: Scenario, *paths: TrainPath) -> SectionUse:
    (one,) = section_uses(scenario, Timetable("x", paths))
    return one


def with_section(**changes: object) -> Scenario:
    network = PLAIN.network
    section = replace(network.sections["s00-s01"], **changes)  # type: ignore[arg-type]
    return replace(PLAIN, network=replace(network, sections={**network.sections, section.id: section}))


def test_a_train_takes_its_running_time_and_the_following_interval() -> None:
    one = use(PLAIN, run("a", HOUR, HOUR + 600))
    assert (one.occupied_s, one.open_s, one.trains) == (600 + 240, 24 * HOUR, 1)
    assert one.share == (600 + 240) / (24 * HOUR)


def test_an_opposing_train_waits_for_the_crossing_interval() -> None:
    one = use(PLAIN, run("a", HOUR, HOUR + 600), run("b", 2 * HOUR, 2 * HOUR + 600, back=True))
    assert one.occupied_s == (600 + 60) + (600 + 240)


def test_a_follower_waits_for_one_block_only() -> None:
    paths = run("a", HOUR, HOUR + 600), run("b", 2 * HOUR, 2 * HOUR + 600)
    assert use(with_section(blocks=2), *paths).occupied_s == (300 + 60) + (600 + 60)


def test_a_faster_follower_waits_longer() -> None:
    paths = run("a", HOUR, HOUR + 600), run("b", 2 * HOUR, 2 * HOUR + 200)
    # It may clear the first block at 100 no sooner than 60 after the leader has left the second at 600.
    assert use(with_section(blocks=2), *paths).occupied_s == (600 - 100 + 60) + (200 + 60)


def test_a_sections_own_following_interval_counts() -> None:
    assert use(with_section(following_interval_s=400), run("a", HOUR, HOUR + 600)).occupied_s == 1000


def test_closed_time_is_not_open() -> None:
    closure = Closure("c", section="s00-s01", from_s=PLAIN.begin_s, until_s=PLAIN.begin_s + 14 * HOUR)
    one = use(replace(PLAIN, closures=(closure,)), run("a", 14 * HOUR, 16 * HOUR - 240))
    assert (one.open_s, one.share) == (10 * HOUR, 0.2)


def test_the_last_day_is_closed_beyond_the_horizon_too() -> None:
    nightly = Closure("c", section="s00-s01", from_of_day_s=12 * HOUR, until_of_day_s=24 * HOUR)
    one = use(replace(PLAIN, run_out_h=4.0, closures=(nightly,)), run("a", 26 * HOUR, 26 * HOUR + 600))
    assert (one.busiest_day, one.busiest_share) == ("2026-03-03", (600 + 240) / (12 * HOUR))


def test_run_out_counts_as_a_day_but_not_in_the_total() -> None:
    one = use(PLAIN, run("a", 30 * HOUR, 30 * HOUR + 600))
    assert (one.occupied_s, one.trains, one.busiest_day) == (0, 1, "2026-03-03")
    assert one.busiest_share > 0


def test_shares_stay_between_nothing_and_all_and_the_busiest_comes_first() -> None:
    scenario = line_scenario(12, days=2, per_day=40)
    uses = section_uses(scenario, sample_timetable(scenario))
    assert all(0 <= one.share <= 1 and 0 <= one.busiest_share <= 1 for one in uses)
    assert [one.busiest_share for one in uses] == sorted((one.busiest_share for one in uses), reverse=True)


@given(interval_sets, interval_sets, st.integers(0, 40), st.integers(0, 40))
def test_intervals_agree_with_sets_of_seconds(
    one: list[tuple[int, int]], other: list[tuple[int, int]], begin: int, end: int
) -> None:
    def seconds(intervals: list[tuple[int, int]]) -> set[int]:
        return {second for low, high in intervals for second in range(low, high)}

    assert seconds(union(one)) == seconds(one)
    assert length(union(one)) == len(seconds(one))
    left = without(union(one), union(other))
    assert seconds(left) == seconds(one) - seconds(other)
    assert left == sorted(left)
    assert seconds(clipped(union(one), begin, end)) == seconds(one) & set(range(begin, end))
