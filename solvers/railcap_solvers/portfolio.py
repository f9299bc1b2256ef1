"""Search, Lagrangian bound and exact engine at work on one problem, each with the others' best.

The search finds schedules fast, the Lagrangian bound says how good they can be, and where the problem is small enough
the exact engine closes the gap between the two. They meet at a `Board`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from railcap.operations.objective import gap, schedule_cost, term_cost
from railcap.operations.problem import DelayTerm, OperationsProblem
from railcap.operations.schedule import Event, Schedule
from railcap.operations.timegrid import GridRun, TimeGrid
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import TracePoint
from railcap.solving.stop import Stop

if TYPE_CHECKING:
    from railcap_solvers.bounds.chains import Joined
    from railcap_solvers.bounds.lagrangian import LagrangianBound, Prices
    from railcap_solvers.exact.overload import Overload
    from railcap_solvers.search.elites import Elites

TINY_OPERATIONS = 300
"""Up to so many operations the exact engine needs no help but a schedule to start from."""

SMALL_OPERATIONS, SMALL_WITHOUT_GRID = 6_000, 10_000
"""Up to so many operations the exact engine takes over when search and bound have had their share; more without a grid
for the bound, which then has nothing to do."""

MOST_OPERATIONS, FEW_MEETINGS = 30_000, 10_000
"""The exact engine takes over up to so many operations if the windows let at most so many pairs of stays meet."""

ALONE_SHARE, BOUND_SHARE = 0.2, 0.25
"""Where search and bound take turns: what the search has before the bound, and the bound before the search goes on."""


BOUND_AGAIN_SHARE = 0.25
"""What the bound has of all that is left where the exact engine stalls: a share of the time of all threads that search,
in one of them. What it had before the exact engine was short."""

EARLY_SHARE, MOST_EARLY_S = 0.08, 20.0
LEAST_EARLY_S, LEAST_EARLY_SHARE = 2.5, 0.25
"""What search and bound have before the exact engine: a share of the time limit, seconds at most, and without a grid
for the bound seconds at least, as far as they are no greater share."""

STALLED_S, STALLED_SHARE = 1.0, 0.4
"""Search and bound make way for the exact engine after so long without news: seconds, or a share of what has passed."""

LOOKING_SHARE, MOST_LOOKING_S = 0.5, 10.0
"""Share of the time limit, and seconds at most, in which the search looks for a first schedule though its own share is
used up; not where all of the time is the exact engine's."""

FIRST_SCHEDULE_S = 3.0
"""How long the bound beside the search waits at most for a first schedule."""

BUILD_S = 0.3
"""How long a schedule for the exact engine to start from may take where nothing else is searched."""

LEAST_SEARCH_S = 3.0
"""A further search begins only where it has so much time: laying out a large problem takes a second."""

AGAIN = 100
"""Place from which searches count that begin once the exact engine has stalled, so that their seeds are new."""

OTHER_SEED = 1_000_003
"""What the seeds of searches side by side differ by."""


class Board:
    """The best schedule and the best bound so far, for all who work on a problem; safe between threads."""

    def __init__(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> None:
        self.problem, self.parameters, self.progress = problem, parameters, progress
        self.outer_stop = stop
        self.grid = TimeGrid(problem)
        self.done = Stop()
        """Set once nothing is left to do: a proof, the gap asked for, or the caller's stop."""
        self.helpers_stop = Stop()
        """Set with it at once, so that counted work does not depend on when somebody looks; helpers bring their own."""
        self.began = time.monotonic()
        self.schedule: Schedule | None = None
        self.objective: int | None = None
        self.bound: int | None = None
        self.overloads: Sequence[Overload] = ()
        """Optional trains of which so many are refused in every solution, as far as that is known from the start."""
        self.trace: list[TracePoint] = []
        self._lock = threading.RLock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the solve began."""
        return time.monotonic() - self.began

    @property
    def proven(self) -> bool:
        """Whether the best schedule is proven to be optimal."""
        return self.objective is not None and self.bound is not None and self.bound >= self.objective

    @property
    def gap_reached(self) -> bool:
        """Whether the gap is as small as was asked for."""
        if self.objective is None or self.bound is None:
            return False
        return gap(self.objective, self.bound) <= self.parameters.relative_gap

    def post_schedule(self, objective: int, schedule: Schedule) -> None:
        """Offer a checked schedule; its times are put on the problem's grid."""
        objective, schedule = on_grid(self.problem, self.grid, objective, schedule)
        with self._lock:
            if self.objective is None or objective < self.objective:
                self.objective, self.schedule = objective, schedule
                self._note()
                self.progress.incumbent(self.elapsed_s, objective, schedule)

    def post_bound(self, bound: int) -> None:
        """Offer a proven lower bound."""
        with self._lock:
            if self.bound is None or bound > self.bound:
                self.bound = bound if self.objective is None else min(bound, self.objective)
                self._note()
                self.progress.bound(self.elapsed_s, self.bound)

    def say(self, text: str) -> None:
        """Tell whoever watches what is being done."""
        self.progress.message(self.elapsed_s, text)

    def _note(self) -> None:
        self.trace.append(TracePoint(self.elapsed_s, self.objective, self.bound))
        if self.proven or self.gap_reached:
            self.done.request()
            self.helpers_stop.request()


@dataclass(frozen=True, slots=True)
class Shares:
    """How the time (or the counted work) is shared out: seconds of search and of bounding before the exact engine."""

    search_s: float
    bound_s: float
    exact: bool


class Helpers:
    """Search and bound, side by side in threads if there are two, one after the other if not or if deterministic.

    A thread whose bound has stalled searches too, and so do all beyond the second.
    """

    def __init__(self, board: Board, shares: Shares) -> None:
        self.board, self.shares = board, shares
        self._over = threading.Event()
        self._elites: Elites | None = None
        """Good ends of anneals, of all searches that ran side by side."""
        self._stop = board.helpers_stop
        """Requested when the helpers shall end: nothing is left to do, or the exact engine is worth more by now."""
        self._failures: list[BaseException] = []
        self._bounding: LagrangianBound | None = None
        self._joined: Joined | None = None

    @property
    def bound_evaluations(self) -> int:
        """How many prices the bound has tried."""
        return 0 if self._bounding is None else self._bounding.iterations

    @property
    def prices(self) -> Prices | None:
        """The best prices of the Lagrangian bound, None if there was none."""
        return None if self._bounding is None else self._bounding.best_prices()

    def run(self) -> None:
        """Work until the shares are used up; what is found stands on the board.

        Where all of the time is the exact engine's a schedule is still built for it to start from, if there is none.
        """
        parameters = self.board.parameters
        if self.shares.search_s <= 0:
            if self.board.schedule is None:
                self._search(None if parameters.deterministic else self.board.elapsed_s + BUILD_S, 0)
            return
        threading.Thread(target=self._pass_on_stop, args=(self._stalled,), daemon=True).start()
        try:
            if parameters.deterministic:
                moves = int(250 * self.shares.search_s)
                self._search(None, int(ALONE_SHARE * moves))
                self._bound(1e9, int(1 + 1.5 * self.shares.bound_s))
                self._search(None, moves - int(ALONE_SHARE * moves))
            elif parameters.threads < 2:
                self._search(ALONE_SHARE * self.shares.search_s, None)
                self._bound((ALONE_SHARE + BOUND_SHARE) * self.shares.bound_s, None)
                self._search(self.shares.search_s, None)
            else:
                self._side_by_side()
        finally:
            self._over.set()
            self._stop.request()
        if self._failures:
            raise self._failures[0]

    def search_on(self, threads: int, beside: Callable[[], object] | None) -> None:
        """Search until the time limit, in so many threads, while something else may run beside it.

        The bound goes on first, in one of the threads.
        """
        from railcap_solvers.search.elites import Elites

        board, until_s = self.board, self.board.parameters.time_limit_s
        bound_until_s = board.elapsed_s + min(1.0, BOUND_AGAIN_SHARE * threads) * (until_s - board.elapsed_s)
        elites = self._elites = self._elites or Elites()
        self._stop = board.helpers_stop = Stop()
        self._over = threading.Event()

        def search(place: int) -> None:
            if place == threads - 1:
                self._bound(bound_until_s, None)
            self._search(until_s, None, AGAIN + place, elites)

        searches = [
            threading.Thread(target=self._guarded, args=(partial(search, place),), daemon=True)
            for place in range(threads)
        ]
        for thread in (threading.Thread(target=self._pass_on_stop, args=(lambda: False,), daemon=True), *searches):
            thread.start()
        try:
            if beside is not None:
                beside()
            for thread in searches:
                thread.join(max(0.0, until_s - board.elapsed_s) + 1.0)
        finally:
            self._over.set()
            self._stop.request()
        if self._failures:
            raise self._failures[0]

    def _pass_on_stop(self, is_enough: Callable[[], bool]) -> None:
        board = self.board
        while not self._over.wait(0.05):
            if board.outer_stop.requested:
                board.done.request()
            if board.done.requested or is_enough():
                self._stop.request()
                return

    def _stalled(self) -> bool:
        """Whether both had no news for long, and the exact engine can take over; never where they take turns."""
        board = self.board
        takes_turns = board.parameters.deterministic or board.parameters.threads < 2
        if not self.shares.exact or takes_turns or board.schedule is None:
            return False
        elapsed_s = board.elapsed_s
        return elapsed_s - board.trace[-1].time_s > max(STALLED_S, STALLED_SHARE * elapsed_s)

    def _side_by_side(self) -> None:
        """One thread searches, one bounds until that gains no more; then it searches too, as do further ones."""
        from railcap_solvers.search.elites import Elites

        search_s, bound_s = self.shares.search_s, self.shares.bound_s
        elites = self._elites = Elites()

        def bound_and_search() -> None:
            self._let_search_begin()
            self._bound(bound_s, None)
            self._search_beside(1, elites)

        jobs = [bound_and_search]
        for place in range(2, self.board.parameters.threads):
            jobs.append(partial(self._search_beside, place, elites))
        threads = [threading.Thread(target=self._guarded, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        self._search(search_s, None, 0, elites)
        for thread in threads:
            thread.join(max(0.0, max(search_s, bound_s) - self.board.elapsed_s) + 1.0)

    def _let_search_begin(self) -> None:
        """Wait for the first schedule, though not long: what both lay out in Python would hold each other up."""
        board, wait_s = self.board, min(FIRST_SCHEDULE_S, self.shares.bound_s / 4)
        while board.schedule is None and board.elapsed_s < wait_s and not self._stop.requested:
            time.sleep(0.01)

    def _search_beside(self, place: int, elites: Elites) -> None:
        """Search with a seed of its own beside the first search, if there is time enough for it to be of use."""
        if self.shares.search_s - self.board.elapsed_s > LEAST_SEARCH_S and not self._stop.requested:
            self._search(self.shares.search_s, None, place, elites)

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:  # carried over to the thread that waits
            self._failures.append(error)

    def _search(self, until_s: float | None, moves: int | None, place: int = 0, elites: Elites | None = None) -> None:
        from railcap_solvers.search import improve

        board = self.board
        board.say("search")
        start = None if board.schedule is None else board.schedule.routes(board.problem)
        looking_s = min(LOOKING_SHARE * board.parameters.time_limit_s, MOST_LOOKING_S)
        if self.shares.search_s <= 0:
            looking_s = 0.0
        improve(
            board.problem,
            start,
            self._stop,
            None if until_s is None else board.began + until_s,
            board.post_schedule,
            board.parameters.seed + place * OTHER_SEED,
            moves,
            self._payments if board.grid.usable else None,
            elites,
            None if until_s is None else board.began + max(until_s, looking_s),
        )

    def _payments(self) -> npt.NDArray[np.float64] | None:
        payments = None if self._bounding is None else self._bounding.payments
        return None if payments is None or self._joined is None else self._joined.per_train(payments)

    def _bound(self, until_s: float, work: int | None) -> None:
        from railcap_solvers.bounds.chains import join_chains
        from railcap_solvers.bounds.lagrangian import LagrangianBound
        from railcap_solvers.bounds.master import Run

        board = self.board
        if not board.grid.usable or self._stop.requested or board.elapsed_s >= until_s:
            return
        if self._bounding is None or self._joined is None:
            joined = join_chains(board.problem)
            has_chains = joined.problem is not board.problem
            grid = TimeGrid(joined.problem) if has_chains else board.grid
            bounding = LagrangianBound(joined.problem, grid, overloads=() if has_chains else board.overloads)
            if bounding.infeasible:
                return
            self._bounding, self._joined = bounding, joined
        bounding, grid = self._bounding, self._bounding.grid
        has_chains = self._joined.problem is not board.problem
        seen: Schedule | None = None

        def known() -> list[Run]:
            nonlocal seen
            schedule = board.schedule
            if schedule is None or schedule is seen or has_chains:
                return []
            seen = schedule
            return [
                bounding.run_of(train, GridRun(0.0, tuple(route)))
                for train, route in enumerate(schedule.routes(board.problem))
                if route is not None
                and all(
                    (start - grid.origin_s) % grid.step_s == 0 and grid.slot(start) < grid.slots for _, start in route
                )
            ]

        bounding.improve(self._stop, until_s - board.elapsed_s, lambda: board.objective, board.post_bound, known, work)


def on_grid(problem: OperationsProblem, grid: TimeGrid, objective: int, schedule: Schedule) -> tuple[int, Schedule]:
    """Round the times of a schedule to the grid without raising its cost; return the cost and the schedule.

    All windows, durations, releases, closures and lags lie on the grid, and rounding all times down after the same
    shift keeps every such rule and the order of events. The cost is piecewise linear with its breaks on the grid, so
    some shift does not raise it; the shifts that matter are none and those at which a time reaches the grid.
    """
    step, origin = grid.step_s, grid.origin_s
    rests = {(event.time_s - origin) % step for event in schedule.events}
    if rests <= {0}:
        return objective, schedule
    watched: list[set[int]] = [set() for _ in problem.trains]
    for term in problem.objective:
        if isinstance(term, DelayTerm):
            watched[term.train].add(term.operation)
        else:
            watched[term.train].update((term.from_operation, term.to_operation))
    starts = [
        [(operation, start) for operation, start in route or () if operation in own]
        for route, own in zip(schedule.routes(problem), watched, strict=True)
    ]

    def moved(time_s: int, shift: int) -> int:
        return time_s + shift - (time_s + shift - origin) % step

    def terms_at(move: Callable[[int], int]) -> int:
        times = [{operation: move(start) for operation, start in own} for own in starts]
        return sum(term_cost(term, times[term.train]) for term in problem.objective)

    refused = objective - terms_at(lambda time_s: time_s)
    shifts = sorted({0, *((step - rest) % step for rest in rests)})
    cost, shift = min((refused + terms_at(partial(moved, shift=shift)), shift) for shift in shifts)
    if cost > objective:
        return objective, schedule
    return cost, Schedule(tuple(Event(moved(one.time_s, shift), one.train, one.operation) for one in schedule.events))


def offer_start(board: Board, schedule: Schedule | None) -> None:
    """Put the caller's start schedule on the board if it is feasible."""
    from railcap.operations.check import check_schedule

    if schedule is not None and not check_schedule(board.problem, schedule):
        board.post_schedule(schedule_cost(board.problem, schedule), schedule)


def look_ahead(board: Board) -> Shares:
    """Put on the board what is known before anything is searched, and share the time out as fits the problem's size."""
    from railcap_solvers.bounds.unimpeded import unimpeded_bound
    from railcap_solvers.exact.prepare import least_cost, prepare
    from railcap_solvers.exact.stays import count_meetings

    problem, limit_s = board.problem, board.parameters.time_limit_s
    bound = unimpeded_bound(problem)
    if bound is not None:
        board.post_bound(bound)
    operations = sum(len(train.operations) for train in problem.trains)
    is_small = operations <= (SMALL_OPERATIONS if board.grid.usable else SMALL_WITHOUT_GRID)
    has_few_meetings = False
    if is_small or (operations <= MOST_OPERATIONS and _all_end(problem)):
        prepared = prepare(problem)
        if prepared.impossible:
            return Shares(0.0, 0.0, True)  # the exact engine says so at once
        has_few_meetings = not is_small and count_meetings(prepared) <= FEW_MEETINGS
        if prepared.overloads and bound is not None:
            board.overloads = prepared.overloads
            board.post_bound(least_cost(prepared))
    if operations <= TINY_OPERATIONS:
        return Shares(0.0, 0.0, True)
    if is_small or has_few_meetings:
        least_s = 0.0 if board.grid.usable else min(LEAST_EARLY_S, LEAST_EARLY_SHARE * limit_s)
        early_s = min(max(EARLY_SHARE * limit_s, least_s), MOST_EARLY_S)
        return Shares(early_s, early_s, True)
    return Shares(limit_s, limit_s, False)


def _all_end(problem: OperationsProblem) -> bool:
    """Whether every train must have come to its end by some time; without that, all trains may meet everywhere."""
    return all(train.operations[-1].start_ub_s is not None for train in problem.trains)
