"""The yard chart: its rows, steps, lanes, queues and files."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sample_yard import asked, at, border_line, step, train

import railcap
from railcap.api import PAGES, drawing_names
from railcap.corridor.yards import OpeningHours
from railcap.drawing.track_occupation import draw_track_occupation
from railcap.drawing.yard_chart import chart_names, draw_yard_chart
from railcap.errors import InputError
from railcap.planning.timetable import Timetable, TrainPath

HOUR_S = 3600
HOURS = OpeningHours("crane", 6 * HOUR_S, 20 * HOUR_S)
SCENARIO = border_line(asked("IN", "A-Y", "4:00", "unload", per_day=3), opening_hours=(HOURS,))


def unloaded(number: int, track: str, arrival: str, begin: str, end: str) -> TrainPath:
    """Return a train that stands on a track, is with the customs at once, and then waits for the crane on track K."""
    hours, minutes = arrival.split(":")
    looked_at = f"{int(hours) + 1}:{minutes}"
    steps = step("customs", track, arrival, looked_at), step("unload", "K", begin, end, "crane")
    before = ("A", "1", "4:00", "4:00"), ("B", "1", "4:13", "4:13")
    return train(f"IN/{number}", *before, ("Y", track, arrival, end, *steps))


TIMETABLE = Timetable(
    "border",
    (
        unloaded(1, "1", "5:00", "6:00", "8:00"),
        unloaded(2, "2", "5:30", "8:01", "10:00"),
        unloaded(3, "1", "7:00", "10:01", "12:00"),
    ),
)


def texts(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def bars(path: Path, colour: str) -> list[tuple[float, float, float]]:
    """Return left, right and top of the solid boxes of a colour, from left to right and from the top down."""
    elements = list(ElementTree.parse(path).iter())
    paths = {element.get("id"): element.get("d", "") for element in elements}
    found = []
    for element in elements:
        style = element.get("style", "")
        if f"fill: {colour}" in style and "fill-opacity" not in style:
            # The same shape at another place is drawn by its id.
            name = element.get("{http://www.w3.org/1999/xlink}href", "").removeprefix("#")
            numbers = [float(one) for one in re.findall(r"-?[\d.]+", element.get("d") or paths[name])]
            left, top = float(element.get("x", 0)), float(element.get("y", 0))
            found.append((left + min(numbers[::2]), left + max(numbers[::2]), top + min(numbers[1::2])))
    return sorted(found, key=lambda box: (box[0], box[2]))


def drawn(tmp_path: Path, scenario=SCENARIO, timetable=TIMETABLE, **options) -> Path:
    draw_yard_chart(scenario, timetable, tmp_path / "y.svg", station="Y", **options)
    return tmp_path / "y.svg"


def test_the_chart_says_what_it_shows(tmp_path: Path) -> None:
    found = texts(drawn(tmp_path))
    assert "Yard chart of Border: A border yard" in found
    assert {"K  yard 750 m", "crane", "queue for crane", "closed hours", "step of a process", "IN"} <= set(found)
    # The train's name stands on its first track, on that of the crane, and in the lane of the crane.
    assert found.count("IN 02/1 60'") == 1 and found.count("IN 02/1 120'") == 2
    assert found.count("customs") == 3
    assert found.count("unload") == 6


def test_the_other_clock_stands_along_the_top(tmp_path: Path) -> None:
    found = texts(drawn(tmp_path))
    text = "Local time of Asia/Karachi (UTC+05:00); along the top that of Asia/Kabul (UTC+04:30)"
    assert text in found
    assert found.count("06:00") == 2  # at the bottom, and half an hour later at the top
    network = SCENARIO.network
    same = {one.id: replace(one, time_zone="Asia/Karachi") for one in network.stations.values()}
    found = texts(drawn(tmp_path, replace(SCENARIO, network=replace(network, stations=same))))
    assert "Local time of Asia/Karachi (UTC+05:00)" in found


def test_a_train_is_drawn_on_the_track_to_which_it_changes(tmp_path: Path) -> None:
    # From 5:00 to 6:00 on track 1, then until 8:00 with the crane on track K; each hour is as wide.
    boxes = bars(drawn(tmp_path, timetable=Timetable("border", TIMETABLE.paths[:1])), "#1565c0")
    legend, first, on_k, lane = boxes
    assert first[1] == on_k[0] == lane[0] and on_k[1] == lane[1]
    assert on_k[1] - on_k[0] == pytest.approx(2 * (first[1] - first[0]))
    assert first[2] < on_k[2] < lane[2]
    assert legend[0] < first[0]


def test_units_have_lanes_of_their_own(tmp_path: Path) -> None:
    scenario = replace(SCENARIO, yard_resources={"crane": replace(SCENARIO.yard_resources["crane"], capacity=3)})
    found = texts(drawn(tmp_path, scenario))
    assert {"1", "2", "3"} <= set(found)


def test_the_queue_has_a_scale(tmp_path: Path) -> None:
    # From 6:30 to 8:01 the second train waits, from 8:00 on the third as well, until 10:01.
    found = texts(drawn(tmp_path))
    assert {"0", "2"} <= set(found)
    alone = texts(drawn(tmp_path, timetable=Timetable("border", TIMETABLE.paths[:1])))
    assert "0" in alone and "2" not in alone


def test_only_yards_have_a_chart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="where a process is done: Y"):
        draw_yard_chart(SCENARIO, TIMETABLE, tmp_path / "y.svg", station="B")
    with pytest.raises(InputError, match="there is none"):
        draw_yard_chart(border_line(), Timetable("x", ()), tmp_path / "y.svg", station="Y")
    assert list(tmp_path.iterdir()) == []


def test_a_yard_resource_of_another_scenario_is_an_input_error(tmp_path: Path) -> None:
    other = replace(SCENARIO, yard_resources={}, opening_hours=())
    with pytest.raises(InputError, match="no such yard resource"):
        draw_yard_chart(other, TIMETABLE, tmp_path / "y.svg", station="Y")


def test_a_yard_without_trains_and_a_part_of_the_time_can_be_drawn(tmp_path: Path) -> None:
    assert "queue for crane" in texts(drawn(tmp_path, timetable=Timetable("x", ())))
    found = texts(drawn(tmp_path, from_s=at("7:00"), until_s=at("9:00")))
    assert "08:00" in found and "10:00" not in found
    assert "IN 02/3 181'" in found and "IN 02/1 60'" not in found


def test_names_of_files_are_plain_and_differ() -> None:
    network = SCENARIO.network
    yard = network.stations["Y"]
    more = {name: replace(yard, id=name) for name in ("Y/1", "Y 1")}
    request = SCENARIO.requests[0]
    requests = tuple(
        replace(request, id=name, stops={name: replace(request.stops["Y"], station=name)}) for name in ("Y/1", "Y 1")
    )
    scenario = replace(
        SCENARIO, network=replace(network, stations={**network.stations, **more}), requests=(request, *requests)
    )
    assert chart_names(scenario) == {"Y": "yard_chart_Y", "Y/1": "yard_chart_Y_1", "Y 1": "yard_chart_Y_1_2"}


def test_every_yard_is_drawn_with_the_rest(tmp_path: Path) -> None:
    written = railcap.draw(SCENARIO, TIMETABLE, tmp_path)
    assert {path.name for path in written} == set(drawing_names(SCENARIO)) - {PAGES}
    assert {f"yard_chart_Y.{suffix}" for suffix in ("svg", "pdf", "png")} <= {path.name for path in written}
    assert not any("yard" in name for name in drawing_names(border_line()))


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_the_same_chart_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    for path in (one, two):
        draw_yard_chart(SCENARIO, TIMETABLE, path, station="Y")
    assert one.read_bytes() == two.read_bytes()


def test_importing_the_chart_does_not_import_matplotlib() -> None:
    code = "import sys, railcap.drawing.yard_chart\nassert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_the_track_occupation_shows_every_track_on_which_a_train_stands(tmp_path: Path) -> None:
    draw_track_occupation(SCENARIO, TIMETABLE, tmp_path / "o.svg", stations=["Y"])
    found = texts(tmp_path / "o.svg")
    assert "IN 02/1 60'" in found and "IN 02/1 120'" in found
