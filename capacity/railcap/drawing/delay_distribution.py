"""The distribution of delays: which share of the trains comes within how many minutes, by category and by request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.colours import FIXED, request_colours
from railcap.drawing.delay_heads import draw_delay_heads
from railcap.drawing.panel import panel
from railcap.drawing.saving import output_paths, save
from railcap.measures.robustness.results import Lateness, Robustness
from railcap.measures.text_columns import short

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.8, 3.0, 0.95, 0.7
_WIDTH_IN, _HEIGHT_IN = 7.5, 4.6
_MOST_REQUESTS = 16
_LEAST_TO_MIN, _MOST_TOLD_MIN, _SHOWN_PERCENT, _MOST_TO_MIN = 20, 120, 97, 240
CATEGORY_COLOURS = {"passenger": "#B71C1C", "freight": "#0D47A1"}


def draw_delay_distribution(
    scenario: Scenario, found: Robustness, path: str | Path | Sequence[str | Path]
) -> list[Path]:
    """Draw which share of the trains arrives within how many minutes of the plan.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    return save(lambda: _figure(scenario, found), output_paths(path))


def _figure(scenario: Scenario, found: Robustness) -> Any:
    figure, axes, (width, height) = panel((_WIDTH_IN, _HEIGHT_IN), _LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN)
    arrivals = replace(found.overall, withdrawn=0)
    told = [minutes for minutes in found.within_min if minutes <= _MOST_TOLD_MIN]
    most = max([_LEAST_TO_MIN, *told, min(arrivals.percentile_min(_SHOWN_PERCENT) or 0, _MOST_TO_MIN)])
    colours = request_colours(scenario)
    for one in found.requests[:_MOST_REQUESTS]:
        _draw(axes, one, most, short(one.name, 30), color=colours.get(one.name, FIXED), linewidth=0.9, alpha=0.8)
    for one in found.categories:
        _draw(axes, one, most, one.name, color=CATEGORY_COLOURS.get(one.name, FIXED), linewidth=2.2)
    _draw(axes, found.overall, most, "all trains", color="black", linewidth=2.6, linestyle=(0, (5, 2)))
    if found.repaired is not None:
        _draw(axes, found.repaired.overall, most, "all trains, order repaired", color="#2E7D32", linewidth=2.6)
    for minutes in found.within_min:
        if minutes <= most:
            axes.axvline(minutes, color="#999999", linewidth=0.8, linestyle=(0, (2, 2)), zorder=0.8)
    _label_axes(axes, most)
    shares = ", ".join(f"{100 * found.overall.within(one):.0f} % within {one} min" for one in found.within_min)
    text = f"All trains: {shares}"
    if found.repaired is not None:
        repaired = ", ".join(f"{100 * found.repaired.overall.within(one):.0f} %" for one in found.within_min)
        text += f"; with the order repaired where that saves {found.repaired.rule.least_gain_s // 60} min: {repaired}"
    title = f"Arrivals: {scenario.title or scenario.name}"
    draw_delay_heads(figure, title, found, text, (width, height))
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles[::-1],
        labels[::-1],
        loc="upper left",
        bbox_to_anchor=((_LEFT_IN + _WIDTH_IN + 0.15) / width, 1 - _TOP_IN / height),
        fontsize=8,
        frameon=False,
        borderaxespad=0,
    )
    return figure


def _draw(axes: Any, one: Lateness, most: int, label: str, **style: Any) -> None:
    """Draw the steps of a share that grows with the minutes."""
    total = sum(one.minutes) + one.withdrawn
    shares = [count / total for count in accumulate(one.minutes[: most + 1])]
    shares += [shares[-1]] * (most + 1 - len(shares))
    axes.plot(range(most + 1), shares, label=label, drawstyle="steps-post", **style)


def _label_axes(axes: Any, most: int) -> None:
    axes.set_xlim(0, most)
    axes.set_ylim(0, 1.01)
    axes.set_xlabel("minutes late at the destination, at most")
    axes.set_ylabel("share of the trains")
    axes.set_yticks([step / 10 for step in range(11)], [f"{10 * step} %" for step in range(11)], fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(color="#E0E0E0", linewidth=0.5)
    axes.set_axisbelow(True)
