"""The track-occupation chart: which train stands on which station track when, and when it is free again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from railcap.corridor.scenario import Scenario
from railcap.drawing.rows import (
    BOTTOM_IN,
    LEFT_IN,
    RIGHT_IN,
    TOP_IN,
    Bars,
    Row,
    draw_heads,
    draw_row_legend,
    draw_rows,
    draw_track_shades,
    release_handle,
    track_text,
)
from railcap.drawing.saving import output_paths, save
from railcap.drawing.stay_labels import StayLabel, stay_label, stay_texts
from railcap.drawing.texts import write_texts
from railcap.drawing.time_axis import TimeAxis, clocks_text, draw_other_clock, draw_time_axis, time_axis, timetable_span
from railcap.drawing.train_names import TrainNames
from railcap.errors import InputError, Issue
from railcap.measures.fit import must_fit
from railcap.measures.holds import yard_stations
from railcap.measures.names import station_name
from railcap.planning.timetable import Timetable

_ROW_IN = 0.21
_MOST_ROWS = 45


def draw_track_occupation(
    scenario: Scenario,
    timetable: Timetable,
    path: str | Path | Sequence[str | Path],
    *,
    stations: Sequence[str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
    time_zone: str | None = None,
    size_in: tuple[float, float] | None = None,
) -> list[Path]:
    """Draw the tracks of some stations over time.

    Each track is a row; a bar reaches from when a train comes onto it until it leaves it, its light end is the release
    time after which the next train may come. A train that passes is a thin stroke. Closed tracks are hatched; a station
    is shaded while a section beside it is closed for the night.

    Parameters
    ----------
    path : str, Path or several
        File to write, by its suffix SVG, PDF or PNG; one path without such a suffix: all three.
    stations : sequence of str, optional
        Ids of the stations to draw, from top to bottom; by default those where the most trains stop, and yards.
    from_s, until_s : int, optional
        Time to draw in UTC seconds; by default from the first departure to the last arrival.
    time_zone : str, optional
        Zone of the clock; by default the scenario's.
    size_in : tuple of float, optional
        Width and height in inches; by default after the number of hours and tracks.

    Raises
    ------
    InputError
        If a station is unknown, the time is none, or the timetable does not belong to the scenario.
    OutputError
        If a file cannot be written.
    """
    paths = output_paths(path)
    must_fit(scenario, timetable)
    chosen = (
        list(stations) if stations is not None else busiest_stations(scenario, timetable, scenario.network.stations)
    )
    issues = [
        Issue("", "stations", one, "name the id of a station of the scenario", "unknown-station")
        for one in chosen
        if one not in scenario.network.stations
    ]
    if issues:
        raise InputError("the stations to draw cannot be used", issues)
    first, last = timetable_span(scenario, timetable)
    time = time_axis(
        first if from_s is None else from_s, last if until_s is None else until_s, time_zone or scenario.time_zone
    )
    rows = _rows(scenario, chosen)
    width = min(46.0, max(11.0, 0.26 * time.hours)) + LEFT_IN + RIGHT_IN
    height = max(2.0, (max((row.place for row in rows.values()), default=-0.2) + 1.2) * _ROW_IN) + TOP_IN + BOTTOM_IN
    size = size_in or (width, height)
    return save(lambda: _figure(scenario, timetable, rows, time, size), paths)


def busiest_stations(scenario: Scenario, timetable: Timetable, among: Collection[str]) -> list[str]:
    """Return the stations of some where trains stop most, and yards with stops, in the order of the network."""
    stops: Counter[str] = Counter(
        call.station for path in timetable.paths for call in path.calls if call.stops and call.station in among
    )
    worked = yard_stations(scenario)
    yards = [one for one in stops if one in worked or "yard" in scenario.network.stations[one].kind]
    chosen: list[str] = []
    rows = 0
    for station in [*yards, *(one for one, _ in sorted(stops.items(), key=lambda item: (-item[1], item[0])))]:
        tracks = len(scenario.network.stations[station].tracks)
        if station not in chosen and (not chosen or rows + tracks <= _MOST_ROWS):
            chosen.append(station)
            rows += tracks
    order = {station: place for place, station in enumerate(scenario.network.stations)}
    return sorted(chosen, key=lambda station: order[station])


def _rows(scenario: Scenario, stations: Sequence[str]) -> Mapping[tuple[str, str], Row]:
    """Return a row for each track, by (station, track); there is a gap between stations."""
    found = {}
    place = 0.0
    for station in dict.fromkeys(stations):
        for track in scenario.network.stations[station].tracks:
            found[station, track.id] = Row(station_name(scenario, station), track_text(track), place)
            place += 1
        place += 0.6
    return found


def _figure(
    scenario: Scenario,
    timetable: Timetable,
    rows: Mapping[tuple[str, str], Row],
    time: TimeAxis,
    size_in: tuple[float, float],
) -> Any:
    from matplotlib.figure import Figure

    width, height = size_in
    inner = max(1.0, width - LEFT_IN - RIGHT_IN), max(0.5, height - TOP_IN - BOTTOM_IN)
    figure = Figure(figsize=size_in, facecolor="white")
    axes = figure.add_axes((LEFT_IN / width, BOTTOM_IN / height, inner[0] / width, inner[1] / height))
    draw_time_axis(axes, time, inner[0])
    draw_other_clock(axes, time, inner[0], time.time_zone)
    draw_rows(axes, list(rows.values()), inner[0])
    places = {key: row.place for key, row in rows.items()}
    shades = draw_track_shades(axes, scenario, places, time)
    _draw_trains(axes, scenario, timetable, places, time, inner[0] * 72 / time.hours)
    title = f"Track occupation: {scenario.title or scenario.name}"
    draw_heads(figure, title, clocks_text(time, time.time_zone), size_in)
    stations = {station for station, _ in rows}
    draw_row_legend(figure, scenario, timetable, stations, [release_handle(), *shades], size_in)
    return figure


def _draw_trains(
    axes: Any,
    scenario: Scenario,
    timetable: Timetable,
    places: Mapping[tuple[str, str], float],
    time: TimeAxis,
    points_per_hour: float,
) -> None:
    bars = Bars(time, points_per_hour)
    labels: dict[float, list[StayLabel]] = defaultdict(list)
    names = TrainNames(scenario, timetable)
    release_s = scenario.rules.track_release_s
    for path in timetable.paths:
        for call in path.calls:
            for stay in call.stays:
                place = places.get((call.station, stay.track))
                colour = names.colour(path)
                if place is not None and bars.add(place, stay.from_s, stay.until_s, colour, release_s):
                    labels[place].append(stay_label(names, path, time, stay.from_s, stay.until_s, release_s))
    bars.draw(axes)
    texts = (stay_texts(row, place, time.hours, points_per_hour) for place, row in labels.items())
    write_texts(axes, list(chain.from_iterable(texts)), zorder=4, clip=True)
