"""Primary delays as data: distributions, which row holds for whom, tables that ship, and every fault of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sample_line import line_scenario
from sample_yard import asked, border_line

from railcap.errors import InputError
from railcap.formats.delay_table import SHIPPED, delay_table_text, load_delay_table
from railcap.measures.robustness.delay_table import DelayKind, DelayRow, DelayTable, Distribution

EVENLY = (np.arange(100_000) + 0.5) / 100_000
ENTRY = DelayKind.ENTRY


@pytest.mark.parametrize("distribution", list(Distribution))
@pytest.mark.parametrize("probability", [0.05, 0.4, 1.0])
def test_delays_occur_as_often_and_last_as_long_as_the_row_says(distribution: Distribution, probability: float) -> None:
    delays_s = DelayRow(ENTRY, "*", probability, 1200.0, distribution).delays_s(EVENLY)
    assert np.count_nonzero(delays_s) / len(EVENLY) == pytest.approx(probability, abs=0.002)
    assert delays_s[delays_s > 0].mean() == pytest.approx(1200, rel=0.01)
    assert (np.diff(delays_s) >= 0).all(), "a greater number never gives a smaller delay"


def test_exponential_delays_have_the_right_tail() -> None:
    delays_s = DelayRow(ENTRY, "*", 1.0, 600.0).delays_s(EVENLY)
    for minutes in (5, 10, 30):
        assert (delays_s > minutes * 60).mean() == pytest.approx(np.exp(-minutes / 10), abs=0.002)


def test_uniform_and_constant_delays_have_their_bounds() -> None:
    uniform_s = DelayRow(ENTRY, "*", 1.0, 600.0, Distribution.UNIFORM).delays_s(EVENLY)
    assert (uniform_s.min(), uniform_s.max()) == (0, 1200)
    assert set(DelayRow(ENTRY, "*", 0.5, 90.0, Distribution.CONSTANT).delays_s(EVENLY)) == {0, 90}


def test_no_delay_is_longer_than_the_cap() -> None:
    assert DelayRow(ENTRY, "*", 1.0, 600.0, cap_s=900).delays_s(EVENLY).max() == 900


def test_extreme_numbers_give_finite_delays() -> None:
    row = DelayRow(ENTRY, "*", 0.3, 600.0)
    delays_s = row.delays_s(np.array([0.0, np.nextafter(1.0, 0.0)]))
    assert delays_s[0] == 0 and 0 < delays_s[1] < 600 * 40
    assert DelayRow(ENTRY, "*", 0.0, 600.0).delays_s(EVENLY).max() == 0


def test_the_row_for_the_place_and_then_for_the_narrowest_class_holds() -> None:
    rows = {
        name: DelayRow(ENTRY, trains, 0.5, 60.0, where=where)
        for name, trains, where in [
            ("all", "*", ""), ("freight", "freight", ""), ("type", "GOODS", ""), ("request", "C1", ""),
            ("there", "*", "quetta"), ("freight there", "freight", "quetta"),
        ]
    }  # fmt: skip
    table = DelayTable("x", tuple(rows.values()))

    def found(where: str, *classes: str) -> str:
        row = table.row(ENTRY, where, classes)
        return next((name for name, one in rows.items() if one is row), "none")

    assert found("sibi", "C1", "GOODS", "freight") == "request"
    assert found("sibi", "C2", "GOODS", "freight") == "type"
    assert found("sibi", "C2", "OTHER", "freight") == "freight"
    assert found("sibi", "P1", "LOCAL", "passenger") == "all"
    assert found("quetta", "C1", "GOODS", "freight") == "freight there"
    assert found("quetta", "P1", "LOCAL", "passenger") == "there"
    assert table.row(DelayKind.STEP, "quetta", ("C1",)) is None


def test_ril_405_entry_delays_at_low_and_high_load() -> None:
    scenario = line_scenario()
    figures = {}
    for name in ("ril405-low", "ril405-high"):
        table, warnings = load_delay_table(name, scenario)
        assert not warnings and all(row.kind is ENTRY and "Ril 405" in row.source for row in table.rows)
        for row in table.rows:
            figures[name, row.trains] = row.probability, row.mean_s / 60
    assert figures == {
        ("ril405-low", "passenger"): (0.5, 5),
        ("ril405-low", "freight"): (0.4, 20),
        ("ril405-high", "passenger"): (0.5, 5),
        ("ril405-high", "freight"): (0.6, 30),
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_tables_can_be_read_written_and_read_again(name: str, tmp_path: Path) -> None:
    scenario = border_line(asked("IN", "A-Y", "6:00", "unload"))
    table, _ = load_delay_table(name, scenario)
    assert all(row.source for row in table.rows)
    path = tmp_path / "delays.csv"
    path.write_text(delay_table_text(table))
    again, warnings = load_delay_table(str(path), scenario)
    assert again.rows == table.rows and not warnings


def test_a_table_of_one_s_own_may_name_what_the_scenario_has(tmp_path: Path) -> None:
    path = tmp_path / "delays.csv"
    path.write_text(
        "kind;trains;where;probability;distribution;mean_min;cap_min\n"
        "entry;IN;A;0,25;exponential;12,5;60\n"
        "running;broad;AB;0.1;uniform;3;\n"
        "step;*;customs;1;Constant;30;\n"
    )
    table, _ = load_delay_table(str(path), border_line(asked("IN", "A-Y", "6:00", "unload")))
    assert [(row.trains, row.where, row.probability, row.mean_s, row.cap_s) for row in table.rows] == [
        ("IN", "A", 0.25, 750.0, 3600),
        ("broad", "AB", 0.1, 180.0, None),
        ("*", "customs", 1.0, 1800.0, None),
    ]
    assert table.rows[2].distribution is Distribution.CONSTANT


BROKEN = """\
kind,trains,where,probability,distribution,mean_min,cap_min,extra
entrance,*,,0.5,exponential,5,,
entry,frieght,,0.5,exponential,5,,
entry,*,atlantis,0.5,exponential,5,,
entry,*,,40,exponential,5,,
entry,passenger,,0.5,gauss,5,,
entry,freight,,0.5,exponential,0,,
entry,PAX,,0.5,exponential,5,-3,
entry,FRT,,,exponential,5 min,,
entry,FRT,,0.5,exponential,5,,
"""


def test_every_fault_of_a_table_is_told_with_row_value_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "delays.csv"
    path.write_text(BROKEN)
    with pytest.raises(InputError) as raised:
        load_delay_table(str(path), line_scenario())
    told = {(issue.where, issue.value): issue.message for issue in raised.value.issues if issue.severity == "error"}
    assert set(told) == {
        ("row 2, column kind", "entrance"),
        ("row 3, column trains", "frieght"),
        ("row 4, column where", "atlantis"),
        ("row 5, column probability", "40"),
        ("row 6, column distribution", "gauss"),
        ("row 7, column mean_min", "0"),
        ("row 8, column cap_min", "-3"),
        ("row 9, column probability", ""),
        ("row 9, column mean_min", "5 min"),
        ("row 10, column kind", "entry"),
    }
    assert "did you mean 'entry'" in told["row 2, column kind", "entrance"]
    assert "did you mean 'freight'" in told["row 3, column trains", "frieght"]
    assert "empty for everywhere" in told["row 4, column where", "atlantis"]
    assert "0.4 for 40 %" in told["row 5, column probability", "40"]
    assert "exponential" in told["row 6, column distribution", "gauss"]
    assert "row 9 has the same" in told["row 10, column kind", "entry"]
    warnings = [issue for issue in raised.value.issues if issue.severity == "warning"]
    assert [issue.value for issue in warnings] == ["extra"]


def test_a_table_that_is_not_there_names_those_that_ship() -> None:
    with pytest.raises(InputError, match="ril405-low, ril405-high, all-kinds"):
        load_delay_table("ril406", line_scenario())


def test_missing_columns_are_told(tmp_path: Path) -> None:
    path = tmp_path / "delays.csv"
    path.write_text("kind,trains,probability\nentry,*,0.5\n")
    with pytest.raises(InputError) as raised:
        load_delay_table(str(path), line_scenario())
    assert {issue.code for issue in raised.value.issues} == {"missing-column"}
    assert {issue.where for issue in raised.value.issues} == {"row 1, column distribution", "row 1, column mean_min"}
