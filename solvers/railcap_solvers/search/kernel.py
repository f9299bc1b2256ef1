"""Compiling the search ahead of its first use."""

from __future__ import annotations

from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap_solvers.search.engine import Search, build


def warm_up() -> None:
    """Compile all kernels into the cache by a search on two trains; some ten seconds at first, then next to nothing."""
    operations = (Operation((1,), 60, None, 0, 600, (ResourceUse("track", 60),)), Operation((), 0))
    trains = tuple(Train(name, operations) for name in ("first", "second"))
    search = Search(OperationsProblem(trains, (DelayTerm(0, 1, 0, 1), DelayTerm(1, 1, 0, 1))))
    build(search, None, None)
    search.anneal(1, 1.0, 1.0, 1)
    search.take_over(search.best_plans())
