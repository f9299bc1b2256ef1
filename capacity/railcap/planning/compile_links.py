"""Links between trains: which instants they tie, and the links of the operations problem (rules 20 to 23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.bankers import Banked
from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import tied_trains
from railcap.corridor.yards import LinkKind, TiedTrains
from railcap.operations.problem import Link
from railcap.planning.compile_train import Act, Role


@dataclass(frozen=True, slots=True)
class TrainEvents:
    """Of one train: the stations whose arrivals and departures are tied, and how it begins.

    `turned`: with the rake of another train. `outside_s`: how long it waits at least and at most before it takes a
    track of its origin.
    """

    arrivals: frozenset[str] = frozenset()
    departures: frozenset[str] = frozenset()
    turned: bool = False
    outside_s: tuple[int, int] = (0, 0)


class LinkEvents:
    """What the links and bankers of a scenario tie of each train."""

    def __init__(self, ties: Iterable[TiedTrains], banked: Iterable[Banked]) -> None:
        arrivals: dict[str, set[str]] = defaultdict(set)
        departures: dict[str, set[str]] = defaultdict(set)
        turned = set()
        for pair in ties:
            if pair.link.kind is LinkKind.CONNECTION:
                arrivals[pair.first].add(pair.station)
                departures[pair.second].add(pair.station)
            if pair.link.kind is LinkKind.TURN_ROUND:
                turned.add(pair.second)
        outside = {}
        for one in banked:
            departures[one.train].add(one.banker.start)
            arrivals[one.train].add(one.banker.end)
            outside[one.light] = one.banker.least_s, one.banker.longest_s
        self._of = {
            train: TrainEvents(
                frozenset(arrivals[train]), frozenset(departures[train]), train in turned, outside.get(train, (0, 0))
            )
            for train in sorted({*arrivals, *departures, *turned, *outside})
        }

    def of(self, train: str) -> TrainEvents:
        """Return what is tied of a train."""
        return self._of.get(train, _NOTHING)


_NOTHING = TrainEvents()


@dataclass(frozen=True, slots=True)
class LinkedTrain:
    """A train of the problem as links see it: its number, stations and roles, and how it begins."""

    index: int
    stations: Sequence[str]
    roles: Sequence[Role]
    begins_with_steps: bool
    turned: bool

    def last_arrival(self, station: str) -> int:
        """Return the operation of its last arrival at a station."""
        return self.at(Act.ARRIVE, len(self.stations) - 1 - self.stations[::-1].index(station))

    def first_departure(self, station: str) -> int:
        """Return the operation of its first departure from a station."""
        return self.at(Act.DEPART, self.stations.index(station))

    def at(self, act: Act, place: int) -> int:
        """Return the one operation of that kind at a call of its route."""
        return next(index for index, role in enumerate(self.roles) if role.act is act and role.place == place)


def links_between(scenario: Scenario, trains: Mapping[str, LinkedTrain]) -> Iterator[Link]:
    """Yield the links of the problem; those of trains that are no part of it fall away."""
    release_s = scenario.rules.track_release_s
    for pair in tied_trains(scenario):
        first, second = trains.get(pair.first), trains.get(pair.second)
        if first is None or second is None:
            continue
        link = pair.link
        arrive, depart = first.last_arrival(pair.station), second.first_departure(pair.station)
        leave, enter = len(first.roles) - 1, 0
        if link.kind is LinkKind.TRANSSHIPMENT:
            arrive = leave
            depart = enter if second.begins_with_steps and not second.turned else depart
        yield Link(first.index, arrive, second.index, depart, link.least_s, link.longest_s, link.refuse)
        if link.kind is LinkKind.TURN_ROUND:
            yield Link(first.index, leave, second.index, enter, release_s, release_s, link.refuse)
