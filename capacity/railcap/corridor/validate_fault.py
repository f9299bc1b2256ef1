"""One fault of a scenario, said in terms of tables, records and columns; and advice on names that are not known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from zoneinfo import available_timezones

from railcap.errors import Issue
from railcap.units import zone

Record = tuple[str, tuple[str, ...]]
"""A record: its table and key, such as ``("tracks", ("quetta", "2"))``."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one record. `value` is in the unit of the column; an empty `column` means the record as a whole."""

    table: str
    key: tuple[str, ...]
    column: str
    value: str
    message: str
    code: str
    severity: str = "error"

    @property
    def record(self) -> Record:
        """The record at fault."""
        return self.table, self.key

    def as_issue(self) -> Issue:
        """Return it for a scenario that was not read from files: the table's name and the record's key."""
        record = "/".join(self.key)
        column = f"column {self.column}" if self.column and self.table != "scenario" else self.column
        where = ", ".join(part for part in (record, column) if part)
        return Issue(self.table, where, self.value, self.message, self.code, self.severity)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return advice on an unknown name: the nearest known one, or what there is if that is not much."""
    known = sorted(known)
    near = get_close_matches(word, known, 1)
    if not near:
        lower = {one.lower(): one for one in known}
        near = [lower[match] for match in get_close_matches(word.lower(), lower, 1)]
    if near:
        return f"; did you mean {near[0]!r}?"
    if not known:
        return ""
    if len(known) <= 8:
        return f"; there are {', '.join(known)}"
    return f"; there are {len(known)}, such as {', '.join(known[:3])}"


def _zone_advice(name: str, used: Iterable[str]) -> str:
    """Return advice on an unknown zone: a near name, also of the city alone, and what the scenario uses elsewhere."""
    zones = available_timezones()
    others = [one for one in dict.fromkeys(used) if one in zones]
    near = get_close_matches(name, zones, 1)
    if not near:
        cities = {one.rpartition("/")[2].lower(): one for one in sorted(zones)}
        city = name.rpartition("/")[2].strip().replace(" ", "_").lower()
        near = [cities[match] for match in get_close_matches(city, cities, 1)]
    if near and others:
        return f"; did you mean {near[0]!r}? The scenario also uses {', '.join(others[:3])}"
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; the scenario also uses {', '.join(others[:3])}" if others else did_you_mean(name, zones)


def _number(value: float) -> str:
    return f"{value:,.10g}" if abs(value) >= 10_000 else f"{value:.10g}"


class Faults(list[Fault]):
    """Faults that are being collected for one table after the other; `zones` are those that the scenario uses."""

    zones: Iterable[str] = ()

    def add(
        self,
        record: Record,
        column: str,
        value: object,
        message: str,
        code: str,
        severity: str = "error",
    ) -> None:
        """Add one."""
        self.append(Fault(record[0], record[1], column, "" if value is None else str(value), message, code, severity))

    def bounds(self, record: Record, column: str, value: float | None, least: float, most: float, unit: str) -> None:
        """Add a fault if a number is absurd (or not a number at all); None is fine."""
        if value is None or least <= value <= most:
            return
        message = f"must be between {_number(least)} and {_number(most)} {unit}".rstrip()
        self.add(record, column, f"{value:g}", message, "out-of-range")

    def known(self, record: Record, column: str, id_: str, known: Iterable[str], what: str) -> bool:
        """Add a fault if an id is not known; return whether it is."""
        known = tuple(known)
        if id_ in known:
            return True
        message = f"there is no {what} of this id{did_you_mean(id_, known)}"
        self.add(record, column, id_, message, f"unknown-{what.replace(' ', '-')}")
        return False

    def id(self, record: Record, column: str, id_: str, forbidden: str = "") -> None:
        """Add a fault if an id is empty or holds what messages, lists and files cannot carry."""
        if not id_:
            self.add(record, column, id_, "an id is needed", "bad-id")
        elif id_ != id_.strip() or not id_.isprintable() or id_.startswith("#"):
            message = "an id must not begin with # or begin or end with a space, nor hold line ends"
            self.add(record, column, id_, message, "bad-id")
        elif found := [sign for sign in forbidden if sign in id_]:
            sign = "a space" if found[0] == " " else repr(found[0])
            self.add(record, column, id_, f"this id must not hold {sign}", "bad-id")

    def unique(self, table: str, ids: Iterable[str]) -> None:
        """Add a fault for each id that several records of a table have."""
        for id_, count in Counter(ids).items():
            if count > 1:
                self.add((table, (id_,)), "id", id_, f"{count} {table} have this id", "duplicate-id")

    def least_and_longest(self, record: Record, least_s: int, longest_s: int | None, most_min: float) -> None:
        """Add the faults of the columns least_min and longest_min, whose values have no sense alone or together."""
        self.bounds(record, "least_min", least_s / 60, 0, most_min, "minutes")
        if longest_s is None:
            return
        self.bounds(record, "longest_min", longest_s / 60, 0, most_min, "minutes")
        if longest_s < least_s:
            longest, least = f"{longest_s / 60:g}", f"{least_s / 60:g}"
            message = f"the longest time, {longest} minutes, is less than the least, {least} minutes"
            self.add(record, "longest_min", longest, message, "contradiction")

    def weekdays(self, record: Record, weekdays: Collection[int]) -> bool:
        """Add a fault if there is no day of the week, or something else among them; return whether all is well."""
        if weekdays and set(weekdays) <= set(range(7)):
            return True
        message = "at least one day of the week is needed, 0 (Monday) to 6"
        self.add(record, "weekdays", sorted(weekdays), message, "out-of-range")
        return False

    def zone(self, record: Record, column: str, name: str) -> None:
        """Add a fault if a time zone is not known."""
        try:
            zone(name)
        except (KeyError, ValueError, OSError):
            advice = _zone_advice(name, self.zones)
            self.add(record, column, name, f"this time zone is not known{advice}", "unknown-zone")
