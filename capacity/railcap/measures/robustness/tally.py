"""What is counted over the simulated days, in little memory whatever their number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from railcap.measures.robustness.delay_table import DelayKind, Seconds
from railcap.measures.robustness.events import EventGraph
from railcap.measures.robustness.propagation import Days
from railcap.units import MINUTE_S

LONGEST_MIN = 7 * 24 * 60
"""Longer delays are counted as this long; means are of the delays as they are."""

EASE_S = 5 * MINUTE_S
"""How much more buffer it is that is asked for the effect of."""

Counts = npt.NDArray[np.int64]


class Tally:
    """Sums over the days that were simulated so far; hears of arrivals and of what is passed on.

    Attributes
    ----------
    minutes : array of int, shape (trains, LONGEST_MIN + 1)
        Days on which a train is so many minutes late at its destination, minutes begun counted as whole ones.
    arrivals : array of int, shape (trains,)
        Days on which it arrives there; on the others it is withdrawn.
    arrival_s, alone_s : array of int, shape (trains,)
        Sum of the delays there, and of what they would be without other trains.
    primary_s : array of int, shape (trains, kinds of delays)
        Sum of the primary delays.
    withdrawals : array of int, shape (events, 2)
        Days on which its train is withdrawn before an event: as it is too late, and without another one.
    late_days, late_s, late_alone_s : array of int, shape (events,)
        Days with an arrival at a station, and sums of the delays; 0 for other events.
    passed_s, eased_s, passed_days : array of int, shape (handovers,)
        Sum of what is passed on, of the part that `EASE_S` more would keep back, and days with any of it.
    squares : float
        Sum over the days of the squared sum of all counted trains' delays at their destinations, in minutes.
    """

    def __init__(self, graph: EventGraph) -> None:
        trains = len(graph.paths)
        self._graph = graph
        self._kinds = list(DelayKind)
        self._goals = {event: train for train, event in enumerate(graph.arrivals)}
        self._counted = [not path.light_for for path in graph.paths]
        self.days = 0
        self.minutes: Counts = np.zeros((trains, LONGEST_MIN + 1), np.int64)
        self.arrivals: Counts = np.zeros(trains, np.int64)
        self.arrival_s: Counts = np.zeros(trains, np.int64)
        self.alone_s: Counts = np.zeros(trains, np.int64)
        self.primary_s: Counts = np.zeros((trains, len(self._kinds)), np.int64)
        self.withdrawals: Counts = np.zeros((len(graph.events), 2), np.int64)
        self.late_days: Counts = np.zeros(len(graph.events), np.int64)
        self.late_s: Counts = np.zeros(len(graph.events), np.int64)
        self.late_alone_s: Counts = np.zeros(len(graph.events), np.int64)
        self.passed_s: Counts = np.zeros(len(graph.handovers), np.int64)
        self.eased_s: Counts = np.zeros(len(graph.handovers), np.int64)
        self.passed_days: Counts = np.zeros(len(graph.handovers), np.int64)
        self.squares = 0.0
        self._hit: dict[int, npt.NDArray[np.bool_]] = {}
        self._daily: Counts = np.zeros(0, np.int64)

    def begin(self, primary_s: Seconds) -> None:
        """Begin with some days, given their primary delays."""
        self._daily = np.zeros(primary_s.shape[1], np.int64)
        self._hit = {}
        for row, delay in zip(primary_s, self._graph.delays, strict=True):
            self.primary_s[delay.train, self._kinds.index(delay.kind)] += row.sum()

    def end(self) -> None:
        """End these days."""
        self.days += len(self._daily)
        self.squares += float(((self._daily / MINUTE_S) ** 2).sum())
        for handover, hit in self._hit.items():
            self.passed_days[handover] += np.count_nonzero(hit)

    def arrived(self, event: int, delay_s: Seconds, alone_s: Seconds, runs: Days) -> None:
        """Count an arrival on the days on which the train runs."""
        days = int(np.count_nonzero(runs))
        if days < len(runs):
            delay_s, alone_s = delay_s * runs, alone_s * runs
        total_s, own_s = int(delay_s.sum()), int(alone_s.sum())
        self.late_days[event] += days
        self.late_s[event] += total_s
        self.late_alone_s[event] += own_s
        train = self._goals.get(event)
        if train is None:
            return
        self.arrivals[train] += days
        self.arrival_s[train] += total_s
        self.alone_s[train] += own_s
        late_min = np.minimum(-(-delay_s[runs] // MINUTE_S), LONGEST_MIN)
        self.minutes[train] += np.bincount(late_min, minlength=LONGEST_MIN + 1)
        if self._counted[train]:
            self._daily += delay_s

    def passed(self, handover: int, raised_s: Seconds) -> None:
        """Count what one event of a train is later because of another train, or of a closed time."""
        hit = raised_s > 0
        if not hit.any():
            return
        self.passed_s[handover] += int(raised_s.sum())
        self.eased_s[handover] += int(np.minimum(raised_s, EASE_S).sum())
        if handover in self._hit:
            self._hit[handover] |= hit
        else:
            self._hit[handover] = hit

    def withdrawn(self, event: int, late_days: int, without_days: int) -> None:
        """Count days on which a train is withdrawn."""
        self.withdrawals[event] += (late_days, without_days)
