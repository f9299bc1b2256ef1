"""The table of thresholds that ships, and tables of users in its place: every fault with row, column and remedy."""

import pytest

from railcap.errors import InputError
from railcap.formats.thresholds import read_thresholds, shipped_thresholds, thresholds_text
from railcap.measures.formulas.thresholds import KNOWN

HEADER = "administration,name,case,typical,low,high,source\n"


@pytest.fixture
def table(tmp_path):
    def write(text):
        path = tmp_path / "mine.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_table_that_ships_is_whole():
    rows = list(shipped_thresholds())
    assert {row.name for row in rows} == set(KNOWN)
    assert all(row.source for row in rows)
    for row in rows:
        assert (row.low or row.typical) <= row.typical <= (row.high or row.typical)


def test_a_row_of_ones_own_replaces_one_and_leaves_the_others(table):
    path = table(HEADER + "CIS,Reliability,single,0.88,,,our railway\nkz,removal,passenger,1.3,1.1,1.5,our railway\n")
    found, issues = read_thresholds(path)
    assert found.value("cis", "reliability", "single") == 0.88
    assert found.value("cis", "reliability", "double") == shipped_thresholds().value("cis", "reliability", "double")
    assert found.row("kz", "removal", "passenger").high == 1.5
    assert issues == []


def test_the_table_can_be_written_and_read_back(table):
    found, _ = read_thresholds(table(thresholds_text(shipped_thresholds())))
    assert list(found) == list(shipped_thresholds())


def test_a_table_from_a_spreadsheet_is_read(table):
    text = HEADER.replace(",", ";") + "cis;reliability;single;0,88;;0,9;our railway\n"
    found, _ = read_thresholds(table("﻿" + text))
    assert (found.value("cis", "reliability", "single"), found.row("cis", "reliability", "single").high) == (0.88, 0.9)


def test_an_unknown_column_is_a_warning(table):
    _, issues = read_thresholds(table(HEADER.replace("case", "case,remark") + "cis,fill,single,mine,0.8,,,us\n"))
    assert [(issue.value, issue.severity) for issue in issues] == [("remark", "warning")]


@pytest.mark.parametrize(
    ("row", "where", "value", "words"),
    [
        ("cis,reliability,single,,,,us", "typical", "", "a value is needed"),
        ("cis,reliability,single,90,,,us", "typical", "90", "at most 1; write a fraction, 0.75 for 75 %"),
        ("cis,reliability,single,0,,,us", "typical", "0", "more than 0"),
        ("cis,reliability,single,much,,,us", "typical", "much", "not a number; write it like 12"),
        ("cis,window_min,single,60,,2000,us", "high", "2000", "at most 1,440 min"),
        ("cis,reliability,single,0.9,0.95,,us", "low", "0.95", "above the typical value 0.9"),
        ("cis,reliability,single,0.9,,0.8,us", "high", "0.8", "below the typical value 0.9"),
        ("cis,relyability,single,0.9,,,us", "name", "relyability", "did you mean 'reliability'"),
        (",reliability,single,0.9,,,us", "administration", "", "a value is needed"),
        ("cis,,single,0.9,,,us", "name", "", "a value is needed"),
        ("cis,reliability,single,0.9,,,", "source", "", "a value is needed"),
    ],
)
def test_a_fault_is_told_with_row_column_value_and_remedy(table, row, where, value, words):
    with pytest.raises(InputError) as raised:
        read_thresholds(table(f"{HEADER}cis,fill,single,0.8,,,us\n{row}\n"))
    (issue,) = raised.value.issues
    assert (issue.file, issue.where, issue.value) == ("mine.csv", f"row 3, column {where}", value)
    assert words in issue.message


def test_every_fault_is_told_at_once(table):
    text = HEADER + "cis,fill,single,8,,,us\ncis,fill,single,0.8,,,us\nuic,rate,,x,,,\nuic,fill\n"
    with pytest.raises(InputError) as raised:
        read_thresholds(table(text))
    told = {(issue.where, issue.code) for issue in raised.value.issues}
    assert {
        ("row 2, column typical", "out-of-range"),
        ("row 3, column name", "duplicate-row"),
        ("row 4, column name", "unknown-word"),
        ("row 4, column typical", "not-a-number"),
        ("row 4, column source", "missing-value"),
        ("row 5", "row-too-short"),
    } <= told


def test_a_file_that_is_no_table_is_told(table, tmp_path):
    for path in (tmp_path / "none.csv", table(""), table("a,b\n1,2\n")):
        with pytest.raises(InputError, match="cannot be used as a table of thresholds"):
            read_thresholds(path)
