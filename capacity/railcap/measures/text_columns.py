"""Rows of text in columns, for the terminal, and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from railcap.units import duration

WIDTH = 110
MOST_PLACES = 4
"""How many sections, stations and the like are shown."""

_NAME = 38


def columns(rows: Sequence[Sequence[str]], aligned: str) -> list[str]:
    """Return rows of cells as lines; `aligned` has one letter a column, ``l`` for left and ``r`` for right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(aligned))]
    return [
        "  ".join(
            cell.ljust(width) if side == "l" else cell.rjust(width)
            for cell, width, side in zip(row, widths, aligned, strict=True)
        ).rstrip()
        for row in rows
    ]


def more(count: int, what: str) -> list[str]:
    """Return a line that so many more are not shown; none if there are none."""
    return [f"  and {count} more {what if count > 1 else what.removesuffix('s')}"] if count > 0 else []


def counted(count: int, what: str) -> str:
    """Return a number of things, one of which is a `what`."""
    return f"{count:,} {what}{'s'[: count != 1]}"


def short(text: str, most: int = _NAME) -> str:
    """Return a text cut to a width."""
    return text if len(text) <= most else text[: most - 3] + "..."


def hm(seconds: float) -> str:
    """Return a duration in hours and minutes."""
    return duration(round(seconds / 60) * 60)
