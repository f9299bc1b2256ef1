"""Compiled change of one order: a train goes first at a few places, and who is in its way waits as long as it must.

A move of local search on an alternative graph: some arcs in a row are turned, all others stay (Mascis and Pacciarelli
2002), and routes are free only for the train that goes first.
"""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.jit import inner
from railcap_solvers.search.layout import FIRST, MIN, OCC_FROM, UB
from railcap_solvers.search.moves import pick_seed, plan_beside, put_old, take_out
from railcap_solvers.search.occupation import enter, first_block, place_of, put, unbook, withdraw_stay
from railcap_solvers.search.orders import EVENTS_PER_LABEL, keep_plan, rewrite
from railcap_solvers.search.push import blocker
from railcap_solvers.search.work import EARLY, uniform

MOST_BEFORE, MOST_AFTER = 5, 11
"""So many, at most, of the other's stays before and after the one that is waited for are as if they were not there."""

MOST_SHIFTS = 300
"""Trains shifted by one move, each as often as it happens, after which the orders are taken to close a circle."""


@inner
def give_way(static: Any, state: Any, work: Any, memory: Any, orders: Any, tolerance: float) -> bool:
    """Let a train go first where it waits for another; undo it if the cost rises by more than `tolerance`.

    Some of the other's stays in a row are as if they were not there while the train is planned. Where the train then
    is there at that time, the other comes after it. All other orders stay as they are, and all who must come later for
    it do.
    """
    train = pick_seed(state, work, memory)
    if state.plan_length[train] == 0:
        return False
    other, resource, since = blocker(static, state, work, train)
    if other < 0 or not memory.is_member[other]:
        return False
    low = static.train[other, OCC_FROM]
    beyond = low + state.occ_count[other]
    at = low
    while state.occ_resource[at] != resource or state.occ_from[at] != since:
        at += 1
    low = max(low, at - int((MOST_BEFORE + 1) * uniform(work.random) ** 2))
    beyond = min(beyond, at + 1 + int((MOST_AFTER + 1) * uniform(work.random) ** 2))
    take_out(static, state, memory, train)
    for occ in range(low, beyond):
        withdraw_stay(static, state, occ, other)
    old_cost = memory.old_cost[train]
    cost = plan_beside(static, state, work, memory, train, old_cost + 0.5 + tolerance, EARLY)
    if cost >= 0:
        put(static, state, train, work.route_op, work.route_start, work.route_length[0])
    passed = False
    for occ in range(low, beyond):
        if _come_after(static, state, occ, other, train):
            passed = True
    if cost < 0:
        put_old(static, state, memory, train)
        return False
    total = memory.total[0] + cost - old_cost
    if passed:
        total = _shift(static, state, work, orders, other, total, memory.total[0] + tolerance)
    if 0 <= total <= memory.total[0] + tolerance:
        memory.total[0] = total
        return True
    unbook(static, state, train)
    put_old(static, state, memory, train)
    return False


@inner
def _come_after(static: Any, state: Any, occ: int, train: int, first: int) -> bool:
    """Enter a stay of a train into the list of its resource, after those of `first` at the same time; True if so."""
    resource, start, until = state.occ_resource[occ], state.occ_from[occ], state.occ_until[occ]
    base = static.resource[resource, 0]
    end = base + state.blocked_count[resource]
    place = first_block(state, base, state.blocked_count[resource], start)
    passed = False
    while place < end:
        if state.blocked_train[place] == first and state.blocked_from[place] < until:
            passed = True
        elif state.blocked_from[place] >= start:
            break
        place += 1
    enter(state.blocked_from, state.blocked_until, state.blocked_train, place, end, start, until, train)
    state.blocked_count[resource] += 1
    return passed


@inner
def _shift(static: Any, state: Any, work: Any, orders: Any, train: int, total: int, budget: float) -> int:
    """Let trains come later until all come in the order of the lists, beginning with one; return the cost.

    All is undone, and the answer is -1, if that costs more than the budget or closes a circle.
    """
    queue, is_queued, touched, is_touched = orders.ready, orders.at, orders.waits_for, orders.next_occ
    trains = static.train.shape[0]
    for one in range(trains):
        is_queued[one], is_touched[one] = 0, 0
    queue[0], is_queued[train] = train, 1
    count, done, touches, events = 1, 0, 0, 0
    good = True
    while good and done < count:
        one = queue[done % trains]
        done += 1
        is_queued[one] = 0
        if not is_touched[one]:
            is_touched[one] = 1
            touched[touches] = one
            touches += 1
            keep_plan(static, state, orders, one)
        events += state.plan_length[one]
        total -= state.cost[one]
        good = done <= MOST_SHIFTS and _shift_one(static, state, orders, one)
        total += state.cost[one]
        good = good and total <= budget
        occ_base = static.train[one, OCC_FROM]
        for occ in range(occ_base, occ_base + state.occ_count[one]):
            resource, place = state.occ_resource[occ], orders.place[occ] + 1
            if place < static.resource[resource, 0] + state.blocked_count[resource]:
                follower = state.blocked_train[place]
                if state.blocked_from[place] < state.occ_until[occ] and not is_queued[follower]:
                    is_queued[follower] = 1
                    queue[count % trains] = follower
                    count += 1
    work.labels_made[0] += events // EVENTS_PER_LABEL
    if good:
        return total
    for k in range(touches):
        _put_back_times(static, state, orders, touched[k])
    return -1


@inner
def _put_back_times(static: Any, state: Any, orders: Any, train: int) -> None:
    """Undo what was done to a plan since its times were copied."""
    first = static.train[train, FIRST]
    _find_places(static, state, orders, train)
    for i in range(first, first + state.plan_length[train]):
        state.plan_start[i] = orders.kept_start[i]
    rewrite(static, state, orders, train)


@inner
def _find_places(static: Any, state: Any, orders: Any, train: int) -> None:
    """Find where in the lists of the resources a train's stays stand."""
    occ_base = static.train[train, OCC_FROM]
    for occ in range(occ_base, occ_base + state.occ_count[train]):
        orders.place[occ] = place_of(static, state, occ, train)


@inner
def _shift_one(static: Any, state: Any, orders: Any, train: int) -> bool:
    """Time one train anew, nowhere earlier than it is, after who comes before it; False if that is too late."""
    first, length = static.train[train, FIRST], state.plan_length[train]
    occ = static.train[train, OCC_FROM]
    last_occ = occ + state.occ_count[train]
    _find_places(static, state, orders, train)
    time_s = 0
    for i in range(first, first + length):
        op = state.plan_op[i]
        time_s = max(time_s, state.plan_start[i])
        while occ < last_occ and state.occ_begin[occ] == i - first:
            place = orders.place[occ] - 1
            if place >= static.resource[state.occ_resource[occ], 0] and state.blocked_train[place] != train:
                time_s = max(time_s, state.blocked_until[place])
            occ += 1
        if time_s > static.op[op, UB]:
            return False
        state.plan_start[i] = time_s
        time_s += static.op[op, MIN]
    rewrite(static, state, orders, train)
    return True
