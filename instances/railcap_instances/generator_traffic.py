"""The traffic of the generator: train types, path requests, closures and fixed paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from railcap.corridor.expand import train_requests
from railcap.corridor.routing import NoRoute, Route, route
from railcap.corridor.rules import Closure
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.units import DAY_S, HOUR_S, MINUTE_S
from railcap_instances.draws import Draws
from railcap_instances.families import DAYLIGHT_FROM_S, Layout, Part

FIXED_PATHS_PER_DAY = 4
"""Fixed paths leave in slots of six hours and are on the way for less, so that they never meet."""

_FIXED_SECTIONS = 4
_DAYLIGHT_LAST_S = 10 * HOUR_S


def train_types(draws: Draws, layout: Layout) -> dict[str, TrainType]:
    """Return four types for each gauge: express, local, container and bulk trains."""
    found = {}
    for part in layout.parts:
        gauge_mm, standard_m = part.gauge_mm, layout.standard_m[part.gauge_mm]
        for kind, category, length_m, speed_kmh in (
            ("EXPRESS", "passenger", draws.between(200, 320, 10), draws.pick((100, 110, 120))),
            ("LOCAL", "passenger", draws.between(100, 180, 10), draws.pick((60, 80))),
            ("CONTAINER", "freight", draws.between(standard_m * 2 // 3, standard_m - 20, 10), draws.pick((80, 90))),
            ("BULK", "freight", draws.between(standard_m // 2, standard_m - 20, 10), draws.pick((60, 70))),
        ):
            name = f"{kind}_{gauge_mm}"
            found[name] = TrainType(
                id=name,
                name=f"{kind.capitalize()} train, {gauge_mm} mm",
                category=category,
                length_m=length_m,
                speed_kmh=float(speed_kmh),
                gauge_mm=gauge_mm,
                start_supplement_s=2 * MINUTE_S if category == "freight" else MINUTE_S,
                stop_supplement_s=MINUTE_S,
            )
    return found


def uphill_times_s(layout: Layout, types: dict[str, TrainType]) -> dict[tuple[str, str, str], int]:
    """Return running times of freight trains that climb: a quarter above those on the level, in whole minutes."""
    sections = {section.id: section for section in layout.sections}
    found = {}
    for section_id, foot in layout.uphill:
        section = sections[section_id]
        for train_type in types.values():
            if train_type.category == "freight" and train_type.gauge_mm in section.gauges_mm:
                speed_kmh = int(min(section.speeds_kmh["freight"], train_type.speed_kmh))
                minutes = -(-section.length_m * 60 * 5 // (speed_kmh * 1000 * 4))
                found[section_id, foot, train_type.id] = minutes * MINUTE_S
    return found


def requests(draws: Draws, shell: Scenario, layout: Layout, trains: int) -> tuple[PathRequest, ...]:
    """Return path requests for `trains` trains a day over the railway of a scenario without traffic."""
    found: list[PathRequest] = []
    while trains > 0:
        drawn = _Drawn(draws, shell, layout, trains, may_be_mandatory=not any(one.mandatory for one in found))
        request = drawn.request(f"R{len(found) + 1:02d}")
        found.append(request)
        trains -= request.per_day * (2 if request.both else 1)
    return tuple(found)


class _Drawn:
    """One path request in the making."""

    def __init__(self, draws: Draws, shell: Scenario, layout: Layout, room: int, *, may_be_mandatory: bool) -> None:
        self.draws = draws
        self.shell = shell
        part = draws.pick(layout.parts)
        passenger = draws.pick((True, True, False, False, False))
        self.kind = draws.pick(("EXPRESS", "EXPRESS", "LOCAL") if passenger else ("CONTAINER", "CONTAINER", "BULK"))
        self.passenger = passenger
        self.train_type = f"{self.kind}_{part.gauge_mm}"
        self.origin, self.destination, self.way = self._ends(part)
        self.both = room > 1 and draws.one_in(2)
        room = room // 2 if self.both else room
        self.per_day = min(room, draws.pick((1, 1, 1, 2, 2, 3, 4)))
        self.daylight = _by_daylight(shell, self.way)
        # Must it run, then neither a possession nor the night may stop it for good.
        unhindered = not {closure.section for closure in shell.closures} & set(self.way.sections)
        single = passenger and not self.both and self.per_day == 1
        self.mandatory = may_be_mandatory and unhindered and single and draws.one_in(3)

    def _ends(self, part: Part) -> tuple[str, str, Route]:
        places = part.terminals if len(part.terminals) > 1 and not self.draws.one_in(4) else part.stations
        while True:
            origin, destination = self.draws.pick(places), self.draws.pick(places)
            try:
                return origin, destination, route(self.shell, self.train_type, origin, (), destination)
            except NoRoute:
                # Only because both are the same, or an end has short loops alone: another draw will do.
                places = part.stations if self.draws.one_in(4) else places

    def request(self, name: str) -> PathRequest:
        """Draw its times, stops and value."""
        draws = self.draws
        departure_s, every_s = self._times()
        later_min = draws.between(60, 240, 30) if self.mandatory or not self.passenger else draws.between(20, 90, 10)
        vias = (draws.pick(self.way.stations[1:-1]),) if len(self.way.stations) > 3 and draws.one_in(5) else ()
        request = PathRequest(
            id=name,
            train_type=self.train_type,
            origin=self.origin,
            destination=self.destination,
            departure_of_day_s=departure_s,
            name=f"{self.kind.capitalize()} {self.origin} - {self.destination}",
            vias=vias,
            both=self.both,
            earlier_s=draws.pick((0, 0, 5, 10, 20)) * MINUTE_S,
            later_s=later_min * MINUTE_S,
            per_day=self.per_day,
            every_s=every_s,
            weekdays=frozenset(range(5)) if draws.one_in(6) else frozenset(range(7)),
            stops=self._stops(),
            value=float(draws.between(70, 100, 5) if self.passenger else draws.between(30, 70, 5)),
            mandatory=self.mandatory,
        )
        longest = not self.mandatory and draws.one_in(2)
        return replace(request, longest_journey_s=self._longest_s(request)) if longest else request

    def _times(self) -> tuple[int, int]:
        draws, others = self.draws, self.per_day - 1
        if self.daylight:
            # All in the morning, so that a train that begins where there is no night running can begin at all.
            every_s = draws.between(30, 60, 10) * MINUTE_S if others else 0
            first_s, last_s = DAYLIGHT_FROM_S + HOUR_S // 2, _DAYLIGHT_LAST_S
        else:
            every_s = draws.between(60, 18 * 60 // self.per_day, 30) * MINUTE_S if others else 0
            first_s, last_s = HOUR_S // 2, DAY_S - HOUR_S - others * every_s
        return draws.between(first_s, last_s, 5 * MINUTE_S), every_s

    def _stops(self) -> dict[str, Stop]:
        draws, between = self.draws, self.way.stations[1:-1]
        if self.kind == "LOCAL":
            return {"*": Stop("*", draws.between(1, 2) * MINUTE_S)}
        if self.kind == "EXPRESS":
            served = [station for station in between if draws.one_in(3)]
            return {station: Stop(station, draws.between(2, 5) * MINUTE_S) for station in served}
        if between and draws.one_in(3):
            station = draws.pick(between)
            return {station: Stop(station, draws.between(15, 45, 5) * MINUTE_S)}
        return {}

    def _longest_s(self, request: PathRequest) -> int:
        trains = train_requests(replace(self.shell, requests=(replace(request, weekdays=frozenset(range(7))),)))
        # The two directions differ; so far from the shortest that waiting for others, and for the morning, fits.
        shortest_s = max(shortest_journey_s(self.shell, train) for train in trains)
        return 2 * shortest_s + HOUR_S + (DAY_S if self.daylight else 0)


def _by_daylight(shell: Scenario, way: Route) -> bool:
    provinces = {row.province for row in shell.daylight}
    return any(shell.network.stations[station].province in provinces for station in way.stations)


def longest_way_s(scenario: Scenario) -> int:
    """Return a time in which each train can arrive after the day of its departure: twice its way and then some."""
    latest = 0
    for train in train_requests(scenario):
        journey_s = train.longest_journey_s or 2 * shortest_journey_s(scenario, train) + 2 * HOUR_S
        if train.longest_journey_s is None and scenario.daylight:
            journey_s += DAY_S
        latest = max(latest, train.latest_departure_s + journey_s)
    return max(latest, scenario.begin_s)


def closures(draws: Draws, shell: Scenario, layout: Layout, count: int) -> tuple[Closure, ...]:
    """Return possessions: of a section or one of its tracks by night, or of a loop for some hours of one day."""
    return tuple(_closure(draws, shell, layout, f"P{number}") for number in range(1, count + 1))


def _closure(draws: Draws, shell: Scenario, layout: Layout, name: str) -> Closure:
    looped = [station for station in layout.stations if len(station.tracks) > 2]
    if looped and draws.one_in(3):
        station = draws.pick(looped)
        from_s = shell.begin_s + draws.between(0, 24 * shell.days - 8) * HOUR_S
        until_s = from_s + draws.between(2, 6) * HOUR_S
        return Closure(
            name, station=station.id, track=station.tracks[-1].id, from_s=from_s, until_s=until_s, reason="track works"
        )
    section = draws.pick(layout.sections)
    begin_s = draws.pick((0, 22, 23)) * HOUR_S
    return Closure(
        name,
        section=section.id,
        section_track=draws.pick(section.track_ids()) if section.tracks == 2 else "",
        weekdays=frozenset(draws.pick(((0, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4), (0, 2, 4), (1, 3)))),
        from_of_day_s=begin_s,
        until_of_day_s=(begin_s + draws.between(2, 4) * HOUR_S) % DAY_S,
        time_zone=shell.network.stations[section.start].time_zone,
        reason="maintenance",
    )


def fixed_paths(draws: Draws, shell: Scenario, layout: Layout, count: int) -> Iterator[FixedPath]:
    """Yield paths of freight trains that run unhindered over sections that are never closed, far apart in time.

    Fewer than `count` where a railway has no such section.
    """
    stretches = list(_open_stretches(shell, layout))
    for number in range(count if stretches else 0):
        part, stations = draws.pick(stretches)
        if draws.one_in(2):
            stations = stations[::-1]
        begin_s = shell.begin_s + number * (DAY_S // FIXED_PATHS_PER_DAY) + draws.between(0, 30) * MINUTE_S
        yield _fixed_path(shell, f"F{number + 1}", f"CONTAINER_{part.gauge_mm}", stations, begin_s)


def _open_stretches(shell: Scenario, layout: Layout) -> Iterator[tuple[Part, tuple[str, ...]]]:
    """Yield the longest open stretches of the trunk from each station, where a fixed path can begin and end."""
    shut = {closure.section for closure in shell.closures}
    by_ends = {(section.start, section.end): section for section in layout.sections}
    provinces = {row.province for row in shell.daylight}
    closed_loops = {closure.station for closure in shell.closures}
    for part in layout.parts:
        trunk = [station for station in layout.trunk if station in part.stations]
        for first in range(len(trunk) - 1):
            stretch = [trunk[first]]
            for station in trunk[first + 1 : first + 1 + _FIXED_SECTIONS]:
                ends = {shell.network.stations[one].province for one in (stretch[-1], station)}
                if by_ends[stretch[-1], station].id in shut or ends & provinces:
                    break
                stretch.append(station)
            if len(stretch) > 1 and not closed_loops & set(stretch):
                yield part, tuple(stretch)


def _fixed_path(shell: Scenario, name: str, train_type_id: str, stations: tuple[str, ...], begin_s: int) -> FixedPath:
    train_type = shell.train_types[train_type_id]
    way = {frozenset((one.start, one.end)): one.id for one in shell.network.sections.values()}
    calls = [FixedCall(stations[0], begin_s, begin_s)]
    time_s = begin_s + train_type.start_supplement_s
    for here, there in pairwise(stations):
        time_s += running_time_s(shell, way[frozenset((here, there))], here, train_type_id)
        if there == stations[-1]:
            time_s += train_type.stop_supplement_s
        calls.append(FixedCall(there, time_s, time_s))
    return FixedPath(name, train_type_id, tuple(calls))
