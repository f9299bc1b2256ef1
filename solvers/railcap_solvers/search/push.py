"""Compiled push: a train goes first where it meets some others, all are timed anew, and who loses is replanned."""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.jit import inner
from railcap_solvers.search.layout import FIRST, FOREVER, LB, MIN, OCC_FROM
from railcap_solvers.search.moves import add, choose, pick_seed, plan_beside, put_old, take_out
from railcap_solvers.search.occupation import enter, first_block, put, put_all, unbook
from railcap_solvers.search.orders import adopt, keep, sweep, swept_cost
from railcap_solvers.search.work import EARLY, uniform

MOST_LOSERS = 8
"""If a push makes more trains than that dearer, and is not good enough, it is given up."""

CHAINS = 0.5
"""Share of pushes among trains that wait for each other; the others take those of a replanning move."""

MOST_PASSES = 6
"""Passes over the train's occupations in which all that must yield to it have to be found."""


@inner
def push(static: Any, state: Any, work: Any, memory: Any, orders: Any, tolerance: float) -> bool:
    """Let one or two trains go first where they meet others; undo it if the cost rises by more than `tolerance`."""
    chosen = memory.chosen
    if uniform(work.random) < CHAINS:
        count = _choose_chain(static, state, work, memory)
    else:
        count = choose(static, state, work, memory)
    if count < 2:
        memory.is_chosen[chosen[0]] = 0
        return False
    pushed = 2 if count > 2 and uniform(work.random) < 0.4 else 1
    budget = memory.total[0] + tolerance
    for i in range(count):
        memory.is_chosen[chosen[i]] = 0
        take_out(static, state, memory, chosen[i])
    planned = 0
    for i in range(pushed):
        train = chosen[i]
        allowance = memory.old_cost[train] + 0.5 + (0.0 if i == 0 else tolerance)
        if plan_beside(static, state, work, memory, train, allowance, EARLY) < 0:
            break
        put(static, state, train, work.route_op, work.route_start, work.route_length[0])
        planned += 1
    for i in range(planned):
        unbook(static, state, chosen[i])
    for i in range(planned, count):
        put_old(static, state, memory, chosen[i])
    if planned == pushed:
        entered = 0
        while entered < pushed and _put_first(static, state, orders, chosen[entered]):
            entered += 1
        if entered == pushed and sweep(static, state, work, orders):
            total = swept_cost(static, state, orders)
            if total <= budget or _few_lose(static, state, orders):
                _keep_unpushed(static, state, memory, orders, pushed)
                adopt(static, state, orders)
                total = _repair(static, state, work, memory, orders, total, budget)
                if total <= budget:
                    memory.total[0] = total
                    return True
                put_all(static, state, orders.kept_op, orders.kept_start, orders.kept_length)
                return False
        for i in range(entered):
            unbook(static, state, chosen[i])
    for i in range(planned):
        state.plan_length[chosen[i]] = 0
        put_old(static, state, memory, chosen[i])
    return False


@inner
def _choose_chain(static: Any, state: Any, work: Any, memory: Any) -> int:
    """Choose a train, one that it waits for, one that this waits for or the first too, and so on; return how many."""
    count = add(memory, 0, pick_seed(state, work, memory))
    wanted = 2 + int(4 * uniform(work.random) ** 2)
    for _ in range(3 * wanted):
        if count >= wanted:
            break
        train = memory.chosen[count - 1 if uniform(work.random) < 0.5 else int(count * uniform(work.random))]
        other, _, _ = blocker(static, state, work, train)
        if other >= 0:
            count = add(memory, count, other)
    return count


@inner
def blocker(static: Any, state: Any, work: Any, train: int) -> tuple[int, int, int]:
    """Return a train whose leaving let this one go on, a random one by the length of the wait, where and since when.

    The train is -1 if there is none.
    """
    first, length = static.train[train, FIRST], state.plan_length[train]
    occ_base = static.train[train, OCC_FROM]
    last_occ = occ_base + state.occ_count[train]
    occ, found, total = occ_base, -1, 0.0
    where, since = -1, -1
    for i in range(1, length):
        while occ < last_occ and state.occ_begin[occ] < i:
            occ += 1
        before = state.plan_op[first + i - 1]
        start = state.plan_start[first + i]
        wait = start - max(
            state.plan_start[first + i - 1] + static.op[before, MIN], static.op[state.plan_op[first + i], LB]
        )
        if wait <= 0:
            continue
        for k in range(occ, last_occ):
            if state.occ_begin[k] != i:
                break
            resource = state.occ_resource[k]
            base = static.resource[resource, 0]
            place = first_block(state, base, state.blocked_count[resource], start) - 1
            if place >= base and state.blocked_until[place] > start - wait and state.blocked_train[place] != train:
                total += wait
                if uniform(work.random) * total < wait:
                    found, where, since = state.blocked_train[place], resource, state.blocked_from[place]
    return found, where, since


@inner
def _put_first(static: Any, state: Any, orders: Any, train: int) -> bool:
    """Enter a train's occupations into the lists before all that it meets; False if it finds no place among them.

    Who must let it pass somewhere waits at the last place before that the train does not use, so the train comes first
    from there on.
    """
    occ_base = static.train[train, OCC_FROM]
    last_occ = occ_base + state.occ_count[train]
    for other in range(static.train.shape[0]):
        orders.yields_from[other] = FOREVER
    for i in range(occ_base, last_occ):
        orders.used_until[state.occ_resource[i]] = state.occ_until[i]
    settled = False
    for _ in range(MOST_PASSES):
        settled = True
        for i in range(occ_base, last_occ):
            if not _make_yield(static, state, orders, i):
                settled = False
        if settled:
            break
    for i in range(occ_base, last_occ):
        orders.used_until[state.occ_resource[i]] = -1
    if not settled:
        return False
    for i in range(occ_base, last_occ):
        resource, start = state.occ_resource[i], state.occ_from[i]
        place = _place_first(static, state, orders, resource, start)
        until, beyond = state.occ_until[i], static.resource[resource, 0] + state.blocked_count[resource]
        enter(state.blocked_from, state.blocked_until, state.blocked_train, place, beyond, start, until, train)
        state.blocked_count[resource] += 1
    return True


@inner
def _place_first(static: Any, state: Any, orders: Any, resource: int, start: int) -> int:
    """Return where in a list a train comes that begins at `start`: before the first that must yield or is not over."""
    place = static.resource[resource, 0]
    end = place + state.blocked_count[resource]
    while place < end:
        if state.blocked_until[place] > start:
            break
        if state.blocked_from[place] >= orders.yields_from[state.blocked_train[place]]:
            break
        place += 1
    return place


@inner
def _make_yield(static: Any, state: Any, orders: Any, occ: int) -> bool:
    """Make all yield that one occupation comes before though they begin before it ends; True if all did already."""
    resource, until = state.occ_resource[occ], state.occ_until[occ]
    place = _place_first(static, state, orders, resource, state.occ_from[occ])
    settled = True
    for k in range(place, static.resource[resource, 0] + state.blocked_count[resource]):
        other, since = state.blocked_train[k], state.blocked_from[k]
        if since >= until:
            break
        if since >= orders.yields_from[other]:
            continue
        settled = False
        at = static.train[other, OCC_FROM]
        while state.occ_resource[at] != resource or state.occ_from[at] != since:
            at += 1
        while at > static.train[other, OCC_FROM]:
            if orders.used_until[state.occ_resource[at - 1]] <= state.occ_from[at - 1]:
                break
            at -= 1
        orders.yields_from[other] = state.occ_from[at]
    return settled


@inner
def _few_lose(static: Any, state: Any, orders: Any) -> bool:
    """Return whether few enough trains became dearer by the last sweep that replanning them is worth a try."""
    losers = 0
    for train in range(static.train.shape[0]):
        first, length = static.train[train, FIRST], state.plan_length[train]
        if length > 0 and orders.start[first + length - 1] > state.plan_start[first + length - 1]:
            losers += 1
    return 0 < losers <= MOST_LOSERS


@inner
def _keep_unpushed(static: Any, state: Any, memory: Any, orders: Any, pushed: int) -> None:
    """Copy the plans as they were before the push."""
    keep(static, state, orders)
    for k in range(pushed):
        train = memory.chosen[k]
        first, length = static.train[train, FIRST], memory.old_length[train]
        orders.kept_length[train], orders.kept_cost[train] = length, memory.old_cost[train]
        for i in range(first, first + length):
            orders.kept_op[i], orders.kept_start[i] = memory.old_op[i], memory.old_start[i]


@inner
def _repair(static: Any, state: Any, work: Any, memory: Any, orders: Any, total: int, budget: float) -> int:
    """Replan trains that the push made dearer, the worst first, until the cost is within budget; return the cost."""
    for _ in range(MOST_LOSERS):
        if total <= budget:
            break
        worst, most = -1, 0
        for train in range(static.train.shape[0]):
            loss = state.cost[train] - orders.kept_cost[train]
            if loss > most:
                worst, most = train, loss
        if worst < 0:
            break
        orders.kept_cost[worst] = state.cost[worst]  # it is not looked at again
        take_out(static, state, memory, worst)
        cost = plan_beside(static, state, work, memory, worst, float(memory.old_cost[worst]), EARLY)
        if cost >= 0:
            put(static, state, worst, work.route_op, work.route_start, work.route_length[0])
            total += cost - memory.old_cost[worst]
        else:
            put_old(static, state, memory, worst)
    return total
