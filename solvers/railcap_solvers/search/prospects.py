"""Compiled lower bounds of what a run still has to cost, from an operation and an instant on."""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import (
    BEYOND,
    CLOSED,
    CLOSED_END,
    FIRST,
    FOREVER,
    HINGES,
    LB,
    MIN,
    SUCC,
    SUCC_END,
    UB,
)
from railcap_solvers.search.occupation import delay_cost
from railcap_solvers.search.work import LEVELS_S


@entry
def set_levels(static: Any, work: Any, train: int, exit_s: int) -> None:
    """Fill in the levels of a train that can exit at `exit_s` at the earliest that pays.

    Nights and windows ahead are what the plain bound of the cost to come does not see. Waiting is allowed everywhere
    here, so an instant is never too early. Where a part of the cost before the exit may be negative, nothing is cut.
    """
    first, beyond = static.train[train, FIRST], static.train[train, BEYOND]
    last = beyond - 1
    for level in range(work.level_cost.shape[1]):
        instant = exit_s + LEVELS_S[level]
        cost = static.op_rate[last] * (instant + 1) + static.op_constant[last]
        cost += delay_cost(static, last, instant + 1)
        work.level_cost[train, level] = cost
        for op in range(last, first - 1, -1):
            start = min(instant, static.op[op, UB]) if op == last else -1
            for k in range(static.op[op, SUCC], static.op[op, SUCC_END]):
                start = max(start, work.latest_for_level[static.succ[k], level] - static.op[op, MIN])
            start = min(start, static.op[op, UB])
            for k in range(static.op[op, CLOSED_END] - 1, static.op[op, CLOSED] - 1, -1):
                if op != last and static.closed[k, 0] < start + static.op[op, MIN] and static.closed[k, 1] > start:
                    start = static.closed[k, 0] - static.op[op, MIN]
            work.latest_for_level[op, level] = start if start >= static.op[op, LB] else -1
    ahead_negative = False
    for op in range(last, first - 1, -1):
        if op != last and (static.op_rate[op] != 0.0 or static.op_constant[op] != 0.0):
            ahead_negative = True
        if ahead_negative:
            for level in range(work.level_cost.shape[1]):
                work.latest_for_level[op, level] = FOREVER


@inner
def cost_ahead(static: Any, op: int, time_s: int) -> float:
    """Return a lower bound of the cost from the start of an operation on, its own terms included."""
    total = static.ahead[op, 0] * time_s + static.ahead[op, 1]
    for k in range(HINGES):
        over = time_s - static.ahead[op, 3 + 2 * k]
        if over > 0:
            total += static.ahead[op, 2 + 2 * k] * over
    return total
