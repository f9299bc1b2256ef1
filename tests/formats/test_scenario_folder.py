"""Scenario folders: what spreadsheets do to them is accepted, bases fill gaps, and writing loses nothing."""

import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from scenario_strategy import scenarios
from scenario_texts import GOOD, YARDS, write_folder

from railcap.corridor.infrastructure import TrackKind
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.traffic import FixedCall, Stop
from railcap.corridor.validate import validate
from railcap.corridor.yards import AtClose, Banker, LinkKind, OpeningHours, TrainLink, YardResource, YardStep
from railcap.errors import InputError, OutputError
from railcap.formats.scenario_folder import load_scenario, load_scenario_with_issues, save_scenario, scenario_folders
from railcap.units import to_utc_s

TABLES = [name for name in GOOD if name.endswith(".csv")]


def load(tmp_path, texts):
    return load_scenario(write_folder(tmp_path / "scenario", texts))


@pytest.fixture
def good(tmp_path):
    return load_scenario(write_folder(tmp_path / "good", GOOD))


def test_the_good_folder_has_no_issues(tmp_path, good):
    assert load_scenario_with_issues(tmp_path / "good")[1] == []
    assert validate(good) == []


def test_every_table_is_read(good):
    assert (good.name, good.title, good.start, good.days, good.run_out_h) == (
        "small",
        "Small line",
        date(2026, 3, 2),
        2,
        24,
    )
    assert good.rules.crossing_interval_s == 90
    assert good.weights.late_freight == 0.2
    gulistan = good.network.stations["gulistan"]
    assert (gulistan.km, gulistan.lat, gulistan.lon, gulistan.note) == (81, 30.6, 66.6, "loops, both short")
    assert good.network.stations["bostan"].non_simultaneous_arrival_s == 300
    assert good.network.stations["spin_boldak"].time_zone == "Asia/Kabul"
    yard = good.network.stations["chaman"].track("3")
    assert (yard.kind, yard.length_m, yard.gauges_mm) == (TrackKind.YARD, 700, {1676, 1520})
    section = good.network.sections["Q-B"]
    assert (section.start, section.end, section.length_m, section.tracks, section.blocks) == (
        "quetta",
        "bostan",
        33000,
        2,
        2,
    )
    assert section.speeds_kmh == {"freight": 60, "passenger": 80}
    assert good.network.running_times_s == {("G-C", "gulistan", "GOODS"): 5700}
    goods = good.train_types["GOODS"]
    assert (goods.name, goods.start_supplement_s, goods.stop_supplement_s) == ("Container train", 120, 60)
    cont, pair = good.requests
    assert (cont.departure_of_day_s, cont.earlier_s, cont.later_s) == (6 * 3600, 1800, 14400)
    assert (cont.per_day, cont.every_s, cont.longest_journey_s, cont.value) == (2, 10800, 86400, 70)
    assert cont.stops == {"gulistan": Stop("gulistan", 1200, None, 23 * 3600 + 1800, None, 29 * 3600)}
    assert (pair.both, pair.mandatory, pair.vias, pair.weekdays) == (True, True, ("bostan",), {0, 1, 2, 3, 4})
    assert pair.stops == {"*": Stop("*", 120)}


def test_fixed_paths_and_closures_are_read_in_local_time(good):
    day, zone = date(2026, 3, 2), "Asia/Karachi"
    (extra,) = good.fixed_paths
    assert extra.calls == (
        FixedCall("chaman", to_utc_s(day, 54000, zone), to_utc_s(day, 54000, zone), "1"),
        FixedCall("gulistan", to_utc_s(day, 59400, zone), to_utc_s(day, 59520, zone)),
        FixedCall("bostan", to_utc_s(day, 63000, zone), to_utc_s(day, 63000, zone), "2"),
    )
    works, inspection, loop = good.closures
    assert (works.from_s, works.until_s) == tuple(to_utc_s(date(2026, 3, 3), hour * 3600, zone) for hour in (10, 14))
    assert inspection == Closure(
        "inspection", "B-G", weekdays=frozenset({0, 2}), from_of_day_s=43200, until_of_day_s=45000,
        reason="track inspection",
    )  # fmt: skip
    assert (loop.station, loop.track, loop.from_of_day_s, loop.until_of_day_s) == ("gulistan", "2", 79200, 14400)
    assert good.daylight == (
        Daylight(province="Balochistan", from_of_day_s=21600, until_of_day_s=64800, time_zone=zone),
        Daylight(section="C-S", from_of_day_s=23400, until_of_day_s=63000),
    )


@pytest.fixture
def yards(tmp_path):
    return load_scenario(write_folder(tmp_path / "yards", YARDS))


def test_the_good_folder_with_yards_has_no_issues(tmp_path, yards):
    assert load_scenario_with_issues(tmp_path / "yards")[1] == []
    assert validate(yards) == []


def test_every_table_of_yards_links_and_bankers_is_read(yards):
    assert yards.yard_resources == {
        "customs": YardResource("customs", "chaman", 2, AtClose.FINISH, "two officers"),
        "crane": YardResource("crane", "chaman", 1, AtClose.RUN_OVER, assumed="all"),
    }
    assert yards.opening_hours == (
        OpeningHours("customs", 8 * 3600, 18 * 3600, frozenset(range(6))),
        OpeningHours("customs", 22 * 3600, 4 * 3600, frozenset({6}), "Asia/Kabul"),
    )
    assert {name: process.steps for name, process in yards.processes.items()} == {
        "EXIT": (
            YardStep("papers", 1800, 30, "customs", note="by the wagon"),
            YardStep("reloading", 0, 150, "crane", ("2", "3"), assumed="two cranes"),
        ),
        "READY": (YardStep("brake test", 2400),),
    }
    boxes, rake, change = yards.links
    assert boxes == TrainLink(
        "BOXES", LinkKind.TRANSSHIPMENT, "CONT", "BLOCK", 2, 1, 0, 1800, 36000, refuse=False, note="two fill one"
    )
    assert rake == TrainLink(
        "RAKE", LinkKind.TURN_ROUND, "PAIR", "PAIR/back", days_later=1, least_s=3600, assumed="time"
    )
    assert change == TrainLink(
        "CHANGE", LinkKind.CONNECTION, "PAIR/back", "CONT", least_s=330, longest_s=14400, station="gulistan"
    )
    assert yards.bankers == (
        Banker("KHOJAK", "gulistan", "chaman", frozenset({"GOODS", "LOCAL"}), "LIGHT", 2, 330, 5400, "uphill", "times"),
        Banker("HILL", "quetta", "bostan", frozenset({"LOCAL"}), "LIGHT", 1, 0, 3600),
    )
    cont, _, block = yards.requests
    assert (cont.stops["chaman"].process, cont.stops["gulistan"].process) == ("EXIT", "")
    assert block.stops == {"chaman": Stop("chaman", process="READY")}
    assert [train_type.wagons for train_type in yards.train_types.values()] == [30, 0, 40, 0]
    day, zone = date(2026, 3, 3), "Asia/Karachi"
    assert yards.closures[-1] == Closure(
        "holiday",
        yard_resource="crane",
        from_s=to_utc_s(day, 12 * 3600, zone),
        until_s=to_utc_s(day, 18 * 3600, zone),
        reason="half a holiday",
    )


def test_a_day_before_is_read_and_written(tmp_path, yards):
    early = {
        "stops.csv": YARDS["stops.csv"] + "CONT,quetta,,,,23:30-1,,\n",
        "links.csv": YARDS["links.csv"].replace("CONT,,,0,5.5", "CONT,,,-1,5.5"),
    }
    scenario = load(tmp_path, YARDS | early)
    assert scenario.requests[0].stops["quetta"] == Stop("quetta", depart_from_s=-1800)
    assert scenario.links == (*yards.links[:2], replace(yards.links[2], days_later=-1))
    save_scenario(scenario, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == scenario


def test_moments_of_a_yard_resource_are_local_at_its_station(tmp_path, yards):
    stations_ = YARDS["stations.csv"].replace("PK,Balochistan,Asia/Karachi,30.9", "PK,Balochistan,Asia/Kabul,30.9")
    texts = {name: text for name, text in YARDS.items() if name != "fixed_paths.csv"}
    scenario = load(tmp_path, texts | {"stations.csv": stations_})
    assert scenario.closures[-1].from_s == yards.closures[-1].from_s + 1800
    save_scenario(scenario, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == scenario


@pytest.mark.parametrize("form", ["semicolons", "tabs", "spaces around cells"])
def test_other_forms_of_yard_tables_are_read_alike(form, tmp_path, yards):
    change = next(change for name, change in FORMS.items() if name.startswith(form))
    texts = {name: change(YARDS[name]) for name in YARDS if name.endswith(".csv")}
    assert load(tmp_path, YARDS | texts) == yards


def test_a_base_gives_yards_and_a_table_without_rows_hides_them(tmp_path, yards):
    settings_text = YARDS["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../yards"')
    own = {"scenario.toml": settings_text}
    assert load(tmp_path, own) == yards
    headers = {
        "opening_hours.csv": "resource,from,until\n",
        "links.csv": "id,kind,first,second\n",
        "bankers.csv": "id,from,to,train_types,engine_type\n",
    }
    hiding = load(tmp_path, own | headers)
    assert hiding == replace(yards, opening_hours=(), links=(), bankers=())


def test_writing_and_reading_yards_loses_nothing(tmp_path, yards):
    save_scenario(yards, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == yards
    save_scenario(load_scenario(tmp_path / "saved"), tmp_path / "again")
    assert contents(tmp_path / "saved") == contents(tmp_path / "again")
    names = ("yard_resources", "opening_hours", "yard_steps", "links", "bankers")
    assert {f"{name}.csv" for name in names} <= set(contents(tmp_path / "saved"))


def test_train_types_of_a_banker_are_written_in_order(tmp_path, yards):
    """A set has no order, and equal scenarios give equal bytes."""
    folders = []
    for types in (("GOODS", "LOCAL"), ("LOCAL", "GOODS")):
        folders.append(tmp_path / "-".join(types))
        banker = replace(yards.bankers[0], train_types=frozenset(types))
        save_scenario(replace(yards, bankers=(banker, yards.bankers[1])), folders[-1])
    assert contents(folders[0]) == contents(folders[1])
    assert ",GOODS LOCAL,LIGHT,2,5.5,90," in (folders[0] / "bankers.csv").read_text()


def test_saving_without_yards_takes_their_tables_away(tmp_path, good, yards):
    save_scenario(yards, tmp_path / "saved")
    save_scenario(good, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == good
    assert not {"links.csv", "bankers.csv"} & contents(tmp_path / "saved").keys()


def semicolons(text):
    """Turn a table into what a spreadsheet in Central Europe makes of it."""
    import csv
    import io

    rows = list(csv.reader(io.StringIO(text)))
    for row in rows[1:]:
        row[:] = [cell.replace(".", ",") if cell.replace(".", "").isdigit() else cell for cell in row]
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()


FORMS = {
    "semicolons, decimal commas, BOM and Windows line ends": semicolons,
    "tabs": lambda text: text.replace('"loops, both short"', "loops; both short").replace(",", "\t").replace(";", ","),
    "old Mac line ends": lambda text: text.replace("\n", "\r"),
    "comments and empty rows": lambda text: '# a comment, with "quotes\n' + text.replace("\n", "\n\n ,,\n# more\n"),
    "spaces around cells": lambda text: "\n".join(
        line if '"' in line else " , ".join(line.split(",")) for line in text.splitlines()
    ),
    "capitals in the header": lambda text: text.replace(text.splitlines()[0], text.splitlines()[0].upper(), 1),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_forms_of_tables_are_read_alike(form, tmp_path, good):
    texts = dict(GOOD) | {name: FORMS[form](GOOD[name]) for name in TABLES}
    assert load(tmp_path, texts) == good


def test_decimal_commas_are_really_there():
    assert b";30,2;" in semicolons(GOOD["stations.csv"])


def test_a_comma_between_words_is_no_decimal_comma(tmp_path, good):
    texts = dict(GOOD) | {"requests.csv": semicolons(GOOD["requests.csv"].replace("mon-fri", "sat sun"))}
    joined = texts["requests.csv"].replace(b"sat sun", b"sat,sun")
    assert b"sat,sun" in joined
    assert load(tmp_path, texts | {"requests.csv": joined}).requests == load(tmp_path, texts).requests


def test_spreadsheets_leave_out_the_last_separators_of_rows(tmp_path, good):
    texts = {name: "\n".join(line.rstrip(",") for line in GOOD[name].splitlines()) for name in TABLES}
    assert any(texts[name] != GOOD[name].strip("\n") for name in TABLES)
    assert load(tmp_path, dict(GOOD) | texts) == good


def test_columns_may_stand_in_any_order(tmp_path, good):
    rows = [line.split(",") for line in GOOD["tracks.csv"].splitlines()]
    mixed = "\n".join(",".join(row[::-1]) for row in rows)
    assert load(tmp_path, dict(GOOD) | {"tracks.csv": mixed}) == good


def test_windows_line_ends_and_bom_in_the_settings(tmp_path, good):
    settings_text = ("\ufeff" + GOOD["scenario.toml"].replace("\n", "\r\n")).encode()
    assert load(tmp_path, dict(GOOD) | {"scenario.toml": settings_text}) == good


def test_optional_tables_may_be_missing(tmp_path, good):
    needed = ("scenario.toml", "stations.csv", "tracks.csv", "sections.csv", "train_types.csv", "requests.csv")
    scenario = load(tmp_path, {name: GOOD[name] for name in needed})
    assert (scenario.fixed_paths, scenario.closures, scenario.daylight) == ((), (), ())
    assert (scenario.yard_resources, scenario.opening_hours, scenario.processes, scenario.links) == ({}, (), {}, ())
    assert scenario.bankers == ()
    assert not any(request.stops for request in scenario.requests)
    assert scenario.network.running_times_s == {}


def test_the_settings_file_stands_for_its_folder(tmp_path, good):
    assert load_scenario(tmp_path / "good" / "scenario.toml") == good


def test_a_base_gives_the_tables_rules_and_weights_that_are_not_there(tmp_path, good):
    own = {"scenario.toml": GOOD["scenario.toml"].replace("days = 2", 'days = 1\nbase = "../good"')}
    own["scenario.toml"] = own["scenario.toml"].replace("crossing_interval_min = 1.5", "following_interval_min = 3")
    scenario = load(tmp_path, own)
    assert scenario.network == good.network
    assert scenario.days == 1
    assert scenario.rules == replace(good.rules, following_interval_s=180)
    assert scenario.weights == good.weights


def test_own_rules_go_before_those_of_the_base(tmp_path, good):
    own = {"scenario.toml": GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../good"')}
    own["scenario.toml"] = (
        own["scenario.toml"].replace("= 1.5", "= 2.5").replace("late_freight = 0.2", "late_freight = 3")
    )
    scenario = load(tmp_path, own)
    assert scenario.rules.crossing_interval_s == 150
    assert scenario.weights.late_freight == 3


def test_a_table_without_rows_hides_that_of_the_base(tmp_path, good):
    settings_text = GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../good"')
    scenario = load(tmp_path, {"scenario.toml": settings_text, "closures.csv": "id,from,until\n"})
    assert scenario == replace(good, closures=())


def test_a_base_of_a_base(tmp_path, good):
    write_folder(tmp_path / "middle", {"scenario.toml": 'base = "../good"\n[rules]\ntrack_release_min = 2\n'})
    settings_text = GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = "../middle"')
    scenario = load(tmp_path, {"scenario.toml": settings_text})
    assert scenario == replace(good, rules=replace(good.rules, track_release_s=120))


def test_of_several_bases_the_first_goes_before_the_others_and_a_common_one_comes_last(tmp_path, good):
    # Both stand on the good folder: `traffic` has its own requests and rules, `speeds` its own line.
    write_folder(
        tmp_path / "traffic",
        {
            "scenario.toml": 'base = "../good"\n[rules]\ntrack_release_min = 2\n',
            "closures.csv": "id,from,until\n",
        },
    )
    slower = GOOD["sections.csv"].replace("1676,60,80", "1676,55,70")
    write_folder(
        tmp_path / "speeds",
        {
            "scenario.toml": 'base = "../good"\n[rules]\ntrack_release_min = 3\n',
            "sections.csv": slower,
            "closures.csv": GOOD["closures.csv"],
        },
    )
    settings_text = GOOD["scenario.toml"].replace("days = 2", 'days = 2\nbase = ["../traffic", "../speeds"]')
    scenario = load(tmp_path, {"scenario.toml": settings_text})
    line = load_scenario(write_folder(tmp_path / "slower", GOOD | {"sections.csv": slower}))
    assert line.network != good.network
    assert scenario == replace(line, closures=(), rules=replace(good.rules, track_release_s=120))
    assert [folder.name for folder in map(Path.resolve, scenario_folders(tmp_path / "scenario"))] == [
        "scenario", "traffic", "speeds", "good",
    ]  # fmt: skip


def contents(folder):
    return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def test_writing_and_reading_loses_nothing(tmp_path, good):
    save_scenario(good, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == good
    save_scenario(load_scenario(tmp_path / "saved"), tmp_path / "again")
    assert contents(tmp_path / "saved") == contents(tmp_path / "again")


def test_a_note_of_several_lines_survives(tmp_path, good):
    """Line ends inside quotes are text, and so is a line there that looks like a comment."""
    reason = 'first, "quoted"\n# not a comment\r\n;last\rline'
    scenario = replace(good, closures=(replace(good.closures[0], reason=reason), *good.closures[1:]))
    save_scenario(scenario, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == scenario


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(scenarios())
def test_any_scenario_survives_writing_and_reading(scenario):
    assert [issue for issue in validate(scenario) if issue.severity == "error"] == []
    with tempfile.TemporaryDirectory() as folder:
        save_scenario(scenario, Path(folder) / "one")
        again = load_scenario(Path(folder) / "one")
        save_scenario(again, Path(folder) / "two")
        assert again == scenario
        assert contents(Path(folder) / "one") == contents(Path(folder) / "two")


@pytest.mark.parametrize(
    ("zone", "day", "of_day_s", "second"),
    [
        ("Europe/Berlin", date(2026, 10, 25), 2 * 3600 + 1800, "2026-10-25 02:30+01:00"),
        ("America/St_Johns", date(2026, 11, 1), 3600 + 1800, "2026-11-01 01:30-03:30"),
    ],
)
def test_a_moment_in_the_hour_that_comes_twice_survives(zone, day, of_day_s, second, tmp_path, good):
    first = to_utc_s(day, of_day_s, zone)
    closures = [
        Closure(f"c{hour}", "Q-B", from_s=first + hour * 3600, until_s=first + 5 * 3600, time_zone=zone)
        for hour in (0, 1)
    ]
    scenario = replace(good, closures=tuple(closures))
    save_scenario(scenario, tmp_path / "saved")
    assert load_scenario(tmp_path / "saved") == scenario
    once, again = (tmp_path / "saved" / "closures.csv").read_text().splitlines()[1:]
    assert f",{second[:16]}," in once
    assert f",{second}," in again


def test_saving_replaces_an_older_scenario_and_nothing_else(tmp_path, good):
    folder = write_folder(tmp_path / "out", dict(GOOD) | {"notes.txt": "mine"})
    save_scenario(replace(good, closures=(), daylight=()), folder)
    assert load_scenario(folder) == replace(good, closures=(), daylight=())
    assert (folder / "notes.txt").read_text() == "mine"


def test_saving_where_a_file_stands_is_an_output_error(tmp_path, good):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError):
        save_scenario(good, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_scenario_with_errors_is_not_written(tmp_path, good):
    with pytest.raises(InputError) as caught:
        save_scenario(replace(good, days=0), tmp_path / "out")
    assert [issue.where for issue in caught.value.issues] == ["days"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["zero \0 byte", "half \ud800 character"])
def test_texts_that_no_file_can_hold_are_not_written(text, tmp_path, good):
    with pytest.raises(InputError, match="cannot be written"):
        save_scenario(replace(good, closures=(replace(good.closures[0], reason=text),)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_reading_imports_nothing_heavy(tmp_path, good):
    code = (
        "import sys; from railcap.formats.scenario_folder import load_scenario; load_scenario(sys.argv[1]);"
        "print([name for name in ('pandas', 'numpy', 'ortools', 'matplotlib', 'numba') if name in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "good")], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"
