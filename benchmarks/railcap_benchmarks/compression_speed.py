"""How long a big timetable takes to compress, beside a plain peer: ``python -m railcap_benchmarks.compression_speed``.

The timetable is that of a single-track line on which trains meet at every station, some minutes of buffer between them.
The peer moves one train after the other, constraint by constraint in plain Python, until nothing moves any more.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.occupation.compression import compress
from railcap.measures.occupation.consumption import line_consumption
from railcap.measures.occupation.occupations import Occupations
from railcap.planning.check_line import section_violations, station_violations
from railcap.planning.timetable import Call, Leg, Timetable, TrainPath
from railcap_benchmarks.machine import machine, software

_GAUGE = frozenset({1676})
_RUN_S, _DWELL_S, _APART_S = 18 * 60, 12 * 60, 6 * 60
_KIND = TrainType("freight", "Freight", "freight", 600, 60, 1676, 120, 60)


def big_timetable(stations: int, trains: int) -> tuple[Scenario, Timetable]:
    """Return a line and a timetable of trains that stop at every station and meet there, half of them each way."""
    tracks = Track("1", TrackKind.MAIN, 700, _GAUGE), Track("2", TrackKind.LOOP, 700, _GAUGE)
    places = [Station(f"s{number:03d}", f"Station {number}", tracks, "UTC") for number in range(stations)]
    sections = [
        Section(f"{one.id}-{other.id}", one.id, other.id, 15_000, 1, _GAUGE, {"freight": 60.0})
        for one, other in pairwise(places)
    ]
    network = Network({one.id: one for one in places}, {one.id: one for one in sections})
    step_s = _RUN_S + _DWELL_S
    scenario = Scenario("big", "UTC", date(2026, 3, 2), 1, network, {"freight": _KIND}, (), rules=Rules())
    paths = []
    for number in range(trains):
        slot, there = number // 2 * 5 // 4, number % 2 == 0  # every fifth slot stays empty
        way = places if there else places[::-1]
        # An opposing train arrives some minutes later than the one that it meets, and so it goes at every station.
        apart_s = 0 if there else _APART_S + (stations % 2 == 0) * step_s
        begin_s = scenario.begin_s + slot * 2 * step_s + apart_s
        calls = []
        for at, place in enumerate(way):
            arrival_s = begin_s + at * step_s
            calls.append(Call(place.id, "1" if there else "2", arrival_s, arrival_s + _DWELL_S, True))
        legs = [Leg(section.id, "1") for section in (sections if there else sections[::-1])]
        paths.append(TrainPath(f"t{number:03d}", "t", "", "freight", tuple(calls), tuple(legs)))
    return scenario, Timetable("big", tuple(paths))


def plain_moves(scenario: Scenario, timetable: Timetable) -> dict[str, int]:
    """Return how much later each train is in the compressed timetable of the whole line, in plain Python."""
    begin_s = min(path.calls[0].arrival_s for path in timetable.paths)
    moved = {path.train: begin_s - path.calls[0].arrival_s for path in timetable.paths}
    pairs = list(_plain_pairs(scenario, timetable))
    changed = True
    while changed:
        changed = False
        for first, second, least_s in pairs:
            if moved[first] + least_s > moved[second]:
                moved[second] = moved[first] + least_s
                changed = True
    return moved


def _plain_pairs(scenario: Scenario, timetable: Timetable) -> Iterator[tuple[str, str, int]]:
    """Yield two trains at a place one after the other, and how much more the second must be moved at least."""
    rules = scenario.rules
    holds: dict[tuple[str, ...], list[tuple[int, int, str, str]]] = defaultdict(list)
    arrivals: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for path in timetable.paths:
        for leg, here, there in zip(path.legs, path.calls, path.calls[1:], strict=False):
            holds["section", leg.section].append((here.departure_s, there.arrival_s, path.train, here.station))
            arrivals[there.station].append((there.arrival_s, leg.section, path.train))
        for call in path.calls:
            holds["track", call.station, call.track].append((call.arrival_s, call.departure_s, path.train, ""))
    for place, held in holds.items():
        held.sort()
        for one, other in pairwise(held):
            same = rules.following_interval_s if one[3] == other[3] else rules.crossing_interval_s
            yield one[2], other[2], one[1] + (same if place[0] == "section" else rules.track_release_s) - other[0]
    for came in arrivals.values():
        came.sort()
        for number, (time_s, section, train) in enumerate(came):
            before = next((one for one in reversed(came[:number]) if one[1] != section), None)
            if before is not None:
                yield before[2], train, before[0] + rules.non_simultaneous_arrival_s - time_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--trains", type=int, default=500)
    parser.add_argument("--stations", type=int, default=200)
    asked = parser.parse_args()
    scenario, timetable = big_timetable(asked.stations, asked.trains)
    faults = section_violations(scenario, timetable.paths) + station_violations(scenario, timetable.paths)
    compress(Occupations(*big_timetable(3, 4)).whole())  # so that what is loaded only once does not count
    marks = [time.perf_counter()]
    held = Occupations(scenario, timetable)
    marks.append(time.perf_counter())
    found = compress(held.whole())
    marks.append(time.perf_counter())
    window = int(scenario.begin_s), max(path.calls[-1].departure_s for path in timetable.paths)
    rate = shipped_thresholds().value("uic", "occupancy_rate", "mixed/day")
    line = line_consumption(scenario, timetable, recommended_rate=rate, window=window, occupations=held)
    marks.append(time.perf_counter())
    plain = plain_moves(scenario, timetable)
    marks.append(time.perf_counter())
    reading_s, compressing_s, all_s, plain_s = (later - one for one, later in pairwise(marks))
    same = plain == dict(zip(found.trains, found.moved_s, strict=True))
    limiting = line.limiting
    print(f"{software()}; {machine()}")
    print(f"{asked.trains} trains over {asked.stations} stations, {len(faults)} violations of the rules before")
    print(f"reading the timetable        {reading_s:7.3f} s")
    print(f"whole line compressed        {compressing_s:7.3f} s   occupied {found.occupied_s / 3600:.2f} h")
    if limiting is not None:
        shown = f"{len(line.sections)} line sections, the fullest {limiting.occupied_s / 3600:.2f} h"
        print(f"and every line section       {all_s:7.3f} s   {shown}")
    print(f"plain peer, whole line       {plain_s:7.3f} s   {'the same moves' if same else 'OTHER MOVES'}")


if __name__ == "__main__":
    main()
