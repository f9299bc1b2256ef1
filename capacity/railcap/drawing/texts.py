"""Many texts of a drawing as one artist: a long timetable has thousands, each too dear as an artist of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Align = Literal["left", "center", "right"]
Lift = Literal["baseline", "center", "top", "bottom"]

GROUND_ALPHA, GROUND_PT = 0.75, 0.2
"""The white box behind a text that stands on lines and shades: how dense, and how far it reaches beyond the text."""


@dataclass(frozen=True, slots=True)
class OneText:
    """A text on one line.

    Parameters
    ----------
    at : tuple of float
        Where it stands, in the coordinates of its artist.
    size, shift : float, tuple of float
        Height of the letters, and how far it stands from there to the right and upwards, in points.
    angle : float
        Degrees; the text is turned about `at`.
    align, lift : str
        Which end of the text stands there, and which height of it: `center` is the middle of the capitals.
    """

    text: str
    at: tuple[float, float]
    size: float
    colour: str = "black"
    align: Align = "center"
    lift: Lift = "center"
    shift: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0


def write_texts(
    axes: Any,
    texts: Sequence[OneText],
    zorder: float,
    *,
    transform: Any = None,
    clip: bool = False,
    ground: bool = False,
) -> None:
    """Write texts as one artist of some axes.

    Parameters
    ----------
    transform : optional
        Of the places of the texts; by default that of the data.
    clip : bool
        Whether the axes cut off what leaves them.
    ground : bool
        Whether each has a white box behind it.
    """
    from railcap.drawing.text_artist import TextArtist

    if texts:
        artist = TextArtist(texts, ground=ground)
        artist.set_transform(transform or axes.transData)
        artist.set_zorder(zorder)
        axes.add_artist(artist)
        artist.set_clip_on(clip)
