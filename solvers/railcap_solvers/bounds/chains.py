"""Trains that follow each other by required links as one train, so that a relaxation of the resources sees the links.

A rake that turns round is one train after the other: the second enters when the first has left, or is refused. Apart
from each other their cheapest runs know nothing of that; joined into one train, whose later parts may be left out at
what refusing them costs, they do. All other links between trains are left aside, so that no schedule costs more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from railcap.operations.problem import DelayTerm, Link, ObjectiveTerm, Operation, OperationsProblem, Train


@dataclass(frozen=True, slots=True)
class Joined:
    """A problem with its chains joined, and of which trains each of its trains consists."""

    problem: OperationsProblem
    members: Sequence[tuple[int, ...]]

    def per_train(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return values of the joined trains for each train that they consist of."""
        found = np.zeros(sum(map(len, self.members)))
        for value, members in zip(values, self.members, strict=True):
            found[list(members)] = value
        return found


def join_chains(problem: OperationsProblem) -> Joined:
    """Return a relaxation of a problem in which trains that enter when another has left are one train with it.

    Chains follow required links from an exit to an entry, where neither train holds anything for ever. Every schedule
    of the problem is one of the joined problem, at the same cost.
    """
    following = _following(problem)
    followers = {link.to_train for link in following.values()}
    members: list[tuple[int, ...]] = []
    for first in range(len(problem.trains)):
        if first not in followers:
            members.append(tuple(_chain(first, following)))
    if len(members) == len(problem.trains):
        return Joined(problem, members)
    terms: list[list[ObjectiveTerm]] = [[] for _ in problem.trains]
    for term in problem.objective:
        terms[term.train].append(term)
    within: list[list[Link]] = [[] for _ in problem.trains]
    for link in problem.links:
        if link.from_train == link.to_train:
            within[link.from_train].append(link)
    trains, objective, links = [], list[ObjectiveTerm](), list[Link]()
    for number, chain in enumerate(members):
        train, offsets, ends = _join([problem.trains[one] for one in chain], [following.get(one) for one in chain])
        trains.append(train)
        objective += [DelayTerm(number, end, least_s, 0, cost) for end, least_s, cost in ends]
        for one, offset in zip(chain, offsets, strict=True):
            objective += [_shifted(term, number, offset) for term in terms[one]]
            links += [
                replace(
                    link,
                    from_train=number,
                    to_train=number,
                    from_operation=link.from_operation + offset,
                    to_operation=link.to_operation + offset,
                )
                for link in within[one]
            ]
    return Joined(replace(problem, trains=tuple(trains), objective=tuple(objective), links=tuple(links)), members)


def _following(problem: OperationsProblem) -> dict[int, Link]:
    """Return for each train the link to the one that enters when it has left; no train has two before or after it."""
    found: dict[int, Link] = {}
    taken: set[int] = set()
    for link in problem.links:
        first, then = problem.trains[link.from_train].operations, problem.trains[link.to_train].operations
        ties_ends = link.from_operation == len(first) - 1 and link.to_operation == 0 and link.min_lag_s >= 0
        holds = bool(first[-1].resources or then[-1].resources)
        if not link.required or not ties_ends or holds or link.from_train == link.to_train:
            continue
        if link.from_train in found or link.to_train in taken:
            continue
        if link.from_train in _chain(link.to_train, found):
            continue  # a circle
        found[link.from_train] = link
        taken.add(link.to_train)
    return found


def _chain(first: int, following: dict[int, Link]) -> Iterator[int]:
    yield first
    while first in following:
        first = following[first].to_train
        yield first


def _join(
    trains: Sequence[Train], following: Sequence[Link | None]
) -> tuple[Train, list[int], list[tuple[int, int, int]]]:
    """Return trains as one, where the operations of each begin, and what its ends cost: end, earliest start, cost."""
    if len(trains) == 1:
        return trains[0], [0], []
    offsets, total = [], 0
    for train in trains:
        offsets.append(total)
        total += len(train.operations)
    refusals = [train.refusal_cost for train in trains]
    operations: list[Operation] = []
    ends: list[tuple[int, Operation, int]] = []
    for place, (train, offset, link) in enumerate(zip(trains, offsets, following, strict=True)):
        later = refusals[place + 1 :]
        operations += [
            replace(operation, successors=tuple(successor + offset for successor in operation.successors))
            for operation in train.operations
        ]
        leave = operations[-1]
        successors: list[int] = []
        least_s, longest_s = 0, 0 if link is None else link.max_lag_s
        if link is not None:
            successors.append(offset + len(train.operations))
            least_s = link.min_lag_s
        if None not in later:
            successors.append(total + len(ends))
            until_s = None if leave.start_ub_s is None or longest_s is None else leave.start_ub_s + longest_s
            end = Operation((), 0, 0, leave.start_lb_s, until_s, (), "end")
            ends.append((successors[-1], end, sum(cost for cost in later if cost is not None)))
        operations[-1] = replace(leave, successors=tuple(successors), min_duration_s=least_s, max_duration_s=longest_s)
    over = total + len(ends)
    until = [end.start_ub_s for _, end, _ in ends]
    last_s = None if None in until else max(one for one in until if one is not None)
    operations += [replace(end, successors=(over,)) for _, end, _ in ends]
    operations.append(Operation((), 0, None, min(end.start_lb_s for _, end, _ in ends), last_s, (), "end"))
    cost = None if None in refusals else sum(one for one in refusals if one is not None)
    return (
        Train(" + ".join(train.name for train in trains), tuple(operations), cost),
        offsets,
        [(number, end.start_lb_s, cost_of_rest) for number, end, cost_of_rest in ends if cost_of_rest],
    )


def _shifted(term: ObjectiveTerm, train: int, offset: int) -> ObjectiveTerm:
    if isinstance(term, DelayTerm):
        return replace(term, train=train, operation=term.operation + offset)
    return replace(
        term, train=train, from_operation=term.from_operation + offset, to_operation=term.to_operation + offset
    )
