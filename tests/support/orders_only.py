"""Random problems in which nothing but routes and orders matters, and what a search on them has in force."""

from __future__ import annotations

from dataclasses import replace

from random_problems import random_problem

from railcap.operations.problem import DelayTerm, OperationsProblem, Train
from railcap_solvers.search.engine import Search
from railcap_solvers.search.layout import FIRST


def of_orders_only(seed: int) -> OperationsProblem:
    """Return a random problem without what more than orders decides on, priced at its exits alone."""
    problem = random_problem(seed, 3, 6)
    trains = tuple(
        Train(train.name, tuple(replace(op, max_duration_s=None) for op in train.operations))
        for train in problem.trains
    )
    terms = tuple(DelayTerm(k, len(train.operations) - 1, 4 * k, 1 + k, k) for k, train in enumerate(trains))
    return OperationsProblem(trains, terms, name=problem.name)


def routes_in_force(search: Search) -> list[list[tuple[int, int]]]:
    ops, starts, lengths = search.plans_in_force()
    routes = []
    for train, row in enumerate(search.static.train):
        first = int(row[FIRST])
        there = slice(first, first + int(lengths[train]))
        routes.append(list(zip((ops[there] - first).tolist(), starts[there].tolist(), strict=True)))
    return routes
