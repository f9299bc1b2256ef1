"""Faults of whole journeys: routes, lengths and gauges on the way, windows, meets, links, bankers, cheap refusals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from railcap.corridor.expand import running_days, section_closures, trains_of
from railcap.corridor.routing import NoRoute, Route, can_pass, can_stop, fixed_route, route
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import standing_time_s, steps_of
from railcap.corridor.ties import BACK
from railcap.corridor.traffic import FixedPath, PathRequest, Stop, TrainRequest, TrainType
from railcap.corridor.validate_bankers import help_faults
from railcap.corridor.validate_fault import Fault, Faults, Record
from railcap.corridor.validate_fixed import fixed_path_collisions
from railcap.corridor.validate_links import Journey, tie_faults
from railcap.corridor.validate_meets import Way, meet_faults
from railcap.corridor.validate_yards import opening_faults
from railcap.units import DAY_S, HOUR_S, clock, duration, local, stamp, to_utc_s

_NETWORK = ("stations", "tracks", "sections", "running_times")
_CLOSING = (
    "closures",
    "daylight",
    "requests",
    "stops",
    "fixed_paths",
    "stations",
    "sections",
    "train_types",
    "yard_steps",
)
"""Tables on which the closures within the time of the trains depend."""


def journey_faults(scenario: Scenario, broken: Collection[Record], unread: Collection[str]) -> list[Fault]:
    """Return the faults of journeys whose own records are sound.

    Parameters
    ----------
    broken : records with faults
    unread : tables that could not be read
    """
    if {*_NETWORK, "train_types", "requests"} & set(unread) or ("scenario", ()) in broken:
        return []
    if not 1 <= scenario.rules.time_step_s <= HOUR_S:
        return []
    return _Judge(scenario, frozenset(broken), unread).judge()


@dataclass(frozen=True, slots=True)
class _Leg:
    """A section on a request's way, with the least time over it and that of its stay at the end."""

    station: str
    takes_s: int
    stay_s: int


class _Judge:
    def __init__(self, scenario: Scenario, broken: Collection[Record], unread: Collection[str]) -> None:
        self.scenario = scenario
        self.broken = broken
        self.unread = unread
        self.found = Faults()
        self.ways: list[Way] = []
        self.journeys: dict[str, Journey] = {}
        self.fixed: list[tuple[FixedPath, Route]] = []
        self.network_is_sound = not any(table in _NETWORK for table, _ in broken)
        self._shut: dict[tuple[str, str], tuple[tuple[int, int], ...]] | None = None

    def judge(self) -> list[Fault]:
        """Judge requests, what they share in yards, by links and bankers, fixed paths, and the meets between them."""
        sound = [request for request in self.scenario.requests if self._is_sound(request)]
        for request in sound:
            self._request(request)
        self.found += opening_faults(self.scenario, sound, self.broken, self.unread)
        stops_are_known = "stops" not in self.unread
        if stops_are_known:
            self.found += tie_faults(self.scenario, sound, self.journeys, self.broken)
        self.found += help_faults(
            self.scenario,
            self.journeys,
            self.broken,
            ways_are_known=self.network_is_sound,
            stops_are_known=stops_are_known,
        )
        for path in self.scenario.fixed_paths:
            self._fixed_path(path)
        return self.found + fixed_path_collisions(self.scenario, self.fixed) + meet_faults(self.scenario, self.ways)

    def _request(self, request: PathRequest) -> None:
        on_way: set[str] = set()
        for direction in _directions(request):
            way = self._route(request, *direction)
            if way is None:
                return
            on_way |= set(way.stations)
            self._journey(request, way)
        self._stops_on_way(request, on_way)

    def _is_sound(self, request: PathRequest) -> bool:
        records: list[Record] = [
            ("requests", (request.id,)),
            ("train_types", (request.train_type,)),
            *(("stops", (request.id, station)) for station in request.stops),
        ]
        for stop in request.stops.values():
            if stop.process and stop.process not in self.scenario.processes:
                return False  # where not all processes could be read
            records += [("yard_steps", (stop.process, step.name)) for step in steps_of(self.scenario, stop)]
            records.append(("yard_steps", (stop.process,)))
        return not any(record in self.broken for record in records)

    def _route(self, request: PathRequest, origin: str, vias: Sequence[str], destination: str) -> Route | None:
        try:
            way = route(self.scenario, request.train_type, origin, vias, destination)
        except (NoRoute, KeyError, ZeroDivisionError, OverflowError) as error:
            if self.network_is_sound:
                message = f"there is no way for this train: {error}"
                self.found.add(("requests", (request.id,)), "to", destination, message, "no-route")
            return None
        return way if self._way_is_sound(way) else None

    def _way_is_sound(self, way: Route) -> bool:
        network = self.scenario.network
        return not any(
            record in self.broken
            for record in [
                *(("sections", (section,)) for section in way.sections),
                *(("stations", (station,)) for station in way.stations),
                *(
                    ("tracks", (station, track.id))
                    for station in way.stations
                    for track in network.stations[station].tracks
                ),
            ]
        )

    def _journey(self, request: PathRequest, way: Route) -> None:
        """Judge a request in one direction."""
        train_type = self.scenario.train_types[request.train_type]
        self.ways.append(Way(("requests", (request.id,)), train_type, way))
        self._turns(request, way)
        if not self._stops_fit(request, way, train_type):
            return
        legs = _legs(self.scenario, request, way, train_type)
        if way.stations[0] == request.origin:
            self._refusal_too_cheap(request, _shortest_s(legs))
        trains = [train for train in trains_of(self.scenario, request) if train.origin == way.stations[0]]
        name = request.id if way.stations[0] == request.origin else request.id + BACK
        self.journeys[name] = Journey(request, way.stations, trains, _shortest_s(legs), legs[-1].stay_s)
        self._clock_changes(request, way.stations[0], trains)
        misfits = [(train, fault) for train in trains if (fault := self._misfit(train, legs))]
        if not misfits:
            return
        (train, fault), others = misfits[0], len(misfits) - 1
        more = f", nor do {others} more of its trains" if others else ""
        only_late = all(one.code == "beyond-horizon" for _, one in misfits)
        severity = "warning" if only_late and not request.mandatory else "error"
        message = f"train {train.id} does not fit: {fault.message}{more}"
        self.found.append(Fault(fault.table, fault.key, fault.column, fault.value, message, fault.code, severity))

    def _clock_changes(self, request: PathRequest, origin: str, trains: Sequence[TrainRequest]) -> None:
        """Warn of departures at a time of day skipped when clocks go forward, and of trains that coincide."""
        zone_name = self.scenario.network.stations[origin].time_zone
        for day in running_days(self.scenario, request):
            wished_s = to_utc_s(day, request.departure_of_day_s, zone_name)
            if (
                local(wished_s, zone_name).hour * 60 + local(wished_s, zone_name).minute
            ) != request.departure_of_day_s // 60:
                message = (
                    f"the clocks at {origin} skip this time on {day}; the train leaves at {clock(wished_s, zone_name)}"
                )
                self.found.add(
                    ("requests", (request.id,)),
                    "departure",
                    duration(request.departure_of_day_s),
                    message,
                    "skipped-by-clocks",
                    "warning",
                )
        if (request.per_day - 1) * request.every_s >= DAY_S:
            return  # of these trains another warning tells
        seen: dict[int, str] = {}
        for train in trains:
            other = seen.setdefault(train.wished_departure_s, train.id)
            if other != train.id:
                message = f"trains {other} and {train.id} wish to leave {origin} at the same moment"
                record = "requests", (request.id,)
                self.found.add(record, "every_min", request.every_s // 60, message, "same-departure", "warning")
                break

    def _turns(self, request: PathRequest, way: Route) -> None:
        for station, (before, after) in zip(way.stations[1:-1], pairwise(way.sections), strict=True):
            if before == after and station not in request.stops and "*" not in request.stops:
                message = f"the train goes back at {station} the way it came, without a stop there; is the via right?"
                self.found.add(("requests", (request.id,)), "via", station, message, "turns-back", "warning")

    def _stops_on_way(self, request: PathRequest, on_way: Collection[str]) -> None:
        for station, stop in request.stops.items():
            if station in on_way:
                self._steps_fit(request, stop)
            elif station != "*":
                message = (
                    f"the train does not come through this station on its way from {request.origin} to "
                    f"{request.destination}; take the stop out or add a via"
                )
                self.found.add(("stops", (request.id, station)), "station", station, message, "stop-not-on-route")

    def _steps_fit(self, request: PathRequest, stop: Stop) -> None:
        """Check that each step of a stop's process has a track on which the train may stop."""
        train_type = self.scenario.train_types[request.train_type]
        station = self.scenario.network.stations[stop.station]
        for step in steps_of(self.scenario, stop):
            tracks = tuple(track for track in station.tracks if track.id in step.tracks)
            if tracks and not can_stop(replace(station, tracks=tracks), train_type):
                lengths = ", ".join(f"{track.id} ({track.length_m} m)" for track in tracks)
                message = (
                    f"step {step.name} is done on track {lengths}, on none of which the train "
                    f"({train_type.length_m} m, {train_type.gauge_mm} mm) can stop"
                )
                self.found.add(("stops", (request.id, stop.station)), "process", stop.process, message, "unfit-track")

    def _stops_fit(self, request: PathRequest, way: Route, train_type: TrainType) -> bool:
        """Check that the train fits at each stop that it must make on its way; its ends are checked with its route."""
        fits = True
        for place in way.stations[1:-1]:
            station = self.scenario.network.stations[place]
            if (place in request.stops or "*" in request.stops) and not can_stop(station, train_type):
                fits = False
                lengths = [track.length_m for track in station.tracks if train_type.gauge_mm in track.gauges_mm]
                has = f"the longest track of its gauge has {max(lengths)} m" if lengths else "no track has its gauge"
                message = (
                    f"the train ({train_type.length_m} m, {train_type.gauge_mm} mm) must stop at {place}, where {has}"
                )
                key = place if place in request.stops else "*"
                self.found.add(("stops", (request.id, key)), "station", place, message, "too-long-for-stop")
        return fits

    def _misfit(self, train: TrainRequest, legs: Sequence[_Leg]) -> Fault | None:
        """Return what keeps a train from fitting its own windows, on an empty line that is never closed."""
        time_s = train.earliest_departure_s
        latest = train.latest_departure_s
        everywhere = train.stops.get("*")
        first = train.stops.get(train.origin, everywhere)
        if first is not None:
            time_s = max(time_s, first.depart_from_s or time_s)
            latest = latest if first.depart_until_s is None else min(latest, first.depart_until_s)
            if time_s > latest:
                return self._late(train, first, train.origin, "departure", "depart_until", time_s, latest)
        for place, leg in enumerate(legs):
            time_s += leg.takes_s
            stop = train.stops.get(leg.station, everywhere)
            if stop is not None:
                time_s = max(time_s, stop.arrive_from_s or time_s)
                if stop.arrive_until_s is not None and time_s > stop.arrive_until_s:
                    return self._late(train, stop, leg.station, "arrival", "arrive_until", time_s, stop.arrive_until_s)
            if place == len(legs) - 1:
                break
            time_s += leg.stay_s
            if stop is not None:
                time_s = max(time_s, stop.depart_from_s or time_s)
                if stop.depart_until_s is not None and time_s > stop.depart_until_s:
                    return self._late(
                        train, stop, leg.station, "departure", "depart_until", time_s, stop.depart_until_s
                    )
        return self._end_misfit(train, legs, time_s, latest)

    def _end_misfit(
        self, train: TrainRequest, legs: Sequence[_Leg], time_s: int, latest_departure_s: int
    ) -> Fault | None:
        record = "requests", (train.request,)
        zone = self.scenario.network.stations[train.destination].time_zone
        longest = train.longest_journey_s
        least = max(_shortest_s(legs), time_s - latest_departure_s)
        if longest is not None and least > longest:
            message = f"its journey takes {duration(least)} or more, {duration(longest)} is allowed"
            return Fault(*record, "longest_journey_min", str(longest / 60), message, "window-too-tight")
        if train.latest_arrival_s is not None and time_s > train.latest_arrival_s:
            message = f"it is there at {stamp(time_s, zone)} at the earliest, too late"
            return Fault(*record, "arrive_until", stamp(train.latest_arrival_s, zone), message, "window-too-tight")
        done_s = time_s + legs[-1].stay_s
        if done_s > self.scenario.end_s:
            message = (
                f"it is done at {stamp(done_s, zone)} at the earliest, after the end of the scenario "
                f"({stamp(self.scenario.end_s, zone)}); days or run_out_h may be larger"
            )
            return Fault(*record, "departure", "", message, "beyond-horizon")
        return None

    def _late(
        self, train: TrainRequest, stop: Stop, station: str, what: str, column: str, time_s: int, limit_s: int
    ) -> Fault:
        zone = self.scenario.network.stations[station].time_zone
        earliest, limit = stamp(time_s, zone), stamp(limit_s, zone)
        message = f"its {what} at {station} can be at {earliest} at the earliest, {limit} is the latest"
        if limit_s == train.latest_departure_s and column == "depart_until":
            column = "depart_from"
        return Fault("stops", (train.request, stop.station), column, limit, message, "window-too-tight")

    def _refusal_too_cheap(self, request: PathRequest, shortest_s: int) -> None:
        """Warn where refusing costs less than the latest departure and longest journey that the request allows."""
        if request.mandatory:
            return
        weights = self.scenario.weights
        category = self.scenario.train_types[request.train_type].category
        record = "requests", (request.id,)
        refusing = request.value * weights.value_point_min
        longer_s = max(0, request.longest_journey_s - shortest_s) if request.longest_journey_s is not None else 0
        late = (weights.late(category) * request.later_s + weights.journey(category) * longer_s) / 60
        if refusing == 0:
            message = "refusing this train costs nothing, so it may be refused for nothing; give it a value"
            self.found.add(record, "value", f"{request.value:g}", message, "refusal-is-cheap", "warning")
        elif refusing < late:
            message = (
                f"refusing this train costs {refusing:g} weighted minutes, leaving as late and taking as long as "
                f"it may costs {late:g}: it would be refused before it is delayed that much; raise its value, or "
                "value_point_min"
            )
            self.found.add(record, "value", f"{request.value:g}", message, "refusal-is-cheap", "warning")

    def _fixed_path(self, path: FixedPath) -> None:
        record: Record = ("fixed_paths", (path.id,))
        records = [record, ("train_types", (path.train_type,))]
        records += [("fixed_paths", (path.id, str(place))) for place in range(len(path.calls))]
        if any(one in self.broken for one in records):
            return
        if "/" in path.id and any(path.id.partition("/")[0] == request.id for request in self.scenario.requests):
            message = "the ids of the trains of a request begin so; choose another id"
            self.found.add(record, "train", path.id, message, "duplicate-id")
        try:
            way = fixed_route(self.scenario, path)
        except (NoRoute, KeyError, ZeroDivisionError, OverflowError) as error:
            if self.network_is_sound:
                self.found.add(record, "station", "", f"this path is not possible: {error}", "no-route")
            return
        if self._way_is_sound(way):
            train_type = self.scenario.train_types[path.train_type]
            self.ways.append(Way(record, train_type, way))
            self.fixed.append((path, way))
            self._fixed_calls(path, train_type)
            self._fixed_legs(path, way, train_type)

    def _fixed_calls(self, path: FixedPath, train_type: TrainType) -> None:
        last = len(path.calls) - 1
        for place, call in enumerate(path.calls):
            at: Record = ("fixed_paths", (path.id, str(place)))
            station = self.scenario.network.stations[call.station]
            stops = place in (0, last) or call.departure_s > call.arrival_s
            if not (can_stop if stops else can_pass)(station, train_type):
                what = f"stop ({train_type.length_m} m)" if stops else "pass (a main track is needed)"
                message = f"no track here lets this train of {train_type.gauge_mm} mm {what}"
                self.found.add(at, "station", call.station, message, "too-long-for-stop")
            elif call.track:
                track = station.track(call.track)
                fits = track.length_m >= train_type.length_m if stops else track.kind.value == "main"
                if not fits or train_type.gauge_mm not in track.gauges_mm:
                    message = (
                        f"this {track.kind.value} track of {track.length_m} m does not let this train "
                        f"({train_type.length_m} m, {train_type.gauge_mm} mm) {'stop' if stops else 'pass'}"
                    )
                    self.found.add(at, "track", call.track, message, "unfit-track")

    def _fixed_legs(self, path: FixedPath, way: Route, train_type: TrainType) -> None:
        last = len(path.calls) - 1
        for place, section in enumerate(way.sections):
            here, there = path.calls[place], path.calls[place + 1]
            need = running_time_s(self.scenario, section, here.station, train_type.id)
            need += train_type.start_supplement_s if place == 0 or here.departure_s > here.arrival_s else 0
            need += train_type.stop_supplement_s if place + 1 == last or there.departure_s > there.arrival_s else 0
            took = there.arrival_s - here.departure_s
            at: Record = ("fixed_paths", (path.id, str(place + 1)))
            if took < need:
                message = f"it takes {duration(took)} over section {section}, at least {duration(need)} is needed"
                self.found.add(at, "arrival", "", message, "too-fast")
            elif self._closed(section, way.stations[place], here.departure_s, there.arrival_s):
                message = f"section {section} is closed while the train is on it, so no timetable can hold this path"
                self.found.add(at, "arrival", "", message, "fixed-path-closed", "warning")

    def _closed(self, section: str, entering: str, departure_s: int, arrival_s: int) -> bool:
        """Return whether every track that a train may use is closed at some time of its run."""
        if any(table in _CLOSING for table, _ in self.broken):
            return False
        if self._shut is None:
            self._shut = section_closures(self.scenario)
        shut = self._shut
        return all(
            any(begin < arrival_s and end > departure_s for begin, end in shut.get((section, track), ()))
            for track in self.scenario.network.sections[section].tracks_from(entering)
        )


def _directions(request: PathRequest) -> Iterator[tuple[str, tuple[str, ...], str]]:
    yield request.origin, request.vias, request.destination
    if request.both:
        yield request.destination, request.vias[::-1], request.origin


def _shortest_s(legs: Sequence[_Leg]) -> int:
    """Return the least time from departure to arrival."""
    return sum(leg.takes_s for leg in legs) + sum(leg.stay_s for leg in legs[:-1])


def _legs(scenario: Scenario, request: PathRequest, way: Route, train_type: TrainType) -> list[_Leg]:
    """Return the least times of a request's way, with supplements for starts and stops that it must make."""
    last = len(way.stations) - 1
    stops = [request.stops.get(station, request.stops.get("*")) for station in way.stations]
    halts = [
        place in (0, last) or stops[place] is not None or not can_pass(scenario.network.stations[station], train_type)
        for place, station in enumerate(way.stations)
    ]
    legs = []
    for place, section in enumerate(way.sections):
        takes = running_time_s(scenario, section, way.stations[place], train_type.id)
        takes += train_type.start_supplement_s if halts[place] else 0
        takes += train_type.stop_supplement_s if halts[place + 1] else 0
        stop = stops[place + 1]
        legs.append(_Leg(way.stations[place + 1], takes, standing_time_s(scenario, stop, train_type)))
    return legs
