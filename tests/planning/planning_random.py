"""Small random scenarios and random timetables of them, right and wrong, from a seed."""

from __future__ import annotations

from datetime import date
from random import Random

from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.routing import NoRoute, fixed_route, route
from railcap.corridor.rules import Closure, CostWeights, Daylight, Rules
from railcap.corridor.running import longest_running_s, running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.planning.lift import NO_PROOF
from railcap.planning.timetable import Call, Leg, Refusal, Timetable, TrainPath

GAUGE = frozenset({1676})
START = date(2026, 3, 2)
MINUTE = 60
DEPART_S = 6 * 3600
VIA = "spur"


def random_scenario(seed: int) -> Scenario:
    """Return a line of two to four stations with two or three trains, all rules drawn at random."""
    draw = Random(seed)
    count = draw.randint(2, 4)
    stations = {f"s{i}": _station(draw, f"s{i}") for i in range(count)}
    sections = {f"x{i}": _section(draw, i) for i in range(count - 1)}
    if draw.random() < 0.2:
        spur = draw.choice(list(stations))
        stations[VIA] = _station(draw, VIA)
        sections["xspur"] = Section("xspur", spur, VIA, 2000, 1, GAUGE, {"freight": 60, "passenger": 60})
    types = {
        "f": TrainType("f", "f", "freight", 700, 60, 1676, draw.choice([0, 60, 120]), draw.choice([0, 60])),
        "p": TrainType("p", "p", "passenger", 400, 80, 1676, draw.choice([0, 60]), draw.choice([0, 60])),
    }
    rules = Rules(
        time_step_s=draw.choice([60, 60, 1]),
        non_simultaneous_arrival_s=draw.choice([0, 120, 240, 600]),
        crossing_interval_s=draw.choice([0, 60, 300, 600]),
        following_interval_s=draw.choice([0, 60, 240]),
        block_release_s=draw.choice([0, 60, 120]),
        track_release_s=draw.choice([1, 60, 120]),
        longest_running_factor=draw.choice([1.0, 1.0, 1.5]),
    )
    base = Scenario("random", "Asia/Karachi", START, 1, Network(stations, sections), types, (), run_out_h=3.0)
    begin = base.begin_s + DEPART_S
    closures = tuple(_closures(draw, base, begin))
    daylight = (Daylight("x0", "", DEPART_S, DEPART_S + 3600),) if draw.random() < 0.15 else ()
    requests = tuple(_request(draw, f"R{i}", list(stations)) for i in range(draw.randint(1, 3)))
    weights = CostWeights(late_freight=draw.choice([0.2, 0.3]), journey_passenger=draw.choice([1.0, 0.7, 0.0]))
    scenario = Scenario(
        "random", "Asia/Karachi", START, 1, Network(stations, sections), types, requests,
        closures=closures, daylight=daylight, rules=rules, weights=weights, run_out_h=draw.choice([1.0, 3.0]),
    )  # fmt: skip
    if draw.random() < 0.4:
        scenario = _with_fixed_path(draw, scenario)
    return scenario


def _station(draw: Random, name: str) -> Station:
    tracks = [Track("1", TrackKind.MAIN, draw.choice([500, 750]), GAUGE)]
    for number in range(2, draw.randint(2, 4) + 1):
        kind = draw.choice([TrackKind.MAIN, TrackKind.LOOP, TrackKind.LOOP, TrackKind.PLATFORM])
        tracks.append(Track(str(number), kind, draw.choice([500, 750, 750]), GAUGE))
    return Station(
        name,
        name.upper(),
        tuple(tracks),
        "Asia/Karachi",
        simultaneous_reception=draw.random() < 0.3,
        non_simultaneous_arrival_s=draw.choice([None, None, 360]),
        crossing_interval_s=draw.choice([None, None, 0, 240]),
    )


def _section(draw: Random, index: int) -> Section:
    ends = [f"s{index}", f"s{index + 1}"]
    draw.shuffle(ends)
    tracks = draw.choice([1, 1, 1, 2])
    return Section(
        f"x{index}",
        *ends,
        draw.choice([1000, 4000, 6100]),
        tracks,
        GAUGE,
        {"freight": 60, "passenger": draw.choice([60, 80])},
        blocks=draw.choice([1, 1, 2, 3]),
        bidirectional=tracks == 2 and draw.random() < 0.5,
        following_interval_s=draw.choice([None, None, 180]),
    )


def _closures(draw: Random, scenario: Scenario, begin: int) -> list[Closure]:
    found = []
    if draw.random() < 0.3:
        section = draw.choice(list(scenario.network.sections.values()))
        from_s = begin + MINUTE * draw.randint(0, 20)
        until_s = from_s + MINUTE * draw.randint(1, 10)
        track = draw.choice(["", section.track_ids()[-1]])
        found.append(Closure("c1", section.id, track, from_s=from_s, until_s=until_s))
    if draw.random() < 0.3:
        station = draw.choice(list(scenario.network.stations.values()))
        from_s = begin + MINUTE * draw.randint(0, 20)
        until_s = from_s + MINUTE * draw.randint(1, 10)
        track = draw.choice(station.tracks).id
        found.append(Closure("c2", station=station.id, track=track, from_s=from_s, until_s=until_s))
    return found


def _request(draw: Random, name: str, stations: list[str]) -> PathRequest:
    origin, destination = draw.sample(stations, 2)
    stops = {}
    for station in draw.sample([*stations, "*"], draw.choice([0, 0, 1, 2])):
        windows = [None, None, None, None]
        if draw.random() < 0.3:
            windows[draw.randint(0, 3)] = DEPART_S + MINUTE * draw.randint(0, 30)
        stops[station] = Stop(station, MINUTE * draw.randint(0, 3), *windows)
    return PathRequest(
        name,
        draw.choice(["f", "p"]),
        origin,
        destination,
        DEPART_S + MINUTE * draw.randint(0, 5),
        earlier_s=MINUTE * draw.choice([0, 0, 3]),
        later_s=MINUTE * draw.choice([2, 20, 40]),
        both=draw.random() < 0.3,
        stops=stops,
        value=draw.choice([1, 0.5, 50]),
        vias=(VIA,) if VIA in stations and VIA not in (origin, destination) and draw.random() < 0.5 else (),
        longest_journey_s=draw.choice([None, None, MINUTE * draw.randint(5, 30)]),
    )


def _with_fixed_path(draw: Random, scenario: Scenario) -> Scenario:
    request = train_requests(scenario)[0]
    try:
        way = _way(scenario, request)
    except NoRoute:
        return scenario
    path = _random_path(draw, scenario, request.id, request.train_type, way, {}, fixed=True)
    calls = tuple(
        FixedCall(call.station, call.arrival_s, call.departure_s, call.track if draw.random() < 0.5 else "")
        for call in path.calls
    )
    fixed = FixedPath("FIXED", request.train_type, calls)
    return Scenario(
        scenario.name, scenario.time_zone, START, 1, scenario.network, scenario.train_types, scenario.requests,
        (fixed,), scenario.closures, scenario.daylight, scenario.rules, scenario.weights, run_out_h=scenario.run_out_h,
    )  # fmt: skip


def _way(scenario: Scenario, request):
    return route(scenario, request.train_type, request.origin, request.vias, request.destination)


def random_timetable(scenario: Scenario, seed: int) -> Timetable:
    """Return a timetable of some of the trains that keeps most rules for single trains, and others by chance."""
    draw = Random(seed)
    paths: list[TrainPath] = []
    refused = []
    for request in train_requests(scenario):
        if draw.random() < 0.2:
            refused.append(Refusal(request.id, request.request, "", request.train_type, NO_PROOF, False))
            continue
        dwells = {station: stop.dwell_s for station, stop in request.stops.items()}
        try:
            way = _way(scenario, request)
        except NoRoute:
            refused.append(Refusal(request.id, request.request, "", request.train_type, NO_PROOF, False))
            continue
        path = _random_path(draw, scenario, request.id, request.train_type, way, dwells, request.wished_departure_s)
        paths.append(path)
    for fixed in scenario.fixed_paths:
        paths.append(_fixed_as_given(draw, scenario, fixed))
    return Timetable(scenario.name, tuple(paths), tuple(refused))


def _fixed_as_given(draw: Random, scenario: Scenario, fixed: FixedPath) -> TrainPath:
    way = fixed_route(scenario, fixed)
    last = len(fixed.calls) - 1
    calls = []
    for place, call in enumerate(fixed.calls):
        stops = place in (0, last) or call.departure_s > call.arrival_s
        track = call.track or _track(draw, scenario, call.station, fixed.train_type, stops)
        calls.append(Call(call.station, track, call.arrival_s, call.departure_s, stops))
    legs = [_leg(draw, scenario, section, here) for section, here in zip(way.sections, way.stations, strict=False)]
    return TrainPath(fixed.id, fixed.id, "", fixed.train_type, tuple(calls), tuple(legs), True)


def _random_path(draw, scenario, train, train_type, way, dwells, wished_s=None, *, fixed=False) -> TrainPath:
    kind = scenario.train_types[train_type]
    wished = wished_s if wished_s is not None else scenario.begin_s + DEPART_S
    time_s = wished + MINUTE * draw.choice([0, 0, 1, 2, 4, 6, 8, 10, 15, 20])
    last = len(way.stations) - 1
    stops = [place in (0, last) or s in dwells or "*" in dwells for place, s in enumerate(way.stations)]
    stops = [stop or draw.random() < 0.3 for stop in stops]
    calls, legs = [], []
    for place, station in enumerate(way.stations):
        dwell = dwells.get(station, dwells.get("*", 0)) if stops[place] else 0
        if 0 < place < last and stops[place]:
            dwell += MINUTE * draw.choice([0, 0, 1, 2, 3, 5, 10])
            dwell += MINUTE if fixed and not dwell else 0
        arrival = time_s - dwell if place == 0 else time_s
        departure = arrival + dwell
        track = _track(draw, scenario, station, train_type, stops[place])
        calls.append(Call(station, track, arrival, departure, stops[place]))
        if place == last:
            break
        section = way.sections[place]
        shortest = running_time_s(scenario, section, station, train_type)
        longest = longest_running_s(scenario, section, station, train_type)
        took = draw.choice([shortest, shortest, draw.randint(shortest, longest)])
        took += kind.start_supplement_s if stops[place] else 0
        took += kind.stop_supplement_s if stops[place + 1] else 0
        took += draw.choice([0, 0, 0, 90]) if fixed else 0
        legs.append(_leg(draw, scenario, section, station))
        time_s = departure + took
    return TrainPath(train, train.split("/")[0], "", train_type, tuple(calls), tuple(legs), fixed)


def _leg(draw: Random, scenario: Scenario, section: str, entering: str) -> Leg:
    return Leg(section, draw.choice(scenario.network.sections[section].tracks_from(entering)))


def _track(draw: Random, scenario: Scenario, station: str, train_type: str, stops: bool) -> str:
    kind = scenario.train_types[train_type]
    tracks = scenario.network.stations[station].tracks
    fitting = [
        track.id for track in tracks if (track.length_m >= kind.length_m if stops else track.kind is TrackKind.MAIN)
    ]
    return draw.choice(fitting or [tracks[0].id])
