"""A yard's capacity curve: how many trains fit against its tracks, its staff or cranes, or its hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from railcap.corridor.infrastructure import TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import InputError, Issue
from railcap.measures.names import station_name
from railcap.measures.saturation.candidates import is_kept_busy
from railcap.measures.saturation.report_text import full_places, place_name
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.text_columns import columns
from railcap.solving.stop import Stop
from railcap.units import DAY_S, HOUR_S

_MOST_POINTS = 24
_FORM = re.compile(r"(?P<name>[^=]+?)(?P<what>\.hours|\.tracks)?=(?P<first>\d+)\.\.(?P<last>\d+)")


@dataclass(frozen=True, slots=True)
class Variation:
    """What is varied of a yard.

    Parameters
    ----------
    what : str
        ``"capacity"`` or ``"hours"`` of a yard resource, or ``"tracks"`` of a station.
    id : str
        Of the yard resource or station.
    values : range
        How many there are, or how many hours each opening has from its begin.
    """

    what: str
    id: str
    values: range

    def scenario(self, scenario: Scenario, value: int) -> Scenario:
        """Return a scenario with a value of it."""
        if self.what == "capacity":
            resource = replace(scenario.yard_resources[self.id], capacity=value)
            return replace(scenario, yard_resources={**scenario.yard_resources, self.id: resource})
        if self.what == "hours":
            hours = tuple(
                replace(one, until_of_day_s=one.from_of_day_s + value * HOUR_S) if one.resource == self.id else one
                for one in scenario.opening_hours
            )
            return replace(scenario, opening_hours=hours)
        station = scenario.network.stations[self.id]
        tracks = station.tracks[:value]
        extra = max(station.tracks, key=lambda track: track.length_m)
        taken = {track.id for track in station.tracks}
        free = (str(number) for number in range(1, len(taken) + value + 1) if str(number) not in taken)
        more = tuple(
            replace(extra, id=number, kind=TrackKind.YARD)
            for number, _ in zip(free, range(value - len(tracks)), strict=False)
        )
        stations = {**scenario.network.stations, self.id: replace(station, tracks=tracks + more)}
        return replace(scenario, network=replace(scenario.network, stations=stations))

    def axis(self, scenario: Scenario) -> str:
        """Return what the values are, for people."""
        if self.what == "tracks":
            return f"tracks at {station_name(scenario, self.id)}"
        where = station_name(scenario, scenario.yard_resources[self.id].station)
        return f"{'hours of ' if self.what == 'hours' else ''}{self.id} at {where}"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How many trains fit at one value.

    Parameters
    ----------
    trains, bound : int
        Found, and proven to be the most that can.
    kind : str
        Where the bottleneck is: ``"yard"`` or ``"section"`` if such a place has room for no more than that many;
        ``""`` if it is no single place but how paths, tracks and steps fit together.
    bottleneck : str
        Its name.
    """

    value: int
    trains: int
    bound: int
    kind: str
    bottleneck: str
    wall_s: float

    @property
    def proven(self) -> bool:
        """Whether no more trains fit."""
        return self.trains >= self.bound


def read_variation(scenario: Scenario, text: str) -> Variation:
    """Read ``RESOURCE=1..4``, ``RESOURCE.hours=6..12`` or ``STATION.tracks=1..4``.

    Raises
    ------
    InputError
        With what is wrong with it first.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        message = "give RESOURCE=1..4, RESOURCE.hours=6..12 or STATION.tracks=1..4"
        raise _fault(text, message, "bad-variation")
    what = (form["what"] or ".capacity")[1:]
    known = scenario.network.stations if what == "tracks" else scenario.yard_resources
    name, first, last = form["name"].strip(), int(form["first"]), int(form["last"])
    if name not in known:
        kind = "station" if what == "tracks" else "yard resource"
        raise _fault(text, f"no {kind} has the id {name}{did_you_mean(name, known)}", "unknown-place")
    if what == "capacity" and is_kept_busy(scenario, name):
        raise _fault(text, f"paths beside the mix use {name}, and how many of it they leave is not known", "shared")
    if what == "hours" and not any(one.resource == name for one in scenario.opening_hours):
        raise _fault(text, f"{name} is always open: it has no opening hours to vary", "no-hours")
    if not 1 <= first <= last or last - first >= _MOST_POINTS or (what == "hours" and last * HOUR_S > DAY_S):
        limit = ", of a day at most" if what == "hours" else ""
        raise _fault(text, f"give at most {_MOST_POINTS} values from 1 on, the lesser first{limit}", "out-of-range")
    if what == "tracks" and first < (kept := _kept_tracks(scenario, name)):
        raise _fault(text, f"fixed paths stand on the first {kept} tracks of {name}: begin with {kept}", "out-of-range")
    return Variation(what, name, range(first, last + 1))


def _kept_tracks(scenario: Scenario, station: str) -> int:
    """Return how many tracks, from the first on, a station keeps at least for the tracks that fixed paths name."""
    named = {call.track for path in scenario.fixed_paths for call in path.calls if call.station == station}
    tracks = scenario.network.stations[station].tracks
    return max((place for place, track in enumerate(tracks, 1) if track.id in named), default=0)


def _fault(text: str, message: str, code: str) -> InputError:
    return InputError("the curve cannot be made", [Issue("", "--vary", text, message, code)])


def yard_curve(
    scenario: Scenario, variation: Variation, solve: Callable[[Scenario], Saturation], stop: Stop | None = None
) -> Iterator[CurvePoint]:
    """Yield how many trains fit, value by value, until they are done or a stop is requested.

    More of a yard never takes a train away: a number that was found holds for all greater values.

    Parameters
    ----------
    solve : callable
        Saturates a scenario: `saturate` with a mix and a window.

    Raises
    ------
    InputError
        If some classes of the mix can never run with a value, though others can: begin with a greater one.
    """
    most = 0
    for value in variation.values:
        if stop is not None and stop.requested:
            return
        found = solve(variation.scenario(scenario, value))
        most = max(most, found.trains)
        kind, name = _bottleneck(found, most)
        yield CurvePoint(value, most, found.bound, kind, name, found.wall_s)


def _bottleneck(found: Saturation, trains: int) -> tuple[str, str]:
    full = full_places(found, trains)
    return (full[0].kind, place_name(found.scenario, full[0])) if full else ("", "")


def curve_text(scenario: Scenario, variation: Variation, points: Sequence[CurvePoint]) -> str:
    """Return a curve as text for the terminal."""
    rows = [("", "trains", "at most", "bottleneck")]
    rows += [
        (str(one.value), str(one.trains), str(one.bound) if not one.proven else "proven", bottleneck_text(one))
        for one in points
    ]
    lines = [f"Trains against {variation.axis(scenario)}", *(columns(rows, "rrrl") if points else [])]
    return "\n".join(["", *lines, *curve_notes(variation, points), ""])


def curve_notes(variation: Variation, points: Sequence[CurvePoint]) -> list[str]:
    """Return whether the curve is a part of what was asked for, and from which value on the yard binds no more."""
    lines = []
    if len(points) < len(variation.values):
        lines.append(f"Stopped after {len(points)} of {len(variation.values)} values")
    moves = [later for one, later in pairwise(points) if one.kind == "yard" != later.kind and later.proven]
    if moves:
        place = f": {moves[0].bottleneck}" if moves[0].bottleneck else ""
        lines.append(f"From {moves[0].value} on the yard is no more the bottleneck{place}")
    return lines


def bottleneck_text(point: CurvePoint) -> str:
    """Return where the bottleneck of a point is, in words."""
    if not point.kind:
        return "no single place: how paths, tracks and steps fit together" if point.proven else "not known"
    return f"{'yard' if point.kind == 'yard' else 'line'}: {point.bottleneck}"
