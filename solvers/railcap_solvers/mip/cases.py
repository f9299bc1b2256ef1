"""Cases of a problem by which trains are refused, each with a bound of its own.

Where many more trains are wanted than fit, a linear relaxation refuses a part of each, and its bound says little. The
Lagrangian bound refuses whole trains. So the problem is split by trains refused and trains run, best bound first, and
what cannot beat the best schedule is closed by its bound (branch and bound by Lagrangian relaxation: Fisher 1981). The
cases that are left have few optional trains and narrow windows, which is what large constants want; a linear library
solves them one by one.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.operations.timegrid import TimeGrid
from railcap_solvers.bounds.lagrangian import LagrangianBound, Prices
from railcap_solvers.exact.interchange import in_order
from railcap_solvers.exact.prepare import Prepared, least_cost, prepare
from railcap_solvers.portfolio import Board
from railcap_solvers.stopping import stop_when

SPLIT_SHARE = 0.25
"""Share of what is left of the time after which splitting is given up."""

MOST_CASES = 40
"""With more open cases than this, splitting is given up: there is too much to choose from."""

EVALUATIONS = 500
"""Evaluations of prices per case, from those of the case that it is part of."""


@dataclass(frozen=True)
class Case:
    """All schedules that refuse some trains and run some others, as a problem of its own.

    Parameters
    ----------
    problem : OperationsProblem
        Without the refused trains; those that run are mandatory.
    trains : tuple of int
        Its trains' numbers in the whole problem.
    refused, running : frozenset of int
        Trains of the whole problem.
    constant : int
        What the refused trains cost.
    bound : int
        A proven lower bound of the whole cost.
    """

    problem: OperationsProblem
    trains: tuple[int, ...]
    refused: frozenset[int]
    running: frozenset[int]
    constant: int
    bound: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole problem."""
        return not self.refused and not self.running

    def inside(self, schedule: Schedule) -> Schedule | None:
        """Return a schedule of the whole problem as one of this case, None if it is none."""
        numbers = {train: number for number, train in enumerate(self.trains)}
        if any(event.train not in numbers for event in schedule.events):
            return None
        own = Schedule(tuple(replace(event, train=numbers[event.train]) for event in schedule.events))
        return None if check_schedule(self.problem, own) else own

    def outside(self, schedule: Schedule) -> Schedule:
        """Return a schedule of this case as one of the whole problem."""
        return Schedule(tuple(replace(event, train=self.trains[event.train]) for event in schedule.events))


def split(board: Board, prices: Prices) -> list[Case]:
    """Return cases of which one holds an optimal schedule if the best one known is none; the lowest bound first.

    No case means that there is none cheaper; the whole problem as the only case, that splitting it is of no use. The
    least of the cases' bounds is posted to the board.

    Parameters
    ----------
    prices : Prices
        Those of the whole problem to begin from.
    """
    problem, whole = board.problem, whole_case(board.problem)
    is_optional = any(train.refusal_cost is not None for train in problem.trains)
    if board.objective is None or problem.links or not board.grid.usable or not is_optional:
        return [whole]
    prepared = prepare(problem)
    if board.schedule is not None:
        ordered = in_order(problem, prepared.grid, prepared.interchanges, board.schedule)
        board.post_schedule(schedule_cost(problem, ordered), ordered)
    left_s = board.parameters.time_limit_s - board.elapsed_s
    deadline = math.inf if board.parameters.deterministic else time.monotonic() + SPLIT_SHARE * left_s
    return _Splitting(board, prepared, deadline).run(prices)


@dataclass(order=True)
class _Open:
    """A case that may be split further, by the train `by` if that is not None; `prices` prove its bound."""

    bound: int
    number: int
    case: Case = field(compare=False)
    by: int | None = field(compare=False)
    prices: Prices = field(compare=False)


class _Splitting:
    def __init__(self, board: Board, prepared: Prepared, deadline: float) -> None:
        self._board, self._prepared, self._deadline = board, prepared, deadline
        self._numbers = count()

    def run(self, prices: Prices) -> list[Case]:
        """Split until nothing can be split, or it takes too long."""
        whole = whole_case(self._board.problem)
        root = self._look_at(whole, prices)
        if root is None:
            return []
        waiting, settled = [root], list[Case]()
        while waiting:
            least = heapq.heappop(waiting)
            if least.by is None:
                settled.append(least.case)
                continue
            self._post([least.case, *(each.case for each in waiting), *settled])
            if self._is_over or len(waiting) + len(settled) >= MOST_CASES:
                return [whole]
            for case in self._children(least.case, least.by):
                opened = self._look_at(case, least.prices)
                if opened is not None:
                    heapq.heappush(waiting, opened)
        self._post(settled)
        return sorted(settled, key=lambda case: case.bound)

    @property
    def _is_over(self) -> bool:
        board = self._board
        return board.done.requested or board.outer_stop.requested or time.monotonic() >= self._deadline

    def _post(self, cases: list[Case]) -> None:
        cost = self._board.objective
        assert cost is not None
        self._board.post_bound(min((case.bound for case in cases), default=cost))

    def _children(self, case: Case, train: int) -> Iterator[Case]:
        for refused, running in (
            (case.refused | {train}, case.running),
            (case.refused, case.running | {train}),
        ):
            child = _case(self._board.problem, self._prepared, refused, running)
            if child is not None:
                yield replace(child, bound=case.bound)

    def _look_at(self, case: Case, known: Prices) -> _Open | None:
        """Find a bound of a case and the train to split it by; None if nothing in it is cheaper than what is known."""
        board, problem = self._board, case.problem
        cost = board.objective
        assert cost is not None
        prepared = prepare(problem, upper_bound=cost - case.constant)
        if prepared.impossible:
            return None
        bound = max(case.bound, case.constant + least_cost(prepared))
        if bound >= cost:
            return None
        prices = LagrangianBound(problem, TimeGrid(problem), overloads=prepared.overloads)
        if prices.infeasible:
            return None
        with stop_when(lambda: self._is_over or case.constant + prices.bound() >= cost) as stop:
            prices.improve_from(known, stop, cost - case.constant, EVALUATIONS)
        bound = max(bound, case.constant + prices.bound())
        if bound >= cost:
            return None
        _, choices = prices.evaluate(prices.prices)
        refused = [
            case.trains[number]
            for number, choice in enumerate(choices)
            if choice.run is None and problem.trains[number].refusal_cost is not None
        ]
        case = replace(case, bound=bound)
        by = min(refused, default=None)
        if by is None:
            case = self._settled(case, cost)
        return _Open(bound, next(self._numbers), case, by, prices.best_prices())

    def _settled(self, case: Case, cost: int) -> Case:
        """Let all trains run that could only be refused at more than the best cost."""
        problem, running = self._board.problem, set(case.running)
        for number in case.trains:
            if number in case.running or problem.trains[number].refusal_cost is None:
                continue
            without = _case(problem, self._prepared, case.refused | {number}, case.running)
            if without is None or without.constant + least_cost(prepare(without.problem)) >= cost:
                running.add(number)
        settled = _case(problem, self._prepared, case.refused, frozenset(running))
        return case if settled is None else replace(settled, bound=case.bound)


def whole_case(problem: OperationsProblem) -> Case:
    """Return the case that holds all schedules."""
    return Case(problem, tuple(range(len(problem.trains))), frozenset(), frozenset(), 0)


def _case(
    problem: OperationsProblem, prepared: Prepared, refused: frozenset[int], running: frozenset[int]
) -> Case | None:
    """Return the case in which some trains are refused and some run, None if there is no time for one to enter.

    Where a refused train could have had the run of another, that one keeps out of its window (`interchange`).
    """
    entries: dict[int, tuple[int | None, int | None]] = {}
    for pair in prepared.interchanges:
        if pair.saves is not None and pair.saves > 0 and pair.later in refused:
            low, high = entries.get(pair.earlier, (None, None))
            most = prepared.grid.seconds(pair.least - 1)
            entries[pair.earlier] = low, most if high is None else min(high, most)
        elif pair.saves is not None and pair.saves <= 0 and pair.earlier in refused:
            low, high = entries.get(pair.later, (None, None))
            least = prepared.grid.seconds(pair.most + 1)
            entries[pair.later] = least if low is None else max(low, least), high
    trains = []
    for number, train in enumerate(problem.trains):
        if number in refused:
            continue
        if number in entries:
            after, before = entries[number]
            entry = train.operations[0]
            first_s = entry.start_lb_s if after is None else max(entry.start_lb_s, after)
            last_s = min((end for end in (entry.start_ub_s, before) if end is not None), default=None)
            if last_s is not None and last_s < first_s:
                if number in running:
                    return None
                return _case(problem, prepared, refused | {number}, running)
            entry = replace(entry, start_lb_s=first_s, start_ub_s=last_s)
            train = replace(train, operations=(entry, *train.operations[1:]))
        trains.append(replace(train, refusal_cost=None) if number in running else train)
    kept = tuple(number for number in range(len(problem.trains)) if number not in refused)
    places = {number: place for place, number in enumerate(kept)}
    objective = tuple(replace(term, train=places[term.train]) for term in problem.objective if term.train in places)
    constant = sum(problem.trains[number].refusal_cost or 0 for number in refused)
    return Case(replace(problem, trains=tuple(trains), objective=objective), kept, refused, running, constant)
