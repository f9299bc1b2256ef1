"""What the next train path would need: neighbours of a saturated scenario, each with one thing relaxed, solved anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.measures.intervals import Interval, at_least, length
from railcap.measures.names import section_name, station_name
from railcap.measures.saturation.candidates import is_kept_busy
from railcap.measures.saturation.report_text import place_name, tightest
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.text_columns import counted
from railcap.planning.timetable import Timetable
from railcap.solving.stop import Stop
from railcap.units import DAY_S, HOUR_S, round_up


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One thing of a scenario made easier.

    Parameters
    ----------
    kind : str
        ``"running_time"`` (of a section, halved), ``"track"`` (one more at a station), ``"capacity"`` (of a yard
        resource, one more) or ``"hours"`` (of a yard resource: each opening an hour longer).
    id : str
        Of the section, station or yard resource.
    text : str
        What it is, for people.
    scenario : Scenario
        The scenario with it.
    """

    kind: str
    id: str
    text: str
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a relaxation brings.

    Parameters
    ----------
    trains, bound : int
        Trains found with it, at most one more than without it, and a proven bound on their number; a bound above what
        was looked for says no more than that.
    admits : bool or None
        Whether one more path fits: True if one was found, False if it is proven that none does, None if neither.
    """

    relaxation: Relaxation
    trains: int
    bound: int
    admits: bool | None
    wall_s: float


Solve = Callable[[Scenario, int], Saturation]
"""Saturates a scenario for so many trains and no more: `saturate` with the mix and the window of the base."""


def relaxations(found: Saturation, most: int) -> list[Relaxation]:
    """Return the relaxations that are most likely to admit one more path, at most so many.

    Places with least room for the mix come first, and in turn with them stations of which all tracks are in use for
    longest.
    """
    places = [relaxation for place, _ in tightest(found) for relaxation in _of_place(found, place.kind, place.id)]
    loops = [] if found.timetable is None else list(_loops(found.scenario, found.timetable))
    chosen: dict[tuple[str, str], Relaxation] = {}
    for pair in zip_longest(places, loops):
        for one in pair:
            if one is not None:
                chosen.setdefault((one.kind, one.id), one)
    return list(chosen.values())[:most]


def neighbours(found: Saturation, most: int, solve: Solve, stop: Stop | None = None) -> Iterator[Neighbour]:
    """Yield what relaxations bring, one by one, until they are done or a stop is requested.

    Parameters
    ----------
    found : Saturation
        The base.
    most : int
        So many relaxations at most.
    solve : callable
        See `Solve`.
    """
    wanted = found.trains + 1
    for relaxation in relaxations(found, most):
        if stop is not None and stop.requested:
            return
        with_it = solve(relaxation.scenario, wanted)
        admits = True if with_it.trains >= wanted else False if with_it.bound < wanted else None
        yield Neighbour(relaxation, max(found.trains, with_it.trains), with_it.bound, admits, with_it.wall_s)


_ADMITS = {
    True: "admits another path",
    False: "does not admit another path (proven)",
    None: "not known to admit another path",
}


def binding_text(found: Saturation, seen: Sequence[Neighbour]) -> str:
    """Return what the next path would need, as text for the terminal."""
    if not seen:
        return ""
    rows = [f"  {what}: {admits}, {took}" for what, admits, took in neighbour_cells(seen)]
    return "\n".join(["", needs_text(found, seen), *rows, ""])


def needs_text(found: Saturation, seen: Sequence[Neighbour]) -> str:
    """Return what admits another path, in a sentence."""
    needs = [one.relaxation.text for one in seen if one.admits]
    if not needs:
        return f"Of {counted(len(seen), 'change')} looked at, none is known to admit another path"
    head = f"The next path needs {' or '.join(needs)}"
    return head if found.proven else f"{head} (without it one may fit as well: the number is not proven)"


def neighbour_cells(seen: Sequence[Neighbour]) -> list[tuple[str, str, str]]:
    """Return a row for each relaxation: what it is, whether it admits another path, how long it was looked at."""
    return [(one.relaxation.text, _ADMITS[one.admits], f"{one.wall_s:.1f} s") for one in seen]


def _of_place(found: Saturation, kind: str, name: str) -> Iterator[Relaxation]:
    scenario = found.scenario
    if kind == "section":
        text = f"half the running time of {section_name(scenario, name)}"
        yield Relaxation("running_time", name, text, _quicker(found, name))
        return
    known = scenario.yard_resources[name]
    where = next(place_name(scenario, place) for place in found.places if place.id == name)
    if not is_kept_busy(scenario, name):
        more = {**scenario.yard_resources, name: replace(known, capacity=known.capacity + 1)}
        text = f"{known.capacity + 1} in place of {known.capacity} of {where}"
        yield Relaxation("capacity", name, text, replace(scenario, yard_resources=more))
    if any(hours.resource == name for hours in scenario.opening_hours):
        longer = tuple(
            replace(hours, until_of_day_s=_hour_later(hours.from_of_day_s, hours.until_of_day_s))
            if hours.resource == name
            else hours
            for hours in scenario.opening_hours
        )
        if longer != scenario.opening_hours:
            yield Relaxation("hours", name, f"one hour more of {where}", replace(scenario, opening_hours=longer))


def _hour_later(from_of_day_s: int, until_of_day_s: int) -> int:
    """Return an end an hour later, of a whole day at most unless it is longer already."""
    if until_of_day_s < from_of_day_s:
        until_of_day_s += DAY_S
    return max(until_of_day_s, min(until_of_day_s + HOUR_S, from_of_day_s + DAY_S))


def _quicker(found: Saturation, name: str) -> Scenario:
    scenario = found.scenario
    network, step_s = scenario.network, scenario.rules.time_step_s
    types = {one.request.train_type for one in found.mix.classes}
    times = dict(network.running_times_s)
    for place in found.places:
        if place.kind == "section" and place.id == name:
            for entering in {one.entering for one in place.passages}:
                for kind in types:
                    times[name, entering, kind] = round_up(running_time_s(scenario, name, entering, kind) / 2, step_s)
    return replace(scenario, network=replace(network, running_times_s=times))


def _loops(scenario: Scenario, timetable: Timetable) -> Iterator[Relaxation]:
    stays: dict[str, list[Interval]] = defaultdict(list)
    for path in timetable.paths:
        for call in path.calls:
            for stay in call.stays:
                stays[call.station].append((stay.from_s, stay.until_s + scenario.rules.track_release_s))
    stations = scenario.network.stations
    full = {name: length(at_least(own, len(stations[name].tracks))) for name, own in stays.items()}
    for name in sorted((name for name in full if full[name]), key=lambda name: -full[name]):
        station = stations[name]
        longest = max(station.tracks, key=lambda track: track.length_m)
        taken = {track.id for track in station.tracks}
        number = next(str(one) for one in range(1, len(taken) + 2) if str(one) not in taken)
        more = replace(station, tracks=(*station.tracks, replace(longest, id=number)))
        network = replace(scenario.network, stations={**stations, name: more})
        text = f"one more track at {station_name(scenario, name)}"
        yield Relaxation("track", name, text, replace(scenario, network=network))
