"""What a schedule says about anything that has a variable in the plain model: the source of complete hints."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from railcap.operations.problem import DelayTerm, JourneyTerm, OperationsProblem
from railcap.operations.schedule import Schedule
from railcap_solvers.exact.conflicts import Use


class Values:
    """A schedule's value of anything that the model has a variable for."""

    def __init__(self, problem: OperationsProblem, schedule: Schedule) -> None:
        self.known: dict[int, int] = {}
        routes = schedule.routes(problem)
        self._starts = [dict(route or ()) for route in routes]
        self._next: list[dict[int, int]] = []
        for route in routes:
            operations = [operation for operation, _ in route or ()]
            self._next.append(dict(pairwise(operations)))
        self._place = {(event.train, event.operation): place for place, event in enumerate(schedule.events)}
        self._problem = problem

    def of(self, variable: Any) -> int:
        """Return the value of a variable, or of one plus a constant, that is hinted already."""
        from ortools.sat.python import cp_model

        if isinstance(variable, cp_model.IntVar):
            return self.known[variable.index]
        flat = cp_model.FlatIntExpr(variable)
        return flat.offset + sum(
            coeff * self.known[item.index] for item, coeff in zip(flat.vars, flat.coeffs, strict=True)
        )

    def runs(self, t: int) -> int:
        """Return 1 if a train runs."""
        return int(bool(self._starts[t]))

    def has(self, t: int, i: int) -> int:
        """Return 1 if an operation is on the route."""
        return int(i in self._starts[t])

    def goes(self, t: int, i: int, j: int) -> int:
        """Return 1 if one operation follows another."""
        return int(self._next[t].get(i) == j)

    def start(self, t: int, i: int) -> int:
        """Return the start of an operation, its earliest if it is not on the route."""
        return self._starts[t].get(i, self._problem.trains[t].operations[i].start_lb_s)

    def end(self, t: int, i: int) -> int:
        """Return the end of an operation, its start if it has none."""
        following = self._next[t].get(i)
        return self.start(t, i) if following is None else self._starts[t][following]

    def kept(self, t: int, i: int, releases: dict[int, int]) -> int:
        """Return until when a use and those before it keep the resource."""
        if i not in self._starts[t]:
            return self.start(t, i)
        earlier = [j for j in releases if j <= i and j in self._starts[t]]
        return max(self.end(t, j) + releases[j] for j in earlier)

    def _following(self, t: int, i: int, releases: dict[int, int]) -> int | None:
        """Return the next operation that uses the resource before the release of `i` is over."""
        if i not in self._starts[t]:
            return None
        later = [j for j in releases if j > i and j in self._starts[t]]
        if later and self._starts[t][later[0]] <= self.kept(t, i, releases):
            return later[0]
        return None

    def until(self, t: int, i: int, releases: dict[int, int]) -> int:
        """Return where a use's interval ends."""
        following = self._following(t, i, releases)
        return self.kept(t, i, releases) if following is None else self._starts[t][following]

    def follows(self, t: int, i: int, j: int, releases: dict[int, int]) -> int:
        """Return 1 if a use hands its release over to another."""
        return int(self._following(t, i, releases) == j)

    def late(self, term: DelayTerm) -> int:
        """Return the lateness of a term."""
        start = self._starts[term.train].get(term.operation)
        return 0 if start is None else max(0, start - term.threshold_s)

    def is_late(self, term: DelayTerm) -> int:
        """Return 1 if a term's increment counts."""
        start = self._starts[term.train].get(term.operation)
        return int(start is not None and start >= term.threshold_s)

    def journey(self, term: JourneyTerm) -> int:
        """Return what of a journey counts."""
        starts = self._starts[term.train]
        if term.from_operation not in starts or term.to_operation not in starts:
            return 0
        return max(0, starts[term.to_operation] - starts[term.from_operation] - term.threshold_s)

    def precedes(self, first: Use, second: Use) -> int:
        """Return 1 if a use, with its release, ends before another begins."""
        following = self._next[first.train].get(first.operation)
        end = self._place.get((first.train, following if following is not None else -1))
        begin = self._place.get((second.train, second.operation))
        if end is None or begin is None or end > begin:
            return 0
        uses = self._problem.trains[first.train].operations[first.operation].resources
        release = max(used.release_s for used in uses if used.resource == first.resource)
        return int(self.end(first.train, first.operation) + release <= self.start(second.train, second.operation))
