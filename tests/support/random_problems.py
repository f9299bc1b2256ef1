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
STYLES = ("free", "free", "follow", "swap", "rotate", "rotate", "instant", "yard", "tight")
"""Who meets whom: anybody, followers, head-on, in a circle; without length, in a yard, without waiting."""


def random_problem(seed: int, trains: int | None = None, operations: int = 5) -> OperationsProblem:
    """Return the problem of a seed: the same on every Python, since only integers are drawn.

    Parameters
    ----------
    trains : int, optional
        How many; 2 to 4 if not given.
    operations : int
        The most that a train has; at least 2. The more trains there are, the shorter they are.
    """
    draw = _Draw(seed)
    style = draw.pick(STYLES)
    count = trains or draw.pick((3, 3, 4) if style == "yard" else (2, 2, 3, 3, 3, 4))
    resources = NAMES[: {"swap": 2, "yard": 2, "tight": 3}.get(style) or draw.number(2, 4)]
    most = min(operations, 7 - count)
    running = tuple(_train(draw, place, style, resources, most) for place in range(count))
    problem = OperationsProblem(running, name=f"random {seed}")
    return replace(
        problem,
        objective=_objective(draw, running),
        resources=_resources(draw, running, style),
        links=_links(draw, running),
    )


def branched_problem(seed: int) -> OperationsProblem:
    """Return the problem of a seed with choices of two to four ways, exits that hold resources, closures that touch."""
    draw = _Draw(seed)
    problem = random_problem(seed, operations=4)
    names = sorted({use.resource for train in problem.trains for op in train.operations for use in op.resources})
    trains, places = [], []
    for train in problem.trains:
        branched, place = _branched(draw, train, tuple(names or ("r0",)))
        trains.append(branched)
        places.append(place)

    def moved(train: int, operation: int) -> int:
        return places[train][operation]

    objective = tuple(
        replace(term, operation=moved(term.train, term.operation))
        if isinstance(term, DelayTerm)
        else replace(
            term,
            from_operation=moved(term.train, term.from_operation),
            to_operation=moved(term.train, term.to_operation),
        )
        for term in problem.objective
    )
    links = tuple(
        replace(
            link,
            from_operation=moved(link.from_train, link.from_operation),
            to_operation=moved(link.to_train, link.to_operation),
        )
        for link in problem.links
    )
    resources = dict(problem.resources)
    if names and draw.chance(40):
        name, begin = draw.pick(tuple(names)), draw.number(0, 6)
        known = resources.get(name, Resource())
        if not known.closures:
            middle = begin + draw.number(1, 5)
            resources[name] = replace(known, closures=((begin, middle), (middle, middle + draw.number(1, 5))))
    return replace(problem, trains=tuple(trains), objective=objective, links=links, resources=resources)


def _branched(draw: _Draw, train: Train, names: tuple[str, ...]) -> tuple[Train, list[int]]:
    """Return a train with further ways beside one of its operations, and where its operations have come to."""
    operations, last = train.operations, len(train.operations) - 1
    if draw.chance(50):
        uses = (ResourceUse(draw.pick(names), 0),)
        operations = (*operations[:last], replace(operations[last], resources=uses))
    if last < 2 or draw.chance(20):
        return replace(train, operations=operations), list(range(last + 1))
    beside, more = draw.number(1, last - 1), draw.number(1, 3)
    places = [place if place <= beside else place + more for place in range(last + 1)]
    ways = tuple(beside + way for way in range(more + 1))
    found: list[Operation] = []
    for place, operation in enumerate(operations):
        after = tuple(way for one in operation.successors for way in (ways if one == beside else (places[one],)))
        found.append(replace(operation, successors=after))
        if place == beside:
            for _ in range(more):
                name = found[-1].resources[0].resource if found[-1].resources and draw.chance(50) else draw.pick(names)
                uses = () if draw.chance(30) else (ResourceUse(name, draw.number(0, 1)),)
                found.append(replace(found[-1], min_duration_s=draw.number(0, 2), max_duration_s=None, resources=uses))
    return replace(train, operations=tuple(found)), places


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
    return Train(f"T{place}", operations, draw.number(1, 40) if draw.chance(30) else None)


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
    if style in ("follow", "yard"):
        return resources
    shift = place % len(resources) if style == "rotate" else draw.number(0, len(resources) - 1)
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
    meeting = style in ("swap", "rotate")
    if draw.chance(60 if style == "instant" else 20):
        shortest = 0
    else:
        shortest = 2 if meeting and draw.chance(60) else draw.number(1, 4)
    lower, upper = _window(draw, step, style)
    often, slack = (90, 1) if style == "tight" else (12 if meeting else 30, 2)
    return Operation(
        successors=successors,
        min_duration_s=shortest,
        max_duration_s=shortest + draw.number(0, slack) if draw.chance(often) else None,
        start_lb_s=lower,
        start_ub_s=upper,
        resources=_uses(draw, step, step == count - 1, style, order, resources),
    )


def _window(draw: _Draw, step: int, style: str) -> tuple[int, int | None]:
    if step > 0:
        lower = draw.number(0, 6) if draw.chance(8) else 0
        return lower, lower + draw.number(2, 14) if draw.chance(10) else None
    if style == "instant":
        return draw.pick((0, 0, 2)), None
    if style in ("swap", "rotate"):
        return 0, draw.pick((0, 0, 1, 6, None))
    lower = draw.number(0, 5) if draw.chance(60) else 0
    return lower, lower + draw.number(0, 12) if draw.chance(35) else None


def _uses(
    draw: _Draw, step: int, last: bool, style: str, order: tuple[str, ...], resources: tuple[str, ...]
) -> tuple[ResourceUse, ...]:
    if draw.chance(85 if last else 6):
        return ()
    names = {order[step % len(order)] if draw.chance(88) else draw.pick(resources)}
    if draw.chance(20):
        names.add(draw.pick(resources))
    release = 25 if style in ("free", "follow") else 7
    return tuple(ResourceUse(name, draw.number(1, 3) if draw.chance(release) else 0) for name in sorted(names))


def _resources(draw: _Draw, trains: tuple[Train, ...], style: str) -> dict[str, Resource]:
    used = sorted({use.resource for train in trains for operation in train.operations for use in operation.resources})
    found = {}
    for name in used:
        capacity = 2 if draw.chance(85 if style == "yard" else 20) else 1
        closures = []
        from_s = 0
        while draw.chance(12):
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
                delays.append(
                    DelayTerm(train, operation, draw.number(0, 7), draw.number(0 if increment else 1, 4), increment)
                )
        if draw.chance(30):
            begin = 0 if draw.chance(80) else draw.number(0, last - 1)
            journeys.append(JourneyTerm(train, begin, last, draw.number(0, 4), draw.number(1, 4)))
    # The oracle takes several journeys only if the start of each has a latest time.
    ending = [term for term in journeys if trains[term.train].operations[term.from_operation].start_ub_s is not None]
    endless = [term for term in journeys if term not in ending]
    return (*delays, *(ending if len(ending) > 1 else endless[:1] or ending))
