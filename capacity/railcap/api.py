"""The parts of the short Python API that stand above planning: load a scenario, look at a plan, write and draw it."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from railcap.errors import InputError

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.planning.plan import Plan
    from railcap.planning.timetable import Timetable

LIBRARIES = "railcap.instances"
"""Entry point group of libraries of instances: functions from a name to a scenario folder, `KeyError` if unknown."""


def load(scenario: str | Path) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    scenario : str or Path
        A scenario folder (or its ``scenario.toml``), or the name of a shipped instance.

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
        return path.parent if path.name == "scenario.toml" else path
    hints = []
    for point in entry_points(group=LIBRARIES):
        try:
            return Path(point.load()(str(scenario)))
        except KeyError as error:
            hints.append(str(error.args[0]))
    raise InputError("; ".join([f"there is no folder {str(scenario)!r}", *hints]))


def summarise(plan: Plan) -> str:
    """Return what a planner reads first, as text: accepted and refused, cost and bound, where the line is full."""
    if plan.timetable is None:
        detail = f": {plan.termination.detail}" if plan.termination.detail else ""
        return f"no timetable ({plan.termination.reason.value.replace('_', ' ')}{detail})\n"
    from railcap.measures.summary import summarise as measure
    from railcap.measures.summary_text import summary_text

    return summary_text(plan.scenario, measure(plan.scenario, plan.timetable), plan.cost, plan.bound)


def write(plan: Plan, folder: str | Path) -> list[Path]:
    """Write a plan's timetable (JSON, CSV, XLSX) and drawings into a folder, made if need be.

    The files appear together when all are written; of two plans into one folder, the later one replaces the earlier.

    Returns
    -------
    list of Path
        The files, each whole; none if the plan has no timetable.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    if plan.timetable is None:
        return []
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.timetable_json import write_timetable
    from railcap.formats.timetable_tables import write_tables

    with OutputFolder(folder) as output:
        write_timetable(plan.timetable, output.building / "timetable.json")
        write_tables(plan.scenario, plan.timetable, output.building, summarise(plan).splitlines())
        _draw(plan.scenario, plan.timetable, output.building)
    return output.written


def draw(scenario: Scenario, timetable: Timetable, folder: str | Path) -> list[Path]:
    """Draw the train graph and the track occupation of a timetable into a folder, each as SVG, PDF and PNG.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    from railcap.formats.atomic import OutputFolder

    with OutputFolder(folder) as output:
        _draw(scenario, timetable, output.building)
    return output.written


def _draw(scenario: Scenario, timetable: Timetable, folder: Path) -> None:
    from railcap.drawing.track_occupation import draw_track_occupation
    from railcap.drawing.train_graph import draw_train_graph

    draw_train_graph(scenario, timetable, folder / "train_graph")
    draw_track_occupation(scenario, timetable, folder / "track_occupation")
