"""One train on the time grid for the packing model: its windows, and the moments whose slot the model chooses.

A moment is an event of a train with a slot of its own: its entry, or a step from one operation to the next whose time
does not follow from an earlier moment. A fixed duration makes an event follow another one, so a train with one route
and fixed durations has a single moment, however many operations it has.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from railcap.operations.problem import Operation
from railcap.operations.timegrid import GridTrain

STARTS = 60
"""A train with a single moment of up to so many slots gets a binary per start; beyond, one per 'started by'."""

FOREVER = 1 << 60
"""A slot after all others."""


@dataclass(slots=True, eq=False)
class Moment:
    """An event of a train within a window of slots.

    Parameters
    ----------
    operation : int
        The operation that starts.
    before : int or None
        The operation that ends; None at the train's entry.
    low, high : int
        First and last slot.
    starts : bool
        One variable per slot says 'at this slot' (True), or 'at or before this slot' (False).
    total : Moment or None
        A moment that happens exactly if this one does; the two share their last variable.
    """

    operation: int
    before: int | None
    low: int
    high: int
    starts: bool = False
    total: Moment | None = None
    cost: list[float] = field(default_factory=list)
    """Cost by slot from `low` on, in the problem's integer units."""
    variables: list[int] = field(default_factory=list)
    """Variable by slot from `low` on."""

    def add(self, terms: dict[int, float], slot: int, coefficient: float) -> None:
        """Add ``coefficient * [happens at or before slot]`` to terms."""
        if slot < self.low:
            return
        if self.starts:
            for variable in self.variables[: slot - self.low + 1]:
                terms[variable] = terms.get(variable, 0.0) + coefficient
        else:
            variable = self.variables[min(slot, self.high) - self.low]
            terms[variable] = terms.get(variable, 0.0) + coefficient

    def nonzeros(self) -> int:
        """Return about how many variables `add` touches."""
        return (self.high - self.low) // 2 + 1 if self.starts else 1


Timed = tuple[tuple[Moment, int], ...]
"""An event as moments, of which at most one happens, each with the slots from it to the event."""

Part = tuple[tuple[Moment, int, int], ...]
"""``(moment, shift, sign)``: the sum of ``sign * [moment at or before slot - shift]`` is 1 while something is held."""


class TrainLayout:
    """A train's windows, its events by moments, and what it holds when.

    Parameters
    ----------
    train : GridTrain
        Its present windows (`limit_cost`) are taken.
    operations : tuple of Operation
    step_s : int
    """

    def __init__(self, train: GridTrain, operations: tuple[Operation, ...], step_s: int) -> None:
        self.index = train.train
        self.count = len(operations)
        self.low: list[int] = train.low.tolist()
        self.high: list[int] = train.high.tolist()
        self._least = [op.min_duration_s // step_s for op in operations]
        self._most = [FOREVER if op.max_duration_s is None else op.max_duration_s // step_s for op in operations]
        self.successors = self._tightened([op.successors for op in operations])
        self.runs = self.low[0] <= self.high[0] and (self.count == 1 or bool(self.successors[0]))
        """Whether the train can run at all."""
        self.moments: list[Moment] = []
        self.by: list[Timed] = [() for _ in operations]
        """Start of each operation; nothing where it cannot be in a solution."""
        self.arcs: dict[tuple[int, int], Timed] = {}
        """Step from an operation to the next one."""
        self.shortest = list(self._least)
        self.longest = list(self._most)
        """Durations that the windows leave, by operation, in slots."""
        if self.runs:
            self._lay_out()
        self.always = self._on_every_route()

    def _tightened(self, successors: list[tuple[int, ...]]) -> list[list[int]]:
        """Tighten the windows by longest durations too; return the successors that are left."""
        low, high, least, most = self.low, self.high, self._least, self._most
        left = [list(following) for following in successors]
        alive = [low[op] <= high[op] for op in range(self.count)]
        changed = True
        while changed:
            changed = False
            before: list[list[int]] = [[] for _ in left]
            for op, following in enumerate(left):
                kept = [
                    then
                    for then in following
                    if alive[op]
                    and alive[then]
                    and max(low[then], low[op] + least[op]) <= min(high[then], high[op] + most[op])
                ]
                changed |= len(kept) < len(following)
                left[op] = kept
                for then in kept:
                    before[then].append(op)
            for op in range(self.count):
                first, last = low[op], high[op]
                if op > 0 and before[op]:
                    first = max(first, min(low[p] + least[p] for p in before[op]))
                    last = min(last, max(high[p] + most[p] for p in before[op]))
                if op < self.count - 1 and left[op]:
                    first = max(first, min(low[s] for s in left[op]) - most[op])
                    last = min(last, max(high[s] for s in left[op]) - least[op])
                here = first <= last and (op == 0 or bool(before[op])) and (op == self.count - 1 or bool(left[op]))
                if alive[op] and (first, last, here) != (low[op], high[op], True):
                    low[op], high[op], alive[op] = first, last, here
                    changed = True
        self._alive = alive
        if not alive[0] or not alive[-1]:
            self.low[0], self.high[0] = 1, 0
        return left

    def _lay_out(self) -> None:
        self.moments.append(Moment(0, None, self.low[0], self.high[0]))
        self.by[0] = ((self.moments[0], 0),)
        for op in range(self.count - 1):
            following = self.successors[op]
            if not self._alive[op]:
                continue
            self.shortest[op] = max(self._least[op], min(self.low[s] for s in following) - self.high[op])
            self.longest[op] = min(self._most[op], max(self.high[s] for s in following) - self.low[op])
            fixed = self.shortest[op] == self.longest[op]
            for then in following:
                if fixed and len(following) == 1:
                    step: Timed = tuple((moment, offset + self.shortest[op]) for moment, offset in self.by[op])
                else:
                    first = max(self.low[then], self.low[op] + self.shortest[op])
                    last = min(self.high[then], self.high[op] + self.longest[op])
                    moment = Moment(then, op, first, last)
                    if len(following) == 1 and len(self.by[op]) == 1:
                        moment.total = self.by[op][0][0]
                    self.moments.append(moment)
                    step = ((moment, 0),)
                self.arcs[op, then] = step
                self.by[then] += step
        if len(self.moments) == 1 and self.high[0] - self.low[0] < STARTS:
            self.moments[0].starts = True
        for moment in self.moments:
            moment.cost = [0.0] * (moment.high - moment.low + 1)

    def _on_every_route(self) -> frozenset[int]:
        """Return the operations that every route that is left contains."""
        ways = [1] + [0] * (self.count - 1)
        for op in range(self.count):
            for then in self.successors[op]:
                ways[then] += ways[op]
        back = [0] * (self.count - 1) + [1]
        for op in reversed(range(self.count - 1)):
            back[op] = sum(back[then] for then in self.successors[op])
        return frozenset(op for op in range(self.count) if ways[op] * back[op] == ways[-1] > 0)

    def fixed(self, operation: int) -> bool:
        """Whether the windows and rules leave an operation a single duration."""
        return self.shortest[operation] == self.longest[operation]

    def end(self, operation: int) -> Timed:
        """Return the end of an operation; nothing for the exit."""
        return tuple(item for then in self.successors[operation] for item in self.arcs[operation, then])

    def between(self, first: int, then: int) -> tuple[int, int]:
        """Return the least and the most slots from one operation's start to another's, along routes with both.

        ``(FOREVER, -1)`` if there is none.
        """
        least, most = {first: 0}, {first: 0}
        for op in range(first, then):
            if op not in least:
                continue
            for following in self.successors[op]:
                least[following] = min(least.get(following, FOREVER), least[op] + self.shortest[op])
                most[following] = max(most.get(following, -1), most[op] + self.longest[op])
        return least.get(then, FOREVER), most.get(then, -1)

    def held(self, uses: Mapping[int, int], inside: bool = False) -> list[Part]:
        """Return what the train holds of one resource, as parts.

        The train holds the resource exactly where some part is 1. There is a single part wherever the train's uses
        cannot overlap each other (by a release time that reaches into the next use).

        Parameters
        ----------
        uses : mapping of int to int
            Release time in slots by operation that uses the resource.
        inside : bool
            At an instant, not in a slot: 1 only if the resource is held both just before and just after the instant.
        """
        parts: list[Counter[tuple[Moment, int]]] = []
        overlapping = False
        for op, release in uses.items():
            if not self.by[op]:
                continue
            part: Counter[tuple[Moment, int]] = Counter()
            for moment, offset in self.by[op]:
                part[moment, offset + inside] += 1
            for then in self.successors[op]:
                kept = then in uses
                covered = kept and (then == self.count - 1 or self.shortest[then] + uses[then] >= release)
                shift = 0 if covered else release
                overlapping = overlapping or any(
                    later > op and shift > self.between(then, later)[0] for later in uses if later >= then
                )
                for moment, offset in self.arcs[op, then]:
                    part[moment, offset + (max(shift, 1) if kept and inside else shift)] -= 1
            parts.append(part)
        if not overlapping and parts:
            whole: Counter[tuple[Moment, int]] = Counter()
            for part in parts:
                whole.update(part)
            parts = [whole]
        return [tuple((*key, sign) for key, sign in part.items() if sign) for part in parts]

    def when(self, times: Mapping[int, int], event: Timed) -> int | None:
        """Return the slot of an event, given the slots of the moments that happen by `id`; None if it does not."""
        for moment, offset in event:
            if id(moment) in times:
                return times[id(moment)] + offset
        return None


def add_event(terms: dict[int, float], event: Timed, slot: int, coefficient: float) -> None:
    """Add ``coefficient * [event at or before slot]`` to terms."""
    for moment, offset in event:
        moment.add(terms, slot - offset, coefficient)


def add_part(terms: dict[int, float], part: Part, slot: int, coefficient: float) -> None:
    """Add ``coefficient * [held in a slot]`` to terms."""
    for moment, shift, sign in part:
        moment.add(terms, slot - shift, sign * coefficient)


def span_of(parts: Iterable[Part], forever: bool) -> tuple[int, int]:
    """Return the first slot in which something may be held and the slot after the last (`FOREVER` if `forever`)."""
    first, last = FOREVER, 0
    for part in parts:
        for moment, shift, sign in part:
            if sign > 0:
                first = min(first, moment.low + shift)
            last = max(last, moment.high + shift)
    return first, FOREVER if forever else last


def whole_ceiling(value: float, unit: int) -> int:
    """Return a bound in cost units rounded up to a whole one, times the unit, forgiving a millionth of it."""
    return math.ceil(value - 1e-6 * max(1.0, abs(value))) * unit
