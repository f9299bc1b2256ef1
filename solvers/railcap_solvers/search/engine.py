"""The search on one problem: a first solution by insertion, then anneals of compiled moves, each from a good one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from railcap.operations.problem import DelayTerm, OperationsProblem
from railcap.operations.schedule import NoValidOrder, Schedule, schedule_from_routes
from railcap.solving.stop import Stop
from railcap_solvers.search import dispatch, moves, orders, recombine, walk
from railcap_solvers.search.layout import (
    ANCHOR,
    FIRST,
    LB,
    OCC_FROM,
    OPTIONAL,
    REFUSAL,
    Ints,
    LinkCircleError,
    Static,
    lay_out,
)
from railcap_solvers.search.occupation import State, new_state, put, put_all, unbook
from railcap_solvers.search.planner import plan
from railcap_solvers.search.prospects import set_levels
from railcap_solvers.search.work import EARLY, new_work, uniform

Routes = list[list[tuple[int, int]] | None]
Plans = tuple[Ints, Ints, Ints]

MISSING, MOST_MISSING, LATEST_S = 10**10, 10**15, 10**7
"""Cost of a mandatory train without a plan, inside the search: at least, at most, and how late the latest may be that
costs less."""

INSERTION_LABELS = 3_000_000
"""Labels after which no further insertion order is tried: about a second."""

ROUNDS_WITHOUT_DEADLINE = 20
"""Rounds of a thousand moves in which mandatory trains must find their place if no deadline says when to give up."""

DISPATCH_NOISE_S = (0.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
"""Seconds by which moves are put back at random, one attempt after another."""

DISPATCHED_AT_ONCE = 200
"""Moves of the dispatcher between two looks at the clock."""

CIRCLE_RELEASE_S = 1
"""Release time put on hand-overs without one so that they close no circle."""

SHORT_BESIDE = 20
"""How many times shorter it must be than an operation takes on average, if it is put on from the beginning."""

RAISED_SHARE = 0.5
"""Share of the time in which a first solution must be found where it is put on from the beginning."""


class Search:
    """Plans of all trains of a problem, to be built and improved; the same seed and work give the same plans.

    Parameters
    ----------
    problem : OperationsProblem
    seed : int
    least_release_s : int
        Releases shorter than this are raised to it, so that no circle of hand-overs at one instant can close.
    """

    def __init__(self, problem: OperationsProblem, seed: int = 0, least_release_s: int = 0) -> None:
        self.problem = problem
        self.layout = lay_out(problem, least_release_s)
        self.static = self.layout.static
        self._missing = self.static.train[:, OPTIONAL] == 0
        self.static.train[self._missing, REFUSAL] = _missing_cost(problem)
        self.static.train[:, OPTIONAL] = 1
        self.state = new_state(self.static)
        self.work = new_work(self.static, seed)
        self.memory = moves.new_memory(self.static, self.layout.link_rank)
        self.only_orders_matter = orders.only_orders_matter(problem)
        self.orders = orders.new_orders(self.static, self.only_orders_matter)
        self._exact = self._with_true_releases() if self.only_orders_matter else None
        self.build_share = 1.0
        """Share of the time left in which a first solution must be found, where another search may find one."""
        self._other: State | None = None
        self._plan_alone()
        self.limit_to(range(len(problem.trains)))

    @property
    def possible(self) -> bool:
        """Whether every mandatory train can run at least alone."""
        return bool(self.memory.can_run[:-1][self._missing].all())

    @property
    def complete(self) -> bool:
        """Whether the best plans leave no mandatory train out."""
        return bool((self.memory.best_length[:-1][self._missing] > 0).all())

    @property
    def best_cost(self) -> int:
        """The cost of the best plans, far more than any train's for each mandatory one that they leave out."""
        return int(self.memory.total[1])

    @property
    def cost(self) -> int:
        """The cost of the plans in force."""
        return int(self.memory.total[0])

    @property
    def labels(self) -> int:
        """How many labels were made so far: the measure of work."""
        return int(self.work.labels_made[0])

    @property
    def least_cost(self) -> int:
        """What the trains would cost if each were alone on the line."""
        return int(self.memory.least[:-1].sum())

    @property
    def paying(self) -> int:
        """How many trains cost more than they would alone on the line."""
        return int((self.state.cost[:-1] > self.memory.least[:-1]).sum())

    def insert(self, attempt: int) -> None:
        """Build all plans anew by insertion, in an order of its own for each attempt; keep them if they are best."""
        self._clear()
        order = self._order(attempt)
        for train in order.tolist():
            self._plan_beside(train, attempt % 3)
        self._drop_helpless()
        self._settle()

    def dispatch(self, noise_s: float, is_over: Callable[[], bool]) -> None:
        """Build all plans anew by dispatching all trains at once; keep them if they are best.

        Only for problems in which only orders matter. Moves are put back at random by up to `noise_s`. Nothing changes
        if the trains come to a stand, or if `is_over` says to give up.
        """
        static, work, memory = self.static, self.work, self.memory
        stage = dispatch.new_stage(static)
        running = 1 if dispatch.set_out(static, work, memory, stage, noise_s) else -1
        while running > 0 and not is_over():
            running = dispatch.go_on(static, work, memory, stage, noise_s, DISPATCHED_AT_ONCE)
        if running == 0:
            self._clear()
            dispatch.take_over(static, self.state, stage)
            self._settle()

    def limit_to(self, trains: Iterable[int]) -> None:
        """Let moves touch only some trains, the members; the others stay as they are."""
        members = sorted(trains)
        self.memory.member[: len(members)] = members
        self.memory.is_member[:] = 0
        self.memory.is_member[members] = 1
        self.memory.total[3] = len(members)

    def leave_out_others(self) -> None:
        """Take all trains but the members out of the plans in force."""
        moves.leave_out(self.static, self.state, self.memory)
        self._drop_helpless()
        self.memory.total[0] = self.state.cost[:-1].sum()

    def add(self, trains: Iterable[int]) -> None:
        """Insert trains that are out, one by one, each by its cheapest plan beside all others, if it has one."""
        for train in trains:
            if not self.state.plan_length[train]:
                self.memory.old_length[train] = 0
                self._plan_beside(train, 0)
        self._drop_helpless()
        self.memory.total[0] = self.state.cost[:-1].sum()

    def load(self, routes: Sequence[Sequence[tuple[int, int]] | None]) -> bool:
        """Take over plans, which must be feasible, as the best, and return True.

        Where releases were raised the trains are timed anew, in the same orders. If that is not possible there are no
        plans then.
        """
        self._clear()
        overlaps = int(self.state.overlaps[0])
        for train, route in enumerate(routes):
            first = int(self.static.train[train, FIRST])
            ops = np.array([op + first for op, _ in route or ()], np.int64)
            starts = np.array([start - self.layout.origin_s for _, start in route or ()], np.int64)
            put(self.static, self.state, train, ops, starts, len(ops))
        if self.state.overlaps[0] > overlaps and not (self.only_orders_matter and self.retime(0.0)):
            self._clear()
            return False
        self._settle()
        return True

    def anneal(self, count: int, warm: float, cool: float, labels: int) -> int:
        """Make moves under a falling temperature until so many labels were made; return how many moves were made."""
        return int(walk.walk(self.static, self.state, self.work, self.memory, self.orders, count, warm, cool, labels))

    def retime(self, share: float) -> bool:
        """Time all trains anew without changing their orders: as early as can be, or put off by a share of what can be.

        Only for problems in which only orders matter. Nothing changes, and False is returned, if the orders close a
        circle or make someone too late.
        """
        total = int(orders.retime(self.static, self.state, self.work, self.orders, share))
        if total < 0:
            return False
        self.memory.total[0] = total
        return True

    def take_over(self, plans: Plans) -> None:
        """Make the plans in force cheaper by parts of others, which stay as they are; keep them if they are best.

        Only for problems in which only orders matter.
        """
        if self._other is None:
            self._other = new_state(self.static)
        put_all(self.static, self._other, *plans)
        recombine.take_over(self.static, self.state, self.work, self.memory, self.orders, self._other)
        self._settle()

    def restart_from(self, plans: Plans) -> None:
        """Put plans in force without making them the best."""
        put_all(self.static, self.state, *plans)
        self.memory.total[0] = self.state.cost[:-1].sum()

    def plans_in_force(self) -> Plans:
        """Return a copy of the plans in force."""
        return self.state.plan_op.copy(), self.state.plan_start.copy(), self.state.plan_length.copy()

    def best_plans(self) -> Plans:
        """Return a copy of the best plans."""
        return self.memory.best_op.copy(), self.memory.best_start.copy(), self.memory.best_length.copy()

    def routes(self) -> Routes:
        """Return the best plans as routes with start times.

        Where only orders matter the trains are timed by their true releases, in the same orders.
        """
        starts = self.memory.best_start
        if self._exact is not None:
            static, state = self._exact
            if orders.exact_times(self.static, static, state, self.memory, self.work, self.orders):
                starts = self.orders.start
        found: Routes = []
        for train in range(len(self.static.train)):
            first, length = int(self.static.train[train, FIRST]), int(self.memory.best_length[train])
            ops = (self.memory.best_op[first : first + length] - first).tolist()
            times = (starts[first : first + length] + self.layout.origin_s).tolist()
            found.append(list(zip(ops, times, strict=True)) or None)
        return found

    def _with_true_releases(self) -> tuple[Static, State] | None:
        """Return the arrays with the releases that were raised as they are, and a state for them, if there are any."""
        use = self.static.use.copy()
        use[:, 1] = use[:, 2]
        return None if (use == self.static.use).all() else (self.static._replace(use=use), new_state(self.static))

    def _plan_beside(self, train: int, waiting: int) -> None:
        allowance = float(self.static.train[train, REFUSAL]) + 0.5
        cost = moves.plan_beside(self.static, self.state, self.work, self.memory, train, allowance, waiting)
        self._put_planned(train, cost >= 0)

    def _put_planned(self, train: int, planned: bool) -> None:
        work = self.work
        length = int(work.route_length[0]) if planned else 0
        put(self.static, self.state, train, work.route_op, work.route_start, length)

    def _drop_helpless(self) -> None:
        """Refuse trains without a companion that they need, and then those that need these for a required link."""
        required = [link for link in self.problem.links if link.required and link.from_train != link.to_train]
        plans = self.state.plan_length
        while helpless := [link for link in required if plans[link.to_train] and not plans[link.from_train]]:
            for link in helpless:
                if plans[link.to_train]:
                    unbook(self.static, self.state, link.to_train)
                    plans[link.to_train] = 0
                    self._put_planned(link.to_train, False)

    def _plan_alone(self) -> None:
        """Find each train's best run alone on the line: what it costs at least, and what it wishes to occupy."""
        static, state, memory = self.static, self.state, self.memory
        for train, row in enumerate(static.train):
            ahead = static.ahead[row[FIRST]]
            rate = float(ahead[0] + ahead[2::2].sum())
            if row[ANCHOR] >= 0:
                rate = max(rate, -float(static.op_rate[row[ANCHOR]]))
            step = 3600.0 * rate
            memory.step[train] = step
            cost = plan(static, state, self.work, train, step, step, 1e17, EARLY)
            memory.can_run[train] = cost >= 0
            memory.least[train] = min(cost, row[REFUSAL]) if cost >= 0 else row[REFUSAL]
            if cost < 0:
                continue
            set_levels(static, self.work, train, int(self.work.route_start[self.work.route_length[0] - 1]))
            self._put_planned(train, True)
            occ, count = int(row[OCC_FROM]), int(state.occ_count[train])
            memory.wish_resource[occ : occ + count] = state.occ_resource[occ : occ + count]
            memory.wish_from[occ : occ + count] = state.occ_from[occ : occ + count]
            memory.wish_until[occ : occ + count] = state.occ_until[occ : occ + count]
            memory.wish_count[train] = count
            self._clear()

    def _clear(self) -> None:
        for train in range(len(self.static.train)):
            if self.state.plan_length[train]:
                unbook(self.static, self.state, train)
                self.state.plan_length[train] = 0
            self.state.occ_count[train] = 0

    def _settle(self) -> None:
        total = int(self.state.cost[:-1].sum())
        self.memory.total[0] = total
        if total < self.memory.total[1] or not self._settled:
            self.memory.total[1] = total
            moves.remember_best(self.static, self.state, self.memory)
            self._settled = True

    _settled = False

    def _order(self, attempt: int) -> Ints:
        """Return an order of insertion: mandatory trains first, then by value, by departure, or at random."""
        count = len(self.static.train)
        noise = np.array([uniform(self.work.random) for _ in range(count)])
        departure = self.static.op[self.static.train[:, FIRST], LB].astype(float)
        spread = max(1.0, float(np.ptp(departure))) if count else 1.0
        value = self.static.train[:, REFUSAL].astype(float)
        if attempt % 3 == 0:
            keys = (departure + (noise * spread * 0.05 if attempt else 0), -value)
        elif attempt % 3 == 1:
            keys = (departure + noise * spread * 0.3, np.zeros(count))
        else:
            keys = (noise, -value)
        rank = self.layout.link_rank
        return np.lexsort((*keys, rank)).astype(np.int64)


def _missing_cost(problem: OperationsProblem) -> int:
    """Return what a mandatory train without a plan costs: more than any train that is very late, and all refusals."""
    latest = [0] * (len(problem.trains) + 1)
    for term in problem.objective:
        latest[term.train] += term.coeff * LATEST_S + (term.increment if isinstance(term, DelayTerm) else 0)
    refusals = sum(train.refusal_cost or 0 for train in problem.trains)
    return min(MOST_MISSING, max(MISSING, refusals + 1, *latest))


def construct(
    problem: OperationsProblem, seed: int = 0, stop: Stop | None = None, deadline_s: float | None = None
) -> Routes | None:
    """Return a first solution, or None if none was found in time.

    Parameters
    ----------
    problem : OperationsProblem
    seed : int
    stop : Stop or None
    deadline_s : float or None
        An instant of `time.monotonic()`; without one the search for a first solution ends after some work.

    Returns
    -------
    list or None
        Per train its route as ``(operation, start)`` pairs, None for a refused train.
    """
    for search in searches(problem, seed):
        build(search, stop, deadline_s)
        if search.complete and schedule_of(problem, search.routes()) is not None:
            return search.routes()
    return None


def searches(problem: OperationsProblem, seed: int) -> Iterator[Search]:
    """Yield searches to try one after the other, with releases as they are and such that no circle can close."""
    raised_first = _raised_are_harmless(problem)
    for release_s in (CIRCLE_RELEASE_S, 0) if raised_first else (0, CIRCLE_RELEASE_S):
        try:
            search = Search(problem, seed, release_s)
        except LinkCircleError:
            return
        if raised_first and release_s:
            search.build_share = RAISED_SHARE
        if search.possible:
            yield search


def _raised_are_harmless(problem: OperationsProblem) -> bool:
    """Return whether raised releases forbid next to no order that is legal without them, and are short beside runs.

    All trains must run, and can come later than planned but for their entries: only between fixed entries may there be
    no room for them. What is found with them is timed by the true ones. Without them circles close late, after much
    work.
    """
    durations = [op.min_duration_s for train in problem.trains for op in train.operations if op.resources]
    return (
        orders.only_orders_matter(problem)
        and all(train.refusal_cost is None for train in problem.trains)
        and all(op.start_ub_s is None for train in problem.trains for op in train.operations[1:])
        and sum(durations) >= SHORT_BESIDE * CIRCLE_RELEASE_S * len(durations)
    )


def build(
    search: Search,
    stop: Stop | None,
    deadline_s: float | None,
    on_first: Callable[[Routes], object] | None = None,
    attempts: int = 4,
) -> None:
    """Build a first solution: a few insertions, then moves and the dispatcher as long as mandatory trains are left out.

    `on_first` receives the first complete plans, before better ones are looked for.
    """
    if deadline_s is not None:
        now_s = time.monotonic()
        deadline_s = now_s + search.build_share * (deadline_s - now_s)
    begun = search.labels
    stop = stop or Stop()
    for attempt in range(attempts):
        search.insert(attempt)
        if on_first is not None and search.complete:
            on_first(search.routes())
            on_first = None
        if stop.requested or _is_over(deadline_s) or search.labels - begun > INSERTION_LABELS:
            break
    search.restart_from(search.best_plans())

    def is_over() -> bool:
        return stop.requested or _is_over(deadline_s)

    rounds = 0
    while not (search.complete or is_over()):
        if deadline_s is None and rounds == ROUNDS_WITHOUT_DEADLINE:
            return
        search.anneal(1_000, 1.0, 1.0, 1_000_000)
        if search.only_orders_matter and not search.complete:
            search.dispatch(DISPATCH_NOISE_S[rounds % len(DISPATCH_NOISE_S)], is_over)
        rounds += 1


def schedule_of(problem: OperationsProblem, routes: Routes) -> Schedule | None:
    """Return routes as a checked schedule, or None if they break a rule."""
    from railcap.operations.check import check_schedule

    try:
        schedule = schedule_from_routes(problem, routes)
    except NoValidOrder:
        return None
    return None if check_schedule(problem, schedule) else schedule


def _is_over(deadline_s: float | None) -> bool:
    return deadline_s is not None and time.monotonic() >= deadline_s
