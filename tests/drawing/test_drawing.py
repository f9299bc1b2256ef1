"""Train graph and track-occupation chart: the axes, the lines, the labels and the files."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_line import free_run, line_scenario, sample_timetable

from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.drawing import train_graph
from railcap.drawing.closures import drawn_closures
from railcap.drawing.colours import ink, ink_on, request_colours
from railcap.drawing.legend import legend_below
from railcap.drawing.line_axis import LineAxis, line_axis
from railcap.drawing.section_load import BusyTimes
from railcap.drawing.station_labels import LABEL_IN, MOST_MOVED_IN, station_labels
from railcap.drawing.texts import Align, Lift, OneText, write_texts
from railcap.drawing.time_axis import TimeAxis, time_axis
from railcap.drawing.track_occupation import draw_track_occupation
from railcap.drawing.train_graph import draw_train_graph
from railcap.drawing.train_lines import LABEL_PT, LabelPlacer, Paper, cut, polylines
from railcap.errors import InputError, OutputError
from railcap.measures.section_use import track_times
from railcap.planning.timetable import Timetable
from railcap.units import HOUR_S, local

SCENARIO = line_scenario(8)
TIMETABLE = sample_timetable(SCENARIO)


def texts(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def stations(scenario: Scenario, **changes: object) -> Scenario:
    """Change every station in the same way."""
    network = scenario.network
    changed = {one.id: replace(one, **changes) for one in network.stations.values()}  # type: ignore[arg-type]
    return replace(scenario, network=replace(network, stations=changed))


# The line


def test_the_axis_is_the_longest_route_by_rising_kilometre() -> None:
    axis = line_axis(SCENARIO, TIMETABLE)
    assert axis.stations == tuple(f"s0{number}" for number in range(8))
    assert axis.km == axis.posts == tuple(number * 11.0 for number in range(8))
    assert axis.sections[0] == "s00-s01"


def test_a_refused_train_has_its_route_on_the_axis_too() -> None:
    short = Timetable("x", tuple(path for path in TIMETABLE.paths if path.request == "SHORT"), TIMETABLE.refused)
    assert {refusal.request for refusal in short.refused} == {"CONT"}
    assert len(line_axis(SCENARIO, short).stations) == 8


def test_without_posts_lengths_add_up() -> None:
    scenario = line_scenario(8, km=False)
    lengthened = {
        one.id: replace(one, length_m=one.length_m + 1000 * number)
        for number, one in enumerate(scenario.network.sections.values())
    }
    scenario = replace(scenario, network=replace(scenario.network, sections=lengthened))
    axis = line_axis(scenario, sample_timetable(scenario))
    assert axis.km[:4] == (0.0, 11.0, 23.0, 36.0)


def test_posts_that_jump_back_give_way_to_lengths() -> None:
    network = SCENARIO.network
    changed = {**network.stations, "s04": replace(network.stations["s04"], km=2.0)}
    scenario = replace(SCENARIO, network=replace(network, stations=changed))
    assert line_axis(scenario, TIMETABLE).km[4] == 44.0


def test_chosen_ends_give_a_part_in_their_order() -> None:
    axis = line_axis(SCENARIO, TIMETABLE, ("s05", "s02"))
    assert axis.stations == ("s05", "s04", "s03", "s02")
    assert axis.km == (0.0, 11.0, 22.0, 33.0)
    assert axis.posts == (55.0, 44.0, 33.0, 22.0)


@pytest.mark.parametrize("ends", [("s00", "nowhere"), ("s00", "s00")])
def test_ends_that_no_train_joins_are_an_input_error(ends: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="stations"):
        line_axis(SCENARIO, TIMETABLE, ends)


def test_no_train_at_all_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to draw"):
        draw_train_graph(SCENARIO, Timetable("x", ()), tmp_path / "graph.svg")


def test_names_stand_apart_near_their_stations_and_the_ends_and_junctions_come_first() -> None:
    scenario = line_scenario(40)
    timetable = sample_timetable(scenario)
    axis = line_axis(scenario, timetable)
    labels = station_labels(scenario, timetable, axis, height_in=2.0)
    assert {0, 10, 20, 30, 39} <= {label.place for label in labels}
    assert 10 < len(labels) < 40
    assert all(there.at_in - here.at_in >= LABEL_IN - 1e-9 for here, there in pairwise(labels))
    assert all(abs(label.at_in - axis.km[label.place] * 2.0 / axis.km[-1]) <= MOST_MOVED_IN for label in labels)
    assert labels[0].at_in >= 0 and labels[-1].at_in <= 2.0


def test_stations_close_together_all_get_their_names_where_there_is_room_beside() -> None:
    crowded = {f"s{number:02d}": 0.5 * number for number in range(4)}
    changed = {one.id: replace(one, km=crowded.get(one.id, one.km)) for one in SCENARIO.network.stations.values()}
    scenario = replace(SCENARIO, network=replace(SCENARIO.network, stations=changed))
    labels = station_labels(scenario, TIMETABLE, line_axis(scenario, TIMETABLE), height_in=4.0)
    assert len(labels) == 8
    assert [label.at_in for label in labels[:4]] == pytest.approx([LABEL_IN * number for number in range(4)])
    assert labels[6].at_in == pytest.approx(66 * 4 / 77)


# The trains


def lines(scenario: Scenario, timetable: Timetable) -> tuple[TimeAxis, LineAxis]:
    return time_axis(scenario.begin_s, scenario.end_s, scenario.time_zone), line_axis(scenario, timetable)


def test_a_train_is_drawn_through_its_calls_with_its_dwells() -> None:
    time, line = lines(SCENARIO, TIMETABLE)
    path = next(path for path in TIMETABLE.paths if path.train == "EXPRESS/2026-03-02/1")
    (piece,) = polylines(path, time, line, line.places())
    assert piece[0] == (time.x(path.departure_s), 0.0)
    assert piece[-1] == (time.x(path.arrival_s), 77.0)
    (dwell,) = [(one, two) for one, two in pairwise(piece) if one[1] == two[1]]
    assert dwell[0][1] == 44.0
    assert (dwell[1][0] - dwell[0][0]) * HOUR_S == pytest.approx(600)


def test_a_line_is_cut_straight_at_the_edges() -> None:
    piece = [(-2.0, 0.0), (2.0, 40.0), (3.0, 40.0), (5.0, 20.0), (6.0, 20.0)]
    assert cut(piece, 4.0) == [(0.0, 20.0), (2.0, 40.0), (3.0, 40.0), (4.0, 30.0)]
    assert cut(piece, 9.0) == [(0.0, 20.0), *piece[1:]]
    assert cut([(-2.0, 0.0), (0.0, 40.0)], 4.0) == []


def with_branch() -> Scenario:
    """Give the line a branch from s04 to x, and a second way from s02 to s04 past the line."""
    network = SCENARIO.network
    model = network.sections["s00-s01"]
    more = [
        Section("s04-x", "s04", "x", 5_000, 1, model.gauges_mm, model.speeds_kmh),
        Section("s02-s04", "s02", "s04", 5_000, 1, model.gauges_mm, model.speeds_kmh),
    ]
    x = replace(network.stations["s00"], id="x", name="X", km=None)
    return replace(
        SCENARIO,
        network=replace(
            network,
            stations={**network.stations, "x": x},
            sections={**network.sections, **{one.id: one for one in more}},
        ),
    )


def test_trains_of_branches_are_drawn_where_they_run_on_the_line() -> None:
    scenario = with_branch()
    request = replace(train_requests(SCENARIO)[0], id="B", origin="s00", destination="x", stops={})
    branch = free_run(scenario, request)
    assert [call.station for call in branch.calls] == ["s00", "s01", "s02", "s04", "x"]
    timetable = Timetable("x", (*TIMETABLE.paths, branch))
    time, line = lines(scenario, timetable)
    (piece,) = polylines(branch, time, line, line.places())
    assert sorted({km for _, km in piece}) == [0.0, 11.0, 22.0]


def test_labels_lie_along_their_lines_and_never_on_each_other() -> None:
    scenario = line_scenario(30, per_day=12)
    timetable = sample_timetable(scenario)
    time, line = lines(scenario, timetable)
    paper = Paper(per_hour=18, per_km=2.4)
    placer = LabelPlacer(paper)
    found = [
        label
        for path in timetable.paths
        for label in placer.place(path, polylines(path, time, line, line.places()), "k")
    ]
    assert len(found) >= len(timetable.paths) * 0.8

    def spine(label):  # type: ignore[no-untyped-def]
        x, y = paper.on_paper(label.at)
        half = len(label.text) * 0.5 * LABEL_PT / 2
        up = LABEL_PT / 3
        turn = radians(label.angle)
        middle = x - sin(turn) * up, y + cos(turn) * up
        return [(middle[0] + cos(turn) * half * s / 8, middle[1] + sin(turn) * half * s / 8) for s in range(-8, 9)]

    spines = [spine(label) for label in found]
    for number, one in enumerate(spines):
        for other in spines[:number]:
            closest = min((a - c) ** 2 + (b - d) ** 2 for a, b in one for c, d in other) ** 0.5
            assert closest > LABEL_PT / 3


# Time and closures


@pytest.mark.parametrize("zone", ["Asia/Karachi", "Asia/Kabul", "Asia/Kathmandu"])
def test_the_time_axis_begins_and_ends_on_full_local_hours(zone: str) -> None:
    axis = time_axis(SCENARIO.begin_s + 1234, SCENARIO.begin_s + 50_000, zone)
    assert local(axis.from_s, zone).minute == local(axis.until_s, zone).minute == 0
    assert SCENARIO.begin_s + 1234 - HOUR_S < axis.from_s <= SCENARIO.begin_s + 1234
    assert SCENARIO.begin_s + 50_000 <= axis.until_s < SCENARIO.begin_s + 50_000 + HOUR_S


@pytest.mark.parametrize("until_s", [-HOUR_S, 101 * 24 * HOUR_S])
def test_no_time_and_too_much_time_are_input_errors(tmp_path: Path, until_s: int) -> None:
    begin = SCENARIO.begin_s
    with pytest.raises(InputError, match="100 days"):
        draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "g.svg", from_s=begin, until_s=begin + until_s)


def test_a_timetable_of_another_scenario_is_an_input_error(tmp_path: Path) -> None:
    smaller = line_scenario(4)
    for draw in (draw_train_graph, draw_track_occupation):
        with pytest.raises(InputError, match=r"(?s)does not belong.*s04.*no such station"):
            draw(smaller, TIMETABLE, tmp_path / "g.svg")


def test_a_timetable_of_another_century_is_an_input_error(tmp_path: Path) -> None:
    path = TIMETABLE.paths[0]
    late = replace(path, calls=(*path.calls[:-1], replace(path.calls[-1], departure_s=10**11)))
    with pytest.raises(InputError, match="more than a year"):
        draw_track_occupation(SCENARIO, Timetable("x", (late,)), tmp_path / "g.svg")


def test_nights_and_possessions_are_told_apart_and_named() -> None:
    sections = tuple(SCENARIO.network.sections)
    begin = SCENARIO.begin_s
    found = drawn_closures(SCENARIO, sections, begin, begin + 24 * HOUR_S)
    assert found.possessions == {("s01-s02", "1"): ((begin + 10 * HOUR_S, begin + 13 * HOUR_S),)}
    assert {section for section, _ in found.nights} == {"s04-s05", "s05-s06", "s06-s07"}
    assert found.nights["s05-s06", "1"][0] == (begin, begin + 6 * HOUR_S)
    assert set(found.names) == {"rail renewal", "daylight running in Hills, 06:00 to 20:00"}


def test_every_request_has_a_colour_and_categories_differ() -> None:
    colours = request_colours(SCENARIO)
    assert set(colours) == {request.id for request in SCENARIO.requests}
    assert len(set(colours.values())) == 3


def test_small_letters_are_never_too_light_to_be_read() -> None:
    assert ink("#C62828") == "#C62828"
    assert ink("#F9A825") != "#F9A825"
    assert ink("#FFFFFF") == "#727272"
    assert (ink_on("#1565C0"), ink_on("#F9A825")) == ("white", "#1A1A1A")


def test_a_light_engine_is_thin_and_dashed_in_the_colour_of_its_train(tmp_path: Path) -> None:
    helped = next(path for path in TIMETABLE.paths if path.request == "EXPRESS")
    light = replace(helped, train=f"{helped.train}/light/HILL", request="HILL", number="", light_for=helped.train)
    draw_train_graph(SCENARIO, Timetable("x", (helped, light)), tmp_path / "g.svg")
    svg = (tmp_path / "g.svg").read_text()
    colour = request_colours(SCENARIO)["EXPRESS"].lower()
    thin = rf"stroke-dasharray: [^;]*; stroke-dashoffset: 0; stroke: {colour}; stroke-width: 0.9"
    assert len(re.findall(thin, svg)) == 1
    assert "light engines: 1" in texts(tmp_path / "g.svg")
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "g.svg")
    assert not any(text.startswith("light engines") for text in texts(tmp_path / "g.svg"))


# The files


def test_a_path_without_suffix_gives_all_three(tmp_path: Path) -> None:
    written = draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "train.graph")
    assert [path.name for path in written] == ["train.graph.svg", "train.graph.pdf", "train.graph.png"]
    assert written[0].read_bytes().startswith(b"<?xml")
    assert written[1].read_bytes().startswith(b"%PDF")
    assert written[2].read_bytes().startswith(b"\x89PNG")


def test_an_unknown_suffix_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.svg, \.pdf, \.png"):
        draw_train_graph(SCENARIO, TIMETABLE, [tmp_path / "graph.bmp"])


def test_the_train_graph_says_what_it_shows(tmp_path: Path) -> None:
    scenario = line_scenario(8, zone_step_at=5)
    timetable = sample_timetable(scenario)
    draw_train_graph(scenario, timetable, tmp_path / "g.svg")
    found = texts(tmp_path / "g.svg")
    assert "A sample line" in found
    clocks = "Local time of Asia/Karachi (UTC+05:00); along the top that of Asia/Kabul (UTC+04:30)"
    assert f"Accepted 8 of 9 trains asked for; refused 1. {clocks}" in found
    assert "Asia/Kabul (UTC+04:30)" in found
    assert "Station 7  77" in found
    assert "Mon 2 Mar 2026" in found
    assert "Express (EXPRESS): 4 of 4" in found
    assert "possession: rail renewal" in found
    assert any("daylight running in Hills" in text for text in found)
    assert any("Refused: 1 train " in text for text in found)
    assert {"11 02/1", "CONT 02/2"} & set(found), "names of trains can be searched for"


def test_dollars_in_names_are_no_formulas(tmp_path: Path) -> None:
    scenario = stations(replace(SCENARIO, title="A $x$ line"), name="Port $1$ & <yard>")
    draw_train_graph(scenario, TIMETABLE, tmp_path / "g.svg")
    draw_track_occupation(scenario, TIMETABLE, tmp_path / "o.svg")
    assert "A $x$ line" in texts(tmp_path / "g.svg")
    assert any("$1$" in text for text in texts(tmp_path / "o.svg"))


def test_a_time_range_leaves_out_the_other_days(tmp_path: Path) -> None:
    begin = SCENARIO.begin_s
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "g.svg", from_s=begin + 8 * HOUR_S, until_s=begin + 12 * HOUR_S)
    found = texts(tmp_path / "g.svg")
    assert "09:00" in found
    assert "13:00" not in found
    assert any("refused 1. 1 train in this time. Local time" in text for text in found)


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_the_same_drawing_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    for draw in (draw_train_graph, draw_track_occupation):
        one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
        draw(SCENARIO, TIMETABLE, one)
        draw(SCENARIO, TIMETABLE, two)
        assert one.read_bytes() == two.read_bytes()


def test_another_process_draws_the_same_bytes_and_leaves_no_settings(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
import test_drawing
import matplotlib
settings = ("svg.hashsalt", "svg.fonttype", "pdf.fonttype", "text.parse_math")
before = [matplotlib.rcParams[key] for key in settings]
test_drawing.draw_train_graph(test_drawing.SCENARIO, test_drawing.TIMETABLE, sys.argv[1])
assert [matplotlib.rcParams[key] for key in settings] == before
assert "matplotlib.pyplot" not in sys.modules
"""
    here = Path(__file__).parent
    arguments = [str(tmp_path / "a.svg"), str(here), str(here.parent / "support")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_importing_the_drawings_does_not_import_matplotlib() -> None:
    code = (
        "import sys, railcap.drawing.train_graph, railcap.drawing.track_occupation\n"
        "assert 'matplotlib' not in sys.modules and 'pandas' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_bars_say_how_busy_sections_are_and_the_legend_which_is_the_busiest(tmp_path: Path) -> None:
    shares = BusyTimes(SCENARIO, TIMETABLE).over_all_days().by_section
    assert shares.keys() == set(SCENARIO.network.sections)
    section = max(shares, key=lambda one: shares[one])
    ends = SCENARIO.network.sections[section].start, SCENARIO.network.sections[section].end
    names = " - ".join(SCENARIO.network.stations[station].name for station in ends)
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "g.svg")
    found = texts(tmp_path / "g.svg")
    assert "busy %" in found
    assert any(text.endswith(f"most: {names} {shares[section]:.0%}") for text in found)
    empty = Timetable("x", (), TIMETABLE.refused)
    draw_train_graph(SCENARIO, empty, tmp_path / "e.svg")
    assert any(text.startswith("bars at the right") and "most" not in text for text in texts(tmp_path / "e.svg"))


def test_bars_of_a_part_of_the_time_are_of_that_time(tmp_path: Path) -> None:
    """A train runs for 10 min, and a minute after it an opposite one may enter: 11 min of the hour, 18 %."""
    path = TIMETABLE.paths[0]
    section, begin = path.legs[0].section, path.calls[0].departure_s
    ends = SCENARIO.network.sections[section].start, SCENARIO.network.sections[section].end
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "g.svg", from_s=begin, until_s=begin + 3600, stations=ends)
    found = texts(tmp_path / "g.svg")
    assert any(text.endswith("in the time drawn; most: Station 0 - Station 1 18%") for text in found)
    quiet = min(one.departure_s for one in TIMETABLE.paths) - 7200
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "q.svg", from_s=quiet, until_s=quiet + 3600)
    assert any(text.startswith("bars at the right") and "most" not in text for text in texts(tmp_path / "q.svg"))


def test_bars_of_more_time_than_the_days_are_of_the_days() -> None:
    """What is drawn before and behind the scenario's days is no open time: nothing is planned there."""
    times = track_times(SCENARIO, TIMETABLE)
    assert max(one.taken[-1][1] for one in times.values()) <= SCENARIO.begin_s + SCENARIO.days * 86400
    wide = time_axis(SCENARIO.begin_s - 3 * 86400, SCENARIO.end_s + 3 * 86400, SCENARIO.time_zone)
    busy = BusyTimes(SCENARIO, TIMETABLE)
    found = busy.in_time(wide).by_section
    assert found == busy.over_all_days().by_section and max(found.values()) > 0


def test_more_trains_are_no_more_artists(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes a drawing of a week slow is one artist for each line and text."""
    figures: list[Any] = []

    def build_only(build: Callable[[], Any], paths: object) -> list[Path]:
        figures.append(build())
        return []

    monkeypatch.setattr(train_graph, "save", build_only)
    trains = []
    for per_day in (2, 12):
        scenario = line_scenario(30, per_day=per_day)
        timetable = sample_timetable(scenario)
        trains.append(len(timetable.paths))
        train_graph.draw_train_graph(scenario, timetable, "g.svg", size_in=(40, 8))
    few, many = (len(figure.axes[0].get_children()) for figure in figures)
    assert trains[1] - trains[0] >= 20
    assert many <= few + 4


@pytest.mark.parametrize("angle", [0.0, 30.0, -90.0])
@pytest.mark.parametrize(("align", "along"), [("left", 1.5), ("center", 0.0), ("right", -1.5)])
@pytest.mark.parametrize(("lift", "up"), [("baseline", 0.365), ("center", 0.0), ("top", -0.395), ("bottom", 0.605)])
def test_a_text_stands_at_its_place(angle: float, align: Align, along: float, lift: Lift, up: float) -> None:
    """Capitals of the font are 0.73 of its size high; HHHH is three times as long."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2), dpi=144)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    write_texts(axes, [OneText("HHHH", (0.5, 0.5), 10.0, "#C62828", align, lift, (4.0, -3.0), angle)], 3, ground=True)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    ink = np.argwhere(np.asarray(canvas.buffer_rgba())[..., 1] < 160)
    turn = radians(angle)
    right = 4.0 + 10 * (along * cos(turn) - up * sin(turn))
    upward = -3.0 + 10 * (along * sin(turn) + up * cos(turn))
    middle = (ink.min(axis=0) + ink.max(axis=0) + 1) / 2
    assert middle == pytest.approx((144 - 2 * upward, 144 + 2 * right), abs=1.5)


# The track-occupation chart


def test_the_chart_shows_the_stations_where_trains_stop(tmp_path: Path) -> None:
    draw_track_occupation(SCENARIO, TIMETABLE, tmp_path / "o.svg")
    found = texts(tmp_path / "o.svg")
    assert {"Station 0", "Station 4", "Station 7"} <= set(found)
    assert "Station 2" not in found
    assert "2  loop 690 m" in found
    assert any(text.startswith("release time") for text in found)


def test_the_chart_shows_chosen_stations(tmp_path: Path) -> None:
    draw_track_occupation(SCENARIO, TIMETABLE, tmp_path / "o.svg", stations=["s02"])
    found = texts(tmp_path / "o.svg")
    assert "Station 2" in found
    assert "Station 4" not in found


def test_an_unknown_station_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        draw_track_occupation(SCENARIO, TIMETABLE, tmp_path / "o.svg", stations=["nowhere"])
    assert list(tmp_path.iterdir()) == []


def test_an_empty_timetable_has_an_empty_chart(tmp_path: Path) -> None:
    draw_track_occupation(SCENARIO, Timetable("x", ()), tmp_path / "o.svg")
    assert (tmp_path / "o.svg").exists()


def test_a_train_that_stands_long_bears_its_number(tmp_path: Path) -> None:
    path = TIMETABLE.paths[0]
    calls = [replace(call, departure_s=call.arrival_s + 4 * HOUR_S) for call in path.calls]
    held = replace(path, number="4711", calls=tuple(calls))
    draw_track_occupation(SCENARIO, Timetable("x", (held,)), tmp_path / "o.svg", stations=["s04"])
    assert "4711 240'" in texts(tmp_path / "o.svg")


def test_a_short_stay_is_labelled_beside_its_bar_and_no_closure_is_claimed(tmp_path: Path) -> None:
    path = TIMETABLE.paths[0]
    calls = [replace(call, departure_s=call.arrival_s + 300) for call in path.calls]
    held = replace(path, number="4711", calls=tuple(calls))
    scenario = replace(SCENARIO, closures=())
    draw_track_occupation(scenario, Timetable("x", (held,)), tmp_path / "o.svg", stations=["s04"])
    found = texts(tmp_path / "o.svg")
    assert "4711 5'" in found
    assert "track closed" not in found


def test_trains_beside_the_line_and_fixed_paths_are_counted_by_themselves(tmp_path: Path) -> None:
    scenario = with_branch()
    request = replace(train_requests(SCENARIO)[0], id="B", request="SHORT", origin="s04", destination="x", stops={})
    fixed = replace(TIMETABLE.paths[0], train="F", request="F", fixed=True)
    timetable = replace(TIMETABLE, paths=(*TIMETABLE.paths, free_run(scenario, request), fixed))
    draw_train_graph(scenario, timetable, tmp_path / "g.svg")
    found = texts(tmp_path / "g.svg")
    assert any("9 of 10 trains asked for, and 1 fixed; refused 1. 1 train not on this line" in text for text in found)
    assert "SHORT: 2 of 2, 1 not on this line" in found
    assert "fixed paths: 1" in found


def test_a_part_has_the_legend_of_the_trains_that_it_shows(tmp_path: Path) -> None:
    draw_train_graph(SCENARIO, TIMETABLE, tmp_path / "g.svg", stations=("s00", "s03"))
    found = texts(tmp_path / "g.svg")
    assert any("8 of 9 trains asked for; refused 1. 1 train not on this line" in text for text in found)
    assert "Express (EXPRESS): 4" in found
    assert not any(text.startswith(("SHORT:", "Refused")) for text in found)


def test_a_legend_takes_more_rows_where_it_is_narrow_and_never_lies_on_the_refused() -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label="a request with a name: 10 of 10") for _ in range(24)]
    wide, narrow = legend_below(handles, 40.0), legend_below(handles, 8.0)
    assert (wide.columns, wide.rows, narrow.rows) == (4, 6, 12)
    assert narrow.height_in > wide.height_in
    refused = ["x" * 100] * 3
    assert not legend_below(handles, 40.0, refused).refused_below
    stacked = legend_below(handles, 14.0, refused)
    assert stacked.refused_below and stacked.columns == 4


def test_a_long_line_is_named_at_both_ends_and_never_on_another_train() -> None:
    scenario = line_scenario(8)
    first, other = sample_timetable(scenario).paths[:2]
    time, line = lines(scenario, TIMETABLE)
    placer = LabelPlacer(Paper(per_hour=200, per_km=8))
    piece = polylines(first, time, line, line.places())
    placer.keep_off(first, piece)
    found = list(placer.place(first, piece, "k"))
    assert len(found) >= 2
    assert min(label.at[1] for label in found) < 20 and max(label.at[1] for label in found) > 57
    crowded = LabelPlacer(Paper(per_hour=200, per_km=8))
    crowded.keep_off(other, piece)
    assert list(crowded.place(first, piece, "k")) == []
