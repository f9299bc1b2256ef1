"""Improving a solution: anneals from good solutions, reheated from a pool of elites once they have cooled."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.solving.stop import Stop
from railcap_solvers.search.engine import Plans, Routes, Search, build, schedule_of, searches
from railcap_solvers.search.work import uniform

OnIncumbent = Callable[[int, Schedule], None]

SLICE_LABELS = 300_000
"""Labels between two looks at the clock: some tenths of a second."""

SHARE = 0.6
"""What an anneal takes of the work or time left: one long anneal finds better than several short ones."""

FIRST_ANNEAL, GROWTH, LONGEST_ANNEAL = 10_000, 1.5, 200_000
"""Moves of anneals where no end of the run is known, and the most that one ever has where it is counted in moves."""

LONGEST_ANNEAL_S = 240.0
WARM, COOL = 1.0, 0.02
"""Temperatures at both ends of an anneal, in avoidable cost per train."""

ELITES = 6


class Improver:
    """Anneals of a search, one after another, each from an elite: the end of an anneal that was among the best.

    Parameters
    ----------
    search : Search
        With a complete solution in force.
    moves_limit : int or None
        Where the run ends; then anneals are measured in moves and do not depend on the clock.
    deadline_s : float or None
        Where the run ends, an instant of `time.monotonic()`; looked at only without `moves_limit`.
    """

    def __init__(self, search: Search, moves_limit: int | None, deadline_s: float | None) -> None:
        self.search = search
        self.moves = 0
        self._moves_limit = moves_limit
        self._deadline_s = deadline_s if moves_limit is None else None
        self._labels_per_move = 3000.0
        self._unbounded_length = float(FIRST_ANNEAL)
        self._heat = 1.0
        self._elites: list[tuple[int, Plans]] = []
        self._begin_anneal()

    def advance(self) -> None:
        """Make the moves of one slice; ends and begins anneals as their time comes."""
        search = self.search
        passed = (self._position() - self._begun) / self._length
        if passed >= 1.0:
            self._choose_elite()
            self._begin_anneal()
            passed = 0.0
        temperature = self._temperature * WARM * (COOL / WARM) ** passed
        chunk = max(1, int(SLICE_LABELS / self._labels_per_move))
        if self._moves_limit is not None:
            chunk = min(chunk, self._moves_limit - self.moves)
        before = search.labels
        made = search.anneal(chunk, temperature, temperature, 4 * SLICE_LABELS)
        self._labels_per_move = 0.5 * self._labels_per_move + 0.5 * max(1.0, (search.labels - before) / made)
        self.moves += made

    def _position(self) -> float:
        return self.moves if self._deadline_s is None else time.monotonic()

    def _begin_anneal(self) -> None:
        """Measure out the next anneal: its length and its temperature."""
        self._begun = self._position()
        if self._deadline_s is not None:
            self._length = min(LONGEST_ANNEAL_S, max(0.5, SHARE * (self._deadline_s - self._begun)))
        elif self._moves_limit is not None:
            self._length = min(LONGEST_ANNEAL, max(100.0, SHARE * (self._moves_limit - self.moves)))
        else:
            self._length = self._unbounded_length
            self._unbounded_length = min(LONGEST_ANNEAL, GROWTH * self._length)
        count = max(1, len(self.search.problem.trains))
        self._temperature = max(1e-9, self._heat * (self.search.cost - self.search.least_cost) / count)

    def _choose_elite(self) -> None:
        """Keep the end of the anneal among the elites, and choose from where and how hot the next one begins."""
        search = self.search
        self._elites.append((search.cost, search.plans_in_force()))
        self._elites.sort(key=lambda elite: elite[0])
        del self._elites[ELITES:]
        chosen = int(len(self._elites) * uniform(search.work.random) ** 2)
        search.restart_from(self._elites[chosen][1])
        self._heat = 0.1 + 0.5 * uniform(search.work.random)


def improve(
    problem: OperationsProblem,
    routes: Sequence[Sequence[tuple[int, int]] | None] | None = None,
    stop: Stop | None = None,
    deadline_s: float | None = None,
    on_incumbent: OnIncumbent | None = None,
    seed: int = 0,
    moves_limit: int | None = None,
) -> Routes | None:
    """Improve a solution until a stop, a deadline or a number of moves; return the best found, or None without any.

    Parameters
    ----------
    problem : OperationsProblem
    routes : per train, ``(operation, start)`` pairs along its route, None for a refused train; None altogether: the
        search builds a first solution itself
    stop : Stop or None
    deadline_s : float or None
        An instant of `time.monotonic()`.
    on_incumbent : callable or None
        Receives the cost and the checked schedule of better and better solutions.
    seed : int
    moves_limit : int or None
        With the same seed and limit, and neither stop nor deadline in the way, the answer is the same.

    Raises
    ------
    ValueError
        If there is no end: neither stop, nor deadline, nor limit.
    """
    if stop is None and deadline_s is None and moves_limit is None:
        raise ValueError("improve needs a stop, a deadline_s or a moves_limit; give one")
    run = _Run(problem, stop or Stop(), deadline_s, on_incumbent)
    start = list(routes) if routes is not None else None
    if start is not None and not run.offer([list(route) if route else None for route in start]):
        start = None
    for attempt, search in enumerate(searches(problem, seed)):
        if start is not None and attempt == 0:
            search.load(start)
        else:
            build(search, run.stop, deadline_s)
        if search.complete and run.improve(search, moves_limit):
            break
    return run.best


class _Run:
    """One call of `improve`: its ends, its best solution and who hears of it."""

    def __init__(
        self, problem: OperationsProblem, stop: Stop, deadline_s: float | None, on_incumbent: OnIncumbent | None
    ) -> None:
        self.problem, self.stop = problem, stop
        self.best: Routes | None = None
        self._best_cost: int | None = None
        self._deadline_s = deadline_s
        self._on_incumbent = on_incumbent
        self._next_s = 0.0

    def offer(self, routes: Routes) -> bool:
        """Take over a solution if it keeps all rules and is better; return whether it keeps them."""
        from railcap.operations.objective import routes_cost

        cost = routes_cost(self.problem, routes)
        if self._best_cost is not None and cost >= self._best_cost:
            return True
        started = time.monotonic()
        schedule = schedule_of(self.problem, routes)
        if schedule is None:
            return False
        self.best, self._best_cost = routes, cost
        if self._on_incumbent is not None:
            self._on_incumbent(cost, schedule)
        self._next_s = time.monotonic() + max(0.2, 8 * (time.monotonic() - started))
        return True

    def improve(self, search: Search, moves_limit: int | None) -> bool:
        """Anneal until an end is reached; False if the plans cannot be put into a legal order."""
        if not self.offer(search.routes()):
            return False
        improver = Improver(search, moves_limit, self._deadline_s)
        while not self._is_over() and (moves_limit is None or improver.moves < moves_limit):
            improver.advance()
            news = self._best_cost is None or search.best_cost < self._best_cost
            due = moves_limit is not None or time.monotonic() >= self._next_s
            if news and due and not self.offer(search.routes()):
                return False
            if search.best_cost <= search.least_cost:
                break
        return self.offer(search.routes())

    def _is_over(self) -> bool:
        return self.stop.requested or (self._deadline_s is not None and time.monotonic() >= self._deadline_s)
