"""Why a scenario is infeasible: the fewest trains found that must run and cannot all run together."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

from railcap.operations.problem import OperationsProblem
from railcap.solving.backend import Backend
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Reason
from railcap.solving.solve import solve
from railcap.solving.stop import Stop

_SHARE, _LEAST_S = 0.2, 0.5
"""What one attempt takes of the time left, and the least it gets."""


def conflicting_trains(
    problem: OperationsProblem,
    backend: str | Backend,
    parameters: SolveParameters,
    time_limit_s: float,
    stop: Stop | None = None,
    isolated: bool = True,
) -> tuple[list[int], bool]:
    """Return mandatory trains that cannot all run, of a problem that is proven infeasible.

    Halves, quarters and so on, at last single trains, are left out for good where the rest stays proven infeasible (a
    deletion filter: Chinneck and Dravnieks 1991).

    Returns
    -------
    trains : list of int
        Indices into ``problem.trains``.
    least : bool
        Whether it is proven that any one of them less lets the others run. False if time ran out.
    """
    stop = stop or Stop()
    deadline_s = time.monotonic() + time_limit_s
    kept = [index for index, train in enumerate(problem.trains) if train.refusal_cost is None]
    size = len(kept)
    least = True
    while size > 1:
        size = max(1, min(size, len(kept)) // 2)
        at = 0
        while at < len(kept) and len(kept) > 1:
            left_s = deadline_s - time.monotonic()
            if left_s <= 0 or stop.requested:
                return kept, False
            fewer = kept[:at] + kept[at + size :]
            limits = replace(parameters, time_limit_s=max(_LEAST_S, _SHARE * left_s), warm_start=None)
            result = solve(part_of(problem, fewer), backend, limits, stop, isolated=isolated)
            if result.termination.reason is Reason.INFEASIBLE:
                kept = fewer
                continue
            least &= size > 1 or result.schedule is not None
            at += size
    return kept, least


def part_of(problem: OperationsProblem, trains: Collection[int]) -> OperationsProblem:
    """Return the part of a problem that some of its trains make; links to others fall away."""
    places = sorted(trains)
    new = {old: place for place, old in enumerate(places)}
    return replace(
        problem,
        trains=tuple(problem.trains[old] for old in places),
        objective=tuple(replace(term, train=new[term.train]) for term in problem.objective if term.train in new),
        links=tuple(
            replace(link, from_train=new[link.from_train], to_train=new[link.to_train])
            for link in problem.links
            if link.from_train in new and link.to_train in new
        ),
    )
