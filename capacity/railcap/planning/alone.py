"""What each train of a compiled scenario would do and cost with the railway to itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from railcap.operations.objective import routes_cost
from railcap.operations.problem import OperationsProblem
from railcap.planning.compile import CompiledScenario

if TYPE_CHECKING:
    from railcap.operations.timegrid import GridRun


class AloneRuns:
    """Own best runs of the trains of a problem, found when they are asked for."""

    def __init__(self, compiled: CompiledScenario) -> None:
        self.compiled = compiled
        self._found: dict[int, GridRun | None] = {}

    def run(self, train: int) -> GridRun | None:
        """Return the cheapest run of a train alone under its windows, closures and links; None: it cannot run."""
        if train not in self._found:
            from railcap.operations.timegrid import best_alone

            self._found[train] = best_alone(self.problem_of(train), 0)
        return self._found[train]

    def cost(self, train: int) -> int | None:
        """Return what the own best run costs, in the problem's integer units."""
        run = self.run(train)
        return None if run is None else routes_cost(self.problem_of(train), [run.route])

    def ends(self, train: int) -> tuple[int, int] | None:
        """Return departure and arrival of the own best run, UTC seconds."""
        run = self.run(train)
        if run is None:
            return None
        starts, compiled = dict(run.route), self.compiled.trains[train]
        return starts[compiled.depart], starts[compiled.arrive]

    def problem_of(self, train: int) -> OperationsProblem:
        """Return the problem of one train without the others."""
        problem = self.compiled.problem
        return OperationsProblem(
            (problem.trains[train],),
            tuple(replace(problem.objective[term], train=0) for term in self._terms.get(train, ())),
            problem.resources,
            tuple(
                replace(link, from_train=0, to_train=0)
                for link in problem.links
                if link.from_train == train and link.to_train == train
            ),
            problem.cost_scale,
            problem.name,
        )

    @cached_property
    def _terms(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, term in enumerate(self.compiled.problem.objective):
            found.setdefault(term.train, []).append(place)
        return found
