"""Places that trains of a mix use, and how many of them each has room for: a proven upper bound.

It looks at one place at a time, as planners do by hand (docs/saturation.md); the least of all places is the bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from railcap.measures.intervals import Interval
from railcap.measures.saturation.mix import Mix

_MOST = 10_000
"""More rounds than any place has room for that is worth a name."""

_MOST_PARTS = 2_000
"""So many parts of a round are looked at; a mix that has more is taken to have room for the greatest of them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """How trains of one class use a place.

    Parameters
    ----------
    number : int
        The class.
    entering : str
        The station from which they enter a section; empty in a yard.
    use_s : int
        How long one has the place at least, supplements included that it always needs.
    start_s, stop_s : int
        What it takes longer if it starts, or stops, at an end where it need not.
    begins, ends : bool
        Whether it starts, or stops, there anyway.
    from_s, until_s : int
        The first moment at which one can come, and the last at which one can still be there.
    """

    number: int
    entering: str
    use_s: int
    start_s: int
    stop_s: int
    begins: bool
    ends: bool
    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Place:
    """A section, or one direction of a double one, or a yard resource, with the trains of the mix that use it.

    Parameters
    ----------
    kind : str
        ``"section"`` or ``"yard"``.
    id : str
        Of the section or yard resource.
    entering : str
        Of a double section with a track for each direction, the station from which this one is entered.
    passages : tuple of Passage
        By class; classes that do not come here have none.
    free : tuple of Interval
        When trains of the mix can be here, of all tracks together; each piece holds trains one after the other.
    same_s, turns_s : int, tuple of int
        Least gaps between a train and the next one: in the same direction, and at either end against it.
    """

    kind: str
    id: str
    entering: str
    passages: tuple[Passage, ...]
    free: tuple[Interval, ...]
    same_s: int
    turns_s: tuple[int, int]

    @property
    def free_s(self) -> int:
        """How long it is free, of all tracks together."""
        return sum(until_s - from_s for from_s, until_s in self.free)

    def need_s(self, counts: Sequence[int]) -> int:
        """Return how long trains, by class, have the place at least, one after the other, with the gaps between."""
        ways: dict[str, int] = defaultdict(int)
        for one in self.passages:
            ways[one.entering] += counts[one.number]
        trains = sum(ways.values())
        chains = max(1, len(self.free))
        gaps = max(0, trains - chains)
        most = min(gaps, 2 * min(ways.values()) if len(ways) == 2 else 0)
        needed = min(self._gaps_s(gaps, changes, chains) for changes in {0, min(chains, most), most})
        return needed + sum(one.use_s * counts[one.number] for one in self.passages)

    def _gaps_s(self, gaps: int, changes: int, chains: int) -> int:
        """Return how long gaps are at least of which some are changes of direction, in chains of trains.

        In each chain a change at the one end comes after one at the other.
        """
        single = min(changes, chains)
        return (changes - single) * sum(self.turns_s) // 2 + single * min(self.turns_s) + (gaps - changes) * self.same_s

    def has_room(self, counts: Sequence[int]) -> bool:
        """Whether trains, by class, may fit; if not they cannot."""
        used = [one for one in self.passages if counts[one.number]]
        if not used:
            return True
        least, gap = min(one.use_s for one in used), self.least_gap_s(used)
        if least + gap > 0:
            most = sum((until_s - from_s + gap) // (least + gap) for from_s, until_s in self.free)
            if sum(counts[one.number] for one in used) > most:
                return False
        return self.need_s(counts) <= self.free_s

    def share(self, counts: Sequence[int]) -> float:
        """Return the share of the free time that trains take."""
        return self.need_s(counts) / self.free_s if self.free_s else 0.0

    def least_gap_s(self, used: Sequence[Passage]) -> int:
        """Return the least gap between neighbours of some trains."""
        if len({one.entering for one in used}) < 2:
            return self.same_s
        return min(self.same_s, *self.turns_s)


def most_rounds(mix: Mix, places: Sequence[Place]) -> int:
    """Return how many whole rounds of a mix may fit through every place."""
    low, high = 0, 1
    while high < _MOST and _fits(places, [high * weight for weight in mix.weights]):
        low, high = high, 2 * high
    while low + 1 < high:
        middle = (low + high) // 2
        if _fits(places, [middle * weight for weight in mix.weights]):
            low = middle
        else:
            high = middle
    return low


def most_trains(mix: Mix, places: Sequence[Place]) -> int:
    """Return how many trains that keep the mix may fit through every place."""
    rounds = most_rounds(mix, places)
    whole = [rounds * weight for weight in mix.weights]
    if prod(weight + 1 for weight in mix.weights) > _MOST_PARTS:
        return sum(whole) + mix.round - 1
    most = 0
    for part in mix.parts():
        if sum(part) > most and _fits(places, [a + b for a, b in zip(whole, part, strict=True)]):
            most = sum(part)
    return sum(whole) + most


def most_of_classes(mix: Mix, places: Sequence[Place]) -> tuple[int, ...]:
    """Return how many trains of each class may fit alone."""
    alone = []
    for number in range(len(mix.classes)):

        def fits(count: int, number: int = number) -> bool:
            return _fits(places, [count if other == number else 0 for other in range(len(mix.classes))])

        count = 1
        while count < _MOST and fits(count):
            count += 1
        alone.append(count - 1)
    return tuple(alone)


def most_in_all(mix: Mix, places: Sequence[Place]) -> int:
    """Return how many trains may fit whose classes are chosen freely."""
    alone = most_of_classes(mix, places)
    bound = sum(alone)
    for place in places:
        used = {one.number for one in place.passages}
        least = min(one.use_s for one in place.passages)
        gap = place.least_gap_s(place.passages)
        if least + gap <= 0:
            continue
        here = sum((until_s - from_s + gap) // (least + gap) for from_s, until_s in place.free)
        bound = min(bound, here + sum(count for number, count in enumerate(alone) if number not in used))
    return bound


def _fits(places: Sequence[Place], counts: Sequence[int]) -> bool:
    return all(place.has_room(counts) for place in places)
