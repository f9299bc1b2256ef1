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
from scenario_texts import GOOD, write_folder

from railcap.corridor.infrastructure import TrackKind
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.traffic import FixedCall, Stop
from railcap.corridor.validate import validate
from railcap.errors import InputError, OutputError
from railcap.formats.scenario_folder import load_scenario, load_scenario_with_issues, save_scenario
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
