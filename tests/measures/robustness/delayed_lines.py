"""Lines with timetables that keep all rules: trains that follow each other, and trains that meet; tables of delays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath, TrainType
from railcap.formats.scenario_folder import save_scenario
from railcap.formats.timetable_json import write_timetable
from railcap.measures.robustness.delay_table import DelayKind, DelayRow, DelayTable, Distribution
from railcap.planning.check import check_timetable
from railcap.planning.timetable import Call, Leg, Timetable, TrainPath

GAUGE = frozenset({1676})
MINUTE = 60
KIND = TrainType("freight", "Freight", "freight", 600, 60, 1676, 120, 60)

EVERY_KIND = DelayTable(
    "every kind",
    (
        DelayRow(DelayKind.ENTRY, "*", 0.5, 600.0),
        DelayRow(DelayKind.RUNNING, "*", 0.3, 180.0, cap_s=1800),
        DelayRow(DelayKind.DWELL, "*", 0.4, 240.0, Distribution.UNIFORM),
        DelayRow(DelayKind.STEP, "*", 0.5, 300.0, cap_s=3600),
    ),
)
ENTRY = DelayTable("entry", (DelayRow(DelayKind.ENTRY, "*", 0.5, 600.0),))


def line(stations: int) -> Scenario:
    """Return a line of stations, with two tracks each, ten minutes apart at 60 km/h."""
    loops = [Track(str(number + 1), TrackKind.MAIN, 700, GAUGE) for number in range(2)]
    places = [Station(f"S{number}", f"Station {number}", tuple(loops), "UTC") for number in range(stations)]
    speeds = {"freight": 60.0, "passenger": 60.0}
    sections = [
        Section(f"{one.id}-{other.id}", one.id, other.id, 10_000, 1, GAUGE, speeds) for one, other in pairwise(places)
    ]
    network = Network({one.id: one for one in places}, {one.id: one for one in sections})
    return Scenario("line", "UTC", date(2026, 3, 2), 1, network, {KIND.id: KIND}, (), rules=Rules(), run_out_h=72)


def fixed(scenario: Scenario, paths: list[TrainPath]) -> tuple[Scenario, Timetable]:
    """Return the line with these trains as fixed paths, and their timetable, which keeps all rules."""
    given = tuple(
        FixedPath(
            path.train, path.train_type, tuple(FixedCall(c.station, c.arrival_s, c.departure_s) for c in path.calls)
        )
        for path in paths
    )
    scenario = replace(scenario, fixed_paths=given)
    timetable = Timetable(scenario.name, tuple(paths))
    assert not check_timetable(scenario, timetable)
    return scenario, timetable


def stopping(scenario: Scenario, name: str, way: list[int], begin_s: int, dwell_s: int, track: str) -> TrainPath:
    """Return a train over stations that stops at each for `dwell_s`, from `begin_s` after the first midnight."""
    run_s = 10 * MINUTE + KIND.start_supplement_s + KIND.stop_supplement_s
    now = scenario.begin_s + begin_s
    calls = []
    for place, number in enumerate(way):
        until = now + (dwell_s if 0 < place < len(way) - 1 else 0)
        calls.append(Call(f"S{number}", track, now, until, True))
        now = until + run_s
    legs = [Leg(f"S{min(here, there)}-S{max(here, there)}", "1") for here, there in pairwise(way)]
    return TrainPath(name, name, "", KIND.id, tuple(calls), tuple(legs), True)


def fleet(trains: int, buffer_s: int, stations: int = 5) -> tuple[Scenario, Timetable]:
    """Return trains in one direction, each following the one before with so much buffer."""
    scenario = line(stations)
    apart_s = 13 * MINUTE + scenario.rules.following_interval_s + buffer_s
    way = list(range(stations))
    paths = [
        stopping(scenario, f"T{number}", way, number * apart_s, 2 * MINUTE, str(number % 2 + 1))
        for number in range(trains)
    ]
    return fixed(scenario, paths)


def meeting(pairs: int, buffer_s: int, stations: int = 6) -> tuple[Scenario, Timetable]:
    """Return trains both ways that meet at every other station with so much buffer between arrival and departure."""
    scenario = line(stations)
    run_s, apart_s = 13 * MINUTE, scenario.rules.non_simultaneous_arrival_s
    dwell_s = 2 * apart_s + 2 * buffer_s
    paths = []
    period_s = 2 * (run_s + dwell_s)
    for number in range(pairs):
        paths.append(stopping(scenario, f"UP{number}", list(range(stations)), number * period_s, dwell_s, "1"))
        begin_s = number * period_s + apart_s + buffer_s
        begin_s += (run_s + dwell_s) * (1 - stations % 2)
        paths.append(stopping(scenario, f"DN{number}", list(range(stations))[::-1], begin_s, dwell_s, "2"))
    return fixed(scenario, paths)


def saved(folder: Path, scenario: Scenario, timetable: Timetable) -> list[str]:
    """Save both into a folder; return the paths of the scenario and of the timetable."""
    save_scenario(scenario, folder / scenario.name)
    write_timetable(timetable, folder / "timetable.json")
    return [str(folder / scenario.name), str(folder / "timetable.json")]
