"""What each train of a compiled scenario would do and cost with the railway to itself."""

from __future__ import annotations

from collections import defaultdict

from railcap.operations.problem import ObjectiveTerm
from railcap.planning.alone_run import AloneRun, AloneTrain
from railcap.planning.compile import CompiledScenario, closures_of


class AloneRuns:
    """Own best runs of the trains of a problem, found when they are asked for."""

    def __init__(self, compiled: CompiledScenario) -> None:
        self.compiled = compiled
        self._found: dict[int, AloneRun] = {}
        self._terms: dict[int, list[ObjectiveTerm]] = defaultdict(list)
        for term in compiled.problem.objective:
            self._terms[term.train].append(term)

    def run(self, train: int) -> AloneRun:
        """Return the cheapest run of a train alone under its windows, closures and longest journey."""
        if train not in self._found:
            best = self._train(train).best()
            assert best is not None, "trains that cannot run are no part of a compiled problem"
            self._found[train] = best
        return self._found[train]

    def ends(self, train: int) -> tuple[int, int]:
        """Return departure and arrival of the own best run, UTC seconds."""
        starts, compiled = dict(self.run(train).route), self.compiled.trains[train]
        return starts[compiled.depart], starts[compiled.arrive]

    def _train(self, train: int) -> AloneTrain:
        problem, compiled = self.compiled.problem, self.compiled.trains[train]
        operations = problem.trains[train].operations
        return AloneTrain(
            operations,
            [closures_of(problem.resources, operation.resources) for operation in operations],
            compiled.depart,
            compiled.arrive,
            self._terms[train],
            compiled.request.longest_journey_s if compiled.request else None,
        )
