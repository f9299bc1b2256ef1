"""What each train of a compiled scenario would do and cost with the railway to itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from railcap.operations.problem import OperationsProblem
from railcap.planning.alone_run import AloneRun, AloneTrain
from railcap.planning.compile import CompiledScenario


class AloneRuns:
    """Own best runs of the trains of a problem, found when they are asked for."""

    def __init__(self, compiled: CompiledScenario) -> None:
        self.compiled = compiled
        self._found: dict[int, AloneRun | None] = {}

    def run(self, train: int) -> AloneRun | None:
        """Return the cheapest run of a train alone under its windows, closures and links; None: it cannot run."""
        if train not in self._found:
            compiled = self.compiled.trains[train]
            self._found[train] = AloneTrain(self.problem_of(train), compiled.depart, compiled.arrive).best()
        return self._found[train]

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
