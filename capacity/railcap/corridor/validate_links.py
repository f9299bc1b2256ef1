"""Faults of links between trains: their records, whether the two trains meet, and what no rake can do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import BACK, ends_of, station_of, tied_trains
from railcap.corridor.traffic import PathRequest, TrainRequest
from railcap.corridor.validate_fault import Fault, Faults, Record
from railcap.corridor.yards import LinkKind, TiedTrains, TrainLink
from railcap.units import duration, stamp

_TEN_WEEKS_MIN = 10 * 7 * 24 * 60
_DAYS_BEFORE, _DAYS_LATER = 7, 60


@dataclass(frozen=True, slots=True)
class Journey:
    """A request in one direction: its stations, its trains, its shortest journey, and its least stay at the end."""

    request: PathRequest
    stations: tuple[str, ...]
    trains: Sequence[TrainRequest]
    shortest_s: int
    stay_s: int

    def may_pass(self, place: int) -> bool:
        """Return whether its trains need not stop at a station of their way, by its place (rule 2)."""
        at_end = place in (0, len(self.stations) - 1)
        return not at_end and not {self.stations[place], "*"} & self.request.stops.keys()


def link_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of links: what can be said of each by itself and its references."""
    found = Faults()
    ids = {request.id for request in scenario.requests}
    ways = ids | {request.id + BACK for request in scenario.requests if request.both}
    found.unique("links", (link.id for link in scenario.links))
    for link in scenario.links:
        record = "links", (link.id,)
        found.id(record, "id", link.id)
        for column, way in (("first", link.first), ("second", link.second)):
            if way.removesuffix(BACK) not in ids:
                found.known(record, column, way, ways, "request")
        if link.first == link.second:
            message = "a link is between the trains of two requests, or of the two ways of one"
            found.add(record, "second", link.second, message, "contradiction")
        if link.station:
            found.known(record, "station", link.station, scenario.network.stations, "station")
        _figures(found, record, link)
    return found


def _figures(found: Faults, record: Record, link: TrainLink) -> None:
    counts = ("first_count", link.first_count), ("second_count", link.second_count)
    for column, count in counts:
        found.bounds(record, column, count, 1, 100, "trains")
    if link.kind is LinkKind.TURN_ROUND and (link.first_count, link.second_count) != (1, 1):
        column, count = next((column, count) for column, count in counts if count != 1)
        found.add(record, column, count, "one rake makes one train, so the batches are of 1 train", "contradiction")
    found.bounds(record, "days_later", link.days_later, -_DAYS_BEFORE, _DAYS_LATER, "days")
    found.least_and_longest(record, link.least_s, link.longest_s, _TEN_WEEKS_MIN)


def tie_faults(
    scenario: Scenario, requests: Sequence[PathRequest], journeys: Mapping[str, Journey], broken: Collection[Record]
) -> list[Fault]:
    """Return the faults of links whose own records and requests are sound.

    Parameters
    ----------
    requests : those that are sound
    journeys : by way, of those that have a route
    broken : records with faults
    """
    return _TieJudge(scenario, requests, journeys).judge(
        [link for link in scenario.links if ("links", (link.id,)) not in broken]
    )


class _TieJudge:
    def __init__(self, scenario: Scenario, requests: Sequence[PathRequest], journeys: Mapping[str, Journey]) -> None:
        self.scenario = scenario
        self.requests = {request.id: request for request in requests}
        self.journeys = journeys
        self.found = Faults()

    def judge(self, links: Sequence[TrainLink]) -> list[Fault]:
        """Judge each link by its requests and their ways, then all of them together."""
        sound = [link for link in links if self._has_ways(link)]
        ties: list[TiedTrains] = []
        for link in sound:
            if self._meets(link) and {link.first, link.second} <= self.journeys.keys() and self._stops(link):
                ties += self._ties(link)
        self._rakes(ties)
        self._circles(ties)
        return self.found

    def _has_ways(self, link: TrainLink) -> bool:
        """Return whether the requests of a link are sound and have the ways that it names."""
        has = True
        for column, way in (("first", link.first), ("second", link.second)):
            request = self.requests.get(way.removesuffix(BACK))
            if request is not None and way.endswith(BACK) and not request.both:
                message = f"{request.id} has no way back; say {request.id}, or give it the direction both"
                self.found.add(_record(link), column, way, message, "no-way-back")
            has = has and request is not None and (request.both or not way.endswith(BACK))
        return has

    def _meets(self, link: TrainLink) -> bool:
        """Judge whether the first trains end where the second ones begin, and whether a rake fits its second line."""
        count = len(self.found)
        ends, begins = ends_of(self.scenario, link.first)[1], ends_of(self.scenario, link.second)[0]
        if link.kind is not LinkKind.CONNECTION and link.station not in ("", ends):
            message = f"a {link.kind.value} is where the first trains end, at {ends}; only a connection names a station"
            self.found.add(_record(link), "station", link.station, message, "contradiction")
        if ends != begins and (link.kind is not LinkKind.CONNECTION or not link.station):
            message = f"{link.first} ends at {ends}, and {link.second} begins at {begins}"
            if link.kind is LinkKind.CONNECTION:
                message += "; name the station where both stop"
            self.found.add(_record(link), "second", link.second, message, "ends-apart")
        if link.kind is LinkKind.TURN_ROUND:
            one, other = (self._gauge(way) for way in (link.first, link.second))
            if one != other:
                message = f"{link.first} has a gauge of {one} mm and {link.second} one of {other} mm: a rake has one"
                self.found.add(_record(link), "second", link.second, message, "gauge-differs")
        return len(self.found) == count

    def _gauge(self, way: str) -> int:
        return self.scenario.train_types[self.requests[way.removesuffix(BACK)].train_type].gauge_mm

    def _stops(self, link: TrainLink) -> bool:
        """Judge whether the first trains arrive at the link's station, and the second ones stop or begin there."""
        station = station_of(self.scenario, link)
        faults = [
            (fault, f"{way} {fault[1]}")
            for way, other, verb in (
                (link.first, 0, "begins here, so that it does not arrive"),
                (link.second, -1, "ends here, so that it does not depart"),
            )
            if (fault := _stop_fault(self.journeys[way], station, other, verb))
        ]
        for (code, _), message in faults:
            self.found.add(_record(link), "station", station, message, code)
        return not faults

    def _ties(self, link: TrainLink) -> Sequence[TiedTrains]:
        """Return the pairs that a link ties; judge whether there are any, and any that can be kept."""
        first, second = self.journeys[link.first], self.journeys[link.second]
        ties = tied_trains(replace(self.scenario, links=(link,)))
        if not ties and first.trains and second.trains:
            message = "it ties no trains; look at days_later, and at the days on which the two requests run"
            self.found.add(_record(link), "days_later", link.days_later, message, "no-effect", "warning")
        if ties and station_of(self.scenario, link) == first.stations[-1] == second.stations[0]:
            self._keepable(link, ties)
        return ties

    def _keepable(self, link: TrainLink, ties: Sequence[TiedTrains]) -> None:
        """Add a fault if the second train of every pair must leave before the least time after the first is over."""
        first, second = self.journeys[link.first], self.journeys[link.second]
        stay_s = 0 if link.kind is LinkKind.CONNECTION else first.stay_s
        bring = {train.id: train.earliest_departure_s + first.shortest_s for train in first.trains}
        take = {train.id: train.latest_departure_s for train in second.trains}
        least_s = max(link.least_s, stay_s) if link.kind is LinkKind.TURN_ROUND else link.least_s + stay_s
        if all(bring[pair.first] + least_s > take[pair.second] for pair in ties):
            pair = ties[0]
            zone = self.scenario.network.stations[pair.station].time_zone
            message = (
                f"it can never be kept: {pair.first} is there at {stamp(bring[pair.first], zone)} at the earliest, "
                f"{pair.second} leaves at {stamp(take[pair.second], zone)} at the latest, and {duration(least_s)} are "
                "needed; is days_later right?"
            )
            self.found.add(_record(link), "least_min", f"{link.least_s / 60:g}", message, "window-too-tight")

    def _rakes(self, ties: Sequence[TiedTrains]) -> None:
        """Add a fault for each link that turns a train round which has a rake, or out of a rake which has a train."""
        of_second: dict[str, TiedTrains] = {}
        of_first: dict[str, TiedTrains] = {}
        told = set()
        for pair in ties:
            if pair.link.kind is not LinkKind.TURN_ROUND:
                continue
            before = of_second.setdefault(pair.second, pair)
            if before is not pair and (pair.link.id, "second") not in told:
                told.add((pair.link.id, "second"))
                message = f"{pair.second} comes from the rake of {before.first} already, by link {before.link.id}"
                self.found.add(_record(pair.link), "second", pair.link.second, message, "two-rakes")
            before = of_first.setdefault(pair.first, pair)
            if before is not pair and (pair.link.id, "first") not in told:
                told.add((pair.link.id, "first"))
                message = f"the rake of {pair.first} becomes {before.second} already, by link {before.link.id}"
                self.found.add(_record(pair.link), "first", pair.link.first, message, "two-rakes")

    def _circles(self, ties: Sequence[TiedTrains]) -> None:
        """Add a fault for each group of links that lead from a train back to it."""
        for circle in _circles(ties):
            ids = ", ".join(link.id for link in circle)
            message = (
                f"links {ids} lead in a circle, so that each train is tied to one that is tied to it; take one out, or "
                "give one another days_later"
            )
            self.found.add(_record(circle[0]), "first", circle[0].first, message, "circle")


def _record(link: TrainLink) -> Record:
    return "links", (link.id,)


def _stop_fault(journey: Journey, station: str, other: int, verb: str) -> tuple[str, str] | None:
    """Return what keeps a train from being tied at a station: a code and a sentence without its subject."""
    if (count := journey.stations.count(station)) != 1:
        how = "twice, so that nobody knows when it is meant" if count else "never"
        return "stop-not-on-route", f"comes through {station} {how}"
    if station == journey.stations[other]:
        return "contradiction", verb
    if journey.may_pass(journey.stations.index(station)):
        return "no-stop", "may pass here; ask for a stop in the table stops"
    return None


def _circles(ties: Sequence[TiedTrains]) -> Iterator[list[TrainLink]]:
    """Yield the links of trains that are tied to themselves by way of others, together those that share a circle."""
    if not ties:
        return
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((pair.first, pair.second) for pair in ties)
    number = {train: part for part, trains in enumerate(nx.strongly_connected_components(graph)) for train in trains}
    circles: dict[int, dict[str, TrainLink]] = defaultdict(dict)
    for pair in ties:
        if number[pair.first] == number[pair.second]:
            circles[number[pair.first]][pair.link.id] = pair.link
    told: list[set[str]] = []
    for links in sorted(circles.values(), key=len, reverse=True):  # a day may have some of another's links only
        if not any(links.keys() <= other for other in told):
            told.append(set(links))
            yield list(links.values())
