"""The compiled walk over (operation, slot) pairs behind `railcap.operations.timegrid`."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def walk(
    low, high, offset, min_duration, max_duration, use_from, use_resource,
    arc_from, arc_to, hold_from, hold_resource, hold_release,
    closure_from, closure_begin, closure_end,
    term_from, term_threshold, term_rate, term_increment, rate,
    prefix, priced, value, from_operation, from_slot,
):  # fmt: skip
    """Fill `value` with the least cost of starting each operation at each slot; return the best end and its slot.

    `value[offset[op] + t - low[op]]` is the least cost up to and including the start of `op` at slot `t`. An operation
    leaves at slot `e` for each of its arcs; what it pays for a resource held from `t` to `e`, and kept from others
    until `e + release`, is ``prefix[r, e + release] - prefix[r, t]``.
    """
    count = low.shape[0]
    last = prefix.shape[1] - 1
    for t in range(low[0], high[0] + 1):
        value[offset[0] + t - low[0]] = 0.0
        from_operation[offset[0] + t - low[0]] = -1
    for op in range(count):
        a, b = low[op], high[op]
        if a > b:
            continue
        base = offset[op] - a
        priceless = rate[op] == 0.0 and term_from[op] == term_from[op + 1]
        for t in range(a, a if priceless else b + 1):
            if value[base + t] == np.inf:
                continue
            cost = rate[op] * t
            for k in range(term_from[op], term_from[op + 1]):
                if t >= term_threshold[k]:
                    cost += term_rate[k] * (t - term_threshold[k]) + term_increment[k]
            value[base + t] += cost
        if op == count - 1:
            break
        shortest, longest = min_duration[op], max_duration[op]
        arc_begin, arc_end = arc_from[op], arc_from[op + 1]
        closure, closures_end = closure_from[op], closure_from[op + 1]
        if longest == shortest:
            for t in range(a, b + 1):
                cost = value[base + t]
                if cost == np.inf:
                    continue
                e = t + shortest
                while closure < closures_end and closure_end[closure] <= t:
                    closure += 1
                if closure < closures_end and closure_begin[closure] < e:
                    continue
                if priced:
                    for k in range(use_from[op], use_from[op + 1]):
                        cost -= prefix[use_resource[k], t]
                for arc in range(arc_begin, arc_end):
                    successor = arc_to[arc]
                    if e < low[successor] or e > high[successor]:
                        continue
                    whole = cost
                    if priced:
                        for k in range(hold_from[arc], hold_from[arc + 1]):
                            whole += prefix[hold_resource[k], min(e + hold_release[k], last)]
                    place = offset[successor] + e - low[successor]
                    if whole < value[place]:
                        value[place] = whole
                        from_operation[place] = op
                        from_slot[place] = t
            continue
        latest = -1
        for arc in range(arc_begin, arc_end):
            if low[arc_to[arc]] <= high[arc_to[arc]]:
                latest = max(latest, high[arc_to[arc]])
        left = a  # starts before this run into a closure
        best, best_t = np.inf, -1
        entered = a  # next start to look at
        for e in range(a + shortest, latest + 1):
            while closure < closures_end and closure_begin[closure] < e:
                if closure_end[closure] > left:
                    left = closure_end[closure]
                    best, best_t = np.inf, -1
                closure += 1
            if longest >= 0:
                best, best_t = np.inf, -1
                for t in range(max(left, e - longest, a), min(e - shortest, b) + 1):
                    cost = value[base + t]
                    if cost < np.inf and priced:
                        for k in range(use_from[op], use_from[op + 1]):
                            cost -= prefix[use_resource[k], t]
                    if cost < best:
                        best, best_t = cost, t
            else:
                while entered <= min(e - shortest, b):
                    if entered >= left and value[base + entered] < np.inf:
                        cost = value[base + entered]
                        if priced:
                            for k in range(use_from[op], use_from[op + 1]):
                                cost -= prefix[use_resource[k], entered]
                        if cost < best:
                            best, best_t = cost, entered
                    entered += 1
            if best == np.inf:
                continue
            for arc in range(arc_begin, arc_end):
                successor = arc_to[arc]
                if e < low[successor] or e > high[successor]:
                    continue
                cost = best
                if priced:
                    for k in range(hold_from[arc], hold_from[arc + 1]):
                        cost += prefix[hold_resource[k], min(e + hold_release[k], last)]
                place = offset[successor] + e - low[successor]
                if cost < value[place]:
                    value[place] = cost
                    from_operation[place] = op
                    from_slot[place] = best_t
    op = count - 1
    best, best_t = np.inf, -1
    for t in range(low[op], high[op] + 1):
        cost = value[offset[op] + t - low[op]]
        if cost < np.inf and priced:
            for k in range(use_from[op], use_from[op + 1]):
                cost += prefix[use_resource[k], last] - prefix[use_resource[k], t]
        if cost < best:
            best, best_t = cost, t
    return best, best_t


@njit(cache=True, nogil=True)
def tighten(low, high, min_duration, arc_from, arc_to, closure_from, closure_begin, closure_end, slots):
    """Raise `low` and lower `high` to starts that can be reached from the entry and lead to the exit.

    An operation that would run into a closure waits for its end, or starts in time to be done before it.
    """
    count = low.shape[0]
    reach = np.full(count, slots)
    reach[0] = low[0]
    for op in range(count):
        low[op] = max(low[op], reach[op])
        for c in range(closure_from[op], closure_from[op + 1]):
            if closure_begin[c] < low[op] + min_duration[op] and closure_end[c] > low[op]:
                low[op] = closure_end[c]
        if low[op] > high[op]:
            continue
        for arc in range(arc_from[op], arc_from[op + 1]):
            reach[arc_to[arc]] = min(reach[arc_to[arc]], low[op] + min_duration[op])
    for op in range(count - 1, -1, -1):
        if op < count - 1:
            latest = -1
            for arc in range(arc_from[op], arc_from[op + 1]):
                if low[arc_to[arc]] <= high[arc_to[arc]]:
                    latest = max(latest, high[arc_to[arc]])
            high[op] = min(high[op], latest - min_duration[op])
        for c in range(closure_from[op + 1] - 1, closure_from[op] - 1, -1):
            if closure_begin[c] < high[op] + min_duration[op] and closure_end[c] > high[op]:
                high[op] = closure_begin[c] - min_duration[op]


@njit(cache=True, nogil=True)
def trace_back(low, offset, from_operation, from_slot, slot, chain):
    """Write the route that ends at the exit in `slot` into `chain`, last operation first; return its length."""
    operation, length = low.shape[0] - 1, 0
    while True:
        chain[length, 0], chain[length, 1] = operation, slot
        length += 1
        if operation == 0:
            return length
        place = offset[operation] + slot - low[operation]
        operation, slot = from_operation[place], from_slot[place]


@njit(cache=True, nogil=True)
def collect_holds(
    operations, starts, arc_from, arc_to, hold_from, hold_resource, hold_release, use_from, use_resource, slots, table
):
    """Write ``(resource row, first slot, slot after the last)`` of a run into `table`; return how many."""
    count = 0
    for i in range(operations.shape[0] - 1):
        for arc in range(arc_from[operations[i]], arc_from[operations[i] + 1]):
            if arc_to[arc] != operations[i + 1]:
                continue
            for k in range(hold_from[arc], hold_from[arc + 1]):
                until = min(starts[i + 1] + hold_release[k], slots)
                if until > starts[i] and hold_resource[k] > 0:
                    table[count, 0], table[count, 1], table[count, 2] = hold_resource[k], starts[i], until
                    count += 1
            break
    last = operations[-1]
    for k in range(use_from[last], use_from[last + 1]):
        if use_resource[k] > 0:
            table[count, 0], table[count, 1], table[count, 2] = use_resource[k], starts[-1], slots
            count += 1
    return count
