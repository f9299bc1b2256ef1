"""Compiled recombination: what other plans do better is taken over, some trains at a time, all others keep theirs.

Where two anneals end they differ in places that have little to do with each other, and each end is better in some of
them. Parts that do not touch can be exchanged (partition crossover: Whitley, Hains and Howe 2009). Here a part begins
with one train that is cheaper in the other plans, and grows by the trains that stand in its way.
"""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import FIRST, OCC_FROM
from railcap_solvers.search.moves import plan_beside, take_out
from railcap_solvers.search.occupation import first_block, fits, put, put_all
from railcap_solvers.search.orders import adopt, keep, sweep, swept_cost
from railcap_solvers.search.work import EARLY

MOST_STEPS = 8
"""How often a part may grow by the trains in its way before it is given up."""

LARGEST_PART = 100
"""Trains of a part beyond which it is given up."""


@entry
def take_over(static: Any, state: Any, work: Any, memory: Any, orders: Any, other: Any) -> None:
    """Take over from the plans of another state what makes those in force cheaper.

    Only for problems in which only orders matter.
    """
    chosen, is_chosen = memory.chosen, memory.is_chosen
    for train in range(static.train.shape[0]):
        if other.cost[train] >= state.cost[train]:
            continue
        chosen[0], is_chosen[train] = train, 1
        part = 1
        for _ in range(MOST_STEPS):
            count = _add_in_the_way(static, state, memory, other, part)
            better = _exchange(static, state, work, memory, orders, other, part, count)
            if better or count == part or count > LARGEST_PART:
                part = count
                break
            part = count
        for i in range(part):
            is_chosen[chosen[i]] = 0


@inner
def _add_in_the_way(static: Any, state: Any, memory: Any, other: Any, part: int) -> int:
    """Choose the trains whose plans in force leave no room for the other plans of a part; return the count."""
    count = part
    for i in range(part):
        train = memory.chosen[i]
        occ_base = static.train[train, OCC_FROM]
        for occ in range(occ_base, occ_base + other.occ_count[train]):
            resource, until = other.occ_resource[occ], other.occ_until[occ]
            base = static.resource[resource, 0]
            end = base + state.blocked_count[resource]
            at = first_block(state, base, state.blocked_count[resource], other.occ_from[occ])
            while at < end and state.blocked_from[at] < until:
                one = state.blocked_train[at]
                if not memory.is_chosen[one]:
                    memory.is_chosen[one] = 1
                    memory.chosen[count] = one
                    count += 1
                at += 1
    return count


@inner
def _exchange(static: Any, state: Any, work: Any, memory: Any, orders: Any, other: Any, part: int, count: int) -> bool:
    """Give a part its other plans, and those in its way plans beside it; undo it if that is not cheaper."""
    keep(static, state, orders)
    left = memory.total[0]
    for i in range(count):
        left -= state.cost[memory.chosen[i]]
        take_out(static, state, memory, memory.chosen[i])
    for i in range(part):
        _put_other(static, state, other, memory.chosen[i])
        left += other.cost[memory.chosen[i]]
    good = left < memory.total[0]
    for i in range(part, count):
        if not good:
            break
        train = memory.chosen[i]
        if fits(static, state, other, train):
            _put_other(static, state, other, train)
            left += other.cost[train]
        else:
            cost = plan_beside(static, state, work, memory, train, float(memory.total[0] - left), EARLY)
            if cost < 0:
                good = False
                break
            put(static, state, train, work.route_op, work.route_start, work.route_length[0])
            left += cost
        good = left < memory.total[0]
    if good and sweep(static, state, work, orders):
        memory.total[0] = swept_cost(static, state, orders)
        adopt(static, state, orders)
        return True
    put_all(static, state, orders.kept_op, orders.kept_start, orders.kept_length)
    return False


@inner
def _put_other(static: Any, state: Any, other: Any, train: int) -> None:
    first = static.train[train, FIRST]
    put(static, state, train, other.plan_op[first:], other.plan_start[first:], other.plan_length[train])
