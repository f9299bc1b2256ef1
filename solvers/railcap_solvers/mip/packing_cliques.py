"""Contested resources in the packing model: who holds them when, cliques of slots, and instants inside uses."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from railcap.operations.problem import OperationsProblem
from railcap.operations.timegrid import TimeGrid
from railcap_solvers.mip.packing_rows import EventRows
from railcap_solvers.mip.packing_train import Part, TrainLayout, add_event, add_part, span_of


@dataclass(frozen=True, slots=True)
class _Holder:
    """What one train holds of one resource, and from when until when that can be."""

    train: int
    parts: list[Part]
    first: int
    until: int


class Cliques:
    """The contested resources of a problem, who may hold each, and the slots whose cliques are maximal.

    Parameters
    ----------
    problem : OperationsProblem
    grid : TimeGrid
    layouts : sequence of TrainLayout
        One for each train.

    Attributes
    ----------
    uses : list of dict
        Per train and contested resource (its row in the grid) the release time in slots by operation.
    """

    def __init__(self, problem: OperationsProblem, grid: TimeGrid, layouts: Sequence[TrainLayout]) -> None:
        self._problem, self._grid, self._layouts = problem, grid, layouts
        self.uses = [self._uses_of(index) for index in range(len(problem.trains))]
        self._holders = self._all_holders()
        self._slots = {row: self._clique_slots(holders) for row, holders in self._holders.items()}

    @property
    def nonzeros(self) -> int:
        """About how many nonzeros the rows of the cliques have."""
        nonzeros = 0
        for row, holders in self._holders.items():
            for holder in holders:
                rows = bisect_left(self._slots[row], holder.until) - bisect_left(self._slots[row], holder.first)
                nonzeros += rows * sum(moment.nonzeros() for part in holder.parts for moment, *_ in part)
        return nonzeros

    def write(self, rows: EventRows) -> None:
        """Write the rows of all contested resources; the trains must have their variables."""
        for row, holders in self._holders.items():
            self._write_cliques(rows, row, holders)
            self._write_instants(rows, row)

    def _uses_of(self, train: int) -> dict[int, dict[int, int]]:
        """Return a train's uses of contested resources by row: release time in slots by operation."""
        uses: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for number, op in enumerate(self._problem.trains[train].operations):
            for use in op.resources:
                row = self._grid.resource_index[use.resource]
                if row and self._layouts[train].runs and self._layouts[train].by[number]:
                    release = use.release_s // self._grid.step_s
                    uses[row][number] = max(release, uses[row].get(number, 0))
        return dict(uses)

    def _capacity(self, row: int) -> int:
        return self._problem.resource(self._grid.shared[row]).capacity

    def _all_holders(self) -> dict[int, list[_Holder]]:
        found: defaultdict[int, list[_Holder]] = defaultdict(list)
        for train, layout in enumerate(self._layouts):
            for row, uses in self.uses[train].items():
                parts = layout.held(uses)
                found[row].append(_Holder(train, parts, *span_of(parts, layout.count - 1 in uses)))
        return {row: holders for row, holders in found.items() if len(holders) > self._capacity(row)}

    def _clique_slots(self, holders: list[_Holder]) -> list[int]:
        """Return the slots of maximal cliques: grown since the last one, and about to shrink."""
        slots = self._grid.slots
        grows, shrinks = np.zeros(slots + 2, np.int64), np.zeros(slots + 2, np.int64)
        for holder in holders:
            for part in holder.parts:
                for moment, shift, sign in part:
                    changes = grows if sign > 0 else shrinks
                    changes[min(moment.low + shift, slots)] += 1
                    changes[min(moment.high + shift, slots) + 1] -= 1
        growing, shrinking = np.cumsum(grows)[: slots + 1] > 0, np.cumsum(shrinks)[: slots + 1] > 0
        shrinking[slots] = True
        found, grown = [], False
        for slot in np.flatnonzero(growing[:slots] | shrinking[1:]).tolist():
            grown = grown or bool(growing[slot])
            if grown and shrinking[slot + 1]:
                found.append(slot)
                grown = False
        return found

    def _write_cliques(self, rows: EventRows, row: int, holders: list[_Holder]) -> None:
        capacity = self._capacity(row)
        seen = set()
        for slot in self._slots[row]:
            terms: dict[int, float] = {}
            trains = sum(self._add_held(rows, terms, holder, slot) for holder in holders)
            key = frozenset(terms.items())
            if trains > capacity and key not in seen:
                rows.model.row(terms, high=float(capacity))
                seen.add(key)

    def _add_held(self, rows: EventRows, terms: dict[int, float], holder: _Holder, slot: int) -> bool:
        """Add to terms whether a train holds a resource in a slot; return whether it possibly does."""
        if not holder.first <= slot < holder.until:
            return False
        if len(holder.parts) == 1:
            before = len(terms)
            add_part(terms, holder.parts[0], slot, 1.0)
            return len(terms) > before
        sums = []
        for part in holder.parts:
            held: dict[int, float] = {}
            add_part(held, part, slot, 1.0)
            if any(held.values()):
                sums.append((held, 0.0))
        if sums:
            terms[rows.above(sums)] = 1.0
        return bool(sums)

    def _write_instants(self, rows: EventRows, row: int) -> None:
        """Keep uses without length or release out of the instants inside other trains' uses."""
        capacity = self._capacity(row)
        inside: dict[int, _Holder] = {}
        for train, op in self._instant_uses(row):
            layout = self._layouts[train]
            if not inside:
                for other in self._holders[row]:
                    parts = self._layouts[other.train].held(self.uses[other.train][row], inside=True)
                    inside[other.train] = _Holder(other.train, parts, other.first + 1, other.until)
            for slot in range(layout.low[op], layout.high[op] + 1):
                terms: dict[int, float] = {}
                others = [holder for holder in inside.values() if holder.train != train]
                if sum(self._add_held(rows, terms, holder, slot) for holder in others) < capacity:
                    continue
                events = [layout.by[op]] if layout.fixed(op) else [layout.by[op], layout.end(op)]
                for event in events:
                    add_event(terms, event, slot, 1.0)
                    add_event(terms, event, slot - 1, -1.0)
                rows.model.row(terms, high=float(capacity + len(events) - 1))

    def _instant_uses(self, row: int) -> list[tuple[int, int]]:
        return [
            (holder.train, op)
            for holder in self._holders[row]
            for op, release in self.uses[holder.train][row].items()
            if not release and not self._layouts[holder.train].shortest[op] and self._layouts[holder.train].end(op)
        ]
