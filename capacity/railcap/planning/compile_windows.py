"""Windows of a train's operations, as tight as its own times, running times and closures make them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from railcap.planning.compile_train import Template

Closures = tuple[tuple[int, int], ...]
_ROUNDS = 4
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class LongestJourney:
    """A limit on the time between two operations that are on every route, and the least time between them."""

    depart: int
    arrive: int
    longest_s: int
    shortest_s: int = 0


def tighten(
    template: Template,
    earliest: list[int],
    latest: list[int],
    closures: Sequence[Closures],
    journey: LongestJourney | None = None,
) -> list[int]:
    """Narrow the start windows of a train in place, until nothing more follows or a few rounds are done.

    Nothing that the train can do alone is lost.

    Parameters
    ----------
    earliest, latest : windows by operation, narrowed in place
    closures : by operation, when what it holds is closed, `joined`

    Returns
    -------
    list of int
        The operations on some way from entry to exit, in order; empty if the train cannot run.
    """
    if journey is not None and journey.shortest_s > journey.longest_s:
        return []
    for _ in range(_ROUNDS):
        was = sum(earliest) - sum(latest)
        _forward(template, earliest, latest, closures)
        _backward(template, earliest, latest, closures)
        if journey is not None:
            earliest[journey.depart] = max(earliest[journey.depart], earliest[journey.arrive] - journey.longest_s)
            latest[journey.arrive] = min(latest[journey.arrive], latest[journey.depart] + journey.longest_s)
        if earliest[0] > latest[0] or earliest[-1] > latest[-1]:
            return []
        if was == sum(earliest) - sum(latest):
            break
    return _connected(template, earliest, latest)


def least_between(template: Template, first: int, then: int) -> int:
    """Return the shortest time from the start of one operation to the start of another that follows it."""
    reach = [_NEVER] * len(template.roles)
    reach[first] = 0
    for index in range(first, then):
        if reach[index] < _NEVER:
            for after in template.successors[index]:
                reach[after] = min(reach[after], reach[index] + template.least_s[index])
    return reach[then]


def _connected(template: Template, earliest: Sequence[int], latest: Sequence[int]) -> list[int]:
    count = len(template.roles)
    alive = [begin <= end for begin, end in zip(earliest, latest, strict=True)]
    reached = alive[:1] + [False] * (count - 1)
    for index in range(count):
        if reached[index]:
            for after in template.successors[index]:
                reached[after] = alive[after]
    leads = [False] * (count - 1) + reached[-1:]
    for index in range(count - 2, -1, -1):
        leads[index] = reached[index] and any(leads[after] for after in template.successors[index])
    return [index for index in range(count) if leads[index]]


def _forward(template: Template, earliest: list[int], latest: list[int], closures: Sequence[Closures]) -> None:
    """Carry the earliest starts forward, and the latest over operations that have a longest duration."""
    least, longest = template.least_s, template.longest_s
    for index, before in enumerate(template.predecessors):
        soonest, limit = _NEVER, -1
        for other in before:
            if earliest[other] <= latest[other]:
                soonest = min(soonest, earliest[other] + least[other])
                most = longest[other]
                limit = _NEVER if most is None else max(limit, latest[other] + most)
        if before:
            earliest[index] = max(earliest[index], soonest)
            latest[index] = min(latest[index], limit)
        if closures[index] and earliest[index] <= latest[index]:
            earliest[index] = after_closures(closures[index], earliest[index], least[index])


def _backward(template: Template, earliest: list[int], latest: list[int], closures: Sequence[Closures]) -> None:
    """Carry the latest starts backward, and the earliest over operations that have a longest duration."""
    least, longest, successors = template.least_s, template.longest_s, template.successors
    for index in range(len(earliest) - 2, -1, -1):
        soonest, limit = _NEVER, -1
        for other in successors[index]:
            if earliest[other] <= latest[other]:
                soonest = min(soonest, earliest[other])
                limit = max(limit, latest[other])
        latest[index] = min(latest[index], limit - least[index])
        most = longest[index]
        if most is not None:
            earliest[index] = max(earliest[index], soonest - most)
        if closures[index] and earliest[index] <= latest[index]:
            earliest[index] = after_closures(closures[index], earliest[index], least[index])
            latest[index] = before_closures(closures[index], latest[index], least[index])


def joined(closures: Iterable[tuple[int, int]]) -> Closures:
    """Return closures of several places as times in which one of them is closed, by begin and by end.

    Those that touch stay apart, as in the instant between them a step without length is possible (rule 17).
    """
    found: list[tuple[int, int]] = []
    for begin, end in sorted(closures):
        if found and begin < found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return tuple(found)


def after_closures(closures: Closures, start_s: int, length_s: int) -> int:
    """Return the earliest start from `start_s` on at which a use of `length_s` meets no closure; `joined` ones."""
    place = bisect_right(closures, start_s, key=lambda closure: closure[1])
    while place < len(closures) and start_s + length_s > closures[place][0]:
        start_s = max(start_s, closures[place][1])
        place += 1
    return start_s


def before_closures(closures: Closures, start_s: int, length_s: int) -> int:
    """Return the latest start up to `start_s` at which a use of `length_s` meets no closure; `joined` ones."""
    place = bisect_left(closures, start_s + length_s, key=lambda closure: closure[0]) - 1
    while place >= 0 and start_s < closures[place][1]:
        start_s = min(start_s, closures[place][0] - length_s)
        place -= 1
    return start_s
