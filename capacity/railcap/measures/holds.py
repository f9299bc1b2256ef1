"""What trains hold at stations: tracks, and the resources of yards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import steps_of
from railcap.planning.timetable import Timetable

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Hold:
    """A train that holds something for a time."""

    train: str
    from_s: int
    until_s: int

    @property
    def interval(self) -> tuple[int, int]:
        """The time alone."""
        return self.from_s, self.until_s


def yard_stations(scenario: Scenario) -> tuple[str, ...]:
    """Return the stations where trains ask for a process, in the order of the network."""
    found = {
        stop.station for request in scenario.requests for stop in request.stops.values() if steps_of(scenario, stop)
    }
    return tuple(station for station in scenario.network.stations if station in found)


def track_holds(scenario: Scenario, timetable: Timetable) -> Mapping[tuple[str, str], list[Hold]]:
    """Return who holds each station track, release time included, by when they come."""
    found: dict[tuple[str, str], list[Hold]] = defaultdict(list)
    release = scenario.rules.track_release_s
    for path in timetable.paths:
        for call in path.calls:
            for stay in call.stays:
                found[call.station, stay.track].append(Hold(path.train, stay.from_s, stay.until_s + release))
    return _by_time(found)


def resource_holds(timetable: Timetable) -> Mapping[str, list[Hold]]:
    """Return who holds each yard resource, by when they begin."""
    found: dict[str, list[Hold]] = defaultdict(list)
    for path in timetable.paths:
        for call in path.calls:
            for step in call.steps:
                if step.resource:
                    found[step.resource].append(Hold(path.train, step.begin_s, step.end_s))
    return _by_time(found)


def resource_queues(timetable: Timetable) -> Mapping[str, list[Hold]]:
    """Return who stands in the yard and waits for each resource: from arrival or the step before; also empty waits."""
    found: dict[str, list[Hold]] = defaultdict(list)
    for path in timetable.paths:
        for call in path.calls:
            ready_s = call.arrival_s
            for step in call.steps:
                if step.resource:
                    found[step.resource].append(Hold(path.train, ready_s, step.begin_s))
                ready_s = step.end_s
    return _by_time(found)


def _by_time(found: dict[_Key, list[Hold]]) -> Mapping[_Key, list[Hold]]:
    for holds in found.values():
        holds.sort(key=lambda hold: (hold.from_s, hold.until_s, hold.train))
    return found
