"""Faults of border yards: resources and their hours, processes with their steps, and the stops that ask for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from railcap.corridor.expand import yard_openings
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import step_time_s, steps_of
from railcap.corridor.traffic import PathRequest, Stop
from railcap.corridor.validate_fault import Fault, Faults, Record
from railcap.corridor.validate_network import daily_faults, same_id, zones_of
from railcap.corridor.yards import AtClose, OpeningHours, YardProcess, YardResource, YardStep
from railcap.units import duration

_WEEK_MIN = 7 * 24 * 60
_OPENING = ("yard_resources", "opening_hours", "yard_steps", "stations")
"""Tables on which the openings of yard resources depend."""


def yard_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of yard resources, opening hours and processes, and of the stops that ask for a process."""
    found = Faults()
    found.zones = zones_of(scenario)
    for key, resource in scenario.yard_resources.items():
        same_id(found, ("yard_resources", (key,)), resource.id)
        _resource(found, resource, scenario)
    for number, hours in enumerate(scenario.opening_hours, start=1):
        _hours(found, ("opening_hours", (str(number),)), hours, scenario)
    for key, process in scenario.processes.items():
        same_id(found, ("yard_steps", (key,)), process.id, "process")
        _process(found, process, scenario)
    misplaced: set[tuple[str, ...]] = set()
    for request, stop in _stops_with_process(scenario.requests):
        _stop(found, request, stop, scenario, misplaced)
    return found


def _resource(found: Faults, resource: YardResource, scenario: Scenario) -> None:
    record = "yard_resources", (resource.id,)
    found.id(record, "id", resource.id)
    found.known(record, "station", resource.station, scenario.network.stations, "station")
    found.bounds(record, "capacity", resource.capacity, 1, 1000, "trains")


def _hours(found: Faults, record: Record, hours: OpeningHours, scenario: Scenario) -> None:
    found.known(record, "resource", hours.resource, scenario.yard_resources, "yard resource")
    daily_faults(found, record, hours.from_of_day_s, hours.until_of_day_s, "opening")
    found.weekdays(record, hours.weekdays)
    if hours.time_zone:
        found.zone(record, "time_zone", hours.time_zone)


def _process(found: Faults, process: YardProcess, scenario: Scenario) -> None:
    record = "yard_steps", (process.id,)
    found.id(record, "process", process.id)
    if not process.steps:
        found.add(record, "step", "", "a process needs at least one step", "missing-value")
    for name, count in Counter(step.name for step in process.steps).items():
        if count > 1:
            message = f"{count} steps of this process have this name"
            found.add(("yard_steps", (process.id, name)), "step", name, message, "duplicate-id")
    for step in process.steps:
        _step(found, ("yard_steps", (process.id, step.name)), step, scenario)


def _step(found: Faults, record: Record, step: YardStep, scenario: Scenario) -> None:
    found.id(record, "step", step.name)
    if step.resource:
        found.known(record, "resource", step.resource, scenario.yard_resources, "yard resource")
    for track, count in Counter(step.tracks).items():
        found.id(record, "tracks", track, "+")
        if count > 1:
            found.add(record, "tracks", track, f"track {track} stands there {count} times", "duplicate-id")
    found.bounds(record, "duration_min", step.duration_s / 60, 0, _WEEK_MIN, "minutes")
    found.bounds(record, "per_wagon_min", step.per_wagon_s / 60, 0, 24 * 60, "minutes")


def _stops_with_process(requests: Sequence[PathRequest]) -> Iterator[tuple[PathRequest, Stop]]:
    for request in requests:
        for key, stop in request.stops.items():
            if stop.process and stop.station == key:
                yield request, stop


def _stop(found: Faults, request: PathRequest, stop: Stop, scenario: Scenario, misplaced: set[tuple[str, ...]]) -> None:
    """Judge a stop that asks for a process; `misplaced` are the tracks that are known not to be there."""
    record = "stops", (request.id, stop.station)
    if stop.dwell_s:
        message = "a stop with a process has no dwell of its own; give the process a step of that duration"
        found.add(record, "dwell_min", f"{stop.dwell_s / 60:g}", message, "contradiction")
    if stop.station == "*":
        message = "a process needs a station of its own; * is for dwells alone"
        found.add(record, "process", stop.process, message, "contradiction")
        return
    if not found.known(record, "process", stop.process, scenario.processes, "process"):
        return
    stations = scenario.network.stations
    elsewhere = set()
    for step in steps_of(scenario, stop):
        resource = scenario.yard_resources.get(step.resource)
        if resource is not None and resource.station != stop.station:
            if resource.station in stations and resource.id not in elsewhere:
                message = (
                    f"step {step.name} needs {resource.id}, which is at {resource.station}; ask for this process "
                    f"there, and here for one with resources of {stop.station}"
                )
                found.add(record, "process", stop.process, message, "other-station")
            elsewhere.add(resource.id)
        elif stop.station in stations:
            known = [track.id for track in stations[stop.station].tracks]
            for track in step.tracks:
                place = stop.process, step.name, stop.station, track
                if track not in known and place not in misplaced:
                    misplaced.add(place)
                    message = (
                        f"{stop.station}, where {request.id} asks for this process, has no track {track}; it has "
                        f"{', '.join(known)}"
                    )
                    found.add(("yard_steps", place[:2]), "tracks", track, message, "unknown-track")


def use_faults(scenario: Scenario, broken: Collection[Record], unread: Collection[str]) -> list[Fault]:
    """Return the faults of processes and resources that nobody uses, that take no time, or no time of a train.

    Parameters
    ----------
    broken : records with faults
    unread : tables that could not be read
    """
    found = Faults()
    unsound = {table for table, _ in broken} | set(unread)
    asked = {stop.process for _, stop in _stops_with_process(scenario.requests)}
    named = {step.resource for process in scenario.processes.values() for step in process.steps}
    if not unsound & {"yard_steps"}:
        for resource in scenario.yard_resources.values():
            if resource.id not in named:
                message = "no step of any process needs this resource"
                record = "yard_resources", (resource.id,)
                found.add(record, "id", resource.id, message, "not-used", "warning")
    for process in scenario.processes.values():
        record = "yard_steps", (process.id,)
        if process.id not in asked and not unsound & {"stops", "requests"}:
            message = "no stop asks for this process"
            found.add(record, "process", process.id, message, "not-used", "warning")
        steps = [("yard_steps", (process.id, step.name)) for step in process.steps]
        takes = any(step.duration_s or step.per_wagon_s for step in process.steps)
        if process.steps and not takes and not any(step in broken for step in steps):
            message = "none of the steps of this process takes any time; give one a duration_min or per_wagon_min"
            found.add(record, "duration_min", "", message, "no-time")
    _no_wagons(found, scenario, broken)
    return found


def _no_wagons(found: Faults, scenario: Scenario, broken: Collection[Record]) -> None:
    told = set()
    for request, stop in _stops_with_process(scenario.requests):
        train_type = scenario.train_types.get(request.train_type)
        process = scenario.processes.get(stop.process)
        if train_type is None or process is None or train_type.wagons or train_type.id in told:
            continue
        record = "train_types", (train_type.id,)
        step = next((step for step in process.steps if step.per_wagon_s), None)
        if step is not None and record not in broken:
            told.add(train_type.id)
            message = f"step {step.name} of {process.id} takes its time by the wagon, and this train has none"
            found.add(record, "wagons", train_type.wagons, message, "no-wagons", "warning")


def opening_faults(
    scenario: Scenario, requests: Sequence[PathRequest], broken: Collection[Record], unread: Collection[str]
) -> list[Fault]:
    """Return an error for each step that can never be done, as its resource is not open for long enough.

    Parameters
    ----------
    requests : those that are sound
    broken : records with faults
    unread : tables that could not be read
    """
    found = Faults()
    if ({table for table, _ in broken} | set(unread)) & set(_OPENING):
        return found
    types = {request.train_type: scenario.train_types[request.train_type] for request in requests}
    closures = [one for one in scenario.closures if one.yard_resource and ("closures", (one.id,)) not in broken]
    openings = yard_openings(
        replace(scenario, requests=tuple(requests), train_types=types, fixed_paths=(), closures=tuple(closures))
    )
    longest: dict[tuple[str, str], tuple[int, str, YardStep]] = {}
    for request, stop in _stops_with_process(requests):
        for step in steps_of(scenario, stop):
            takes = step_time_s(scenario, step, scenario.train_types[request.train_type])
            key = stop.process, step.name
            if step.resource in openings and (key not in longest or takes > longest[key][0]):
                longest[key] = takes, request.train_type, step
    for key, (takes, train_type, step) in longest.items():
        open_s = max((end - begin for begin, end in openings[step.resource]), default=0)
        finish = scenario.yard_resources[step.resource].at_close is AtClose.FINISH
        if open_s and (takes <= open_s or not finish):
            continue
        how = f"open for {duration(open_s)} at a stretch at the most" if open_s else "never open"
        message = (
            f"a {train_type} needs {duration(takes)} for this step, and {step.resource} is {how}, so that it can never "
            "be done; change the hours" + (", or let it run over (at_close)" if open_s else "")
        )
        found.add(("yard_steps", key), "duration_min", f"{step.duration_s / 60:g}", message, "never-open")
    return found
