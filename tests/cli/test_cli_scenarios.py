import json
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import pytest
import tiny_backends as tiny
from sample_yard import asked, at, border_line

import railcap
from railcap.api import PAGES
from railcap.corridor.rules import Closure
from railcap.corridor.traffic import FixedCall, FixedPath, Stop, TrainType
from railcap.corridor.yards import Banker
from railcap.errors import InputError
from railcap.formats.scenario_folder import save_scenario
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap_app.cli.main import run
from railcap_benchmarks.plan_table import markdown, measure, moments


def printed(capfd):
    out = capfd.readouterr().out
    assert out.count("\n") == 1, "one JSON object and nothing else"
    return json.loads(out)


ARGUMENTS = ["line", "--seed", "1", "--stations", "4", "--trains", "2", "--days", "1"]


@pytest.fixture
def line(tmp_path, capfd):
    """A tiny scenario folder."""
    folder = tmp_path / "line"
    assert run(["generate", *ARGUMENTS, "-o", str(folder)]) == 0
    capfd.readouterr()
    return folder


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A tiny scenario folder and what `plan --json` made of it: the folder written and the text printed."""
    folder, out = tmp_path_factory.mktemp("scenario"), tmp_path_factory.mktemp("out")
    assert run(["generate", *ARGUMENTS, "-o", str(folder)]) == 0
    with redirect_stdout(StringIO()) as text:
        assert run(["plan", str(folder), "--out", str(out), "--problem", "--json"]) == 0
    return folder, out, text.getvalue()


def test_plan_writes_everything_and_prints_one_object(planned):
    _, out, text = planned
    answer = json.loads(text)
    assert (answer["termination"], answer["gap"], answer["violations"]) == ("optimal", 0, 0)
    assert answer["accepted"] + answer["rejected"] > 0
    assert answer["out"] == str(out)
    names = {path.name for path in out.iterdir()}
    assert {"timetable.json", "timetable.xlsx", "problem.json", "solution.json"} <= names
    assert {f"{name}.{kind}" for name in ("train_graph", "track_occupation") for kind in ("svg", "pdf", "png")} <= names


def test_check_judges_what_plan_wrote(planned, capfd):
    folder, out, _ = planned
    assert run(["check", str(folder), str(out / "timetable.json"), "--json"]) == 0
    assert printed(capfd)["violations"] == 0
    assert run(["check", str(out / "problem.json"), str(out / "solution.json")]) == 0


def test_check_names_what_is_wrong_with_a_timetable(planned, tmp_path, capfd):
    folder, out, _ = planned
    document = json.loads((out / "timetable.json").read_text())
    document["paths"].pop()
    damaged = tmp_path / "damaged.json"
    damaged.write_text(json.dumps(document))
    assert run(["check", str(folder), str(damaged), "--json"]) == 1
    assert printed(capfd)["violations"] >= 1


@pytest.fixture(scope="module")
def banked(tmp_path_factory):
    """A scenario folder with a train that a banker helps and a fixed path, what was planned, and what was printed."""
    folder, out = tmp_path_factory.mktemp("ramp"), tmp_path_factory.mktemp("out")
    scenario = border_line(asked("IN", "A-Y", "6:00", stops={"B": Stop("B")}))
    light = TrainType("light", "Light engine", "freight", 20, 60, 1676)
    calls = FixedCall("A", at("20:00"), at("20:00")), FixedCall("B", at("20:13"), at("20:13"))
    scenario = replace(
        scenario,
        train_types={**scenario.train_types, "light": light},
        bankers=(Banker("hill", "B", "Y", frozenset({"broad"}), "light"),),
        fixed_paths=(FixedPath("F", "broad", calls),),
        yard_resources={},
        processes={},
    )
    save_scenario(scenario, folder)
    with redirect_stdout(StringIO()) as text:
        assert run(["plan", str(folder), "--out", str(out), "--json"]) == 0
    return folder, out, json.loads(text.getvalue())


def test_light_engines_are_no_trains_that_were_asked_for(banked):
    _, out, answer = banked
    paths = json.loads((out / "timetable.json").read_text())["paths"]
    assert [(path["fixed"], "light_for" in path) for path in paths] == [(False, False), (True, False), (False, True)]
    assert (answer["accepted"], answer["rejected"]) == (2, 0)
    rows = (out / "trains.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[7] for row in rows] == ["status", "accepted", "light engine", "fixed"]


def test_check_judges_light_engines(banked, tmp_path, capfd):
    folder, out, _ = banked
    assert run(["check", str(folder), str(out / "timetable.json")]) == 0
    assert capfd.readouterr().out == "no violations\n"
    document = json.loads((out / "timetable.json").read_text())
    document["paths"] = [path for path in document["paths"] if "light_for" not in path]
    (tmp_path / "alone.json").write_text(json.dumps(document))
    assert run(["check", str(folder), str(tmp_path / "alone.json")]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines[:2] == ["1 violation", "  1 x light-engine-missing"]
    assert "IN/2026-03-02/1 needs banker hill, whose light engine does not come back" in lines[2]


def test_draw_draws_it_again(planned, tmp_path):
    folder, out, _ = planned
    drawn = tmp_path / "drawn"
    assert run(["draw", str(folder), str(out / "timetable.json"), "--out", str(drawn)]) == 0
    assert {path.suffix for path in drawn.iterdir()} == {".svg", ".pdf", ".png"}


def test_plan_prints_the_summary_first_and_then_the_files(line, tmp_path, capfd):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / PAGES).write_text("of an earlier run, of a longer line")
    assert run(["plan", str(line), "--out", str(tmp_path / "out")]) == 0
    captured = capfd.readouterr()
    assert "proven optimal" in captured.out.splitlines()[0]
    assert captured.out.index("Accepted") < captured.out.index("written:") < captured.out.index("timetable.json")
    assert not (tmp_path / "out" / PAGES).exists()


def test_an_output_folder_that_cannot_be_written_is_told_before_the_work(line, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(railcap, "plan", lambda *_, **__: pytest.fail("planned in vain"), raising=False)
    (tmp_path / "file").write_text("")
    assert run(["plan", str(line), "--out", str(tmp_path / "file" / "out")]) == 2
    assert "cannot be written to" in capfd.readouterr().err


def test_a_disk_that_is_full_by_then_costs_the_files_but_not_the_summary(line, tmp_path):
    out = tmp_path / "out"
    small_disk = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))"
    code = f"{small_disk}; from railcap_app.cli.main import run; raise SystemExit(run(sys.argv[1:]))"
    arguments = [sys.executable, "-c", code, "plan", str(line), "--out", str(out)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"cannot write {out}" in done.stderr
    assert "Accepted" in done.stdout
    assert "written:" not in done.stdout
    assert not list(out.glob("**/*"))


def test_a_folder_where_a_file_must_go_is_told_before_the_work(line, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(railcap, "plan", lambda *_, **__: pytest.fail("planned in vain"), raising=False)
    (tmp_path / "out" / "timetable.json").mkdir(parents=True)
    assert run(["plan", str(line), "--out", str(tmp_path / "out")]) == 2
    assert "timetable.json; choose another folder" in capfd.readouterr().err


def test_a_scenario_that_asks_for_no_train_is_told_before_the_work(tmp_path, capfd):
    assert run(["plan", "karachi-uzen", "--out", str(tmp_path)]) == 2
    assert "asks for no train; fill its requests.csv" in capfd.readouterr().err


def test_a_timetable_of_another_scenario_is_judged_with_a_warning(planned, tmp_path, capfd):
    folder, out, _ = planned
    changed = tmp_path / "changed.json"
    text = (out / "timetable.json").read_text()
    name = json.loads(text)["scenario"]
    changed.write_text(text.replace(f'"{name}"', '"other"', 1))
    assert run(["check", str(folder), str(changed)]) == 0
    assert f"made for scenario 'other', it is read with '{name}'" in capfd.readouterr().err


def test_validate_tells_every_fault_and_its_place(line, capfd):
    sections = line / "sections.csv"
    text = sections.read_text()
    first = text.splitlines()[1].split(",")[1]
    sections.write_text(text.replace(first, "nowhere"))
    assert run(["validate", str(line), "--json"]) == 2
    told = printed(capfd)
    assert told["errors"] == sum(issue["severity"] == "error" for issue in told["issues"]) > 0
    assert any(issue["file"] == "sections.csv" and issue["value"] == "nowhere" for issue in told["issues"])
    assert run(["validate", str(line)]) == 2
    assert run(["plan", str(line)]) == 2
    captured = capfd.readouterr()
    assert "nowhere" in captured.err
    assert "Traceback" not in captured.err


def test_validate_passes_what_is_right(line, capfd):
    assert run(["validate", str(line)]) == 0
    assert "0 errors" in capfd.readouterr().out
    assert run(["validate", str(line / "scenario.toml")]) == 0


def test_generate_gives_the_same_bytes_and_spares_what_is_there(tmp_path, capfd):
    for name in ("a", "b"):
        assert run(["generate", "corridor", "--seed", "5", "-o", str(tmp_path / name)]) == 0
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)
    assert run(["generate", "corridor", "--seed", "6", "-o", str(tmp_path / "a")]) == 2
    assert "not an empty folder" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [["circle"], ["line", "--stations", "0"], ["line", "--seed", "-1"]])
def test_generate_says_what_it_can_draw(tmp_path, capfd, arguments):
    assert run(["generate", *arguments, "-o", str(tmp_path / "new")]) == 2
    assert "Traceback" not in capfd.readouterr().err
    assert not (tmp_path / "new").exists()


def test_instances_are_listed_with_what_they_are(capfd):
    assert run(["instances", "--json"]) == 0
    assert "142 km" in printed(capfd)["quetta-chaman-day"]


def test_a_copied_instance_stands_alone(tmp_path, capfd):
    copy = tmp_path / "mine"
    assert run(["instances", "copy", "quetta-chaman-day", str(copy)]) == 0
    assert railcap.load(copy) == railcap.load("quetta-chaman-day")
    assert run(["instances", "copy", "quetta-chaman-day", str(copy)]) == 2
    assert run(["instances", "copy", "nowhere", str(tmp_path / "other")]) == 2
    assert "quetta-chaman-day-14" in capfd.readouterr().err


def test_bench_prints_a_row_for_each_backend(line, tmp_path, capfd):
    table = tmp_path / "tables" / "plan.md"
    arguments = ["--backends", "cp-sat,plain", "--time-limit", "30", "--at", "20,10,99", "--output", str(table)]
    assert run(["bench", "plan", str(line), *arguments, "--json"]) == 0
    rows = printed(capfd)
    assert [row["backend"] for row in rows] == ["cp-sat", "plain"]
    assert rows[0]["cost"] == rows[1]["cost"] == rows[0]["bound"]
    assert [moment for moment, _ in rows[0]["costs"]] == [10, 20]
    assert 0 < rows[0]["first_answer_s"] < rows[0]["wall_s"]
    text = table.read_text()
    assert "| plain | optimal |" in text
    assert "railcap 0." in text


def test_moments_must_be_numbers():
    with pytest.raises(InputError, match="10,60,300"):
        moments("10,soon", 60)


def test_a_backend_that_crashes_does_not_end_the_campaign(line):
    row = measure(railcap.load(line), tiny.AbortsAtOnce(), SolveParameters(time_limit_s=10), (5.0,), Silent())
    assert row.termination.startswith("SolverCrashed")
    assert row.costs == ((5.0, None),)
    assert "| - |" in markdown("line", [row], SolveParameters())


def test_plan_by_several_backends_with_a_certificate_of_the_best(line, tmp_path, capfd):
    certificate = tmp_path / "certificate.json"
    command = ["plan", str(line), "--backend", "all", "--time-limit", "20", "--out", str(tmp_path / "out")]
    assert run([*command, "--certificate", str(certificate)]) == 0
    captured = capfd.readouterr()
    lines = captured.out.splitlines()
    costs = {tuple(line.split()[2:6]) for line in lines[1:6]}
    assert [line.split()[0] for line in lines[1:6]] == ["auto", "cbc", "cp-sat", "highs", "scip"]
    assert len(costs) == 1 and costs.pop()[2:] == ("0.0%", "optimal")
    assert str(certificate) in lines[-1]
    assert "scip" in captured.err, "the progress names who is at work"
    assert run(["check", str(line), "--certificate", str(certificate)]) == 0
    assert run(["check", str(tmp_path), "--certificate", str(certificate)]) == 2


def test_where_a_train_that_must_run_cannot_there_is_an_answer_but_no_certificate(line, tmp_path, capfd):
    scenario = railcap.load(line)
    section = next(iter(scenario.network.sections))
    shut = Closure("shut", section=section, from_s=scenario.begin_s, until_s=scenario.end_s)
    must = tuple(replace(request, mandatory=True) for request in scenario.requests)
    save_scenario(replace(scenario, requests=must, closures=(shut,), fixed_paths=()), tmp_path / "shut")
    certificate = tmp_path / "certificate.json"
    command = ["plan", str(tmp_path / "shut"), "--out", str(tmp_path / "out"), "--certificate", str(certificate)]
    assert run([*command, "--json"]) == 3
    captured = capfd.readouterr()
    assert json.loads(captured.out)["termination"] == "infeasible"
    assert "no certificate is written" in captured.err and not certificate.exists()


def test_check_says_what_it_does_not_judge(planned, tmp_path, capfd):
    folder, out, _ = planned
    document = json.loads((out / "timetable.json").read_text())
    path = document["paths"].pop()
    entry = {key: path[key] for key in ("train", "request", "number", "train_type")}
    document["refused"].append({**entry, "reason": "no way", "proof": True})
    claimed = tmp_path / "claimed.json"
    claimed.write_text(json.dumps(document))
    run(["check", str(folder), str(claimed)])
    assert "not judged: whether 1 refused train really cannot run even alone" in capfd.readouterr().out


def test_a_file_where_the_output_folder_must_be_is_called_a_file(line, tmp_path, capfd):
    (tmp_path / "afile").write_text("")
    assert run(["plan", str(line), "--out", str(tmp_path / "afile")]) == 2
    assert "it is a file, not a folder" in capfd.readouterr().err
