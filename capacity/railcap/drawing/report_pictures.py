"""The pictures of reports, as the texts of SVG files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.drawing.capacity_by_method import draw_capacity_by_method
from railcap.drawing.capacity_compressed import draw_compressed
from railcap.drawing.capacity_headways import draw_headway_matrix
from railcap.drawing.capacity_profile import draw_capacity_profile
from railcap.drawing.delay_along_line import draw_delay_along_line
from railcap.drawing.delay_distribution import draw_delay_distribution
from railcap.drawing.delay_volume import draw_delay_volume
from railcap.drawing.line_axis import line_axis
from railcap.drawing.saturation_curve import draw_yard_curve
from railcap.drawing.time_axis import span_text, time_axis
from railcap.drawing.train_graph import draw_train_graph
from railcap.drawing.yard_chart import chart_names, draw_yard_chart
from railcap.formats.robustness_report import DelayPictures
from railcap.measures.mix.report import MixCapacity
from railcap.measures.names import station_name
from railcap.measures.occupation.report import TimetableCapacity
from railcap.measures.robustness.results import Robustness
from railcap.measures.saturation.candidates import Window
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.saturation.yard_curve import CurvePoint, Variation
from railcap.planning.timetable import Timetable
from railcap.units import DAY_S

_GRAPH_IN, _GRAPH_HEADS_IN = 13.0, 2.3
"""How wide a train graph is that a page shows without scrolling, and what its title and legend take of its height."""


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


def saturation_pictures(found: Saturation) -> Iterator[tuple[str, str]]:
    """Yield the train graph of a saturated window and the charts of its yards, each day by day, with a caption."""
    scenario, timetable = found.scenario, found.timetable
    if timetable is None or not timetable.paths:
        return
    height_in = max(5.5, 0.175 * len(line_axis(scenario, timetable).stations)) + _GRAPH_HEADS_IN
    graph = partial(draw_train_graph, scenario, timetable, size_in=(_GRAPH_IN, height_in))
    spans = [(path.calls[0].arrival_s, path.calls[-1].departure_s) for path in timetable.paths]
    yield from _by_day("Train graph", graph, found.window, spans, scenario.time_zone)
    for station in chart_names(scenario):
        chart = partial(draw_yard_chart, scenario, timetable, station=station)
        calls = (call for path in timetable.paths for call in path.calls if call.station == station)
        zone = scenario.network.stations[station].time_zone
        stays = [(call.arrival_s, call.departure_s) for call in calls]
        yield from _by_day(f"Yard chart of {station_name(scenario, station)}", chart, found.window, stays, zone)


def curve_picture(scenario: Scenario, variation: Variation, points: Sequence[CurvePoint]) -> str:
    """Return the drawing of `draw_yard_curve`; arguments and errors as there."""
    return _text(partial(draw_yard_curve, scenario, variation, points))


def _by_day(
    what: str, draw: Callable[..., object], window: Window, spans: Sequence[tuple[int, int]], time_zone: str
) -> Iterator[tuple[str, str]]:
    """Yield a drawing of a window in parts of about a day, without those in which nothing is to be seen.

    Parameters
    ----------
    spans : sequence of (int, int)
        From when to when there is something to be seen.
    time_zone : str
        Of the captions.
    """
    parts = max(1, round(window.length_s / DAY_S))
    edges = [window.from_s + part * window.length_s // parts for part in range(parts + 1)]
    for from_s, until_s in pairwise(edges):
        if any(begin_s < until_s and end_s > from_s for begin_s, end_s in spans):
            caption = f"{what}, {span_text(time_axis(from_s, until_s, time_zone))}"
            yield caption, _text(partial(draw, from_s=from_s, until_s=until_s))


def robustness_pictures(scenario: Scenario, timetable: Timetable, found: Robustness) -> DelayPictures:
    """Return the pictures of `railcap.drawing.delay_pictures.write_robustness`; errors as there."""
    return DelayPictures(
        distribution=_text(partial(draw_delay_distribution, scenario, found)),
        along_line=_text(partial(draw_delay_along_line, scenario, timetable, found)),
        volume=_text(partial(draw_delay_volume, scenario, found)) if len(found.volume) > 1 else None,
    )


def _text(draw: Callable[[Path], object]) -> str:
    """Return a drawing as the text of an SVG file, which `draw` writes to the path that it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "drawing.svg"
        draw(path)
        return path.read_text(encoding="utf-8")
