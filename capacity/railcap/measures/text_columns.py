"""Rows of text in columns, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence


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
