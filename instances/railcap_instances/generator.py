"""Scenarios from a seed: `generate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from railcap.corridor.infrastructure import Network
from railcap.corridor.rules import Rules
from railcap.corridor.scenario import Scenario
from railcap.units import HOUR_S, MINUTE_S
from railcap_instances import families
from railcap_instances import generator_traffic as traffic
from railcap_instances.draws import Draws
from railcap_instances.families import Layout

START = date(2026, 3, 2)
"""First day of every generated scenario, a Monday."""

_LARGEST_SEED = 2**63 - 1

MOST_STATIONS = 1000
"""On a line of so many the longest journey and its way back end within the longest run-out of a scenario."""


@dataclass(frozen=True, slots=True)
class _Kind:
    draw: Callable[[Draws, int], Layout]
    stream: int
    least_stations: int
    stations: int
    trains: int
    days: int


_KINDS = {
    "line": _Kind(families.line, 0, least_stations=2, stations=9, trains=14, days=1),
    "corridor": _Kind(families.corridor, 8, least_stations=3, stations=24, trains=24, days=2),
    "network": _Kind(families.network, 16, least_stations=3, stations=16, trains=20, days=1),
}


def kinds() -> tuple[str, ...]:
    """Return the kinds of scenario that can be generated."""
    return tuple(_KINDS)


def generate(
    kind: str,
    seed: int,
    *,
    stations: int | None = None,
    trains: int | None = None,
    days: int | None = None,
    closures: int | None = None,
    fixed_paths: int | None = None,
) -> Scenario:
    """Return a valid scenario; the same arguments give the same scenario on every Python.

    Parameters
    ----------
    kind : str
        ``"line"``; ``"corridor"``: over a border, with two gauges, two time zones and daylight running; or
        ``"network"``: with branches and rings.
    seed : int
        From 0 to 2**63 - 1.
    stations, trains, days : int, optional
        Size: stations in all, trains a day in all, days of departures. Each kind has defaults of its own.
    closures, fixed_paths : int, optional
        How many; drawn if not given. A railway whose sections are all closed at times gets no fixed paths.

    Raises
    ------
    ValueError
        If there is no such kind, or a number is out of range; says what would be right.
    """
    chosen = _KINDS.get(kind)
    if chosen is None:
        raise ValueError(f"kind must be one of {', '.join(_KINDS)}, not {kind!r}")
    days = _within("days", chosen.days if days is None else days, 1, 366)
    trains = _within("trains", chosen.trains if trains is None else trains, 1, 1000)
    count = _within("stations", chosen.stations if stations is None else stations, chosen.least_stations, MOST_STATIONS)
    seed = _within("seed", seed, 0, _LARGEST_SEED)
    layout = chosen.draw(Draws(seed, chosen.stream), count)
    shell = _shell(Draws(seed, chosen.stream + 1), layout, f"{kind}-{seed}", days)
    draws = Draws(seed, chosen.stream + 2)
    drawn = draws.pick((0, 1, 1, 2)) if closures is None else _within("closures", closures, 0, 1000)
    shell = replace(shell, closures=traffic.closures(draws, shell, layout, drawn))
    draws = Draws(seed, chosen.stream + 3)
    most = traffic.FIXED_PATHS_PER_DAY * days
    drawn = draws.pick((0, 0, 1)) if fixed_paths is None else _within("fixed_paths", fixed_paths, 0, most)
    paths = tuple(traffic.fixed_paths(draws, shell, layout, drawn))
    requests = traffic.requests(Draws(seed, chosen.stream + 4), shell, layout, trains)
    return _with_horizon(replace(shell, requests=requests, fixed_paths=paths))


def _within(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise ValueError(f"{name} must be between {low} and {high}, not {value}")
    return value


def _shell(draws: Draws, layout: Layout, name: str, days: int) -> Scenario:
    """Return the railway and its rules as a scenario without traffic."""
    types = traffic.train_types(draws, layout)
    rules = Rules(
        non_simultaneous_arrival_s=draws.between(3, 5) * MINUTE_S,
        crossing_interval_s=draws.between(1, 2) * MINUTE_S,
        following_interval_s=draws.between(3, 6) * MINUTE_S,
        block_release_s=draws.between(1, 2) * MINUTE_S,
        longest_running_factor=draws.pick((1.0, 1.0, 1.25)),
    )
    network = Network(
        {station.id: station for station in layout.stations},
        {section.id: section for section in layout.sections},
        traffic.uphill_times_s(layout, types),
    )
    return Scenario(
        name=name,
        title=f"Generated: {name}",
        description=f"{len(layout.stations)} stations and {len(layout.sections)} sections, drawn from a seed.",
        time_zone=families.HOME_ZONE,
        start=START,
        days=days,
        network=network,
        train_types=types,
        requests=(),
        daylight=layout.daylight,
        rules=rules,
    )


def _with_horizon(scenario: Scenario) -> Scenario:
    """Let the horizon end a full hour after which every train can have arrived."""
    last_s = replace(scenario, run_out_h=0.0).end_s
    hours = -(-max(traffic.longest_way_s(scenario) - last_s, 0) // HOUR_S) + 1
    return replace(scenario, run_out_h=float(hours))
