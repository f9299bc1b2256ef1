"""`railcap simulate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from railcap_app.cli.options import Json, Seed

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.measures.robustness.results import Lateness, PassedOn, Repaired, Robustness
    from railcap.planning.timetable import Timetable

_MOST_TOLD = 20
_MOST_WITHIN = 6


def simulate_command(
    basis: Annotated[
        str, typer.Argument(metavar="SCENARIO|TIMETABLE.json", help="What was planned; or a shipped one's timetable.")
    ],
    timetable: Annotated[
        Path | None, typer.Argument(metavar="TIMETABLE.json", help="As `railcap plan` writes it.")
    ] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", help="How often to run through the timetable.")] = 1000,
    seed: Seed = 0,
    delays: Annotated[
        str,
        typer.Option("--delays", metavar="FILE|NAME", help="Primary delays (CSV); ril405-low, ril405-high, all-kinds."),
    ] = "ril405-low",
    within: Annotated[
        str, typer.Option("--within", metavar="MIN,...", help="Of how many minutes to tell the punctuality.")
    ] = "5,15,60",
    withdraw: Annotated[
        int | None,
        typer.Option("--withdraw", metavar="MIN", help="Withdraw trains that could go on only so late or later."),
    ] = None,
    repair: Annotated[
        int | None,
        typer.Option(
            "--repair",
            metavar="MIN",
            help="Also let a dispatcher change the order where that is expected to save so many minutes of delay.",
        ),
    ] = None,
    volume: Annotated[
        bool, typer.Option("--volume/--no-volume", help="Also simulate with a part of the trains only.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Also write tables and drawings there.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE.html", help="Also write all of it as one page.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate delays through a timetable: punctuality, knock-on delay, the weakest meets, where buffer would help."""
    from railcap.drawing.delay_pictures import file_names, write_robustness
    from railcap.formats.delay_table import load_delay_table
    from railcap.measures.names import train_labels
    from railcap.measures.robustness.report_text import robustness_text
    from railcap.measures.robustness.simulate import simulate
    from railcap_app.cli.interrupt import stop_on_interrupt
    from railcap_app.cli.output import check_page, check_writable, print_written
    from railcap_app.cli.progress_line import ProgressLine

    minutes = _minutes(within)
    scenario, read = _scenario_and_timetable(basis, timetable)
    table, warnings = load_delay_table(delays, scenario)
    for issue in warnings:
        print(issue, file=sys.stderr)
    if out is not None:
        check_writable(out, file_names())
    if report is not None:
        check_page(report)
    with stop_on_interrupt() as stop:
        with ProgressLine() as progress:
            found = simulate(
                scenario, read, table, days=days, seed=seed, within_min=minutes, withdraw_min=withdraw,
                repair_min=repair, volume=volume, stop=stop, progress=progress,
            )  # fmt: skip
            text = robustness_text(scenario, found, train_labels(read))
            stop.finish(f"interrupted while writing; {found.days:,} days were simulated")
            written = [] if out is None else write_robustness(scenario, read, found, out, text.splitlines())
            if report is not None:
                written.append(_write_report(scenario, read, found, report))
        if as_json:
            files = {
                "out": None if out is None else str(out),
                "report": None if report is None else str(report),
            }
            print(json.dumps(robustness_json(scenario, found) | files))
            return
        print(text, end="")
        print_written(written)


def robustness_json(scenario: Scenario, found: Robustness) -> dict[str, Any]:
    """Return a simulation as a JSON object: times in seconds a train or a day, shares as fractions."""
    from railcap.measures.robustness.report_cells import MEETS

    meets = [one for one in found.passed_on if one.handover.cause in MEETS]
    others = [one for one in found.passed_on if one.handover.cause not in MEETS]
    return {
        "scenario": scenario.name,
        "days": found.days,
        "asked_days": found.asked_days,
        "seed": found.seed,
        "delays": found.table.name,
        "order": "kept",
        "withdraw_min": found.withdraw_min,
        "all": _lateness(found, found.overall) | {"error_s": found.error_s},
        "categories": [_lateness(found, one) for one in found.categories],
        "requests": [_lateness(found, one) for one in found.requests],
        "primary_s": {str(kind): seconds for kind, seconds in found.kinds_s.items()},
        "weakest_meets": [_passed_on(one) for one in meets[:_MOST_TOLD]],
        "passed_on": [_passed_on(one) for one in others[:_MOST_TOLD]],
        "withdrawals": [
            {
                "train": one.train,
                "station": one.station,
                "share_of_days": one.share,
                "closed": one.closed or None,
                "without": one.without or None,
            }
            for one in found.withdrawals[:_MOST_TOLD]
        ],
        "volume": [
            {
                "trains": point.trains,
                "primary_s": point.primary_s,
                "mean_s": point.mean_s,
                "knock_on_s": point.knock_on_s,
                "knock_on_per_primary": point.knock_on_per_primary,
                "withdrawn": point.withdrawn_share,
            }
            for point in found.volume
        ],
        "repaired": None if found.repaired is None else _repaired(found, found.repaired),
    }


def _repaired(found: Robustness, repaired: Repaired) -> dict[str, Any]:
    rule = repaired.rule
    return {
        "rule": {
            "name": "look-ahead",
            "least_gain_s": rule.least_gain_s,
            "ahead_s": rule.ahead_s,
            "again_s": rule.again_s,
            "stations": rule.stations,
        },
        "all": _lateness(found, repaired.overall) | {"error_s": repaired.error_s},
        "categories": [_lateness(found, one) for one in repaired.categories],
        "requests": [_lateness(found, one) for one in repaired.requests],
        "changes_by_day": repaired.changes,
        "changed": [
            {
                "cause": str(one.cause),
                "place": one.place,
                "first": one.first,
                "before": one.second or None,
                "by_day": one.by_day,
            }
            for one in repaired.changed[:_MOST_TOLD]
        ],
    }


def _lateness(found: Robustness, one: Lateness) -> dict[str, Any]:
    from railcap.measures.robustness.results import PERCENTILES

    return {
        "name": one.name or None,
        "trains": one.trains,
        "on_time": one.within(0),
        "withdrawn": one.withdrawn_share,
        "within": {str(minutes): one.within(minutes) for minutes in found.within_min},
        "mean_s": one.mean_s,
        "percentiles_min": {str(percent): one.percentile_min(percent) for percent in PERCENTILES},
        "primary_s": one.primary_s,
        "alone_s": one.alone_s,
        "knock_on_s": one.knock_on_s,
    }


def _passed_on(one: PassedOn) -> dict[str, Any]:
    handover = one.handover
    return {
        "cause": str(handover.cause),
        "place": handover.place,
        "trains": [train for train in (handover.first, handover.second) if train],
        "buffer_s": handover.buffer_s,
        "share_of_days": one.share,
        "passed_s": one.passed_s,
        "kept_back_s": one.eased_s,
    }


def _write_report(scenario: Scenario, timetable: Timetable, found: Robustness, path: Path) -> Path:
    from railcap.drawing.report_pictures import robustness_pictures
    from railcap.formats.atomic import write_text
    from railcap.formats.robustness_report import robustness_report
    from railcap.measures.names import train_labels

    pictures = robustness_pictures(scenario, timetable, found)
    write_text(path, robustness_report(scenario, found, train_labels(timetable), pictures))
    return path


def _minutes(text: str) -> tuple[int, ...]:
    """Read the minutes of punctuality: whole numbers with commas, told in rising order."""
    from railcap.errors import InputError, Issue

    parts = [part.strip() for part in text.split(",")]
    bad = dict.fromkeys(part for part in parts if not part.isdecimal() or not 0 < int(part) <= 24 * 60)
    message = "write whole minutes from 1 to 1440 with commas, such as 5,15,60"
    issues = [Issue("", "--within", part, message, "not-minutes") for part in bad]
    found = sorted({int(part) for part in parts if part not in bad})
    if len(found) > _MOST_WITHIN:
        message = f"these are {len(found)} figures; a table has room for {_MOST_WITHIN}"
        issues.append(Issue("", "--within", text, message, "too-many"))
    if issues:
        raise InputError("the minutes of punctuality cannot be used", issues)
    return tuple(found)


def _scenario_and_timetable(basis: str, timetable: Path | None) -> tuple[Scenario, Timetable]:
    """Return what is to be simulated; with the timetable alone, the scenario is the shipped one that it names."""
    from railcap.errors import InputError
    from railcap.formats.timetable_json import read_timetable
    from railcap_app.cli.scenarios import load, warn_of_another_scenario

    if timetable is None:
        if Path(basis).suffix.lower() != ".json":
            raise InputError(
                f"give the timetable too, as `railcap plan` writes it: railcap simulate {basis} TIMETABLE.json"
            )
        read = read_timetable(Path(basis))
        return load(read.scenario), read
    scenario, read = load(basis), read_timetable(timetable)
    warn_of_another_scenario(scenario, read)
    return scenario, read
