"""From what was counted to what is told: means, shares and percentiles by train, request and category."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from railcap.corridor.scenario import Scenario
from railcap.measures.robustness.delay_table import DelayKind, DelayTable
from railcap.measures.robustness.events import Act, EventGraph
from railcap.measures.robustness.repair_tally import RepairTally
from railcap.measures.robustness.results import (
    CallLateness,
    ChangedOrder,
    Lateness,
    PassedOn,
    Repaired,
    Robustness,
    TrainLateness,
    VolumePoint,
    Withdrawal,
)
from railcap.measures.robustness.tally import Tally
from railcap.units import MINUTE_S

_CONFIDENCE = 1.96


@dataclass(frozen=True, slots=True)
class Asked:
    """What a simulation was asked for; see `railcap.measures.robustness.simulate.simulate`."""

    days: int
    seed: int
    within_min: tuple[int, ...]
    withdraw_min: int | None


def collect(
    scenario: Scenario,
    table: DelayTable,
    graph: EventGraph,
    tally: Tally,
    asked: Asked,
    volume: tuple[VolumePoint, ...],
    repairs: RepairTally | None = None,
) -> Robustness:
    """Return the results of a simulation; `repairs` is what was counted with the order repaired."""
    counted = _counted(graph)
    category = [scenario.train_types[path.train_type].category for path in graph.paths]
    request = [path.request for path in graph.paths]
    overall = _lateness(tally, "", counted)
    kinds_s = {
        kind: float(tally.primary_s[counted, number].sum()) / max(1, tally.days * len(counted))
        for number, kind in enumerate(DelayKind)
    }
    return Robustness(
        table,
        tally.days,
        asked.days,
        asked.seed,
        asked.within_min,
        asked.withdraw_min,
        overall,
        _error_s(tally, overall),
        kinds_s,
        _groups(tally, counted, category),
        _groups(tally, counted, request),
        tuple(
            TrainLateness(
                path.train, path.request, category[train], bool(path.light_for), _lateness(tally, path.train, [train])
            )
            for train, path in enumerate(graph.paths)
        ),
        tuple(_calls(graph, tally)),
        _passed_on(graph, tally),
        _withdrawals(graph, tally),
        volume,
        None if repairs is None else _repaired(graph, repairs, category, request),
    )


def _repaired(graph: EventGraph, repairs: RepairTally, category: Sequence[str], request: Sequence[str]) -> Repaired:
    tally, counted = repairs.tally, _counted(graph)
    overall = _lateness(tally, "", counted)
    changed = [ChangedOrder(*key, times / tally.days) for key, times in repairs.changed.items()]
    return Repaired(
        repairs.rule,
        overall,
        _error_s(tally, overall),
        _groups(tally, counted, category),
        _groups(tally, counted, request),
        sum(repairs.changed.values()) / tally.days,
        tuple(sorted(changed, key=lambda one: (-one.by_day, one.place, one.first, one.second))),
    )


def volume_point(graph: EventGraph, tally: Tally) -> VolumePoint:
    """Return one point of the curve of delay against volume."""
    whole = _lateness(tally, "", _counted(graph))
    return VolumePoint(
        whole.trains,
        whole.primary_s,
        whole.mean_s,
        whole.knock_on_s,
        whole.knock_on_per_primary,
        whole.withdrawn_share,
    )


def _counted(graph: EventGraph) -> list[int]:
    """Return the trains whose punctuality counts: those that somebody has asked for."""
    return [train for train, path in enumerate(graph.paths) if not path.light_for]


def _groups(tally: Tally, counted: Sequence[int], names: Sequence[str]) -> tuple[Lateness, ...]:
    order = dict.fromkeys(names[train] for train in counted)
    return tuple(_lateness(tally, name, [train for train in counted if names[train] == name]) for name in order)


def _lateness(tally: Tally, name: str, trains: Sequence[int]) -> Lateness:
    chosen = list(trains)
    runs, arrivals = tally.days * len(chosen), int(tally.arrivals[chosen].sum())
    minutes = np.trim_zeros(tally.minutes[chosen].sum(axis=0), "b")
    return Lateness(
        name,
        len(chosen),
        tuple(minutes.tolist()),
        runs - arrivals,
        float(tally.arrival_s[chosen].sum()) / max(1, arrivals),
        float(tally.alone_s[chosen].sum()) / max(1, arrivals),
        float(tally.primary_s[chosen].sum()) / max(1, runs),
    )


def _error_s(tally: Tally, overall: Lateness) -> float | None:
    """Return half the confidence interval of the mean delay, from how its sum differs from day to day.

    None where it is not known: of a single day, or where no train arrives.
    """
    if not overall.trains:
        return 0.0
    arrivals = sum(overall.minutes)
    if tally.days < 2 or not arrivals:
        return None
    daily_min = overall.mean_s * arrivals / MINUTE_S / tally.days
    variance = max(0.0, tally.squares / tally.days - daily_min**2) * tally.days / (tally.days - 1)
    return _CONFIDENCE * math.sqrt(variance / tally.days) * MINUTE_S * tally.days / arrivals


def _calls(graph: EventGraph, tally: Tally) -> Iterator[CallLateness]:
    arrivals = [number for number, event in enumerate(graph.events) if event.act is Act.ARRIVE]
    for number in sorted(arrivals, key=lambda one: (graph.events[one].train, graph.events[one].place)):
        event, days = graph.events[number], max(1, int(tally.late_days[number]))
        path = graph.paths[event.train]
        yield CallLateness(
            path.train,
            event.place,
            path.calls[event.place].station,
            float(tally.late_s[number]) / days,
            float(tally.late_alone_s[number]) / days,
        )


def _passed_on(graph: EventGraph, tally: Tally) -> tuple[PassedOn, ...]:
    found = [
        PassedOn(
            handover,
            float(tally.passed_s[number]) / tally.days,
            float(tally.eased_s[number]) / tally.days,
            float(tally.passed_days[number]) / tally.days,
        )
        for number, handover in enumerate(graph.handovers)
        if tally.passed_s[number]
    ]
    return tuple(sorted(found, key=lambda one: (-one.passed_s, one.handover.place, one.handover.second)))


def _withdrawals(graph: EventGraph, tally: Tally) -> tuple[Withdrawal, ...]:
    found = []
    for number in np.flatnonzero(tally.withdrawals.any(axis=1)).tolist():
        event = graph.events[number]
        path = graph.paths[event.train]
        train, station = path.train, path.calls[event.place].station
        late, without = (tally.withdrawals[number] / tally.days).tolist()
        if late:
            closed = graph.handovers[event.shuts[0].handover].place if event.shuts else ""
            found.append(Withdrawal(train, station, late, closed=closed))
        if without:
            needed = next(wait for wait in event.waits if wait.needed)
            found.append(Withdrawal(train, station, without, without=graph.handovers[needed.handover].first))
    return tuple(sorted(found, key=lambda one: (-one.share, one.train, one.station)))
