"""Laws that the formulas keep whatever the figures are."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from railcap.errors import InputError
from railcap.measures.formulas import (
    charted,
    cis_double_track,
    cis_period,
    cis_single_track,
    cis_traffic,
    compression,
    headway_cycle,
    heterogeneity,
    occupation,
    petersen_meets,
    platform_throat,
    running_allowance,
    scott,
    section_clearing,
    uic405,
    uic406,
)

quick = settings(max_examples=60, deadline=None)
running = st.floats(1, 120)
short = st.floats(0, 10)
share = st.floats(0.3, 1)
REMOVAL = {"passenger": 1.2, "local": 1.9}


@quick
@given(st.lists(st.tuples(running, running), min_size=1, max_size=6), short, short, short, short)
def test_the_limiting_section_is_the_longest_of_the_shortest_schemes(sections, arrival, crossing, start, stop):
    there, back = (list(times) for times in zip(*sections, strict=True))
    periods = cis_period(there, back, arrival, crossing, start, stop)
    schemes = periods.a_min, periods.b_min, periods.c_min, periods.d_min
    for least, of_section in zip(periods.least_min, zip(*schemes, strict=True), strict=True):
        assert all(least <= period for period in of_section)
    assert periods.period_min == max(periods.least_min) == periods.least_min[periods.limiting_section - 1]
    assert periods.a_min[0] + periods.b_min[0] == pytest.approx(periods.c_min[0] + periods.d_min[0])
    one_by_one = [cis_period(one, other, arrival, crossing, start, stop).period_min for one, other in sections]
    assert periods.period_min == max(one_by_one)


@quick
@given(running, running, short, st.floats(0, 300), share, st.floats(0.1, 20))
def test_pairs_are_rounded_down_and_fall_with_time_and_window(there, back, interval, window, reliability, more):
    def pairs(there=there, window=window, reliability=reliability):
        found = cis_single_track(
            there, back, interval, interval, 1, 1, window, reliability, 0.85, REMOVAL, 1.1
        ).capacity
        assert found.available_pairs <= found.available_exact + 1e-9 < found.available_pairs + 1.001
        assert found.available_pairs <= found.max_pairs
        return found.available_exact

    assert pairs() > pairs(there=there + more) > 0
    assert pairs() > pairs(window=window + more)
    assert pairs() > pairs(reliability=reliability / 2)


@quick
@given(st.floats(0, 200), st.floats(0, 60), st.floats(0, 20), st.floats(0, 10), share, st.floats(1, 2))
def test_traffic_is_sufficient_exactly_if_the_fill_is_permitted(available, freight, passenger, local, fill, uneven):
    others = {"passenger": passenger, "local": local}
    found = cis_traffic(available, fill, REMOVAL, uneven, others, freight)
    assert found.removed_pairs == pytest.approx(1.2 * passenger + 1.9 * local)
    assert 0 <= found.freight_pairs <= available + 1e-9  # rounded down but for the error of floats
    if available and abs(found.required_exact - available) > 1e-6:
        assert (found.verdict == "sufficient") == (found.required_exact < available) == (found.fill_share < fill)
    assert found.reserve_pairs == math.floor(available + 1e-9) - found.required_pairs


@quick
@given(st.lists(running, min_size=1, max_size=5))
def test_the_longest_interval_limits_a_double_track(intervals):
    found = cis_double_track(intervals, 120, 0.95, 0.91, REMOVAL, 1.1)
    alone = [cis_double_track(one, 120, 0.95, 0.91, REMOVAL, 1.1).capacity.available_pairs for one in intervals]
    assert found.capacity.available_pairs == min(alone) == alone[found.limiting_section - 1]


@quick
@given(running, short, share, st.floats(0, 600))
def test_charted_without_other_trains_is_scott_at_full_efficiency_less_the_block(time, block, efficiency, maintenance):
    bound = charted(time, block, maintenance, 0.8)
    assert scott(time, block, efficiency, 0.8).trains <= charted(time, block, 0, 0.8).trains
    assert bound.trains == math.floor((1440 - maintenance) / (time + block) + 1e-9)
    if bound.left_min >= time + block:
        beside = charted(time, block, maintenance, 0.8, 1, time)
        assert beside.trains == bound.trains and beside.goods_paths == bound.goods_paths - 1


@quick
@given(running, st.integers(1, 12), share, short)
def test_uic405_keeps_the_rate_and_falls_with_blocks(headway, blocks, rate, per_block):
    found = uic405(headway, blocks, rate, per_block)
    assert headway / (headway + found.buffer_min) == pytest.approx(rate)
    assert uic405(headway, blocks + 1, rate, per_block).trains_exact <= found.trains_exact
    assert found.trains <= uic405(headway, blocks, rate, per_block, buffer_min=0).trains


@quick
@given(st.floats(1, 86_400), share)
def test_uic406_refuses_exactly_above_the_recommended_rate(occupancy, rate):
    found = uic406(occupancy, 86_400, rate)
    assert found.consumption_share == pytest.approx(found.occupancy_share / rate)
    if abs(found.occupancy_share - rate) > 1e-6:
        assert (found.verdict == "refuse") == (found.occupancy_share > rate)
    assert found.left_s == pytest.approx(86_400 * (1 - found.consumption_share), abs=1e-6)


@quick
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 300)), min_size=1, max_size=8))
def test_occupation_counts_each_second_once(stays):
    reservations = [(begin, begin + length) for begin, length in stays]
    seconds = {second for begin, end in reservations for second in range(max(0, begin), min(1000, end))}
    found = occupation(reservations, 1000)
    assert found.occupied_s == len(seconds) <= found.summed_s


@st.composite
def trains(draw):
    """Trains over a few blocks in the same direction or the other, each with its own pace."""
    blocks = draw(st.integers(1, 4))
    rows = []
    for _ in range(draw(st.integers(1, 5))):
        at, paces = draw(st.integers(0, 2000)), draw(st.lists(st.integers(1, 300), min_size=blocks, max_size=blocks))
        row = []
        for pace in paces:
            row.append((at, at + pace + draw(st.integers(0, 60))))
            at += pace
        rows.append(row if draw(st.booleans()) else row[::-1])
    return rows


@quick
@given(trains())
def test_compressed_trains_do_not_overlap_and_cannot_be_pressed_further(rows):
    found = compression(rows, 10_000)
    moved = [*zip(rows, found.moved_s, strict=True), (rows[0], found.cycle_s)]
    blockings = [[(begin + by, end + by) for begin, end in row] for row, by in moved]
    for of_block in zip(*blockings, strict=True):
        assert all(one[1] <= after[0] for one, after in pairwise(of_block))
    for place in range(1, len(blockings)):
        before = zip(*blockings[:place], strict=True)
        ends = [max(end for _, end in of_block) for of_block in before]
        assert any(begin == end for (begin, _), end in zip(blockings[place], ends, strict=True))


@quick
@given(trains(), st.data())
def test_a_compressed_succession_can_be_repeated_and_not_sooner(rows, data):
    rows = [[block if data.draw(st.booleans()) else None for block in row] for row in rows]
    rows = [row if any(row) else [(0, 60), *row[1:]] for row in rows]
    found = compression(rows, 10_000)
    stays = [
        [(row[block][0] + by, row[block][1] + by) for row, by in zip(rows, found.moved_s, strict=True) if row[block]]
        for block in range(len(rows[0]))
    ]

    def free(cycle_s):
        both = (sorted([*stay, *((begin + cycle_s, end + cycle_s) for begin, end in stay)]) for stay in stays)
        return all(one[1] <= after[0] for stay in both for one, after in pairwise(stay))

    assert free(found.cycle_s) and not free(found.cycle_s - 1)
    assert min(found.starts_s) == 0


@quick
@given(trains(), st.integers(-500, 500))
def test_compression_does_not_depend_on_when_trains_are_planned(rows, later):
    moved = [[(begin + later * place, end + later * place) for begin, end in row] for place, row in enumerate(rows)]
    assert compression(moved, 10_000).cycle_s == compression(rows, 10_000).cycle_s


@quick
@given(
    st.integers(1, 4).flatmap(
        lambda size: st.lists(st.lists(st.floats(30, 600), min_size=size, max_size=size), min_size=size, max_size=size)
    )
)
def test_a_cycle_is_as_long_wherever_it_begins(matrix):
    order = list(range(1, len(matrix) + 1))
    cycles = {round(headway_cycle(matrix, order[at:] + order[:at]).cycle_s, 6) for at in range(len(order))}
    assert len(cycles) == 1
    flat = [headway for row in matrix for headway in row]
    assert min(flat) - 1e-9 <= headway_cycle(matrix).mean_headway_s <= max(flat) + 1e-9


@quick
@given(st.lists(st.tuples(st.floats(1, 20), st.floats(1, 20)), min_size=1, max_size=6))
def test_sahr_is_never_above_sshr_and_both_are_least_where_trains_run_evenly(headways):
    window = sum(departing for departing, _ in headways)
    scale = window / sum(arriving for _, arriving in headways)
    departures = [sum(one for one, _ in headways[:place]) for place in range(len(headways))]
    arrivals = [30 + scale * sum(one for _, one in headways[:place]) for place in range(len(headways))]
    found = heterogeneity(departures, arrivals, window)
    assert found.least <= found.sahr + 1e-9 <= found.sshr + 2e-9
    even = [window / len(headways) * place for place in range(len(headways))]
    same = heterogeneity(even, [time + 30 for time in even], window)
    assert same.sshr == pytest.approx(same.least) and same.ratio == pytest.approx(1)


@quick
@given(running, running, st.floats(0, 40), st.floats(0, 40), st.floats(0, 15))
def test_petersens_times_solve_his_equations_and_grow_with_traffic(there, back, trains_there, trains_back, delay):
    load = delay * (trains_there + trains_back + 1) / 1440
    if load >= 0.999:
        return
    found = petersen_meets(there, back, trains_there, trains_back, 1440, delay)
    other = petersen_meets(back, there, trains_back, trains_there, 1440, delay)
    assert found.meets == pytest.approx(trains_back / 1440 * (found.transit_min + other.transit_min))
    assert found.meets_all == pytest.approx(other.meets_all)
    assert petersen_meets(there, back, trains_there, trains_back + 1, 1440, delay).transit_min >= found.transit_min


@quick
@given(st.floats(1, 600), st.floats(1, 600), st.integers(1, 20))
def test_another_platform_never_lengthens_the_interval(platform, throat, platforms):
    one, more = platform_throat(platform, throat, platforms), platform_throat(platform, throat, platforms + 1)
    assert throat <= more.interval_s <= one.interval_s


@quick
@given(st.floats(100, 5000), st.floats(50, 1000), st.floats(10, 200), st.floats(0, 60))
def test_a_longer_train_blocks_longer_and_a_faster_one_less(section, train, speed, release):
    blocking = section_clearing(section, train, speed, release).blocking_s
    assert section_clearing(section, train + 100, speed, release).blocking_s > blocking
    assert section_clearing(section, train, speed + 10, release).blocking_s < blocking


@quick
@given(running, st.floats(0, 500), short, st.floats(0, 20))
def test_an_allowance_is_never_negative_and_adds_up(time, length, per_100km, percent):
    found = running_allowance(time, length, per_100km, percent)
    assert found.scheduled_min >= time
    assert found.scheduled_min - found.allowance_min == pytest.approx(time)


def test_meets_that_delay_without_end_are_refused_with_the_number_that_could_run():
    with pytest.raises(InputError, match="fewer than 144 trains"):
        petersen_meets(300, 300, 80, 80, 1440, 10)
