"""The second peer: the whole disjunctive big-M model, solved by HiGHS in one go.

Written as a competent user of a MIP solver would write it first: a start for every operation, an order for every pair
of uses by two trains of one resource, one M from the horizon, and a complete start. What the backend `highs` does
beyond that (rows in rounds, orders shared between resources, tight windows and Ms, the packing) is measured against it.
As for `plain`, hand-overs at one instant may not form a circle; where a solution does that, a row over the orders is
added and the model is solved again.
"""

from __future__ import annotations

from railcap.errors import InputError
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import NoValidOrder, Schedule, schedule_from_routes
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Limit, Reason, Result, Termination
from railcap.solving.stop import Stop
from railcap_benchmarks.peers.big_m_model import DUST, BigMModel, order_rows
from railcap_benchmarks.peers.big_m_start import start_values
from railcap_solvers.exact.conflicts import Findings, analyse
from railcap_solvers.mip.backend import HighsBackend
from railcap_solvers.mip.highs import Highs
from railcap_solvers.mip.linear import Answer, Status, Task, Values
from railcap_solvers.portfolio import TINY_OPERATIONS, Board, offer_start
from railcap_solvers.stopping import stop_when

MOST_ROWS = 3_000_000
"""With more order rows than this the model is not written: it would take many gigabytes."""

HANDING_OVER, UNCOUNTED = 5.0, 2.0
"""How long it takes to hand a model over to HiGHS, and what of that `Highs` does not count, in times of its writing.

Measured with 0.6 and 2.2 million rows: PuLP's objects take 2.6 times as long as writing did, HiGHS's rows 1.6 times.
"""

START_SHARE = 0.2
"""Share of the time that the construction of a start may take, as for `plain`."""

KEPT = 1e-5
"""A start that breaches some row by more is not handed over."""

SHIFTS = (0.5, 0.25, 0.75)
"""Shifts of all times before they are rounded down; more than one for solutions that are only almost whole."""


class BigMBackend:
    """The peer's backend; see the module."""

    name = "plain-big-m"
    features = FEATURES
    is_peer = True

    def is_available(self) -> str | None:
        """Return None if HiGHS and PuLP are installed, else what to install."""
        return HighsBackend().is_available()

    def version(self) -> str | None:
        """Return the version of HiGHS, None if it is not installed."""
        return Highs().version()

    def solve(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> Result:
        """Solve the whole model; see `railcap.solving.backend.Backend`."""
        if parameters.options.get(self.name):
            raise InputError(f"{self.name} has no options")
        return _Run(Board(problem, parameters, stop, progress)).result()


class _Run:
    """One solve; the best schedule and bound stand on the board."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.solver = Highs()
        self._writing_s = 0.0
        self.statistics: dict[str, float | int | str] = {"rounds": 0, "native": "not run"}

    def result(self) -> Result:
        """Build and solve the model, and say how it ended."""
        board = self.board
        offer_start(board, board.parameters.warm_start)
        if board.schedule is None:
            offer_start(board, self._constructed())
        termination = self._terminated()
        return Result(
            termination,
            board.schedule,
            board.objective,
            board.bound,
            board.elapsed_s,
            tuple(board.trace),
            self.statistics,
            {**self.solver.honours, "memory_limit_gb": False},
            BigMBackend.name,
        )

    def _constructed(self) -> Schedule | None:
        """Return a start by the constructive heuristic, under the conditions under which `plain` has one."""
        problem, parameters = self.board.problem, self.board.parameters
        if sum(len(train.operations) for train in problem.trains) <= TINY_OPERATIONS:
            return None
        from railcap_solvers.search import construct

        deadline_s = self.board.began + START_SHARE * parameters.time_limit_s
        routes = construct(problem, parameters.seed, self.board.outer_stop, deadline_s)
        try:
            return None if routes is None else schedule_from_routes(problem, routes)
        except NoValidOrder:
            return None

    def _terminated(self) -> Termination:
        board = self.board
        self.statistics["order_rows"] = rows = order_rows(board.problem)
        if rows > MOST_ROWS:
            return self._stopped(Limit.MEMORY, f"the model has {rows:,} order rows; up to {MOST_ROWS:,} are written")
        board.say(f"writes the big-M model: {rows:,} order rows")
        begun_s = board.elapsed_s
        model = BigMModel(board.problem)
        for _ in model.add_orders():
            if (limit := self._limit()) is not None:
                return self._stopped(limit, "the model was not written to its end")
        self._writing_s = board.elapsed_s - begun_s
        while True:
            if (limit := self._limit()) is not None:
                return self._stopped(limit, "" if self.statistics["rounds"] else "the model was not handed over")
            if model.linear.impossible:
                return Termination(Reason.INFEASIBLE)
            answer = self._solved(model)
            findings = self._taken(model, answer)
            ended = self._ended(answer, findings)
            if ended is not None:
                return ended
            for circle in findings.circles:
                model.forbid(circle)

    def _ended(self, answer: Answer, findings: Findings) -> Termination | None:
        """Say what an answer ends the solve with; None if hand-overs form circles, which are to be forbidden."""
        board = self.board
        if answer.status is Status.INFEASIBLE and board.schedule is None:
            return Termination(Reason.INFEASIBLE)
        if board.proven:
            return Termination(Reason.OPTIMAL)
        if board.gap_reached:
            return self._stopped(Limit.GAP)
        if (limit := self._limit()) is not None:
            return self._stopped(limit)
        if answer.status is not Status.OPTIMAL:
            return self._stopped(Limit.STALLED, f"highs ended with {answer.native}")
        if findings.circles:
            return None
        if findings.schedule is None:
            return self._stopped(Limit.STALLED, "the best solution is one only within the library's tolerances")
        return self._stopped(Limit.GAP)

    def _solved(self, model: BigMModel) -> Answer:
        """Let HiGHS solve the model from the best schedule."""
        board, parameters = self.board, self.board.parameters
        start = None if board.schedule is None else start_values(model, board.schedule)
        if start is not None and model.linear.breach(start) > KEPT:
            start = None

        def on_values(values: Values) -> None:
            self._take(_findings(model, values))

        with stop_when(lambda: board.outer_stop.requested or board.done.requested) as stop:
            answer = self.solver.solve(
                model.linear,
                Task(
                    seconds=parameters.time_limit_s - board.elapsed_s - UNCOUNTED * self._writing_s,
                    threads=parameters.threads,
                    seed=parameters.seed,
                    relative_gap=parameters.relative_gap,
                    start=start,
                    stop=stop,
                    on_values=on_values,
                    on_bound=lambda bound: board.post_bound(model.whole(bound)),
                ),
            )
        self.statistics["rounds"] = int(self.statistics["rounds"]) + 1
        self.statistics["native"] = answer.native
        return answer

    def _taken(self, model: BigMModel, answer: Answer) -> Findings:
        """Take an answer's bound and schedule; return what stands in the way of the schedule."""
        if answer.bound is not None:
            self.board.post_bound(model.whole(answer.bound))
        if answer.values is None:
            return Findings()
        findings = _findings(model, answer.values)
        self._take(findings)
        if findings.schedule is not None and answer.status is Status.OPTIMAL and not self.board.parameters.relative_gap:
            # The dust taken off a bound may be more than a unit of a large cost; the library's word is the proof then.
            claimed = model.linear.objective(answer.values)
            cost = schedule_cost(self.board.problem, findings.schedule)
            if (cost - model.constant) / model.unit <= claimed + DUST * max(1.0, abs(claimed)):
                self.board.post_bound(cost)
        return findings

    def _take(self, findings: Findings) -> None:
        if findings.schedule is not None:
            self.board.post_schedule(schedule_cost(self.board.problem, findings.schedule), findings.schedule)

    def _limit(self) -> Limit | None:
        if self.board.outer_stop.requested:
            return Limit.INTERRUPTED
        left_s = self.board.parameters.time_limit_s - self.board.elapsed_s
        return Limit.TIME if left_s <= HANDING_OVER * self._writing_s else None

    def _stopped(self, limit: Limit, detail: str = "") -> Termination:
        reason = Reason.NO_SOLUTION_FOUND if self.board.schedule is None else Reason.FEASIBLE
        return Termination(reason, limit, detail)


def _findings(model: BigMModel, values: Values) -> Findings:
    """Return the checked schedule of a solution, or what stands in its way."""
    findings = Findings()
    for shift in SHIFTS:
        findings = analyse(model.problem, model.routes(values, shift), model.decided(values))
        if findings.circles:
            break
        if findings.schedule is not None and check_schedule(model.problem, findings.schedule):
            findings.schedule = None
        if findings.schedule is not None:
            break
    return findings
