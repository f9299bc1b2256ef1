"""Compiled dispatcher: all trains at once, move by move in the order of time, into no deadlock that can be seen coming.

A move takes one train to its next operation. It is allowed if the number of trains that could not leave one by one,
the others standing still, does not grow (the banker's algorithm: Dijkstra 1965). Where many trains stand on the line
from the start, inserting them one by one may find no way for the last ones; this does. For problems in which only
orders matter: see `orders`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import (
    BEYOND,
    FIRST,
    FOREVER,
    LB,
    MIN,
    SUCC,
    SUCC_END,
    UB,
    USE,
    USE_END,
    Floats,
    Ints,
    Static,
)
from railcap_solvers.search.occupation import put
from railcap_solvers.search.work import INFINITE, uniform

OUTSIDE, GONE = -1, -2
NOBODY, FOR_GOOD = -1, -2


class Stage(NamedTuple):
    """Where all trains are while they are dispatched.

    `where` is a train's operation, `OUTSIDE` before its first and `GONE` after its last; `patience` what its next move
    is put back by; `holder` the train on a resource, `NOBODY`, or `FOR_GOOD` if one has ended its run there; `free`
    when that resource was last given up. `move_*` are the moves that could be made next; `op`, `start` and `length`
    the plans so far, `running` counts the trains that are not gone.
    """

    where: Ints
    patience: Floats
    holder: Ints
    free: Ints
    move_train: Ints
    move_op: Ints
    move_start: Ints
    move_key: Floats
    leaves: Ints
    reached: Ints
    op: Ints
    start: Ints
    length: Ints
    running: Ints


def new_stage(static: Static) -> Stage:
    """Return scratch memory for a problem."""
    resources, ops, trains = len(static.resource), len(static.op), len(static.train)
    moves = len(static.succ) + trains

    def zeros(count: int) -> Ints:
        return np.zeros(count + 1, np.int64)

    return Stage(
        zeros(trains), np.zeros(trains + 1), zeros(resources), zeros(resources),
        zeros(moves), zeros(moves), zeros(moves), np.zeros(moves + 1),
        zeros(trains), zeros(ops), zeros(ops), zeros(ops), zeros(trains), zeros(1),
    )  # fmt: skip


@entry
def set_out(static: Any, work: Any, memory: Any, stage: Any, noise_s: float) -> bool:
    """Empty the stage but for the trains that must begin by some time; False if these stand in each other's way."""
    stage.running[0] = 0
    for resource in range(static.resource.shape[0]):
        stage.holder[resource], stage.free[resource] = NOBODY, 0
    for train in range(static.train.shape[0]):
        stage.length[train] = 0
        stage.where[train] = OUTSIDE if memory.can_run[train] else GONE
        stage.patience[train] = noise_s * uniform(work.random) ** 3
        stage.running[0] += memory.can_run[train]
    for train in range(static.train.shape[0]):
        op = static.train[train, FIRST]
        if stage.where[train] == GONE or static.op[op, UB] == FOREVER:
            continue
        if not _is_free(static, stage, train, op, False):
            return False
        _arrive(static, work, stage, train, op, static.op[op, LB], noise_s)
    return True


@entry
def go_on(static: Any, work: Any, memory: Any, stage: Any, noise_s: float, moves: int) -> int:
    """Make up to so many moves; return how many trains still run, -1 if they have come to a stand.

    Moves are made in the order of their earliest starts, put back by up to `noise_s` seconds, mostly by little.
    """
    for _ in range(moves):
        if stage.running[0] == 0:
            break
        move = _next_move(static, stage, _list_moves(static, stage))
        if move < 0:
            return -1
        _arrive(static, work, stage, stage.move_train[move], stage.move_op[move], stage.move_start[move], noise_s)
    return stage.running[0]


@entry
def take_over(static: Any, state: Any, stage: Any) -> None:
    """Put the plans of all trains into a state that is empty."""
    for train in range(static.train.shape[0]):
        first = static.train[train, FIRST]
        put(static, state, train, stage.op[first:], stage.start[first:], stage.length[train])


@inner
def _is_free(static: Any, stage: Any, train: int, op: int, one_by_one: bool) -> bool:
    """Return whether no other train stands in the way of an operation, those left out that were found to leave."""
    for k in range(static.op[op, USE], static.op[op, USE_END]):
        holder = stage.holder[static.use[k, 0]]
        if holder == FOR_GOOD:
            return False
        if holder != NOBODY and holder != train and not (one_by_one and stage.leaves[holder]):
            return False
    return True


@inner
def _hold(static: Any, stage: Any, op: int, holder: int) -> None:
    for k in range(static.op[op, USE], static.op[op, USE_END]):
        stage.holder[static.use[k, 0]] = holder


@inner
def _arrive(static: Any, work: Any, stage: Any, train: int, op: int, start: int, noise_s: float) -> None:
    """Let a train begin an operation and give up what it held before."""
    first, before = static.train[train, FIRST], stage.where[train]
    if before >= 0:
        _hold(static, stage, before, NOBODY)
        for k in range(static.op[before, USE], static.op[before, USE_END]):
            resource = static.use[k, 0]
            stage.free[resource] = max(stage.free[resource], start + static.use[k, 1])
    is_exit = static.op[op, SUCC] == static.op[op, SUCC_END]
    _hold(static, stage, op, FOR_GOOD if is_exit else train)
    stage.where[train] = GONE if is_exit else op
    stage.running[0] -= is_exit
    stage.op[first + stage.length[train]], stage.start[first + stage.length[train]] = op, start
    stage.length[train] += 1
    stage.patience[train] = noise_s * uniform(work.random) ** 3


@inner
def _list_moves(static: Any, stage: Any) -> int:
    """List the moves for which all that they need is free; return how many."""
    count = 0
    for train in range(static.train.shape[0]):
        where = stage.where[train]
        if where == GONE:
            continue
        first = static.train[train, FIRST]
        if where == OUTSIDE:
            count = _list_move(static, stage, train, first, static.op[first, LB], count)
            continue
        end = stage.start[first + stage.length[train] - 1] + static.op[where, MIN]
        for k in range(static.op[where, SUCC], static.op[where, SUCC_END]):
            count = _list_move(static, stage, train, static.succ[k], end, count)
    return count


@inner
def _list_move(static: Any, stage: Any, train: int, op: int, start: int, count: int) -> int:
    if not _is_free(static, stage, train, op, False):
        return count
    start = max(start, static.op[op, LB])
    for k in range(static.op[op, USE], static.op[op, USE_END]):
        if stage.holder[static.use[k, 0]] != train:
            start = max(start, stage.free[static.use[k, 0]])
    if start > static.op[op, UB]:
        return count
    stage.move_train[count], stage.move_op[count], stage.move_start[count] = train, op, start
    stage.move_key[count] = start + stage.patience[train]
    return count + 1


@inner
def _next_move(static: Any, stage: Any, count: int) -> int:
    """Return the first of the listed moves that is allowed, -1 if none is."""
    stuck = -1
    for _ in range(count):
        move = 0
        for k in range(1, count):
            if stage.move_key[k] < stage.move_key[move]:
                move = k
        stage.move_key[move] = INFINITE
        train, op = stage.move_train[move], stage.move_op[move]
        before = stage.where[train]
        if static.op[op, SUCC] == static.op[op, SUCC_END]:
            return move
        for other in range(static.train.shape[0]):
            stage.leaves[other] = 0
        _step(static, stage, train, before, op)
        if _can_leave(static, stage, train):
            _step(static, stage, train, op, before)
            return move
        after = _count_stuck(static, stage)
        _step(static, stage, train, op, before)
        if stuck < 0:
            stuck = _count_stuck(static, stage)
        if after <= stuck:
            return move
    return -1


@inner
def _step(static: Any, stage: Any, train: int, before: int, after: int) -> None:
    """Set a train down on another operation; nothing else changes."""
    if before >= 0:
        _hold(static, stage, before, NOBODY)
    if after >= 0:
        _hold(static, stage, after, train)
    stage.where[train] = after


@inner
def _can_leave(static: Any, stage: Any, train: int) -> bool:
    """Return whether a train can come to its end while all stand still but those that leave."""
    first, beyond, where = static.train[train, FIRST], static.train[train, BEYOND], stage.where[train]
    for op in range(first, beyond):
        stage.reached[op] = 0
    if where == OUTSIDE:
        where = first
        if not _is_free(static, stage, train, first, True):
            return False
    stage.reached[where] = 1
    for op in range(where, beyond):
        if not stage.reached[op]:
            continue
        if static.op[op, SUCC] == static.op[op, SUCC_END]:
            return True
        for k in range(static.op[op, SUCC], static.op[op, SUCC_END]):
            if _is_free(static, stage, train, static.succ[k], True):
                stage.reached[static.succ[k]] = 1
    return False


@inner
def _count_stuck(static: Any, stage: Any) -> int:
    """Return how many trains cannot leave one by one."""
    stuck = 0
    for train in range(static.train.shape[0]):
        stage.leaves[train] = stage.where[train] == GONE
        stuck += 1 - stage.leaves[train]
    news = True
    while news:
        news = False
        for train in range(static.train.shape[0]):
            if not stage.leaves[train] and _can_leave(static, stage, train):
                stage.leaves[train] = 1
                stuck -= 1
                news = True
    return stuck
