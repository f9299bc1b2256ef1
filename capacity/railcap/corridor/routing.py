"""Routes: the way of a train over the network, by least running time (rule 1 of docs/model.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from railcap.corridor.infrastructure import Section, Station, TrackKind
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedPath, TrainType


class NoRoute(ValueError):
    """There is no way for a train; the message says why in a planner's words."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way over the network: section ``sections[i]`` leads from ``stations[i]`` to ``stations[i + 1]``."""

    stations: tuple[str, ...]
    sections: tuple[str, ...]


def can_pass(station: Station, train_type: TrainType) -> bool:
    """Return whether a train of this type can pass without a stop: on a main track of its gauge (rule 4)."""
    return any(track.kind is TrackKind.MAIN and train_type.gauge_mm in track.gauges_mm for track in station.tracks)


def can_stop(station: Station, train_type: TrainType) -> bool:
    """Return whether some track of the train's gauge is long enough for it to stop (rule 4)."""
    return any(
        train_type.gauge_mm in track.gauges_mm and track.length_m >= train_type.length_m for track in station.tracks
    )


def route(scenario: Scenario, train_type_id: str, origin: str, vias: Sequence[str], destination: str) -> Route:
    """Return the route with the least running time from `origin` through `vias`, in order, to `destination`.

    Only sections of the train's gauge count, and stations where it can pass or stop; it must be able to stop at both
    ends. Of equally quick routes it is the one whose section ids, read along the way, come first.

    Raises
    ------
    NoRoute
        If there is none; says which gauge, track or station is in the way.
    """
    places = (origin, *vias, destination)
    train_type = _known(scenario, train_type_id, places)
    for end in (origin, destination):
        _must_stop(scenario.network.stations[end], train_type)
    for here, there in pairwise(places):
        if here == there:
            raise NoRoute(f"it would go from {here} to {there}, which is the same station")
    ways = _Ways(scenario, train_type)
    stations = [origin]
    sections: list[str] = []
    for here, there in pairwise(places):
        way = ways.shortest(here, there)
        stations += way.stations[1:]
        sections += way.sections
    return Route(tuple(stations), tuple(sections))


def fixed_route(scenario: Scenario, fixed_path: FixedPath) -> Route:
    """Return the route of a fixed path: its calls, each joined to the next by a section of its gauge.

    Of parallel sections it is the quickest, of equally quick ones the one whose id comes first.

    Raises
    ------
    NoRoute
        If two neighbouring calls have no section of its gauge between them, or names are unknown.
    """
    stations = tuple(call.station for call in fixed_path.calls)
    train_type = _known(scenario, fixed_path.train_type, stations)
    if len(stations) < 2:
        raise NoRoute("a path needs at least two calls")
    between: Mapping[frozenset[str], list[Section]] = _by_ends(scenario)
    sections = []
    for here, there in pairwise(stations):
        parallel = between.get(frozenset((here, there)), []) if here != there else []
        if not parallel:
            raise NoRoute(f"no section joins {here} and {there}, its next call")
        fitting = [section.id for section in parallel if train_type.gauge_mm in section.gauges_mm]
        if not fitting:
            raise NoRoute(_wrong_gauge(parallel[0], train_type))
        sections.append(min((running_time_s(scenario, one, here, train_type.id), one) for one in fitting)[1])
    return Route(stations, tuple(sections))


def _known(scenario: Scenario, train_type_id: str, stations: Sequence[str]) -> TrainType:
    train_type = scenario.train_types.get(train_type_id)
    if train_type is None:
        raise NoRoute(f"there is no train type {train_type_id!r}")
    for station in stations:
        if station not in scenario.network.stations:
            raise NoRoute(f"there is no station {station!r}")
    return train_type


def _must_stop(station: Station, train_type: TrainType) -> None:
    if can_stop(station, train_type):
        return
    lengths = [track.length_m for track in station.tracks if train_type.gauge_mm in track.gauges_mm]
    if not lengths:
        raise NoRoute(f"no track of {station.id} has its gauge of {train_type.gauge_mm} mm")
    raise NoRoute(
        f"no track of {station.id} is long enough for it to stop there: it is {train_type.length_m} m long, the "
        f"longest track of its gauge has {max(lengths)} m"
    )


def _by_ends(scenario: Scenario) -> Mapping[frozenset[str], list[Section]]:
    found: dict[frozenset[str], list[Section]] = defaultdict(list)
    for section in scenario.network.sections.values():
        found[frozenset((section.start, section.end))].append(section)
    return found


def _wrong_gauge(section: Section, train_type: TrainType) -> str:
    gauges = " + ".join(str(gauge) for gauge in sorted(section.gauges_mm))
    return f"section {section.id} has a gauge of {gauges} mm, the train one of {train_type.gauge_mm} mm"


class _Ways:
    """Shortest ways of one train type over the part of the network that it fits."""

    def __init__(self, scenario: Scenario, train_type: TrainType) -> None:
        self._scenario = scenario
        self._type = train_type
        self._edges: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        """From a station: (section, running time, next station), by section id."""
        for _, section in sorted(scenario.network.sections.items()):
            if train_type.gauge_mm not in section.gauges_mm:
                continue
            for here, there in ((section.start, section.end), (section.end, section.start)):
                if here != there and self._open(here) and self._open(there):
                    # No section takes no time: an invalid one must not send the walk in circles.
                    took = max(1, running_time_s(scenario, section.id, here, train_type.id))
                    self._edges[here].append((section.id, took, there))

    def _open(self, station_id: str) -> bool:
        station = self._scenario.network.stations.get(station_id)
        return station is not None and (can_pass(station, self._type) or can_stop(station, self._type))

    def shortest(self, origin: str, destination: str) -> Route:
        """Return the quickest way between two stations; raises `NoRoute`."""
        to_go = self._times_to(destination)
        if origin not in to_go:
            raise NoRoute(self._why_not(origin, destination))
        stations, sections = [origin], []
        while (here := stations[-1]) != destination:
            # Walking from the origin and taking the first section id that loses no time settles ties.
            section, _, there = next(
                edge for edge in self._edges[here] if edge[2] in to_go and edge[1] + to_go[edge[2]] == to_go[here]
            )
            stations.append(there)
            sections.append(section)
        return Route(tuple(stations), tuple(sections))

    def _times_to(self, destination: str) -> Mapping[str, int]:
        """Return the least running time to `destination` from every station that can reach it."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_node(destination)
        for here, edges in self._edges.items():
            for _, took, there in edges:
                known = graph.get_edge_data(there, here)
                if known is None or took < known["time"]:
                    graph.add_edge(there, here, time=took)
        times = nx.single_source_dijkstra_path_length(graph, destination, weight="time")
        return {station: int(time) for station, time in times.items()}

    def _why_not(self, origin: str, destination: str) -> str:
        """Say what breaks the shortest way by length that any train could take."""
        import networkx as nx

        sections = self._scenario.network.sections.values()
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(self._scenario.network.stations)
        graph.add_weighted_edges_from((section.start, section.end, section.length_m) for section in sections)
        try:
            way = nx.shortest_path(graph, origin, destination, weight="weight")
        except nx.NetworkXNoPath:
            return f"no line leads from {origin} to {destination}"
        between = _by_ends(self._scenario)
        for here, there in pairwise(way):
            parallel = between[frozenset((here, there))]
            if not any(self._type.gauge_mm in section.gauges_mm for section in parallel):
                return f"no way from {origin} to {destination}: {_wrong_gauge(parallel[0], self._type)}"
            if not self._open(there):
                return (
                    f"no way from {origin} to {destination}: at {there} no track of its gauge of "
                    f"{self._type.gauge_mm} mm is a main track or {self._type.length_m} m long"
                )
        return f"no way from {origin} to {destination} has its gauge of {self._type.gauge_mm} mm throughout"
