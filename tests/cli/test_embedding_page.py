"""The program that docs/embedding.md is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import railcap
from railcap.errors import BackendError

PAGE = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What the program prints: a module of its own, and the other blocks one after another."""
    folder = tmp_path_factory.mktemp("host")
    own, *blocks = BLOCKS
    assert own.startswith("# solvers/__init__.py\n")
    (folder / "solvers").mkdir()
    (folder / "solvers" / "__init__.py").write_text(own)
    (folder / "program.py").write_text("\n".join(blocks))
    ended = subprocess.run([sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_host_keeps_its_own_module_of_a_common_name(printed):
    assert printed.startswith("['express', 'local', 'freight']\n")


def test_the_problem_is_solved(printed):
    assert "Reason.OPTIMAL 47.0 47.0\n" in printed


def test_a_stop_from_another_thread_keeps_the_best_answer(printed):
    assert "Reason.FEASIBLE Limit.INTERRUPTED True" in printed


def test_the_frames_are_shown_and_the_backends_agree(printed):
    lines = [line.split() for line in printed.splitlines()]
    assert [line[1] for line in lines if line[-1:] == ["A-B,)"]] == ["express", "local", "freight"]
    for name in ("cp-sat", "highs", "cbc", "scip"):
        assert [line[2:5] for line in lines if line[1:2] == [name]] == [["optimal", "47.0", "0.0"]]
        assert [name, "can", "run"] in lines


def test_capacity_saturation_and_delays_are_told(printed):
    lines = printed.splitlines()
    assert "scott 3 pairs a day, bound by Yaru - Gulistan" in lines
    assert "cis 4 pairs a day, bound by Yaru - Gulistan" in lines
    assert "7 7 True" in lines
    assert lines[lines.index("7 7 True") + 1 :][:3] == [lines[lines.index("7 7 True") + 1], "50", "15"]
    assert re.fullmatch(r"\d+%", lines[lines.index("7 7 True") + 1])


def test_the_errors_are_told(printed):
    assert "no backend is called 'cplex'" in printed
    assert "['time_limit_s', 'threads']" in printed


def test_the_tables_name_what_exists():
    for name in re.findall(r"^\| `(\w+_frame)\(", PAGE, re.MULTILINE):
        assert name in railcap.__all__
    (errors,) = re.findall(r"\| error \| when \|\n\|---\|---\|\n(.*?)\n\n", PAGE, re.DOTALL)
    named = re.findall(r"`([A-Z]\w+)`", errors)
    assert {kind.__name__ for kind in BackendError.__subclasses__()} <= set(named)
    assert [name for name in named if not hasattr(railcap.errors, name)] == []
