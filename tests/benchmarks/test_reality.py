"""Published figures beside railcap's: times have the parts that the instances ask for, and the yard counts right."""

from __future__ import annotations

import json

import pytest

from railcap.solving.parameters import SolveParameters
from railcap.units import HOUR_S, MINUTE_S
from railcap_app.cli.main import run
from railcap_benchmarks.reality import (
    KARACHI_CHAMAN,
    TURKMEN_TRANSIT,
    YARD_DAYS,
    PublishedTime,
    TimeRow,
    alone_row,
    time_table,
    yard_row,
    yard_table,
)
from railcap_instances.assumptions import LEVELS


@pytest.fixture(scope="module", params=[KARACHI_CHAMAN, TURKMEN_TRANSIT], ids=lambda figure: figure.source)
def figure(request: pytest.FixtureRequest) -> PublishedTime:
    return request.param


@pytest.fixture(scope="module")
def rows(figure: PublishedTime) -> list[TimeRow]:
    return [alone_row(figure, level) for level in LEVELS]


def test_the_parts_of_a_time_are_the_whole(rows: list[TimeRow]) -> None:
    for row in rows:
        assert (row.trains, row.refused) == (4, 0)
        assert row.shortest_s <= row.mean_s <= row.longest_s
        assert row.running_s + row.asked_s + row.closed_s + row.others_s == pytest.approx(row.mean_s)
        assert row.others_s == 0, "nobody else runs"


def test_worse_assumptions_take_longer_and_all_take_less_than_published(
    figure: PublishedTime, rows: list[TimeRow]
) -> None:
    means = [row.mean_s for row in rows]
    assert means == sorted(means)
    assert means[0] < means[1] < means[2] < figure.published_h * HOUR_S


def test_running_and_stops_are_those_of_the_line_and_the_demand(figure: PublishedTime, rows: list[TimeRow]) -> None:
    typical = rows[LEVELS.index("typical")]
    # Bare running times of the sections, and at most an hour for starting, stopping and rounding to minutes.
    bare_h = {KARACHI_CHAMAN.source: 20.2, TURKMEN_TRANSIT.source: 23.5}[figure.source]
    assert bare_h < typical.running_s / HOUR_S < bare_h + 1
    # Rohri, Sibi, Quetta, Ab-i-Gum, Kolpur; customs, then Mary, Ashgabat, Bereket, Serhetyaka.
    asked_min = {KARACHI_CHAMAN.source: 3 * 40 + 20 + 5, TURKMEN_TRANSIT.source: 180 + 3 * 45 + 60}[figure.source]
    assert typical.asked_s == asked_min * MINUTE_S


def test_the_table_says_how_far_it_is_from_the_published_time(figure: PublishedTime, rows: list[TimeRow]) -> None:
    text = time_table(figure, rows)
    assert f"{figure.published_h * HOUR_S / rows[0].mean_s:.2f} |" in text
    assert all(f"| {level} | alone | 4 of 4 |" in text for level in LEVELS)


def test_without_daylight_running_nobody_waits_for_the_morning() -> None:
    row = alone_row(KARACHI_CHAMAN, "typical", by_night=True)
    assert row.closed_s == 0
    assert row.mean_s == row.running_s + row.asked_s
    assert row.mean_s < 24 * HOUR_S


def test_a_planned_day_at_bolashak_passes_what_arithmetic_gives() -> None:
    (day,) = (day for day in YARD_DAYS if day.inspection_min == 360)
    row = yard_row(day, SolveParameters(time_limit_s=120, threads=1))
    assert row.asked > row.by_counting == 24 * 60 // 360 == 4
    assert row.planned == row.by_counting
    assert "| 360 min | 24 | 4 | 4 |" in yard_table([row])


def test_the_command_prints_one_json_object(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "reality", "--alone", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert {name: [(row["level"], row["traffic"]) for row in rows] for name, rows in found.items()} == {
        KARACHI_CHAMAN.name: [(level, kind) for kind in ("alone", "alone, also by night") for level in LEVELS],
        TURKMEN_TRANSIT.name: [(level, "alone") for level in LEVELS],
    }
