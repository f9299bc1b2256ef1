"""`railcap plan`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcap_app.cli.options import (
    BackendName,
    Certificate,
    Deterministic,
    Gap,
    Json,
    MemoryLimit,
    Out,
    ScenarioArgument,
    Seed,
    Threads,
    TimeLimit,
)

if TYPE_CHECKING:
    from railcap.errors import OutputError
    from railcap.operations.problem import OperationsProblem
    from railcap.planning.plan import Plan
    from railcap.solving.cross_check import Said
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.result import Result


def plan_command(
    scenario: ScenarioArgument,
    time_limit: TimeLimit = 60.0,
    threads: Threads = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    backend: BackendName = "auto",
    memory_limit: MemoryLimit = None,
    gap: Gap = 0.0,
    certificate: Certificate = None,
    out: Out = None,
    problem_too: Annotated[
        bool, typer.Option("--problem", help="Also write the operations problem and its solution (DISPLIB JSON).")
    ] = False,
    as_json: Json = False,
) -> int:
    """Plan a scenario: a checked timetable with its cost and a proven bound, written and drawn."""
    import railcap
    from railcap.api import file_names
    from railcap.errors import InputError, OutputError
    from railcap.solving.cross_check import chosen_backends
    from railcap.solving.parameters import SolveParameters
    from railcap_app.cli.answer import loss_of, termination_line
    from railcap_app.cli.cross_check import cross_check, rows, table
    from railcap_app.cli.interrupt import stop_on_interrupt
    from railcap_app.cli.output import check_writable, print_written
    from railcap_app.cli.progress_line import ProgressLine
    from railcap_app.cli.scenarios import cost_scale, load

    loaded = load(scenario)
    if not loaded.requests and not loaded.fixed_paths:
        raise InputError(f"{loaded.name} asks for no train; fill its requests.csv or fixed_paths.csv")
    folder = out if out is not None else Path("out") / loaded.name
    check_writable(folder, file_names(loaded, problem=problem_too))
    if certificate is not None:
        check_writable(certificate.parent, [certificate.name])
    parameters = SolveParameters(time_limit, threads, seed, deterministic, gap, memory_limit)
    names, scale = chosen_backends(backend), cost_scale(loaded)
    plans: dict[str, Plan] = {}
    unwritten: OutputError | None = None
    with stop_on_interrupt() as stop:
        with ProgressLine(scale) as progress:

            def by(name: str) -> Result:
                progress.begin(name if len(names) > 1 else "")
                watched = stop.watch(progress, scale)
                plans[name] = railcap.plan(loaded, backend=name, parameters=parameters, stop=stop, progress=watched)
                return plans[name].result

            def problem() -> OperationsProblem:
                return next(iter(plans.values())).compiled.problem

            said, name, best = cross_check(names, by, problem, folder / "contradiction", stop)
            plan = replace(plans[name], result=best)
            stop.finish(loss_of(plan.objective, folder))
            if plan.timetable is not None:
                progress.message(best.wall_s, "writing")
            try:
                written = railcap.write(plan, folder, problem=problem_too)
            except OutputError as error:
                written, unwritten = [], error  # the work of minutes is at least printed
        if certificate is not None and plan.compiled.blocked():
            detail = f"there is nothing to solve, {plan.termination.detail}"
            print(f"warning: no certificate is written to {certificate}: {detail}", file=sys.stderr)
            certificate = None
        if certificate is not None:
            try:
                _certify(certificate, plan, said, parameters)
            except OutputError as error:
                certificate, unwritten = None, unwritten or error
        stop.finish("interrupted while printing; the files are all written")
        if as_json:
            backends = {"backends": rows(said, scale)} if len(names) > 1 else {}
            print(json.dumps(_json(plan, folder if written else None) | backends))
            return _end(plan, unwritten)
        if len(names) > 1:
            print(table(said, scale) + "\n")
        print(termination_line(plan.result))
        if plan.timetable is not None:
            print(railcap.summarise(plan))
            print_written([*written, *([certificate] if certificate is not None else [])])
        return _end(plan, unwritten)


def _end(plan: Plan, unwritten: OutputError | None) -> int:
    """Return the exit code, or raise what kept the files from being written, after all that was printed."""
    from railcap_app.cli.exit_codes import exit_code

    if unwritten is not None:
        sys.stdout.flush()
        raise unwritten
    return exit_code(plan.result)


def _certify(path: Path, plan: Plan, said: Sequence[Said], parameters: SolveParameters) -> None:
    """Write the certificate of a plan: that of its operations problem, whose costs are without the constant."""
    from railcap.formats.certificate import write_certificate

    def less(result: Result) -> Result:
        constant = plan.compiled.constant_cost
        objective = None if result.objective is None else result.objective - constant
        return replace(result, objective=objective, bound=None if result.bound is None else result.bound - constant)

    inside = [replace(entry, result=None if entry.result is None else less(entry.result)) for entry in said]
    write_certificate(path, plan.compiled.problem, less(plan.result), inside, parameters)


def _json(plan: Plan, out: Path | None) -> dict[str, object]:
    """Return the JSON object of the outer contract; refused trains that cannot run at all count as rejected.

    Fixed paths count as accepted; light engines do not, since nobody has asked for them.
    """
    from railcap.measures.names import light_engines
    from railcap_app.cli.answer import answer_json

    answer = answer_json(plan.result, plan.compiled.problem.cost_scale, 0, 0, out)
    if plan.timetable is not None:
        paths, refused = plan.timetable.paths, plan.timetable.refused
        answer |= {"accepted": len(paths) - light_engines(paths), "rejected": len(refused)}
    return answer | {
        "avoidable_objective": plan.avoidable_objective,
        "avoidable_bound": plan.avoidable_bound,
        "avoidable_gap": plan.avoidable_gap,
    }
