"""Days of an event graph under primary delays, event by event, for comparisons."""

from __future__ import annotations

from collections import Counter

import numpy as np
from event_by_event import Key

from railcap.corridor.scenario import Scenario
from railcap.measures.robustness.delay_table import DelayTable, Seconds
from railcap.measures.robustness.event_graph import event_graph
from railcap.measures.robustness.events import Act, EventGraph
from railcap.measures.robustness.propagation import Propagation
from railcap.measures.robustness.simulate import primary_delays_s
from railcap.planning.timetable import Timetable

_WHAT = {
    Act.COME: "come",
    Act.DEPART: "depart",
    Act.BLOCK: "block",
    Act.ARRIVE: "arrive",
    Act.STEP: "step",
    Act.LEAVE: "leave",
}


class Days:
    """Some simulated days of a timetable."""

    def __init__(
        self,
        scenario: Scenario,
        timetable: Timetable,
        table: DelayTable,
        days: int = 8,
        seed: int = 0,
        withdraw_s: int | None = None,
    ) -> None:
        self.graph: EventGraph = event_graph(scenario, timetable, table)
        self.primary_s: Seconds = primary_delays_s(self.graph, seed, 0, days)
        self.late_s = Propagation(self.graph, withdraw_s).delays_s(self.primary_s)
        self.keys = _keys(self.graph)

    def delays_s(self) -> dict[Key, Seconds]:
        """How late every event is, by day."""
        return dict(zip(self.keys, self.late_s, strict=True))

    def times(self, day: int) -> dict[Key, int | None]:
        """When every event takes place on a day, None where its train is withdrawn."""
        return {
            key: event.planned_s + int(late[day]) if late[day] >= 0 else None
            for key, event, late in zip(self.keys, self.graph.events, self.late_s, strict=True)
        }

    def drawn(self, day: int) -> dict[tuple[str, ...], int]:
        """The primary delays of a day by name."""
        return {one.name: int(row[day]) for one, row in zip(self.graph.delays, self.primary_s, strict=True)}

    def places(self) -> dict[Key, int]:
        """Where every event stands in the order in which they are worked out."""
        return {key: place for place, key in enumerate(self.keys)}

    def undisturbed(self) -> int:
        """The greatest delay of any event on a day without primary delays."""
        return int(Propagation(self.graph).delays_s(np.zeros_like(self.primary_s[:, :1])).max())


def _keys(graph: EventGraph) -> list[Key]:
    seen: Counter[tuple[str, str, int]] = Counter()
    keys = []
    for event in graph.events:
        key = _WHAT[event.act], graph.paths[event.train].train, event.place
        keys.append((*key, seen[key] + (event.act is Act.BLOCK)))
        seen[key] += 1
    return keys
