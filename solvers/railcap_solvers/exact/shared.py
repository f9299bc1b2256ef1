"""Rows for resources that hold several trains: literals that one stay ends before another begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from railcap_solvers.exact.conflicts import Use
from railcap_solvers.exact.grid import ENDLESS
from railcap_solvers.exact.hints import HintValues, first_place
from railcap_solvers.exact.model import ExactModel
from railcap_solvers.exact.moments import Moments
from railcap_solvers.exact.pairs import Node


class SharedRows:
    """Literals for pairs of uses of resources of a capacity above 1, one for each pair of stays and direction."""

    def __init__(self, model: ExactModel, moments: Moments) -> None:
        self._model, self._moments = model, moments
        self._prepared = model.prepared
        self._disjoint: dict[Node, Any] = {}

    def decided(self, first: Use, second: Use, boolean: Callable[[Any], bool]) -> bool:
        """Return whether a solution says that one use ends before another begins."""
        literal = self._disjoint.get(self._stays(first, second))
        return literal is not None and boolean(literal)

    def before(self, first: Use, second: Use) -> Any:
        """Return the literal that a use ends before another begins."""
        key = self._stays(first, second)
        literal = self._disjoint.get(key)
        if literal is None:
            literal = self._model.literal(f"p_{key[0]}_{key[1]}", lambda values: self._value(values, key))
            self._disjoint[key] = literal
            earlier, later = (self._prepared.occupations[number] for number in key)
            self._moments.precede(earlier, later, literal)
        return literal

    def _stays(self, first: Use, second: Use) -> Node:
        return self._prepared.by_use[first], self._prepared.by_use[second]

    def _value(self, values: HintValues, key: Node) -> int:
        """Return whether in a schedule the first stay ends, with its releases, before the second begins."""
        stays = [self._prepared.occupations[number] for number in key]
        begin = first_place(self._prepared, values, key[1])
        visited = [index for index in stays[0].operations if index in values.starts[stays[0].train]]
        if begin is None or not visited:
            return 0
        begin_s = min(values.starts[stays[1].train].get(index, ENDLESS) for index in stays[1].operations)
        train = stays[0].train
        following = values.following[train].get(max(visited))
        if following is None or values.place[train, following] > begin:
            return 0
        grid = self._prepared.grid
        graph = self._prepared.graphs[train]
        assert graph is not None
        free = max(
            grid.steps(values.starts[train][values.following[train][index]])
            + graph.steps[index].releases[stays[0].resource]
            for index in visited
        )
        return int(free <= grid.steps(begin_s))
