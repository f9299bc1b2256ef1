"""The one door to every backend: checks what is asked, solves, and checks the answer."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeGuard

from railcap.errors import InputError, InternalError, Issue, UnsupportedFeature
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.solving.backend import Backend
from railcap.solving.features import features_of
from railcap.solving.parameters import SolveParameters
from railcap.solving.process import solve_in_process
from railcap.solving.progress import Progress, Silent
from railcap.solving.recorder import Recorder
from railcap.solving.registry import backend_names, backends, get_backend
from railcap.solving.result import Limit, Reason, Result
from railcap.solving.stop import Stop

MOST_THREADS = 1024


def solve(
    problem: OperationsProblem,
    backend: str | Backend = "auto",
    parameters: SolveParameters | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    isolated: bool = False,
) -> Result:
    """Solve an operations problem; the answer has passed `check_schedule`, with the cost counted anew.

    Parameters
    ----------
    backend : str or Backend
        A registered name, or a backend of your own.
    isolated : bool
        Solve in a process of its own: limits are then kept from outside, memory included, and a crash of the solver
        keeps the best answer. A backend of your own must then live in a module that can be imported.

    Raises
    ------
    InputError
        If a parameter makes no sense, or the warm start breaks the problem.
    UnknownBackend, BackendMissing, UnsupportedFeature
        Before anything is built.
    SolverCrashed
        If the solver's process died and had found nothing.
    InternalError
        If the answer fails its check.
    """
    check_watchers(stop, progress)
    parameters = SolveParameters() if parameters is None else parameters
    solver = get_backend(backend) if isinstance(backend, str) else backend
    check_parameters(parameters, {*backend_names(), solver.name})
    _check_features(problem, solver)
    _check_warm_start(problem, parameters)
    recorder = Recorder(progress or Silent())
    stop = stop or Stop()
    begun_s = time.monotonic()
    if parameters.warm_start is not None:  # an answer from the first moment on, whatever happens to the solver
        recorder.incumbent(0.0, schedule_cost(problem, parameters.warm_start), parameters.warm_start)
    if isolated:
        result = solve_in_process(problem, solver, parameters, stop, recorder)
    else:
        result = solver.solve(problem, parameters, stop, recorder)
        if parameters.memory_limit_gb is not None:
            result = replace(result, honoured={"memory_limit_gb": False, **result.honoured})
    result = replace(result, wall_s=time.monotonic() - begun_s, backend=solver.name)
    return _checked(problem, recorder.best_of(result))


def check_watchers(stop: object, progress: object) -> None:
    """Raise `TypeError` unless these can be used as `Stop` and `Progress`, before work goes into an answer."""
    if stop is not None and not isinstance(stop, Stop):
        raise TypeError(f"stop must be a railcap.Stop, not {type(stop).__name__}; call its request() to end early")
    missing = [name for name in ("incumbent", "bound", "message") if not callable(getattr(progress, name, None))]
    if progress is not None and missing:
        kind = type(progress).__name__
        raise TypeError(f"progress must be a railcap.Progress; this {kind} has no method {' and no '.join(missing)}")


def check_parameters(parameters: SolveParameters, known: Collection[str]) -> None:
    """Raise `InputError` with everything that makes no sense about the parameters; `known` names the backends."""
    if not isinstance(parameters, SolveParameters):
        kind = type(parameters).__name__
        raise TypeError(f"parameters must be railcap.SolveParameters, not {kind}")
    if not isinstance(parameters.options, Mapping):
        kind = type(parameters.options).__name__
        raise TypeError(f"the parameter options must map names of backends to options, not be {kind}")
    if not isinstance(parameters.warm_start, Schedule | None):
        kind = type(parameters.warm_start).__name__
        raise TypeError(f"the parameter warm_start must be a railcap Schedule or None, not {kind}")
    memory, gap = parameters.memory_limit_gb, parameters.relative_gap
    faults = [
        (
            "time_limit_s",
            parameters.time_limit_s,
            "give a number of seconds above 0",
            _positive(parameters.time_limit_s),
        ),
        (
            "threads",
            parameters.threads,
            f"give a whole number from 1 to {MOST_THREADS}",
            _within(parameters.threads, 1, MOST_THREADS),
        ),
        ("seed", parameters.seed, "give a whole number from 0 to 2147483647", _within(parameters.seed, 0, 2**31 - 1)),
        ("relative_gap", gap, "give a fraction from 0 to 1; 0.05 is 5 %", _is_number(gap) and 0 <= gap <= 1),
        (
            "memory_limit_gb",
            memory,
            "give a number of gigabytes above 0, or nothing",
            memory is None or _positive(memory),
        ),
        *(
            ("options", name, f"no backend is called so; there are: {', '.join(sorted(known))}", name in known)
            for name in parameters.options
        ),
    ]
    issues = [Issue("", name, str(value), advice, "bad-parameter") for name, value, advice, good in faults if not good]
    if issues:
        raise InputError("the solve parameters cannot be used", issues)


def _positive(value: object) -> bool:
    return _is_number(value) and math.isfinite(value) and value > 0


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _check_features(problem: OperationsProblem, solver: Backend) -> None:
    missing = sorted(features_of(problem) - solver.features)
    if not missing:
        return
    able = [
        name
        for name, state in backends().items()
        if state.backend is not None and state.backend.features.issuperset(features_of(problem))
    ]
    raise UnsupportedFeature(
        f"backend {solver.name!r} cannot handle what this problem uses: {', '.join(missing)}; "
        f"backends that can: {', '.join(able) or 'none'}"
    )


def _check_warm_start(problem: OperationsProblem, parameters: SolveParameters) -> None:
    if parameters.warm_start is None:
        return
    violations = check_schedule(problem, parameters.warm_start)
    if violations:
        issues = [Issue("", "warm_start", "", violation.message, str(violation.kind)) for violation in violations[:10]]
        raise InputError("the warm start is not a solution of the problem", issues)


def _checked(problem: OperationsProblem, result: Result) -> Result:
    """Return `result` if it keeps what a result promises; nothing unchecked reaches a user."""
    reason = result.termination.reason
    if result.schedule is None:
        if reason in (Reason.OPTIMAL, Reason.FEASIBLE):
            raise InternalError(f"{result.backend} ended with {reason.value} and no schedule")
        return result
    if reason is Reason.INFEASIBLE:
        raise InternalError(f"{result.backend} says that the problem is infeasible, and found a schedule")
    violations = check_schedule(problem, result.schedule)
    if violations:
        listed = "\n".join(violation.message for violation in violations[:10])
        raise InternalError(f"{result.backend}'s schedule breaks {len(violations)} rules:\n{listed}")
    cost = schedule_cost(problem, result.schedule)
    if cost != result.objective:
        raise InternalError(f"{result.backend}'s schedule costs {cost}, it says {result.objective}")
    if result.bound is not None and result.bound > cost:
        raise InternalError(f"{result.backend}'s bound {result.bound} is above the cost {cost} of its own schedule")
    return _with_honest_reason(result, cost)


def _with_honest_reason(result: Result, cost: int) -> Result:
    """An optimum is its own bound; an "optimum" above its bound is none (solvers say so within a gap)."""
    if result.termination.reason is not Reason.OPTIMAL:
        return result
    if result.bound is None or result.bound == cost:
        return replace(result, bound=cost)
    return replace(result, termination=replace(result.termination, reason=Reason.FEASIBLE, limit=Limit.GAP))
