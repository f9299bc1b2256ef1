"""A linear model as a PuLP problem. PuLP is imported here alone, and late."""

from __future__ import annotations

import math
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from railcap_solvers.mip.linear import LinearModel


def installed(package: str) -> str | None:
    """Return the version of an installed package, None if there is none; imports nothing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def pulp_problem(model: LinearModel) -> tuple[Any, list[Any], list[int]]:
    """Return a PuLP problem without the constant of the cost, its variables, and whose row each of its rows is.

    PuLP's rows have one end, so a row with two becomes two.
    """
    import pulp

    problem = pulp.LpProblem("railcap", pulp.LpMinimize)
    width = len(str(len(model.lower)))
    variables = [
        pulp.LpVariable(
            f"x{index:0{width}d}",
            None if math.isinf(lower) else lower,
            None if math.isinf(upper) else upper,
            pulp.LpInteger if whole else pulp.LpContinuous,
        )
        for index, (lower, upper, whole) in enumerate(zip(model.lower, model.upper, model.whole, strict=True))
    ]
    problem.setObjective(pulp.LpAffineExpression((variables[i], cost) for i, cost in enumerate(model.cost) if cost))
    problem.addVariables(variables)
    owners = []
    for number, row in enumerate(model.rows):
        terms = [(variables[index], value) for index, value in row.terms.items()]
        if row.low == row.high:
            ends = [(pulp.LpConstraintEQ, row.low)]
        else:
            ends = [(pulp.LpConstraintGE, row.low), (pulp.LpConstraintLE, row.high)]
        for sense, end in ends:
            if not math.isinf(end):
                expression = pulp.LpAffineExpression(terms)
                problem.addConstraint(pulp.LpConstraint(expression, sense, f"r{number}_{sense + 1}", end))
                owners.append(number)
    return problem, variables, owners
