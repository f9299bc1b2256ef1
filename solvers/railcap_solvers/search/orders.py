"""Compiled timing of all trains by the order in which they use each resource, everyone as early as that allows.

Made for problems in which nothing but routes and orders matters: no longest duration, closure, link, journey term or
cost that falls with time, and capacity 1 everywhere. There the earliest schedule that keeps the orders is a cheapest.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from railcap.operations.objective import rises
from railcap.operations.problem import DelayTerm, OperationsProblem
from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import (
    FIRST,
    FOREVER,
    LB,
    MIN,
    OCC_FROM,
    TERM,
    TERM_END,
    TRAIN,
    UB,
    USE,
    USE_END,
    Floats,
    Ints,
    Static,
)
from railcap_solvers.search.occupation import put_all, true_cost

NOBODY = -1

EVENTS_PER_LABEL = 4
"""Events of a sweep that take as long as a label of the planner, in the count of work."""


class Orders(NamedTuple):
    """Scratch memory of a sweep over all trains, and a copy of what was in force before.

    `turn` and `free` say per resource whose occupation is due and since when it could begin, `left` and `until` how
    many of its uses are to come and when it will be over; `at`, `next_occ` and `waits_for` how far each train has come
    and what it waits for. `event` lists the starts of operations in an order in which nothing waits for what comes
    later, `start` and `latest` are their times, `place` says where in the lists each occupation stands.

    A push keeps in `yields_from` from when on each train must let another pass, in `used_until` when that one leaves
    what it uses. `kept_*` are the plans before a push or an exchange. `allowed` tells whether the problem may be swept,
    `gains` and `effort` what is known of both kinds of moves, replanning and pushing.
    """

    turn: Ints
    free: Ints
    left: Ints
    until: Ints
    at: Ints
    next_occ: Ints
    events: Ints
    waits_for: Ints
    ready: Ints
    event: Ints
    start: Ints
    latest: Ints
    place: Ints
    yields_from: Ints
    used_until: Ints
    kept_op: Ints
    kept_start: Ints
    kept_length: Ints
    kept_cost: Ints
    allowed: Ints
    gains: Floats
    effort: Floats


def only_orders_matter(problem: OperationsProblem) -> bool:
    """Return whether a problem is one of those that `sweep` is made for."""
    return (
        not problem.links
        and all(isinstance(term, DelayTerm) and rises(term) for term in problem.objective)
        and not any(resource.capacity > 1 or resource.closures for resource in problem.resources.values())
        and all(op.max_duration_s is None for train in problem.trains for op in train.operations)
    )


def new_orders(static: Static, allowed: bool) -> Orders:
    """Return scratch memory for a problem, and whether it is one that may be swept."""
    slots, resources, ops, trains = len(static.use), len(static.resource), len(static.op), len(static.train)

    def zeros(count: int) -> Ints:
        return np.zeros(count + 1, np.int64)

    return Orders(
        zeros(resources), zeros(resources), zeros(resources), zeros(resources),
        zeros(trains), zeros(trains), zeros(1), zeros(trains), zeros(trains),
        zeros(ops), zeros(ops), zeros(ops), zeros(slots),
        zeros(trains), zeros(resources) - 1, zeros(ops), zeros(ops), zeros(trains), zeros(trains),
        np.array([int(allowed)]), np.ones(2), np.ones(2),
    )  # fmt: skip


@inner
def sweep(static: Any, state: Any, work: Any, orders: Any) -> bool:
    """Time all plans anew by the lists of the resources; False if they close a circle or make someone too late.

    The new times stand in `orders`; nothing else has changed.
    """
    for resource in range(static.resource.shape[0]):
        orders.turn[resource], orders.free[resource] = static.resource[resource, 0], 0
    ready, missing, events = 0, 0, 0
    for train in range(static.train.shape[0]):
        orders.at[train], orders.next_occ[train] = 0, static.train[train, OCC_FROM]
        orders.waits_for[train] = NOBODY
        if state.plan_length[train] > 0:
            orders.ready[ready] = train
            ready += 1
            missing += 1
    while ready > 0:
        ready -= 1
        train = orders.ready[ready]
        first, length = static.train[train, FIRST], state.plan_length[train]
        last_occ = static.train[train, OCC_FROM] + state.occ_count[train]
        i, opening = orders.at[train], orders.next_occ[train]
        while i < length:
            op = state.plan_op[first + i]
            time_s = static.op[op, LB]
            if i > 0:
                before = state.plan_op[first + i - 1]
                time_s = max(time_s, orders.start[first + i - 1] + static.op[before, MIN])
            blocked = False
            occ = opening
            while occ < last_occ and state.occ_begin[occ] == i:
                resource = state.occ_resource[occ]
                place = orders.turn[resource]
                if state.blocked_train[place] != train:
                    orders.waits_for[train] = resource
                    blocked = True
                    break
                time_s = max(time_s, orders.free[resource])
                occ += 1
            if blocked:
                break
            if time_s > static.op[op, UB]:
                return False
            orders.start[first + i] = time_s
            orders.event[events] = first + i
            events += 1
            for k in range(opening, occ):
                resource = state.occ_resource[k]
                place = orders.turn[resource]
                orders.place[k] = place
                orders.left[resource], orders.until[resource] = state.occ_uses[k], 0
            opening = occ
            if i > 0:
                before = state.plan_op[first + i - 1]
                for k in range(static.op[before, USE], static.op[before, USE_END]):
                    resource = static.use[k, 0]
                    orders.until[resource] = max(orders.until[resource], time_s + static.use[k, 1])
                    orders.left[resource] -= 1
                    if orders.left[resource] == 0:
                        place = orders.turn[resource]
                        orders.free[resource] = orders.until[resource]
                        orders.turn[resource] = place + 1
                        if place + 1 < static.resource[resource, 0] + state.blocked_count[resource]:
                            follower = state.blocked_train[place + 1]
                            if follower != train and orders.waits_for[follower] == resource:
                                orders.waits_for[follower] = NOBODY
                                orders.ready[ready] = follower
                                ready += 1
            i += 1
        orders.at[train], orders.next_occ[train] = i, opening
        if i == length:
            missing -= 1
    orders.events[0] = events
    work.labels_made[0] += events // EVENTS_PER_LABEL
    return missing == 0


@inner
def spread(static: Any, state: Any, orders: Any, share: float) -> None:
    """Move the times of the last sweep on by a share of what each can be put off without any exit being later."""
    for resource in range(static.resource.shape[0]):
        orders.free[resource] = FOREVER
    for event in range(orders.events[0] - 1, -1, -1):
        i = orders.event[event]
        op = state.plan_op[i]
        train = static.op[op, TRAIN]
        first = static.train[train, FIRST]
        if i == first + state.plan_length[train] - 1:
            latest = orders.start[i]
        else:
            latest = min(static.op[op, UB], orders.latest[i + 1] - static.op[op, MIN])
            if static.op[op, TERM] < static.op[op, TERM_END]:
                latest = orders.start[i]
        if i > first:
            before = state.plan_op[i - 1]
            for k in range(static.op[before, USE], static.op[before, USE_END]):
                latest = min(latest, orders.free[static.use[k, 0]] - static.use[k, 1])
        orders.latest[i] = latest
        occ = orders.next_occ[train] - 1
        while occ >= static.train[train, OCC_FROM] and state.occ_begin[occ] == i - first:
            orders.free[state.occ_resource[occ]] = latest
            occ -= 1
        orders.next_occ[train] = occ + 1
    for event in range(orders.events[0]):
        i = orders.event[event]
        orders.start[i] += int(share * (orders.latest[i] - orders.start[i]))


@inner
def keep(static: Any, state: Any, orders: Any) -> None:
    """Copy the plans in force, so that they can be put back."""
    for train in range(static.train.shape[0]):
        keep_plan(static, state, orders, train)


@inner
def keep_plan(static: Any, state: Any, orders: Any, train: int) -> None:
    """Copy one plan."""
    first, length = static.train[train, FIRST], state.plan_length[train]
    orders.kept_length[train], orders.kept_cost[train] = length, state.cost[train]
    for i in range(first, first + length):
        orders.kept_op[i], orders.kept_start[i] = state.plan_op[i], state.plan_start[i]


@entry
def exact_times(static: Any, exact: Any, state: Any, memory: Any, work: Any, orders: Any) -> bool:
    """Time the best plans by the true releases, in a state of their own; the times stand in `orders`."""
    put_all(static, state, memory.best_op, memory.best_start, memory.best_length)
    return sweep(exact, state, work, orders)


@inner
def swept_cost(static: Any, state: Any, orders: Any) -> int:
    """Return what all trains cost at the times of the last sweep."""
    total = 0
    for train in range(static.train.shape[0]):
        first = static.train[train, FIRST]
        total += true_cost(static, train, state.plan_op[first:], orders.start[first:], state.plan_length[train])
    return total


@inner
def adopt(static: Any, state: Any, orders: Any) -> None:
    """Put the times of the last sweep in force."""
    for train in range(static.train.shape[0]):
        first, length = static.train[train, FIRST], state.plan_length[train]
        for i in range(first, first + length):
            state.plan_start[i] = orders.start[i]
        rewrite(static, state, orders, train)


@inner
def rewrite(static: Any, state: Any, orders: Any, train: int) -> None:
    """Bring a train's cost and stays, at their places in the lists, into line with the times of its plan."""
    first, length = static.train[train, FIRST], state.plan_length[train]
    state.cost[train] = true_cost(static, train, state.plan_op[first:], state.plan_start[first:], length)
    occ = static.train[train, OCC_FROM]
    last_occ = occ + state.occ_count[train]
    for i in range(length):
        while occ < last_occ and state.occ_begin[occ] == i:
            resource = state.occ_resource[occ]
            state.occ_from[occ], state.occ_until[occ] = state.plan_start[first + i], 0
            orders.turn[resource] = occ
            occ += 1
        op = state.plan_op[first + i]
        end = state.plan_start[first + i + 1] if i + 1 < length else FOREVER
        for k in range(static.op[op, USE], static.op[op, USE_END]):
            its_occ = orders.turn[static.use[k, 0]]
            until = min(FOREVER, end + static.use[k, 1])
            state.occ_until[its_occ] = max(state.occ_until[its_occ], until)
    for occ in range(static.train[train, OCC_FROM], last_occ):
        place = orders.place[occ]
        state.blocked_from[place], state.blocked_until[place] = state.occ_from[occ], state.occ_until[occ]


@entry
def retime(static: Any, state: Any, work: Any, orders: Any, share: float) -> int:
    """Time all trains anew by their orders, as early as can be or put off by a share; return the cost.

    Where that is not possible nothing has changed, and -1 is returned.
    """
    if not sweep(static, state, work, orders):
        return -1
    if share > 0.0:
        spread(static, state, orders, share)
    adopt(static, state, orders)
    total = 0
    for train in range(static.train.shape[0]):
        total += state.cost[train]
    return total
