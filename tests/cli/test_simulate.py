"""`railcap simulate`: what a planner reads first, its JSON object, its files, and its errors."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

sys.path.insert(0, str(Path(__file__).parents[1] / "measures" / "robustness"))
sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from delayed_lines import fleet, meeting, saved
from random_timetables import random_timetables

from railcap.corridor.validate import validate
from railcap.drawing.delay_pictures import file_names
from railcap.formats.delay_results import CHANGED, REPAIRED
from railcap.measures.robustness.repair_tally import RepairTally
from railcap.measures.robustness.tally import Tally
from railcap_app.cli.main import run


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A folder with a line on which ten trains meet, and the file of its timetable."""
    return saved(tmp_path_factory.mktemp("simulated"), *meeting(5, 60))


def test_a_planner_reads_punctuality_the_worst_meet_and_where_buffer_helps(line, capfd):
    assert run(["simulate", *line, "--days", "200", "--seed", "3"]) == 0
    out = capfd.readouterr().out
    assert "200 simulated days of 10 trains" in out and "Primary delays from ril405-low, seed 3" in out
    (whole,) = re.findall(r"all trains +10 +(\d+) % +(\d+) % +(\d+) % +(\d+) %", out)
    assert [int(share) for share in whole] == sorted(int(share) for share in whole)
    assert re.search(r"meet at Station \d +(UP|DN)\d / (UP|DN)\d +0:0\d +\d+ % +[\d.]+ min", out)
    assert "Where 5 minutes more of buffer would keep most delay back" in out
    assert re.search(r"Delay against volume: trains +2 +4 +6 +8 +10", out)


def test_json_is_one_object_and_the_same_again(line, capfd):
    answers = []
    for _ in range(2):
        assert run(["simulate", *line, "--days", "100", "--within", "10,3", "--json"]) == 0
        answers.append(json.loads(capfd.readouterr().out))
    one = answers[0]
    assert answers[1] == one
    assert (one["days"], one["asked_days"], one["order"], one["out"]) == (100, 100, "kept", None)
    assert list(one["all"]["within"]) == ["3", "10"] and one["all"]["trains"] == 10
    assert one["all"]["knock_on_s"] == pytest.approx(one["all"]["mean_s"] - one["all"]["alone_s"])
    assert one["weakest_meets"][0]["passed_s"] >= one["weakest_meets"][-1]["passed_s"] > 0
    assert len(one["weakest_meets"][0]["trains"]) == 2 and one["volume"][-1]["trains"] == 10


def test_files_are_written_together_and_pictures_say_what_they_show(line, tmp_path, capfd):
    out = tmp_path / "out"
    assert run(["simulate", *line, "--days", "100", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == set(file_names()) - {REPAIRED, CHANGED}
    assert f"{out}/delay_along_line.png" in capfd.readouterr().out
    texts = {
        path.stem: " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())) for path in out.glob("*.svg")
    }
    assert "Arrivals: line" in texts["delay_distribution"] and "share of the trains" in texts["delay_distribution"]
    assert "freight towards Station 5 (5 trains)" in texts["delay_along_line"]
    assert "Station 3" in texts["delay_along_line"]
    assert "knock-on per primary delay" in texts["delay_volume"]
    rows = (out / "delay_punctuality.csv").read_text("utf-8-sig").splitlines()
    assert rows[1].startswith("all,,,10,") and sum(row.startswith("train,") for row in rows) == 10


def test_the_table_of_delays_that_was_used_can_be_used_again(line, tmp_path, capfd):
    from railcap.formats.delay_table import delay_table_text, load_delay_table
    from railcap.formats.scenario_folder import load_scenario

    table, _ = load_delay_table("ril405-low", load_scenario(line[0]))
    path = tmp_path / "mine.csv"
    path.write_text(delay_table_text(table))
    answers = []
    for delays in ("ril405-low", str(path)):
        assert run(["simulate", *line, "--days", "100", "--no-volume", "--delays", delays, "--json"]) == 0
        answers.append(json.loads(capfd.readouterr().out))
    assert answers[1] == answers[0] | {"delays": str(path)} and answers[0]["volume"] == []


def test_withdrawn_trains_are_told(line, capfd):
    assert run(["simulate", *line, "--days", "200", "--withdraw", "20"]) == 0
    out = capfd.readouterr().out
    assert "only 20 min late or later are withdrawn there" in out and "Where trains are withdrawn" in out
    assert run(["simulate", *line, "--days", "200", "--withdraw", "20", "--json"]) == 0
    one = json.loads(capfd.readouterr().out)
    assert (
        one["withdraw_min"] == 20 and 0 < one["all"]["withdrawn"] < 0.5 and one["withdrawals"][0]["share_of_days"] > 0
    )


def test_both_orders_stand_side_by_side_and_the_rule_is_named(line, tmp_path, capfd):
    out = tmp_path / "out"
    assert run(["simulate", *line, "--days", "60", "--repair", "5", "--no-volume", "--out", str(out)]) == 0
    text = capfd.readouterr().out
    kept, repaired = (re.search(rf"{order} +(\d+) % .*", text) for order in ("all trains +kept", "repaired"))
    assert kept is not None and repaired is not None and int(repaired[1]) >= int(kept[1])
    assert "A dispatcher lets a train that waits for its turn alone go first" in text and "5 min less late" in text
    assert re.search(r"[\d.]+ changes of order by day \(", text) and "goes first" in text
    picture = (out / "delay_distribution.svg").read_text()
    assert "all trains, order repaired" in picture
    assert run(["simulate", *line, "--days", "60", "--repair", "5", "--no-volume", "--json"]) == 0
    one = json.loads(capfd.readouterr().out)
    _readds(out, one["repaired"], 60)
    assert one["order"] == "kept" and one["repaired"]["rule"]["name"] == "look-ahead"
    assert one["repaired"]["rule"]["least_gain_s"] == 300 and one["repaired"]["changes_by_day"] > 0
    assert one["repaired"]["all"]["mean_s"] < one["all"]["mean_s"] and one["repaired"]["changed"]
    assert run(["simulate", *line, "--days", "60", "--no-volume", "--json"]) == 0
    kept = json.loads(capfd.readouterr().out)
    assert (
        kept["repaired"] is None and kept["categories"] == one["categories"] and kept["passed_on"] == one["passed_on"]
    )


def _readds(out: Path, repaired: dict, days: int) -> None:
    """The tables of the dispatcher have the figures of the JSON object, and add up to them."""
    groups, changed = (
        list(csv.DictReader((out / name).read_text("utf-8-sig").splitlines())) for name in (REPAIRED, CHANGED)
    )
    assert [row["level"] for row in groups] == ["all", "category", *["request"] * len(repaired["requests"])]
    told = [repaired["all"], *repaired["categories"], *repaired["requests"]]
    for row, one in zip(groups, told, strict=True):
        assert (row["name"] or None, int(row["trains"])) == (one["name"], one["trains"])
        assert float(row["mean_min"]) == pytest.approx(one["mean_s"] / 60, abs=0.006)
        assert float(row["within_15_min"]) == pytest.approx(one["within"]["15"], abs=1e-4)
    whole, trains = groups[0], [row for row in groups if row["level"] == "request"]
    for figure in ("on_time", "mean_min", "knock_on_min"):
        total = sum(int(row["trains"]) * float(row[figure]) for row in trains)
        assert total == pytest.approx(int(whole["trains"]) * float(whole[figure]), abs=0.006 * len(told))
    assert sum(int(row["changes"]) for row in changed) == pytest.approx(days * repaired["changes_by_day"])
    for row, one in zip(changed, repaired["changed"], strict=False):
        assert [row[name] for name in ("cause", "station_id", "first")] == [one["cause"], one["place"], one["first"]]
        assert row["before"] == (one["before"] or "") and int(row["changes"]) == pytest.approx(days * one["by_day"])
    book = load_workbook(out / "delay.xlsx", read_only=True)
    assert {"repaired", "changed"} <= set(book.sheetnames)
    (_, *rows) = book["changed"].iter_rows(values_only=True)
    assert [(row[1], row[3], row[5]) for row in rows] == [
        (row["station_id"], row["first"], int(row["changes"])) for row in changed
    ]
    book.close()


def test_one_day_of_one_train_has_neither_a_spread_nor_a_curve(tmp_path, capfd):
    one, out = [*saved(tmp_path, *fleet(1, 0)), "--days", "1", "--seed", "4"], tmp_path / "out"
    delays = tmp_path / "late.csv"
    delays.write_text("kind,trains,probability,distribution,mean_min\nentry,*,1,constant,7\n")
    assert run(["simulate", *one, "--delays", str(delays), "--repair", "5", "--out", str(out)]) == 0
    text = " ".join(capfd.readouterr().out.split())
    assert "1 simulated day of 1 train " in text and "7.0 min (their spread between days is not known)" in text
    assert "5 min less late in all: no change of order." in text
    assert {path.name for path in out.iterdir()} == {
        name for name in file_names() if not name.startswith("delay_volume.")
    } | {"delay_volume.csv"}
    assert run(["simulate", *one, "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["all"]["error_s"] is None and len(answer["volume"]) == 1


def test_a_table_without_rows_draws_nothing_late(line, tmp_path, capfd):
    delays = tmp_path / "none.csv"
    delays.write_text("kind,trains,probability,distribution,mean_min\n")
    options = ["--days", "3", "--delays", str(delays), "--repair", "5"]
    assert run(["simulate", *line, *options]) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert "No primary delays were drawn: every train keeps its times." in out
    assert "5 min less late in all: no change of order." in out


def test_yards_beside_refused_trains_are_simulated_in_both_orders(tmp_path, capfd):
    scenario, timetable = next(
        (scenario, timetable)
        for scenario, timetable in random_timetables(yards=True)
        if not any(issue.severity == "error" for issue in validate(scenario))
        and timetable.refused
        and any(call.steps for path in timetable.paths for call in path.calls)
    )
    files = saved(tmp_path, scenario, timetable)
    assert run(["simulate", *files, "--days", "50", "--delays", "all-kinds", "--repair", "1", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["all"]["trains"] == sum(not path.light_for for path in timetable.paths)
    assert answer["primary_s"]["step"] > 0 and answer["repaired"]["all"]["trains"] == answer["all"]["trains"]


def test_ctrl_c_keeps_the_days_that_are_done_in_both_orders(line, capfd, monkeypatch):
    count = RepairTally.count

    def counts(self, primary_s):
        count(self, primary_s)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(RepairTally, "count", counts)
    assert run(["simulate", *line, "--days", "9" * 24, "--repair", "5", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["days"] == 64 and answer["repaired"]["all"]["on_time"] > answer["all"]["on_time"]


def test_ctrl_c_keeps_the_days_that_are_done(line, capfd, monkeypatch):
    end = Tally.end

    def ends(self):
        end(self)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Tally, "end", ends)
    assert run(["simulate", *line, "--days", "5000"]) == 0
    assert "64 simulated days (stopped; 5,000 were asked for) of 10 trains" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--days", "0"], r"days \('0'\): give 1 or more"),
        (["--days", "5", "--withdraw", "-3"], r"withdraw_min \('-3'\): give 1 or more"),
        (["--days", "5", "--repair", "0"], r"repair_min \('0'\): give 1 or more"),
        (["--days", "5", "--repair", "5", "--withdraw", "60"], r"repair_min \('5'\): trains are either withdrawn or"),
        (["--within", "5,x,0"], r"(?s)--within \('x'\): write whole minutes.*--within \('0'\)"),
        (["--within", ",".join(map(str, range(1, 40)))], r"these are 39 figures; a table has room for 6"),
        (["--within", ","], r"(?s)^(?!.*--within.*--within).*--within: write whole minutes"),
        (["--delays", "."], r"delays \('\.'\): there is no such file"),
        (["--delays", "ril406"], r"delays \('ril406'\): there is no such file, .*ril405-low, ril405-high, all-kinds"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_remedy(line, capfd, options, told):
    assert run(["simulate", *line, *options]) == 2
    assert re.search(told, capfd.readouterr().err)


def test_a_timetable_alone_must_be_of_a_shipped_scenario(line, capfd):
    assert run(["simulate", line[1]]) == 2
    assert "there is no folder 'line'" in capfd.readouterr().err


def test_a_scenario_alone_is_not_enough(line, capfd):
    assert run(["simulate", line[0]]) == 2
    assert "give the timetable too" in capfd.readouterr().err


def test_a_timetable_that_breaks_rules_is_refused(line, tmp_path, capfd):
    document = json.loads(Path(line[1]).read_text())
    document["paths"][1]["calls"][0]["departure_s"] += 60
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document))
    assert run(["simulate", line[0], str(broken), "--json"]) == 2
    error = json.loads(capfd.readouterr().out)["error"]
    assert "breaks rules of line" in error["message"] and "running-too-short" in {
        one["code"] for one in error["issues"]
    }
