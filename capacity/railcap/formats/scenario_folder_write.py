"""From a scenario to the texts of its folder: ``scenario.toml`` and the tables, always the same bytes for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest
from railcap.formats import table_cells as cells
from railcap.formats.scenario_folder_columns import COST_KEYS, NEEDED, RULE_KEYS, SCHEMA, SETTINGS, TABLES
from railcap.formats.table import write_table

T = TypeVar("T")


def folder_texts(scenario: Scenario) -> dict[str, str]:
    """Return the files of a scenario folder by name; tables that may be missing are left out if they are empty."""
    texts = {SETTINGS: _settings(scenario)}
    for name, columns in TABLES.items():
        rows = list(_ROWS[name](scenario))
        if rows or name in NEEDED:
            texts[f"{name}.csv"] = write_table(
                list(columns), [[row.get(column, "") for column in columns] for row in rows]
            )
    return texts


def _settings(scenario: Scenario) -> str:
    lines = [
        f"schema = {SCHEMA}",
        f"name = {_toml_text(scenario.name)}",
        *(
            f"{key} = {_toml_text(text)}"
            for key, text in (("title", scenario.title), ("description", scenario.description))
            if text
        ),
        f"time_zone = {_toml_text(scenario.time_zone)}",
        f"start = {scenario.start.isoformat()}",
        f"days = {scenario.days}",
        f"run_out_h = {cells.write_number(scenario.run_out_h)}",
        "",
        "[rules]",
    ]
    for key, name in RULE_KEYS.items():
        value = getattr(scenario.rules, name)
        lines.append(f"{key} = {cells.write_minutes(value) if name.endswith('_s') else cells.write_number(value)}")
    lines += ["", "[cost]"]
    lines += [f"{key} = {cells.write_number(getattr(scenario.weights, key))}" for key in COST_KEYS]
    return "\n".join(lines) + "\n"


def _toml_text(text: str) -> str:
    # JSON's escapes are TOML's as well; only the delete character is let through by one and not by the other.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _maybe(write: Callable[[T], str], value: T | None) -> str:
    return "" if value is None else write(value)


def _stations(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for station in scenario.network.stations.values():
        yield {
            "id": station.id,
            "name": station.name,
            "km": _maybe(cells.write_number, station.km),
            "country": station.country,
            "province": station.province,
            "time_zone": station.time_zone,
            "lat": _maybe(cells.write_number, station.lat),
            "lon": _maybe(cells.write_number, station.lon),
            "simultaneous_reception": cells.write_flag(station.simultaneous_reception),
            "non_simultaneous_arrival_min": _maybe(cells.write_minutes, station.non_simultaneous_arrival_s),
            "crossing_interval_min": _maybe(cells.write_minutes, station.crossing_interval_s),
            "kind": station.kind,
            "note": station.note,
            "assumed": station.assumed,
        }


def _tracks(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for station in scenario.network.stations.values():
        for track in station.tracks:
            yield {
                "station": station.id,
                "track": track.id,
                "kind": track.kind.value,
                "length_m": str(track.length_m),
                "gauges": cells.write_gauges(track.gauges_mm),
                "assumed": track.assumed,
            }


def _sections(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for section in scenario.network.sections.values():
        yield {
            "id": section.id,
            "from": section.start,
            "to": section.end,
            "length_km": cells.write_kilometres(section.length_m),
            "tracks": str(section.tracks),
            "gauges": cells.write_gauges(section.gauges_mm),
            "speed_freight_kmh": _maybe(cells.write_number, section.speeds_kmh.get("freight")),
            "speed_passenger_kmh": _maybe(cells.write_number, section.speeds_kmh.get("passenger")),
            "blocks": str(section.blocks),
            "bidirectional": cells.write_flag(section.bidirectional),
            "following_interval_min": _maybe(cells.write_minutes, section.following_interval_s),
            "note": section.note,
            "assumed": section.assumed,
        }


def _running_times(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for (section, station, train_type), running_s in scenario.network.running_times_s.items():
        yield {
            "section": section,
            "from": station,
            "train_type": train_type,
            "running_min": cells.write_minutes(running_s),
        }


def _train_types(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for train_type in scenario.train_types.values():
        yield {
            "id": train_type.id,
            "name": train_type.name,
            "category": train_type.category,
            "length_m": str(train_type.length_m),
            "speed_kmh": cells.write_number(train_type.speed_kmh),
            "gauge": str(train_type.gauge_mm),
            "start_supplement_min": cells.write_minutes(train_type.start_supplement_s),
            "stop_supplement_min": cells.write_minutes(train_type.stop_supplement_s),
            "wagons": str(train_type.wagons),
            "note": train_type.note,
            "assumed": train_type.assumed,
        }


def _requests(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for request in scenario.requests:
        yield {
            "id": request.id,
            "number": request.number,
            "name": request.name,
            "train_type": request.train_type,
            "from": request.origin,
            "to": request.destination,
            "via": " ".join(request.vias),
            "direction": "both" if request.both else "one",
            **_request_times(request),
            "value": cells.write_number(request.value),
            "mandatory": cells.write_flag(request.mandatory),
            "note": request.note,
        }


def _request_times(request: PathRequest) -> Mapping[str, str]:
    return {
        "departure": cells.write_time_of_day(request.departure_of_day_s),
        "earlier_min": cells.write_minutes(request.earlier_s),
        "later_min": cells.write_minutes(request.later_s),
        "per_day": str(request.per_day),
        "every_min": cells.write_minutes(request.every_s),
        "weekdays": cells.write_weekdays(request.weekdays),
        "first_day": request.first_day.isoformat() if request.first_day else "",
        "last_day": request.last_day.isoformat() if request.last_day else "",
        "arrive_until": _maybe(cells.write_time_of_day, request.arrive_until_s),
        "longest_journey_min": _maybe(cells.write_minutes, request.longest_journey_s),
    }


def _stops(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for request in scenario.requests:
        for stop in request.stops.values():
            yield {
                "request": request.id,
                "station": stop.station,
                "dwell_min": cells.write_minutes(stop.dwell_s),
                "arrive_from": _maybe(cells.write_time_of_day, stop.arrive_from_s),
                "arrive_until": _maybe(cells.write_time_of_day, stop.arrive_until_s),
                "depart_from": _maybe(cells.write_time_of_day, stop.depart_from_s),
                "depart_until": _maybe(cells.write_time_of_day, stop.depart_until_s),
                "process": stop.process,
            }


def _fixed_paths(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for path in scenario.fixed_paths:
        for call in path.calls:
            zone_name = scenario.network.stations[call.station].time_zone
            yield {
                "train": path.id,
                "number": path.number,
                "train_type": path.train_type,
                "station": call.station,
                "arrival": cells.write_moment(call.arrival_s, zone_name),
                "departure": cells.write_moment(call.departure_s, zone_name),
                "track": call.track,
            }


def _closures(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for closure in scenario.closures:
        yield {
            "id": closure.id,
            "section": closure.section,
            "section_track": closure.section_track,
            "station": closure.station,
            "track": closure.track,
            "yard_resource": closure.yard_resource,
            **_period(scenario, closure),
            "weekdays": cells.write_weekdays(closure.weekdays),
            "time_zone": closure.time_zone,
            "reason": closure.reason,
        }


def _period(scenario: Scenario, closure: Closure) -> Mapping[str, str]:
    network = scenario.network
    if closure.from_s is not None and closure.until_s is not None:
        station = closure.station
        if closure.section:
            station = network.sections[closure.section].start
        elif closure.yard_resource:
            station = scenario.yard_resources[closure.yard_resource].station
        zone_name = closure.time_zone or network.stations[station].time_zone
        return {
            "from": cells.write_moment(closure.from_s, zone_name),
            "until": cells.write_moment(closure.until_s, zone_name),
        }
    return {
        "from": _maybe(cells.write_time_of_day, closure.from_of_day_s),
        "until": _maybe(cells.write_time_of_day, closure.until_of_day_s),
    }


def _daylight(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for daylight in scenario.daylight:
        yield {
            "section": daylight.section,
            "province": daylight.province,
            "from": cells.write_time_of_day(daylight.from_of_day_s),
            "until": cells.write_time_of_day(daylight.until_of_day_s),
            "time_zone": daylight.time_zone,
        }


def _yard_resources(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for resource in scenario.yard_resources.values():
        yield {
            "id": resource.id,
            "station": resource.station,
            "capacity": str(resource.capacity),
            "at_close": resource.at_close.value,
            "note": resource.note,
            "assumed": resource.assumed,
        }


def _opening_hours(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for hours in scenario.opening_hours:
        yield {
            "resource": hours.resource,
            "weekdays": cells.write_weekdays(hours.weekdays),
            "from": cells.write_time_of_day(hours.from_of_day_s),
            "until": cells.write_time_of_day(hours.until_of_day_s),
            "time_zone": hours.time_zone,
        }


def _yard_steps(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for process in scenario.processes.values():
        for step in process.steps:
            yield {
                "process": process.id,
                "step": step.name,
                "resource": step.resource,
                "tracks": "+".join(step.tracks),
                "duration_min": cells.write_minutes(step.duration_s),
                "per_wagon_min": cells.write_minutes(step.per_wagon_s),
                "note": step.note,
                "assumed": step.assumed,
            }


def _links(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for link in scenario.links:
        yield {
            "id": link.id,
            "kind": link.kind.value,
            "first": link.first,
            "second": link.second,
            "first_count": str(link.first_count),
            "second_count": str(link.second_count),
            "days_later": str(link.days_later),
            "least_min": cells.write_minutes(link.least_s),
            "longest_min": _maybe(cells.write_minutes, link.longest_s),
            "if_refused": "refuse" if link.refuse else "run",
            "station": link.station,
            "note": link.note,
            "assumed": link.assumed,
        }


def _bankers(scenario: Scenario) -> Iterator[Mapping[str, str]]:
    for banker in scenario.bankers:
        yield {
            "id": banker.id,
            "from": banker.start,
            "to": banker.end,
            "train_types": " ".join(sorted(banker.train_types)),
            "engine_type": banker.engine_type,
            "engines": str(banker.engines),
            "least_min": cells.write_minutes(banker.least_s),
            "longest_min": cells.write_minutes(banker.longest_s),
            "note": banker.note,
            "assumed": banker.assumed,
        }


_ROWS: Mapping[str, Callable[[Scenario], Iterator[Mapping[str, str]]]] = {
    "stations": _stations,
    "tracks": _tracks,
    "sections": _sections,
    "running_times": _running_times,
    "train_types": _train_types,
    "requests": _requests,
    "stops": _stops,
    "fixed_paths": _fixed_paths,
    "closures": _closures,
    "daylight": _daylight,
    "yard_resources": _yard_resources,
    "opening_hours": _opening_hours,
    "yard_steps": _yard_steps,
    "links": _links,
    "bankers": _bankers,
}
