"""Compiled planner: the cheapest run of one train through what the others leave free.

A label is an operation, an interval ``[low, high]`` of starts inside one free gap of all its resources, and a linear
cost over that interval. Operations of fixed duration shift labels and cut them at gaps; where a train may wait, the
labels of a gap form a lower envelope. With delay and journey terms in front of and behind the train this is exact; a
longest journey is first only checked, and steers the search if it turns out to be what stands in the way.
"""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.earliest import plan_earliest
from railcap_solvers.search.gaps import next_gap
from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import (
    ANCHOR,
    BEYOND,
    CLOSED,
    FIRST,
    FOREVER,
    LIMIT,
    MAX,
    MIN,
    PAYS_AT_EXIT,
    REMAINING,
    SUCC,
    SUCC_END,
    TERM,
    TERM_END,
    TRAIN,
    USE,
    USE_END,
)
from railcap_solvers.search.occupation import first_block, true_cost
from railcap_solvers.search.prospects import cost_ahead
from railcap_solvers.search.work import (
    ANCHOR_MAX,
    ANCHOR_SHIFT,
    COST,
    CUT,
    HIGH,
    INFINITE,
    LATE,
    LEANING,
    LOW,
    NEXT,
    OP,
    PARENT,
    PARENT_START,
    SHIFT,
    SLOPE,
    choose_instant,
    turn_route,
)


@inner
def _gather(static: Any, state: Any, work: Any, op: int, limit: int, allowance: float, extra: float) -> int:
    """Move the pieces that reached an operation to `now`, with its own cost added, cut by all limits and sorted."""
    train = static.op[op, TRAIN]
    is_anchor = static.train[train, ANCHOR] == op
    remaining = static.op[op, REMAINING]
    first_term, terms_end = static.op[op, TERM], static.op[op, TERM_END]
    rate, constant = static.op_rate[op], static.op_constant[op]
    room = work.now.shape[0]
    count = 0
    at = work.head[op]
    work.head[op] = -1
    while at >= 0:
        low, high = work.piece[at, LOW], work.piece[at, HIGH]
        cost, slope = work.piece_cost[at, COST], work.piece_cost[at, SLOPE]
        anchor_max, anchor_shift = work.piece[at, ANCHOR_MAX], work.piece[at, ANCHOR_SHIFT]
        row = at
        at = work.piece[at, NEXT]
        if is_anchor:
            anchor_max, anchor_shift = high, 0
        elif limit >= 0 and anchor_max >= 0 and remaining >= 0:
            if remaining + anchor_shift > limit:
                work.limited[0] = 1
                continue
            if high > limit + anchor_max - remaining:
                work.limited[0] = 1
                high = limit + anchor_max - remaining
                if low > high:
                    continue
        least = cost + min(0.0, slope * (high - low))
        for level in range(work.level_cost.shape[1]):
            if least + work.level_cost[train, level] >= allowance:
                high = min(high, work.latest_for_level[op, level])
                break
        if low > high:
            continue
        at_low = cost + cost_ahead(static, op, low)
        at_high = cost + slope * (high - low) + cost_ahead(static, op, high)
        if at_high >= allowance:
            if at_low >= allowance:
                continue
            fine, bad = low, high
            while bad - fine > 1:
                middle = (fine + bad) // 2
                if cost + slope * (middle - low) + cost_ahead(static, op, middle) >= allowance:
                    bad = middle
                else:
                    fine = middle
            high = fine
        while True:
            piece_high = high
            piece_cost, piece_slope = cost + rate * low + constant, slope + rate
            if is_anchor and extra > 0.0:
                latest = state.latest[op]
                piece_cost += extra * ((latest if latest < FOREVER else 0) - low)
                piece_slope -= extra
            for k in range(first_term, terms_end):
                threshold = static.term[k, 0]
                if threshold <= low:
                    piece_cost += static.term[k, 1] * (low - threshold) + static.term[k, 2]
                    piece_slope += static.term[k, 1]
                elif threshold <= piece_high:
                    piece_high = threshold - 1
            if count < room:
                work.now[count, LOW], work.now[count, HIGH] = low, piece_high
                work.now[count, ANCHOR_MAX], work.now[count, ANCHOR_SHIFT] = anchor_max, anchor_shift
                work.now[count, PARENT], work.now[count, SHIFT] = work.piece[row, PARENT], work.piece[row, SHIFT]
                work.now[count, PARENT_START] = work.piece[row, PARENT_START]
                work.now_cost[count, COST], work.now_cost[count, SLOPE] = piece_cost, piece_slope
                j = count
                while j > 0 and (
                    work.now[work.order[j - 1], LOW] > low
                    or (work.now[work.order[j - 1], LOW] == low and work.now_cost[work.order[j - 1], COST] > piece_cost)
                ):
                    work.order[j] = work.order[j - 1]
                    j -= 1
                work.order[j] = count
                count += 1
            if piece_high >= high:
                break
            cost += slope * (piece_high + 1 - low)
            low = piece_high + 1
    return count


@inner
def _push(state: Any, work: Any, op: int, count: int, low: int, high: int, cost: float, slope: float,
          parent: int, shift: int, parent_start: int, anchor_max: int, anchor_shift: int) -> int:  # fmt: skip
    """Send a piece to an operation, cut by its window; return the new count of pieces."""
    cut = max(low, state.earliest[op])
    high = min(high, state.latest[op])
    if cut > high or count >= work.piece.shape[0]:
        return count
    work.piece[count, LOW], work.piece[count, HIGH] = cut, high
    work.piece_cost[count, COST], work.piece_cost[count, SLOPE] = cost + slope * (cut - low), slope
    work.piece[count, PARENT], work.piece[count, SHIFT], work.piece[count, PARENT_START] = parent, shift, parent_start
    work.piece[count, ANCHOR_MAX], work.piece[count, ANCHOR_SHIFT] = anchor_max, anchor_shift
    work.piece[count, NEXT] = work.head[op]
    work.head[op] = count
    return count + 1


@inner
def _keep(work: Any, op: int, first: int, labels: int, piece: int, low: int, high: int,
          waits: bool, shortest: int) -> int:  # fmt: skip
    """Make a label of a piece in a gap unless the gap's labels are as good; return the new count of labels."""
    slope = work.now_cost[piece, SLOPE]
    cost = work.now_cost[piece, COST] + slope * (low - work.now[piece, LOW])
    for k in range(first, labels):
        its_low, its_high = work.label[k, LOW], work.label[k, HIGH]
        its_cost, its_slope = work.label_cost[k, COST], work.label_cost[k, SLOPE]
        if waits:
            best = its_cost
            if its_slope < 0:
                best += its_slope * (min(its_high, low) - its_low)
            if slope >= 0:
                if cost >= best:
                    return labels
            elif cost >= best:
                if its_slope <= slope and high <= its_high:
                    return labels
                step = int((cost - best) / -slope) + 1
                if low + step > high:
                    return labels
                low, cost = low + step, cost + slope * step
        elif its_low <= low <= its_high:
            same = min(high, its_high)
            if its_cost + its_slope * (low - its_low) <= cost and its_cost + its_slope * (
                same - its_low
            ) <= cost + slope * (same - low):
                if high <= its_high:
                    return labels
                cost += slope * (its_high + 1 - low)
                low = its_high + 1
    if labels >= work.label.shape[0]:
        return labels
    if waits:
        for k in range(first, labels):
            work.label[k, CUT] = min(work.label[k, CUT], low + shortest - 1)
    for column in range(LOW, NEXT):
        work.label[labels, column] = work.now[piece, column]
    work.label[labels, LOW], work.label[labels, HIGH], work.label[labels, OP] = low, high, op
    work.label[labels, CUT] = FOREVER
    work.label_cost[labels, COST], work.label_cost[labels, SLOPE] = cost, slope
    return labels + 1


@inner
def _leave(static: Any, state: Any, work: Any, op: int, label: int, until: int, pieces: int) -> int:
    """Send a label on to all successors of its operation; return the new count of pieces."""
    shortest, longest = static.op[op, MIN], static.op[op, MAX]
    low, high = work.label[label, LOW], work.label[label, HIGH]
    cost, slope = work.label_cost[label, COST], work.label_cost[label, SLOPE]
    anchor_max, anchor_shift = work.label[label, ANCHOR_MAX], work.label[label, ANCHOR_SHIFT] + shortest
    cut = work.label[label, CUT]
    last = until if longest < 0 else min(until, high + longest)
    for k in range(static.op[op, SUCC], static.op[op, SUCC_END]):
        succ = static.succ[k]
        if longest == shortest:
            pieces = _push(state, work, succ, pieces, low + shortest, high + shortest, cost, slope,
                           label, shortest, 0, anchor_max, anchor_shift)  # fmt: skip
        elif slope == 0.0:
            pieces = _push(state, work, succ, pieces, low + shortest, min(last, cut), cost, 0.0,
                           label, shortest, 0, anchor_max, anchor_shift)  # fmt: skip
        elif slope < 0.0:
            pieces = _push(state, work, succ, pieces, low + shortest, high + shortest, cost, slope,
                           label, shortest, 0, anchor_max, anchor_shift)  # fmt: skip
            if high + shortest < min(last, cut):
                pieces = _push(state, work, succ, pieces, high + shortest + 1, min(last, cut),
                               cost + slope * (high - low), 0.0,
                               label, -1, high, anchor_max, anchor_shift)  # fmt: skip
        else:
            stay = min(last, cut) if longest < 0 else min(min(last, cut), low + longest)
            pieces = _push(state, work, succ, pieces, low + shortest, stay, cost, 0.0,
                           label, -1, low, anchor_max, anchor_shift)  # fmt: skip
            if longest >= 0 and low + longest < last:
                pieces = _push(state, work, succ, pieces, low + longest + 1, last, cost + slope, slope,
                               label, longest, 0, anchor_max, anchor_shift)  # fmt: skip
    return pieces


@inner
def _trace_back(static: Any, work: Any, label: int, time_s: int, waiting: int) -> None:
    """Write the route that ends with a label at an instant; among equal starts take early, late or random ones."""
    count = 0
    while label >= 0:
        work.route_op[count], work.route_start[count] = work.label[label, OP], time_s
        count += 1
        parent = work.label[label, PARENT]
        if parent < 0:
            break
        shift = work.label[label, SHIFT]
        op = work.label[parent, OP]
        longest = static.op[op, MAX]
        if longest != static.op[op, MIN] and work.label_cost[parent, SLOPE] == 0.0:
            earliest, latest = work.label[parent, LOW], min(work.label[parent, HIGH], time_s - static.op[op, MIN])
            if longest >= 0:
                earliest = max(earliest, time_s - longest)
            time_s = choose_instant(work, waiting, earliest, latest)
        elif shift >= 0:
            time_s -= shift
        else:
            time_s = work.label[label, PARENT_START]
        label = parent
    turn_route(work, count)


@inner
def _keeps_own_links(static: Any, work: Any, train: int) -> bool:
    for k in range(static.own_link_from[train], static.own_link_from[train + 1]):
        begin, end = -1, -1
        for i in range(work.route_length[0]):
            if work.route_op[i] == static.own_link[k, 0]:
                begin = work.route_start[i]
            if work.route_op[i] == static.own_link[k, 1]:
                end = work.route_start[i]
        if end >= 0 and begin < 0 and static.own_link[k, 4]:
            return False
        if begin >= 0 and end >= 0 and not static.own_link[k, 2] <= end - begin <= static.own_link[k, 3]:
            return False
    return True


@inner
def _walk(static: Any, state: Any, work: Any, train: int, allowance: float, extra: float) -> tuple[float, int, int]:
    """Return the least cost of a run, its last label and its last start; cost INFINITE if there is none."""
    first, beyond = static.train[train, FIRST], static.train[train, BEYOND]
    limit = static.train[train, LIMIT]
    for op in range(first, beyond):
        work.head[op] = -1
    pieces = _push(state, work, first, 0, state.earliest[first], state.latest[first], 0.0, 0.0, -1, 0, 0, -1, 0)
    labels = 0
    best, best_label, best_start = INFINITE, -1, 0
    for op in range(first, beyond):
        if work.head[op] < 0:
            continue
        count = _gather(static, state, work, op, limit, allowance, extra)
        if count == 0:
            continue
        begin, top = FOREVER, -1
        for i in range(count):
            begin = min(begin, work.now[i, LOW])
            top = max(top, work.now[i, HIGH])
        uses = static.op[op, USE_END] - static.op[op, USE]
        for i in range(uses):
            resource = static.use[static.op[op, USE] + i, 0]
            work.pointer[i] = first_block(state, static.resource[resource, 0], state.blocked_count[resource], begin)
        work.pointer[uses] = static.op[op, CLOSED]
        shortest, longest = static.op[op, MIN], static.op[op, MAX]
        done = 0  # pieces in order before this one lie wholly before the gap
        is_exit = static.op[op, SUCC] == static.op[op, SUCC_END]
        while begin >= 0 and begin <= top:
            begin, until, after = next_gap(static, state, work, op, begin)
            if begin < 0 or begin > top:
                break
            opening = labels
            while done < count and work.now[work.order[done], HIGH] < begin:
                done += 1
            for i in range(done, count):
                piece = work.order[i]
                if work.now[piece, LOW] > until - shortest:
                    break
                low = max(begin, work.now[piece, LOW])
                high = min(until - shortest, work.now[piece, HIGH])
                if low <= high:
                    labels = _keep(work, op, opening, labels, piece, low, high, longest < 0 and not is_exit, shortest)
            for label in range(opening, labels):
                if is_exit:
                    cost, start = work.label_cost[label, COST], work.label[label, LOW]
                    if work.label_cost[label, SLOPE] < 0:
                        start = work.label[label, HIGH]
                        cost += work.label_cost[label, SLOPE] * (start - work.label[label, LOW])
                    if cost < best:
                        best, best_label, best_start = cost, label, start
                        allowance = min(allowance, cost)
                else:
                    pieces = _leave(static, state, work, op, label, until, pieces)
            begin = after
    work.labels_made[0] += labels
    return best, best_label, best_start


@entry
def plan(
    static: Any, state: Any, work: Any, train: int, ceiling: float, step: float, allowance: float, waiting: int
) -> int:
    """Find a cheapest run of an unbooked train that costs less than `allowance`; the answer lies in `work`.

    Returns its cost, or -1 if none was found. The first look is under a `ceiling` that then rises by `step`, twice
    `step` and so on: most plans need to look at little. `waiting` says which of equally good instants to take.
    """
    if static.train[train, PAYS_AT_EXIT]:
        return plan_earliest(static, state, work, train, ceiling, step, allowance, waiting)
    steered = False
    if step <= 0.0 or ceiling * 1.5 >= allowance:
        ceiling = allowance
    work.limited[0] = 0
    while True:
        extra, more = 0.0, 0.0
        if steered:
            extra, more = _steering(static, state, static.train[train, ANCHOR])
        _, label, start = _walk(static, state, work, train, ceiling + more, extra)
        if label >= 0:
            _trace_back(static, work, label, start, waiting)
            if not _keeps_own_links(static, work, train):
                work.limited[0] = 1
                _trace_back(static, work, label, start, LATE)
                label = label if _keeps_own_links(static, work, train) else -1
        if label >= 0:
            found = true_cost(static, train, work.route_op, work.route_start, work.route_length[0])
            if found < allowance:
                return found
        if work.limited[0] and not steered and static.train[train, LIMIT] >= 0:
            steered = True
            continue
        if ceiling >= allowance:
            return -1
        steered = False
        work.limited[0] = 0
        ceiling += step
        step *= 4.0
        if ceiling * 1.5 >= allowance:
            ceiling = allowance


@inner
def _steering(static: Any, state: Any, anchor: int) -> tuple[float, float]:
    """Return the cost per second of leaving early that makes late departures win, and the most that it can add."""
    lateness = 0.0
    for k in range(static.op[anchor, TERM], static.op[anchor, TERM_END]):
        lateness += static.term[k, 1]
    extra = max(0.0, lateness + static.op_rate[anchor]) + LEANING
    latest = state.latest[anchor]
    return extra, max(0.0, extra * ((latest if latest < FOREVER else 0) - state.earliest[anchor]))
