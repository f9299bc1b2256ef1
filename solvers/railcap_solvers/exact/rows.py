"""Order literals between trains and the rows that they switch, added as conflicts show.

For two trains, one literal says who comes first on a whole group of touching resources. Let A hold r and r' in stays
that touch (in the order of events neither ends before the other begins), and B as well. If A were first on r and B
first on r', then A's stay on r ends before B's on r begins, that is no later than B's on r' ends, which is before A's
on r' begins, which is no later than A's on r ends: a contradiction. So "A before B on r" equals "A before B on r'".
Where one of the stays is a choice (a station track), the equality holds if all four are chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from railcap_solvers.exact.conflicts import Use, escapes
from railcap_solvers.exact.model import ExactModel, HintValues, Literal
from railcap_solvers.exact.prepare import ENDLESS, Occupation

Node = tuple[int, int]
"""Stays of two trains on one resource, as numbers of occupations; the train with the lower index first."""


@dataclass(slots=True)
class _Pair:
    """Two trains: the group of every node that both trains must visit, the neighbours of every node."""

    nodes: list[Node]
    group: dict[Node, Node]
    neighbours: dict[Node, list[Node]]
    members: dict[Node, list[Node]] = field(default_factory=dict)


class OrderRows:
    """Adds order rows to a model; every answer is remembered, so that asking twice costs nothing."""

    def __init__(self, model: ExactModel) -> None:
        self.model = model
        self.prepared = model.prepared
        self.literals = 0
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._literal: dict[Node, Any] = {}
        self._active: set[Node] = set()
        self._tied: set[tuple[Node, Node]] = set()
        self._disjoint: dict[Node, Any] = {}
        self._moments: dict[tuple[int, bool], list[tuple[Any, Literal]]] = {}
        self._touching: dict[int, frozenset[int]] = {}
        self._frozen_literals: dict[tuple[Use, Use], Any] = {}
        self._by_train: defaultdict[int, dict[str, list[int]]] = defaultdict(dict)
        for occupation in self.prepared.occupations:
            self._by_train[occupation.train].setdefault(occupation.resource, []).append(occupation.number)

    # -- what the engine asks for ------------------------------------------------------------------------------------

    def separate(self, first: Use, second: Use) -> bool:
        """Keep two uses of a plain resource apart; return whether that adds anything."""
        node, _ = self._node(first, second)
        if node in self._active:
            return False
        self._activate(node)
        return True

    def covers(self, uses: Sequence[Use]) -> bool:
        """Return whether rows can tell these uses apart: none is ruled out by windows, and not all are frozen.

        A frozen use of a plain resource is no part of any row; of a shared one, or in a circle, it may be.
        """
        frozen = [self._frozen(use) for use in uses]
        if all(frozen):
            return False
        if len(uses) == 2 and any(frozen):
            return False
        return all(out or use in self.prepared.by_use for use, out in zip(uses, frozen, strict=True))

    def cover(self, uses: tuple[Use, ...]) -> None:
        """Ask that of uses of a resource of capacity ``len(uses) - 1`` some pair is disjoint."""
        clause: list[Literal] = []
        for place, first in enumerate(uses):
            clause += self.model.unless([self._chosen(first)])
            for second in uses[place + 1 :]:
                for before, after in ((first, second), (second, first)):
                    literal = self._before_on_shared(before, after)
                    if literal is not None:
                        clause.append(literal)
        self.model.clause(clause)

    def forbid(self, circle: Sequence[tuple[Use, Use]]) -> None:
        """Forbid a circle of hand-overs, each the first before the second."""
        clause: list[Literal] = []
        chosen: set[Use] = set()
        for first, second in circle:
            literal = self.before(first, second)
            if literal is None:
                continue
            clause.append(~literal)
            chosen |= {first, second}
        for use in sorted(chosen):
            clause += self.model.unless([self._chosen(use)])
        for train, operation in escapes(self.prepared.problem, circle):
            if operation in self.model.chosen[train]:
                clause.append(self.model.chosen[train][operation])
        self.model.clause(clause)

    def before(self, first: Use, second: Use) -> Any:
        """Return the literal "first before second", None if one of them is frozen and times decide."""
        if self._frozen(first) or self._frozen(second):
            return None
        if self.prepared.problem.resource(first.resource).capacity > 1:
            return self._before_on_shared(first, second)
        node, turned = self._node(first, second)
        self._activate(node)
        literal = self._literal_of(node)
        return ~literal if turned else literal

    def decided(self, boolean: Callable[[Any], bool]) -> Callable[[Use, Use], bool]:
        """Return who comes first according to the literals' values."""

        def answer(first: Use, second: Use) -> bool:
            if self._frozen(first) or self._frozen(second):
                return False
            node, turned = self._node(first, second)
            if self.prepared.problem.resource(first.resource).capacity > 1:
                literal = self._disjoint.get((node[1], node[0]) if turned else node)
                return literal is not None and boolean(literal)
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
            parts = self._core if capacity == 1 else self._whole
            intervals = [interval for interval in map(parts, once) if interval is not None]
            if len(intervals) <= max(capacity, 2):
                continue
            added += 1
            if capacity == 1:
                self.model.model.add_no_overlap(intervals)
            else:
                self.model.model.add_cumulative(intervals, [1] * len(intervals), capacity)
        return added

    def _whole(self, number: int) -> Any:
        """Return a stay as an optional interval, release included, if it begins and ends in one way each."""
        stay = self.prepared.occupations[number]
        begins, ends = self._bounds(stay, last=False), self._bounds(stay, last=True)
        if len(begins) > 1 or len(ends) > 1 or ends[0][0] is None or begins[0][1] is not ends[0][1]:
            return None
        begin, literal, end = begins[0][0], begins[0][1], ends[0][0]
        model = self.model.model
        size = model.new_int_var(0, max(0, stay.window[1] - stay.window[0]), f"s_{number}")

        def value(values: HintValues) -> int:
            times = self._span(values, stay)
            return 0 if times is None else times[1] - times[0]

        self.model.hints.append((size, value))
        if literal is None:
            return model.new_interval_var(begin, size, end, f"stay_{number}")
        return model.new_optional_interval_var(begin, size, end, literal, f"stay_{number}")

    def _span(self, values: HintValues, stay: Occupation) -> tuple[int, int] | None:
        """Return when a stay begins in a schedule and when others may come, in grid steps; None: it is not made."""
        grid, graph = self.prepared.grid, self.prepared.graphs[stay.train]
        assert graph is not None
        starts, following = values.starts[stay.train], values.following[stay.train]
        visited = [index for index in stay.operations if index in starts]
        if not visited:
            return None
        begin = min(grid.steps(starts[index]) for index in visited)
        if any(index not in following for index in visited):
            return begin, ENDLESS
        end = max(grid.steps(starts[following[i]]) + graph.steps[i].releases[stay.resource] for i in visited)
        return begin, end

    def _core(self, number: int) -> Any:
        stay = self.prepared.occupations[number]
        graph = self.prepared.graphs[stay.train]
        assert graph is not None
        always = sorted(graph.mandatory & stay.operations)
        if not always or graph.steps[always[-1]].end[0] == ENDLESS:
            return None
        times = self.model.time[stay.train]
        begin, last = times[graph.start_event[always[0]]], graph.steps[always[-1]]
        release = last.releases[stay.resource]
        length = sum(graph.steps[index].least for index in always) + release
        present = self.model.present[stay.train]
        model = self.model.model
        name = f"stay_{number}"
        if present is None:
            return model.new_fixed_size_interval_var(begin, length, name)
        return model.new_optional_fixed_size_interval_var(begin, length, present, name)

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

    # -- nodes and groups --------------------------------------------------------------------------------------------

    def _frozen(self, use: Use) -> bool:
        return self.prepared.is_frozen[use.train]

    def _chosen(self, use: Use) -> Literal:
        return None if self._frozen(use) else self.model.chosen[use.train][use.operation]

    def _node(self, first: Use, second: Use) -> tuple[Node, bool]:
        numbers = self.prepared.by_use[first], self.prepared.by_use[second]
        turned = first.train > second.train
        return ((numbers[1], numbers[0]) if turned else numbers), turned

    def _pair(self, node: Node) -> _Pair:
        stays = self.prepared.occupations
        first, second = stays[node[0]].train, stays[node[1]].train
        pair = self._pairs.get((first, second))
        if pair is None:
            pair = self._pairs[first, second] = self._new_pair(first, second)
        return pair

    def _new_pair(self, first: int, second: int) -> _Pair:
        stays, problem = self.prepared.occupations, self.prepared.problem
        nodes = [
            (a, b)
            for resource, own in self._by_train[first].items()
            if resource in self._by_train[second] and problem.resource(resource).capacity == 1
            for a in own
            for b in self._by_train[second][resource]
        ]
        by_first: defaultdict[int, list[Node]] = defaultdict(list)
        for node in nodes:
            by_first[node[0]].append(node)
        neighbours: dict[Node, list[Node]] = {}
        for a, b in nodes:
            other = self._touch(b)
            neighbours[a, b] = [
                node
                for c in sorted(self._touch(a))
                for node in by_first.get(c, ())
                if node[1] in other and node != (a, b)
            ]
        pair = _Pair(nodes, {}, neighbours)
        for node in nodes:
            if node in pair.group or not (stays[node[0]].mandatory and stays[node[1]].mandatory):
                continue
            stack, members = [node], []
            pair.group[node] = node
            while stack:
                current = stack.pop()
                members.append(current)
                for following in neighbours[current]:
                    must = stays[following[0]].mandatory and stays[following[1]].mandatory
                    if must and following not in pair.group:
                        pair.group[following] = node
                        stack.append(following)
            pair.members[node] = sorted(members)
        return pair

    def _touch(self, number: int) -> frozenset[int]:
        """Return a train's stays that touch one of its stays whenever a route has both; the stay itself included."""
        known = self._touching.get(number)
        if known is not None:
            return known
        stays = self.prepared.occupations
        stay = stays[number]
        graph = self.prepared.graphs[stay.train]
        assert graph is not None
        near: set[int] = set()
        for index in stay.operations:
            for place in (index, *graph.successors[index], *graph.predecessors[index]):
                for resource in graph.steps[place].releases:
                    other = self.prepared.by_use.get((stay.train, place, resource))
                    if other is not None:
                        near.add(other)
        found = frozenset(
            other for other in near if self._parts(stay, stays[other]) and self._parts(stays[other], stay)
        )
        self._touching[number] = found
        return found

    def _parts(self, stay: Occupation, other: Occupation) -> bool:
        """Return whether no route leaves a stay clear of another and comes to the other later."""
        graph = self.prepared.graphs[stay.train]
        assert graph is not None
        target = sum(1 << index for index in other.operations)
        return not any(
            graph.reach[after] & target
            for index in stay.operations
            if index not in other.operations
            for after in graph.successors[index]
            if after not in stay.operations and after not in other.operations
        )

    # -- literals and rows -------------------------------------------------------------------------------------------

    def _representative(self, pair: _Pair, node: Node) -> Node:
        """Return the node whose literal a node uses: its group's, a neighbouring group's, or its own."""
        if node in pair.group:
            return pair.group[node]
        for neighbour in pair.neighbours[node]:
            if neighbour in pair.group:
                return pair.group[neighbour]
        return node

    def _literal_of(self, node: Node) -> Any:
        pair = self._pair(node)
        key = self._representative(pair, node)
        literal = self._literal.get(key)
        if literal is None:
            literal = self._literal[key] = self.model.literal(f"o_{key[0]}_{key[1]}", self._order_value(key, pair))
            self.literals += 1
        return literal

    def _order_value(self, key: Node, pair: _Pair) -> Callable[[HintValues], int]:
        """Return how a schedule orders a group: by its own node, or one that shares its literal and is visited."""

        def value(values: HintValues) -> int:
            own = self._comes_first(values, *key)
            if own is not None or key in pair.group:
                return int(bool(own))
            return 0

        if key not in pair.group:
            return value
        sharing = [node for node in pair.nodes if self._representative(pair, node) == key]

        def shared_value(values: HintValues) -> int:
            for node in sharing:
                own = self._comes_first(values, *node)
                if own is not None:
                    return int(own)
            return 0

        return shared_value

    def _comes_first(self, values: HintValues, first: int, second: int) -> bool | None:
        """Return whether a schedule lets the first stay end before the second begins; None if one is not made."""
        begins = [self._begin(values, number) for number in (first, second)]
        if begins[0] is None or begins[1] is None:
            return None
        return begins[0] < begins[1]

    def _begin(self, values: HintValues, number: int) -> int | None:
        stay = self.prepared.occupations[number]
        places = [values.place[stay.train, index] for index in stay.operations if index in values.starts[stay.train]]
        return min(places) if places else None

    def _activate(self, node: Node) -> None:
        """Add the rows of a node, of its whole group, and of the choices next to the group, with their ties."""
        if node in self._active:
            return
        pair = self._pair(node)
        key = self._representative(pair, node)
        members = pair.members.get(key, [key])
        near = [n for member in members for n in pair.neighbours[member] if n not in pair.group]
        for item in dict.fromkeys([node, *members, *near]):
            if item not in self._active:
                self._active.add(item)
                self._add_rows(item, self._literal_of(item))
        for item in dict.fromkeys([node, *members, *near]):
            self._tie(pair, item)

    def _tie(self, pair: _Pair, node: Node) -> None:
        """Where both trains make a choice between two groups, its literal equals theirs."""
        if node in pair.group:
            return
        own = self._representative(pair, node)
        for neighbour in pair.neighbours[node]:
            other = self._representative(pair, neighbour)
            if other == own or neighbour not in self._active or (node, other) in self._tied:
                continue
            self._tied.add((node, other))
            conditions = self._visits(node) if neighbour in pair.group else [*self._visits(node), *self._visits(neighbour)]
            left, right = self._literal_of(node), self._literal_of(neighbour)
            for visits in _products(conditions):
                unless = self.model.unless(visits)
                self.model.clause([*unless, ~left, right])
                self.model.clause([*unless, left, ~right])

    def _visits(self, node: Node) -> list[list[Literal]]:
        """Return per stay the literals of its ways in, at least one of which is true exactly if it is made."""
        found = []
        for number in node:
            stay = self.prepared.occupations[number]
            if stay.mandatory:
                found.append([self.model.present[stay.train]])
            else:
                found.append(self._entrances(stay))
        return found

    def _entrances(self, stay: Occupation) -> list[Literal]:
        chosen = self.model.chosen[stay.train]
        literals: list[Literal] = []
        for index in stay.entries:
            if not any(_same(chosen[index], known) for known in literals):
                literals.append(chosen[index])
        return literals

    def _add_rows(self, node: Node, literal: Any) -> None:
        first, second = (self.prepared.occupations[number] for number in node)
        self._precedence(first, second, literal)
        self._precedence(second, first, ~literal)

    def _precedence(self, first: Occupation, second: Occupation, literal: Any) -> None:
        """Add: if the literal holds, the first stay ends, with its release, before the second begins."""
        model = self.model
        for end, ended in self._bounds(first, last=True):
            for begin, begun in self._bounds(second, last=False):
                if end is None:
                    model.clause([~literal, *model.unless([ended, begun])])
                else:
                    model.row(begin - end >= 0, [literal, ended, begun])

    def _bounds(self, stay: Occupation, *, last: bool) -> list[tuple[Any, Literal]]:
        """Return the moments before (or, with `last`, until) which others keep away, each with its condition.

        Where all are at fixed distances from one event, they are one moment: that event, moved by the one choice that
        there is or by a variable that follows the choices.
        """
        known = self._moments.get((stay.number, last))
        if known is not None:
            return known
        if last:
            parts = [(None if end is None else end + release, literal) for end, release, literal in self._ends(stay)]
        else:
            parts = list(self._begins(stay))
        present = self.model.present[stay.train]
        always = [moment for moment, literal in parts if literal is present and moment is not None]
        if len(parts) > 1 and len(always) == 1 and all(moment is not None for moment, _ in parts):
            parts = [(self._common(stay, always[0], parts, last), present)]
        self._moments[stay.number, last] = parts
        return parts

    def _common(self, stay: Occupation, base: Any, parts: list[tuple[Any, Literal]], last: bool) -> Any:
        """Return one variable for all the moments of which `base` always holds."""
        model = self.model
        def value(values: HintValues) -> int:
            span = self._span(values, stay)
            return stay.window[0] if span is None else span[last]

        moment = model.model.new_int_var(stay.window[0], stay.window[1], f"{'e' if last else 'b'}_{stay.number}")
        model.hints.append((moment, lambda values: min(max(value(values), stay.window[0]), stay.window[1])))
        for part, literal in parts:
            conditions = [] if part is base and self._unbound(stay) else [literal]
            model.row(moment >= part if last else moment <= part, conditions)
        return moment

    def _unbound(self, stay: Occupation) -> bool:
        return self.model.present[stay.train] is None

    def _ends(self, stay: Occupation) -> list[tuple[Any, int, Literal]]:
        graph = self.prepared.graphs[stay.train]
        assert graph is not None
        found: list[tuple[Any, int, Literal]] = []
        done: set[tuple[int, int]] = set()
        for index in stay.lasts:
            step = graph.steps[index]
            literal = self.model.chosen[stay.train][index]
            if step.end[0] == ENDLESS:
                found.append((None, 0, literal))
                continue
            event, release = graph.end_event[index], step.releases[stay.resource]
            if (event, release) in done:
                continue
            if event in graph.mandatory_events and all(
                other in stay.lasts and graph.steps[other].releases[stay.resource] == release
                for other, place in graph.end_event.items()
                if place == event
            ):
                literal = self.model.present[stay.train]
                done.add((event, release))
            found.append((self.model.time[stay.train][event], release, literal))
        return found

    def _begins(self, stay: Occupation) -> list[tuple[Any, Literal]]:
        graph = self.prepared.graphs[stay.train]
        assert graph is not None
        found: list[tuple[Any, Literal]] = []
        done: set[int] = set()
        for index in stay.entries:
            event = graph.start_event[index]
            if event in done:
                continue
            literal = self.model.chosen[stay.train][index]
            if event in graph.mandatory_events and all(
                other in stay.operations for other, place in graph.start_event.items() if place == event
            ):
                literal = self.model.present[stay.train]
                done.add(event)
            found.append((self.model.time[stay.train][event], literal))
        return found

    # -- capacity above one ------------------------------------------------------------------------------------------

    def _before_on_shared(self, first: Use, second: Use) -> Any:
        """Return the literal that a use of a shared resource ends before another begins; None: impossible."""
        if self._frozen(first) and self._frozen(second):
            return None
        key = self._shared_key(first), self._shared_key(second)
        return self._frozen_literal(first, second) if None in key else self._free_literal(key)  # type: ignore[arg-type]

    def _shared_key(self, use: Use) -> int | None:
        return None if self._frozen(use) else self.prepared.by_use[use]

    def _free_literal(self, key: Node) -> Any:
        literal = self._disjoint.get(key)
        if literal is None:
            literal = self.model.literal(f"p_{key[0]}_{key[1]}", lambda values: self._shared_value(values, key))
            self._disjoint[key] = literal
            first, second = (self.prepared.occupations[number] for number in key)
            self._precedence(first, second, literal)
        return literal

    def _shared_value(self, values: HintValues, key: Node) -> int:
        """Return whether in a schedule the first stay ends, with its releases, before the second begins."""
        stays = [self.prepared.occupations[number] for number in key]
        begin = self._begin(values, key[1])
        visited = [index for index in stays[0].operations if index in values.starts[stays[0].train]]
        if begin is None or not visited:
            return 0
        begin_s = min(values.starts[stays[1].train].get(index, ENDLESS) for index in stays[1].operations)
        train = stays[0].train
        following = values.following[train].get(max(visited))
        if following is None or values.place[train, following] > begin:
            return 0
        grid = self.prepared.grid
        graph = self.prepared.graphs[train]
        assert graph is not None
        free = max(
            grid.steps(values.starts[train][values.following[train][index]])
            + graph.steps[index].releases[stays[0].resource]
            for index in visited
        )
        return int(free <= grid.steps(begin_s))

    def _frozen_literal(self, first: Use, second: Use) -> Any:
        """Return the literal for a use of a shared resource against a frozen one, whose times are numbers."""
        key = (first, second)
        known = self._frozen_literals.get(key)
        if known is not None:
            return known
        model, grid = self.model, self.prepared.grid
        literal = model.literal(
            f"f_{len(self._frozen_literals)}", lambda values: self._frozen_value(values, first, second)
        )
        self._frozen_literals[key] = literal
        if self._frozen(first):
            stay = self.prepared.occupations[self.prepared.by_use[second]]
            free = self._frozen_until(first)
            for begin, begun in self._begins(stay):
                if free is None:
                    model.clause([~literal, *model.unless([begun])])
                else:
                    model.row(begin >= grid.steps(free), [literal, begun])
            return literal
        stay = self.prepared.occupations[self.prepared.by_use[first]]
        start = dict(self.prepared.frozen_routes[second.train] or ())[second.operation]
        for end, release, ended in self._ends(stay):
            if end is None:
                model.clause([~literal, *model.unless([ended])])
            else:
                model.row(end + release <= grid.steps(start), [literal, ended])
        return literal

    def _frozen_value(self, values: HintValues, first: Use, second: Use) -> int:
        begin = values.starts[second.train].get(second.operation)
        following = values.following[first.train].get(first.operation)
        if begin is None or following is None:
            return 0
        uses = self.prepared.problem.trains[first.train].operations[first.operation].resources
        release = max(used.release_s for used in uses if used.resource == first.resource)
        return int(values.starts[first.train][following] + release <= begin)

    def _frozen_until(self, use: Use) -> int | None:
        route = list(self.prepared.frozen_routes[use.train] or ())
        place = next(place for place, (operation, _) in enumerate(route) if operation == use.operation)
        if place + 1 == len(route):
            return None
        uses = self.prepared.problem.trains[use.train].operations[use.operation].resources
        return route[place + 1][1] + max(used.release_s for used in uses if used.resource == use.resource)


def _ordered(first: Occupation, second: Occupation) -> Node:
    return (first.number, second.number) if first.train < second.train else (second.number, first.number)


def _same(left: Literal, right: Literal) -> bool:
    return left is right


def _products(choices: list[list[Literal]]) -> list[list[Literal]]:
    found: list[list[Literal]] = [[]]
    for listed in choices:
        found = [[*product, literal] for product in found for literal in listed]
    return found
