"""Delays through the event graph: the longest path to every event on many days at once, with the order kept.

With the order fixed, the delay of an event is the greatest of what its own train brings along and of what the events
that it waits for bring, each less the slack in between, and 0 (max-plus linear; Heidergott, Olsder and van der Woude,
Max Plus at Work, 2006, chapter 9; Goverde, A delay propagation algorithm for large-scale railway traffic networks,
Transportation Research C 18, 2010). Closed times and pools put it off further; they never make it earlier for
being late, so that more delay never gives less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from railcap.measures.robustness.delay_table import Seconds
from railcap.measures.robustness.events import NONE, Act, EventGraph, Interval

Days = npt.NDArray[np.bool_]
_Raised = tuple[int, Seconds]

_NEVER = 2**30
"""Seconds beyond every delay, and small enough to be added to one."""

_AT_STATIONS = (Act.COME, Act.DEPART, Act.STEP)
"""Where a train may be withdrawn: before it does any of these."""


class Listener(Protocol):
    """Hears what happens while delays are propagated; the arrays are overwritten afterwards."""

    def arrived(self, event: int, delay_s: Seconds, alone_s: Seconds, runs: Days) -> None:
        """A train arrives at a station: its delay by day, what it would be without other trains, on which days."""

    def passed(self, handover: int, raised_s: Seconds) -> None:
        """An event is later by day than its train by itself would have been, because of another train or an opening."""

    def withdrawn(self, event: int, late_days: int, without_days: int) -> None:
        """A train is withdrawn before an event: on so many days as it is too late, or without one that it needs."""


@dataclass(frozen=True, slots=True)
class _Shut:
    """Closed times counted from when an event is planned; the last ones never come."""

    begins_s: Seconds
    ends_s: Seconds
    length_s: int
    delay: int
    handover: int

    def lasting(self, primary_s: Seconds) -> Seconds | int:
        """Return how long what must not meet them lasts, by day if that differs."""
        return self.length_s + primary_s[self.delay] if self.delay != NONE else self.length_s


@dataclass(frozen=True, slots=True)
class _Work:
    """An event as numbers: all times count from the first planned event, delays from when an event is planned."""

    planned_s: int
    train: int
    before: int
    slack_s: int
    delay: int
    waits: tuple[tuple[int, int, int, int, int], ...]
    needs: tuple[int, ...]
    asks: tuple[tuple[int, int, int], ...]
    shuts: tuple[_Shut, ...]
    gives: tuple[tuple[int, int, int], ...]
    arrives: bool
    at_station: bool


class Propagation:
    """Propagates primary delays through one event graph, as often as is wished.

    Parameters
    ----------
    withdraw_s : int, optional
        A train that could come onto its track, go on or begin a step only so much later than planned, or even later, is
        withdrawn there: it does nothing more, and nobody waits for it any more. By default none ever is.
    """

    def __init__(self, graph: EventGraph, withdraw_s: int | None = None) -> None:
        self._withdraw_s = withdraw_s
        self._trains, self._pools, self._lines = len(graph.paths), graph.pools, graph.lines
        base_s = min(event.planned_s for event in graph.events)
        self._work = [self._numbers(graph, number, base_s) for number in range(len(graph.events))]

    @staticmethod
    def _numbers(graph: EventGraph, number: int, base_s: int) -> _Work:
        event = graph.events[number]

        def slack_s(other: int, least_s: int) -> int:
            return event.planned_s - graph.events[other].planned_s - least_s

        return _Work(
            event.planned_s - base_s,
            event.train,
            event.before,
            slack_s(event.before, event.least_s) if event.before != NONE else 0,
            event.delay,
            tuple(
                (wait.event, slack_s(wait.event, wait.lag_s), wait.handover, wait.line, wait.at) for wait in event.waits
            ),
            tuple(wait.event for wait in event.waits if wait.needed),
            tuple((ask.pool, graph.pools[ask.pool] - ask.rank, ask.handover) for ask in event.asks),
            tuple(
                _Shut(*_from(shut.closed, event.planned_s), shut.length_s, shut.delay, shut.handover)
                for shut in event.shuts
            ),
            tuple((give.pool, give.length_s, give.delay) for give in event.gives),
            event.act is Act.ARRIVE,
            event.act in _AT_STATIONS,
        )

    def delays_s(self, primary_s: Seconds, listener: Listener | None = None) -> Seconds:
        """Return how late every event is on some days.

        Parameters
        ----------
        primary_s : array of int, shape (primary delays, days)
            The primary delays of the graph, in its order.
        listener : Listener, optional
            Is told of arrivals, and of what is passed on.

        Returns
        -------
        array of int, shape (events, days)
            Seconds after the planned time, never negative; far below 0 on days on which the train is withdrawn.
        """
        days = primary_s.shape[1]
        late = np.empty((len(self._work), days), np.int32)
        most, gone = [0] * len(self._work), [False] * len(self._work)
        alone = np.zeros((self._trains, days), np.int32)
        runs = np.ones((self._trains, days), np.bool_)
        pools = [np.full((capacity, days), -_NEVER, np.int32) for capacity in self._pools]
        for number, work in enumerate(self._work):
            row, own = late[number], alone[work.train]
            if work.before == NONE:
                row.fill(0)
            else:
                np.subtract(late[work.before], work.slack_s, out=row)
                np.subtract(own, work.slack_s, out=own)
            if work.delay != NONE:
                row += primary_s[work.delay]
                own += primary_s[work.delay]
            np.maximum(row, 0, out=row)
            np.maximum(own, 0, out=own)
            raised = self._wait(work, row, late, most, gone, pools)
            if work.shuts:
                _put_off(work.shuts, own, primary_s)
                raised += _put_off(work.shuts, row, primary_s)
            if self._withdraw_s is not None:
                ended = self._withdraw(work, row, late, runs[work.train], self._withdraw_s)
                gone[number] = not runs[work.train].all()
                if any(ended) and listener is not None:
                    listener.withdrawn(number, *ended)
            for pool, length_s, delay in work.gives:
                done = row + (work.planned_s + length_s)
                _done(pools[pool], done if delay == NONE else done + primary_s[delay])
            most[number] = int(row.max(initial=0))
            if listener is not None:
                for handover, by_s in raised:
                    listener.passed(handover, by_s if self._withdraw_s is None else by_s * runs[work.train])
                if work.arrives:
                    listener.arrived(number, row, own, runs[work.train])
        return late

    @staticmethod
    def _withdraw(work: _Work, row: Seconds, late: Seconds, runs: Days, withdraw_s: int) -> tuple[int, int]:
        """Withdraw a train on the days on which it is too late, or another one that it needs is withdrawn.

        Returns
        -------
        tuple of int
            On how many days it ends here for the one reason and for the other.
        """
        too_late = without = 0
        if work.needs:
            lost = runs & np.any(late[list(work.needs)] < 0, axis=0)
            without = int(np.count_nonzero(lost))
            runs &= ~lost
        if work.at_station:
            lost = runs & (row >= withdraw_s)
            too_late = int(np.count_nonzero(lost))
            runs &= ~lost
        row[~runs] = -_NEVER // 2
        return too_late, without

    def _wait(
        self, work: _Work, row: Seconds, late: Seconds, most: list[int], gone: list[bool], pools: list[Seconds]
    ) -> list[_Raised]:
        """Raise a row to what other trains make of it; return by how much each of them does."""
        brought = []
        for other, slack_s, handover, line, at in work.waits:
            if gone[other] and line != NONE:
                brought.append((handover, self._brought_by_line(work, late, slack_s, line, at)))
            elif most[other] > slack_s:
                brought.append((handover, late[other] - slack_s))
        for pool, place, handover in work.asks:
            if int(pools[pool][place].max(initial=0)) > work.planned_s:
                brought.append((handover, pools[pool][place] - work.planned_s))
        if not brought:
            return []
        ready = row.copy()
        for _, delay_s in brought:
            np.maximum(row, delay_s, out=row)
        raised = row - ready
        left = raised > 0
        if len(brought) == 1 or not left.any():
            return [(brought[0][0], raised)] if left.any() else []
        found = []
        for handover, delay_s in brought:
            by_s = np.where(left & (delay_s == row), raised, 0)
            left &= by_s == 0  # where several bring the same, the first of them counts
            found.append((handover, by_s))
        return found

    def _brought_by_line(self, work: _Work, late: Seconds, slack_s: int, line: int, at: int) -> Seconds:
        """Return what the last train of a line brings that is not withdrawn, by day; far below 0 where all are."""
        events = self._lines[line]
        free_s = work.planned_s - slack_s - self._work[events[at]].planned_s  # the least time to any of them
        brought: Seconds = late[events[at]] - slack_s
        missing = late[events[at]] < 0
        while at and missing.any():
            at -= 1
            other = events[at]
            slack_s = work.planned_s - self._work[other].planned_s - free_s
            brought = np.where(missing, late[other] - slack_s, brought)
            missing &= late[other] < 0
        return brought


def _from(closed: tuple[Interval, ...], planned_s: int) -> tuple[Seconds, Seconds]:
    """Return begins and ends of closed times, counted from a moment, and one more that never comes."""
    times = np.array([*closed, (planned_s + _NEVER, planned_s + _NEVER)], np.int64) - planned_s
    begins, ends = np.clip(times, -_NEVER, _NEVER).astype(np.int32).T.copy()
    return begins, ends


def _put_off(shuts: tuple[_Shut, ...], row: Seconds, primary_s: Seconds) -> list[_Raised]:
    """Put a row off until nothing of it meets a closed time any more; return by how much each of them does."""
    found = []
    moved = True
    while moved:
        moved = False
        for shut in shuts:
            lasting = shut.lasting(primary_s)
            if int(np.max(row + lasting, initial=0)) <= shut.begins_s[0]:
                continue
            place = np.searchsorted(shut.ends_s, row, side="right")
            meets = row + lasting > shut.begins_s[place]
            if not meets.any():
                continue
            moved = True
            later = np.where(meets, np.maximum(row, shut.ends_s[place]), row)
            found.append((shut.handover, later - row))
            row[:] = later
    return found


def _done(pool: Seconds, done_s: npt.NDArray[np.int32]) -> None:
    """Note when one more is done with a pool: of all so far the latest are kept, the earliest first."""
    rising = np.maximum(pool[0], done_s)
    for place in range(1, len(pool)):
        np.minimum(rising, pool[place], out=pool[place - 1])
        rising = np.maximum(rising, pool[place])
    pool[-1] = rising
