"""SCENARIO on the command line: a folder, its scenario.toml, or the name of a shipped instance."""

from __future__ import annotations

import sys
from pathlib import Path

from railcap.corridor.scenario import Scenario


def scenario_folder(text: str) -> Path:
    """Return the folder that `text` stands for; raises `InputError` with the names that there are."""
    from railcap.api import find

    path = find(text)
    return path.parent if path.name == "scenario.toml" else path


def load(text: str) -> Scenario:
    """Load the scenario that `text` stands for, and tell its warnings on the error stream."""
    from railcap.formats.scenario_folder import load_scenario_with_issues

    scenario, issues = load_scenario_with_issues(scenario_folder(text))
    for issue in issues:
        print(issue, file=sys.stderr)
    return scenario


def cost_scale(scenario: Scenario) -> int:
    """Return the cost units that make one weighted minute of a scenario."""
    from railcap.corridor.expand import train_requests
    from railcap.planning.compile_cost import CostUnits

    return CostUnits(scenario, train_requests(scenario)).scale
