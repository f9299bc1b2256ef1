"""`railcap capacity SCENARIO` without a timetable: what it prints, writes and refuses."""

import csv
import io
import json
import re
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from railcap.formats.mix_tables import FILES
from railcap.measures.mix.methods import METHODS
from railcap_app.cli.main import run

SCENARIO = "quetta-chaman-day"
PAGE = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()


def told(capfd, *arguments):
    assert run(["capacity", SCENARIO, *map(str, arguments)]) == 0
    return capfd.readouterr().out


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The JSON object, and the folder of files of the same capacity."""
    out = tmp_path_factory.mktemp("capacity") / "out"
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", printed)
        assert run(["capacity", SCENARIO, "--json", "--out", str(out)]) == 0
    return json.loads(printed.getvalue()), out


def test_it_names_each_number_the_section_that_limits_and_why(capfd):
    out = told(capfd)
    flat = " ".join(out.split())
    assert flat.startswith(
        "Quetta - Chaman, one day: 3 pairs of trains a day by Scott (3 to 5 by all methods), bound by"
    )
    assert "bound by Yaru - Gulistan: single track, 37.0 km, 64 min each way for PK_CONT, a pair takes 134 min" in flat
    assert "5 pairs a day asked for: not enough" in flat
    limits = [line for line in out.splitlines() if line.endswith("<- limits")]
    assert len(limits) == 1 and limits[0].startswith("Yaru - Gulistan")


def test_json_fits_together(found):
    answer, out = found
    assert answer["methods"] == list(METHODS) and answer["out"] == str(out)
    (part,) = answer["parts"]
    assert (part["country"], part["gauge_mm"], part["usual_method"]) == ("PK", 1676, "scott")
    for row in part["methods"]:
        pairs = {one["name"]: one["methods"][row["method"]]["pairs_per_day"] for one in answer["sections"]}
        assert pairs[row["limiting_section"]] == min(pairs.values()) == row["pairs_per_day"]
        assert row["least_pairs_per_day"] <= row["pairs_per_day"] <= row["most_pairs_per_day"]
        assert row["asked_pairs_per_day"] == 5
    by_name = {one["name"]: one for one in answer["sections"]}
    limiting = by_name["Yaru - Gulistan"]
    # 64 min each way, scheme B: 128 + 2 x 1 + 2 x 2; open from 06:30 to 18:00.
    assert limiting["periods"]["period_min"] == 134 and limiting["open_min_per_day"] == 690
    assert limiting["cis"]["greatest_pairs"] == 690 // 134
    assert limiting["cis"]["available_pairs"] == int(690 / 134 * 0.93)
    assert part["meets_per_day"] == pytest.approx(sum(one["meets_per_day"] for one in answer["sections"]))


def test_out_writes_tables_and_a_picture(found):
    answer, out = found
    names = {path.name for path in out.iterdir()}
    assert names == {*FILES, *(f"capacity_by_method{suffix}" for suffix in (".svg", ".pdf", ".png"))}
    tables = {
        name: list(csv.DictReader(io.StringIO((out / name).read_text(encoding="utf-8-sig"))))
        for name in FILES
        if name.endswith(".csv")
    }
    rows = {row["method"]: row for row in tables["capacity_methods.csv"]}
    assert rows["Scott"]["pairs_per_day"] == "3" and rows["Scott"]["usual_there"] == "yes"
    (limiting,) = [row for row in tables["capacity_sections.csv"] if row["limits"]]
    section = next(one for one in answer["sections"] if one["name"] == limiting["section"])
    assert float(limiting["period_b_min"]) == section["periods"]["period_min"]
    assert limiting["limits"].count(";") == len(METHODS) - 1
    assert {method: int(limiting[f"{method.replace('-', '_')}_pairs"]) for method in METHODS} == {
        method: one["pairs_per_day"] for method, one in section["methods"].items()
    }
    sources = {row["threshold"]: row["source"] for row in tables["capacity_thresholds.csv"]}
    assert "calculator.academy" in sources["efficiency"]
    book = openpyxl.load_workbook(out / "capacity_by_method.xlsx")
    assert book.sheetnames == ["summary", "methods", "sections", "thresholds"]
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", (out / "capacity_by_method.svg").read_text())
    assert "limits: Yaru - Gulistan" in texts and "Scott" in texts and "Gulistan  947" in texts


def test_lines_of_methods_with_the_same_pairs_do_not_hide_each_other(found):
    """Scott, UIC 405 and the practical capacity have 3 pairs between Yaru and Gulistan."""
    _, out = found
    svg = (out / "capacity_by_method.svg").read_text()
    lowest = {}
    for colour in ("#c62828", "#6a1b9a", "#ef6c00"):
        paths = re.findall(rf'<path d="([^"]*)"[^>]*stroke: {colour}', svg)
        steps = max(paths, key=len)
        lowest[colour] = max(float(y) for _, y in re.findall(r"(\d+\.?\d*) (\d+\.?\d*)", steps))
    heights = sorted(lowest.values())
    assert all(1 < later - one < 3 for one, later in pairwise(heights)), lowest


def test_every_column_and_file_is_described(found):
    _, out = found
    described = set(re.findall(r"`(\w+)`", PAGE))
    of_methods = {f"{method.replace('-', '_')}_{what}" for method in METHODS for what in ("pairs", "load")}
    for name in FILES:
        assert f"`{name}`" in PAGE
        if name.endswith(".csv"):
            columns = (out / name).read_text(encoding="utf-8-sig").splitlines()[0].split(",")
            assert set(columns) - of_methods <= described


def test_some_methods_a_mix_a_part_and_thresholds_of_an_administration(capfd, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("administration,name,case,typical,source\npakistan,efficiency,,0.5,our own\n")
    options = ["--method", "scott,cis", "--stations", "Quetta,Yaru", "--administration", "pakistan", "--json"]
    plain = json.loads(told(capfd, *options))
    assert plain["methods"] == ["scott", "cis"] and len(plain["sections"]) == 5
    lower = json.loads(told(capfd, *options, "--thresholds", own))
    assert lower["parts"][0]["methods"][0]["trains_per_day"] < plain["parts"][0]["methods"][0]["trains_per_day"]
    assert lower["parts"][0]["methods"][1] == plain["parts"][0]["methods"][1]
    mixed = json.loads(told(capfd, "--mix", "PK_COAL=3,PK_PAX=1", "--json"))
    assert mixed["mix"] == {"PK_COAL": 3, "PK_PAX": 1}
    assert {one["parallel_train"] for one in mixed["sections"]} == {"PK_COAL"}
    assert {one["asked_there_per_day"] for one in mixed["sections"]} == {5}


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (["--method", "sctt", "--mix", "PK_CONT"], ["did you mean 'scott'", "write a train type and its share"]),
        (["--mix", "PK_CON=1"], ["no such train type; it has"]),
        (["--mix", "PK_CONT=1,PK_CONT=2"], ["stands there twice"]),
        (["--administration", "pakistn"], ["did you mean 'pakistan'"]),
        (
            ["--rate", "0.6", "--from", "2026-03-02 06:30", "--period", "peak"],
            ["--rate", "--from", "--period", "for a capacity from a timetable"],
        ),
        (["timetable.json", "--method", "scott"], ["for a capacity without a timetable"]),
        (["--stations", "Yaru,Camman"], ["did you mean 'Chaman'"]),
    ],
)
def test_wrong_options_are_told_all_at_once(capfd, options, messages):
    assert run(["capacity", SCENARIO, *options]) == 2
    error = capfd.readouterr().err
    assert all(message in error for message in messages)
