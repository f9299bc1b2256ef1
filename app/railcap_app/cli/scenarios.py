"""SCENARIO on the command line: a folder, its scenario.toml, or the name of a shipped instance."""

from __future__ import annotations

import sys

from railcap.corridor.scenario import Scenario
from railcap.planning.timetable import Timetable


def load(text: str) -> Scenario:
    """Load the scenario that `text` stands for, and tell its warnings on the error stream."""
    from railcap.api import find
    from railcap.formats.scenario_folder import load_scenario_with_issues

    scenario, issues = load_scenario_with_issues(find(text))
    for issue in issues:
        print(issue, file=sys.stderr)
    return scenario


def warn_of_another_scenario(scenario: Scenario, timetable: Timetable) -> None:
    """Tell on the error stream if a timetable was made for another scenario: that may be meant, or a slip."""
    if timetable.scenario != scenario.name:
        text = f"the timetable was made for scenario {timetable.scenario!r}, it is read with {scenario.name!r}"
        print(f"warning: {text}", file=sys.stderr)


def cost_scale(scenario: Scenario) -> int:
    """Return the cost units that make one weighted minute of a scenario."""
    from railcap.corridor.expand import train_requests
    from railcap.planning.compile_cost import CostUnits

    return CostUnits(scenario, train_requests(scenario)).scale
