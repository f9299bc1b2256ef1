"""Rows over events of trains by slots, as the packing model is written in them, and variables above sums."""

from __future__ import annotations

import math

from railcap_solvers.mip.linear import LinearModel
from railcap_solvers.mip.packing_train import FOREVER, Timed, add_event

Sum = tuple[dict[int, float], float]
"""Coefficients of variables, and a constant."""


class EventRows:
    """A linear model, and rows that compare when events of `packing_train` happen.

    Attributes
    ----------
    model : LinearModel
        What is written.
    """

    def __init__(self) -> None:
        self.model = LinearModel()
        self._at_least: list[tuple[int, list[Sum]]] = []

    def implies(
        self, first: Timed, first_slot: int, then: Timed, then_slot: int, equal: bool = False, unless: Timed = ()
    ) -> None:
        """Write ``[first by its slot] <= [then by its slot]`` (or ``=``), but not if `unless` does not happen."""
        terms: dict[int, float] = {}
        add_event(terms, first, first_slot, 1.0)
        add_event(terms, then, then_slot, -1.0)
        add_event(terms, unless, FOREVER, 1.0)
        if any(terms.values()):
            high = 1.0 if unless else 0.0
            self.model.row(terms, high if equal else -math.inf, high)

    def forbid_by(self, event: Timed, slot: int) -> None:
        """Write that an event does not happen at or before a slot."""
        self.implies(event, slot, (), slot)

    def above(self, sums: list[Sum], cost: float = 0.0) -> int:
        """Add a variable that is at least each of some sums, and at least 0; return it."""
        variable = self.model.variable(0.0, 1.0, cost=cost)
        for terms, constant in sums:
            self.model.row({**terms, variable: -1.0}, high=-constant)
        self._at_least.append((variable, sums))
        return variable

    def settle(self, values: list[float]) -> None:
        """Give the variables above sums the least values that those of the others allow."""
        for variable, sums in self._at_least:
            over = [constant + sum(c * values[index] for index, c in terms.items()) for terms, constant in sums]
            values[variable] = max(0.0, *over)
