"""The walk on the time grid against enumeration of every route and every start."""

import itertools
import random

import numpy as np
import pytest

from railcap.operations.objective import term_cost
from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Link,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)
from railcap.operations.timegrid import GridTrain, TimeGrid, cheapest_within

HORIZON = 9


def routes(operations, op=0):
    if op == len(operations) - 1:
        yield [op]
    for successor in operations[op].successors:
        for rest in routes(operations, successor):
            yield [op, *rest]


def single_train(rng: random.Random) -> OperationsProblem:
    shapes = [
        [(1,), (2,), (3,), ()],
        [(1, 2), (3,), (3,), ()],
        [(1, 2), (3,), (3,), (4, 5), (5,), ()],
    ]
    operations = []
    for successors in rng.choice(shapes):
        shortest = rng.randrange(3)
        longest = rng.choice([None, shortest, shortest, shortest + 1])
        uses = tuple(ResourceUse(name, rng.randrange(3)) for name in "ab" if rng.random() < 0.5)
        low = rng.choice([0, 0, rng.randrange(4)])
        operations.append(
            Operation(successors, shortest, longest if successors else None, low, HORIZON, uses if successors else ())
        )
    last = len(operations) - 1
    closures = tuple((a, a + rng.randrange(1, 3)) for a in (1, 5) if rng.random() < 0.5)
    objective = (
        DelayTerm(0, last, rng.randrange(5), rng.randrange(3), rng.randrange(2)),
        JourneyTerm(0, 0, last, 0, rng.randrange(3)),
    )
    links = (Link(0, 0, 0, last, 0, rng.randrange(3, 9)),) if rng.random() < 0.4 else ()
    # A second train makes the resources contested, so that they have rows in a price table.
    other = Train("other", (Operation((1,), 0, None, 0, HORIZON, (ResourceUse("a"), ResourceUse("b"))), Operation()))
    return OperationsProblem((Train("t", tuple(operations)), other), objective, {"a": Resource(1, closures)}, links)


def enumerated(problem: OperationsProblem, prices: dict[str, list[float]]) -> float:
    best = float("inf")
    operations = problem.trains[0].operations
    for route in routes(operations):
        for starts in itertools.product(range(HORIZON + 1), repeat=len(route)):
            value = _value(problem, operations, route, starts, prices)
            best = min(best, value)
    return best


def _value(problem, operations, route, starts, prices):
    for place, (op, start) in enumerate(zip(route, starts, strict=True)):
        operation = operations[op]
        if not operation.start_lb_s <= start <= operation.start_ub_s:
            return float("inf")
        if place == len(route) - 1:
            continue
        end = starts[place + 1]
        longest = operation.max_duration_s
        if end - start < operation.min_duration_s or (longest is not None and end - start > longest):
            return float("inf")
        for use in operation.resources:
            if any(start < until and end > begin for begin, until in problem.resource(use.resource).closures):
                return float("inf")
    at = dict(zip(route, starts, strict=True))
    for link in problem.links:
        if at[link.to_operation] - at[link.from_operation] > link.max_lag_s:
            return float("inf")
    value = float(sum(term_cost(term, at) for term in problem.objective))
    for place, (op, start) in enumerate(zip(route[:-1], starts[:-1], strict=True)):
        kept = {use.resource for use in operations[route[place + 1]].resources}
        after = operations[route[place + 1] + 1 :]
        later = {use.resource for other in after for use in other.resources}
        for use in operations[op].resources:
            release = 0 if use.resource in kept or use.resource in later else use.release_s
            until = min(starts[place + 1] + release, len(prices[use.resource]))
            value += sum(prices[use.resource][start:until])
    return value


@pytest.mark.parametrize("seed", range(60))
def test_cheapest_run_equals_enumeration(seed):
    rng = random.Random(seed)
    problem = single_train(rng)
    grid = TimeGrid(problem)
    assert grid.step_s == 1
    prices = {name: [float(rng.choice([0, 0, 1, 3])) for _ in range(grid.slots)] for name in "ab"}
    table = np.zeros((len(grid.shared), grid.slots + 1))
    for name in "ab":
        table[grid.resource_index[name], 1:] = np.cumsum(prices[name])
    if grid.resource_index["a"] == grid.resource_index["b"] == 0:
        prices = {name: [0.0] * grid.slots for name in "ab"}
        table[:] = 0
    for name in "ab":
        if grid.resource_index[name] == 0:
            prices[name] = [0.0] * grid.slots
    table[0] = 0
    run = GridTrain(grid, 0).cheapest(table)
    expected = enumerated(problem, prices)
    assert (float("inf") if run is None else run.value) == pytest.approx(expected)
    free = {name: [0.0] * grid.slots for name in "ab"}
    alone = cheapest_within(GridTrain(TimeGrid(problem), 0), None)
    assert (float("inf") if alone is None else alone.value) == pytest.approx(enumerated(problem, free))
