"""Ctrl-C at each moment of a command: before the work, while it solves, while it writes."""

import json
import os
import signal
import subprocess
import sys
import threading
from importlib.metadata import EntryPoint

import pytest
import tiny_backends as tiny

import railcap
from railcap.formats.displib import write_problem
from railcap.solving import registry
from railcap.solving.result import Limit
from railcap_app.cli.main import run


class KilledAtOnce(tiny.Killed):
    """Is shot before it has found anything."""

    name = "killed-at-once"

    def solve(self, problem, parameters, stop, progress):
        return self.end(problem, parameters, stop, progress)


@pytest.fixture(autouse=True)
def more_backends(monkeypatch):
    real = registry.entry_points
    found = [
        EntryPoint("hangs", "tiny_backends:Hangs", registry.GROUP),
        EntryPoint("normal", "tiny_backends:Normal", registry.GROUP),
        EntryPoint("killed-at-once", f"{__name__}:KilledAtOnce", registry.GROUP),
    ]

    def entry_points(group, name=None):
        return [point for point in (*real(group=group), *found) if name is None or point.name == name]

    monkeypatch.setattr(registry, "entry_points", entry_points)


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "problem.json"
    write_problem(tiny.two_trains(), path)
    return str(path)


@pytest.fixture
def line(tmp_path, capfd):
    folder = tmp_path / "line"
    arguments = ["line", "--seed", "1", "--stations", "4", "--trains", "2", "--days", "1"]
    assert run(["generate", *arguments, "-o", str(folder)]) == 0
    capfd.readouterr()
    return str(folder)


def after_signals(count, function):
    """Return the function, with so many times Ctrl-C before it begins."""

    def wrapped(*arguments, **named):
        for _ in range(count):
            os.kill(os.getpid(), signal.SIGINT)
        return function(*arguments, **named)

    return wrapped


@pytest.mark.parametrize("times", [1, 2])
def test_writing_is_finished_whoever_presses_ctrl_c(line, tmp_path, capfd, monkeypatch, times):
    monkeypatch.setattr(railcap, "write", after_signals(times, railcap.write), raising=False)
    assert run(["plan", line, "--out", str(tmp_path / "out")]) == 0
    captured = capfd.readouterr()
    assert captured.err.count("finishing the files") == times
    assert "kill the solver" not in captured.err
    assert (tmp_path / "out" / "train_graph.png").exists()


def test_who_insists_ends_the_writing_and_is_told_what_is_lost(line, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(railcap, "write", after_signals(3, railcap.write), raising=False)
    assert run(["plan", line, "--out", str(tmp_path / "out"), "--json"]) == 130
    captured = capfd.readouterr()
    assert "the answer of cost" in captured.err and "was not written" in captured.err
    assert "before there was an answer" not in captured.err
    assert "was not written" in json.loads(captured.out)["error"]["message"]
    assert list((tmp_path / "out").iterdir()) == []


def test_the_solution_of_a_problem_is_written_as_well(problem, tmp_path, capfd, monkeypatch):
    from railcap.formats import displib

    monkeypatch.setattr(displib, "write_solution", after_signals(2, displib.write_solution))
    solution = tmp_path / "solution.json"
    assert run(["solve", problem, "--backend", "normal", "--solution", str(solution)]) == 0
    assert "finishing the files" in capfd.readouterr().err
    assert solution.exists()


def test_an_answer_that_is_being_explained_is_not_denied(line, tmp_path, capfd, monkeypatch):
    from railcap.planning import plan

    monkeypatch.setattr(plan, "explain", after_signals(2, plan.explain))
    assert run(["plan", line, "--out", str(tmp_path / "out")]) == 0
    assert "kill the solver" not in capfd.readouterr().err


def test_a_solver_killed_by_the_second_ctrl_c_leaves_its_answer(problem, capfd):
    for after_s in (1.5, 2.0):
        threading.Timer(after_s, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert run(["solve", problem, "--backend", "hangs", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert (answer["objective"], answer["bound"], answer["limit"]) == (20, 7, "interrupted")


def test_an_interrupt_beside_the_watch_keeps_the_answer(problem, line, capfd, monkeypatch):
    from railcap.planning import plan
    from railcap.solving import solve

    def interrupted(problem, backend, parameters, stop, progress, isolated):
        real(problem, backend, parameters, stop, progress, isolated)
        raise KeyboardInterrupt

    real = solve.solve
    monkeypatch.setattr(solve, "solve", interrupted)
    monkeypatch.setattr(plan, "solve", interrupted)
    assert run(["solve", problem, "--backend", "normal", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert (answer["objective"], answer["bound"], answer["limit"]) == (10, 10, None)  # the bound is its proof
    found = railcap.plan(railcap.load(line))
    assert found.timetable is not None
    assert found.termination.limit in (Limit.INTERRUPTED, None)


HOOK = """
import os, signal, sys
class Hook:
    def find_spec(self, name, path, target=None):
        if name == "typer":
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
                sum(range(1000))
            except KeyboardInterrupt:
                {then}
sys.meta_path.insert(0, Hook())
sys.argv = ["railcap", "plan", "quetta-chaman-day", "--json"]
from railcap_app.cli.main import main
main()
"""


@pytest.mark.parametrize("then", ["raise", "raise ImportError('half of it')"])
def test_ctrl_c_during_the_imports_is_told_in_a_line(then):
    done = subprocess.run([sys.executable, "-c", HOOK.format(then=then)], capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr == "railcap: interrupted before there was an answer\n"
    assert json.loads(done.stdout)["error"]["kind"] == "Interrupted"


def test_ctrl_c_while_a_scenario_is_read_is_told_in_a_line(line, capfd, monkeypatch):
    from railcap_app.cli import scenarios

    monkeypatch.setattr(scenarios, "load", after_signals(1, scenarios.load))
    assert run(["plan", line, "--json"]) == 130
    captured = capfd.readouterr()
    assert captured.err.strip() == "railcap: interrupted before there was an answer"
    assert json.loads(captured.out)["error"]["kind"] == "Interrupted"


def test_a_solver_that_was_shot_is_no_defect_of_ours(problem, capfd):
    assert run(["solve", problem, "--backend", "killed-at-once"]) == 4
    error = capfd.readouterr().err
    assert "SIGKILL" in error
    assert "please report" not in error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "x", "--threads", "many", "--json"], "--threads"),
        (["nonsense", "--json"], "nonsense"),
        (["solve", "--json"], "PROBLEM.json"),
    ],
)
def test_wrong_usage_is_json_as_well(capfd, arguments, words):
    assert run(arguments) == 2
    captured = capfd.readouterr()
    error = json.loads(captured.out)["error"]
    assert error["kind"] == "UsageError"
    assert words in error["message"] and error["issues"] == []
    assert words in captured.err
