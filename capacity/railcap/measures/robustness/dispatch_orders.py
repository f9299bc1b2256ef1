"""Compiled loops that work out the events of a list one after the other, as things stand after those before.

In such a list, an order, every event takes place as early as its train, the trains before it in the list and closed
times allow. If each event can be worked out when it is its turn, all trains come through by that order: a circle of
trains that wait for each other is not possible.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from railcap.measures.robustness.dispatch_arrays import (
    APART_S,
    BEFORE,
    BEHIND_S,
    BLOCK,
    CROSS_S,
    DELAY,
    END,
    END_LINE,
    FACING,
    FIRST,
    FIRST_LINE,
    FOLLOW,
    LEAST,
    LINE,
    OWN_LINE,
    PLANNED,
    RUN,
    TRAIN,
    WAY,
    Ints,
)
from railcap.measures.robustness.dispatch_jit import inner

NEVER = 2**40
WAITS, SHUTS, TAKES, GIVES = range(4)


class Standing(NamedTuple):
    """How things stand after some events.

    Attributes
    ----------
    last, other : array of int, shape (lines,)
        The last event of a line, and the last one of another train than that; -1: none.
    held : array of int, shape (pools,)
        How many trains have one of a pool.
    free_s : array of int, shape (room of all pools,)
        When the last of those that had one of a pool were done with it, rising.
    behind : array of int, shape (events,)
        The event that an entry into a block comes after; -1: none.
    """

    last: Ints
    other: Ints
    held: Ints
    free_s: Ints
    behind: Ints

    def clear(self) -> None:
        """Let nothing have happened."""
        self.last[:] = self.other[:] = -1
        self.held[:] = 0
        self.free_s[:] = -NEVER


class Day(NamedTuple):
    """A day while it is lived through, and room for forecasts.

    Attributes
    ----------
    time_s, own_s, version, done : array of int, shape (events,)
        When an event takes place in the present order, when its train is ready for it, of which order that is, and
        whether it has taken place.
    listed : array of int, shape (2, events + 1)
        The next event of the order and the one before; the last column stands for both ends.
    chains : array of int, shape (2, events)
        The event before in the order that begins a run on the same track, that arrives at the same station.
    queues : array of int, shape (takes,)
        The row before that takes one of the same pool.
    latest : array of int, shape (places,)
        The last of either so far.
    forecast_s, stamp : array of int, shape (2, events)
        When events are forecast to take place if the order is kept, and if it is changed; by which forecast.
    near, turned : array of int, shape (events,)
        Those that a forecast looks at by their times in it, and the changed order of them.
    keys, held_s : array of int, shape (events,)
        What is to be sorted; when trains begin to wait.
    moved : array of int, shape (3, events)
        The events that are put first, their times, and by event the change for which it is one of them.
    track_stamp : array of int, shape (places,)
        The change for which a section track is one that they run over.
    trains : array of int, shape (4, trains)
        A train's next event, when it is looked at again, its delay in a forecast, and which forecast that is.
    """

    time_s: Ints
    own_s: Ints
    version: Ints
    done: Ints
    listed: Ints
    chains: Ints
    queues: Ints
    latest: Ints
    forecast_s: Ints
    stamp: Ints
    near: Ints
    turned: Ints
    keys: Ints
    held_s: Ints
    moved: Ints
    track_stamp: Ints
    trains: Ints

    def clear(self, firsts: Ints) -> None:
        """Let a day begin, in the order of the graph; `firsts` are the trains' first events."""
        for one in (self.version, self.done, self.stamp, self.moved, self.track_stamp):
            one[:] = 0
        self.latest[:] = -1
        events = len(self.done)
        self.listed[0] = np.arange(1, events + 2)
        self.listed[1] = np.arange(-1, events)
        self.listed[0, events], self.listed[1, 0] = 0, events
        self.trains[0] = firsts
        self.trains[1] = -NEVER
        self.trains[3] = 0


@inner
def copy(source, target):
    """Copy all but what is known of blocks, of which the source is asked for trains that are on their way."""
    for i in range(len(source.last)):
        target.last[i] = source.last[i]
        target.other[i] = source.other[i]
    for i in range(len(source.held)):
        target.held[i] = source.held[i]
    for i in range(len(source.free_s)):
        target.free_s[i] = source.free_s[i]


@inner
def sort(numbers, count):
    """Sort the first numbers of an array, the smallest first (heapsort)."""
    for begin in range(count // 2 - 1, -1, -1):
        _sift(numbers, begin, count)
    for end in range(count - 1, 0, -1):
        numbers[0], numbers[end] = numbers[end], numbers[0]
        _sift(numbers, 0, end)


@inner
def _sift(numbers, parent, end):
    number = numbers[parent]
    while 2 * parent + 1 < end:
        child = 2 * parent + 1
        if child + 1 < end and numbers[child + 1] > numbers[child]:
            child += 1
        if numbers[child] <= number:
            break
        numbers[parent] = numbers[child]
        parent = child
    numbers[parent] = number


@inner
def _last_but(graph, standing, line, train):
    event = standing.last[line]
    return standing.other[line] if event >= 0 and graph.events[event, TRAIN] == train else event


@inner
def _add(graph, standing, line, event):
    last = standing.last[line]
    if last >= 0 and graph.events[last, TRAIN] != graph.events[event, TRAIN]:
        standing.other[line] = last
    standing.last[line] = event


@inner
def _opened(graph, event, now_s, primary_s, lived):
    """Return the time from which on nothing that begins with an event meets a closed time."""
    moved = True
    while moved:
        moved = False
        for i in range(graph.bounds[event, SHUTS], graph.bounds[event + 1, SHUTS]):
            lasting_s = graph.shuts[i, 2]
            if lived and graph.shuts[i, 3] >= 0:
                lasting_s += primary_s[graph.shuts[i, 3]]
            for j in range(graph.shuts[i, 0], graph.shuts[i, 1]):
                if graph.closed[j, 0] >= now_s + lasting_s:
                    break
                if now_s < graph.closed[j, 1]:
                    now_s = graph.closed[j, 1]
                    moved = True
    return now_s


@inner
def _later(now_s, other, lag_s, day, row, stamp):
    """Return the later of a time and `lag_s` after an event, -1 if either is still to be worked out."""
    if other < 0 or now_s < 0:
        return now_s
    if day.done[other] or (row < 0 and day.version[other] == stamp):
        return max(now_s, day.time_s[other] + lag_s)
    if row >= 0 and day.stamp[row, other] == stamp:
        return max(now_s, day.forecast_s[row, other] + lag_s)
    return -1


@inner
def work_out(graph, standing, lived, event, floor_s, primary_s, day, row, stamp, by_plan):
    """Return when an event takes place after those worked out so far, and when its train by itself is ready for it.

    Parameters
    ----------
    lived : Standing
        After what has taken place.
    floor_s : int
        The time from which on it may take place: for a forecast the present.
    row, stamp : int
        Which forecast it is; row -1: none, but the day itself in its present order, all delays known. A forecast knows
        a primary delay once that which it prolongs has begun, and one at the entry once the train is due.
    by_plan : bool
        Whether pools are shared as the graph says, whose order this is.

    Returns
    -------
    tuple of int
        The time is -1 where something that it needs is still to be worked out, or a pool has none left.
    """
    now_s, before = max(graph.events[event, PLANNED], floor_s), graph.events[event, BEFORE]
    train, delay = graph.events[event, TRAIN], graph.events[event, DELAY]
    if before >= 0:
        known = delay >= 0 and (row < 0 or day.done[before])
        least_s = graph.events[event, LEAST] + (primary_s[delay] if known else 0)
        now_s = _later(now_s, before, least_s, day, row, stamp)
    elif delay >= 0 and (row < 0 or graph.events[event, PLANNED] <= floor_s):
        now_s = max(now_s, graph.events[event, PLANNED] + primary_s[delay])
    for i in range(graph.bounds[event, WAITS], graph.bounds[event + 1, WAITS]):
        now_s = _later(now_s, graph.waits[i, 0], graph.waits[i, 1], day, row, stamp)
    if now_s < 0:
        return -1, 0
    own_s = _opened(graph, event, now_s, primary_s, row < 0)
    run, first, way = graph.events[event, RUN], graph.events[event, BLOCK], graph.events[event, WAY]
    if run >= 0:
        other = _last_but(graph, standing, graph.runs[run, LINE], train)
        now_s = _later(now_s, other, graph.runs[run, BEHIND_S], day, row, stamp)
        other = _last_but(graph, standing, graph.runs[run, FACING], train)
        now_s = _later(now_s, other, graph.runs[run, CROSS_S], day, row, stamp)
    if first >= 0:
        other = lived.behind[event] if day.done[first] else standing.behind[event]
        now_s = _later(now_s, other, graph.events[event, FOLLOW], day, row, stamp)
    if way >= 0:
        for line in range(graph.ways[way, FIRST_LINE], graph.ways[way, END_LINE]):
            if line != graph.ways[way, OWN_LINE]:
                other = _last_but(graph, standing, line, train)
                now_s = _later(now_s, other, graph.ways[way, APART_S], day, row, stamp)
    if now_s < 0:
        return -1, 0
    for i in range(graph.bounds[event, TAKES], graph.bounds[event + 1, TAKES]):
        pool = graph.takes[i, 0]
        end = graph.pools[pool + 1]
        rank = graph.takes[i, 1] if by_plan else end - graph.pools[pool] - standing.held[pool]
        if rank <= 0:
            return -1, 0
        now_s = max(now_s, standing.free_s[end - rank])
    return _opened(graph, event, now_s, primary_s, row < 0), own_s


@inner
def apply(graph, standing, event, time_s, primary_s, lived):
    """Note an event that takes place at a time; `lived`: with what befalls its train from then on."""
    run, way = graph.events[event, RUN], graph.events[event, WAY]
    if run >= 0:
        for i in range(graph.runs[run, FIRST], graph.runs[run, END]):
            line = graph.marks[i, 1]
            if i > graph.runs[run, FIRST]:
                standing.behind[graph.marks[i - 1, 0]] = _last_but(graph, standing, line, graph.events[event, TRAIN])
            _add(graph, standing, line, graph.marks[i, 0])
    if way >= 0:
        _add(graph, standing, graph.ways[way, OWN_LINE], event)
    for i in range(graph.bounds[event, TAKES], graph.bounds[event + 1, TAKES]):
        standing.held[graph.takes[i, 0]] += 1
    for i in range(graph.bounds[event, GIVES], graph.bounds[event + 1, GIVES]):
        pool, done_s = graph.gives[i, 0], time_s + graph.gives[i, 1]
        if lived and graph.gives[i, 2] >= 0:
            done_s += primary_s[graph.gives[i, 2]]
        standing.held[pool] -= 1
        place, end = graph.pools[pool], graph.pools[pool + 1]
        if done_s > standing.free_s[place]:
            while place + 1 < end and standing.free_s[place + 1] < done_s:
                standing.free_s[place] = standing.free_s[place + 1]
                place += 1
            standing.free_s[place] = done_s


@inner
def forecast(graph, lived, scratch, events, count, now_s, primary_s, day, row, stamp):
    """Work a list of events out as they are expected at a time; return the delay of all trains, -1 if it cannot be.

    A train's delay is that of its last event of the list.
    """
    copy(lived, scratch)
    total_s = 0
    for i in range(count):
        event = events[i]
        time_s, _ = work_out(graph, scratch, lived, event, now_s, primary_s, day, row, stamp, False)
        if time_s < 0:
            return -1
        day.forecast_s[row, event] = time_s
        day.stamp[row, event] = stamp
        apply(graph, scratch, event, time_s, primary_s, False)
        train = graph.events[event, TRAIN]
        if graph.trains[train, 1]:
            late_s = time_s - graph.events[event, PLANNED]
            total_s += late_s - (day.trains[2, train] if day.trains[3, train] == stamp else 0)
            day.trains[2, train] = late_s
            day.trains[3, train] = stamp
    return total_s
