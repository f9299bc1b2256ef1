"""Compiled moves of the search: take some trains out, put them back otherwise, keep what is good enough."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import (
    COMPANION,
    FIRST,
    HAS_LINKS,
    LB,
    NEEDED,
    OCC_FROM,
    OPTIONAL,
    REFUSAL,
    TRAIN,
    UB,
    Floats,
    Ints,
    Static,
)
from railcap_solvers.search.occupation import book, first_block, fits, put, unbook
from railcap_solvers.search.planner import plan
from railcap_solvers.search.work import uniform

MOST_TRIES = 30
"""Trains looked at for one that costs more than it must: on large networks most cost no more."""


class Memory(NamedTuple):
    """What the search remembers beside the plans in force.

    `least` is each train's cost at best, alone on the line or refused; `can_run` tells whether it can run alone. The
    `wish_*` arrays hold the occupations of that best run, the `old_*` arrays the plans that a move took out, the
    `best_*` arrays the best solution so far. `total` is the cost in force, the best cost, the count of moves and that
    of members: the trains in `member` that moves may touch, marked in `is_member`. `temperature[0]` is what a move may
    cost on average, `refusal_weight[0]` how many times its true cost a refusal counts when a move is judged.
    """

    least: Ints
    can_run: Ints
    step: Floats
    rank: Ints
    wish_resource: Ints
    wish_from: Ints
    wish_until: Ints
    wish_count: Ints
    old_op: Ints
    old_start: Ints
    old_length: Ints
    old_cost: Ints
    best_op: Ints
    best_start: Ints
    best_length: Ints
    chosen: Ints
    is_chosen: Ints
    total: Ints
    temperature: Floats
    refusal_weight: Floats
    member: Ints
    is_member: Ints


def new_memory(static: Static, rank: Ints) -> Memory:
    """Return a memory that knows nothing yet but the ranks of trains by required links."""
    trains, slots, ops = len(static.train), len(static.use), len(static.op)

    def zeros(count: int) -> Ints:
        return np.zeros(count + 1, np.int64)

    return Memory(
        zeros(trains), zeros(trains), np.zeros(trains + 1), rank,
        zeros(slots), zeros(slots), zeros(slots), zeros(trains),
        zeros(ops), zeros(ops), zeros(trains), zeros(trains),
        zeros(ops), zeros(ops), zeros(trains),
        zeros(trains), zeros(trains), zeros(4), np.zeros(1), np.ones(1), zeros(trains), zeros(trains),
    )  # fmt: skip


@inner
def _set_windows(static: Any, state: Any, train: int) -> None:
    """Narrow a train's windows to what its links to trains with a plan leave."""
    for k in range(static.link_from[train], static.link_from[train + 1]):
        for side in range(2):
            op = static.link[k, side]
            if static.op[op, TRAIN] == train:
                state.earliest[op], state.latest[op] = static.op[op, LB], static.op[op, UB]
    for k in range(static.link_from[train], static.link_from[train + 1]):
        begin, end = static.link[k, 0], static.link[k, 1]
        is_begin = static.op[begin, TRAIN] == train
        mine, other = (begin, end) if is_begin else (end, begin)
        partner = static.op[other, TRAIN]
        found = -1
        first = static.train[partner, FIRST]
        for i in range(first, first + state.plan_length[partner]):
            if state.plan_op[i] == other:
                found = state.plan_start[i]
        if found < 0:
            if static.link[k, 4] == NEEDED and not is_begin:
                state.latest[mine] = -1
            continue
        if is_begin:
            state.earliest[mine] = max(state.earliest[mine], found - static.link[k, 3])
            state.latest[mine] = min(state.latest[mine], found - static.link[k, 2])
        else:
            state.earliest[mine] = max(state.earliest[mine], found + static.link[k, 2])
            state.latest[mine] = min(state.latest[mine], found + static.link[k, 3])


@entry
def plan_beside(static: Any, state: Any, work: Any, memory: Any, train: int, allowance: float, waiting: int) -> int:
    """Plan a train beside all that is booked and linked to it, see `plan`; -1 if none costs less than `allowance`."""
    if not memory.can_run[train]:
        return -1
    if static.train[train, HAS_LINKS]:
        _set_windows(static, state, train)
    excess = memory.step[train]
    if memory.old_length[train] > 0:  # what it cost before is what it will cost again, more often than not
        excess = max(excess, memory.old_cost[train] - memory.least[train] + 0.5)
    if memory.step[train] <= 0.0:
        excess = 0.0
    return plan(static, state, work, train, memory.least[train] + excess, excess, allowance, waiting)


@inner
def take_out(static: Any, state: Any, memory: Any, train: int) -> None:
    """Take a train's plan out of the state and remember it."""
    first, length = static.train[train, FIRST], state.plan_length[train]
    unbook(static, state, train)
    for i in range(first, first + length):
        memory.old_op[i], memory.old_start[i] = state.plan_op[i], state.plan_start[i]
    memory.old_length[train], memory.old_cost[train] = length, state.cost[train]
    state.plan_length[train] = 0


@inner
def put_old(static: Any, state: Any, memory: Any, train: int) -> None:
    """Give a train its remembered plan back."""
    first = static.train[train, FIRST]
    put(static, state, train, memory.old_op[first:], memory.old_start[first:], memory.old_length[train])


@inner
def put_back(static: Any, state: Any, memory: Any, train: int) -> None:
    """Give a train that was taken out, and has had no other plan since, its plan back."""
    state.plan_length[train] = memory.old_length[train]
    book(static, state, train)


@entry
def leave_out(static: Any, state: Any, memory: Any) -> None:
    """Refuse every train that is not a member."""
    for train in range(static.train.shape[0]):
        if not memory.is_member[train]:
            take_out(static, state, memory, train)
            put(static, state, train, memory.old_op, memory.old_start, 0)


@entry
def remember_best(static: Any, state: Any, memory: Any) -> None:
    """Remember the plans in force as the best."""
    for i in range(state.plan_op.shape[0]):
        memory.best_op[i], memory.best_start[i] = state.plan_op[i], state.plan_start[i]
    for train in range(state.plan_length.shape[0]):
        memory.best_length[train] = state.plan_length[train]


@inner
def add(memory: Any, count: int, train: int) -> int:
    """Choose a train if it is a member and not chosen yet; return how many are chosen."""
    if memory.is_chosen[train] or not memory.is_member[train]:
        return count
    memory.is_chosen[train] = 1
    memory.chosen[count] = train
    return count + 1


@inner
def pick_seed(state: Any, work: Any, memory: Any) -> int:
    """Return a random member, mostly one that costs much more than it must or is refused."""
    members = memory.total[3]
    best, most = memory.member[int(members * uniform(work.random))], -1.0
    kind = uniform(work.random)
    if kind < 0.15:
        return best
    if kind < 0.25:
        shift = int(members * uniform(work.random))
        for i in range(members):
            train = memory.member[(i + shift) % members]
            if state.plan_length[train] == 0 and memory.can_run[train]:
                return train
    tries = 1 + int(4 * uniform(work.random))
    for i in range(MOST_TRIES):
        if i >= tries and most > 0.0:
            break
        train = memory.member[int(members * uniform(work.random))]
        excess = float(state.cost[train] - memory.least[train])
        if state.plan_length[train] == 0:  # a refused train costs so much that it would be tried all the time
            excess = min(excess, 2.0 * memory.temperature[0])
        excess *= 0.1 + uniform(work.random)
        if excess > most:
            best, most = train, excess
    return best


@inner
def _add_owners(static: Any, state: Any, work: Any, memory: Any, resource: int, start: int, until: int, spread: int,
                count: int, wanted: int) -> int:  # fmt: skip
    """Choose trains that occupy a resource in a span, or up to `spread` places beside it in its list."""
    base = static.resource[resource, 0]
    if static.resource[resource, 1] > 1:
        held = state.held_count[resource]
        shift = int(held * uniform(work.random)) if held else 0
        for i in range(held):
            at = base + (i + shift) % held
            if state.held_from[at] < until and state.held_until[at] > start and count < wanted:
                count = add(memory, count, state.held_train[at])
        return count
    end = base + state.blocked_count[resource]
    at = first_block(state, base, state.blocked_count[resource], start)
    low = max(base, at - spread)
    while at < end and state.blocked_from[at] < until:
        at += 1
    high = min(end, at + spread)
    if high > low:
        shift = int((high - low) * uniform(work.random))
        for i in range(high - low):
            if count < wanted:
                count = add(memory, count, state.blocked_train[low + (i + shift) % (high - low)])
    return count


@inner
def choose(static: Any, state: Any, work: Any, memory: Any) -> int:
    """Choose the trains of a move, the seed first; return how many."""
    seed = pick_seed(state, work, memory)
    count = add(memory, 0, seed)
    size = uniform(work.random)
    if size < 0.1:
        wanted = 1
    elif size < 0.6:
        wanted = 2 + int(3 * uniform(work.random))
    elif size < 0.93:
        wanted = 5 + int(6 * uniform(work.random))
    else:
        wanted = 10 + int(15 * uniform(work.random))
    wanted = min(wanted, memory.total[3])
    kind = uniform(work.random)
    for _attempt in range(4 * wanted):
        if count >= wanted:
            break
        base_train = seed if uniform(work.random) < 0.5 else memory.chosen[int(count * uniform(work.random))]
        base = static.train[base_train, OCC_FROM]
        if kind < 0.4 and memory.wish_count[base_train] > 0:
            i = base + int(memory.wish_count[base_train] * uniform(work.random))
            count = _add_owners(static, state, work, memory, memory.wish_resource[i], memory.wish_from[i],
                                memory.wish_until[i], 0, count, min(wanted, count + 2))  # fmt: skip
        elif kind < 0.9 and state.occ_count[base_train] > 0:
            i = base + int(state.occ_count[base_train] * uniform(work.random))
            count = _add_owners(static, state, work, memory, state.occ_resource[i], state.occ_from[i],
                                state.occ_until[i], 1 + int(3 * uniform(work.random)), count,
                                min(wanted, count + 2))  # fmt: skip
        elif uniform(work.random) < 0.3:
            count = add(memory, count, int(static.train.shape[0] * uniform(work.random)))
    at = 0
    while at < count:  # who needs one of them, or is needed as a companion, must be planned anew as well
        train = memory.chosen[at]
        if static.train[train, HAS_LINKS]:
            for k in range(static.link_from[train], static.link_from[train + 1]):
                if static.op[static.link[k, 0], TRAIN] == train:
                    if static.link[k, 4] or uniform(work.random) < 0.5:
                        count = add(memory, count, static.op[static.link[k, 1], TRAIN])
                elif static.link[k, 4] == COMPANION or uniform(work.random) < 0.3:
                    count = add(memory, count, static.op[static.link[k, 0], TRAIN])
        at += 1
    return count


@inner
def _arrange(static: Any, state: Any, work: Any, memory: Any, count: int) -> None:
    """Put the chosen trains into the order in which they will be inserted."""
    chosen = memory.chosen
    kind = uniform(work.random)
    for i in range(count - 1, 0, -1):
        j = int((i + 1) * uniform(work.random))
        if kind < 0.6 and j == 0:  # the seed stays first
            continue
        chosen[i], chosen[j] = chosen[j], chosen[i]
    if kind > 0.75:
        for i in range(1, count):
            train, j = chosen[i], i
            while j > 0 and (
                memory.old_cost[chosen[j - 1]] - memory.least[chosen[j - 1]]
                < memory.old_cost[train] - memory.least[train]
            ):
                chosen[j] = chosen[j - 1]
                j -= 1
            chosen[j] = train
    for i in range(1, count):
        train, j = chosen[i], i
        while j > 0 and memory.rank[chosen[j - 1]] > memory.rank[train]:
            chosen[j] = chosen[j - 1]
            j -= 1
        chosen[j] = train


@inner
def has_companions(static: Any, state: Any, train: int) -> bool:
    """Return whether a train, if it has a plan, has all the companions that it needs."""
    if not static.train[train, HAS_LINKS] or state.plan_length[train] == 0:
        return True
    for k in range(static.link_from[train], static.link_from[train + 1]):
        if static.link[k, 4] == COMPANION and static.op[static.link[k, 1], TRAIN] == train:
            companion = static.op[static.link[k, 0], TRAIN]
            if state.plan_length[companion] == 0:
                return False
    return True


@inner
def replan_some(static: Any, state: Any, work: Any, memory: Any, tolerance: float) -> bool:
    """Make one move; undo it if the cost, refusals by their weight, rises by more than `tolerance`."""
    count = choose(static, state, work, memory)
    chosen = memory.chosen
    surcharge = memory.refusal_weight[0] - 1.0
    before, rest, refused_before, refused = 0, 0, 0, 0
    for i in range(count):
        memory.is_chosen[chosen[i]] = 0
        take_out(static, state, memory, chosen[i])
        before += memory.old_cost[chosen[i]]
        if memory.old_length[chosen[i]] == 0:
            refused_before += memory.old_cost[chosen[i]]
        rest += memory.least[chosen[i]]
    _arrange(static, state, work, memory, count)
    budget = before + surcharge * refused_before + tolerance
    spent = 0
    keep = count > 1 and uniform(work.random) < 0.35
    good = True
    waiting = int(3 * uniform(work.random))
    for turn in range(2 if keep else 1):
        for i in range(count):
            train = chosen[i]
            if keep and turn == 0 and i > 0:
                linked = static.train[train, HAS_LINKS]
                if memory.old_length[train] > 0 and not linked and fits(static, state, state, train):
                    put_old(static, state, memory, train)
                    spent += memory.old_cost[train]
                    rest -= memory.least[train]
                    memory.is_chosen[train] = 1
                continue
            if keep and turn == 1 and (i == 0 or memory.is_chosen[train]):
                continue
            rest -= memory.least[train]
            left = budget - spent - surcharge * refused - rest
            optional = static.train[train, OPTIONAL]
            refusal = static.train[train, REFUSAL]
            weighted = (1.0 + surcharge) * refusal
            allowance = min(left, weighted) if optional else left
            cost = -1
            if allowance >= memory.least[train]:
                cost = plan_beside(static, state, work, memory, train, allowance + 0.5, waiting)
            if cost >= 0:
                put(static, state, train, work.route_op, work.route_start, work.route_length[0])
                spent += cost
            elif optional and weighted <= left:
                put(static, state, train, work.route_op, work.route_start, 0)
                spent += refusal
                refused += refusal
            else:
                good = False
                break
            memory.is_chosen[train] = 1
        if not good:
            break
    for i in range(count):
        good = good and has_companions(static, state, chosen[i])
    if not good:
        for i in range(count):
            train = chosen[i]
            if memory.is_chosen[train]:
                unbook(static, state, train)
        for i in range(count):
            train = chosen[i]
            if memory.is_chosen[train]:
                put_old(static, state, memory, train)
            else:
                put_back(static, state, memory, train)
    else:
        memory.total[0] += spent - before
    for i in range(count):
        memory.is_chosen[chosen[i]] = 0
    return good
