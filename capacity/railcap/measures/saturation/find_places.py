"""Finds the places of a mix: each section and each yard resource that its trains use, when it is free, its gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from railcap.corridor.expand import section_closures, yard_closed_times
from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import AtClose
from railcap.measures.intervals import Interval, clipped, union, without
from railcap.measures.saturation.candidates import Candidates, Window
from railcap.measures.saturation.mix import Mix
from railcap.measures.saturation.places import Passage, Place
from railcap.planning.compile import CompiledTrain
from railcap.planning.compile_sections import arrival_interval, crossing_interval, following_interval
from railcap.planning.compile_train import Act


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
            yield Place("section", section.id, entering, own, tuple(free), same_s, (same_s, same_s))
        return
    turns = [_turn_s(scenario, section, station, passages, trains) for station in (section.start, section.end)]
    gap = min(same_s, *(crossing_interval(scenario, station) for station in (section.start, section.end)))
    busy = _fixed_runs(scenario, section, gap) if section.tracks == 1 and section.blocks == 1 else []
    free = []
    for track in section.track_ids():
        free += without([_span(passages)], union([*shut.get((section.id, track), ()), *busy]))
    yield Place("section", section.id, "", tuple(passages), tuple(free), same_s, (turns[0], turns[1]))


def _turn_s(
    scenario: Scenario, section: Section, station: str, passages: Sequence[Passage], trains: Sequence[CompiledTrain]
) -> int:
    """Return the least gap between a train that arrives at a station and one that enters the section there.

    The second train has stopped there and starts anew, or it has come from elsewhere without a stop. Then the first one
    had to stop, as the second was on its way to it, or it was quick enough to be gone before the second came; and where
    reception is not simultaneous it came so much sooner.
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
            other = scenario.network.sections[before]
            if before != section.id and other.tracks == 1:
                if section.tracks == 1:
                    passing = max(crossing, arrival_interval(scenario, station))
                if passing and not first.ends and _is_stopped(trains[first.number], section.id, station, before):
                    beyond = crossing_interval(scenario, other.other(station))
                    both_ways = [_running_s(trains[one.number], before) for one in (first, second)]
                    passing = min(passing + first.stop_s, max(passing, sum(both_ways) + beyond))
            found.append(min(starting, passing))
    return min(found)


def _running_s(train: CompiledTrain, section: str) -> int:
    """Return the least running time of a train over a section."""
    return min(sum(run.blocks) for run in train.journey.runs if run.section == section)


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
    return Place("yard", resource, "", tuple(passages), tuple(free) * known.capacity, 0, (0, 0))


def _span(passages: Sequence[Passage]) -> Interval:
    return min(one.from_s for one in passages), max(one.until_s for one in passages)
