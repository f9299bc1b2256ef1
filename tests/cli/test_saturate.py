"""`railcap saturate`: the number first, JSON alone on stdout, files that can be checked, errors that help."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from sample_line import line_scenario

from railcap.formats.scenario_folder import save_scenario
from railcap_app.cli.main import run

MIX = "FRT:s00-s02=1,FRT:s02-s00=1"
WINDOW = ("--from", "2026-03-02 13:00", "--until", "2026-03-02 14:00")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("line") / "sample"
    save_scenario(line_scenario(3), path)
    return path


def test_number_first_then_what_binds_and_files_that_pass_the_checker(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    options = ("--time-limit", "20", "--binds", "1", "--binds-limit", "5", "--out", str(out))
    assert run(["saturate", str(folder), "--mix", MIX, *WINDOW, *options]) == 0
    text = capfd.readouterr().out
    trains = int(text.split()[0])
    assert trains >= 2
    assert text.splitlines()[0].startswith(f"{trains} trains fit")
    assert "Places with least room" in text and "another path" in text
    with (out / "saturation_classes.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(int(row["trains"]) for row in csv.DictReader(file)) == trains
    assert (out / "train_graph.svg").exists()
    assert run(["check", str(out / "scenario"), str(out / "timetable.json")]) == 0


def test_json_is_one_object_and_nothing_else(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A window that is closed for works holds no train, which needs no solver."""
    window = ("--from", "2026-03-02 10:00", "--until", "2026-03-02 13:00")
    assert run(["saturate", str(folder), "--mix", MIX, *window, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["trains"], told["bound"], told["proven"], told["out"]) == (0, 0, True, None)
    assert "rail renewal" in told["reason"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mix", "FRT:s00-s09=1"), ("--mix", "s09")),
        (("--mix", MIX, "--maximise", "all"), ("--maximise", "mix or total")),
        (("--mix", MIX, "--slack", "0.5"), ("--slack", "from 1")),
        (("--mix", MIX, "--from", "2020-01-01 00:00"), ("window", "2020-01-01", "start")),
        (("--mix", MIX, "--from", "noon"), ("--from", "noon")),
    ],
)
def test_a_wrong_option_is_named_with_its_remedy(
    folder: Path, options: tuple[str, ...], words: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["saturate", str(folder), *options]) == 2
    told = capfd.readouterr()
    assert not told.out
    assert all(word in told.err for word in words)
