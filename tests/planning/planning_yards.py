"""Yards on the lines of `planning_lines`: what they are made of, and what trains do in them and when."""

from __future__ import annotations

from dataclasses import replace

from planning_lines import BROAD, clock_s, path_of

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop
from railcap.corridor.validate import validate
from railcap.corridor.yards import OpeningHours, YardProcess, YardStep
from railcap.planning.plan import Plan, plan
from railcap.planning.timetable import Refusal
from railcap.solving.parameters import SolveParameters

HOUR_S = 3600


def proven(scenario: Scenario) -> Plan:
    """Plan to a proven optimum."""
    parameters = SolveParameters(time_limit_s=60, threads=1, deterministic=True)
    found = plan(scenario, parameters=parameters, isolated=False)
    assert found.termination.reason.value == "optimal", found.termination
    return found


def tracks(*names: str) -> tuple[Track, ...]:
    return tuple(Track(name, TrackKind.YARD, 750, BROAD) for name in names)


def process(name: str, *steps: YardStep) -> dict[str, YardProcess]:
    return {name: YardProcess(name, steps)}


def stop(place: str, name: str) -> dict[str, Stop]:
    return {place: Stop(place, process=name)}


def hours(
    resource: str, begin: str, end: str, weekdays: frozenset[int] = frozenset(range(7)), zone: str = ""
) -> OpeningHours:
    return OpeningHours(resource, clock_s(begin), clock_s(end), weekdays, zone)


def shut(scenario: Scenario, begin: str, end: str, **place: str) -> Closure:
    """Close a place between two clock times of the scenario's first day, hours going on past 24."""
    from_s, until_s = scenario.begin_s + clock_s(begin), scenario.begin_s + clock_s(end)
    return Closure("works", from_s=from_s, until_s=until_s, reason="new rails", **place)


def clock(found: Plan, time_s: int) -> str:
    """Return an instant as the scenario's clock shows it on the first day, hours going on past 24."""
    minutes = (time_s - found.scenario.begin_s) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def calls(found: Plan, name: str) -> list[tuple[str, str, str]]:
    """Return (station, arrival, departure) of a train."""
    return [
        (call.station, clock(found, call.arrival_s), clock(found, call.departure_s))
        for call in path_of(found, name).calls
    ]


def steps(found: Plan, name: str) -> list[tuple[str, str, str, str]]:
    """Return (step, track, begin, end) of a train."""
    return [
        (step.name, step.track, clock(found, step.begin_s), clock(found, step.end_s))
        for call in path_of(found, name).calls
        for step in call.steps
    ]


def refusal(found: Plan, name: str) -> Refusal:
    assert found.timetable is not None
    return next(one for one in found.timetable.refused if one.request == name)


def errors(scenario: Scenario) -> set[str]:
    """Return the codes of the errors that validation finds in a scenario with all that a folder needs."""
    network = scenario.network
    sections = {
        id_: replace(one, speeds_kmh={**one.speeds_kmh, "passenger": 60.0}) for id_, one in network.sections.items()
    }
    whole = replace(scenario, title="Line", network=replace(network, sections=sections))
    return {issue.code for issue in validate(whole) if issue.severity == "error"}
