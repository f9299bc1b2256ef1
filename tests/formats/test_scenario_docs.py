"""docs/scenario.md tells the truth: its examples are a scenario, and it names every column and key with its default."""

import re
from pathlib import Path

import pytest
from scenario_texts import write_folder

from railcap.corridor.rules import CostWeights, Rules
from railcap.corridor.scenario import Scenario
from railcap.formats.scenario_folder import load_scenario_with_issues
from railcap.formats.scenario_folder_columns import COST_KEYS, NEEDED, RULE_KEYS, TABLES, TOP_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "scenario.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def example(name):
    return re.search(r"^```\w+\n(.*?)^```", SECTIONS[name], re.MULTILINE | re.DOTALL)[1]


def described(name):
    """Return the names in the first cells of the tables of a section, with the rest of their rows."""
    found = {}
    for first, *rest in (line.strip("|").split("|") for line in SECTIONS[name].splitlines() if line.startswith("| `")):
        for word in re.findall(r"`(\w+)`", first):
            found[word] = [first.strip(), *(cell.strip() for cell in rest)]
    return found


def test_the_examples_are_a_scenario_without_issues(tmp_path):
    names = ["scenario.toml", *(f"{name}.csv" for name in TABLES)]
    folder = write_folder(tmp_path / "docs", {name: example(name) for name in names})
    scenario, issues = load_scenario_with_issues(folder)
    assert [str(issue) for issue in issues] == []
    assert scenario.requests and scenario.fixed_paths and scenario.closures and scenario.daylight


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described_and_in_the_example(table):
    columns = TABLES[table]
    assert list(described(f"{table}.csv")) == list(columns)
    assert example(f"{table}.csv").splitlines()[0].split(",") == list(columns)
    stars = {name for name, (first, *_) in described(f"{table}.csv").items() if first.endswith("*")}
    assert stars == {name for name, required in columns.items() if required}


def test_every_key_is_described_with_its_default():
    keys = described("scenario.toml")
    assert list(keys) == [key for key in TOP_KEYS if key not in ("rules", "cost")] + [*RULE_KEYS, *COST_KEYS]
    for key, field in RULE_KEYS.items():
        default = Rules.__dataclass_fields__[field].default
        assert float(keys[key][2]) * (60 if field.endswith("_s") else 1) == default
    for key in COST_KEYS:
        assert float(keys[key][2]) == CostWeights.__dataclass_fields__[key].default
    assert float(keys["run_out_h"][2]) == Scenario.__dataclass_fields__["run_out_h"].default


def test_the_overview_says_what_is_needed():
    rows = re.findall(r"^\| \[(\w+)\.csv\]\(#(\w+)\) \|.*\| (\w*) ?\|$", PAGE, re.MULTILINE)
    assert {name for name, _, _ in rows} == set(TABLES)
    assert {name for name, _, needed in rows if needed == "needed"} == set(NEEDED)
    assert all(anchor == f"{name}csv" for name, anchor, _ in rows)
