"""`railcap capacity`: what it prints, writes and refuses."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

import railcap
from railcap.formats.capacity_tables import FILES
from railcap.formats.timetable_json import read_timetable, write_timetable
from railcap.operations.schedule import schedule_from_routes
from railcap.planning.compile import compile_scenario
from railcap.planning.lift import lift
from railcap_app.cli.main import run
from railcap_solvers.search import improve

SCENARIO = "quetta-chaman-day"
PAGE = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()


@pytest.fixture(scope="module")
def timetable(tmp_path_factory):
    """The file of a sound timetable of a shipped scenario."""
    compiled = compile_scenario(railcap.load(SCENARIO))
    routes = improve(compiled.problem, seed=1, moves_limit=300)
    path = tmp_path_factory.mktemp("planned") / "timetable.json"
    write_timetable(lift(compiled, schedule_from_routes(compiled.problem, routes)), path)
    return path


def told(capfd, *arguments):
    assert run(["capacity", SCENARIO, *map(str, arguments)]) == 0
    return capfd.readouterr().out


def test_it_names_the_section_that_binds_and_the_verdict(timetable, capfd):
    out = told(capfd, timetable)
    assert re.search(
        r"^Quetta - Chaman, one day: bound by Yaru - Gulistan \(single track, 37\.0 km\) on 2026-03-02", out
    )
    along = [line for line in out.splitlines() if re.search(r"#+ +\S", line)]
    assert [line.split(" - ")[0] for line in along][:2] == ["Quetta", "Sheikh Mandah"]
    assert ["binds" in line for line in along] == ["Yaru" in line and "Gulistan" in line for line in along]


def test_json_is_one_object_whose_figures_fit_together(timetable, capfd):
    found = json.loads(told(capfd, timetable, "--json", "--rate", "0.75"))
    limiting = found["limiting"]
    assert limiting["name"] == "Yaru - Gulistan"
    assert limiting["consumption"] == pytest.approx(limiting["occupied_s"] / limiting["open_s"] / 0.75)
    assert limiting["consumption"] == max(one["consumption"] for one in found["line_sections"])
    assert limiting["open_s"] == 11.5 * 3600  # by day only
    assert found["whole_line"][0]["occupied_s"] >= limiting["occupied_s"]
    assert all(one["buffer_s"] == one["headway_s"] - one["minimum_headway_s"] >= 0 for one in limiting["followings"])
    assert found["trains"] == len(read_timetable(timetable).paths)


def test_the_rate_comes_from_the_table(timetable, tmp_path, capfd):
    own = tmp_path / "own.csv"
    own.write_text("administration,name,case,typical,source\nuic,occupancy_rate,mixed/day,0.5,our own\n")
    rates = [
        json.loads(told(capfd, timetable, "--json", *options))["limiting"]["recommended_rate"]
        for options in ([], ["--period", "peak"], ["--thresholds", own])
    ]
    assert rates == [0.6, 0.75, 0.5]


def test_one_window_and_a_part_of_the_line(timetable, capfd):
    options = ["--stations", "Yaru,Chaman", "--from", "2026-03-02 06:30", "--until", "2026-03-02 12:30", "--json"]
    found = json.loads(told(capfd, timetable, *options))
    assert {one["window"]["until_s"] - one["window"]["from_s"] for one in found["line_sections"]} == {6 * 3600}
    assert found["line_sections"][0]["name"] == "Yaru - Gulistan" and len(found["line_sections"]) == 5
    assert all(one["open_s"] == 6 * 3600 for one in found["line_sections"])
    assert {one["station"] for one in found["nodes"]} <= {
        station for one in found["line_sections"] for station in one["stations"]
    }


def test_out_writes_tables_and_pictures(timetable, tmp_path, capfd):
    out = tmp_path / "out"
    printed = told(capfd, timetable, "--out", out)
    names = {path.name for path in out.iterdir()}
    pictures = {name for name in names if name.endswith((".svg", ".pdf", ".png"))}
    assert names - pictures == set(FILES) and len(pictures) == 12
    assert all(str(out / name) in printed for name in names)
    rows = list(csv.DictReader(io.StringIO((out / "capacity_line_sections.csv").read_text(encoding="utf-8-sig"))))
    (binding,) = [row for row in rows if row["binds"] == "yes"]
    assert (binding["line_section"], binding["verdict"]) == ("Yaru - Gulistan", "too much")
    assert rows[-1]["line_section"] == "whole line at once"
    book = openpyxl.load_workbook(out / "capacity.xlsx")
    assert book.sheetnames == ["summary", "line sections", "buffers", "headways", "regularity", "nodes"]
    assert "bound by Yaru - Gulistan" in book["summary"]["A1"].value
    profile = re.findall(r"<text[^>]*>([^<]*)</text>", (out / "capacity_profile.svg").read_text())
    assert "binds: Yaru - Gulistan" in profile and "Gulistan  947" in profile
    assert {f"{100 * float(row['consumption']):.0f}" for row in rows[:-1]} <= set(profile), "at narrow bars as well"
    columns = {
        column
        for name in FILES
        if name.endswith(".csv")
        for column in (out / name).read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    }
    described = set(re.findall(r"`(\w+)`", PAGE.split("| column | meaning |", 1)[1]))
    second = {column.replace("first_", "second_") for column in described if column.startswith("first_")}
    assert columns <= described | second
    assert all(f"`{name}`" in PAGE for name in FILES)


def test_a_timetable_that_breaks_the_rules_is_refused(timetable, tmp_path, capfd):
    read = read_timetable(timetable)
    first, *others = read.paths
    later = replace(first, calls=tuple(replace(call, arrival_s=call.arrival_s + 1800) for call in first.calls))
    broken = tmp_path / "broken.json"
    write_timetable(replace(read, paths=(later, *others)), broken)
    assert run(["capacity", SCENARIO, str(broken), "--out", str(tmp_path / "out")]) == 2
    assert re.search(r"breaks the rules of quetta-chaman-day \d+ times; `railcap check`", capfd.readouterr().err)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rate", "60"], "must be above 0 and up to 1, not 60"),
        (["--traffic", "mixd"], r"did you mean 'mixed/day'"),
        (["--stations", "Yaru,Camman"], r"did you mean 'Chaman'"),
        (["--traffic", ""], r"did you mean 'mixed/day'"),
        (["--until", "2036-03-02 12:00"], "give a time within 2026-03-02 00:00 to 2026-03-03 00:00"),
        (["--from", "2026-03-02 12:00", "--until", "2026-03-02 10:00"], "give a moment after --from"),
    ],
)
def test_wrong_options_are_told(timetable, capfd, options, message):
    assert run(["capacity", SCENARIO, str(timetable), *options]) == 2
    assert re.search(message, capfd.readouterr().err)
