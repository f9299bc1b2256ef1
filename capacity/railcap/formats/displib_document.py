"""What a DISPLIB file with railcap's extensions may hold: its keys and types, and what its values must keep."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Annotated, Literal

import msgspec

from railcap.errors import Issue
from railcap.formats.json_file import shortened

SCHEMA_VERSION: Literal[1] = 1
_LARGEST = 10**12
_FINEST_SCALE = 10**9

_Index = Annotated[int, msgspec.Meta(ge=0)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
_Signed = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
_Cost = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)] | Annotated[float, msgspec.Meta(ge=0, le=_LARGEST)]
_Name = Annotated[str, msgspec.Meta(min_length=1)]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class UseEntry(_Strict):
    """A resource that an operation holds."""

    resource: _Name
    release_time: _Seconds = 0


class OperationEntry(_Strict):
    """An operation; `max_duration` is an extension."""

    min_duration: _Seconds
    successors: list[_Index]
    start_lb: _Seconds = 0
    start_ub: _Seconds | None = None
    max_duration: _Seconds | None = None
    resources: list[UseEntry] = []


class ComponentEntry(_Strict):
    """A component of the objective; published instances have thresholds below 0."""

    type: Literal["op_delay"]
    train: _Index
    operation: _Index
    threshold: _Signed = 0
    coeff: _Cost = 0
    increment: _Cost = 0


class TrainEntry(_Strict):
    """What a train has beyond DISPLIB."""

    train: _Index
    name: _Name | None = None
    refusal_cost: _Cost | None = None
    labels: list[str] | None = None


class ResourceEntry(_Strict):
    """What a resource has beyond DISPLIB."""

    capacity: Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)] = 1
    closures: list[tuple[_Seconds, _Seconds]] = []


class LinkEntry(_Strict):
    """A tie between the starts of two operations."""

    from_train: _Index
    from_operation: _Index
    to_train: _Index
    to_operation: _Index
    min_lag: _Signed = 0
    max_lag: _Signed | None = None
    required: bool = False


class JourneyEntry(_Strict):
    """A cost on the time between the starts of two operations of a train."""

    train: _Index
    from_operation: _Index
    to_operation: _Index
    threshold: _Signed = 0
    coeff: _Cost = 0


class Extension(_Strict):
    """Everything beyond DISPLIB, under the key `railcap`."""

    version: Literal[1]
    cost_scale: Annotated[int, msgspec.Meta(ge=1, le=_FINEST_SCALE)] | None = None
    trains: list[TrainEntry] = []
    resources: dict[str, ResourceEntry] = {}
    links: list[LinkEntry] = []
    journey_terms: list[JourneyEntry] = []


class ProblemFile(_Strict):
    """A problem file."""

    trains: list[list[OperationEntry]]
    objective: list[ComponentEntry]
    railcap: Extension | None = None


class EventEntry(msgspec.Struct):
    """The start of an operation."""

    operation: _Index
    time: _Signed
    train: _Index


class SolutionFile(msgspec.Struct):
    """A solution file; other keys are allowed and ignored."""

    events: list[EventEntry]
    objective_value: int | float | None = None


def problem_issues(document: ProblemFile, file: str) -> list[Issue]:
    """Return every fault in what a problem file of the right types says."""
    faults = _Faults(file)
    _check_trains(document, faults)
    for place, term in enumerate(document.objective):
        _check_operation_index(_sizes(document), term.train, term.operation, f"objective[{place}]", faults)
    if document.railcap is not None:
        _check_extension(document, document.railcap, faults)
    _check_costs(document, faults)
    return faults.issues


def solution_issues(document: SolutionFile, sizes: Sequence[int], file: str) -> list[Issue]:
    """Return an issue for every event of an operation that does not exist; `sizes` are the trains' operation counts."""
    faults = _Faults(file)
    for place, event in enumerate(document.events):
        _check_operation_index(sizes, event.train, event.operation, f"events[{place}]", faults)
    return faults.issues


def cost_scale(document: ProblemFile) -> int:
    """Return the stated scale of the costs, else the least one."""
    stated = document.railcap.cost_scale if document.railcap is not None else None
    return stated or least_cost_scale(document)


class _Faults:
    """Collects the issues of one file."""

    def __init__(self, file: str) -> None:
        self.issues: list[Issue] = []
        self._file = file

    def add(self, where: str, value: object, code: str, message: str) -> None:
        """Note a fault; the message says what would be right."""
        self.issues.append(Issue(self._file, where, shortened(value), message, code))


def _check_trains(document: ProblemFile, faults: _Faults) -> None:
    for train, operations in enumerate(document.trains):
        if not operations:
            faults.add(f"trains[{train}]", [], "empty-train", "a train needs at least one operation")
            continue
        for place, operation in enumerate(operations):
            _check_operation(operation, f"trains[{train}][{place}]", faults)
        _check_graph(operations, f"trains[{train}]", faults)


def _check_operation(operation: OperationEntry, where: str, faults: _Faults) -> None:
    if operation.start_ub is not None and operation.start_ub < operation.start_lb:
        text = f"the latest start is before start_lb {operation.start_lb}; raise it or lower start_lb"
        faults.add(f"{where}.start_ub", operation.start_ub, "empty-window", text)
    if operation.max_duration is not None and operation.max_duration < operation.min_duration:
        text = f"the longest duration is below min_duration {operation.min_duration}; raise it or leave it out"
        faults.add(f"{where}.max_duration", operation.max_duration, "empty-duration", text)


def _check_graph(operations: Sequence[OperationEntry], where: str, faults: _Faults) -> None:
    last = len(operations) - 1
    entered = {0}
    for place, operation in enumerate(operations):
        path = f"{where}[{place}].successors"
        entered.update(operation.successors)
        for at, successor in enumerate(operation.successors):
            if successor > last:
                text = f"there is no operation {successor}; the train's last one is {last}"
                faults.add(f"{path}[{at}]", successor, "unknown-operation", text)
            elif successor <= place:
                text = (
                    f"operation {place} leads back to {successor}: a cycle or a wrong order; list the operations so "
                    "that each comes before its successors"
                )
                faults.add(f"{path}[{at}]", successor, "not-topological", text)
        if not operation.successors and place != last:
            text = f"operation {place} has no successor, so the train has several exits; lead it to exit {last}"
            faults.add(path, [], "several-exits", text)
    for place in range(1, last + 1):
        if place not in entered:
            text = f"no operation leads to {place}, so the train has several entries; make it a successor or remove it"
            faults.add(f"{where}[{place}]", place, "several-entries", text)


def _sizes(document: ProblemFile) -> list[int]:
    return [len(operations) for operations in document.trains]


def _check_train_index(sizes: Sequence[int], train: int, where: str, faults: _Faults) -> bool:
    if train < len(sizes):
        return True
    faults.add(where, train, "unknown-train", f"there is no such train; there are {len(sizes)}, counted from 0")
    return False


def _check_operation_index(
    sizes: Sequence[int], train: int, operation: int, where: str, faults: _Faults, prefix: str = ""
) -> None:
    if _check_train_index(sizes, train, f"{where}.{prefix}train", faults) and operation >= sizes[train]:
        text = f"there is no such operation; train {train} has {sizes[train]}, counted from 0"
        faults.add(f"{where}.{prefix}operation", operation, "unknown-operation", text)


def _check_extension(document: ProblemFile, extension: Extension, faults: _Faults) -> None:
    _check_train_extensions(document, extension, faults)
    _check_resource_extensions(document, extension, faults)
    sizes = _sizes(document)
    for place, link in enumerate(extension.links):
        _check_link(sizes, link, f"railcap.links[{place}]", faults)
    for place, term in enumerate(extension.journey_terms):
        _check_journey(sizes, term, f"railcap.journey_terms[{place}]", faults)


def _check_journey(sizes: Sequence[int], term: JourneyEntry, where: str, faults: _Faults) -> None:
    if not _check_train_index(sizes, term.train, f"{where}.train", faults):
        return
    count = sizes[term.train]
    for key, operation in (("from_operation", term.from_operation), ("to_operation", term.to_operation)):
        if operation >= count:
            text = f"there is no such operation; train {term.train} has {count}, counted from 0"
            faults.add(f"{where}.{key}", operation, "unknown-operation", text)
    if term.to_operation <= term.from_operation:
        text = f"the journey must end after operation {term.from_operation}, where it begins"
        faults.add(f"{where}.to_operation", term.to_operation, "backward-journey", text)


def _check_train_extensions(document: ProblemFile, extension: Extension, faults: _Faults) -> None:
    seen: set[int] = set()
    for place, train in enumerate(extension.trains):
        where = f"railcap.trains[{place}]"
        if not _check_train_index(_sizes(document), train.train, f"{where}.train", faults):
            continue
        if train.train in seen:
            faults.add(f"{where}.train", train.train, "duplicate-train", "this train is listed twice; keep one entry")
        seen.add(train.train)
        count = len(document.trains[train.train])
        if train.labels is not None and len(train.labels) != count:
            text = f"a label for each of the train's {count} operations is expected"
            faults.add(f"{where}.labels", train.labels, "wrong-length", text)


def _check_resource_extensions(document: ProblemFile, extension: Extension, faults: _Faults) -> None:
    used = {use.resource for train in document.trains for operation in train for use in operation.resources}
    for name, resource in extension.resources.items():
        where = f"railcap.resources.{name}"
        if name not in used:
            near = difflib.get_close_matches(name, used, 1)
            advice = f"did you mean {near[0]!r}?" if near else "remove it"
            faults.add(where, name, "unknown-resource", f"no operation uses this resource; {advice}")
        for place, (from_s, until_s) in enumerate(resource.closures):
            if from_s >= until_s:
                text = "a closure must begin before it ends"
                faults.add(f"{where}.closures[{place}]", [from_s, until_s], "empty-closure", text)


def _check_link(sizes: Sequence[int], link: LinkEntry, where: str, faults: _Faults) -> None:
    _check_operation_index(sizes, link.from_train, link.from_operation, where, faults, "from_")
    _check_operation_index(sizes, link.to_train, link.to_operation, where, faults, "to_")
    if (link.from_train, link.from_operation) == (link.to_train, link.to_operation):
        faults.add(where, link.to_operation, "self-link", "a link must tie two different operations")
    if link.max_lag is not None and link.max_lag < link.min_lag:
        text = f"the longest lag is below min_lag {link.min_lag}; raise it or leave it out"
        faults.add(f"{where}.max_lag", link.max_lag, "empty-lag", text)


def _costs(document: ProblemFile) -> Iterable[tuple[str, int | float]]:
    """Yield every cost of the file with its JSON path."""
    for place, term in enumerate(document.objective):
        yield f"objective[{place}].coeff", term.coeff
        yield f"objective[{place}].increment", term.increment
    if document.railcap is not None:
        for place, journey in enumerate(document.railcap.journey_terms):
            yield f"railcap.journey_terms[{place}].coeff", journey.coeff
        for place, train in enumerate(document.railcap.trains):
            if train.refusal_cost is not None:
                yield f"railcap.trains[{place}].refusal_cost", train.refusal_cost


def least_cost_scale(document: ProblemFile) -> int:
    """Return the least number that makes every cost of the file an integer when multiplied with it."""
    return lcm(*{Fraction(repr(cost)).denominator for _, cost in _costs(document) if isinstance(cost, float)})


def _check_costs(document: ProblemFile, faults: _Faults) -> None:
    stated = document.railcap.cost_scale if document.railcap is not None else None
    for where, cost in _costs(document):
        if stated is None and Fraction(repr(cost)).denominator > _FINEST_SCALE:
            text = "this cost has too many decimals; round it, or state railcap.cost_scale"
            faults.add(where, cost, "cost-too-fine", text)
        # A stated scale such as 300 has no exact decimals: forgive what writing them costs.
        exact = cost * (stated or 1)
        if stated is not None and abs(exact - round(exact)) > 1e-6 + 1e-12 * abs(exact):
            text = f"this is no multiple of 1/{stated}; raise railcap.cost_scale or leave it out"
            faults.add(where, cost, "cost-too-fine", text)
