"""The cost of the exact model: lateness, increments, journeys and refusals as a linear expression."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from math import gcd
from typing import TYPE_CHECKING, Any

from railcap.operations.problem import DelayTerm, JourneyTerm
from railcap_solvers.exact.hints import HintValues
from railcap_solvers.exact.train_graph import TrainGraph, least_between

if TYPE_CHECKING:
    from railcap_solvers.exact.model import ExactModel, Literal


class Costs:
    """Collects ``constant + sum(coefficient * variable)`` and makes it the model's objective."""

    def __init__(self, model: ExactModel) -> None:
        self._model = model
        self.constant = 0
        self.parts: list[tuple[int, Any]] = []
        self._add_refusals()
        self.add_terms()
        self.unit = gcd(*(coeff for coeff, _ in self.parts)) or 1

    def minimise(self, lower_bound: int | None, upper_bound: int | None) -> None:
        """Set the objective; what is known of the best cost cuts off the rest."""
        expression = sum(coeff * item for coeff, item in self.parts) + self.constant
        if self.parts and upper_bound is not None:
            self._model.model.add(expression <= upper_bound)
        if self.parts and lower_bound is not None:
            self._model.model.add(expression >= lower_bound)
        self._model.model.minimize(expression)

    def undercut(self, cost: int) -> None:
        """Rule out what is not cheaper than a cost that is known from elsewhere."""
        expression = sum(coeff // self.unit * item for coeff, item in self.parts)
        self._model.row(expression <= (cost - 1 - self.constant) // self.unit)

    def whole(self, bound: float) -> int:
        """Return a bound rounded up to a cost that is possible, forgiving floating-point dust."""
        over = -((-(bound - self.constant) + 1e-6) // self.unit)
        return self.constant + int(over) * self.unit

    def _add_refusals(self) -> None:
        prepared = self._model.prepared
        for train, graph in enumerate(prepared.graphs):
            refusal = prepared.problem.trains[train].refusal_cost or 0
            if graph is not None and graph.optional:
                self.constant += refusal
                self.parts.append((-refusal, self._model.present[train]))
            elif graph is None:
                self.constant += refusal

    def add_terms(self) -> None:
        """Add all terms of trains that are planned."""
        shared: defaultdict[tuple[int, int, int, int, int], list[int]] = defaultdict(list)
        for term in self._model.problem.objective:
            graph = self._model.prepared.graphs[term.train]
            if graph is None:
                continue
            if isinstance(term, JourneyTerm):
                self._add_journey(graph, term)
            elif term.operation in graph.steps:
                event = graph.start_event[term.operation]
                shared[term.train, event, term.threshold_s, term.coeff, term.increment].append(term.operation)
        for (train, event, threshold, coeff, increment), operations in shared.items():
            graph = self._model.prepared.graphs[train]
            assert graph is not None
            starting = [index for index in graph.steps if graph.start_event[index] == event]
            term = DelayTerm(train, -1, threshold, coeff, increment)
            if event in graph.mandatory_events and sorted(operations) == sorted(starting):
                self._add_delay(term, event, frozenset(operations), self._model.present[train])
                continue
            for operation in operations:
                self._add_delay(term, event, frozenset({operation}), self._model.chosen[train][operation])

    def _add_delay(self, term: DelayTerm, event: int, operations: frozenset[int], literal: Literal) -> None:
        """Add what it costs that one of the operations starts at the event, which it does if the literal holds."""
        grid, t = self._model.prepared.grid, term.train
        variable = self._model.time[t][event]
        low, high = self._model.domain[t, event].min(), self._model.domain[t, event].max()
        threshold = (term.threshold_s - grid.origin_s) // grid.step_s

        def over(values: HintValues) -> int:
            starts = [start for index, start in values.starts[t].items() if index in operations]
            return (starts[0] - term.threshold_s) // grid.step_s if starts else -1

        if term.coeff:
            window = low - threshold, high - threshold
            self._add_late(variable - threshold, window, term.coeff, literal, lambda values: max(0, over(values)))
        if not term.increment or high < threshold:
            return
        if low >= threshold:
            self._cost_of(term.increment, literal)
            return
        late = self._model.literal(f"b_{t}_{event}", lambda values: int(over(values) >= 0))
        self._model.row(variable <= threshold - 1, [literal, ~late])
        self.parts.append((term.increment, late))

    def _add_journey(self, graph: TrainGraph, term: JourneyTerm) -> None:
        if term.from_operation not in graph.steps or term.to_operation not in graph.steps or not term.coeff:
            return
        t, grid = graph.train, self._model.prepared.grid
        literals = [self._model.chosen[t][term.from_operation], self._model.chosen[t][term.to_operation]]
        begin = self._model.time[t][graph.start_event[term.from_operation]]
        end = self._model.time[t][graph.start_event[term.to_operation]]
        threshold = grid.length(term.threshold_s)
        first, last = graph.steps[term.from_operation].start, graph.steps[term.to_operation].start
        window = last[0] - first[1] - threshold, last[1] - first[0] - threshold
        window = max(window[0], least_between(graph, term.from_operation, term.to_operation) - threshold), window[1]
        literal = literals[0] if literals[0] is literals[1] else None
        extra = () if literal is literals[0] is literals[1] else tuple(literals)

        def value(values: HintValues) -> int:
            starts = values.starts[t]
            if term.from_operation not in starts or term.to_operation not in starts:
                return 0
            span = starts[term.to_operation] - starts[term.from_operation] - term.threshold_s
            return max(0, span // grid.step_s)

        self._add_late(end - begin - threshold, window, term.coeff, literal, value, extra)

    def _add_late(
        self,
        over: Any,
        window: tuple[int, int],
        coeff: int,
        literal: Literal,
        value: Callable[[HintValues], int],
        extra: Sequence[Literal] = (),
    ) -> None:
        """Add ``coeff * max(0, over)`` to the cost if the literal (and all of `extra`) holds; `window` bounds over."""
        low, high = window
        conditions = [item for item in (literal, *extra) if item is not None]
        scaled = coeff * self._model.prepared.grid.step_s
        if high <= 0:
            return
        late = self._model.model.new_int_var(0, high, f"l_{len(self.parts)}")
        self._model.hints.append((late, lambda values: min(high, value(values))))
        self._model.row(late >= over, conditions)
        if low > 0 and not extra and literal is not None:
            self._model.row(late >= low * literal)
        elif low > 0 and not conditions:
            self._model.row(late >= low)
        self.parts.append((scaled, late))

    def _cost_of(self, amount: int, literal: Literal) -> None:
        if literal is None:
            self.constant += amount
        else:
            self.parts.append((amount, literal))
