"""Which part of a timetable to draw or measure, as it is written on the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from railcap.corridor.scenario import Scenario
    from railcap.errors import Issue
    from railcap.planning.timetable import Timetable

STATIONS, FROM, UNTIL = "--stations", "--from", "--until"
_MOST_FOUND = 6


class Part:
    """The part of a timetable that `--stations`, `--from` and `--until` ask for.

    Raises
    ------
    InputError
        With everything that is wrong with the options.
    """

    def __init__(
        self, scenario: Scenario, timetable: Timetable, stations: str | None, begin: str | None, until: str | None
    ) -> None:
        from railcap.errors import InputError

        self._scenario, self._timetable = scenario, timetable
        self._issues: list[Issue] = []
        self.stations = None if stations is None else self._ends(stations)
        """Ids of the first and last station, if asked for."""
        self.from_s = None if begin is None else self._moment(FROM, begin)
        self.until_s = None if until is None else self._moment(UNTIL, until)
        if not self._issues:
            self._issues += self._empty_time(begin or "", until or "")
        if self._issues:
            raise InputError("stations or times that were asked for cannot be used", self._issues)

    def _moment(self, option: str, text: str) -> int:
        from railcap.errors import Issue
        from railcap.formats.table_cells import CellError, moment_in

        try:
            return moment_in(self._scenario.time_zone)(text.strip())
        except CellError as error:
            self._issues.append(Issue("", option, text, str(error), error.code))
            return 0

    def _empty_time(self, begin: str, until: str) -> Iterator[Issue]:
        from railcap.drawing.time_axis import timetable_span
        from railcap.errors import Issue
        from railcap.units import stamp

        if self.from_s is not None and self.until_s is not None and self.from_s >= self.until_s:
            yield Issue("", UNTIL, until, f"give a moment after {FROM} {begin}", "bad-time-range")
            return
        first, last = timetable_span(self._scenario, self._timetable)
        zone = self._scenario.time_zone
        if self.from_s is not None and self.from_s >= last:
            message = f"no train runs any more; give a moment before {stamp(last, zone)} ({zone})"
            yield Issue("", FROM, begin, message, "bad-time-range")
        if self.until_s is not None and self.until_s <= first:
            message = f"no train runs yet; give a moment after {stamp(first, zone)} ({zone})"
            yield Issue("", UNTIL, until, message, "bad-time-range")

    def _ends(self, text: str) -> tuple[str, str] | None:
        from railcap.drawing.line_axis import line_axis
        from railcap.errors import InputError, Issue

        if text.count(",") != 1:
            message = "give two stations with a comma between; where a name has a comma, its id"
            self._issues.append(Issue("", STATIONS, text, message, "not-two-stations"))
            return None
        first, last = (self._station(name.strip()) for name in text.split(","))
        if not first or not last:
            return None
        try:
            line_axis(self._scenario, self._timetable, (first, last))
        except InputError as error:
            if not error.issues:
                raise
            self._issues += [replace(issue, where=STATIONS, value=text) for issue in error.issues]
        return first, last

    def _station(self, text: str) -> str:
        """Return the id of the station of an id, a name or the beginning of one; empty, and an issue, without one."""
        from railcap.corridor.validate_fault import did_you_mean
        from railcap.errors import Issue

        stations = self._scenario.network.stations
        if text in stations:
            return text
        names = {one.id: one.name.casefold() for one in stations.values() if one.name}
        found = [one for one, name in names.items() if name == text.casefold()]
        found = found or [one for one, name in names.items() if text and name.startswith(text.casefold())]
        if len(found) == 1:
            return found[0]
        if found:
            more = ", ..." if len(found) > _MOST_FOUND else ""
            message = f"several stations are called so; give an id: {', '.join(found[:_MOST_FOUND])}{more}"
            self._issues.append(Issue("", STATIONS, text, message, "ambiguous-name"))
        else:
            known = {text for one in stations.values() for text in (one.id, one.name) if text}
            message = f"give the id or the name of a station{did_you_mean(text, known)}"
            self._issues.append(Issue("", STATIONS, text, message, "unknown-station"))
        return ""
