"""What a planner reads first of a line's capacity: which section binds, how much each consumes, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from railcap.corridor.scenario import Scenario
from railcap.measures.names import short_id, station_name
from railcap.measures.occupation.consumption import Consumption
from railcap.measures.occupation.headways import Following, TrainClass
from railcap.measures.occupation.nodes import busiest_nodes
from railcap.measures.occupation.report import SectionCapacity, TimetableCapacity
from railcap.measures.occupation.uses import Place, PlaceKind
from railcap.measures.text_columns import MOST_PLACES, WIDTH, columns, counted, hm, more, short
from railcap.units import MINUTE_S, duration, stamp

_MOST_SECTIONS = 80
_MOST_CLASSES = 6
_BAR = 20
_NAME = 34


def capacity_text(scenario: Scenario, capacity: TimetableCapacity, names: Mapping[str, str]) -> str:
    """Return the text, of aligned columns without colours, ending in a line end.

    Parameters
    ----------
    names : mapping of str to str
        How trains are called, by id, such as `railcap.measures.names.train_labels` has them.
    """
    limiting = capacity.limiting
    if limiting is None:
        return f"{scenario.title or scenario.name}: no train runs in this time, so there is nothing to compress.\n"
    parts = [
        _head(scenario, capacity, limiting),
        _sections(scenario, capacity, limiting),
        _followings(scenario, limiting, names),
        _matrix(scenario, limiting),
        _nodes(scenario, capacity),
        _waits(scenario, capacity),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def place_text(scenario: Scenario, place: Place) -> str:
    """Return how a block, a station track, a yard resource or the arrivals at a station are called."""
    if place.kind is PlaceKind.BLOCK:
        section = scenario.network.sections[place.where]
        name = f"{station_name(scenario, section.start)} - {station_name(scenario, section.end)}"
        track = f", track {place.name}" if section.tracks > 1 else ""
        return f"{name}{track}" + (f", block {place.number}" if section.blocks > 1 else "")
    station = station_name(scenario, place.where)
    if place.kind is PlaceKind.ARRIVALS:
        return f"arrivals at {station}"
    return f"{'track ' if place.kind is PlaceKind.TRACK else ''}{place.name} of {station}"


def class_text(scenario: Scenario, one: TrainClass) -> str:
    """Return how a class of trains is called: its type, and from where to where it runs."""
    ends = f"{station_name(scenario, one.entering)} > {station_name(scenario, one.leaving)}"
    return f"{one.train_type} {ends}"


def verdict_text(one: Consumption) -> str:
    """Return whether the consumption is too much, in a few words."""
    if one.too_much:
        return "too much"
    return f"room for {one.further_trains} more" if one.further_trains else "full"


def _head(scenario: Scenario, capacity: TimetableCapacity, limiting: SectionCapacity) -> list[str]:
    one = limiting.consumption
    assert one.line_section is not None
    tracks = "double" if one.line_section.tracks > 1 else "single"
    text = [
        f"{scenario.title or scenario.name}: bound by {one.line_section.name(scenario)} "
        f"({tracks} track, {one.line_section.length_m / 1000:.1f} km){_when(scenario, one)}. "
        f"Its {counted(one.trains, 'train')}, pushed together, take {hm(one.occupied_s)} of the {hm(one.open_s)} h "
        f"in which it is open: occupied {_percent(one.occupancy_rate)}.",
        f"With the additional time of {_percent(one.additional_rate)} the capacity consumption is "
        f"{_percent(one.consumption)}: {_judged(one)} (UIC 406, recommended occupancy "
        f"{_percent(one.recommended_rate)}).",
    ]
    if one.critical_place is not None:
        text.append(f"Critical block: {place_text(scenario, one.critical_place)}.")
    whole = capacity.line.busiest_whole
    if whole is not None and len(capacity.sections) > 1:
        text.append(
            f"The whole line at once{_when(scenario, whole)}: {counted(whole.trains, 'train')} "
            f"in {hm(whole.occupied_s)} h, each held by those that it meets; "
            "the line's value is that of the section that binds."
        )
    return [line for paragraph in text for line in wrap(paragraph, WIDTH)]


def _when(scenario: Scenario, one: Consumption) -> str:
    if one.window.name:
        return f" on {one.window.name}"
    zone = scenario.time_zone
    return f" from {stamp(one.window.from_s, zone)} to {stamp(one.window.until_s, zone)}"


def _judged(one: Consumption) -> str:
    if one.too_much:
        return "too much, delays will spread from train to train"
    if not one.further_trains:
        return "full, not one more train of this mix should be added"
    return f"room for {counted(one.further_trains, 'train')} more of this mix"


def _sections(scenario: Scenario, capacity: TimetableCapacity, limiting: SectionCapacity) -> list[str]:
    shown = list(capacity.sections)
    if len(shown) > _MOST_SECTIONS:
        fullest = sorted(shown, key=lambda one: -one.consumption.consumption)[:_MOST_SECTIONS]
        shown = [one for one in shown if one in fullest]
    several = len(capacity.line.windows) > 1
    head = ("Along the line", "km", "tracks", "trains", "occupied", "of open", "rate", "consumption", "", "", "")
    rows = [_row(scenario, one, limiting, several=several) for one in shown]
    lines = columns([head, *rows], "llrrrrrrlll")
    return [*lines, *more(len(capacity.sections) - len(shown), "line sections")]


def _row(scenario: Scenario, shown: SectionCapacity, limiting: SectionCapacity, *, several: bool) -> tuple[str, ...]:
    one = shown.consumption
    assert one.line_section is not None
    day = one.window.name[5:] if several else ""
    return (
        short(one.line_section.name(scenario), _NAME),
        _posts(scenario, one.line_section.ends),
        str(one.line_section.tracks),
        str(one.trains),
        hm(one.occupied_s),
        hm(one.open_s),
        _percent(one.occupancy_rate),
        _percent(one.consumption),
        "#" * min(2 * _BAR, max(1, round(_BAR * one.consumption))),
        day,
        "binds, " * (shown is limiting) + verdict_text(one),
    )


def _posts(scenario: Scenario, ends: Sequence[str]) -> str:
    posts = [scenario.network.stations[end].km for end in ends]
    return "" if None in posts else " - ".join(f"{km:.0f}" for km in posts)


def _followings(scenario: Scenario, limiting: SectionCapacity, names: Mapping[str, str]) -> list[str]:
    tightest = sorted(limiting.followings, key=lambda one: (one.buffer_s, one.entry_s))[:MOST_PLACES]
    if not tightest:
        return []
    head = ("Least buffers where it binds", "then", "enters (local)", "headway", "least", "buffer", "critical block")
    rows = [_following(scenario, limiting, one, names) for one in tightest]
    return [
        *columns([head, *rows], "lllrrrl"),
        *more(len(limiting.followings) - len(rows), "train pairs"),
        *_evenness(scenario, limiting),
    ]


def _following(
    scenario: Scenario, limiting: SectionCapacity, one: Following, names: Mapping[str, str]
) -> tuple[str, ...]:
    assert limiting.consumption.line_section is not None
    zone = scenario.network.stations[limiting.consumption.line_section.stations[0]].time_zone
    return (
        short(names.get(one.first, short_id(one.first)), 30),
        short(names.get(one.second, short_id(one.second)), 30),
        stamp(one.entry_s, zone),
        duration(one.headway_s),
        duration(one.minimum_s),
        duration(one.buffer_s),
        short(place_text(scenario, one.place), 44) if one.place is not None else "",
    )


def _evenness(scenario: Scenario, limiting: SectionCapacity) -> list[str]:
    met = limiting.encounters
    text = (
        f"At its stations {met.meets} meet{'s'[: met.meets != 1]} and {met.passes} pass{'es'[: 2 * (met.passes != 1)]}"
    )
    for way in (way for way in limiting.regularity if way.trains > 1):
        ends = f"{station_name(scenario, way.entering)} > {station_name(scenario, way.leaving)}"
        text += f"; {ends}: {counted(way.trains, 'train')}, "
        text += f"the slowest takes {way.speed_ratio:.2f} times as long as the fastest"
        if way.heterogeneity is not None:
            text += f", SSHR {way.heterogeneity.sshr:.3f} and SAHR {way.heterogeneity.sahr:.3f} per minute"
    return wrap(f"{text}.", WIDTH)


def _matrix(scenario: Scenario, limiting: SectionCapacity) -> list[str]:
    matrix = limiting.headways
    if len(matrix.classes) > _MOST_CLASSES:
        return []
    letters = [chr(ord("A") + number) for number in range(len(matrix.classes))]
    head = ("Minimum headway in minutes: row, then column", "trains", *letters)
    rows = [
        (
            f"{letter} {class_text(scenario, one)}",
            str(one.trains),
            *(f"{seconds / MINUTE_S:.1f}" for seconds in minimum),
        )
        for letter, one, minimum in zip(letters, matrix.classes, matrix.minimum_s, strict=True)
    ]
    mean = f"Mean over all pairs of trains: {matrix.mean_s / MINUTE_S:.1f} min."
    return [*columns([head, *rows], "l" + "r" * (len(letters) + 1)), mean]


def _nodes(scenario: Scenario, capacity: TimetableCapacity) -> list[str]:
    fullest = busiest_nodes(capacity.nodes)
    if not fullest:
        return []
    head = ("Fullest nodes (times that overlap count once)", "trains", "occupied", "of", "rate", "on")
    rows = [
        (
            short(place_text(scenario, Place(use.kind, use.station, use.name)), 46),
            str(use.trains),
            hm(use.occupied_s),
            hm(use.open_s),
            _percent(use.share),
            use.window.name,
        )
        for use in fullest[:MOST_PLACES]
    ]
    return [*columns([head, *rows], "lrrrrl"), *more(len(fullest) - len(rows), "nodes")]


def _waits(scenario: Scenario, capacity: TimetableCapacity) -> list[str]:
    shown = capacity.waits[:MOST_PLACES]
    if not shown:
        return []
    head = ("What trains wait for", "hours", "trains", "longest", "most of it at")
    rows = [
        (
            short(use.what, 46),
            f"{use.seconds / 3600:.1f}",
            str(use.trains),
            hm(use.longest_s),
            short(station_name(scenario, use.place), 30),
        )
        for use in shown
    ]
    return [*columns([head, *rows], "lrrrl"), *more(len(capacity.waits) - len(shown), "causes")]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
