"""Capacity consumption by UIC 406, line section by line section, and what binds the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from railcap.corridor.expand import section_closures, to_whole_days
from railcap.corridor.scenario import Scenario
from railcap.errors import InputError
from railcap.measures.days import days_around
from railcap.measures.intervals import Interval, common, length, union, without
from railcap.measures.occupation.compression import Compression, compress
from railcap.measures.occupation.line_sections import LineSection, line_sections
from railcap.measures.occupation.occupations import Occupations
from railcap.measures.occupation.uses import Place, Stretch
from railcap.planning.timetable import Timetable


@dataclass(frozen=True, slots=True)
class Window:
    """A time for which capacity is measured, in UTC seconds; `name` is the ISO date of a day."""

    name: str
    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Consumption:
    """How much of the capacity of a line section, or of the whole line at once, its trains consume in a window.

    Parameters
    ----------
    line_section : LineSection or None
        None: the whole line at once.
    trains : int
        Trains that enter in the window.
    open_s : int
        The window without the time in which it is closed: in which all tracks of one of its sections are, of the whole
        line those of all sections.
    recommended_rate : float
        Occupancy time rate, a fraction, that should not be exceeded.
    """

    line_section: LineSection | None
    window: Window
    trains: int
    open_s: int
    recommended_rate: float
    compression: Compression

    @property
    def occupied_s(self) -> int:
        """Time that the trains take when they are pushed together, the cycle closed."""
        return self.compression.occupied_s

    @property
    def occupancy_rate(self) -> float:
        """Occupied share of the open time; above 1 if it does not suffice (it is not 1 at most: trains may run out)."""
        return self.occupied_s / self.open_s if self.open_s else float("inf")

    @property
    def additional_rate(self) -> float:
        """Additional time for stability as a share of the occupied time: 1 / recommended rate - 1 (UIC 406)."""
        return 1 / self.recommended_rate - 1

    @property
    def consumption(self) -> float:
        """Capacity consumption, a fraction: occupied time x (1 + additional time rate) / open time (UIC 406)."""
        return self.occupancy_rate * (1 + self.additional_rate)

    @property
    def too_much(self) -> bool:
        """Whether the consumption is more than all of the capacity, so that delays spread."""
        return self.consumption > 1 + 1e-9

    @property
    def critical_place(self) -> Place | None:
        """Where most pairs of trains of the chain that binds come nearest: the critical block; None: nowhere."""
        found = Counter(link.place for link in self.compression.chain)
        return max(found, key=lambda place: found[place], default=None)

    @property
    def further_trains(self) -> int:
        """How many more trains of the same mix fit until the consumption is full: by proportion, rounded down."""
        if not self.occupied_s:
            return 0
        return max(0, int(self.trains / self.consumption + 1e-9) - self.trains)


@dataclass(frozen=True, slots=True)
class LineConsumption:
    """Capacity consumption along a line.

    Parameters
    ----------
    windows : tuple of Window
        The given one, or the days on which trains run.
    sections : tuple of Consumption
        Every line section in every window in which trains enter it, in the order of the network and of time.
    whole : tuple of Consumption
        The whole line at once, for the trains that begin in each window: trains that meet hold each other there, so it
        says how long the whole traffic takes, not what the line could carry.
    """

    windows: tuple[Window, ...]
    sections: tuple[Consumption, ...]
    whole: tuple[Consumption, ...]

    @property
    def busiest(self) -> tuple[Consumption, ...]:
        """Every line section in the window in which it consumes most, in the order of the network."""
        found: dict[LineSection, Consumption] = {}
        for one in self.sections:
            assert one.line_section is not None
            known = found.setdefault(one.line_section, one)
            if one.consumption > known.consumption:
                found[one.line_section] = one
        return tuple(found.values())

    @property
    def limiting(self) -> Consumption | None:
        """The line section and window with the highest consumption, which is that of the line; None: no trains."""
        return max(self.busiest, key=lambda one: one.consumption, default=None)

    @property
    def busiest_whole(self) -> Consumption | None:
        """The whole line at once in the window with the highest consumption; None: no trains."""
        return max(self.whole, key=lambda one: one.consumption, default=None)


def line_consumption(
    scenario: Scenario,
    timetable: Timetable,
    *,
    recommended_rate: float,
    window: tuple[int, int] | None = None,
    sections: Collection[str] | None = None,
    occupations: Occupations | None = None,
) -> LineConsumption:
    """Compress a timetable on every line section and as a whole, and compare with the time that there is.

    Parameters
    ----------
    recommended_rate : float
        Occupancy time rate that should not be exceeded, above 0 and up to 1: ``occupancy_rate`` of the table of
        thresholds (UIC Code 406, 2nd edition, 2013).
    window : tuple of int, optional
        From and until when, in UTC seconds; by default each local day of the scenario's zone.
    sections : collection of str, optional
        Only these sections; by default all.
    occupations : Occupations, optional
        Those of the timetable, if they are at hand.

    Raises
    ------
    InputError
        If the timetable does not belong to the scenario or has conflicts, the rate is no such share, or the window no
        time.
    """
    if not 0 < recommended_rate <= 1:
        raise InputError(f"the recommended occupancy rate must be above 0 and up to 1, not {recommended_rate:g}")
    if window is not None and window[0] >= window[1]:
        raise InputError(f"the window must begin before it ends, not from {window[0]} to {window[1]} (UTC seconds)")
    held = occupations or Occupations(scenario, timetable)
    closed = _Closed(scenario)
    found: list[Consumption] = []
    windows: dict[Window, None] = {}
    for line_section in line_sections(scenario, timetable, sections):
        stretch = held.stretch(line_section.sections)
        for one in _windows(scenario, stretch, window):
            open_s = length(without([(one.from_s, one.until_s)], closed.any_of(line_section.sections)))
            found += _consumption(line_section, one, stretch, open_s, recommended_rate)
            windows[one] = None
    whole = held.whole() if sections is None else held.stretch(tuple(sections))
    everything = closed.all_of([section.id for section in held.sections if sections is None or section.id in sections])
    at_once: list[Consumption] = []
    for one in _windows(scenario, whole, window):
        open_s = length(without([(one.from_s, one.until_s)], everything))
        at_once += _consumption(None, one, whole, open_s, recommended_rate)
    return LineConsumption(tuple(sorted(windows, key=lambda one: one.from_s)), tuple(found), tuple(at_once))


def _windows(scenario: Scenario, stretch: Stretch, window: tuple[int, int] | None) -> Sequence[Window]:
    if window is not None:
        return [Window("", *window)]
    if not stretch.paths:
        return []
    days = days_around(int(stretch.entry_s[0]), int(stretch.entry_s[-1]) + 1, scenario.time_zone)
    return [Window(*day) for day in days]


def _consumption(
    line_section: LineSection | None, window: Window, stretch: Stretch, open_s: int, rate: float
) -> Iterable[Consumption]:
    """Yield the consumption in a window; nothing if no train comes in it."""
    inside = stretch.within(window.from_s, window.until_s)
    if inside.paths:
        yield Consumption(line_section, window, len(inside.paths), open_s, rate, compress(inside))


class _Closed:
    """When sections are closed as a whole."""

    def __init__(self, scenario: Scenario) -> None:
        self._sections = scenario.network.sections
        self._tracks = section_closures(to_whole_days(scenario))

    def _section(self, section: str) -> list[Interval]:
        tracks = [list(self._tracks.get((section, track), ())) for track in self._sections[section].track_ids()]
        return tracks[0] if len(tracks) == 1 else common(tracks[0], tracks[1])

    def any_of(self, sections: Iterable[str]) -> list[Interval]:
        """Return when one of some sections is closed, or several."""
        return union(interval for section in sections for interval in self._section(section))

    def all_of(self, sections: Sequence[str]) -> list[Interval]:
        """Return when all of some sections are closed."""
        found = self._section(sections[0]) if sections else []
        for section in sections[1:]:
            if not found:
                break
            found = common(found, self._section(section))
        return found
