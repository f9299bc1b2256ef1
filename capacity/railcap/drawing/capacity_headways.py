"""The headway matrix of a line section: minimum headways by type and direction of two trains that follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.rows import draw_heads
from railcap.drawing.saving import output_paths, save
from railcap.measures.names import station_name
from railcap.measures.occupation.headways import TrainClass
from railcap.measures.occupation.report import SectionCapacity
from railcap.measures.text_columns import counted, short
from railcap.units import MINUTE_S

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 2.3, 1.4, 1.9, 0.5
_CELL_IN = 0.75


def draw_headway_matrix(
    scenario: Scenario, section: SectionCapacity, path: str | Path | Sequence[str | Path]
) -> list[Path]:
    """Draw the minimum headways on a line section, in minutes: the first train by row, the one after it by column.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    return save(lambda: _figure(scenario, section), paths)


def _figure(scenario: Scenario, section: SectionCapacity) -> Any:
    from matplotlib.figure import Figure

    matrix, line_section = section.headways, section.consumption.line_section
    assert line_section is not None
    count = len(matrix.classes)
    inner = max(1.5, _CELL_IN * count)
    width, height = max(8.0, inner + _LEFT_IN + _RIGHT_IN), inner + _TOP_IN + _BOTTOM_IN
    figure = Figure(figsize=(width, height), facecolor="white")
    axes = figure.add_axes((_LEFT_IN / width, _BOTTOM_IN / height, inner / width, inner / height))
    minutes = [[seconds / MINUTE_S for seconds in row] for row in matrix.minimum_s]
    most = max(1.0, max(max(row) for row in minutes))
    axes.imshow(minutes, cmap="YlOrRd", vmin=0, vmax=1.8 * most)
    for row, several in enumerate(minutes):
        for column, value in enumerate(several):
            axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=9)
    names = [_name(scenario, one) for one in matrix.classes]
    axes.set_xticks(range(count), names, fontsize=7, rotation=35, ha="left")
    axes.set_yticks(range(count), names, fontsize=7)
    axes.tick_params(top=True, bottom=False, labeltop=True, labelbottom=False, length=2)
    axes.set_xticks([edge - 0.5 for edge in range(1, count)], minor=True)
    axes.set_yticks([edge - 0.5 for edge in range(1, count)], minor=True)
    axes.grid(which="minor", color="white", linewidth=1.2)
    axes.tick_params(which="minor", length=0)
    title = f"Minimum headways on {line_section.name(scenario)}"
    text = (
        "Minutes between the entries of a train (row) and the one after it (column). "
        f"Mean over all pairs of trains: {matrix.mean_s / MINUTE_S:.1f}"
    )
    draw_heads(figure, title, text, (width, height))
    return figure


def _name(scenario: Scenario, one: TrainClass) -> str:
    ends = f"{short(station_name(scenario, one.entering), 16)} > {short(station_name(scenario, one.leaving), 16)}"
    return f"{short(one.train_type, 22)}, {counted(one.trains, 'train')}\n{ends}"
