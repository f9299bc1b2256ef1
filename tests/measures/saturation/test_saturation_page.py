"""The figures of docs/saturation.md."""

from __future__ import annotations

from pathlib import Path

import pytest

import railcap
from railcap.measures.saturation.candidates import candidates, first_day
from railcap.measures.saturation.find_places import places_of
from railcap.measures.saturation.mix import read_mix
from railcap.measures.saturation.places import most_trains
from railcap.measures.saturation.report_text import hours_text
from railcap.measures.saturation.saturate import saturate

PAGE = (Path(__file__).parents[3] / "docs" / "saturation.md").read_text(encoding="utf-8")
MIX = "PK_CONT:pk_quetta-pk_chaman=1,PK_CONT:pk_chaman-pk_quetta=1"


def test_worked_example_by_hand() -> None:
    scenario = railcap.load("quetta-chaman-day")
    mix, window = read_mix(scenario, MIX), first_day(scenario)
    places = places_of(scenario, mix, window, candidates(scenario, mix, [1, 1], window))
    tight = min(places, key=lambda place: most_trains(mix, [place]))
    assert (tight.id, most_trains(mix, places)) == ("pk_yaru-gulistan", 8)
    assert (tight.need_s((4, 4)) / 60, tight.free_s / 60, tight.need_s((5, 4)) / 60) == (533, 549, 600)
    for text in (
        MIX,
        "8 x 64 + 7 x 3 = 533",
        "9 x 64 + 8 x 3 = 600",
        f"8             97%   {hours_text(tight.free_s)}",
    ):
        assert text in PAGE


@pytest.mark.long
def test_worked_example_is_proven() -> None:
    scenario = railcap.load("quetta-chaman-day")
    found = saturate(scenario, read_mix(scenario, MIX), first_day(scenario))
    assert (found.counts, found.proven, found.limit) == ((4, 4), True, None)
