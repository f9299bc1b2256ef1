"""The parts of the short Python API that stand above planning: load a scenario, write and draw a plan."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from railcap.errors import InputError

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario

LIBRARIES = "railcap.instances"
"""Entry point group of libraries of instances: functions from a name to a scenario folder, `KeyError` if unknown."""


def load(scenario: str | Path) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    scenario : str or Path
        A scenario folder, or the name of a shipped instance.

    Raises
    ------
    InputError
        If there is no such folder or instance, or with everything that is wrong with it.
    """
    from railcap.formats.scenario_folder import load_scenario

    return load_scenario(find(scenario))


def find(scenario: str | Path) -> Path:
    """Return the folder of a scenario that is given as a path or as the name of a shipped instance; see `load`."""
    path = Path(scenario)
    if path.exists():
        return path
    hints = []
    for point in entry_points(group=LIBRARIES):
        try:
            return Path(point.load()(str(scenario)))
        except KeyError as error:
            hints.append(str(error.args[0]))
    raise InputError("; ".join([f"there is no folder {str(scenario)!r}", *hints]))
