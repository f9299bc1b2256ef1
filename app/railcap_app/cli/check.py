"""`railcap check` and `railcap validate`."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from railcap_app.cli.options import Json, ScenarioArgument

_SHOWN = 50


def check_command(
    basis: Annotated[str, typer.Argument(metavar="PROBLEM.json|SCENARIO", help="What the answer must obey.")],
    answer: Annotated[
        Path | None, typer.Argument(metavar="[SOLUTION.json|TIMETABLE.json]", help="The answer to judge.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="Judge a certificate of the problem instead.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Judge an answer (a DISPLIB solution of a problem, a timetable of a scenario), or a certificate of either."""
    from railcap.errors import InputError
    from railcap.measures.text_columns import counted
    from railcap_app.cli.exit_codes import ExitCode

    if (answer is None) == (certificate is None):
        raise InputError("give one thing to judge: a solution, a timetable, or --certificate FILE")
    if certificate is not None:
        violations, told = _judge_certificate(basis, certificate)
    elif answer is not None:
        violations, told = (_judge_solution if _is_problem(basis) else _judge_timetable)(basis, answer)
    not_judged = told.pop("not_judged", None)
    if as_json:
        print(json.dumps({"violations": len(violations), **told, "not_judged": not_judged, "list": violations}))
    else:
        print(counted(len(violations), "violation") if violations else "no violations", end="")
        print("".join(f", {name} {value}" for name, value in told.items() if value is not None))
        for kind, number in Counter(str(violation["kind"]) for violation in violations).most_common():
            print(f"  {number} x {kind}")
        for violation in violations[:_SHOWN]:
            print(f"- {violation['kind']}: {violation['message']}")
        if len(violations) > _SHOWN:
            print(f"... and {len(violations) - _SHOWN} more (--json lists all)")
        if not_judged:
            print(f"not judged: {not_judged}")
    return ExitCode.NO_ANSWER if violations else ExitCode.ANSWER


def validate_command(scenario: ScenarioArgument, as_json: Json = False) -> int:
    """Look for every fault of a scenario folder, and tell all of them at once."""
    from railcap.api import find
    from railcap.errors import InputError
    from railcap.formats.scenario_folder import load_scenario_with_issues
    from railcap.measures.text_columns import counted
    from railcap_app.cli.exit_codes import ExitCode

    try:
        loaded, issues = load_scenario_with_issues(find(scenario))
        name = loaded.name
    except InputError as error:
        name, issues = scenario, list(error.issues)
        if not issues:
            raise
    errors = sum(issue.severity == "error" for issue in issues)
    if as_json:
        print(
            json.dumps(
                {"errors": errors, "warnings": len(issues) - errors, "issues": [asdict(issue) for issue in issues]}
            )
        )
    else:
        for issue in issues:
            print(issue)
        print(f"{name}: {counted(errors, 'error')}, {counted(len(issues) - errors, 'warning')}")
    return ExitCode.BAD_INPUT if errors else ExitCode.ANSWER


def _is_problem(basis: str) -> bool:
    return Path(basis).is_file() and Path(basis).suffix.lower() == ".json"


def _judge_certificate(basis: str, certificate: Path) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Judge a certificate anew: of a problem file, or of the problem that a scenario makes."""
    from railcap.formats.certificate import check_certificate
    from railcap.formats.displib import read_problem
    from railcap.planning.compile import compile_scenario
    from railcap_app.cli.scenarios import load

    problem = read_problem(basis) if _is_problem(basis) else compile_scenario(load(basis)).problem
    found, claim = check_certificate(certificate, problem)
    violations: list[dict[str, object]] = [{"kind": kind, "message": message} for kind, message in found]
    if claim.get("bound") is not None or claim.get("proof") is not None:
        claim["not_judged"] = "whether the bound and the proof are right; only solving again can tell"
    return violations, claim


def _judge_solution(problem_file: str, answer: Path) -> tuple[list[dict[str, object]], dict[str, object]]:
    from railcap.formats.displib import read_problem, read_solution
    from railcap.operations.check import check_schedule
    from railcap.operations.objective import schedule_cost

    problem = read_problem(problem_file)
    schedule, claimed = read_solution(answer, problem)
    violations: list[dict[str, object]] = [
        {"kind": str(violation.kind), "message": violation.message} for violation in check_schedule(problem, schedule)
    ]
    if violations:
        return violations, {"cost": None}
    cost = schedule_cost(problem, schedule) / problem.cost_scale
    if claimed is not None and abs(claimed - cost) > 1e-6 * max(1.0, abs(cost)):
        message = f"the file claims a cost of {claimed:g}, its events cost {cost:g}"
        violations.append({"kind": "wrong_objective", "message": message})
    return violations, {"cost": int(cost) if cost.is_integer() else cost}


def _judge_timetable(scenario: str, answer: Path) -> tuple[list[dict[str, object]], dict[str, object]]:
    from railcap.formats.timetable_json import read_timetable
    from railcap.planning.check import check_timetable
    from railcap_app.cli.scenarios import load, warn_of_another_scenario

    loaded, timetable = load(scenario), read_timetable(answer)
    warn_of_another_scenario(loaded, timetable)
    violations = check_timetable(loaded, timetable)
    claims = sum(refusal.proof for refusal in timetable.refused)
    trains = f"{claims} refused train{'s'[: claims != 1]}"
    told: dict[str, object] = {"not_judged": f"whether {trains} really cannot run even alone"} if claims else {}
    return [asdict(violation) | {"kind": str(violation.kind)} for violation in violations], told
