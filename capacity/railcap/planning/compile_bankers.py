"""Bankers: the pool of their engines, and what ties a train and its light engine (rule 23 of docs/model.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from railcap.corridor.bankers import Banked
from railcap.operations.problem import Link, ResourceUse
from railcap.planning.compile_guards import Uses
from railcap.planning.compile_links import LinkedTrain
from railcap.planning.compile_train import Act, Role
from railcap.units import DAY_S

ANY_TIME_S = 1000 * DAY_S
"""A lag that keeps nothing apart: longer than any scenario."""


def pool_name(banker: str) -> str:
    """Return the name of the resource of a banker's engines."""
    return f"banker {banker}"


def pool_uses(banked: Iterable[Banked], trains: Mapping[str, LinkedTrain]) -> Uses:
    """Return the uses of engines, by (train, operation).

    A train has one from its departure until it arrives, its light engine from that instant, in its entry, until it has
    come back.
    """
    uses: Uses = defaultdict(list)
    for one in banked:
        use = ResourceUse(pool_name(one.banker.id))
        train, light = trains[one.train], trains[one.light]
        for operation, role in enumerate(train.roles):
            if _helped(role, one.begin, one.end):
                uses[train.index, operation].append(use)
        for operation in range(light.last_arrival(one.banker.start)):
            uses[light.index, operation].append(use)
    return uses


def _helped(role: Role, begin: int, end: int) -> bool:
    """Whether an operation lies between the departure from one call of a train and the arrival at another."""
    if role.act is Act.RUN or role.place == begin:
        return begin <= role.place < end and role.act in (Act.RUN, Act.DEPART)
    return begin < role.place < end


def banker_links(banked: Iterable[Banked], trains: Mapping[str, LinkedTrain]) -> Iterator[Link]:
    """Yield the links by which a train and its light engine need each other."""
    for one in banked:
        train, light = trains[one.train], trains[one.light]
        arrive, depart = train.at(Act.ARRIVE, one.end), train.at(Act.DEPART, one.begin)
        yield Link(train.index, arrive, light.index, 0, 0, 0, True)
        yield Link(light.index, light.at(Act.DEPART, 0), train.index, depart, -ANY_TIME_S, None, True)
