"""`railcap bench`."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcap_app.cli.options import Json, MemoryLimit, ScenarioArgument, Seed, Threads, TimeLimit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from railcap_benchmarks.campaign import Rules, Run, Task

app = typer.Typer(
    help="Measure backends against each other, and railcap against published figures.",
    no_args_is_help=True,
    add_completion=False,
)

Backends = Annotated[
    str,
    typer.Option(
        "--backends", metavar="A,B", help="Backends by comma, each perhaps with options: highs:formulation=packing."
    ),
]
Workers = Annotated[
    int, typer.Option("--workers", metavar="N", help="Runs side by side; with the threads of each no more than cores.")
]
StoreFile = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", help="Where runs are kept as they end, to go on from after a stop."),
]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE.md", help="Also write the table as Markdown.")]


@app.callback()
def bench() -> None:
    """Measure backends against each other, and railcap against published figures."""


@app.command("plan")
def bench_plan_command(
    scenario: ScenarioArgument,
    backends: Backends = "auto,plain",
    time_limit: TimeLimit = 60.0,
    at: Annotated[str, typer.Option("--at", metavar="S,S", help="Show the cost at these seconds.")] = "10,60",
    threads: Threads = 2,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    output: Output = None,
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
    for name in _parts(backends):
        with ProgressLine(cost_scale(loaded)) as progress:
            rows.append(measure(loaded, name, parameters, times, progress))
    text = markdown(loaded.name, rows, parameters)
    if output is not None:
        write_text(output, text)
    print(json.dumps(as_dicts(rows)) if as_json else text)


@app.command("displib")
def bench_displib_command(
    problems: Annotated[Path, typer.Option("--problems", metavar="DIR", help="Folder of DISPLIB problems.")],
    best: Annotated[Path, typer.Option("--best", metavar="FILE.csv", help="The best values known, by instance.")],
    names: Annotated[str, typer.Option("--names", metavar="A,B", help="Only these instances.")] = "",
    backends: Backends = "auto,plain",
    time_limit: TimeLimit = 60.0,
    threads: Threads = 2,
    workers: Workers = 1,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    solutions: Annotated[
        Path | None, typer.Option("--solutions", metavar="DIR", help="Write each solution to DIR, for `railcap check`.")
    ] = None,
    records: Annotated[
        Path | None, typer.Option("--records", metavar="DIR", help="Write solutions better than the best known to DIR.")
    ] = None,
    store: StoreFile = None,
    output: Output = None,
    as_json: Json = False,
) -> int:
    """Solve problems with published values, and compare: each run, families, and the ratios between backends."""
    from railcap.formats.atomic import write_text
    from railcap_app.cli.exit_codes import ExitCode
    from railcap_benchmarks.backends_report import disagreements
    from railcap_benchmarks.known_runs import tasks_of
    from railcap_benchmarks.known_table import faults, report
    from railcap_benchmarks.suites.known_values import known_values

    tasks = tasks_of(known_values(problems, best, _parts(names)), _parts(backends), solutions, records)
    rules = _rules("displib", time_limit, threads, seed, memory_limit, workers)
    runs = _run_campaign(store or Path("out/bench/displib.jsonl"), rules, tasks)
    text = report(runs, rules) if runs else "no run has ended yet"
    if output is not None:
        write_text(output, text)
    _print_runs(runs, text, as_json)
    for fault in (found := faults(runs) + disagreements(runs)):
        print(f"railcap: {fault}", file=sys.stderr)
    return ExitCode.INTERNAL_ERROR if found else ExitCode.ANSWER


@app.command("backends")
def bench_backends_command(
    backends: Backends = "auto,cp-sat,highs,scip,cbc,plain,plain-big-m",
    families: Annotated[str, typer.Option("--families", metavar="A,B", help="See `railcap generate`.")] = (
        "line,corridor,network"
    ),
    sizes: Annotated[str, typer.Option("--sizes", metavar="N,N", help="1 (tiny) to 5 (a day of a long line).")] = (
        "1,2,3,4,5"
    ),
    seeds: Annotated[int, typer.Option("--seeds", metavar="N", help="Problems of each family and size.")] = 2,
    time_limit: TimeLimit = 20.0,
    threads: Threads = 1,
    workers: Workers = 1,
    seed: Seed = 0,
    memory_limit: MemoryLimit = 4.0,
    store: StoreFile = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE.md", help="The page; plots go into a folder of that name.")
    ] = Path("docs/benchmarks.md"),
    as_json: Json = False,
) -> int:
    """Run every backend and the peers over generated corridors, and write a page with tables and plots."""
    from railcap_app.cli.exit_codes import ExitCode
    from railcap_app.cli.output import check_writable
    from railcap_benchmarks.backends_report import disagreements, write_report
    from railcap_benchmarks.campaign import Task
    from railcap_benchmarks.suites.generated import generated

    problems = generated(_parts(families), [_whole(part, "--sizes") for part in _parts(sizes)], range(seeds))
    tasks = [
        Task(
            problem.name,
            backend,
            problem.load,
            {"family": problem.family, "place": problem.place, "size": problem.size.name},
        )
        for problem in problems
        for backend in _parts(backends)
    ]
    check_writable(output.parent, [output.name])
    rules = _rules("backends", time_limit, threads, seed, memory_limit, workers)
    runs = _run_campaign(store or Path("out/bench/backends.jsonl"), rules, tasks)
    if runs:
        write_report(runs, rules, output, shlex.join(["railcap", *sys.argv[1:]]))
    _print_runs(runs, f"{len(runs)} of {len(tasks)} runs; the page: {output}", as_json)
    return ExitCode.INTERNAL_ERROR if disagreements(runs) else ExitCode.ANSWER


@app.command("formulations")
def bench_formulations_command(
    backends: Backends = "highs:formulation=packing,highs:formulation=disjunctive,cp-sat,auto",
    stations: Annotated[int, typer.Option("--stations", metavar="N")] = 20,
    trains: Annotated[int, typer.Option("--trains", metavar="N")] = 120,
    minutes: Annotated[
        str,
        typer.Option("--minutes", metavar="N,N", help="How much later trains may leave and arrive; 0: as they ask."),
    ] = "10,20,0",
    seeds: Annotated[int, typer.Option("--seeds", metavar="N", help="Problems.")] = 1,
    time_limit: TimeLimit = 120.0,
    threads: Threads = 2,
    workers: Workers = 1,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    store: StoreFile = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Packing against disjunctive on a day of a single-track line where every request may be refused."""
    from functools import partial

    from railcap.formats.atomic import write_text
    from railcap_benchmarks.campaign import Task
    from railcap_benchmarks.known_table import formulations
    from railcap_benchmarks.suites.generated import optional_line

    tasks = [
        Task(
            f"line-{stations}x{trains}-{number}" + (f", {later} min" if later else ""),
            backend,
            partial(optional_line, number, stations, trains, later),
            {"family": "optional"},
        )
        for later in _minutes(minutes)
        for number in range(seeds)
        for backend in _parts(backends)
    ]
    rules = _rules("formulations", time_limit, threads, seed, memory_limit, workers)
    runs = _run_campaign(store or Path("out/bench/formulations.jsonl"), rules, tasks)
    text = formulations(runs, rules)
    if output is not None:
        write_text(output, text)
    _print_runs(runs, text, as_json)


@app.command("reality")
def bench_reality_command(
    alone: Annotated[
        bool, typer.Option("--alone", help="Times of trains alone on the line only: seconds instead of minutes.")
    ] = False,
    time_limit: TimeLimit = 20.0,
    threads: Threads = 2,
    seed: Seed = 0,
    memory_limit: MemoryLimit = None,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Published times and counts of the Karachi - Uzen corridor beside those of railcap, by what is assumed."""
    from railcap.formats.atomic import write_text
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.registry import backend_names
    from railcap.solving.solve import check_parameters
    from railcap_app.cli.output import check_writable
    from railcap_benchmarks import reality
    from railcap_instances.assumptions import LEVELS

    parameters = SolveParameters(time_limit, threads, seed, memory_limit_gb=memory_limit)
    check_parameters(parameters, backend_names())
    if output is not None:
        check_writable(output.parent)
    tables, plain = [], {}
    for figure in (reality.KARACHI_CHAMAN, reality.TURKMEN_TRANSIT):
        print(f"{figure.name} ...", file=sys.stderr, flush=True)
        rows = [reality.alone_row(figure, level) for level in LEVELS]
        rows += [reality.alone_row(figure, level, by_night=True) for level in LEVELS] if figure.by_night else []
        rows += [] if alone else [reality.traffic_row(figure, level, parameters) for level in LEVELS]
        tables.append(reality.time_table(figure, rows))
        plain[figure.name] = reality.as_dicts(rows)
    if not alone:
        print("Bolashak ...", file=sys.stderr, flush=True)
        days = [reality.yard_row(day, parameters) for day in reality.YARD_DAYS]
        tables.append(reality.yard_table(days))
        plain["Bolashak"] = reality.as_dicts(days)
    text = "\n".join([*tables, reality.conditions(None if alone else parameters)])
    if output is not None:
        write_text(output, text)
    print(json.dumps(plain) if as_json else text)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _minutes(text: str) -> list[int]:
    from railcap.errors import InputError

    found = [_whole(part, "--minutes") for part in _parts(text)]
    if not found or min(found) < 0:
        raise InputError(f"--minutes: {text!r} is not a list of minutes from 0 on, such as 10,20,0")
    return found


def _whole(text: str, option: str) -> int:
    from railcap.errors import InputError

    try:
        return int(text)
    except ValueError as error:
        raise InputError(f"{option}: {text!r} is not a whole number") from error


def _rules(
    campaign: str, time_limit: float, threads: int, seed: int, memory_limit: float | None, workers: int
) -> Rules:
    from railcap.errors import InputError
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.registry import backend_names
    from railcap.solving.solve import check_parameters
    from railcap_benchmarks.campaign import rules

    parameters = SolveParameters(time_limit, threads, seed, memory_limit_gb=memory_limit)
    check_parameters(parameters, backend_names())
    if workers < 1:
        raise InputError(f"--workers must be at least 1, not {workers}")
    return rules(campaign, parameters, workers)


def _run_campaign(path: Path, rules: Rules, tasks: Sequence[Task]) -> list[Run]:
    """Make the runs that the store has not, telling of each; return all that belong to the tasks, in their order."""
    from railcap.solving.registry import get_backend
    from railcap_app.cli.interrupt import stop_on_interrupt
    from railcap_benchmarks.campaign import Store, make_runs, parse_backend

    for name in {parse_backend(task.backend)[0] for task in tasks}:
        get_backend(name)
    kept = Store(path, rules)
    with stop_on_interrupt() as stop:
        make_runs(kept, tasks, lambda run, done, left: print(_line(run, done, left), file=sys.stderr, flush=True), stop)
    if stop.requested:
        print(f"railcap: stopped; the same command goes on from {path}", file=sys.stderr)
    keys = [(task.problem, task.backend) for task in tasks]
    return [kept.runs[key] for key in keys if key in kept.runs]


def _line(run: Run, done: int, left: int) -> str:
    cost = "-" if run.cost is None else f"{run.cost:,.10g}"
    bound = "-" if run.bound is None else f"{run.bound:,.10g}"
    ended = run.error or run.termination
    return f"{done:4} of {left}  {run.wall_s:6.1f} s  {run.problem}  {run.backend}: {ended}, cost {cost}, bound {bound}"


def _print_runs(runs: Sequence[Run], text: str, as_json: bool) -> None:
    import msgspec

    print(msgspec.json.encode(list(runs)).decode() if as_json else text)
