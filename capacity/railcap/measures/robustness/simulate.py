"""Simulates a timetable on many days: primary delays by chance, everything else as the timetable's order has it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from railcap.corridor.scenario import Scenario, check_scenario
from railcap.errors import InputError, Issue
from railcap.measures.fit import must_fit
from railcap.measures.robustness.collect import Asked, collect, volume_point
from railcap.measures.robustness.delay_table import DelayTable, Seconds
from railcap.measures.robustness.dispatching import DispatchingRule
from railcap.measures.robustness.draws import uniform_numbers
from railcap.measures.robustness.event_graph import event_graph
from railcap.measures.robustness.events import EventGraph
from railcap.measures.robustness.propagation import Propagation
from railcap.measures.robustness.repair_tally import RepairTally
from railcap.measures.robustness.results import Robustness, VolumePoint
from railcap.measures.robustness.tally import Tally
from railcap.planning.check import check_timetable
from railcap.planning.timetable import Timetable
from railcap.solving.progress import Progress
from railcap.solving.stop import Stop
from railcap.units import MINUTE_S

WITHIN_MIN = (5, 15, 60)
SHARES = (0.2, 0.4, 0.6, 0.8)
"""Of the trains, in the curve of delay against volume."""

VOLUME_DAYS = 400
"""Days that are simulated for each point of that curve, at the most."""

_FIRST_DAYS = 64
_MEMORY_BYTES = 128 * 2**20
_MOST_DAYS_AT_ONCE = 4096

Told = Callable[[int], None]


def simulate(
    scenario: Scenario,
    timetable: Timetable,
    table: DelayTable,
    *,
    days: int = 1000,
    seed: int = 0,
    within_min: Sequence[int] = WITHIN_MIN,
    withdraw_min: int | None = None,
    repair_min: int | None = None,
    volume: bool = True,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Robustness:
    """Simulate a timetable under primary delays, with its order kept, and beside it repaired if that is asked for.

    A day is one run through the whole timetable, however many days of the calendar that has. The same seed gives the
    same figures; what is drawn for a train at a place depends on nothing else, so that two timetables can be compared
    on the same days.

    Parameters
    ----------
    table : DelayTable
        The primary delays.
    days : int
        Days to simulate.
    within_min : sequence of int
        For how many minutes the punctuality is told.
    withdraw_min : int, optional
        A train that could go on only so many minutes late, or later, is withdrawn where it stands, and nobody waits for
        it any more. By default no train is withdrawn.
    repair_min : int, optional
        Also live through the same days with the order repaired: a train that waits for its turn alone goes first where
        all trains together are then expected to be late by so many minutes less. Not together with `withdraw_min`.
    volume : bool
        Also simulate the timetable with a part of its trains only.
    stop : Stop, optional
        Ends it early with the days simulated so far, at least `_FIRST_DAYS`.
    progress : Progress, optional
        Is told how many days are done.

    Returns
    -------
    Robustness

    Raises
    ------
    InputError
        If the timetable breaks a rule of the scenario or has no train, or a figure makes no sense.
    TypeError
        If `scenario` is no Scenario.
    """
    check_scenario(scenario, "simulate")
    _must_make_sense(days, withdraw_min, repair_min)
    begun_s = time.monotonic()
    withdraw_s = None if withdraw_min is None else withdraw_min * MINUTE_S

    def tell(what: str) -> None:
        if progress is not None:
            progress.message(time.monotonic() - begun_s, what)

    def told(what: str) -> Told:
        return lambda done: tell(what.format(f"{done:,}"))

    tell("checking the timetable")
    _must_be_sound(scenario, timetable)
    graph = event_graph(scenario, timetable, table)
    tally = Tally(graph)
    repairs = None
    if repair_min is not None:
        tell("compiling the dispatcher, which takes a while the first time")
        repairs = RepairTally(graph, DispatchingRule(repair_min * MINUTE_S), tally)
    simulated(graph, days, seed, withdraw_s, stop, told(f"{{}} of {days:,} days"), tally, repairs)
    points: list[VolumePoint] = []
    if volume:
        fewer = min(tally.days, VOLUME_DAYS)
        for part in _parts(timetable, seed):
            if stop is not None and stop.requested:
                break
            some = event_graph(scenario, part, table)
            counted = simulated(some, fewer, seed, withdraw_s, stop, told(f"{{}} days with {len(part.paths)} trains"))
            points.append(volume_point(some, counted))
        points.append(volume_point(graph, tally))
    asked = Asked(days, seed, tuple(within_min), withdraw_min)
    return collect(scenario, table, graph, tally, asked, tuple(points), repairs)


def simulated(
    graph: EventGraph,
    days: int,
    seed: int,
    withdraw_s: int | None = None,
    stop: Stop | None = None,
    told: Told | None = None,
    tally: Tally | None = None,
    repairs: RepairTally | None = None,
) -> Tally:
    """Return what is counted over some days of an event graph; fewer, but some, if a stop is requested.

    Parameters
    ----------
    tally : Tally, optional
        Where it is counted; a new one by default.
    repairs : RepairTally, optional
        Lives through the same days with the order repaired.
    """
    propagation, tally = Propagation(graph, withdraw_s), Tally(graph) if tally is None else tally
    for first, count in _chunks(graph, days, repaired=repairs is not None):
        primary_s = primary_delays_s(graph, seed, first, count)
        tally.begin(primary_s)
        propagation.delays_s(primary_s, tally)
        tally.end()
        if repairs is not None:
            repairs.count(primary_s)
        if told is not None:
            told(tally.days)
        if stop is not None and stop.requested:
            break
    return tally


def primary_delays_s(graph: EventGraph, seed: int, first_day: int, days: int) -> Seconds:
    """Draw the primary delays of a graph on some days.

    Returns
    -------
    array of int, shape (primary delays, days)
        Whole seconds.
    """
    found = np.empty((len(graph.delays), days), np.int32)
    for row, delay in zip(found, graph.delays, strict=True):
        row[:] = delay.row.delays_s(uniform_numbers(seed, delay.name, first_day, days))
        if delay.cap_s is not None:
            np.minimum(row, delay.cap_s, out=row)
    return found


def _must_make_sense(days: int, withdraw_min: int | None, repair_min: int | None) -> None:
    figures = {"days": days, "withdraw_min": withdraw_min, "repair_min": repair_min}
    issues = [
        Issue("", name, str(figure), "give 1 or more", "out-of-range")
        for name, figure in figures.items()
        if figure is not None and figure < 1
    ]
    if withdraw_min is not None and repair_min is not None:
        message = "trains are either withdrawn or let go before others; simulate twice with one seed to compare"
        issues.append(Issue("", "repair_min", str(repair_min), message, "not-together"))
    if issues:
        raise InputError("the simulation cannot be done like this", issues)


def _must_be_sound(scenario: Scenario, timetable: Timetable) -> None:
    if not timetable.paths:
        raise InputError(f"there is nothing to simulate: the timetable of {timetable.scenario!r} has no train")
    must_fit(scenario, timetable)
    violations = check_timetable(scenario, timetable)
    if violations:
        message = f"the timetable breaks rules of {scenario.name}, so that its order cannot be kept"
        issues = [Issue("", one.place, " ".join(one.trains), one.message, str(one.kind)) for one in violations]
        raise InputError(message, issues)


def _chunks(graph: EventGraph, days: int, *, repaired: bool) -> Iterator[tuple[int, int]]:
    """Yield the first of some days and how many: few at first, then as many as memory allows, or a repair is told."""
    a_day = 4 * (len(graph.events) + len(graph.delays) + len(graph.paths))
    at_once = max(_FIRST_DAYS, min(_MOST_DAYS_AT_ONCE, _MEMORY_BYTES // a_day))
    at_once = _FIRST_DAYS if repaired else at_once
    first = 0
    while first < days:
        count = min(at_once if first else _FIRST_DAYS, days - first)
        yield first, count
        first += count


def _parts(timetable: Timetable, seed: int) -> Iterator[Timetable]:
    """Yield the timetable with a part of its trains, each part in the next one; light engines go with their trains."""

    def rank(train: str) -> bytes:
        return blake2b(f"{seed} {train}".encode()).digest()

    trains = sorted((path.train for path in timetable.paths if not path.light_for), key=rank)
    counts = dict.fromkeys(math.ceil(share * len(trains)) for share in SHARES)
    for count in counts:
        if count < len(trains):
            kept = set(trains[:count])
            yield replace(
                timetable, paths=tuple(path for path in timetable.paths if (path.light_for or path.train) in kept)
            )
