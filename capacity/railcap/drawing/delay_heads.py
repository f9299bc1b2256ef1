"""The heads of the pictures of delays: a title, and below it what the days are, on as many lines as it needs."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from railcap.drawing.rows import draw_heads
from railcap.measures.robustness.report_text import conditions_text
from railcap.measures.robustness.results import Robustness

_LETTERS_PER_IN = 13.5


def draw_delay_heads(figure: Any, title: str, found: Robustness, text: str, size_in: tuple[float, float]) -> None:
    """Write the title, the conditions of the simulation, and a text."""
    letters = int((size_in[0] - 0.5) * _LETTERS_PER_IN)
    draw_heads(figure, title, fill(f"{conditions_text(found)}. {text}", letters), size_in)
