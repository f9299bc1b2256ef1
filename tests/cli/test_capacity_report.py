"""`railcap capacity --report`: one page of its own, whose figures are those of the JSON object."""

import json
from dataclasses import replace

import pytest
from report_page import Page, stands_alone

import railcap
from railcap.formats.capacity_report import mix_report
from railcap.formats.html_report import Cells, Chapter, Picture, html_page
from railcap.formats.thresholds import shipped_thresholds
from railcap.formats.timetable_json import write_timetable
from railcap.measures.mix.report import mix_capacity
from railcap.measures.mix.report_text import TITLES
from railcap.operations.schedule import schedule_from_routes
from railcap.planning.compile import compile_scenario
from railcap.planning.lift import lift
from railcap_app.cli.main import run
from railcap_solvers.search import improve

SCENARIO = "quetta-chaman-day"


@pytest.fixture(scope="module")
def timetable(tmp_path_factory):
    """The file of a sound timetable of a shipped scenario."""
    compiled = compile_scenario(railcap.load(SCENARIO))
    routes = improve(compiled.problem, seed=1, moves_limit=300)
    path = tmp_path_factory.mktemp("planned") / "timetable.json"
    write_timetable(lift(compiled, schedule_from_routes(compiled.problem, routes)), path)
    return path


def test_the_report_of_a_mix_says_what_the_json_says(tmp_path, capfd):
    path = tmp_path / "report.html"
    assert run(["capacity", SCENARIO, "--report", str(path), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    page = stands_alone(path)
    assert answer["report"] == str(path) and "svg" in page.tags
    rows = page.table("method")
    (part,) = answer["parts"]
    assert [row["method"].removesuffix(" *") for row in rows] == [TITLES[one["method"]] for one in part["methods"]]
    for row, one in zip(rows, part["methods"], strict=True):
        assert (int(row["pairs/day"]), int(row["trains/day"])) == (one["pairs_per_day"], one["trains_per_day"])
        assert row["limiting section"] == one["limiting_section"]
        assert row["load"] == f"{100 * one['load']:.0f} %"
    sections = page.table("section")
    assert [row["section"] for row in sections] == [one["name"] for one in answer["sections"]]
    for row, one in zip(sections, answer["sections"], strict=True):
        for method, figure in one["methods"].items():
            assert int(row[f"{TITLES[method]}, pairs/day"]) == figure["pairs_per_day"]
    order = [page.text.index(text) for text in ("In short", "Why: what limits", "Every method side", "Assumptions")]
    assert order == sorted(order)
    assert "2026-03-02, times local, Asia/Karachi" in page.text


def test_the_report_of_a_timetable_says_what_the_json_says(timetable, tmp_path, capfd):
    path = tmp_path / "report.html"
    assert run(["capacity", SCENARIO, str(timetable), "--report", str(path), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    page = stands_alone(path)
    assert page.tags.count("svg") == 4
    rows = page.table("line section")
    busiest = {
        one["name"]: max(
            (other for other in answer["line_sections"] if other["name"] == one["name"]),
            key=lambda other: other["consumption"],
        )
        for one in answer["line_sections"]
    }
    assert [row["line section"] for row in rows] == list(busiest)
    for row in rows:
        one = busiest[row["line section"]]
        assert int(row["trains"]) == one["trains"]
        assert row["consumption"] == f"{100 * one['consumption']:.1f} %"
    assert len(page.table("train")) == len(answer["limiting"]["followings"])
    assert page.text.index("bound by Yaru - Gulistan") < page.text.index("Why: what binds")


def test_names_are_escaped_and_pictures_do_not_share_names():
    scenario = railcap.load(SCENARIO)
    stations = dict(scenario.network.stations)
    stations["pk_yaru"] = replace(stations["pk_yaru"], name='<b>"Yaru" & Co</b>')
    odd = replace(scenario, title="1 < 2 & 3", network=replace(scenario.network, stations=stations))
    text = mix_report(odd, mix_capacity(odd, shipped_thresholds(), methods=("cis",)), None)
    page = Page(text)
    assert "b" not in page.tags and '<b>"Yaru" & Co</b> - Gulistan' in page.text and "1 < 2 & 3" in page.text
    drawn = '<svg width="10pt"><metadata>x</metadata><g id="a"/><use xlink:href="#a"/></svg>'
    svg = f'<?xml version="1.0"?><!DOCTYPE svg>{drawn}'
    cells = Cells(("a", "b"), [("x", "1.5 %")], marked=frozenset({0}))
    page = Page(
        html_page(
            "t", "", [Chapter("c", [Picture(svg, 'a "quoted" one'), Picture(svg, "b"), cells]), Chapter("left out", [])]
        )
    )
    assert page.ids == ["p1-a", "p2-a"] and page.references == ["#p1-a", "#p2-a"]
    assert page.pictures == ['a "quoted" one', "b"]
    assert "left out" not in page.text and page.tables == [[["a", "b"], ["x", "1.5 %"]]]


@pytest.mark.parametrize("with_timetable", [False, True])
def test_no_other_file_is_lost_by_a_page(timetable, tmp_path, capfd, with_timetable):
    table = tmp_path / "requests.csv"
    table.write_text("id\n")
    files = [str(timetable)] if with_timetable else []
    assert run(["capacity", SCENARIO, *files, "--report", str(table)]) == 2
    assert "must end with .html" in capfd.readouterr().err and table.read_text() == "id\n"
