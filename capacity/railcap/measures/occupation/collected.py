"""What stands in train paths, as rows: runs over sections, stays on station tracks, steps in yards, arrivals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.measures.occupation.uses import Ints, Place, PlaceKind, Uses
from railcap.planning.compile_sections import arrival_interval, split
from railcap.planning.timetable import TrainPath

FORWARD, BACKWARD = 0, 1
"""Groups of the uses of blocks: by the direction of the section."""


class Collected:
    """What stands in the paths, as rows: runs over sections, stays on station tracks, steps, arrivals."""

    def __init__(self, scenario: Scenario, paths: Sequence[TrainPath]) -> None:
        self._scenario = scenario
        self.places: list[Place] = []
        self._profiles: list[Ints] = []
        self._profile_numbers: dict[tuple[str, str, str, bool], int] = {}
        self._first_block: dict[tuple[str, str], int] = {}
        self._runs: list[tuple[int, int, int, int, int]] = []
        self.rows: list[tuple[int, int, int, int, int]] = []
        """Place, group, train, begin and end of uses at stations."""
        self.arrivals: dict[str, list[tuple[int, int, int, int, bool]]] = defaultdict(list)
        """By station: time, train, single-track section from which it comes, section of its departure, stops."""
        self.section_numbers = {section: number for number, section in enumerate(scenario.network.sections)}
        """How `arrivals` call the sections; -1: the train goes no further."""
        stays: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
        steps: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
        sections = scenario.network.sections
        for train, path in enumerate(paths):
            for number, (leg, (here, there)) in enumerate(zip(path.legs, pairwise(path.calls), strict=True)):
                profile = self._profile(leg.section, here.station, path.train_type, here.stops)
                block = self._block(leg.section, leg.track)
                self._runs.append((block, profile, train, here.departure_s, there.arrival_s))
                if sections[leg.section].tracks == 1:
                    onward = self.section_numbers[path.legs[number + 1].section] if number + 1 < len(path.legs) else -1
                    came = self.section_numbers[leg.section]
                    self.arrivals[there.station].append((there.arrival_s, train, came, onward, there.stops))
            for call in path.calls:
                if call.steps:
                    for stay in call.stays:
                        stays[call.station, stay.track].append((train, stay.from_s, stay.until_s))
                    for step in call.steps:
                        if step.resource:
                            steps[call.station, step.resource].append((train, step.begin_s, step.end_s))
                else:
                    stays[call.station, call.track].append((train, call.arrival_s, call.departure_s))
        self.used_sections = [sections[one] for one in dict.fromkeys(section for section, _ in self._first_block)]
        for (station, track), held in stays.items():
            place = self._place(Place(PlaceKind.TRACK, station, track))
            self.rows += [(place, 0, *one) for one in held]
        for (station, resource), held in steps.items():
            self._share_out(station, resource, held)
        self.approaches = {
            station: sorted({came for _, _, came, _, _ in arrivals}) for station, arrivals in self.arrivals.items()
        }
        for station, arrivals in self.arrivals.items():
            if arrival_interval(scenario, station) > 0 and len(self.approaches[station]) > 1:
                place = self._place(Place(PlaceKind.ARRIVALS, station))
                groups = {section: group for group, section in enumerate(self.approaches[station])}
                self.rows += [(place, groups[came], train, time_s, time_s) for time_s, train, came, _, _ in arrivals]

    def blocks(self) -> Uses:
        """Return the uses of blocks."""
        if not self._runs:
            return Uses(*np.empty((5, 0), np.int64))
        first, profile, train, departure_s, arrival_s = np.array(self._runs, np.int64).T
        counts = np.array([len(marks) for marks in self._profiles])
        begins = np.concatenate(self._profiles)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        directions = np.array([backward for *_, backward in self._directions()], np.int64)
        run = np.repeat(np.arange(len(first)), counts[profile])
        step = np.arange(len(run)) - np.repeat(np.cumsum(counts[profile]) - counts[profile], counts[profile])
        mark = offsets[profile[run]] + step
        begin_s = departure_s[run] + begins[mark]
        last = step == counts[profile[run]] - 1
        end_s = np.where(last, arrival_s[run], departure_s[run] + begins[np.minimum(mark + 1, len(begins) - 1)])
        backward = directions[profile[run]]
        block = np.where(backward == BACKWARD, counts[profile[run]] - 1 - step, step)
        return Uses(first[run] + block, backward, train[run], begin_s, end_s)

    def _directions(self) -> Iterator[tuple[str, int]]:
        for section, entering, _, _ in self._profile_numbers:
            yield section, FORWARD if self._scenario.network.sections[section].start == entering else BACKWARD

    def _profile(self, section_id: str, entering: str, train_type: str, stops: bool) -> int:
        """Return the number of a way to run over a section: when each block is entered after the departure (rule 7)."""
        key = section_id, entering, train_type, stops
        number = self._profile_numbers.get(key)
        if number is None:
            running_s = running_time_s(self._scenario, section_id, entering, train_type)
            blocks = self._scenario.network.sections[section_id].blocks
            shares = split(running_s, blocks, self._scenario.rules.time_step_s)
            start_s = self._scenario.train_types[train_type].start_supplement_s if stops else 0
            marks = np.cumsum([0, *shares[:-1]])
            marks[1:] += start_s
            number = self._profile_numbers[key] = len(self._profiles)
            self._profiles.append(marks)
        return number

    def _block(self, section_id: str, track: str) -> int:
        """Return the number of the first block of a section track."""
        first = self._first_block.get((section_id, track))
        if first is None:
            first = self._first_block[section_id, track] = len(self.places)
            blocks = self._scenario.network.sections[section_id].blocks
            self.places += [Place(PlaceKind.BLOCK, section_id, track, number + 1) for number in range(blocks)]
        return first

    def _place(self, place: Place) -> int:
        self.places.append(place)
        return len(self.places) - 1

    def _share_out(self, station: str, resource: str, held: Iterable[tuple[int, int, int]]) -> None:
        """Give each step one of the trains' places at a yard resource: the first that is free, else the next to be."""
        capacity = self._scenario.yard_resources[resource].capacity
        places: list[int] = []
        free_from: list[int] = []
        for train, begin_s, end_s in sorted(held, key=lambda one: (one[1], one[2], one[0])):
            free = next((number for number, since_s in enumerate(free_from) if since_s <= begin_s), None)
            if free is None and len(places) < capacity:
                free = len(places)
                places.append(self._place(Place(PlaceKind.RESOURCE, station, resource, free + 1)))
                free_from.append(end_s)
            elif free is None:
                free = free_from.index(min(free_from))
            free_from[free] = end_s
            self.rows.append((places[free], 0, train, begin_s, end_s))
