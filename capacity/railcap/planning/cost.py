"""The cost of a timetable in railway words: refused, late, journey; whole, and above each train's own best."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.corridor.traffic import TrainRequest
from railcap.planning.alone import AloneRuns
from railcap.planning.compile import CompiledTrain, compile_scenario
from railcap.planning.compile_cost import CostUnits
from railcap.planning.timetable import Timetable, TrainPath


@dataclass(frozen=True, slots=True)
class CostTerms:
    """A cost by term, in integer units of ``1 / scale`` weighted minutes."""

    refused: int = 0
    late: int = 0
    journey: int = 0

    @property
    def total(self) -> int:
        """The sum."""
        return self.refused + self.late + self.journey

    def __add__(self, other: CostTerms) -> CostTerms:
        return CostTerms(self.refused + other.refused, self.late + other.late, self.journey + other.journey)

    def __sub__(self, other: CostTerms) -> CostTerms:
        return CostTerms(self.refused - other.refused, self.late - other.late, self.journey - other.journey)


@dataclass(frozen=True, slots=True)
class TrainCost:
    """What a requested train costs in a timetable, and what it costs at its own best, alone on the line."""

    train: str
    cost: CostTerms
    own_best: CostTerms


@dataclass(frozen=True, slots=True)
class CostReport:
    """The cost of a timetable by train and term (rules 13 and 14); `scale` units make a weighted minute."""

    trains: tuple[TrainCost, ...]
    scale: int

    @property
    def whole(self) -> CostTerms:
        """The whole cost."""
        return sum((train.cost for train in self.trains), CostTerms())

    @property
    def own_best(self) -> CostTerms:
        """What all trains cost at their own best."""
        return sum((train.own_best for train in self.trains), CostTerms())

    @property
    def avoidable(self) -> CostTerms:
        """The whole cost less each train's own best.

        A single term may be negative, where a train leaves earlier than at its own best but takes longer; the total
        is not.
        """
        return self.whole - self.own_best

    def minutes(self, units: int) -> float:
        """Return integer units as weighted minutes."""
        return units / self.scale


def cost_report(scenario: Scenario, timetable: Timetable, alone: AloneRuns | None = None) -> CostReport:
    """Return what a timetable costs.

    Parameters
    ----------
    timetable : Timetable
        Any that fits the scenario, also one that was made elsewhere.
    alone : AloneRuns, optional
        The own best runs of the compiled scenario, if there are any yet.
    """
    requests = train_requests(scenario)
    units = CostUnits(scenario, requests)
    paths = {path.train: path for path in timetable.paths}
    own = own_bests(alone or AloneRuns(compile_scenario(scenario)), units)
    costs = []
    for request in requests:
        path = paths.get(request.id)
        cost = _path_cost(scenario, units, request, path)
        costs.append(TrainCost(request.id, cost, own[request.id]))
    return CostReport(tuple(costs), units.scale)


def _path_cost(scenario: Scenario, units: CostUnits, request: TrainRequest, path: TrainPath | None) -> CostTerms:
    if path is None:
        return CostTerms(refused=units.refusal(request))
    return _run_cost(units, request, path.departure_s, path.arrival_s, shortest_journey_s(scenario, request))


def _run_cost(units: CostUnits, request: TrainRequest, departure_s: int, arrival_s: int, shortest_s: int) -> CostTerms:
    late_s = max(0, departure_s - request.wished_departure_s)
    above_s = max(0, arrival_s - departure_s - shortest_s)
    return CostTerms(late=units.late(request) * late_s, journey=units.journey(request) * above_s)


def own_bests(alone: AloneRuns, units: CostUnits) -> dict[str, CostTerms]:
    """Return the cost of every requested train at its own best: run alone, or refused if that is cheaper."""
    found = {
        train.id: CostTerms(refused=units.refusal(train.request))
        for train in alone.compiled.impossible
        if train.request is not None
    }
    for index, train in enumerate(alone.compiled.trains):
        if train.request is not None:
            found[train.id] = _own_best(alone, units, index, train, train.request)
    return found


def _own_best(alone: AloneRuns, units: CostUnits, index: int, train: CompiledTrain, request: TrainRequest) -> CostTerms:
    refused = CostTerms(refused=units.refusal(request))
    run = _run_cost(units, request, *alone.ends(index), train.shortest_s)
    return refused if not request.mandatory and refused.total < run.total else run


def lower_bound(bests: Iterable[CostTerms]) -> int:
    """Return what no timetable can undercut: the sum of all own bests."""
    return sum(best.total for best in bests)
