"""Delay against volume: how knock-on delay grows with the number of trains, for the same primary delays of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.delay_heads import draw_delay_heads
from railcap.drawing.panel import panel
from railcap.drawing.saving import output_paths, save
from railcap.errors import InputError
from railcap.measures.robustness.results import Robustness
from railcap.units import MINUTE_S

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.85, 0.85, 0.95, 0.7
_WIDTH_IN, _HEIGHT_IN = 8.0, 4.2
_ROOM = 0.06  # of the height, for a figure below its point
_RATIO, _LATE, _PRIMARY = "#B71C1C", "#0D47A1", "#78909C"


def draw_delay_volume(scenario: Scenario, found: Robustness, path: str | Path | Sequence[str | Path]) -> list[Path]:
    """Draw knock-on delay for each minute of primary delay, and the mean delay, against the number of trains.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.

    Raises
    ------
    InputError
        If the simulation has no curve: of one train there is none.
    OutputError
        If a file cannot be written.
    """
    if len(found.volume) < 2:
        raise InputError("there is no curve of delay against volume to draw: simulate several trains, with volume=True")
    return save(lambda: _figure(scenario, found), output_paths(path))


def _figure(scenario: Scenario, found: Robustness) -> Any:
    from matplotlib.ticker import MaxNLocator

    figure, axes, (width, height) = panel((_WIDTH_IN, _HEIGHT_IN), _LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN)
    trains = [point.trains for point in found.volume]
    ratios = [point.knock_on_per_primary for point in found.volume]
    line = axes.plot(trains, ratios, color=_RATIO, linewidth=2.2, marker="o", label="knock-on per primary delay")
    top = 1.15 * max([*ratios, 0.1])
    for count, ratio in zip(trains, ratios, strict=True):
        at = (6, -11) if ratio > _ROOM * top else (6, 5)
        axes.annotate(f"{ratio:.2f}", (count, ratio), at, textcoords="offset points", fontsize=8, color=_RATIO)
    axes.set_xlabel("trains of the timetable that run")
    axes.set_ylabel("minutes of knock-on delay per minute of primary delay", color=_RATIO)
    axes.set_ylim(0, top)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlim(0, 1.06 * trains[-1])
    beside = axes.twinx()
    late = [point.mean_s / MINUTE_S for point in found.volume]
    primary = [point.primary_s / MINUTE_S for point in found.volume]
    line += beside.plot(trains, late, color=_LATE, linewidth=1.4, marker="s", markersize=4, label="mean delay")
    line += beside.plot(trains, primary, color=_PRIMARY, linewidth=1.0, linestyle=(0, (4, 2)), label="primary delay")
    beside.set_ylabel("minutes a train", color=_LATE)
    beside.set_ylim(0, 1.15 * max([*late, *primary, 1.0]))
    for one in (axes, beside):
        one.tick_params(labelsize=8)
    axes.grid(color="#E0E0E0", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.legend(handles=line, loc="upper left", fontsize=8, frameon=False)
    title = f"Delay against volume: {scenario.title or scenario.name}"
    text = "Of the timetable a part of the trains runs, the others are taken away by chance"
    draw_delay_heads(figure, title, found, text, (width, height))
    return figure
