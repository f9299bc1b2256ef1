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

TIMETABLE, PROBLEM, SOLUTION = "timetable.json", "problem.json", "solution.json"
DRAWINGS = ("train_graph", "track_occupation")

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
    TypeError
        If `scenario` is neither a text nor a path.
    """
    from railcap.formats.scenario_folder import load_scenario

    return load_scenario(find(scenario))


def find(scenario: str | Path) -> Path:
    """Return the folder of a scenario that is given as a path or as the name of a shipped instance; see `load`."""
    if not isinstance(scenario, str | Path):
        kind = type(scenario).__name__
        raise TypeError(f"load needs a scenario folder or the name of a shipped instance, a text or a Path, not {kind}")
    path = Path(scenario)
    if not str(scenario):
        raise InputError("give a scenario folder, or the name of a shipped instance")
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


def write(plan: Plan, folder: str | Path, *, problem: bool = False) -> list[Path]:
    """Write a plan's timetable (JSON, CSV, XLSX) and, unless it is empty, drawings into a folder, made if need be.

    The files appear together when all are written; of two plans into one folder, the later one replaces the earlier.

    Parameters
    ----------
    problem : bool
        Also write the operations problem and its solution (DISPLIB JSON), as ``problem.json`` and ``solution.json``.

    Returns
    -------
    list of Path
        The files, each whole; none if the plan has no timetable.

    Raises
    ------
    OutputError
        If a file cannot be written.
    TypeError
        If `plan` is no `Plan`.
    """
    from railcap.planning.plan import Plan

    if not isinstance(plan, Plan):
        raise TypeError(f"write needs a Plan, not {type(plan).__name__}; get one by railcap.plan(...)")
    if plan.timetable is None or plan.result.schedule is None:
        return []
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.displib import write_problem, write_solution
    from railcap.formats.timetable_json import write_timetable
    from railcap.formats.timetable_tables import write_tables

    with OutputFolder(folder) as output:
        if problem:
            write_problem(plan.compiled.problem, output.building / PROBLEM)
            write_solution(plan.result.schedule, plan.compiled.problem, output.building / SOLUTION)
        write_timetable(plan.timetable, output.building / TIMETABLE)
        write_tables(plan.scenario, plan.timetable, output.building, summarise(plan).splitlines())
        if plan.timetable.paths or plan.timetable.refused:
            _draw(plan.scenario, plan.timetable, output.building)
    return output.written


def file_names(*, problem: bool = False) -> list[str]:
    """Return the names of the files that `write` writes."""
    from railcap.formats.timetable_tables import FILES

    return [TIMETABLE, *FILES, *drawing_names(), *((PROBLEM, SOLUTION) if problem else ())]


def drawing_names() -> list[str]:
    """Return the names of the files that `draw` writes."""
    from railcap.drawing.saving import SUFFIXES

    return [name + suffix for name in DRAWINGS for suffix in SUFFIXES]


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

    for name, drawn in zip(DRAWINGS, (draw_train_graph, draw_track_occupation), strict=True):
        drawn(scenario, timetable, folder / name)
