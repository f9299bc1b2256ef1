"""Small lines and timetables worked out by hand, for the measures of capacity; times in minutes from midnight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.planning.check_line import section_violations, station_violations
from railcap.planning.timetable import Call, Leg, Timetable, TrainPath

GAUGE = frozenset({1676})
MIN = 60
PLAIN = Rules(
    time_step_s=1,
    non_simultaneous_arrival_s=0,
    crossing_interval_s=0,
    following_interval_s=0,
    block_release_s=0,
    track_release_s=1,
)
"""No intervals at all, but for the second between two trains on a station track."""


def line(
    names: str,
    running_s: dict[tuple[str, str], int],
    *,
    rules: Rules = PLAIN,
    supplements_s: tuple[int, int] = (0, 0),
    section: dict[str, Any] | None = None,
    tracks: int = 3,
) -> Scenario:
    """Return a line of stations, one letter each, with the running time of each way over each section.

    `section` holds fields of all sections, such as blocks; a way back without a time of its own takes as long.
    """
    platforms = tuple(Track(str(number + 1), TrackKind.MAIN, 700, GAUGE) for number in range(tracks))
    stations = {name: Station(name, name, platforms, "UTC", km=10.0 * place) for place, name in enumerate(names)}
    sections = {
        one + other: Section(
            **{
                "id": one + other,
                "start": one,
                "end": other,
                "length_m": 10_000,
                "tracks": 1,
                "gauges_mm": GAUGE,
                "speeds_kmh": {"freight": 60.0},
                **(section or {}),
            }
        )
        for one, other in pairwise(names)
    }
    times = {}
    for one, other in pairwise(names):
        there = running_s[one, other]
        times[one + other, one, "T"] = there
        times[one + other, other, "T"] = running_s.get((other, one), there)
    kind = TrainType("T", "T", "freight", 600, 60, 1676, *supplements_s)
    return Scenario(
        "hand", "UTC", date(2026, 3, 2), 1, Network(stations, sections, times), {"T": kind}, (), rules=rules
    )


def train(name: str, scenario: Scenario, calls: Sequence[tuple[str, float, float]], track: str = "1") -> TrainPath:
    """Return a train by its calls (station, arrival, departure) in minutes; on its way it passes without a dwell."""
    begin = scenario.begin_s
    last = len(calls) - 1
    made = [
        Call(
            station,
            track,
            begin + round(arrival * MIN),
            begin + round(departure * MIN),
            place in (0, last) or arrival < departure,
        )
        for place, (station, arrival, departure) in enumerate(calls)
    ]
    ids = scenario.network.sections
    legs = []
    for (one, *_), (other, *_) in pairwise(calls):
        there = ids.get(one + other)
        known = there or ids[other + one]
        legs.append(Leg(known.id, "1" if there or known.tracks == 1 else "2"))
    return TrainPath(name, name, "", "T", tuple(made), tuple(legs))


def timetable(*paths: TrainPath) -> Timetable:
    return Timetable("hand", paths)


def open_always(scenario: Scenario) -> Scenario:
    """Return a scenario without closures and nights, which compression does not mind."""
    return replace(scenario, closures=(), daylight=(), opening_hours=())


def separation_faults(scenario: Scenario, paths: Iterable[TrainPath]) -> list[str]:
    """Return what the railway checker finds between trains, closures aside."""
    still, paths = open_always(scenario), list(paths)
    found = section_violations(still, paths) + station_violations(still, paths)
    return [str(one) for one in found]


def renamed(path: TrainPath, suffix: str) -> TrainPath:
    return replace(path, train=path.train + suffix)


def orders(table: Timetable) -> dict[tuple[str, ...], list[str]]:
    """Return which trains have each section track and each station track one after the other."""
    found: dict[tuple[str, ...], list[tuple[int, int, str]]] = defaultdict(list)
    for path in table.paths:
        for leg, (here, there) in zip(path.legs, pairwise(path.calls), strict=True):
            found["section", leg.section, leg.track].append((here.departure_s, there.arrival_s, path.train))
        for call in path.calls:
            for stay in call.stays:
                found["track", call.station, stay.track].append((stay.from_s, stay.until_s, path.train))
    return {key: [train for *_, train in sorted(uses)] for key, uses in found.items()}
