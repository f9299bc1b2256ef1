"""`railcap saturate`."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from railcap_app.cli.options import (
    Deterministic,
    Json,
    MemoryLimit,
    ScenarioArgument,
    Seed,
    Threads,
    TimeLimit,
)
from railcap_app.cli.part import FROM, UNTIL

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.measures.saturation.binding import Neighbour
    from railcap.measures.saturation.candidates import Window
    from railcap.measures.saturation.mix import Mix
    from railcap.measures.saturation.saturation import Saturation
    from railcap.measures.saturation.yard_curve import CurvePoint
    from railcap.operations.schedule import Schedule
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.progress import Progress
    from railcap_app.cli.progress_line import ProgressLine

T = TypeVar("T")

_MOMENT = "'YYYY-MM-DD HH:MM'"


def saturate_command(
    scenario: ScenarioArgument,
    mix: Annotated[
        str,
        typer.Option(
            "--mix", metavar="CLASS=SHARE,...", help="TYPE:FROM-TO, or a request of the scenario, and its share."
        ),
    ],
    begin: Annotated[
        str | None, typer.Option(FROM, metavar=_MOMENT, help="Window from then on, by the scenario's clock;")
    ] = None,
    until: Annotated[
        str | None, typer.Option(UNTIL, metavar=_MOMENT, help="until then; else the scenario's first day.")
    ] = None,
    timetable: Annotated[
        Path | None,
        typer.Option("--beside", metavar="TIMETABLE.json", help="Keep its paths, in place of the fixed ones."),
    ] = None,
    maximise: Annotated[
        str, typer.Option("--maximise", metavar="mix|total", help="Keep the shares, or choose trains freely.")
    ] = "mix",
    slack: Annotated[
        float | None,
        typer.Option("--slack", metavar="FACTOR", help="Longest journey, as a multiple of the shortest."),
    ] = None,
    binds: Annotated[
        int, typer.Option("--binds", metavar="N", help="Look at N relaxations that may admit one more path.")
    ] = 4,
    each_limit: Annotated[
        float,
        typer.Option(
            "--binds-limit", metavar="S", help="Limit in seconds of each of them, and of each point of a curve."
        ),
    ] = 15.0,
    vary: Annotated[
        str | None,
        typer.Option("--vary", metavar="WHAT=1..4", help="A yard's curve: RESOURCE, RESOURCE.hours or STATION.tracks."),
    ] = None,
    time_limit: TimeLimit = 60.0,
    threads: Threads = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    backend: Annotated[str, typer.Option("--backend", metavar="NAME", help="See `railcap backends`.")] = "auto",
    memory_limit: MemoryLimit = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Also write timetable, tables, drawings.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Also write one HTML page with all of it.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Tell how many train paths of a mix fit into a window at most, with a proven bound, and which places are full."""
    from railcap.formats.saturation_report import Settings
    from railcap.measures.saturation.binding import neighbours
    from railcap.measures.saturation.mix import read_mix
    from railcap.measures.saturation.saturate import saturate
    from railcap.measures.saturation.yard_curve import read_variation, yard_curve
    from railcap.solving.parameters import SolveParameters
    from railcap_app.cli.interrupt import stop_on_interrupt
    from railcap_app.cli.output import print_written
    from railcap_app.cli.progress_line import ProgressLine
    from railcap_app.cli.saturate_answer import SaturateAnswer, check_places
    from railcap_app.cli.scenarios import load

    loaded = load(scenario)
    _check_options(maximise, slack, each_limit)
    asked = read_mix(loaded, mix)
    window = _window(loaded, begin, until)
    base = loaded if timetable is None else _beside(loaded, timetable, asked)
    variation = None if vary is None else read_variation(base, vary)
    check_places(base, out, report)
    parameters = SolveParameters(time_limit, threads, seed, deterministic, memory_limit_gb=memory_limit)
    with stop_on_interrupt() as stop:
        with ProgressLine() as line:

            def one_more(relaxed: Scenario, wanted: int) -> Saturation:
                return filled(relaxed, replace(parameters, time_limit_s=each_limit), None, enough=wanted)

            def filled(
                given: Scenario, limits: SolveParameters, watched: Progress | None, enough: int | None = None
            ) -> Saturation:
                return saturate(
                    given,
                    asked,
                    window,
                    freely=maximise == "total",
                    slack=slack,
                    enough=enough,
                    backend=backend,
                    parameters=limits,
                    stop=stop,
                    progress=watched,
                )

            found = filled(base, parameters, stop.watch(_Messages(line), 1))
            needs: list[Neighbour] = []
            if found.timetable is not None and not stop.requested and binds > 0:
                line.message(found.wall_s, "looks for what the next path needs")
                needs = _until_ended(neighbours(found, binds, one_more, stop))
            curve: list[CurvePoint] = []
            if variation is not None and not stop.requested:
                line.message(found.wall_s, "makes the yard's curve")
                limits = replace(parameters, time_limit_s=each_limit)
                curve = _until_ended(yard_curve(base, variation, lambda given: filled(given, limits, None), stop))
            stop.finish("interrupted while writing: not all files are written")
            answer = SaturateAnswer(found, needs, variation, curve)
            written = [] if out is None else answer.write(out)
            files = {"out": str(out) if written else None, "report": None if report is None else str(report)}
            if report is not None:
                written.append(answer.write_report(report, Settings(slack, parameters, each_limit)))
        stop.finish("interrupted while printing; the files are all written")
        if as_json:
            print(json.dumps(answer.json() | files))
            return _exit_code(found)
        print(answer.text(), end="")
        print_written(written)
        return _exit_code(found)


def _until_ended(found: Iterator[T]) -> list[T]:
    """Return what is found until a second Ctrl-C kills the solver at work, or one of the scenarios cannot be solved.

    The number stands without it, and must not be lost by it.
    """
    from railcap.errors import BackendError, InputError

    known = []
    try:
        for one in found:
            known.append(one)
    except KeyboardInterrupt:
        pass
    except (BackendError, InputError) as error:
        print(f"warning: not all was looked at: {error}", file=sys.stderr)
    return known


class _Messages:
    """A `Progress` that shows messages only: costs mean nothing here."""

    def __init__(self, line: ProgressLine) -> None:
        self._line = line

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Ignore an answer: a message tells how many trains it has."""

    def bound(self, time_s: float, bound: int) -> None:
        """Ignore a bound: a message tells how many trains it admits."""

    def message(self, time_s: float, text: str) -> None:
        """Show a message."""
        self._line.message(time_s, text)


def _check_options(maximise: str, slack: float | None, each_limit: float) -> None:
    from railcap.errors import InputError, Issue
    from railcap.measures.saturation.candidates import slack_issues

    issues = slack_issues(slack, "--slack")
    if maximise not in ("mix", "total"):
        issues.append(Issue("", "--maximise", maximise, "give mix or total", "bad-option"))
    if not 0 < each_limit < math.inf:
        issues.append(Issue("", "--binds-limit", f"{each_limit:g}", "give seconds above 0", "out-of-range"))
    if issues:
        raise InputError("the options cannot be used", issues)


def _window(scenario: Scenario, begin: str | None, until: str | None) -> Window:
    from railcap.errors import InputError, Issue
    from railcap.formats.table_cells import CellError, moment_in
    from railcap.measures.saturation.candidates import Window, check_window, first_day

    day = first_day(scenario)
    issues: list[Issue] = []

    def moment(option: str, text: str | None, default: int) -> int:
        if text is None:
            return default
        try:
            return moment_in(scenario.time_zone)(text.strip())
        except CellError as error:
            issues.append(Issue("", option, text, str(error), error.code))
            return default

    window = Window(moment(FROM, begin, day.from_s), moment(UNTIL, until, day.until_s))
    if issues:
        raise InputError("the window cannot be used", issues)
    check_window(scenario, window)
    return window


def _beside(scenario: Scenario, path: Path, mix: Mix) -> Scenario:
    from railcap.formats.timetable_json import read_timetable
    from railcap.measures.saturation.candidates import beside
    from railcap_app.cli.scenarios import warn_of_another_scenario

    timetable = read_timetable(path)
    warn_of_another_scenario(scenario, timetable)
    return beside(scenario, timetable, mix)


def _exit_code(found: Saturation) -> int:
    """Return that of an answer also where it is proven that no train fits."""
    from railcap.solving.result import Limit
    from railcap_app.cli.exit_codes import ExitCode

    if found.timetable is not None or found.proven:
        return ExitCode.ANSWER
    return ExitCode.INTERRUPTED if found.limit is Limit.INTERRUPTED else ExitCode.NO_ANSWER
