"""Bankers: engines that help trains up a ramp and come back light, over the same line (rule 23 of docs/model.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from railcap.corridor.routing import NoRoute, route
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainRequest
from railcap.corridor.yards import Banker

LIGHT = "/light/"


@dataclass(frozen=True, slots=True)
class Banked:
    """A requested train that a banker helps from call `begin` to call `end` of its route."""

    banker: Banker
    train: str
    begin: int
    end: int

    @property
    def light(self) -> str:
        """The id of the light engine."""
        return f"{self.train}{LIGHT}{self.banker.id}"


def banked_trains(scenario: Scenario, requests: tuple[TrainRequest, ...]) -> Iterator[Banked]:
    """Yield which of the trains that are asked for which banker helps: those of its types that go its way."""
    ways: dict[object, tuple[str, ...]] = {}
    for banker in scenario.bankers:
        for request in requests:
            if request.train_type not in banker.train_types:
                continue
            key = request.train_type, request.origin, request.vias, request.destination
            if key not in ways:
                try:
                    ways[key] = route(scenario, *key).stations
                except NoRoute:
                    ways[key] = ()
            if part := helped_part(banker, ways[key]):
                yield Banked(banker, request.id, *part)


def helped_part(banker: Banker, stations: Sequence[str]) -> tuple[int, int] | None:
    """Return from which to which of these stations of its route a banker helps a train; None if nowhere."""
    begin = stations.index(banker.start) if banker.start in stations else len(stations)
    return (begin, stations.index(banker.end, begin)) if banker.end in stations[begin:] else None


def light_engine(banked: Banked, earliest_s: int, latest_s: int) -> TrainRequest:
    """Return the light engine of a train that arrives at the banker's end between two instants, as a request."""
    banker = banked.banker
    return TrainRequest(
        id=banked.light,
        request=banker.id,
        number="",
        name="",
        train_type=banker.engine_type,
        origin=banker.end,
        destination=banker.start,
        vias=(),
        wished_departure_s=earliest_s + banker.least_s,
        earliest_departure_s=earliest_s + banker.least_s,
        latest_departure_s=latest_s + banker.longest_s,
        stops={},
        value=0.0,
        mandatory=False,
    )
