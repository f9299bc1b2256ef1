"""`railcap bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from railcap_app.cli.options import Json, MemoryLimit, ScenarioArgument, Seed, Threads, TimeLimit

app = typer.Typer(help="Measure backends against each other.", no_args_is_help=True, add_completion=False)


@app.callback()
def bench() -> None:
    """Measure backends against each other."""


@app.command("plan")
def bench_plan_command(
    scenario: ScenarioArgument,
    backends: Annotated[str, typer.Option("--backends", metavar="A,B", help="Backends, by comma.")] = "cp-sat,plain",
    time_limit: TimeLimit = 60.0,
    at: Annotated[str, typer.Option("--at", metavar="S,S", help="Show the cost at these seconds.")] = "10,60",
    threads: Threads = 2,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE.md", help="Also write the table as Markdown.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Plan one scenario with several backends, one after another, and print a table."""
    from railcap.formats.atomic import write_text
    from railcap.solving.parameters import SolveParameters
    from railcap_app.cli.output import check_writable
    from railcap_app.cli.progress_line import ProgressLine
    from railcap_app.cli.scenarios import cost_scale, load
    from railcap_benchmarks.plan_table import as_dicts, markdown, measure, moments

    times = moments(at, time_limit)
    if output is not None:
        check_writable(output.parent)
    loaded = load(scenario)
    rows = []
    parameters = SolveParameters(time_limit, threads, seed, memory_limit_gb=memory_limit)
    for name in (part.strip() for part in backends.split(",")):
        with ProgressLine(cost_scale(loaded)) as progress:
            rows.append(measure(loaded, name, parameters, times, progress))
    text = markdown(loaded.name, rows, parameters)
    if output is not None:
        write_text(output, text)
    print(json.dumps(as_dicts(rows)) if as_json else text)
