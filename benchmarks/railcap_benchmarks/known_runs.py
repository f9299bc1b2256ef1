"""Runs over problems with published values, whose solutions are kept as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from railcap.formats.displib import read_problem, write_solution
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap_benchmarks.campaign import Task
from railcap_benchmarks.suites.known_values import KnownValue


def tasks_of(
    known: Sequence[KnownValue], backends: Sequence[str], solutions: Path | None, records: Path | None
) -> list[Task]:
    """Return a task for each problem and backend.

    Parameters
    ----------
    solutions : Path or None
        Where each solution goes, as ``BACKEND/NAME.json``.
    records : Path or None
        Where solutions go that are better than the best known, as ``NAME.json``; a better one that is there stays.
    """
    return [
        Task(
            value.name,
            backend,
            partial(read_problem, value.path),
            {"family": value.family} | ({} if value.best is None else {"best": value.best}),
            _keeper(value, backend, solutions, records),
        )
        for value in known
        for backend in backends
    ]


def _keeper(
    value: KnownValue, backend: str, solutions: Path | None, records: Path | None
) -> Callable[[OperationsProblem, Schedule], None]:
    def keep(problem: OperationsProblem, schedule: Schedule) -> None:
        if solutions is not None:
            folder = solutions / backend.replace(":", "_")
            folder.mkdir(parents=True, exist_ok=True)
            write_solution(schedule, problem, folder / f"{value.name}.json")
        cost = schedule_cost(problem, schedule)
        if records is not None and value.best is not None and cost < value.best * problem.cost_scale:
            _keep_record(problem, schedule, records / f"{value.name}.json", cost)

    return keep


def _keep_record(problem: OperationsProblem, schedule: Schedule, path: Path, cost: int) -> None:
    from railcap.formats.displib import read_solution

    if path.exists():
        known, _ = read_solution(path, problem)
        if schedule_cost(problem, known) <= cost:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_solution(schedule, problem, path)
