"""Published capacities of real lines beside those that railcap finds without a timetable.

`python -m railcap_benchmarks.published_capacity` prints the tables of docs/capacity.md. A calibration, no proof: nobody
publishes the intervals of these lines, so that each is told with favourable, usual and unfavourable ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

import railcap
from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.mix.methods import interval_s
from railcap.measures.mix.report import MethodRow, PartCapacity, mix_capacity
from railcap.units import MINUTE_S
from railcap_benchmarks.markdown import table

GAUGE = frozenset({1520})
SPEED_KMH = 60.0


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of a line: intervals of arrival, crossing and following, supplements of the trains."""

    name: str
    arrival_s: int
    crossing_s: int
    following_s: int
    start_s: int
    stop_s: int


ASSUMED = (
    Assumed("favourable", 180, 60, 180, 60, 60),
    Assumed("usual", 240, 60, 240, 120, 60),
    Assumed("unfavourable", 300, 90, 240, 240, 120),
)


def even_line(name: str, length_m: int, places: int, assumed: Assumed, *, tracks: int = 1, blocks: int = 1) -> Scenario:
    """Return a line of even sections between so many stations and loops, for freight trains of 60 km/h."""
    ids = [f"P{number:02d}" for number in range(1, places + 1)]
    own = tuple(Track(str(number), TrackKind.MAIN, 1050, GAUGE) for number in (1, 2, 3))
    posts = [length_m * place / (places - 1) / 1000 for place in range(places)]
    stations = {one: Station(one, one, own, "UTC", km=km) for one, km in zip(ids, posts, strict=True)}
    sections = {
        f"{one}-{other}": Section(
            f"{one}-{other}",
            one,
            other,
            round(length_m / (places - 1)),
            tracks,
            GAUGE,
            {"freight": SPEED_KMH},
            blocks,
        )
        for one, other in pairwise(ids)
    }
    kind = TrainType("FREIGHT", "Freight", "freight", 1000, SPEED_KMH, 1520, assumed.start_s, assumed.stop_s)
    rules = Rules(
        time_step_s=1,
        non_simultaneous_arrival_s=assumed.arrival_s,
        crossing_interval_s=assumed.crossing_s,
        following_interval_s=assumed.following_s,
        block_release_s=assumed.following_s,
    )
    return Scenario(name, "UTC", date(2026, 1, 5), 1, Network(stations, sections), {"FREIGHT": kind}, (), rules=rules)


def zhetygen_korgas() -> Iterator[list[str]]:
    """Yield the rows of Zhetygen - Korgas: 293 km, 5 stations and 9 loops, 17 pairs a day published."""
    for assumed in ASSUMED:
        part = capacity(even_line("zhetygen-korgas", 293_000, 14, assumed))
        yield [assumed.name, *_cells(part)]


def dostyk_moyinty() -> Iterator[list[str]]:
    """Yield the rows of Dostyk - Moyinty: 836 km, 12 pairs a day published on single track and 60 when doubled.

    Its stations are not published; 23 places make even sections of 38 km. A second track that keeps them needs block
    posts between them.
    """
    for tracks, blocks, text in ((1, 1, "single"), (2, 1, "doubled"), (2, 2, "two blocks"), (2, 3, "three blocks")):
        for assumed in ASSUMED:
            part = capacity(even_line("dostyk-moyinty", 836_000, 23, assumed, tracks=tracks, blocks=blocks))
            yield [f"{text}, {assumed.name}", *_cells(part)]


def quetta_chaman() -> Iterator[list[str]]:
    """Yield the rows of Quetta - Chaman by day and around the clock, with and without a loop where it binds."""
    day = railcap.load("quetta-chaman-day")
    for when, scenario in (("by day", day), ("around the clock", replace(day, daylight=()))):
        part = capacity(scenario)
        binding = _row(part, "cis").limiting.stretch
        yield [when, binding.name(scenario), *_cells(part)]
        better = scenario
        for section in binding.sections:
            better = half_way_loop(better, section)
        part = capacity(better)
        yield [f"{when}, with a loop", _row(part, "cis").limiting.stretch.name(better), *_cells(part)]


def half_way_loop(scenario: Scenario, section: str) -> Scenario:
    """Return a scenario with a loop half-way in a section, with the tracks of the station at its start.

    Running times must come from length and speed.
    """
    network = scenario.network
    old = network.sections[section]
    start, end = network.stations[old.start], network.stations[old.end]
    km = None if start.km is None or end.km is None else (start.km + end.km) / 2
    name = f"loop {start.name} - {end.name}"
    loop = replace(start, id=f"{section}-loop", name=name, km=km, simultaneous_reception=False, kind="loop")
    half_m = old.length_m // 2
    halves = (
        replace(old, id=f"{section}-1", end=loop.id, length_m=half_m),
        replace(old, id=f"{section}-2", start=loop.id, length_m=old.length_m - half_m),
    )
    sections: dict[str, Section] = {}
    for one in network.sections.values():
        sections |= {half.id: half for half in halves} if one is old else {one.id: one}
    stations = {**network.stations, loop.id: loop}
    daylight = tuple(
        half
        for rule in scenario.daylight
        for half in ([replace(rule, section=one.id) for one in halves] if rule.section == section else [rule])
    )
    return replace(scenario, network=replace(network, stations=stations, sections=sections), daylight=daylight)


def capacity(scenario: Scenario) -> PartCapacity:
    """Return the capacity of a line of one part: of what it asks for, or of its freight trains alone."""
    mix = None if scenario.requests else {"FREIGHT": 1.0}
    (part,) = mix_capacity(scenario, shipped_thresholds(), mix=mix).parts
    return part


def _cells(part: PartCapacity) -> list[str]:
    """Return the time that a pair or an interval takes where CIS binds, and pairs a day by each method."""
    limiting = _row(part, "cis").limiting
    minutes = limiting.periods.period_min if limiting.periods is not None else interval_s(limiting.stretch) / MINUTE_S
    found = [f"{minutes:.0f} min"]
    for method in ("theoretical", "cis", "practical", "scott", "uic-405"):
        row = _row(part, method)
        span = row.least_pairs != row.most_pairs
        found.append(f"{row.figure.pairs} ({row.least_pairs}-{row.most_pairs})" if span else str(row.figure.pairs))
    return found


def _row(part: PartCapacity, method: str) -> MethodRow:
    return next(row for row in part.rows if row.method == method)


def main() -> None:
    """Print the tables, pairs of trains a day, in Markdown."""
    methods = ["a pair or interval takes", "theoretical", "CIS available", "practical", "Scott", "UIC 405"]
    print("Zhetygen - Korgas, 17 pairs a day published:\n")
    print(table(["assumed", *methods], list(zhetygen_korgas())))
    print("\nDostyk - Moyinty, 12 pairs a day published on single track, 60 when doubled:\n")
    print(table(["line, assumed", *methods], list(dostyk_moyinty())))
    print("\nQuetta - Chaman, 5 pairs a day asked for:\n")
    print(table(["when", "limits", *methods], list(quetta_chaman())))


if __name__ == "__main__":
    main()
