"""Time-indexed set packing: trains choose slots, and each resource fits so many trains in each slot.

Every time of a problem lies on a grid (`railcap.operations.timegrid`). For each moment of a train (`packing_train`)
binaries say 'at or before slot t'; durations, links and windows compare two of these (`packing_train_rows`), which is
the dual of a network and so totally unimodular for a train alone. A train with one moment and few slots has a binary
per start instead. A train holds a resource in a slot if its use began and its release has not ended; for each contested
resource and slot a clique row lets at most ``capacity`` trains do so (`packing_cliques`). Only slots of maximal cliques
have a row: one follows where somebody may begin since the last one and somebody may end right after it. No row has a
large constant, and where all times are fixed the rows are intervals, so that the linear relaxation is integral.

Slots do not show two things. A use without length or release covers none: rows for the instants inside other uses
forbid it there. A closed circle of hand-overs at one instant keeps all slots: `forbid` adds rows that forbid it at
every instant. With both the model is exact for every feature of a problem.

Sources: Dyer and Wolsey (1990) for time-indexed variables; Brännlund, Lindberg, Nõu and Nilsson (1998), Caprara,
Fischetti and Toth (2002) and Cacchiani, Caprara and Toth (2008) for train paths as packing; Christofides, Alvarez-
Valdes and Tamarit (1987) for the disaggregated precedence rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from railcap.operations.objective import routes_cost
from railcap.operations.problem import Link, OperationsProblem
from railcap.operations.schedule import Schedule, schedule_from_routes
from railcap.operations.timegrid import GridTrain, TimeGrid, cheapest_within
from railcap_solvers.bounds.lagrangian import cost_unit
from railcap_solvers.mip.disorder import Routes, disorder
from railcap_solvers.mip.linear import LinearModel, Values
from railcap_solvers.mip.packing_cliques import Cliques
from railcap_solvers.mip.packing_rows import EventRows
from railcap_solvers.mip.packing_train import FOREVER, Timed, TrainLayout, add_event, whole_ceiling
from railcap_solvers.mip.packing_train_rows import TrainRows

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
        self._cliques = Cliques(problem, grid, self.layouts)
        self._written: EventRows | None = None

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
        return Size(variables, nonzeros + self._cliques.nonzeros)

    @property
    def model(self) -> LinearModel:
        """The model, written when first asked for; minimises cost divided by `unit`."""
        return self._rows.model

    @property
    def _rows(self) -> EventRows:
        if self._written is None:
            rows = self._written = EventRows()
            trains = TrainRows(self.problem, self.grid, self.unit, rows)
            for layout in self.layouts:
                trains.write(layout)
            for link in self.problem.links:
                self._write_link(rows, link)
            self._cliques.write(rows)
        return self._written

    def whole(self, bound: float) -> int:
        """Return a bound of the model as a cost that solutions can have, rounded up but for a millionth of it."""
        return whole_ceiling(bound, self.unit)

    def _write_link(self, rows: EventRows, link: Link) -> None:
        one, two = self.layouts[link.from_train], self.layouts[link.to_train]
        begin = one.by[link.from_operation] if one.runs else ()
        end = two.by[link.to_operation] if two.runs else ()
        if not end:
            return
        if not begin:
            if link.required:
                rows.forbid_by(end, FOREVER)
            return
        if link.required:
            rows.implies(end, FOREVER, begin, FOREVER)
        same = link.from_train == link.to_train
        least = link.min_lag_s // self.grid.step_s
        last = min(two.high[link.to_operation], one.high[link.from_operation] + least - 1)
        for slot in range(two.low[link.to_operation], last + 1):
            tied = link.required or (same and link.from_operation in one.always)
            rows.implies(end, slot, begin, slot - least, unless=() if tied else begin)
        if link.max_lag_s is None:
            return
        most = link.max_lag_s // self.grid.step_s
        last = min(one.high[link.from_operation], two.high[link.to_operation] - most - 1)
        for slot in range(one.low[link.from_operation], last + 1):
            tied = same and link.to_operation in two.always
            rows.implies(begin, slot, end, slot + most, unless=() if tied else end)

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
        self._rows.settle(values)
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
        model = self.model  # which gives the moments their variables
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
            for uses in self._cliques.uses[train].values():
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
            model.row(terms, high=float(len(literals) - 1))


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
