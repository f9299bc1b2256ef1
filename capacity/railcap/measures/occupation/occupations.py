"""What every train of a timetable holds, and for how long: blocks, station tracks, yard resources, arrivals.

A train holds a block from its entry until it leaves it; the interval of rule 8 of docs/model.md follows before the
next train may come. Route setting, sighting, approach and the clearing of a train's length, which a blocking time has
as well (Happel 1959; Hansen and Pachl, Railway Timetabling and Operations, 2014, chapter 2), are not told apart in the
model: they are in its running times and intervals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.measures.fit import must_fit
from railcap.measures.occupation.collected import BACKWARD, FORWARD, Collected
from railcap.measures.occupation.uses import (
    NONE,
    Blocking,
    Ints,
    Place,
    PlaceKind,
    Stretch,
    Uses,
    ends_of_section,
    joined_uses,
)
from railcap.planning.compile_sections import arrival_interval, crossing_interval, following_interval
from railcap.planning.timetable import Timetable

_CLEARED, _STOPPED, _PASSED = 0, 1, 2  # of arrivals at the end of a stretch: from it, or into it with or without a stop
_LEAST_GROUPS = 3


class Occupations:
    """All that the trains of a timetable hold, to be asked for parts of the line.

    Raises
    ------
    InputError
        If the timetable does not belong to the scenario.
    """

    def __init__(self, scenario: Scenario, timetable: Timetable) -> None:
        must_fit(scenario, timetable)
        self.scenario = scenario
        self.paths = timetable.paths
        self._rank = np.empty(len(self.paths), np.int64)
        self._rank[sorted(range(len(self.paths)), key=lambda one: self.paths[one].train)] = range(len(self.paths))
        self._stretches: dict[tuple[str, ...], Stretch] = {}
        self._arrivals: dict[str, Ints] = {}
        self._collected = Collected(scenario, timetable.paths)
        self._places = self._collected.places
        rows = np.array(self._collected.rows or np.empty((0, 5)), np.int64)
        uses = joined_uses([self._collected.blocks(), Uses(*rows.T)])
        self._uses = uses.some(np.lexsort((uses.train, uses.end_s, uses.begin_s, uses.place)))
        bounds = np.searchsorted(self._uses.place, np.arange(len(self._places) + 1))
        self._rows: dict[tuple[bool, str], list[Ints]] = defaultdict(list)
        for number, place in enumerate(self._places):
            rows_of_place = np.arange(bounds[number], bounds[number + 1])
            self._rows[place.kind is PlaceKind.BLOCK, place.where].append(rows_of_place)

    @cached_property
    def beside(self) -> Mapping[str, set[str]]:
        """The sections beside each station over which trains run."""
        found: dict[str, set[str]] = defaultdict(set)
        for section in self.sections:
            for station in ends_of_section(section):
                found[station].add(section.id)
        return found

    @property
    def sections(self) -> Sequence[Section]:
        """The sections over which trains run."""
        return self._collected.used_sections

    @cached_property
    def groups(self) -> int:
        """Groups of uses that a place may have."""
        return max(_LEAST_GROUPS, *(len(sections) for sections in self._collected.approaches.values()), 0)

    @cached_property
    def _apart_s(self) -> Ints:
        """The least times between uses of each place, as `Stretch.apart_s`."""
        found = np.full((len(self._places), self.groups, self.groups), NONE, np.int64)
        network, release_s = self.scenario.network, self.scenario.rules.track_release_s
        for number, place in enumerate(self._places):
            if place.kind is PlaceKind.BLOCK:
                section = network.sections[place.where]
                found[number, :2, :2] = following_interval(self.scenario, section)
                found[number, FORWARD, BACKWARD] = crossing_interval(self.scenario, section.end)
                found[number, BACKWARD, FORWARD] = crossing_interval(self.scenario, section.start)
            elif place.kind is PlaceKind.ARRIVALS:
                interval_s = arrival_interval(self.scenario, place.where)
                found[number] = np.where(np.eye(self.groups, dtype=bool), NONE, interval_s)
            else:
                found[number, 0, 0] = release_s if place.kind is PlaceKind.TRACK else 0
        return found

    def blockings(self) -> Iterator[Blocking]:
        """Yield who has each block, station track and yard resource, place by place, by time."""
        uses = self._uses
        columns = (uses.place, uses.group, uses.train, uses.begin_s, uses.end_s)
        for number, group, train, begin_s, end_s in zip(*(column.tolist() for column in columns), strict=True):
            place = self._places[number]
            if place.kind is not PlaceKind.ARRIVALS:
                release_s = int(self._apart_s[number, group, group])
                yield Blocking(place, self.paths[train].train, begin_s, end_s, release_s)

    def whole(self) -> Stretch:
        """Return everything: all sections and stations, their tracks and yard resources."""
        rows = np.arange(len(self._uses.place))
        return self._stretch(self._uses.some(rows), list(self._places), self._apart_s, self._apart_s)

    def stretch(self, sections: Collection[str]) -> Stretch:
        """Return neighbouring sections, with the stations that have no other section than these.

        Of a station at the end, its tracks belong to the node. But where reception is not simultaneous, a train that
        comes to it from elsewhere and goes on into the stretch arrives later than the one before it that has come out
        of the stretch: that is part of the time between two trains on the stretch.
        """
        key = tuple(sections)
        if key not in self._stretches:
            self._stretches[key] = self._neighbours(key)
        return self._stretches[key]

    def _neighbours(self, sections: Sequence[str]) -> Stretch:
        wanted, beside = set(sections), self.beside
        stations = dict.fromkeys(
            station for one in sections for station in ends_of_section(self.scenario.network.sections[one])
        )
        inner = [station for station in stations if len(beside[station]) > 1 and beside[station] <= wanted]
        keys = [*((True, one) for one in sections), *((False, station) for station in inner)]
        pieces = [rows for key in keys for rows in self._rows.get(key, [])]
        numbers = [int(self._uses.place[rows[0]]) for rows in pieces if len(rows)]
        pieces = [rows for rows in pieces if len(rows)]
        uses = self._uses.some(np.concatenate(pieces) if pieces else np.empty(0, np.int64))
        sizes = [len(rows) for rows in pieces]
        uses = replace(uses, place=np.repeat(np.arange(len(pieces)), sizes))
        entries = [
            entry
            for station in stations
            if station not in inner
            for one in sorted(beside[station] & wanted)
            if (entry := self._entries(station, one, len(pieces))) is not None
        ]
        apart_s = self._apart_s[np.array(numbers, np.int64)]
        extra = [self._entry_apart_s(station) for station, _ in entries]
        for number, (_, rows) in enumerate(entries):
            uses = joined_uses([uses, replace(rows, place=rows.place + number)])
        places = [self._places[number] for number in numbers]
        places += [Place(PlaceKind.ARRIVALS, station) for station, _ in entries]
        apart = np.concatenate([apart_s, *(one[None] for one, _ in extra)])
        again = np.concatenate([apart_s, *(one[None] for _, one in extra)])
        return self._stretch(uses, places, apart, again)

    def _entries(self, station: str, section: str, number: int) -> tuple[str, Uses] | None:
        """Return arrivals at an end of a stretch, from its section and into it; None if there is no such rule."""
        if arrival_interval(self.scenario, station) <= 0:
            return None
        if station not in self._arrivals:
            rows = np.array(sorted(self._collected.arrivals.get(station, ())), np.int64)
            self._arrivals[station] = rows.reshape(-1, 5).T
        time_s, train, came, onward, stops = self._arrivals[station]
        own = self._collected.section_numbers[section]
        chosen = (came == own) | (onward == own)
        if not chosen.any():
            return None
        group = np.where(came == own, _CLEARED, np.where(stops, _STOPPED, _PASSED))[chosen]
        time_s = time_s[chosen]
        return station, Uses(np.full(len(group), number), group, train[chosen], time_s, time_s)

    def _entry_apart_s(self, station: str) -> tuple[Ints, Ints]:
        """Return what keeps trains that enter a stretch at one end behind those that have come out of it there.

        In a repeat of the traffic a train that stops there first may have come long before.
        """
        apart_s = np.full((self.groups, self.groups), NONE, np.int64)
        apart_s[_CLEARED, _PASSED] = arrival_interval(self.scenario, station)
        again_s = apart_s.copy()
        apart_s[_CLEARED, _STOPPED] = apart_s[_CLEARED, _PASSED]
        return apart_s, again_s

    def _stretch(self, uses: Uses, places: Sequence[Place], apart_s: Ints, again_s: Ints) -> Stretch:
        """Return a stretch whose trains are those that have any of its places, arrivals apart."""
        having = np.array([place.kind is not PlaceKind.ARRIVALS for place in places], bool)[uses.place]
        entry_s = np.full(len(self.paths), np.iinfo(np.int64).max)
        leave_s = np.full(len(self.paths), np.iinfo(np.int64).min)
        np.minimum.at(entry_s, uses.train[having], uses.begin_s[having])
        np.maximum.at(leave_s, uses.train[having], uses.end_s[having])
        trains = np.unique(uses.train[having])
        trains = trains[np.lexsort((self._rank[trains], entry_s[trains]))]
        new = np.full(len(self.paths), NONE, np.int64)
        new[trains] = np.arange(len(trains))
        kept = uses.some(new[uses.train] >= 0)
        kept = replace(kept, train=new[kept.train])
        paths = tuple(self.paths[train] for train in trains)
        return Stretch(paths, tuple(places), kept, apart_s, again_s, entry_s[trains], leave_s[trains])
