"""Compiled loops over the table of prices and use behind the bounds."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def add_use(table, resource, begin, until, amount):
    """Add an amount to a table of differences for each hold ``(resource, begin, until)``."""
    for k in range(resource.shape[0]):
        table[resource[k], begin[k]] += amount
        table[resource[k], until[k]] -= amount


@njit(cache=True, nogil=True)
def blend(differences, average, share, capacity, active):
    """Sum differences up over the slots and blend them into the average use; the differences are cleared.

    A row becomes active once it is overfull.
    """
    for r in range(1, average.shape[0]):
        held = 0.0
        for t in range(average.shape[1]):
            if differences[r, t] != 0.0:
                held += differences[r, t]
                differences[r, t] = 0.0
            if held > capacity[r]:
                active[r] = True
            average[r, t] += share * (held - average[r, t])
        differences[r, average.shape[1]] = 0.0


@njit(cache=True, nogil=True)
def slope(average, capacity, price, active):
    """Return the squared length of the excess of use over capacity where a price could move."""
    length = 0.0
    for r in range(1, average.shape[0]):
        if not active[r]:
            continue
        for t in range(average.shape[1]):
            over = average[r, t] - capacity[r]
            if over > 0.0 or price[r, t] > 0.0:
                length += over * over
    return length


@njit(cache=True, nogil=True)
def step_from(center, average, capacity, active, step, price):
    """Set prices a step from the center along the excess of use over capacity, not below 0."""
    for r in range(1, center.shape[0]):
        if not active[r]:
            continue
        for t in range(center.shape[1]):
            here = center[r, t]
            over = average[r, t] - capacity[r]
            if over > 0.0 or here > 0.0:
                here = max(0.0, here + step * over)
            price[r, t] = here


@njit(cache=True, nogil=True)
def sum_up(price, capacity, active, prefix):
    """Rebuild the prefix sums of the prices of active rows; return what the capacity is worth at these prices."""
    worth = 0.0
    for r in range(1, price.shape[0]):
        if not active[r]:
            continue
        total = 0.0
        for t in range(price.shape[1]):
            total += price[r, t]
            prefix[r, t + 1] = total
        worth += capacity[r] * total
    return worth


@njit(cache=True, nogil=True)
def peaks(differences, capacity, found, tolerance):
    """Note the middle of the highest stretch of each overfull run of slots; return how many, at most the size."""
    count = 0
    slots = differences.shape[1] - 1
    for r in range(1, differences.shape[0]):
        held, top, top_from, top_until = 0.0, 0.0, -1, -1
        for t in range(slots + 1):
            if t < slots:
                held += differences[r, t]
            over = held - capacity[r] if t < slots else 0.0
            if over > tolerance:
                if over > top + 1e-9:
                    top, top_from, top_until = over, t, t
                elif over > top - 1e-9 and top_until == t - 1:
                    top_until = t
            elif top > 0.0:
                if count == found.shape[0]:
                    return count
                found[count, 0], found[count, 1] = r, (top_from + top_until) // 2
                count += 1
                top, top_from, top_until = 0.0, -1, -1
    return count
