"""What keeps timed routes from being a schedule: a closed circle of hand-overs at one instant."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import NoValidOrder, OrderSearchEnded, schedule_from_routes

Routes = list[list[tuple[int, int]] | None]
"""Per train ``(operation, start in seconds)`` along its route, None if it is refused."""


def disorder(problem: OperationsProblem, routes: Routes) -> tuple[list[int], int]:
    """Return as few trains as have no valid order of their events among themselves, and the instant of it.

    Parameters
    ----------
    routes : per train, a route with start times in seconds
        Of which `schedule_from_routes` has said that there is no valid order.
    """
    trains = [train for train, route in enumerate(routes) if route]
    for train in list(trains):
        fewer = [other for other in trains if other != train]
        if not _orderly(problem, routes, fewer, None):
            trains = fewer
    times = sorted({time_s for train in trains for _, time_s in routes[train] or ()})
    return trains, times[bisect_left(times, True, key=lambda time_s: not _orderly(problem, routes, trains, time_s))]


def _orderly(problem: OperationsProblem, routes: Routes, trains: Sequence[int], until_s: int | None) -> bool:
    """Whether some trains' events, up to an instant if given, have a valid order."""
    kept: Routes = [None] * len(routes)
    for train in trains:
        kept[train] = [step for step in routes[train] or () if until_s is None or step[1] <= until_s] or None
    try:
        schedule_from_routes(problem, kept)
    except OrderSearchEnded:
        return True  # for all that is known
    except NoValidOrder:
        return False
    return True
