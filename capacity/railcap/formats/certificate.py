"""Certificates: an answer with everything that is needed to judge it again, as one JSON file.

A certificate names its problem by a hash, holds the schedule, cost and bound, who proved what with which version, and
what the checker said. Described in docs/outputs.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from railcap.errors import InputError
from railcap.formats.atomic import write_bytes
from railcap.formats.displib import problem_bytes
from railcap.formats.json_file import decode_json, type_issues
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Event, Schedule
from railcap.solving.cross_check import Said, contradictions
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Reason, Result, Termination

FORMAT = "railcap-certificate"
SCHEMA_VERSION = 1

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class SaidEntry(_Strict):
    """What one backend said; costs in the problem's integer units."""

    backend: str
    version: str | None
    termination: str | None
    limit: str | None
    objective: int | None
    bound: int | None
    wall_s: float
    native: str
    problem: str


class WishEntry(_Strict):
    """What was asked of the backends."""

    time_limit_s: float
    threads: int
    seed: int
    deterministic: bool
    relative_gap: float
    memory_limit_gb: float | None


class CertificateFile(_Strict):
    """The whole file; `events` are ``[time, train, operation]`` in their order, null without an answer."""

    format: Literal["railcap-certificate"]
    schema: Literal[1]
    railcap: str
    problem: str
    problem_sha256: str
    cost_scale: int
    proof: Literal["optimal", "infeasible"] | None
    objective: int | None
    bound: int | None
    violations: _Count
    parameters: WishEntry
    backends: list[SaidEntry]
    events: list[tuple[int, _Count, _Count]] | None


def problem_hash(problem: OperationsProblem) -> str:
    """Return the SHA-256 of a problem's file form; its name does not count."""
    return hashlib.sha256(problem_bytes(problem)).hexdigest()


def write_certificate(
    path: str | Path, problem: OperationsProblem, result: Result, said: Sequence[Said], parameters: SolveParameters
) -> None:
    """Write the certificate of a result, whole or not at all.

    Parameters
    ----------
    result : Result
        The best of all, in units of the problem.
    said : sequence of Said
        What each backend said.

    Raises
    ------
    OutputError
        If `path` cannot be written.
    """
    reason = result.termination.reason
    schedule = result.schedule
    document = CertificateFile(
        format="railcap-certificate",
        schema=1,
        railcap=version("railcap"),
        problem=problem.name,
        problem_sha256=problem_hash(problem),
        cost_scale=problem.cost_scale,
        proof=reason.value if reason in (Reason.OPTIMAL, Reason.INFEASIBLE) else None,
        objective=result.objective,
        bound=result.bound,
        violations=0 if schedule is None else len(check_schedule(problem, schedule)),
        parameters=WishEntry(
            parameters.time_limit_s,
            parameters.threads,
            parameters.seed,
            parameters.deterministic,
            parameters.relative_gap,
            parameters.memory_limit_gb,
        ),
        backends=[_entry(entry) for entry in said],
        events=None if schedule is None else [(e.time_s, e.train, e.operation) for e in schedule.events],
    )
    write_bytes(path, msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")


def _entry(said: Said) -> SaidEntry:
    result = said.result
    if result is None:
        return SaidEntry(said.backend, said.version, None, None, None, None, 0.0, "", said.problem)
    ended = result.termination
    limit = None if ended.limit is None else ended.limit.value
    native = str(result.statistics.get("native", ""))
    return SaidEntry(
        said.backend,
        said.version,
        ended.reason.value,
        limit,
        result.objective,
        result.bound,
        round(result.wall_s, 3),
        native,
        said.problem,
    )


def check_certificate(path: str | Path, problem: OperationsProblem) -> tuple[list[tuple[str, str]], dict[str, object]]:
    """Judge a certificate anew against its problem.

    The schedule and its cost are judged from the problem alone. A bound cannot be: whether the backends named have
    said it, and whether all that is said fits together, is what is judged of it.

    Returns
    -------
    faults : list of (kind, sentence)
        What is wrong; empty if nothing is.
    claim : dict
        Cost and bound in the units shown to people, proof, and the backends with their versions.

    Raises
    ------
    InputError
        If the file cannot be read as a certificate.
    """
    path = Path(path)
    raw = decode_json(path, unique_keys=True)
    try:
        document = msgspec.convert(raw, CertificateFile)
    except msgspec.ValidationError:
        issues = type_issues(raw, CertificateFile, path.name)
        raise InputError(f"{path} cannot be read as a certificate of schema version {SCHEMA_VERSION}", issues) from None
    found = []
    if (own := problem_hash(problem)) != document.problem_sha256:
        text = f"it is for a problem with SHA-256 {document.problem_sha256[:12]}..., this one has {own[:12]}..."
        found.append(("another-problem", text))
        return found, {}
    if document.cost_scale != problem.cost_scale:
        found.append(("wrong-scale", f"cost scale {document.cost_scale}, the problem has {problem.cost_scale}"))
    found += _answer_faults(document, problem) + _proof_faults(document)
    scale = problem.cost_scale
    claim: dict[str, object] = {
        "cost": None if document.objective is None else document.objective / scale,
        "bound": None if document.bound is None else document.bound / scale,
        "proof": document.proof,
        "backends": ", ".join(f"{entry.backend} {entry.version or ''}".rstrip() for entry in document.backends),
    }
    return found, claim


def _answer_faults(document: CertificateFile, problem: OperationsProblem) -> list[tuple[str, str]]:
    """Check schedule and cost."""
    if document.events is None:
        if document.objective is None:
            return []
        return [("no-schedule", f"a cost of {document.objective} is claimed without a schedule")]
    sizes = [len(train.operations) for train in problem.trains]
    for place, (_, train, operation) in enumerate(document.events):
        if train >= len(sizes) or operation >= sizes[train]:
            return [("unknown-event", f"events[{place}]: there is no operation {operation} of train {train}")]
    schedule = Schedule(tuple(Event(*event) for event in document.events))
    violations = check_schedule(problem, schedule)
    found = [(str(violation.kind), violation.message) for violation in violations]
    if len(violations) != document.violations:
        text = f"the certificate says {document.violations} violations, there are {len(violations)}"
        found.append(("wrong-verdict", text))
    if not violations and (cost := schedule_cost(problem, schedule)) != document.objective:
        found.append(("wrong-objective", f"a cost of {document.objective} is claimed, the schedule costs {cost}"))
    return found


def _proof_faults(document: CertificateFile) -> list[tuple[str, str]]:
    """Check that what is claimed fits together: cost, bound, proof, and what the backends said."""
    found = []
    objective, bound = document.objective, document.bound
    if objective is not None and bound is not None and bound > objective:
        found.append(("bound-above-cost", f"the bound {bound} is above the cost {objective}"))
    if document.proof == "optimal" and (objective is None or bound != objective):
        found.append(("no-proof", f"a proof of the best is claimed with cost {objective} and bound {bound}"))
    if document.proof is None and objective is not None and bound == objective:
        found.append(("no-proof", f"cost and bound are both {bound}, but no proof is claimed"))
    if document.proof == "infeasible" and objective is not None:
        found.append(("no-proof", f"infeasible is claimed, with an answer of {objective}"))
    said = [_said(entry) for entry in document.backends]
    found += [("proofs-disagree", text) for text in contradictions(said)]
    results = [entry.result for entry in said if entry.result is not None]
    if bound is not None and bound not in [result.bound for result in results]:
        found.append(("nobody-said-so", f"no backend proves the bound {bound}"))
    if objective is not None and objective not in [result.objective for result in results]:
        found.append(("nobody-said-so", f"no backend has the cost {objective}"))
    if document.proof == "infeasible" and not any(r.termination.reason is Reason.INFEASIBLE for r in results):
        found.append(("nobody-said-so", "no backend proves that there is no answer"))
    return found


def _said(entry: SaidEntry) -> Said:
    known = {reason.value: reason for reason in Reason}
    if entry.termination not in known:
        return Said(entry.backend, entry.version, None, entry.problem)
    result = Result(Termination(known[entry.termination]), None, entry.objective, entry.bound)
    return Said(entry.backend, entry.version, result, entry.problem)
