"""An event graph as flat arrays, for the compiled loops of `railcap.measures.robustness.dispatch_kernel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from railcap.measures.robustness.events import NONE, Act, EventGraph

Ints = npt.NDArray[np.int64]


PLANNED, TRAIN, BEFORE, AFTER, LEAST, SUM, DELAY, RUN, WAY, BLOCK, FOLLOW, STANDS = range(12)
"""Columns of events: see `Event`; the train's next event; all its least times up to here; the run that begins, and the
way into a station by which it arrives; the first event of the run of which the event enters a block but the first, and
how long it must be apart there; whether it is an arrival after which the train may stand."""

TRACK, LINE, FACING, BEHIND_S, CROSS_S, FIRST, END = range(7)
"""Columns of runs: the section track; the lines of the first block in the same direction and of the last one in the
other; how long it must be apart from either; first and end of its rows in `marks`."""

STATION, FIRST_LINE, END_LINE, OWN_LINE, APART_S = range(5)
"""Columns of ways into stations: the place of the station; the lines of those that come into it by any way, and of
those that come by this one; the interval between different ways."""


class GraphArrays(NamedTuple):
    """Arrays of integers; times count from the first planned event, events have the order of the graph.

    Attributes
    ----------
    events, runs, ways : array of int, two dimensions
        With the columns that are named above.
    bounds : array of int, shape (events + 1, 4)
        Where an event's rows begin in `waits`, `shuts`, `takes` and `gives`; they end where those of the next begin.
    waits, shuts, takes, gives : array of int, two dimensions
        Rows of (event, lag), (first row of closed, end of them, length, delay), (pool, rank, event, place),
        (pool, length, delay). Places are numbered through: section tracks, then stations, then pools.
    closed : array of int, shape (.., 2)
        Begins and ends of closed times.
    marks : array of int, shape (.., 2)
        The events of entering the next block or arriving, and the lines in which they stand.
    trains : array of int, shape (trains, 2)
        A train's first event, and 1 where its delay counts (0: a light engine).
    pools : array of int, shape (pools + 1,)
        Where the room of a pool begins among that of all.
    """

    events: Ints
    bounds: Ints
    waits: Ints
    shuts: Ints
    closed: Ints
    takes: Ints
    gives: Ints
    runs: Ints
    marks: Ints
    ways: Ints
    trains: Ints
    pools: Ints


def graph_arrays(graph: EventGraph) -> tuple[GraphArrays, int, int]:
    """Return the arrays of a graph, how many lines of trains that follow each other it has, and how many places."""
    base_s = min(event.planned_s for event in graph.events)
    events = np.full((len(graph.events), 12), NONE, np.int64)
    trains = np.array([(NONE, not path.light_for) for path in graph.paths], np.int64)
    for number, event in enumerate(graph.events):
        events[number, [PLANNED, TRAIN, BEFORE]] = event.planned_s - base_s, event.train, event.before
        events[number, [LEAST, SUM, DELAY]] = event.least_s, 0, event.delay
        if event.before == NONE:
            trains[event.train, 0] = number
        else:
            events[event.before, AFTER] = number
            events[number, SUM] = events[event.before, SUM] + event.least_s
    line_of, lines = _lines(graph)
    tracks = 1 + max((run.track for run in graph.runs), default=NONE)
    places = tracks + 1 + max((one.station for one in graph.comings), default=NONE)
    marks: list[tuple[int, int]] = []
    runs = []
    for number, run in enumerate(graph.runs):
        events[run.marks[0], RUN] = number
        for mark in run.marks[1:-1]:
            events[mark, [BLOCK, FOLLOW]] = run.marks[0], run.follow_s
        first, line = len(marks), line_of[run.track, run.back]
        marks += [(mark, line + place) for place, mark in enumerate(run.marks[1:])]
        facing = line_of[run.track, not run.back] + len(run.marks) - 2
        runs.append((run.track, line, facing, run.follow_s, run.cross_s, first, len(marks)))
    keys = sorted({(one.station, one.way) for one in graph.comings})
    way_of = {key: number for number, key in enumerate(keys)}
    apart_s = {one.station: one.apart_s for one in graph.comings}
    stations = [station for station, _ in keys]
    ways = []
    for number, station in enumerate(stations):
        begin_line = lines + stations.index(station)
        end_line = begin_line + stations.count(station)
        ways.append((tracks + station, begin_line, end_line, lines + number, apart_s[station]))
    for one in graph.comings:
        events[one.event, WAY] = way_of[one.station, one.way]
    for number, event in enumerate(graph.events):
        events[number, STANDS] = event.act is Act.ARRIVE and events[number, RUN] == NONE
    takes: list[list[tuple[int, ...]]] = [[] for _ in graph.events]
    gives: list[list[tuple[int, ...]]] = [[] for _ in graph.events]
    for use in graph.uses:
        takes[use.take].append((use.pool, use.rank, use.take, places + use.pool))
        gives[use.end].append((use.pool, use.length_s, use.delay))
    closed: list[tuple[int, int]] = []
    shuts: list[list[tuple[int, ...]]] = [[] for _ in graph.events]
    for here, event in zip(shuts, graph.events, strict=True):
        for shut in event.shuts:
            first = len(closed)
            closed += [(begin_s - base_s, end_s - base_s) for begin_s, end_s in shut.closed]
            here.append((first, len(closed), shut.length_s, shut.delay))
    waits = [[(wait.event, wait.lag_s) for wait in event.waits if wait.line == NONE] for event in graph.events]
    listed = (_rows(waits, 2), _rows(shuts, 4), _rows(takes, 4), _rows(gives, 3))
    bounds = np.stack([begins for _, begins in listed], axis=1)
    arrays = GraphArrays(
        events,
        bounds,
        listed[0][0],
        listed[1][0],
        _table(closed, 2),
        listed[2][0],
        listed[3][0],
        _table(runs, 7),
        _table(marks, 2),
        _table(ways, 5),
        trains,
        np.concatenate(([0], np.cumsum(graph.pools))).astype(np.int64),
    )
    return arrays, lines + len(ways), places + len(graph.pools)


def _lines(graph: EventGraph) -> tuple[dict[tuple[int, bool], int], int]:
    """Return the first of the lines of trains that follow each other block by block, by track and direction."""
    blocks = {run.track: len(run.marks) - 1 for run in graph.runs}
    found, count = {}, 0
    for track, number in blocks.items():
        found[track, False], found[track, True] = count, count + number
        count += 2 * number
    return found, count


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Ints:
    return np.array(rows, np.int64).reshape(-1, width)


def _rows(lists: Sequence[Sequence[tuple[int, ...]]], width: int) -> tuple[Ints, Ints]:
    """Return the rows of all lists one after the other, and where each list begins, with the end of the last."""
    bounds = np.concatenate(([0], np.cumsum([len(one) for one in lists]))).astype(np.int64)
    return _table([row for one in lists for row in one], width), bounds
