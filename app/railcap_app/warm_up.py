"""Does everything once on a small railway, so that kernels are compiled and fonts are found before the first plan."""

from __future__ import annotations

import tempfile

import numpy as np

import railcap
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap.planning.compile import compile_scenario

_SCENARIO = "quetta-chaman-day-14"
"""Hard enough that search, bound and exact engine all have work; an easier one would leave kernels uncompiled."""
_DELAYS = "ril405-low"
_TIME_LIMIT_S = 20.0
_MOVES = 2000


def main() -> None:
    """Search, plan, write, draw and dispatch in this process; called by the install step of the Makefile."""
    from railcap_solvers.search import improve
    from railcap_solvers.search.engine import CIRCLE_RELEASE_S, Search

    meet = _meet()
    improve(meet, moves_limit=_MOVES)
    improve(meet, moves_limit=_MOVES, payments=lambda: np.ones(2))  # with graded anneals
    search = Search(meet, least_release_s=CIRCLE_RELEASE_S)
    search.retime(0.5)
    search.dispatch(0.0, lambda: False)  # what improve needs only where insertion leaves trains out,
    search.routes()  # or where hand-overs close a circle,
    search.take_over(search.best_plans())  # or where two anneals end apart
    scenario = railcap.load(_SCENARIO)
    improve(compile_scenario(scenario).problem, moves_limit=_MOVES)  # first, since compiling takes longer than the plan
    plan = railcap.plan(scenario, parameters=railcap.SolveParameters(time_limit_s=_TIME_LIMIT_S), isolated=False)
    with tempfile.TemporaryDirectory() as folder:
        railcap.write(plan, folder)
    assert plan.timetable is not None, "some trains can run, whatever the time"
    delays, _ = railcap.load_delay_table(_DELAYS, scenario)
    railcap.simulate(scenario, plan.timetable, delays, days=1, repair_min=1, volume=False)


def _meet() -> OperationsProblem:
    """Two trains head-on, with only their order to be found, as in problems of train dispatching."""
    trains = []
    for name, way in (("up", "abc"), ("down", "cba")):
        run = [Operation((place + 1,), 60, None, 0, None, (ResourceUse(one),)) for place, one in enumerate(way)]
        trains.append(Train(name, (*run, Operation())))
    return OperationsProblem(tuple(trains), tuple(DelayTerm(number, 3, 180, 1) for number in range(2)))


if __name__ == "__main__":
    main()
