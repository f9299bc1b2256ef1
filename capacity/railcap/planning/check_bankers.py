"""The railway checker's rule of bankers and their light engines (docs/model.md, 23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from railcap.corridor.bankers import Banked, light_engine
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainRequest
from railcap.corridor.yards import Banker
from railcap.planning.timetable import Call, Timetable, TrainPath
from railcap.planning.violation import Violation
from railcap.units import duration, stamp


def light_engines(
    banked: Iterable[Banked], requests: Mapping[str, TrainRequest], paths: Iterable[TrainPath]
) -> dict[str, TrainRequest]:
    """Return the light engines that follow from the trains of a timetable, as requests; by id.

    Of a train that does not come to its banker's end, nothing follows.
    """
    running = {path.train: path for path in paths}
    found = {}
    for one in banked:
        path = running.get(one.train)
        arriving = _call(path, one.end, one.banker.end) if path is not None and one.train in requests else None
        if arriving is not None:
            found[one.light] = light_engine(one, arriving.arrival_s, arriving.arrival_s)
    return found


def banker_violations(
    scenario: Scenario, banked: Sequence[Banked], sound: Iterable[TrainPath], timetable: Timetable
) -> list[Violation]:
    """Return breaches of rule 23.

    Parameters
    ----------
    sound : the paths that can be read
    """
    running = {path.train: path for path in sound}
    listed = {path.train for path in timetable.paths}
    found = []
    out: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for one in banked:
        train, light = running.get(one.train), running.get(one.light)
        if one.light in listed and one.train not in listed:
            text = f"the light engine {one.light} runs, its train {one.train} does not"
            found.append(Violation("light-engine-without-train", text, (one.light,)))
        if train is None:
            continue
        found += _stops(scenario, one, train)
        if one.light not in listed:
            text = f"{one.train} needs banker {one.banker.id}, whose light engine does not come back"
            found.append(Violation("light-engine-missing", text, (one.train,), one.banker.end))
            continue
        leaving = _call(train, one.begin, one.banker.start)
        if leaving is not None and light is not None:
            out[one.banker.id].append((leaving.departure_s, light.calls[-1].arrival_s, one.train))
    for path in timetable.paths:
        wanted = next((one.train for one in banked if one.light == path.train), "")
        if path.light_for != wanted:
            text = f"{path.train}: is the light engine of {wanted or 'no train'}, the timetable says otherwise"
            found.append(Violation("wrong-identity", text, (path.train,)))
    for banker in scenario.bankers:
        found += _too_many(scenario, banker, sorted(out[banker.id]))
    return found


def _stops(scenario: Scenario, one: Banked, train: TrainPath) -> Iterator[Violation]:
    for place, station in ((one.begin, one.banker.start), (one.end, one.banker.end)):
        call = _call(train, place, station)
        if call is not None and not call.stops:
            name = scenario.network.stations[station].name
            text = f"{one.train} passes {name}, where banker {one.banker.id} comes to it or leaves it"
            yield Violation("missed-stop", text, (one.train,), station, call.arrival_s)


def _too_many(scenario: Scenario, banker: Banker, out: Sequence[tuple[int, int, str]]) -> Iterator[Violation]:
    """Yield each departure with which more engines are out than there are; `out` by departure."""
    zone = scenario.network.stations[banker.start].time_zone
    for place, (begin_s, _, train) in enumerate(out):
        others = [(end_s, other) for _, end_s, other in out[:place] if end_s > begin_s]
        if len(others) >= banker.engines:
            back_s, other = min(others)
            text = (
                f"{train} leaves {banker.start} at {stamp(begin_s, zone)} with banker {banker.id}, of which all "
                f"{banker.engines} are out; the one of {other} comes back {duration(back_s - begin_s)} later"
            )
            yield Violation("no-banker-there", text, (other, train), banker.start, begin_s)


def _call(path: TrainPath, place: int, station: str) -> Call | None:
    """Return a call of a path if it is at the station where it should be."""
    call = path.calls[place] if place < len(path.calls) else None
    return call if call is not None and call.station == station else None
