"""`railcap simulate --report`: one page of its own, which says all that the command prints."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from report_page import Page, stands_alone

sys.path.insert(0, str(Path(__file__).parents[1] / "measures" / "robustness"))

from delayed_lines import ENTRY, fleet, meeting, saved

import railcap
from railcap.formats.html_report import Cells, Chapter, html_page
from railcap.formats.robustness_report import DelayPictures, robustness_report
from railcap.measures.robustness.events import Cause
from railcap.measures.robustness.report_cells import number_text, percent_text
from railcap.measures.robustness.tally import Tally
from railcap_app.cli.main import run

NO_PICTURES = DelayPictures("<svg></svg>", "<svg></svg>", None)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """A folder with a line on which ten trains meet, and the file of its timetable."""
    return saved(tmp_path_factory.mktemp("simulated"), *meeting(5, 60))


def says(page: Page, printed: str) -> int:
    """All that is printed stands on the page; return how many rows of tables that are."""
    rows = [[cell for cell in row if cell] for table in page.tables for row in table]
    first, *blocks = printed.split("\n\n")
    title, *basis = first.splitlines()
    assert f"How robust the timetable is: {title.split(': ')[0]}" in page.text
    for sentence in (title.split(": ")[1], *basis):
        assert sentence in page.text
    found = 0
    for block in blocks:
        lines = block.splitlines()
        if not re.search(r"\S  +\S", block):
            for sentence in re.split(r"[.:] (?=[A-Z]|\d+\.\d change|no change)", " ".join(lines).rstrip(".")):
                assert sentence in page.text
            continue
        for line in lines[1:]:
            cells = re.split(r"  +", line.strip())
            if len(cells) == 2:
                place, trains = cells[1].split(": ")
                assert any(row[:2] == [place, trains] and row[-1] == cells[0] for row in rows)
            elif not cells[0].startswith("and "):
                width = len(cells)
                assert any(row[at : at + width] == cells for row in rows for at in range(len(row))), cells
            found += 1
    return found


@pytest.mark.parametrize(
    ("options", "least_rows", "pictures"),
    [
        (["--repair", "5"], 30, 3),
        (["--withdraw", "20", "--within", "3,7"], 25, 3),
        (["--no-volume", "--delays", "all-kinds"], 20, 2),
    ],
)
def test_the_page_says_what_is_printed(line, tmp_path, capfd, options, least_rows, pictures):
    path = tmp_path / "mailed" / "report.html"
    assert run(["simulate", *line, "--days", "60", *options, "--report", str(path)]) == 0
    printed, written = capfd.readouterr().out.split("\n\nwritten:\n")
    assert written == f"  {path}\n" and [one.name for one in path.parent.iterdir()] == [path.name]
    page = stands_alone(path)
    assert says(page, printed) >= least_rows
    assert page.tags.count("svg") == pictures
    order = [page.text.index(text) for text in ("In short\n", "Why: where trains", "Punctuality\n", "Assumptions\n")]
    assert order == sorted(order)


def test_the_tables_of_the_page_have_the_figures_of_the_json(line, tmp_path, capfd):
    path = tmp_path / "report.html"
    assert run(["simulate", *line, "--days", "60", "--repair", "5", "--report", str(path), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    page, repaired = stands_alone(path), answer["repaired"]
    assert answer["report"] == str(path) and answer["out"] is None
    orders, kept = [table for table in page.tables if table[0][0] == "which trains"]
    told = [answer["all"], *answer["categories"], *answer["requests"]]
    assert len(kept) == 1 + len(told) and len(orders) == 1 + 2 * len(told)
    for row, one in zip(kept[1:], told, strict=True):
        cells = dict(zip(kept[0], row, strict=True))
        assert (
            cells["knock-on"] == f"{one['knock_on_s'] / 60:,.1f}"
            and cells["by itself"] == f"{one['alone_s'] / 60:,.1f}"
        )
        assert cells["per primary"] == f"{one['knock_on_s'] / one['primary_s']:.2f}"
    for row, one in zip(orders[2::2], [repaired["all"], *repaired["categories"], *repaired["requests"]], strict=True):
        cells = dict(zip(orders[0], row, strict=True))
        assert (cells["order"], cells["mean"]) == ("repaired", f"{one['mean_s'] / 60:,.1f}")
    changes = page.table("what is changed")
    assert changes[-1] == {"what is changed": "all", "a day": f"{repaired['changes_by_day']:,.1f}"}
    total = sum(float(row["a day"].replace(",", "")) for row in changes[:-1])
    assert total == pytest.approx(repaired["changes_by_day"], abs=0.05 * len(changes))
    drawn = {row["kind"]: row["min"] for row in page.table("kind")}
    assert drawn["entry"] == f"{answer['primary_s']['entry'] / 60:,.1f}"


def test_one_day_of_one_train_has_a_page(tmp_path, capfd):
    path = tmp_path / "report.html"
    files = saved(tmp_path, *fleet(1, 0))
    assert run(["simulate", *files, "--days", "1", "--seed", "4", "--repair", "5", "--report", str(path)]) == 0
    page = stands_alone(path)
    assert says(page, capfd.readouterr().out.split("\n\nwritten:\n")[0]) > 0
    assert "No train passes any delay on to another one." in page.text and "Delay against volume" not in page.text


def test_ctrl_c_writes_the_page_of_the_days_that_are_done(line, tmp_path, capfd, monkeypatch):
    end, path = Tally.end, tmp_path / "report.html"

    def ends(self):
        end(self)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Tally, "end", ends)
    assert run(["simulate", *line, "--days", "5000", "--report", str(path)]) == 0
    assert "64 simulated days (stopped; 5,000 were asked for) of 10 trains" in stands_alone(path).text


def test_where_no_page_can_stand_is_told_before_the_work(line, tmp_path, capfd):
    (tmp_path / "taken.html").mkdir()
    assert run(["simulate", *line, "--days", "9" * 24, "--report", str(tmp_path / "taken.html")]) == 2
    assert "a folder stands where a file must go: taken.html" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["-", "page", "sample/scenario.toml", "out/delay.xlsx"])
def test_a_page_takes_no_place_of_another_kind_of_file(line, tmp_path, capfd, monkeypatch, name):
    """A slip of the hand must not cost the scenario, nor a table that the same command writes."""
    monkeypatch.chdir(tmp_path)
    assert run(["simulate", *line, "--days", "9" * 24, "--report", name, "--out", "out"]) == 2
    assert f"{name} cannot be written: the name of a page must end with .html" in capfd.readouterr().err
    assert not (tmp_path / name).exists()


def test_what_happens_seldom_is_never_told_as_nothing():
    assert [percent_text(share) for share in (0, 0.004, 0.006, 1)] == ["0 %", "<1 %", "1 %", "100 %"]
    assert [number_text(0.04, 1), number_text(0.004, 2), number_text(0, 1)] == ["<0.1", "<0.01", "0.0"]
    page = html_page("", "", [Chapter("A", [Cells(("of days",), [("<1 %",), ("99 %",)])])])
    assert '<td class="n">&lt;1 %' in page


def test_the_cause_of_most_delay_comes_first():
    scenario, timetable = meeting(5, 60)
    found = railcap.simulate(scenario, timetable, ENTRY, days=20, volume=False)
    handover = replace(found.passed_on[0].handover, cause=Cause.CLOSED, place=next(iter(scenario.network.sections)))
    night = replace(found.passed_on[0], handover=handover, passed_s=1e6)
    text = robustness_report(scenario, replace(found, passed_on=(*found.passed_on, night)), {}, NO_PICTURES)
    assert 0 < text.index("By closed times, most delay") < text.index("At meets and passes, most delay")


def test_names_on_the_page_are_escaped():
    scenario, timetable = meeting(2, 0)
    stations = {key: replace(one, name=f'<b>"{one.name}" & Co</b>') for key, one in scenario.network.stations.items()}
    odd = replace(scenario, title="1 < 2 & 3", network=replace(scenario.network, stations=stations))
    found = railcap.simulate(odd, timetable, replace(ENTRY, name="<i>.csv"), days=20, volume=False)
    labels = {path.train: f"<u>{path.train}</u>" for path in timetable.paths}
    text = robustness_report(odd, found, labels, NO_PICTURES)
    page = Page(text)
    assert {"b", "i", "u"}.isdisjoint(page.tags) and "1 < 2 & 3" in page.text
    assert re.search(r'meet at <b>"Station \d" & Co</b>, <u>\w+</u> / <u>\w+</u>', page.text)
    assert "Primary delays from <i>.csv, seed 0" in page.text
