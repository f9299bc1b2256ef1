"""Colours of trains: warm for passenger trains, cool for freight, one for each request."""

from __future__ import annotations

from collections.abc import Mapping

from railcap.corridor.scenario import Scenario

FIXED = "#333333"
_WARM = ("#C62828", "#EF6C00", "#AD1457", "#8D6E63", "#F9A825", "#6A1B9A")
_COOL = ("#1565C0", "#2E7D32", "#00ACC1", "#37474F", "#7CB342", "#64B5F6", "#00695C", "#78909C", "#827717", "#0D47A1")


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
