"""Timetables as JSON: round trip, and every fault of a bad file with its path."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from railcap.errors import InputError, OutputError
from railcap.formats.timetable_json import read_timetable, write_timetable
from railcap.planning.timetable import Call, Leg, Refusal, Step, Timetable, TrainPath

PATH = TrainPath(
    train="CONT/2026-03-02/1",
    request="CONT",
    number="1",
    train_type="FREIGHT",
    calls=(Call("a", "1", 1_772_400_000, 1_772_400_600, True), Call("b", "2", 1_772_404_000, 1_772_404_000, True)),
    legs=(Leg("a-b", "1"),),
)
REFUSAL = Refusal("CONT/2026-03-02/2", "CONT", "2", "FREIGHT", "it lost", False, "a-b", ("CONT/2026-03-02/1",))
TIMETABLE = Timetable("line", (PATH,), (REFUSAL,))

texts = st.text(max_size=5)
names = st.text(min_size=1, max_size=5)
moments = st.integers(0, 200_000_000_000)


@st.composite
def paths(draw: st.DrawFn, train: str) -> TrainPath:
    steps = st.lists(st.builds(Step, names, texts, texts, moments, moments), max_size=2).map(tuple)
    calls = draw(
        st.lists(st.builds(Call, names, texts, moments, moments, st.booleans(), steps), min_size=2, max_size=4)
    )
    legs = draw(st.lists(st.builds(Leg, names, texts), min_size=len(calls) - 1, max_size=len(calls) - 1))
    return TrainPath(
        train, draw(texts), draw(texts), draw(names), tuple(calls), tuple(legs), draw(st.booleans()), draw(texts)
    )


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    trains = draw(st.lists(names, unique=True, max_size=4))
    accepted = draw(st.integers(0, len(trains)))
    return Timetable(
        draw(texts),
        tuple(draw(paths(train)) for train in trains[:accepted]),
        tuple(
            Refusal(
                train,
                draw(texts),
                draw(texts),
                draw(names),
                draw(texts),
                draw(st.booleans()),
                draw(texts),
                tuple(draw(st.lists(texts, max_size=2))),
            )
            for train in trains[accepted:]
        ),
    )


@given(timetables())
def test_a_timetable_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, timetable: Timetable) -> None:
    path = tmp_path_factory.mktemp("round") / "timetable.json"
    write_timetable(timetable, path)
    assert read_timetable(path) == timetable
    before = path.read_bytes()
    write_timetable(read_timetable(path), path)
    assert path.read_bytes() == before


def test_a_train_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    write_timetable(TIMETABLE, tmp_path / "t.json")
    lines = (tmp_path / "t.json").read_text().splitlines()
    assert [line.startswith('{"train":"CONT/2026-03-02/1"') for line in lines].count(True) == 1
    assert json.loads("\n".join(lines))["schema"] == 1


def test_what_most_trains_have_not_is_left_out(tmp_path: Path) -> None:
    """Timetables without yards are written as they were before there were yards."""
    write_timetable(TIMETABLE, tmp_path / "t.json")
    assert '"steps"' not in (tmp_path / "t.json").read_text()
    assert '"light_for"' not in (tmp_path / "t.json").read_text()
    path = first(json.loads((tmp_path / "t.json").read_text()))
    assert list(path) == ["train", "request", "number", "train_type", "calls", "legs", "fixed"]
    assert list(path["calls"][0]) == ["station", "track", "arrival_s", "departure_s", "stops"]


def test_a_light_engine_comes_back_with_the_train_that_it_has_helped(tmp_path: Path) -> None:
    light = replace(PATH, train=f"{PATH.train}/light/hill", request="hill", number="", light_for=PATH.train)
    timetable = replace(TIMETABLE, paths=(PATH, light))
    write_timetable(timetable, tmp_path / "t.json")
    assert read_timetable(tmp_path / "t.json") == timetable
    found = json.loads((tmp_path / "t.json").read_text())["paths"]
    assert [path.get("light_for") for path in found] == [None, PATH.train]


def test_steps_come_back_in_their_order(tmp_path: Path) -> None:
    steps = (
        Step("customs", "officers", "2", 1_772_404_100, 1_772_404_200),
        Step("wait", "", "K", 1_772_404_300, 1_772_404_300),
    )
    calls = PATH.calls[0], replace(PATH.calls[1], steps=steps)
    timetable = replace(TIMETABLE, paths=(replace(PATH, calls=calls),))
    write_timetable(timetable, tmp_path / "t.json")
    assert read_timetable(tmp_path / "t.json") == timetable
    raw = json.loads((tmp_path / "t.json").read_text())
    assert raw["schema"] == 1
    assert [list(step.values())[:3] for step in first(raw)["calls"][1]["steps"]] == [
        ["customs", "officers", "2"],
        ["wait", "", "K"],
    ]


def test_writing_into_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_timetable(TIMETABLE, tmp_path / "nowhere" / "t.json")


STEP = {"name": "customs", "resource": "", "track": "2", "begin_s": 1_772_404_100, "end_s": 1_772_404_200}


def damaged(tmp_path: Path, damage: Callable[[dict[str, Any]], object]) -> list[tuple[str, str]]:
    path = tmp_path / "t.json"
    write_timetable(TIMETABLE, path)
    raw = json.loads(path.read_text())
    damage(raw)
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError) as caught:
        read_timetable(path)
    assert all(issue.file == "t.json" for issue in caught.value.issues)
    return [(issue.where, issue.code) for issue in caught.value.issues]


def first(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["paths"][0]
    return found


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda raw: raw.pop("format"), [("format", "wrong-format")]),
        (lambda raw: raw.update(format="railcap-schedule"), [("format", "wrong-format")]),
        (lambda raw: raw.pop("schema"), [("schema", "wrong-schema")]),
        (lambda raw: raw.update(schema=2), [("schema", "wrong-schema")]),
        (lambda raw: raw.update(schema=True), [("schema", "wrong-schema")]),
        (lambda raw: raw.pop("paths"), [("paths", "missing-key")]),
        (lambda raw: raw.update(paths={}), [("paths", "wrong-type")]),
        (lambda raw: raw.update(extra=1), [("extra", "unknown-key")]),
        (lambda raw: first(raw).update(train=""), [("paths[0].train", "wrong-type")]),
        (lambda raw: first(raw).update(fixed="no"), [("paths[0].fixed", "wrong-type")]),
        (lambda raw: first(raw).update(light_for=None), [("paths[0].light_for", "wrong-type")]),
        (lambda raw: first(raw)["calls"][1].pop("track"), [("paths[0].calls[1].track", "missing-key")]),
        (lambda raw: first(raw)["calls"][1].update(arrival_s=0.5), [("paths[0].calls[1].arrival_s", "wrong-type")]),
        (lambda raw: first(raw)["calls"][1].update(arrival_s=10**18), [("paths[0].calls[1].arrival_s", "wrong-type")]),
        (lambda raw: first(raw)["calls"][1].update(steps={}), [("paths[0].calls[1].steps", "wrong-type")]),
        (
            lambda raw: first(raw)["calls"][1].update(steps=[STEP, {**STEP, "wagons": 3}]),
            [("paths[0].calls[1].steps[1].wagons", "unknown-key")],
        ),
        (
            lambda raw: first(raw)["calls"][1].update(steps=[{**STEP, "name": "", "end_s": None}]),
            [("paths[0].calls[1].steps[0].name", "wrong-type"), ("paths[0].calls[1].steps[0].end_s", "wrong-type")],
        ),
        (lambda raw: first(raw)["calls"].pop(), [("paths[0].calls", "too-few-calls")]),
        (lambda raw: first(raw)["legs"].pop(), [("paths[0].legs", "wrong-number-of-legs")]),
        (lambda raw: raw["paths"].append(first(raw)), [("paths[1].train", "duplicate-train")]),
        (lambda raw: raw["refused"][0].update(train=first(raw)["train"]), [("refused[0].train", "duplicate-train")]),
        (lambda raw: raw["refused"][0].update(against="x"), [("refused[0].against", "wrong-type")]),
    ],
)
def test_each_fault_is_named_with_its_path(
    tmp_path: Path, damage: Callable[[dict[str, Any]], object], expected: list[tuple[str, str]]
) -> None:
    assert damaged(tmp_path, damage) == expected


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    def damage(raw: dict[str, Any]) -> None:
        first(raw)["calls"][0]["stops"] = 1
        first(raw)["legs"][0].pop("section")
        raw["refused"][0]["proof"] = "perhaps"

    assert [where for where, _ in damaged(tmp_path, damage)] == [
        "paths[0].calls[0].stops",
        "paths[0].legs[0].section",
        "refused[0].proof",
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_what_is_no_timetable_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.json").write_bytes(content)
    with pytest.raises(InputError, match=r"t\.json"):
        read_timetable(tmp_path / "t.json")


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_timetable(tmp_path / "t.json")
