"""The base model: routes, event times and cost of every train, without any conflict between trains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from railcap.operations.problem import Link
from railcap.operations.schedule import Schedule
from railcap_solvers.exact.costs import Costs
from railcap_solvers.exact.grid import ENDLESS
from railcap_solvers.exact.hints import HintValues
from railcap_solvers.exact.interchange import add_orders
from railcap_solvers.exact.prepare import Prepared
from railcap_solvers.exact.train_graph import Step, TrainGraph, fixed_distances

Literal = Any
"""A Boolean variable or its negation; None stands for a literal that is true."""

Routes = list[list[tuple[int, int]] | None]


@dataclass(frozen=True, slots=True)
class Language:
    """CP-SAT's modelling language, or what stands for it.

    Parameters
    ----------
    domain : class
        Sets of whole numbers.
    new_model : function
        Returns an empty model.
    is_linear : bool
        For linear libraries: there are no intervals, and rows over the whole cost would slow them.
    """

    domain: Any
    new_model: Callable[[], Any]
    is_linear: bool = False


class ExactModel:
    """A model of a prepared problem, to which rows are added as conflicts show.

    Parameters
    ----------
    prepared : Prepared
        Must not be `impossible`.
    language : Language
        What variables and rows are written in.
    lower_bound, upper_bound : int or None
        What is known of the best cost.
    undercut : int or None
        Only cheaper schedules are of interest.
    """

    def __init__(
        self,
        prepared: Prepared,
        language: Language,
        lower_bound: int | None = None,
        upper_bound: int | None = None,
        undercut: int | None = None,
    ) -> None:
        self.domain_of: Any = language.domain
        self.prepared = prepared
        self.problem = prepared.problem
        self.model = language.new_model()
        self.hints: list[tuple[Any, Callable[[HintValues], int]]] = []
        count = len(self.problem.trains)
        self.present: list[Literal] = [None] * count
        self.chosen: list[dict[int, Literal]] = [{} for _ in range(count)]
        self.time: list[dict[int, Any]] = [{} for _ in range(count)]
        self.domain: dict[tuple[int, int], Any] = {}
        self.root: dict[tuple[int, int], tuple[int, int]] = {}
        self.rows = 0
        self._after: dict[tuple[int, int, int, int], Any] = {}
        for graph in prepared.graphs:
            if graph is not None:
                self._add_train(graph)
        for link in self.problem.links:
            self._add_link(link)
        for overload in prepared.overloads:
            present = [self.present[train] for train in sorted(overload.trains)]
            self.row(sum(present) <= len(present) - overload.refused)
        add_orders(self)
        self.costs = Costs(self)
        self.costs.minimise(*((None, None) if language.is_linear else (lower_bound, upper_bound)))
        if undercut is not None:
            self.costs.undercut(undercut)

    # -- variables and rows ------------------------------------------------------------------------------------------

    def literal(self, name: str, value: Callable[[HintValues], int]) -> Any:
        """Return a new Boolean variable whose value in a schedule is `value`."""
        variable = self.model.new_bool_var(name)
        self.hints.append((variable, value))
        return variable

    def row(self, expression: Any, conditions: Iterable[Literal] = ()) -> None:
        """Add a linear row that holds if all conditions do."""
        self.rows += 1
        literals = [literal for literal in conditions if literal is not None]
        constraint = self.model.add(expression)
        if literals:
            constraint.only_enforce_if(literals)

    def clause(self, literals: Iterable[Literal]) -> None:
        """Add: at least one of the literals (None: true) holds."""
        listed = list(literals)
        if all(literal is not None for literal in listed):
            self.rows += 1
            self.model.add_bool_or(listed)

    @staticmethod
    def unless(literals: Iterable[Literal]) -> list[Literal]:
        """Return the negations of literals, without those that are always true."""
        return [~literal for literal in literals if literal is not None]

    # -- trains ------------------------------------------------------------------------------------------------------

    def _add_train(self, graph: TrainGraph) -> None:
        t = graph.train
        if graph.optional:
            self.present[t] = self.literal(f"run_{t}", lambda values: int(values.routes[t] is not None))
        self._add_choices(graph)
        self._add_times(graph)
        self._add_flow(graph)
        for index in graph.steps:
            self._add_step(graph, index)
        self._add_shortest(graph)

    def _add_choices(self, graph: TrainGraph) -> None:
        t, chosen = graph.train, self.chosen[graph.train]
        for index in graph.steps:
            before = graph.predecessors[index]
            if index in graph.mandatory:
                chosen[index] = self.present[t]
            elif len(before) == 1 and len(graph.successors[before[0]]) == 1:
                chosen[index] = chosen[before[0]]
            else:
                chosen[index] = self.literal(
                    f"x_{t}_{index}",
                    lambda values, i=index: int(i in values.starts[t]),  # type: ignore[misc]
                )

    def _add_times(self, graph: TrainGraph) -> None:
        """Add the times of the events: a variable for each root, the others at a fixed distance from theirs."""
        t = graph.train
        parents = fixed_distances(graph)
        domains = self._event_domains(graph)
        roots: dict[int, tuple[int, int]] = {}
        for event in range(graph.events):
            root, distance = event, 0
            while root in parents:
                root, more = parents[root]
                distance += more
            roots[event] = root, distance
            if event != root and event in graph.mandatory_events:
                shifted = domains[event].addition_with(self.domain_of(-distance, -distance))
                domains[root] = domains[root].intersection_with(shifted)
        for root in sorted({root for root, _ in roots.values()}):
            allowed = domains[root]
            if allowed.is_empty():
                # Nothing may happen at this event, so no route over it is possible.
                allowed = self.domain_of(0, 0)
                for index in graph.steps:
                    if root in (graph.start_event[index], graph.end_event.get(index)):
                        self.clause(self.unless([self.chosen[t][index]]))
            variable = self.model.new_int_var_from_domain(allowed, f"t_{t}_{root}")
            low = allowed.min()
            self.hints.append((variable, lambda values, e=root, low=low: values.times.get((t, e), low)))  # type: ignore[misc]
            for event, (own, distance) in roots.items():
                if own == root:
                    self.time[t][event] = variable + distance if distance else variable
                    self.domain[t, event] = allowed.addition_with(self.domain_of(distance, distance))
                    self.root[t, event] = root, distance

    def _event_domains(self, graph: TrainGraph) -> list[Any]:
        """Return when each event may happen, by the windows and closures of the steps around it."""
        domain = self.domain_of
        starting: dict[int, Any] = {}
        ending: dict[int, Any] = {}
        for index, step in graph.steps.items():
            event = graph.start_event[index]
            allowed = _allowed(domain, step, start=True)
            starting[event] = allowed.union_with(starting[event]) if event in starting else allowed
            if graph.successors[index]:
                event = graph.end_event[index]
                allowed = _allowed(domain, step, start=False)
                ending[event] = allowed.union_with(ending[event]) if event in ending else allowed
        found = []
        for event in range(graph.events):
            parts = [part[event] for part in (starting, ending) if event in part]
            found.append(parts[0] if len(parts) == 1 else parts[0].intersection_with(parts[1]))
        return found

    def _add_flow(self, graph: TrainGraph) -> None:
        t, chosen = graph.train, self.chosen[graph.train]
        into: defaultdict[int, list[Literal]] = defaultdict(list)
        if graph.merged:
            ends: defaultdict[int, list[int]] = defaultdict(list)
            starts: defaultdict[int, list[int]] = defaultdict(list)
            for index in graph.steps:
                starts[graph.start_event[index]].append(index)
                if graph.successors[index]:
                    ends[graph.end_event[index]].append(index)
            for event, sources in ends.items():
                targets = starts[event]
                if all(len(graph.successors[index]) == len(targets) for index in sources):
                    self._balance(graph, event, sources, targets)
                else:
                    self._add_arcs(graph, sources, into)
        else:
            self._add_arcs(graph, [index for index in graph.steps if graph.successors[index]], into)
        for index, arcs in into.items():
            self._equal([chosen[index]], arcs, t)

    def _balance(self, graph: TrainGraph, event: int, sources: list[int], targets: list[int]) -> None:
        chosen = self.chosen[graph.train]
        if event in graph.mandatory_events:
            for group in (sources, targets):
                self._equal([self.present[graph.train]], [chosen[index] for index in group], graph.train)
        else:
            self._equal([chosen[i] for i in sources], [chosen[i] for i in targets], graph.train)

    def _add_arcs(self, graph: TrainGraph, sources: list[int], into: dict[int, list[Literal]]) -> None:
        t, chosen = graph.train, self.chosen[graph.train]
        for i in sources:
            arcs = []
            for j in graph.successors[i]:
                if len(graph.successors[i]) == 1:
                    arc = chosen[i]
                elif len(graph.predecessors[j]) == 1:
                    arc = chosen[j]
                else:
                    arc = self.literal(
                        f"a_{t}_{i}_{j}",
                        lambda values, i=i, j=j: int(values.following[t].get(i) == j),  # type: ignore[misc]
                    )
                arcs.append(arc)
                into[j].append(arc)
                if not graph.merged:
                    self.row(self.time[t][graph.end_event[i]] == self.time[t][graph.start_event[j]], [arc])
            self._equal([chosen[i]], arcs, t)

    def _equal(self, left: list[Literal], right: list[Literal], train: int) -> None:
        """Make as many of the left literals true as of the right ones; at most one of each can be."""
        if len(left) == 1 and len(right) == 1 and left[0] is right[0]:
            return
        if len(left) == 1 and left[0] is None:
            if all(literal is not None for literal in right):
                self.model.add_exactly_one(right)
            return
        if any(literal is None for literal in (*left, *right)):
            raise AssertionError("a step that every route has shares its event with another")
        self.model.add(sum(left) == sum(right))
        for side in (left, right):
            if len(side) > 1:
                self.model.add_at_most_one(side)

    def _add_step(self, graph: TrainGraph, index: int) -> None:
        t, step = graph.train, graph.steps[index]
        literal = self.chosen[t][index]
        first = graph.start_event[index]
        self._add_window(t, first, _allowed(self.domain_of, step, start=True), literal)
        if not graph.successors[index]:
            return
        last = graph.end_event[index]
        fixed = self._add_duration(t, index, literal)
        if not fixed:
            self._add_window(t, last, _allowed(self.domain_of, step, start=False), literal)
            self._add_shut(graph, index)

    def _add_duration(self, t: int, index: int, literal: Literal) -> bool:
        """Add the least and longest duration of a step; return whether it has just one."""
        graph = self.prepared.graphs[t]
        assert graph is not None
        step, first, last = graph.steps[index], graph.start_event[index], graph.end_event[index]
        fixed = step.least == step.most
        if self.root[t, first][0] == self.root[t, last][0]:
            distance = self.root[t, last][1] - self.root[t, first][1]
            if distance < step.least or (step.most is not None and distance > step.most):
                self.clause(self.unless([literal]))
            return fixed
        between = self.time[t][last] - self.time[t][first]
        if fixed:
            self.row(between == step.least, [literal])
            return True
        self.row(between >= step.least, [literal])
        if step.most is not None:
            self.row(between <= step.most, [literal])
        return False

    def _add_window(self, t: int, event: int, allowed: Any, literal: Literal) -> None:
        """Keep an event within some moments if the literal holds."""
        outside = self.domain[t, event].intersection_with(allowed.complement())
        if outside.is_empty():
            return
        self.rows += 1
        if literal is not None and self.domain[t, event].intersection_with(allowed).is_empty():
            self.clause([~literal])
            return
        constraint = self.model.add_linear_expression_in_domain(self.time[t][event], allowed)
        if literal is not None:
            constraint.only_enforce_if(literal)

    def _add_shut(self, graph: TrainGraph, index: int) -> None:
        """Keep a step that lasts out of its closures: before or after each, by one literal where both are possible."""
        t, step = graph.train, graph.steps[index]
        literal = self.chosen[t][index]
        first, last = graph.start_event[index], graph.end_event[index]
        start, end = self.time[t][first], self.time[t][last]
        for begin, until in step.shut:
            if step.start[0] >= until or step.end[1] <= begin:
                continue
            if step.start[1] < until:
                self.row(end <= begin, [literal])
                continue
            if step.end[0] > begin:
                self.row(start >= until, [literal])
                continue
            key = t, first, begin, until
            after = self._after.get(key)
            if after is None:
                after = self.literal(
                    f"c_{t}_{first}_{begin}",
                    lambda values, until=until: int(values.times.get((t, first), 0) >= until),  # type: ignore[misc]
                )
                self._after[key] = after
            self.row(start >= until, [literal, after])
            self.row(end <= begin, [literal, ~after])

    def _add_shortest(self, graph: TrainGraph) -> None:
        """Add the least time between consecutive events that every route has; it needs no condition."""
        t = graph.train
        base: dict[int, int] = {}
        since: dict[int, int] = {}
        for index in sorted(graph.steps):
            event = graph.start_event[index]
            if event in graph.mandatory_events:
                base[index], since[index] = event, 0
            else:
                before = graph.predecessors[index]
                base[index] = base[before[0]]
                since[index] = min(since[i] + graph.steps[i].least for i in before)
        gaps: dict[tuple[int, int], int] = {}
        for index, step in graph.steps.items():
            for event in {graph.start_event[after] for after in graph.successors[index]}:
                if event in graph.mandatory_events:
                    key = base[index], event
                    length = since[index] + step.least
                    gaps[key] = min(length, gaps.get(key, length))
        for (first, last), length in gaps.items():
            if self.root[t, first][0] == self.root[t, last][0]:
                continue
            free = self.domain[t, last].min() - self.domain[t, first].min() >= length
            self.row(self.time[t][last] - self.time[t][first] >= length, [] if free else [self.present[t]])

    # -- links and cost ----------------------------------------------------------------------------------------------

    def _add_link(self, link: Link) -> None:
        source, target = self.prepared.graphs[link.from_train], self.prepared.graphs[link.to_train]
        if target is None or link.to_operation not in target.steps:
            return
        reaches = self.chosen[link.to_train][link.to_operation]
        if source is None or link.from_operation not in source.steps:
            if link.required:
                self.clause(self.unless([reaches]))
            return
        leaves = self.chosen[link.from_train][link.from_operation]
        grid = self.prepared.grid
        begin = self.time[link.from_train][source.start_event[link.from_operation]]
        end = self.time[link.to_train][target.start_event[link.to_operation]]
        self.row(end - begin >= grid.length(link.min_lag_s), [leaves, reaches])
        if link.max_lag_s is not None:
            self.row(end - begin <= grid.length(link.max_lag_s), [leaves, reaches])
        if link.required and leaves is not None:
            self.clause([*self.unless([reaches]), leaves])

    # -- in and out --------------------------------------------------------------------------------------------------

    def add_hint(self, schedule: Schedule) -> None:
        """Hint every variable with its value in a schedule."""
        self.model.clear_hints()
        values = HintValues(self.prepared, schedule)
        for variable, value in self.hints:
            self.model.add_hint(variable, int(value(values)))

    def routes(self, value: Callable[[Any], int], boolean: Callable[[Any], bool]) -> Routes:
        """Return the routes of a solution, given its values."""
        grid = self.prepared.grid
        found: Routes = []
        for train, graph in enumerate(self.prepared.graphs):
            present = self.present[train]
            if graph is None or (present is not None and not boolean(present)):
                found.append(None)
                continue
            route: list[tuple[int, int]] = []
            for index in sorted(graph.steps):
                literal = self.chosen[train][index]
                if literal is None or boolean(literal):
                    route.append((index, grid.seconds(int(value(self.time[train][graph.start_event[index]])))))
            found.append(route)
        return found


def _allowed(domain: Any, step: Step, *, start: bool) -> Any:
    """Return the moments at which a step may start, or end, for itself."""
    low, high = step.start if start else step.end
    pieces: list[list[int]] = []
    at = low
    for begin, until in step.shut:
        first, next_low = (begin - step.least, until) if start else (begin, until + step.least)
        if start and step.end[0] == ENDLESS:
            first = -ENDLESS
        if next_low <= at or first >= high:
            continue
        if first >= at:
            pieces.append([at, first])
        at = max(at, next_low)
    if at <= high:
        pieces.append([at, high])
    return domain.from_intervals(pieces)
