"""One train alone on the line: which steps it can use, when, what every route contains, and its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from railcap_solvers.exact.grid import ENDLESS

_MOST_PASSES = 60
"""Windows are valid after any pass; more than a few are needed only where a longest duration meets a closure."""


@dataclass(slots=True)
class Step:
    """A usable operation in grid time: duration, windows of start and end, uses, and when it is shut out.

    An interval ``(begin, until)`` of `shut` forbids ``start < until and end > begin``.
    """

    least: int
    most: int | None
    start: tuple[int, int]
    end: tuple[int, int]
    releases: dict[str, int]
    shut: list[tuple[int, int]]


@dataclass(slots=True)
class TrainGraph:
    """What is left of a train: usable steps by operation index, arcs, what every route contains, and events.

    An event is a moment that ends and starts of several steps share; `start_event` and `end_event` name them.
    With `merged` false each start and end is an event of its own.
    """

    train: int
    optional: bool
    steps: dict[int, Step]
    successors: dict[int, list[int]]
    predecessors: dict[int, list[int]]
    mandatory: frozenset[int]
    reach: dict[int, int]
    merged: bool
    start_event: dict[int, int]
    end_event: dict[int, int]
    events: int
    mandatory_events: frozenset[int]
    routes_into: dict[int, int]
    """How many ways lead from the entry to a step; `routes_out`: on to the exit."""
    routes_out: dict[int, int]


def narrow_windows(steps: dict[int, Step], successors: dict[int, list[int]], last: int) -> bool:
    """Narrow the windows of a train's steps alone on the line and drop what cannot be used; False: nothing is left."""
    for _ in range(_MOST_PASSES):
        before: dict[int, list[int]] = {index: [] for index in steps}
        for index, step in list(steps.items()):
            if step.start[0] > step.start[1] or step.end[0] > step.end[1]:
                del steps[index]
        for index in sorted(steps):
            successors[index] = [after for after in successors[index] if after in steps]
            for after in successors[index]:
                before[after].append(index)
        alive = {0} & steps.keys()
        for index in sorted(steps):
            if any(previous in alive for previous in before[index]):
                alive.add(index)
        useful = {last} & alive
        for index in sorted(alive, reverse=True):
            if any(after in useful for after in successors[index]):
                useful.add(index)
        if 0 not in useful or last not in useful:
            return False
        dropped = [index for index in steps if index not in useful]
        for index in dropped:
            del steps[index]
        for index in steps:
            successors[index] = [after for after in successors[index] if after in steps]
            before[index] = [previous for previous in before[index] if previous in steps]
        changed = _forward(steps, successors, before) | _backward(steps, successors)
        if not changed:
            break
    return True


def _forward(steps: dict[int, Step], successors: Mapping[int, list[int]], before: Mapping[int, list[int]]) -> bool:
    changed = False
    for index in sorted(steps):
        step = steps[index]
        low, high = step.start
        if before[index]:
            low = max(low, min(steps[previous].end[0] for previous in before[index]))
            high = min(high, max(steps[previous].end[1] for previous in before[index]))
        low = _later(step, low)
        changed |= (low, high) != step.start
        step.start = low, high
        if not successors[index]:
            continue
        end = max(step.end[0], low + step.least, min(steps[after].start[0] for after in successors[index]))
        for begin, until in step.shut:
            if end > begin and end - step.least < until:
                end = until + step.least
        if step.most is not None:
            low = _later(step, max(low, end - step.most))
        changed |= (low, end) != (step.start[0], step.end[0])
        step.start, step.end = (low, high), (end, step.end[1])
    return changed


def _later(step: Step, low: int) -> int:
    for begin, until in step.shut:
        if low < until and (step.end[0] == ENDLESS or low + step.least > begin):
            low = until
    return low


def _backward(steps: dict[int, Step], successors: Mapping[int, list[int]]) -> bool:
    changed = False
    for index in sorted(steps, reverse=True):
        step = steps[index]
        if not successors[index]:
            continue
        high = min(step.end[1], max(steps[after].start[1] for after in successors[index]))
        if step.most is not None:
            high = min(high, step.start[1] + step.most)
        for begin, until in reversed(step.shut):
            if high > begin and high - step.least < until:
                high = begin
        start = min(step.start[1], high - step.least)
        for begin, until in reversed(step.shut):
            if start < until and start + step.least > begin:
                start = begin - step.least
        changed |= (start, high) != (step.start[1], step.end[1])
        step.start, step.end = (step.start[0], start), (step.end[0], high)
    return changed


def build_graph(train: int, optional: bool, steps: dict[int, Step], successors: dict[int, list[int]]) -> TrainGraph:
    """Find what every route contains and merge ends and starts into events."""
    order = sorted(steps)
    successors = {index: successors[index] for index in order}
    predecessors: dict[int, list[int]] = {index: [] for index in order}
    reach: dict[int, int] = {}
    for index in reversed(order):
        reach[index] = 0
        for after in successors[index]:
            predecessors[after].append(index)
            reach[index] |= 1 << after | reach[after]
    into, out = {order[0]: 1}, {order[-1]: 1}
    for index in order[1:]:
        into[index] = sum(into[before] for before in predecessors[index])
    for index in reversed(order[:-1]):
        out[index] = sum(out[after] for after in successors[index])
    total = out[order[0]]
    mandatory = frozenset(index for index in order if into[index] * out[index] == total)
    merged, start_event, end_event, events = _events(order, successors, reach)
    paths = [0] * events
    for index in order:
        paths[start_event[index]] += into[index] * out[index]
    if not merged:
        for index in order[:-1]:
            paths[end_event[index]] += into[index] * out[index]
    return TrainGraph(
        train,
        optional,
        steps,
        successors,
        predecessors,
        mandatory,
        reach,
        merged,
        start_event,
        end_event,
        events,
        frozenset(event for event in range(events) if paths[event] == total),
        into,
        out,
    )


def _events(
    order: list[int], successors: Mapping[int, list[int]], reach: Mapping[int, int]
) -> tuple[bool, dict[int, int], dict[int, int], int]:
    """Put all successors of a step into one event, unless that would tie steps of one route together."""
    parent = {index: index for index in order}

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index in order:
        for after in successors[index][1:]:
            parent[find(after)] = find(successors[index][0])
    members: defaultdict[int, list[int]] = defaultdict(list)
    for index in order:
        members[find(index)].append(index)
    for group in members.values():
        mask = sum(1 << index for index in group)
        if any(reach[index] & mask for index in group):
            start = {index: place for place, index in enumerate(order)}
            end = {index: len(order) + place for place, index in enumerate(order[:-1])}
            return False, start, end, 2 * len(order) - 1
    numbers: dict[int, int] = {}
    for index in order:
        numbers.setdefault(find(index), len(numbers))
    start = {index: numbers[find(index)] for index in order}
    end = {index: start[successors[index][0]] for index in order[:-1]}
    return True, start, end, len(numbers)


def fixed_distances(graph: TrainGraph) -> dict[int, tuple[int, int]]:
    """Return events that lie at a fixed distance from another one which is visited whenever they are.

    That is so at the end of a step of fixed duration that alone leads there, and at the start of one that alone leads
    on. Following the parents ends at a root, visited whenever any event above it is.
    """
    if not graph.merged:
        return {}
    into: defaultdict[int, list[int]] = defaultdict(list)
    out: defaultdict[int, list[int]] = defaultdict(list)
    for index in graph.steps:
        out[graph.start_event[index]].append(index)
        if graph.successors[index]:
            into[graph.end_event[index]].append(index)
    parents: dict[int, tuple[int, int]] = {}

    def above(event: int) -> set[int]:
        found = {event}
        while event in parents:
            event = parents[event][0]
            found.add(event)
        return found

    for listed, backward in ((into, True), (out, False)):
        for event, steps in sorted(listed.items()):
            index = steps[0]
            step = graph.steps[index]
            if len(steps) > 1 or event in parents or step.least != step.most or not graph.successors[index]:
                continue
            other = graph.start_event[index] if backward else graph.end_event[index]
            if event not in above(other):
                parents[event] = other, step.least if backward else -step.least
    return parents


def least_between(graph: TrainGraph, first: int, last: int) -> int:
    """Return the least time between the starts of two steps of a route."""
    least = {first: 0}
    for index in sorted(graph.steps):
        if index <= first or index > last:
            continue
        ways = [least[i] + graph.steps[i].least for i in graph.predecessors[index] if i in least]
        if ways:
            least[index] = min(ways)
    return least.get(last, -ENDLESS)
