"""`railcap draw`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from railcap_app.cli.options import Out, ScenarioArgument


def draw_command(
    scenario: ScenarioArgument,
    timetable: Annotated[Path, typer.Argument(metavar="TIMETABLE.json", help="As `railcap plan` writes it.")],
    out: Out = None,
) -> None:
    """Draw the train graph and the track occupation of a timetable (SVG, PDF, PNG)."""
    import railcap
    from railcap.api import drawing_names
    from railcap.formats.timetable_json import read_timetable
    from railcap_app.cli.output import check_writable
    from railcap_app.cli.scenarios import load, warn_of_another_scenario

    loaded = load(scenario)
    drawn = read_timetable(timetable)
    warn_of_another_scenario(loaded, drawn)
    folder = out if out is not None else timetable.parent
    check_writable(folder, drawing_names())
    for path in railcap.draw(loaded, drawn, folder):
        print(path)
