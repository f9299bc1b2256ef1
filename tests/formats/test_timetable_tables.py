"""The working timetable as CSV and workbook: local times, reasons, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from sample_line import free_run, line_scenario, sample_timetable

from railcap.corridor.expand import train_requests
from railcap.errors import OutputError
from railcap.formats.timetable_tables import BY_STATION, BY_TRAIN, FILES, TRAINS, WORKBOOK, write_tables
from railcap.planning.timetable import Refusal, Timetable

SCENARIO = line_scenario(6, zone_step_at=3, fancy_names=True)
TIMETABLE = sample_timetable(SCENARIO)


def read(path: Path) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("tables")
    assert write_tables(SCENARIO, TIMETABLE, found, ["First line", "=2+3"]) == [found / name for name in FILES]
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
    for name in FILES:
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
