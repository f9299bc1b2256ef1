"""What Excel makes of a cell is recognised, and a time that the clocks skip is none."""

import pytest

from railcap.errors import InputError
from railcap.formats.table_cells import CellError, day, moment_in, time_of_day
from railcap.formats.timetable_json import read_timetable


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (time_of_day, "0.270833", "Excel's number for a day or a time, here 06:30"),
        (time_of_day, "6:30 PM", "12-hour clock, here 18:30"),
        (day, "02/03/2026", "2026-03-02.*Excel's form of a date"),
        (moment_in("UTC"), "02/03/2026 06:30", "Excel's form of a date"),
        (moment_in("Europe/Berlin"), "2026-03-29 02:30", "does not exist on 2026-03-29"),
    ],
)
def test_the_advice_names_the_right_form(read, text, words):
    with pytest.raises(CellError, match=words):
        read(text)


def test_a_key_that_stands_twice_is_an_error(tmp_path):
    path = tmp_path / "timetable.json"
    path.write_text('{"format": "railcap-timetable", "schema": 1, "scenario": "x", "paths": [], "paths": []}')
    with pytest.raises(InputError, match="paths: this key stands more than once"):
        read_timetable(path)
