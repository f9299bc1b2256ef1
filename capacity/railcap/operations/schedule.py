"""The answer on operations: which operations start when, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from railcap.operations.problem import OperationsProblem


@dataclass(frozen=True, slots=True)
class Event:
    """The start of one operation, at a time in seconds."""

    time_s: int
    train: int
    operation: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Start events in a valid global order: times never fall, and at one instant a release comes before its acquire.

    The order of the list *is* the order on every resource. A train without events is refused.
    """

    events: tuple[Event, ...]

    def routes(self, problem: OperationsProblem) -> list[list[tuple[int, int]] | None]:
        """Return per train its route as ``(operation, start)`` pairs in order, None for a refused train."""
        found: list[list[tuple[int, int]]] = [[] for _ in problem.trains]
        for event in self.events:
            found[event.train].append((event.operation, event.time_s))
        return [route or None for route in found]


class NoValidOrder(ValueError):
    """Times alone that no order of same-instant events makes legal."""


class OrderSearchEnded(NoValidOrder):
    """The look for an order of the events of one instant was given up: there may be one."""


def schedule_from_routes(problem: OperationsProblem, routes: Sequence[Sequence[tuple[int, int]] | None]) -> Schedule:
    """Put routes with start times into a valid global order of events.

    Same-instant events are ordered so that a release comes before the acquire that needs it (a topological order);
    among events that do not constrain each other, by train and place in the route.

    Parameters
    ----------
    routes : per train, ``(operation, start)`` pairs along its route, or None if refused

    Raises
    ------
    NoValidOrder
        If the times contain a closed circle of hand-overs (an illegal swap) or overlapping uses.
    """
    from railcap.operations.order import ordered_events

    return Schedule(tuple(ordered_events(problem, routes)))


def events_of(routes: Sequence[Sequence[tuple[int, int]] | None]) -> Iterable[Event]:
    """Yield the events of all routes, train by train."""
    for train, route in enumerate(routes):
        for operation, time_s in route or ():
            yield Event(time_s, train, operation)
