"""`railcap generate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from railcap_app.cli.options import Json


def generate_command(
    kind: Annotated[str, typer.Argument(metavar="line|corridor|network", help="What to draw from the seed.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="A new or empty folder to write to.")],
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Same seed, same bytes.")] = 0,
    stations: Annotated[int | None, typer.Option("--stations", metavar="N", help="Stations in all.")] = None,
    trains: Annotated[int | None, typer.Option("--trains", metavar="N", help="Trains a day.")] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", help="Days of departures.")] = None,
    closures: Annotated[int | None, typer.Option("--closures", metavar="N", help="Possessions.")] = None,
    fixed_paths: Annotated[int | None, typer.Option("--fixed-paths", metavar="N", help="Fixed paths.")] = None,
    as_json: Json = False,
) -> None:
    """Write a valid scenario folder drawn from a seed."""
    from railcap.errors import InputError
    from railcap.formats.scenario_folder import save_scenario
    from railcap_app.cli.output import check_new
    from railcap_instances.generator import generate

    try:
        scenario = generate(
            kind, seed, stations=stations, trains=trains, days=days, closures=closures, fixed_paths=fixed_paths
        )
    except ValueError as error:
        raise InputError(str(error)) from error
    check_new(out)
    save_scenario(scenario, out)
    if as_json:
        print(json.dumps({"name": scenario.name, "out": str(out)}))
    else:
        print(f"{scenario.name}: written to {out}; plan it with: railcap plan {out}")
