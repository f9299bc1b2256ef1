"""Several backends on one problem: what each says, whether all of it can be true, and the best of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from railcap.errors import BackendError
from railcap.solving.registry import backends, require_known, version_of
from railcap.solving.result import Reason, Result
from railcap.solving.stop import Stop

ALL = "all"


@dataclass(frozen=True, slots=True)
class Said:
    """What one backend says: its result, or why it has none."""

    backend: str
    version: str | None
    result: Result | None
    problem: str = ""


def chosen_backends(text: str) -> list[str]:
    """Return the backends that a command line names: one, several by comma, or ``all`` that can run and are no peers.

    A peer, which exists to be compared with in benchmarks, says so by an attribute ``is_peer``; it is asked by name.

    Raises
    ------
    UnknownBackend
        If one that is named is not there, before any of them has worked.
    """
    if text != ALL:
        named = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip())) or [text]
        require_known(named)
        return named
    return [
        name
        for name, state in backends().items()
        if state.problem is None and not getattr(state.backend, "is_peer", False)
    ]


def ask(names: Sequence[str], solve: Callable[[str], Result], stop: Stop) -> list[Said]:
    """Let backends solve in turn, until `stop`; one of several that fails is told and ends nothing."""
    said: list[Said] = []
    for name in names:
        if said and stop.requested:
            said.append(Said(name, version_of(name), None, "not asked any more"))
            continue
        try:
            said.append(Said(name, version_of(name), solve(name)))
        except BackendError as error:
            if len(names) == 1:
                raise
            said.append(Said(name, version_of(name), None, str(error)))
    return said


def contradictions(said: Sequence[Said]) -> list[str]:
    """Return what cannot be true of what backends say: every schedule has passed its check, so a proof is wrong."""
    found = []
    for one, other in combinations([entry for entry in said if entry.result is not None], 2):
        for first, second in ((one, other), (other, one)):
            here, there = first.result, second.result
            assert here is not None and there is not None
            if here.termination.reason is Reason.INFEASIBLE and there.objective is not None:
                found.append(f"{first.backend} proves infeasible, {second.backend} has an answer of {there.objective}")
            elif here.bound is not None and there.objective is not None and here.bound > there.objective:
                text = f"{first.backend} proves a bound of {here.bound}, {second.backend} has an answer of"
                found.append(f"{text} {there.objective}")
    return found


def best_of(said: Sequence[Said]) -> tuple[str, Result] | None:
    """Return the best answer and whose it is, with the best of all bounds; None if nobody has a result."""
    results = [(entry.backend, entry.result) for entry in said if entry.result is not None]
    answers = [(name, result) for name, result in results if result.objective is not None]
    if not answers:
        proofs = [pair for pair in results if pair[1].termination.reason is Reason.INFEASIBLE]
        return next(iter(proofs or results), None)
    name, best = min(answers, key=lambda pair: (pair[1].objective, pair[1].termination.reason is not Reason.OPTIMAL))
    bounds = [result.bound for _, result in results if result.bound is not None]
    if not bounds or best.termination.reason is Reason.OPTIMAL:
        return name, best
    bound = max(bounds)
    if best.objective is not None and bound >= best.objective:
        best = replace(best, termination=replace(best.termination, reason=Reason.OPTIMAL, limit=None))
    return name, replace(best, bound=bound)
