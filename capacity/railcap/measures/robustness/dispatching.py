"""Days on which a dispatcher repairs the order: a train that waits for its turn alone goes first where that pays.

The rule is that of docs/robustness.md, "A dispatcher". It looks ahead as a rolling horizon does (D'Ariano, Pranzo and
Hansen, Conflict resolution and train speed coordination for solving real-time timetable perturbations, IEEE
Transactions on Intelligent Transportation Systems 8, 2007), changes the order of one train at a time, and takes a new
order only together with a list of all events by which every train comes through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from railcap.errors import InternalError
from railcap.measures.robustness.delay_table import Seconds
from railcap.measures.robustness.dispatch_arrays import PLANNED, Ints, graph_arrays
from railcap.measures.robustness.events import EventGraph
from railcap.units import MINUTE_S


@dataclass(frozen=True, slots=True)
class DispatchingRule:
    """When a train that waits for its turn alone is let go first.

    Parameters
    ----------
    least_gain_s : int
        Only where all trains together are expected to be late by so much less, and it to wait for so long.
    ahead_s : int
        How far the forecasts look.
    again_s : int
        After so long a train that was not let go first is looked at again.
    stations : int
        It goes first to one of so many next places at which it may stand, or as far as the forecasts look.
    """

    least_gain_s: int
    ahead_s: int = 60 * MINUTE_S
    again_s: int = 5 * MINUTE_S
    stations: int = 2


@dataclass(frozen=True, slots=True)
class Change:
    """A change of order: the moment in UTC seconds, the event that was put first, and that which it goes before."""

    time_s: int
    event: int
    before: int


_MOST_CHANGES = 10_000
"""On one day; from then on the order is kept."""


class Dispatcher:
    """Lives through days of one event graph by a rule."""

    def __init__(self, graph: EventGraph, rule: DispatchingRule) -> None:
        from railcap.measures.robustness.dispatch_orders import Day, Standing

        self._graph = graph
        self._rule = rule.least_gain_s, rule.ahead_s, rule.again_s, rule.stations
        self._base_s = min(event.planned_s for event in graph.events)
        self._arrays, lines, places = graph_arrays(graph)
        events, trains, room = len(graph.events), len(graph.paths), int(self._arrays.pools[-1])

        def table(*shape: int) -> Ints:
            return np.zeros(shape, np.int64)

        self._standings = [
            Standing(table(lines), table(lines), table(len(graph.pools)), table(room), table(events)) for _ in range(3)
        ]
        self._day = Day(
            time_s=table(events),
            own_s=table(events),
            version=table(events),
            done=table(events),
            listed=table(2, events + 1),
            chains=table(2, events),
            queues=table(len(self._arrays.takes)),
            latest=table(places),
            forecast_s=table(2, events),
            stamp=table(2, events),
            near=table(events),
            turned=table(events),
            keys=table(events),
            held_s=table(events),
            moved=table(3, events),
            track_stamp=table(places),
            trains=table(4, trains),
        )
        self._changes = table(_MOST_CHANGES, 3)

    def day(self, primary_s: Ints) -> tuple[Ints, list[Change]]:
        """Live through one day.

        Parameters
        ----------
        primary_s : array of int, shape (primary delays,)

        Returns
        -------
        array of int, shape (events,)
            Seconds after the planned time.
        list of Change
        """
        from railcap.measures.robustness.dispatch_kernel import dispatch_day

        for standing in self._standings:
            standing.clear()
        self._day.clear(self._arrays.trains[:, 0])
        count = dispatch_day(self._arrays, primary_s, self._rule, *self._standings, self._day, self._changes)
        if count < 0:
            raise InternalError("a repaired order cannot be carried out")
        found = self._changes[:count].tolist()
        changes = [Change(self._base_s + time_s, event, before) for time_s, event, before in found]
        return self._day.time_s - self._arrays.events[:, PLANNED], changes

    def delays_s(self, primary_s: Seconds) -> tuple[Seconds, list[list[Change]]]:
        """Return how late every event is on some days, and the changes of order of each day.

        Parameters
        ----------
        primary_s : array of int, shape (primary delays, days)

        Returns
        -------
        array of int, shape (events, days)
        list of list of Change
        """
        late = np.empty((len(self._graph.events), primary_s.shape[1]), np.int32)
        changes = []
        by_day: npt.NDArray[np.int64] = np.ascontiguousarray(primary_s.T, np.int64)
        for number, drawn in enumerate(by_day):
            found, changed = self.day(drawn)
            late[:, number] = found
            changes.append(changed)
        return late, changes
