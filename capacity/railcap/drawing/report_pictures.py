"""The pictures of a capacity report, as the texts of SVG files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.drawing.capacity_by_method import draw_capacity_by_method
from railcap.drawing.capacity_compressed import draw_compressed
from railcap.drawing.capacity_headways import draw_headway_matrix
from railcap.drawing.capacity_profile import draw_capacity_profile
from railcap.measures.mix.report import MixCapacity
from railcap.measures.occupation.report import TimetableCapacity
from railcap.planning.timetable import Timetable


def mix_picture(scenario: Scenario, capacity: MixCapacity, stations: tuple[str, str] | None = None) -> str:
    """Return the drawing of `draw_capacity_by_method`; arguments and errors as there."""
    return _text(lambda path: draw_capacity_by_method(scenario, capacity, path, stations=stations))


def timetable_pictures(
    scenario: Scenario,
    timetable: Timetable,
    capacity: TimetableCapacity,
    stations: tuple[str, str] | None = None,
) -> Iterator[tuple[str, str]]:
    """Yield the pictures of `railcap.drawing.capacity_pictures.draw_capacity`, each with a caption; errors as there."""
    limiting, whole = capacity.limiting, capacity.line.busiest_whole
    yield (
        "Consumption along the line, the line section that binds in red",
        _text(lambda path: draw_capacity_profile(scenario, timetable, capacity, path, stations=stations)),
    )
    if limiting is not None:
        consumption = limiting.consumption
        yield (
            "Its trains as planned and pushed together",
            _text(lambda path: draw_compressed(scenario, timetable, consumption, path)),
        )
        yield "Its headway matrix", _text(lambda path: draw_headway_matrix(scenario, limiting, path))
    if whole is not None:
        yield (
            "The whole line at once",
            _text(lambda path: draw_compressed(scenario, timetable, whole, path, stations=stations)),
        )


def _text(draw: Callable[[Path], object]) -> str:
    """Return a drawing as the text of an SVG file, which `draw` writes to the path that it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.svg"
        draw(path)
        return path.read_text(encoding="utf-8")
