"""Known answers: the worked example of docs/robustness.md, and what a buffer lets through by formula."""

from __future__ import annotations

import re
from dataclasses import replace
from math import exp
from pathlib import Path

import pytest
from delayed_lines import EVERY_KIND, KIND, fixed, fleet, line, stopping
from random_timetables import random_timetables

from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, InternalError
from railcap.measures.names import train_labels
from railcap.measures.robustness.delay_table import DelayKind, DelayRow, DelayTable, Distribution
from railcap.measures.robustness.event_graph import event_graph
from railcap.measures.robustness.events import Cause
from railcap.measures.robustness.report_text import robustness_text
from railcap.measures.robustness.results import Robustness
from railcap.measures.robustness.simulate import simulate
from railcap.planning.timetable import Call, Leg, Timetable, TrainPath
from railcap.solving.stop import Stop

PAGE = Path(__file__).parents[3] / "docs" / "robustness.md"
MINUTE = 60
LATE_DOWN = DelayTable("down trains", (DelayRow(DelayKind.ENTRY, "DOWN", 0.5, 600.0),))


def worked_example(buffer_min: int = 4) -> tuple[Scenario, Timetable]:
    """UP leaves S0 at 6:00 and stands at S1 from 6:13 on; DOWN comes the other way and arrives there at 6:22."""
    scenario = line(3)

    def at(clock: str) -> int:
        hours, minutes = clock.split(":")
        return scenario.begin_s + int(hours) * 3600 + int(minutes) * 60

    up_s = at("6:23") + buffer_min * 60
    calls = [Call("S0", "1", at("6:00"), at("6:00"), True), Call("S1", "1", at("6:13"), up_s, True)]
    calls.append(Call("S2", "1", up_s + 13 * 60, up_s + 13 * 60, True))
    up = TrainPath("UP", "UP", "", KIND.id, tuple(calls), (Leg("S0-S1", "1"), Leg("S1-S2", "1")), True)
    way = [("S2", "6:09", "6:09"), ("S1", "6:22", "6:24"), ("S0", "6:37", "6:37")]
    calls = [Call(station, "2", at(arrival), at(departure), True) for station, arrival, departure in way]
    down = TrainPath("DOWN", "DOWN", "", KIND.id, tuple(calls), (Leg("S1-S2", "1"), Leg("S0-S1", "1")), True)
    return fixed(scenario, [up, down])


def lateness_min(found: Robustness, train: str) -> float:
    return next(one.lateness.mean_s for one in found.trains if one.train == train) / 60


def test_a_delay_of_ten_minutes_passes_on_what_is_beyond_the_buffer() -> None:
    scenario, timetable = worked_example()
    row = DelayRow(DelayKind.ENTRY, "DOWN", 1.0, 600.0, Distribution.CONSTANT)
    found = simulate(scenario, timetable, DelayTable("ten", (row,)), days=10)
    assert (lateness_min(found, "UP"), lateness_min(found, "DOWN")) == (6, 10)
    (meet,) = found.passed_on
    assert meet.handover.cause is Cause.MEET and meet.handover.place == "S1" and meet.handover.buffer_s == 4 * MINUTE
    assert {meet.handover.first, meet.handover.second} == {"UP", "DOWN"}
    assert (meet.passed_s, meet.eased_s, meet.share) == (6 * MINUTE, 5 * MINUTE, 1.0)
    assert found.overall.knock_on_s == 3 * MINUTE and found.overall.alone_s == 5 * MINUTE
    assert (found.overall.within(5), found.overall.within(6), found.overall.within(10)) == (0.0, 0.5, 1.0)


def test_what_a_buffer_lets_through_is_as_the_formula_says() -> None:
    scenario, timetable = worked_example()
    found = simulate(scenario, timetable, LATE_DOWN, days=40_000, volume=False)
    (meet,) = found.passed_on
    assert meet.share == pytest.approx(0.5 * exp(-0.4), abs=0.01)
    assert meet.passed_s / 60 == pytest.approx(5 * exp(-0.4), rel=0.03)
    assert meet.eased_s / 60 == pytest.approx(5 * (exp(-0.4) - exp(-0.9)), rel=0.03)
    assert lateness_min(found, "DOWN") == pytest.approx(5, rel=0.03)


def test_the_worked_example_of_the_page_says_what_the_formulas_say() -> None:
    """Its figures are those of the formulas, and a simulation says the same to the rounding of the page."""
    page = PAGE.read_text()
    example = page[page.index("## A worked example") :]
    figures = dict(re.findall(r"\| ([a-z ]+) \| [^|]*\| ([\d.]+) (?:min|%) \|", example))
    expected = {
        "share of days": 50 * exp(-0.4),
        "passed on": 5 * exp(-0.4),
        "kept back by five minutes more": 5 * (exp(-0.4) - exp(-0.9)),
        "mean delay of both": (5 + 5 * exp(-0.4)) / 2,
        "knock on for each minute": exp(-0.4),
    }
    assert {name: float(figure) for name, figure in figures.items()} == {
        name: round(value, 1 if "share" in name else 2) for name, value in expected.items()
    }
    told = re.search(r"```text\n(.*?)```", example, re.S)
    assert told is not None
    scenario, timetable = worked_example()
    found = simulate(scenario, timetable, LATE_DOWN, days=10_000, volume=False)
    text = robustness_text(scenario, found, train_labels(timetable))
    shown = [line for line in told[1].splitlines() if line.strip()]
    assert len(shown) > 8 and [line for line in shown if line not in text.splitlines()] == []


def test_a_train_that_misses_the_last_opening_waits_for_the_next() -> None:
    scenario, timetable = fleet(1, 0)
    begin_s = scenario.begin_s
    closed = Closure("night", "S1-S2", from_s=begin_s + 40 * MINUTE, until_s=begin_s + 400 * MINUTE)
    scenario = replace(scenario, closures=(closed,))  # it leaves S1 at 15 min, and must by 40 - 13 = 27 min
    for late_min, expected_min in ((11, 11), (13, 385)):
        row = DelayRow(DelayKind.ENTRY, "*", 1.0, late_min * 60.0, Distribution.CONSTANT)
        found = simulate(scenario, timetable, DelayTable("x", (row,)), days=3)
        assert found.overall.mean_s == expected_min * MINUTE
    (missed,) = [one for one in found.passed_on if one.handover.cause is Cause.CLOSED]
    assert missed.handover.place == "S1-S2" and missed.passed_s == (385 - 13) * MINUTE
    assert missed.handover.buffer_s == 12 * MINUTE
    assert found.overall.knock_on_s == 0


def test_a_withdrawn_train_holds_nobody_up_any_more() -> None:
    scenario, timetable = fleet(3, 0)
    row = DelayRow(DelayKind.ENTRY, "T0", 1.0, 7200.0, Distribution.CONSTANT)
    table = DelayTable("x", (row,))
    kept = simulate(scenario, timetable, table, days=4)
    assert [one.lateness.mean_s for one in kept.trains] == [7200, 7200, 7200]
    found = simulate(scenario, timetable, table, days=4, withdraw_min=90)
    first, *others = [one.lateness for one in found.trains]
    assert first.withdrawn_share == 1 and first.percentile_min(50) is None and first.within(10_000) == 0
    assert [one.mean_s for one in others] == [0, 0] and found.overall.within(0) == pytest.approx(2 / 3)
    (withdrawal,) = found.withdrawals
    assert (withdrawal.train, withdrawal.station, withdrawal.share) == ("T0", "S0", 1.0)


def test_a_train_that_is_nothing_without_another_is_withdrawn_with_it() -> None:
    seen = 0
    for scenario, timetable in random_timetables(yards=True):
        found = simulate(scenario, timetable, EVERY_KIND, days=64, withdraw_min=3, volume=False)
        withdrawn = {one.train: 0.0 for one in found.withdrawals}
        for one in found.withdrawals:
            withdrawn[one.train] += one.share
        for one in found.withdrawals:
            if one.without:
                seen += 1
                assert one.share <= withdrawn[one.without] + 1e-9
        in_last_yard = {path.train for path in timetable.paths if path.calls[-1].steps}
        for train in found.trains:  # a train that is withdrawn in its last yard has arrived there
            if train.train not in in_last_yard:
                assert train.lateness.withdrawn_share == pytest.approx(withdrawn.get(train.train, 0.0))
    assert seen > 0


def test_knock_on_for_each_minute_of_primary_delay_counts_the_same_trains() -> None:
    """Of all trains together it is the sum of the one over the sum of the other, also where some are withdrawn."""
    seen = 0
    for scenario, timetable in random_timetables(yards=True):
        found = simulate(scenario, timetable, EVERY_KIND, days=64, withdraw_min=3)
        asked = [train.lateness for train in found.trains if not train.light]
        knock_on_s = sum(one.knock_on_s * (1 - one.withdrawn_share) for one in asked)
        primary_s = sum(one.primary_s for one in asked)
        if not primary_s:
            continue
        assert found.overall.knock_on_per_primary == pytest.approx(knock_on_s / primary_s)
        assert found.volume[-1].knock_on_per_primary == pytest.approx(found.overall.knock_on_per_primary)
        seen += 0 < found.overall.withdrawn_share < 1 and knock_on_s > 0
    assert seen > 0


def test_volume_grows_from_a_few_trains_to_all() -> None:
    scenario, timetable = fleet(10, 0)
    table = DelayTable("x", (DelayRow(DelayKind.ENTRY, "*", 0.5, 600.0),))
    found = simulate(scenario, timetable, table, days=400)
    assert [point.trains for point in found.volume] == [2, 4, 6, 8, 10]
    assert found.volume[0].knock_on_per_primary < found.volume[-1].knock_on_per_primary
    assert found.volume[-1].mean_s == found.overall.mean_s


def test_percentiles_shares_and_errors_are_those_of_the_days() -> None:
    scenario, timetable = fleet(1, 0)
    table = DelayTable("x", (DelayRow(DelayKind.ENTRY, "*", 1.0, 600.0),))
    found = simulate(scenario, timetable, table, days=4000, volume=False, within_min=(5, 30))
    assert found.overall.within(5) == pytest.approx(1 - exp(-0.5), abs=0.03)
    assert found.overall.within(30) == pytest.approx(1 - exp(-3), abs=0.02)
    assert found.overall.percentile_min(90) == pytest.approx(23, abs=2)
    assert found.error_s == pytest.approx(1.96 * 600 / 4000**0.5, rel=0.1)
    assert found.kinds_s[DelayKind.ENTRY] == found.overall.primary_s == found.overall.mean_s


def test_a_timetable_in_conflict_is_refused_with_all_that_is_wrong() -> None:
    scenario, timetable = fleet(2, 0)
    calls = tuple(
        replace(call, arrival_s=call.arrival_s - 180, departure_s=call.departure_s - 180)
        for call in timetable.paths[1].calls
    )
    broken = replace(timetable, paths=(timetable.paths[0], replace(timetable.paths[1], calls=calls)))
    with pytest.raises(InputError, match="order cannot be kept") as raised:
        simulate(scenario, broken, LATE_DOWN, days=1)
    assert {"following-interval", "fixed-path-moved"} <= {issue.code for issue in raised.value.issues}
    with pytest.raises(InternalError, match="lacks 180 s"):
        event_graph(scenario, broken, LATE_DOWN)


def test_figures_that_make_no_sense_are_all_told() -> None:
    scenario, timetable = fleet(2, 0)
    with pytest.raises(InputError) as raised:
        simulate(scenario, timetable, LATE_DOWN, days=0, withdraw_min=0)
    assert [issue.where for issue in raised.value.issues] == ["days", "withdraw_min"]
    with pytest.raises(InputError, match="nothing to simulate"):
        simulate(scenario, replace(timetable, paths=()), LATE_DOWN)


def test_a_stopped_simulation_keeps_what_it_has() -> None:
    scenario, timetable = fleet(2, 0)
    stop = Stop()
    stop.request()
    found = simulate(scenario, timetable, LATE_DOWN, days=50_000, stop=stop)
    assert 0 < found.days < found.asked_days == 50_000 and found.overall.trains == 2


def test_a_step_is_no_longer_than_the_longest_opening() -> None:
    """An officer who opens four hours a day is done with a train by closing time, whatever befalls it."""
    from sample_yard import asked, at, border_line, step, train

    from railcap.corridor.yards import OpeningHours, YardProcess, YardResource, YardStep

    check = YardProcess("check", (YardStep("papers", 1800, 0, "officer"),))
    scenario = border_line(
        asked("IN", "A-Y", "6:00", "check"),
        yard_resources={"officer": YardResource("officer", "Y")},
        processes={"check": check},
        opening_hours=(OpeningHours("officer", 6 * 3600, 10 * 3600),),
    )
    begin, end = at("6:30"), at("7:00")
    path = train("IN", ("A", "1", "6:00", "6:00"), ("B", "1", "6:12", "6:12"), ("Y", "1", "6:23", "7:00"))
    goal = replace(path.calls[2], steps=(step("papers", "1", "6:30", "7:00", "officer"),))
    passes = replace(path.calls[1], stops=False)
    timetable = Timetable("border", (replace(path, calls=(path.calls[0], passes, goal)),))
    row = DelayRow(DelayKind.STEP, "*", 1.0, 6 * 3600.0, Distribution.CONSTANT)
    graph = event_graph(scenario, timetable, DelayTable("x", (row,)))
    assert (begin, end) == (goal.steps[0].begin_s, goal.steps[0].end_s)
    assert [one.cap_s for one in graph.delays] == [4 * 3600 - 1800]
    found = simulate(scenario, timetable, DelayTable("x", (row,)), days=2, volume=False)
    (missed,) = found.passed_on
    assert missed.handover.cause is Cause.CLOSED and missed.passed_s == 23.5 * 3600  # until six the next morning


def test_stopping_trains_are_those_of_the_example_too() -> None:
    scenario = line(4)
    path = stopping(scenario, "T", [0, 1, 2, 3], 0, 120, "1")
    scenario, timetable = fixed(scenario, [path])
    graph = event_graph(scenario, timetable, DelayTable("x", (DelayRow(DelayKind.DWELL, "*", 1.0, 60.0),)))
    assert [one.name for one in graph.delays] == [("dwell", "T", "S1"), ("dwell", "T", "S2")]
