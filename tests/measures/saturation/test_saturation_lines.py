"""Exact saturation against what is known of lines and yards: periods, headways, arithmetic of hours, brute counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from saturation_lines import MIN, pairs_on, saturated, uniform_line, with_yard

from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import AtClose
from railcap.errors import InputError, UnknownBackend
from railcap.measures.formulas import cis_period
from railcap.measures.names import train_labels
from railcap.measures.saturation.answers import least_refused
from railcap.measures.saturation.candidates import Window, beside, candidates, mix_scenario
from railcap.measures.saturation.find_places import places_of
from railcap.measures.saturation.mix import read_mix
from railcap.measures.saturation.packing import packings
from railcap.measures.saturation.places import most_trains
from railcap.measures.saturation.saturate import saturate
from railcap.measures.saturation.yard_curve import read_variation
from railcap.planning.check import check_timetable
from railcap.solving.parameters import SolveParameters
from railcap.solving.stop import Stop


@pytest.mark.parametrize(
    ("there", "back", "crossing", "start", "stop"),
    [(20, 20, 1, 0, 0), (24, 25, 1, 2, 1), (12, 18, 2, 0, 1), (31, 29, 0, 1, 0), (10, 10, 3, 2, 2)],
)
def test_growth_over_a_window_is_the_pairs_of_scheme_b(
    there: int, back: int, crossing: int, start: int, stop: int
) -> None:
    """A single section between two termini: both trains start from a stand and stop, which is scheme B with both."""
    line = uniform_line(1, there, back, crossing_min=crossing, start_min=start, stop_min=stop)
    window_h = 4
    once, twice = pairs_on(line, window_h), pairs_on(line, 2 * window_h)
    assert once.proven and twice.proven
    period = cis_period(there, back, 4, crossing, start + stop, start + stop).b_min[0]
    assert abs((twice.trains - once.trains) / 2 - window_h * 60 / period) <= 1


@pytest.mark.parametrize(("non_simultaneous", "crossing", "start", "stop"), [(4, 1, 2, 1), (3, 3, 1, 2)])
def test_growth_is_the_pairs_of_the_scheme_of_the_limiting_section(
    non_simultaneous: int, crossing: int, start: int, stop: int
) -> None:
    """A long section between two short ones: its meets can be as its best scheme has them."""
    line = uniform_line(
        3,
        3,
        3,
        non_simultaneous_min=non_simultaneous,
        crossing_min=crossing,
        start_min=start,
        stop_min=stop,
    )
    times = {key: (40 * MIN if key[0] == "BC" else time) for key, time in line.network.running_times_s.items()}
    line = replace(line, network=replace(line.network, running_times_s=times))
    once, twice = pairs_on(line, 6), pairs_on(line, 12)
    periods = cis_period(40, 40, non_simultaneous, crossing, start, stop)
    grown = (twice.trains - once.trains) / 2
    assert abs(grown - 6 * 60 / periods.period_min) <= 1
    assert once.bound >= once.trains >= once.bound - 1, "the bound of the limiting section is nearly reached"


@pytest.mark.long
@pytest.mark.parametrize("running", [12, 20])
@pytest.mark.parametrize(("intervals", "supplements"), [((4, 1), (0, 0)), ((3, 2), (2, 1))])
@pytest.mark.parametrize("tracks", [2, 3])
def test_growth_on_uniform_lines_is_the_pairs_of_the_scheme_of_the_plan(
    running: int, intervals: tuple[int, int], supplements: tuple[int, int], tracks: int
) -> None:
    """On like sections a meet on two tracks makes scheme A on one side and B on the other: C and D on average.

    With a third track a train can be there before the one that it waits for: scheme B on both sides at best.
    """
    line = uniform_line(
        3,
        running,
        running,
        non_simultaneous_min=intervals[0],
        crossing_min=intervals[1],
        start_min=supplements[0],
        stop_min=supplements[1],
        loops=tracks,
    )
    once, twice = pairs_on(line, 5, 60), pairs_on(line, 10, 60)
    periods = cis_period(running, running, *intervals, *supplements)
    slowest, fastest = periods.c_min[0], periods.c_min[0] if tracks == 2 else periods.b_min[0]
    least, most = (twice.trains - once.bound) / 2, (twice.bound - once.trains) / 2
    assert least - 1 <= 300 / fastest
    assert 300 / slowest <= most + 1
    if once.proven and twice.proven:
        assert 300 / slowest - 1 <= (twice.trains - once.trains) / 2 <= 300 / fastest + 1


@pytest.mark.parametrize("hours", [2, 3])
def test_double_track_is_full_at_the_headway(hours: int) -> None:
    """One train in each direction every 14 min of running, the last one 14 min before the end, and 4 min between."""
    found = pairs_on(uniform_line(2, 14, 14, tracks=2), hours)
    each = (hours * 60 - 14 - 14) // 18 + 1
    assert found.proven and found.limit is None
    assert found.counts == (each, each)


def test_several_blocks_let_trains_follow_at_a_block() -> None:
    line = uniform_line(1, 20, 20, tracks=2, blocks=4)  # 5 min of block and 1 min of release
    found = pairs_on(line, 1.5, mix="T:A-B=1")
    assert found.proven and found.limit is None
    assert found.trains == (90 - 20) // 6 + 1


@pytest.mark.parametrize("capacity", [1, 2, 3])
def test_yard_is_full_by_arithmetic(capacity: int) -> None:
    """Trains come every 9 min at best; a step takes 30 min, the first can begin after 5 min, the last ends at 240."""
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6), "B", capacity, 30)
    found = saturated(line, "IMPORT=1", Window(line.begin_s, line.begin_s + 240 * MIN))
    begins = sorted(5 + 9 * train for train in range(30))
    free, served = [0] * capacity, 0
    for begin in begins:  # the earliest begin on the server that is free first
        free.sort()
        end = max(begin, free[0]) + 30
        if end <= 240:
            free[0], served = end, served + 1
    assert found.proven and found.limit is None
    assert found.trains == served


def test_closures_and_fixed_traffic_take_their_room() -> None:
    line = uniform_line(1, 20, 20)
    window = Window(line.begin_s, line.begin_s + 4 * 60 * MIN)
    mix = "T:A-B=1,T:B-A=1"
    free = saturated(line, mix, window)
    shut = Closure("works", section="AB", from_s=line.begin_s + 60 * MIN, until_s=line.begin_s + 120 * MIN)
    less = saturated(replace(line, closures=(shut,)), mix, window)
    assert free.trains == (240 + 1) // 21
    assert less.proven and less.trains == (60 + 1) // 21 + (120 + 1) // 21

    asked = read_mix(line, mix)
    half = Window(window.from_s, window.from_s + 63 * MIN)
    first = saturated(line, mix, half)
    assert first.timetable is not None
    assert first.trains == 3
    kept = replace(line, requests=first.scenario.requests)
    rest = saturated(beside(kept, first.timetable, asked), mix, window)
    assert rest.proven and rest.trains == free.trains - first.trains
    assert sum(path.fixed for path in (rest.timetable or first.timetable).paths) == 3
    assert mix_scenario(line, asked, (1, 1), window).requests[0].id == "T_A_B"


def test_classes_that_can_never_run_are_told_unless_none_can() -> None:
    line = uniform_line(2, 20, 20)
    short, both = Window(line.begin_s, line.begin_s + 30 * MIN), "T:A-B=1,T:A-C=1"
    with pytest.raises(InputError) as raised:
        saturated(line, both, short)
    assert [(issue.where, issue.value, issue.code) for issue in raised.value.issues] == [
        ("--mix", "T_A_C", "cannot-run")
    ]
    none = saturated(line, both, Window(line.begin_s, line.begin_s + 10 * MIN))
    assert (none.trains, none.bound, none.proven) == (0, 0, True)


def test_a_step_that_runs_over_cannot_be_kept_beside() -> None:
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6), "B", 1, 30)
    mix = read_mix(line, "IMPORT=1")
    first = saturated(line, "IMPORT=1", Window(line.begin_s, line.begin_s + 60 * MIN))
    assert first.timetable is not None and first.trains == 1
    kept = replace(line, requests=first.scenario.requests)
    closed = beside(kept, first.timetable, mix).closures
    assert [(closure.yard_resource, closure.until_s - closure.from_s) for closure in closed] == [("staff", 30 * MIN)]  # type: ignore[operator]
    with pytest.raises(InputError, match="how many of it they leave is not known"):
        read_variation(beside(kept, first.timetable, mix), "staff=1..3")
    staff = replace(line.yard_resources["staff"], at_close=AtClose.RUN_OVER)
    with pytest.raises(InputError) as raised:
        beside(replace(kept, yard_resources={"staff": staff}), first.timetable, mix)
    assert [(issue.value, issue.code) for issue in raised.value.issues] == [("staff", "shared-yard-resource")]


def test_answer_keeps_mix_window_and_rules() -> None:
    line = uniform_line(2, 10, 10)
    window = Window(line.begin_s + 30 * MIN, line.begin_s + 150 * MIN)
    found = saturated(line, "T:A-C=2,T:C-A=1", window, 1)
    assert found.timetable is not None and found.trains > 2
    up, down = found.counts
    rounds = min(up // 2, down)
    assert up <= 2 * (rounds + 1) and down <= rounds + 1
    assert not check_timetable(found.scenario, found.timetable)
    for path in found.paths:
        assert window.from_s <= path.calls[0].arrival_s and path.calls[-1].departure_s <= window.until_s
    assert len(found.paths) == found.trains <= found.bound


def test_free_choice_prefers_what_fits_most() -> None:
    """A train to the near station takes half the time of one to the far one."""
    line = uniform_line(2, 10, 10, tracks=2)
    window = Window(line.begin_s, line.begin_s + 60 * MIN)
    found = saturated(line, "T:A-C=1,T:C-A=1", window, freely=True)
    assert found.proven and found.trains == 2 * ((60 - 20) // 14 + 1)


def test_slack_limits_journeys() -> None:
    line = uniform_line(2, 10, 10)
    window = Window(line.begin_s, line.begin_s + 100 * MIN)
    found = saturated(line, "T:A-C=1,T:C-A=1", window, 1, slack=1.0)
    assert found.trains and all(path.journey_s == 20 * MIN for path in found.paths)


def test_no_train_in_a_window_that_is_too_short() -> None:
    line = uniform_line(2, 10, 10)
    found = saturated(line, "T:A-C=1", Window(line.begin_s, line.begin_s + 15 * MIN))
    assert (found.trains, found.bound, found.proven) == (0, 0, True)
    assert "T_A_C" in found.reason


def test_place_bound_holds_for_what_was_found() -> None:
    """Every train path that was found fits the arithmetic of every place."""
    line = uniform_line(3, 12, 15, start_min=2, stop_min=1)
    found = pairs_on(line, 5, 1)
    assert found.places and all(place.has_room(found.counts) for place in found.places)
    first = candidates(line, found.mix, [1, 1], found.window)
    assert most_trains(found.mix, places_of(line, found.mix, found.window, first)) == found.place_bound


def turns_min(line: Scenario, section: str) -> tuple[float, ...]:
    """Return the gaps at the ends of a section that its bound reckons with, for pairs from end to end."""
    ends = list(line.network.stations)
    mix = read_mix(line, f"T:{ends[0]}-{ends[-1]}=1,T:{ends[-1]}-{ends[0]}=1")
    window = Window(line.begin_s, line.begin_s + 240 * MIN)
    places = places_of(line, mix, window, candidates(line, mix, [1, 1], window))
    return tuple(turn / MIN for one in places if one.id == section for turn in one.turns_s)


def test_a_bound_asks_for_no_stop_where_a_train_is_gone_before_the_other_comes() -> None:
    """B - C is single, too, and takes a minute; C - D is double, so that nobody has to stop at B or C.

    The first train passes B and a minute later C, the second passes C after the crossing interval and B a minute later:
    3 min, less than the 6 of a stop and the 11 of a start.
    """
    line = uniform_line(3, 20, 20, non_simultaneous_min=0, start_min=10, stop_min=5)
    times = {key: (1 if key[0] == "BC" else 20) * MIN for key in line.network.running_times_s}
    sections = {**line.network.sections, "CD": replace(line.network.sections["CD"], tracks=2)}
    line = replace(line, network=replace(line.network, running_times_s=times, sections=sections))
    assert turns_min(line, "AB") == (1, 3)


def test_a_bound_asks_for_no_interval_of_arrival_between_double_and_single_track() -> None:
    """Rule 6 is for trains that both come over single track; both tracks of A - B are worked in either direction."""
    line = uniform_line(2, 20, 20, non_simultaneous_min=9, start_min=15)
    double = replace(line.network.sections["AB"], tracks=2, bidirectional=True)
    sections = {**line.network.sections, "AB": double}
    assert turns_min(line, "AB") == (1, 9)
    assert turns_min(replace(line, network=replace(line.network, sections=sections)), "AB") == (1, 1)


def test_refusals_behind_a_cost() -> None:
    mix = read_mix(uniform_line(1, 10, 10), "T:A-B=2,T:B-A=1")
    costs = [1, 2, 3, 4, 7, 8, 11, 12]
    assert [least_refused(mix, cost) for cost in costs] == [1, 2, 3, 4, 4, 5, 5, 6]


def test_trains_of_a_type_between_two_stations_are_called_by_these() -> None:
    line = uniform_line(2, 10, 10)
    mix = read_mix(line, "T:A-C=1,T:B-C=1,T:C-A=1")
    assert [one.request.number for one in mix.classes] == ["T A - C", "T B - C", "T C - A"]
    assert [one.request.name for one in mix.classes] == ["T A - C", "T B - C", "T C - A"]
    found = saturated(line, "T:A-C=1,T:B-C=1", Window(line.begin_s, line.begin_s + 60 * MIN), freely=True)
    assert found.timetable is not None
    labels = set(train_labels(found.timetable).values())
    assert len(labels) == found.trains and {label.rpartition(" ")[0] for label in labels} <= {"T A - C", "T B - C"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("T:A-B", "bad-share"),
        ("T:A-B=0", "bad-share"),
        ("T:A-B=1,T:A-B=2", "duplicate"),
        ("X:A-B=1", "unknown-train-type"),
        ("T:A-Z=1", "unknown-station"),
        ("CUSTOMS=1", "unknown-request"),
        ("T:A-B=1000,T:B-A=1", "bad-share"),
        ("T:A-B=1,T:B-A=1e5000", "bad-share"),
        ("T:A-B=1,T:B-A=nan", "bad-share"),
    ],
)
def test_a_wrong_mix_says_what_is_wrong(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_mix(uniform_line(1, 10, 10), text)
    assert code in {issue.code for issue in caught.value.issues}


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"slack": math.nan}, "slack"),
        ({"slack": 0.5}, "slack"),
        ({"parameters": SolveParameters(time_limit_s=0, threads=0)}, "time_limit_s threads"),
        ({"backend": "highs", "parameters": SolveParameters(memory_limit_gb=-1)}, "memory_limit_gb"),
    ],
)
def test_what_cannot_be_used_is_told_before_any_work(options: dict[str, Any], where: str) -> None:
    line = uniform_line(1, 10, 10)
    window = Window(line.begin_s, line.begin_s + 60 * MIN)
    with pytest.raises(InputError) as caught:
        saturate(line, read_mix(line, "T:A-B=1"), window, **options)
    assert [issue.where for issue in caught.value.issues] == where.split()


def test_an_unknown_backend_is_told_also_where_none_is_needed() -> None:
    line = uniform_line(1, 10, 10)
    with pytest.raises(UnknownBackend):
        saturate(line, read_mix(line, "T:A-B=1"), Window(line.begin_s, line.begin_s + 60 * MIN), backend="cplex")


def test_a_stop_while_trains_are_packed_keeps_those_that_are_on_the_line() -> None:
    class After(Stop):
        """Requested when it has been asked so many times."""

        asked = 0

        @property
        def requested(self) -> bool:
            self.asked += 1
            return self.asked > 12

    line = uniform_line(2, 10, 10)
    mix = read_mix(line, "T:A-C=1,T:C-A=1")
    window = Window(line.begin_s, line.begin_s + 600 * MIN)
    found = candidates(line, mix, [25, 25], window)
    cut, whole = (next(packings(found, mix.weights, stop)) for stop in (After(), Stop()))
    on_line = [len({event.train for event in schedule.events}) for schedule in (cut, whole)]
    assert 2 <= on_line[0] <= 12 < on_line[1]


def test_shares_become_least_whole_numbers() -> None:
    line = uniform_line(1, 10, 10)
    assert read_mix(line, "T:A-B=0.5,T:B-A=0.25").weights == (2, 1)
    assert read_mix(line, "T:A-B=6,T:B-A=6").weights == (1, 1)
