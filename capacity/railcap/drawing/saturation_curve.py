"""A yard's capacity curve: trains against its tracks, staff, cranes or hours, and where yard or line bind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.saving import SUFFIXES, output_paths, save
from railcap.errors import InputError
from railcap.measures.saturation.yard_curve import CurvePoint, Variation

CURVE = "saturation_curve"

_WIDTH_IN, _HEIGHT_IN = 8.0, 4.6
_COLOURS = {"yard": "#EF6C00", "section": "#1565C0", "": "#78909C"}
_WORDS = {"yard": "the yard binds", "section": "the line binds", "": "no single place binds, or not known"}


def drawing_names() -> list[str]:
    """Return the names of the files of a curve."""
    return [CURVE + suffix for suffix in SUFFIXES]


def draw_yard_curve(
    scenario: Scenario,
    variation: Variation,
    points: Sequence[CurvePoint],
    path: str | Path | Sequence[str | Path],
) -> list[Path]:
    """Draw a curve: a point for each value, coloured by where the bottleneck is, and the bound where it is higher.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.

    Raises
    ------
    InputError
        If the curve has no point.
    OutputError
        If a file cannot be written.
    """
    if not points:
        raise InputError("there is no point of the curve to draw; give it more time")
    return save(lambda: _figure(scenario, variation, points), output_paths(path))


def _figure(scenario: Scenario, variation: Variation, points: Sequence[CurvePoint]) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    values, trains = [one.value for one in points], [one.trains for one in points]
    axes.plot(values, trains, color="#9E9E9E", linewidth=1.4, zorder=1)
    for kind, colour in _COLOURS.items():
        own = [one for one in points if one.kind == kind]
        if own:
            xs, ys = [one.value for one in own], [one.trains for one in own]
            axes.scatter(xs, ys, s=48, color=colour, zorder=3, label=_WORDS[kind])
    open_ = [one for one in points if not one.proven]
    if open_:
        at = [one.value for one in open_], [one.trains for one in open_], [one.bound for one in open_]
        axes.vlines(*at, color="#B71C1C", linewidth=1.2, zorder=2, label="not proven: up to the bound")
        axes.scatter(at[0], at[2], s=60, marker="_", color="#B71C1C", zorder=2)
    for one in points:
        text = str(one.trains)
        axes.annotate(text, (one.value, one.trains), (0, -16), textcoords="offset points", ha="center", fontsize=9)
    axes.set_xlabel(variation.axis(scenario))
    axes.set_ylabel("trains in the window")
    axes.set_ylim(0, 1.15 * max(1, *(one.bound for one in points)))
    axes.set_xlim(values[0] - 0.5, values[-1] + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(color="#E0E0E0", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.legend(loc="lower right", fontsize=8, frameon=False)
    axes.set_title(f"Capacity curve: {scenario.title or scenario.name}", loc="left", fontsize=12)
    return figure
