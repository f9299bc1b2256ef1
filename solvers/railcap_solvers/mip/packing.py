"""Time-indexed set packing: trains choose slots, and each resource fits so many trains in each slot.

Every time of a problem lies on a grid (`railcap.operations.timegrid`). For each moment of a train (`packing_train`)
binaries say 'at or before slot t'; durations, links and windows compare two of these, which is the dual of a network
and so totally unimodular for a train alone. A train with one moment and few slots has a binary per start instead. A
train holds a resource in a slot if its use began and its release has not ended; for each contested resource and slot a
clique row lets at most ``capacity`` trains do so. Only slots of maximal cliques have a row: one follows where somebody
may begin since the last one and somebody may end right after it. No row has a large constant, and where all times are
fixed the rows are intervals, so that the linear relaxation is integral.

Slots do not show two things. A use without length or release covers none: rows for the instants inside other uses
(`_instants`) forbid it there. A closed circle of hand-overs at one instant keeps all slots: `forbid` adds rows that
forbid it at every instant. With both the model is exact for every feature of a problem.

Sources: Dyer and Wolsey (1990) for time-indexed variables; Brännlund, Lindberg, Nõu and Nilsson (1998), Caprara,
Fischetti and Toth (2002) and Cacchiani, Caprara and Toth (2008) for train paths as packing; Christofides, Alvarez-
Valdes and Tamarit (1987) for the disaggregated precedence rows.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from railcap.operations.objective import routes_cost
from railcap.operations.problem import DelayTerm, JourneyTerm, Link, OperationsProblem
from railcap.operations.schedule import Schedule, schedule_from_routes
from railcap.operations.timegrid import GridTrain, TimeGrid, cheapest_within
from railcap.solving.backend import FEATURES
from railcap_solvers.bounds.lagrangian import cost_unit
from railcap_solvers.mip.disorder import Routes, disorder
from railcap_solvers.mip.linear import LinearModel, Values
from railcap_solvers.mip.packing_train import (
    FOREVER,
    Part,
    Timed,
    TrainLayout,
    add_event,
    add_part,
    span_of,
    whole_ceiling,
)

PACKING_FEATURES = FEATURES
"""The features of problems that the model takes exactly: all."""

NONZEROS = 2_000_000
"""A model with more nonzeros is not written whole."""

FITTING_NONZEROS = 300_000
"""With more nonzeros, which lines with wide windows have, the relaxation alone takes minutes."""

OPTIONAL_SHARE = 0.5
"""`fits` wants at least this share of optional trains."""


@dataclass(frozen=True, slots=True)
class Size:
    """An estimate of a model's variables and nonzeros, made without writing it."""

    variables: int
    nonzeros: int


@dataclass(frozen=True, slots=True)
class _Holder:
    """What one train holds of one resource, and from when until when that can be."""

    train: int
    parts: list[Part]
    first: int
    until: int


class Packing:
    """The packing model of a problem.

    Parameters
    ----------
    problem : OperationsProblem
    grid : TimeGrid
        Must be `usable`.
    upper : int, optional
        Cost of a known solution: starts that make every solution dearer are left out.

    Attributes
    ----------
    unit : int
        The model's objective counts in this many of the problem's cost units; all costs are its multiples.
    infeasible : bool
        Some train that must run cannot run even alone; there is no model then.
    """

    def __init__(self, problem: OperationsProblem, grid: TimeGrid, upper: int | None = None) -> None:
        self.problem, self.grid = problem, grid
        self.unit = cost_unit(problem, grid.step_s)
        self._needed = {link.from_train for link in problem.links if link.required}
        self.layouts = self._layouts(upper)
        self.infeasible = any(
            not layout.runs and train.refusal_cost is None
            for layout, train in zip(self.layouts, problem.trains, strict=True)
        )
        self._uses = [self._uses_of(index) for index in range(len(problem.trains))]
        self._holders = self._all_holders()
        self._rows = {row: self._clique_slots(holders) for row, holders in self._holders.items()}
        self._model: LinearModel | None = None
        self._at_least: list[tuple[int, list[tuple[dict[int, float], float]]]] = []
        """Variables that are at least each of some sums, and otherwise as small as possible."""

    def _layouts(self, upper: int | None) -> list[TrainLayout]:
        """Lay the trains out, without starts that are never needed: dearer than refusal, or than a known solution."""
        trains = [GridTrain(self.grid, index) for index in range(len(self.problem.trains))]
        refusals = [math.inf if train.refusal_cost is None else train.refusal_cost for train in self.problem.trains]
        runs = [cheapest_within(train, None) for train in trains]
        alone = [min(math.inf if run is None else run.value, out) for run, out in zip(runs, refusals, strict=True)]
        least = sum(alone)
        for number, train in enumerate(trains):
            ceiling = math.inf if upper is None or math.isinf(least) else upper - least + alone[number]
            if number not in self._needed:
                ceiling = min(ceiling, refusals[number])
            train.limit_cost(ceiling)
        return [
            TrainLayout(train, self.problem.trains[index].operations, self.grid.step_s)
            for index, train in enumerate(trains)
        ]

    def _uses_of(self, train: int) -> dict[int, dict[int, int]]:
        """Return a train's uses of contested resources by row: release time in slots by operation."""
        uses: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for number, op in enumerate(self.problem.trains[train].operations):
            for use in op.resources:
                row = self.grid.resource_index[use.resource]
                if row and self.layouts[train].runs and self.layouts[train].by[number]:
                    release = use.release_s // self.grid.step_s
                    uses[row][number] = max(release, uses[row].get(number, 0))
        return dict(uses)

    def _capacity(self, row: int) -> int:
        return self.problem.resource(self.grid.shared[row]).capacity

    def _all_holders(self) -> dict[int, list[_Holder]]:
        found: defaultdict[int, list[_Holder]] = defaultdict(list)
        for train, layout in enumerate(self.layouts):
            for row, uses in self._uses[train].items():
                parts = layout.held(uses)
                found[row].append(_Holder(train, parts, *span_of(parts, layout.count - 1 in uses)))
        return {row: holders for row, holders in found.items() if len(holders) > self._capacity(row)}

    def _clique_slots(self, holders: list[_Holder]) -> list[int]:
        """Return the slots of maximal cliques: grown since the last one, and about to shrink."""
        slots = self.grid.slots
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

    @property
    def size(self) -> Size:
        """About how many variables and nonzeros the model has, without writing it."""
        variables = nonzeros = 0
        for layout in self.layouts:
            for moment in layout.moments:
                slots = moment.high - moment.low + 1
                variables += slots
                nonzeros += slots if moment.starts else 2 * slots
            for op in range(layout.count - 1):
                if layout.by[op] and not layout.fixed(op):
                    width = len(layout.by[op]) + len(layout.end(op))
                    nonzeros += width * (layout.high[op] - layout.low[op] + 1)
        for row, holders in self._holders.items():
            for holder in holders:
                rows = bisect_left(self._rows[row], holder.until) - bisect_left(self._rows[row], holder.first)
                nonzeros += rows * sum(moment.nonzeros() for part in holder.parts for moment, *_ in part)
        return Size(variables, nonzeros)

    @property
    def model(self) -> LinearModel:
        """The model, written when first asked for; minimises cost divided by `unit`."""
        if self._model is None:
            self._model = LinearModel()
            for layout in self.layouts:
                self._write_train(self._model, layout)
            for link in self.problem.links:
                self._write_link(self._model, link)
            for row, holders in self._holders.items():
                self._write_cliques(self._model, row, holders)
                self._write_instants(self._model, row)
        return self._model

    def whole(self, bound: float) -> int:
        """Return a bound of the model as a cost that solutions can have, rounded up but for a millionth of it."""
        return whole_ceiling(bound, self.unit)

    # --- one train -------------------------------------------------------------------------------------------------

    def _write_train(self, model: LinearModel, layout: TrainLayout) -> None:
        refusal = self.problem.trains[layout.index].refusal_cost
        model.constant += (refusal or 0) / self.unit
        if not layout.runs:
            return
        entry = layout.moments[0]
        entry.cost = [cost - (refusal or 0) for cost in entry.cost]
        sloping = self._write_costs(layout)
        for moment in layout.moments:
            slots = moment.high - moment.low + 1
            whole = moment.cost
            if not moment.starts:
                # The cost of a slot is what remains of the differences once 'by' has become true.
                whole = [cost - later for cost, later in pairwise(moment.cost)] + moment.cost[-1:]
            shared = moment.total is not None
            moment.variables = [
                model.variable(0.0, 1.0, whole=True, cost=cost / self.unit) for cost in whole[: slots - shared]
            ]
            if moment.total is not None:
                moment.variables.append(moment.total.variables[-1])
                model.cost[moment.variables[-1]] += whole[-1] / self.unit
            if not moment.starts:
                for earlier, later in pairwise(moment.variables):
                    model.row({earlier: 1.0, later: -1.0}, high=0.0)
        if refusal is None:
            terms: dict[int, float] = {}
            entry.add(terms, FOREVER, 1.0)
            model.row(terms, 1.0, 1.0)
        elif entry.starts:
            model.row(dict.fromkeys(entry.variables, 1.0), high=1.0)
        for op in range(layout.count):
            if layout.by[op]:
                self._write_operation(model, layout, op)
        for term in sloping:
            self._write_journey(model, layout, term)

    def _write_costs(self, layout: TrainLayout) -> list[JourneyTerm]:
        """Add up what each slot of each moment costs; return the journeys whose cost is no sum of such."""
        step, sloping = self.grid.step_s, []
        for term in self.problem.objective:
            if term.train != layout.index:
                continue
            if isinstance(term, DelayTerm):
                threshold = self.grid.slot(term.threshold_s)
                for moment, offset in layout.by[term.operation]:
                    for place in range(len(moment.cost)):
                        over = moment.low + place + offset - threshold
                        moment.cost[place] += term.coeff * step * max(0, over) + term.increment * (over >= 0)
                continue
            least, most = layout.between(term.from_operation, term.to_operation)
            if not layout.by[term.from_operation] or most * step <= term.threshold_s:
                continue
            ends = {term.from_operation, term.to_operation}
            if not (ends <= layout.always and least * step >= term.threshold_s):
                sloping.append(term)
                continue
            threshold = term.threshold_s // step
            for operation, sign, late in ((term.from_operation, -1, threshold), (term.to_operation, 1, 0)):
                for moment, offset in layout.by[operation]:
                    for place in range(len(moment.cost)):
                        slot = moment.low + place + offset - layout.low[0] + late
                        moment.cost[place] += sign * term.coeff * step * slot
        return sloping

    def _write_operation(self, model: LinearModel, layout: TrainLayout, op: int) -> None:
        """Write an operation's window, closures, and the time from its start to its end."""
        by, end = layout.by[op], layout.end(op)
        first, last = layout.low[op], layout.high[op]
        _forbid_by(model, by, first - 1)
        _implies(model, by, FOREVER, by, last)
        for use in self.problem.trains[layout.index].operations[op].resources:
            for begin_s, until_s in self.problem.resource(use.resource).closures:
                _implies(model, by, self.grid.slot(until_s) - 1, end, self.grid.slot(begin_s))
        if not end or end == tuple((moment, offset + layout.shortest[op]) for moment, offset in by):
            return
        shortest = layout.shortest[op]
        if layout.fixed(op):
            for slot in range(first, last + 1):
                _implies(model, end, slot + shortest, by, slot, equal=True)
            return
        _implies(model, end, FOREVER, by, FOREVER, equal=True)
        begins = min(moment.low for moment, _ in end)
        ends = max(moment.high for moment, _ in end)
        for slot in range(begins, last + shortest):
            _implies(model, end, slot, by, slot - shortest)
        most = self.problem.trains[layout.index].operations[op].max_duration_s
        if most is not None:
            for slot in range(first, min(last, ends - most // self.grid.step_s) + 1):
                _implies(model, by, slot, end, slot + most // self.grid.step_s)

    def _write_journey(self, model: LinearModel, layout: TrainLayout, term: JourneyTerm) -> None:
        """Count the slots in which the journey has begun and, a threshold later, not ended."""
        begin, end = layout.by[term.from_operation], layout.by[term.to_operation]
        threshold = term.threshold_s // self.grid.step_s
        for slot in range(layout.low[term.from_operation], layout.high[term.to_operation] - threshold):
            terms: dict[int, float] = {}
            add_event(terms, begin, slot, 1.0)
            add_event(terms, end, slot + threshold, -1.0)
            constant = 0.0
            if term.to_operation not in layout.always:
                add_event(terms, end, FOREVER, 1.0)
                constant = -1.0
            if any(terms.values()):
                self._above(model, [(terms, constant)], term.coeff * self.grid.step_s / self.unit)

    def _above(self, model: LinearModel, sums: list[tuple[dict[int, float], float]], cost: float = 0.0) -> int:
        """Add a variable that is at least each of some sums (terms, constant), and at least 0; return it."""
        variable = model.variable(0.0, 1.0, cost=cost)
        for terms, constant in sums:
            model.row({**terms, variable: -1.0}, high=-constant)
        self._at_least.append((variable, sums))
        return variable

    # --- several trains --------------------------------------------------------------------------------------------

    def _write_link(self, model: LinearModel, link: Link) -> None:
        one, two = self.layouts[link.from_train], self.layouts[link.to_train]
        begin = one.by[link.from_operation] if one.runs else ()
        end = two.by[link.to_operation] if two.runs else ()
        if not end:
            return
        if not begin:
            if link.required:
                _forbid_by(model, end, FOREVER)
            return
        if link.required:
            _implies(model, end, FOREVER, begin, FOREVER)
        same = link.from_train == link.to_train
        least = link.min_lag_s // self.grid.step_s
        last = min(two.high[link.to_operation], one.high[link.from_operation] + least - 1)
        for slot in range(two.low[link.to_operation], last + 1):
            tied = link.required or (same and link.from_operation in one.always)
            _implies(model, end, slot, begin, slot - least, unless=() if tied else begin)
        if link.max_lag_s is None:
            return
        most = link.max_lag_s // self.grid.step_s
        last = min(one.high[link.from_operation], two.high[link.to_operation] - most - 1)
        for slot in range(one.low[link.from_operation], last + 1):
            tied = same and link.to_operation in two.always
            _implies(model, begin, slot, end, slot + most, unless=() if tied else end)

    def _write_cliques(self, model: LinearModel, row: int, holders: list[_Holder]) -> None:
        capacity = self._capacity(row)
        seen = set()
        for slot in self._rows[row]:
            terms: dict[int, float] = {}
            trains = sum(self._add_held(model, terms, holder, slot) for holder in holders)
            key = frozenset(terms.items())
            if trains > capacity and key not in seen:
                model.row(terms, high=float(capacity))
                seen.add(key)

    def _add_held(self, model: LinearModel, terms: dict[int, float], holder: _Holder, slot: int) -> bool:
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
            terms[self._above(model, sums)] = 1.0
        return bool(sums)

    def _write_instants(self, model: LinearModel, row: int) -> None:
        """Keep uses without length or release out of the instants inside other trains' uses."""
        capacity = self._capacity(row)
        inside: dict[int, _Holder] = {}
        for train, op in self._instant_uses(row):
            layout = self.layouts[train]
            if not inside:
                for other in self._holders[row]:
                    parts = self.layouts[other.train].held(self._uses[other.train][row], inside=True)
                    inside[other.train] = _Holder(other.train, parts, other.first + 1, other.until)
            for slot in range(layout.low[op], layout.high[op] + 1):
                terms: dict[int, float] = {}
                others = [holder for holder in inside.values() if holder.train != train]
                if sum(self._add_held(model, terms, holder, slot) for holder in others) < capacity:
                    continue
                events = [layout.by[op]] if layout.fixed(op) else [layout.by[op], layout.end(op)]
                for event in events:
                    add_event(terms, event, slot, 1.0)
                    add_event(terms, event, slot - 1, -1.0)
                model.row(terms, high=float(capacity + len(events) - 1))

    def _instant_uses(self, row: int) -> list[tuple[int, int]]:
        return [
            (holder.train, op)
            for holder in self._holders[row]
            for op, release in self._uses[holder.train][row].items()
            if not release and not self.layouts[holder.train].shortest[op] and self.layouts[holder.train].end(op)
        ]

    # --- solutions -------------------------------------------------------------------------------------------------

    def routes(self, values: Values) -> Routes:
        """Return the timed routes that values of the variables mean; these are rounded first."""
        found: Routes = []
        for layout in self.layouts:
            times = {}
            for moment in layout.moments if layout.runs else ():
                place = next((k for k, variable in enumerate(moment.variables) if values[variable] > 0.5), None)
                if place is not None:
                    times[id(moment)] = moment.low + place
            op, route = 0, []
            slot = layout.when(times, layout.by[0])
            while slot is not None:
                route.append((op, self.grid.seconds(slot)))
                slot = None
                for then in layout.successors[op]:
                    slot = layout.when(times, layout.arcs[op, then])
                    if slot is not None:
                        op = then
                        break
            found.append(route or None)
        return found

    def start(self, schedule: Schedule) -> Values | None:
        """Return values that mean a schedule, or a cheaper one; None if it is not among the model's solutions.

        An optional train whose run was left out of the model because refusing it is no dearer is refused.
        """
        model = self.model
        values = [0.0] * len(model.lower)
        for layout, route in zip(self.layouts, schedule.routes(self.problem), strict=True):
            if route is None:
                continue
            starts = {op: self.grid.slot(time_s) for op, time_s in route}
            steps = set(pairwise(op for op, _ in route))
            kept = layout.runs and all(
                layout.by[op] and layout.low[op] <= slot <= layout.high[op] for op, slot in starts.items()
            )
            if not kept:
                if self.problem.trains[layout.index].refusal_cost is None or layout.index in self._needed:
                    return None
                continue
            for moment in layout.moments:
                if moment.before is not None and (moment.before, moment.operation) not in steps:
                    continue
                place = starts[moment.operation] - moment.low
                if not 0 <= place < len(moment.variables):
                    return None
                for variable in moment.variables[place : place + 1 if moment.starts else None]:
                    values[variable] = 1.0
        for variable, sums in self._at_least:
            over = [constant + sum(c * values[index] for index, c in terms.items()) for terms, constant in sums]
            values[variable] = max(0.0, *over)
        return values if model.breach(values) < 1e-6 else None

    def schedule(self, routes: Routes) -> tuple[int, Schedule]:
        """Return the cost and the schedule of routes; `NoValidOrder` if there is none."""
        return routes_cost(self.problem, routes), schedule_from_routes(self.problem, routes)

    def forbid(self, routes: Routes) -> None:
        """Add rows that forbid, at every instant, what keeps these routes without a valid order of their events.

        The rows name what a few trains do at an instant: the steps that they take then, that they began what they
        leave before it and keep on with what they enter after it, and what else they hold on to. No order depends on
        more, so no solution is lost.
        """
        trains, time_s = disorder(self.problem, routes)
        now = self.grid.slot(time_s)
        literals: list[list[tuple[Timed, int, float]]] = []
        windows: list[Timed] = []
        for train in trains:
            layout, route = self.layouts[train], routes[train] or []
            starts = [self.grid.slot(moment_s) for _, moment_s in route]
            at = [place for place, slot in enumerate(starts) if slot == now]
            for place in at:
                op = route[place][0]
                step = layout.arcs[route[place - 1][0], op] if place else layout.by[0]
                windows.append(step)
                literals.append([(step, 0, 1.0), (step, -1, -1.0)])
            if at:
                if at[0]:
                    literals.append([(layout.by[route[at[0] - 1][0]], -1, 1.0)])
                last = route[at[-1]][0]
                literals.append([(layout.by[last], 0, 1.0), (layout.end(last), 0, -1.0)])
            for uses in self._uses[train].values():
                for place, (op, _) in enumerate(route):
                    if op not in uses or starts[place] >= now:
                        continue
                    ended = starts[place + 1] if place + 1 < len(starts) else FOREVER
                    if ended != now and ended + uses[op] > now:
                        literals.append([(layout.by[op], -1, 1.0), (layout.end(op), -uses[op], -1.0)])
        first = max(min(moment.low + offset for moment, offset in step) for step in windows)
        until = min(max(moment.high + offset for moment, offset in step) for step in windows)
        for slot in range(first, until + 1):
            terms: dict[int, float] = {}
            for literal in literals:
                for event, shift, sign in literal:
                    add_event(terms, event, slot + shift, sign)
            self.model.row(terms, high=float(len(literals) - 1))


def fits(problem: OperationsProblem) -> bool:
    """Whether this model is to be preferred to one with orders between pairs of trains.

    It is where at least half of the trains are optional (which to refuse is what large constants are weak at) and the
    grid is so coarse, or the windows so narrow, that the whole model has at most `FITTING_NONZEROS` nonzeros.
    """
    optional = sum(train.refusal_cost is not None for train in problem.trains)
    if not problem.trains or optional < OPTIONAL_SHARE * len(problem.trains):
        return False
    grid = TimeGrid(problem)
    return grid.usable and Packing(problem, grid).size.nonzeros <= FITTING_NONZEROS


def _implies(
    model: LinearModel,
    first: Timed,
    first_slot: int,
    then: Timed,
    then_slot: int,
    equal: bool = False,
    unless: Timed = (),
) -> None:
    """Write ``[first by its slot] <= [then by its slot]`` (or ``=``), but not if `unless` does not happen."""
    terms: dict[int, float] = {}
    add_event(terms, first, first_slot, 1.0)
    add_event(terms, then, then_slot, -1.0)
    add_event(terms, unless, FOREVER, 1.0)
    if any(terms.values()):
        high = 1.0 if unless else 0.0
        model.row(terms, high if equal else -math.inf, high)


def _forbid_by(model: LinearModel, event: Timed, slot: int) -> None:
    """Write that an event does not happen at or before a slot."""
    _implies(model, event, slot, (), slot)
