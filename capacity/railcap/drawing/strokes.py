"""Grids and ticks of a drawing, each of many lines as one artist, in place of an axis with an artist for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

Edge = Literal["bottom", "top", "left", "right"]

TICK_PT, LABEL_PT = 3.0, 3.5
"""Length of a tick, and from it to its label."""

MAJOR, MINOR = 0.8, 0.6
"""Widths of ticks, in points."""

_ZORDER = 1.5  # above shades, below the trains


def hide_axis(axis: Any) -> None:
    """Leave the drawing of an axis to the functions of this module."""
    axis.set_visible(False)


def draw_grid(axes: Any, places: Sequence[float], way: Literal["x", "y"], colour: str, width: float) -> None:
    """Draw lines through all of the axes, at places of one of its ways."""
    from matplotlib.collections import LineCollection

    lines: list[list[tuple[float, float]]]
    if way == "x":
        lines, across = [[(place, 0), (place, 1)] for place in places], axes.get_xaxis_transform()
    else:
        lines, across = [[(0, place), (1, place)] for place in places], axes.get_yaxis_transform()
    style = {"colors": colour, "linewidths": width, "transform": across, "zorder": _ZORDER}
    axes.add_collection(LineCollection(lines, **style), autolim=False)


def draw_ticks(axes: Any, places: Sequence[float], edge: Edge, colour: str = "black", width: float = MAJOR) -> None:
    """Draw ticks outside an edge."""
    from matplotlib.lines import Line2D
    from matplotlib.markers import TICKDOWN, TICKLEFT, TICKRIGHT, TICKUP

    marker: Any = {"bottom": TICKDOWN, "top": TICKUP, "left": TICKLEFT, "right": TICKRIGHT}[edge]
    at = [1.0 if edge in ("top", "right") else 0.0] * len(places)
    upright = edge in ("bottom", "top")
    ticks = Line2D(
        list(places) if upright else at,
        at if upright else list(places),
        linestyle="none",
        marker=marker,
        markersize=TICK_PT,
        markeredgewidth=width,
        color=colour,
        transform=axes.get_xaxis_transform() if upright else axes.get_yaxis_transform(),
        clip_on=False,
        zorder=_ZORDER,
    )
    axes.add_artist(ticks)
