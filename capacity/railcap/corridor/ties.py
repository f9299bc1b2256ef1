"""Which single trains the links of a scenario tie together (rules 20 to 22 of docs/model.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from railcap.corridor.expand import running_days
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import LinkKind, TiedTrains, TrainLink

BACK = "/back"


def tied_trains(scenario: Scenario) -> tuple[TiedTrains, ...]:
    """Return every pair of trains that a link ties, link by link."""
    return tuple(pair for link in scenario.links for pair in _pairs(scenario, link))


def turned_trains(scenario: Scenario) -> frozenset[str]:
    """Return the trains that come from the rake of another: they may wait at their origin (rule 21)."""
    return frozenset(pair.second for pair in tied_trains(scenario) if pair.link.kind is LinkKind.TURN_ROUND)


def ends_of(scenario: Scenario, way: str) -> tuple[str, str]:
    """Return origin and destination of a request's way, ``request`` or ``request/back``; raises ``KeyError``."""
    request_id = way.removesuffix(BACK)
    for request in scenario.requests:
        if request.id == request_id:
            ends = request.origin, request.destination
            return ends[::-1] if way.endswith(BACK) else ends
    raise KeyError(way)


def station_of(scenario: Scenario, link: TrainLink) -> str:
    """Return where a link ties its trains."""
    return link.station or ends_of(scenario, link.first)[1]


def _pairs(scenario: Scenario, link: TrainLink) -> Iterator[TiedTrains]:
    first, second = _trains(scenario, link.first), _trains(scenario, link.second)
    station = station_of(scenario, link)
    for day, bringing in first.items():
        taking = second.get(day + timedelta(days=link.days_later), [])
        batches = zip(_batches(bringing, link.first_count), _batches(taking, link.second_count), strict=False)
        for some, others in batches:
            for i, one in enumerate(some):
                for j, other in enumerate(others):
                    if i * link.second_count < (j + 1) * link.first_count and (
                        j * link.first_count < (i + 1) * link.second_count
                    ):
                        yield TiedTrains(link, station, one, other)


def _trains(scenario: Scenario, way: str) -> Mapping[date, list[str]]:
    """Return the ids of the trains of a request's way by day."""
    found: dict[date, list[str]] = defaultdict(list)
    request = next(request for request in scenario.requests if request.id == way.removesuffix(BACK))
    for day in running_days(scenario, request):
        found[day] = [f"{way}/{day.isoformat()}/{number + 1}" for number in range(request.per_day)]
    return found


def _batches(trains: list[str], size: int) -> Iterator[list[str]]:
    for begin in range(0, len(trains), size):
        yield trains[begin : begin + size]
