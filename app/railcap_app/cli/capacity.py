"""`railcap capacity`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcap_app.cli.options import Json, ScenarioArgument
from railcap_app.cli.part import FROM, STATIONS, UNTIL

if TYPE_CHECKING:
    from railcap.measures.formulas.thresholds import Thresholds

_MOMENT = "'YYYY-MM-DD HH:MM'"


def capacity_command(
    scenario: ScenarioArgument,
    timetable: Annotated[
        Path | None,
        typer.Argument(metavar="TIMETABLE.json", help="As `railcap plan` writes it; without it by methods for a mix."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="NAME,...", help="Without a timetable: only these methods, by comma."),
    ] = None,
    mix: Annotated[
        str | None,
        typer.Option("--mix", metavar="TYPE=SHARE,...", help="Without a timetable: these trains, not the requests."),
    ] = None,
    administration: Annotated[
        str, typer.Option("--administration", metavar="NAME", help="Without a timetable: whose thresholds count.")
    ] = "",
    rate: Annotated[
        float | None,
        typer.Option("--rate", metavar="SHARE", help="Recommended occupancy rate, 0.6 being 60 %, for UIC 406."),
    ] = None,
    traffic: Annotated[
        str | None,
        typer.Option("--traffic", metavar="KIND", help="Else that of the table for suburban, high-speed or mixed"),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="and for day or peak; mixed and day if not given.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option("--thresholds", metavar="FILE", help="A table of thresholds of your own (CSV).")
    ] = None,
    stations: Annotated[
        str | None,
        typer.Option(STATIONS, metavar="FIRST,LAST", help="Only this part of the line: ids or names of two stations."),
    ] = None,
    begin: Annotated[
        str | None, typer.Option(FROM, metavar=_MOMENT, help="One window from then on, by the scenario's clock.")
    ] = None,
    until: Annotated[str | None, typer.Option(UNTIL, metavar=_MOMENT, help="Until then; else each day.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Also write tables and drawings there.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Also write one HTML page with all of it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell how much of the line a timetable consumes (UIC 406); without one, how much it can carry by every method."""
    from railcap_app.cli.capacity_mix import MixOptions, tell_mix
    from railcap_app.cli.capacity_timetable import TimetableOptions, tell_timetable

    table = _thresholds(thresholds)
    if timetable is None:
        _refuse(
            "is for a capacity from a timetable; name the timetable behind the scenario, or leave it out",
            {
                "--rate": rate,
                "--traffic": traffic,
                "--period": period,
                "--from": begin,
                "--until": until,
            },
        )
        tell_mix(scenario, table, MixOptions(method, mix, administration.lower(), stations, out, report, as_json))
        return
    _refuse(
        "is for a capacity without a timetable; leave it or the timetable out",
        {
            "--method": method,
            "--mix": mix,
            "--administration": administration or None,
        },
    )
    case = f"{'mixed' if traffic is None else traffic.lower()}/{'day' if period is None else period.lower()}"
    recommended = rate if rate is not None else table.value("uic", "occupancy_rate", case)
    tell_timetable(scenario, timetable, TimetableOptions(recommended, stations, begin, until, out, report, as_json))


def _refuse(message: str, given: Mapping[str, object]) -> None:
    """Raise `InputError` for every option that is given and has no meaning here."""
    from railcap.errors import InputError, Issue

    issues = [
        Issue("", name, str(value), f"this {message}", "option-without-use")
        for name, value in given.items()
        if value is not None
    ]
    if issues:
        raise InputError("the capacity cannot be told", issues)


def _thresholds(path: Path | None) -> Thresholds:
    from railcap.formats.thresholds import read_thresholds, shipped_thresholds

    if path is None:
        return shipped_thresholds()
    table, warnings = read_thresholds(path)
    for issue in warnings:
        print(issue, file=sys.stderr)
    return table
