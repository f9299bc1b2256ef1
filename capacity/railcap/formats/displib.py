"""Operations problems and their solutions as DISPLIB JSON, with railcap's named extensions (docs/problem_format.md)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from railcap.errors import InputError
from railcap.formats.atomic import write_bytes
from railcap.formats.displib_document import (
    SCHEMA_VERSION,
    ComponentEntry,
    EventEntry,
    Extension,
    JourneyEntry,
    LinkEntry,
    OperationEntry,
    ProblemFile,
    ResourceEntry,
    SolutionFile,
    TrainEntry,
    UseEntry,
    cost_scale,
    least_cost_scale,
    problem_issues,
    solution_issues,
)
from railcap.formats.json_file import decode_json, type_issues
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Link,
    ObjectiveTerm,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)
from railcap.operations.schedule import Event, Schedule


def read_problem(path: str | Path) -> OperationsProblem:
    """Read a problem from a DISPLIB file, with or without railcap's extensions.

    Raises
    ------
    InputError
        With every fault found, each by its JSON path. Wrong types and unknown keys are looked for first; what the
        values say is judged once all of them have the right type.
    """
    path = Path(path)
    raw = decode_json(path)
    try:
        document = msgspec.convert(raw, ProblemFile)
    except msgspec.ValidationError:
        issues = type_issues(raw, ProblemFile, path.name)
        raise InputError(f"{path} is not a problem in DISPLIB's format", issues) from None
    if issues := problem_issues(document, path.name):
        raise InputError(f"{path} is not a problem that can be solved", issues)
    return _problem(document, cost_scale(document), path.stem)


def write_problem(problem: OperationsProblem, path: str | Path) -> None:
    """Write a problem, whole or not at all; it is plain DISPLIB if the problem has nothing beyond it.

    Costs are written in the units shown to people, that is divided by ``cost_scale``. Raises `OutputError`.
    """
    write_bytes(path, problem_bytes(problem))


def problem_bytes(problem: OperationsProblem) -> bytes:
    """Return a problem's file form; see `write_problem`."""
    scale = problem.cost_scale
    document = ProblemFile(
        trains=[[_operation_out(operation) for operation in train.operations] for train in problem.trains],
        objective=[
            ComponentEntry(
                "op_delay",
                term.train,
                term.operation,
                term.threshold_s,
                _shown(term.coeff, scale),
                _shown(term.increment, scale),
            )
            for term in problem.objective
            if isinstance(term, DelayTerm)
        ],
    )
    document.railcap = _extension_out(problem, least_cost_scale(document) != scale)
    return _json(document)


def read_solution(path: str | Path, problem: OperationsProblem) -> tuple[Schedule, float | None]:
    """Read a DISPLIB solution: its events in the order of the file, and the objective value that it claims.

    The value is in the units shown to people (``cost / cost_scale``). Whether the schedule is right is for
    `railcap.operations.check.check_schedule` to say.

    Raises
    ------
    InputError
        With every fault found, such as an event of a train that the problem does not have.
    """
    path = Path(path)
    raw = decode_json(path)
    try:
        document = msgspec.convert(raw, SolutionFile)
    except msgspec.ValidationError:
        issues = type_issues(raw, SolutionFile, path.name)
        raise InputError(f"{path} is not a solution in DISPLIB's format", issues) from None
    sizes = [len(train.operations) for train in problem.trains]
    if issues := solution_issues(document, sizes, path.name):
        raise InputError(f"{path} is not a solution of this problem", issues)
    events = tuple(Event(event.time, event.train, event.operation) for event in document.events)
    return Schedule(events), document.objective_value


def write_solution(schedule: Schedule, problem: OperationsProblem, path: str | Path) -> None:
    """Write a schedule as a DISPLIB solution, in its own order of events, whole or not at all; raises `OutputError`."""
    events = [EventEntry(event.operation, event.time_s, event.train) for event in schedule.events]
    value = _shown(schedule_cost(problem, schedule), problem.cost_scale)
    write_bytes(path, _json(SolutionFile(events, value)))


def _json(document: msgspec.Struct) -> bytes:
    return msgspec.json.encode(document) + b"\n"


def _problem(document: ProblemFile, scale: int, name: str) -> OperationsProblem:
    extension = document.railcap or Extension(SCHEMA_VERSION)
    by_train = {train.train: train for train in extension.trains}

    def cost(value: int | float) -> int:
        return round(value * scale)

    def train_in(place: int, operations: list[OperationEntry]) -> Train:
        more = by_train.get(place, TrainEntry(place))
        labels = more.labels or [""] * len(operations)
        refusal_cost = None if more.refusal_cost is None else cost(more.refusal_cost)
        steps = tuple(_operation(operation, label) for operation, label in zip(operations, labels, strict=True))
        return Train(more.name or _default_name(place), steps, refusal_cost)

    objective: list[ObjectiveTerm] = [
        DelayTerm(term.train, term.operation, term.threshold, cost(term.coeff), cost(term.increment))
        for term in document.objective
    ]
    objective += [
        JourneyTerm(term.train, term.from_operation, term.to_operation, term.threshold, cost(term.coeff))
        for term in extension.journey_terms
    ]
    return OperationsProblem(
        trains=tuple(train_in(place, operations) for place, operations in enumerate(document.trains)),
        objective=tuple(objective),
        resources={
            name: Resource(resource.capacity, _merged(resource.closures))
            for name, resource in extension.resources.items()
        },
        links=tuple(
            Link(
                link.from_train,
                link.from_operation,
                link.to_train,
                link.to_operation,
                link.min_lag,
                link.max_lag,
                link.required,
            )
            for link in extension.links
        ),
        cost_scale=scale,
        name=name,
    )


def _default_name(train: int) -> str:
    return f"T{train}"


def _operation(operation: OperationEntry, label: str) -> Operation:
    """Return the operation; a successor listed twice counts once, a resource listed twice with its longest release."""
    releases: dict[str, int] = {}
    for use in operation.resources:
        releases[use.resource] = max(use.release_time, releases.get(use.resource, 0))
    return Operation(
        successors=tuple(dict.fromkeys(operation.successors)),
        min_duration_s=operation.min_duration,
        max_duration_s=operation.max_duration,
        start_lb_s=operation.start_lb,
        start_ub_s=operation.start_ub,
        resources=tuple(ResourceUse(name, release) for name, release in releases.items()),
        label=label,
    )


def _merged(closures: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return closures sorted, overlapping ones joined (two that only touch stay two: an instant between is free)."""
    merged: list[tuple[int, int]] = []
    for from_s, until_s in sorted(closures):
        if merged and from_s < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until_s))
        else:
            merged.append((from_s, until_s))
    return tuple(merged)


def _shown(cost: int, scale: int) -> int | float:
    return cost / scale if cost % scale else cost // scale


def _operation_out(operation: Operation) -> OperationEntry:
    return OperationEntry(
        min_duration=operation.min_duration_s,
        successors=list(operation.successors),
        start_lb=operation.start_lb_s,
        start_ub=operation.start_ub_s,
        max_duration=operation.max_duration_s,
        resources=[UseEntry(use.resource, use.release_s) for use in operation.resources],
    )


def _extension_out(problem: OperationsProblem, state_scale: bool) -> Extension | None:
    """Return what the problem has beyond DISPLIB, None if there is nothing."""
    scale = problem.cost_scale
    extension = Extension(
        version=SCHEMA_VERSION,
        cost_scale=scale if state_scale else None,
        trains=[
            _train_out(place, train, scale) for place, train in enumerate(problem.trains) if _is_extended(place, train)
        ],
        resources={
            name: ResourceEntry(resource.capacity, list(resource.closures))
            for name, resource in problem.resources.items()
            if resource != Resource()
        },
        links=[
            LinkEntry(
                link.from_train,
                link.from_operation,
                link.to_train,
                link.to_operation,
                link.min_lag_s,
                link.max_lag_s,
                link.required,
            )
            for link in problem.links
        ],
        journey_terms=[
            JourneyEntry(
                term.train, term.from_operation, term.to_operation, term.threshold_s, _shown(term.coeff, scale)
            )
            for term in problem.objective
            if isinstance(term, JourneyTerm)
        ],
    )
    return None if extension == Extension(SCHEMA_VERSION) else extension


def _is_extended(place: int, train: Train) -> bool:
    return (
        train.refusal_cost is not None
        or train.name != _default_name(place)
        or any(operation.label for operation in train.operations)
    )


def _train_out(place: int, train: Train, scale: int) -> TrainEntry:
    labels = [operation.label for operation in train.operations]
    return TrainEntry(
        train=place,
        name=train.name if train.name != _default_name(place) else None,
        refusal_cost=None if train.refusal_cost is None else _shown(train.refusal_cost, scale),
        labels=labels if any(labels) else None,
    )
