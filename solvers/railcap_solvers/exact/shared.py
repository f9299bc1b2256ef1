"""Rows for resources that hold several trains: literals that one use ends before another begins."""

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
    """Literals for pairs of uses, one of which may belong to a frozen train whose times are numbers."""

    def __init__(self, model: ExactModel, moments: Moments) -> None:
        self._model, self._moments = model, moments
        self._prepared = model.prepared
        self._disjoint: dict[Node, Any] = {}
        self._frozen_literals: dict[tuple[Use, Use], Any] = {}

    def decided(self, first: Use, second: Use, boolean: Callable[[Any], bool]) -> bool:
        """Return whether a solution says that one use of planned trains ends before another begins."""
        literal = self._disjoint.get((self._prepared.by_use[first], self._prepared.by_use[second]))
        return literal is not None and boolean(literal)

    def _frozen(self, use: Use) -> bool:
        return self._prepared.is_frozen[use.train]

    def _begin(self, values: HintValues, number: int) -> int | None:
        return first_place(self._prepared, values, number)

    def before(self, first: Use, second: Use) -> Any:
        """Return the literal that a use of a shared resource ends before another begins; None: impossible."""
        if self._frozen(first) and self._frozen(second):
            return None
        key = self._shared_key(first), self._shared_key(second)
        return self._frozen_literal(first, second) if None in key else self._free_literal(key)  # type: ignore[arg-type]

    def _shared_key(self, use: Use) -> int | None:
        return None if self._frozen(use) else self._prepared.by_use[use]

    def _free_literal(self, key: Node) -> Any:
        literal = self._disjoint.get(key)
        if literal is None:
            literal = self._model.literal(f"p_{key[0]}_{key[1]}", lambda values: self._shared_value(values, key))
            self._disjoint[key] = literal
            first, second = (self._prepared.occupations[number] for number in key)
            self._moments.precede(first, second, literal)
        return literal

    def _shared_value(self, values: HintValues, key: Node) -> int:
        """Return whether in a schedule the first stay ends, with its releases, before the second begins."""
        stays = [self._prepared.occupations[number] for number in key]
        begin = self._begin(values, key[1])
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

    def _frozen_literal(self, first: Use, second: Use) -> Any:
        """Return the literal for a use of a shared resource against a frozen one, whose times are numbers."""
        key = (first, second)
        known = self._frozen_literals.get(key)
        if known is not None:
            return known
        model, grid = self._model, self._prepared.grid
        literal = model.literal(
            f"f_{len(self._frozen_literals)}", lambda values: self._frozen_value(values, first, second)
        )
        self._frozen_literals[key] = literal
        if self._frozen(first):
            stay = self._prepared.occupations[self._prepared.by_use[second]]
            free = self._frozen_until(first)
            for begin, begun in self._moments.begins(stay):
                if free is None:
                    model.clause([~literal, *model.unless([begun])])
                else:
                    model.row(begin >= grid.steps(free), [literal, begun])
            return literal
        stay = self._prepared.occupations[self._prepared.by_use[first]]
        start = dict(self._prepared.frozen_routes[second.train] or ())[second.operation]
        for end, release, ended in self._moments.ends(stay):
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
        uses = self._prepared.problem.trains[first.train].operations[first.operation].resources
        release = max(used.release_s for used in uses if used.resource == first.resource)
        return int(values.starts[first.train][following] + release <= begin)

    def _frozen_until(self, use: Use) -> int | None:
        route = list(self._prepared.frozen_routes[use.train] or ())
        place = next(place for place, (operation, _) in enumerate(route) if operation == use.operation)
        if place + 1 == len(route):
            return None
        uses = self._prepared.problem.trains[use.train].operations[use.operation].resources
        return route[place + 1][1] + max(used.release_s for used in uses if used.resource == use.resource)
