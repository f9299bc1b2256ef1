"""The exact loop: solve a relaxation, find the clashes in its solution, add rows, solve again.

Every relaxation's bound is a bound; a relaxed solution without a clash is a schedule, and a best one if the
relaxation was solved to the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from railcap.errors import InternalError, UnsupportedFeature
from railcap.operations.check import check_schedule
from railcap.operations.objective import gap, rises, schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.solving.result import Limit
from railcap.solving.stop import Stop
from railcap_solvers.exact.conflicts import Findings, analyse
from railcap_solvers.exact.cp_sat import CpSatRelaxer
from railcap_solvers.exact.interchange import in_order
from railcap_solvers.exact.model import ExactModel
from railcap_solvers.exact.prepare import Prepared, prepare
from railcap_solvers.exact.relaxation import Relaxed, Relaxer, RelaxTask, Solution
from railcap_solvers.exact.rows import OrderRows
from railcap_solvers.status import Status

_FEW_ROWS = 1500
"""Up to so many possible meetings of two stays, all rows are written at once."""
_ALL_ROWS = 12_000
"""Up to so many, all rows are written if a few rounds do not settle it."""
_LAZY_ROUNDS = 12
_LAZY_SHARE = 0.15
"""Rounds, and share of the time, after which all rows are written if they are not too many."""
_FIRST_SLICE = 4.0
"""Seconds (or units of counted work) of the first rounds."""
_SHORTEST_SLICE = 0.05
_IDLE_ROUNDS = 5
"""Rounds solved to an optimum that taught nothing, after which the loop ends, not counting those that it is lazy in."""
_CALM_S = 1.5
"""Seconds without a better schedule after which a round ends for the model to be built anew."""
_NEWS = 0.01
"""What of the gap a bound must gain to count as news."""
_HOPELESS_GAP, _HOPELESS_PATIENCE, _LEAST_PATIENCE_S = 0.8, 0.25, 2.0
"""A wider gap than that is hardly ever closed, and only so much of the patience is left for it, or so many seconds: a
library says nothing while it simplifies the model."""
_MUCH_BETTER = 0.7
"""What of the gap at most must be left for the model to be built anew."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Limits of one run.

    Parameters
    ----------
    deadline : float
        On `time.monotonic`.
    work : float or None
        Units of counted work in place of the clock, for the same answer every time; the deadline still holds.
    memory_mb : int or None
        Best effort.
    """

    deadline: float
    threads: int = 2
    seed: int = 0
    relative_gap: float = 0.0
    work: float | None = None
    memory_mb: int | None = None
    all_rows: int = _ALL_ROWS
    patience_s: float | None = None
    """Seconds without a better schedule or a much better bound after which the run ends as stalled; None: never."""


@dataclass(slots=True)
class Outcome:
    """What a run ends with: `optimal` and `infeasible` are proofs, `limit` says what stopped it otherwise."""

    schedule: Schedule | None = None
    objective: int | None = None
    bound: int | None = None
    optimal: bool = False
    infeasible: bool = False
    limit: Limit | None = None
    statistics: dict[str, float | int | str] = field(default_factory=dict)


class ExactEngine:
    """Solves one problem, from an incumbent if there is one.

    Parameters
    ----------
    problem : OperationsProblem
    stop : Stop
        Looked at ten times a second.
    on_incumbent, on_bound : functions or None
        Told of every better checked schedule with its cost, and of every better bound.
    external_bound : function or None
        Asked between rounds for a bound that somebody else has proven.
    relaxer : Relaxer or None
        Solves the relaxations; None: CP-SAT.
    """

    def __init__(
        self,
        problem: OperationsProblem,
        stop: Stop | None = None,
        on_incumbent: Callable[[Schedule, int], None] | None = None,
        on_bound: Callable[[int], None] | None = None,
        external_bound: Callable[[], int | None] | None = None,
        relaxer: Relaxer | None = None,
    ) -> None:
        self.problem = problem
        self.stop = stop or Stop()
        self._on_incumbent, self._on_bound, self._external = on_incumbent, on_bound, external_bound
        self._relaxer: Relaxer = relaxer or CpSatRelaxer()
        self.outcome = Outcome()
        self._rounds = 0
        self._work = 0.0
        self._known = Findings()
        self._model: ExactModel
        self._rows: OrderRows
        self._prepared: Prepared
        self._possible = 0
        self._improved_at = 0.0
        self._news_at, self._news_bound = 0.0, 0
        self._complete = False
        self._built_for: int | None = None
        self._upper: int | None = None

    def run(
        self, settings: EngineSettings, incumbent: Schedule | None = None, upper_bound: int | None = None
    ) -> Outcome:
        """Solve until a proof or a limit.

        Parameters
        ----------
        incumbent : Schedule or None
            Must be feasible.
        upper_bound : int or None
            Only cheaper schedules are of interest: without an incumbent, `infeasible` then says that there is none.
        """
        require_rising_costs(self.problem)
        self._upper = upper_bound
        if incumbent is not None:
            self._take(incumbent)
        prepared = self._prepare()
        if self._put_in_order(prepared):
            prepared = self._prepare()
        outcome = self.outcome
        if prepared.impossible:
            if outcome.schedule is not None:
                raise InternalError("the windows rule out a schedule that is known to be feasible")
            outcome.infeasible = True
            return outcome
        self._build(prepared, settings)
        self._loop(settings)
        outcome.statistics.update(
            rounds=self._rounds,
            rows=self._model.rows,
            order_literals=self._rows.literals,
            possible_meetings=self._possible,
            grid_s=prepared.grid.step_s,
        )
        return outcome

    def go_on(self, settings: EngineSettings) -> Outcome:
        """Go on after a run that stalled, with what it has learnt."""
        self.outcome.limit = None
        self._loop(settings)
        return self.outcome

    def _prepare(self) -> Prepared:
        costs = [cost for cost in (self.outcome.objective, self._upper) if cost is not None]
        return prepare(self.problem, upper_bound=min(costs, default=None))

    def _build(self, prepared: Prepared, settings: EngineSettings) -> None:
        """Build the model with the rows that are known to matter, or all of them where they are few."""
        outcome = self.outcome
        undercut = self._upper if outcome.schedule is None else None
        self._model = ExactModel(prepared, self._relaxer.language, outcome.bound, outcome.objective, undercut)
        self._rows = OrderRows(self._model)
        self._built_for = outcome.objective
        self._possible = len(self._rows.possible())
        if self._complete or self._possible <= min(_FEW_ROWS, settings.all_rows):
            self._write_all()
        elif outcome.schedule is not None:
            self._rows.follow(outcome.schedule)
        self._rows.rule_out(self._known)
        self._prepared = prepared

    def _write_all(self) -> None:
        """Write the rows of all meetings, so that what is left to find are circles and uses without length."""
        self._complete = True
        self._rows.separate_all()
        self._rows.add_sequences()
        if not self._relaxer.language.is_linear:
            self._rows.add_machines()

    def _give_up_laziness(self, settings: EngineSettings, begun: float) -> bool:
        """Write all rows once a few rounds have not settled it, where that is possible; return whether it was done."""
        if self._complete or self._possible > settings.all_rows:
            return False
        if settings.work is None:
            spent = (time.monotonic() - begun) / max(settings.deadline - begun, 1.0)
        else:
            spent = self._work / settings.work
        if self._rounds < _LAZY_ROUNDS and spent < _LAZY_SHARE:
            return False
        self._write_all()
        return True

    def _much_better(self) -> bool:
        """Return whether a schedule was found that is so much better that the model is worth building anew."""
        objective, built_for, bound = self.outcome.objective, self._built_for, self.outcome.bound or 0
        if objective is None or objective == built_for:
            return False
        return built_for is None or objective - bound <= _MUCH_BETTER * (built_for - bound)

    def _calm(self) -> bool:
        """Return whether a much better schedule was found and no better one for a while."""
        return self._much_better() and time.monotonic() - self._improved_at > _CALM_S

    # -- rounds ------------------------------------------------------------------------------------------------------

    def _loop(self, settings: EngineSettings) -> None:
        outcome = self.outcome
        begun = self._news_at = time.monotonic()
        slice_length, idle = self._first_slice(settings), 0
        while not self._finished(settings):
            if self._give_up_laziness(settings, begun):
                slice_length = self._first_slice(settings)
            if self._much_better():
                self._build(self._prepare(), settings)
            length = self._slice(settings, slice_length)
            if length is None:
                outcome.limit = Limit.WORK if settings.work is not None and self._clock_left(settings) else Limit.TIME
                return
            self._rounds += 1
            relaxed = self._solve(settings, length)
            if relaxed.status is Status.INFEASIBLE:
                if outcome.schedule is not None:
                    raise InternalError("the rows rule out a schedule that is known to be feasible")
                outcome.infeasible = True
                return
            if relaxed.bound is not None:
                self._prove(relaxed.bound)
            changed = False
            if relaxed.solution is not None:
                findings = self._analyse(relaxed.solution)
                changed = self._rows.rule_out(findings)
                self._remember(findings)
                if relaxed.status is Status.OPTIMAL and not changed:
                    idle += 1
                    # A library says that an optimum keeps all rows, though it breaks some; or again and again that a
                    # schedule is the optimum which costs more than its bound.
                    if findings.schedule is None or (idle >= _IDLE_ROUNDS and self._rounds > 2 * _LAZY_ROUNDS):
                        outcome.limit = Limit.STALLED
                        return
                if outcome.schedule is None and findings.schedule is None:
                    self._relaxer.remember(self._model, relaxed.solution)
            if not changed:
                slice_length *= 2

    def _finished(self, settings: EngineSettings) -> bool:
        outcome = self.outcome
        if self._external is not None:
            bound = self._external()
            if bound is not None:
                self._prove(bound)
        if outcome.objective is not None and outcome.bound is not None:
            if outcome.bound >= outcome.objective:
                outcome.optimal = True
                return True
            if gap(outcome.objective, outcome.bound) <= settings.relative_gap:
                outcome.limit = Limit.GAP
                return True
        if self._nothing_cheaper():
            outcome.infeasible = True
            return True
        if self.stop.requested:
            outcome.limit = Limit.INTERRUPTED
            return True
        if self._stalled(settings):
            outcome.limit = Limit.STALLED
            return True
        return outcome.limit is Limit.MEMORY

    def _stalled(self, settings: EngineSettings) -> bool:
        if settings.patience_s is None:
            return False
        objective, bound = self.outcome.objective, self.outcome.bound or 0
        hopeless = objective is not None and gap(objective, bound) > _HOPELESS_GAP
        patience_s = settings.patience_s
        if hopeless:
            patience_s = min(patience_s, max(_LEAST_PATIENCE_S, _HOPELESS_PATIENCE * patience_s))
        return time.monotonic() - self._news_at > patience_s

    def _clock_left(self, settings: EngineSettings) -> bool:
        return time.monotonic() < settings.deadline - _SHORTEST_SLICE

    def _slice(self, settings: EngineSettings, length: float) -> float | None:
        """Return how long the next round may take, None if a limit is reached."""
        if not self._clock_left(settings):
            return None
        if settings.work is None:
            return min(length, settings.deadline - time.monotonic())
        left = settings.work - self._work
        return min(length, left) if left > 0 else None

    def _first_slice(self, settings: EngineSettings) -> float:
        """Return how long the first round may take: few new rows are to come where all are written."""
        if not self._complete:
            return _FIRST_SLICE
        return max(2 * _FIRST_SLICE, (settings.work or settings.deadline - time.monotonic()) / 3)

    def _solve(self, settings: EngineSettings, length: float) -> Relaxed:
        exceeded = self._memory_watch(settings)
        left = max(_SHORTEST_SLICE, settings.deadline - time.monotonic())
        task = RelaxTask(
            seconds=length if settings.work is None else left,
            work=None if settings.work is None else length,
            threads=settings.threads,
            seed=settings.seed,
            relative_gap=settings.relative_gap,
            memory_mb=settings.memory_mb,
            stop=self.stop,
            schedule=self.outcome.schedule,
            enough=lambda: (
                self._proven_elsewhere()
                or self._nothing_cheaper()
                or exceeded()
                or self._stalled(settings)
                or (settings.work is None and self._calm())
            ),
            on_solution=self._look,
            on_bound=self._prove,
        )
        relaxed = self._relaxer.solve(self._model, task)
        self._work += relaxed.work
        return relaxed

    def _proven_elsewhere(self) -> bool:
        """Return whether somebody else's bound proves the incumbent."""
        bound = None if self._external is None else self._external()
        objective = self.outcome.objective
        return bound is not None and objective is not None and bound >= objective

    def _nothing_cheaper(self) -> bool:
        """Return whether there is no schedule, and the bound says that none is as cheap as is wanted."""
        outcome = self.outcome
        is_closed = self._upper is not None and outcome.bound is not None and outcome.bound >= self._upper
        return is_closed and outcome.schedule is None

    def _memory_watch(self, settings: EngineSettings) -> Callable[[], bool]:
        if settings.memory_mb is None:
            return lambda: False
        import psutil

        process, most = psutil.Process(), settings.memory_mb * 1024 * 1024

        def exceeded() -> bool:
            if process.memory_info().rss <= most:
                return False
            self.outcome.limit = Limit.MEMORY
            return True

        return exceeded

    def _analyse(self, solution: Solution) -> Findings:
        routes = self._model.routes(solution.value, solution.holds)
        findings = analyse(self.problem, routes, self._rows.decided(solution.holds))
        if findings.schedule is not None:
            prepared = self._prepared
            self._take(in_order(self.problem, prepared.grid, prepared.interchanges, findings.schedule))
        return findings

    def _look(self, solution: Solution) -> None:
        self._analyse(solution)

    def _remember(self, findings: Findings) -> None:
        self._known.pairs += findings.pairs
        self._known.covers += findings.covers
        self._known.circles += findings.circles

    # -- news --------------------------------------------------------------------------------------------------------

    def _take(self, schedule: Schedule) -> None:
        """Keep a schedule if it is better; it must pass the check."""
        cost = schedule_cost(self.problem, schedule)
        outcome = self.outcome
        if outcome.objective is not None and cost >= outcome.objective:
            return
        faults = check_schedule(self.problem, schedule)
        if faults:
            raise InternalError(f"the exact engine's schedule fails its check: {faults[0].message}")
        outcome.schedule, outcome.objective = schedule, cost
        self._improved_at = self._news_at = time.monotonic()
        if self._on_incumbent is not None:
            self._on_incumbent(schedule, cost)

    def _put_in_order(self, prepared: Prepared) -> bool:
        """Make the best schedule one that the model's orders of entry allow; return whether it is cheaper by that."""
        outcome = self.outcome
        if outcome.schedule is None:
            return False
        before = outcome.objective
        ordered = in_order(self.problem, prepared.grid, prepared.interchanges, outcome.schedule)
        self._take(ordered)
        outcome.schedule = ordered
        return outcome.objective != before

    def _prove(self, bound: int) -> None:
        outcome = self.outcome
        if outcome.objective is not None:
            bound = min(bound, outcome.objective)
        if outcome.bound is None or bound > outcome.bound:
            outcome.bound = bound
            if outcome.objective is None or bound - self._news_bound > _NEWS * (outcome.objective - self._news_bound):
                self._news_at, self._news_bound = time.monotonic(), bound
            if self._on_bound is not None:
                self._on_bound(bound)


def require_rising_costs(problem: OperationsProblem) -> None:
    """Raise `UnsupportedFeature` if some cost falls as time goes by: the model's lateness is only bounded below."""
    for place, term in enumerate(problem.objective):
        if not rises(term):
            raise UnsupportedFeature(
                f"objective[{place}] of train {problem.trains[term.train].name} has a negative coefficient or "
                "increment; bounds and exact models need costs that do not fall with time"
            )
