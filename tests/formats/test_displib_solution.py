"""Solutions as DISPLIB JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from brute_force import brute_force
from random_problems import random_problem

from railcap.errors import InputError
from railcap.formats.displib import read_solution, write_solution
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Train
from railcap.operations.schedule import Event, Schedule

PROBLEM = OperationsProblem(
    (Train("A", (Operation((1,)), Operation())), Train("B", (Operation(),), refusal_cost=5)),
    objective=(DelayTerm(0, 1, 0, 1),),
    cost_scale=2,
)


def written(folder: Path, content: object) -> Path:
    path = folder / "solution.json"
    path.write_text(json.dumps(content))
    return path


def test_solution_keeps_the_order_of_its_events(tmp_path: Path) -> None:
    schedule = Schedule((Event(3, 1, 0), Event(3, 0, 0), Event(8, 0, 1)))
    write_solution(schedule, PROBLEM, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == {
        "objective_value": 4,
        "events": [
            {"operation": 0, "time": 3, "train": 1},
            {"operation": 0, "time": 3, "train": 0},
            {"operation": 1, "time": 8, "train": 0},
        ],
    }
    assert read_solution(tmp_path / "out.json", PROBLEM) == (schedule, 4)


def test_value_is_in_the_units_that_people_read(tmp_path: Path) -> None:
    write_solution(Schedule((Event(0, 0, 0), Event(0, 0, 1))), PROBLEM, tmp_path / "out.json")
    assert read_solution(tmp_path / "out.json", PROBLEM)[1] == 2.5


def test_value_may_be_missing_and_other_keys_are_ignored(tmp_path: Path) -> None:
    path = written(tmp_path, {"events": [{"operation": 0, "time": 1, "train": 1, "note": ""}], "solver": "x"})
    assert read_solution(path, PROBLEM) == (Schedule((Event(1, 1, 0),)), None)


def test_optima_of_random_problems_survive_the_round_trip(tmp_path: Path) -> None:
    for seed in range(60):
        problem = random_problem(seed)
        optimum = brute_force(problem)
        if optimum.schedule is not None:
            write_solution(optimum.schedule, problem, tmp_path / "out.json")
            assert read_solution(tmp_path / "out.json", problem) == (optimum.schedule, optimum.cost)


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    events = [
        {"operation": 0, "time": 1, "train": 2},
        {"operation": 2, "time": 1, "train": 0},
        {"operation": 0, "time": 1, "train": 0},
    ]
    with pytest.raises(InputError) as error:
        read_solution(written(tmp_path, {"events": events}), PROBLEM)
    found = [(issue.where, issue.value, issue.code) for issue in error.value.issues]
    assert found == [("events[0].train", "2", "unknown-train"), ("events[1].operation", "2", "unknown-operation")]


def test_every_wrong_type_is_reported_at_once(tmp_path: Path) -> None:
    events = [{"operation": 0, "time": 1.5, "train": -1}, {"operation": 0, "time": "1"}]
    with pytest.raises(InputError) as error:
        read_solution(written(tmp_path, {"events": events, "objective_value": "cheap"}), PROBLEM)
    found = sorted((issue.where, issue.code) for issue in error.value.issues)
    assert found == [
        ("events[0].time", "wrong-type"),
        ("events[0].train", "wrong-type"),
        ("events[1].time", "wrong-type"),
        ("events[1].train", "missing-key"),
        ("objective_value", "wrong-type"),
    ]
