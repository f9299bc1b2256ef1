"""Order literals between trains and the rows that they switch, added as conflicts show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from railcap.operations.schedule import Schedule
from railcap_solvers.exact.conflicts import Findings, Use, escapes
from railcap_solvers.exact.hints import HintValues, first_place
from railcap_solvers.exact.model import ExactModel, Literal
from railcap_solvers.exact.moments import Moments
from railcap_solvers.exact.pairs import Node, Pair, Pairs
from railcap_solvers.exact.shared import SharedRows
from railcap_solvers.exact.stays import Core, Occupation, core_of, cores_of


class OrderRows:
    """Adds order rows to a model; every answer is remembered, so that asking twice costs nothing."""

    def __init__(self, model: ExactModel) -> None:
        self.model = model
        self.prepared = model.prepared
        self.literals = 0
        self._pairs = Pairs(model.prepared)
        self._moments = Moments(model)
        self._shared = SharedRows(model, self._moments)
        self._literal: dict[Node, Any] = {}
        self._visit_literal: dict[int, Any] = {}
        self._active: set[Node] = set()
        self._tied: set[tuple[Node, Node]] = set()
        self._in_order = {(pair.earlier, pair.later) for pair in model.prepared.interchanges}

    # -- what the engine asks for ------------------------------------------------------------------------------------

    def rule_out(self, findings: Findings) -> bool:
        """Add what rules clashes and circles out; return whether that adds anything.

        Nothing is added for uses that the windows rule out by now.
        """
        changed = False
        for pair in filter(self._covers, findings.pairs):
            changed |= self._separate(*pair)
        for cover in filter(self._covers, findings.covers):
            self._cover(cover)
            changed = True
        for circle in findings.circles:
            if self._covers([use for pair in circle for use in pair]):
                self._forbid(circle)
                changed = True
        return changed

    def follow(self, schedule: Schedule) -> None:
        """Keep apart the uses of plain resources of which one waits for the other in a known schedule."""
        problem = self.prepared.problem
        last: dict[str, tuple[Use, int | None]] = {}
        ends = {
            (train, operation): after
            for train, route in enumerate(schedule.routes(problem))
            for (operation, _), (_, after) in pairwise(route or ())
        }
        for event in schedule.events:
            end = ends.get((event.train, event.operation))
            for used in problem.trains[event.train].operations[event.operation].resources:
                use = Use(event.train, event.operation, used.resource)
                if use not in self.prepared.by_use or problem.resource(used.resource).capacity > 1:
                    continue
                other, free = last.get(used.resource, (use, None))
                if other.train != use.train and free == event.time_s:
                    self._separate(other, use)
                last[used.resource] = use, None if end is None else end + used.release_s

    def decided(self, boolean: Callable[[Any], bool]) -> Callable[[Use, Use], bool]:
        """Return who comes first according to the literals' values."""

        def answer(first: Use, second: Use) -> bool:
            if self.prepared.problem.resource(first.resource).capacity > 1:
                return self._shared.decided(first, second, boolean)
            node, turned = self._node(first, second)
            if node not in self._active:
                return False
            return boolean(self._literal_of(node)) != turned

        return answer

    def separate_all(self) -> int:
        """Keep apart all stays that could meet; return how many nodes that takes."""
        nodes = [node for node in self.possible() if node not in self._active]
        for node in nodes:
            self._activate(node)
        return len(nodes)

    def add_machines(self) -> int:
        """Add, for every resource, that the stays on it never exceed its capacity; return how many that takes.

        For plain resources the order rows say so already, but this lets the solver reason about the sum of the stays.
        There a stay counts from the first to the last operation that every route of its train has.
        """
        added = 0
        for resource, numbers in self.prepared.by_resource.items():
            trains = [self.prepared.occupations[number].train for number in numbers]
            # A train that comes twice may do so within its own release.
            once = [number for number, train in zip(numbers, trains, strict=True) if trains.count(train) == 1]
            capacity = self.prepared.problem.resource(resource).capacity
            if len(once) <= max(capacity, 2):
                continue
            parts = self._moments.core if capacity == 1 else self._moments.whole
            intervals = [interval for interval in map(parts, once) if interval is not None]
            if len(intervals) <= max(capacity, 2):
                continue
            added += 1
            if capacity == 1:
                self.model.model.add_no_overlap(intervals)
            else:
                self.model.model.add_cumulative(intervals, [1] * len(intervals), capacity)
        return added

    def add_sequences(self) -> int:
        """Add that a stay begins after, and ends before, all that the order literals say; return how many rows.

        The stays before it that cannot begin earlier than it come one after the other, and so do those after it:
        linear ordering rows of a single machine (Potts 1980), which need no large constant for the trains in them.
        A refused train counts as the last of all. Wants the rows of all meetings.
        """
        added = 0
        for resource in self.prepared.by_resource:
            if self.prepared.problem.resource(resource).capacity == 1:
                cores = cores_of(self.prepared, resource)
                added += sum(self._add_sequence(core, cores) for core in cores)
        return added

    def _add_sequence(self, core: Core, cores: Sequence[Core]) -> int:
        graph = self.prepared.graphs[core.train]
        assert graph is not None
        begin, present = self.model.time[core.train][graph.start_event[core.operation]], self.model.present[core.train]
        before: list[tuple[int, Any]] = []
        after: list[tuple[int, Any]] = []
        for other in cores:
            first, second = (other, core) if other.train < core.train else (core, other)
            node = first.number, second.number
            if other.train == core.train or node not in self._active:
                continue
            literal = self._literal_of(node)
            comes_before = literal if first is other else 1 - literal
            runs = self.model.present[other.train]
            refused = 0 if runs is None else 1 - runs
            before.append((other.start[0], other.length * comes_before))
            after.append((other.latest_end, other.length * (1 - comes_before - refused)))
        added = 0
        for since in sorted({core.start[0], *(low for low, _ in before if low < core.start[0])}):
            stays = [stay for low, stay in before if low >= since]
            if len(stays) > 1:
                self.model.row(begin - sum(stays) >= since, [present])
                added += 1
        for until in sorted({core.latest_end, *(end for end, _ in after if end > core.latest_end)}):
            stays = [stay for end, stay in after if end <= until]
            if len(stays) > 1:
                self.model.row(begin + core.length + sum(stays) <= until, [present])
                added += 1
        return added

    def possible(self) -> list[Node]:
        """Return all pairs of stays on plain resources whose windows let them meet."""
        found = []
        for resource, numbers in self.prepared.by_resource.items():
            if self.prepared.problem.resource(resource).capacity > 1:
                continue
            stays = sorted((self.prepared.occupations[number] for number in numbers), key=lambda stay: stay.window)
            for place, stay in enumerate(stays):
                for other in stays[place + 1 :]:
                    if other.window[0] > stay.window[1]:
                        break
                    if other.train != stay.train:
                        found.append(_ordered(stay, other))
        return sorted(found)

    # -- findings ----------------------------------------------------------------------------------------------------

    def _covers(self, uses: Sequence[Use]) -> bool:
        """Return whether the windows leave all of these uses."""
        return all(use in self.prepared.by_use for use in uses)

    def _separate(self, first: Use, second: Use) -> bool:
        """Keep two uses of a plain resource apart; return whether that adds anything."""
        node, _ = self._node(first, second)
        if node in self._active:
            return False
        self._activate(node)
        return True

    def _cover(self, uses: tuple[Use, ...]) -> None:
        """Ask that of uses of a resource of capacity ``len(uses) - 1`` some pair is disjoint."""
        clause: list[Literal] = []
        for place, first in enumerate(uses):
            clause += self.model.unless([self._chosen(first)])
            for second in uses[place + 1 :]:
                clause += [self._shared.before(first, second), self._shared.before(second, first)]
        self.model.clause(clause)

    def _forbid(self, circle: Sequence[tuple[Use, Use]]) -> None:
        """Forbid a circle of hand-overs, each the first before the second."""
        clause: list[Literal] = [~self._before(first, second) for first, second in circle]
        for use in sorted({use for pair in circle for use in pair}):
            clause += self.model.unless([self._chosen(use)])
        for train, operation in escapes(self.prepared.problem, circle):
            if operation in self.model.chosen[train]:
                clause.append(self.model.chosen[train][operation])
        self.model.clause(clause)

    def _before(self, first: Use, second: Use) -> Any:
        """Return the literal "first before second"."""
        if self.prepared.problem.resource(first.resource).capacity > 1:
            return self._shared.before(first, second)
        node, turned = self._node(first, second)
        self._activate(node)
        literal = self._literal_of(node)
        return ~literal if turned else literal

    def _chosen(self, use: Use) -> Literal:
        return self.model.chosen[use.train][use.operation]

    # -- literals and rows -------------------------------------------------------------------------------------------

    def _node(self, first: Use, second: Use) -> tuple[Node, bool]:
        numbers = self.prepared.by_use[first], self.prepared.by_use[second]
        turned = first.train > second.train
        return ((numbers[1], numbers[0]) if turned else numbers), turned

    def _literal_of(self, node: Node) -> Any:
        pair = self._pairs.of(node)
        key = pair.representative(node)
        literal = self._literal.get(key)
        if literal is None:
            literal = self._literal[key] = self.model.literal(f"o_{key[0]}_{key[1]}", self._order_value(key, pair))
            self.literals += 1
        return literal

    def _order_value(self, key: Node, pair: Pair) -> Callable[[HintValues], int]:
        """Return how a schedule orders a group: by its own node, or one that shares its literal and is visited."""

        def value(values: HintValues) -> int:
            own = self._comes_first(values, *key)
            if own is not None or key in pair.group:
                return int(bool(own))
            return 0

        if key not in pair.group:
            return value
        sharing = [node for node in pair.nodes if pair.representative(node) == key]

        def shared_value(values: HintValues) -> int:
            for node in sharing:
                own = self._comes_first(values, *node)
                if own is not None:
                    return int(own)
            return 0

        return shared_value

    def _comes_first(self, values: HintValues, first: int, second: int) -> bool | None:
        """Return whether the first stay comes before the second in a schedule; None if one is not made.

        A refused train comes after one that runs, as `add_sequences` counts it.
        """
        begins = [first_place(self.prepared, values, number) for number in (first, second)]
        runs = [values.routes[self.prepared.occupations[number].train] is not None for number in (first, second)]
        if runs[0] != runs[1]:
            return runs[0]
        if begins[0] is None or begins[1] is None:
            return None
        return begins[0] < begins[1]

    def _activate(self, node: Node) -> None:
        """Add the rows of a node, of its whole group, and of the choices next to the group, with their ties."""
        if node in self._active:
            return
        pair = self._pairs.of(node)
        key = pair.representative(node)
        members = pair.members.get(key, [key])
        near = [n for member in members for n in pair.neighbours[member] if n not in pair.group]
        for item in dict.fromkeys([node, *members, *near]):
            if item not in self._active:
                self._active.add(item)
                self._add_rows(item, self._literal_of(item))
        for item in dict.fromkeys([node, *members, *near]):
            self._tie(pair, item)

    def _tie(self, pair: Pair, node: Node) -> None:
        """Where both trains make a choice between two groups, its literal equals theirs."""
        if node in pair.group:
            return
        own = pair.representative(node)
        for neighbour in pair.neighbours[node]:
            other = pair.representative(neighbour)
            if other == own or neighbour not in self._active or (node, other) in self._tied:
                continue
            self._tied.add((node, other))
            conditions = self._visits(node)
            if neighbour not in pair.group:
                conditions += self._visits(neighbour)
            left, right = self._literal_of(node), self._literal_of(neighbour)
            unless = self.model.unless(conditions)
            self.model.clause([*unless, ~left, right])
            self.model.clause([*unless, left, ~right])

    def _visits(self, node: Node) -> list[Literal]:
        """Return for either stay a literal that is true if it is made."""
        return [self._visit(self.prepared.occupations[number]) for number in node]

    def _visit(self, stay: Occupation) -> Literal:
        if stay.mandatory:
            return self.model.present[stay.train]
        ways: list[Literal] = []
        for index in stay.entries:
            literal = self.model.chosen[stay.train][index]
            if not any(literal is known for known in ways):
                ways.append(literal)
        if len(ways) == 1:
            return ways[0]
        visit = self._visit_literal.get(stay.number)
        if visit is None:
            visit = self.model.literal(
                f"v_{stay.number}", lambda values: int(any(i in values.starts[stay.train] for i in stay.operations))
            )
            self._visit_literal[stay.number] = visit
            for way in ways:
                self.model.clause([*self.model.unless([way]), visit])
        return visit

    def _add_rows(self, node: Node, literal: Any) -> None:
        first, second = (self.prepared.occupations[number] for number in node)
        self._moments.precede(first, second, literal)
        self._moments.precede(second, first, ~literal)
        for earlier, later, comes_first in ((first, second, literal), (second, first, ~literal)):
            if (earlier.train, later.train) in self._in_order and self._follows_entry(earlier, later):
                self.model.clause([*self.model.unless([self.model.present[earlier.train]]), comes_first])

    def _follows_entry(self, *stays: Occupation) -> bool:
        """Whether stays take up time and begin so long after their trains' entry that the order of entry is theirs."""
        places = []
        for stay in stays:
            core, graph = core_of(self.prepared, stay.number), self.prepared.graphs[stay.train]
            assert graph is not None
            if core is None or not core.length or stay.entries != (core.operation,):
                return False
            entry, begin = (self.model.root[stay.train, graph.start_event[index]] for index in (0, core.operation))
            if entry[0] != begin[0]:
                return False
            places.append(begin[1] - entry[1])
        return len(set(places)) == 1


def _ordered(first: Occupation, second: Occupation) -> Node:
    return (first.number, second.number) if first.train < second.train else (second.number, first.number)
