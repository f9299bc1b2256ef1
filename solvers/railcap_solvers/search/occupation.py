"""Compiled book-keeping of who occupies which resource when, and of the plans of all trains."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import (
    FIRST,
    FOREVER,
    LB,
    OCC_FROM,
    REFUSAL,
    TERM,
    TERM_END,
    UB,
    USE,
    USE_END,
    Ints,
    Static,
)


class State(NamedTuple):
    """All plans, and the occupations that follow from them.

    Per resource `blocked_*` lists, sorted, the spans in which no further train fits; with capacity 1 these are the
    occupations themselves, each with its train. Resources of larger capacity list their occupations in `held_*`.
    A train without a plan has `plan_length` 0. Its occupations stand in `occ_*`: when, from which place of its route
    on, and by how many uses.
    """

    blocked_from: Ints
    blocked_until: Ints
    blocked_train: Ints
    blocked_count: Ints
    held_from: Ints
    held_until: Ints
    held_train: Ints
    held_count: Ints
    plan_op: Ints
    plan_start: Ints
    plan_length: Ints
    occ_resource: Ints
    occ_from: Ints
    occ_until: Ints
    occ_begin: Ints
    occ_uses: Ints
    occ_count: Ints
    cost: Ints
    earliest: Ints
    latest: Ints
    last_occ: Ints
    last_place: Ints
    overlaps: Ints
    ends: Ints


def new_state(static: Static) -> State:
    """Return a state in which no train runs."""
    slots, resources, ops, trains = (len(static.use), len(static.resource), len(static.op), len(static.train))

    def zeros(count: int) -> Ints:
        return np.zeros(count + 1, np.int64)

    return State(
        zeros(slots), zeros(slots), zeros(slots), zeros(resources),
        zeros(slots), zeros(slots), zeros(slots), zeros(resources),
        zeros(ops), zeros(ops), zeros(trains),
        zeros(slots), zeros(slots), zeros(slots), zeros(slots), zeros(slots), zeros(trains),
        zeros(trains), static.op[:, LB].copy(), static.op[:, UB].copy(),
        zeros(resources) - 1, zeros(resources), zeros(1), zeros(min(slots, int(static.resource[:, 1].max(initial=1)))),
    )  # fmt: skip


@inner
def delay_cost(static: Any, op: int, start: int) -> int:
    """Return what starting an operation at an instant costs by its delay terms."""
    total = 0
    for k in range(static.op[op, TERM], static.op[op, TERM_END]):
        over = start - static.term[k, 0]
        if over >= 0:
            total += static.term[k, 1] * over + static.term[k, 2]
    return total


@inner
def true_cost(static: Any, train: int, ops: Ints, starts: Ints, length: int) -> int:
    """Return the exact cost of a route, or of a refusal if its length is 0."""
    if length == 0:
        return static.train[train, REFUSAL]
    total = 0
    for i in range(length):
        total += delay_cost(static, ops[i], starts[i])
    for k in range(static.journey_from[train], static.journey_from[train + 1]):
        begin, end = -1, -1
        for i in range(length):
            if ops[i] == static.journey[k, 0]:
                begin = starts[i]
            if ops[i] == static.journey[k, 1]:
                end = starts[i]
        if begin >= 0 and end >= 0:
            total += static.journey[k, 3] * max(0, end - begin - static.journey[k, 2])
    return total


@inner
def _rebuild_blocked(static: Any, state: Any, resource: int) -> None:
    """Find the spans in which a resource of capacity above 1 is full."""
    base, capacity = static.resource[resource, 0], static.resource[resource, 1]
    count, full = state.held_count[resource], 0
    ends = state.ends
    active = 0
    for i in range(base, base + count):
        start, until = state.held_from[i], state.held_until[i]
        k = 0
        for j in range(active):
            if ends[j] > start:
                ends[k] = ends[j]
                k += 1
        active = k
        if active >= capacity:
            state.overlaps[0] += 1
            continue
        ends[active] = until
        active += 1
        if active == capacity:
            free = until
            for j in range(active):
                free = min(free, ends[j])
            state.blocked_from[base + full] = start
            state.blocked_until[base + full] = free
            full += 1
        if until == start:
            active -= 1
    state.blocked_count[resource] = full


@inner
def _insert(starts: Ints, ends: Ints, owners: Ints, base: int, count: int, start: int, end: int, train: int) -> int:
    low, high = base, base + count
    while low < high:
        middle = (low + high) // 2
        if starts[middle] < start or (starts[middle] == start and ends[middle] <= end):
            low = middle + 1
        else:
            high = middle
    enter(starts, ends, owners, low, base + count, start, end, train)
    return low


@inner
def enter(starts: Ints, ends: Ints, owners: Ints, place: int, beyond: int, start: int, end: int, train: int) -> None:
    """Enter an occupation at a place of a list that has ended before `beyond`."""
    for i in range(beyond, place, -1):
        starts[i] = starts[i - 1]
        ends[i] = ends[i - 1]
        owners[i] = owners[i - 1]
    starts[place], ends[place], owners[place] = start, end, train


@inner
def _delete(starts: Ints, ends: Ints, owners: Ints, base: int, count: int, start: int, train: int) -> None:
    low, high = base, base + count
    while low < high:
        middle = (low + high) // 2
        if starts[middle] < start:
            low = middle + 1
        else:
            high = middle
    while owners[low] != train:
        low += 1
    strike(starts, ends, owners, low, base + count)


@inner
def strike(starts: Ints, ends: Ints, owners: Ints, place: int, beyond: int) -> None:
    """Strike the occupation at a place off a list that ends before `beyond`."""
    for i in range(place, beyond - 1):
        starts[i] = starts[i + 1]
        ends[i] = ends[i + 1]
        owners[i] = owners[i + 1]


@entry
def put(static: Any, state: Any, train: int, ops: Ints, starts: Ints, length: int) -> None:
    """Give a train without a plan this one (length 0: it is refused), and book its occupations."""
    first, occ_base = static.train[train, FIRST], static.train[train, OCC_FROM]
    state.cost[train] = true_cost(static, train, ops, starts, length)
    state.plan_length[train] = length
    count = 0
    for i in range(length):
        state.plan_op[first + i] = ops[i]
        state.plan_start[first + i] = starts[i]
        start = starts[i]
        end = starts[i + 1] if i + 1 < length else FOREVER
        for k in range(static.op[ops[i], USE], static.op[ops[i], USE_END]):
            resource, until = static.use[k, 0], min(end + static.use[k, 1], FOREVER)
            last = state.last_occ[resource]
            if last >= 0 and (state.occ_until[last] > start or state.last_place[resource] == i - 1):
                state.occ_until[last] = max(state.occ_until[last], until)
                state.occ_uses[last] += 1
            else:
                last = occ_base + count
                state.occ_resource[last], state.occ_from[last], state.occ_until[last] = resource, start, until
                state.occ_begin[last], state.occ_uses[last] = i, 1
                count += 1
            state.last_occ[resource], state.last_place[resource] = last, i
    state.occ_count[train] = count
    for i in range(occ_base, occ_base + count):
        state.last_occ[state.occ_resource[i]] = -1
    book(static, state, train)


@entry
def put_all(static: Any, state: Any, ops: Ints, starts: Ints, lengths: Ints) -> None:
    """Give all trains these plans instead of those that they have."""
    for resource in range(static.resource.shape[0]):
        state.blocked_count[resource], state.held_count[resource] = 0, 0
    for train in range(static.train.shape[0]):
        first = static.train[train, FIRST]
        put(static, state, train, ops[first:], starts[first:], lengths[train])


@inner
def book(static: Any, state: Any, train: int) -> None:
    """Enter the occupations of a train's plan into the lists of the resources."""
    occ_base = static.train[train, OCC_FROM]
    for i in range(occ_base, occ_base + state.occ_count[train]):
        resource, start, until = state.occ_resource[i], state.occ_from[i], state.occ_until[i]
        base = static.resource[resource, 0]
        if static.resource[resource, 1] == 1:
            count = state.blocked_count[resource]
            at = _insert(state.blocked_from, state.blocked_until, state.blocked_train, base, count, start, until, train)
            if at > base and state.blocked_until[at - 1] > start:
                state.overlaps[0] += 1
            if at < base + count and state.blocked_from[at + 1] < until:
                state.overlaps[0] += 1
            state.blocked_count[resource] += 1
        else:
            count = state.held_count[resource]
            _insert(state.held_from, state.held_until, state.held_train, base, count, start, until, train)
            state.held_count[resource] += 1
            _rebuild_blocked(static, state, resource)


@entry
def unbook(static: Any, state: Any, train: int) -> None:
    """Take the occupations of a train's plan off the lists of the resources; the plan itself stays readable.

    Lists of resources of capacity 1 may be out of the order of time.
    """
    occ_base = static.train[train, OCC_FROM]
    for i in range(occ_base, occ_base + state.occ_count[train]):
        resource, start = state.occ_resource[i], state.occ_from[i]
        base = static.resource[resource, 0]
        if static.resource[resource, 1] == 1:
            withdraw_stay(static, state, i, train)
        else:
            count = state.held_count[resource]
            _delete(state.held_from, state.held_until, state.held_train, base, count, start, train)
            state.held_count[resource] -= 1
            _rebuild_blocked(static, state, resource)


@inner
def withdraw_stay(static: Any, state: Any, occ: int, train: int) -> None:
    """Take one stay of a train off the list of a resource of capacity 1, which may be out of the order of time."""
    resource = state.occ_resource[occ]
    end = static.resource[resource, 0] + state.blocked_count[resource]
    strike(state.blocked_from, state.blocked_until, state.blocked_train, place_of(static, state, occ, train), end)
    state.blocked_count[resource] -= 1


@inner
def place_of(static: Any, state: Any, occ: int, train: int) -> int:
    """Return where a stay of a train stands in the list of its resource, which may be out of the order of time."""
    resource, start = state.occ_resource[occ], state.occ_from[occ]
    base = static.resource[resource, 0]
    end = base + state.blocked_count[resource]
    up = first_block(state, base, state.blocked_count[resource], start)
    down = up - 1
    while up < end or down >= base:  # where it would stand by its time, and on to both sides
        if up < end and state.blocked_train[up] == train and state.blocked_from[up] == start:
            return up
        if down >= base and state.blocked_train[down] == train and state.blocked_from[down] == start:
            return down
        up += 1
        down -= 1
    return -1


@inner
def first_block(state: Any, base: int, count: int, time_s: int) -> int:
    """Return the place of the first blocked span of a resource that ends after an instant."""
    low, high = base, base + count
    while low < high:
        middle = (low + high) // 2
        if state.blocked_until[middle] <= time_s:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def fits(static: Any, state: Any, plans: Any, train: int) -> bool:
    """Tell whether a train's plan in the state `plans`, not booked in `state`, fits beside all that is booked there."""
    occ_base = static.train[train, OCC_FROM]
    for i in range(occ_base, occ_base + plans.occ_count[train]):
        resource, start, until = plans.occ_resource[i], plans.occ_from[i], plans.occ_until[i]
        base = static.resource[resource, 0]
        at = first_block(state, base, state.blocked_count[resource], start)
        if at < base + state.blocked_count[resource] and state.blocked_from[at] < until:
            return False
    return True
