"""Thresholds and coefficients of administrations: rows of a table, and finding one among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import InputError, Issue
from railcap.measures.formulas.quantities import DAY_MIN, Quantity

_SHARE = Quantity("share", 0, 1, positive=True)
_FACTOR = Quantity("", 0, 100, positive=True)

KNOWN: Mapping[str, Quantity] = {
    "occupancy_rate": _SHARE,
    "headway_rate": _SHARE,
    "per_block_min": Quantity("min", 0, 60),
    "reliability": _SHARE,
    "window_min": Quantity("min", 0, DAY_MIN),
    "fill": _SHARE,
    "removal": _FACTOR,
    "unevenness": _FACTOR,
    "efficiency": _SHARE,
    "saturation": _SHARE,
    "utilisation_limit": _SHARE,
    "practical_share": _SHARE,
}
"""What a table of thresholds can hold, with unit and range: fractions as such (0.75, not 75 %)."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row: the value that an administration uses, and where it is published.

    Parameters
    ----------
    administration : str
        Such as ``"uic"`` or ``"cis"``.
    name : str
        One of `KNOWN`.
    case : str
        For what: ``"single"``, ``"mixed/day"``, a category of trains; ``""`` if there is only one case.
    typical : float
        The value that is used.
    low, high : float or None
        What else is seen.
    """

    administration: str
    name: str
    case: str
    typical: float
    low: float | None
    high: float | None
    source: str

    @property
    def label(self) -> str:
        """How messages call it: ``cis reliability single``."""
        return " ".join(part for part in (self.administration, self.name, self.case) if part)


class Thresholds:
    """A table of thresholds; of two rows with the same administration, name and case, the later one counts."""

    def __init__(self, rows: Iterable[Threshold]) -> None:
        self._rows = {(row.administration, row.name, row.case): row for row in rows}

    def __iter__(self) -> Iterator[Threshold]:
        return iter(self._rows.values())

    def replaced_by(self, rows: Iterable[Threshold]) -> Thresholds:
        """Return this table with rows replaced or added."""
        return Thresholds([*self, *rows])

    def value(self, administration: str, name: str, case: str = "") -> float:
        """Return the value that an administration uses.

        Raises
        ------
        InputError
            If the table has no such row; names those that it has.
        """
        return self.row(administration, name, case).typical

    def row(self, administration: str, name: str, case: str = "") -> Threshold:
        """Return a row; raises `InputError` as `value` does."""
        found = self._rows.get((administration, name, case))
        if found is None:
            issue = self._missing(administration, name, case)
            raise InputError("the table of thresholds lacks a row", [issue])
        return found

    def cases(self, administration: str, name: str) -> Mapping[str, Threshold]:
        """Return the rows of all cases by case; none if there are none."""
        return {row.case: row for row in self if (row.administration, row.name) == (administration, name)}

    def _missing(self, administration: str, name: str, case: str) -> Issue:
        others = {row.administration for row in self if row.name == name}
        cases = self.cases(administration, name)
        if administration not in others:
            advice = did_you_mean(administration, others)
            message = f"the table has no row {name} of this administration{advice}"
            return Issue("", "administration", administration, message, "unknown-administration")
        advice = did_you_mean(case, cases)
        return Issue("", f"{administration} {name}", case, f"there is no such case{advice}", "unknown-case")
