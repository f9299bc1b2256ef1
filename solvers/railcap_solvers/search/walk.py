"""Compiled walk of the search from one set of plans to the next under a falling temperature."""

from __future__ import annotations

import math
from typing import Any

from railcap_solvers.search.give_way import give_way
from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.moves import remember_best, replan_some
from railcap_solvers.search.orders import retime
from railcap_solvers.search.push import push
from railcap_solvers.search.work import uniform

REPLAN, REORDER = range(2)
"""The kinds of moves: plan trains anew beside the others, or change who goes first and time the others anew."""

FORGETTING = 0.999
"""What a move leaves of the weight of those before it in what is known of the two kinds of moves."""

LEAST_SHARE, MOST_SHARE = 0.02, 0.9
"""Shares of reordering among all moves, however seldom or often it is worth more than replanning."""

GIVEN_WAY = 0.9
"""Share of reordering moves that change an order at a few places; the others are pushes."""

RETIMED = 0.3
"""Share of successful moves, but for pushes, after which all trains are timed anew."""


@entry
def walk(
    static: Any, state: Any, work: Any, memory: Any, orders: Any, moves: int, warm: float, cool: float, labels: int
) -> int:
    """Make moves while the temperature falls from `warm` to `cool`, until so many labels were made; return the moves.

    `memory.total` and the best solution are kept up to date.
    """
    made = 0
    end = work.labels_made[0] + labels
    for i in range(moves):
        temperature = warm * (cool / warm) ** (i / moves) if warm > 0 else 0.0
        tolerance = -temperature * math.log(1.0 - uniform(work.random))
        memory.temperature[0] = temperature
        if not orders.allowed[0]:
            replan_some(static, state, work, memory, tolerance)
        else:
            _move_or_reorder(static, state, work, memory, orders, tolerance)
        made += 1
        if memory.total[0] < memory.total[1]:
            memory.total[1] = memory.total[0]
            remember_best(static, state, memory)
        if work.labels_made[0] >= end:
            break
    memory.total[2] += made
    return made


@inner
def _move_or_reorder(static: Any, state: Any, work: Any, memory: Any, orders: Any, tolerance: float) -> None:
    """Make a move of one of both kinds, the more often the more it gains for its work."""
    cost, labels = memory.total[0], work.labels_made[0]
    worth = orders.gains[REORDER] / orders.effort[REORDER]
    share = worth / (worth + orders.gains[REPLAN] / orders.effort[REPLAN])
    kind = REORDER if uniform(work.random) < min(MOST_SHARE, max(LEAST_SHARE, share)) else REPLAN
    if kind == REPLAN:
        moved = replan_some(static, state, work, memory, tolerance)
    elif uniform(work.random) < GIVEN_WAY:
        moved = give_way(static, state, work, memory, orders, tolerance)
    else:
        push(static, state, work, memory, orders, tolerance)
        moved = False
    if moved and uniform(work.random) < RETIMED:
        put_off = min(1.0, max(0.0, 3.0 * uniform(work.random) - 1.0))
        total = retime(static, state, work, orders, put_off)
        if total >= 0:
            memory.total[0] = total
    orders.gains[kind] = FORGETTING * orders.gains[kind] + (memory.total[0] < cost)
    orders.effort[kind] = FORGETTING * orders.effort[kind] + work.labels_made[0] - labels
