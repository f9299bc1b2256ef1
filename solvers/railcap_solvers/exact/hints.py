"""What a schedule says about anything that has a variable in the exact model."""

from __future__ import annotations

from itertools import pairwise

from railcap.operations.schedule import Schedule
from railcap_solvers.exact.prepare import Prepared


class HintValues:
    """What a schedule says about anything that has a variable."""

    def __init__(self, prepared: Prepared, schedule: Schedule) -> None:
        self.routes = schedule.routes(prepared.problem)
        self.starts = [dict(route or ()) for route in self.routes]
        self.place = {(event.train, event.operation): place for place, event in enumerate(schedule.events)}
        self.following: list[dict[int, int]] = []
        self.times: dict[tuple[int, int], int] = {}
        for train, route in enumerate(self.routes):
            operations = [operation for operation, _ in route or ()]
            self.following.append(dict(pairwise(operations)))
            graph = prepared.graphs[train]
            if graph is None or any(operation not in graph.steps for operation in operations):
                continue
            for operation, start in route or ():
                steps = prepared.grid.steps(start)
                self.times[train, graph.start_event[operation]] = steps
            if not graph.merged:
                for operation, after in self.following[train].items():
                    end = prepared.grid.steps(self.starts[train][after])
                    self.times[train, graph.end_event[operation]] = end


def first_place(prepared: Prepared, values: HintValues, number: int) -> int | None:
    """Return where in a schedule's list of events a stay begins, None if it is not made."""
    stay = prepared.occupations[number]
    places = [values.place[stay.train, index] for index in stay.operations if index in values.starts[stay.train]]
    return min(places) if places else None
