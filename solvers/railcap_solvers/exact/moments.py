"""When stays on resources begin and end in the exact model, and rows and intervals made of that."""

from __future__ import annotations

from typing import Any

from railcap_solvers.exact.grid import ENDLESS
from railcap_solvers.exact.hints import HintValues
from railcap_solvers.exact.model import ExactModel, Literal
from railcap_solvers.exact.stays import Occupation, core_of


class Moments:
    """Expressions for the begin and end of every stay, made once."""

    def __init__(self, model: ExactModel) -> None:
        self._model = model
        self._prepared = model.prepared
        self._moments: dict[tuple[int, bool], list[tuple[Any, Literal]]] = {}
        self._loose: set[int] = set()
        stays = self._prepared.occupations
        self._range = (
            min((stay.window[0] for stay in stays), default=0),
            max((self._latest_end(stay) for stay in stays), default=0),
        )

    def precede(self, first: Occupation, second: Occupation, literal: Any) -> None:
        """Add: if the literal holds, the first stay ends, with its release, before the second begins."""
        model = self._model
        for end, ended in self._bounds(first, last=True):
            if end is None:  # nothing is far enough away from a stay without an end, so each way to begin has a say
                for _, begun in self._begins(second):
                    model.clause([~literal, *model.unless([ended, begun])])
                continue
            for begin, begun in self._bounds(second, last=False):
                model.row(begin - end >= 0, [literal, ended, begun])

    def _latest_end(self, stay: Occupation) -> int:
        """Return the latest of the ends of a stay, releases included, that are not endless."""
        graph = self._prepared.graphs[stay.train]
        assert graph is not None
        steps = [graph.steps[index] for index in stay.operations]
        return max((step.end[1] + step.releases[stay.resource] for step in steps if step.end[0] < ENDLESS), default=0)

    def _bounds(self, stay: Occupation, *, last: bool) -> list[tuple[Any, Literal]]:
        """Return the moments before (or, with `last`, until) which others keep away, each with its condition.

        Several are one variable that follows the choices. Where the train has other ways than this stay, that variable
        is free unless the stay is made, and far enough away not to be in anybody's way: it needs no condition then.
        """
        known = self._moments.get((stay.number, last))
        if known is not None:
            return known
        if last:
            parts = [(None if end is None else end + release, literal) for end, release, literal in self._ends(stay)]
        else:
            parts = list(self._begins(stay))
        if len(parts) > 1 and all(moment is not None for moment, _ in parts):
            present = self._model.present[stay.train]
            always = any(literal is present for _, literal in parts)
            parts = [(self._common(stay, parts, last, always), present if always else None)]
            if not always:
                self._loose.add(stay.number)
        self._moments[stay.number, last] = parts
        return parts

    def _common(self, stay: Occupation, parts: list[tuple[Any, Literal]], last: bool, always: bool) -> Any:
        """Return one variable for all the moments."""
        model = self._model
        low, high = stay.window
        if not always:
            low, high = (self._range[0], high) if last else (low, self._range[1])
        away = low if last else high

        def value(values: HintValues) -> int:
            span = self.span(values, stay)
            return away if span is None else min(max(span[last], low), high)

        moment = model.model.new_int_var(low, high, f"{'e' if last else 'b'}_{stay.number}")
        model.hints.append((moment, value))
        for part, literal in parts:
            model.row(moment >= part if last else moment <= part, [literal])
        return moment

    def _ends(self, stay: Occupation) -> list[tuple[Any, int, Literal]]:
        """Return the ways in which a stay ends: moment (None: never), release and condition of each."""
        graph = self._prepared.graphs[stay.train]
        assert graph is not None
        found: list[tuple[Any, int, Literal]] = []
        done: set[tuple[int, int]] = set()
        for index in stay.lasts:
            step = graph.steps[index]
            literal = self._model.chosen[stay.train][index]
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
                literal = self._model.present[stay.train]
                done.add((event, release))
            found.append((self._model.time[stay.train][event], release, literal))
        return found

    def _begins(self, stay: Occupation) -> list[tuple[Any, Literal]]:
        """Return the ways in which a stay begins: moment and condition of each."""
        graph = self._prepared.graphs[stay.train]
        assert graph is not None
        found: list[tuple[Any, Literal]] = []
        done: set[int] = set()
        for index in stay.entries:
            event = graph.start_event[index]
            if event in done:
                continue
            literal = self._model.chosen[stay.train][index]
            if event in graph.mandatory_events and all(
                other in stay.operations for other, place in graph.start_event.items() if place == event
            ):
                literal = self._model.present[stay.train]
                done.add(event)
            found.append((self._model.time[stay.train][event], literal))
        return found

    def whole(self, number: int) -> Any:
        """Return a stay as an optional interval, release included, if it begins and ends in one way each."""
        stay = self._prepared.occupations[number]
        begins, ends = self._bounds(stay, last=False), self._bounds(stay, last=True)
        if (
            number in self._loose
            or len(begins) > 1
            or len(ends) > 1
            or ends[0][0] is None
            or begins[0][1] is not ends[0][1]
        ):
            return None
        begin, literal, end = begins[0][0], begins[0][1], ends[0][0]
        model = self._model.model
        size = model.new_int_var(0, max(0, stay.window[1] - stay.window[0]), f"s_{number}")

        def value(values: HintValues) -> int:
            times = self.span(values, stay)
            return 0 if times is None else times[1] - times[0]

        self._model.hints.append((size, value))
        if literal is None:
            return model.new_interval_var(begin, size, end, f"stay_{number}")
        return model.new_optional_interval_var(begin, size, end, literal, f"stay_{number}")

    def span(self, values: HintValues, stay: Occupation) -> tuple[int, int] | None:
        """Return when a stay begins in a schedule and when others may come, in grid steps; None: it is not made."""
        grid, graph = self._prepared.grid, self._prepared.graphs[stay.train]
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

    def core(self, number: int) -> Any:
        """Return the part of a stay that every route of its train has, as an interval of fixed length, if any."""
        stay = self._prepared.occupations[number]
        graph = self._prepared.graphs[stay.train]
        assert graph is not None
        core = core_of(self._prepared, number)
        if core is None:
            return None
        begin, length = self._model.time[stay.train][graph.start_event[core.operation]], core.length
        present = self._model.present[stay.train]
        model = self._model.model
        name = f"stay_{number}"
        if present is None:
            return model.new_fixed_size_interval_var(begin, length, name)
        return model.new_optional_fixed_size_interval_var(begin, length, present, name)
