"""A yard's capacity curve against arithmetic: it grows with the yard until the line binds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from saturation_lines import MIN, saturated, uniform_line, with_yard

from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath
from railcap.corridor.yards import OpeningHours
from railcap.drawing.saturation_curve import CURVE, draw_yard_curve
from railcap.errors import InputError
from railcap.formats.saturation_tables import write_saturation_tables
from railcap.measures.saturation.candidates import Window
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.saturation.yard_curve import curve_text, read_variation, yard_curve
from railcap.solving.stop import Stop


def test_the_bottleneck_moves_from_the_yard_to_the_line(tmp_path: Path) -> None:
    """Steps of 30 min from 5 min on, within 125 min: 4 by each team; trains come every 19 min at best: 5 can end."""
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6, following_min=14), "B", 1, 30)
    window = Window(line.begin_s, line.begin_s + 125 * MIN)
    variation = read_variation(line, "staff=1..3")
    last: list[Saturation] = []

    def solve(scenario: Scenario) -> Saturation:
        last[:] = [saturated(scenario, "IMPORT=1", window, 10)]
        return last[0]

    points = list(yard_curve(line, variation, solve))
    assert [one.trains for one in points] == [4, 5, 5]
    assert all(one.proven for one in points)
    assert [one.kind for one in points] == ["yard", "section", "section"]
    assert "From 2 on the yard is no more the bottleneck" in curve_text(line, variation, points)
    files = draw_yard_curve(line, variation, points, tmp_path / CURVE)
    assert all(path.stat().st_size > 1000 for path in files) and len(files) == 3
    write_saturation_tables(last[0], tmp_path, ["curve"], points)
    rows = (tmp_path / "saturation_curve.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[:2] for row in rows[1:]] == [["1", "4"], ["2", "5"], ["3", "5"]]


def test_a_stop_keeps_the_points_that_are_known() -> None:
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6), "B", 1, 30)
    window, stop = Window(line.begin_s, line.begin_s + 125 * MIN), Stop()
    variation = read_variation(line, "staff=1..3")

    def solve(scenario: Scenario) -> Saturation:
        stop.request()
        return saturated(scenario, "IMPORT=1", window, 10)

    points = list(yard_curve(line, variation, solve, stop))
    assert [one.value for one in points] == [1]
    assert curve_text(line, variation, points).endswith("Stopped after 1 of 3 values\n")


def test_tracks_on_which_fixed_paths_stand_are_not_taken_away() -> None:
    line = uniform_line(1, 20, 20)
    calls = FixedCall("A", line.begin_s, line.begin_s), FixedCall("B", line.begin_s + 1200, line.begin_s + 1200, "2")
    kept = replace(line, fixed_paths=(FixedPath("F", "T", calls),))
    with pytest.raises(InputError, match="fixed paths stand on the first 2 tracks of B: begin with 2"):
        read_variation(kept, "B.tracks=1..3")
    assert read_variation(kept, "B.tracks=2..3").values == range(2, 4)
    assert read_variation(kept, "A.tracks=1..3").values == range(1, 4)


def test_hours_and_tracks_are_varied() -> None:
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6), "B", 1, 30)
    line = replace(line, opening_hours=(OpeningHours("staff", 0, 7200),))
    window = Window(line.begin_s, line.begin_s + 240 * MIN)
    hours = yard_curve(line, read_variation(line, "staff.hours=1..3"), lambda one: saturated(one, "IMPORT=1", window))
    assert [one.trains for one in hours] == [(60 - 5) // 30, (120 - 5) // 30, (180 - 5) // 30]
    tracks = read_variation(line, "B.tracks=2..8")
    assert [len(tracks.scenario(line, count).network.stations["B"].tracks) for count in (2, 6, 8)] == [2, 6, 8]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("staff", "bad-variation"),
        ("cranes=1..2", "unknown-place"),
        ("Z.tracks=1..2", "unknown-place"),
        ("staff.hours=1..2", "no-hours"),
        ("staff=3..2", "out-of-range"),
        ("staff=1..90", "out-of-range"),
    ],
)
def test_a_wrong_variation_says_what_is_wrong(text: str, code: str) -> None:
    line = with_yard(uniform_line(1, 5, 5), "B", 1, 30)
    with pytest.raises(InputError) as caught:
        read_variation(line, text)
    assert [issue.code for issue in caught.value.issues] == [code]
