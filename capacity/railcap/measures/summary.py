"""What a planner wants to know first about a timetable, in numbers (in words: `railcap.measures.summary_text`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.corridor.steps import standing_time_s
from railcap.corridor.traffic import TrainRequest
from railcap.measures.chains import ChainGroup, chain_groups, chains
from railcap.measures.fit import must_fit
from railcap.measures.meets import meetings
from railcap.measures.names import light_engines
from railcap.measures.section_use import SectionUse, section_uses
from railcap.measures.standing import RequestTime, TimeUse, standing, time_uses, times_by_request
from railcap.measures.yards import YardUse, yard_uses
from railcap.planning.timetable import Refusal, Timetable, TrainPath


@dataclass(frozen=True, slots=True)
class Journeys:
    """How a group of requested trains fares.

    Parameters
    ----------
    name : str
        Id of the request or the train type, ``""`` for all.
    asked, accepted : int
        Trains.
    late : int
        Accepted trains that leave after their wished time.
    late_mean_s, late_max_s : float, int
        Over all accepted trains of the group; 0 if there are none.
    journey_mean_s, unimpeded_mean_s : float
        Journey from departure to arrival, and the physically shortest one, of the accepted trains.
    """

    name: str
    asked: int
    accepted: int
    late: int
    late_mean_s: float
    late_max_s: int
    journey_mean_s: float
    unimpeded_mean_s: float

    @property
    def stretch(self) -> float:
        """Mean journey over mean shortest journey; 1 if there are no trains."""
        return self.journey_mean_s / self.unimpeded_mean_s if self.unimpeded_mean_s else 1.0


@dataclass(frozen=True, slots=True)
class StationTraffic:
    """Meets and passes at a station."""

    station: str
    meets: int
    passes: int


@dataclass(frozen=True, slots=True)
class Wait:
    """A train that stands at a station on its way for longer than it asked for."""

    train: str
    number: str
    station: str
    from_s: int
    until_s: int
    beyond_asked_s: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A timetable in numbers; times in seconds.

    Parameters
    ----------
    fixed, light_engines : int
        Fixed paths and light engines, which are in no other count of trains asked or accepted.
    overall, by_request, by_type : Journeys
        Requested trains, in the order of the scenario.
    stations : tuple of StationTraffic
        Stations with meets or passes, the most first.
    sections : tuple of SectionUse
        All section tracks with trains, the busiest first.
    waits : tuple of Wait
        All waits beyond what was asked, the longest first.
    yards, times, times_by_request, chains : tuple
        Only where the scenario has yards, links or bankers: use of the yards, what trains spend their time on, and the
        ways of trains that are tied.
    """

    scenario: str
    fixed: int
    overall: Journeys
    by_request: tuple[Journeys, ...]
    by_type: tuple[Journeys, ...]
    refused: tuple[Refusal, ...]
    stations: tuple[StationTraffic, ...]
    sections: tuple[SectionUse, ...]
    waits: tuple[Wait, ...]
    yards: tuple[YardUse, ...] = ()
    times: tuple[TimeUse, ...] = ()
    times_by_request: tuple[RequestTime, ...] = ()
    chains: tuple[ChainGroup, ...] = ()
    light_engines: int = 0

    @property
    def meets(self) -> int:
        """Meets in all."""
        return sum(station.meets for station in self.stations)

    @property
    def passes(self) -> int:
        """Passes in all."""
        return sum(station.passes for station in self.stations)

    def to_dict(self) -> dict[str, object]:
        """Return plain dicts, lists and numbers, ready for JSON."""
        found = asdict(self)
        for group, journeys in zip(
            [found["overall"], *found["by_request"], *found["by_type"]],
            [self.overall, *self.by_request, *self.by_type],
            strict=True,
        ):
            group["stretch"] = journeys.stretch
        for section, use in zip(found["sections"], self.sections, strict=True):
            section["share"] = use.share
        return found | {"meets": self.meets, "passes": self.passes}


@dataclass(frozen=True, slots=True)
class _Fate:
    request: TrainRequest
    path: TrainPath | None
    unimpeded_s: int


def summarise(scenario: Scenario, timetable: Timetable) -> Summary:
    """Return the summary of a timetable of this scenario; raises `InputError` if it belongs to another."""
    must_fit(scenario, timetable)
    fates = _fates(scenario, timetable)
    ties = scenario.processes or scenario.links or scenario.bankers
    times = standing(scenario, timetable) if ties else ()
    return Summary(
        scenario=timetable.scenario,
        fixed=sum(path.fixed for path in timetable.paths),
        overall=_journeys("", fates),
        by_request=_grouped((fate.request.request, fate) for fate in fates),
        by_type=_grouped((fate.request.train_type, fate) for fate in fates),
        refused=timetable.refused,
        stations=_stations(timetable),
        sections=section_uses(scenario, timetable),
        waits=_waits(scenario, fates),
        yards=yard_uses(scenario, timetable, times),
        times=time_uses(times),
        times_by_request=times_by_request(times),
        chains=chain_groups(chains(scenario, timetable, times)),
        light_engines=light_engines(timetable.paths),
    )


def _fates(scenario: Scenario, timetable: Timetable) -> list[_Fate]:
    paths = {path.train: path for path in timetable.paths}
    shortest: dict[object, int] = {}
    fates = []
    for request in train_requests(scenario):
        path = paths.get(request.id)
        if path is None:
            fates.append(_Fate(request, None, 0))
            continue
        kind = scenario.train_types[request.train_type]
        stands = tuple((one, standing_time_s(scenario, stop, kind)) for one, stop in sorted(request.stops.items()))
        key = request.train_type, request.origin, request.vias, request.destination, stands
        if key not in shortest:
            shortest[key] = shortest_journey_s(scenario, request)
        fates.append(_Fate(request, path, shortest[key]))
    return fates


def _grouped(fates: Iterable[tuple[str, _Fate]]) -> tuple[Journeys, ...]:
    groups: dict[str, list[_Fate]] = defaultdict(list)
    for name, fate in fates:
        groups[name].append(fate)
    return tuple(_journeys(name, group) for name, group in groups.items())


def _journeys(name: str, fates: list[_Fate]) -> Journeys:
    paths = [(fate, fate.path) for fate in fates if fate.path is not None]
    late = [max(0, path.departure_s - fate.request.wished_departure_s) for fate, path in paths]
    count = max(1, len(paths))
    return Journeys(
        name=name,
        asked=len(fates),
        accepted=len(paths),
        late=sum(seconds > 0 for seconds in late),
        late_mean_s=sum(late) / count,
        late_max_s=max(late, default=0),
        journey_mean_s=sum(path.journey_s for _, path in paths) / count,
        unimpeded_mean_s=sum(fate.unimpeded_s for fate, _ in paths) / count,
    )


def _stations(timetable: Timetable) -> tuple[StationTraffic, ...]:
    found = meetings(timetable)
    meets: Mapping[str, int] = Counter(one.station for one in found if not one.same_direction)
    passes: Mapping[str, int] = Counter(one.station for one in found if one.same_direction)
    stations = [StationTraffic(one, meets.get(one, 0), passes.get(one, 0)) for one in {*meets, *passes}]
    return tuple(sorted(stations, key=lambda one: (-one.meets - one.passes, one.station)))


def _waits(scenario: Scenario, fates: Iterable[_Fate]) -> tuple[Wait, ...]:
    waits = []
    for fate in fates:
        if fate.path is None:
            continue
        for call in fate.path.calls[1:-1]:
            asked = fate.request.stops.get(call.station, fate.request.stops.get("*"))
            needed_s = standing_time_s(scenario, asked, scenario.train_types[fate.path.train_type])
            beyond = call.departure_s - call.arrival_s - needed_s
            if beyond > 0:
                path = fate.path
                waits.append(Wait(path.train, path.number, call.station, call.arrival_s, call.departure_s, beyond))
    return tuple(sorted(waits, key=lambda wait: (-wait.beyond_asked_s, wait.from_s, wait.train)))
