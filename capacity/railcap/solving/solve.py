"""The one door to every backend: checks what is asked, solves, and checks the answer."""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from dataclasses import replace

from railcap.errors import InputError, InternalError, Issue, UnsupportedFeature
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.solving.backend import Backend
from railcap.solving.features import features_of
from railcap.solving.parameters import SolveParameters
from railcap.solving.process import solve_in_process
from railcap.solving.progress import Progress, Silent
from railcap.solving.recorder import Recorder
from railcap.solving.registry import backend_names, backends, get_backend
from railcap.solving.result import Limit, Reason, Result
from railcap.solving.stop import Stop


def solve(
    problem: OperationsProblem,
    backend: str | Backend = "cp-sat",
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
    parameters = parameters or SolveParameters()
    solver = get_backend(backend) if isinstance(backend, str) else backend
    check_parameters(parameters, {*backend_names(), solver.name})
    _check_features(problem, solver)
    _check_warm_start(problem, parameters)
    recorder = Recorder(progress or Silent())
    stop = stop or Stop()
    begun_s = time.monotonic()
    if isolated:
        result = solve_in_process(problem, solver, parameters, stop, recorder)
    else:
        result = solver.solve(problem, parameters, stop, recorder)
        if parameters.memory_limit_gb is not None:
            result = replace(result, honoured={"memory_limit_gb": False, **result.honoured})
    result = replace(result, wall_s=time.monotonic() - begun_s, backend=solver.name)
    return _checked(problem, recorder.best_of(result))


def check_parameters(parameters: SolveParameters, known: Collection[str]) -> None:
    """Raise `InputError` with everything that makes no sense about the parameters; `known` names the backends."""
    memory = parameters.memory_limit_gb
    faults = [
        ("time_limit_s", parameters.time_limit_s, "give seconds above 0", _positive(parameters.time_limit_s)),
        ("threads", parameters.threads, "give a whole number of at least 1", parameters.threads >= 1),
        ("seed", parameters.seed, "give a whole number from 0 to 2147483647", 0 <= parameters.seed < 2**31),
        ("relative_gap", parameters.relative_gap, "give a fraction of at least 0", parameters.relative_gap >= 0),
        ("memory_limit_gb", memory, "give gigabytes above 0, or nothing", memory is None or _positive(memory)),
        *(
            ("options", name, f"no backend is called so; there are: {', '.join(sorted(known))}", name in known)
            for name in parameters.options
        ),
    ]
    issues = [Issue("", name, str(value), advice, "bad-parameter") for name, value, advice, good in faults if not good]
    if issues:
        raise InputError("the solve parameters cannot be used", issues)


def _positive(value: float) -> bool:
    return math.isfinite(value) and value > 0


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
