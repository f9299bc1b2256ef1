"""Line sections by UIC 406: between points where the number of tracks, the trains or their order change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from railcap.corridor.expand import section_closures
from railcap.corridor.infrastructure import Section, Station
from railcap.corridor.scenario import Scenario
from railcap.measures.intervals import clipped, union
from railcap.measures.meets import meetings
from railcap.measures.names import station_name
from railcap.measures.occupation.uses import ends_of_section
from railcap.planning.timetable import Timetable


@dataclass(frozen=True, slots=True)
class LineSection:
    """Neighbouring sections that all the same trains run over: section ``sections[i]`` joins two neighbours.

    `tracks` is 1 or 2, `length_m` that of all sections.
    """

    stations: tuple[str, ...]
    sections: tuple[str, ...]
    tracks: int
    length_m: int

    @property
    def ends(self) -> tuple[str, str]:
        """Its first and last station."""
        return self.stations[0], self.stations[-1]

    def name(self, scenario: Scenario) -> str:
        """Return what it is called."""
        return " - ".join(station_name(scenario, station) for station in self.ends)


def line_sections(
    scenario: Scenario, timetable: Timetable, sections: Collection[str] | None = None
) -> tuple[LineSection, ...]:
    """Return the line sections over which trains run, in the order of the network.

    A line section ends where trains begin, end or turn off, where single track meets double track, on single track at
    every station where two trains can meet, and on double track where one train passes another in this timetable or
    stands while a section beside it is closed.

    Parameters
    ----------
    sections : collection of str, optional
        Only these sections; the line sections are the same, but for those that reach beyond.
    """
    trains: dict[str, set[str]] = defaultdict(set)
    for path in timetable.paths:
        for leg in path.legs:
            trains[leg.section].add(path.train)
    used = [one for one in scenario.network.sections.values() if one.id in trains]
    beside: dict[str, list[Section]] = defaultdict(list)
    for section in used:
        for station in ends_of_section(section):
            beside[station].append(section)
    parting = {one.station for one in meetings(timetable) if one.same_direction}
    parting |= _stood_closed(scenario, timetable, beside)
    joined = {
        station
        for station, around in beside.items()
        if len(around) == 2
        and trains[around[0].id] == trains[around[1].id]
        and _goes_on(scenario.network.stations[station], *around, parting=station in parting)
    }
    wanted = [section for section in used if sections is None or section.id in sections]
    return tuple(_chains(wanted, beside, joined))


def _stood_closed(scenario: Scenario, timetable: Timetable, beside: Mapping[str, Collection[Section]]) -> set[str]:
    """Return the stations where a train stands on its way while a section beside it is closed, in part or in whole."""
    closures = section_closures(scenario)
    closed = {
        station: union(
            one for section in around for track in section.track_ids() for one in closures.get((section.id, track), ())
        )
        for station, around in beside.items()
    }
    return {
        call.station
        for path in timetable.paths
        for call in path.calls[1:-1]
        if closed[call.station] and clipped(closed[call.station], call.arrival_s, call.departure_s)
    }


def _goes_on(station: Station, one: Section, other: Section, *, parting: bool) -> bool:
    """Return whether the order of trains cannot change at a station between two sections."""
    if one.tracks != other.tracks:
        return False
    if one.tracks > 1:
        return not parting
    gauges = one.gauges_mm & other.gauges_mm
    return all(sum(gauge in track.gauges_mm for track in station.tracks) < 2 for gauge in gauges)


def _chains(
    wanted: list[Section], beside: Mapping[str, list[Section]], joined: Collection[str]
) -> Iterator[LineSection]:
    left = {section.id: section for section in wanted}
    while left:
        first = left.pop(next(iter(left)))
        stations, chain = [first.start, first.end], [first]
        for at_end in (True, False):
            while (here := stations[-1 if at_end else 0]) in joined:
                onward = next((one for one in beside[here] if one.id in left), None)
                if onward is None:
                    break
                del left[onward.id]
                place = len(chain) if at_end else 0
                chain.insert(place, onward)
                stations.insert(len(stations) if at_end else 0, onward.other(here))
        length_m = sum(section.length_m for section in chain)
        yield LineSection(tuple(stations), tuple(section.id for section in chain), first.tracks, length_m)
