"""Long lines: the axis over trains that are tied end to end, its parts, and the train graph in pages."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from sample_line import free_run, line_scenario, sample_timetable

import railcap
from railcap.api import PAGES
from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.drawing import train_graph_pages
from railcap.drawing.line_axis import line_axis
from railcap.drawing.line_parts import line_parts
from railcap.drawing.time_axis import TimeAxis, span_text
from railcap.drawing.train_graph_pages import draw_train_graph_pages, needs_pages
from railcap.errors import InputError, OutputError
from railcap.planning.timetable import Timetable, TrainPath
from railcap.units import DAY_S, HOUR_S

SCENARIO = line_scenario(8)
LONG = line_scenario(30, days=3)
LONG_TIMETABLE = sample_timetable(LONG)


def run(scenario: Scenario, name: str, origin: str, destination: str) -> TrainPath:
    """Return a train of a line from one station to another."""
    request = replace(train_requests(SCENARIO)[0], id=name, origin=origin, destination=destination, stops={})
    return free_run(scenario, request)


def with_sections(*ends: tuple[str, str]) -> Scenario:
    """Give the line more sections, and the new stations at their ends."""
    network = SCENARIO.network
    model, station = network.sections["s00-s01"], network.stations["s00"]
    more = [Section(f"{one}-{two}", one, two, 5_000, 1, model.gauges_mm, model.speeds_kmh) for one, two in ends]
    new = {name: replace(station, id=name, name=name, km=None) for pair in ends for name in pair}
    stations = {**new, **network.stations}
    sections = {**network.sections, **{one.id: one for one in more}}
    return replace(SCENARIO, network=replace(network, stations=stations, sections=sections))


# The axis


def test_trains_that_are_tied_end_to_end_stand_on_one_axis() -> None:
    there, on, over = (
        run(SCENARIO, "A", "s00", "s03"),
        run(SCENARIO, "B", "s05", "s03"),
        run(SCENARIO, "C", "s05", "s07"),
    )
    axis = line_axis(SCENARIO, Timetable("x", (over, on, there)))
    assert axis.stations == tuple(f"s0{number}" for number in range(8))
    assert axis.posts[-1] == 77.0


def test_the_longest_extension_comes_first_and_none_comes_back_to_the_line() -> None:
    scenario = with_sections(("s04", "x"), ("s04", "s01"))
    main, short, long = (
        run(scenario, "A", "s00", "s04"),
        run(scenario, "B", "s04", "x"),
        run(scenario, "C", "s04", "s06"),
    )
    assert [call.station for call in main.calls] == ["s00", "s01", "s04"]
    assert line_axis(scenario, Timetable("x", (main, short, long))).stations == ("s00", "s01", "s04", "s05", "s06")
    round_about = run(SCENARIO, "A", "s00", "s04")
    back = run(scenario, "D", "s04", "s01")
    assert line_axis(scenario, Timetable("x", (round_about, back))).stations[-1] == "s04"


def test_chosen_ends_may_lie_on_two_trains_or_on_a_branch() -> None:
    scenario = with_sections(("s04", "x"), ("x", "y"))
    trains = run(scenario, "A", "s00", "s05"), run(scenario, "B", "s05", "s07"), run(scenario, "C", "s03", "y")
    timetable = Timetable("x", trains)
    assert line_axis(scenario, timetable, ("s06", "s04")).stations == ("s06", "s05", "s04")
    assert line_axis(scenario, timetable, ("s03", "y")).stations == ("s03", "s04", "x", "y")
    with pytest.raises(InputError, match=r"s07 - y.*line from s00 to s07"):
        line_axis(scenario, timetable, ("s07", "y"))


@pytest.mark.parametrize(
    ("name", "first", "last", "stations"),
    [
        ("chaman-yard-day", "pk_quetta", "af_kandahar", 18),
        ("karachi-uzen-week", "pk_kiamari_karachi_port", "kz_uzen_zhanaozen", 206),
    ],
)
def test_corridors_over_a_change_of_gauge_are_one_line(name: str, first: str, last: str, stations: int) -> None:
    scenario = railcap.load(name)
    longest = {(one.train_type, one.origin, one.vias, one.destination): one for one in train_requests(scenario)}
    timetable = Timetable(name, tuple(free_run(scenario, request) for request in longest.values()))
    axis = line_axis(scenario, timetable)
    assert (axis.stations[0], axis.stations[-1], len(axis.stations)) == (first, last, stations)
    assert all(there > here for here, there in pairwise(axis.posts))


# Its parts


def test_a_line_is_cut_where_trains_end_and_the_parts_share_stations() -> None:
    axis = line_axis(LONG, LONG_TIMETABLE)
    assert line_parts(LONG, LONG_TIMETABLE, axis, 30) == [axis]
    one, two = line_parts(LONG, LONG_TIMETABLE, axis, 20)
    assert one.stations + two.stations[1:] == axis.stations
    assert one.stations[-1] == "s15"  # where the trains of SHORT begin
    assert two.km[0] == 0.0 and two.posts[0] == 165.0
    assert one.sections + two.sections == axis.sections


def test_parts_are_never_longer_than_asked_for() -> None:
    axis = line_axis(LONG, LONG_TIMETABLE)
    for most in range(2, 31):
        parts = line_parts(LONG, LONG_TIMETABLE, axis, most)
        assert max(len(part.stations) for part in parts) <= most
        assert sum(len(part.sections) for part in parts) == len(axis.sections)


def test_without_ends_of_trains_borders_and_junctions_are_cut_first() -> None:
    through = Timetable("x", tuple(path for path in LONG_TIMETABLE.paths if path.request != "SHORT"))
    axis = line_axis(LONG, through)
    assert [part.stations[0] for part in line_parts(LONG, through, axis, 21)] == ["s00", "s10"]
    network = LONG.network
    plain = {
        one.id: replace(one, kind="station", country="PK" if one.id < "s14" else "AF")
        for one in network.stations.values()
    }
    scenario = replace(LONG, network=replace(network, stations=plain))
    assert line_parts(scenario, through, axis, 20)[1].stations[0] in {"s13", "s14"}


# The pages


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[list[str]]]:
    """Return a function that draws pages and returns the texts of each."""

    def save(figures: Iterable[Callable[[], Any]], path: Path) -> None:
        with mpl.rc_context({"svg.fonttype": "none"}):
            for number, build in enumerate(figures):
                build().savefig(tmp_path / f"page{number:03d}.svg")

    def draw(scenario: Scenario, timetable: Timetable, **options: Any) -> list[list[str]]:
        draw_train_graph_pages(scenario, timetable, tmp_path / "pages.pdf", **options)
        pages = sorted(tmp_path.glob("page*.svg"))
        found = [re.findall(r"<text[^>]*>([^<]*)</text>", page.read_text()) for page in pages]
        for page in pages:
            page.unlink()
        return found

    monkeypatch.setattr(train_graph_pages, "save_pages", save)
    return draw


def test_pages_go_part_by_part_and_day_by_day(drawn: Callable[..., list[list[str]]]) -> None:
    pages = drawn(LONG, LONG_TIMETABLE, stations_per_page=20)
    dates = [f"{day} {number} Mar 2026" for day, number in (("Mon", 2), ("Tue", 3), ("Wed", 4))]
    dates += ["Thu 5 Mar 2026"] * any("Thu 5 Mar 2026" in text for text in pages[3])
    expected = [f"Station 0 - Station 15, {date}" for date in dates]
    assert [texts_with(page, "Station 0 - Station 15, ") for page in pages[: len(dates)]] == expected
    assert all(texts_with(page, "Station 15 - Station 29, ") for page in pages[len(dates) :])
    assert f"A sample line. Page 1 of {len(pages)}." in texts_with(pages[0], "A sample line")
    assert "00:00" in pages[1] and "23:00" in pages[1]


def texts_with(page: list[str], beginning: str) -> str:
    return next((text for text in page if text.startswith(beginning)), "")


def test_a_page_has_only_the_trains_that_run_on_it(drawn: Callable[..., list[list[str]]]) -> None:
    first = drawn(LONG, LONG_TIMETABLE, stations_per_page=20)[0]
    assert texts_with(first, "Express (EXPRESS): ")
    assert not texts_with(first, "SHORT") and not texts_with(first, "Refused")
    seen = sum(path.departure_s < LONG.begin_s + DAY_S and path.request != "SHORT" for path in LONG_TIMETABLE.paths)
    assert f" {seen} trains. " in texts_with(first, "A sample line")


def test_pages_without_trains_are_left_out(drawn: Callable[..., list[list[str]]]) -> None:
    early, late = LONG_TIMETABLE.paths[0], max(LONG_TIMETABLE.paths, key=lambda path: path.departure_s)
    pages = drawn(LONG, Timetable("x", (early, late)))
    assert [texts_with(page, "Station 0 - ")[-10:] for page in pages][:2] == ["2 Mar 2026", "4 Mar 2026"]


def test_the_clock_of_a_part_stands_along_the_top_where_it_differs(drawn: Callable[..., list[list[str]]]) -> None:
    scenario = line_scenario(30, zone_step_at=16)
    pages = drawn(scenario, sample_timetable(scenario), stations_per_page=20)
    clocks = {
        texts_with(page, "Station")[:10]: "along the top that of Asia/Kabul" in texts_with(page, "A sample")
        for page in pages
    }
    assert clocks == {"Station 0 ": False, "Station 15": True}


def test_pages_of_half_days_and_of_a_part(drawn: Callable[..., list[list[str]]]) -> None:
    begin = LONG.begin_s
    pages = drawn(LONG, LONG_TIMETABLE, hours=12, stations=("s05", "s09"), until_s=begin + 18 * HOUR_S)
    assert [texts_with(page, "Station 5 - ") for page in pages] == [
        "Station 5 - Station 9, Mon 2 Mar 2026 00:00 to 12:00",
        "Station 5 - Station 9, Mon 2 Mar 2026 12:00 to 18:00",
    ]


def test_the_time_of_a_page_in_words() -> None:
    zone, begin = LONG.time_zone, LONG.begin_s
    spans = {
        (0, 24): "Mon 2 Mar 2026",
        (0, 48): "Mon 2 Mar 2026 to Tue 3 Mar 2026",
        (12, 24): "Mon 2 Mar 2026 12:00 to 24:00",
        (18, 30): "Mon 2 Mar 2026 18:00 to Tue 3 Mar 2026 06:00",
    }
    for (first, last), text in spans.items():
        assert span_text(TimeAxis(begin + first * HOUR_S, begin + last * HOUR_S, zone)) == text


def test_the_pages_are_one_pdf_with_the_same_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    for path in (one, two):
        assert draw_train_graph_pages(LONG, LONG_TIMETABLE, path, stations_per_page=20, size_in=(9, 7)) == [path]
    content = one.read_bytes()
    assert content == two.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", content)) >= 6
    assert b"/CreationDate" not in content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.pdf", "two.pdf"]


def test_no_page_is_no_file(tmp_path: Path) -> None:
    late = LONG.begin_s + 30 * DAY_S
    path = tmp_path / "p.pdf"
    assert draw_train_graph_pages(LONG, LONG_TIMETABLE, path, from_s=late, until_s=late + DAY_S) == []
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_drawn_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_graph_pages, "draw_graph", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draw_train_graph_pages(LONG, LONG_TIMETABLE, tmp_path / "p.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"hours": 7}, {"hours": 0}, {"hours": 192}, {"stations_per_page": 1}])
def test_pages_that_cannot_be_made_are_an_input_error(tmp_path: Path, options: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(options))):
        draw_train_graph_pages(LONG, LONG_TIMETABLE, tmp_path / "p.pdf", **options)  # type: ignore[arg-type]


def test_pages_are_a_pdf(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"p\.svg.*\.pdf"):
        draw_train_graph_pages(LONG, LONG_TIMETABLE, tmp_path / "p.svg")


def test_more_than_two_days_or_80_stations_need_pages(tmp_path: Path) -> None:
    assert needs_pages(LONG, LONG_TIMETABLE)
    assert not needs_pages(SCENARIO, sample_timetable(SCENARIO))
    many = line_scenario(81)
    assert needs_pages(many, Timetable("x", (run(many, "A", "s00", "s80"),)))
    assert not needs_pages(many, Timetable("x", (run(many, "A", "s00", "s79"),)))


def test_pages_stand_beside_the_overview_and_never_from_an_earlier_run(tmp_path: Path) -> None:
    written = railcap.draw(LONG, LONG_TIMETABLE, tmp_path)
    assert tmp_path / PAGES in written
    railcap.draw(LONG, LONG_TIMETABLE, tmp_path, until_s=LONG.begin_s + DAY_S)
    assert (tmp_path / "train_graph.pdf").exists()
    assert not (tmp_path / PAGES).exists()


def test_importing_the_pages_does_not_import_matplotlib() -> None:
    code = "import sys, railcap.drawing.train_graph_pages\nassert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
