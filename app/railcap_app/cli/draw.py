"""`railcap draw`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railcap_app.cli.options import Out, ScenarioArgument
from railcap_app.cli.part import FROM, STATIONS, UNTIL

_MOMENT = "'YYYY-MM-DD HH:MM'"


def draw_command(
    scenario: ScenarioArgument,
    timetable: Annotated[Path, typer.Argument(metavar="TIMETABLE.json", help="As `railcap plan` writes it.")],
    stations: Annotated[
        str | None,
        typer.Option(STATIONS, metavar="FIRST,LAST", help="Only this part of the line: ids or names of two stations."),
    ] = None,
    begin: Annotated[
        str | None, typer.Option(FROM, metavar=_MOMENT, help="Only from then on, by the scenario's clock.")
    ] = None,
    until: Annotated[str | None, typer.Option(UNTIL, metavar=_MOMENT, help="Only until then.")] = None,
    out: Out = None,
) -> None:
    """Draw the train graph, the track occupation, the yards and the chains of a timetable (SVG, PDF, PNG)."""
    import railcap
    from railcap.api import drawing_names
    from railcap.formats.timetable_json import read_timetable
    from railcap.measures.fit import must_fit
    from railcap_app.cli.output import check_writable
    from railcap_app.cli.part import Part
    from railcap_app.cli.scenarios import load, warn_of_another_scenario

    loaded = load(scenario)
    drawn = read_timetable(timetable)
    warn_of_another_scenario(loaded, drawn)
    must_fit(loaded, drawn)
    part = Part(loaded, drawn, stations, begin, until)
    folder = out if out is not None else timetable.parent
    check_writable(folder, drawing_names(loaded))
    written = railcap.draw(loaded, drawn, folder, stations=part.stations, from_s=part.from_s, until_s=part.until_s)
    for path in written:
        print(path)
