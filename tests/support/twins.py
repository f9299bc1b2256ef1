"""Small problems in which some trains differ in little but their times, as trains of one request do."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from random_problems import random_problem

from railcap.operations.problem import (
    DelayTerm,
    ObjectiveTerm,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)


def twin_problem(seed: int) -> OperationsProblem:
    """Return a random problem of two trains with one or two more that are like the first of them."""
    random = Random(seed)
    base = random_problem(seed, trains=2, operations=3)
    first = base.trains[0]
    if random.random() < 0.8:
        first = replace(first, refusal_cost=first.refusal_cost or random.choice((3, 8, 20)))
    if random.random() < 0.5:
        base = replace(base, links=())
    trains, objective = [first, *base.trains[1:]], [term for term in base.objective if not _is_open(base, term)]
    own = [term for term in objective if term.train == 0]
    for _ in range(random.choice((1, 1, 2))):
        later_s = random.choice((0, 0, 1, 2, 5))
        objective += [_later(term, len(trains), random.choice((0, later_s, later_s))) for term in own]
        trains.append(_twin(random, first, later_s))
    return replace(base, trains=tuple(trains), objective=tuple(objective), name=f"twins {seed}")


def _twin(random: Random, train: Train, later_s: int) -> Train:
    keeps_end = random.random() < 0.5
    operations = tuple(
        replace(
            operation,
            start_lb_s=operation.start_lb_s + later_s,
            start_ub_s=None if operation.start_ub_s is None else operation.start_ub_s + later_s * (not keeps_end),
        )
        for operation in train.operations
    )
    cost = train.refusal_cost
    if cost is not None and random.random() < 0.3:
        cost += random.choice((-1, 1, 2))
    return replace(train, name=f"{train.name} later by {later_s}", operations=operations, refusal_cost=cost)


def _is_open(problem: OperationsProblem, term: ObjectiveTerm) -> bool:
    """Whether a term is a journey that may begin ever later, which brute force takes only one of."""
    if isinstance(term, DelayTerm):
        return False
    return problem.trains[term.train].operations[term.from_operation].start_ub_s is None


def _later(term: ObjectiveTerm, train: int, later_s: int) -> ObjectiveTerm:
    if isinstance(term, DelayTerm):
        return replace(term, train=train, threshold_s=term.threshold_s + later_s)
    return replace(term, train=train)


def section(begins, until=50, thresholds=None, costs=None, length=10):
    """Optional trains that enter a section from `begins` on, with delay counted from the earliest end."""
    trains = tuple(
        Train(
            str(place),
            (
                Operation((1,), start_lb_s=begin, min_duration_s=length, resources=(ResourceUse("section"),)),
                Operation(start_ub_s=until),
            ),
            refusal_cost=1000 if costs is None else costs[place],
        )
        for place, begin in enumerate(begins)
    )
    since = [begin + length for begin in begins] if thresholds is None else thresholds
    terms = tuple(DelayTerm(place, 1, threshold_s=since[place], coeff=2) for place in range(len(begins)))
    return OperationsProblem(trains, terms, {"section": Resource()})
