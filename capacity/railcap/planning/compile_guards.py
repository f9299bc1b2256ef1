"""Guards: resources of one train each, for the few rules between trains that shared resources cannot say exactly.

A resource keeps all of its users apart by the same release. Where opposing trains need a longer interval than
followers, or arrivals from different sections a longer one than followers can have, each train gets a resource of its
own: it leaves its interval behind there, and the trains to be kept away use it without a release. Those exclude each
other anyway, or use it for an instant only, so nothing else is forbidden. Trains whose windows never come close enough
get none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from railcap.corridor.routing import Route
from railcap.operations.problem import ResourceUse, Train
from railcap.planning.compile_sections import SectionResources
from railcap.planning.compile_train import Act, Role

Uses = dict[tuple[int, int], list[ResourceUse]]


@dataclass(slots=True)
class _Presence:
    """A train's operations at one spot, and the hull of the times at which they may begin and end."""

    train: int
    name: str
    side: str
    operations: list[int]
    begin_s: int
    begin_until_s: int
    end_until_s: int


def guard_uses(
    sections: SectionResources, trains: Sequence[Train], meanings: Sequence[tuple[Sequence[Role], Route]]
) -> Uses:
    """Return the uses of guards to add, by (train, operation).

    Parameters
    ----------
    meanings : per train, the roles of its operations and its route
    """
    uses: Uses = defaultdict(list)
    if sections.guarded:
        _crossings(sections, trains, meanings, uses)
    if sections.has_reception_guards:
        _receptions(sections, trains, meanings, uses)
    return uses


def _crossings(
    sections: SectionResources,
    trains: Sequence[Train],
    meanings: Sequence[tuple[Sequence[Role], Route]],
    uses: Uses,
) -> None:
    last_block: dict[tuple[str, str, str], list[_Presence]] = defaultdict(list)
    first_block: dict[tuple[str, str, str], list[_Presence]] = defaultdict(list)
    for train, place, track, block, operations in _runs(meanings):
        route = meanings[train][1]
        section, entering = route.sections[place], route.stations[place]
        key = section, entering, track
        if block == 0:
            first_block[key].append(_presence(trains, train, entering, operations))
        if block == sections.blocks(section) - 1:
            last_block[key].append(_presence(trains, train, entering, operations))
    for (section, entering, track), interval in sections.guarded.items():
        leaving = sections.other(section, entering)
        opposing = first_block[section, leaving, track]
        for leader in last_block[section, entering, track]:
            name = f"section {section} track {track} from {entering} after {leader.name}"
            _guard(name, interval, leader, opposing, uses)


def _runs(
    meanings: Sequence[tuple[Sequence[Role], Route]],
) -> Iterator[tuple[int, int, str, int, list[int]]]:
    """Yield (train, leg, track, block, operations) for all runs."""
    for train, (roles, _) in enumerate(meanings):
        found: dict[tuple[int, str, int], list[int]] = defaultdict(list)
        for index, role in enumerate(roles):
            if role.act is Act.RUN:
                found[role.place, role.track, role.block].append(index)
        for (place, track, block), operations in found.items():
            yield train, place, track, block, operations


def _receptions(
    sections: SectionResources,
    trains: Sequence[Train],
    meanings: Sequence[tuple[Sequence[Role], Route]],
    uses: Uses,
) -> None:
    arrivals: dict[str, list[_Presence]] = defaultdict(list)
    intervals: dict[str, int] = {}
    for train, (roles, route) in enumerate(meanings):
        found: dict[int, list[int]] = defaultdict(list)
        for index, role in enumerate(roles):
            if role.act in (Act.ARRIVE, Act.PASS):
                found[role.place].append(index)
        for place, operations in found.items():
            station, section = route.stations[place], route.sections[place - 1]
            interval = sections.reception_guard(station, section)
            if interval:
                arrivals[station].append(_presence(trains, train, section, operations))
                intervals[station] = interval
    for station, here in arrivals.items():
        for leader in here:
            others = [other for other in here if other.side != leader.side]
            name = f"station {station} reception from {leader.side} after {leader.name}"
            _guard(name, intervals[station], leader, others, uses)


def _presence(trains: Sequence[Train], train: int, side: str, indices: Sequence[int]) -> _Presence:
    operations = [trains[train].operations[index] for index in indices]
    starts_until = [operation.start_ub_s for operation in operations]
    assert all(until is not None for until in starts_until), "compiled operations have finite windows"
    untils = [until for until in starts_until if until is not None]
    return _Presence(
        train,
        trains[train].name,
        side,
        list(indices),
        min(operation.start_lb_s for operation in operations),
        max(untils),
        max(until + (operation.max_duration_s or 0) for until, operation in zip(untils, operations, strict=True)),
    )


def _guard(name: str, interval_s: int, leader: _Presence, others: Sequence[_Presence], uses: Uses) -> None:
    """Let `leader` keep away those of `others` that could begin too soon after it."""
    close = [
        other
        for other in others
        if other.train != leader.train
        and other.begin_until_s >= leader.begin_s
        and other.begin_s < leader.end_until_s + interval_s
    ]
    if not close:
        return
    for index in leader.operations:
        uses[leader.train, index].append(ResourceUse(name, interval_s))
    for other in close:
        for index in other.operations:
            uses[other.train, index].append(ResourceUse(name))
