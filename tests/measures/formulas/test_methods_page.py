"""docs/methods.md tells the truth: rules, assumptions and sources are those of the code, its examples come out."""

import re
import shlex
from pathlib import Path

import pytest

from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.formulas.catalogue import FORMULAS
from railcap_app.cli.main import run

PAGE = (Path(__file__).parents[3] / "docs" / "methods.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `([\w-]+)`.*?\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
EXAMPLES = re.findall(r"^```\n\$ railcap formula (.*?)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def plain(text):
    return " ".join(text.replace("`", "").split())


def test_every_formula_has_its_section_in_the_order_of_the_list():
    assert list(SECTIONS) == list(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_section_has_the_rule_the_inputs_the_assumptions_and_the_source(name):
    one, section = FORMULAS[name], plain(SECTIONS[name])
    assert f"Formula: {one.about.rule}" in section
    assert all(f"- {assumption}" in section for assumption in one.about.assumptions)
    assert f"Source: {one.about.source}" in section
    for put in one.inputs:
        assert re.search(rf"\| {put.symbol or put.name} \|.*?\| {re.escape(put.meaning)} \|", section), put.name


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_an_example_comes_out_as_it_stands_there(capfd, command, shown):
    assert run(["formula", *shlex.split(command)]) == 0
    printed = [plain(line) for line in capfd.readouterr().out.splitlines()]
    lines = [plain(line) for line in shown.splitlines()]
    assert lines and lines[0] == printed[0]
    assert [line for line in lines if line not in printed] == []


@pytest.mark.parametrize("name", FORMULAS)
def test_every_section_has_an_example(name):
    assert f"```\n$ railcap formula {name} " in SECTIONS[name]


def test_the_example_in_python_comes_out():
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    *lines, last = code.strip().splitlines()
    expression, _, figure = last.partition("  # ")
    names = {}
    exec("\n".join(lines), names)
    assert str(eval(expression, names)) == figure


def test_the_thresholds_are_those_of_the_table():
    (table,) = re.findall(r"^\| administration \|.*?\n\|[-|]+\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    shown = {(row[0], row[1].strip("`"), row[2]): row[3:5] for row in rows}
    assert shown == {
        (row.administration, row.name, row.case): [
            f"{row.typical:g}",
            " to ".join(f"{end:g}" for end in (row.low, row.high) if end is not None),
        ]
        for row in shipped_thresholds()
    }
