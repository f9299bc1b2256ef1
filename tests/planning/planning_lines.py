"""Small lines whose best timetables can be worked out by hand.

Stations A, B, C ... ten minutes apart, each with a main track 1 and a loop 2 of 750 m; freight trains of 700 m that
take two minutes more to start and one more to stop; every minute of delay or journey costs 0.2.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, TrainType
from railcap.planning.plan import Plan, plan
from railcap.planning.timetable import TrainPath
from railcap.solving.parameters import SolveParameters

BROAD = frozenset({1676})
TRAIN = TrainType("freight", "Freight", "freight", 700, 60, 1676, 120, 60)
DAY = date(2026, 3, 2)


def clock_s(text: str) -> int:
    """Return a time of day in seconds; ``"6:13"`` is 22380."""
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def station(name: str, *, loop_m: int = 750, tracks: tuple[Track, ...] = (), **fields: object) -> Station:
    tracks = tracks or (Track("1", TrackKind.MAIN, 750, BROAD), Track("2", TrackKind.LOOP, loop_m, BROAD))
    return Station(name, f"Station {name}", tracks, "Asia/Karachi", **fields)  # type: ignore[arg-type]


def section(start: str, end: str, **fields: Any) -> Section:
    values: dict[str, Any] = {"tracks": 1, "blocks": 1, **fields}
    speeds = {"freight": 60.0, "passenger": 60.0}
    return Section(f"{start}-{end}", start, end, 10_000, gauges_mm=BROAD, speeds_kmh=speeds, **values)


def request(name: str, way: str, departure: str, **fields: object) -> PathRequest:
    """Ask for a train over `way` (``"A-C"``) that may leave up to two hours late."""
    origin, destination = way.split("-")
    values = {"later_s": 7200, **fields}
    return PathRequest(name, "freight", origin, destination, clock_s(departure), **values)  # type: ignore[arg-type]


def line(*requests: PathRequest, names: str = "ABC", **fields: object) -> Scenario:
    """Return a line of stations with some of its parts replaced: `stations`, `sections` (by id) and scenario fields."""
    stations = {name: station(name) for name in names}
    sections = {s.id: s for s in (section(a, b) for a, b in pairwise(names))}
    stations.update(fields.pop("stations", {}))  # type: ignore[call-overload]
    sections.update(fields.pop("sections", {}))  # type: ignore[call-overload]
    base = Scenario(
        "line", "Asia/Karachi", DAY, 1, Network(stations, sections), {"freight": TRAIN}, requests, run_out_h=24
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def planned(scenario: Scenario) -> Plan:
    """Plan to a proven optimum."""
    found = plan(scenario, parameters=SolveParameters(time_limit_s=20, threads=1), isolated=False)
    assert found.termination.reason.value == "optimal", found.termination
    return found


def path_of(found: Plan, name: str) -> TrainPath:
    assert found.timetable is not None
    return next(path for path in found.timetable.paths if path.request == name)


def times(found: Plan, name: str) -> list[tuple[str, str, str]]:
    """Return (station, arrival, departure) of a train in clock times of the first day, hours going on past 24."""
    begin = found.scenario.begin_s

    def text(time_s: int) -> str:
        return f"{(time_s - begin) // 3600}:{(time_s - begin) // 60 % 60:02d}"

    return [(call.station, text(call.arrival_s), text(call.departure_s)) for call in path_of(found, name).calls]
