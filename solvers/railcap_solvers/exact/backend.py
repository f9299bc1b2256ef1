"""The backend `cp-sat`: the exact engine behind the contract of a solver."""

from __future__ import annotations

from dataclasses import replace

from railcap.errors import BackendError, InputError
from railcap.operations.objective import gap
from railcap.operations.problem import OperationsProblem
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.stop import Stop
from railcap_solvers.exact.engine import EngineSettings, ExactEngine, Outcome, require_rising_costs
from railcap_solvers.installed import installed
from railcap_solvers.mip.glop import Glop
from railcap_solvers.mip.packing import fits
from railcap_solvers.mip.packing_solve import pack
from railcap_solvers.portfolio import Board, Helpers, look_ahead, offer_start
from railcap_solvers.stopping import stop_when

PACKING_SHARE = 0.25
"""Share of what is left of the time that the relaxation of the packing may take, where that model fits."""

LEAST_PATIENCE_S, PATIENCE_SHARE = 4.0, 0.15
"""How long the exact engine may go without news before the search goes on: seconds, and a share of the time limit."""

WIDE_GAP = 0.5
"""A stalled exact engine that leaves a wider gap than that will not close it, and makes way for the search."""

OPTIONS = {"all_rows": 6000}
"""Options of the block `cp-sat` with their defaults."""


class CpSatBackend:
    """CP-SAT with lazily generated conflict rows; see `railcap_solvers.exact.engine`."""

    name = "cp-sat"
    features = FEATURES

    def is_available(self) -> str | None:
        """Return None if OR-Tools is installed, else what to install."""
        return None if installed("ortools") else "install ortools: pip install 'ortools>=9.15,<9.16'"

    def version(self) -> str | None:
        """Return the version of OR-Tools, None if it is not installed."""
        return installed("ortools")

    def solve(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> Result:
        """Solve exactly; see `railcap.solving.backend.Backend`."""
        options = _options(parameters)
        require_rising_costs(problem)
        board = Board(problem, parameters, stop, progress)
        offer_start(board, parameters.warm_start)
        shares = look_ahead(board)
        helpers = Helpers(board, shares)
        if not board.done.requested:
            helpers.run()
        outcome = Outcome()
        if shares.exact and not board.done.requested and fits(problem):
            board.say("packing relaxation")
            try:
                outcome = _relax(board)
            except BackendError as error:  # it costs a chance, no answer
                board.say(f"packing relaxation: {error}")
        if shares.exact and not board.done.requested and not outcome.infeasible:
            board.say("exact engine")
            outcome = _exact(board, helpers, options)
        termination = Termination(Reason.INFEASIBLE) if outcome.infeasible else _termination(board, outcome.limit)
        return Result(
            termination,
            board.schedule,
            board.objective,
            board.bound,
            board.elapsed_s,
            tuple(board.trace),
            {**outcome.statistics, "bound_evaluations": helpers.bound_evaluations},
            {"threads": True, "seed": True, "deterministic": True, "memory_limit_gb": True},
            self.name,
        )


def _relax(board: Board) -> Outcome:
    """Solve the packing's relaxation, which is the optimum where it is integral, and a bound elsewhere."""
    parameters = board.parameters
    left_s = parameters.time_limit_s * (100 if parameters.deterministic else 1) - board.elapsed_s
    packed = pack(board, Glop(), PACKING_SHARE * left_s, relaxation_only=True)
    return Outcome(infeasible=packed.infeasible, statistics={"from_relaxation": int(packed.from_relaxation)})


def _exact(board: Board, helpers: Helpers, options: dict[str, int]) -> Outcome:
    """Let the exact engine have what is left of the time, from the best schedule and bound on the board.

    Where it stalls, the search goes on: alone if the gap is too wide, else beside it if there are threads for both.
    """

    def is_over() -> bool:
        # Where work is counted, it must not matter when somebody looks.
        return board.outer_stop.requested or (board.done.requested and not board.parameters.deterministic)

    with stop_when(is_over) as stop:
        return _exact_until(stop, board, helpers, options)


def _exact_until(stop: Stop, board: Board, helpers: Helpers, options: dict[str, int]) -> Outcome:
    """See `_exact`; until the stop at the latest."""
    parameters = board.parameters
    engine = ExactEngine(
        board.problem,
        stop,
        lambda schedule, cost: board.post_schedule(cost, schedule),
        board.post_bound,
        lambda: board.bound,
    )
    settings = EngineSettings(
        board.began + parameters.time_limit_s * (100 if parameters.deterministic else 1),
        parameters.threads,
        parameters.seed,
        parameters.relative_gap,
        parameters.time_limit_s * 0.3 if parameters.deterministic else None,
        None if parameters.memory_limit_gb is None else int(parameters.memory_limit_gb * 1024),
        options["all_rows"],
        None if parameters.deterministic else max(LEAST_PATIENCE_S, PATIENCE_SHARE * parameters.time_limit_s),
    )
    outcome = engine.run(settings, board.schedule)
    if outcome.limit is not Limit.STALLED or settings.patience_s is None or board.schedule is None:
        return outcome
    patient = replace(settings, threads=max(1, parameters.threads - 1), patience_s=None)
    if gap(board.objective or 0, board.bound or 0) > WIDE_GAP:
        helpers.search_on(parameters.threads, None)
    elif parameters.threads > 1:
        helpers.search_on(1, lambda: engine.go_on(patient))
    else:
        return engine.go_on(patient)
    if outcome.limit is Limit.STALLED:
        outcome.limit = Limit.TIME  # of the search
    return outcome


def _termination(board: Board, limit: Limit | None) -> Termination:
    """Say truthfully what the board holds and what stopped the work."""
    if board.proven:
        return Termination(Reason.OPTIMAL)
    reason = Reason.NO_SOLUTION_FOUND if board.schedule is None else Reason.FEASIBLE
    if board.gap_reached:
        return Termination(reason, Limit.GAP)
    if board.outer_stop.requested:
        return Termination(reason, Limit.INTERRUPTED)
    return Termination(reason, limit or (Limit.WORK if board.parameters.deterministic else Limit.TIME))


def _options(parameters: SolveParameters) -> dict[str, int]:
    given = parameters.options.get("cp-sat", {})
    unknown = sorted(set(given) - set(OPTIONS))
    if unknown:
        names = ", ".join(OPTIONS)
        raise InputError(f"unknown option of cp-sat: {', '.join(unknown)}; there are: {names}")
    merged = dict(OPTIONS)
    for name, value in given.items():
        if type(value) is not int or value < 0:
            raise InputError(f"option {name} of cp-sat must be an integer of at least 0, not {value!r}")
        merged[name] = value
    return merged
