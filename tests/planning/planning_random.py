"""Small random scenarios and random timetables of them, right and wrong, from a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.routing import NoRoute, fixed_route, route
from railcap.corridor.rules import Closure, CostWeights, Daylight, Rules
from railcap.corridor.running import longest_running_s, running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import step_time_s, steps_of
from railcap.corridor.ties import turned_trains
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainRequest, TrainType
from railcap.corridor.yards import (
    AtClose,
    Banker,
    LinkKind,
    OpeningHours,
    TrainLink,
    YardProcess,
    YardResource,
    YardStep,
)
from railcap.planning.lift import NO_PROOF
from railcap.planning.timetable import Call, Leg, Refusal, Step, Timetable, TrainPath

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


def random_yard_scenario(seed: int) -> Scenario:
    """Return a random scenario in which trains undergo processes, and links tie some of them."""
    draw = Random(f"yard {seed}")
    scenario = replace(random_scenario(seed), fixed_paths=())
    stations = scenario.network.stations
    resources = {
        f"y{i}": YardResource(
            f"y{i}", draw.choice(list(stations)), draw.choice([1, 1, 2]), draw.choice([*AtClose, AtClose.FINISH])
        )
        for i in range(draw.randint(1, 3))
    }
    hours = tuple(_hours(draw, resource) for resource in resources if draw.random() < 0.5)
    processes = {}
    for station in {resource.station: None for resource in resources.values()}:
        usable = [resource.id for resource in resources.values() if resource.station == station]
        processes[f"p-{station}"] = YardProcess(f"p-{station}", _steps(draw, stations[station], usable))
    requests = tuple(_with_process(draw, request, processes) for request in scenario.requests)
    scenario = replace(
        scenario, yard_resources=resources, opening_hours=hours, processes=processes, requests=requests,
        run_out_h=draw.choice([1.0, 3.0]),
    )  # fmt: skip
    scenario = replace(scenario, links=tuple(_links(draw, scenario)))
    return _with_banker(draw, scenario) if draw.random() < 0.3 else scenario


def _with_banker(draw: Random, scenario: Scenario) -> Scenario:
    start, end = draw.sample(list(scenario.network.stations), 2)
    light = TrainType("light", "light", "freight", 20, 60, 1676, 60, 0)
    least = MINUTE * draw.choice([0, 2])
    banker = Banker("b", start, end, frozenset({"f"}), "light", draw.choice([1, 2]), least, least + MINUTE * 15)
    requests = tuple(
        replace(request, stops={**{station: Stop(station) for station in (start, end)}, **request.stops})
        for request in scenario.requests
    )
    types = {**scenario.train_types, "light": light}
    return replace(scenario, train_types=types, bankers=(banker,), requests=requests)


def _hours(draw: Random, resource: str) -> OpeningHours:
    begin = DEPART_S + MINUTE * draw.randint(-30, 20)
    return OpeningHours(resource, begin, begin + MINUTE * draw.randint(5, 90))


def _steps(draw: Random, station: Station, resources: list[str]) -> tuple[YardStep, ...]:
    found = []
    for number in range(draw.randint(1, 3)):
        some = draw.sample(station.tracks, draw.randint(1, len(station.tracks)))
        tracks = tuple(track.id for track in some) if draw.random() < 0.5 else ()
        resource = draw.choice([*resources, ""])
        found.append(YardStep(f"step {number}", MINUTE * draw.randint(0, 6), draw.choice([0, 15]), resource, tracks))
    return tuple(found)


def _with_process(draw: Random, request: PathRequest, processes: Mapping[str, YardProcess]) -> PathRequest:
    stops = dict(request.stops)
    for id_ in processes:
        station = id_.removeprefix("p-")
        if draw.random() < 0.7:
            stops[station] = replace(stops.get(station, Stop(station)), dwell_s=0, process=id_)
    return replace(request, stops=stops)


def _links(draw: Random, scenario: Scenario) -> list[TrainLink]:
    ways = []
    for request in scenario.requests:
        ways.append((request.id, request.origin, request.destination))
        if request.both:
            ways.append((f"{request.id}/back", request.destination, request.origin))
    pairs = [(one, other) for one in ways for other in ways if one[0] < other[0] and one[2] == other[1]]
    found = []
    for number, (one, other) in enumerate(draw.sample(pairs, min(len(pairs), 2))):
        least = MINUTE * draw.choice([0, 2, 5])
        longest = draw.choice([None, least + MINUTE * draw.randint(0, 40)])
        kind = draw.choice(list(LinkKind))
        found.append(
            TrainLink(
                f"L{number}", kind, one[0], other[0], least_s=least, longest_s=longest, refuse=draw.random() < 0.5
            )
        )
    turned = [link.second for link in found if link.kind is LinkKind.TURN_ROUND]
    return found if len(turned) == len(set(turned)) else found[:1]


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
        turned = request.id in turned_trains(scenario)
        try:
            way = _way(scenario, request)
        except NoRoute:
            refused.append(Refusal(request.id, request.request, "", request.train_type, NO_PROOF, False))
            continue
        path = _random_path(draw, scenario, request.id, request.train_type, way, dwells, request.wished_departure_s)
        if scenario.processes or turned:
            path = _in_the_yards(draw, scenario, request, path, turned=turned)
        paths.append(path)
    for fixed in scenario.fixed_paths:
        paths.append(_fixed_as_given(draw, scenario, fixed))
    paths += _lights(draw, scenario, paths)
    return Timetable(scenario.name, tuple(paths), tuple(refused))


def _lights(draw: Random, scenario: Scenario, paths: list[TrainPath]) -> list[TrainPath]:
    """Return light engines of the trains that bankers help, of most of them."""
    running = {path.train: path for path in paths}
    found = []
    for one in banked_trains(scenario, train_requests(scenario)):
        if one.train in running and draw.random() < 0.9:
            banker = one.banker
            arrival_s = running[one.train].calls[one.end].arrival_s
            leaves_s = arrival_s + banker.least_s + MINUTE * draw.choice([0, 0, 3])
            try:
                way = route(scenario, banker.engine_type, banker.end, (), banker.start)
            except NoRoute:
                continue
            path = _random_path(draw, scenario, one.light, banker.engine_type, way, {}, leaves_s)
            found.append(replace(path, request=banker.id, light_for=one.train))
    return found


def _in_the_yards(
    draw: Random, scenario: Scenario, request: TrainRequest, path: TrainPath, *, turned: bool
) -> TrainPath:
    """Return a path with the steps of its processes, and all that follows them put off."""
    kind = scenario.train_types[path.train_type]
    calls, late_s, last = [], 0, len(path.calls) - 1
    for place, call in enumerate(path.calls):
        steps, track = [], call.track
        time_s = call.arrival_s + late_s
        if place or turned:
            time_s += _wait(draw)
        for step in steps_of(scenario, request.stops.get(call.station)):
            if (step.tracks and track not in step.tracks) or draw.random() < 0.03:
                track = draw.choice(step.tracks or [one.id for one in scenario.network.stations[call.station].tracks])
            end_s = time_s + step_time_s(scenario, step, kind)
            steps.append(Step(step.name, step.resource, track, time_s, end_s))
            time_s = end_s + _wait(draw)
        if steps:
            time_s = steps[-1].end_s + (0 if place == last else _wait(draw))
        elif not turned or place:
            time_s = call.departure_s + late_s
        arrival_s = call.arrival_s + late_s
        if place == 0 and steps and not turned:
            arrival_s = steps[0].begin_s
        late_s = max(time_s, arrival_s) - call.departure_s
        calls.append(replace(call, arrival_s=arrival_s, departure_s=call.departure_s + late_s, steps=tuple(steps)))
    # The train departs when it would without its process: the steps at the origin come before.
    early_s = calls[0].departure_s - path.calls[0].departure_s
    shift = -early_s if draw.random() < 0.8 else 0
    return replace(path, calls=tuple(_shifted(call, shift) for call in calls))


def _wait(draw: Random) -> int:
    return MINUTE * draw.choice([0, 0, 0, 1, 3, 10])


def _shifted(call: Call, by_s: int) -> Call:
    steps = tuple(replace(step, begin_s=step.begin_s + by_s, end_s=step.end_s + by_s) for step in call.steps)
    return replace(call, arrival_s=call.arrival_s + by_s, departure_s=call.departure_s + by_s, steps=steps)


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
