"""The bound that costs nothing: what the trains would cost if none were in another's way."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from railcap.operations.objective import term_cost
from railcap.operations.problem import DelayTerm, OperationsProblem, Train


def unimpeded_bound(problem: OperationsProblem) -> int | None:
    """Return a lower bound of every schedule's cost: the sum of what the trains cost at least by themselves.

    Per train the cheapest route, where each operation costs what it costs at the earliest instant at which any route
    reaches it. Resources, links, closures and journey terms are left aside.

    Returns
    -------
    int or None
        None if some cost falls with time, or a train that must run has no route in its windows.
    """
    terms: list[defaultdict[int, list[DelayTerm]]] = [defaultdict(list) for _ in problem.trains]
    for term in problem.objective:
        if term.coeff < 0 or (isinstance(term, DelayTerm) and term.increment < 0):
            return None
        if isinstance(term, DelayTerm):
            terms[term.train][term.operation].append(term)
    least = [_least(train, own) for train, own in zip(problem.trains, terms, strict=True)]
    return None if any(math.isinf(cost) for cost in least) else int(sum(least))


def _least(train: Train, terms: Mapping[int, Sequence[DelayTerm]]) -> float:
    """Return what a train costs at least, run or refused; infinite if it can do neither."""
    count = len(train.operations)
    earliest = [math.inf] * count
    earliest[0] = -math.inf
    for place, operation in enumerate(train.operations):
        earliest[place] = start = max(earliest[place], operation.start_lb_s)
        if operation.start_ub_s is not None and start > operation.start_ub_s:
            earliest[place] = math.inf
        elif math.isfinite(start):
            for successor in operation.successors:
                earliest[successor] = min(earliest[successor], start + operation.min_duration_s)
    cost = [math.inf] * count
    cost[0] = 0.0
    for place, operation in enumerate(train.operations):
        if math.isinf(earliest[place]) or math.isinf(cost[place]):
            cost[place] = math.inf
            continue
        start = int(earliest[place])
        cost[place] += sum(term_cost(term, {place: start}) for term in terms.get(place, ()))
        for successor in operation.successors:
            cost[successor] = min(cost[successor], cost[place])
    return min(cost[-1], math.inf if train.refusal_cost is None else train.refusal_cost)
