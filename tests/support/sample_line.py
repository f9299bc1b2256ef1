"""A made-up corridor of any size with trains on it, for looking at what is read off a timetable.

The trains run at their shortest times and stop nowhere but where they are told to, so they may be in conflict: good for
pictures and tables, not for checkers.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.routing import route
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainRequest, TrainType
from railcap.planning.timetable import Call, Leg, Refusal, Timetable, TrainPath

GAUGE = frozenset({1676})


def station(
    number: int, *, km: bool = True, zone: str = "Asia/Karachi", kind: str = "station", province: str = ""
) -> Station:
    tracks = (Track("1", TrackKind.MAIN, 760, GAUGE), Track("2", TrackKind.LOOP, 690, GAUGE))
    return Station(
        f"s{number:02d}",
        f"Station {number}",
        tracks,
        zone,
        km=number * 11.0 if km else None,
        kind=kind,
        province=province,
    )


def line_scenario(
    stations: int = 8,
    *,
    days: int = 1,
    per_day: int = 2,
    km: bool = True,
    zone_step_at: int | None = None,
    name: str = "sample-line",
    fancy_names: bool = False,
) -> Scenario:
    """Return a single line s00 .. with traffic both ways and a province without night trains in its last third."""
    places = [
        station(
            number,
            km=km,
            zone="Asia/Karachi" if zone_step_at is None or number < zone_step_at else "Asia/Kabul",
            kind="junction" if number % 10 == 0 else "station",
            province="Hills" if number >= stations * 2 // 3 else "Plain",
        )
        for number in range(stations)
    ]
    sections = [
        Section(f"{one.id}-{other.id}", one.id, other.id, 11_000, 1, GAUGE, {"freight": 60.0, "passenger": 90.0})
        for one, other in pairwise(places)
    ]
    types = {
        "PAX": TrainType("PAX", "Express", "passenger", 300, 100, 1676),
        "FRT": TrainType("FRT", "Container train", "freight", 480, 80, 1676),
    }
    first, last = places[0].id, places[-1].id
    middle = places[stations // 2].id
    every = 86400 // max(1, per_day)
    requests = (
        PathRequest(
            "EXPRESS",
            "PAX",
            first,
            last,
            6 * 3600,
            number="11",
            name="=Express" if fancy_names else "Express",
            both=True,
            per_day=per_day,
            every_s=every,
            later_s=3600,
            stops={middle: Stop(middle, 600)},
            value=100,
            mandatory=True,
        ),
        PathRequest("CONT", "FRT", first, last, 4 * 3600, both=True, per_day=per_day, every_s=every, later_s=7200),
        PathRequest("SHORT", "FRT", middle, last, 9 * 3600, per_day=1, later_s=7200, value=20),
    )
    return Scenario(
        name,
        "Asia/Karachi",
        date(2026, 3, 2),
        days,
        Network({one.id: one for one in places}, {one.id: one for one in sections}),
        types,
        requests,
        closures=(
            Closure(
                "weld",
                section=sections[1].id,
                from_of_day_s=10 * 3600,
                until_of_day_s=13 * 3600,
                time_zone="Asia/Karachi",
                reason="rail renewal",
            ),
            Closure(
                "loop",
                station=middle,
                track="2",
                from_of_day_s=8 * 3600,
                until_of_day_s=12 * 3600,
                time_zone="Asia/Karachi",
                reason="points",
            ),
        ),
        daylight=(Daylight(province="Hills", from_of_day_s=6 * 3600, until_of_day_s=20 * 3600),),
        title="A sample line",
    )


def free_run(scenario: Scenario, request: TrainRequest, late_s: int = 0) -> TrainPath:
    """Return the train alone, at its shortest times, `late_s` after its wished departure."""
    way = route(scenario, request.train_type, request.origin, request.vias, request.destination)
    train_type = scenario.train_types[request.train_type]
    now = request.wished_departure_s + late_s
    calls = [Call(way.stations[0], "1", now, now, True)]
    legs = []
    stopped = True
    for section, (here, there) in zip(way.sections, pairwise(way.stations), strict=True):
        stop = request.stops.get(there)
        stops = stop is not None or there == way.stations[-1]
        now += running_time_s(scenario, section, here, request.train_type)
        now += train_type.start_supplement_s * stopped + train_type.stop_supplement_s * stops
        until = now + (stop.dwell_s if stop else 0)
        calls.append(Call(there, "2" if stop else "1", now, until, stops))
        legs.append(Leg(section, "1"))
        now, stopped = until, stops
    return TrainPath(request.id, request.request, request.number, request.train_type, tuple(calls), tuple(legs))


def sample_timetable(scenario: Scenario, refuse_every: int = 5) -> Timetable:
    """Return free runs of all trains, some a few minutes late; every so many-th optional one is refused."""
    paths, refused = [], []
    for number, request in enumerate(train_requests(scenario)):
        if not request.mandatory and number % refuse_every == refuse_every - 1:
            reason = "no proof that it is impossible: it lost against EXPRESS at Station 3"
            refused.append(
                Refusal(
                    request.id, request.request, request.number, request.train_type, reason, False, "s03", ("EXPRESS",)
                )
            )
        else:
            paths.append(free_run(scenario, request, late_s=(number % 3) * 600))
    return Timetable(scenario.name, tuple(paths), tuple(refused))
