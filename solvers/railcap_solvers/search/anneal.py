"""Improving a solution: anneals from good solutions, reheated from a pool of elites once they have cooled.

Where only orders matter, the best plans take over parts of the others at the end of each anneal (`recombine`).

Without a bound's prices each anneal is that of a population. Where it is known what the trains would pay for their
track at such prices, two of three anneals are graded: they begin hot with the trains that pay most, alone on the line,
and each of the others enters when the temperature has fallen to its own scale. While it is hotter, its place would be a
matter of chance, and a hundred cheap trains in places of chance keep the few dear ones from finding theirs. Graded
anneals begin from nothing, and end where the first decisions about the dear trains lead, so two are made before the
better is reheated.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.solving.stop import Stop
from railcap_solvers.search.elites import Elites, Member
from railcap_solvers.search.engine import Routes, Search, build, schedule_of, searches
from railcap_solvers.search.population import Population, stage_begins
from railcap_solvers.search.work import uniform

OnIncumbent = Callable[[int, Schedule], None]
Payments = npt.NDArray[np.float64]

SLICE_LABELS = 300_000
"""Labels between two looks at the clock: some tenths of a second."""

SHARE = 0.6
"""What a reheat between graded anneals takes of the work or time left."""

WAITING_SHARE, GRADED_SHARE = 0.15, 0.75
"""What an anneal takes that waits for payments, ended when they come, and what a graded one takes."""

FIRST_ANNEAL, GROWTH, LONGEST_ANNEAL = 10_000, 1.5, 200_000
"""Moves of anneals where no end of the run is known, and the most that one ever has where it is counted in moves."""

FIRST_WAIT_S, WAIT_GROWTH = 2.0, 2.0
"""Longest of the first anneals that wait for payments, so that there is a good answer early, and how much longer the
next may be."""

LONGEST_REHEAT_S = 20.0
"""Longest anneal between graded ones."""

FIRST_GRADED_S, GRADED_GROWTH = 18.0, 2.0
"""Longest of the first graded anneals, so that there is a good answer early, and how much longer the next may be."""

LEAST_GRADED_MOVES, GRADED_MOVES = 100, 400
"""Moves per train that a graded anneal should have at the pace of the anneals before, if that takes longer than the
first is meant to; and beyond which none grows: where they end is a matter of luck, so many are better."""

GRADED_IN_TURN = 2
"""Graded anneals before one of their ends is reheated."""

WARM, COOL = 1.0, 0.02
"""Temperatures at both ends of an anneal, in avoidable cost per train."""

DESCENT, DESCENT_SHARE = 30, 0.1
"""Moves per train downhill before a first anneal, where nothing else says how dear a good solution is, and the most
that they take of the work or time."""

POPULATION_SHARE = 0.8
"""What the anneal of a population takes of the work or time left."""

FIRST_POPULATION_S, POPULATION_GROWTH, LONGER = 120.0, 2.0, 1.5
"""Longest first anneal of a population, so that there is a good answer early, and how much longer the next may be; one
that is so many times longer than all before begins as hot as the first, all others are reheats."""

POPULATION_WARM, POPULATION_COOL = 1.5, 0.05
"""Temperatures at both ends of the anneal of a population: in avoidable cost per train that has any, and per train."""

FIRST_PAIR_S = 0.5
"""Time that must be left for a first recombination of two ends."""

HOT_MOVES = 300.0
"""Moves per train that an anneal needs to begin so hot; one with next to none begins at that scale of all trains."""

HOT = 0.35
"""Temperature at which a graded anneal begins, in the mean payment of what is paid."""

ENTRY = 2.0
"""A train enters a graded anneal when the temperature is so many times what it pays."""

ALL_ENTERED = 0.6
"""Share of a graded anneal after which all trains have entered and refusals weigh no more than they cost."""

REFUSAL_WEIGHT = 1.4
"""How many times its cost a refusal weighs at the hot end of a graded anneal."""

LAST_OFFER = 2.0
"""How many times what the offer before took is kept for the last."""

LAYOUT_BUILDS = 3.0
"""Where hand-overs turn out to close a circle, another search begins only if there is so many times the time left that
it took to begin the first."""

REST, REST_AT_END = 8.0, 2.0
"""A better solution is offered when so many times what the last offer took have passed since, or at the end of an
anneal; so offers take little of the time, and what an anneal came to is known at once."""


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
    payments : callable or None
        See `improve`.
    elites : Elites or None
        Those that other searches share; None: its own.
    """

    def __init__(
        self,
        search: Search,
        moves_limit: int | None,
        deadline_s: float | None,
        payments: Callable[[], Payments | None] | None = None,
        elites: Elites | None = None,
    ) -> None:
        self.search = search
        self.moves = 0
        self.rests = False
        """Whether an anneal has just ended."""
        self.end_s = 0.0
        """How long it took to end the last one."""
        self._moves_limit = moves_limit
        self._deadline_s = deadline_s if moves_limit is None else None
        self._payments = payments
        self._grades: Grades | None = None
        self._wait_s = FIRST_WAIT_S
        self._graded_s, self._longest_graded, self._graded_in_turn = FIRST_GRADED_S, 0.0, 0
        self._started = self._position()
        self._labels_per_move = 3000.0
        self._unbounded_length = float(FIRST_ANNEAL)
        self._heat = 1.0
        self._elites = elites or Elites()
        self._looked_at: set[int] = set()
        """What the plans cost whose parts the best ones may have taken over."""
        self._pair_s = FIRST_PAIR_S
        """How long it took to look at the last of them, or may take at first."""
        self._population: Population | None = None
        self._population_s, self._longest_population = FIRST_POPULATION_S, 0.0
        self._downhill = DESCENT * len(search.problem.trains) if payments is None else 0
        self._descent_ends = self._started + self._measure(DESCENT_SHARE, math.inf)
        if not self._downhill:
            self._begin_anneal(self._next_grades())

    def advance(self) -> None:
        """Make the moves of one slice; ends and begins anneals as their time comes."""
        self.rests = False
        if self._downhill > 0:
            self._downhill -= self._walk(self._downhill, 0.0)
            if self._downhill <= 0 or self._position() >= self._descent_ends:
                self._downhill = 0
                self._begin_anneal(None)
                self.rests = True
            return
        passed = (self._position() - self._begun) / self._length
        if passed >= 1.0 or (self._waits and self._payments_now() is not None):
            if self._grades is not None:
                self._grades.admit(0.0, 1.0)
            self.end()
            self._choose_elite()
            self._begin_anneal(self._next_grades())
            self.rests = True
            passed = 0.0
        population, cooling = self._population, self._warm / self._cool
        temperature = self._warm / cooling ** (passed if population is None else stage_begins(passed))
        if self._grades is not None:
            self._grades.admit(temperature, passed)
        if population is not None:
            population.go_to(passed, temperature, cooling)
        self._walk(None if population is None else population.moves_in_turn, temperature)

    def _walk(self, most: int | None, temperature: float) -> int:
        """Make about as many moves as a slice takes, at most so many; return how many."""
        search = self.search
        chunk = max(1, int(SLICE_LABELS / self._labels_per_move))
        if most is not None:
            chunk = min(chunk, most)
        if self._moves_limit is not None:
            chunk = min(chunk, self._moves_limit - self.moves)
        before = search.labels
        made = search.anneal(chunk, temperature, temperature, 4 * SLICE_LABELS)
        self._labels_per_move = 0.5 * self._labels_per_move + 0.5 * max(1.0, (search.labels - before) / made)
        self.moves += made
        return made

    def _position(self) -> float:
        return self.moves if self._deadline_s is None else time.monotonic()

    def _begin_anneal(self, grades: Grades | None) -> None:
        """Measure out the next anneal: its length and its temperatures."""
        self._begun = self._position()
        self._waits = self._payments is not None and self._payments_now() is None
        warm, cool = WARM, COOL
        if grades is not None:
            self._length = grades.length
        elif self._payments is None:
            self._length = self._measure(POPULATION_SHARE, self._population_s)
            self._population_s *= POPULATION_GROWTH
            if self._length > LONGER * self._longest_population:
                self._heat, self._longest_population = 1.0, self._length
            self._population = Population(self.search, self._length * self._pace(), self._elites)
            warm, cool = POPULATION_WARM, POPULATION_COOL
        elif self._waits:
            self._length = self._measure(WAITING_SHARE, self._wait_s)
            self._wait_s *= WAIT_GROWTH
        else:
            self._length = self._measure(SHARE, LONGEST_REHEAT_S)
        if self._deadline_s is None and self._moves_limit is None:
            self._unbounded_length = min(LONGEST_ANNEAL, GROWTH * self._unbounded_length)
        search, count = self.search, max(1, len(self.search.problem.trains))
        avoidable = max(1e-9, float(search.cost - search.least_cost))
        heat = self._heat if grades is None else 1.0
        self._cool = cool * heat * avoidable / count
        if grades is not None:
            self._warm = max(self._cool, HOT * grades.mean)
        else:
            self._warm = warm * heat * avoidable / count
        if self._population is not None:
            self._warm *= (count / max(1, search.paying)) ** min(1.0, self._length * self._pace() / count / HOT_MOVES)
        self._grades = grades

    def _pace(self) -> float:
        """Return how many moves are made in a second, or 1 where the run is measured in moves."""
        return max(1.0, self.moves) / max(0.01, self._position() - self._started)

    def _payments_now(self) -> Payments | None:
        return None if self._payments is None else self._payments()

    def _measure(self, share: float, longest_s: float) -> float:
        """Return the length of an anneal that takes a share of what is left, at most so many seconds or moves."""
        if self._deadline_s is not None:
            return min(longest_s, max(0.5, share * (self._deadline_s - self._position())))
        if self._moves_limit is not None:
            return min(LONGEST_ANNEAL, max(100.0, share * (self._moves_limit - self.moves)))
        return self._unbounded_length

    def _next_grades(self) -> Grades | None:
        """Return the grades of the next anneal if it is to be a graded one: not too many in turn, nor one too short.

        By the clock, the first anneal is none: how long one has to be follows from the pace.
        """
        payments = self._payments_now()
        if self._deadline_s is not None and not self.moves:
            return None
        moves_s = len(self.search.problem.trains) / self._pace()
        if not self._longest_graded:
            self._graded_s = max(FIRST_GRADED_S, LEAST_GRADED_MOVES * moves_s)
        length = self._measure(GRADED_SHARE, self._graded_s)
        too_short = length < 0.5 * self._longest_graded
        if payments is None or not payments.any() or self._graded_in_turn == GRADED_IN_TURN or too_short:
            if self._graded_in_turn:
                self._graded_s = max(FIRST_GRADED_S, min(GRADED_GROWTH * self._graded_s, GRADED_MOVES * moves_s))
            self._graded_in_turn = 0
            return None
        self._graded_in_turn += 1
        self._longest_graded = max(length, self._longest_graded)
        return Grades(self.search, payments, length)

    def end(self) -> None:
        """Leave the best plans, and those where the anneal has come to, to the elites."""
        search, began_s = self.search, time.monotonic()
        self._elites.add(Member(search.best_cost, search.best_plans()))
        if self._population is not None:
            self._population.end()
        else:
            self._elites.add(Member(search.cost, search.plans_in_force()))
        if search.only_orders_matter:
            self._recombine()
        self.part()
        self.end_s = time.monotonic() - began_s

    def _recombine(self) -> None:
        """Make the best plans better by parts of others that are known, each looked at once, while there is time."""
        search = self.search
        known = self._elites.all() + ([] if self._population is None else self._population.members)
        search.restart_from(search.best_plans())
        for member in known:
            began_s = time.monotonic()
            if self._deadline_s is not None and began_s + self._pair_s >= self._deadline_s:
                break
            if member.cost not in self._looked_at and member.cost != search.cost:
                self._looked_at.add(member.cost)
                search.take_over(member.plans)
                self._pair_s = time.monotonic() - began_s
        self._elites.add(Member(search.best_cost, search.best_plans()))

    def part(self) -> None:
        """Have nothing to do any more with other searches."""
        if self._population is not None:
            self._population.part()

    def _choose_elite(self) -> None:
        """Choose from where and how hot the next anneal begins."""
        search = self.search
        search.restart_from(self._elites.choose(uniform(search.work.random)))
        self._heat = 0.1 + 0.5 * uniform(search.work.random)


class Grades:
    """Who takes part in a graded anneal, by what the trains pay."""

    def __init__(self, search: Search, payments: Payments, length: float) -> None:
        self.search, self.length = search, length
        self._pays = np.maximum(payments, 0.0)
        required = [link for link in search.problem.links if link.required]
        required.sort(key=lambda link: -search.memory.rank[link.to_train])
        for link in required:  # no train enters before one that it needs
            self._pays[link.from_train] = max(self._pays[link.from_train], self._pays[link.to_train])
        self.mean = float((self._pays**2).sum() / max(1e-9, self._pays.sum()))
        """What is paid on average, each payment counted by its size."""
        self._order = np.lexsort((search.memory.rank[: len(self._pays)], -self._pays))
        self._entered = 0

    def admit(self, temperature: float, passed: float) -> None:
        """Let in whose time has come."""
        search = self.search
        search.memory.refusal_weight[0] = 1.0 + (REFUSAL_WEIGHT - 1.0) * max(0.0, 1.0 - passed / ALL_ENTERED)
        count = len(self._order)
        if passed < ALL_ENTERED:
            count = max(1, int((ENTRY * self._pays >= temperature).sum()))
        if count > self._entered:
            search.limit_to(self._order[:count].tolist())
            if not self._entered:
                search.leave_out_others()
            search.add(self._order[self._entered : count].tolist())
            self._entered = count


def improve(
    problem: OperationsProblem,
    routes: Sequence[Sequence[tuple[int, int]] | None] | None = None,
    stop: Stop | None = None,
    deadline_s: float | None = None,
    on_incumbent: OnIncumbent | None = None,
    seed: int = 0,
    moves_limit: int | None = None,
    payments: Callable[[], Payments | None] | None = None,
    elites: Elites | None = None,
    build_deadline_s: float | None = None,
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
    payments : callable or None
        Returns what each train would pay for its track at the prices of a bound, in units of cost: its value at these
        prices less what it costs alone; None as long as that is not known.
    elites : Elites or None
        Good solutions that are shared with other calls on the same problem, side by side in threads.
    build_deadline_s : float or None
        Until when a first solution may be looked for, if later than `deadline_s`.

    Raises
    ------
    ValueError
        If there is no end: neither stop, nor deadline, nor limit.
    """
    if stop is None and deadline_s is None and moves_limit is None:
        raise ValueError("improve needs a stop, a deadline_s or a moves_limit; give one")
    began_s = time.monotonic()
    run = _Run(problem, stop or Stop(), deadline_s, on_incumbent)
    if routes is not None:
        run.offer([list(route) if route else None for route in routes])
    for attempt, search in enumerate(searches(problem, seed)):
        if run.best is None or not search.load(run.best):
            if run.best is not None and search.build_share < 1.0:
                continue  # the next can go on from there
            build(search, run.stop, build_deadline_s or deadline_s, run.offer)
        built_s = time.monotonic() - began_s
        if search.complete and run.improve(search, moves_limit, payments, elites and elites.of_layout(attempt)):
            break
        if run.best and deadline_s is not None and time.monotonic() + LAYOUT_BUILDS * built_s > deadline_s:
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
        self._offered_s = -math.inf
        self._offer_s = 0.0

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
        self._offered_s = time.monotonic()
        self._offer_s = self._offered_s - started
        return True

    def improve(
        self,
        search: Search,
        moves_limit: int | None,
        payments: Callable[[], Payments | None] | None,
        elites: Elites | None,
    ) -> bool:
        """Anneal until an end is reached; False if the plans cannot be put into a legal order."""
        if not self.offer(search.routes()):
            return False
        improver = Improver(search, moves_limit, self._deadline_s, payments, elites)
        try:
            if not self._anneal(improver, moves_limit):
                return False
            improver.end()
        finally:
            improver.part()
        return self.offer(search.routes())

    def _anneal(self, improver: Improver, moves_limit: int | None) -> bool:
        search = improver.search
        offered = search.best_cost
        while not self._is_over(improver.end_s) and (moves_limit is None or improver.moves < moves_limit):
            improver.advance()
            news = search.best_cost < offered
            rest_s = max(0.2, (REST_AT_END if improver.rests else REST) * self._offer_s)
            due = moves_limit is not None or time.monotonic() >= self._offered_s + rest_s
            if news and due:
                offered = search.best_cost
                if not self.offer(search.routes()):
                    return False
            if search.best_cost <= search.least_cost:
                break
        return True

    def _is_over(self, end_s: float) -> bool:
        """Return whether it is time to stop: the last offer may take longer than one before, beside those of others."""
        if self.stop.requested:
            return True
        rest_s = end_s + LAST_OFFER * self._offer_s
        return self._deadline_s is not None and time.monotonic() + rest_s >= self._deadline_s
