"""Several backends on one problem: the table of what each says, and both sides kept where two contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from railcap.errors import BackendError, ProofsDisagree
from railcap.measures.text_columns import columns
from railcap.operations.objective import gap
from railcap.operations.problem import OperationsProblem
from railcap.solving.cross_check import Said, ask, best_of, contradictions
from railcap.solving.result import Reason, Result
from railcap.solving.stop import Stop

_PROOFS = {Reason.OPTIMAL: "optimal", Reason.INFEASIBLE: "infeasible"}


def cross_check(
    names: Sequence[str],
    solve: Callable[[str], Result],
    problem: Callable[[], OperationsProblem],
    keep: Path,
    stop: Stop,
) -> tuple[list[Said], str, Result]:
    """Let backends solve in turn; return what they say, and whose is the best and what it is.

    Parameters
    ----------
    problem : function
        Returns the problem that was solved, for the files.
    keep : Path
        Folder for what backends say that contradict each other.

    Raises
    ------
    ProofsDisagree
        If what they say cannot all be true.
    BackendError
        If none of them has a result; that of a single one as it is.
    """
    said = ask(names, solve, stop)
    found = contradictions(said)
    if found:
        files = _keep(said, problem(), keep)
        raise ProofsDisagree("\n".join([*found, "what each says is kept in:", *(f"  {file}" for file in files)]))
    best = best_of(said)
    if best is None:
        raise BackendError("; ".join(f"{entry.backend}: {entry.problem}" for entry in said))
    return said, *best


def _keep(said: Sequence[Said], problem: OperationsProblem, folder: Path) -> list[Path]:
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.displib import write_problem, write_solution

    with OutputFolder(folder) as output:
        write_problem(problem, output.file("problem.json"))
        (output.file("said.txt")).write_text(table(said, problem.cost_scale) + "\n", encoding="utf-8")
        for entry in said:
            if entry.result is not None and entry.result.schedule is not None:
                write_solution(entry.result.schedule, problem, output.file(f"solution_{entry.backend}.json"))
    return output.written


def rows(said: Sequence[Said], cost_scale: int) -> list[dict[str, object]]:
    """Return what backends say as one mapping each, for JSON; costs in the units shown to people."""
    return [_row(entry, cost_scale) for entry in said]


def _row(entry: Said, cost_scale: int) -> dict[str, object]:
    result = entry.result
    if result is None:
        return {"backend": entry.backend, "version": entry.version, "problem": entry.problem}
    objective = None if result.objective is None else result.objective / cost_scale
    bound = None if result.bound is None else result.bound / cost_scale
    return {
        "backend": entry.backend,
        "version": entry.version,
        "termination": result.termination.reason.value,
        "limit": None if result.termination.limit is None else result.termination.limit.value,
        "objective": objective,
        "bound": bound,
        "gap": None if objective is None or bound is None else gap(objective, bound),
        "proof": _PROOFS.get(result.termination.reason),
        "wall_s": round(result.wall_s, 3),
        "peak_memory_mb": result.statistics.get("peak_memory_mb"),
        "native": result.statistics.get("native"),
        "problem": None,
    }


_COLUMNS = ("backend", "version", "cost", "bound", "gap", "proof", "time", "memory")


def table(said: Sequence[Said], cost_scale: int) -> str:
    """Return what backends say as a table for people; those without a result stand below with the reason."""
    lines = [_COLUMNS]
    for row in rows(said, cost_scale):
        if row["problem"] is None:
            lines.append(
                (
                    str(row["backend"]),
                    str(row["version"] or ""),
                    _text(row["objective"], ",.1f"),
                    _text(row["bound"], ",.1f"),
                    _text(row["gap"], ".1%"),
                    str(row["proof"] or ""),
                    _text(row["wall_s"], ".1f") + " s",
                    _text(row["peak_memory_mb"], ",") + " MB",
                )
            )
    texts = columns(lines, "llrrrlrr")
    texts += [f"{entry.backend}: {entry.problem}" for entry in said if entry.result is None]
    return "\n".join(texts)


def _text(value: object, form: str) -> str:
    return "-" if value is None else format(value, form)
