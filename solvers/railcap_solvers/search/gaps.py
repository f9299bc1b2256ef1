"""Compiled look for the times at which all that an operation needs is free."""

from __future__ import annotations

from typing import Any

from railcap_solvers.search.jit import inner
from railcap_solvers.search.layout import CLOSED_END, FOREVER, MIN, SUCC, SUCC_END, USE, USE_END


@inner
def next_gap(static: Any, state: Any, work: Any, op: int, begin: int) -> tuple[int, int, int]:
    """Return the first gap of an operation at or after `begin`: its start, its end, where to look on (-1: nowhere)."""
    first_use, uses_end = static.op[op, USE], static.op[op, USE_END]
    closed_end = static.op[op, CLOSED_END]
    uses = uses_end - first_use
    shortest = static.op[op, MIN]
    is_exit = static.op[op, SUCC] == static.op[op, SUCC_END]
    while True:
        moved = True
        while moved:
            moved = False
            for i in range(uses):
                resource = static.use[first_use + i, 0]
                end = static.resource[resource, 0] + state.blocked_count[resource]
                at = work.pointer[i]
                while at < end and state.blocked_until[at] <= begin:
                    at += 1
                work.pointer[i] = at
                if at < end and state.blocked_from[at] < begin:
                    begin = state.blocked_until[at]
                    moved = True
            at = work.pointer[uses]
            while at < closed_end and static.closed[at, 1] <= begin:
                at += 1
            work.pointer[uses] = at
            if at < closed_end and static.closed[at, 0] < begin:
                begin = static.closed[at, 1]
                moved = True
        until, after = FOREVER, -1
        for i in range(uses):
            resource = static.use[first_use + i, 0]
            at = work.pointer[i]
            if at < static.resource[resource, 0] + state.blocked_count[resource]:
                last = state.blocked_from[at] - static.use[first_use + i, 1]
                if last < until or (last == until and state.blocked_until[at] < after):
                    until, after = last, state.blocked_until[at]
        at = work.pointer[uses]
        if at < closed_end and static.closed[at, 0] < until:
            until, after = static.closed[at, 0], static.closed[at, 1]
        if begin + shortest <= until and not (is_exit and until < FOREVER):
            return begin, until, after
        if after < 0:
            return -1, -1, -1
        begin = after
