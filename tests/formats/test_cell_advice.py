"""What Excel makes of a cell is recognised, and a time that the clocks skip is none."""

import pytest

from railcap.errors import InputError
from railcap.formats.table_cells import (
    CellError,
    day,
    moment_in,
    time_of_day,
    weekdays,
    window_time,
    write_time_of_day,
)
from railcap.formats.timetable_json import read_timetable


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (time_of_day, "0.270833", "Excel's number for a day or a time, here 06:30"),
        (time_of_day, "6:30 PM", "12-hour clock, here 18:30"),
        (time_of_day, "23:30-1", "write the time alone, and choose the day by weekdays"),
        (window_time, "23:30-", "not a time of day"),
        (day, "02/03/2026", "2026-03-02.*Excel's form of a date"),
        (moment_in("UTC"), "02/03/2026 06:30", "Excel's form of a date"),
        (moment_in("Europe/Berlin"), "2026-03-29 02:30", "does not exist on 2026-03-29"),
    ],
)
def test_the_advice_names_the_right_form(read, text, words):
    with pytest.raises(CellError, match=words):
        read(text)


@pytest.mark.parametrize("text", ["9999-12-31 24:00", "0001-01-01 00:00"])
def test_moments_beyond_the_calendar_are_told(text):
    with pytest.raises(CellError, match="out of every bound"):
        moment_in("Asia/Karachi")(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-wed", {0, 1, 2}),
        ("Monday", {0}),
        ("mon+wed+fri", {0, 2, 4}),
        ("mon/thu", {0, 3}),
        ("mon\u2013tue, sun", {0, 1, 6}),
        ("sat,sun", {5, 6}),
        ("sat-mon;", {5, 6, 0}),
        ("Mon. weds ;", {0, 2}),
    ],
)
def test_days_of_the_week_are_read_as_people_join_them(text, days):
    assert weekdays(text) == days


@pytest.mark.parametrize("text", ["monwed", "monday.friday", "mo", "sat.sun", "mon-fry"])
def test_words_that_only_begin_like_a_day_are_none(text):
    with pytest.raises(CellError, match="not a day of the week"):
        weekdays(text)


@pytest.mark.parametrize(
    ("text", "seconds", "written"),
    [
        ("23:30-1", -1800, "23:30-1"),
        ("23:59:59-2", -86401, "23:59:59-2"),
        ("24:00-1", 0, "00:00"),
        ("00:30-0", 1800, "00:30"),
        ("05:00+1", 104400, "05:00+1"),
    ],
)
def test_times_of_windows_go_there_and_back(text, seconds, written):
    assert window_time(text) == seconds
    assert write_time_of_day(seconds) == written
    assert window_time(written) == seconds


def test_a_key_that_stands_twice_is_an_error(tmp_path):
    path = tmp_path / "timetable.json"
    path.write_text('{"format": "railcap-timetable", "schema": 1, "scenario": "x", "paths": [], "paths": []}')
    with pytest.raises(InputError, match="paths: this key stands more than once"):
        read_timetable(path)
