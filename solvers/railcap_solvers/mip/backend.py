"""The backends `highs`, `cbc` and `scip`: a linear library behind the contract of a solver."""

from __future__ import annotations

from dataclasses import replace

from railcap.errors import BackendError, InputError, UnsupportedFeature
from railcap.operations.problem import OperationsProblem
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.stop import Stop
from railcap_solvers.bounds.lagrangian import Prices
from railcap_solvers.exact.engine import EngineSettings, ExactEngine, Outcome, require_rising_costs
from railcap_solvers.mip.cases import Case, split, whole_case
from railcap_solvers.mip.cbc import Cbc
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.linear import LinearSolver
from railcap_solvers.mip.packing import fits
from railcap_solvers.mip.packing_solve import pack
from railcap_solvers.mip.relaxer import LinearRelaxer
from railcap_solvers.mip.scip import Scip
from railcap_solvers.portfolio import Board, Helpers, look_ahead, offer_start
from railcap_solvers.stopping import stop_when

FORMULATIONS = ("auto", "disjunctive", "packing")
"""What the option ``formulation`` may be; see docs/formulations.md."""


class LinearBackend:
    """A linear library that solves the disjunctive model in rounds, or the time-indexed packing where that fits.

    Search and Lagrangian bound come first, as for `cp-sat`: a good schedule makes the big Ms small, and where the model
    is too large they are the answer. The option ``formulation`` (`FORMULATIONS`) takes the choice away.

    Parameters
    ----------
    solver : LinearSolver
    install : str
        What to install where the library is missing.
    """

    features = FEATURES

    def __init__(self, solver: LinearSolver, install: str) -> None:
        self.solver, self.name = solver, solver.name
        self._install = install

    def is_available(self) -> str | None:
        """Return None if the library is installed, else what to install."""
        return None if self.solver.version() is not None else self._install

    def version(self) -> str | None:
        """Return the library's version, None if it is not installed."""
        return self.solver.version()

    def solve(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> Result:
        """Solve exactly; see `railcap.solving.backend.Backend`."""
        wished = self._wished(parameters)
        require_rising_costs(problem)
        board = Board(problem, parameters, stop, progress)
        offer_start(board, parameters.warm_start)
        shares = look_ahead(board)
        is_packing = wished == "packing" or (wished == "auto" and shares.exact and fits(problem))
        helpers = Helpers(board, shares)
        if not board.done.requested:
            helpers.run()
        outcome, native, detail = Outcome(), "not run", ""
        if (shares.exact or is_packing) and not board.done.requested:
            board.say(f"{self.name}, packing" if is_packing else self.name)
            try:
                if is_packing:
                    outcome, native = _pack(board, self.solver)
                else:
                    outcome, native = _disjoin(board, self.solver, helpers.prices)
            except BackendError as failure:
                if board.schedule is None or isinstance(failure, UnsupportedFeature):
                    raise
                outcome.limit, native, detail = Limit.CRASHED, "failed", str(failure)
        termination = Termination(Reason.INFEASIBLE) if outcome.infeasible else _termination(board, outcome.limit)
        if outcome.limit is Limit.STALLED and not board.proven:
            detail = "no order of events was found for a solution of the packing"
        if detail:
            termination = replace(termination, detail=detail)
        if not shares.exact and not is_packing and not board.proven:
            detail = f"too large for {self.name}: search and the Lagrangian bound alone"
            termination = replace(termination, detail=detail)
        return Result(
            termination,
            board.schedule,
            board.objective,
            board.bound,
            board.elapsed_s,
            tuple(board.trace),
            {
                **outcome.statistics,
                "formulation": "packing" if is_packing else "disjunctive",
                "native": native,
                "bound_evaluations": helpers.bound_evaluations,
            },
            _honoured(self.solver, parameters),
            self.name,
        )

    def _wished(self, parameters: SolveParameters) -> str:
        """Return the formulation that the caller wishes."""
        given = dict(parameters.options.get(self.name, {}))
        wished = given.pop("formulation", "auto")
        if given:
            named = ", ".join(sorted(given))
            raise InputError(f"unknown option of {self.name}: {named}; there is formulation")
        if wished not in FORMULATIONS:
            raise InputError(f"{self.name} has no formulation {wished!r}; there are: {', '.join(FORMULATIONS)}")
        return str(wished)


def _pack(board: Board, solver: LinearSolver) -> tuple[Outcome, str]:
    """Solve the packing in what is left of the time, from the best schedule on the board."""
    packed = pack(board, solver, board.parameters.time_limit_s - board.elapsed_s)
    outcome = Outcome(infeasible=packed.infeasible)
    if packed.undecided:
        outcome.limit = Limit.STALLED
    outcome.statistics.update(from_relaxation=int(packed.from_relaxation), columns=int(packed.columns))
    return outcome, packed.native


def _disjoin(board: Board, solver: LinearSolver, prices: Prices | None) -> tuple[Outcome, str]:
    """Let the exact loop have what is left of the time for one case after the other, lowest bound first."""
    relaxer, whole = LinearRelaxer(solver), Outcome()
    cases = [whole_case(board.problem)] if prices is None else split(board, prices)
    bounds = {place: case.bound for place, case in enumerate(cases)}
    with stop_when(lambda: board.outer_stop.requested or board.done.requested) as stop:
        for place, case in enumerate(cases):
            outcome = _solve_case(board, case, relaxer, stop, bounds, place)
            _add_up(whole.statistics, outcome.statistics)
            whole.infeasible = outcome.infeasible and board.objective is None
            if not (outcome.optimal or outcome.infeasible):
                whole.limit = outcome.limit
                break
            del bounds[place]
    if not bounds and board.objective is not None:
        board.post_bound(board.objective)
    whole.statistics["cases"] = len(cases)
    return whole, relaxer.native


def _solve_case(
    board: Board, case: Case, relaxer: LinearRelaxer, stop: Stop, bounds: dict[int, int], place: int
) -> Outcome:
    """Solve one case; better schedules and the least of all cases' bounds stand on the board."""
    parameters, cost = board.parameters, board.objective

    def raise_bound(bound: int) -> None:
        bounds[place] = max(bounds[place], bound + case.constant)
        board.post_bound(min(bounds.values()))

    engine = ExactEngine(
        case.problem,
        stop,
        lambda schedule, own: board.post_schedule(own + case.constant, case.outside(schedule)),
        raise_bound,
        lambda: bounds[place] - case.constant,
        relaxer,
    )
    # The gap that was asked for is the whole problem's; the board ends the work once it is reached.
    gap = parameters.relative_gap if case.is_whole else 0.0
    settings = EngineSettings(board.began + parameters.time_limit_s, parameters.threads, parameters.seed, gap)
    start = None if board.schedule is None else case.inside(board.schedule)
    return engine.run(settings, start, None if cost is None else cost - case.constant)


def _add_up(sums: dict[str, float | int | str], more: dict[str, float | int | str]) -> None:
    """Add the counts of a further case."""
    for name, value in more.items():
        known = sums.get(name, 0)
        sums[name] = known + value if isinstance(value, int) and isinstance(known, int) and name != "grid_s" else value


def _honoured(solver: LinearSolver, parameters: SolveParameters) -> dict[str, bool]:
    """Return which of the wishes that were made a library could keep."""
    wished = {
        "threads": parameters.threads > 1,
        "seed": True,
        "warm_start": parameters.warm_start is not None,
        "deterministic": parameters.deterministic,
        "memory_limit_gb": parameters.memory_limit_gb is not None,
    }
    return {name: solver.honours.get(name, False) for name, is_wished in wished.items() if is_wished}


def _termination(board: Board, limit: Limit | None) -> Termination:
    """Say truthfully what there is and what stopped the work."""
    if board.proven:
        return Termination(Reason.OPTIMAL)
    reason = Reason.NO_SOLUTION_FOUND if board.schedule is None else Reason.FEASIBLE
    if board.gap_reached:
        return Termination(reason, Limit.GAP)
    return Termination(reason, Limit.INTERRUPTED if board.outer_stop.requested else limit or Limit.TIME)


class HighsBackend(LinearBackend):
    """HiGHS by PuLP."""

    def __init__(self) -> None:
        super().__init__(Highs(), "install pulp and highspy: pip install 'pulp>=3.3.2,<4' 'highspy>=1.16,<1.17'")


class CbcBackend(LinearBackend):
    """CBC by PuLP."""

    def __init__(self) -> None:
        super().__init__(Cbc(), "install pulp: pip install 'pulp>=3.3.2,<4'")


class ScipBackend(LinearBackend):
    """SCIP by OR-Tools."""

    def __init__(self) -> None:
        super().__init__(Scip(), "install ortools: pip install 'ortools>=9.15,<9.16'")
