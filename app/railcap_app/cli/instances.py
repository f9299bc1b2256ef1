"""`railcap instances` and `railcap version`."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from railcap_app.cli.options import Json

_WITHOUT_BASE = re.compile(r"^base\s*=.*\n", re.MULTILINE)

app = typer.Typer(help="The instances that ship with railcap.", invoke_without_command=True, add_completion=False)


@app.callback()
def list_command(context: typer.Context, as_json: Json = False) -> None:
    """List the shipped instances and what they are."""
    if context.invoked_subcommand is not None:
        return
    from railcap_instances import catalogue

    described = {name: " ".join(catalogue.describe(name).split()) for name in catalogue.names()}
    if as_json:
        print(json.dumps(described))
        return
    for name, description in described.items():
        print(name)
        print(textwrap.fill(description, 100, initial_indent="    ", subsequent_indent="    "))


@app.command("copy")
def copy_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shipped instance.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
) -> None:
    """Copy a shipped instance into a folder of your own, whole, so that you can change it."""
    from railcap.errors import InputError
    from railcap_app.cli.output import check_new
    from railcap_instances import catalogue

    try:
        source = catalogue.folder(name)
    except KeyError as error:
        raise InputError(str(error.args[0])) from error
    check_new(folder)
    _copy(source, folder)
    print(f"{name}: copied to {folder}; plan it with: railcap plan {folder}")


def _copy(source: Path, folder: Path) -> None:
    """Copy a scenario folder with the tables of its bases, so that the copy stands alone."""
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.scenario_folder import scenario_folders

    settings = (source / "scenario.toml").read_text(encoding="utf-8")
    files: dict[str, Path] = {}
    for place in scenario_folders(source):
        for path in sorted(place.glob("*.csv")):
            files.setdefault(path.name, path)
    with OutputFolder(folder) as output:
        for name, path in files.items():
            output.file(name).write_bytes(path.read_bytes())
        output.file("scenario.toml").write_text(_WITHOUT_BASE.sub("", settings), encoding="utf-8", newline="\n")


def version_command() -> None:
    """Print the version."""
    from railcap import __version__

    print(f"railcap {__version__}")
