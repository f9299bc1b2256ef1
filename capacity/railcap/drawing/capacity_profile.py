"""The capacity profile: consumption of every line section against the kilometre, the one that binds marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.line_axis import LineAxis, line_axis
from railcap.drawing.panel import panel, width_along_in
from railcap.drawing.rows import draw_heads
from railcap.drawing.saving import output_paths, save
from railcap.drawing.station_labels import draw_stations_below
from railcap.drawing.train_lines import GROUND
from railcap.measures.occupation.consumption import Consumption
from railcap.measures.occupation.report import TimetableCapacity
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Timetable

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.8, 0.4, 0.85, 2.5
_HEIGHT_IN = 4.2
_MOST_SHOWN = 4.0
_LEAST_TOP = 1.25
_OCCUPIED, _ADDED = "#1565C0", "#90CAF9"
_BINDING, _BINDING_ADDED = "#C62828", "#EF9A9A"
_DIGIT_IN, _LEAST_SHARE = 0.068, 0.08
"""Width of a digit at a bar, and its least height to have figures in it; those without the room are left out."""
_Spans = Mapping[str, tuple[float, float]]


def draw_capacity_profile(
    scenario: Scenario,
    timetable: Timetable,
    capacity: TimetableCapacity,
    path: str | Path | Sequence[str | Path],
    *,
    stations: tuple[str, str] | None = None,
) -> list[Path]:
    """Draw the capacity consumption along a line, every line section in the window in which it consumes most.

    The dark part of a bar is the occupied share of the open time, the light part the additional time of UIC 406;
    together they are the consumption, of which all above 100 % is too much. Below stand the trains, and one line or two
    for single and double track.

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
    return save(lambda: _figure(scenario, timetable, capacity, line), paths)


def _figure(scenario: Scenario, timetable: Timetable, capacity: TimetableCapacity, line: LineAxis) -> Any:
    inner_width = width_along_in(len(line.stations))
    figure, axes, (width, height) = panel((inner_width, _HEIGHT_IN), _LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN)
    spans = line.spans()
    shown = [one for one in capacity.line.busiest if _span(one, spans) is not None]
    limiting = capacity.line.limiting
    top = max([_LEAST_TOP, *(min(_MOST_SHOWN, one.consumption) * 1.15 for one in shown)])
    axes.set_xlim(0, line.km[-1])
    axes.set_ylim(0, top)
    for one in shown:
        _draw_bar(axes, one, spans, inner_width / line.km[-1], binding=one is limiting)
    axes.axhline(1, color="#222222", linewidth=1.1, linestyle=(0, (6, 3)), zorder=4)
    axes.set_ylabel("capacity consumption")
    ticks = [step / 4 for step in range(int(4 * top) + 1)]
    axes.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks], fontsize=8)
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.5)
    axes.set_axisbelow(True)
    draw_stations_below(axes, scenario, timetable, line, inner_width)
    if limiting is not None and limiting in shown:
        _mark(axes, scenario, limiting, spans, top)
    title = f"Capacity along the line: {scenario.title or scenario.name}"
    draw_heads(figure, title, _text(scenario, capacity, len(shown)), (width, height))
    _draw_legend(figure, limiting, width, height)
    return figure


def _span(one: Consumption, spans: _Spans) -> tuple[float, float] | None:
    """Return from where to where a line section reaches on the axis; None if it does not lie on it."""
    assert one.line_section is not None
    found = [spans[section] for section in one.line_section.sections if section in spans]
    return (min(begin for begin, _ in found), max(end for _, end in found)) if found else None


def _draw_bar(axes: Any, one: Consumption, spans: _Spans, inches_per_km: float, *, binding: bool) -> None:
    span = _span(one, spans)
    assert span is not None and one.line_section is not None
    begin, end = span
    dark, light = (_BINDING, _BINDING_ADDED) if binding else (_OCCUPIED, _ADDED)
    occupied, consumed = min(_MOST_SHOWN, one.occupancy_rate), min(_MOST_SHOWN, one.consumption)
    edge = {"edgecolor": "white", "linewidth": 0.6, "align": "edge"}
    axes.bar(begin, occupied, end - begin, color=dark, zorder=2, **edge)
    axes.bar(begin, consumed - occupied, end - begin, bottom=occupied, color=light, zorder=2, **edge)
    middle, room_in = (begin + end) / 2, (end - begin) * inches_per_km
    below = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    for down in (0.022,) if one.line_section.tracks == 1 else (0.018, 0.026):
        axes.plot([begin, end], [-down, -down], color="black", linewidth=0.9, **below)
    style = {"ha": "center", "fontsize": 7.0, "zorder": 5}
    if room_in > _DIGIT_IN * len(percent := f"{100 * one.consumption:.0f}"):
        axes.annotate(
            percent,
            (middle, consumed),
            xytext=(0, 2.5),
            textcoords="offset points",
            bbox=GROUND,
            **style,
        )
    if room_in > _DIGIT_IN * len(trains := str(one.trains)) and occupied > _LEAST_SHARE:
        axes.annotate(trains, (middle, 0), xytext=(0, 7), textcoords="offset points", color="white", **style)


def _mark(axes: Any, scenario: Scenario, one: Consumption, spans: _Spans, top: float) -> None:
    """Point at the line section that binds."""
    span = _span(one, spans)
    assert span is not None and one.line_section is not None
    middle = sum(span) / 2
    share = middle / axes.get_xlim()[1]
    axes.annotate(
        f"binds: {one.line_section.name(scenario)}",
        (middle, min(_MOST_SHOWN, one.consumption) + 0.045 * top),
        xytext=(0, 16),
        textcoords="offset points",
        ha="left" if share < 0.25 else "right" if share > 0.75 else "center",
        fontsize=9,
        fontweight="bold",
        color=_BINDING,
        arrowprops={"arrowstyle": "-|>", "color": _BINDING},
        zorder=6,
    )


def _text(scenario: Scenario, capacity: TimetableCapacity, shown: int) -> str:
    limiting = capacity.line.limiting
    if limiting is None:
        return "No trains."
    texts = ["Each line section in its busiest window; above the bars per cent, in them trains"]
    if left := len(capacity.sections) - shown:
        texts.append(f"{counted(left, 'line section')} not on this line")
    whole = [name for name in (window.name for window in capacity.line.windows) if name]
    if whole:
        days = whole[0] if len(whole) == 1 else f"{whole[0]} to {whole[-1]}"
        texts.append(f"Local days of {scenario.time_zone}: {days}")
    return ". ".join(texts)


def _draw_legend(figure: Any, limiting: Consumption | None, width: float, height: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(color=_OCCUPIED, label="occupied: trains pushed together, of the open time"),
        Patch(color=_ADDED, label="additional time for stability"),
        Patch(color=_BINDING, label="the line section that binds"),
        Line2D([], [], color="none", label="lines below: single or double track"),
    ]
    if limiting is not None:
        text = f"all of the capacity: occupied {100 * limiting.recommended_rate:.0f} % (UIC 406)"
        handles.append(Line2D([], [], color="#222222", linewidth=1.1, linestyle=(0, (6, 3)), label=text))
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.25 / width, 0.08 / height),
        ncols=2,
        fontsize=8,
        frameon=False,
        borderaxespad=0,
    )
