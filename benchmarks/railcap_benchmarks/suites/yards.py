"""Yards of k equal tracks with optional trains, whose optima come from a min-cost flow.

A train stands on a track from its arrival to its departure, both fixed; the next one may come `turnover` minutes after
the departure. A refused train costs its weight, so the optimal cost is the whole weight less the accepted one.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from railcap.operations.problem import Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.units import MINUTE_S
from railcap_benchmarks.suites.known_answer import KnownAnswer

YARD = "yard"


class _Train(msgspec.Struct):
    id: str
    arrive: int
    depart: int
    weight: int


class _Yard(msgspec.Struct):
    tracks: int
    turnover: int
    trains: list[_Train]
    optimum_weight: int


def yards(folder: Path) -> list[KnownAnswer]:
    """Return every yard of a folder (``*.json``, times in minutes) with its optimum, in order of their names."""
    return [_known_answer(path) for path in sorted(folder.glob("*.json"))]


def _known_answer(path: Path) -> KnownAnswer:
    yard = msgspec.json.decode(path.read_bytes(), type=_Yard)
    problem = OperationsProblem(
        trains=tuple(_train(train, yard.turnover) for train in yard.trains),
        resources={YARD: Resource(capacity=yard.tracks)},
        name=path.stem,
    )
    return KnownAnswer(path.stem, problem, sum(train.weight for train in yard.trains) - yard.optimum_weight)


def _train(train: _Train, turnover: int) -> Train:
    arrive_s, depart_s = train.arrive * MINUTE_S, train.depart * MINUTE_S
    stand = Operation(
        successors=(1,),
        min_duration_s=depart_s - arrive_s,
        start_lb_s=arrive_s,
        start_ub_s=arrive_s,
        resources=(ResourceUse(YARD, turnover * MINUTE_S),),
        label="stands",
    )
    leave = Operation(start_lb_s=depart_s, start_ub_s=depart_s, label="leaves")
    return Train(train.id, (stand, leave), train.weight)
