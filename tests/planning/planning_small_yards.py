"""Small random border yards on a grid of ten minutes, from a seed, for the brute force of `yard_brute_force`."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Closure, CostWeights, Rules
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainType
from railcap.corridor.yards import (
    AtClose,
    LinkKind,
    OpeningHours,
    TrainLink,
    YardProcess,
    YardResource,
    YardStep,
)

GAUGE = frozenset({1676})
ZONE = "Asia/Karachi"
STEP_S = 600
OPENS, FIRST = 30, 36
"""Steps of time after midnight: nobody is in the yard before, and no train wishes to leave before."""
YARD = "Y"


def random_yard(seed: int) -> tuple[Scenario, int]:
    """Return line A - Y, or A - Y - B, with two to four trains that undergo processes in Y, and when all of it ends.

    It ends with the horizon, or all stations are closed from then on.
    """
    draw = Random(f"small yard {seed}")
    names = draw.choice(["AY", "AY", "AY", "AYB"])
    stations = {name: _station(draw, name, passing=len(names) == 3) for name in names}
    sections = {one + other: _section(draw, one, other) for one, other in itertools.pairwise(names)}
    types = {
        "long": TrainType(
            "long", "Long", "freight", 700, 60, 1676, _steps(draw, 0, 0, 1), _steps(draw, 0, 1), wagons=2
        ),
        "short": TrainType("short", "Short", "freight", 400, 60, 1676, 0, _steps(draw, 0, 0, 1), wagons=1),
    }
    rules = Rules(
        STEP_S,
        non_simultaneous_arrival_s=_steps(draw, 0, 1, 2),
        crossing_interval_s=_steps(draw, 0, 0, 1),
        following_interval_s=_steps(draw, 0, 0, 1),
        track_release_s=_steps(draw, 1, 1, 2),
        longest_running_factor=draw.choice([1.0, 1.0, 2.0]),
    )
    resources = {
        id_: YardResource(id_, YARD, draw.choice([1, 1, 2]), draw.choice(list(AtClose)))
        for id_ in ("crane", "staff")[: draw.choice([1, 1, 2])]
    }
    hours = tuple(one for id_ in resources if draw.random() < 0.3 for one in _hours(draw, id_))
    tracks = [track.id for track in stations[YARD].tracks]
    processes = {id_: YardProcess(id_, _process(draw, list(resources), tracks)) for id_ in ("unload", "load")}
    requests = tuple(_requests(draw, names))
    weights = CostWeights(late_freight=draw.choice([0.2, 0.3]), journey_freight=draw.choice([0.2, 0.2, 0.1, 0.0]))
    base = Scenario(
        f"yard {seed}", ZONE, date(2026, 3, 2), 1, Network(stations, sections), types, requests,
        rules=rules, weights=weights, run_out_h=0, yard_resources=resources, opening_hours=hours, processes=processes,
    )  # fmt: skip
    closures, links = _closures(draw, base), _links(draw, requests)
    ends = draw.choice([51, 54, 57])
    # Closed times are known until the horizon ends, so that a step without length may be done at that very instant.
    if draw.random() < 0.5 and all(
        one.duration_s + one.per_wagon_s for id_ in processes for one in processes[id_].steps
    ):
        base = replace(base, run_out_h=ends / 6 - 24)
    else:
        closures += [_shut(base, f"after {name}", ends, 2 * 144, station=name) for name in names]
    return replace(base, closures=tuple(closures), links=tuple(links)), ends


def _steps(draw: Random, *counts: int) -> int:
    return STEP_S * draw.choice(counts)


def _station(draw: Random, name: str, *, passing: bool) -> Station:
    if name != YARD:
        tracks = tuple(Track(str(n + 1), TrackKind.MAIN, 750, GAUGE) for n in range(draw.choice([1, 2, 4, 4])))
    else:
        kinds = [TrackKind.MAIN if passing else TrackKind.YARD, TrackKind.YARD, TrackKind.YARD]
        lengths = [750, draw.choice([500, 750]), draw.choice([500, 750])]
        count = draw.choice([1, 2, 2, 3])
        tracks = tuple(
            Track(str(n + 1), kind, length, GAUGE)
            for n, (kind, length) in enumerate(zip(kinds, lengths, strict=True))
            if n < count
        )
    return Station(
        name, name, tracks, ZONE,
        simultaneous_reception=draw.random() < 0.3,
        non_simultaneous_arrival_s=draw.choice([None, None, STEP_S]),
        crossing_interval_s=draw.choice([None, None, 0, STEP_S]),
    )  # fmt: skip


def _section(draw: Random, one: str, other: str) -> Section:
    ends = [one, other]
    draw.shuffle(ends)
    return Section(
        one + other, *ends, draw.choice([9_000, 10_000, 19_500]), draw.choice([1, 1, 1, 2]), GAUGE,
        {"freight": 60.0, "passenger": 60.0},
        following_interval_s=draw.choice([None, None, STEP_S]),
    )  # fmt: skip


def _hours(draw: Random, resource: str) -> list[OpeningHours]:
    kind = draw.choice(["morning", "morning", "two", "night", "tuesday"])
    begin = draw.randint(34, 44)
    if kind == "two":
        again = begin + draw.randint(2, 5)
        return [_open(resource, begin, again), _open(resource, again + draw.randint(0, 2), again + 8)]
    if kind == "night":
        return [_open(resource, draw.randint(130, 140), begin)]
    if kind == "tuesday":
        return [_open(resource, begin, begin + 4, frozenset({1})), _open(resource, begin, begin + 8, frozenset({0}))]
    return [_open(resource, begin, begin + draw.randint(3, 12))]


def _open(resource: str, begin: int, end: int, weekdays: frozenset[int] = frozenset(range(7))) -> OpeningHours:
    return OpeningHours(resource, STEP_S * begin, STEP_S * end, weekdays)


def _process(draw: Random, resources: list[str], tracks: list[str]) -> tuple[YardStep, ...]:
    found = []
    for number in reversed(range(draw.choice([1, 1, 2, 2, 3]))):
        some = tuple(draw.sample(tracks, draw.randint(1, len(tracks)))) if draw.random() < 0.3 else ()
        if some and draw.random() < 0.7 and tracks[0] not in some:
            some = (tracks[0], *some)
        duration = _steps(draw, 0, 1, 1, 2)
        per_wagon = draw.choice([0, 0, STEP_S // 2])
        if number == 0 and not duration:
            duration = STEP_S
        found.append(YardStep(f"step {number}", duration, per_wagon, draw.choice([*resources, *resources, ""]), some))
    return tuple(draw.sample(found, len(found)))


def _requests(draw: Random, names: str) -> list[PathRequest]:
    found = []
    trains = draw.choice([2, 3, 3, 4])
    inward = draw.random() < 0.5
    for number in range(trains):
        if sum(request.per_day for request in found) >= trains:
            break
        way = draw.choice(["AY", "YA", "AB", "BY"] if "B" in names else ["AY", "YA"])
        if number < 2:
            way = "AY" if inward == (number == 0) else "YA"
        per_day = draw.choice([1, 1, 2]) if sum(request.per_day for request in found) + 2 <= trains else 1
        found.append(_request(draw, f"R{number}", way, per_day, draw.choice([0, 4, 6, 8]) if number else 0))
    return found


def _request(draw: Random, name: str, way: str, per_day: int, later: int) -> PathRequest:
    stops: dict[str, Stop] = {}
    for station in {way[0]: None, YARD: None, way[1]: None}:
        if station == YARD and draw.random() < 0.8:
            stops[station] = Stop(station, process="load" if way[0] == YARD else "unload")
        elif draw.random() < 0.3:
            stops[station] = Stop(station, _steps(draw, 0, 1, 2))
        if station in stops and draw.random() < 0.05:
            window = draw.choice(["arrive_from_s", "arrive_until_s", "depart_from_s", "depart_until_s"])
            stops[station] = replace(stops[station], **{window: STEP_S * draw.randint(FIRST + 1, FIRST + 8)})
    fields: dict[str, Any] = {}
    if draw.random() < 0.05:
        fields["longest_journey_s"] = STEP_S * draw.randint(1, 5)
    if draw.random() < 0.05:
        fields["arrive_until_s"] = STEP_S * draw.randint(FIRST + 3, FIRST + 9)
    return PathRequest(
        name,
        draw.choice(["long", "long", "short"]),
        way[0],
        way[1],
        STEP_S * (FIRST + draw.randint(0, 3) + later),
        earlier_s=_steps(draw, 0, 0, 1),
        later_s=_steps(draw, 1, 4, 7),
        per_day=per_day,
        every_s=_steps(draw, 1, 2) if per_day > 1 else 0,
        stops=stops,
        value=draw.choice([0.3, 1, 3, 3]),
        mandatory=draw.random() < 0.05,
        **fields,
    )


def _closures(draw: Random, base: Scenario) -> list[Closure]:
    found = [_shut(base, "before", -900, OPENS, station=YARD)]
    begin = draw.randint(FIRST - 2, FIRST + 8)
    end = begin + draw.randint(1, 4)
    if draw.random() < 0.2:
        track = draw.choice(base.network.stations[YARD].tracks).id
        found.append(_shut(base, "track", begin, end, station=YARD, track=track))
    if draw.random() < 0.15:
        found.append(_shut(base, "section", begin, end, section=draw.choice(list(base.network.sections))))
    if draw.random() < 0.15:
        found.append(_shut(base, "resource", begin, end, yard_resource=draw.choice(list(base.yard_resources))))
    return found


def _shut(base: Scenario, id_: str, begin: int, end: int, **place: str) -> Closure:
    return Closure(id_, **place, from_s=base.begin_s + STEP_S * begin, until_s=base.begin_s + STEP_S * end)


def _links(draw: Random, requests: tuple[PathRequest, ...]) -> list[TrainLink]:
    pairs = [
        (one, other)
        for one in requests
        for other in requests
        if one.destination == other.origin and one.departure_of_day_s < other.departure_of_day_s + other.later_s
    ]
    found: list[TrainLink] = []
    for number, (one, other) in enumerate(draw.sample(pairs, min(len(pairs), draw.choice([0, 1, 1, 2])))):
        kind = draw.choice(list(LinkKind))
        if kind is LinkKind.TURN_ROUND and any(
            link.kind is kind and (link.first == one.id or link.second == other.id) for link in found
        ):
            continue
        # A pair of trains that feed each other would be a circle.
        if any((link.first, link.second) == (other.id, one.id) for link in found):
            continue
        least = _steps(draw, 0, 0, 1, 2)
        found.append(
            TrainLink(
                f"L{number}", kind, one.id, other.id,
                first_count=2 if kind is not LinkKind.TURN_ROUND and one.per_day == 2 and draw.random() < 0.7 else 1,
                least_s=least,
                longest_s=draw.choice([None, None, least + _steps(draw, 1, 3, 6)]),
                refuse=draw.random() < 0.5,
            )
        )  # fmt: skip
    return found
