"""How even traffic is on a line section: heterogeneity, speeds, meets and passes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from railcap.measures.formulas.headways import Heterogeneity, heterogeneity
from railcap.measures.meets import Meeting
from railcap.measures.occupation.consumption import Window
from railcap.measures.occupation.line_sections import LineSection
from railcap.measures.occupation.uses import Stretch, legs_inside
from railcap.units import MINUTE_S


@dataclass(frozen=True, slots=True)
class Regularity:
    """Trains that run over a line section in one direction, in a window.

    Parameters
    ----------
    entering, leaving : str
        Stations from which to which they run.
    track : str
        Track of the first section on which they run.
    heterogeneity : Heterogeneity or None
        SSHR and SAHR, the last train followed by the first one a window later; None where two of them come at one time
        or change their order, which bidirectional working of two tracks makes possible.
    speed_ratio : float
        Running time of the slowest over that of the fastest train, dwells inside included; 1: all are as fast.
    """

    entering: str
    leaving: str
    track: str
    trains: int
    heterogeneity: Heterogeneity | None
    speed_ratio: float


@dataclass(frozen=True, slots=True)
class Encounters:
    """Meets and passes at the stations of a line section, its ends included."""

    meets: int
    passes: int


def regularities(stretch: Stretch, window: Window) -> tuple[Regularity, ...]:
    """Return the regularity of each direction of a stretch in a window, by stations and track."""
    runs: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for path in stretch.within(window.from_s, window.until_s).paths:
        inside = legs_inside(stretch, path)
        here, there = path.calls[inside[0]], path.calls[inside[-1] + 1]
        run = here.departure_s - window.from_s, there.arrival_s - window.from_s
        runs[here.station, there.station, path.legs[inside[0]].track].append(run)
    period_s = window.until_s - window.from_s
    return tuple(
        Regularity(*way, len(times), _heterogeneity(sorted(times), period_s), _speed_ratio(times))
        for way, times in sorted(runs.items())
    )


def _heterogeneity(runs: Sequence[tuple[int, int]], period_s: int) -> Heterogeneity | None:
    departures, arrivals = zip(*runs, strict=True)
    for times in (departures, arrivals):
        if any(later <= one for one, later in pairwise((*times, times[0] + period_s))):
            return None
    departures_min, arrivals_min = ([time_s / MINUTE_S for time_s in times] for times in (departures, arrivals))
    return heterogeneity(departures_min, arrivals_min, period_s / MINUTE_S)


def _speed_ratio(runs: Iterable[tuple[int, int]]) -> float:
    times = [arrival_s - departure_s for departure_s, arrival_s in runs]
    return max(times) / max(1, min(times))


def encounters(line_section: LineSection, met: Iterable[Meeting], window: Window) -> Encounters:
    """Return the meets and passes at the stations of a line section in a window, of those of a timetable."""
    here = [
        one.same_direction
        for one in met
        if one.station in line_section.stations and window.from_s <= one.time_s < window.until_s
    ]
    return Encounters(len(here) - sum(here), sum(here))
