"""A single-track line with loops, daylight running and trains both ways, as an operations problem from a seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

from railcap.operations.problem import DelayTerm, Link, Operation, OperationsProblem, Resource, ResourceUse, Train

HOUR = 3600
DAY = 24 * HOUR
RUN_S, START_S, STOP_S = 1200, 120, 60


def daylight_line(seed: int, stations: int = 8, trains: int = 16, days: int = 2) -> OperationsProblem:
    """Return a line whose second half is open from 6 to 18 h only; every fifth train must run, some may not be long."""
    draw = Random(seed)
    resources = {f"station {place}": Resource(draw.randrange(2, 4)) for place in range(stations)}
    nights = tuple((day * DAY + 18 * HOUR, (day + 1) * DAY + 6 * HOUR) for day in range(-1, days + 2))
    for section in range(stations // 2, stations - 1):
        resources[f"section {section}"] = Resource(1, nights)
    built, terms, links = [], [], []
    for number in range(trains):
        places = list(range(stations)) if number % 2 else list(reversed(range(stations)))
        leaves_s = draw.randrange(days) * DAY + draw.randrange(4, 16) * HOUR
        operations = _operations(places, leaves_s)
        optional = number % 5 != 0
        built.append(Train(f"train {number}", operations, draw.randrange(200, 900) * 60 if optional else None))
        terms.append(DelayTerm(number, len(operations) - 1, leaves_s + (stations - 1) * RUN_S, 1))
        if number % 3 == 1 and optional:
            links.append(Link(number, 1, number, len(operations) - 1, 0, draw.randrange(4, 9) * HOUR))
    return OperationsProblem(tuple(built), tuple(terms), resources, tuple(links), 60, f"daylight line {seed}")


def _operations(places: list[int], leaves_s: int) -> tuple[Operation, ...]:
    """Stand at the origin, then run over each section and pass or stop at its end; the exit holds nothing."""
    found: list[Operation] = []
    after: list[list[int]] = []

    def add(before: list[int], operation: Operation) -> int:
        for index in before:
            after[index].append(len(found))
        found.append(operation)
        after.append([])
        return len(found) - 1

    stopped, passed = add([], Operation((), 0, None, leaves_s, leaves_s + 20 * HOUR, _track(places[0]))), -1
    for here, there in pairwise(places):
        held = (ResourceUse(f"section {min(here, there)}", 60),)
        starting = add([stopped], Operation((), START_S, START_S, 0, None, held))
        running = add([starting] + [passed] * (passed >= 0), Operation((), RUN_S, RUN_S, 0, None, held))
        if there != places[-1]:
            passed = add([running], Operation((), 0, 0, 0, None, _track(there)))
        stopping = add([running], Operation((), STOP_S, STOP_S, 0, None, held))
        stopped = add([stopping], Operation((), 0, None, 0, None, _track(there)))
    add([stopped], Operation())
    return tuple(replace(one, successors=tuple(its)) for one, its in zip(found, after, strict=True))


def _track(place: int) -> tuple[ResourceUse, ...]:
    return (ResourceUse(f"station {place}", 240),)
