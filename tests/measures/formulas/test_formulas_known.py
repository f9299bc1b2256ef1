"""Published examples of each method; those without an address are worked by hand from the method's definition."""

import pytest

from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.formulas import (
    capacity_utilisation,
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
    practical_capacity,
    running_allowance,
    scott,
    section_clearing,
    uic405,
    uic406,
)

TABLE = shipped_thresholds()
REMOVAL = {case: row.typical for case, row in TABLE.cases("cis", "removal").items()}
STATIONS = {"non_simultaneous_min": 4, "crossing_min": 1, "start_min": 2, "stop_min": 1}
SINGLE = {"window_min": 60, "reliability": 0.9, "fill": 0.87, "unevenness": 1.0}


def test_cis_periods_of_four_schemes_tlookup_wocs_1042():
    """http://tlookup.ru/wocs-1042-1.html, schemes 2 to 4, and 1440 / 55; its scheme 1 adds supplements of its own."""
    periods = cis_period(24, 25, **STATIONS)
    assert (periods.a_min, periods.b_min, periods.c_min, periods.d_min) == ((59,), (55,), (57,), (57,))
    assert (periods.period_min, periods.scheme, periods.limiting_section) == (55, "B", 1)


def test_cis_pairs_a_day_tlookup_wocs_1042_and_1043():
    """http://www.tlookup.ru/wocs-1043-1.html: (1440 - 60) / 55 x 0.9 = 22; 1440 / 55 = 26."""
    found = cis_single_track(24, 25, **STATIONS, **SINGLE, removal=REMOVAL)
    assert (found.capacity.max_pairs, found.capacity.available_pairs) == (26, 22)
    assert found.capacity.available_exact == pytest.approx(22.58, abs=0.005)


def test_cis_limiting_section_is_the_one_of_the_longest_running_times_tlookup_wocs_1042():
    """http://tlookup.ru/wocs-1042-1.html: seven sections, 37 to 49 min a pair; the fourth limits the line."""
    periods = cis_period([18, 20, 19, 24, 20, 21, 19], [19, 19, 21, 25, 18, 20, 17], **STATIONS)
    assert (periods.limiting_section, periods.period_min) == (4, 55)


def test_cis_other_trains_tlookup_wocs_1044():
    """http://tlookup.ru/wocs-1044-1.html: 22 - 1.2 - 1 - 1.2 - 1.6 = 17; (13 + 5) / 0.87 = 20."""
    removal = {"passenger": 1.2, "fast": 1.0, "suburban": 1.2, "local": 1.6}
    found = cis_traffic(22, 0.87, removal, 1.0, dict.fromkeys(removal, 1), 13)
    assert (found.freight_pairs, found.required_pairs, found.reserve_pairs) == (17, 20, 2)
    assert found.removed_pairs == pytest.approx(5.0)
    assert found.verdict == "sufficient"


@pytest.mark.parametrize(
    ("there", "back", "scheme", "period"),
    [(25, 24, "A", 59), (21, 19, "A", 50), (18, 20, "A", 48), (25, 24, "B", 55), (20, 21, "B", 47), (19, 20, "B", 45)],
)
def test_cis_periods_of_a_line_ukrbukva_66990(there, back, scheme, period):
    """https://ukrbukva.net/page,4,66990-Grafik-dvizheniya-poezdov.html: six periods by the scheme chosen there."""
    assert getattr(cis_period(there, back, **STATIONS), f"{scheme.lower()}_min") == (period,)


def test_cis_periods_with_a_start_supplement_of_a_minute_smekni_221402():
    """https://smekni.com/a/221402-5: 24 + 1 + 25 + 1 + 1 + 1 = 53 and 25 + 24 + 1 + 1 + 1 + 4 = 56."""
    periods = cis_period(24, 25, non_simultaneous_min=4, crossing_min=1, start_min=1, stop_min=1)
    assert (periods.b_min, periods.d_min, periods.scheme) == ((53,), (56,), "B")


def test_cis_reserve_and_fill_of_two_lines_221365():
    """https://d1tyyevi24t67e.cloudfront.net/a/221365-5: reserves 31 - 16 = 15 and 237 - 61 = 176, fills 0.52, 0.26."""
    for available, needed, reserve, fill in ((31, 16, 15, 0.52), (237, 61, 176, 0.26)):
        found = cis_traffic(available, 1.0, {}, 1.0, freight_asked=needed)
        assert found.reserve_pairs == reserve
        assert found.fill_share == pytest.approx(fill, abs=0.005)


def test_cis_double_track_with_automatic_block_tlookup_wocs_1044():
    """http://tlookup.ru/wocs-1044-1.html: 1440 / 9 = 160 pairs."""
    found = cis_double_track(9, 120, 0.95, 0.91, REMOVAL, 1.0)
    assert found.capacity.max_pairs == 160


def test_cis_double_track_with_semi_automatic_block_helpiks_134235():
    """https://helpiks.su/2-134235.html: T = 16 + 4; required 55. It rounds 62.7 up to 63, and so has a reserve of 8."""
    traffic = {"passenger": 8, "local": 2}
    found = cis_double_track([14 + 4, 16 + 4], 120, 0.95, 0.91, {"passenger": 1.4, "local": 2.2}, 1.1, traffic, 30)
    assert found.limiting_section == 2
    assert found.capacity.available_exact == pytest.approx(62.7)
    assert (found.capacity.available_pairs, found.capacity.traffic.required_pairs) == (62, 55)
    assert found.capacity.traffic.reserve_pairs == 7


def test_cis_uniform_pairs_by_hand():
    """One section, 20 min each way, 1 min between arrival and departure, no supplements: 42 min, 34 pairs."""
    found = cis_single_track(20, 20, 4, 1, 0, 0, **SINGLE, removal=REMOVAL)
    assert (found.periods.period_min, found.capacity.max_pairs) == (42, 34)


def test_cis_packet_of_two_by_hand():
    """Two trains, 8 min apart in each direction: 55 + 16 = 71 min for two pairs, 1440 x 2 / 71 = 40.6."""
    found = cis_single_track(24, 25, **STATIONS, **SINGLE, removal=REMOVAL, packet=2, following_min=8)
    assert (found.capacity.line_period_min, found.capacity.max_pairs) == (71, 40)


def test_zhetygen_korgas_17_pairs_published():
    """293 km, 5 stations and 9 loops, so 13 sections, about 60 km/h: 17 pairs/day published.

    https://en.tengrinews.kz/industry_infrastructure/zhetygen-korgas-railroad-to-start-operating-on-december-9-5981.
    A calibration: with even sections usual intervals give more; slow ones, a reliability of 0.9, two hours of
    maintenance and the permitted fill of 0.85 give just the published figure.
    """
    running = 293 / 13 / 60 * 60
    slow, more = (
        cis_single_track(running, running, 5, 1.5, 4, 2, 120, 0.9, 0.85, REMOVAL, 1.0, freight_asked=asked)
        for asked in (17, 18)
    )
    usual = cis_single_track(running, running, 4, 1, 2, 1, 60, 0.93, 0.85, REMOVAL, 1.0)
    quick = cis_single_track(running, running, 3, 1, 2, 1, 60, 0.96, 0.85, REMOVAL, 1.0)
    pairs = [(one.capacity.max_pairs, one.capacity.available_pairs) for one in (slow, usual, quick)]
    assert pairs == [(25, 21), (28, 25), (28, 25)]
    assert (slow.capacity.traffic.verdict, more.capacity.traffic.verdict) == ("sufficient", "not sufficient")


def test_dostyk_moyinty_60_pairs_when_doubled_published():
    """12 pairs on the single track, 60 on both: https://www.railway.supply/en/kazakhstan-builds-second-track-on-railway-line-to-china/.

    A calibration: 60 pairs are those of a semi-automatic block whose longest section takes 16 min and 4 to 5 behind;
    12 pairs at the permitted fill are those of a limiting section of 39 min in each direction.
    """
    double = [cis_double_track(16 + gap, 120, 0.95, 0.91, REMOVAL, 1.0).capacity.available_pairs for gap in (4, 5)]
    assert double == [62, 59]
    single = [
        cis_single_track(39, 39, 4, 1, 2, 1, 60, 0.93, 0.85, REMOVAL, 1.0, freight_asked=asked).capacity.traffic.verdict
        for asked in (12, 13)
    ]
    assert single == ["sufficient", "not sufficient"]


@pytest.mark.parametrize(("running", "block", "efficiency", "trains"), [(20, 100, 0.75, 9), (10, 2, 0.9, 108)])
def test_scott_calculator_academy(running, block, efficiency, trains):
    """https://calculator.academy/line-capacity-calculator/: 9 trains; the second one by hand."""
    assert scott(running, block, efficiency, 0.8).trains == trains


@pytest.mark.parametrize(("minutes", "efficiency", "trains"), [(21, 0.7, 48), (21.6, 0.9, 60), (19, 0.95, 72)])
def test_a_whole_number_of_trains_is_not_rounded_down_to_one_less(minutes, efficiency, trains):
    """1440 / 21 x 0.7 is 48, but 47.99... in floating point."""
    assert scott(minutes - 2, 2, efficiency, 0.8).trains == trains


def test_scott_saturation_appendix3exam():
    """https://www.appendix3exam.com/search/label/Line%20Capacity%20works: saturated from 80 % of the capacity."""
    assert [scott(10, 2, 0.9, 0.8, run).verdict for run in (86, 86.4, 87)] == [
        "not saturated",
        "saturated",
        "saturated",
    ]


def test_charted_bound_by_hand():
    """6 expresses of 12 min and 4 of 15 min, 3 min block, 2 h maintenance: 1158 min left, 46 goods paths of 25 min."""
    found = charted(22, 3, 120, 0.8, [6, 4], [12, 15], trains_run=45)
    assert (found.left_min, found.goods_paths, found.trains, found.verdict) == (1158, 46, 56, "saturated")
    assert charted(22, 3, 120, 0.8).goods_paths == 52


def test_uic405_by_hand():
    """t_fm 6 min, six blocks, day: t_r 4 min, t_zu 1.5 min, 1440 / 11.5 = 125; peak: t_r 2 min, 1440 / 9.5 = 151."""
    day = uic405(6, 6, TABLE.value("uic", "headway_rate", "day"), TABLE.value("uic", "per_block_min"))
    peak = uic405(6, 6, TABLE.value("uic", "headway_rate", "peak"), TABLE.value("uic", "per_block_min"))
    assert (day.buffer_min, day.additional_min, day.trains) == (pytest.approx(4), 1.5, 125)
    assert (peak.buffer_min, peak.trains) == (pytest.approx(2), 151)


def test_uic406_consumption_with_a_given_supplement_by_hand():
    """4500 s compressed and 900 s beside them in two hours: 75 %."""
    found = uic406(4500, 7200, 0.6, additional_s=900)
    assert (found.consumption_share, found.verdict, found.left_s) == (0.75, "room left", 1800)


def test_uic406_refuses_30_pairs_on_a_section_of_42_min_by_hand():
    """30 x 42 min of a day are 87.5 %; mixed traffic over a day has 67 % additional time: 146 %."""
    found = uic406(30 * 42 * 60, 86_400, TABLE.value("uic", "occupancy_rate", "mixed/day"))
    assert found.occupancy_share == 0.875
    assert (round(found.consumption_share, 2), found.verdict) == (1.46, "refuse")


@pytest.mark.parametrize(
    ("case", "percent"),
    [
        ("suburban/peak", 18),
        ("suburban/day", 43),
        ("high-speed/peak", 33),
        ("high-speed/day", 67),
        ("mixed/peak", 33),
        ("mixed/day", 67),
    ],
)
def test_uic406_additional_time_rates_of_the_second_edition(case, percent):
    """UIC Code 406, 2013: recommended additional time rates, known from professional use."""
    assert round(100 * uic406(1000, 86_400, TABLE.value("uic", "occupancy_rate", case)).additional_rate) == percent


def test_compression_of_two_trains_by_hand():
    """T1 B1 [0,60] B2 [60,120], T2 600 s later: T2 moves to 60; 180 s open, 120 s with the cycle closed."""
    found = compression([[(0, 60), (60, 120)], [(600, 660), (660, 720)]], 720)
    assert (found.open_s, found.cycle_s, found.starts_s, found.moved_s) == (180, 120, (0, 60), (0, -540))
    assert found.cycle_share == pytest.approx(0.167, abs=0.0005)


def test_compression_of_an_opposing_train_by_hand():
    """Both blocks one after the other, the second train the other way: it cannot enter before the first has left."""
    found = compression([[(0, 60), (60, 120)], [(660, 720), (600, 660)]], 720)
    assert (found.starts_s, found.cycle_s, found.critical_block) == ((0, 120), 240, 1)


def test_occupation_is_a_union_by_hand():
    """[100,300] and [200,400] hold a resource for 300 s of 1000, not 400."""
    found = occupation([(100, 300), (200, 400)], 1000)
    assert (found.occupied_share, found.summed_s) == (0.3, 400)


def test_occupation_of_two_directions_by_hand():
    """[0,200] there and [300,500] back: 20 % and 20 % make 40 %."""
    shares = [occupation(part, 1000).occupied_share for part in ([(0, 200)], [(300, 500)], [(0, 200), (300, 500)])]
    assert shares == [0.2, 0.2, 0.4]


def test_occupation_counts_the_window_only_by_hand():
    assert occupation([(-50, 100), (900, 1200)], 1000).occupied_s == 200


def test_headway_matrix_of_two_kinds_by_hand():
    """h(A,B) = 120 s, h(B,A) = 180 s: a cycle of 300 s, 24 trains/h."""
    found = headway_cycle([[90, 120], [180, 90]])
    assert (found.cycle_s, found.trains_per_hour, found.mean_headway_s) == (300, 24, 120)
    assert headway_cycle([[90, 120], [180, 90]], [1, 1, 2]).cycle_s == 390


def test_platforms_behind_a_throat_by_hand():
    """180 s at a platform, 50 s in the throat: 180, 90, 60, 50 s with 1 to 4 platforms."""
    found = [platform_throat(180, 50, platforms) for platforms in (1, 2, 3, 4)]
    assert [one.interval_s for one in found] == [180, 90, 60, 50]
    assert [one.binding for one in found] == ["platforms", "platforms", "platforms", "throat"]


def test_clearing_of_a_kilometre_by_hand():
    """1000 m, a train of 200 m at 20 m/s, 30 s for releasing: 90 s, 40 trains/h."""
    found = section_clearing(1000, 200, 72, 30)
    assert (found.blocking_s, found.trains_per_hour) == (90, 40)


def test_allowance_by_distance_by_hand():
    """5 min for 100 km on 42 km, 10 min without: 12 min 6 s."""
    assert running_allowance(10, 42, 5).scheduled_min * 60 == pytest.approx(12 * 60 + 6)
    assert running_allowance(10, 42, 5, percent=3).allowance_min == pytest.approx(2.4)


def test_petersen_meets_by_hand():
    """12 opposing trains a day, 6 h and 8 h on the line: 7 meets; 10 min at each: T_i + T_j = 14 h / (1 - 1/6)."""
    assert petersen_meets(360, 480, 12, 12, 1440).meets == pytest.approx(7)
    found = petersen_meets(360, 480, 12, 12, 1440, 10)
    assert found.meets == pytest.approx(8.4)
    assert found.transit_min == pytest.approx(360 + 84)
    assert found.meets_all == pytest.approx(12 * 8.4)


def test_practical_capacity_abril_2008():
    """Abril et al. 2008, after Kraft 1982: 60 to 75 % of the theoretical capacity; here of 1440 / 10 trains."""
    row = TABLE.row("general", "practical_share")
    assert [practical_capacity(10, share).practical_trains for share in (row.low, row.high)] == [86, 108]
    assert practical_capacity(10, row.typical).theoretical_trains == 144


def test_heterogeneity_by_hand():
    """Two fast trains of 20 min and two slow ones of 30 in an hour, 15 min apart at the start.

    Headways at the start 15 each, at the end 15, 25, 15, 5: SSHR = 3/15 + 1/5, SAHR = 2/15 + 1/25 + 1/5.
    """
    found = heterogeneity([0, 15, 30, 45], [20, 35, 60, 75], 60)
    assert found.sshr == pytest.approx(3 / 15 + 1 / 5)
    assert found.sahr == pytest.approx(2 / 15 + 1 / 25 + 1 / 5)
    assert found.least == pytest.approx(4 / 15)


def test_capacity_utilisation_index_threshold_of_the_strategic_rail_authority_2003():
    """Network Utilisation Strategy, 2003: the threshold is 75 % of theoretical capacity."""
    limit = TABLE.value("gb", "utilisation_limit")
    found = [capacity_utilisation([4, 5, 4, 5, minutes], 36, limit) for minutes in (9, 9.1)]
    assert [one.verdict for one in found] == ["within the limit", "above the limit"]
    assert found[0].utilisation_share == 0.75
