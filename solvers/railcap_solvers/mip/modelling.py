"""The words in which the exact model is written, for linear libraries: variables, literals, rows with conditions.

`railcap_solvers.exact.model` writes one formulation in the words of CP-SAT's modelling language. The few of them that
it uses are here in a form that becomes a `LinearModel`:

* a row that holds only if some literals do becomes a row with a big M for each literal. M is what the row can be off by
  at the variables' bounds, so that narrow windows make it small;
* a variable (or an expression) that may lie in one of several intervals gets a binary per interval;
* whole variables that are no literals are times and lateness, which are free to be continuous: with all literals whole,
  what is left is a system of differences, whose vertices are whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from railcap_solvers.mip.linear import INFINITY, LinearModel

_FAR, _ENDLESS = 1 << 62, 1 << 59


class Domain:
    """A set of whole numbers as sorted, disjoint intervals that do not touch."""

    def __init__(self, low: int, high: int) -> None:
        self.intervals: list[tuple[int, int]] = [(low, high)] if low <= high else []

    @staticmethod
    def from_intervals(intervals: Iterable[Sequence[int]]) -> Domain:
        """Return the union of intervals ``(low, high)``."""
        found = Domain(1, 0)
        for low, high in sorted((low, high) for low, high in intervals if low <= high):
            if found.intervals and low <= found.intervals[-1][1] + 1:
                found.intervals[-1] = found.intervals[-1][0], max(high, found.intervals[-1][1])
            else:
                found.intervals.append((low, high))
        return found

    def addition_with(self, other: Domain) -> Domain:
        """Return all sums of a number of either."""
        return Domain.from_intervals(
            (low + more[0], high + more[1]) for low, high in self.intervals for more in other.intervals
        )

    def intersection_with(self, other: Domain) -> Domain:
        """Return what is in both."""
        return Domain.from_intervals(
            (max(low, more[0]), min(high, more[1])) for low, high in self.intervals for more in other.intervals
        )

    def union_with(self, other: Domain) -> Domain:
        """Return what is in either."""
        return Domain.from_intervals([*self.intervals, *other.intervals])

    def complement(self) -> Domain:
        """Return what is not in it."""
        ends = [-_FAR, *(end for low, high in self.intervals for end in (low - 1, high + 1)), _FAR]
        return Domain.from_intervals(zip(ends[::2], ends[1::2], strict=True))

    def is_empty(self) -> bool:
        """Whether nothing is in it."""
        return not self.intervals

    def min(self) -> int:
        """Return the least number in it."""
        return self.intervals[0][0]

    def max(self) -> int:
        """Return the largest number in it."""
        return self.intervals[-1][1]


class Expression:
    """``constant + sum(coefficient * variable)``, with the operators of arithmetic and comparison."""

    __hash__ = object.__hash__

    def __init__(self, terms: dict[int, float], constant: float = 0) -> None:
        self.terms, self.constant = terms, constant

    def __add__(self, other: Any) -> Expression:
        if isinstance(other, int | float):
            return Expression(self.terms, self.constant + other) if other else self
        terms = dict(self.terms)
        for index, value in other.terms.items():
            terms[index] = terms.get(index, 0) + value
        return Expression(terms, self.constant + other.constant)

    __radd__ = __add__

    def __mul__(self, factor: float) -> Expression:
        return Expression({index: value * factor for index, value in self.terms.items()}, self.constant * factor)

    __rmul__ = __mul__

    def __neg__(self) -> Expression:
        return self * -1

    def __sub__(self, other: Any) -> Expression:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Expression:
        return (-self).__add__(other)

    def __ge__(self, other: Any) -> Comparison:
        return Comparison(self - other, 0, INFINITY)

    def __le__(self, other: Any) -> Comparison:
        return Comparison(self - other, -INFINITY, 0)

    def __eq__(self, other: Any) -> Any:
        return Comparison(self - other, 0, 0)


class Variable(Expression):
    """A variable; what it may be is known to its model."""

    def __init__(self, index: int) -> None:
        super().__init__({index: 1})
        self.index = index


class Literal(Variable):
    """A variable that is 0 or 1; ``~`` turns it into its negation."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.negation = _Negation(self)

    def __invert__(self) -> _Negation:
        return self.negation


class _Negation(Expression):
    """What is 1 where a literal is 0."""

    def __init__(self, literal: Literal) -> None:
        super().__init__({literal.index: -1}, 1)
        self._literal = literal

    def __invert__(self) -> Literal:
        return self._literal


@dataclass(slots=True)
class Comparison:
    """``low <= expression <= high``, if all conditions hold."""

    expression: Expression
    low: float
    high: float
    conditions: tuple[Expression, ...] = ()

    def only_enforce_if(self, literals: Any) -> None:
        """Let it hold only if these literals do."""
        self.conditions = tuple(literals) if isinstance(literals, list | tuple) else (literals,)


@dataclass(slots=True)
class _Membership:
    """The expression lies in a set of several intervals, if all conditions hold; `parts` are their literals."""

    expression: Expression
    allowed: Domain
    parts: tuple[Literal, ...]
    conditions: tuple[Expression, ...] = ()

    def only_enforce_if(self, literals: Any) -> None:
        """Let it hold only if these literals do."""
        self.conditions = tuple(literals) if isinstance(literals, list | tuple) else (literals,)


@dataclass(slots=True)
class LinearModelling:
    """Takes the place of CP-SAT's model: collects what is written, and becomes a `LinearModel` by `linear`."""

    low: list[int] = field(default_factory=list)
    high: list[int] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[Comparison | _Membership] = field(default_factory=list)
    hints: dict[int, int] = field(default_factory=dict)
    cost: Expression = field(default_factory=lambda: Expression({}))

    def new_bool_var(self, name: str) -> Literal:
        """Return a new literal."""
        return Literal(self._variable(0, 1, whole=True))

    def new_int_var(self, low: int, high: int, name: str) -> Variable:
        """Return a new variable within bounds."""
        return Variable(self._variable(low, high, whole=False))

    def new_int_var_from_domain(self, allowed: Domain, name: str) -> Variable:
        """Return a new variable within a set."""
        variable = self.new_int_var(allowed.min(), allowed.max(), name)
        self.add_linear_expression_in_domain(variable, allowed)
        return variable

    def _variable(self, low: int, high: int, *, whole: bool) -> int:
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.low) - 1

    def add(self, comparison: Any) -> Any:
        """Add a row."""
        if isinstance(comparison, bool):  # a comparison of numbers
            comparison = Comparison(Expression({}), 0 if comparison else 1, INFINITY)
        self.rows.append(comparison)
        return comparison

    def add_bool_or(self, literals: Sequence[Expression]) -> None:
        """Add: at least one holds."""
        self.add(Comparison(_sum(literals), 1, INFINITY))

    def add_exactly_one(self, literals: Sequence[Expression]) -> None:
        """Add: just one holds."""
        self.add(Comparison(_sum(literals), 1, 1))

    def add_at_most_one(self, literals: Sequence[Expression]) -> None:
        """Add: no two hold."""
        self.add(Comparison(_sum(literals), -INFINITY, 1))

    def add_linear_expression_in_domain(self, expression: Expression, allowed: Domain) -> Any:
        """Add: the expression lies in the set."""
        if len(allowed.intervals) == 1:
            return self.add(Comparison(expression, allowed.min(), allowed.max()))
        parts = tuple(self.new_bool_var("") for _ in allowed.intervals)
        row = _Membership(expression, allowed, parts)
        self.rows.append(row)
        return row

    def minimize(self, cost: Any) -> None:
        """Set the objective."""
        self.cost = cost if isinstance(cost, Expression) else Expression({}, cost)

    def clear_hints(self) -> None:
        """Forget all hints."""
        self.hints.clear()

    def add_hint(self, variable: Variable, value: int) -> None:
        """Say what a variable is in a known solution."""
        self.hints[variable.index] = value

    # -- becoming linear ---------------------------------------------------------------------------------------------

    def linear(self, unit: float) -> LinearModel:
        """Return the model as a linear one, its costs divided by `unit`; its variables have the same indices."""
        self._bring_near()
        model = LinearModel(constant=self.cost.constant / unit)
        for low, high, whole in zip(self.low, self.high, self.whole, strict=True):
            model.variable(low, high, whole=whole)
        for index, value in self.cost.terms.items():
            model.cost[index] = value / unit
        for row in self.rows:
            if isinstance(row, Comparison):
                self._write(model, row.expression, row.low, row.high, row.conditions)
            else:
                self._write_membership(model, row)
        return model

    def _bring_near(self) -> None:
        """Bound variables that have no end by what any row could ask of them, so that big Ms stay small."""
        if max(self.high, default=0) < _ENDLESS:
            return
        constants = [abs(row.expression.constant) for row in self.rows]
        near = max((high for high in self.high if high < _ENDLESS), default=0) + max(constants, default=0)
        self.high = [int(near) if high >= _ENDLESS else high for high in self.high]

    def range_of(self, expression: Expression) -> tuple[float, float]:
        """Return the least and the largest value of an expression at the variables' bounds."""
        least = most = expression.constant
        for index, value in expression.terms.items():
            ends = value * self.low[index], value * self.high[index]
            least += min(ends)
            most += max(ends)
        return least, most

    def _write(
        self, model: LinearModel, expression: Expression, low: float, high: float, conditions: Sequence[Expression]
    ) -> None:
        """Write a row; what it can be off by is allowed for each condition that does not hold."""
        least, most = self.range_of(expression)
        sides = ((1, low - least), (-1, most - high))
        if not conditions and low > -INFINITY and high < INFINITY:
            model.row(expression.terms, low - expression.constant, high - expression.constant)
            return
        for sign, off in sides:
            end = low if sign > 0 else high
            if math.isinf(end) or off <= 0:
                continue
            whole = expression * sign
            for condition in conditions:
                whole = whole + (1 - condition) * off
            model.row(whole.terms, sign * end - whole.constant, INFINITY)

    def _write_membership(self, model: LinearModel, row: _Membership) -> None:
        """Write that an expression lies in one of several intervals, each with a literal."""
        least, most = self.range_of(row.expression)
        chosen = _sum(row.parts)
        model.row(chosen.terms, -INFINITY, 1)
        self._write(model, chosen, 1, INFINITY, row.conditions)
        lows = _sum([(low - least) * part for part, (low, _) in zip(row.parts, row.allowed.intervals, strict=True)])
        highs = _sum([(most - high) * part for part, (_, high) in zip(row.parts, row.allowed.intervals, strict=True)])
        above, below = row.expression - lows, row.expression + highs
        model.row(above.terms, least - above.constant, INFINITY)
        model.row(below.terms, -INFINITY, most - below.constant)

    def start(self) -> list[float] | None:
        """Return the hinted solution with a value for every variable; None where hints are missing."""
        values = [math.nan] * len(self.low)
        for index, value in self.hints.items():
            values[index] = value
        for row in self.rows:
            if isinstance(row, _Membership):
                self._place(row, values)
        return None if any(math.isnan(value) for value in values) else values

    def _place(self, row: _Membership, values: list[float]) -> None:
        """Set the literals of the intervals by where the expression lies."""
        holds = all(_value(condition, values) > 0.5 for condition in row.conditions)
        at = _value(row.expression, values)
        for part, (low, high) in zip(row.parts, row.allowed.intervals, strict=True):
            values[part.index] = float(holds and low <= at <= high)


def _sum(parts: Sequence[Expression]) -> Expression:
    terms: dict[int, float] = {}
    for part in parts:
        for index, value in part.terms.items():
            terms[index] = terms.get(index, 0) + value
    return Expression(terms, sum(part.constant for part in parts))


def _value(expression: Expression, values: Sequence[float]) -> float:
    return expression.constant + sum(value * values[index] for index, value in expression.terms.items())
