"""The short way in from Python to capacity, formulas, saturation and delays: one call each, with its defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import railcap
from railcap.errors import InputError
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.formulas.thresholds import Threshold
from railcap.measures.mix.methods import METHODS

SCENARIO = railcap.load("quetta-chaman-day")
OWN = [
    Threshold("india", "efficiency", "", 0.5, None, None, "ours"),
    Threshold("uic", "occupancy_rate", "mixed/day", 0.3, None, None, "ours"),
]


@pytest.fixture(scope="module")
def full() -> railcap.Saturation:
    """As many trains from Quetta to Chaman as fit into a day: 7, which needs no solver."""
    return railcap.saturate(SCENARIO, "PK_CONT:pk_quetta-pk_chaman=1")


def test_saturate_takes_a_text_and_the_first_day(full: railcap.Saturation) -> None:
    assert (full.trains, full.bound, full.proven) == (7, 7, True)
    assert (full.window.from_s, full.window.until_s) == (SCENARIO.begin_s, SCENARIO.begin_s + 86_400)
    morning = railcap.Window(SCENARIO.begin_s, SCENARIO.begin_s + 9 * 3600)
    assert railcap.saturate(SCENARIO, "PK_CONT:pk_quetta-pk_chaman=1", morning).trains == 0


def test_mix_capacity_has_all_methods_and_the_table_that_ships() -> None:
    rows = {row.method: row.figure.trains for row in railcap.mix_capacity(SCENARIO).parts[0].rows}
    assert list(rows) == list(METHODS) and rows["scott"] == 7
    own = shipped_thresholds().replaced_by(OWN)
    lower = railcap.mix_capacity(SCENARIO, methods=["scott"], administration="India", thresholds=own)
    assert [row.figure.trains for row in lower.parts[0].rows] == [4]  # 1440 / (67 + 4) x 0.5 x 11.5 h of 24


def test_timetable_capacity_takes_its_rate_from_the_table(full: railcap.Saturation) -> None:
    assert full.timetable is not None
    own = shipped_thresholds().replaced_by(OWN)
    options: list[dict[str, Any]] = [{}, {"period": "peak"}, {"recommended_rate": 0.5}, {"thresholds": own}]
    found = [railcap.timetable_capacity(full.scenario, full.timetable, **one).limiting for one in options]
    assert [one.consumption.recommended_rate for one in found if one] == [0.6, 0.75, 0.5, 0.3]


def test_simulate_takes_a_table_by_name(full: railcap.Saturation) -> None:
    assert full.timetable is not None
    table, warnings = railcap.load_delay_table("ril405-low", full.scenario)
    found = railcap.simulate(full.scenario, full.timetable, table, days=20, volume=False)
    assert isinstance(found, railcap.Robustness) and found.days == 20 and warnings == []


def test_formula_takes_letters_names_and_words() -> None:
    assert railcap.formula("scott", T=20, block_min=100, E=0.75).result.trains == 9
    assert railcap.formula("uic-406", occupancy=3000, W=7200, period="Peak").result.additional_rate == pytest.approx(
        1 / 3
    )
    own = shipped_thresholds().replaced_by(OWN)
    assert railcap.formula("scott", T=20, t=100, thresholds=own).result.trains == 6
    with pytest.raises(InputError) as caught:
        railcap.formula("scott", T=20, running_min=30, t=None, speed=3)
    places = [(issue.where, issue.code) for issue in caught.value.issues]
    assert ("running_min (T)", "duplicate-value") in places and ("speed", "unknown-value") in places
    assert any(where == "block_min (t)" for where, _ in places)


@pytest.mark.parametrize(
    ("function", "more"),
    [
        (railcap.mix_capacity, ()),
        (railcap.timetable_capacity, (None,)),
        (railcap.saturate, ("PK_CONT:a-b=1",)),
        (railcap.simulate, (None, None)),
    ],
)
def test_a_name_in_place_of_a_scenario_is_told(function: Callable[..., Any], more: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match=r"needs a Scenario, not str; get one by railcap\.load"):
        function("quetta-chaman-day", *more)
