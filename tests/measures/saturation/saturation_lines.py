"""Uniform lines and small yards whose saturation can be worked out by hand; times in minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainType
from railcap.corridor.yards import YardProcess, YardResource, YardStep
from railcap.measures.saturation.candidates import Window
from railcap.measures.saturation.mix import read_mix
from railcap.measures.saturation.saturate import saturate
from railcap.measures.saturation.saturation import Saturation
from railcap.solving.parameters import SolveParameters

GAUGE = frozenset({1520})
MIN = 60


def uniform_line(
    sections: int,
    there_min: int,
    back_min: int,
    *,
    non_simultaneous_min: int = 4,
    crossing_min: int = 1,
    start_min: int = 0,
    stop_min: int = 0,
    tracks: int = 1,
    following_min: int = 4,
    loops: int = 3,
    **section: Any,
) -> Scenario:
    """Return a line of like sections; stations A, B, C ... with one main track and loops."""
    names = "ABCDEFGH"[: sections + 1]
    kinds = [TrackKind.MAIN, *[TrackKind.LOOP] * (loops - 1)]
    own = tuple(Track(str(number), kind, 900, GAUGE) for number, kind in enumerate(kinds, 1))
    stations = {name: Station(name, name, own, "UTC", km=20.0 * place) for place, name in enumerate(names)}
    lines = {
        one + other: Section(one + other, one, other, 20_000, tracks, GAUGE, {"freight": 60.0}, **section)
        for one, other in pairwise(names)
    }
    times = {}
    for one, other in pairwise(names):
        times[one + other, one, "T"] = there_min * MIN
        times[one + other, other, "T"] = back_min * MIN
    rules = Rules(
        non_simultaneous_arrival_s=non_simultaneous_min * MIN,
        crossing_interval_s=crossing_min * MIN,
        following_interval_s=following_min * MIN,
    )
    kind = TrainType("T", "Train", "freight", 800, 60, 1520, start_min * MIN, stop_min * MIN)
    return Scenario(
        "uniform", "UTC", date(2026, 3, 2), 2, Network(stations, lines, times), {"T": kind}, (), rules=rules
    )


def pairs_on(scenario: Scenario, hours: float, time_limit_s: float = 20.0, mix: str = "") -> Saturation:
    """Saturate a line by pairs from end to end, in a window of so many hours."""
    names = list(scenario.network.stations)
    text = mix or f"T:{names[0]}-{names[-1]}=1,T:{names[-1]}-{names[0]}=1"
    window = Window(scenario.begin_s, scenario.begin_s + int(hours * 60) * MIN)
    return saturated(scenario, text, window, time_limit_s)


def saturated(scenario: Scenario, mix: str, window: Window, time_limit_s: float = 20.0, **options: Any) -> Saturation:
    parameters = SolveParameters(time_limit_s=time_limit_s, threads=1)
    return saturate(scenario, read_mix(scenario, mix), window, parameters=parameters, isolated=False, **options)


def with_yard(scenario: Scenario, station: str, capacity: int, step_min: int) -> Scenario:
    """Return the line with a yard at a station and a request that ends there with a step of its resource."""
    first = next(iter(scenario.network.stations))
    process = YardProcess("customs", (YardStep("customs", step_min * MIN, resource="staff"),))
    request = PathRequest("IMPORT", "T", first, station, 0, stops={station: Stop(station, process="customs")})
    return replace(
        scenario,
        requests=(request,),
        yard_resources={"staff": YardResource("staff", station, capacity)},
        processes={"customs": process},
    )
