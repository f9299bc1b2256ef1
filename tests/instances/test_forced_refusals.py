"""The refusals that the planning instances are built for are forced: proven by a relaxation of Quetta - Chaman.

The relaxation is written from docs/model.md alone, without compile or any backend: running times, supplements, asked
stops, one train at a time on a section with the intervals behind it, closures, windows and longest journeys. Station
tracks and reception are left out, and of the line beyond Quetta only how soon and how late a train can be there; so no
plan can admit more trains than it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

import pytest

from railcap.corridor.expand import section_closures, train_requests
from railcap.corridor.routing import Route, route
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainRequest
from railcap.formats.scenario_folder import load_scenario
from railcap.units import local
from railcap_instances.catalogue import folder

QUETTA, CHAMAN = "pk_quetta", "pk_chaman"
SLOT_S, FINE_SLOT_S = 1800, 300

Closed = Mapping[tuple[str, str], Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class _Alone:
    """A train alone on the line: least time over each section, dwell at the station before it, and its closures."""

    scenario: Scenario
    train: TrainRequest
    closed: Closed

    @cached_property
    def way(self) -> Route:
        return route(self.scenario, self.train.train_type, self.train.origin, self.train.vias, self.train.destination)

    def dwells(self) -> list[int | None]:
        """Return the dwell at each station, None where it need not stop."""
        stops = self.train.stops
        asked = [stops.get(station, stops.get("*")) for station in self.way.stations]
        dwells = [stop.dwell_s if stop else None for stop in asked]
        return [0, *dwells[1:-1], 0]

    @cached_property
    def legs(self) -> list[tuple[int, int, Sequence[tuple[int, int]]]]:
        train_type, dwells = self.scenario.train_types[self.train.train_type], self.dwells()
        found = []
        for index, (section, here) in enumerate(zip(self.way.sections, self.way.stations, strict=False)):
            took = running_time_s(self.scenario, section, here, train_type.id)
            took += train_type.start_supplement_s if dwells[index] is not None else 0
            took += train_type.stop_supplement_s if dwells[index + 1] is not None else 0
            track = self.scenario.network.sections[section].tracks_from(here)[0]
            found.append((took, dwells[index] or 0, self.closed.get((section, track), ())))
        return found

    def soonest(self, departure_s: int) -> list[int]:
        """Return the earliest arrival at each station."""
        times = [departure_s]
        for took, dwell, closed in self.legs:
            leave = times[-1] + dwell
            for begin, end in closed:
                if leave < end and leave + took > begin:
                    leave = end
            times.append(leave + took)
        return times

    def latest(self, arrival_s: int) -> list[int]:
        """Return the latest departure from each station."""
        times = [arrival_s]
        dwell_after = 0
        for took, dwell, closed in reversed(self.legs):
            arrive = times[-1] - dwell_after
            for begin, end in reversed(closed):
                if arrive - took < end and arrive > begin:
                    arrive = begin
            times.append(arrive - took)
            dwell_after = dwell
        return times[::-1]


class _Relaxation:
    def __init__(self, scenario: Scenario) -> None:
        from ortools.sat.python import cp_model

        self.scenario = scenario
        self.closed: Closed = section_closures(scenario)
        self.model: Any = cp_model.CpModel()
        wanted = [train for train in train_requests(scenario) if CHAMAN in (train.origin, train.destination)]
        self.trains = [_Train(self, train) for train in wanted]
        for one, other in combinations(self.trains, 2):
            self._apart(one, other)

    def _apart(self, one: _Train, other: _Train) -> None:
        rules = self.scenario.rules
        for section, (enters, leaves, start) in one.runs.items():
            if section not in other.runs:
                continue
            enters_2, leaves_2, start_2 = other.runs[section]
            gap_s = rules.following_interval_s if start == start_2 else rules.crossing_interval_s
            first = self.model.NewBoolVar("")
            both = [one.runs_at_all, other.runs_at_all]
            self.model.Add(enters_2 >= leaves + gap_s).OnlyEnforceIf([first, *both])
            self.model.Add(enters >= leaves_2 + gap_s).OnlyEnforceIf([first.Not(), *both])

    def most_trains(self) -> tuple[int, int]:
        """Return how many trains the relaxation admits, and a proven bound."""
        from ortools.sat.python import cp_model

        self.model.Maximize(sum(train.runs_at_all for train in self.trains))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        solver.parameters.max_time_in_seconds = 120
        solver.Solve(self.model)
        return round(solver.ObjectiveValue()), round(solver.BestObjectiveBound())


class _Train:
    """A train of the relaxation between Quetta and Chaman; `runs` by section: enters, leaves, from which station."""

    def __init__(self, relaxation: _Relaxation, train: TrainRequest) -> None:
        self.alone = _Alone(relaxation.scenario, train, relaxation.closed)
        scenario, model = relaxation.scenario, relaxation.model
        way, dwells = self.alone.way, self.alone.dwells()
        ends = sorted((way.stations.index(QUETTA), way.stations.index(CHAMAN)))
        first, last = ends
        self.runs_at_all = model.NewBoolVar(train.id)
        if train.mandatory:
            model.Add(self.runs_at_all == 1)
        train_type = scenario.train_types[train.train_type]
        self.runs: dict[str, tuple[Any, Any, str]] = {}
        before: Any = None
        stops = [model.NewBoolVar("") for _ in way.stations]
        for index in range(first, last):
            section, station = way.sections[index], way.stations[index]
            enters = model.NewIntVarFromDomain(self._open(relaxation, index), "")
            leaves = model.NewIntVarFromDomain(self._open(relaxation, index), "")
            took = running_time_s(scenario, section, station, train.train_type)
            here, there = stops[index], stops[index + 1]
            supplements = train_type.start_supplement_s * here + train_type.stop_supplement_s * there
            model.Add(leaves == enters + took + supplements)
            if before is not None:
                model.Add(enters >= before + (dwells[index] or 0))
                model.Add(enters == before).OnlyEnforceIf(here.Not())
            if dwells[index] is not None:
                model.Add(here == 1)
            if dwells[index + 1] is not None:
                model.Add(there == 1)
            self.runs[section] = (enters, leaves, station)
            before = leaves
        self._windows(relaxation, first, last)

    def _open(self, relaxation: _Relaxation, index: int) -> Any:
        """Return the times at which a train can enter or leave a section; no run is longer than a closure."""
        from ortools.sat.python import cp_model

        took, _, closed = self.alone.legs[index]
        scenario = relaxation.scenario
        assert all(end - begin > took + 600 for begin, end in closed)
        marks = [scenario.begin_s, *(moment for interval in closed for moment in interval), scenario.end_s]
        pairs = [pair for pair in zip(marks[::2], marks[1::2], strict=True) if pair[0] <= pair[1]]
        return cp_model.Domain.FromIntervals([list(pair) for pair in pairs])

    def _slots(self) -> Iterator[tuple[int, int]]:
        train = self.alone.train
        for begin in range(train.earliest_departure_s, train.latest_departure_s + 1, SLOT_S):
            yield begin, min(begin + SLOT_S, train.latest_departure_s)

    def _windows(self, relaxation: _Relaxation, first: int, last: int) -> None:
        model, train, runs = relaxation.model, self.alone.train, list(self.runs.values())
        enters, leaves = runs[0][0], runs[-1][1]
        chosen = []
        for begin, end in self._slots():
            slot = model.NewBoolVar("")
            chosen.append(slot)
            arrive_s = relaxation.scenario.end_s
            if train.longest_journey_s is not None:
                arrive_s = min(arrive_s, end + train.longest_journey_s)
            soonest, latest = self.alone.soonest(begin), self.alone.latest(arrive_s)
            dwells = self.alone.dwells()
            model.Add(enters >= soonest[first] + (dwells[first] or 0)).OnlyEnforceIf(slot)
            if first == 0:
                model.Add(enters <= end).OnlyEnforceIf(slot)
            model.Add(leaves <= latest[last] - (dwells[last] or 0)).OnlyEnforceIf(slot)
        model.Add(sum(chosen) == self.runs_at_all)


@pytest.mark.parametrize("name", ["quetta-chaman-day", "quetta-chaman-day-14"])
def test_the_longest_section_has_no_room_for_a_seventh_container_train(name: str) -> None:
    # By counting: from the first moment at which a train can be there to the last, minutes for each train and gap.
    scenario = load_scenario(folder(name))
    closed = section_closures(scenario)
    soonest, latest, running = [], [], {}
    for train in train_requests(scenario):
        alone = _Alone(scenario, train, closed)
        index = alone.way.sections.index("pk_yaru-gulistan")
        soonest.append(alone.soonest(train.earliest_departure_s)[index])
        latest.append(alone.latest(scenario.end_s)[index + 1])
        running[train.mandatory] = alone.legs[index][0]
    room = max(latest) - min(soonest)
    gap_s = scenario.rules.crossing_interval_s

    def needed(containers: int) -> int:
        return containers * running[False] + 2 * running[True] + (containers + 1) * gap_s

    assert needed(6) <= room < needed(7)


def _passages(alone: _Alone, index: int) -> dict[str, tuple[int, int]]:
    """Return for each day on which a train can be on a section how early it enters and how late it leaves.

    Windows and the longest journey count by slots of departures: a day may be told too wide, but not too narrow.
    """
    scenario, train = alone.scenario, alone.train
    took, dwell, closed = alone.legs[index]
    found: dict[str, tuple[int, int]] = {}
    for begin in range(train.earliest_departure_s, train.latest_departure_s + 1, FINE_SLOT_S):
        end = min(begin + FINE_SLOT_S, train.latest_departure_s)
        until = scenario.end_s if train.longest_journey_s is None else end + train.longest_journey_s
        first = alone.soonest(begin)[index] + dwell
        last = alone.latest(until)[index + 1] - (alone.dwells()[index + 1] or 0)
        for (_, opens), (shuts, _) in pairwise(closed):
            enters, leaves = max(first, opens), min(last, shuts)
            if enters + took <= leaves:
                day = local(opens, "Asia/Karachi").date().isoformat()
                before = found.get(day, (enters, leaves))
                found[day] = min(before[0], enters), max(before[1], leaves)
    return found


def test_the_cautious_week_asks_for_more_container_trains_a_day_than_the_longest_section_has_room_for() -> None:
    scenario = load_scenario(folder("karachi-uzen-week-cautious"))
    closed = section_closures(scenario)
    fixed_days: dict[str, list[tuple[int, int]]] = defaultdict(list)
    running = set()
    for train in train_requests(scenario):
        if train.request in ("CONT_EXPORT_UP", "CONT_EXPORT_DN"):
            alone = _Alone(scenario, train, closed)
            index = alone.way.sections.index("pk_yaru-gulistan")
            running.add(alone.legs[index][0])
            days = _passages(alone, index)
            assert days, "every train can run alone"
            if len(days) == 1:
                ((day, passage),) = days.items()
                fixed_days[day].append(passage)
    (took,) = running
    gap_s = min(scenario.rules.crossing_interval_s, scenario.rules.following_interval_s)
    # From Thursday to Sunday the trains of three days come together there: two and two from Karachi, four from Chaman.
    refused = 0
    for day, passages in fixed_days.items():
        room = max(leaves for _, leaves in passages) - min(enters for enters, _ in passages)
        most = (room + gap_s) // (took + gap_s)
        refused += max(0, len(passages) - most)
        if "2026-03-05" <= day <= "2026-03-08":
            assert (len(passages), most) == (8, 7)
    assert refused == 4


@pytest.mark.parametrize(
    ("name", "asked", "most"),
    [
        ("quetta-chaman-day", 10, 8),
        pytest.param("karachi-chaman-3days", 30, 28, marks=pytest.mark.long),
    ],
)
def test_refusals_are_forced(name: str, asked: int, most: int) -> None:
    relaxation = _Relaxation(load_scenario(folder(name)))
    assert len(relaxation.trains) == asked
    assert relaxation.most_trains() == (most, most)
