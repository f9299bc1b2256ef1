"""At fixed order and common random numbers: delay grows with traffic and with primary delays, and falls with buffer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from delayed_lines import ENTRY, EVERY_KIND, fleet, meeting
from hypothesis import given, settings
from hypothesis import strategies as st
from random_timetables import random_timetables
from simulated_days import Days

from railcap.measures.robustness.delay_table import DelayTable
from railcap.measures.robustness.draws import uniform_numbers
from railcap.measures.robustness.event_graph import event_graph
from railcap.measures.robustness.propagation import Propagation
from railcap.measures.robustness.simulate import primary_delays_s, simulate
from railcap.planning.timetable import Timetable


def without(timetable: Timetable, *trains: str) -> Timetable:
    kept = tuple(path for path in timetable.paths if path.train not in trains and path.light_for not in trains)
    return replace(timetable, paths=kept)


def must_not_grow(fewer: Days, more: Days) -> None:
    """No event of those that both have is later with less."""
    all_of_them = more.delays_s()
    for key, late_s in fewer.delays_s().items():
        assert (late_s <= all_of_them[key]).all(), key


@pytest.mark.parametrize("yards", [False, True])
def test_no_train_is_later_when_another_one_does_not_run(yards: bool) -> None:
    compared = 0
    for scenario, timetable in random_timetables(yards=yards):
        whole = Days(scenario, timetable, EVERY_KIND, 16)
        for path in timetable.paths:
            fewer = without(timetable, path.train)
            rakes = {link.second for link in scenario.links}
            if not path.light_for and fewer.paths and not rakes:  # a rake that comes from nowhere has an entry delay
                must_not_grow(Days(scenario, fewer, EVERY_KIND, 16), whole)
                compared += 1
    assert compared > 15


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(0, 300))
def test_delay_grows_with_traffic(seed: int, fewer: int, buffer_s: int) -> None:
    scenario, timetable = meeting(5, buffer_s)
    some = replace(timetable, paths=timetable.paths[: 2 * fewer])
    must_not_grow(Days(scenario, some, EVERY_KIND, 16, seed), Days(scenario, timetable, EVERY_KIND, 16, seed))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 600), st.integers(0, 600), st.sampled_from([fleet, meeting]))
def test_delay_falls_with_buffer(seed: int, one_s: int, more_s: int, make) -> None:
    tight, loose = Days(*make(4, one_s), ENTRY, 16, seed), Days(*make(4, one_s + more_s), ENTRY, 16, seed)
    assert tight.drawn(3) == loose.drawn(3)
    must_not_grow(loose, tight)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1))
def test_delay_grows_with_primary_delays(seed: int, share: float) -> None:
    scenario, timetable = meeting(4, 60)
    graph = event_graph(scenario, timetable, EVERY_KIND)
    primary_s = primary_delays_s(graph, seed, 0, 16)
    propagation = Propagation(graph)
    less_s = (primary_s * share).astype(np.int32)
    assert (propagation.delays_s(less_s) <= propagation.delays_s(primary_s)).all()


def test_longer_rows_give_no_shorter_delay_on_the_same_numbers() -> None:
    scenario, timetable = meeting(3, 60)
    rows = tuple(
        replace(row, probability=min(1, 1.5 * row.probability), mean_s=2 * row.mean_s) for row in EVERY_KIND.rows
    )
    one = Days(scenario, timetable, EVERY_KIND, 64)
    other = Days(scenario, timetable, DelayTable("longer", rows), 64)
    assert (one.primary_s <= other.primary_s).all() and (one.late_s <= other.late_s).all()


def test_a_train_more_changes_nobody_elses_numbers() -> None:
    scenario, timetable = meeting(3, 60)
    whole = Days(scenario, timetable, EVERY_KIND)
    fewer = Days(scenario, without(timetable, "UP1"), EVERY_KIND)
    drawn = whole.drawn(5)
    assert all(drawn[name] == delay_s for name, delay_s in fewer.drawn(5).items())
    assert {name for name in drawn if name[1] != "UP1"} == set(fewer.drawn(5))


def test_same_seed_same_figures_whatever_the_pieces() -> None:
    scenario, timetable = meeting(3, 60)
    one = simulate(scenario, timetable, EVERY_KIND, days=300, seed=7)
    assert one == simulate(scenario, timetable, EVERY_KIND, days=300, seed=7)
    assert one.overall != simulate(scenario, timetable, EVERY_KIND, days=300, seed=8).overall
    graph = event_graph(scenario, timetable, EVERY_KIND)
    whole = primary_delays_s(graph, 7, 0, 300)
    for first, count in ((0, 64), (64, 100), (163, 7), (299, 1)):
        assert (primary_delays_s(graph, 7, first, count) == whole[:, first : first + count]).all()


def test_numbers_of_different_names_have_nothing_to_do_with_each_other() -> None:
    one, other = (uniform_numbers(0, ("entry", train, "A"), 0, 4000) for train in ("T1", "T2"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05
    for numbers in (one, other):
        assert abs(numbers.mean() - 0.5) < 0.02 and numbers.min() >= 0 and numbers.max() < 1
