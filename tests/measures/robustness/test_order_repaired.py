"""A dispatcher changes the order only where that pays, by what is known, and so that every rule is still kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from delayed_lines import ENTRY, EVERY_KIND, fleet, meeting
from order_repaired import JudgedDay
from random_timetables import random_timetables
from simulated_days import Days
from test_robustness_known import worked_example

from railcap.errors import InputError
from railcap.measures.robustness.delay_table import DelayKind, DelayRow, DelayTable, Distribution
from railcap.measures.robustness.dispatching import Change, Dispatcher, DispatchingRule
from railcap.measures.robustness.event_graph import event_graph
from railcap.measures.robustness.events import NONE, Cause
from railcap.measures.robustness.propagation import Propagation
from railcap.measures.robustness.simulate import primary_delays_s, simulate

READY, NEVER = DispatchingRule(60), DispatchingRule(10**9)


class RepairedDays(Days):
    """Some simulated days of a timetable, repaired."""

    def __init__(self, scenario, timetable, rule=READY, days=8, table=EVERY_KIND) -> None:
        super().__init__(scenario, timetable, table, days)
        self.kept_s = self.late_s
        self.late_s, self.changes = Dispatcher(self.graph, rule).delays_s(self.primary_s)


def judged(scenario, timetable, days: int = 8) -> int:
    """Let the independent judge see some days; return how many changes of order he has seen."""
    found = RepairedDays(scenario, timetable, days=days)
    for number in range(days):
        day = JudgedDay(scenario, timetable, found.drawn(number))
        moments = {change.time_s for change in found.changes[number]}
        assert day.faults(found.times(number), moments) == []
    return sum(map(len, found.changes))


@pytest.mark.parametrize("yards", [False, True])
def test_random_repaired_days_keep_every_rule(yards: bool) -> None:
    changes = [judged(*one) for one in random_timetables(yards=yards)]
    assert sum(changes) > 10 and sum(count > 0 for count in changes) > 5


def test_repaired_days_of_lines_with_many_trains_keep_every_rule() -> None:
    assert judged(*meeting(5, 60)) > 20
    judged(*fleet(6, 0))


def test_the_judge_sees_a_train_that_comes_too_soon_or_waits_for_nothing() -> None:
    scenario, timetable = meeting(3, 60)
    found = RepairedDays(scenario, timetable, days=1)
    times = dict(found.times(0))
    key = next(key for key in times if key[0] == "depart" and key[2] == 2)
    for more_s in (-30, 31):
        day = JudgedDay(scenario, timetable, found.drawn(0))
        assert day.faults(times | {key: times[key] + more_s}, set())


@pytest.mark.parametrize("yards", [False, True])
def test_a_rule_that_never_pays_gives_the_kept_order(yards: bool) -> None:
    for scenario, timetable in random_timetables(yards=yards):
        found = RepairedDays(scenario, timetable, NEVER)
        assert (found.late_s == found.kept_s).all() and not any(found.changes)


def test_without_delays_nothing_changes() -> None:
    for yards in (False, True):
        for scenario, timetable in random_timetables(yards=yards):
            graph = event_graph(scenario, timetable, EVERY_KIND)
            late_s, changes = Dispatcher(graph, DispatchingRule(1)).delays_s(np.zeros((len(graph.delays), 1), np.int32))
            assert not late_s.any() and changes == [[]]


def test_what_befalls_trains_later_does_not_change_what_is_done_before() -> None:
    """Two days that are the same until a moment have the same changes of order until then."""
    compared = 0
    for scenario, timetable in (meeting(5, 60), *random_timetables(yards=False)):
        found = RepairedDays(scenario, timetable, days=4)
        dispatcher = Dispatcher(found.graph, READY)
        for number, changes in enumerate(found.changes):
            for change in changes[:1]:
                late_s = found.late_s[:, number]
                drawn = found.primary_s[:, [number]] * known(found.graph, late_s, change)[:, None]
                again_s, others = dispatcher.delays_s(drawn)
                assert others[0][:1] == [change]
                planned_s = np.array([event.planned_s for event in found.graph.events])
                done = planned_s + late_s <= change.time_s
                assert (again_s[done, 0] == late_s[done]).all()
                compared += 1
    assert compared > 10


def known(graph, late_s, change: Change) -> np.ndarray:
    """Which primary delays are known by the moment of a change: what they prolong has begun."""
    found = np.zeros(len(graph.delays), np.bool_)
    for event in graph.events:
        if event.delay == NONE:
            continue
        begun_s = (
            event.planned_s if event.before == NONE else graph.events[event.before].planned_s + late_s[event.before]
        )
        found[event.delay] |= begun_s <= change.time_s
    return found


def test_a_meet_is_moved_where_the_other_train_is_an_hour_late() -> None:
    """UP goes on to meet DOWN at its origin instead of waiting for it: 50 minutes of delay less by hand."""
    scenario, timetable = worked_example()
    row = DelayRow(DelayKind.ENTRY, "DOWN", 1.0, 3600.0, Distribution.CONSTANT)
    found = simulate(scenario, timetable, DelayTable("hour", (row,)), days=5, repair_min=10, volume=False)
    late = {one.train: one.lateness.mean_s / 60 for one in found.trains}
    assert late == {"UP": 56, "DOWN": 60}
    repaired = found.repaired
    assert repaired is not None and repaired.overall.mean_s / 60 == 30  # UP on time, DOWN as late as it comes
    assert repaired.overall.within(0) == 0.5 and repaired.overall.knock_on_s == 0 and repaired.changes == 1
    (changed,) = repaired.changed
    assert (changed.cause, changed.place, changed.first, changed.second) == (Cause.OPPOSING, "S1", "UP", "DOWN")


def test_a_late_train_is_passed_by_the_next_one() -> None:
    scenario, timetable = fleet(3, 0)
    row = DelayRow(DelayKind.ENTRY, "T0", 1.0, 7200.0, Distribution.CONSTANT)
    found = simulate(scenario, timetable, DelayTable("x", (row,)), days=3, repair_min=10, volume=False)
    assert found.overall.mean_s == 7200 and found.repaired is not None
    assert found.repaired.overall.mean_s == 2400 and {one.cause for one in found.repaired.changed} <= {
        Cause.AHEAD,
        Cause.TRACK,
    }


def test_kept_order_is_what_it_was_and_the_same_seed_gives_the_same_again() -> None:
    scenario, timetable = meeting(4, 60)
    kept = simulate(scenario, timetable, EVERY_KIND, days=150, seed=3)
    both = simulate(scenario, timetable, EVERY_KIND, days=150, seed=3, repair_min=5)
    assert kept.repaired is None and replace(both, repaired=None, error_s=kept.error_s) == kept
    assert both.error_s == pytest.approx(kept.error_s)
    assert both == simulate(scenario, timetable, EVERY_KIND, days=150, seed=3, repair_min=5)
    assert both.repaired is not None and both.repaired.overall.mean_s < kept.overall.mean_s
    assert both.repaired.overall.alone_s == kept.overall.alone_s


def test_a_day_does_not_depend_on_the_days_before() -> None:
    scenario, timetable = meeting(4, 60)
    graph = event_graph(scenario, timetable, ENTRY)
    primary_s = primary_delays_s(graph, 5, 0, 12)
    whole, changes = Dispatcher(graph, READY).delays_s(primary_s)
    late_s, changed = Dispatcher(graph, READY).delays_s(primary_s[:, 7:8])
    assert (late_s[:, 0] == whole[:, 7]).all() and changed[0] == changes[7]
    assert (Propagation(graph).delays_s(primary_s) != whole).any()


def test_to_withdraw_and_to_repair_is_refused() -> None:
    with pytest.raises(InputError) as raised:
        simulate(*meeting(2, 60), ENTRY, days=1, withdraw_min=60, repair_min=0)
    assert [issue.code for issue in raised.value.issues] == ["out-of-range", "not-together"]
