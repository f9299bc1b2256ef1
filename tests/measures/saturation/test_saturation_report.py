"""The page of a saturation: every figure of the text, why no more fit, and honest words where nothing was found."""

from __future__ import annotations

import re
from dataclasses import replace

from railcap.formats.saturation_report import Settings, YardCurve, saturation_report
from railcap.measures.saturation.binding import Neighbour, Relaxation, neighbours
from railcap.measures.saturation.candidates import Window
from railcap.measures.saturation.report_text import full_places, headline, why_lines
from railcap.measures.saturation.saturation import Saturation
from railcap.measures.saturation.yard_curve import read_variation, yard_curve
from railcap.solving.parameters import SolveParameters
from railcap.solving.result import Limit
from railcap_app.cli.saturate_answer import SaturateAnswer

from report_page import Page, stands_alone  # isort: skip
from saturation_lines import MIN, pairs_on, saturated, uniform_line, with_yard  # isort: skip

SETTINGS = Settings(1.5, SolveParameters(time_limit_s=7, seed=3), 11)


def page_of(found: Saturation) -> Page:
    return Page(saturation_report(found, [], None, SETTINGS, []))


def figures(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.:-]\d+)*%?", text))


def test_the_page_holds_every_figure_that_is_printed(tmp_path):
    """A yard with one team, whose curve moves to the line; the page is made as the command makes it."""
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6, following_min=14), "B", 1, 30)
    window, mix = Window(line.begin_s, line.begin_s + 125 * MIN), "IMPORT=1"
    found = saturated(line, mix, window)
    needs = list(neighbours(found, 2, lambda one, wanted: saturated(one, mix, window, 5, enough=wanted)))
    variation = read_variation(line, "staff=1..3")
    curve = list(yard_curve(line, variation, lambda one: saturated(one, mix, window, 10)))
    answer = SaturateAnswer(found, needs, variation, curve)
    page = stands_alone(answer.write_report(tmp_path / "page.html", SETTINGS))
    shown = page.text[page.text.index("In short") :]
    cells = " ".join(cell for table in page.tables for row in table for cell in row)
    assert figures(answer.text()) - figures(f"{shown} {cells}") == set()
    told = headline(found), "from 2 on the yard is no more the bottleneck", "staff at B is full: it has room for 4"
    for text in told:
        assert text in shown
    for text in ("longer than 1.5 times", "time limit 7 s", "seed 3", "11 s for each"):
        assert text in shown
    assert len(page.pictures) == 3 and sum("Yard chart of B" in one for one in page.pictures) == 1
    assert [row["from"] for row in page.table("train")] == ["A"] * 4


def test_names_are_escaped():
    line = uniform_line(1, 20, 20)
    stations = {**line.network.stations, "A": replace(line.network.stations["A"], name='<b>"A" & Co</b>')}
    odd = replace(line, title="1 < 2 & 3", network=replace(line.network, stations=stations))
    page = page_of(pairs_on(odd, 2))
    assert "b" not in page.tags and '<b>"A" & Co</b> - B' in page.text and "1 < 2 & 3" in page.text


def test_a_long_window_is_drawn_day_by_day(tmp_path):
    line = uniform_line(1, 1500, 1500)
    found = saturated(line, "T:A-B=1", Window(line.begin_s, line.begin_s + 48 * 60 * MIN), 5)
    page = stands_alone(SaturateAnswer(found, [], None, []).write_report(tmp_path / "page.html", SETTINGS))
    assert [text.split(",")[1][:6] for text in page.pictures] == [" Mon 2", " Tue 3"]


def test_what_is_not_proven_lies_between_two_numbers_and_says_where_the_bound_is_from():
    found = pairs_on(uniform_line(1, 20, 20), 2)
    assert found.proven and found.trains > 1
    open_ = replace(found, bound=found.trains + 2, place_bound=found.trains + 2, limit=Limit.TIME)
    text = page_of(open_).text
    assert f"The greatest number lies between {found.trains} and {found.trains + 2}" in text
    assert f"The bound, {found.trains + 2}, is what the places allow, each on its own" in text
    less = replace(open_, place_bound=found.trains + 3)
    assert any("the solver has proven" in line for line in why_lines(less))


def test_a_proof_was_stopped_by_nothing():
    """Once number and bound meet the solver is told to stop, which is no interrupt to tell of."""
    found = pairs_on(uniform_line(1, 20, 20), 2)
    assert found.proven and "stopped" not in page_of(found).text
    assert SaturateAnswer(found, [], None, []).json()["limit"] is None
    more = replace(found, bound=found.trains + 1, limit=Limit.INTERRUPTED)
    assert "stopped: interrupted" in page_of(more).text
    assert SaturateAnswer(more, [], None, []).json()["limit"] == "interrupted"


def test_where_no_change_admits_a_path_the_page_says_of_how_many():
    """On a page the changes stand further down, so that the verdict cannot point at them."""
    found = pairs_on(uniform_line(1, 20, 20), 2)
    change = Relaxation("track", "A", "one more track at A", found.scenario)
    seen = [Neighbour(change, 0, found.trains, False, 0.1), Neighbour(change, 0, found.trains + 1, None, 3.0)]
    page = Page(saturation_report(found, seen, None, SETTINGS, []))
    assert "Of 2 changes looked at, none is known to admit another path." in page.text
    assert "None of these" not in page.text and len(page.table("change")) == 2


def test_nothing_found_in_the_time_is_told_and_no_curve_neither():
    line = with_yard(uniform_line(1, 20, 20), "B", 1, 30)
    found = pairs_on(line, 2)
    none = replace(found, timetable=None, counts=(0, 0), bound=4, limit=Limit.TIME)
    curve = YardCurve(read_variation(line, "staff=1..3"), [], None)
    page = Page(saturation_report(none, [], curve, SETTINGS, []))
    assert "No train path found" in page.text and "None was found before the search ended" in page.text
    assert "The greatest number lies between 0 and 4" in page.text
    assert "No point of the curve of staff at B" in page.text and "stopped after 0 of 3 values" in page.text
    assert "What the next path needs" not in page.text and not page.pictures


def test_no_train_fits_and_the_page_says_why():
    found = pairs_on(uniform_line(2, 20, 20), 0.5)
    page = page_of(found)
    assert found.trains == 0 and found.reason and found.reason in page.text
    assert "No train fits: proven" in page.text and "There is none" in page.text
    assert headline(replace(found, counts=(1, 0), bound=1)).startswith("1 train fits, and no more")


def test_of_classes_chosen_freely_a_place_is_full_if_none_more_comes_through():
    """Four trains each way over their own sections; with two of them gone their section has room again."""
    line = uniform_line(2, 10, 10, tracks=2)
    window = Window(line.begin_s, line.begin_s + 60 * MIN)
    found = saturated(line, "T:A-B=1,T:C-B=1", window, freely=True)
    assert found.counts == (4, 4)
    assert {place.id for place in full_places(found)} == {"AB", "BC"}
    fewer = replace(found, counts=(4, 2))
    assert {place.id for place in full_places(fewer)} == {"AB"}
    page = page_of(fewer)
    assert "in a round" not in page.text and "chosen freely" in page.text
    assert "A - B from A is full: it has room for 4 trains of one class" in page.text
