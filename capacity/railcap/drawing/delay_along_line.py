"""The delay along the line: how late trains are on average at each station, by category and direction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.colours import FIXED
from railcap.drawing.delay_distribution import CATEGORY_COLOURS
from railcap.drawing.delay_heads import draw_delay_heads
from railcap.drawing.line_axis import LineAxis, line_axis
from railcap.drawing.panel import panel, width_along_in
from railcap.drawing.saving import output_paths, save
from railcap.drawing.station_labels import draw_stations_below
from railcap.measures.robustness.results import Robustness
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Timetable, TrainPath
from railcap.units import MINUTE_S

_LEFT_IN, _RIGHT_IN, _TOP_IN = 0.8, 0.4, 0.95
_LEGEND_IN, _LETTER_IN, _KM_LETTERS, _MOST_LETTERS = 0.95, 0.065, 6, 38
_HEIGHT_IN = 4.2
_DOWN = {True: "-", False: (0, (5, 2))}


@dataclass(slots=True)
class _Course:
    """Trains of one category and direction: what their delays at each place of the line add up to."""

    trains: set[str] = field(default_factory=set)
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    mean_s: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    alone_s: dict[int, float] = field(default_factory=lambda: defaultdict(float))

    def means_min(self, sums: Mapping[int, float]) -> list[tuple[int, float]]:
        """Return places in order with mean minutes of the trains that come there."""
        return [(place, sums[place] / self.counts[place] / MINUTE_S) for place in sorted(self.counts)]


def draw_delay_along_line(
    scenario: Scenario,
    timetable: Timetable,
    found: Robustness,
    path: str | Path | Sequence[str | Path],
    *,
    stations: tuple[str, str] | None = None,
) -> list[Path]:
    """Draw how late trains arrive on average along the line.

    A line for each category and direction; the thin one is what the delay would be without other trains, so that the
    ground between the two is knock-on delay.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.
    stations : tuple of two str, optional
        Ids of the first (left) and last station to draw; by default the whole line.

    Raises
    ------
    InputError
        If there is no such line.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    line = line_axis(scenario, timetable, stations)
    return save(lambda: _figure(scenario, timetable, found, line), paths)


def _courses(timetable: Timetable, found: Robustness, line: LineAxis) -> dict[tuple[str, bool], _Course]:
    """Return the courses along a line by category, and whether they go from its first station to its last."""
    places = line.places()
    categories = {train.train: train.category for train in found.trains if not train.light}
    ways = {path.train: way for path in timetable.paths if (way := _goes_on(path, places)) is not None}
    courses: dict[tuple[str, bool], _Course] = defaultdict(_Course)
    for call in found.calls:
        if call.train in categories and call.train in ways and call.station in places:
            course = courses[categories[call.train], ways[call.train]]
            place = places[call.station]
            course.trains.add(call.train)
            course.counts[place] += 1
            course.mean_s[place] += call.mean_s
            course.alone_s[place] += call.alone_s
    return dict(sorted(courses.items(), reverse=True))


def _goes_on(path: TrainPath, places: Mapping[str, int]) -> bool | None:
    """Return whether a train runs from the first station of a line towards the last; None if it is not on it."""
    on_line = [places[call.station] for call in path.calls if call.station in places]
    return on_line[0] < on_line[-1] if len(on_line) > 1 and on_line[0] != on_line[-1] else None


def _figure(scenario: Scenario, timetable: Timetable, found: Robustness, line: LineAxis) -> Any:
    inner_width = width_along_in(len(line.stations))
    letters = _KM_LETTERS + max(len(_name(scenario, line, place)) for place in range(len(line.stations)))
    bottom = _LEGEND_IN + _LETTER_IN * min(letters, _MOST_LETTERS)
    figure, axes, (width, height) = panel((inner_width, _HEIGHT_IN), _LEFT_IN, _RIGHT_IN, _TOP_IN, bottom)
    top = 1.0
    for (category, onward), course in _courses(timetable, found, line).items():
        mean, alone = course.means_min(course.mean_s), course.means_min(course.alone_s)
        top = max(top, *(late for _, late in mean))
        colour = CATEGORY_COLOURS.get(category, FIXED)
        at = [line.km[place] for place, _ in mean]
        towards = _name(scenario, line, -1 if onward else 0)
        label = f"{category} towards {towards} ({counted(len(course.trains), 'train')})"
        late, own = [minutes for _, minutes in mean], [minutes for _, minutes in alone]
        dot = "o" if len(at) == 1 else ""  # a single arrival is no line
        axes.plot(at, late, color=colour, linewidth=1.8, linestyle=_DOWN[onward], marker=dot, label=label)
        axes.plot(at, own, color=colour, linewidth=0.8, linestyle=_DOWN[onward])
        axes.fill_between(at, own, late, color=colour, alpha=0.08, linewidth=0)
    axes.set_xlim(0, line.km[-1])
    axes.set_ylim(0, 1.08 * top)
    axes.set_ylabel("mean minutes late")
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    draw_stations_below(axes, scenario, timetable, line, inner_width, (-0.012, -0.045))
    title = f"Delay along the line: {scenario.title or scenario.name}"
    text = "Thin lines: without other trains; the ground between is knock-on delay"
    draw_delay_heads(figure, title, found, text, (width, height))
    figure.legend(
        loc="lower left",
        bbox_to_anchor=(0.25 / width, 0.08 / height),
        ncols=2,
        fontsize=8,
        frameon=False,
        borderaxespad=0,
    )
    return figure


def _name(scenario: Scenario, line: LineAxis, place: int) -> str:
    station = scenario.network.stations[line.stations[place]]
    return station.name or station.id
