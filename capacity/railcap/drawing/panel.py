"""A figure with one panel whose size, and the room around it, are given in inches."""

from __future__ import annotations

from typing import Any

_STATION_IN, _LEAST_IN, _MOST_IN = 0.19, 8.5, 40.0


def panel(
    inner_in: tuple[float, float], left: float, right: float, top: float, bottom: float
) -> tuple[Any, Any, tuple[float, float]]:
    """Return a new white figure, its axes of the inner width and height, and the whole width and height; all inches."""
    from matplotlib.figure import Figure

    width, height = inner_in[0] + left + right, inner_in[1] + top + bottom
    figure = Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes((left / width, bottom / height, inner_in[0] / width, inner_in[1] / height))
    return figure, axes, (width, height)


def width_along_in(stations: int) -> float:
    """Return how wide a panel is along which so many stations of a line stand, in inches."""
    return min(_MOST_IN, max(_LEAST_IN, _STATION_IN * stations))
