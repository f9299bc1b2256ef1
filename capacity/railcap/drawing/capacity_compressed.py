"""A timetable beside itself compressed: a line section with its blocking times, or the whole line at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, by_interval, closed_stretches, drawn_closures
from railcap.drawing.line_axis import LineAxis, line_axis
from railcap.drawing.rows import draw_heads
from railcap.drawing.saving import output_paths, save
from railcap.drawing.station_labels import draw_stations, draw_track_numbers
from railcap.drawing.time_axis import TimeAxis, draw_time_axis, time_axis, zone_text
from railcap.drawing.train_lines import LabelPlacer, Paper, draw_labels, polylines
from railcap.drawing.train_names import TrainNames
from railcap.measures.occupation.compression import compressed_timetable, moved_path
from railcap.measures.occupation.consumption import Consumption
from railcap.measures.occupation.occupations import Occupations
from railcap.measures.occupation.uses import Blocking, PlaceKind
from railcap.measures.text_columns import hm
from railcap.planning.timetable import Timetable, TrainPath

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN, _BETWEEN_IN = 2.1, 1.8, 0.9, 0.75, 0.85
_OCCUPIED = "#FBC02D"


def draw_compressed(
    scenario: Scenario,
    timetable: Timetable,
    consumption: Consumption,
    path: str | Path | Sequence[str | Path],
    *,
    stations: tuple[str, str] | None = None,
) -> list[Path]:
    """Draw the trains of a consumption twice: above as they are planned, below pushed together.

    Of a line section each train also has its blocking times, the intervals behind it light. Below, the occupied time
    stands between two lines, and the first train's repeat at its end is dashed.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.
    stations : tuple of two str, optional
        Ids of the first (top) and last station to draw; by default those of the line section, or the whole line.

    Raises
    ------
    InputError
        If there is no such line.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    section = consumption.line_section
    line = line_axis(scenario, timetable, stations or (None if section is None else section.ends))
    return save(lambda: _figure(scenario, timetable, consumption, line), paths)


def _figure(scenario: Scenario, timetable: Timetable, one: Consumption, line: LineAxis) -> Any:
    from matplotlib.figure import Figure

    compression = one.compression
    running = set(compression.trains)
    planned = Timetable(timetable.scenario, tuple(path for path in timetable.paths if path.train in running))
    pushed = compressed_timetable(timetable, compression)
    first = next(path for path in pushed.paths if path.train == compression.trains[0])
    last_s = compression.begin_s + max(compression.planned_open_s, compression.occupied_s)
    if one.line_section is not None:
        last_s = max(last_s, _end_s(line, moved_path(first, compression.occupied_s)))
    time = time_axis(compression.begin_s, last_s, scenario.time_zone)
    inner_width = min(40.0, max(9.0, 0.45 * time.hours if time.hours < 30 else 0.23 * time.hours))
    inner_height = min(14.0, max(2.4, 0.175 * len(line.stations)))
    width = inner_width + _LEFT_IN + _RIGHT_IN
    height = 2 * inner_height + _TOP_IN + _BETWEEN_IN + _BOTTOM_IN
    figure = Figure(figsize=(width, height), facecolor="white")
    names = TrainNames(scenario, timetable)
    blockings = _blockings(scenario, planned, one)
    inner = inner_width, inner_height
    bottoms = _BOTTOM_IN + inner_height + _BETWEEN_IN, _BOTTOM_IN
    for bottom, shown, moved_by, text in (
        (bottoms[0], planned, {}, f"planned: {len(planned.paths)} trains"),
        (bottoms[1], pushed, dict(zip(compression.trains, compression.moved_s, strict=True)), _occupied_text(one)),
    ):
        axes = figure.add_axes(
            (_LEFT_IN / width, bottom / height, inner_width / width, inner_height / height),
        )
        draw_time_axis(axes, time, inner_width)
        draw_stations(axes, scenario, planned, line, inner)
        draw_track_numbers(axes, scenario, line, inner_width)
        _draw_blockings(axes, scenario, line, time, blockings, moved_by, names, shown.paths)
        if shown is planned:
            _draw_closures(axes, scenario, line, time)
        else:
            begin, end = time.x(compression.begin_s), time.x(compression.begin_s + compression.occupied_s)
            if not blockings:
                axes.axvspan(begin, end, color=_OCCUPIED, alpha=0.18, linewidth=0, zorder=0.6)
            for edge in (begin, end):
                axes.axvline(edge, color=_OCCUPIED, linewidth=2.2, zorder=2.2)
            _draw_trains(axes, [moved_path(first, compression.occupied_s)], line, time, names, inner, repeat=True)
        _draw_trains(axes, shown.paths, line, time, names, inner)
        axes.annotate(
            text, (0, 1), xycoords="axes fraction", xytext=(0, 5), textcoords="offset points", fontsize=9.5,
            fontweight="bold",
        )  # fmt: skip
    where = "the whole line at once" if one.line_section is None else one.line_section.name(scenario)
    zone = zone_text(time.from_s, time.time_zone)
    when = f"{one.window.name}. " if one.window.name else ""
    draw_heads(figure, f"Compression: {where}", f"{when}Local time of {zone}; the first train stays", (width, height))
    return figure


def _end_s(line: LineAxis, path: TrainPath) -> int:
    """Return when a train leaves a line."""
    inside = [number for number, leg in enumerate(path.legs) if leg.section in line.sections]
    return path.calls[inside[-1] + 1].arrival_s


def _occupied_text(one: Consumption) -> str:
    return (
        f"pushed together: occupied {hm(one.occupied_s)} of {hm(one.open_s)} h, {100 * one.occupancy_rate:.0f} %; "
        "dashed: the first train once more"
    )


def _blockings(scenario: Scenario, planned: Timetable, one: Consumption) -> list[Blocking]:
    """Return the blocking times on a line section; none for the whole line, where they would hide the trains."""
    if one.line_section is None:
        return []
    wanted = set(one.line_section.sections)
    found = Occupations(scenario, planned).blockings()
    return [held for held in found if held.place.kind is PlaceKind.BLOCK and held.place.where in wanted]


def _draw_blockings(
    axes: Any,
    scenario: Scenario,
    line: LineAxis,
    time: TimeAxis,
    blockings: Iterable[Blocking],
    moved_by: dict[str, int],
    names: TrainNames,
    paths: Sequence[TrainPath],
) -> None:
    spans, places = line.spans(), line.places()
    colours = {path.train: names.colour(path) for path in paths}
    for held in blockings:
        section = scenario.network.sections[held.place.where]
        top, bottom = spans[section.id]
        number = held.place.number - 1
        if places[section.start] > places[section.end]:
            number = section.blocks - 1 - number
        height = (bottom - top) / section.blocks
        by_s = moved_by.get(held.train, 0)
        begin, end, free = (
            time.x(moment_s + by_s) for moment_s in (held.from_s, held.until_s, held.until_s + held.release_s)
        )
        at = top + number * height, height
        style = {"facecolor": colours[held.train], "linewidth": 0, "zorder": 1.5}
        axes.broken_barh([(begin, end - begin)], at, alpha=0.28, **style)
        axes.broken_barh([(end, free - end)], at, alpha=0.12, **style)


def _draw_closures(axes: Any, scenario: Scenario, line: LineAxis, time: TimeAxis) -> None:
    closures = drawn_closures(scenario, line.sections, time.from_s, time.until_s)
    spans = line.spans()
    for kind, style in ((closures.nights, NIGHT), (closures.possessions, POSSESSION)):
        for (begin, end), tracks in by_interval(kind).items():
            for top, bottom in closed_stretches(scenario, line, spans, tracks):
                bar = time.x(begin), time.x(end) - time.x(begin)
                axes.broken_barh([bar], (top, bottom - top), zorder=0.7, **style)


def _draw_trains(
    axes: Any,
    paths: Sequence[TrainPath],
    line: LineAxis,
    time: TimeAxis,
    names: TrainNames,
    inner_in: tuple[float, float],
    *,
    repeat: bool = False,
) -> None:
    places = line.places()
    drawn = [(path, polylines(path, time, line, places)) for path in paths]
    placer = LabelPlacer(Paper(inner_in[0] * 72 / time.hours, inner_in[1] * 72 / line.km[-1]))
    for path, pieces in drawn:
        placer.keep_off(path, pieces)
    labels = []
    for path, pieces in drawn:
        colour = names.colour(path)
        for piece in pieces:
            x, y = zip(*piece, strict=True)
            axes.plot(x, y, color=colour, linewidth=1.3, linestyle=(0, (4, 2)) if repeat else "-", zorder=3)
        if not repeat:
            labels += list(placer.place(path, pieces, colour, names.name(path)))
    draw_labels(axes, labels)
