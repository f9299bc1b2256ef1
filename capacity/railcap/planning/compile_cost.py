"""Cost terms with integer coefficients, from weights per minute (docs/model.md, rule 13)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainRequest
from railcap.operations.problem import DelayTerm, JourneyTerm, ObjectiveTerm


def exact(number: float) -> Fraction:
    """Return the decimal number that a float was written as: 0.2 is one fifth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


class CostUnits:
    """The least integer scale at which every cost of a scenario is an integer, and the costs at that scale.

    The scale counts units per weighted minute.
    """

    def __init__(self, scenario: Scenario, requests: Iterable[TrainRequest]) -> None:
        self._scenario = scenario
        weights = scenario.weights
        self._point = exact(weights.value_point_min)
        categories = {train_type.category for train_type in scenario.train_types.values()}
        per_second = [
            exact(weight) / 60
            for category in sorted(categories)
            for weight in (weights.late(category), weights.journey(category))
        ]
        refusals = {exact(request.value) * self._point for request in requests}
        self.scale = lcm(*(cost.denominator for cost in (*per_second, *refusals)))

    def late(self, request: TrainRequest) -> int:
        """Return what a second of late departure costs."""
        return self._integer(exact(self._scenario.weights.late(self._category(request))) / 60)

    def journey(self, request: TrainRequest) -> int:
        """Return what a second of journey above the shortest costs."""
        return self._integer(exact(self._scenario.weights.journey(self._category(request))) / 60)

    def refusal(self, request: TrainRequest) -> int:
        """Return what refusing a request costs."""
        return self._integer(exact(request.value) * self._point)

    def _category(self, request: TrainRequest) -> str:
        return self._scenario.train_types[request.train_type].category

    def _integer(self, cost: Fraction) -> int:
        scaled = cost * self.scale
        assert scaled.denominator == 1
        return scaled.numerator


def terms_of(
    units: CostUnits,
    request: TrainRequest,
    train: int,
    depart: int,
    arrive: int,
    shortest_s: int,
    earliest_departure_s: int,
) -> list[ObjectiveTerm]:
    """Return the terms of a train.

    Where both weights are equal and the train cannot leave before its wished time, the two terms add up to one delay
    of the arrival against wished departure plus shortest journey, which is easier to solve.
    """
    late, journey = units.late(request), units.journey(request)
    wished = request.wished_departure_s
    if late == journey and earliest_departure_s >= wished:
        return [DelayTerm(train, arrive, wished + shortest_s, late)] if late else []
    terms: list[ObjectiveTerm] = []
    if late:
        terms.append(DelayTerm(train, depart, wished, late))
    if journey:
        terms.append(JourneyTerm(train, depart, arrive, shortest_s, journey))
    return terms
