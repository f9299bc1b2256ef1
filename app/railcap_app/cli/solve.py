"""`railcap solve` and `railcap backends`."""

from __future__ import annotations

import json
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
    Seed,
    Threads,
    TimeLimit,
)

if TYPE_CHECKING:
    from railcap.operations.problem import OperationsProblem
    from railcap.solving.result import Result
    from railcap_app.cli.interrupt import Watched


def solve_command(
    problem_file: Annotated[Path, typer.Argument(metavar="PROBLEM.json", help="A problem in DISPLIB's format.")],
    solution: Annotated[
        Path | None, typer.Option("--solution", metavar="OUT.json", help="Where to write the solution.")
    ] = None,
    time_limit: TimeLimit = 60.0,
    threads: Threads = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    backend: BackendName = "auto",
    memory_limit: MemoryLimit = None,
    gap: Gap = 0.0,
    certificate: Certificate = None,
    as_json: Json = False,
) -> int:
    """Solve an operations problem (DISPLIB JSON, with railcap's extensions)."""
    from railcap.errors import InputError
    from railcap.formats.certificate import write_certificate
    from railcap.formats.displib import read_problem, write_solution
    from railcap.solving.cross_check import chosen_backends
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.solve import solve
    from railcap_app.cli.answer import answer_json, loss_of, termination_line
    from railcap_app.cli.cross_check import cross_check, rows, table
    from railcap_app.cli.exit_codes import exit_code
    from railcap_app.cli.interrupt import stop_on_interrupt
    from railcap_app.cli.output import check_writable
    from railcap_app.cli.progress_line import ProgressLine

    problem = read_problem(problem_file)
    for option, path in (("--solution", solution), ("--certificate", certificate)):
        if path is None:
            continue
        if path.exists() and path.samefile(problem_file):
            raise InputError(f"{option} {path} is the problem itself; give another file")
        check_writable(path.parent, [path.name])
    parameters = SolveParameters(time_limit, threads, seed, deterministic, gap, memory_limit)
    names = chosen_backends(backend)
    with stop_on_interrupt() as stop:
        with ProgressLine(problem.cost_scale) as progress:

            def by(name: str) -> Result:
                progress.begin(name if len(names) > 1 else "")
                watched = stop.watch(progress, problem.cost_scale)
                try:
                    return solve(problem, name, parameters, stop, watched, isolated=True)
                except KeyboardInterrupt:  # it came when nobody waited for the solver's process
                    return _kept(problem, name, watched)

            keep = Path(f"{problem_file.stem}-contradiction")
            said, _, result = cross_check(names, by, lambda: problem, keep, stop)
            cost = None if result.objective is None else result.objective / problem.cost_scale
            stop.finish(loss_of(cost, solution))
        if certificate is not None:
            write_certificate(certificate, problem, result, said, parameters)
        if result.schedule is not None and solution is not None:
            write_solution(result.schedule, problem, solution)
        written = solution if result.schedule is not None else None
        stop.finish("interrupted while printing; the files are all written")
        answer = answer_json(result, problem.cost_scale, len(problem.trains), 0, written)
        if as_json:
            print(json.dumps(answer | ({"backends": rows(said, problem.cost_scale)} if len(names) > 1 else {})))
            return exit_code(result)
        if len(names) > 1:
            print(table(said, problem.cost_scale) + "\n")
        print(termination_line(result))
        print(f"cost {_text(answer['objective'])}, bound {_text(answer['bound'])}, gap {_text(answer['gap'], '.2%')}")
        print(f"{answer['accepted']} trains run, {answer['rejected']} refused")
        if written is not None:
            print(f"solution: {written}")
        if certificate is not None:
            print(f"certificate: {certificate}")
        return exit_code(result)


def _kept(problem: OperationsProblem, name: str, watched: Watched) -> Result:
    """Return the best answer that was heard of before an interrupt, checked; raises `KeyboardInterrupt` for none."""
    from railcap.errors import InternalError
    from railcap.operations.check import check_schedule
    from railcap.solving.result import Limit, Reason, Result, Termination

    if watched.best is None:
        raise KeyboardInterrupt
    cost, schedule = watched.best
    if check_schedule(problem, schedule):
        raise InternalError(f"{name}'s schedule breaks rules")
    ending = Termination(Reason.FEASIBLE, Limit.INTERRUPTED, "killed at the second interrupt")
    return Result(ending, schedule, cost, watched.best_bound, backend=name)


def backends_command(as_json: Json = False) -> None:
    """List the solver backends, and what is missing where one cannot run."""
    from railcap.solving.registry import backends, version_of

    states = backends()
    if as_json:
        told = {
            name: {
                "available": state.problem is None,
                "problem": state.problem,
                "version": version_of(name),
                "features": sorted(state.backend.features) if state.backend else [],
            }
            for name, state in states.items()
        }
        print(json.dumps(told))
        return
    for name, state in states.items():
        features = ", ".join(sorted(state.backend.features)) if state.backend else ""
        about = state.problem or f"ready, version {version_of(name) or 'not told'}"
        print(f"{name:10}  {about}" + (f"  ({features})" if features else ""))


def _text(value: object, form: str = ",.10g") -> str:
    return "none" if value is None else format(value, form)
