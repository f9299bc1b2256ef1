"""Colours of trains: warm for passenger trains, cool for freight, one for each request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from railcap.corridor.scenario import Scenario

FIXED = "#333333"
_WARM = ("#C62828", "#EF6C00", "#AD1457", "#8D6E63", "#F9A825", "#6A1B9A")
_COOL = ("#1565C0", "#2E7D32", "#00ACC1", "#37474F", "#7CB342", "#64B5F6", "#00695C", "#78909C", "#827717", "#0D47A1")


_LEAST_CONTRAST, _LEAST_IN_BAR = 4.5, 3.0  # WCAG 2.1, 1.4.3: of small text on white, and of large text


def request_colours(scenario: Scenario) -> Mapping[str, str]:
    """Return a colour for every request; when a palette is used up it begins again."""
    used = {"passenger": 0, "freight": 0}
    found = {}
    for request in scenario.requests:
        category = scenario.train_types[request.train_type].category
        palette = _WARM if category == "passenger" else _COOL
        place = used.get(category, 0)
        found[request.id] = palette[place % len(palette)]
        used[category] = place + 1
    return found


@lru_cache(maxsize=64)
def ink(colour: str) -> str:
    """Return a colour for small letters on white: the same (``#RRGGBB``), darker where it is too light to be read."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    darker = colour
    percent = 100
    while _against_white(darker) < _LEAST_CONTRAST:
        percent -= 5
        darker = f"#{red * percent // 100:02X}{green * percent // 100:02X}{blue * percent // 100:02X}"
    return darker


@lru_cache(maxsize=64)
def ink_on(colour: str) -> str:
    """Return the colour of letters in a bar of a colour: white, or nearly black in a light one."""
    return "white" if _against_white(colour) >= _LEAST_IN_BAR else "#1A1A1A"


def _against_white(colour: str) -> float:
    """Return the contrast of a colour with white (WCAG 2.1, 1.4.3): from 1 of white itself to 21 of black."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
