"""A linear model as a PuLP problem. PuLP is imported here alone, and late."""

from __future__ import annotations

import math
from typing import Any

from railcap_solvers.mip.linear import LinearModel


def pulp_problem(model: LinearModel) -> tuple[Any, list[Any], list[int]]:
    """Return a PuLP problem without the constant of the cost, its variables, and whose row each of its rows is.

    PuLP's rows have one end, so a row with two becomes two.
    """
    import pulp

    problem = pulp.LpProblem("railcap", pulp.LpMinimize)
    width = len(str(len(model.lower)))
    variables = [
        problem.add_variable(
            f"x{index:0{width}d}",
            None if math.isinf(lower) else lower,
            None if math.isinf(upper) else upper,
            pulp.LpInteger if whole else pulp.LpContinuous,
        )
        for index, (lower, upper, whole) in enumerate(zip(model.lower, model.upper, model.whole, strict=True))
    ]
    # PuLP knows the variables that stand in the objective or in a row, so all stand in the objective.
    problem.setObjective(pulp.LpAffineExpression(list(zip(variables, model.cost, strict=True))))
    owners = []
    for number, row in enumerate(model.rows):
        terms = [(variables[index], value) for index, value in row.terms.items()]
        if not terms:
            continue
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
