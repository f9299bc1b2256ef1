import json
import os
import signal
import subprocess
import sys
import threading
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import tiny_backends as tiny

from railcap.formats.displib import write_problem, write_solution
from railcap.operations.problem import Operation, OperationsProblem, ResourceUse, Train
from railcap.solving import registry
from railcap_app.cli.main import run

KEYS = {"termination", "objective", "bound", "gap", "wall_s", "violations", "accepted", "rejected", "out"}


@pytest.fixture(autouse=True)
def misbehaving_backends(monkeypatch):
    real = registry.entry_points
    kinds = (
        tiny.Normal,
        tiny.Aborts,
        tiny.AbortsAtOnce,
        tiny.HangsAtOnce,
        tiny.Obeys,
        tiny.ObeysAtOnce,
        tiny.Lies,
        tiny.Denies,
        tiny.Overbids,
    )
    found = [EntryPoint(kind.name, f"tiny_backends:{kind.__name__}", registry.GROUP) for kind in kinds]
    found.append(EntryPoint("torn", "no_such_module:Torn", registry.GROUP))

    def entry_points(group, name=None):
        return [point for point in (*real(group=group), *found) if name is None or point.name == name]

    monkeypatch.setattr(registry, "entry_points", entry_points)


@pytest.fixture
def problem(tmp_path):
    path = tmp_path / "problem.json"
    write_problem(tiny.two_trains(), path)
    return str(path)


def printed(capfd):
    out = capfd.readouterr().out
    assert out.count("\n") == 1, "one JSON object and nothing else"
    return json.loads(out)


def test_an_answer_is_printed_written_and_judged_right(problem, tmp_path, capfd):
    solution = tmp_path / "new" / "solution.json"
    assert run(["solve", problem, "--solution", str(solution), "--json"]) == 0
    answer = printed(capfd)
    assert set(answer) >= KEYS
    assert (answer["termination"], answer["objective"], answer["bound"], answer["gap"]) == ("optimal", 10, 10, 0.0)
    assert (answer["violations"], answer["accepted"], answer["rejected"]) == (0, 2, 0)
    assert answer["out"] == str(solution)
    assert run(["check", problem, str(solution)]) == 0
    assert "no violations, cost 10" in capfd.readouterr().out


def test_banners_of_a_solver_stay_out_of_the_json(problem, capfd):
    assert run(["solve", problem, "--backend", "normal", "--json"]) == 0
    assert printed(capfd)["backend"] == "normal"


def test_people_read_cost_bound_and_gap(problem, capfd):
    assert run(["solve", problem, "--backend", "obeys", "--time-limit", "1"]) == 0
    captured = capfd.readouterr()
    assert "stopped at the time limit" in captured.out
    assert "cost 15, bound 8, gap 46.67%" in captured.out
    assert "cost 20.0" in captured.err, "the progress"


@pytest.mark.parametrize(
    ("backend", "code", "words"),
    [
        ("hangs-at-once", 1, ""),
        ("cplex", 2, "no backend is called 'cplex'"),
        ("aborts-at-once", 4, "SIGABRT"),
        ("lies", 4, "please report"),
        ("aborts", 0, ""),
    ],
)
def test_exit_codes_tell_how_it_ended(problem, capfd, backend, code, words):
    assert run(["solve", problem, "--backend", backend, "--time-limit", "0.5"]) == code
    assert words in capfd.readouterr().err


def test_infeasible_has_its_own_code(tmp_path, capfd):
    train = Train("A", (Operation((1,), start_lb_s=5, resources=(ResourceUse("r"),)), Operation(start_ub_s=3)))
    write_problem(OperationsProblem((train,)), tmp_path / "p.json")
    assert run(["solve", str(tmp_path / "p.json"), "--json"]) == 3
    answer = printed(capfd)
    assert (answer["termination"], answer["objective"], answer["accepted"]) == ("infeasible", None, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["solve"],
        ["solve", "nothing.json"],
        ["solve", "PROBLEM", "--time-limit", "soon"],
        ["solve", "PROBLEM", "--time-limit", "-1"],
        ["solve", "PROBLEM", "--backend"],
        ["plan", "no-such-scenario"],
    ],
)
def test_wrong_usage_is_told_without_a_traceback(problem, capfd, arguments):
    assert run([problem if argument == "PROBLEM" else argument for argument in arguments]) == 2
    captured = capfd.readouterr()
    assert captured.err
    assert "Traceback" not in captured.err
    assert not captured.out


def test_errors_are_json_as_well(problem, capfd):
    assert run(["solve", problem, "--threads", "0", "--time-limit", "0", "--json"]) == 2
    error = printed(capfd)["error"]
    assert error["kind"] == "InputError"
    assert {issue["where"] for issue in error["issues"]} == {"threads", "time_limit_s"}


@pytest.mark.parametrize(("backend", "code"), [("obeys", 0), ("obeys-at-once", 130)])
def test_ctrl_c_keeps_the_answer_if_there_is_one(problem, capfd, backend, code):
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    before = signal.getsignal(signal.SIGINT)
    assert run(["solve", problem, "--backend", backend, "--json"]) == code
    assert signal.getsignal(signal.SIGINT) is before
    captured = capfd.readouterr()
    assert json.loads(captured.out)["limit"] == "interrupted"
    assert "best answer" in captured.err


def test_a_solution_that_cannot_be_written_is_told_before_the_work(problem, tmp_path, capfd):
    (tmp_path / "file").write_text("")
    target = str(tmp_path / "file" / "solution.json")
    assert run(["solve", problem, "--backend", "aborts-at-once", "--solution", target]) == 2
    assert "cannot be written to" in capfd.readouterr().err


def test_the_problem_is_not_overwritten_by_its_solution(problem, capfd):
    before = Path(problem).read_bytes()
    assert run(["solve", problem, "--solution", problem]) == 2
    assert "is the problem itself" in capfd.readouterr().err
    assert Path(problem).read_bytes() == before


@pytest.mark.parametrize("arguments", [["backends"], ["backends", "--json"], ["solve", "nowhere.json", "--json"]])
def test_a_full_standard_output_is_told_in_a_line(arguments):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "railcap_app.cli", *arguments], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "standard output" in ended.stderr or "nowhere.json" in ended.stderr


@pytest.mark.parametrize("change", ["collision", "claim"])
def test_check_finds_what_is_wrong(problem, tmp_path, capfd, change):
    path = tmp_path / "s.json"
    write_solution(tiny.waiting(5 if change == "collision" else 10), tiny.two_trains(), path)
    if change == "claim":
        path.write_text(path.read_text().replace('"objective_value":10', '"objective_value":9'))
    assert run(["check", problem, str(path), "--json"]) == 1
    told = printed(capfd)
    assert told["violations"] == len(told["list"]) >= 1
    assert told["list"][0]["kind"] == {"collision": "resource_taken", "claim": "wrong_objective"}[change]
    assert run(["check", problem, str(path)]) == 1
    assert told["list"][0]["message"] in capfd.readouterr().out


def test_backends_are_listed(capfd):
    assert run(["backends", "--json"]) == 0
    told = printed(capfd)
    assert told["cp-sat"]["available"] and told["plain"]["available"]


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from railcap_app.cli.main import run; assert run(['--help']) == 0; "
        "print({'numpy', 'ortools', 'matplotlib', 'numba', 'networkx', 'pandas', 'psutil'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_the_command_runs_as_a_module_and_as_a_script(problem):
    for command in (
        [sys.executable, "-m", "railcap_app.cli"],
        [str(Path(sys.executable).with_name("railcap"))],
    ):
        done = subprocess.run([*command, "solve", problem, "--json"], capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)["objective"] == 10


def test_several_backends_in_turn_print_one_table(problem, tmp_path, capfd):
    certificate = tmp_path / "certificate.json"
    command = ["solve", problem, "--backend", "normal,plain,aborts-at-once", "--certificate", str(certificate)]
    assert run(command) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].split() == ["backend", "version", "cost", "bound", "gap", "proof", "time", "memory"]
    assert [line.split()[0] for line in lines[1:4]] == ["normal", "plain", "aborts-at-once:"]
    assert "SIGABRT" in lines[3]
    assert lines[1].split()[1:6] == ["10.0", "10.0", "0.0%", "optimal", lines[1].split()[5]]
    assert run(["check", problem, "--certificate", str(certificate)]) == 0
    assert "no violations, cost 10" in capfd.readouterr().out
    assert run([*command, "--json"]) == 0
    told = printed(capfd)["backends"]
    assert [row["proof"] if row["problem"] is None else None for row in told] == ["optimal", "optimal", None]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("normal,denies", "denies proves infeasible, normal has an answer of 10"),
        ("overbids,normal", "overbids proves a bound of 15, normal has an answer of 10"),
    ],
)
def test_proofs_that_disagree_are_an_error_that_keeps_both_sides(problem, tmp_path, monkeypatch, capfd, names, words):
    monkeypatch.chdir(tmp_path)
    assert run(["solve", problem, "--backend", names]) == 4
    assert words in capfd.readouterr().err
    kept = tmp_path / "problem-contradiction"
    assert {path.name for path in kept.iterdir()} >= {"problem.json", "said.txt", "solution_normal.json"}
    assert run(["check", str(kept / "problem.json"), str(kept / "solution_normal.json")]) == 0


def test_when_no_backend_has_a_result_all_their_reasons_are_told(problem, capfd):
    assert run(["solve", problem, "--backend", "aborts-at-once,torn"]) == 2
    error = capfd.readouterr().err
    assert "SIGABRT" in error and "backend 'torn' cannot run" in error


def test_a_backend_that_is_not_there_is_told_before_another_works(problem, capfd):
    assert run(["solve", problem, "--backend", "aborts-at-once,cplex"]) == 2
    error = capfd.readouterr().err
    assert "SIGABRT" not in error and "no backend is called 'cplex'" in error


def test_check_wants_one_thing_to_judge(problem, capfd):
    assert run(["check", problem]) == 2
    assert run(["check", problem, problem, "--certificate", problem]) == 2
    assert "give one thing to judge" in capfd.readouterr().err
