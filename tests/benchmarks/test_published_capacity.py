"""Published capacities beside those of railcap: the page says what the command prints, and the calibration holds."""

from dataclasses import replace
from pathlib import Path

import pytest

import railcap
from railcap_benchmarks.published_capacity import (
    ASSUMED,
    capacity,
    even_line,
    half_way_loop,
    quetta_chaman,
    zhetygen_korgas,
)

PAGE = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()


@pytest.mark.parametrize("rows", [zhetygen_korgas, quetta_chaman])
def test_the_page_has_the_rows_that_are_printed(rows):
    for row in rows():
        assert f"| {' | '.join(row)} |" in PAGE


def test_published_17_pairs_lie_in_the_practical_capacity_of_zhetygen_korgas():
    for assumed in ASSUMED:
        part = capacity(even_line("zhetygen-korgas", 293_000, 14, assumed))
        (practical,) = [row for row in part.rows if row.method == "practical"]
        assert len(part.sections) == 13
        assert practical.least_pairs <= 17 <= practical.most_pairs
        (theoretical,) = [row for row in part.rows if row.method == "theoretical"]
        assert theoretical.figure.pairs > 17


def test_a_loop_half_way_splits_the_section_and_keeps_its_daylight():
    day = railcap.load("quetta-chaman-day")
    (before,) = [one for one in capacity(day).sections if one.stretch.name(day) == "Yaru - Gulistan"]
    (section,) = before.stretch.sections
    better = half_way_loop(day, section)
    named = half_way_loop(replace(day, daylight=(replace(day.daylight[0], section=section, province=""),)), section)
    for scenario in (better, named):
        halves = [one.stretch for one in capacity(scenario).sections if "loop Yaru" in one.stretch.name(scenario)]
        assert [one.there.running_s for one in halves] == [32 * 60, 32 * 60]
        assert {one.open_s for one in halves} == {11.5 * 3600}
        assert sum(one.length_m for one in halves) == before.stretch.length_m
