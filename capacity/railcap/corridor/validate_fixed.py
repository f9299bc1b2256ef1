"""Fixed paths that cannot all run, since two of them meet on one track: told by pairs, before a solver finds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.infrastructure import Section
from railcap.corridor.routing import Route
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import FixedPath
from railcap.corridor.validate_fault import Fault
from railcap.units import stamp


@dataclass(frozen=True, slots=True)
class _Hold:
    """A train on a section track or station track; `place` is the call at the end of it."""

    begin_s: int
    end_s: int
    train: str
    entering: str
    leaving: str
    place: int


def fixed_path_collisions(scenario: Scenario, paths: Sequence[tuple[FixedPath, Route]]) -> list[Fault]:
    """Return an error for each pair of fixed paths that no choice of tracks keeps apart (rules 5 and 8)."""
    found: dict[frozenset[str], Fault] = {}
    for one, other, where in (*_on_sections(scenario, paths), *_at_stations(scenario, paths)):
        pair = frozenset((one.train, other.train))
        if pair in found:
            continue
        zone = scenario.network.stations[other.entering].time_zone
        message = (
            f"the fixed paths {one.train} and {other.train} collide {where}: {one.train} is there from "
            f"{stamp(one.begin_s, zone)} to {stamp(one.end_s, zone)}, {other.train} comes at "
            f"{stamp(other.begin_s, zone)}; change one of them"
        )
        key = other.train, str(other.place)
        found[pair] = Fault("fixed_paths", key, "arrival", "", message, "fixed-paths-collide")
    return list(found.values())


def _on_sections(scenario: Scenario, paths: Sequence[tuple[FixedPath, Route]]) -> Iterator[tuple[_Hold, _Hold, str]]:
    holds: dict[tuple[str, str], list[_Hold]] = defaultdict(list)
    for path, way in paths:
        for place, section in enumerate(way.sections):
            here, there = path.calls[place], path.calls[place + 1]
            tracks = scenario.network.sections[section].tracks_from(here.station)
            if len(tracks) == 1:  # with a choice of tracks a solver must look
                hold = _Hold(here.departure_s, there.arrival_s, path.id, here.station, there.station, place + 1)
                holds[section, tracks[0]].append(hold)
    for (section, track), on_track in sorted(holds.items()):
        one = scenario.network.sections[section]
        where = f"on section {section}" + (f" (track {track})" if one.tracks > 1 else "")
        for first, second in _pairs(on_track, _longest_interval_s(scenario)):
            if _clash(scenario, one, first, second):
                yield first, second, where


def _clash(scenario: Scenario, section: Section, first: _Hold, second: _Hold) -> bool:
    """Return whether two runs on one track break rule 8, whatever is in their blocks."""
    rules = scenario.rules
    if first.entering != second.entering:
        own = scenario.network.stations[first.leaving].crossing_interval_s
        return second.begin_s < first.end_s + (rules.crossing_interval_s if own is None else own)
    if section.blocks > 1:
        return second.begin_s == first.begin_s or second.end_s < first.end_s
    own = section.following_interval_s
    return second.begin_s < first.end_s + (rules.following_interval_s if own is None else own)


def _longest_interval_s(scenario: Scenario) -> int:
    network, rules = scenario.network, scenario.rules
    own = [station.crossing_interval_s for station in network.stations.values()]
    own += [section.following_interval_s for section in network.sections.values()]
    return max(rules.crossing_interval_s, rules.following_interval_s, *(one or 0 for one in own))


def _at_stations(scenario: Scenario, paths: Sequence[tuple[FixedPath, Route]]) -> Iterator[tuple[_Hold, _Hold, str]]:
    holds: Mapping[tuple[str, str], list[_Hold]] = defaultdict(list)
    for path, _ in paths:
        for place, call in enumerate(path.calls):
            tracks = [track.id for track in scenario.network.stations[call.station].tracks]
            track = call.track or (tracks[0] if len(tracks) == 1 else "")
            if track:
                hold = _Hold(call.arrival_s, call.departure_s, path.id, call.station, call.station, place)
                holds[call.station, track].append(hold)
    release_s = scenario.rules.track_release_s
    for (station, track), on_track in sorted(holds.items()):
        for first, second in _pairs(on_track, release_s):
            yield first, second, f"on track {track} of {station}"


def _pairs(holds: Sequence[_Hold], interval_s: int) -> Iterator[tuple[_Hold, _Hold]]:
    """Yield pairs of different trains of which the second comes before the first is gone for so long."""
    present: list[_Hold] = []
    for hold in sorted(holds, key=lambda one: (one.begin_s, one.end_s, one.train)):
        present = [other for other in present if hold.begin_s < other.end_s + interval_s]
        yield from ((other, hold) for other in present if other.train != hold.train)
        present.append(hold)
