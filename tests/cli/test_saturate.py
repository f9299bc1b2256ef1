"""`railcap saturate`: the number first, JSON alone on stdout, files that can be checked, errors that help."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_page import Page, stands_alone
from sample_line import line_scenario

from railcap.formats.scenario_folder import save_scenario
from railcap.measures.saturation import binding
from railcap.measures.saturation import saturate as saturation
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
    assert (told["trains"], told["bound"], told["proven"]) == (0, 0, True)
    assert (told["out"], told["report"]) == (None, None)
    assert "rail renewal" in told["reason"]


def interrupted(function: Any, answers: int, again: bool = False) -> Any:
    """Return a generator function with Ctrl-C after so many of its answers.

    `again`: it is pressed once more, which kills the solver's process and ends the wait for it.
    """

    def cut(*arguments: Any) -> Iterator[Any]:
        found = function(*arguments)
        yield from (next(found) for _ in range(answers))
        os.kill(os.getpid(), signal.SIGINT)
        if again:
            raise KeyboardInterrupt
        yield from found

    return cut


def test_ctrl_c_keeps_the_best_answer_and_tells_the_bound(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saturation, "packings", interrupted(saturation.packings, 1))
    out, page = tmp_path / "out", tmp_path / "page.html"
    window = ("--from", "2026-03-02 13:00", "--until", "2026-03-02 20:00")
    files = ("--out", str(out), "--report", str(page))
    assert run(["saturate", str(folder), "--mix", MIX, *window, "--json", *files]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["out"], told["report"]) == (str(out), str(page))
    assert f"The greatest number lies between {told['trains']} and {told['bound']}" in stands_alone(page).text
    assert told["trains"] > 2 and told["bound"] > told["trains"] and told["limit"] == "interrupted"
    assert told["relaxations"] == [] and not told["proven"]
    assert run(["check", str(out / "scenario"), str(out / "timetable.json")]) == 0


def test_ctrl_c_before_any_answer_tells_the_bound_and_ends_as_the_page_says(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saturation, "packings", interrupted(saturation.packings, 0))
    path = tmp_path / "page.html"
    assert run(["saturate", str(folder), "--mix", MIX, *WINDOW, "--report", str(path)]) == 130
    first, *_, last = capfd.readouterr().out.splitlines()
    assert first.startswith("No train path found") and "at most" in first and "interrupted" in first
    page = Page(path.read_text(encoding="utf-8"))
    assert first in page.text and "None was found" in page.text and not page.pictures
    assert last.strip() == str(path)


def test_a_solver_killed_while_it_looks_for_more_does_not_cost_the_number(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binding, "neighbours", interrupted(binding.neighbours, 1, again=True))
    varied = ("--vary", "s01.tracks=2..3")
    assert run(["saturate", str(folder), "--mix", "FRT:s00-s02=1", *WINDOW, *varied]) == 0
    text = capfd.readouterr().out
    looked_at = [line for line in text.splitlines() if line.startswith("  ") and "another path" in line]
    assert text.split(maxsplit=3)[1:3] == ["trains", "fit,"] and len(looked_at) == 1
    assert text.endswith("Stopped after 0 of 2 values\n")


def test_the_report_alone_is_one_page_that_says_what_the_json_says(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "page.html"
    options = ("--binds", "1", "--binds-limit", "3", "--vary", "s01.tracks=2..3", "--time-limit", "10")
    assert run(["saturate", str(folder), "--mix", MIX, *WINDOW, *options, "--report", str(path), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert (told["out"], told["report"]) == (None, str(path))
    assert list(path.parent.iterdir()) == [path]
    page = stands_alone(path)
    assert [int(row["trains"]) for row in page.table("trains")] == [one["trains"] for one in told["classes"]]
    places = [(row["place"], int(row["room for"]), row["share"]) for row in page.table("place")]
    assert places == [(one["name"], one["room_for"], f"{one['share']:.0%}") for one in told["places"]]
    changes = [(row["change"], row["outcome"].split()[0]) for row in page.table("change")]
    words = {True: "admits", False: "does", None: "not"}
    assert changes == [(one["text"], words[one["admits"]]) for one in told["relaxations"]]
    curve = [tuple(row.values())[:4] for row in page.table("tracks at Station 1")]
    yes = {True: "yes", False: "no"}
    assert curve == [
        (str(one["value"]), str(one["trains"]), str(one["bound"]), yes[one["proven"]]) for one in told["curve"]
    ]
    assert len(page.table("train")) == told["trains"] and len(page.pictures) == 2
    assert page.text.index(f"{told['trains']} trains fit") < page.text.index("Why no more fit")


def test_the_report_is_written_where_no_train_fits(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "page.html"
    window = ("--from", "2026-03-02 10:00", "--until", "2026-03-02 13:00")
    out = ("--out", str(tmp_path / "out"))
    assert run(["saturate", str(folder), "--mix", MIX, *window, *out, "--report", str(path)]) == 0
    text = capfd.readouterr().out
    assert text.startswith("No train fits: proven in ") and text.endswith(f"\nwritten:\n  {path}\n")
    page = Page(path.read_text(encoding="utf-8"))
    assert "No train fits: proven" in page.text and "rail renewal" in page.text and not page.pictures


def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saturation, "saturate", None)
    assert run(["saturate", str(folder), "--mix", MIX, "--report", str(tmp_path)]) == 2
    assert tmp_path.name in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mix", "FRT:s00-s09=1"), ("--mix", "s09")),
        (("--mix", MIX, "--maximise", "all"), ("--maximise", "mix or total")),
        (("--mix", MIX, "--slack", "0.5"), ("--slack", "from 1")),
        (("--mix", MIX, "--from", "2020-01-01 00:00"), ("window", "2020-01-01", "start")),
        (("--mix", MIX, "--from", "noon"), ("--from", "noon")),
        (("--mix", MIX, "--binds-limit", "inf", "--slack", "nan"), ("--binds-limit", "--slack", "above 0")),
        (("--mix", MIX, "--backend", "nosuch"), ("nosuch", "highs")),
        (("--mix", MIX, "--time-limit", "0", "--threads", "0"), ("time_limit_s", "threads")),
        (("--mix", MIX, "--vary", "s01.tracks=3..1"), ("--vary", "the lesser first")),
    ],
)
def test_a_wrong_option_is_named_with_its_remedy(
    folder: Path, options: tuple[str, ...], words: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["saturate", str(folder), *options]) == 2
    told = capfd.readouterr()
    assert not told.out
    assert all(word in told.err for word in words)
