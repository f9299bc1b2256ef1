"""Which stays of two trains share one order.

For two trains, one literal says who comes first on a whole group of touching resources. Let A hold r and r' in stays
that touch (in the order of events neither ends before the other begins), and B as well. If A were first on r and B
first on r', then A's stay on r ends before B's on r begins, that is no later than B's on r' ends, which is before A's
on r' begins, which is no later than A's on r ends: a contradiction. So "A before B on r" equals "A before B on r'".
Where one of the stays is a choice (a station track), the equality holds if all four are chosen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from railcap_solvers.exact.prepare import Prepared
from railcap_solvers.exact.stays import Occupation

Node = tuple[int, int]
"""Stays of two trains on one resource, as numbers of occupations; the train with the lower index first."""


@dataclass(slots=True)
class Pair:
    """Two trains: the group of every node that both trains must visit, the neighbours of every node."""

    nodes: list[Node]
    group: dict[Node, Node]
    neighbours: dict[Node, list[Node]]
    members: dict[Node, list[Node]] = field(default_factory=dict)

    def representative(self, node: Node) -> Node:
        """Return the node whose literal a node uses: its group's, a neighbouring group's, or its own."""
        if node in self.group:
            return self.group[node]
        for neighbour in self.neighbours[node]:
            if neighbour in self.group:
                return self.group[neighbour]
        return node


class Pairs:
    """The pairs of trains of a problem, each made when first asked for."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._touching: dict[int, frozenset[int]] = {}
        self._by_train: defaultdict[int, dict[str, list[int]]] = defaultdict(dict)
        for occupation in prepared.occupations:
            self._by_train[occupation.train].setdefault(occupation.resource, []).append(occupation.number)

    def of(self, node: Node) -> Pair:
        """Return the pair of trains that a node belongs to."""
        stays = self._prepared.occupations
        first, second = stays[node[0]].train, stays[node[1]].train
        pair = self._pairs.get((first, second))
        if pair is None:
            pair = self._pairs[first, second] = self._new_pair(first, second)
        return pair

    def _new_pair(self, first: int, second: int) -> Pair:
        stays, problem = self._prepared.occupations, self._prepared.problem
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
        pair = Pair(nodes, {}, neighbours)
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
        stays = self._prepared.occupations
        stay = stays[number]
        graph = self._prepared.graphs[stay.train]
        assert graph is not None
        near: set[int] = set()
        for index in stay.operations:
            for place in (index, *graph.successors[index], *graph.predecessors[index]):
                for resource in graph.steps[place].releases:
                    other = self._prepared.by_use.get((stay.train, place, resource))
                    if other is not None:
                        near.add(other)
        found = frozenset(
            other for other in near if self._parts(stay, stays[other]) and self._parts(stays[other], stay)
        )
        self._touching[number] = found
        return found

    def _parts(self, stay: Occupation, other: Occupation) -> bool:
        """Return whether no route leaves a stay clear of another and comes to the other later."""
        graph = self._prepared.graphs[stay.train]
        assert graph is not None
        target = sum(1 << index for index in other.operations)
        return not any(
            graph.reach[after] & target
            for index in stay.operations
            if index not in other.operations
            for after in graph.successors[index]
            if after not in stay.operations and after not in other.operations
        )
