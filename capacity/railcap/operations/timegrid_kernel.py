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
    prefix, value, from_operation, leaving, arriving,
):  # fmt: skip
    """Fill `value` with the least cost of starting each operation at each slot; return the best end and its slot.

    `value[offset[op] + t - low[op]]` is the least cost up to and including the start of `op` at slot `t`. An operation
    leaves at slot `e` for each of its arcs; what it pays for a resource held from `t` to `e`, and kept from others
    until `e + release`, is ``prefix[r, e + release] - prefix[r, t]``. Row 0 of `prefix` is 0 and is not read.

    The loops over slots are kept so plain that the compiler turns them into vector instructions. `leaving` (the cost
    less what was paid up to the start) and `arriving` (its least over the starts that may end at a slot) are scratch
    rows of as many slots as there are.
    """
    count = low.shape[0]
    value[: offset[count]] = np.inf
    value[: high[0] - low[0] + 1] = 0.0
    from_operation[: high[0] - low[0] + 1] = -1
    for op in range(count - 1):
        a, b = low[op], high[op]
        if a > b:
            continue
        own = value[offset[op] : offset[op] + b - a + 1]
        _add_terms(own, a, rate[op], term_from[op], term_from[op + 1], term_threshold, term_rate, term_increment)
        latest = -1
        for arc in range(arc_from[op], arc_from[op + 1]):
            if low[arc_to[arc]] <= high[arc_to[arc]]:
                latest = max(latest, high[arc_to[arc]])
        shortest, longest = min_duration[op], max_duration[op]
        if longest >= 0:
            latest = min(latest, b + longest)
        if latest < a + shortest:
            continue
        start_costs = leaving[: b - a + 1]
        _less_paid(own, a, use_from[op], use_from[op + 1], use_resource, prefix, start_costs)
        first, last = a + shortest, latest
        ends = arriving[: last - first + 1]
        ends[:] = np.inf
        left = a  # starts before this run into a closure that has been passed
        closure = closure_from[op]
        while left <= b:
            while closure < closure_from[op + 1] and closure_end[closure] <= left:
                closure += 1
            right = closure_begin[closure] if closure < closure_from[op + 1] else last
            _least_of_starts(start_costs, left - a, min(right, last) - a - shortest, longest - shortest, longest, ends)
            if closure == closure_from[op + 1]:
                break
            left = max(left, closure_end[closure])
            closure += 1
        for arc in range(arc_from[op], arc_from[op + 1]):
            successor = arc_to[arc]
            begin, end = max(first, low[successor]), min(last, high[successor])
            if begin > end:
                continue
            place = offset[successor] + begin - low[successor]
            size = end - begin + 1
            costs = ends[begin - first : begin - first + size]
            fresh = leaving[:size]  # the starts are not needed any more
            fresh[:] = costs
            for k in range(hold_from[arc], hold_from[arc + 1]):
                if hold_resource[k] > 0:
                    _add_prices(fresh, prefix[hold_resource[k]], begin + hold_release[k])
            _take_better(value[place : place + size], from_operation[place : place + size], fresh, op)
    op = count - 1
    a, b = low[op], high[op]
    own = value[offset[op] : offset[op] + b - a + 1]
    _add_terms(own, a, rate[op], term_from[op], term_from[op + 1], term_threshold, term_rate, term_increment)
    best, best_t = np.inf, -1
    for t in range(a, b + 1):
        cost = own[t - a]
        if cost < np.inf:
            for k in range(use_from[op], use_from[op + 1]):
                if use_resource[k] > 0:
                    cost += prefix[use_resource[k], prefix.shape[1] - 1] - prefix[use_resource[k], t]
        if cost < best:
            best, best_t = cost, t
    return best, best_t


@njit(cache=True, nogil=True)
def _add_terms(own, a, rate, term_begin, term_end, threshold, term_rate, increment):
    """Add what a start costs by itself to the values of starts from slot `a` on."""
    if rate != 0.0:
        for i in range(own.shape[0]):
            own[i] += rate * (a + i)
    for k in range(term_begin, term_end):
        for i in range(max(0, threshold[k] - a), own.shape[0]):
            own[i] += term_rate[k] * (a + i - threshold[k]) + increment[k]


@njit(cache=True, nogil=True)
def _less_paid(own, a, use_begin, use_end, use_resource, prefix, start_costs):
    """Write values of starts from slot `a` on, less the prices up to them of all that is held."""
    start_costs[:] = own
    for k in range(use_begin, use_end):
        if use_resource[k] > 0:
            row = prefix[use_resource[k], a : a + own.shape[0]]
            for i in range(own.shape[0]):
                start_costs[i] -= row[i]


@njit(cache=True, nogil=True)
def _least_of_starts(start_costs, left, right, slack, longest, ends):
    """Write into `ends` the least cost of the starts in [left, right] that may end there, counted alike.

    A start in place i may end in the places i to i + `slack`, or in all from i on where `longest` is below 0, but in
    none beyond `right`.
    """
    size = start_costs.shape[0]
    if longest >= 0 and slack == 0:
        for i in range(left, min(right + 1, size)):
            ends[i] = start_costs[i]
        return
    if longest >= 0:
        for e in range(left, right + 1):
            least = np.inf
            for i in range(max(left, e - slack), min(e + 1, size)):
                least = min(least, start_costs[i])
            ends[e] = least
        return
    least = np.inf
    for i in range(left, min(right + 1, size)):
        least = min(least, start_costs[i])
        ends[i] = least
    for e in range(max(left, size), right + 1):
        ends[e] = least


@njit(cache=True, nogil=True)
def _add_prices(costs, prices, first):
    """Add the prices before each slot from `first` on; those at the end of the grid for slots beyond it."""
    last = prices.shape[0] - 1
    inside = min(costs.shape[0], max(0, last - first + 1))
    row = prices[first : first + inside]
    for i in range(inside):
        costs[i] += row[i]
    for i in range(inside, costs.shape[0]):
        costs[i] += prices[last]


@njit(cache=True, nogil=True)
def _take_better(value, from_operation, fresh, op):
    """Take over costs where they are lower, with the operation that they come from."""
    for i in range(fresh.shape[0]):
        better = fresh[i] < value[i]
        value[i] = fresh[i] if better else value[i]
        from_operation[i] = op if better else from_operation[i]


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
def trace_back(
    low, high, offset, min_duration, max_duration, use_from, use_resource, closure_from, closure_begin, closure_end,
    prefix, value, from_operation, slot, chain,
):  # fmt: skip
    """Write the route that ends at the exit in `slot` into `chain`, last operation first; return its length.

    When an operation began that ends at a slot is not kept by `walk` but found again: the first of the cheapest starts.
    """
    operation, length = low.shape[0] - 1, 0
    while True:
        chain[length, 0], chain[length, 1] = operation, slot
        length += 1
        if operation == 0:
            return length
        operation = from_operation[offset[operation] + slot - low[operation]]
        first, last = low[operation], min(high[operation], slot - min_duration[operation])
        if max_duration[operation] >= 0:
            first = max(first, slot - max_duration[operation])
        for closure in range(closure_from[operation], closure_from[operation + 1]):
            if closure_begin[closure] < slot:
                first = max(first, closure_end[closure])
        best, best_t = np.inf, last
        for t in range(first, last + 1):
            cost = value[offset[operation] + t - low[operation]]
            for k in range(use_from[operation], use_from[operation + 1]):
                if use_resource[k] > 0:
                    cost -= prefix[use_resource[k], t]
            if cost < best:
                best, best_t = cost, t
        slot = best_t


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
