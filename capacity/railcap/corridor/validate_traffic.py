"""Faults of requests, stops and fixed paths: what can be said of each record by itself and its references."""

from __future__ import annotations

from collections import Counter

from railcap.corridor.expand import running_days
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedPath, PathRequest, Stop
from railcap.corridor.validate_fault import Fault, Faults, Record
from railcap.corridor.validate_network import period_is_sound
from railcap.units import DAY_S

_WEEK_MIN = 7 * 24 * 60
_DAYS_BEFORE = 7  # as early as `earlier_min` lets a train leave


def traffic_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of path requests with their stops, and of fixed paths."""
    found = Faults()
    for table, ids in (
        ("requests", [request.id for request in scenario.requests]),
        ("fixed_paths", [path.id for path in scenario.fixed_paths]),
    ):
        for id_, count in Counter(ids).items():
            if count > 1:
                column = "id" if table == "requests" else "train"
                found.add((table, (id_,)), column, id_, f"{count} of them have this id", "duplicate-id")
    for request in scenario.requests:
        _request(found, request, scenario)
        for key, stop in request.stops.items():
            _stop(found, request, key, stop, scenario)
    for path in scenario.fixed_paths:
        _fixed_path(found, path, scenario)
    return found


def _request(found: Faults, request: PathRequest, scenario: Scenario) -> None:
    record = "requests", (request.id,)
    stations = scenario.network.stations
    found.id(record, "id", request.id, "/")
    found.known(record, "train_type", request.train_type, scenario.train_types, "train type")
    found.known(record, "from", request.origin, stations, "station")
    found.known(record, "to", request.destination, stations, "station")
    for via in request.vias:
        found.known(record, "via", via, stations, "station")
    if request.origin == request.destination:
        found.add(record, "to", request.destination, "origin and destination are the same station", "same-ends")
    if not 0 <= request.departure_of_day_s < DAY_S:
        message = "must be a time of day from 00:00 to 23:59:59; weekdays, first_day and last_day choose the days"
        found.add(record, "departure", f"{request.departure_of_day_s / 3600:g} h", message, "out-of-range")
    found.bounds(record, "earlier_min", request.earlier_s / 60, 0, _WEEK_MIN, "minutes")
    found.bounds(record, "later_min", request.later_s / 60, 0, _WEEK_MIN, "minutes")
    found.bounds(record, "value", request.value, 0, 1_000_000, "")
    if request.longest_journey_s is not None:
        found.bounds(record, "longest_journey_min", request.longest_journey_s / 60, 1, 10 * _WEEK_MIN, "minutes")
    if request.arrive_until_s is not None:
        found.bounds(record, "arrive_until", request.arrive_until_s / DAY_S, -_DAYS_BEFORE, 99, "days")
    _repeats(found, record, request)
    _days(found, record, request, scenario)


def _repeats(found: Faults, record: Record, request: PathRequest) -> None:
    found.bounds(record, "per_day", request.per_day, 1, 1000, "trains")
    found.bounds(record, "every_min", request.every_s / 60, 0, _WEEK_MIN, "minutes")
    if request.per_day > 1 and request.every_s == 0:
        message = f"{request.per_day} trains a day need a time from one to the next"
        found.add(record, "every_min", "0", message, "missing-value")
    elif (request.per_day - 1) * request.every_s >= DAY_S:
        message = "the last train of a day leaves a day or more after the first, among the trains of the next day"
        found.add(record, "every_min", request.every_s / 60, message, "longer-than-a-day", "warning")


def _days(found: Faults, record: Record, request: PathRequest, scenario: Scenario) -> None:
    if not found.weekdays(record, request.weekdays):
        return
    if request.first_day and request.last_day and request.first_day > request.last_day:
        message = f"the last day lies before the first, {request.first_day}"
        found.add(record, "last_day", request.last_day, message, "ends-before-begin")
    elif period_is_sound(scenario) and not running_days(scenario, request):
        message = "on none of the scenario's days does this request ask for a train"
        column = "first_day" if request.first_day else "last_day" if request.last_day else "weekdays"
        found.add(record, column, "", message, "no-trains", "warning")


def _stop(found: Faults, request: PathRequest, key: str, stop: Stop, scenario: Scenario) -> None:
    record = "stops", (request.id, key)
    if key != stop.station:
        message = f"the stop stands under {key!r} but is at {stop.station!r}"
        found.add(record, "station", stop.station, message, "bad-id")
        return
    windows = (stop.arrive_from_s, stop.arrive_until_s, stop.depart_from_s, stop.depart_until_s)
    names = ("arrive_from", "arrive_until", "depart_from", "depart_until")
    if key != "*":
        found.known(record, "station", key, scenario.network.stations, "station")
    elif any(window is not None for window in windows):
        message = "windows need a station of their own; * is for dwells alone"
        found.add(record, "station", "*", message, "contradiction")
    found.bounds(record, "dwell_min", stop.dwell_s / 60, 0, _WEEK_MIN, "minutes")
    for name, window in zip(names, windows, strict=True):
        found.bounds(record, name, None if window is None else window / DAY_S, -_DAYS_BEFORE, 99, "days")
    for name, begin, end in (
        ("arrive_until", stop.arrive_from_s, stop.arrive_until_s),
        ("depart_until", stop.depart_from_s, stop.depart_until_s),
    ):
        if begin is not None and end is not None and end < begin:
            message = "the window ends before it begins; write +1 after a time of the next day"
            found.add(record, name, "", message, "ends-before-begin")
    arrive, depart = stop.arrive_from_s, stop.depart_until_s
    if arrive is not None and depart is not None and arrive + stop.dwell_s > depart:
        message = "it must leave before it may arrive and has stood for its dwell"
        found.add(record, "depart_until", "", message, "window-too-tight")


def _fixed_path(found: Faults, path: FixedPath, scenario: Scenario) -> None:
    record = "fixed_paths", (path.id,)
    found.id(record, "train", path.id)
    found.known(record, "train_type", path.train_type, scenario.train_types, "train type")
    if len(path.calls) < 2:
        message = "a fixed path has a row for each station on its way, so at least two"
        found.add(record, "train", path.id, message, "too-few-calls")
    before = None
    for place, call in enumerate(path.calls):
        at = "fixed_paths", (path.id, str(place))
        station = scenario.network.stations.get(call.station)
        found.known(at, "station", call.station, scenario.network.stations, "station")
        if station and call.track:
            found.known(at, "track", call.track, (track.id for track in station.tracks), "track")
        for column, moment_s in (("arrival", call.arrival_s), ("departure", call.departure_s)):
            found.bounds(at, column, moment_s / DAY_S / 365.25 + 1970, 1971, 2200, "as a year")
        if call.departure_s < call.arrival_s:
            found.add(at, "departure", "", "it leaves before it arrives", "ends-before-begin")
        if before is not None and call.arrival_s <= before:
            found.add(at, "arrival", "", "it arrives before it has left the station before", "ends-before-begin")
        before = call.departure_s
