"""The track-occupation chart: which train stands on which station track when, and when it is free again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from railcap.corridor.expand import station_track_closures
from railcap.corridor.infrastructure import Track
from railcap.corridor.scenario import Scenario
from railcap.drawing.closures import NIGHT, POSSESSION, Interval, drawn_closures
from railcap.drawing.colours import FIXED, request_colours
from railcap.drawing.saving import output_paths, save
from railcap.drawing.stay_labels import Stay, draw_stay_labels
from railcap.drawing.time_axis import TimeAxis, draw_other_clock, draw_time_axis, time_axis, zone_text
from railcap.errors import InputError, Issue
from railcap.measures.fit import must_fit
from railcap.measures.intervals import union
from railcap.measures.names import station_name, train_labels
from railcap.planning.timetable import Timetable

_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 2.3, 0.4, 1.05, 0.95
_ROW_IN = 0.21
_MOST_ROWS = 45
_LEAST_BAR_PT = 1.6
_AT_NIGHT, _CLOSED = "section beside it closed at night", "track closed"


@dataclass(frozen=True, slots=True)
class _Row:
    station: str
    track: Track
    place: float


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

    Each track is a row; a bar reaches from arrival to departure, its light end is the release time after which the next
    train may come. A train that passes is a thin stroke. Closed tracks are hatched; a station is shaded while
    a section beside it is closed for the night.

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
    chosen = list(stations) if stations is not None else _busiest(scenario, timetable)
    issues = [
        Issue("", "stations", one, "name the id of a station of the scenario", "unknown-station")
        for one in chosen
        if one not in scenario.network.stations
    ]
    if issues:
        raise InputError("the stations to draw cannot be used", issues)
    time = _time(scenario, timetable, from_s, until_s, time_zone or scenario.time_zone)
    rows = list(_rows(scenario, chosen))
    width = min(46.0, max(11.0, 0.26 * time.hours)) + _LEFT_IN + _RIGHT_IN
    height = max(2.0, (rows[-1].place + 1.2 if rows else 1) * _ROW_IN) + _TOP_IN + _BOTTOM_IN
    size = size_in or (width, height)
    return save(lambda: _figure(scenario, timetable, rows, time, size), paths)


def _time(
    scenario: Scenario, timetable: Timetable, from_s: int | None, until_s: int | None, time_zone: str
) -> TimeAxis:
    first = min((path.calls[0].arrival_s for path in timetable.paths), default=scenario.begin_s)
    last = max((path.calls[-1].departure_s for path in timetable.paths), default=scenario.begin_s + 86400)
    return time_axis(first if from_s is None else from_s, last if until_s is None else until_s, time_zone)


def _busiest(scenario: Scenario, timetable: Timetable) -> list[str]:
    """Return the stations where trains stop most, and yards with stops, in the order of the network."""
    stops: Counter[str] = Counter(call.station for path in timetable.paths for call in path.calls if call.stops)
    yards = [one for one in stops if "yard" in scenario.network.stations[one].kind]
    chosen: list[str] = []
    rows = 0
    for station in [*yards, *(one for one, _ in sorted(stops.items(), key=lambda item: (-item[1], item[0])))]:
        tracks = len(scenario.network.stations[station].tracks)
        if station not in chosen and (not chosen or rows + tracks <= _MOST_ROWS):
            chosen.append(station)
            rows += tracks
    order = {station: place for place, station in enumerate(scenario.network.stations)}
    return sorted(chosen, key=lambda station: order[station])


def _rows(scenario: Scenario, stations: Sequence[str]) -> Iterator[_Row]:
    place = 0.0
    for station in dict.fromkeys(stations):
        for track in scenario.network.stations[station].tracks:
            yield _Row(station, track, place)
            place += 1
        place += 0.6  # a gap between stations


def _figure(
    scenario: Scenario, timetable: Timetable, rows: list[_Row], time: TimeAxis, size_in: tuple[float, float]
) -> Any:
    from matplotlib.figure import Figure

    width, height = size_in
    inner = max(1.0, width - _LEFT_IN - _RIGHT_IN), max(0.5, height - _TOP_IN - _BOTTOM_IN)
    figure = Figure(figsize=size_in, facecolor="white")
    axes = figure.add_axes((_LEFT_IN / width, _BOTTOM_IN / height, inner[0] / width, inner[1] / height))
    draw_time_axis(axes, time, inner[0])
    draw_other_clock(axes, time, inner[0], time.time_zone)
    _draw_rows(axes, scenario, rows, inner[0])
    shades = _draw_shades(axes, scenario, rows, time)
    _draw_trains(axes, scenario, timetable, rows, time, inner[0] * 72 / time.hours)
    title = f"Track occupation: {scenario.title or scenario.name}"
    figure.text(0.25 / width, 1 - 0.16 / height, title, fontsize=15, fontweight="bold", va="top")
    text = f"Local time of {zone_text(time.from_s, time.time_zone)}"
    figure.text(0.25 / width, 1 - 0.46 / height, text, fontsize=9, va="top")
    _draw_legend(figure, scenario, timetable, {row.station for row in rows}, shades, size_in)
    return figure


def _draw_rows(axes: Any, scenario: Scenario, rows: list[_Row], width_in: float) -> None:
    bottom = rows[-1].place + 0.6 if rows else 0.5
    axes.set_ylim(bottom, -0.6)
    texts = [f"{row.track.id}  {row.track.kind.value} {row.track.length_m} m" for row in rows]
    axes.set_yticks([row.place for row in rows], texts, fontsize=6.5, color="#444444")
    axes.tick_params(axis="y", length=0)
    axes.hlines([row.place for row in rows], 0, 1, transform=axes.get_yaxis_transform(), color="#E4E4E4", linewidth=0.4)
    groups: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        groups[row.station].append(row.place)
    for station, places in groups.items():
        axes.text(
            -1.12 / width_in,
            (places[0] + places[-1]) / 2,
            _on_two_lines(station_name(scenario, station)),
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=8,
            fontweight="bold",
        )
        axes.axhline(places[-1] + 0.8, color="#999999", linewidth=0.6, zorder=0.6)


def _on_two_lines(name: str) -> str:
    if len(name) <= 16 or " " not in name:
        return name
    middle = min((place for place, letter in enumerate(name) if letter == " "), key=lambda p: abs(p - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"


def _draw_shades(axes: Any, scenario: Scenario, rows: list[_Row], time: TimeAxis) -> set[str]:
    """Shade nights and closed tracks; return the words for what there is."""
    seen_kinds = set()
    nights = _nights_beside(scenario, {row.station for row in rows}, time)
    closed = station_track_closures(scenario)
    for row in rows:
        possessions = closed.get((row.station, row.track.id), ())
        for style, words, spans in ((NIGHT, _AT_NIGHT, nights[row.station]), (POSSESSION, _CLOSED, possessions)):
            seen = [(max(one, time.from_s), min(other, time.until_s)) for one, other in spans]
            bars = [(time.x(one), time.x(other) - time.x(one)) for one, other in seen if one < other]
            axes.broken_barh(bars, (row.place - 0.5, 1.0), zorder=0.7, **style)
            if bars:
                seen_kinds.add(words)
    return seen_kinds


def _nights_beside(scenario: Scenario, stations: set[str], time: TimeAxis) -> Mapping[str, list[Interval]]:
    beside: dict[str, list[str]] = {station: [] for station in stations}
    for section in scenario.network.sections.values():
        for station in stations & {section.start, section.end}:
            beside[station].append(section.id)
    wanted = tuple(sorted({section for sections in beside.values() for section in sections}))
    nights = drawn_closures(scenario, wanted, time.from_s, time.until_s).nights
    return {
        station: union(span for (section, _), spans in nights.items() if section in sections for span in spans)
        for station, sections in beside.items()
    }


def _draw_trains(
    axes: Any, scenario: Scenario, timetable: Timetable, rows: list[_Row], time: TimeAxis, points_per_hour: float
) -> None:
    colours = request_colours(scenario)
    places = {(row.station, row.track.id): row.place for row in rows}
    bars: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)
    tails: dict[tuple[str, float], list[tuple[float, float]]] = defaultdict(list)
    stays: dict[float, list[Stay]] = defaultdict(list)
    names = train_labels(timetable)
    release = scenario.rules.track_release_s / 3600
    for path in timetable.paths:
        colour = FIXED if path.fixed else colours.get(path.request, FIXED)
        for call in path.calls:
            place = places.get((call.station, call.track))
            begin, end = time.x(call.arrival_s), time.x(call.departure_s)
            if place is None or end + release < 0 or begin > time.hours:
                continue
            width = max(end - begin, _LEAST_BAR_PT / points_per_hour)
            bars[colour, place].append((begin, width))
            if release:
                tails[colour, place].append((begin + width, release))
            full = names[path.train]
            stay = Stay(begin, end, release, full, full if path.number else full.rpartition(" ")[2], colour)
            stays[place].append(stay)
    for (colour, place), spans in tails.items():
        axes.broken_barh(spans, (place - 0.36, 0.72), facecolor=colour, alpha=0.3, linewidth=0, zorder=2)
    for (colour, place), spans in bars.items():
        axes.broken_barh(spans, (place - 0.36, 0.72), facecolor=colour, linewidth=0, zorder=3)
    for place, row in stays.items():
        draw_stay_labels(axes, row, place, time.hours, points_per_hour)


def _draw_legend(
    figure: Any,
    scenario: Scenario,
    timetable: Timetable,
    stations: set[str],
    shades: Collection[str],
    size_in: tuple[float, float],
) -> None:
    from matplotlib.patches import Patch

    here = {path.request for path in timetable.paths if any(call.station in stations for call in path.calls)}
    handles = [Patch(color=one, label=request) for request, one in request_colours(scenario).items() if request in here]
    handles.append(Patch(color="#888888", alpha=0.3, label="release time (thin strokes: trains that pass)"))
    handles += [
        Patch(label=words, **style) for words, style in ((_AT_NIGHT, NIGHT), (_CLOSED, POSSESSION)) if words in shades
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.25 / size_in[0], 0.08 / size_in[1]),
        ncols=max(1, -(-len(handles) // 2)),
        fontsize=8,
        frameon=False,
        borderaxespad=0,
        columnspacing=1.5,
    )
