"""The artist of `texts`: places each text by the measures of its font and draws it, without a layout of its own.

Imports matplotlib, so that only functions may import this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import cos, radians, sin
from typing import Any

from matplotlib.artist import Artist
from matplotlib.colors import to_rgba
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from matplotlib.transforms import IdentityTransform

from railcap.drawing.texts import GROUND_ALPHA, GROUND_PT, OneText

_Placed = tuple[OneText, tuple[float, float], float]  # a text, where it stands on the canvas, its width

_ASCENT, _DESCENT = 0.76, 0.24
"""Of the font, in its size."""

_LIFTED = {"baseline": 0.0, "center": _ASCENT / 2, "top": _ASCENT, "bottom": -_DESCENT}
_LEFT_OF = {"left": 0.0, "center": 0.5, "right": 1.0}


class TextArtist(Artist):
    """Some texts, drawn one after the other, with or without a white box behind each."""

    def __init__(self, texts: Sequence[OneText], *, ground: bool) -> None:
        super().__init__()
        self._texts = texts
        self._ground = ground

    def draw(self, renderer: Any) -> None:
        """Draw all of them on what a renderer draws on."""
        if not self.get_visible():
            return
        point = renderer.points_to_pixels(1.0)
        places = self.get_transform().transform([one.at for one in self._texts])
        widths = _Widths(renderer, point)
        placed = [
            (one, (x + one.shift[0] * point, y + one.shift[1] * point), widths[one.text, one.size])
            for one, (x, y) in zip(self._texts, places.tolist(), strict=True)
        ]
        renderer.open_group("texts")
        context = renderer.new_gc()
        if self.get_clip_on():
            context.set_clip_rectangle(self.get_clip_box())
            context.set_clip_path(self.get_clip_path())
        if self._ground:
            context.set_linewidth(0)
            context.set_alpha(GROUND_ALPHA)
            renderer.draw_path(context, _boxes(placed, point), IdentityTransform(), (1.0, 1.0, 1.0, GROUND_ALPHA))
            context.set_alpha(None)
        self._write(renderer, context, placed, point)
        context.restore()
        renderer.close_group("texts")
        self.stale = False

    @staticmethod
    def _write(renderer: Any, context: Any, placed: Sequence[_Placed], point: float) -> None:
        height = renderer.get_canvas_width_height()[1]
        fonts = {one.size: FontProperties(size=one.size) for one, *_ in placed}
        # What SVG asks of a text: the point that it is anchored to, so that another font stands there as well.
        anchor = Text(0, 0, "", rotation_mode="anchor", transform=IdentityTransform())
        for one, (x, y), width in placed:
            turn = radians(one.angle)
            left, down = width * _LEFT_OF[one.align], one.size * point * _LIFTED[one.lift]
            begin = x - left * cos(turn) + down * sin(turn), y - left * sin(turn) - down * cos(turn)
            anchor.set_position((x, y))
            anchor.set_horizontalalignment(one.align)
            context.set_foreground(to_rgba(one.colour), isRGBA=True)
            upward = height - begin[1] if renderer.flipy() else begin[1]
            renderer.draw_text(context, begin[0], upward, one.text, fonts[one.size], one.angle, False, anchor)


def _boxes(placed: Sequence[_Placed], point: float) -> Path:
    """Return the rectangles around texts as one path."""
    corners: list[tuple[float, float]] = []
    for one, (x, y), width in placed:
        turn = radians(one.angle)
        along, up = (cos(turn), sin(turn)), (-sin(turn), cos(turn))
        left = -width * _LEFT_OF[one.align] - GROUND_PT * point
        right = left + width + 2 * GROUND_PT * point
        base = -_LIFTED[one.lift] * one.size
        low, high = (base - _DESCENT * one.size - GROUND_PT) * point, (base + _ASCENT * one.size + GROUND_PT) * point
        box = [(left, low), (right, low), (right, high), (left, high), (left, low)]
        corners += [(x + a * along[0] + b * up[0], y + a * along[1] + b * up[1]) for a, b in box]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(placed)
    return Path(corners, codes)


class _Widths(dict[tuple[str, float], float]):
    """How long texts are on what a renderer draws on, by text and size."""

    def __init__(self, renderer: Any, point: float) -> None:
        super().__init__()
        self._renderer = renderer
        self._in_points = point == 1.0

    def __missing__(self, key: tuple[str, float]) -> float:
        text, size = key
        if self._in_points:
            width = _width_pt(text, size)
        else:  # letters are fitted to pixels, which makes them wider or narrower
            width = self._renderer.get_text_width_height_descent(text, FontProperties(size=size), False)[0]
        self[key] = width
        return width


@lru_cache(maxsize=20_000)
def _width_pt(text: str, size: float) -> float:
    """Return how long a text is in points: the same for SVG and PDF and for all of their pages."""
    width: float = TextToPath().get_text_width_height_descent(text, FontProperties(size=size), ismath=False)[0]
    return width
