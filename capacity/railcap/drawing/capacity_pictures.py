"""All pictures of a line's capacity: profile, compressed train graphs, headway matrix."""

from __future__ import annotations

from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.drawing.capacity_compressed import draw_compressed
from railcap.drawing.capacity_headways import draw_headway_matrix
from railcap.drawing.capacity_profile import draw_capacity_profile
from railcap.drawing.saving import SUFFIXES
from railcap.measures.occupation.report import TimetableCapacity
from railcap.planning.timetable import Timetable

PROFILE, HEADWAYS = "capacity_profile", "capacity_headway_matrix"
COMPRESSED, COMPRESSED_LINE = "capacity_compressed_section", "capacity_compressed_line"


def drawing_names() -> list[str]:
    """Return the names of the files that `draw_capacity` may write."""
    return [name + suffix for name in (PROFILE, COMPRESSED, COMPRESSED_LINE, HEADWAYS) for suffix in SUFFIXES]


def draw_capacity(
    scenario: Scenario,
    timetable: Timetable,
    capacity: TimetableCapacity,
    folder: Path,
    stations: tuple[str, str] | None = None,
) -> list[Path]:
    """Draw the capacity of a line on which trains run into a folder that exists, each picture as SVG, PDF and PNG.

    The line section that binds is drawn compressed and with its headway matrix; the whole line at once in the window in
    which that takes most of it.

    Parameters
    ----------
    stations : tuple of two str, optional
        Ids of the first and last station of the part of the line; by default the whole line.

    Raises
    ------
    InputError
        If there is no such line.
    OutputError
        If a file cannot be written.
    """
    limiting, whole = capacity.limiting, capacity.line.busiest_whole
    written = draw_capacity_profile(scenario, timetable, capacity, folder / PROFILE, stations=stations)
    if limiting is not None:
        written += draw_compressed(scenario, timetable, limiting.consumption, folder / COMPRESSED)
        written += draw_headway_matrix(scenario, limiting, folder / HEADWAYS)
    if whole is not None:
        written += draw_compressed(scenario, timetable, whole, folder / COMPRESSED_LINE, stations=stations)
    return written
