"""Does everything once on a small railway, so that kernels are compiled and fonts are found before the first plan."""

from __future__ import annotations

import tempfile

import railcap
from railcap.planning.compile import compile_scenario

_SCENARIO = "quetta-chaman-day-14"
"""Hard enough that search, bound and exact engine all have work; an easier one would leave kernels uncompiled."""
_TIME_LIMIT_S = 20.0
_MOVES = 2000


def main() -> None:
    """Search, plan, write and draw in this process; called by the install step of the Makefile."""
    from railcap_solvers.search import improve

    scenario = railcap.load(_SCENARIO)
    improve(compile_scenario(scenario).problem, moves_limit=_MOVES)  # first, since compiling takes longer than the plan
    plan = railcap.plan(scenario, parameters=railcap.SolveParameters(time_limit_s=_TIME_LIMIT_S), isolated=False)
    with tempfile.TemporaryDirectory() as folder:
        railcap.write(plan, folder)


if __name__ == "__main__":
    main()
