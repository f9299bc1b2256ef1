"""Capacity along a line by every method, from a traffic mix: pairs of trains a day, what is asked for, what limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.drawing.line_axis import LineAxis, line_axis
from railcap.drawing.panel import panel, width_along_in
from railcap.drawing.rows import draw_heads
from railcap.drawing.saving import output_paths, save
from railcap.drawing.station_labels import draw_stations_below
from railcap.measures.mix.report import MixCapacity, SectionCapacity
from railcap.measures.mix.report_text import TITLES
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Refusal, Timetable

NAME = "capacity_by_method"

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.8, 0.4, 0.85, 2.5
_HEIGHT_IN = 4.4
_COLOURS = ("#1565C0", "#C62828", "#2E7D32", "#6A1B9A", "#37474F", "#EF6C00")
_ASKED = "#B0BEC5"
_TIMES_LEAST, _TIMES_ASKED = 2.5, 3.0
_APART_PT = 1.8
"""How far lines stand apart that would cover each other: those of methods with the same pairs."""


def asked_timetable(scenario: Scenario) -> Timetable:
    """Return the timetable in which nothing runs yet, every train that is asked for still without a path."""
    refused = (
        Refusal(one.id, one.request, one.number, one.train_type, "not planned yet", proof=False)
        for one in train_requests(scenario)
    )
    return Timetable(scenario.name, (), tuple(refused))


def draw_capacity_by_method(
    scenario: Scenario,
    capacity: MixCapacity,
    path: str | Path | Sequence[str | Path],
    *,
    stations: tuple[str, str] | None = None,
) -> list[Path]:
    """Draw the capacity of every section of a line by each method, with the pairs that are asked for behind it.

    Where a method finds the least of a part of the line, its line has a mark. Lines that are much higher than the least
    and than what is asked for are cut at the top. Lines of the same pairs stand one below the other, so that all show.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.
    stations : tuple of two str, optional
        Ids of the first (left) and last station to draw; by default the whole line.

    Raises
    ------
    InputError
        If there is no such line, or the scenario asks for no train.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    line = line_axis(scenario, asked_timetable(scenario), stations)
    return save(lambda: _figure(scenario, capacity, line), paths)


def _figure(scenario: Scenario, capacity: MixCapacity, line: LineAxis) -> Any:
    from matplotlib.ticker import MaxNLocator

    inner_in = width_along_in(len(line.stations))
    figure, axes, (width, height) = panel((inner_in, _HEIGHT_IN), _LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN)
    spans = line.spans()
    shown = [(one, span) for one in capacity.sections if (span := _span(one, spans)) is not None]
    top = _top(capacity, [one for one, _ in shown])
    axes.set_xlim(0, line.km[-1])
    axes.set_ylim(0, top)
    for one, (begin, end) in shown:
        axes.bar(begin, one.stretch.asked_pairs(), end - begin, color=_ASKED, align="edge", zorder=1)
        for down in (0.018,) if one.stretch.tracks == 1 else (0.014, 0.022):
            below: Any = {"transform": axes.get_xaxis_transform(), "clip_on": False}
            axes.plot([begin, end], [-down, -down], color="black", linewidth=0.9, **below)
    for number, method in enumerate(capacity.methods):
        _draw_method(axes, capacity, method, shown, top, _COLOURS[number % len(_COLOURS)])
    axes.set_ylabel("pairs of trains a day")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    draw_stations_below(axes, scenario, asked_timetable(scenario), line, inner_in)
    _draw_limits(axes, scenario, capacity, spans, top)
    title = f"Capacity along the line by each method: {scenario.title or scenario.name}"
    draw_heads(figure, title, _text(capacity, len(shown)), (width, height))
    _draw_legend(figure, capacity, width, height)
    return figure


def _span(one: SectionCapacity, spans: Any) -> tuple[float, float] | None:
    found = [spans[section] for section in one.stretch.sections if section in spans]
    return (min(begin for begin, _ in found), max(end for _, end in found)) if found else None


def _top(capacity: MixCapacity, shown: Sequence[SectionCapacity]) -> float:
    pairs = [figure.pairs for one in shown for figure in one.figures.values()] or [1]
    asked = max((one.stretch.asked_pairs() for one in shown), default=0.0)
    least = max((row.figure.pairs for part in capacity.parts for row in part.rows), default=1)
    return max(2.0, 1.12 * min(max(pairs), max(_TIMES_LEAST * least, _TIMES_ASKED * asked)))


def _draw_method(
    axes: Any,
    capacity: MixCapacity,
    method: str,
    shown: Sequence[tuple[SectionCapacity, tuple[float, float]]],
    top: float,
    colour: str,
) -> None:
    """Draw a method's capacity as steps along the line, with a mark where it is least in a part."""
    apart = _APART_PT / (72 * _HEIGHT_IN) * top

    def height(one: SectionCapacity) -> float:
        return min(one.figures[method].pairs, top * 1.2) - apart * _off_the_middle(one, method)

    places, values = [], []
    for one, (begin, end) in sorted(shown, key=lambda each: each[1]):
        places += [begin, end]
        values += [height(one)] * 2
    axes.plot(places, values, color=colour, linewidth=1.5, zorder=3, solid_joinstyle="miter")
    limiting = [row.limiting for part in capacity.parts for row in part.rows if row.method == method]
    spans = {id(one): span for one, span in shown}
    marked = [one for one in limiting if id(one) in spans]
    axes.plot(
        [_along(spans[id(one)], _off_the_middle(one, method) / len(one.figures)) for one in marked],
        [height(one) for one in marked],
        linestyle="none",
        marker="v",
        markersize=7,
        color=colour,
        markeredgecolor="white",
        zorder=5,
    )


def _off_the_middle(one: SectionCapacity, method: str) -> float:
    """Return the place of a method among those of the same pairs: 0 if it is alone, else -0.5 and 0.5, and so on."""
    pairs = one.figures[method].pairs
    like = [name for name, figure in one.figures.items() if figure.pairs == pairs]
    return like.index(method) - (len(like) - 1) / 2


def _along(span: tuple[float, float], share: float) -> float:
    """Return a place in a span, off its middle by a share of it."""
    return (span[0] + span[1]) / 2 + share * (span[1] - span[0])


def _draw_limits(axes: Any, scenario: Scenario, capacity: MixCapacity, spans: Any, top: float) -> None:
    """Name the limiting section of the usual method of each part."""
    for part in capacity.parts:
        row = part.home_row
        span = _span(row.limiting, spans)
        if span is None:
            continue
        middle = sum(span) / 2
        share = middle / axes.get_xlim()[1]
        axes.axvspan(*span, color="#C62828", alpha=0.10, linewidth=0, zorder=0.5)
        axes.annotate(
            f"limits: {row.limiting.stretch.name(scenario)}",
            (middle, max(figure.pairs for figure in row.limiting.figures.values())),
            xytext=(middle, 0.93 * top),
            ha="left" if share < 0.25 else "right" if share > 0.75 else "center",
            fontsize=8.5,
            fontweight="bold",
            color="#C62828",
            arrowprops={"arrowstyle": "-|>", "color": "#C62828", "linewidth": 0.8},
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
            zorder=6,
        )


def _text(capacity: MixCapacity, shown: int) -> str:
    texts = ["Each section from one place to meet to the next; a triangle where a method finds least in a part"]
    if left := len(capacity.sections) - shown:
        texts.append(f"{counted(left, 'section')} not on this line")
    return ". ".join(texts)


def _draw_legend(figure: Any, capacity: MixCapacity, width: float, height: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], color=_COLOURS[number % len(_COLOURS)], linewidth=1.5, label=TITLES[method])
        for number, method in enumerate(capacity.methods)
    ]
    handles.append(Patch(color=_ASKED, label="asked for"))
    handles.append(Line2D([], [], color="none", label="lines below: single or double track"))
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.25 / width, 0.08 / height),
        ncols=4,
        fontsize=8,
        frameon=False,
        borderaxespad=0,
    )
