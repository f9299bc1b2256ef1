"""What keeps the trains of a stretch apart, in the order in which they have each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from railcap.errors import InputError, Issue
from railcap.measures.occupation.uses import NONE, Ints, Stretch, Uses
from railcap.units import duration, stamp

_MOST_ISSUES = 20


@dataclass(frozen=True, slots=True)
class Separations:
    """Pairs of trains that have a place one after the other, as columns; of each pair what keeps them apart most.

    Parameters
    ----------
    first, second : array of int
        Trains of the stretch.
    again : array of bool
        Whether the second one is its own repeat after all the traffic.
    least_s : array of int
        How much later the second train must at least be moved than the first: minus the buffer between them, and of
        repeats the time from the train itself to its repeat.
    place : array of int
        Place of the stretch that asks for it.
    """

    first: Ints
    second: Ints
    again: np.ndarray[tuple[int], np.dtype[np.bool_]]
    least_s: Ints
    place: Ints


def separations(stretch: Stretch) -> Separations:
    """Return what keeps trains apart.

    Of two directions and of each approach to a station a train minds the last train that was there before it: those
    before that one are further away anyhow, since trains of one direction do not change their order within a section
    (rule 8 of docs/model.md), nor those of one single-track section at its end.

    Raises
    ------
    InputError
        If two trains are nearer to each other than the rules allow, so that there is no order to keep; names all.
    """
    found = [*_within_traffic(stretch), *_until_repeat(stretch)]
    columns = [np.concatenate(column) for column in zip(*found, strict=True)] if found else [np.empty(0, np.int64)] * 5
    first, second, again, least_s, place = columns
    _no_conflicts(stretch, *columns)
    pair = (again * len(stretch.paths) + first) * len(stretch.paths) + second
    order = np.lexsort((least_s, pair))
    last = np.append(pair[order][1:] != pair[order][:-1], True) if len(order) else np.empty(0, bool)
    kept = order[last]
    return Separations(first[kept], second[kept], again[kept].astype(bool), least_s[kept], place[kept])


def _within_traffic(stretch: Stretch) -> Iterator[tuple[Ints, Ints, Ints, Ints, Ints]]:
    uses = stretch.uses
    for group in range(stretch.apart_s.shape[1]):
        before = _before(uses, group)
        rows = np.flatnonzero(before >= 0)
        before = before[rows]
        interval_s = stretch.apart_s[uses.place[rows], group, uses.group[rows]]
        rows, before, interval_s = (one[interval_s != NONE] for one in (rows, before, interval_s))
        least_s = uses.end_s[before] + interval_s - uses.begin_s[rows]
        yield uses.train[before], uses.train[rows], np.zeros_like(rows), least_s, uses.place[rows]


def _before(uses: Uses, group: int) -> Ints:
    """Return for each use the last one of a group by another train that has the same place before it; -1: none."""
    rows = np.arange(len(uses.place))
    last = np.maximum.accumulate(np.where(uses.group == group, rows, NONE)) if len(rows) else rows
    before = np.append(NONE, last)[: len(rows)]
    first_of_place = np.searchsorted(uses.place, uses.place)
    before[before < first_of_place] = NONE
    chain = before.copy()
    own = (before >= 0) & (uses.train[before] == uses.train)
    while own.any():
        before[own] = chain[before[own]]
        own = (before >= 0) & (uses.train[before] == uses.train)
    return before


def _until_repeat(stretch: Stretch) -> Iterator[tuple[Ints, Ints, Ints, Ints, Ints]]:
    """Yield what keeps the first uses of the repeat behind the last ones of the traffic."""
    uses = stretch.uses
    groups, places = range(stretch.again_s.shape[1]), np.arange(len(stretch.places))
    firsts, lasts = [], []
    for group in groups:
        rows = np.flatnonzero(uses.group == group)
        begins = np.searchsorted(uses.place[rows], places, side="left")
        ends = np.searchsorted(uses.place[rows], places, side="right")
        used = begins < ends
        rows = np.append(rows, NONE)
        firsts.append(np.where(used, rows[begins], NONE))
        lasts.append(np.where(used, rows[ends - 1], NONE))
    for one in groups:
        for other in groups:
            interval_s = stretch.again_s[:, one, other]
            at = np.flatnonzero((interval_s != NONE) & (lasts[one] >= 0) & (firsts[other] >= 0))
            last, first = lasts[one][at], firsts[other][at]
            least_s = uses.end_s[last] + interval_s[at] - uses.begin_s[first]
            yield uses.train[last], uses.train[first], np.ones_like(at), least_s, at


def _no_conflicts(stretch: Stretch, first: Ints, second: Ints, again: Ints, least_s: Ints, place: Ints) -> None:
    rows = np.flatnonzero((again == 0) & (least_s > 0))
    if not len(rows):
        return
    issues = []
    for row in rows[:_MOST_ISSUES].tolist():
        one, other, where = stretch.paths[first[row]], stretch.paths[second[row]], stretch.places[place[row]]
        moment = stamp(int(stretch.entry_s[second[row]]), "UTC")
        message = f"{duration(int(least_s[row]))} less than the rules ask for, near {moment} UTC; plan it anew"
        value = f"{one.train} then {other.train}"
        issues.append(Issue("", f"{where.kind} {where.where} {where.name}".strip(), value, message, "trains-too-near"))
    text = f"{len(rows)} pairs of trains are in conflict: only a timetable without conflicts can be compressed"
    raise InputError(text, issues)
