"""All that is written of a simulation of delays: the tables, and the pictures as SVG, PDF and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.drawing.delay_along_line import draw_delay_along_line
from railcap.drawing.delay_distribution import draw_delay_distribution
from railcap.drawing.delay_volume import draw_delay_volume
from railcap.drawing.saving import SUFFIXES
from railcap.formats.atomic import OutputFolder
from railcap.formats.delay_results import FILES, write_delay_tables
from railcap.measures.robustness.results import Robustness
from railcap.planning.timetable import Timetable

DISTRIBUTION, ALONG_LINE, VOLUME = "delay_distribution", "delay_along_line", "delay_volume"


def file_names() -> list[str]:
    """Return the names of the files that `write_robustness` may write."""
    return [*FILES, *(name + suffix for name in (DISTRIBUTION, ALONG_LINE, VOLUME) for suffix in SUFFIXES)]


def write_robustness(
    scenario: Scenario, timetable: Timetable, found: Robustness, folder: str | Path, summary: Sequence[str] = ()
) -> list[Path]:
    """Write the tables and pictures of a simulation into a folder, made if need be; all of them appear together.

    Parameters
    ----------
    summary : sequence of str
        Lines for the workbook's first sheet.

    Returns
    -------
    list of Path
        The files, each whole.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    with OutputFolder(folder, file_names()) as output:
        write_delay_tables(scenario, found, output.building, summary)
        draw_delay_distribution(scenario, found, output.building / DISTRIBUTION)
        draw_delay_along_line(scenario, timetable, found, output.building / ALONG_LINE)
        if len(found.volume) > 1:
            draw_delay_volume(scenario, found, output.building / VOLUME)
    return output.written
