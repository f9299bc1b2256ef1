"""The picture of chains: bars as long as the measures, refused trains, and nothing where there are no chains."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sample_yard import asked, at, border_line, step, train

import railcap
from railcap.api import JOURNEYS, drawing_names
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import LinkKind, TrainLink
from railcap.drawing.journey_rows import blocks
from railcap.drawing.journey_uses import JourneyUses
from railcap.drawing.journeys import draw_journeys
from railcap.measures import causes
from railcap.measures.chains import Chain, chain_groups
from railcap.measures.standing import Doing, Part
from railcap.planning.timetable import Refusal, Timetable, TrainPath

CARGO = TrainLink("cargo", LinkKind.TRANSSHIPMENT, "IN", "OUT")
RAKE = TrainLink("rake", LinkKind.TURN_ROUND, "IN", "EMPTY")


def border(*links: TrainLink) -> Scenario:
    requests = asked("IN", "A-Y", "5:30", "unload"), asked("OUT", "Y-Z", "9:00", "load"), asked("EMPTY", "Y-A", "9:00")
    scenario = border_line(*requests, links=links)
    countries = {"A": "PK", "B": "PK", "Y": "PK", "Z": "AF"}
    stations = {one.id: replace(one, country=countries[one.id]) for one in scenario.network.stations.values()}
    return replace(scenario, network=replace(scenario.network, stations=stations))


SCENARIO = border(CARGO)
BRINGS = train(
    "IN",
    ("A", "1", "5:30", "5:30"),
    ("B", "1", "5:43", "5:43"),
    ("Y", "K", "5:56", "8:00", step("customs", "K", "5:56", "6:26"), step("unload", "K", "7:00", "8:00", "crane")),
)
TAKES_ON = train(
    "OUT",
    ("Y", "1", "8:30", "9:45", step("load", "1", "8:30", "9:30", "crane"), step("brakes", "1", "9:30", "9:40")),
    ("Z", "1", "9:58", "9:58"),
)
TIMETABLE = Timetable("border", (BRINGS, TAKES_ON))


def texts(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def drawn(tmp_path: Path, scenario: Scenario = SCENARIO, timetable: Timetable = TIMETABLE) -> Path:
    (path,) = draw_journeys(scenario, timetable, tmp_path / "j.svg")
    return path


def refusal(train_id: str) -> Refusal:
    return Refusal(train_id, train_id.partition("/")[0], "", "broad", "it lost", proof=False)


def boxes(path: Path) -> list[tuple[float, float, str, float]]:
    """Return left, right, colour and height of the boxes without a transparent fill, from left to right."""
    found = []
    for element in ElementTree.parse(path).iter():
        style = re.match(r"fill: (#\w+)", element.get("style", ""))
        if style and element.tag.endswith("path"):
            numbers = [float(one) for one in re.findall(r"-?[\d.]+", element.get("d", ""))]
            x, y = numbers[::2], numbers[1::2]
            found.append((min(x), max(x), style[1], max(y) - min(y)))
    return sorted(found)


def bars(path: Path, height: float) -> list[tuple[str, float]]:
    """Return the parts of bars of a height (in rows of 0.29 in) with their minutes, of a chain of 268 minutes."""
    parts = [box for box in boxes(path) if box[3] == pytest.approx(height * 0.29 * 72, abs=0.1)]
    for here, there in pairwise(parts):
        assert here[1] == pytest.approx(there[0], abs=0.01)
    a_minute = (parts[-1][1] - parts[0][0]) / 268
    return [(colour, (right - left) / a_minute) for left, right, colour, _ in parts]


STEPS = {"load": "#1e88e5", "unload": "#00897b", "customs": "#8bc34a", "brakes": "#00bcd4"}  # the longest first
RUNNING, NEXT_TRAIN, FURTHER_ON, OTHER = "#b0bec5", "#9575cd", "#ffab91", "#ede0c8"


def minutes(found: list[tuple[str, float]]) -> list[tuple[str, int]]:
    assert all(length == pytest.approx(round(length), abs=0.01) for _, length in found)
    return [(colour, round(length)) for colour, length in found]


def test_the_parts_of_a_chain_are_as_long_as_the_measures_and_in_their_order(tmp_path: Path) -> None:
    # From 5:30: on the line, customs, the crane is late, unloaded; no train has the cargo; loaded, brakes, on the line.
    assert minutes(bars(drawn(tmp_path), 0.46)) == [
        (RUNNING, 26),
        (STEPS["customs"], 30),
        (OTHER, 34),
        (STEPS["unload"], 60),
        (NEXT_TRAIN, 30),
        (STEPS["load"], 60),
        (STEPS["brakes"], 10),
        (FURTHER_ON, 5),
        (RUNNING, 13),
    ]


def test_the_mean_is_split_by_cause_and_the_legend_has_the_totals(tmp_path: Path) -> None:
    path = drawn(tmp_path)
    assert minutes(bars(path, 0.8)) == [
        (RUNNING, 39),
        (STEPS["load"], 60),
        (STEPS["unload"], 60),
        (STEPS["customs"], 30),
        (STEPS["brakes"], 10),
        (FURTHER_ON, 5),
        (NEXT_TRAIN, 30),
        (OTHER, 34),
    ]
    found = texts(path)
    assert {"running: 0:39, 15 %", "unload: 1:00, 22 %", "wait: next train: 0:30, 11 %"} <= set(found)
    assert {"From train to train: A border yard", "IN &gt; OUT", "IN 02/1 &gt; 02/1", "Mon 2 Mar 05:30"} <= set(found)
    assert found.count("4:28") == 2 and "Border" in found


def test_a_border_is_where_the_country_changes(tmp_path: Path) -> None:
    assert "crosses a border" in texts(drawn(tmp_path))
    stations = {one.id: replace(one, country="PK") for one in SCENARIO.network.stations.values()}
    at_home = replace(SCENARIO, network=replace(SCENARIO.network, stations=stations))
    assert "crosses a border" not in texts(drawn(tmp_path, at_home))


def test_refused_trains_stand_at_the_chains_that_they_are_tied_to(tmp_path: Path) -> None:
    mark, box = "a train before or after was refused", "Refused, of those that links tie: 1 train "
    assert mark not in texts(drawn(tmp_path))
    # The rake has no train home: the cargo goes on, the chain ends as before.
    aside = replace(TIMETABLE, refused=(refusal("EMPTY/2026-03-02/1"),))
    found = texts(drawn(tmp_path, border(CARGO, RAKE), aside))
    assert "refused: EMPTY 02/1" in found and mark not in found
    assert any(text.startswith(box) for text in found)
    # The train that would take on from the last one is refused: the chain is cut off there.
    on = TrainLink("on", LinkKind.TRANSSHIPMENT, "OUT", "EMPTY", station="Z")
    found = texts(drawn(tmp_path, border(CARGO, on), aside))
    assert "refused: EMPTY 02/1" in found and mark in found
    # A train that no link ties is none of this.
    assert not any("efused" in text for text in texts(drawn(tmp_path, SCENARIO, aside)))


@pytest.mark.parametrize(
    ("links", "paths"),
    [
        ((), (BRINGS, TAKES_ON)),
        ((replace(CARGO, kind=LinkKind.CONNECTION),), (BRINGS, TAKES_ON)),
        ((CARGO,), (BRINGS,)),
    ],
)
def test_without_chains_nothing_is_drawn(tmp_path: Path, links: tuple[TrainLink, ...], paths: tuple[TrainPath, ...]):
    assert draw_journeys(border(*links), Timetable("border", paths), tmp_path / "j") == []
    assert list(tmp_path.iterdir()) == []


def test_chains_are_drawn_with_the_rest_and_removed_with_them(tmp_path: Path) -> None:
    names = {f"{JOURNEYS}.{suffix}" for suffix in ("svg", "pdf", "png")}
    assert names <= {path.name for path in railcap.draw(SCENARIO, TIMETABLE, tmp_path)}
    assert names <= set(drawing_names(SCENARIO)) and not names & set(drawing_names(border()))
    railcap.draw(SCENARIO, TIMETABLE, tmp_path, until_s=at("9:00"))
    assert not names & {path.name for path in tmp_path.iterdir()}


def of_length(number: int, hours: int) -> Chain:
    part = Part(Doing.RUNNING, "running", "AB", number, number + hours * 3600)
    return Chain((f"IN/2026-03-02/{number}", "OUT/2026-03-02/1"), number, part.until_s, number, part.until_s, (part,))


def test_of_very_many_chains_the_longest_of_each_kind_have_a_bar() -> None:
    found = [of_length(number, 1 + number % 10) for number in range(80)]
    rare = replace(of_length(100, 1), trains=("UP/2026-03-02/1", "OUT/2026-03-02/1"))
    many, few = blocks(chain_groups([*found, rare]), [*found, rare], 2.0)
    assert len(many.shown) == 59 and few.shown == [rare]
    assert sum(chain.seconds for chain in many.shown) == sum(sorted(chain.seconds for chain in found)[-59:])
    assert [chain.departure_s for chain in many.shown] == sorted(chain.departure_s for chain in many.shown)
    assert few.head > max(place for place, _ in many.places)
    (all_of_them,) = blocks(chain_groups(found[:60]), found[:60], 0.0)
    assert list(all_of_them.shown) == found[:60]


def test_every_cause_has_a_kind_of_its_own_or_shares_one() -> None:
    uses = JourneyUses(SCENARIO, ())
    other = uses.use(Doing.WAIT, causes.OTHER)
    named = [value for name, value in vars(causes).items() if name.isupper() and isinstance(value, str)]
    made = [causes.queue_for("crane"), causes.yard_full("Y")]
    assert len(named) == 11
    assert {cause for cause in (*named, *made) if uses.use(Doing.WAIT, cause) == other} == {causes.OTHER}
    assert uses.use(Doing.WAIT, causes.LOOPS_FULL) == uses.use(Doing.WAIT, causes.FURTHER_ON)


def test_steps_beyond_the_longest_share_a_kind() -> None:
    parts = tuple(Part(Doing.STEP, f"step {number}", "Y", 0, 60 * (number + 1)) for number in range(7))
    chain = Chain(("IN/2026-03-02/1", "OUT/2026-03-02/1"), 0, 60, 0, 60, parts)
    uses = JourneyUses(SCENARIO, [chain])
    assert {use.name: seconds for use, seconds in uses.totals.items()} == {
        **{f"step {number}": 60 * (number + 1) for number in (6, 5, 4, 3, 2)},
        "other steps": 60 + 120,
    }


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_the_same_picture_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    for path in (one, two):
        assert draw_journeys(SCENARIO, TIMETABLE, path) == [path]
    assert one.read_bytes() == two.read_bytes()


def test_importing_the_picture_does_not_import_matplotlib() -> None:
    code = "import sys, railcap.drawing.journeys\nassert 'matplotlib' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
