"""Valid scenarios of every shape that the folder can hold, drawn by hypothesis."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import strategies as st

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.routing import Route
from railcap.corridor.rules import Closure, CostWeights, Daylight, Rules
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.corridor.validate import validate
from railcap.corridor.validate_fixed import fixed_path_collisions
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
from railcap.units import DAY_S

ZONES = [
    "Asia/Karachi",
    "Asia/Kabul",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "UTC",
]
GAUGES = [1000, 1435, 1520, 1676]
DAYS = st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 1), date(2026, 3, 2), date(2027, 4, 3)])
"""Days around the steps of summer time in several zones, and an ordinary one."""

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\t\"',;#|"), max_size=12).map(
    str.strip
)
NAMES = TEXTS.filter(bool)
IDS = st.text("abcXYZ019_-.,;'\"äسنа", min_size=1, max_size=6)


def maybe(strategy):
    return st.none() | strategy


SECONDS = st.integers(0, 7200)
TIMES_OF_DAY = st.integers(0, DAY_S - 1)
NUMBERS = st.floats(0, 1000, allow_nan=False).map(lambda value: value + 0.0)


@st.composite
def stations(draw, ids):
    made = {}
    for id_ in ids:
        tracks = [Track("1", TrackKind.MAIN, 800, frozenset({1676} | draw(st.sets(st.sampled_from(GAUGES)))))]
        for number in range(draw(st.integers(0, 2))):
            kind = draw(st.sampled_from(TrackKind))
            gauges = frozenset(draw(st.sets(st.sampled_from(GAUGES), min_size=1)))
            tracks.append(Track(f"{number + 2}", kind, draw(st.integers(1, 2000)), gauges, draw(TEXTS)))
        made[id_] = Station(
            id=id_,
            name=draw(NAMES),
            tracks=tuple(tracks),
            time_zone=draw(st.sampled_from(ZONES)),
            simultaneous_reception=draw(st.booleans()),
            non_simultaneous_arrival_s=draw(maybe(SECONDS)),
            crossing_interval_s=draw(maybe(SECONDS)),
            province=draw(st.sampled_from(["", "Süd", "Nord, West"])),
            country=draw(TEXTS),
            km=draw(maybe(NUMBERS)),
            lat=draw(maybe(st.floats(-90, 90))),
            lon=draw(maybe(st.floats(-180, 180))),
            kind=draw(TEXTS),
            note=draw(TEXTS),
            assumed=draw(TEXTS),
        )
    return made


@st.composite
def sections(draw, ids):
    made = {}
    for number, (start, end) in enumerate(pairwise(ids)):
        section = f"S{number}"
        made[section] = Section(
            id=section,
            start=start,
            end=end,
            length_m=draw(st.integers(1, 60_000)),
            tracks=draw(st.sampled_from([1, 2])),
            gauges_mm=frozenset({1676} | draw(st.sets(st.sampled_from(GAUGES)))),
            speeds_kmh={"freight": draw(st.floats(20, 160)), "passenger": draw(st.floats(20, 160))},
            blocks=draw(st.integers(1, 5)),
            bidirectional=draw(st.booleans()),
            following_interval_s=draw(maybe(SECONDS)),
            note=draw(TEXTS),
            assumed=draw(TEXTS),
        )
    return made


@st.composite
def train_types(draw):
    return {
        id_: TrainType(
            id_,
            draw(NAMES),
            draw(st.sampled_from(["freight", "passenger"])),
            draw(st.integers(1, 800)),
            draw(st.floats(20, 160)),
            1676,
            draw(SECONDS),
            draw(SECONDS),
            draw(TEXTS),
            draw(TEXTS),
            draw(st.integers(0, 60)),
        )
        for id_ in draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    }


@st.composite
def requests(draw, stations_, types, processes):
    ids = list(stations_)
    made = []
    for id_ in draw(st.lists(IDS, max_size=3, unique=True)):
        back = draw(st.booleans())
        stops = {key: Stop(key, draw(SECONDS)) for key in draw(st.sets(st.sampled_from(["*", ids[0], ids[-1]])))}
        if ids[-1] in stops:
            # Late windows that any train can keep; the scenario's run-out is long enough.
            stops[ids[-1]] = Stop(
                ids[-1], draw(SECONDS), draw(maybe(TIMES_OF_DAY)), draw(maybe(st.just(20 * DAY_S + 7)))
            )
        for key in sorted(stops.keys() - {"*"}):
            if fitting := [name for name, place in processes.items() if place in ("", key)]:
                process = draw(st.sampled_from(["", *sorted(fitting)]))
                stops[key] = replace(stops[key], dwell_s=0, process=process) if process else stops[key]
        per_day = draw(st.integers(1, 4))
        made.append(
            PathRequest(
                id=id_,
                train_type=draw(st.sampled_from(sorted(types))),
                origin=ids[-1] if back else ids[0],
                destination=ids[0] if back else ids[-1],
                departure_of_day_s=draw(TIMES_OF_DAY),
                number=draw(TEXTS),
                name=draw(TEXTS),
                vias=tuple(ids[1:-1][:1]),
                both=draw(st.booleans()),
                earlier_s=draw(SECONDS),
                later_s=draw(SECONDS),
                per_day=per_day,
                every_s=draw(st.integers(60, 30_000)),
                weekdays=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
                first_day=draw(maybe(DAYS)),
                stops=stops,
                value=draw(NUMBERS),
                mandatory=draw(st.booleans()),
                longest_journey_s=draw(maybe(st.just(30 * DAY_S + 1))),
                arrive_until_s=draw(maybe(st.just(25 * DAY_S))),
                note=draw(TEXTS),
            )
        )
    return tuple(made)


@st.composite
def fixed_paths(draw, scenario):
    """Draw paths that run from the first station to the last, at least as slow as they must be, and can all run."""
    stations_, sections_ = list(scenario.network.stations), list(scenario.network.sections)
    way = Route(tuple(stations_), tuple(sections_))
    made = []
    for id_ in draw(st.lists(IDS, max_size=2, unique=True)):
        train_type = scenario.train_types[draw(st.sampled_from(sorted(scenario.train_types)))]
        time_s = scenario.begin_s + draw(st.integers(0, 2 * DAY_S))
        calls = []
        for place, station in enumerate(way.stations):
            dwell = draw(st.sampled_from([0, 60, 61]))
            calls.append(FixedCall(station, time_s, time_s + dwell, draw(st.sampled_from(["", "1"]))))
            if place < len(way.sections):
                took = running_time_s(scenario, way.sections[place], station, train_type.id)
                took += train_type.start_supplement_s + train_type.stop_supplement_s
                time_s += dwell + took + draw(SECONDS)
        path = FixedPath(id_, train_type.id, tuple(calls), draw(TEXTS))
        if not fixed_path_collisions(scenario, [(other, way) for other in (*made, path)]):
            made.append(path)
    return tuple(made)


@st.composite
def closures(draw, scenario):
    made = []
    network = scenario.network
    for id_ in draw(st.lists(IDS, max_size=3, unique=True)):
        place = {"section": draw(st.sampled_from(sorted(network.sections)))}
        if draw(st.booleans()):
            station = draw(st.sampled_from(sorted(network.stations)))
            place = {"station": station, "track": draw(st.sampled_from(["", "1"]))}
        elif draw(st.booleans()):
            place["section_track"] = "1"
        elif scenario.yard_resources:
            place = {"yard_resource": draw(st.sampled_from(sorted(scenario.yard_resources)))}
        if "yard_resource" in place or draw(st.booleans()):  # so that it opens again
            begin = scenario.begin_s + draw(st.integers(0, 3 * DAY_S))
            period = {"from_s": begin, "until_s": begin + draw(st.integers(1, DAY_S))}
        else:
            begin = draw(TIMES_OF_DAY)
            period = {
                "from_of_day_s": begin,
                "until_of_day_s": draw(st.integers(0, 2 * DAY_S).filter(lambda end, begin=begin: end != begin)),
                "weekdays": frozenset(draw(st.sets(st.integers(0, 6)))),
            }
        zone = draw(st.sampled_from(["", *ZONES]))
        made.append(Closure(id_, **place, **period, time_zone=zone, reason=draw(TEXTS)))
    return tuple(made)


@st.composite
def yards(draw, stations_):
    """Draw yard resources, opening hours long enough for any step, and processes with the station they are for."""
    resources = {
        id_: YardResource(
            id_,
            draw(st.sampled_from(sorted(stations_))),
            draw(st.integers(1, 5)),
            draw(st.sampled_from(AtClose)),
            draw(TEXTS),
            draw(TEXTS),
        )
        for id_ in draw(st.lists(IDS, max_size=3, unique=True))
    }
    hours = []
    for resource in draw(st.lists(st.sampled_from(sorted(resources)), max_size=4)) if resources else ():
        begin = draw(TIMES_OF_DAY)
        end = begin + draw(st.integers(6 * 3600, DAY_S))
        if DAY_S < end < begin + DAY_S and draw(st.booleans()):
            end -= DAY_S
        days = frozenset(draw(st.sets(st.integers(0, 6), min_size=1)))
        hours.append(OpeningHours(resource, begin, end, days, draw(st.sampled_from(["", *ZONES]))))
    processes, places = {}, {}
    for id_ in draw(st.lists(IDS, max_size=3, unique=True)):
        place = draw(st.sampled_from(["", *sorted(stations_)]))
        here = sorted(resource.id for resource in resources.values() if resource.station == place)
        more = [track.id for track in stations_[place].tracks[1:]] if place else []
        steps = [
            YardStep(
                name,
                draw(st.integers(1, 7200)),
                draw(st.integers(0, 120)),
                draw(st.sampled_from(["", *here])),
                ("1", *draw(st.permutations(more))) if place and draw(st.booleans()) else (),
                draw(TEXTS),
                draw(TEXTS),
            )
            for name in draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
        ]
        processes[id_], places[id_] = YardProcess(id_, tuple(steps)), place
    return resources, tuple(hours), processes, places


@st.composite
def links(draw, scenario):
    """Draw links of every kind; those that the scenario does not bear are left out."""
    ways = [request.id + back for request in scenario.requests for back in ("", "/back")[: 1 + request.both]]
    made = []
    for id_ in draw(st.lists(IDS, max_size=3, unique=True)) if len(ways) > 1 else ():
        kind = draw(st.sampled_from(LinkKind))
        first, second = draw(st.permutations(ways))[:2]
        counts = (1, 1) if kind is LinkKind.TURN_ROUND else draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        least = draw(SECONDS)
        link = TrainLink(
            id_,
            kind,
            first,
            second,
            *counts,
            draw(st.integers(0, 3)),
            least,
            draw(maybe(st.integers(least, 10 * DAY_S))),
            draw(st.booleans()),
            draw(st.sampled_from(["", *sorted(scenario.network.stations)])) if kind is LinkKind.CONNECTION else "",
            draw(TEXTS),
            draw(TEXTS),
        )
        if _bears(replace(scenario, links=(*made, link))):
            made.append(link)
    return tuple(made)


@st.composite
def bankers(draw, scenario):
    """Draw bankers that help trains of some types over a part of the line; the scenario must bear them, as links."""
    made = []
    for id_ in draw(st.lists(IDS, max_size=2, unique=True)):
        start, end = draw(st.permutations(sorted(scenario.network.stations)))[:2]
        engine, *others = draw(st.permutations(sorted(scenario.train_types)))
        if not others:
            break
        types = frozenset(draw(st.sets(st.sampled_from(others), min_size=1)))
        least = draw(SECONDS)
        longest = draw(st.integers(least, 4 * DAY_S))
        engines = draw(st.integers(1, 100))
        banker = Banker(id_, start, end, types, engine, engines, least, longest, draw(TEXTS), draw(TEXTS))
        if _bears(replace(scenario, bankers=(*made, banker))):
            made.append(banker)
    return tuple(made)


def _bears(scenario):
    return all(issue.severity == "warning" for issue in validate(scenario))


@st.composite
def daylights(draw, network):
    provinces = sorted({station.province for station in network.stations.values()} - {""})
    made = []
    for _ in range(draw(st.integers(0, 2))):
        place = {"section": draw(st.sampled_from(sorted(network.sections)))}
        if provinces and draw(st.booleans()):
            place = {"province": draw(st.sampled_from(provinces))}
        begin = draw(st.integers(0, DAY_S // 2))
        end = begin + draw(st.integers(1, DAY_S // 2))
        made.append(
            Daylight(**place, from_of_day_s=begin, until_of_day_s=end, time_zone=draw(st.sampled_from(["", *ZONES])))
        )
    return tuple(made)


RULES = st.builds(
    Rules,
    st.integers(1, 600),
    SECONDS,
    SECONDS,
    SECONDS,
    SECONDS,
    st.integers(1, 7200),
    st.floats(1, 3),
)
WEIGHTS = st.builds(CostWeights, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@st.composite
def scenarios(draw):
    """Draw a scenario on one line, with all that a folder can say."""
    ids = draw(st.lists(IDS, min_size=2, max_size=4, unique=True))
    network = Network(draw(stations(ids)), draw(sections(ids)))
    types = draw(train_types())
    running = {
        (section, network.sections[section].start, train_type): draw(st.integers(3600, 7200))
        for section in draw(st.sets(st.sampled_from(sorted(network.sections))))
        for train_type in types
    }
    network = Network(network.stations, network.sections, running)
    resources, hours, processes, places = draw(yards(network.stations))
    zone = draw(st.sampled_from(ZONES))
    start = draw(DAYS)
    scenario = Scenario(
        name=draw(NAMES),
        time_zone=zone,
        start=start,
        days=draw(st.integers(1, 4)),
        network=network,
        train_types=types,
        requests=draw(requests(network.stations, types, places)),
        yard_resources=resources,
        opening_hours=hours,
        processes=processes,
        daylight=draw(daylights(network)),
        rules=draw(RULES),
        weights=draw(WEIGHTS),
        run_out_h=draw(st.sampled_from([500.0, 733.25])),
        title=draw(TEXTS),
        description=draw(TEXTS),
    )
    scenario = replace(scenario, closures=draw(closures(scenario)))
    scenario = replace(scenario, fixed_paths=draw(fixed_paths(scenario)))
    scenario = replace(scenario, links=draw(links(scenario)))
    return replace(scenario, bankers=draw(bankers(scenario)))
