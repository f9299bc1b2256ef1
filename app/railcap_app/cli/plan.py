"""`railcap plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from railcap_app.cli.options import (
    BackendName,
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
    from railcap.planning.plan import Plan


def plan_command(
    scenario: ScenarioArgument,
    time_limit: TimeLimit = 60.0,
    threads: Threads = 2,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    backend: BackendName = "cp-sat",
    memory_limit: MemoryLimit = None,
    gap: Gap = 0.0,
    out: Out = None,
    problem_too: Annotated[
        bool, typer.Option("--problem", help="Also write the operations problem and its solution (DISPLIB JSON).")
    ] = False,
    as_json: Json = False,
) -> int:
    """Plan a scenario: a checked timetable with its cost and a proven bound, written and drawn."""
    import railcap
    from railcap.api import file_names
    from railcap.errors import InputError
    from railcap.solving.parameters import SolveParameters
    from railcap_app.cli.answer import termination_line
    from railcap_app.cli.exit_codes import exit_code
    from railcap_app.cli.interrupt import stop_on_interrupt
    from railcap_app.cli.output import check_writable
    from railcap_app.cli.progress_line import ProgressLine
    from railcap_app.cli.scenarios import cost_scale, load

    loaded = load(scenario)
    if not loaded.requests and not loaded.fixed_paths:
        raise InputError(f"{loaded.name} asks for no train; fill its requests.csv or fixed_paths.csv")
    folder = out if out is not None else Path("out") / loaded.name
    check_writable(folder, file_names(problem=problem_too))
    parameters = SolveParameters(time_limit, threads, seed, deterministic, gap, memory_limit)
    with stop_on_interrupt() as stop, ProgressLine(cost_scale(loaded)) as progress:
        plan = railcap.plan(loaded, backend=backend, parameters=parameters, stop=stop, progress=progress)
        if plan.timetable is not None:
            progress.message(plan.result.wall_s, "writing")
        written = railcap.write(plan, folder, problem=problem_too)
    if as_json:
        print(json.dumps(_json(plan, folder if written else None)))
        return exit_code(plan.result)
    print(termination_line(plan.result))
    if plan.timetable is not None:
        print(railcap.summarise(plan))
        print("\n".join(["", "written:", *(f"  {path}" for path in written)]))
    return exit_code(plan.result)


def _json(plan: Plan, out: Path | None) -> dict[str, object]:
    """Return the JSON object of the outer contract; refused trains that cannot run at all count as rejected."""
    from railcap_app.cli.answer import answer_json

    answer = answer_json(plan.result, plan.compiled.problem.cost_scale, 0, 0, out)
    if plan.timetable is not None:
        answer |= {"accepted": len(plan.timetable.paths), "rejected": len(plan.timetable.refused)}
    return answer | {
        "avoidable_objective": plan.avoidable_objective,
        "avoidable_bound": plan.avoidable_bound,
        "avoidable_gap": plan.avoidable_gap,
    }
