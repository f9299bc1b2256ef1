"""The working timetable as CSV and workbook: local times, reasons, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from sample_line import free_run, line_scenario, sample_timetable
from sample_yard import asked, border_line, step, train

import railcap
from railcap.corridor.expand import train_requests
from railcap.errors import OutputError
from railcap.formats.timetable_tables import BY_STATION, BY_TRAIN, FILES, TRAINS, WORKBOOK, YARD_STEPS, write_tables
from railcap.planning.timetable import Refusal, Timetable

SCENARIO = line_scenario(6, zone_step_at=3, fancy_names=True)
TIMETABLE = sample_timetable(SCENARIO)
WITHOUT_YARDS = [name for name in FILES if name != YARD_STEPS]


def read(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("tables")
    assert write_tables(SCENARIO, TIMETABLE, found, ["First line", "=2+3"]) == [found / name for name in WITHOUT_YARDS]
    return found


def test_every_train_is_in_the_list_with_its_fate(folder: Path) -> None:
    rows = read(folder / TRAINS)
    assert {row["train"] for row in rows} == {request.id for request in train_requests(SCENARIO)}
    refused = [row for row in rows if row["status"] == "refused"]
    assert [row["train"] for row in refused] == [one.train for one in TIMETABLE.refused]
    assert refused[0]["reason"] == TIMETABLE.refused[0].reason
    assert refused[0]["proof"] == "no"
    assert refused[0]["wished_departure"]
    assert not refused[0]["departure"]


def test_times_are_local_at_each_station(folder: Path) -> None:
    rows = [row for row in read(folder / BY_TRAIN) if row["train"] == "EXPRESS/2026-03-02/1"]
    assert [row["utc_offset"] for row in rows] == ["UTC+05:00"] * 3 + ["UTC+04:30"] * 3
    path = next(path for path in TIMETABLE.paths if path.train == "EXPRESS/2026-03-02/1")
    for row, call in list(zip(rows, path.calls, strict=True))[1:]:
        stamp = datetime.fromisoformat(f"{row['arrival']}{row['utc_offset'][3:]}")
        assert stamp.timestamp() == call.arrival_s
    assert (rows[0]["arrival"], rows[-1]["departure"]) == ("", "")
    assert [row["action"] for row in rows] == ["begins", "passes", "passes", "stops", "passes", "ends"]
    assert rows[3]["standing_min"] == "10"
    assert [row["next_section"] for row in rows] == ["s00-s01", "s01-s02", "s02-s03", "s03-s04", "s04-s05", ""]


def test_by_station_has_the_same_calls_in_the_order_of_the_line_and_the_clock(folder: Path) -> None:
    by_train, by_station = read(folder / BY_TRAIN), read(folder / BY_STATION)
    key = ("train", "station_id", "arrival", "departure", "track", "action")
    assert sorted([row[one] for one in key] for row in by_train) == sorted(
        [row[one] for one in key] for row in by_station
    )
    assert [row["station_id"] for row in by_station] == sorted(row["station_id"] for row in by_station)
    for station in SCENARIO.network.stations:
        times = [row["arrival"] or row["departure"] for row in by_station if row["station_id"] == station]
        assert times == sorted(times)


def test_coming_from_and_going_to_are_the_neighbours(folder: Path) -> None:
    rows = [row for row in read(folder / BY_STATION) if row["train"] == "EXPRESS/2026-03-02/1"]
    assert [(row["coming_from"], row["going_to"]) for row in rows][:2] == [
        ("", "Station 1"),
        ("Station 0", "Station 2"),
    ]


def test_names_that_look_like_formulas_stay_texts(folder: Path) -> None:
    assert {row["name"] for row in read(folder / TRAINS) if row["request"] == "EXPRESS"} == {"'=Express"}
    book = openpyxl.load_workbook(folder / WORKBOOK)
    for sheet in book:
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert book["summary"]["A2"].value == "=2+3"
    names = {row[2].value for row in book["accepted"].iter_rows(min_row=2)}
    assert "=Express" in names


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_every_dangerous_beginning_is_guarded(tmp_path: Path, begin: str) -> None:
    refusal = Refusal("T", "R", "", "FRT", begin, True)
    write_tables(SCENARIO, Timetable("x", (), (refusal,)), tmp_path)
    assert read(tmp_path / TRAINS)[0]["reason"] == f"'{begin}"


def test_the_workbook_has_real_times_and_fixed_headers(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / WORKBOOK)
    assert book.sheetnames == ["summary", "accepted", "refused", "by train", "by station"]
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes == "A2"
        assert book[name].auto_filter.ref
    header = [cell.value for cell in book["by train"][1]]
    first = [cell.value for cell in book["by train"][2]]
    value = dict(zip(header, first, strict=True))
    path = min(TIMETABLE.paths, key=lambda one: (one.departure_s, one.train))
    assert value["train"] == path.train
    assert isinstance(value["departure"], datetime)
    assert book["refused"].max_row == len(TIMETABLE.refused) + 1
    assert book["summary"]["A1"].value == "First line"


def test_the_same_timetable_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_tables(SCENARIO, TIMETABLE, tmp_path, ["First line", "=2+3"])
    for name in WITHOUT_YARDS:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_an_empty_timetable_has_headers_only(tmp_path: Path) -> None:
    write_tables(SCENARIO, Timetable("x", ()), tmp_path)
    assert read(tmp_path / BY_TRAIN) == []
    assert openpyxl.load_workbook(tmp_path / WORKBOOK)["accepted"].max_row == 1


def test_stations_and_types_that_the_scenario_does_not_know_are_written_by_id(tmp_path: Path) -> None:
    path = free_run(SCENARIO, train_requests(SCENARIO)[0])
    write_tables(line_scenario(3), Timetable("x", (path,)), tmp_path)
    assert read(tmp_path / BY_TRAIN)[-1]["station"] == "s05"


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_tables(SCENARIO, TIMETABLE, tmp_path / "nowhere")


def test_light_engines_are_told_apart_with_the_train_that_they_helped(tmp_path: Path) -> None:
    path = next(path for path in TIMETABLE.paths if path.request == "CONT")
    light = replace(path, train=f"{path.train}/light/hill", request="hill", light_for=path.train)
    write_tables(SCENARIO, Timetable("x", (path, light), TIMETABLE.refused[:1]), tmp_path)
    rows = {row["train"]: row for row in read(tmp_path / TRAINS)}
    assert [row["status"] for row in rows.values()] == ["accepted", "light engine", "refused"]
    found = rows[light.train]
    assert (found["request"], found["name"], found["wished_departure"], found["late_min"]) == ("hill", "", "", "")
    assert found["departure"] == rows[path.train]["departure"]
    for name in (TRAINS, BY_TRAIN, BY_STATION):
        helped = {row["train"]: row["light_for"] for row in read(tmp_path / name)}
        assert (helped[light.train], helped[path.train]) == (path.train, "")
    book = openpyxl.load_workbook(tmp_path / WORKBOOK)
    assert book["accepted"].max_row == 3
    assert "light_for" in {cell.value for cell in book["accepted"][1]}
    assert "light_for" not in {cell.value for cell in book["refused"][1]}


YARD = border_line(asked("IN", "A-Y", "6:00", "unload", per_day=2, every_s=3600), asked("OUT", "Y-Z", "12:00", "load"))
IN_YARD = Timetable(
    "border",
    (
        train(
            "OUT",
            (
                "Y",
                "2",
                "11:00",
                "12:30",
                step("load", "2", "11:00", "12:00", "=crane"),
                step("brakes", "2", "12:15", "12:25"),
            ),
            ("Z", "1", "12:43", "12:43"),
        ),
        train(
            "IN",
            ("A", "1", "6:00", "6:00"),
            (
                "Y",
                "1",
                "6:23",
                "9:00",
                step("customs", "1", "6:30", "7:00"),
                step("unload", "K", "8:00", "9:00", "crane"),
            ),
        ),
    ),
)


def test_steps_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    assert write_tables(YARD, IN_YARD, tmp_path) == [tmp_path / name for name in FILES]
    rows = read(tmp_path / YARD_STEPS)
    assert [tuple(row.values()) for row in rows] == [
        (train, "", request, "Y", "Border", *rest, "UTC+05:00")
        for train, request, *rest in (
            ("IN/2026-03-02/1", "IN", "customs", "", "1", "7", "2026-03-02 06:30:00", "2026-03-02 07:00:00"),
            ("IN/2026-03-02/1", "IN", "unload", "crane", "K", "60", "2026-03-02 08:00:00", "2026-03-02 09:00:00"),
            ("OUT/2026-03-02/1", "OUT", "load", "'=crane", "2", "0", "2026-03-02 11:00:00", "2026-03-02 12:00:00"),
            ("OUT/2026-03-02/1", "OUT", "brakes", "", "2", "15", "2026-03-02 12:15:00", "2026-03-02 12:25:00"),
        )
    ]
    book = openpyxl.load_workbook(tmp_path / WORKBOOK)
    assert book.sheetnames[-1] == "yard steps"
    header, first, *_ = book["yard steps"].iter_rows(values_only=True)
    value = dict(zip(header, first, strict=True))
    assert (value["step"], value["waited_min"], value["begin"]) == ("customs", 7, datetime(2026, 3, 2, 6, 30))


def test_a_plan_without_steps_takes_the_table_of_an_earlier_one_away(tmp_path: Path) -> None:
    scenario = line_scenario(3)
    parameters = railcap.SolveParameters(time_limit_s=20, threads=1)
    plan = railcap.plan(replace(scenario, requests=scenario.requests[-1:]), parameters=parameters, isolated=False)
    (tmp_path / YARD_STEPS).write_text("train\n")
    written = railcap.write(plan, tmp_path)
    assert set(WITHOUT_YARDS) <= {path.name for path in written}
    assert not (tmp_path / YARD_STEPS).exists()
