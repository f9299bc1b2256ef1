"""Problems as DISPLIB JSON: round trips, the documented example, and every fault at once with its path."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from random_problems import random_problem

from railcap.errors import InputError, OutputError
from railcap.formats.displib import read_problem, write_problem
from railcap.operations.problem import (
    DelayTerm,
    JourneyTerm,
    Link,
    Operation,
    OperationsProblem,
    Resource,
    ResourceUse,
    Train,
)

PLAIN = {
    "trains": [
        [
            {
                "start_ub": 9,
                "min_duration": 5,
                "successors": [1, 2],
                "resources": [{"resource": "r0", "release_time": 4}],
            },
            {"start_lb": 7, "min_duration": 5, "successors": [3], "resources": [{"resource": "r1"}]},
            {"min_duration": 8, "successors": [3]},
            {"min_duration": 0, "successors": []},
        ],
        [{"min_duration": 3, "successors": [1]}, {"min_duration": 0, "successors": []}],
    ],
    "objective": [
        {"type": "op_delay", "train": 0, "operation": 3, "threshold": 12, "coeff": 2},
        {"type": "op_delay", "train": 1, "operation": 1, "threshold": -3, "increment": 5},
    ],
}
EXTENDED: dict[str, Any] = {
    **PLAIN,
    "railcap": {
        "version": 1,
        "trains": [{"train": 1, "name": "goods", "refusal_cost": 30, "labels": ["runs", "left"]}],
        "resources": {"r0": {"capacity": 2, "closures": [[10, 20]]}},
        "links": [{"from_train": 0, "from_operation": 0, "to_train": 1, "to_operation": 0, "max_lag": 60}],
        "journey_terms": [{"train": 0, "from_operation": 0, "to_operation": 3, "threshold": 10, "coeff": 1}],
    },
}


def written(folder: Path, content: object) -> Path:
    path = folder / "problem.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_plain_file_is_read_with_displib_defaults(tmp_path: Path) -> None:
    problem = read_problem(written(tmp_path, PLAIN))
    assert problem == OperationsProblem(
        trains=(
            Train(
                "T0",
                (
                    Operation((1, 2), 5, None, 0, 9, (ResourceUse("r0", 4),)),
                    Operation((3,), 5, None, 7, None, (ResourceUse("r1", 0),)),
                    Operation((3,), 8),
                    Operation(),
                ),
            ),
            Train("T1", (Operation((1,), 3), Operation())),
        ),
        objective=(DelayTerm(0, 3, 12, 2, 0), DelayTerm(1, 1, -3, 0, 5)),
        name="problem",
    )


def test_plain_file_is_written_unchanged(tmp_path: Path) -> None:
    write_problem(read_problem(written(tmp_path, PLAIN)), tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == PLAIN


def test_extensions_are_read_and_written_unchanged(tmp_path: Path) -> None:
    extended = json.loads(json.dumps(EXTENDED))
    extended["trains"][0][0]["max_duration"] = 6
    problem = read_problem(written(tmp_path, extended))
    assert problem.trains[0].operations[0].max_duration_s == 6
    assert problem.trains[1] == Train("goods", (Operation((1,), 3, label="runs"), Operation(label="left")), 30)
    assert problem.resources == {"r0": Resource(2, ((10, 20),))}
    assert problem.links == (Link(0, 0, 1, 0, 0, 60, False),)
    assert problem.objective[2:] == (JourneyTerm(0, 0, 3, 10, 1),)
    write_problem(problem, tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text()) == extended


def test_random_problems_survive_the_round_trip(tmp_path: Path) -> None:
    for seed in range(200):
        problem = random_problem(seed)
        path = tmp_path / f"{problem.name}.json"
        write_problem(problem, path)
        assert read_problem(path) == problem, f"seed {seed}"


def test_problem_without_extensions_is_plain_displib(tmp_path: Path) -> None:
    write_problem(OperationsProblem((Train("T0", (Operation(),)),), name="any"), tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text()) == {
        "trains": [[{"min_duration": 0, "successors": []}]],
        "objective": [],
    }


@pytest.mark.parametrize(
    ("coeff", "increment", "scale", "expected"),
    [(1, 2, 1, (1, 2)), (0.5, 3, 2, (1, 6)), (0.25, 0.1, 20, (5, 2)), (1e-3, 0, 1000, (1, 0)), (2.0, 1, 1, (2, 1))],
)
def test_decimal_costs_are_scaled_to_integers(
    tmp_path: Path, coeff: float, increment: float, scale: int, expected: tuple[int, int]
) -> None:
    term = {"type": "op_delay", "train": 1, "operation": 1, "coeff": coeff, "increment": increment}
    problem = read_problem(written(tmp_path, {**PLAIN, "objective": [term]}))
    assert problem.cost_scale == scale
    assert problem.objective == (DelayTerm(1, 1, 0, *expected),)
    write_problem(problem, tmp_path / "problem.json")
    assert "railcap" not in json.loads((tmp_path / "problem.json").read_text())
    assert read_problem(tmp_path / "problem.json") == problem


def test_scale_that_decimals_cannot_write_survives(tmp_path: Path) -> None:
    problem = OperationsProblem(
        (Train("T0", (Operation(),), refusal_cost=7), Train("T1", (Operation(),))),
        objective=(DelayTerm(0, 0, 0, 1), DelayTerm(1, 0, 0, 10**9 + 1), DelayTerm(1, 0, 0, 300)),
        cost_scale=300,
        name="thirds",
    )
    write_problem(problem, tmp_path / "thirds.json")
    text = json.loads((tmp_path / "thirds.json").read_text())
    assert text["railcap"]["cost_scale"] == 300
    assert text["objective"][2]["coeff"] == 1
    assert read_problem(tmp_path / "thirds.json") == problem


def test_doubled_entries_and_overlapping_closures_are_tidied(tmp_path: Path) -> None:
    doubled = json.loads(json.dumps(EXTENDED))
    doubled["trains"][1][0]["successors"] = [1, 1]
    doubled["trains"][0][0]["resources"] = [{"resource": "r0", "release_time": n} for n in (1, 4, 2)]
    doubled["railcap"]["resources"]["r0"]["closures"] = [[30, 40], [10, 20], [15, 25], [40, 50]]
    problem = read_problem(written(tmp_path, doubled))
    assert problem.trains[1].operations[0].successors == (1,)
    assert problem.trains[0].operations[0].resources == (ResourceUse("r0", 4),)
    assert problem.resources["r0"].closures == ((10, 25), (30, 40), (40, 50))


def test_documented_example_is_read_and_keeps_its_meaning(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "problem_format.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert example is not None
    problem = read_problem(written(tmp_path, example[1]))
    assert problem.cost_scale == 2
    assert problem.trains[1].refusal_cost == 1000
    write_problem(problem, tmp_path / "again.json")
    assert read_problem(tmp_path / "again.json") == replace(problem, name="again")
    for key in set(re.findall(r'"(\w+)":', example[1])) - {"name"}:
        assert re.search(rf"^\| .*\b{key}\b", page, re.MULTILINE), f"{key} is not in a table"


def test_windows_line_ends_and_byte_order_mark_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(PLAIN, indent=1).replace("\n", "\r\n").encode())
    assert len(read_problem(path).trains) == 2


def faults(folder: Path, content: object) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        read_problem(written(folder, content))
    assert all(issue.file == "problem.json" and issue.message for issue in error.value.issues)
    return [(issue.where, issue.code) for issue in error.value.issues]


def changed(path: str, value: object, base: object = EXTENDED) -> object:
    """The extended file with one value replaced, as by ``trains.0.1.min_duration``; ``...`` removes the key."""
    content = json.loads(json.dumps(base))
    place = content
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        ("trains", ..., "trains", "missing-key"),
        ("objective", ..., "objective", "missing-key"),
        ("trains", {}, "trains", "wrong-type"),
        ("train", [], "train", "unknown-key"),
        ("trains.0", 5, "trains[0]", "wrong-type"),
        ("trains.0.1", "x", "trains[0][1]", "wrong-type"),
        ("trains.0.1.min_duration", ..., "trains[0][1].min_duration", "missing-key"),
        ("trains.0.1.min_duration", -1, "trains[0][1].min_duration", "wrong-type"),
        ("trains.0.1.min_duration", 1.5, "trains[0][1].min_duration", "wrong-type"),
        ("trains.0.1.min_duration", "5", "trains[0][1].min_duration", "wrong-type"),
        ("trains.0.1.min_duration", True, "trains[0][1].min_duration", "wrong-type"),
        ("trains.0.1.min_duration", None, "trains[0][1].min_duration", "wrong-type"),
        ("trains.0.1.min_duration", 10**13, "trains[0][1].min_duration", "wrong-type"),
        ("trains.0.1.max_duration", 4, "trains[0][1].max_duration", "empty-duration"),
        ("trains.0.1.start_lb", -7, "trains[0][1].start_lb", "wrong-type"),
        ("trains.0.1.start_ub", 6, "trains[0][1].start_ub", "empty-window"),
        ("trains.0.1.min_durration", 1, "trains[0][1].min_durration", "unknown-key"),
        ("trains.0.1.successors", ..., "trains[0][1].successors", "missing-key"),
        ("trains.0.1.successors", [4], "trains[0][1].successors[0]", "unknown-operation"),
        ("trains.0.1.successors", [3, 0], "trains[0][1].successors[1]", "not-topological"),
        ("trains.0.1.successors", [1], "trains[0][1].successors[0]", "not-topological"),
        ("trains.0.3.successors", [1], "trains[0][3].successors[0]", "not-topological"),
        ("trains.0.1.successors", [], "trains[0][1].successors", "several-exits"),
        ("trains.0.0.successors", [2], "trains[0][1]", "several-entries"),
        ("trains.0.1.successors", [-1], "trains[0][1].successors[0]", "wrong-type"),
        ("trains.0.0.resources.0.resource", 3, "trains[0][0].resources[0].resource", "wrong-type"),
        ("trains.0.0.resources.0.resource", "", "trains[0][0].resources[0].resource", "wrong-type"),
        ("trains.0.0.resources.0.release_time", -4, "trains[0][0].resources[0].release_time", "wrong-type"),
        ("objective.0.type", "delay", "objective[0].type", "wrong-type"),
        ("objective.0.train", 2, "objective[0].train", "unknown-train"),
        ("objective.0.operation", 4, "objective[0].operation", "unknown-operation"),
        ("objective.0.coeff", -1, "objective[0].coeff", "wrong-type"),
        ("objective.0.coeff", 0.12345678912, "objective[0].coeff", "cost-too-fine"),
        ("railcap.version", 2, "railcap.version", "wrong-type"),
        ("railcap.version", ..., "railcap.version", "missing-key"),
        ("railcap.cost_scale", 0, "railcap.cost_scale", "wrong-type"),
        ("railcap.trains.0.train", 9, "railcap.trains[0].train", "unknown-train"),
        ("railcap.trains.0.refusal_cost", -1, "railcap.trains[0].refusal_cost", "wrong-type"),
        ("railcap.trains.0.labels", ["one"], "railcap.trains[0].labels", "wrong-length"),
        ("railcap.resources.r00", {}, "railcap.resources.r00", "unknown-resource"),
        ("railcap.resources.r0.capacity", 0, "railcap.resources.r0.capacity", "wrong-type"),
        ("railcap.resources.r0.closures", [[20, 20]], "railcap.resources.r0.closures[0]", "empty-closure"),
        ("railcap.resources.r0.closures", [[20]], "railcap.resources.r0.closures[0]", "wrong-type"),
        ("railcap.links.0.from_train", 2, "railcap.links[0].from_train", "unknown-train"),
        ("railcap.links.0.to_operation", 2, "railcap.links[0].to_operation", "unknown-operation"),
        ("railcap.links.0.max_lag", -1, "railcap.links[0].max_lag", "empty-lag"),
        ("railcap.links.0.to_train", 0, "railcap.links[0]", "self-link"),
        ("railcap.journey_terms.0.train", 2, "railcap.journey_terms[0].train", "unknown-train"),
        ("railcap.journey_terms.0.to_operation", 4, "railcap.journey_terms[0].to_operation", "unknown-operation"),
        ("railcap.journey_terms.0.to_operation", 0, "railcap.journey_terms[0].to_operation", "backward-journey"),
    ],
)
def test_one_fault_is_named_by_its_path_alone(tmp_path: Path, path: str, value: object, where: str, code: str) -> None:
    assert faults(tmp_path, changed(path, value)) == [(where, code)]


def test_stated_scale_must_make_costs_integers(tmp_path: Path) -> None:
    content = changed("railcap.cost_scale", 2, changed("objective.0.coeff", 0.3))
    assert faults(tmp_path, content) == [("objective[0].coeff", "cost-too-fine")]


def test_train_without_operations_is_a_fault(tmp_path: Path) -> None:
    content = {"trains": [[], [{"min_duration": 0, "successors": []}]], "objective": []}
    assert faults(tmp_path, content) == [("trains[0]", "empty-train")]


def test_train_listed_twice_is_a_fault(tmp_path: Path) -> None:
    content = changed("railcap.trains", [{"train": 1}, {"train": 1, "name": "again"}])
    assert faults(tmp_path, content) == [("railcap.trains[1].train", "duplicate-train")]


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    content = changed("trains.0.1.successors", [9])
    content = changed("trains.1.0.start_ub", 0, changed("trains.1.0.start_lb", 5, content))
    content = changed("objective.1.train", 7, content)
    content = changed("railcap.links.0.max_lag", -9, content)
    assert faults(tmp_path, content) == [
        ("trains[0][1].successors[0]", "unknown-operation"),
        ("trains[1][0].start_ub", "empty-window"),
        ("objective[1].train", "unknown-train"),
        ("railcap.links[0].max_lag", "empty-lag"),
    ]


def test_every_wrong_type_is_reported_at_once(tmp_path: Path) -> None:
    content = changed("trains.0.1.min_duration", "5", changed("trains.0.1.start_lb", 1.5))
    content = changed("railcap.links.0.required", 1, changed("objective.0.tipe", "op_delay", content))
    assert sorted(faults(tmp_path, content)) == [
        ("objective[0].tipe", "unknown-key"),
        ("railcap.links[0].required", "wrong-type"),
        ("trains[0][1].min_duration", "wrong-type"),
        ("trains[0][1].start_lb", "wrong-type"),
    ]


def test_messages_name_the_value_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_problem(written(tmp_path, changed("trains.0.1.min_durration", 7, changed("trains.0.1.start_lb", "soon"))))
    found = [(issue.where, issue.value, issue.message) for issue in error.value.issues]
    assert found == [
        ("trains[0][1].min_durration", "7", "unknown key; did you mean 'min_duration'?"),
        ("trains[0][1].start_lb", '"soon"', "expected an integer, got a text"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"trains": [', "broken-json"),
        (b"", "broken-json"),
        (b'{"trains": [], "objective": [NaN]}', "broken-json"),
        (b'{"trains": [], "objective": ["\xff"]}', "broken-encoding"),
        (b"[" * 100_000, "broken-json"),
        (b"[]", "wrong-type"),
        (b"5", "wrong-type"),
    ],
)
def test_what_is_no_problem_at_all_is_told_plainly(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "problem.json").write_bytes(content)
    with pytest.raises(InputError, match=r"problem\.json") as error:
        read_problem(tmp_path / "problem.json")
    assert [issue.code for issue in error.value.issues] == [code]


def test_broken_json_is_told_with_its_line_and_what_stands_there(tmp_path):
    (tmp_path / "nan.json").write_bytes(b'{"trains": [],\n "objective": [NaN]}')
    with pytest.raises(InputError) as caught:
        read_problem(tmp_path / "nan.json")
    assert [(issue.where, issue.value) for issue in caught.value.issues] == [("line 2, column 16", "NaN")]


def test_missing_file_and_folder_are_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InputError) as error:
            read_problem(path)
        assert error.value.issues[0].code == "unreadable-file"


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="none"):
        write_problem(random_problem(1), tmp_path / "none" / "problem.json")
    assert list(tmp_path.iterdir()) == []
