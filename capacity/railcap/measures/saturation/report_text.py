"""Saturation in words: the number first, then the bound, then the places that have least room."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from railcap.corridor.scenario import Scenario
from railcap.measures.names import section_name, station_name
from railcap.measures.saturation.mix import Mix
from railcap.measures.saturation.places import Place, most_of_classes, most_trains
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.text_columns import MOST_PLACES, columns, counted, more
from railcap.units import DAY_S, duration, stamp


def saturation_text(found: Saturation) -> str:
    """Return a saturation as text for the terminal."""
    scenario, window = found.scenario, found.window
    zone = scenario.time_zone
    lines = [
        headline(found),
        f"Window: {stamp(window.from_s, zone)} to {stamp(window.until_s, zone)} ({zone}),"
        f" {hours_text(window.length_s)}",
        *class_lines(found),
    ]
    fixed = len(scenario.fixed_paths)
    if fixed:
        lines.append(f"Beside {counted(fixed, 'fixed path')}")
    if found.reason:
        return "\n".join([*lines, f"No train can run: {found.reason}", ""])
    rows = [
        (place_name(scenario, place), str(limit), f"{place.share(found.counts):.0%}", hours_text(place.free_s))
        for place, limit in tightest(found)
    ]
    lines += ["", "Places with least room for the mix, each on its own"]
    heads = ("place", "room for", "taken at least", "free")
    lines += columns([heads, *rows[:MOST_PLACES]], "lrrr") + more(len(rows) - MOST_PLACES, "places")
    return "\n".join([*lines, ""])


def headline(found: Saturation) -> str:
    """Return the number, the bound and whether it is proven, in a sentence."""
    if found.proven:
        return f"{counted(found.trains, 'train')} fit, and no more: proven in {found.wall_s:.1f} s"
    limit = "" if found.limit is None else f" (stopped: {found.limit.value})"
    if found.timetable is None:
        return f"No train path found after {found.wall_s:.1f} s; at most {counted(found.bound, 'train')} fit{limit}"
    return (
        f"{counted(found.trains, 'train')} fit; at most {found.bound} do, not proven after {found.wall_s:.1f} s{limit}"
    )


def class_lines(found: Saturation) -> list[str]:
    """Return a line per class: how many of which trains from where to where."""
    rows = []
    for one, count in zip(found.mix.classes, found.counts, strict=True):
        request = one.request
        way = f"{station_name(found.scenario, request.origin)} - {station_name(found.scenario, request.destination)}"
        share = "" if found.freely else f"{one.weight} in a round of {found.mix.round}"
        rows.append((f"  {count}", request.train_type, way, share))
    return columns(rows, "rlll")


def hours_text(seconds: int) -> str:
    """Return a length of time in hours and minutes."""
    return "24 h" if seconds == DAY_S else f"{duration(seconds)} h"


def place_name(scenario: Scenario, place: Place) -> str:
    """Return how a place is called for people."""
    if place.kind == "yard":
        return f"{place.id} at {station_name(scenario, scenario.yard_resources[place.id].station)}"
    name = section_name(scenario, place.id)
    return f"{name} from {station_name(scenario, place.entering)}" if place.entering else name


def tightest(found: Saturation) -> list[tuple[Place, int]]:
    """Return the places of a saturation, each with how many trains it has room for on its own, the least first."""
    rooms = [(place, room_of(found.mix, place, freely=found.freely)) for place in found.places]
    rooms = [(place, room) for place, room in rooms if room < inf]
    return sorted(
        ((place, int(room)) for place, room in rooms), key=lambda each: (each[1], -each[0].share(found.counts))
    )


def room_of(mix: Mix, place: Place, *, freely: bool) -> float:
    """Return how many trains a place has room for on its own; infinite if its trains need no time there."""
    used: Sequence[int] = [one.number for one in place.passages]
    if not any(one.use_s for one in place.passages):
        return inf
    if not freely:
        return most_trains(mix, [place])
    alone = most_of_classes(mix, [place])
    return max(alone[number] for number in used)
