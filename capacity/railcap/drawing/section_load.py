"""How busy the sections are, as bars beside a train graph: what limits a line is seen before any train is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.colours import ink_on
from railcap.drawing.line_axis import LineAxis
from railcap.drawing.texts import OneText, write_texts
from railcap.drawing.time_axis import TimeAxis
from railcap.measures.names import station_name
from railcap.measures.section_use import track_times
from railcap.planning.timetable import Timetable
from railcap.units import DAY_S, to_utc_s

STRIP_PT = 30.0
"""What the bars take beside the right edge."""

_BEGIN_PT, _FULL_PT = 4.5, 22.0  # where bars begin, and how long that of a section is which is always taken
_LEAST_PT = 0.8
_CLASSES = ((0.75, "#D84315"), (0.6, "#F57C00"), (0.0, "#90A4AE"))
"""Colours by share, after the limits of UIC 406 (2004) for mixed traffic: 60 % over a day, 75 % in its peak hour."""

_NUMBER_PT, _NUMBERED = 5.5, 0.4  # per cent stand in a bar that is long enough


@dataclass(frozen=True, slots=True)
class SectionShares:
    """The share of its open time in which each section is taken, of its busier track; `over` says in what time."""

    by_section: Mapping[str, float]
    over: str


class BusyTimes:
    """When the sections of a timetable are taken, to be asked for their shares of one time or another."""

    def __init__(self, scenario: Scenario, timetable: Timetable) -> None:
        self._tracks = track_times(scenario, timetable)
        end_s = to_utc_s(scenario.start, scenario.days * DAY_S, scenario.time_zone)
        self._days_s = scenario.begin_s, end_s
        taken = [interval for one in self._tracks.values() for interval in one.taken]
        self._first_s = min([scenario.begin_s, *(begin_s for begin_s, _ in taken)])
        self._last_s = max([end_s, *(end_s for _, end_s in taken)])

    def over_all_days(self) -> SectionShares:
        """Return the shares over all days of the scenario."""
        return self._shares(*self._days_s, "all days")

    def in_time(self, time: TimeAxis) -> SectionShares:
        """Return the shares in the time that is drawn.

        Time beyond the scenario's days in which no train runs any more, or yet, does not count: nothing is planned
        there.
        """
        return self._shares(max(time.from_s, self._first_s), min(time.until_s, self._last_s), "in the time drawn")

    def _shares(self, begin_s: int, end_s: int, over: str) -> SectionShares:
        found: dict[str, float] = {}
        for (section, _), track in self._tracks.items():
            taken_s, open_s = track.taken_and_open_s(begin_s, end_s)
            found[section] = max(taken_s / open_s if open_s else 0.0, found.get(section, 0.0))
        return SectionShares(found, over)


def draw_section_shares(axes: Any, line: LineAxis, shares: SectionShares, inner_in: tuple[float, float]) -> None:
    """Draw a bar for each section beside the right edge, up to a thin line at 100 %, in the colour of its share."""
    from matplotlib.collections import PolyCollection
    from matplotlib.lines import Line2D

    point, per_km = 1 / 72 / inner_in[0], inner_in[1] * 72 / line.km[-1]
    beside = axes.get_yaxis_transform()
    begin = 1 + _BEGIN_PT * point
    bars, colours, texts = [], [], [OneText("busy %", (begin, 0), _NUMBER_PT, align="left", shift=(7, 10))]
    for section, (top, bottom) in line.spans().items():
        share = min(1.0, shares.by_section.get(section, 0.0))
        if share == 0:
            continue
        end = begin + max(_LEAST_PT, share * _FULL_PT) * point
        bars.append([(begin, top), (end, top), (end, bottom), (begin, bottom)])
        colour = next(colour for least, colour in _CLASSES if share >= least)
        colours.append(colour)
        if share >= _NUMBERED and (bottom - top) * per_km >= _NUMBER_PT + 0.5:
            at, shift = (end, (top + bottom) / 2), (-1.0, 0.0)
            texts.append(OneText(f"{100 * share:.0f}", at, _NUMBER_PT, ink_on(colour), "right", shift=shift))
    style = {"facecolors": colours, "edgecolors": "white", "linewidths": 0.3, "transform": beside, "clip_on": False}
    axes.add_collection(PolyCollection(bars, zorder=2, **style), autolim=False)
    full = Line2D([begin + _FULL_PT * point] * 2, [0, 1], transform=axes.transAxes, clip_on=False)
    full.set(color="#BBBBBB", linewidth=0.4, zorder=1.5)
    axes.add_artist(full)
    write_texts(axes, texts, zorder=3, transform=beside)


def shares_handle(scenario: Scenario, line: LineAxis, shares: SectionShares) -> Any:
    """Return what the legend says of the bars, with the busiest section of a line."""
    from matplotlib.lines import Line2D

    text = f"bars at the right edge: share of its open time in which a section is taken, {shares.over}"
    busiest = max(line.sections, key=lambda section: shares.by_section.get(section, 0.0))
    if share := shares.by_section.get(busiest):
        section = scenario.network.sections[busiest]
        ends = (station_name(scenario, station) for station in (section.start, section.end))
        text = f"bars at the right edge: open time taken, {shares.over}; most: {' - '.join(ends)} {share:.0%}"
    return Line2D([], [], color="none", label=text)
