"""A train's operations with its own windows, as far as it can run at all: exactly, with nobody else on the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from railcap.operations.problem import Operation
from railcap.planning.alone_run import AloneTrain
from railcap.planning.compile_train import Act, Role, Template
from railcap.planning.compile_windows import Closures, LongestJourney, tighten

Windows = tuple[Sequence[int], Sequence[int]]
"""Earliest and latest starts by operation of a template."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The operations that a train can reach, with their roles, and which are its departure and arrival."""

    operations: tuple[Operation, ...]
    roles: tuple[Role, ...]
    depart: int
    arrive: int


def fit(
    template: Template, windows: Windows, closures: Sequence[Closures], longest: LongestJourney | None
) -> Fitted | None:
    """Return a train's operations with windows as narrow as they can easily be; None if it cannot run even alone.

    Parameters
    ----------
    windows : as the train itself demands them
    closures : by operation, when what it holds is closed
    """
    earliest, latest = list(windows[0]), list(windows[1])
    kept = tighten(template, earliest, latest, closures, longest)
    if not kept:
        return None
    roles = tuple(template.roles[index] for index in kept)
    fitted = Fitted(_operations(template, earliest, latest, kept), roles, *ends(roles))
    limit = None if longest is None else longest.longest_s
    shut = [closures[index] for index in kept]
    train = AloneTrain(fitted.operations, shut, fitted.depart, fitted.arrive, longest_s=limit)
    return fitted if train.can_run() else None


def ends(roles: Sequence[Role]) -> tuple[int, int]:
    """Return the indices of the departure from the origin and of the arrival at the destination."""
    depart = next(index for index, role in enumerate(roles) if role.act is Act.DEPART)
    last = roles[-1].place
    arrive = next(index for index, role in enumerate(roles) if role.act is Act.ARRIVE and role.place == last)
    return depart, arrive


def _operations(
    template: Template, earliest: Sequence[int], latest: Sequence[int], kept: Sequence[int]
) -> tuple[Operation, ...]:
    successors: Sequence[tuple[int, ...]] = template.successors
    if len(kept) < len(template.roles):
        place = {old: new for new, old in enumerate(kept)}
        successors = [tuple(place[after] for after in row if after in place) for row in template.successors]
    return tuple(
        Operation(
            successors[old],
            template.least_s[old],
            template.longest_s[old],
            earliest[old],
            latest[old],
            template.uses[old],
            template.labels[old],
        )
        for old in kept
    )
