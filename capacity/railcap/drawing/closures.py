"""Closures as the drawings show them: nights and possessions apart, each with its plain names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from railcap.corridor.expand import closures_at, section_closures
from railcap.corridor.scenario import Scenario
from railcap.drawing.line_axis import LineAxis

Interval = tuple[int, int]

NIGHT: dict[str, Any] = {"facecolor": "#3F51B5", "alpha": 0.14, "linewidth": 0}
POSSESSION: dict[str, Any] = {
    "facecolor": "#FFE0B2",
    "alpha": 0.75,
    "edgecolor": "#E65100",
    "linewidth": 0.0,
    "hatch": "////",
}


@dataclass(frozen=True, slots=True)
class SectionClosures:
    """When section tracks are closed, by (section, track), and what the closures are called."""

    nights: Mapping[tuple[str, str], tuple[Interval, ...]]
    possessions: Mapping[tuple[str, str], tuple[Interval, ...]]
    names: tuple[str, ...]


def drawn_closures(scenario: Scenario, sections: tuple[str, ...], from_s: int, until_s: int) -> SectionClosures:
    """Return the closures of the given sections in a time."""
    nights = _seen(section_closures(replace(scenario, closures=())), sections, from_s, until_s)
    possessions = _seen(section_closures(replace(scenario, daylight=())), sections, from_s, until_s)
    names: dict[str, None] = {}
    for section, track in sorted({*nights, *possessions}):
        names.update(dict.fromkeys(closures_at(scenario, section, track, from_s, until_s)))
    return SectionClosures(nights, possessions, tuple(names))


def _seen(
    closures: Mapping[tuple[str, str], tuple[Interval, ...]], sections: tuple[str, ...], from_s: int, until_s: int
) -> Mapping[tuple[str, str], tuple[Interval, ...]]:
    wanted = set(sections)
    found = {
        place: tuple(
            (max(begin, from_s), min(end, until_s)) for begin, end in spans if begin < until_s and end > from_s
        )
        for place, spans in closures.items()
        if place[0] in wanted
    }
    return {place: spans for place, spans in found.items() if spans}


def by_interval(
    closures: Mapping[tuple[str, str], tuple[Interval, ...]],
) -> Mapping[Interval, list[tuple[str, str]]]:
    """Return which section tracks are closed by when they are."""
    found: dict[Interval, list[tuple[str, str]]] = defaultdict(list)
    for place, intervals in closures.items():
        for interval in intervals:
            found[interval].append(place)
    return found


def closed_stretches(
    scenario: Scenario, line: LineAxis, spans: Mapping[str, tuple[float, float]], tracks: list[tuple[str, str]]
) -> list[tuple[float, float]]:
    """Return stretches of the axis that are closed; one of two tracks takes half the height of its section."""
    pieces: list[tuple[float, float]] = []
    count = Counter(section for section, _ in tracks)
    for section, (top, bottom) in spans.items():
        if not count[section]:
            continue
        if count[section] < scenario.network.sections[section].tracks:
            middle = (top + bottom) / 2
            top, bottom = (top, middle) if (section, "1") in tracks else (middle, bottom)
        if pieces and pieces[-1][1] == top:
            pieces[-1] = pieces[-1][0], bottom
        else:
            pieces.append((top, bottom))
    return pieces
