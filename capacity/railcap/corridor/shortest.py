"""The physically shortest journey of a train, which its cost is measured against (rule 13 of docs/model.md)."""

from __future__ import annotations

from itertools import pairwise

from railcap.corridor.routing import can_pass, route
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import standing_time_s
from railcap.corridor.traffic import TrainRequest


def shortest_journey_s(scenario: Scenario, train_request: TrainRequest) -> int:
    """Return the shortest time from departure to arrival in seconds, without other trains, closures or windows.

    Running times of its route, the supplements for its start and end and for each stop that is asked for or that it
    must make because it cannot pass (no main track of its gauge), and the dwells and processes on the way.

    Raises
    ------
    NoRoute
        If it has no route.
    """
    way = route(scenario, train_request.train_type, train_request.origin, train_request.vias, train_request.destination)
    train_type = scenario.train_types[train_request.train_type]
    total = train_type.start_supplement_s + train_type.stop_supplement_s
    for section, (here, _) in zip(way.sections, pairwise(way.stations), strict=True):
        total += running_time_s(scenario, section, here, train_type.id)
    for station in way.stations[1:-1]:
        stop = train_request.stops.get(station, train_request.stops.get("*"))
        if stop is not None or not can_pass(scenario.network.stations[station], train_type):
            standing = standing_time_s(scenario, stop, train_type)
            total += train_type.stop_supplement_s + standing + train_type.start_supplement_s
    return total
