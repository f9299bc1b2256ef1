"""Trains of which some must be refused: together their stays on a resource take longer than it is open to them.

Between the first moment at which one of some trains can come to a resource and the last at which one of them must have
left it, their stays and releases must find room one after the other (overload checking: Carlier and Pinson 1989;
Baptiste, Le Pape and Nuijten 2001). Where they do not, so many of the optional ones must be refused that the rest fits.
A relaxation sees half a train refused; the count of refused trains is whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from railcap_solvers.exact.stays import cores_of

if TYPE_CHECKING:
    from railcap_solvers.exact.prepare import Prepared

Ints = npt.NDArray[np.int64]

MOST_BEGINS, MOST_OVERLOADS = 40, 60
"""So many moments to begin from are looked at per resource, and so many overloads are kept in all."""


@dataclass(frozen=True, slots=True)
class Overload:
    """Of the optional trains at least `refused` do not run in any solution within the windows."""

    trains: frozenset[int]
    refused: int


def find_overloads(prepared: Prepared) -> list[Overload]:
    """Return overloads of plain resources, those that refuse most first.

    Where even refusing all of its trains does not help, `refused` exceeds their number: the problem is infeasible.
    """
    most: dict[frozenset[int], int] = defaultdict(int)
    for resource in prepared.by_resource:
        if prepared.problem.resource(resource).capacity == 1:
            for found in _of_resource(prepared, resource):
                most[found.trains] = max(most[found.trains], found.refused)
    overloads = [Overload(trains, refused) for trains, refused in most.items()]
    overloads.sort(key=lambda each: (-each.refused, len(each.trains), sorted(each.trains)))
    kept = apart(overloads, [1] * len(prepared.problem.trains))  # those of other days, however few they refuse
    for each in overloads:
        if len(kept) >= MOST_OVERLOADS:
            break
        if not any(other.refused >= each.refused and other.trains <= each.trains for other in kept):
            kept.append(each)
    return kept


def apart(overloads: Sequence[Overload], extra: Sequence[float]) -> list[Overload]:
    """Return overloads without a train in common, chosen one by one by what they cost at least.

    Parameters
    ----------
    extra : sequence of float
        Per train, what refusing it costs more than what is counted for it anyway.
    """
    found: list[Overload] = []
    taken: set[int] = set()
    for each in sorted(overloads, key=lambda each: (-_least_extra(each, extra), len(each.trains))):
        if taken.isdisjoint(each.trains):
            taken |= each.trains
            found.append(each)
    return found


def overload_cost(overloads: Sequence[Overload], extra: Sequence[int]) -> int:
    """Return what overloads cost at least; `extra` as for `apart`."""
    return int(sum(_least_extra(each, extra) for each in apart(overloads, extra)))


def _least_extra(overload: Overload, extra: Sequence[float]) -> float:
    return sum(sorted(extra[train] for train in overload.trains)[: overload.refused])


def _of_resource(prepared: Prepared, resource: str) -> Iterator[Overload]:
    """Yield per moment to begin from the overload of the first trains that are too many, and of those most too many."""
    cores = sorted(cores_of(prepared, resource), key=lambda core: core.latest_end)
    if len(cores) < 2:
        return
    begins = np.array([core.start[0] for core in cores])
    ends = np.array([core.latest_end for core in cores])
    lengths = np.array([core.length for core in cores])
    shut = _shut_before(prepared, resource, max(core.release for core in cores))
    optional = [prepared.problem.trains[core.train].refusal_cost is not None for core in cores]
    moments = np.unique(begins)
    for begin in moments[:: -(-len(moments) // MOST_BEGINS)].tolist():
        inside = np.flatnonzero(begins >= begin)
        taken = np.cumsum(lengths[inside])
        excess = taken - (ends[inside] - begin) + shut(ends[inside]) - shut(np.array([begin]))
        too_many = np.flatnonzero(excess > 0)
        for last in {int(too_many[0]), int(np.argmax(excess))} if len(too_many) else ():
            members = [place for place in inside[: last + 1].tolist() if optional[place]]
            needed = _fewest(int(excess[last]), sorted((cores[place].length for place in members), reverse=True))
            yield Overload(frozenset(cores[place].train for place in members), needed)


def _fewest(excess: int, lengths: Sequence[int]) -> int:
    """Return how many of the longest it takes to make up an excess; more than there are if all do not."""
    for count, length in enumerate(lengths):
        if excess <= 0:
            return count
        excess -= length
    return len(lengths) + (excess > 0)


def _shut_before(prepared: Prepared, resource: str, release: int) -> Callable[[Ints], Ints]:
    """Return a function that tells how long a resource is shut before moments, without releases that may run on.

    Closures that touch stay apart: a use without length lets its release begin between them.
    """
    grid = prepared.grid
    spans: list[tuple[int, int]] = []
    for begin_s, until_s in sorted(prepared.problem.resource(resource).closures):
        if spans and begin_s < spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], until_s)
        else:
            spans.append((begin_s, until_s))
    begins = np.array([grid.steps(begin_s) + release for begin_s, _ in spans], np.int64)
    untils = np.array([grid.steps(until_s) for _, until_s in spans], np.int64)

    def before(moments: Ints) -> Ints:
        shut: Ints = np.clip(np.minimum(untils, moments[:, None]) - begins, 0, None).sum(axis=1)
        return shut

    return before
