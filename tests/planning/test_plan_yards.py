"""Yards whose best timetables and throughputs can be worked out by hand (rules 15 to 19 of docs/model.md)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from planning_lines import BROAD, line, path_of, planned, request, station

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import Closure
from railcap.corridor.traffic import Stop
from railcap.corridor.yards import AtClose, OpeningHours, YardProcess, YardResource, YardStep
from railcap.planning.timetable import Step

HOUR_S = 3600


def yard_tracks(count: int, *, length_m: int = 750) -> tuple[Track, ...]:
    return tuple(Track(str(number), TrackKind.YARD, length_m, BROAD) for number in range(1, count + 1))


def yard(
    *requests,
    tracks: int | tuple[Track, ...] = 4,
    cranes=1,
    unload_s=HOUR_S,
    at_close=AtClose.FINISH,
    hours=(),
    days=1,
    run_out_h=24,
    **more,
):
    """Return line A - B - C whose last station is a yard with a crane; the steps of process `unload` need it."""
    resource = YardResource("crane", "C", cranes, at_close)
    return line(
        *requests,
        stations={"C": station("C", tracks=yard_tracks(tracks) if isinstance(tracks, int) else tracks)},
        yard_resources={"crane": resource},
        opening_hours=tuple(hours),
        processes={"unload": YardProcess("unload", (YardStep("unload", unload_s, resource="crane"),))},
        days=days,
        run_out_h=run_out_h,
        **more,
    )


def trains(count: int, departure: str = "6:00", every_s: int = 1200, **fields):
    """Ask for trains from A that are unloaded at C."""
    stops = {"C": Stop("C", process="unload")}
    return request("IN", "A-C", departure, per_day=count, every_s=every_s, stops=stops, **fields)


def steps(found):
    """Return the steps of all trains as (track, begin, end) in minutes of the first day, by begin."""
    begin = found.scenario.begin_s
    return sorted(
        ((step.begin_s - begin) // 60, (step.end_s - begin) // 60, call.station)
        for path in found.timetable.paths
        for call in path.calls
        for step in call.steps
    )


def test_a_queue_free_yard_holds_nobody_up():
    found = planned(yard(trains(4), cranes=4))
    assert found.cost.whole.total == found.own_best.total == 0
    # The first arrives at 6:23 (2 + 10 + 10 + 1 minutes), the others every 20 minutes.
    assert steps(found) == [(383 + 20 * n, 443 + 20 * n, "C") for n in range(4)]


def test_a_crane_bound_yard_serves_a_train_an_hour():
    # Horizon until 12:00; the first is unloaded from 6:23 to 7:23, so five are done by 11:23 and the sixth is not.
    scenario = yard(trains(8, later_s=0, value=50), tracks=8, days=1, run_out_h=-12)
    found = planned(scenario)
    assert len(found.timetable.paths) == 5
    begins = [begin for begin, _, _ in steps(found)]
    assert all(later - earlier >= 60 for earlier, later in pairwise(begins))


def test_two_cranes_serve_twice_as_many():
    found = planned(yard(trains(12, later_s=0, every_s=1200), tracks=12, cranes=2, run_out_h=-12))
    # One crane from 6:23, the other from 6:43: five and five are done by 12:00.
    assert len(found.timetable.paths) == 10


def test_an_hours_bound_yard_ends_by_closing_time():
    hours = [OpeningHours("crane", 8 * HOUR_S, 16 * HOUR_S)]
    common = {"tracks": 5, "unload_s": 3 * HOUR_S, "hours": hours, "run_out_h": 0}
    found = planned(yard(trains(4, later_s=0), **common))
    # From 8 to 16 o'clock two trains of three hours each; a third one would end at 17.
    assert len(found.timetable.paths) == 2
    assert all(begin >= 8 * 60 and end <= 16 * 60 for begin, end, _ in steps(found))
    over = planned(yard(trains(4, later_s=0), at_close=AtClose.RUN_OVER, **common))
    assert [begin for begin, _, _ in steps(over)][-1] >= 14 * 60
    assert len(over.timetable.paths) == 3


def test_work_waits_for_the_next_opening_over_a_closed_day():
    hours = [OpeningHours("crane", 8 * HOUR_S, 16 * HOUR_S)]
    begin = line().begin_s
    shut = Closure("border", yard_resource="crane", from_s=begin + 24 * HOUR_S, until_s=begin + 48 * HOUR_S)
    found = planned(yard(trains(1, departure="15:00", later_s=0), hours=hours, run_out_h=72, closures=(shut,)))
    # It arrives on Monday at 15:23, too late for an hour's work by 16:00; on Tuesday the border is closed.
    assert steps(found) == [(48 * 60 + 8 * 60, 48 * 60 + 9 * 60, "C")]


def test_a_full_yard_holds_trains_out_on_the_line():
    found = planned(yard(trains(3, later_s=6 * HOUR_S, mandatory=True), tracks=1))
    calls = [path.calls[-1] for path in sorted(found.timetable.paths, key=lambda path: path.departure_s)]
    for before, after in pairwise(calls):
        assert after.arrival_s >= before.departure_s + 60
    # An hour of unloading and a minute for the track; the trains come as the track becomes free, not before.
    assert [(call.arrival_s - found.scenario.begin_s) // 60 for call in calls] == [383, 444, 505]


def test_a_step_on_other_tracks_changes_track_once():
    tracks = (*yard_tracks(1), Track("crane", TrackKind.YARD, 750, BROAD))
    chain = YardProcess(
        "unload",
        (
            YardStep("customs", 1800, tracks=("1",)),
            YardStep("unload", HOUR_S, resource="crane", tracks=("crane",)),
            YardStep("papers", 600),
        ),
    )
    found = planned(replace(yard(trains(1), tracks=tracks), processes={"unload": chain}))
    call = path_of(found, "IN").calls[-1]
    begin = found.scenario.begin_s + 383 * 60
    assert call.steps == (
        Step("customs", "", "1", begin, begin + 1800),
        Step("unload", "crane", "crane", begin + 1800, begin + 1800 + HOUR_S),
        Step("papers", "", "crane", begin + 1800 + HOUR_S, begin + 2400 + HOUR_S),
    )
    stays = [(stay.track, (stay.until_s - stay.from_s) // 60) for stay in call.stays if stay.until_s > stay.from_s]
    assert stays == [("1", 30), ("crane", 70)]


def test_a_train_is_loaded_before_it_leaves():
    stops = {"C": Stop("C", process="unload")}
    hours = [OpeningHours("crane", 8 * HOUR_S, 16 * HOUR_S)]
    out = request("OUT", "C-A", "7:00", stops=stops, later_s=0)
    found = planned(yard(out, hours=hours))
    call = path_of(found, "OUT").calls[0]
    begin = found.scenario.begin_s
    # The crane opens at eight, so the train was loaded the day before, by four o'clock in the afternoon.
    assert call.departure_s == begin + 7 * HOUR_S
    assert -16 * HOUR_S <= call.steps[0].begin_s - begin <= -9 * HOUR_S
    assert call.arrival_s == call.steps[0].begin_s
