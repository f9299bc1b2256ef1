"""How busy each section is: the time its trains take from others, against the time when it is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from railcap.corridor.expand import section_closures, to_whole_days
from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.measures.days import local_days
from railcap.measures.intervals import Interval, clipped, length, union, without
from railcap.planning.compile_sections import crossing_interval, following_interval
from railcap.planning.timetable import Timetable
from railcap.units import local


@dataclass(frozen=True, slots=True)
class SectionUse:
    """One track of a section.

    Parameters
    ----------
    trains : int
        Trains that run over it, run-out included.
    occupied_s, open_s : int
        Over the scenario's days: the time in which no other train could use it because of trains and the headways
        behind them, and the time in which it is not closed.
    busiest_day : str
        Day, in the scenario's zone, on which the share is highest; ISO date.
    busiest_share : float
        Occupied share of the open time of that day.
    """

    section: str
    track: str
    trains: int
    occupied_s: int
    open_s: int
    busiest_day: str
    busiest_share: float

    @property
    def share(self) -> float:
        """Occupied share of the open time; 0 if it is never open."""
        return self.occupied_s / self.open_s if self.open_s else 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """A train on a section track: when it enters and leaves, and from which station to which."""

    train: str
    enter_s: int
    leave_s: int
    entering: str
    leaving: str


@dataclass(frozen=True, slots=True)
class TrackTime:
    """When a section track is taken by trains and the headways behind them, closed time left out, and when closed."""

    taken: Sequence[Interval]
    closed: Sequence[Interval]

    def taken_and_open_s(self, begin_s: int, end_s: int) -> tuple[int, int]:
        """Return for how long it is taken, and open, between two moments."""
        return length(clipped(self.taken, begin_s, end_s)), length(without([(begin_s, end_s)], self.closed))


def track_times(scenario: Scenario, timetable: Timetable) -> Mapping[tuple[str, str], TrackTime]:
    """Return when the tracks of sections are taken, of each that has trains."""
    sections, closures = scenario.network.sections, section_closures(to_whole_days(scenario))
    found = {}
    for (section, track), runs in section_runs(timetable).items():
        closed = closures.get((section, track), ())
        taken = without(union(_occupations(scenario, sections[section], runs)), closed)
        found[section, track] = TrackTime(taken, closed)
    return found


def section_uses(scenario: Scenario, timetable: Timetable) -> tuple[SectionUse, ...]:
    """Return the use of every section track that has trains, the busiest first (by the busiest day, then all days)."""
    runs = section_runs(timetable)
    found = [
        _use(scenario, section, track, runs[section, track], time)
        for (section, track), time in track_times(scenario, timetable).items()
    ]
    return tuple(sorted(found, key=lambda use: (-use.busiest_share, -use.share, use.section, use.track)))


def section_runs(timetable: Timetable) -> Mapping[tuple[str, str], list[Run]]:
    """Return who runs over each section track, by entry."""
    found: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for path in timetable.paths:
        for leg, (here, there) in zip(path.legs, pairwise(path.calls), strict=True):
            run = Run(path.train, here.departure_s, there.arrival_s, here.station, there.station)
            found[leg.section, leg.track].append(run)
    for runs in found.values():
        runs.sort(key=lambda run: (run.enter_s, run.leave_s))
    return found


def _use(scenario: Scenario, section: str, track: str, runs: list[Run], time: TrackTime) -> SectionUse:
    shares = {}
    occupied_s = open_s = 0
    until = max(local(runs[-1].leave_s, scenario.time_zone).date(), scenario.start + timedelta(days=scenario.days - 1))
    for number, (day, begin, end) in enumerate(local_days(scenario.start, until, scenario.time_zone)):
        day_taken_s, day_open_s = time.taken_and_open_s(begin, end)
        shares[day] = day_taken_s / day_open_s if day_open_s else 0.0
        if number < scenario.days:
            occupied_s += day_taken_s
            open_s += day_open_s
    busiest = max(shares, key=lambda day: shares[day])
    return SectionUse(section, track, len(runs), occupied_s, open_s, busiest, shares[busiest])


def _occupations(scenario: Scenario, section: Section, runs: list[Run]) -> Iterator[Interval]:
    """Yield for each train the time from its entry to the earliest entry of the next one."""
    for run, after in pairwise(runs):
        yield run.enter_s, run.enter_s + max(0, separation_s(scenario, section, run, after))
    if runs:
        yield runs[-1].enter_s, runs[-1].leave_s + following_interval(scenario, section)


def separation_s(scenario: Scenario, section: Section, first: Run, second: Run) -> int:
    """Return the least time between two entries (rule 8 of docs/model.md), blocks taken as equal."""
    running = first.leave_s - first.enter_s
    if first.entering != second.entering:
        return running + crossing_interval(scenario, first.leaving)
    other = second.leave_s - second.enter_s
    blocks = section.blocks
    clears = (running * (block + 1) // blocks - other * block // blocks for block in range(blocks))
    return max(clears) + following_interval(scenario, section)
