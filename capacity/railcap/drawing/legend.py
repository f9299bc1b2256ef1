"""What stands below the train graph: which colour is which request, what the shades mean, and who was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, SectionClosures
from railcap.drawing.colours import FIXED, request_colours
from railcap.measures.names import short_id
from railcap.planning.timetable import Timetable, TrainPath

_TOP_IN = 1.42
_ROWS = 6


def draw_legend(
    figure: Any,
    scenario: Scenario,
    timetable: Timetable,
    elsewhere: Sequence[TrainPath],
    closures: SectionClosures,
    size_in: tuple[float, float],
) -> None:
    """Draw the legend: requests with the number of trains accepted and asked for, and closures by name.

    `elsewhere` are accepted trains that do not run on the line that is drawn.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    accepted = Counter(path.request for path in timetable.paths if not path.fixed)
    refused = Counter(refusal.request for refusal in timetable.refused)
    missing = Counter(path.request for path in elsewhere if not path.fixed)
    handles: list[Any] = []
    for request, colour in request_colours(scenario).items():
        asked = accepted[request] + refused[request]
        if asked:
            name = next((one.name for one in scenario.requests if one.id == request), "")
            text = f"{name} ({request})" if name else request
            text += f": {accepted[request]} of {asked}{_not_here(missing[request])}"
            handles.append(Line2D([], [], color=colour, linewidth=2, label=text))
    if fixed := sum(path.fixed for path in timetable.paths):
        text = f"fixed paths: {fixed}{_not_here(sum(path.fixed for path in elsewhere))}"
        handles.append(Line2D([], [], color=FIXED, linewidth=2, linestyle=(0, (3, 1)), label=text))
    handles += _closure_handles(scenario, closures, Patch)
    handles.append(Line2D([], [], color="none", label="lines at the left edge: single or double track"))
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.25 / size_in[0], _TOP_IN / size_in[1]),
        ncols=max(1, -(-len(handles) // _ROWS)),
        fontsize=8,
        frameon=False,
        borderaxespad=0,
        columnspacing=2,
    )


def _not_here(count: int) -> str:
    return f", {count} not on this line" if count else ""


def _closure_handles(scenario: Scenario, closures: SectionClosures, patch: Any) -> list[Any]:
    night_names = [name for name in closures.names if name.startswith("daylight running")]
    others = [name for name in closures.names if name not in night_names]
    handles = []
    if closures.nights:
        handles.append(patch(label=shorten(f"closed: {'; '.join(night_names)}", 90), **NIGHT))
    if closures.possessions:
        handles.append(patch(label=shorten(f"possession: {'; '.join(others)}", 90), **POSSESSION))
    return handles


def draw_refused(figure: Any, timetable: Timetable, size_in: tuple[float, float]) -> None:
    """Draw the box of refused trains, grouped by request."""
    if not timetable.refused:
        return
    groups: dict[str, list[str]] = {}
    for refusal in timetable.refused:
        request, _, train = short_id(refusal.train).rpartition(" ")
        groups.setdefault(request, []).append(train)
    lines = [f"{request} ({len(trains)}): {', '.join(trains)}" for request, trains in groups.items()]
    if len(lines) > _ROWS + 1:
        lines = [*lines[:_ROWS], f"and {len(lines) - _ROWS} more requests"]
    text = "\n".join(
        [
            f"Refused: {len(timetable.refused)} trains (day of the month/train of the day)",
            *(shorten(line, 100) for line in lines),
        ]
    )
    figure.text(
        1 - 0.25 / size_in[0],
        _TOP_IN / size_in[1],
        text,
        ha="right",
        va="top",
        multialignment="left",
        fontsize=8,
        linespacing=1.35,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": "#FFF3F3", "edgecolor": "#C62828", "linewidth": 0.8},
    )
