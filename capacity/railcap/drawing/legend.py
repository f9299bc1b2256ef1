"""What stands below the train graph: which colour is which request, what the shades mean, and who was refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from textwrap import shorten
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, SectionClosures
from railcap.drawing.colours import FIXED, request_colours
from railcap.measures.names import short_id
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Timetable, TrainPath

_ROWS = 6
_ABOVE_IN, _LEAST_IN, _EDGE_IN = 0.58, 2.0, 0.25
_ROW_IN, _LETTER_IN, _HANDLE_IN, _GAP_IN = 0.17, 0.069, 0.35, 0.22
_FONT_PT = 8


@dataclass(frozen=True, slots=True)
class Legend:
    """What stands below a train graph: the legend in columns and the box of refused trains, beside it or below it."""

    handles: Sequence[Any]
    columns: int
    refused: Sequence[str] = ()
    refused_below: bool = False

    @property
    def rows(self) -> int:
        """How many rows the legend has."""
        return -(-len(self.handles) // self.columns)

    @property
    def height_in(self) -> float:
        """What the legend needs below the axes, what stands at the axis of time included."""
        box = len(self.refused) + 1 if self.refused else 0
        rows = self.rows + box if self.refused_below else max(self.rows, box)
        return max(_LEAST_IN, _ABOVE_IN + rows * _ROW_IN + _EDGE_IN)


def legend_below(handles: Sequence[Any], width_in: float, refused: Sequence[str] = ()) -> Legend:
    """Fit a legend into a width, with as little height as can be."""
    width = width_in - 2 * _EDGE_IN
    box = max((len(line) for line in refused), default=0) * _LETTER_IN + 2 * _GAP_IN
    below = Legend(handles, _columns(handles, width), refused, refused_below=True)
    beside = Legend(handles, _columns(handles, width - box), refused)
    return below if refused and below.height_in < beside.height_in else beside


def _columns(handles: Sequence[Any], width_in: float) -> int:
    """Return in how many columns a legend fits into a width; a column has some rows before there is another."""
    letters = [len(handle.get_label()) for handle in handles]
    for columns in range(-(-len(letters) // _ROWS), 1, -1):
        most, longer = divmod(len(letters), columns)
        sizes = [most + 1] * longer + [most] * (columns - longer)
        widest = (max(letters[end - size : end]) for size, end in zip(sizes, accumulate(sizes), strict=True))
        if sum(widest) * _LETTER_IN + columns * (_HANDLE_IN + _GAP_IN) <= width_in:
            return columns
    return 1


def draw_legend(figure: Any, legend: Legend, size_in: tuple[float, float]) -> None:
    """Draw a legend below a train graph, and the box of refused trains."""
    width, height = size_in
    top = legend.height_in - _ABOVE_IN
    figure.legend(
        handles=legend.handles,
        loc="upper left",
        bbox_to_anchor=(_EDGE_IN / width, top / height),
        ncols=legend.columns,
        fontsize=_FONT_PT,
        frameon=False,
        borderaxespad=0,
        columnspacing=2,
    )
    if legend.refused:
        below = legend.refused_below
        figure.text(
            (_EDGE_IN + 0.07) / width if below else 1 - _EDGE_IN / width,
            (top - (legend.rows + 0.7) * _ROW_IN if below else top) / height,
            "\n".join(legend.refused),
            ha="left" if below else "right",
            va="top",
            multialignment="left",
            fontsize=_FONT_PT,
            linespacing=1.35,
            bbox={"boxstyle": "round,pad=0.5", "facecolor": "#FFF3F3", "edgecolor": "#C62828", "linewidth": 0.8},
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


def part_handles(scenario: Scenario, paths: Sequence[TrainPath], closures: SectionClosures) -> list[Any]:
    """Return requests with the number of trains that a part shows, and closures by name."""
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


def refused_lines(timetable: Timetable) -> list[str]:
    """Return what the box of refused trains says, grouped by request; nothing if there is none."""
    if not timetable.refused:
        return []
    groups: dict[str, list[str]] = {}
    for refusal in timetable.refused:
        request, _, train = short_id(refusal.train).rpartition(" ")
        groups.setdefault(request, []).append(train)
    lines = [f"{request} ({len(trains)}): {', '.join(trains)}" for request, trains in groups.items()]
    if len(lines) > _ROWS + 1:
        lines = [*lines[:_ROWS], f"and {len(lines) - _ROWS} more requests"]
    head = f"Refused: {counted(len(timetable.refused), 'train')} (day of the month/train of the day)"
    return [head, *(shorten(line, 100) for line in lines)]
