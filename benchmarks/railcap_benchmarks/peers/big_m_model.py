"""The whole disjunctive big-M model: every pair of uses by two trains of one resource has an order and its two rows."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import gcd
from typing import NamedTuple

from railcap.errors import UnsupportedFeature
from railcap.operations.problem import DelayTerm, JourneyTerm, Link, ObjectiveTerm, OperationsProblem
from railcap_benchmarks.peers.plain_model import latest_time
from railcap_solvers.exact.conflicts import Use, escapes
from railcap_solvers.mip.linear import INFINITY, LinearModel, Values

DUST = 1e-6
"""What a bound may be off by, relative to itself."""


class Literal(NamedTuple):
    """A variable that is 0 or 1, or its complement."""

    variable: int
    positive: bool = True

    def __invert__(self) -> Literal:
        return Literal(self.variable, not self.positive)


class BigMModel:
    """The model of a problem; order rows come by `add_orders`.

    Times are counted from the earliest start of all. One M serves all rows: no two times are further apart than the
    horizon, and no row asks for more than the longest duration, release or lag beyond that. Costs are divided by their
    common divisor `unit`, and `constant` is left out of them.

    Parameters
    ----------
    problem : OperationsProblem

    Raises
    ------
    UnsupportedFeature
        If a cost falls with time.
    """

    def __init__(self, problem: OperationsProblem) -> None:
        self.problem = problem
        self.linear = LinearModel()
        self.origin_s = min((step.start_lb_s for train in problem.trains for step in train.operations), default=0)
        self.horizon = latest_time(problem) - self.origin_s
        self.big = self.horizon + _longest(problem)
        self.constant, self.unit = 0, 1
        self.refused: dict[int, int] = {}
        self.chosen: list[list[int]] = []
        self.start: list[list[int]] = []
        self.end: list[list[int | None]] = []
        """The variable of an operation's end: its only successor's start, or one of its own; None if it has none."""
        self.own_ends: dict[tuple[int, int], int] = {}
        self.arcs: dict[tuple[int, int, int], int] = {}
        self.afters: dict[tuple[int, int, int], int] = {}
        """Whether an operation comes after a closure, by the closure's end."""
        self.late: list[tuple[int, ObjectiveTerm]] = []
        self.is_late: list[tuple[int, DelayTerm]] = []
        self.contested = contested_uses(problem)
        self.first: dict[tuple[Use, Use], int] = {}
        self.units: dict[str, dict[Use, list[int]]] = {}
        self.same: dict[tuple[Use, Use], int] = {}
        self._costs: defaultdict[int, int] = defaultdict(int)
        for train in range(len(problem.trains)):
            self._add_train(train)
        self._add_closures()
        for link in problem.links:
            self._add_link(link)
        self._add_objective()

    # -- variables and rows ------------------------------------------------------------------------------------------

    def _binary(self) -> int:
        return self.linear.variable(0.0, 1.0, whole=True)

    def _when(self, when: Sequence[Literal], later: int, earlier: int, least: int, extra: int | None = None) -> None:
        """Add ``later - earlier (+ extra) >= least`` for times, which holds if all literals of `when` do."""
        terms: dict[int, float] = {} if later == earlier else {later: 1.0, earlier: -1.0}
        if extra is not None:
            terms[extra] = 1.0
        self._switched(when, terms, least)

    def _switched(self, when: Sequence[Literal], terms: dict[int, float], low: float) -> None:
        for variable, positive in when:
            if positive and self.linear.lower[variable] == 1.0:
                continue
            terms[variable] = terms.get(variable, 0.0) + (-self.big if positive else self.big)
            low -= self.big if positive else 0
        self.linear.row(terms, low)

    def _some(self, literals: Sequence[Literal]) -> None:
        """Add a row: at least one of the literals holds."""
        terms: defaultdict[int, float] = defaultdict(float)
        low = 1.0
        for variable, positive in literals:
            terms[variable] += 1.0 if positive else -1.0
            low -= 0.0 if positive else 1.0
        self.linear.row(terms, low)

    # -- trains ------------------------------------------------------------------------------------------------------

    def _add_train(self, t: int) -> None:
        train, linear = self.problem.trains[t], self.linear
        last = len(train.operations) - 1
        chosen = [self._binary() for _ in train.operations]
        starts = []
        for i, step in enumerate(train.operations):
            low = step.start_lb_s - self.origin_s
            high = self.horizon if step.start_ub_s is None else min(step.start_ub_s - self.origin_s, self.horizon)
            if high < low or (i < last and not step.successors):
                linear.row({chosen[i]: 1.0}, 0.0, 0.0)
            starts.append(linear.variable(low, max(low, high)))
        if train.refusal_cost is None:
            linear.lower[chosen[0]] = linear.lower[chosen[-1]] = 1.0
        else:
            refused = self.refused[t] = self._binary()
            self._costs[refused] += train.refusal_cost
            linear.row({refused: 1.0, chosen[0]: 1.0}, 1.0, 1.0)
        self.chosen.append(chosen)
        self.start.append(starts)
        self.end.append([])
        into: list[list[int]] = [[] for _ in train.operations]
        for i in range(last):
            self.end[t].append(self._add_step(t, i, into))
        self.end[t].append(None)
        for i in range(1, last + 1):
            linear.row({chosen[i]: -1.0} | dict.fromkeys(into[i], 1.0), 0.0, 0.0)

    def _add_step(self, t: int, i: int, into: list[list[int]]) -> int | None:
        """Add what leads from an operation to the next, and its durations; return the variable of its end."""
        step, chosen, start = self.problem.trains[t].operations[i], self.chosen[t][i], self.start[t][i]
        following = tuple(dict.fromkeys(step.successors))
        if not following:
            return None
        if len(following) == 1:
            end = self.start[t][following[0]]
            into[following[0]].append(chosen)
            if self.linear.lower[chosen] == 1.0:
                self.linear.lower[self.chosen[t][following[0]]] = 1.0
        else:
            end = self.own_ends[t, i] = self.linear.variable(step.start_lb_s - self.origin_s, self.horizon)
            out: dict[int, float] = {chosen: -1.0}
            for j in following:
                arc = self.arcs[t, i, j] = self._binary()
                into[j].append(arc)
                out[arc] = 1.0
                self._when([Literal(arc)], end, self.start[t][j], 0)
                self._when([Literal(arc)], self.start[t][j], end, 0)
            self.linear.row(out, 0.0, 0.0)
        self._when([Literal(chosen)], end, start, step.min_duration_s)
        if step.max_duration_s is not None:
            self._when([Literal(chosen)], start, end, -step.max_duration_s)
        return end

    def _add_closures(self) -> None:
        for t, train in enumerate(self.problem.trains):
            for i, step in enumerate(train.operations):
                names = {used.resource for used in step.resources}
                closures = {closure for name in names for closure in self.problem.resource(name).closures}
                for begin, until in sorted(closures):
                    if until > step.start_lb_s:
                        self._add_closure(t, i, begin, until)

    def _add_closure(self, t: int, i: int, begin_s: int, until_s: int) -> None:
        chosen, start, end = Literal(self.chosen[t][i]), self.start[t][i], self.end[t][i]
        until = until_s - self.origin_s
        if end is None:
            self._switched([chosen], {start: 1.0}, until)
            return
        if (t, i, until_s) in self.afters:
            after = Literal(self.afters[t, i, until_s])
        else:
            after = Literal(self._binary())
            self.afters[t, i, until_s] = after.variable
        # Nothing ends before the origin, so a closure that begins earlier says the same as one that begins just then.
        begin = max(begin_s - self.origin_s, -1)
        self._switched([chosen, after], {start: 1.0}, until)
        self._switched([chosen, ~after], {end: -1.0}, -begin)

    def _add_link(self, link: Link) -> None:
        source, target = (link.from_train, link.from_operation), (link.to_train, link.to_operation)
        begin, end = (self.start[t][i] for t, i in (source, target))
        when = [Literal(self.chosen[t][i]) for t, i in (source, target)]
        self._when(when, end, begin, link.min_lag_s)
        if link.max_lag_s is not None:
            self._when(when, begin, end, -link.max_lag_s)
        if link.required:
            self._some([when[0], ~when[1]])

    # -- cost --------------------------------------------------------------------------------------------------------

    def _add_objective(self) -> None:
        for number, term in enumerate(self.problem.objective):
            if term.coeff < 0 or (isinstance(term, DelayTerm) and term.increment < 0):
                raise UnsupportedFeature(f"objective[{number}] falls with time; plain-big-m needs costs that do not")
            if isinstance(term, JourneyTerm):
                self._add_journey(term)
            else:
                self._add_delay(term)
        self.unit = gcd(*self._costs.values()) or 1
        for variable, cost in self._costs.items():
            self.linear.cost[variable] = float(cost // self.unit)

    def _add_journey(self, term: JourneyTerm) -> None:
        if not term.coeff:
            return
        chosen, starts = self.chosen[term.train], self.start[term.train]
        late = self._new_late(term)
        when = [Literal(chosen[term.from_operation]), Literal(chosen[term.to_operation])]
        self._when(when, starts[term.from_operation], starts[term.to_operation], -term.threshold_s, late)

    def _add_delay(self, term: DelayTerm) -> None:
        chosen, start = Literal(self.chosen[term.train][term.operation]), self.start[term.train][term.operation]
        threshold = term.threshold_s - self.origin_s
        if term.coeff:
            # What is late from the origin on costs a constant, or M would have to reach back to the threshold.
            self._charge(chosen.variable, term.coeff * max(0, -threshold))
            late = self._new_late(term)
            self._switched([chosen], {late: 1.0, start: -1.0}, -max(0, threshold))
        if term.increment and threshold <= 0:
            self._charge(chosen.variable, term.increment)
        elif term.increment:
            is_late = self._binary()
            self.is_late.append((is_late, term))
            self._costs[is_late] += term.increment
            self._switched([chosen, ~Literal(is_late)], {start: -1.0}, 1 - threshold)

    def _new_late(self, term: ObjectiveTerm) -> int:
        late = self.linear.variable(0.0, INFINITY)
        self.late.append((late, term))
        self._costs[late] += term.coeff
        return late

    def _charge(self, chosen: int, amount: int) -> None:
        """Add a cost to a choice; of one that is sure, to the constant."""
        if self.linear.lower[chosen] == 1.0:
            self.constant += amount
        else:
            self._costs[chosen] += amount

    def whole(self, bound: float) -> int:
        """Return a bound of the linear model as the least cost that is possible above it, its dust taken off."""
        return self.constant + self.unit * math.ceil(bound - DUST * max(1.0, abs(bound)))

    # -- orders ------------------------------------------------------------------------------------------------------

    def add_orders(self) -> Iterator[None]:
        """Add the order of every pair, one use at a time, so that the caller can look at the clock."""
        for resource, releases in self.contested.items():
            capacity = self.problem.resource(resource).capacity
            if capacity != 1:
                self._add_units(resource, list(releases), capacity)
            uses = list(releases)
            for place, second in enumerate(uses):
                for first in uses[:place]:
                    if first.train != second.train:
                        self._separate(first, second, releases)
                yield

    def _add_units(self, resource: str, uses: list[Use], capacity: int) -> None:
        """Add which of a resource's units each use takes; as units are alike, use number n takes one of the first n."""
        self.units[resource] = {}
        for place, use in enumerate(uses):
            units = [self._binary() for _ in range(min(capacity, place + 1))]
            self.units[resource][use] = units
            self.linear.row({self._chosen(use).variable: -1.0} | dict.fromkeys(units, 1.0), 0.0, 0.0)

    def _separate(self, first: Use, second: Use, releases: Mapping[Use, int]) -> None:
        order = Literal(self._binary())
        self.first[first, second] = order.variable
        when = [self._chosen(first), self._chosen(second)]
        if first.resource in self.units:
            units = self.units[first.resource]
            same = self.same[first, second] = self._binary()
            for one, other in zip(units[first], units[second], strict=False):
                self.linear.row({same: 1.0, one: -1.0, other: -1.0}, -1.0)
            when = [Literal(same)]
        self._precede(first, second, releases[first], [order, *when])
        self._precede(second, first, releases[second], [~order, *when])

    def _precede(self, first: Use, second: Use, release: int, when: list[Literal]) -> None:
        end = self.end[first.train][first.operation]
        if end is None:  # it is held for ever
            self._some([~literal for literal in when])
        else:
            self._when(when, self.start[second.train][second.operation], end, release)

    def _chosen(self, use: Use) -> Literal:
        return Literal(self.chosen[use.train][use.operation])

    def before(self, first: Use, second: Use) -> list[Literal]:
        """Return the literals that together say that a use comes before another, none if nothing says so."""
        if (first, second) in self.first:
            pair, order = (first, second), Literal(self.first[first, second])
        elif (second, first) in self.first:
            pair, order = (second, first), ~Literal(self.first[second, first])
        else:
            return []
        return [order, Literal(self.same[pair])] if pair in self.same else [order]

    def forbid(self, circle: Sequence[tuple[Use, Use]]) -> None:
        """Add a row that rules out a circle of hand-overs at one instant."""
        literals = [~literal for pair in circle for literal in self.before(*pair)]
        literals += [~self._chosen(use) for use in sorted({use for pair in circle for use in pair})]
        literals += [Literal(self.chosen[train][operation]) for train, operation in escapes(self.problem, circle)]
        self._some(literals)

    # -- reading -----------------------------------------------------------------------------------------------------

    def routes(self, values: Values, shift: float) -> list[list[tuple[int, int]] | None]:
        """Return the timed routes of a solution, all times rounded down after the same shift.

        With all literals whole, that keeps every difference of whole seconds, and the cost of a best solution.
        """
        found: list[list[tuple[int, int]] | None] = []
        for chosen, starts in zip(self.chosen, self.start, strict=True):
            route = [
                (i, math.floor(values[start] + shift) + self.origin_s)
                for i, (literal, start) in enumerate(zip(chosen, starts, strict=True))
                if values[literal] > 0.5
            ]
            found.append(route or None)
        return found

    def decided(self, values: Values) -> Callable[[Use, Use], bool]:
        """Return who comes first in a solution."""

        def answer(first: Use, second: Use) -> bool:
            literals = self.before(first, second)
            return bool(literals) and all((values[item.variable] > 0.5) == item.positive for item in literals)

        return answer


def contested_uses(problem: OperationsProblem) -> dict[str, dict[Use, int]]:
    """Return the uses, with their releases, of each resource that more trains may use than fit in, by train."""
    found: defaultdict[str, dict[Use, int]] = defaultdict(dict)
    for t, train in enumerate(problem.trains):
        for i, step in enumerate(train.operations):
            for used in step.resources:
                use = Use(t, i, used.resource)
                found[used.resource][use] = max(used.release_s, found[used.resource].get(use, 0))
    return {
        resource: uses
        for resource, uses in found.items()
        if len({use.train for use in uses}) > problem.resource(resource).capacity
    }


def order_rows(problem: OperationsProblem) -> int:
    """Return how many rows the orders of all pairs take; the other rows are few beside them."""
    total = 0
    for resource, uses in contested_uses(problem).items():
        capacity = problem.resource(resource).capacity
        own: defaultdict[int, int] = defaultdict(int)
        for use in uses:
            own[use.train] += 1
        pairs = (len(uses) ** 2 - sum(count**2 for count in own.values())) // 2
        total += pairs * (2 if capacity == 1 else 2 + capacity)
    return total


def _longest(problem: OperationsProblem) -> int:
    """Return the longest duration, release, lag or journey that any row asks for, and a second."""
    lengths = [1]
    for train in problem.trains:
        for step in train.operations:
            lengths += [step.min_duration_s, *(used.release_s for used in step.resources)]
    for link in problem.links:
        lengths += [abs(link.min_lag_s), abs(link.max_lag_s or 0)]
    lengths += [abs(term.threshold_s) for term in problem.objective if isinstance(term, JourneyTerm)]
    return 1 + max(lengths)
