"""What stands below the train graph: which colour is which request, what the shades mean, and who was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import shorten
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, SectionClosures
from railcap.drawing.colours import FIXED, request_colours
from railcap.measures.names import short_id
from railcap.planning.timetable import Timetable, TrainPath

_TOP_IN = 1.42
_ROWS = 6


def draw_legend(figure: Any, handles: Sequence[Any], size_in: tuple[float, float]) -> None:
    """Draw a legend below a train graph."""
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


def overview_handles(
    scenario: Scenario, timetable: Timetable, elsewhere: Sequence[TrainPath], closures: SectionClosures
) -> list[Any]:
    """Return requests with the number of trains accepted and asked for, and closures by name.

    `elsewhere` are accepted trains that do not run on the line that is drawn.
    """
    accepted, missing = _Kinds(timetable.paths), _Kinds(elsewhere)
    asked = Counter(refusal.request for refusal in timetable.refused) + accepted.requests
    texts = {
        request: f"{accepted.requests[request]} of {count}{_not_here(missing.requests[request])}"
        for request, count in asked.items()
    }
    fixed, light = (
        f"{here}{_not_here(away)}" if here else ""
        for here, away in ((accepted.fixed, missing.fixed), (accepted.light, missing.light))
    )
    return _handles(scenario, texts, fixed, light, closures)


def page_handles(scenario: Scenario, paths: Sequence[TrainPath], closures: SectionClosures) -> list[Any]:
    """Return requests with the number of trains that a page shows, and closures by name."""
    shown = _Kinds(paths)
    texts = {request: str(count) for request, count in shown.requests.items()}
    return _handles(scenario, texts, str(shown.fixed or ""), str(shown.light or ""), closures)


class _Kinds:
    """How many trains each request has, and how many fixed paths and light engines there are beside."""

    def __init__(self, paths: Sequence[TrainPath]) -> None:
        self.fixed = sum(path.fixed for path in paths)
        self.light = sum(bool(path.light_for) for path in paths)
        self.requests = Counter(path.request for path in paths if not path.fixed and not path.light_for)


def _handles(
    scenario: Scenario, texts: Mapping[str, str], fixed: str, light: str, closures: SectionClosures
) -> list[Any]:
    """Return what stands in a legend: `texts` behind the requests, `fixed` and `light` of these unless empty."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = {request.id: request.name for request in scenario.requests}
    handles: list[Any] = []
    for request, colour in request_colours(scenario).items():
        if request in texts:
            title = f"{names[request]} ({request})" if names[request] else request
            handles.append(Line2D([], [], color=colour, linewidth=2, label=f"{title}: {texts[request]}"))
    if fixed:
        handles.append(Line2D([], [], color=FIXED, linewidth=2, linestyle=(0, (3, 1)), label=f"fixed paths: {fixed}"))
    if light:
        handles.append(
            Line2D([], [], color=FIXED, linewidth=0.8, linestyle=(0, (3, 2)), label=f"light engines: {light}")
        )
    handles += _closure_handles(closures, Patch)
    handles.append(Line2D([], [], color="none", label="lines at the left edge: single or double track"))
    return handles


def _not_here(count: int) -> str:
    return f", {count} not on this line" if count else ""


def _closure_handles(closures: SectionClosures, patch: Any) -> list[Any]:
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
