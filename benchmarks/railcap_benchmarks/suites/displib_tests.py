"""DISPLIB's own small test instances, with its solutions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from railcap.errors import InputError
from railcap.formats.displib import read_problem, read_solution
from railcap.operations.schedule import Schedule
from railcap_benchmarks.suites.known_answer import KnownAnswer

_PREFIX = "displib_testinstances_"
_INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True)
class DisplibTest:
    """A test instance: the known answer and the published solution (None if there is none to publish)."""

    answer: KnownAnswer
    solution: Schedule | None


def displib_tests(folder: Path) -> list[DisplibTest]:
    """Return the test instances of a DISPLIB folder, in order of their names.

    Parameters
    ----------
    folder : Path
        Holds ``displib_instances_testing`` and ``displib_solution_testing``.

    Raises
    ------
    InputError
        If a file cannot be used, or an instance that is not called infeasible has no published value.
    """
    return [_test(path, folder) for path in sorted((folder / "displib_instances_testing").glob(f"{_PREFIX}*.json"))]


def _test(path: Path, folder: Path) -> DisplibTest:
    problem = read_problem(path)
    name = path.stem.removeprefix(_PREFIX)
    if name.startswith(_INFEASIBLE):
        return DisplibTest(KnownAnswer(name, problem, None), None)
    published = folder / "displib_solution_testing" / path.name.replace("displib_", "displib_solution_", 1)
    schedule, value = read_solution(published, problem)
    if value is None:
        raise InputError(f"{published} has no objective_value to compare with")
    return DisplibTest(KnownAnswer(name, problem, round(value * problem.cost_scale)), schedule)
