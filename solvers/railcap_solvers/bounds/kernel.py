"""Compiled loops over the price table of the Lagrangian bound."""

from __future__ import annotations

from numba import njit


@njit(cache=True, nogil=True)
def count_use(use, starts, operations, route_from, hold_from, hold_resource, hold_release, arc, change):
    """Add (or with change -1 take away) the slots that one route holds to the table `use` of differences.

    `arc[i]` is the arc by which the route leaves its i-th operation, -1 at the exit, which is counted for ever.
    """
    last = use.shape[1] - 1
    for i in range(route_from, operations.shape[0]):
        if arc[i] < 0:
            continue
        begin, end = starts[i], starts[i + 1]
        for k in range(hold_from[arc[i]], hold_from[arc[i] + 1]):
            until = min(end + hold_release[k], last)
            if until > begin:
                use[hold_resource[k], begin] += change
                use[hold_resource[k], until] -= change


@njit(cache=True, nogil=True)
def excess(use, capacity, price, direction, momentum):
    """Update the search direction with the excess of use over capacity; return its squared length and the slope.

    Only slots that are priced or overfull move. The slope is direction times excess.
    """
    length, slope = 0.0, 0.0
    for r in range(1, use.shape[0]):
        held = 0
        for t in range(use.shape[1] - 1):
            held += use[r, t]
            over = held - capacity[r]
            if over > 0 or price[r, t] > 0.0 or direction[r, t] != 0.0:
                step = over + momentum * direction[r, t]
                if step < 0.0 and price[r, t] <= 0.0:
                    step = 0.0
                direction[r, t] = step
                length += step * step
                slope += step * over
    return length, slope


@njit(cache=True, nogil=True)
def move(price, prefix, direction, capacity, step):
    """Move prices along the direction, not below 0, rebuild the prefix sums; return sum of capacity times price."""
    worth = 0.0
    for r in range(1, price.shape[0]):
        total = 0.0
        for t in range(price.shape[1]):
            if direction[r, t] != 0.0:
                price[r, t] = max(0.0, price[r, t] + step * direction[r, t])
            total += price[r, t]
            prefix[r, t + 1] = total
        worth += capacity[r] * total
    return worth
