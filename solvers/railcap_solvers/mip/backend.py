"""The backends `highs`, `cbc` and `scip`: a linear library behind the contract of a solver."""

from __future__ import annotations

from railcap.errors import InputError
from railcap.operations.problem import OperationsProblem
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.stop import Stop
from railcap_solvers.exact.engine import EngineSettings, ExactEngine
from railcap_solvers.mip.cbc import Cbc
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.linear import LinearSolver
from railcap_solvers.mip.relaxer import LinearRelaxer
from railcap_solvers.mip.scip import Scip
from railcap_solvers.portfolio import TINY_OPERATIONS, Board, offer_start

_START_SHARE, _LONGEST_START_S = 0.05, 5.0
"""What of the time the search has for a first schedule, which makes the big Ms small; tiny problems need none."""


class LinearBackend:
    """A linear library that solves the exact model, with its conflict rows added in rounds.

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
        if parameters.options.get(self.name):
            named = ", ".join(sorted(parameters.options[self.name]))
            raise InputError(f"unknown option of {self.name}: {named}; there are none")
        board = Board(problem, parameters, stop, progress)
        offer_start(board, parameters.warm_start)
        self._search(board)
        relaxer = LinearRelaxer(self.solver)
        board.say(self.name)
        engine = ExactEngine(
            problem, stop, lambda schedule, cost: board.post_schedule(cost, schedule), board.post_bound, relaxer=relaxer
        )
        deadline = board.began + parameters.time_limit_s
        settings = EngineSettings(deadline, parameters.threads, parameters.seed, parameters.relative_gap)
        outcome = engine.run(settings, board.schedule)
        return Result(
            Termination(Reason.INFEASIBLE) if outcome.infeasible else _termination(board, outcome.limit),
            board.schedule,
            board.objective,
            board.bound,
            board.elapsed_s,
            tuple(board.trace),
            {**outcome.statistics, "native": relaxer.native},
            _honoured(self.solver, parameters),
            self.name,
        )

    def _search(self, board: Board) -> None:
        """Find a first schedule."""
        operations = sum(len(train.operations) for train in board.problem.trains)
        if board.schedule is not None or operations <= TINY_OPERATIONS:
            return
        from railcap_solvers.search import improve

        board.say("search")
        seconds = min(_START_SHARE * board.parameters.time_limit_s, _LONGEST_START_S)
        stop, seed = board.outer_stop, board.parameters.seed
        improve(board.problem, None, stop, board.began + seconds, board.post_schedule, seed)


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
