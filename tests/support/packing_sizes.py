"""Prints the table of sizes in docs/formulations.md: python tests/support/packing_sizes.py"""

from __future__ import annotations

from collections.abc import Callable

from yard_oracle import even_yard, fixed_yard, yard_problem

import railcap
from railcap.operations.problem import OperationsProblem
from railcap.operations.timegrid import TimeGrid
from railcap.planning.compile import compile_scenario
from railcap_solvers.mip.packing import Packing

PROBLEMS: dict[str, Callable[[], OperationsProblem]] = {
    "quetta-chaman-day": lambda: compile_scenario(railcap.load("quetta-chaman-day")).problem,
    "quetta-chaman-day-14": lambda: compile_scenario(railcap.load("quetta-chaman-day-14")).problem,
    "karachi-chaman-3days": lambda: compile_scenario(railcap.load("karachi-chaman-3days")).problem,
    "yard of 1,000 trains, fixed times": lambda: yard_problem(fixed_yard(1000, 1000, 4)),
    "yard of 1,000 trains, up to two hours late": lambda: yard_problem(even_yard(1000, 1000, 10)),
}


def row(name: str) -> str:
    """Return the table's row of a problem."""
    problem = PROBLEMS[name]()
    size = Packing(problem, TimeGrid(problem)).size
    return f"| {name} | {size.variables:,} | {size.nonzeros:,} |"


if __name__ == "__main__":
    for named in PROBLEMS:
        print(row(named))
