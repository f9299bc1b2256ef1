"""Primary delays as data: how often they befall trains and how long they are, by kind and class of train."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Seconds = npt.NDArray[np.int32]

ANY = "*"
"""In place of a class of trains: all of them."""


class DelayKind(StrEnum):
    """What a primary delay prolongs or puts off."""

    ENTRY = "entry"
    RUNNING = "running"
    DWELL = "dwell"
    STEP = "step"


class Distribution(StrEnum):
    """How long the delays are that occur."""

    EXPONENTIAL = "exponential"
    UNIFORM = "uniform"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True)
class DelayRow:
    """Delays of one kind and class of trains.

    Parameters
    ----------
    trains : str
        A category, train type, request or fixed path; ``"*"``: all trains.
    where : str
        Where alone: a station for entry and dwell, a section for running, the name of a step; empty: everywhere.
    probability : float
        How often such a delay occurs, of the times that it could: at an entry, a run over a section, a stop, a step.
    mean_s : float
        Mean of those that occur, before `cap_s`. Uniform ones lie between 0 and twice the mean.
    cap_s : int or None
        No delay is longer.
    source : str
        Where the figures are published, or that they are assumed.
    """

    kind: DelayKind
    trains: str
    probability: float
    mean_s: float
    distribution: Distribution = Distribution.EXPONENTIAL
    where: str = ""
    cap_s: int | None = None
    source: str = ""

    def delays_s(self, uniform: Floats) -> Seconds:
        """Return delays in whole seconds, the inverse of their distribution function at uniform numbers in [0, 1).

        A greater number never gives a smaller delay; so on the same numbers a row of longer delays has none that is
        shorter.
        """
        found = np.zeros(len(uniform), np.int32)
        none = 1.0 - self.probability
        hit = np.flatnonzero(uniform >= none) if self.probability > 0 else np.empty(0, np.intp)
        if not len(hit):
            return found
        share = np.minimum((uniform[hit] - none) / self.probability, _BELOW_ONE)
        if self.distribution is Distribution.EXPONENTIAL:
            lasting = -self.mean_s * np.log1p(-share)
        elif self.distribution is Distribution.UNIFORM:
            lasting = 2 * self.mean_s * share
        else:
            lasting = np.full(len(hit), self.mean_s)
        if self.cap_s is not None:
            lasting = np.minimum(lasting, self.cap_s)
        found[hit] = np.rint(lasting)
        return found


_BELOW_ONE = 1.0 - 2.0**-53


@dataclass(frozen=True, slots=True)
class DelayTable:
    """All delays that are drawn; kinds and classes without a row have none."""

    name: str
    rows: tuple[DelayRow, ...] = ()

    def row(self, kind: DelayKind, where: str, classes: tuple[str, ...]) -> DelayRow | None:
        """Return the row that holds for a train at a place, None if none does.

        A row for the place goes before one for everywhere; of these the one for the narrower class of trains counts.

        Parameters
        ----------
        classes : tuple of str
            What the train belongs to, the narrowest first: request, train type, category.
        """
        ranks = {name: rank for rank, name in reversed(list(enumerate((*classes, ANY))))}
        fitting = [row for row in self.rows if row.kind is kind and row.where in ("", where) and row.trains in ranks]
        return min(fitting, key=lambda row: (row.where != where, ranks[row.trains]), default=None)

    @property
    def kinds(self) -> tuple[DelayKind, ...]:
        """The kinds of delays that it has any of."""
        return tuple(kind for kind in DelayKind if any(row.kind is kind for row in self.rows))
