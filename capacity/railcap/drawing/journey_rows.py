"""The rows of the picture of chains: blocks of chains of a kind, and which refused trains are tied to those of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import tied_trains
from railcap.corridor.yards import LinkKind
from railcap.measures.chains import Chain, ChainGroup
from railcap.measures.names import short_id
from railcap.measures.text_columns import short
from railcap.planning.timetable import Refusal, Timetable

HEAD, GROUP = 0.95, 0.5
"""Rows that the head of a block takes, and between one block and the next."""

_MOST_BARS, _LEAST_BARS = 60, 3


@dataclass(frozen=True, slots=True)
class Block:
    """Chains of a kind, those that are drawn by departure, and where their head and the first of them stand."""

    group: ChainGroup
    shown: Sequence[Chain]
    head: float

    @property
    def places(self) -> Iterator[tuple[float, Chain]]:
        """Yield the chains with their places."""
        return ((self.head + HEAD + number, chain) for number, chain in enumerate(self.shown))

    @property
    def end(self) -> float:
        """Where the next block may begin."""
        return self.head + HEAD + len(self.shown) + GROUP


@dataclass(frozen=True, slots=True)
class RefusedTies:
    """The refused trains that links tie to others: all of them, and those before and after each other train."""

    all: tuple[Refusal, ...]
    before: Mapping[str, Sequence[str]]
    after: Mapping[str, Sequence[str]]

    def of(self, train: str) -> tuple[str, ...]:
        """Return the refused trains that are tied to another one."""
        return (*self.before.get(train, ()), *self.after.get(train, ()))

    def text(self, chain: Chain) -> str:
        """Return which refused trains are tied to those of a chain."""
        tied = dict.fromkeys(one for train in chain.trains for one in self.of(train))
        return f"refused: {short(', '.join(map(short_id, tied)))}" if tied else ""


def refused_ties(scenario: Scenario, timetable: Timetable) -> RefusedTies:
    """Return the refused trains that links of cargo or rakes tie to others."""
    refused = {refusal.train for refusal in timetable.refused}
    before, after = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for pair in tied_trains(scenario):
        if pair.link.kind is not LinkKind.CONNECTION:
            if pair.first in refused:
                before[pair.second].append(pair.first)
            if pair.second in refused:
                after[pair.first].append(pair.second)
    tied = {*before, *after, *(train for trains in (*before.values(), *after.values()) for train in trains)}
    return RefusedTies(tuple(one for one in timetable.refused if one.train in tied), before, after)


def blocks(groups: Sequence[ChainGroup], found: Sequence[Chain], begin: float) -> list[Block]:
    """Return the chains of each group one below the other; of too many the longest."""
    of = defaultdict[tuple[str, ...], list[Chain]](list)
    for chain in found:
        of[chain.ways].append(chain)
    found_blocks: list[Block] = []
    for group in groups:
        most = group.chains
        if len(found) > _MOST_BARS:
            most = max(_LEAST_BARS, _MOST_BARS * group.chains // len(found))
        longest = sorted(of[group.ways], key=lambda chain: -chain.seconds)[:most]
        shown = sorted(longest, key=lambda chain: (chain.departure_s, chain.trains))
        found_blocks.append(Block(group, shown, found_blocks[-1].end if found_blocks else begin))
    return found_blocks
