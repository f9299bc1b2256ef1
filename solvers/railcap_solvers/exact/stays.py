"""The stays of trains on resources that they share with others."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from railcap_solvers.exact.grid import ENDLESS
from railcap_solvers.exact.train_graph import TrainGraph

if TYPE_CHECKING:
    from railcap_solvers.exact.prepare import Prepared


@dataclass(slots=True)
class Occupation:
    """A train's stay on a resource: connected operations that use it, entered and left at most once on any route.

    `entries` and `lasts` are the operations whose start or end (with its release) bounds the stay; others are implied.
    """

    number: int
    train: int
    resource: str
    operations: frozenset[int]
    entries: tuple[int, ...]
    lasts: tuple[int, ...]
    mandatory: bool
    window: tuple[int, int]
    """Earliest start and latest end with release."""


@dataclass(frozen=True, slots=True)
class Core:
    """What every route of a train has of a stay: its first operation, when that may start, length and release in it.

    The train holds the resource, or keeps it from others, for `length` from the start of `operation` on at least.
    """

    number: int
    train: int
    operation: int
    start: tuple[int, int]
    length: int
    release: int

    @property
    def latest_end(self) -> int:
        """When it must have let others in, unless it lasts for longer than it must."""
        return self.start[1] + self.length


def add_occupations(prepared: Prepared) -> None:
    """Collect the stays on resources that several trains may use."""
    users: defaultdict[str, set[int]] = defaultdict(set)
    for graph in prepared.graphs:
        if graph is not None:
            for step in graph.steps.values():
                for resource in step.releases:
                    users[resource].add(graph.train)
    shared = {resource for resource, trains in users.items() if len(trains) > 1}
    for graph in prepared.graphs:
        if graph is not None:
            for resource, operations in _stays(graph, shared):
                _add_occupation(prepared, graph, resource, operations)


def count_meetings(prepared: Prepared) -> int:
    """Return how many pairs of stays could be in each other's way, pairs of a train with itself included.

    Of a resource of capacity k each stay counts the later ones that it could meet beyond k - 1.
    """
    count = 0
    for resource, numbers in prepared.by_resource.items():
        spare = prepared.problem.resource(resource).capacity - 1
        windows = sorted(prepared.occupations[number].window for number in numbers)
        begins = [begin for begin, _ in windows]
        met = (bisect_right(begins, end) - place - 1 for place, (_, end) in enumerate(windows))
        count += sum(max(0, meetings - spare) for meetings in met)
    return count


def core_of(prepared: Prepared, number: int) -> Core | None:
    """Return the part of a stay that every route of its train has, None if there is none or it has no end."""
    stay = prepared.occupations[number]
    graph = prepared.graphs[stay.train]
    assert graph is not None
    always = sorted(graph.mandatory & stay.operations)
    if not always or graph.steps[always[-1]].end[0] == ENDLESS:
        return None
    release = graph.steps[always[-1]].releases[stay.resource]
    length = sum(graph.steps[index].least for index in always) + release
    return Core(number, stay.train, always[0], graph.steps[always[0]].start, length, release)


def cores_of(prepared: Prepared, resource: str) -> list[Core]:
    """Return the cores of the stays on a resource, of trains that come to it once only."""
    numbers = prepared.by_resource[resource]
    trains = [prepared.occupations[number].train for number in numbers]
    found = [
        core_of(prepared, number) for number, train in zip(numbers, trains, strict=True) if trains.count(train) == 1
    ]
    return [core for core in found if core is not None]


def _stays(graph: TrainGraph, shared: set[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield the operations of each stay; a stay that a route could leave and enter again falls into operations."""
    users: defaultdict[str, list[int]] = defaultdict(list)
    for index, step in graph.steps.items():
        for resource in step.releases:
            if resource in shared:
                users[resource].append(index)
    for resource, operations in users.items():
        if not _returns(graph, operations):
            yield resource, operations
            continue
        for group in _connected(operations, graph.successors):
            for stay in [[index] for index in group] if _returns(graph, group) else [group]:
                yield resource, stay


def _returns(graph: TrainGraph, group: list[int]) -> bool:
    """Return whether a route can leave a group of steps and enter it again."""
    inside = sum(1 << index for index in group)
    return any(
        graph.reach[after] & inside for index in group for after in graph.successors[index] if not inside >> after & 1
    )


def _connected(operations: list[int], successors: Mapping[int, list[int]]) -> list[list[int]]:
    member = set(operations)
    parent = {index: index for index in operations}

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index in operations:
        for after in successors[index]:
            if after in member:
                parent[find(after)] = find(index)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for index in operations:
        groups[find(index)].append(index)
    return list(groups.values())


def _add_occupation(prepared: Prepared, graph: TrainGraph, resource: str, operations: list[int]) -> None:
    inside = frozenset(operations)
    steps = graph.steps
    first = min(steps)
    outside = {i: [p for p in graph.predecessors[i] if p not in inside] for i in operations}
    entries = [i for i in operations if outside[i] or i == first]
    lasts: list[int] = []
    follow: dict[int, int] = {}
    for index in sorted(operations, reverse=True):
        after = graph.successors[index]
        release = steps[index].releases[resource]
        if not after or any(j not in inside for j in after):
            lasts.append(index)
            follow[index] = release
            continue
        carried = min(follow[j] + steps[j].least for j in after)
        if release > carried:
            lasts.append(index)
        follow[index] = max(release, carried)
    if not graph.mandatory.intersection(entries):
        entries += sorted(graph.mandatory & inside)[:1]
    if not graph.mandatory.intersection(lasts):
        lasts += sorted(graph.mandatory & inside)[-1:]
    visits = sum(
        graph.routes_out[i] * (sum(graph.routes_into[p] for p in outside[i]) + (i == first)) for i in operations
    )
    number = len(prepared.occupations)
    latest = max(
        ENDLESS if steps[i].end[0] == ENDLESS else steps[i].end[1] + steps[i].releases[resource] for i in operations
    )
    prepared.occupations.append(
        Occupation(
            number,
            graph.train,
            resource,
            inside,
            tuple(sorted(set(entries))),
            tuple(sorted(set(lasts))),
            visits == graph.routes_out[first],
            (min(steps[i].start[0] for i in operations), latest),
        )
    )
    prepared.by_resource.setdefault(resource, []).append(number)
    for index in operations:
        prepared.by_use[graph.train, index, resource] = number
