"""What is counted over the days on which a dispatcher repairs the order, beside what the kept order has on them."""

from __future__ import annotations

from collections import Counter

import numpy as np

from railcap.measures.robustness.delay_table import Seconds
from railcap.measures.robustness.dispatching import Change, Dispatcher, DispatchingRule
from railcap.measures.robustness.events import NONE, Cause, EventGraph
from railcap.measures.robustness.tally import Tally


class RepairTally:
    """Lives through days with a dispatcher and counts the arrivals, and who was let go before whom.

    Attributes
    ----------
    rule : DispatchingRule
    tally : Tally
        Arrivals at the destinations; what does not depend on the order is that of the days with the order kept.
    changed : Counter of (Cause, station, first train, second train)
        How often an order was changed.
    """

    def __init__(self, graph: EventGraph, rule: DispatchingRule, kept: Tally) -> None:
        self._graph, self._kept = graph, kept
        self._dispatcher = Dispatcher(graph, rule)
        self.rule = rule
        self._runs = {run.marks[0]: run for run in graph.runs}
        self._ways = {one.event: one for one in graph.comings}
        self._pools = {use.take: use.pool for use in graph.uses}
        self._pool_cause = {ask.pool: graph.handovers[ask.handover].cause for one in graph.events for ask in one.asks}
        self.tally = Tally(graph)
        self.changed: Counter[tuple[Cause, str, str, str]] = Counter()

    def count(self, primary_s: Seconds) -> None:
        """Live through some days, of which the kept order has been counted."""
        self.tally.begin(primary_s)
        late_s, changes = self._dispatcher.delays_s(primary_s)
        none, runs = np.zeros(primary_s.shape[1], np.int32), np.ones(primary_s.shape[1], np.bool_)
        for event in self._graph.arrivals:
            self.tally.arrived(event, late_s[event], none, runs)
        self.tally.alone_s[:] = self._kept.alone_s
        self.tally.end()
        self.changed.update(self._key(change) for day in changes for change in day)

    def _key(self, change: Change) -> tuple[Cause, str, str, str]:
        event = self._graph.events[change.event]
        path = self._graph.paths[event.train]
        second = "" if change.before == NONE else self._graph.paths[self._graph.events[change.before].train].train
        return self._cause(change.event, change.before), path.calls[event.place].station, path.train, second

    def _cause(self, event: int, before: int) -> Cause:
        """Return what a train would have waited for."""
        one, other = self._runs.get(event), self._runs.get(before)
        if one is not None and other is not None and one.track == other.track:
            return Cause.AHEAD if one.back == other.back else Cause.OPPOSING
        if event in self._ways and before in self._ways:
            return Cause.RECEPTION
        return self._pool_cause.get(self._pools.get(event, NONE), Cause.TRACK)
