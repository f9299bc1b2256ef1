"""Judges a schedule against its operations problem, from the definitions in `railcap.operations.problem` alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from railcap.operations.problem import Link, Operation, OperationsProblem
from railcap.operations.schedule import Event, Schedule


class ViolationKind(StrEnum):
    """What a schedule breaks."""

    UNKNOWN_TRAIN = "unknown_train"
    UNKNOWN_OPERATION = "unknown_operation"
    NOT_AN_INTEGER = "not_an_integer"
    TIME_FALLS = "time_falls"
    MISSING_TRAIN = "missing_train"
    WRONG_ENTRY = "wrong_entry"
    NOT_A_SUCCESSOR = "not_a_successor"
    NO_EXIT = "no_exit"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    RESOURCE_TAKEN = "resource_taken"
    CLOSED = "closed"
    LINK_TOO_CLOSE = "link_too_close"
    LINK_TOO_FAR = "link_too_far"
    LINK_PARTNER_MISSING = "link_partner_missing"


@dataclass(frozen=True, slots=True)
class OperationsViolation:
    """One broken rule: its kind, a sentence with names and times, and the indices it concerns (None: none)."""

    kind: ViolationKind
    message: str
    train: int | None = None
    operation: int | None = None
    resource: str | None = None

    def __str__(self) -> str:
        return self.message


class _Step(NamedTuple):
    """An operation on a train's route; `end_s` is None for the last one, which lasts for ever."""

    operation: int
    start_s: int
    end_s: int | None


def check_schedule(problem: OperationsProblem, schedule: Schedule) -> list[OperationsViolation]:
    """Return every rule of the problem that the schedule breaks, an empty list if it is a solution.

    The order of the schedule's events is taken as it stands. Events of trains or operations that do not exist, or at
    times that are not integers, are reported and then left out of all other rules.
    """
    found: list[OperationsViolation] = []
    events = _usable_events(problem, schedule, found)
    routes = _routes(problem, events)
    _check_order(problem, events, found)
    for train, steps in enumerate(routes):
        _check_route(problem, train, steps, found)
        _check_times(problem, train, steps, found)
        _check_closures(problem, train, steps, found)
    _check_resources(problem, events, found)
    starts = [{step.operation: step.start_s for step in steps} for steps in routes]
    for link in problem.links:
        _check_link(problem, link, starts, found)
    return found


def _name(problem: OperationsProblem, train: int, operation: int | None = None) -> str:
    text = f"train {train} ({problem.trains[train].name})"
    if operation is None:
        return text
    label = problem.trains[train].operations[operation].label
    return f"{text} operation {operation}" + (f" ({label})" if label else "")


def _usable_events(problem: OperationsProblem, schedule: Schedule, found: list[OperationsViolation]) -> list[Event]:
    usable = []
    for place, event in enumerate(schedule.events):
        if type(event.time_s) is not int or type(event.train) is not int or type(event.operation) is not int:
            text = f"event {place} has a time, train or operation that is not an integer: {event}"
            found.append(OperationsViolation(ViolationKind.NOT_AN_INTEGER, text))
        elif not 0 <= event.train < len(problem.trains):
            text = f"event {place} at {event.time_s} names train {event.train}; there are {len(problem.trains)} trains"
            found.append(OperationsViolation(ViolationKind.UNKNOWN_TRAIN, text))
        elif not 0 <= event.operation < len(problem.trains[event.train].operations):
            count = len(problem.trains[event.train].operations)
            text = (
                f"event {place} at {event.time_s} names operation {event.operation} of "
                f"{_name(problem, event.train)}, which has {count} operations"
            )
            found.append(OperationsViolation(ViolationKind.UNKNOWN_OPERATION, text, event.train))
        else:
            usable.append(event)
    return usable


def _routes(problem: OperationsProblem, events: list[Event]) -> list[list[_Step]]:
    per_train: list[list[Event]] = [[] for _ in problem.trains]
    for event in events:
        per_train[event.train].append(event)
    routes = []
    for own in per_train:
        ends: list[int | None] = [event.time_s for event in own[1:]]
        routes.append(
            [_Step(event.operation, event.time_s, end) for event, end in zip(own, [*ends, None], strict=False)]
        )
    return routes


def _check_order(problem: OperationsProblem, events: list[Event], found: list[OperationsViolation]) -> None:
    for before, event in pairwise(events):
        if event.time_s < before.time_s:
            text = (
                f"times fall: {_name(problem, event.train, event.operation)} starts at {event.time_s} but is listed "
                f"after {_name(problem, before.train, before.operation)} at {before.time_s}"
            )
            found.append(OperationsViolation(ViolationKind.TIME_FALLS, text, event.train, event.operation))


def _check_route(problem: OperationsProblem, train: int, steps: list[_Step], found: list[OperationsViolation]) -> None:
    operations = problem.trains[train].operations
    if not steps:
        if problem.trains[train].refusal_cost is None:
            text = f"{_name(problem, train)} must run but has no events"
            found.append(OperationsViolation(ViolationKind.MISSING_TRAIN, text, train))
        return
    first, last = steps[0], steps[-1]
    if first.operation != 0:
        text = f"{_name(problem, train)} begins at {first.start_s} with operation {first.operation}, not its entry 0"
        found.append(OperationsViolation(ViolationKind.WRONG_ENTRY, text, train, first.operation))
    for before, step in pairwise(steps):
        if step.operation not in operations[before.operation].successors:
            text = (
                f"{_name(problem, train, step.operation)} at {step.start_s} does not succeed operation "
                f"{before.operation}, whose successors are {list(operations[before.operation].successors)}"
            )
            found.append(OperationsViolation(ViolationKind.NOT_A_SUCCESSOR, text, train, step.operation))
    if last.operation != len(operations) - 1:
        text = (
            f"{_name(problem, train)} ends at {last.start_s} in operation {last.operation}, "
            f"not in its exit {len(operations) - 1}"
        )
        found.append(OperationsViolation(ViolationKind.NO_EXIT, text, train, last.operation))


def _check_times(problem: OperationsProblem, train: int, steps: list[_Step], found: list[OperationsViolation]) -> None:
    for step in steps:
        operation = problem.trains[train].operations[step.operation]
        for kind, fault in _time_faults(operation, step):
            text = f"{_name(problem, train, step.operation)} {fault}"
            found.append(OperationsViolation(kind, text, train, step.operation))


def _time_faults(operation: Operation, step: _Step) -> list[tuple[ViolationKind, str]]:
    faults = []
    if step.start_s < operation.start_lb_s:
        faults.append(
            (ViolationKind.TOO_EARLY, f"starts at {step.start_s}, before its earliest start {operation.start_lb_s}")
        )
    if operation.start_ub_s is not None and step.start_s > operation.start_ub_s:
        faults.append(
            (ViolationKind.TOO_LATE, f"starts at {step.start_s}, after its latest start {operation.start_ub_s}")
        )
    if step.end_s is None:
        return faults
    lasts = f"lasts {step.end_s - step.start_s} s from {step.start_s} to {step.end_s}"
    if step.end_s - step.start_s < operation.min_duration_s:
        faults.append((ViolationKind.TOO_SHORT, f"{lasts}; it needs at least {operation.min_duration_s} s"))
    if operation.max_duration_s is not None and step.end_s - step.start_s > operation.max_duration_s:
        faults.append((ViolationKind.TOO_LONG, f"{lasts}; it may take at most {operation.max_duration_s} s"))
    return faults


def _check_closures(
    problem: OperationsProblem, train: int, steps: list[_Step], found: list[OperationsViolation]
) -> None:
    for step in steps:
        uses = problem.trains[train].operations[step.operation].resources
        for resource in dict.fromkeys(use.resource for use in uses):
            for from_s, until_s in problem.resource(resource).closures:
                if step.start_s < until_s and (step.end_s is None or step.end_s > from_s):
                    end = "without end" if step.end_s is None else f"to {step.end_s}"
                    text = (
                        f"{_name(problem, train, step.operation)} uses resource {resource} from {step.start_s} {end}, "
                        f"but it is closed from {from_s} until {until_s}"
                    )
                    found.append(OperationsViolation(ViolationKind.CLOSED, text, train, step.operation, resource))


class _Hold(NamedTuple):
    """How a train keeps a resource from others: by an operation that lasts (None), or until a moment."""

    operation: int
    until_s: int | None


class _Occupation:
    """Who holds or keeps each resource, as the events are read one by one."""

    def __init__(self, problem: OperationsProblem) -> None:
        self._problem = problem
        self._holds: defaultdict[str, dict[int, _Hold]] = defaultdict(dict)
        self._kept: dict[tuple[str, int], int] = {}

    def end(self, train: int, operation: int, time_s: int) -> None:
        """End an operation: each of its uses turns into a hold until its release."""
        for use in self._problem.trains[train].operations[operation].resources:
            until = max(time_s + use.release_s, self._kept.get((use.resource, train), time_s))
            self._kept[use.resource, train] = until
            self._holds[use.resource][train] = _Hold(operation, until)

    def start(self, train: int, operation: int, resource: str, time_s: int) -> list[tuple[int, _Hold]]:
        """Start a use; return the other trains' holds at this moment if they are too many, else nothing."""
        holds = self._holds[resource]
        for other in [other for other, hold in holds.items() if hold.until_s is not None and hold.until_s <= time_s]:
            del holds[other]
        others = [(other, hold) for other, hold in holds.items() if other != train]
        holds[train] = _Hold(operation, None)
        return others if len(others) >= self._problem.resource(resource).capacity else []


def _check_resources(problem: OperationsProblem, events: list[Event], found: list[OperationsViolation]) -> None:
    occupation = _Occupation(problem)
    current: dict[int, int] = {}
    for event in events:
        if event.train in current:
            occupation.end(event.train, current[event.train], event.time_s)
        current[event.train] = event.operation
        uses = problem.trains[event.train].operations[event.operation].resources
        for resource in dict.fromkeys(use.resource for use in uses):
            others = occupation.start(event.train, event.operation, resource, event.time_s)
            if others:
                text = _taken_text(problem, event, resource, others)
                kind = ViolationKind.RESOURCE_TAKEN
                found.append(OperationsViolation(kind, text, event.train, event.operation, resource))


def _taken_text(problem: OperationsProblem, event: Event, resource: str, others: list[tuple[int, _Hold]]) -> str:
    who = "; ".join(
        f"{_name(problem, other, hold.operation)} "
        + ("holds it" if hold.until_s is None else f"keeps it until {hold.until_s}")
        for other, hold in others
    )
    capacity = problem.resource(resource).capacity
    return (
        f"{_name(problem, event.train, event.operation)} starts at {event.time_s} on resource {resource} "
        f"(capacity {capacity}) while {who}"
    )


def _check_link(
    problem: OperationsProblem, link: Link, starts: list[dict[int, int]], found: list[OperationsViolation]
) -> None:
    begin = starts[link.from_train].get(link.from_operation)
    end = starts[link.to_train].get(link.to_operation)
    if end is None:
        return
    from_name = _name(problem, link.from_train, link.from_operation)
    to_name = _name(problem, link.to_train, link.to_operation)

    def report(kind: ViolationKind, text: str) -> None:
        found.append(OperationsViolation(kind, text, link.to_train, link.to_operation))

    if begin is None:
        if link.required:
            report(
                ViolationKind.LINK_PARTNER_MISSING,
                f"{to_name} starts at {end} but needs {from_name}, which is not in the solution",
            )
        return
    after = f"{to_name} starts at {end}, {end - begin} s after {from_name} at {begin}"
    if end - begin < link.min_lag_s:
        report(ViolationKind.LINK_TOO_CLOSE, f"{after}; at least {link.min_lag_s} s are needed")
    if link.max_lag_s is not None and end - begin > link.max_lag_s:
        report(ViolationKind.LINK_TOO_FAR, f"{after}; at most {link.max_lag_s} s are allowed")
