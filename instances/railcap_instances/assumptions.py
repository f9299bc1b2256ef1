"""What the Karachi - Uzen instances assume: a favourable, a typical and an unfavourable value, and scenarios with them.

The values stand in ``library/karachi-uzen/ranges.csv``; the instances have the typical ones.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from railcap.corridor.infrastructure import Section
from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainType
from railcap.corridor.yards import OpeningHours, YardProcess, YardResource
from railcap.formats.table_cells import time_of_day, weekdays
from railcap.units import DAY_S, HOUR_S, MINUTE_S
from railcap_instances.catalogue import folder

LEVELS = ("favourable", "typical", "unfavourable")

_GATE_OPENS_S = 8 * HOUR_S
_LOCOMOTIVE_STOPS_S = (40 * MINUTE_S, 45 * MINUTE_S)
"""Dwells of freight trains on the way that are changes of the locomotive."""


@cache
def assumed_values(level: str) -> Mapping[str, str]:
    """Return the assumed values of a level by parameter, as they stand in ``ranges.csv``.

    Raises
    ------
    ValueError
        If there is no such level; the message names those that exist.
    """
    if level not in LEVELS:
        raise ValueError(f"{level!r} is none of the levels {', '.join(LEVELS)}")
    with (folder("karachi-uzen") / "ranges.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["parameter"]: row[level] for row in csv.DictReader(file)})


def assume(scenario: Scenario, level: str) -> Scenario:
    """Return a scenario on the Karachi - Uzen network with the assumed values of a level.

    What such an instance says otherwise (speeds, distances, tracks, demand) stays. At the level ``typical`` a shipped
    instance is the same, unless it is made of other values itself.

    Raises
    ------
    ValueError
        As `assumed_values`.
    """
    return _Level(assumed_values(level)).applied(scenario)


@dataclass(frozen=True, slots=True)
class _Level:
    values: Mapping[str, str]

    def applied(self, scenario: Scenario) -> Scenario:
        network = scenario.network
        sections = {key: self._section(one) for key, one in network.sections.items()}
        return replace(
            scenario,
            network=replace(network, sections=sections),
            train_types={key: self._train_type(one) for key, one in scenario.train_types.items()},
            requests=tuple(self._request(scenario, one) for one in scenario.requests),
            closures=tuple(self._closure(one) for one in scenario.closures),
            daylight=tuple(
                replace(
                    one,
                    from_of_day_s=time_of_day(self.values["daylight_from"]),
                    until_of_day_s=time_of_day(self.values["daylight_until"]),
                )
                for one in scenario.daylight
            ),
            rules=replace(
                scenario.rules,
                non_simultaneous_arrival_s=self._seconds("non_simultaneous_arrival"),
                crossing_interval_s=self._seconds("crossing_interval"),
                following_interval_s=self._seconds("following_interval"),
            ),
            yard_resources={key: self._yard_resource(one) for key, one in scenario.yard_resources.items()},
            opening_hours=tuple(self._opening_hours(one) for one in scenario.opening_hours),
            processes={key: self._process(one) for key, one in scenario.processes.items()},
        )

    def _seconds(self, parameter: str) -> int:
        return round(float(self.values[f"{parameter}_min"]) * MINUTE_S)

    def _section(self, section: Section) -> Section:
        if section.tracks == 2 and section.blocks > 1:
            return replace(section, blocks=int(self.values["double_track_blocks"]))
        return section

    def _train_type(self, train_type: TrainType) -> TrainType:
        if not train_type.wagons:  # a light engine
            return train_type
        return replace(
            train_type,
            start_supplement_s=self._seconds(f"start_supplement_{train_type.category}"),
            stop_supplement_s=self._seconds(f"stop_supplement_{train_type.category}"),
        )

    def _request(self, scenario: Scenario, request: PathRequest) -> PathRequest:
        if scenario.train_types[request.train_type].category != "freight":
            return request
        return replace(request, stops={key: self._stop(stop) for key, stop in request.stops.items()})

    def _stop(self, stop: Stop) -> Stop:
        change_s = self._seconds("locomotive_change")
        if stop.dwell_s in _LOCOMOTIVE_STOPS_S and change_s not in _LOCOMOTIVE_STOPS_S:
            return replace(stop, dwell_s=change_s)
        return stop

    def _closure(self, closure: Closure) -> Closure:
        return replace(closure, from_of_day_s=self._gate_closes_s()) if closure.id == "gate" else closure

    def _opening_hours(self, hours: OpeningHours) -> OpeningHours:
        if hours.resource != "chaman_customs":
            return hours
        return replace(hours, until_of_day_s=self._gate_closes_s(), weekdays=weekdays(self.values["gate_days"]))

    def _gate_closes_s(self) -> int:
        return (_GATE_OPENS_S + int(self.values["gate_h"]) * HOUR_S) % DAY_S

    def _yard_resource(self, resource: YardResource) -> YardResource:
        capacities = {"chaman_customs": "chaman_teams", "spin_boldak_pairs": "spin_boldak_pairs"}
        if resource.id not in capacities:
            return resource
        return replace(resource, capacity=int(self.values[capacities[resource.id]]))

    def _process(self, process: YardProcess) -> YardProcess:
        durations_s = {
            "customs": self._seconds("customs"),
            "locomotive": self._seconds("locomotive_change"),
            "reloading": self._seconds("reloading"),
        }
        steps = (replace(step, duration_s=durations_s.get(step.name, step.duration_s)) for step in process.steps)
        return replace(process, steps=tuple(steps))
