"""Faults of bankers: their records, the way back of their light engines, and the stops of the trains that they help."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from railcap.corridor.bankers import helped_part
from railcap.corridor.routing import NoRoute, route
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.corridor.validate_fault import Fault, Faults, Record, did_you_mean
from railcap.corridor.validate_links import Journey
from railcap.corridor.yards import Banker

_WEEK_MIN = 7 * 24 * 60


def banker_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of bankers: what can be said of each by itself and its references."""
    found = Faults()
    found.unique("bankers", (banker.id for banker in scenario.bankers))
    taken = {request.id for request in scenario.requests} | {path.id for path in scenario.fixed_paths}
    for banker in scenario.bankers:
        record = _record(banker)
        found.id(record, "id", banker.id, "/")
        if banker.id in taken:
            message = (
                "a request or fixed path has this id, under which its trains stand in the timetable; choose another"
            )
            found.add(record, "id", banker.id, message, "duplicate-id")
        for column, station in (("from", banker.start), ("to", banker.end)):
            found.known(record, column, station, scenario.network.stations, "station")
        if banker.start == banker.end:
            message = "a banker helps from one station to another, and this is the same"
            found.add(record, "to", banker.end, message, "same-ends")
        _types(found, record, banker, scenario.train_types)
        found.bounds(record, "engines", banker.engines, 1, 100, "engines")
        found.least_and_longest(record, banker.least_s, banker.longest_s, _WEEK_MIN)
    return found


def _types(found: Faults, record: Record, banker: Banker, known: Mapping[str, TrainType]) -> None:
    helped = _helped_types(banker)
    if not helped:
        found.add(record, "train_types", "", "a banker helps the trains of one train type at least", "missing-value")
    for type_ in helped:
        if type_ not in known:
            message = f"there is no train type {type_!r}{did_you_mean(type_, known)}"
            found.add(record, "train_types", type_, message, "unknown-train-type")
        elif " " in type_:
            message = f"train types stand here joined by spaces, so that {type_!r} needs an id without a space"
            found.add(record, "train_types", type_, message, "bad-id")
    found.known(record, "engine_type", banker.engine_type, known, "train type")
    if banker.engine_type in helped:
        message = "this banker helps trains of this type, and a light engine runs alone; give it a type of its own"
        found.add(record, "engine_type", banker.engine_type, message, "contradiction")


def help_faults(
    scenario: Scenario,
    journeys: Mapping[str, Journey],
    broken: Collection[Record],
    *,
    ways_are_known: bool,
    stops_are_known: bool,
) -> list[Fault]:
    """Return the faults of bankers whose own records and train types are sound.

    Parameters
    ----------
    journeys : by way, of requests that are sound and have a route
    broken : records with faults
    ways_are_known : whether the network is sound, so that where there is no way, none is missing
    stops_are_known : whether the table of stops could be read
    """
    found = Faults()
    all_are_known = len(journeys) == sum(2 if request.both else 1 for request in scenario.requests)
    for banker in scenario.bankers:
        types = [("train_types", (type_,)) for type_ in (banker.engine_type, *_helped_types(banker))]
        if any(record in broken for record in (_record(banker), *types)):
            continue
        one_gauge = _one_gauge(found, banker, scenario.train_types)
        if one_gauge and ways_are_known:
            _way_back(found, banker, scenario)
        helped = set()
        for way, journey in journeys.items():
            type_ = journey.request.train_type
            part = helped_part(banker, journey.stations) if type_ in banker.train_types else None
            if part is not None:
                helped.add(type_)
                if stops_are_known:
                    found += _part_faults(banker, way, journey, part)
        if all_are_known and journeys:
            _not_helped(found, banker, helped)
    return found


def _one_gauge(found: Faults, banker: Banker, types: Mapping[str, TrainType]) -> bool:
    """Judge whether the engines have the gauge of the trains that they help."""
    engine = types[banker.engine_type]
    others = [types[type_] for type_ in _helped_types(banker) if types[type_].gauge_mm != engine.gauge_mm]
    for other in others:
        message = (
            f"its engines have a gauge of {engine.gauge_mm} mm and {other.id} one of {other.gauge_mm} mm; give trains "
            "of another gauge a banker of their own"
        )
        found.add(_record(banker), "engine_type", engine.id, message, "gauge-differs")
    return not others


def _way_back(found: Faults, banker: Banker, scenario: Scenario) -> None:
    try:
        route(scenario, banker.engine_type, banker.end, (), banker.start)
    except NoRoute as error:
        message = f"there is no way back for its light engines: {error}"
        found.add(_record(banker), "engine_type", banker.engine_type, message, "no-route")


def _part_faults(banker: Banker, way: str, journey: Journey, part: tuple[int, int]) -> Iterator[Fault]:
    """Yield what keeps the trains of a way from being helped on the part of it that leads the banker's way."""
    last = len(journey.stations) - 1 - journey.stations[::-1].index(banker.end)
    record = _record(banker)
    if journey.stations[:last].count(banker.start) > 1:
        message = (
            f"{way} comes through {banker.start} more than once on its way to {banker.end}, so that nobody knows from "
            "when on it is helped; ask for the parts of its way as two requests"
        )
        yield Fault(*record, "from", banker.start, message, "ambiguous-way")
        return
    for place, column, meets in ((part[0], "from", "comes to it"), (part[1], "to", "leaves it")):
        if journey.may_pass(place):
            station = journey.stations[place]
            message = (
                f"{way} may pass {station}, where this banker {meets}: a train that is helped stops there; add a row "
                f"for {journey.request.id} at {station} to the table stops"
            )
            yield Fault(*record, column, station, message, "no-stop")


def _not_helped(found: Faults, banker: Banker, helped: Collection[str]) -> None:
    for type_ in _helped_types(banker):
        if type_ not in helped:
            message = f"no train of type {type_} goes from {banker.start} to {banker.end}, so that none is helped"
            found.add(_record(banker), "train_types", type_, message, "no-effect", "warning")


def _helped_types(banker: Banker) -> list[str]:
    """Return the train types that a banker helps in order, as texts also where something else stands among them."""
    return sorted(str(type_) for type_ in banker.train_types)


def _record(banker: Banker) -> Record:
    return "bankers", (banker.id,)
