"""The parts of the short Python API that stand above planning: load, write, draw, and measure a line's capacity."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcap.errors import InputError, Issue

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.measures.formulas.catalogue import Answer
    from railcap.measures.formulas.thresholds import Thresholds
    from railcap.measures.mix.report import MixCapacity
    from railcap.measures.occupation.report import TimetableCapacity
    from railcap.planning.plan import Plan
    from railcap.planning.timetable import Timetable

TIMETABLE, PROBLEM, SOLUTION = "timetable.json", "problem.json", "solution.json"
GRAPH, OCCUPATION, JOURNEYS, PAGES = "train_graph", "track_occupation", "journeys", "train_graph_pages.pdf"

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
        Also write the operations problem and its solution (DISPLIB JSON), as ``problem.json`` and ``solution.json``;
        without, files of these names are removed, since they would be of another plan.

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
    from railcap.drawing.saving import SUFFIXES
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.displib import write_problem, write_solution
    from railcap.formats.timetable_json import write_timetable
    from railcap.formats.timetable_tables import YARD_STEPS, write_tables

    sometimes = [PROBLEM, SOLUTION, YARD_STEPS, PAGES, *(JOURNEYS + suffix for suffix in SUFFIXES)]
    with OutputFolder(folder, sometimes) as output:
        if problem:
            write_problem(plan.compiled.problem, output.building / PROBLEM)
            write_solution(plan.result.schedule, plan.compiled.problem, output.building / SOLUTION)
        write_timetable(plan.timetable, output.building / TIMETABLE)
        write_tables(plan.scenario, plan.timetable, output.building, summarise(plan).splitlines())
        if plan.timetable.paths or plan.timetable.refused:
            _draw(plan.scenario, plan.timetable, output.building)
    return output.written


def file_names(scenario: Scenario, *, problem: bool = False) -> list[str]:
    """Return the names of the files that `write` may write of a plan of a scenario."""
    from railcap.formats.timetable_tables import FILES

    return [TIMETABLE, *FILES, *drawing_names(scenario), *((PROBLEM, SOLUTION) if problem else ())]


def drawing_names(scenario: Scenario) -> list[str]:
    """Return the names of the files that `draw` may write of a timetable of a scenario."""
    from railcap.drawing.journeys import has_journeys
    from railcap.drawing.saving import SUFFIXES
    from railcap.drawing.yard_chart import chart_names

    names = GRAPH, OCCUPATION, *chart_names(scenario).values(), *([JOURNEYS] if has_journeys(scenario) else [])
    return [PAGES, *(name + suffix for name in names for suffix in SUFFIXES)]


def draw(
    scenario: Scenario,
    timetable: Timetable,
    folder: str | Path,
    *,
    stations: tuple[str, str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
) -> list[Path]:
    """Draw train graph, track occupation, yards and chains of a timetable into a folder, each as SVG, PDF and PNG.

    What would be too much for one sheet (more than two days or 80 stations) is also drawn in pages. Chains of trains
    that links tie are drawn of the whole line and all the time only. Drawings of an earlier run that are not drawn this
    time are removed.

    Parameters
    ----------
    stations : tuple of two str, optional
        Ids of the first and last station of the part of the line to draw; by default the whole line and every yard.
    from_s, until_s : int, optional
        Time to draw in UTC seconds; by default as long as trains run.

    Raises
    ------
    InputError
        If there is no such part, or nothing to draw.
    OutputError
        If a file cannot be written.
    """
    from railcap.drawing.time_axis import timetable_span
    from railcap.formats.atomic import OutputFolder

    if from_s is not None or until_s is not None:
        first, last = timetable_span(scenario, timetable)
        from_s, until_s = first if from_s is None else from_s, last if until_s is None else until_s
    with OutputFolder(folder, drawing_names(scenario)) as output:
        _draw(scenario, timetable, output.building, stations, from_s, until_s)
    return output.written


def mix_capacity(
    scenario: Scenario,
    *,
    mix: Mapping[str, float] | None = None,
    methods: Sequence[str] | None = None,
    administration: str = "",
    sections: Collection[str] | None = None,
    thresholds: Thresholds | None = None,
) -> MixCapacity:
    """Return how much a line can carry by every method, without a timetable (docs/capacity.md).

    Parameters
    ----------
    mix : mapping of str to float, optional
        Train types and their shares, of any sum, in place of the trains that are asked for.
    methods : sequence of str, optional
        Some of ``cis``, ``scott``, ``charted``, ``uic-405``, ``theoretical``, ``practical``; by default all.
    administration : str
        Whose thresholds count where the table has some; by default each method's own.
    sections : collection of str, optional
        Only the part of the line with these sections.
    thresholds : Thresholds, optional
        A table in place of the one that ships, from `railcap.read_thresholds`.

    Returns
    -------
    MixCapacity
        By parts of the line; pairs and trains a day, loads as fractions.

    Raises
    ------
    InputError
        With what cannot be used, or if no train can run.
    TypeError
        If `scenario` is no Scenario.
    """
    from railcap.corridor.scenario import check_scenario
    from railcap.measures.mix.methods import METHODS
    from railcap.measures.mix.report import mix_capacity as measure

    check_scenario(scenario, "mix_capacity")
    table = _thresholds(thresholds)
    wanted = tuple(METHODS) if methods is None else tuple(methods)
    return measure(scenario, table, mix=mix, methods=wanted, administration=administration.lower(), sections=sections)


def timetable_capacity(
    scenario: Scenario,
    timetable: Timetable,
    *,
    traffic: str = "mixed",
    period: str = "day",
    recommended_rate: float | None = None,
    window: tuple[int, int] | None = None,
    sections: Collection[str] | None = None,
    thresholds: Thresholds | None = None,
) -> TimetableCapacity:
    """Return how much of a line's capacity a timetable consumes, by UIC 406 (docs/capacity.md).

    Parameters
    ----------
    timetable : Timetable
        One that keeps the rules of the scenario, such as that of a plan.
    traffic, period : str
        Which recommended occupancy time rate of the table counts: ``suburban``, ``high-speed`` or ``mixed``; ``day`` or
        ``peak``.
    recommended_rate : float, optional
        The rate itself, a fraction, in place of that of the table.
    window : tuple of int, optional
        From and until when, UTC seconds; by default each local day.
    sections : collection of str, optional
        Only these sections.
    thresholds : Thresholds, optional
        A table in place of the one that ships, from `railcap.read_thresholds`.

    Returns
    -------
    TimetableCapacity
        Times in seconds, rates as fractions; `limiting` is the line section that binds.

    Raises
    ------
    InputError
        With what cannot be used, or if trains are in conflict.
    TypeError
        If `scenario` is no Scenario.
    """
    from railcap.corridor.scenario import check_scenario
    from railcap.measures.occupation.report import timetable_capacity as measure

    check_scenario(scenario, "timetable_capacity")
    rate = recommended_rate
    if rate is None:
        rate = _thresholds(thresholds).value("uic", "occupancy_rate", f"{traffic.lower()}/{period.lower()}")
    return measure(scenario, timetable, recommended_rate=rate, window=window, sections=sections)


def formula(name: str, /, *, thresholds: Thresholds | None = None, **values: object) -> Answer:
    """Compute a capacity formula from figures by hand (docs/methods.md): ``formula("scott", T=20, t=100)``.

    Parameters
    ----------
    name : str
        Such as ``"scott"`` or ``"cis-single"``; `railcap.measures.formulas.catalogue.FORMULAS` has them all.
    thresholds : Thresholds, optional
        A table in place of the one that ships, from `railcap.read_thresholds`.
    **values
        Inputs by letter or by name, in the units of the name; what is not given and stands in the table of thresholds
        comes from there. Words such as ``administration="pakistan"`` choose the row.

    Returns
    -------
    Answer
        `result` is the formula's own result, `used` what went in.

    Raises
    ------
    InputError
        With everything that is wrong with the values.
    """
    from railcap.measures.formulas.catalogue import evaluate
    from railcap.measures.formulas.catalogue import formula as wanted_formula

    wanted = wanted_formula(name)
    given: dict[str, object] = {}
    chosen: dict[str, str] = {}
    twice = []
    for key, value in values.items():
        one = wanted.input(key)
        if one is None and key in wanted.choices:
            chosen[key] = str(value).lower()
            continue
        known = key if one is None else one.name
        if known in given:
            twice.append(
                Issue("", known, str(value), "this value is given twice; leave one of them", "duplicate-value")
            )
        given[known] = value
    return evaluate(wanted, given, _thresholds(thresholds), chosen, faults=twice)


def _thresholds(given: Thresholds | None) -> Thresholds:
    from railcap.formats.thresholds import shipped_thresholds

    return shipped_thresholds() if given is None else given


def _draw(
    scenario: Scenario,
    timetable: Timetable,
    folder: Path,
    stations: tuple[str, str] | None = None,
    from_s: int | None = None,
    until_s: int | None = None,
) -> None:
    from railcap.drawing.journeys import draw_journeys
    from railcap.drawing.line_axis import line_axis
    from railcap.drawing.track_occupation import busiest_stations, draw_track_occupation
    from railcap.drawing.train_graph import draw_train_graph
    from railcap.drawing.train_graph_pages import draw_train_graph_pages, needs_pages
    from railcap.drawing.yard_chart import chart_names, draw_yard_chart

    part: Any = {"stations": stations, "from_s": from_s, "until_s": until_s}
    time: Any = {"from_s": from_s, "until_s": until_s}
    draw_train_graph(scenario, timetable, folder / GRAPH, **part)
    if needs_pages(scenario, timetable, **part):
        draw_train_graph_pages(scenario, timetable, folder / PAGES, **part)
    drawn = scenario.network.stations if stations is None else line_axis(scenario, timetable, stations).stations
    draw_track_occupation(
        scenario, timetable, folder / OCCUPATION, stations=busiest_stations(scenario, timetable, drawn), **time
    )
    for station, name in chart_names(scenario).items():
        if station in drawn:
            draw_yard_chart(scenario, timetable, folder / name, station=station, **time)
    if stations is None and from_s is None and until_s is None:
        draw_journeys(scenario, timetable, folder / JOURNEYS)
