"""Trains in opposite directions over single track that fit no loop between them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

from railcap.corridor.infrastructure import Station, TrackKind
from railcap.corridor.routing import Route
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.corridor.validate_fault import Fault, Faults, Record


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a request or fixed path, with the record to blame."""

    record: Record
    train_type: TrainType
    route: Route


def meet_faults(scenario: Scenario, ways: Sequence[Way]) -> list[Fault]:
    """Return a warning for each stretch of single track on which no station lets two opposing trains meet.

    Nothing is said of stretches of one section, on which there is no station between.
    """
    found = Faults()
    distinct = {(way.train_type.id, way.route): _Run(way, *_directed(scenario, way.route)) for way in ways}
    told = set()
    for (one, into, _), (other, _, outof) in combinations_with_replacement(distinct.values(), 2):
        opposing = into & outof
        for stretch in _stretches(one.route, opposing) if opposing else ():
            between = [scenario.network.stations[station] for station in stretch[1:-1]]
            key = frozenset((one.train_type.id, other.train_type.id)), frozenset((stretch[0], stretch[-1]))
            if not between or key in told:
                continue
            if not any(can_meet(station, one.train_type, other.train_type) for station in between):
                told.add(key)
                longest = max(_longest_track(station, one.train_type.gauge_mm) for station in between)
                message = (
                    f"{_named(one)} and {_named(other)}, in opposite directions over single track between "
                    f"{stretch[0]} and {stretch[-1]}, can meet at no station on the way: the longest track but one of "
                    f"any of the {len(between)} between has {longest} m"
                )
                column = "id" if one.record[0] == "requests" else "train"
                found.add(one.record, column, one.record[1][0], message, "too-long-for-loops", "warning")
    return found


def can_meet(station: Station, one: TrainType, other: TrainType) -> bool:
    """Return whether one of two trains can stop at a station while the other stops or passes on another track."""
    return _waits(station, one, other) or _waits(station, other, one)


def _waits(station: Station, waiting: TrainType, moving: TrainType) -> bool:
    stops = [
        track.id
        for track in station.tracks
        if waiting.gauge_mm in track.gauges_mm and track.length_m >= waiting.length_m
    ]
    goes = [
        track.id
        for track in station.tracks
        if moving.gauge_mm in track.gauges_mm and (track.kind is TrackKind.MAIN or track.length_m >= moving.length_m)
    ]
    return bool(stops and goes) and len({*stops, *goes}) > 1


def _longest_track(station: Station, gauge_mm: int) -> int:
    """Return the length of the longest track beside the one that the other train needs."""
    lengths = sorted((track.length_m for track in station.tracks if gauge_mm in track.gauges_mm), reverse=True)
    return lengths[1] if len(lengths) > 1 else 0


def _named(way: Way) -> str:
    return f"{way.record[1][0]} ({way.train_type.id}, {way.train_type.length_m} m)"


class _Run(NamedTuple):
    """A way with its sections of single track, each with the station that it runs to, and that it comes from."""

    way: Way
    into: frozenset[tuple[str, str]]
    outof: frozenset[tuple[str, str]]


def _directed(scenario: Scenario, route: Route) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    sections = scenario.network.sections
    single = [leg for leg in zip(route.sections, pairwise(route.stations), strict=True) if sections[leg[0]].tracks == 1]
    return (
        frozenset((section, there) for section, (_, there) in single),
        frozenset((section, here) for section, (here, _) in single),
    )


def _stretches(route: Route, opposing: Collection[tuple[str, str]]) -> Iterator[list[str]]:
    """Yield the stations of each stretch of the sections in which trains oppose it, given with where it leaves them."""
    stretch: list[str] = []
    before = ""
    for section, (here, there) in zip(route.sections, pairwise(route.stations), strict=True):
        opposed = (section, there) in opposing
        if stretch and (not opposed or section == before):  # a train that turns begins a new stretch
            yield stretch
            stretch = []
        if opposed:
            stretch = [*(stretch or [here]), there]
        before = section
    if stretch:
        yield stretch
