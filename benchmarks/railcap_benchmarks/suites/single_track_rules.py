"""Four small cases of single-track rules: following headway, turn-round, a single station track, a shared track.

From "railways_dispatching_silesia" (CC0), whose answers are proven optima: Domino et al., Quantum Information
Processing 21 (2022), and Entropy 25 (2023) 191. The rules, as that source writes them, become

* delay ``d(j, s) = departure(j, s) - earliest_dep(j, s)``, at most ``d_max``: windows, and delay terms that cost
  ``weight / d_max`` a minute;
* follow: a resource of each pair that is taken at the departure, without length, and released after the headway of
  whoever goes first;
* single line: a resource of each opposing pair, held from departure to arrival, unless the line is double;
* circulation: a link from the departure of the first train to that of the next;
* station track: a resource from arrival to departure, with a release of ``res``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from pathlib import Path

import msgspec

from railcap.operations.problem import DelayTerm, Link, Operation, OperationsProblem, ResourceUse, Train
from railcap.units import MINUTE_S
from railcap_benchmarks.suites.known_answer import KnownAnswer

DEPARTURE = 0
RUN = 1
_STOP = 2
_LEAVE = 3


class _TrainRow(msgspec.Struct):
    path: tuple[str, str]
    dep: int
    passing: int = msgspec.field(name="pass")
    stop: int = msgspec.field(name="stop_B", default=0)
    weights: dict[str, float] = msgspec.field(name="w", default_factory=dict)


class _Circulation(msgspec.Struct):
    at: str
    before: str = msgspec.field(name="from")
    after: str = msgspec.field(name="to")
    prep: int


class _Case(msgspec.Struct):
    id: str
    trains: dict[str, _TrainRow]
    d_max: int
    answer: float
    delays: dict[str, int]
    headway: dict[str, int] = {}
    circulation: _Circulation | None = None
    one_track_at: str | None = None
    res: int = 0
    double_track: bool = False
    reverse_order_cost: float | None = None


class _Cases(msgspec.Struct):
    cases: list[_Case]


@dataclass(frozen=True, slots=True)
class SingleTrackCase:
    """A case: the answer; the delay in seconds at each ``(train, DEPARTURE)``; the optimum of the other order, if told.

    `reversed` is the same problem with the second train before the first.
    """

    answer: KnownAnswer
    delays_s: dict[tuple[int, int], int]
    reversed: KnownAnswer | None


def single_track_cases(folder: Path) -> list[SingleTrackCase]:
    """Return the cases of ``cases.json`` in a folder, in the file's order."""
    cases = msgspec.json.decode((folder / "cases.json").read_bytes(), type=_Cases).cases
    return [_single_track_case(case) for case in cases]


def _single_track_case(case: _Case) -> SingleTrackCase:
    coeffs = [_cost_per_second(case, row.weights[row.path[0]]) for row in case.trains.values()]
    scale = lcm(*(coeff.denominator for coeff in coeffs))
    names = list(case.trains)
    problem = OperationsProblem(
        trains=tuple(_train(case, name) for name in names),
        objective=tuple(
            DelayTerm(place, DEPARTURE, row.dep * MINUTE_S, int(coeff * scale))
            for place, (row, coeff) in enumerate(zip(case.trains.values(), coeffs, strict=True))
        ),
        links=_circulation(case, names),
        cost_scale=scale,
        name=case.id,
    )
    delays = {(names.index(key.split("@")[0]), DEPARTURE): minutes * MINUTE_S for key, minutes in case.delays.items()}
    return SingleTrackCase(_answer(problem, case.answer), delays, _reversed(case, problem))


def _answer(problem: OperationsProblem, shown: float) -> KnownAnswer:
    return KnownAnswer(problem.name, problem, int(Fraction(str(shown)) * problem.cost_scale))


def _cost_per_second(case: _Case, weight: float) -> Fraction:
    return Fraction(str(weight)) / (case.d_max * MINUTE_S)


def _train(case: _Case, name: str) -> Train:
    row = case.trains[name]
    latest = case.d_max * MINUTE_S
    departure_s, run_s, stop_s = row.dep * MINUTE_S, row.passing * MINUTE_S, row.stop * MINUTE_S
    leave_s = departure_s + run_s + stop_s
    headways = tuple(
        ResourceUse(_pair("headway", name, other), case.headway[f"{name}>{other}"] * MINUTE_S)
        for other in case.trains
        if f"{name}>{other}" in case.headway
    )
    line = tuple(ResourceUse(_pair("line", name, other)) for other in _opposing(case, name))
    track = (ResourceUse(f"track at {row.path[1]}", case.res * MINUTE_S),) if _shares_track(case, row) else ()
    departure = Operation((RUN,), 0, 0, departure_s, departure_s + latest, headways, f"departs {row.path[0]}")
    run = Operation((_STOP,), run_s, run_s, resources=line, label="runs")
    stop = Operation((_LEAVE,), stop_s, resources=track, label=f"stops at {row.path[1]}")
    leave = Operation(start_lb_s=leave_s, start_ub_s=leave_s + latest, label=f"leaves {row.path[1]}")
    return Train(name, (departure, run, stop, leave))


def _pair(kind: str, one: str, other: str) -> str:
    return f"{kind} {min(one, other)} {max(one, other)}"


def _opposing(case: _Case, name: str) -> list[str]:
    if case.double_track:
        return []
    return [other for other, row in case.trains.items() if row.path == case.trains[name].path[::-1]]


def _shares_track(case: _Case, row: _TrainRow) -> bool:
    """Tell whether the train stops where all trains that stop there share one track."""
    return case.one_track_at is not None and case.one_track_at.split()[0] == row.path[1]


def _circulation(case: _Case, names: list[str]) -> tuple[Link, ...]:
    turn = case.circulation
    if turn is None:
        return ()
    lag_s = (case.trains[turn.before].passing + turn.prep) * MINUTE_S
    return (Link(names.index(turn.before), DEPARTURE, names.index(turn.after), DEPARTURE, lag_s),)


def _reversed(case: _Case, problem: OperationsProblem) -> KnownAnswer | None:
    """Return the case with its second train made to leave before its first, if the cost of that is told."""
    if case.reverse_order_cost is None:
        return None
    turned = replace(problem, links=(*problem.links, Link(1, DEPARTURE, 0, DEPARTURE)))
    return _answer(turned, case.reverse_order_cost)
