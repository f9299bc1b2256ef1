"""A backend of somebody else's comes in by its entry point alone: nothing of railcap is touched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from shipped_backends import SHIPPED, environment_with
from tiny_backends import two_trains

from railcap.formats.displib import read_solution, write_problem
from railcap.operations.check import check_schedule

ONE_BY_ONE = '''
import os

import railcap


class OneByOne:
    """Lets each train run when the one before it has reached its exit."""

    name = "one-by-one"
    features = frozenset()

    def is_available(self):
        return None

    def solve(self, problem, parameters, stop, progress):
        events, now_s = [], 0
        for number, train in enumerate(problem.trains):
            for step, operation in enumerate(train.operations):
                events.append(railcap.Event(now_s, number, step))
                now_s += operation.min_duration_s
        schedule = railcap.Schedule(tuple(events))
        cost = self.cost(problem, schedule)
        progress.incumbent(0.0, cost, schedule)
        statistics = {"process": os.getpid()}
        return railcap.Result(railcap.Termination(railcap.Reason.FEASIBLE), schedule, cost, statistics=statistics)

    def cost(self, problem, schedule):
        from railcap.operations.objective import schedule_cost

        return schedule_cost(problem, schedule)


class Flatters(OneByOne):
    """Says that its schedule costs less than it does, and fails when asked for its version."""

    name = "flatters"

    def version(self):
        raise RuntimeError("no version")

    def cost(self, problem, schedule):
        return super().cost(problem, schedule) - 1
'''

HOST = """
import os
import railcap
from tiny_backends import two_trains

for isolated in (False, True):
    result = railcap.solve(two_trains(), "one-by-one", isolated=isolated)
    print(result.backend, result.objective, result.statistics["process"] == os.getpid())
"""


def install(folder: Path, module: str, source: str, **backends: str) -> None:
    """Put a distribution of one module into a folder, as pip would: its code and its entry points."""
    folder.mkdir(exist_ok=True)
    (folder / f"{module}.py").write_text(source)
    described = folder / f"{module}-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    points = "".join(f"{name.replace('_', '-')} = {module}:{kind}\n" for name, kind in backends.items())
    (described / "entry_points.txt").write_text(f"[railcap.backends]\n{points}")


def command(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of railcap's with a folder of distributions on Python's path."""
    program = Path(sys.executable).with_name("railcap")
    return subprocess.run([program, *words], capture_output=True, text=True, env=environment_with(folder), timeout=120)


@pytest.fixture
def installed(tmp_path):
    """A folder with the distribution of the two backends above."""
    install(tmp_path / "site", "one_by_one", ONE_BY_ONE, one_by_one="OneByOne", flatters="Flatters")
    return tmp_path / "site"


def test_it_is_listed_beside_the_others(installed):
    told = json.loads(command("backends", "--json", folder=installed).stdout)
    assert told["one-by-one"] == {"available": True, "problem": None, "version": None, "features": []}
    assert told["flatters"]["version"] is None
    assert set(SHIPPED) < set(told)


def test_the_command_line_solves_with_it_in_a_process_of_its_own_and_checks_it(installed, tmp_path):
    problem, solution = tmp_path / "problem.json", tmp_path / "solution.json"
    write_problem(two_trains(), problem)
    words = ("solve", str(problem), "--solution", str(solution), "--json", "--backend")
    ended = command(*words, "one-by-one", folder=installed)
    assert ended.returncode == 0, ended.stderr
    answer = json.loads(ended.stdout)
    assert (answer["termination"], answer["objective"], answer["backend"]) == ("feasible", 10, "one-by-one")
    assert check_schedule(two_trains(), read_solution(solution, two_trains())[0]) == []
    solution.unlink()
    ended = command(*words, "flatters", folder=installed)
    assert ended.returncode == 4
    assert "costs 10, it says 9" in ended.stdout
    assert not solution.exists()


def test_python_solves_with_it_here_and_in_a_process_of_its_own(installed):
    ended = subprocess.run(
        [sys.executable, "-c", HOST], capture_output=True, text=True, env=environment_with(installed), timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == ["one-by-one 10 True", "one-by-one 10 False"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
        ("raise SystemExit('no licence')", "SystemExit: no licence"),
        ("class Broken:\n    name = 'broken'", "a backend needs features, is_available, solve"),
    ],
)
def test_one_that_cannot_be_loaded_is_told_and_hides_no_other(tmp_path, source, says):
    install(tmp_path / "site", "broken", source, broken="Broken")
    ended = command("backends", "--json", folder=tmp_path / "site")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert says in told["broken"]["problem"]
    assert not told["broken"]["available"]
    assert [name for name in SHIPPED if not told[name]["available"]] == []
