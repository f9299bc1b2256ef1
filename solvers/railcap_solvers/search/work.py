"""Scratch memory of the compiled planner: the columns of its labels, its answer and its random numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from railcap_solvers.search.jit import entry, inner
from railcap_solvers.search.layout import BEYOND, FIRST, FOREVER, USE, USE_END, Floats, Ints, Static

# Columns of a label or of a piece on its way to an operation.
LOW, HIGH, PARENT, SHIFT, PARENT_START, ANCHOR_MAX, ANCHOR_SHIFT, NEXT, OP, CUT = range(10)
COST, SLOPE = range(2)
EARLY, LATE, RANDOM = range(3)
LEVELS_S = (
    0, 60, 120, 240, 420, 720, 1200, 1800, 2700, 4000, 6000, 9000, 14000, 21000, 32000, 50000, 86400, 172800,
)  # fmt: skip
"""Seconds after a train's best exit for which the planner knows the latest starts that still allow them."""

EARLIEST_CHANCE, LATEST_CHANCE = 0.4, 0.4
"""How often a wait taken at random ends as early or as late as can be; else at any instant between."""

INFINITE = 1e18
LEANING = 1e-6
"""Cost per second of leaving earlier than need be, where the longest journey has to steer the search."""


class Work(NamedTuple):
    """Scratch memory of the planner; `route_*` and `route_length[0]` are its answer, `random` its generator.

    `latest_for_level` holds per operation the latest starts from which the train, alone on the line, can still exit by
    certain instants, `level_cost` what its exit costs if it comes later than them: see `set_levels`.
    """

    piece: Ints
    piece_cost: Floats
    head: Ints
    now: Ints
    now_cost: Floats
    order: Ints
    label: Ints
    label_cost: Floats
    pointer: Ints
    route_op: Ints
    route_start: Ints
    route_length: Ints
    random: Any
    labels_made: Ints
    limited: Ints
    level_cost: Floats
    latest_for_level: Ints


def new_work(static: Static, seed: int, labels: int = 60_000) -> Work:
    """Return scratch memory for plans of up to so many labels."""
    longest = int((static.train[:, BEYOND] - static.train[:, FIRST]).max(initial=0)) + 1
    uses = int((static.op[:, USE_END] - static.op[:, USE]).max(initial=0)) + 1
    state = np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) & (2**64 - 1) or 1], np.uint64)
    return Work(
        np.zeros((labels, 10), np.int64), np.zeros((labels, 2)), np.full(len(static.op), -1, np.int64),
        np.zeros((labels, 10), np.int64), np.zeros((labels, 2)), np.zeros(labels, np.int64),
        np.zeros((labels, 10), np.int64), np.zeros((labels, 2)), np.zeros(uses, np.int64),
        np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(1, np.int64), state,
        np.zeros(1, np.int64), np.zeros(1, np.int64),
        np.zeros((len(static.train), len(LEVELS_S))),
        np.full((len(static.op), len(LEVELS_S)), FOREVER, np.int64),
    )  # fmt: skip


@entry
def uniform(random: Any) -> float:
    """Return the next number of the generator, at least 0 and below 1."""
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    return float(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def choose_instant(work: Any, waiting: int, earliest: int, latest: int) -> int:
    """Return an instant of a range, by what `waiting` says."""
    if waiting == EARLY:
        return earliest
    if waiting == LATE:
        return latest
    choice = uniform(work.random)
    if choice < EARLIEST_CHANCE:
        return earliest
    if choice < EARLIEST_CHANCE + LATEST_CHANCE:
        return latest
    return earliest + int((latest - earliest) * uniform(work.random))


@inner
def turn_route(work: Any, count: int) -> None:
    """Turn a route that was written from its end."""
    for i in range(count // 2):
        j = count - 1 - i
        op, start = work.route_op[i], work.route_start[i]
        work.route_op[i], work.route_start[i] = work.route_op[j], work.route_start[j]
        work.route_op[j], work.route_start[j] = op, start
    work.route_length[0] = count
