"""How busy yards are, and what binds them, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planning_random import random_timetable, random_yard_scenario
from sample_yard import asked, at, border_line, step, train

from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import AtClose, OpeningHours
from railcap.measures.holds import yard_stations
from railcap.measures.intervals import at_least, begun_before, common, levels, union
from railcap.measures.standing import standing
from railcap.measures.yards import YardUse, yard_uses
from railcap.planning.timetable import Timetable, TrainPath

HOUR_S = 3600
IN = asked("IN", "A-Y", "5:00", "unload", per_day=3)
PLAIN = border_line(IN)


def unloaded(number: int, track: str, arrival: str, begin: str, end: str) -> TrainPath:
    """Return a train that waits on a track for the crane on track K."""
    return train(
        f"IN/{number}",
        ("A", "1", "4:00", "4:00"),
        ("B", "1", "4:13", "4:13"),
        ("Y", track, arrival, end, step("unload", "K", begin, end, "crane")),
    )


ONE, TWO, THREE = (
    unloaded(1, "K", "6:00", "6:00", "7:00"),
    unloaded(2, "1", "6:10", "7:01", "8:01"),
    unloaded(3, "2", "6:40", "8:02", "9:02"),
)


def use(scenario: Scenario, *paths: TrainPath) -> YardUse:
    timetable = Timetable("x", paths)
    (one,) = yard_uses(scenario, timetable, standing(scenario, timetable))
    return one


def test_a_crane_and_its_queue() -> None:
    one = use(PLAIN, ONE, TWO, THREE)
    (crane,) = one.resources
    assert (crane.resource, crane.trains, crane.longest_queue) == ("crane", 3, 2)
    # Waits of none, 51 and 82 minutes; three hours of work in a day that is open all around the clock.
    assert (crane.wait_mean_s, crane.wait_max_s) == (133 * 60 / 3, 82 * 60)
    assert (crane.load.busy_s, crane.load.open_s, crane.load.share) == (3 * HOUR_S, 24 * HOUR_S, 0.125)
    assert (crane.load.busiest_day, crane.load.busiest_share) == ("2026-03-02", 0.125)


def test_every_unit_of_a_resource_counts() -> None:
    (crane,) = use(border_line(IN, cranes=2), ONE, TWO).resources
    assert (crane.load.busy_s, crane.load.open_s) == (2 * HOUR_S, 48 * HOUR_S)


def test_closed_time_is_neither_open_nor_busy() -> None:
    hours = OpeningHours("crane", 6 * HOUR_S, 8 * HOUR_S)
    crane = replace(PLAIN.yard_resources["crane"], at_close=AtClose.RUN_OVER)
    scenario = replace(PLAIN, opening_hours=(hours,), yard_resources={"crane": crane})
    # Two hours are open; the first train is done in them, of the second one 59 minutes.
    (found,) = use(scenario, ONE, TWO).resources
    assert (found.load.busy_s, found.load.open_s) == (119 * 60, 2 * HOUR_S)


def test_days_are_those_on_which_it_works() -> None:
    late = unloaded(3, "2", "30:00", "30:00", "31:00")
    (crane,) = use(PLAIN, ONE, TWO, late).resources
    assert (crane.load.busy_s, crane.load.open_s) == (3 * HOUR_S, 48 * HOUR_S)
    assert (crane.load.busiest_day, crane.load.busiest_share) == ("2026-03-02", 2 / 24)


def test_tracks_are_taken_for_longer_than_they_are_needed() -> None:
    one = use(PLAIN, ONE, TWO, THREE)
    every, crane = one.tracks
    assert (every.tracks, every.every, every.most) == (("1", "2", "K"), True, 3)
    # The third train comes at 6:40; the first leaves at 7:00, a minute later the second changes to its track.
    assert every.full_s == 22 * 60
    assert every.taken.busy_s == (61 + 51 + 1 + 61 + 82 + 1 + 61) * 60
    assert every.work.busy_s == (61 + 1 + 61 + 1 + 61) * 60
    assert (crane.tracks, crane.most, crane.full_s) == (("K",), 1, 183 * 60)
    assert one.trains == 3


def test_a_closed_track_is_not_open_and_makes_a_yard_full_sooner() -> None:
    shut = Closure("points", station="Y", track="2", from_s=at("6:00"), until_s=at("9:00"))
    one = use(replace(PLAIN, closures=(shut,)), ONE, TWO)
    assert one.tracks[0].full_s == (at("7:02") - at("6:10"))
    assert one.tracks[0].taken.open_s == (3 * 24 - 3) * HOUR_S


def test_trains_held_out_on_the_line() -> None:
    scenario = border_line(IN, asked("THROUGH", "A-Y", "5:00"), tracks=1)
    held = train("THROUGH", ("A", "1", "5:00", "5:00"), ("B", "1", "6:13", "6:49"), ("Y", "1", "7:02", "7:02"))
    one = use(scenario, ONE, TWO, held)
    assert (one.held_out, one.held_out_s) == (1, 36 * 60)


def test_the_highest_share_of_work_binds() -> None:
    busy = [
        unloaded(number + 1, "K", f"{hour}:00", f"{hour}:00", f"{hour + 5}:59")
        for number, hour in enumerate((0, 6, 12))
    ]
    text = use(PLAIN, *busy).binding
    # Three times 5:59 hours of 24; on its track a minute more each.
    assert text == "Border is bound by track K, busy 75 % of the open time on 2026-03-02; next comes crane with 75 %."
    hours = OpeningHours("crane", 0, 18 * HOUR_S)
    text = use(replace(PLAIN, opening_hours=(hours,)), *busy).binding
    assert text == "Border is bound by crane, busy 100 % of the open time on 2026-03-02; next comes track K with 75 %."
    assert use(PLAIN, ONE).binding.startswith("Border has room: the busiest is track K, busy 4 % of the open time")


def test_yards_are_where_processes_are_asked_for() -> None:
    assert yard_stations(PLAIN) == ("Y",)
    assert yard_stations(border_line(asked("THROUGH", "A-Y", "5:00"))) == ()


@pytest.mark.parametrize("seed", range(30))
def test_shares_of_any_timetable_stay_between_nothing_and_what_is_there(seed: int) -> None:
    scenario = random_yard_scenario(seed)
    timetable = random_timetable(scenario, seed)
    for yard in yard_uses(scenario, timetable, standing(scenario, timetable)):
        for tracks in yard.tracks:
            assert 0 <= tracks.work.share <= tracks.taken.share + 1e-9 <= 1 + 2e-9
            assert tracks.taken.share <= tracks.taken.busiest_share + 1e-9
        for resource in yard.resources:
            assert 0 <= resource.wait_mean_s <= resource.wait_max_s
            assert resource.longest_queue <= resource.trains
        assert yard.binding.endswith(".")


spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(spans, spans, st.integers(1, 3), st.integers(0, 9))
def test_levels_agree_with_sets_of_seconds(
    one: list[tuple[int, int]], other: list[tuple[int, int]], count: int, by_s: int
) -> None:
    def seconds(intervals: list[tuple[int, int]]) -> set[int]:
        return {second for begin, end in intervals for second in range(begin, end)}

    many = {second for second in range(40) if sum(begin <= second < end for begin, end in one) >= count}
    assert seconds(at_least(one, count)) == many
    assert seconds(common(union(one), union(other))) == seconds(one) & seconds(other)
    assert seconds(begun_before(union(one), by_s)) == {
        second for second in range(-10, 40) if any(begin - by_s <= second < end for begin, end in union(one))
    }
    steps = levels(one)
    assert not steps or steps[-1][1] == 0
