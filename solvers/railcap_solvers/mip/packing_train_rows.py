"""One train of the packing model: its variables, what it costs, and the rows of its route, durations and closures."""

from __future__ import annotations

from itertools import pairwise

from railcap.operations.problem import DelayTerm, JourneyTerm, OperationsProblem
from railcap.operations.timegrid import TimeGrid
from railcap_solvers.mip.packing_rows import EventRows
from railcap_solvers.mip.packing_train import FOREVER, TrainLayout, add_event


class TrainRows:
    """Writes trains, each by itself, into a model.

    Parameters
    ----------
    problem : OperationsProblem
    grid : TimeGrid
    unit : int
        The model's objective counts in this many of the problem's cost units.
    rows : EventRows
        Where to.
    """

    def __init__(self, problem: OperationsProblem, grid: TimeGrid, unit: int, rows: EventRows) -> None:
        self._problem, self._grid, self._unit = problem, grid, unit
        self._rows, self._model = rows, rows.model

    def write(self, layout: TrainLayout) -> None:
        """Give the moments of a train their variables, and write what binds it alone."""
        model = self._model
        refusal = self._problem.trains[layout.index].refusal_cost
        model.constant += (refusal or 0) / self._unit
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
                model.variable(0.0, 1.0, whole=True, cost=cost / self._unit) for cost in whole[: slots - shared]
            ]
            if moment.total is not None:
                moment.variables.append(moment.total.variables[-1])
                model.cost[moment.variables[-1]] += whole[-1] / self._unit
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
                self._write_operation(layout, op)
        for term in sloping:
            self._write_journey(layout, term)

    def _write_costs(self, layout: TrainLayout) -> list[JourneyTerm]:
        """Add up what each slot of each moment costs; return the journeys whose cost is no sum of such."""
        step, sloping = self._grid.step_s, []
        for term in self._problem.objective:
            if term.train != layout.index:
                continue
            if isinstance(term, DelayTerm):
                threshold = self._grid.slot(term.threshold_s)
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

    def _write_operation(self, layout: TrainLayout, op: int) -> None:
        """Write an operation's window, closures, and the time from its start to its end."""
        rows, by, end = self._rows, layout.by[op], layout.end(op)
        first, last = layout.low[op], layout.high[op]
        rows.forbid_by(by, first - 1)
        rows.implies(by, FOREVER, by, last)
        for use in self._problem.trains[layout.index].operations[op].resources:
            for begin_s, until_s in self._problem.resource(use.resource).closures:
                rows.implies(by, self._grid.slot(until_s) - 1, end, self._grid.slot(begin_s))
        if not end or end == tuple((moment, offset + layout.shortest[op]) for moment, offset in by):
            return
        shortest = layout.shortest[op]
        if layout.fixed(op):
            for slot in range(first, last + 1):
                rows.implies(end, slot + shortest, by, slot, equal=True)
            return
        rows.implies(end, FOREVER, by, FOREVER, equal=True)
        begins = min(moment.low for moment, _ in end)
        ends = max(moment.high for moment, _ in end)
        for slot in range(begins, last + shortest):
            rows.implies(end, slot, by, slot - shortest)
        most = self._problem.trains[layout.index].operations[op].max_duration_s
        if most is not None:
            for slot in range(first, min(last, ends - most // self._grid.step_s) + 1):
                rows.implies(by, slot, end, slot + most // self._grid.step_s)

    def _write_journey(self, layout: TrainLayout, term: JourneyTerm) -> None:
        """Count the slots in which the journey has begun and, a threshold later, not ended."""
        begin, end = layout.by[term.from_operation], layout.by[term.to_operation]
        threshold = term.threshold_s // self._grid.step_s
        for slot in range(layout.low[term.from_operation], layout.high[term.to_operation] - threshold):
            terms: dict[int, float] = {}
            add_event(terms, begin, slot, 1.0)
            add_event(terms, end, slot + threshold, -1.0)
            constant = 0.0
            if term.to_operation not in layout.always:
                add_event(terms, end, FOREVER, 1.0)
                constant = -1.0
            if any(terms.values()):
                self._rows.above([(terms, constant)], term.coeff * self._grid.step_s / self._unit)
