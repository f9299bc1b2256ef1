"""How many trains of a mix each section and each yard resource has room for: a proven upper bound, and where it is.

It looks at one place at a time, as planners do by hand (docs/saturation.md); the least of all places is the bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from railcap.corridor.expand import section_closures, yard_closed_times
from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import AtClose
from railcap.measures.intervals import Interval, clipped, union, without
from railcap.measures.saturation.candidates import Candidates, Window
from railcap.measures.saturation.mix import Mix
from railcap.planning.compile import CompiledTrain
from railcap.planning.compile_sections import arrival_interval, crossing_interval, following_interval
from railcap.planning.compile_train import Act

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
    servers : int
        Tracks, or trains that are served at a time.
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
    servers: int
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


def places_of(scenario: Scenario, mix: Mix, window: Window, found: Candidates) -> list[Place]:
    """Return the places of trains of a mix, given candidates with at least one train of each class."""
    trains = [found.compiled.trains[group[0]] for group in found.trains]
    windows = [_Windows(found, group[0]) for group in found.trains]
    sections: dict[str, list[Passage]] = defaultdict(list)
    yards: dict[str, list[Passage]] = defaultdict(list)
    for number, (train, own) in enumerate(zip(trains, windows, strict=True)):
        for section_id, passage in _section_passages(scenario, train, number, own):
            sections[section_id].append(passage)
        for resource, passage in _yard_passages(train, number, own):
            yards[resource].append(passage)
    places: list[Place] = []
    for section_id, passages in sections.items():
        places += _section_places(scenario, scenario.network.sections[section_id], passages, trains)
    closed = yard_closed_times(scenario)
    for resource, passages in yards.items():
        places.append(_yard_place(scenario, resource, passages, closed.get(resource, ()), window))
    return places


class _Windows:
    """When one candidate can be where."""

    def __init__(self, found: Candidates, train: int) -> None:
        self.roles = found.compiled.trains[train].roles
        self.operations = found.compiled.problem.trains[train].operations

    def of_leg(self, place: int) -> Interval:
        runs = [index for index, role in enumerate(self.roles) if role.act is Act.RUN and role.place == place]
        return self._span(runs)

    def of_steps(self, place: int, step: int) -> Interval:
        return self._span(
            [
                index
                for index, role in enumerate(self.roles)
                if role.act is Act.STEP and role.place == place and role.step == step
            ]
        )

    def _span(self, indices: Sequence[int]) -> Interval:
        begin = min(self.operations[index].start_lb_s for index in indices)
        ends = [self.operations[after].start_ub_s for index in indices for after in self.operations[index].successors]
        return begin, max(end for end in ends if end is not None)


def _section_passages(
    scenario: Scenario, train: CompiledTrain, number: int, own: _Windows
) -> Iterator[tuple[str, Passage]]:
    assert train.request is not None, "candidates are requested trains"
    kind = scenario.train_types[train.request.train_type]
    visits = train.journey.visits
    for place, run in enumerate(train.journey.runs):
        here, there = visits[place], visits[place + 1]
        begins, ends = here.pass_ is None, there.pass_ is None
        use_s = sum(run.blocks) if len(run.blocks) == 1 else min(run.blocks)
        if len(run.blocks) == 1:
            use_s += begins * kind.start_supplement_s + ends * kind.stop_supplement_s
        from_s, until_s = own.of_leg(place)
        yield (
            run.section,
            Passage(
                number,
                run.entering,
                use_s,
                kind.start_supplement_s,
                kind.stop_supplement_s,
                begins,
                ends,
                from_s,
                until_s,
            ),
        )


def _yard_passages(train: CompiledTrain, number: int, own: _Windows) -> Iterator[tuple[str, Passage]]:
    for place, visit in enumerate(train.journey.visits):
        for step, plan in enumerate(visit.steps, 1):
            if plan.resource and plan.duration_s:
                span = own.of_steps(place, step)
                yield plan.resource, Passage(number, "", plan.duration_s, 0, 0, True, True, *span)


def _section_places(
    scenario: Scenario, section: Section, passages: Sequence[Passage], trains: Sequence[CompiledTrain]
) -> Iterator[Place]:
    ways = sorted({one.entering for one in passages})
    shut = section_closures(scenario)
    same_s = following_interval(scenario, section)
    if section.tracks == 2 and not section.bidirectional:
        for entering in ways:
            own = tuple(one for one in passages if one.entering == entering)
            track = section.tracks_from(entering)[0]
            free = without([_span(own)], shut.get((section.id, track), ()))
            yield Place("section", section.id, entering, 1, own, tuple(free), same_s, (same_s, same_s))
        return
    turns = [_turn_s(scenario, section, station, passages, trains) for station in (section.start, section.end)]
    gap = min(same_s, *(crossing_interval(scenario, station) for station in (section.start, section.end)))
    busy = _fixed_runs(scenario, section, gap) if section.tracks == 1 and section.blocks == 1 else []
    free = []
    for track in section.track_ids():
        free += without([_span(passages)], union([*shut.get((section.id, track), ()), *busy]))
    yield Place("section", section.id, "", section.tracks, tuple(passages), tuple(free), same_s, (turns[0], turns[1]))


def _turn_s(
    scenario: Scenario, section: Section, station: str, passages: Sequence[Passage], trains: Sequence[CompiledTrain]
) -> int:
    """Return the least gap between a train that arrives at a station and one that enters the section there.

    The second train has stopped there and starts anew, or it has come from elsewhere without a stop: then the first one
    had to stop, as the second was on its way to it, and where reception is not simultaneous it came so much sooner.
    """
    crossing = crossing_interval(scenario, station)
    coming = [one for one in passages if one.entering != station]
    going = [one for one in passages if one.entering == station]
    if section.blocks > 1 or not coming or not going:
        return crossing
    found = []
    for second in going:
        starting = crossing + (0 if second.begins else second.start_s)
        if second.begins:
            found.append(starting)
            continue
        before = _other_section(trains[second.number], section.id, station)
        for first in coming:
            passing = crossing
            if before != section.id and scenario.network.sections[before].tracks == 1:
                passing = max(crossing, arrival_interval(scenario, station))
                if passing and _is_stopped(trains[first.number], section.id, station, before):
                    passing += 0 if first.ends else first.stop_s
            found.append(min(starting, passing))
    return min(found)


def _other_section(train: CompiledTrain, section: str, station: str) -> str:
    """Return the section over which a train comes to a station from which it enters another."""
    return next(
        (
            before.section
            for before, run in pairwise(train.journey.runs)
            if run.section == section and run.entering == station
        ),
        section,
    )


def _is_stopped(train: CompiledTrain, section: str, station: str, other: str) -> bool:
    """Whether a train that comes over a section to a station ends there or goes on over another one."""
    runs = train.journey.runs
    after = [later.section for run, later in pairwise(runs) if run.section == section and run.entering != station]
    return all(one == other for one in after)


def _fixed_runs(scenario: Scenario, section: Section, gap: int) -> list[Interval]:
    """Return when fixed paths have a single section, with the least gap on either side."""
    found = []
    for path in scenario.fixed_paths:
        for here, there in pairwise(path.calls):
            if {here.station, there.station} == {section.start, section.end} and _is_only(scenario, section):
                found.append((here.departure_s - gap, there.arrival_s + gap))
    return found


def _is_only(scenario: Scenario, section: Section) -> bool:
    ends = {section.start, section.end}
    return sum({one.start, one.end} == ends for one in scenario.network.sections.values()) == 1


def _yard_place(
    scenario: Scenario, resource: str, passages: Sequence[Passage], closed: Sequence[Interval], window: Window
) -> Place:
    known = scenario.yard_resources[resource]
    free = without([_span(passages)], closed)
    if known.at_close is AtClose.RUN_OVER:  # what has begun is finished in closed time
        longest = max(one.use_s for one in passages)
        free = union([(from_s, until_s + longest) for from_s, until_s in free])
        free = clipped(free, window.from_s, window.until_s)
    return Place("yard", resource, "", known.capacity, tuple(passages), tuple(free) * known.capacity, 0, (0, 0))


def _span(passages: Sequence[Passage]) -> Interval:
    return min(one.from_s for one in passages), max(one.until_s for one in passages)


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
