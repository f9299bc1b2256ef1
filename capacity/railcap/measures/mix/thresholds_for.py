"""Whose thresholds count in which formula, and at which end of what is seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import InputError, Issue
from railcap.measures.formulas.catalogue import ADMINISTRATION, FORMULAS, Answer, evaluate
from railcap.measures.formulas.thresholds import Threshold, Thresholds

_LESS_WITH_MORE = ("window_min", "removal", "unevenness", "per_block_min")


class Level(Enum):
    """Which of the values of a threshold counts: the typical one, or those that give least or most capacity."""

    LEAST = "least"
    TYPICAL = "typical"
    MOST = "most"


class ThresholdsFor:
    """The table of thresholds of one administration, completed by that of each formula's own.

    Parameters
    ----------
    administration : str
        Its rows count wherever it has some; ``""``: each formula's own alone.

    Raises
    ------
    InputError
        If the table has no row of that administration.
    """

    def __init__(self, thresholds: Thresholds, administration: str = "", level: Level = Level.TYPICAL) -> None:
        self._rows = list(thresholds)
        self._own = [row for row in self._rows if row.administration == administration]
        self._level = level
        self.administration = administration
        if administration and not self._own:
            known = {row.administration for row in self._rows}
            message = f"the table of thresholds has no row of it{did_you_mean(administration, known)}"
            issue = Issue("", "--administration", administration, message, "unknown-administration")
            raise InputError("the thresholds cannot be used", [issue])

    def evaluate(self, name: str, values: Mapping[str, object], **choices: str) -> Answer:
        """Compute a formula of the catalogue; its answer names the rows of the table that counted.

        Raises
        ------
        InputError
            As `railcap.measures.formulas.catalogue.evaluate`.
        """
        formula = FORMULAS[name]
        usual = formula.choices.get(ADMINISTRATION, "")
        rows = {(row.name, row.case): row for row in self._rows if row.administration == usual}
        rows |= {(row.name, row.case): row for row in self._own}
        table = Thresholds(replace(_at(row, self._level), administration=usual) for row in rows.values())
        answer = evaluate(formula, values, table, choices)
        used = tuple(replace(use, rows=tuple(rows[row.name, row.case] for row in use.rows)) for use in answer.used)
        return replace(answer, used=used)

    def at(self, level: Level) -> ThresholdsFor:
        """Return the same thresholds at another level."""
        return ThresholdsFor(Thresholds(self._rows), self.administration, level)


def _at(row: Threshold, level: Level) -> Threshold:
    """Return a row whose typical value is the one of a level; a value that is not given is the typical one."""
    if level is Level.TYPICAL:
        return row
    low = (level is Level.LEAST) != (row.name in _LESS_WITH_MORE)
    value = row.low if low else row.high
    return row if value is None else replace(row, typical=value)
