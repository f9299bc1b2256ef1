"""The rows of the working timetable: a table of trains, one of their calls by train, one by station, one of steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainRequest
from railcap.planning.timetable import Refusal, Timetable, TrainPath
from railcap.units import MINUTE_S, local

Value = str | int | float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows; moments are local wall-clock times without a zone, their offset stands beside them."""

    columns: tuple[str, ...]
    rows: list[tuple[Value, ...]]


_TRAIN = ("train", "number", "name", "request", "train_type", "category", "light_for")
_CALL = (
    "station_id",
    "station",
    "arrival",
    "departure",
    "utc_offset",
    "time_zone",
    "action",
    "standing_min",
    "track",
)
_STEP = (
    "train",
    "number",
    "request",
    "station_id",
    "station",
    "step",
    "resource",
    "track",
    "waited_min",
    "begin",
    "end",
    "utc_offset",
)


def trains(scenario: Scenario, timetable: Timetable, requests: Mapping[str, TrainRequest]) -> Table:
    """Return all trains, those that run first: wished and planned times, or why it was refused."""
    columns = (
        *_TRAIN,
        "status",
        "from",
        "to",
        "wished_departure",
        "departure",
        "departure_utc_offset",
        "late_min",
        "arrival",
        "arrival_utc_offset",
        "journey_min",
        "reason",
        "proof",
        "place",
        "against",
    )
    accepted = sorted(timetable.paths, key=lambda path: (path.departure_s, path.train))
    rows = [_accepted(scenario, path, requests.get(path.train)) for path in accepted]
    rows += [_refused(scenario, refusal, requests.get(refusal.train)) for refusal in timetable.refused]
    return Table(columns, rows)


def _accepted(scenario: Scenario, path: TrainPath, request: TrainRequest | None) -> tuple[Value, ...]:
    origin, destination = path.calls[0].station, path.calls[-1].station
    wished = request.wished_departure_s if request else None
    return (
        *_train(scenario, path, request),
        "light engine" if path.light_for else "fixed" if path.fixed else "accepted",
        _name(scenario, origin),
        _name(scenario, destination),
        None if wished is None else _moment(scenario, origin, wished),
        _moment(scenario, origin, path.departure_s),
        _offset(scenario, origin, path.departure_s),
        None if wished is None else _minutes(path.departure_s - wished),
        _moment(scenario, destination, path.arrival_s),
        _offset(scenario, destination, path.arrival_s),
        _minutes(path.journey_s),
        None,
        None,
        None,
        None,
    )


def _refused(scenario: Scenario, refusal: Refusal, request: TrainRequest | None) -> tuple[Value, ...]:
    wished = (
        (
            _name(scenario, request.origin),
            _name(scenario, request.destination),
            _moment(scenario, request.origin, request.wished_departure_s),
            None,
            _offset(scenario, request.origin, request.wished_departure_s),
        )
        if request
        else (None,) * 5
    )
    return (
        *_train(scenario, refusal, request),
        "refused",
        *wished,
        *(None,) * 4,
        refusal.reason,
        refusal.proof,
        refusal.place or None,
        " ".join(refusal.against) or None,
    )


def by_train(scenario: Scenario, timetable: Timetable, requests: Mapping[str, TrainRequest]) -> Table:
    """Return every call of every train, trains in the order of their departure, calls in the order of the journey."""
    paths = sorted(timetable.paths, key=lambda path: (path.departure_s, path.train))
    rows = [
        (*_train(scenario, path, requests.get(path.train)), place + 1, *call, _section(path, place))
        for path in paths
        for place, call in enumerate(_calls(scenario, path))
    ]
    return Table((*_TRAIN, "call", *_CALL, "next_section"), rows)


def by_station(scenario: Scenario, timetable: Timetable, requests: Mapping[str, TrainRequest]) -> Table:
    """Return every train at every station, stations in the order of the network, trains by time."""
    order = {station: place for place, station in enumerate(scenario.network.stations)}
    keyed = []
    for path in timetable.paths:
        train = _train(scenario, path, requests.get(path.train))
        for place, (call, row) in enumerate(zip(path.calls, _calls(scenario, path), strict=True)):
            before = _name(scenario, path.calls[place - 1].station) if place else None
            after = _name(scenario, path.calls[place + 1].station) if place + 1 < len(path.calls) else None
            key = order.get(call.station, len(order)), call.station, call.arrival_s, call.departure_s, path.train
            keyed.append((key, (*row, *train, before, after)))
    keyed.sort(key=lambda item: item[0])
    return Table((*_CALL, *_TRAIN, "coming_from", "going_to"), [row for _, row in keyed])


def yard_steps(scenario: Scenario, timetable: Timetable) -> Table:
    """Return every step of every train in a yard, stations in the order of the network, steps by time."""
    order = {station: place for place, station in enumerate(scenario.network.stations)}
    keyed = []
    for path in timetable.paths:
        for call in path.calls:
            ready_s = call.arrival_s
            for number, step in enumerate(call.steps):
                row = (
                    path.train,
                    path.number or None,
                    path.request,
                    call.station,
                    _name(scenario, call.station),
                    step.name,
                    step.resource or None,
                    step.track or None,
                    _minutes(step.begin_s - ready_s),
                    _moment(scenario, call.station, step.begin_s),
                    _moment(scenario, call.station, step.end_s),
                    _offset(scenario, call.station, step.begin_s),
                )
                key = order.get(call.station, len(order)), call.station, step.begin_s, step.end_s, path.train, number
                keyed.append((key, row))
                ready_s = step.end_s
    keyed.sort(key=lambda item: item[0])
    return Table(_STEP, [row for _, row in keyed])


def _train(scenario: Scenario, train: TrainPath | Refusal, request: TrainRequest | None) -> tuple[Value, ...]:
    known = scenario.train_types.get(train.train_type)
    return (
        train.train,
        train.number or None,
        (request.name if request else "") or None,
        train.request,
        train.train_type,
        known.category if known else None,
        (train.light_for if isinstance(train, TrainPath) else "") or None,
    )


def _calls(scenario: Scenario, path: TrainPath) -> Iterator[tuple[Value, ...]]:
    last = len(path.calls) - 1
    for place, call in enumerate(path.calls):
        begins, ends = place == 0, place == last
        action = "begins" if begins else "ends" if ends else "stops" if call.stops else "passes"
        yield (
            call.station,
            _name(scenario, call.station),
            None if begins else _moment(scenario, call.station, call.arrival_s),
            None if ends else _moment(scenario, call.station, call.departure_s),
            _offset(scenario, call.station, call.arrival_s),
            _zone(scenario, call.station),
            action,
            _minutes(call.departure_s - call.arrival_s),
            call.track or None,
        )


def _section(path: TrainPath, place: int) -> Value:
    return path.legs[place].section if place < len(path.legs) else None


def _name(scenario: Scenario, station: str) -> str:
    known = scenario.network.stations.get(station)
    return (known.name or station) if known else station


def _zone(scenario: Scenario, station: str) -> str:
    known = scenario.network.stations.get(station)
    return known.time_zone if known else scenario.time_zone


def _moment(scenario: Scenario, station: str, time_s: int) -> datetime:
    return local(time_s, _zone(scenario, station)).replace(tzinfo=None)


def _offset(scenario: Scenario, station: str, time_s: int) -> str:
    text = local(time_s, _zone(scenario, station)).strftime("%z")
    return f"UTC{text[:3]}:{text[3:5]}"


def _minutes(seconds: int) -> int | float:
    minutes = seconds / MINUTE_S
    return int(minutes) if minutes.is_integer() else round(minutes, 2)
