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

CLASS_HEAD = ("trains", "train type", "way", "in a round")
PLACE_HEAD = ("place", "room for", "taken at least", "free")


def saturation_text(found: Saturation) -> str:
    """Return a saturation as text for the terminal."""
    lines = [headline(found), window_text(found), *_class_lines(found)]
    fixed = len(found.scenario.fixed_paths)
    if fixed:
        lines.append(f"Beside {counted(fixed, 'fixed path')}")
    if found.reason:
        return "\n".join([*lines, f"No train can run: {found.reason}", ""])
    rows = place_cells(found)
    lines += ["", "Places with least room for the mix, each on its own"]
    lines += columns([PLACE_HEAD, *rows[:MOST_PLACES]], "lrrr") + more(len(rows) - MOST_PLACES, "places")
    return "\n".join([*lines, ""])


def headline(found: Saturation) -> str:
    """Return the number, the bound and whether it is proven, in a sentence."""
    took = f"{found.wall_s:.1f} s"
    if found.proven and not found.trains:
        return f"No train fits: proven in {took}"
    if found.proven:
        return f"{_fit(found.trains)}, and no more: proven in {took}"
    limit = "" if found.limit is None else f" (stopped: {found.limit.value})"
    if found.timetable is None:
        return f"No train path found after {took}; at most {_fit(found.bound)}{limit}"
    return f"{_fit(found.trains)}; at most {found.bound} do, not proven after {took}{limit}"


def _fit(trains: int) -> str:
    return f"{counted(trains, 'train')} {'fits' if trains == 1 else 'fit'}"


def window_text(found: Saturation) -> str:
    """Return the window, in the scenario's zone."""
    window, zone = found.window, found.scenario.time_zone
    span = f"{stamp(window.from_s, zone)} to {stamp(window.until_s, zone)} ({zone})"
    return f"Window: {span}, {hours_text(window.length_s)}"


def class_cells(found: Saturation) -> list[tuple[str, ...]]:
    """Return a row for each class of the mix, below `CLASS_HEAD`: how many of which trains from where to where."""
    rows: list[tuple[str, ...]] = []
    for one, count in zip(found.mix.classes, found.counts, strict=True):
        request = one.request
        way = f"{station_name(found.scenario, request.origin)} - {station_name(found.scenario, request.destination)}"
        share = "" if found.freely else f"{one.weight} in a round of {found.mix.round}"
        rows.append((str(count), request.train_type, way, share))
    return rows


def _class_lines(found: Saturation) -> list[str]:
    return columns([(f"  {count}", *cells) for count, *cells in class_cells(found)], "rlll")


def place_cells(found: Saturation) -> list[tuple[str, ...]]:
    """Return a row for each of `tightest`, below `PLACE_HEAD`."""
    return [
        (place_name(found.scenario, place), str(room), _share(found, place), hours_text(place.free_s))
        for place, room in tightest(found)
    ]


def why_lines(found: Saturation) -> list[str]:
    """Return why no more trains fit, or what is known of it: the places that are full, and where the bound is from."""
    if found.reason:
        return [f"No train can run: {found.reason.rstrip('.')}."]
    rooms = dict(tightest(found))
    full = full_places(found)
    lines = [
        f"{place_name(found.scenario, place)} is full: it {_room_text(found, place, rooms[place])}." for place in full
    ]
    if rooms and not full:
        place, room = next(iter(rooms.items()))
        name = place_name(found.scenario, place)
        lines.append(f"No place is full on its own. {name}, where least room is, {_room_text(found, place, room)}.")
    if found.bound < found.place_bound:
        lines.append(
            f"The places, each on its own, allow {found.place_bound}; the solver has proven that paths, tracks and"
            f" steps fit together for {found.bound} at most."
        )
    elif not found.proven:
        lines.append(
            f"The bound, {found.bound}, is what the places allow, each on its own; how paths, tracks and steps fit"
            " together may allow less, which is not known."
        )
    return lines


def full_places(found: Saturation, trains: int | None = None) -> list[Place]:
    """Return the places that have room for no more than the trains found, or than `trains`; that with least room first.

    If the classes are chosen freely, those that have no room for one more of any class that comes there.
    """
    most = found.trains if trains is None else trains
    if not found.freely:
        return [place for place, room in tightest(found) if room <= most]
    return [
        place
        for place, _ in tightest(found)
        if not any(place.has_room(_one_more(found.counts, one.number)) for one in place.passages)
    ]


def _one_more(counts: Sequence[int], number: int) -> list[int]:
    return [count + (place == number) for place, count in enumerate(counts)]


def _room_text(found: Saturation, place: Place, room: int) -> str:
    if not place.free_s:
        return "is never free to the mix in the window"
    text = f"has room for {counted(room, 'train')} of {'one class' if found.freely else 'the mix'} on its own"
    if not found.trains:
        return text
    return f"{text}, and those found take at least {_share(found, place)} of its free time, {hours_text(place.free_s)}"


def _share(found: Saturation, place: Place) -> str:
    return f"{place.share(found.counts):.0%}"


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
