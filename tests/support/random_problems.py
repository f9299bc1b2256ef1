"""Random small operations problems from a seed, with every feature and many same-instant traps."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TypeVar

from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Link,
    ObjectiveTerm,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)

T = TypeVar("T")
NAMES = ("r0", "r1", "r2", "r3")


def random_problem(seed: int, trains: int | None = None, operations: int = 4) -> OperationsProblem:
    """Return the problem of a seed: the same on every Python, since only integers are drawn.

    Parameters
    ----------
    trains : int, optional
        How many; 2 to 4 if not given.
    operations : int
        The most that a train has; at least 2.
    """
    draw = _Draw(seed)
    count = trains or draw.pick((2, 2, 3, 3, 3, 4))
    resources = NAMES[: draw.number(2, 4)]
    style = draw.pick(("free", "free", "swap", "follow", "instant"))
    if count == 4:
        operations = min(operations, 3)
    running = tuple(_train(draw, place, style, resources, operations) for place in range(count))
    problem = OperationsProblem(running, name=f"random {seed}")
    return replace(
        problem,
        objective=_objective(draw, running),
        resources=_resources(draw, running),
        links=_links(draw, running),
    )


class _Draw:
    """Integer draws alone, so that a seed means the same problem everywhere."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def number(self, least: int, most: int) -> int:
        return least + self._random.randrange(most - least + 1)

    def chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    def pick(self, options: tuple[T, ...]) -> T:
        return options[self._random.randrange(len(options))]


def _train(draw: _Draw, place: int, style: str, resources: tuple[str, ...], most: int) -> Train:
    count = draw.number(2, most)
    successors = _successors(draw, count)
    order = _resource_order(draw, place, style, resources)
    operations = tuple(
        _operation(draw, step, count, style, successors[step], order, resources) for step in range(count)
    )
    return Train(f"T{place}", operations, draw.number(0, 25) if draw.chance(35) else None)


def _successors(draw: _Draw, count: int) -> list[tuple[int, ...]]:
    """Return a chain, sometimes with a branch around one operation or a choice between two."""
    chain = [(step + 1,) if step + 1 < count else () for step in range(count)]
    if count >= 3 and draw.chance(45):
        skipping = draw.number(0, count - 3)
        chain[skipping] = (skipping + 1, skipping + 2)
        if count == 4 and skipping == 0 and draw.chance(50):
            chain[1] = (3,)
    return chain


def _resource_order(draw: _Draw, place: int, style: str, resources: tuple[str, ...]) -> tuple[str, ...]:
    if style == "swap":
        return resources if place % 2 == 0 else resources[::-1]
    if style == "follow":
        return resources
    shift = draw.number(0, len(resources) - 1)
    return resources[shift:] + resources[:shift]


def _operation(
    draw: _Draw,
    step: int,
    count: int,
    style: str,
    successors: tuple[int, ...],
    order: tuple[str, ...],
    resources: tuple[str, ...],
) -> Operation:
    exit_ = step == count - 1
    shortest = 0 if draw.chance(60 if style == "instant" else 20) else draw.number(1, 4)
    lower = draw.number(0, 6) if draw.chance(60 if step == 0 else 10) else 0
    upper = lower + draw.number(0, 12) if draw.chance(35 if step == 0 else 12) else None
    if style == "instant":
        lower, upper = (draw.pick((0, 0, 2)), None) if step == 0 else (0, upper)
    return Operation(
        successors=successors,
        min_duration_s=shortest,
        max_duration_s=shortest + draw.number(0, 3) if draw.chance(30) else None,
        start_lb_s=lower,
        start_ub_s=upper,
        resources=_uses(draw, step, exit_, style, order, resources),
    )


def _uses(
    draw: _Draw, step: int, exit_: bool, style: str, order: tuple[str, ...], resources: tuple[str, ...]
) -> tuple[ResourceUse, ...]:
    if draw.chance(85 if exit_ else 12):
        return ()
    names = {order[step % len(order)] if draw.chance(85) else draw.pick(resources)}
    if draw.chance(18):
        names.add(draw.pick(resources))
    return tuple(
        ResourceUse(name, draw.number(1, 3) if draw.chance(10 if style == "instant" else 25) else 0)
        for name in sorted(names)
    )


def _resources(draw: _Draw, trains: tuple[Train, ...]) -> dict[str, Resource]:
    used = sorted({use.resource for train in trains for operation in train.operations for use in operation.resources})
    found = {}
    for name in used:
        capacity = 2 if draw.chance(25) else 1
        closures = []
        from_s = 0
        while draw.chance(18):
            from_s += draw.number(0, 8)
            until_s = from_s + draw.number(1, 5)
            closures.append((from_s, until_s))
            from_s = until_s + 1
        if capacity > 1 or closures:
            found[name] = Resource(capacity, tuple(closures))
    return found


def _links(draw: _Draw, trains: tuple[Train, ...]) -> tuple[Link, ...]:
    links = []
    while draw.chance(30) and len(links) < 3:
        ends = [(train, draw.number(0, len(trains[train].operations) - 1)) for train in _two_trains(draw, len(trains))]
        if ends[0] == ends[1]:
            continue
        least = draw.number(-3, 5)
        most = least + draw.number(0, 6) if draw.chance(50) else None
        links.append(Link(*ends[0], *ends[1], min_lag_s=least, max_lag_s=most, required=draw.chance(40)))
    return tuple(links)


def _two_trains(draw: _Draw, count: int) -> tuple[int, int]:
    one = draw.number(0, count - 1)
    return (one, one) if draw.chance(15) else (one, (one + draw.number(1, count - 1)) % count)


def _objective(draw: _Draw, trains: tuple[Train, ...]) -> tuple[ObjectiveTerm, ...]:
    delays: list[DelayTerm] = []
    journeys: list[JourneyTerm] = []
    for train, whole in enumerate(trains):
        last = len(whole.operations) - 1
        for operation in range(last + 1):
            if draw.chance(75 if operation == last else 12):
                increment = draw.number(1, 9) if draw.chance(30) else 0
                delays.append(DelayTerm(train, operation, draw.number(0, 9), draw.number(0, 4), increment))
        if draw.chance(30):
            begin = 0 if draw.chance(80) else draw.number(0, last - 1)
            journeys.append(JourneyTerm(train, begin, last, draw.number(0, 4), draw.number(1, 4)))
    # The oracle takes several journeys only if the start of each has a latest time.
    endless = [term for term in journeys if trains[term.train].operations[term.from_operation].start_ub_s is None]
    return (*delays, *(endless[:1] or journeys))
