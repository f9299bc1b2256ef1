"""Cargo followed across a border: trains that transshipments and turns of rakes tie, as one long way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import tied_trains
from railcap.corridor.yards import LinkKind
from railcap.measures.standing import Doing, Part, TimeUse, TrainTime, time_uses
from railcap.planning.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Chain:
    """Trains that follow each other, each with what the one before it brought.

    `departure_s` is that of the first train, `arrival_s` that of the last one. The parts are those of the trains
    (`railcap.measures.standing`) and the times between them; together they reach from `begin_s` to `end_s`.
    """

    trains: tuple[str, ...]
    departure_s: int
    arrival_s: int
    begin_s: int
    end_s: int
    parts: tuple[Part, ...]

    @property
    def ways(self) -> tuple[str, ...]:
        """The requests of the trains, ``request/back`` for a way back."""
        return tuple(train.rsplit("/", 2)[0] for train in self.trains)

    @property
    def seconds(self) -> int:
        """The whole time, which is that of all parts together."""
        return self.end_s - self.begin_s


@dataclass(frozen=True, slots=True)
class ChainGroup:
    """Chains of the same requests: how many, their mean and longest time, and what they spend it on."""

    ways: tuple[str, ...]
    chains: int
    mean_s: float
    longest_s: int
    uses: tuple[TimeUse, ...]


def chains(scenario: Scenario, timetable: Timetable, times: Iterable[TrainTime]) -> tuple[Chain, ...]:
    """Return the chains of accepted trains, each by its last train, by departure of the first.

    A train that takes on from several trains follows the one that is ready last.

    Parameters
    ----------
    times : iterable of TrainTime
        What `railcap.measures.standing.standing` says of this timetable.
    """
    time_of = {time.train: time for time in times}
    paths = {path.train: path for path in timetable.paths}
    feeders: dict[str, list[str]] = defaultdict(list)
    for pair in tied_trains(scenario):
        if pair.link.kind is not LinkKind.CONNECTION and pair.first in time_of and pair.second in time_of:
            feeders[pair.second].append(pair.first)
    feeding = {train for firsts in feeders.values() for train in firsts}
    found = []
    for last in feeders:
        if last not in feeding:
            row = [time_of[train] for train in _back_from(last, feeders, time_of)]
            way = [paths[time.train] for time in row]
            parts = _parts(row, [path.calls[-1].station for path in way])
            trains = tuple(path.train for path in way)
            ends = way[0].departure_s, way[-1].arrival_s
            found.append(Chain(trains, *ends, row[0].begin_s, row[-1].end_s, parts))
    return tuple(sorted(found, key=lambda chain: (chain.departure_s, chain.trains)))


def chain_groups(found: Iterable[Chain]) -> tuple[ChainGroup, ...]:
    """Return chains by the requests of their trains, those of most chains first."""
    groups: dict[tuple[str, ...], list[Chain]] = defaultdict(list)
    for chain in found:
        groups[chain.ways].append(chain)
    grouped = [
        ChainGroup(
            ways,
            len(group),
            sum(chain.seconds for chain in group) / len(group),
            max(chain.seconds for chain in group),
            time_uses(TrainTime(chain.trains[-1], "", chain.begin_s, chain.end_s, chain.parts) for chain in group),
        )
        for ways, group in groups.items()
    ]
    return tuple(sorted(grouped, key=lambda group: (-group.chains, group.ways)))


def _back_from(last: str, feeders: Mapping[str, list[str]], time_of: Mapping[str, TrainTime]) -> list[str]:
    """Return the trains of the chain that ends with a train, the first one first."""
    row = [last]
    while firsts := [train for train in feeders.get(row[-1], ()) if train not in row]:
        row.append(max(firsts, key=lambda train: (time_of[train].end_s, train)))
    return row[::-1]


def _parts(row: Sequence[TrainTime], ends: Sequence[str]) -> tuple[Part, ...]:
    """Return the parts of all trains, and the times between them, spent where the one before ends.

    What a train does before the one before it ends (it stands ready for what is still to come) is no part of the chain.
    """
    parts: list[Part] = []
    at_s, end_s = row[0].begin_s, row[-1].end_s
    for place, train in zip(("", *ends), row, strict=False):
        if at_s < min(train.begin_s, end_s):
            parts.append(Part(Doing.BETWEEN, Doing.BETWEEN.value, place, at_s, min(train.begin_s, end_s)))
        parts += [
            replace(part, from_s=max(part.from_s, at_s), until_s=min(part.until_s, end_s))
            for part in train.parts
            if part.until_s > at_s and part.from_s < end_s
        ]
        at_s = max(at_s, train.end_s)
    return tuple(parts)
