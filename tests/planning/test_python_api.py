"""The short Python API: load, plan, look; and the example that shows it."""

import runpy
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from planning_lines import line, planned, request

import railcap
from railcap.errors import InputError, OutputError
from railcap.solving.parameters import SolveParameters

EXAMPLE = Path(__file__).parents[2] / "examples" / "plan_quetta_chaman.py"
HEAVY = {"matplotlib", "networkx", "numba", "numpy", "openpyxl", "ortools", "pandas"}


def test_importing_railcap_imports_nothing_heavy():
    code = "import sys, railcap, railcap.api; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "railcap" in loaded
    assert not HEAVY & set(loaded)


def test_public_names_are_there_and_others_are_not():
    assert {"load", "plan", "summarise", "write", "draw"} <= set(dir(railcap))
    for name in railcap.__all__:
        assert getattr(railcap, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        railcap.no_such_name  # noqa: B018


def test_a_shipped_instance_is_found_by_its_name_and_a_folder_by_its_path():
    by_name = railcap.load("quetta-chaman-day")
    folder = railcap.api.find("quetta-chaman-day")
    assert railcap.load(folder) == railcap.load(folder / "scenario.toml") == by_name


def test_an_unknown_name_lists_those_that_exist():
    with pytest.raises(InputError, match="quetta-chaman-day-14"):
        railcap.load("quetta-chamn-day")


def test_a_plan_without_a_timetable_says_so_and_writes_nothing(tmp_path):
    found = railcap.plan(line(request("up", "A-C", "6:00", mandatory=True, longest_journey_s=60)), isolated=False)
    assert "infeasible" in railcap.summarise(found)
    assert "up" in railcap.summarise(found)
    assert railcap.write(found, tmp_path / "out") == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scenario": "quetta-chaman-day"}, "railcap.load"),
        ({"parameters": {"time_limit_s": 2}}, "railcap.SolveParameters, not dict"),
        ({"stop": threading.Event()}, "railcap.Stop, not Event"),
        ({"progress": print}, "no method incumbent and no bound and no message"),
    ],
)
def test_arguments_of_a_wrong_kind_are_told_with_the_right_one(wrong, says):
    arguments = {"scenario": line(request("up", "A-C", "6:00"))} | wrong
    with pytest.raises(TypeError, match=says):
        railcap.plan(arguments.pop("scenario"), **arguments)


@pytest.mark.parametrize(
    "wrong", [{"time_limit_s": "2"}, {"threads": 100_000}, {"threads": 1.5}, {"relative_gap": 2}, {"seed": -1}]
)
def test_values_of_parameters_that_make_no_sense_are_named(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        railcap.plan(line(request("up", "A-C", "6:00")), parameters=SolveParameters(**wrong))


def test_an_empty_timetable_is_written_without_drawings(tmp_path):
    files = railcap.write(planned(line()), tmp_path)
    assert {file.name for file in files} >= {"timetable.json", "timetable.xlsx"}
    assert not [file for file in files if file.suffix == ".svg"]


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    found = planned(line(request("up", "A-C", "6:00")))
    with pytest.raises(OutputError, match="file"):
        railcap.write(found, tmp_path / "file" / "out")


def test_the_example_runs_and_writes_its_files(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        railcap, "SolveParameters", lambda time_limit_s: SolveParameters(time_limit_s=3, threads=1), raising=False
    )
    runpy.run_path(str(EXAMPLE))["main"](str(tmp_path))
    printed = capsys.readouterr().out
    assert "CONT_UP/2026-03-02/1" in printed
    assert "refused:" in printed
    assert {"timetable.json", "timetable.xlsx", "train_graph.png", "track_occupation.svg"} <= {
        file.name for file in tmp_path.iterdir()
    }


@pytest.mark.parametrize("wrong", [None, 5])
def test_load_and_write_say_what_they_need(wrong, tmp_path):
    with pytest.raises(TypeError, match="load needs a scenario folder"):
        railcap.load(wrong)
    with pytest.raises(TypeError, match=r"write needs a Plan.*railcap\.plan"):
        railcap.write("x", tmp_path)
