"""One scenario planned by several backends, as a table: who is how good, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, InternalError, SolverCrashed
from railcap.planning.plan import plan
from railcap.solving.backend import Backend
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap_benchmarks.machine import machine, software
from railcap_benchmarks.markdown import table, text
from railcap_benchmarks.watch import Watch


@dataclass(frozen=True, slots=True)
class Row:
    """What one backend reached; costs in weighted minutes, times in seconds since planning began.

    Parameters
    ----------
    costs : tuple of (seconds, cost or None)
        The best cost known at the moments asked for.
    gap, avoidable_gap : float or None
        Of the whole cost, and of the part above the trains' own bests; fractions.
    """

    backend: str
    termination: str
    first_answer_s: float | None
    costs: tuple[tuple[float, float | None], ...]
    refused: int | None
    cost: float | None
    bound: float | None
    gap: float | None
    avoidable_gap: float | None
    wall_s: float
    peak_memory_mb: float | int | str | None


def moments(wish: str, time_limit_s: float) -> tuple[float, ...]:
    """Return the moments of ``"10,60"`` that lie within the time limit, sorted; raises `InputError`."""
    try:
        asked = {float(part) for part in wish.split(",") if part.strip()}
    except ValueError as error:
        raise InputError(f"{wish!r} must be seconds joined by commas, such as 10,60,300") from error
    return tuple(sorted(moment for moment in asked if 0 < moment <= time_limit_s))


def measure(
    scenario: Scenario, backend: str | Backend, parameters: SolveParameters, at_s: Sequence[float], progress: Progress
) -> Row:
    """Plan a scenario with one backend, in a process of its own, and return what it reached when.

    A backend that crashes, or whose answer fails its check, gets a row that says so; it must not end the campaign.
    """
    name = backend if isinstance(backend, str) else backend.name
    watch = Watch(progress)
    try:
        planned = plan(scenario, backend=backend, parameters=parameters, progress=watch, isolated=True)
    except (SolverCrashed, InternalError) as error:
        costs = tuple((moment, None) for moment in at_s)
        ended = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        return Row(name, ended, None, costs, None, None, None, None, None, watch.elapsed_s, None)
    result, scale = planned.result, planned.compiled.problem.cost_scale
    return Row(
        backend=name,
        termination=result.termination.reason.value,
        first_answer_s=watch.answers[0][0] if watch.answers else None,
        costs=tuple((moment, watch.cost_at(moment, scale)) for moment in at_s),
        refused=None if planned.timetable is None else len(planned.timetable.refused),
        cost=planned.objective,
        bound=planned.bound,
        gap=planned.gap,
        avoidable_gap=planned.avoidable_gap,
        wall_s=result.wall_s,
        peak_memory_mb=result.statistics.get("peak_memory_mb"),
    )


def as_dicts(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Return the rows as plain data, ready for JSON."""
    return [asdict(row) for row in rows]


def markdown(name: str, rows: Sequence[Row], parameters: SolveParameters) -> str:
    """Return the table in Markdown, with the machine and the version that it was measured on."""
    moments_s = [moment for moment, _ in rows[0].costs] if rows else []
    head = ["backend", "ended", "first answer", *(f"cost at {moment:g} s" for moment in moments_s)]
    head += ["cost", "refused", "bound", "gap", "avoidable gap", "time", "peak memory"]
    limits = f"time limit {parameters.time_limit_s:g} s, {parameters.threads} threads, seed {parameters.seed}"
    return f"### {name}\n\n{table(head, [_cells(row) for row in rows])}\n\n{limits}; {machine()}; {software()}\n"


def _cells(row: Row) -> list[str]:
    return [
        row.backend,
        row.termination,
        text(row.first_answer_s, ".1f", " s"),
        *(text(cost, ",.0f") for _, cost in row.costs),
        text(row.cost, ",.1f"),
        text(row.refused, "d"),
        text(row.bound, ",.1f"),
        text(row.gap, ".1%"),
        text(row.avoidable_gap, ".1%"),
        text(row.wall_s, ".1f", " s"),
        text(row.peak_memory_mb, "", " MB"),
    ]
