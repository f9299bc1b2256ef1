"""Windows of a train's operations, as tight as its own times, running times and closures make them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from railcap.planning.compile_train import Template

Closures = tuple[tuple[int, int], ...]
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class LongestJourney:
    """A limit on the time between two operations that are on every route."""

    depart: int
    arrive: int
    longest_s: int


def tighten(
    template: Template,
    earliest: list[int],
    latest: list[int],
    closures: Sequence[Closures],
    journey: LongestJourney | None = None,
) -> bool:
    """Narrow the start windows of a train in place, until nothing more follows or a few rounds are done.

    Nothing that the train can do alone is lost. An operation that it cannot reach, or from which it cannot go on,
    ends with ``earliest > latest``.

    Parameters
    ----------
    earliest, latest : windows by operation, narrowed in place
    closures : by operation, when what it holds is closed

    Returns
    -------
    bool
        Whether the train can still reach its exit.
    """
    before = _predecessors(template)
    for _ in range(_ROUNDS):
        was = sum(earliest), sum(latest)
        _forward(template, before, earliest, latest, closures)
        _backward(template, earliest, latest, closures)
        if journey is not None:
            earliest[journey.depart] = max(earliest[journey.depart], earliest[journey.arrive] - journey.longest_s)
            latest[journey.arrive] = min(latest[journey.arrive], latest[journey.depart] + journey.longest_s)
        if earliest[0] > latest[0] or earliest[-1] > latest[-1]:
            return False
        if was == (sum(earliest), sum(latest)):
            break
    return True


def _predecessors(template: Template) -> list[list[int]]:
    before: list[list[int]] = [[] for _ in template.roles]
    for index, after in enumerate(template.successors):
        for successor in after:
            before[successor].append(index)
    return before


def _forward(
    template: Template,
    before: Sequence[Sequence[int]],
    earliest: list[int],
    latest: list[int],
    closures: Sequence[Closures],
) -> None:
    least, longest = template.least_s, template.longest_s
    for index in range(len(earliest)):
        alive = [other for other in before[index] if earliest[other] <= latest[other]]
        if alive:
            reach = min([earliest[other] + least[other] for other in alive])
            if reach > earliest[index]:
                earliest[index] = reach
            limit = _latest_end(alive, latest, longest)
            if limit is not None and limit < latest[index]:
                latest[index] = limit
        elif index:
            earliest[index] = max(earliest[index], latest[index] + 1)
            continue
        if closures[index] and earliest[index] <= latest[index]:
            earliest[index] = after_closures(closures[index], earliest[index], least[index])


def _latest_end(alive: Sequence[int], latest: Sequence[int], longest: Sequence[int | None]) -> int | None:
    limit = None
    for other in alive:
        most = longest[other]
        if most is None:
            return None
        if limit is None or latest[other] + most > limit:
            limit = latest[other] + most
    return limit


def _backward(template: Template, earliest: list[int], latest: list[int], closures: Sequence[Closures]) -> None:
    least, longest, successors = template.least_s, template.longest_s, template.successors
    for index in range(len(earliest) - 2, -1, -1):
        alive = [other for other in successors[index] if earliest[other] <= latest[other]]
        if not alive:
            latest[index] = min(latest[index], earliest[index] - 1)
            continue
        limit = max([latest[other] for other in alive]) - least[index]
        if limit < latest[index]:
            latest[index] = limit
        most = longest[index]
        if most is not None:
            needed = min([earliest[other] for other in alive]) - most
            if needed > earliest[index]:
                earliest[index] = needed
        if closures[index] and earliest[index] <= latest[index]:
            earliest[index] = after_closures(closures[index], earliest[index], least[index])
            latest[index] = before_closures(closures[index], latest[index], least[index])


def after_closures(closures: Closures, start_s: int, length_s: int) -> int:
    """Return the earliest start from `start_s` on at which a use of `length_s` meets no closure."""
    place = bisect_right(closures, start_s, key=lambda closure: closure[1])
    while place < len(closures) and start_s + length_s > closures[place][0]:
        start_s = max(start_s, closures[place][1])
        place += 1
    return start_s


def before_closures(closures: Closures, start_s: int, length_s: int) -> int:
    """Return the latest start up to `start_s` at which a use of `length_s` meets no closure."""
    place = bisect_left(closures, start_s + length_s, key=lambda closure: closure[0]) - 1
    while place >= 0 and start_s < closures[place][1]:
        start_s = min(start_s, closures[place][0] - length_s)
        place -= 1
    return start_s
