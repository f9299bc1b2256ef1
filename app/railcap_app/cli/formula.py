"""`railcap formula`: a capacity method from hand figures, and the list of them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcap_app.cli.options import Json

if TYPE_CHECKING:
    from railcap.measures.formulas.thresholds import Thresholds


def formula_command(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A formula; without it all are listed.")] = None,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="key=value ...", help="Its inputs by letter or name: T=20; a list: t1=24,30."),
    ] = None,
    about: Annotated[bool, typer.Option("--about", help="Tell what the formula takes, gives and assumes.")] = False,
    thresholds: Annotated[
        Path | None, typer.Option("--thresholds", metavar="FILE", help="A table of thresholds of your own (CSV).")
    ] = None,
    show_thresholds: Annotated[
        bool, typer.Option("--show-thresholds", help="Print the table of thresholds (CSV) instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compute a capacity method from hand figures: CIS, Scott, UIC 405 and 406, and others; or list them all."""
    from railcap.measures.formulas.catalogue import FORMULAS, evaluate, formula
    from railcap_app.cli.formula_text import about_json, about_text, answer_json, answer_text, list_text
    from railcap_app.cli.formula_values import read_values

    table = _table(thresholds)
    if show_thresholds:
        _print_table(table, as_json)
    elif name is None:
        listed = FORMULAS.values()
        if as_json:
            print(json.dumps({"formulas": [about_json(one) for one in listed]}))
        else:
            print(list_text(listed))
    elif about:
        print(json.dumps(about_json(formula(name))) if as_json else about_text(formula(name)))
    else:
        wanted = formula(name)
        given = read_values(wanted, values or [])
        answer = evaluate(wanted, given.values, table, given.choices, faults=given.faults, unread=given.unread)
        print(json.dumps(answer_json(answer)) if as_json else answer_text(answer))


def _table(path: Path | None) -> Thresholds:
    """Return the table of thresholds, and tell its warnings on the error stream."""
    from railcap.formats.thresholds import read_thresholds, shipped_thresholds

    if path is None:
        return shipped_thresholds()
    table, warnings = read_thresholds(path)
    for issue in warnings:
        print(issue, file=sys.stderr)
    return table


def _print_table(table: Thresholds, as_json: bool) -> None:
    from railcap.formats.thresholds import thresholds_text

    if as_json:
        print(json.dumps({"thresholds": [asdict(row) for row in table]}))
    else:
        print(thresholds_text(table), end="")
