"""Rows of bars over time, which the charts of station tracks and of yards share: their labels, shades and bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from railcap.corridor.expand import station_track_closures
from railcap.corridor.infrastructure import Track
from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, Interval, drawn_closures
from railcap.drawing.colours import request_colours
from railcap.drawing.strokes import LABEL_PT, hide_axis
from railcap.drawing.texts import OneText, write_texts
from railcap.drawing.time_axis import TimeAxis
from railcap.measures.intervals import clipped, union
from railcap.measures.text_columns import short
from railcap.planning.timetable import Timetable

LEFT_IN, RIGHT_IN, TOP_IN, BOTTOM_IN = 2.3, 0.4, 1.05, 0.95
BAR = 0.72
"""Height of a bar, in rows."""

_LEAST_BAR_PT = 1.6
_ROW_PT = 6.5
_EDGED = 3
_NAME_LETTERS, _MOST_NAME_LETTERS = 16, 22
_TITLE_LETTER = 0.68  # width of a bold letter, in its height
_AT_NIGHT, _CLOSED = "section beside it closed at night", "track closed"
_TRACK_SHADES = ((_AT_NIGHT, NIGHT), (_CLOSED, POSSESSION))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a chart: what stands beside it, and the group whose name stands beside all of its rows."""

    group: str
    text: str
    place: float


def track_text(track: Track) -> str:
    """Return what stands beside the row of a station track."""
    return f"{track.id}  {track.kind.value} {track.length_m} m"


def draw_rows(axes: Any, rows: Sequence[Row], width_in: float, unlined: Collection[str] = ()) -> None:
    """Draw rows from top to bottom with their texts, and the groups with their names; below each but some a line."""
    bottom = rows[-1].place + 0.6 if rows else 0.5
    axes.set_ylim(bottom, -0.6)
    hide_axis(axes.yaxis)
    beside = axes.get_yaxis_transform()
    texts = [OneText(row.text, (0, row.place), _ROW_PT, "#444444", align="right", shift=(-LABEL_PT, 0)) for row in rows]
    write_texts(axes, texts, zorder=1.5, transform=beside)
    axes.hlines([row.place for row in rows], 0, 1, transform=beside, color="#E4E4E4", linewidth=0.4)
    groups: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row.place)
    for name, places in groups.items():
        lines = _on_two_lines(name)
        widest = max(len(line) for line in lines)
        axes.text(
            -1.12 / width_in,
            (places[0] + places[-1]) / 2,
            "\n".join(lines),
            transform=beside,
            ha="right",
            va="center",
            fontsize=min(8.0, 8.0 * _NAME_LETTERS / widest),
            fontweight="bold",
        )
        if name not in unlined:
            axes.axhline(places[-1] + 0.8, color="#999999", linewidth=0.6, zorder=0.6)


def _on_two_lines(name: str) -> list[str]:
    """Return a name on one line or two, cut where it is far too long."""
    if len(name) <= _NAME_LETTERS:
        return [name]
    ends = [place + 1 for place, letter in enumerate(name[:-1]) if letter in " _-/"]
    middle = min(ends, key=lambda end: abs(end - len(name) / 2), default=len(name))
    lines = [name[:middle].rstrip(), name[middle:]]
    return [short(line, _MOST_NAME_LETTERS) for line in lines if line]


def draw_shade(
    axes: Any, time: TimeAxis, intervals: Iterable[Interval], top: float, height: float, style: Mapping[str, Any]
) -> bool:
    """Shade some time of a row; return whether any of it can be seen."""
    seen = clipped(list(intervals), time.from_s, time.until_s)
    axes.broken_barh([(time.x(one), time.x(other) - time.x(one)) for one, other in seen], (top, height), **style)
    return bool(seen)


def draw_track_shades(
    axes: Any, scenario: Scenario, places: Mapping[tuple[str, str], float], time: TimeAxis
) -> list[Any]:
    """Shade nights beside stations, and closed tracks, each at its place; return handles for what there is."""
    from matplotlib.patches import Patch

    nights = _nights_beside(scenario, {station for station, _ in places}, time)
    closed = station_track_closures(scenario)
    seen = set()
    for (station, track), place in places.items():
        for (words, style), spans in zip(
            _TRACK_SHADES, (nights[station], closed.get((station, track), ())), strict=True
        ):
            if draw_shade(axes, time, spans, place - 0.5, 1.0, {"zorder": 0.7, **style}):
                seen.add(words)
    return [Patch(label=words, **style) for words, style in _TRACK_SHADES if words in seen]


def _nights_beside(scenario: Scenario, stations: set[str], time: TimeAxis) -> Mapping[str, list[Interval]]:
    beside: dict[str, list[str]] = {station: [] for station in stations}
    for section in scenario.network.sections.values():
        for station in stations & {section.start, section.end}:
            beside[station].append(section.id)
    wanted = tuple(sorted({section for sections in beside.values() for section in sections}))
    nights = drawn_closures(scenario, wanted, time.from_s, time.until_s).nights
    return {
        station: union(span for (section, _), spans in nights.items() if section in sections for span in spans)
        for station, sections in beside.items()
    }


class Bars:
    """Bars of trains, collected by colour and row and then drawn together, with the release times behind them."""

    def __init__(self, time: TimeAxis, points_per_hour: float) -> None:
        self._time = time
        self._least = _LEAST_BAR_PT / points_per_hour
        self._bars: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)
        self._tails: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)

    def add(self, place: float, from_s: int, until_s: int, colour: str, release_s: int = 0) -> bool:
        """Add a bar, at least a thin stroke; return whether it can be seen."""
        begin, end, release = self._time.x(from_s), self._time.x(until_s), release_s / 3600
        if end + release < 0 or begin > self._time.hours:
            return False
        width = max(end - begin, self._least)
        self._bars[colour, place].append((begin, width))
        if release:
            self._tails[colour, place].append((begin + width, release))
        return True

    def draw(self, axes: Any) -> None:
        """Draw all of them, those that are wide enough with a thin edge."""
        for (colour, place), spans in self._tails.items():
            self._draw(axes, place, spans, facecolor=colour, alpha=0.3, linewidth=0, zorder=2)
        for (colour, place), spans in self._bars.items():
            edges = [0.5 if width > _EDGED * self._least else 0.0 for _, width in spans]
            self._draw(axes, place, spans, facecolor=colour, edgecolor="white", linewidth=edges, zorder=3)

    @staticmethod
    def _draw(axes: Any, place: float, spans: list[tuple[float, float]], **style: Any) -> None:
        axes.broken_barh(spans, (place - BAR / 2, BAR), **style)


def draw_heads(figure: Any, title: str, text: str, size_in: tuple[float, float]) -> None:
    """Write the title of a chart and a line below it."""
    width, height = size_in
    size = min(15.0, (width - 0.5) * 72 / (_TITLE_LETTER * max(1, len(title))))
    figure.text(0.25 / width, 1 - 0.16 / height, title, fontsize=size, fontweight="bold", va="top")
    figure.text(0.25 / width, 1 - 0.46 / height, text, fontsize=9, va="top")


def draw_row_legend(
    figure: Any,
    scenario: Scenario,
    timetable: Timetable,
    stations: set[str],
    more: Sequence[Any],
    size_in: tuple[float, float],
) -> None:
    """Draw the legend of a chart: the requests whose trains come to some stations, and more handles."""
    from matplotlib.patches import Patch

    here = {path.request for path in timetable.paths if any(call.station in stations for call in path.calls)}
    handles = [Patch(color=one, label=request) for request, one in request_colours(scenario).items() if request in here]
    handles += more
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.25 / size_in[0], 0.08 / size_in[1]),
        ncols=max(1, -(-len(handles) // 2)),
        fontsize=8,
        frameon=False,
        borderaxespad=0,
        columnspacing=1.5,
    )


def release_handle() -> Any:
    """Return what the legend says of release times."""
    from matplotlib.patches import Patch

    return Patch(color="#888888", alpha=0.3, label="release time (thin strokes: trains that pass)")
