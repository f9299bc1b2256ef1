"""Compiled planner for trains that may wait anywhere and pay only for when they exit: the earlier, the better.

There one label says all of an operation in a free gap of its resources: the earliest start. The train can stay in the
gap until its end, and what starts later reaches nothing more (safe intervals: Phillips and Likhachev 2011).
"""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.gaps import next_gap
from railcap_solvers.search.jit import inner
from railcap_solvers.search.layout import (
    BEYOND,
    CLOSED,
    FIRST,
    FOREVER,
    MIN,
    SUCC,
    SUCC_END,
    TO_EXIT,
    USE,
    USE_END,
)
from railcap_solvers.search.occupation import delay_cost, first_block, true_cost
from railcap_solvers.search.work import HIGH, LOW, NEXT, OP, PARENT, choose_instant, turn_route, uniform


@inner
def plan_earliest(
    static: Any, state: Any, work: Any, train: int, ceiling: float, step: float, allowance: float, waiting: int
) -> int:
    """Find a cheapest run as `plan` does."""
    if step <= 0.0 or ceiling * 1.5 >= allowance:
        ceiling = allowance
    while True:
        label = _walk(static, state, work, train, _latest_exit(static, train, ceiling))
        if label >= 0:
            _trace_back(static, work, label, waiting)
            return true_cost(static, train, work.route_op, work.route_start, work.route_length[0])
        if ceiling >= allowance:
            return -1
        ceiling += step
        step *= 4.0
        if ceiling * 1.5 >= allowance:
            ceiling = allowance


@inner
def _latest_exit(static: Any, train: int, ceiling: float) -> int:
    """Return the latest exit of a train that costs less than a ceiling, -1 if none does."""
    op = static.train[train, BEYOND] - 1
    fine, bad = -1, FOREVER
    while bad - fine > 1:
        middle = (fine + bad) // 2
        if delay_cost(static, op, middle) < ceiling:
            fine = middle
        else:
            bad = middle
    return fine


@inner
def _walk(static: Any, state: Any, work: Any, train: int, latest_exit: int) -> int:
    """Return the label of the earliest exit by an instant, -1 if there is none."""
    first, beyond = static.train[train, FIRST], static.train[train, BEYOND]
    for op in range(first, beyond):
        work.head[op] = -1
    work.piece[0, LOW], work.piece[0, HIGH], work.piece[0, PARENT], work.piece[0, NEXT] = 0, FOREVER, -1, -1
    work.head[first] = 0
    pieces, labels, found = 1, 0, -1
    most = work.label.shape[0] - 1
    for op in range(first, beyond):
        if work.head[op] < 0:
            continue
        count, top = _gather(state, work, op, latest_exit - static.op[op, TO_EXIT])
        if count == 0:
            continue
        first_use = static.op[op, USE]
        uses = static.op[op, USE_END] - first_use
        begin = work.now[work.order[0], LOW]
        for i in range(uses):
            resource = static.use[first_use + i, 0]
            work.pointer[i] = first_block(state, static.resource[resource, 0], state.blocked_count[resource], begin)
        work.pointer[uses] = static.op[op, CLOSED]
        shortest, done = static.op[op, MIN], 0
        is_exit = static.op[op, SUCC] == static.op[op, SUCC_END]
        while 0 <= begin <= top:
            begin, until, after = next_gap(static, state, work, op, begin)
            if begin < 0 or begin > top or labels >= most:
                break
            while done < count and work.now[work.order[done], HIGH] < begin:
                done += 1
            piece = _first_piece(work, done, count, begin, until - shortest)
            if piece >= 0:
                start = max(begin, work.now[piece, LOW])
                work.label[labels, OP], work.label[labels, LOW] = op, start
                work.label[labels, HIGH] = min(work.now[piece, HIGH], until - shortest)
                work.label[labels, PARENT] = work.now[piece, PARENT]
                if is_exit:
                    found = labels
                    labels += 1
                    break
                for k in range(static.op[op, SUCC], static.op[op, SUCC_END]):
                    if pieces >= most:
                        break
                    succ = static.succ[k]
                    work.piece[pieces, LOW], work.piece[pieces, HIGH] = start + shortest, until
                    work.piece[pieces, PARENT], work.piece[pieces, NEXT] = labels, work.head[succ]
                    work.head[succ] = pieces
                    pieces += 1
                labels += 1
            begin = after
    work.labels_made[0] += labels
    return found


@inner
def _gather(state: Any, work: Any, op: int, latest: int) -> tuple[int, int]:
    """Move the pieces that reached an operation to `now`, sorted by start; return how many, and the last end."""
    earliest, latest = state.earliest[op], min(latest, state.latest[op])
    count, top = 0, -1
    at = work.head[op]
    while at >= 0:
        low, high = max(work.piece[at, LOW], earliest), min(work.piece[at, HIGH], latest)
        if low <= high:
            work.now[count, LOW], work.now[count, HIGH] = low, high
            work.now[count, PARENT] = work.piece[at, PARENT]
            j = count
            while j > 0 and work.now[work.order[j - 1], LOW] > low:
                work.order[j] = work.order[j - 1]
                j -= 1
            work.order[j] = count
            count += 1
            top = max(top, high)
        at = work.piece[at, NEXT]
    return count, top


@inner
def _first_piece(work: Any, done: int, count: int, begin: int, last: int) -> int:
    """Return a piece that starts first in a gap, a random one of those that wait for it to begin; -1 if none does."""
    chosen, ties = -1, 0
    for i in range(done, count):
        piece = work.order[i]
        low = work.now[piece, LOW]
        if low > last or (ties > 0 and low > begin):
            break
        if work.now[piece, HIGH] < begin:
            continue
        if low > begin:
            return piece
        ties += 1
        if ties == 1 or uniform(work.random) * ties < 1.0:
            chosen = piece
    return chosen


@inner
def _trace_back(static: Any, work: Any, label: int, waiting: int) -> None:
    """Write the route that ends with a label; waits are taken early, late or at random."""
    count, time_s = 0, work.label[label, LOW]
    while label >= 0:
        work.route_op[count], work.route_start[count] = work.label[label, OP], time_s
        count += 1
        label = work.label[label, PARENT]
        if label < 0:
            break
        earliest = work.label[label, LOW]
        latest = min(work.label[label, HIGH], time_s - static.op[work.label[label, OP], MIN])
        time_s = choose_instant(work, waiting, earliest, latest)
    turn_route(work, count)
