"""A lower bound by Lagrangian relaxation of the resources, on the time grid.

The rule that a resource of capacity k is held (or kept by a release time) by at most k trains in each grid slot is
relaxed with a price per slot. What is left falls apart into one cheapest run per train, found exactly by
`railcap.operations.timegrid`; an optional train is refused when that is cheaper. The sum of these values less what the
capacity is worth is a lower bound for any prices (Geoffrion 1974). For train paths: Brännlund, Lindberg, Nõu and
Nilsson 1998; Caprara, Fischetti and Toth 2002. Good prices come first from the volume algorithm (Barahona and Anbil
2000), then from a master program over the runs found on the way (`master`), smoothed towards the best prices known.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from railcap.operations.objective import term_cost
from railcap.operations.problem import DelayTerm, ObjectiveTerm, OperationsProblem
from railcap.operations.timegrid import GridRun, GridTrain, TimeGrid, cheapest_within
from railcap.solving.stop import Stop
from railcap_solvers.bounds.kernel import add_use, blend, slope, step_from, sum_up
from railcap_solvers.bounds.master import Master, Run
from railcap_solvers.exact.overload import Overload, apart
from railcap_solvers.installed import installed

Table = npt.NDArray[np.float64]
Narrow = npt.NDArray[np.float32]

FIRST_STEP = 0.1
"""First step of the volume algorithm, as a share of Polyak's towards its goal."""

GOAL = 0.06
"""The goal lies so much of the way up from the best bound to the best cost: steps all the way to the cost are too long
for hundreds of trains at once."""

LONGER, SHORTER, PATIENCE = 1.2, 0.66, 8
"""How steps grow with each better bound, and shrink after so many steps without one."""

LAST_STEP = 1e-3
"""Step at which the volume algorithm has stalled."""

STALLED = 0.01
"""Where `ROUGH_STEPS` steps gain less than this share of the gap, the time is worth more elsewhere."""

BLEND = 0.05
"""Weight of the newest runs in the volume algorithm's average."""

VOLUME_SHARE = 0.3
"""Share of the time for the volume algorithm where the master program follows it."""

MASTER_OPERATIONS = 6_000
"""Beyond so many operations the master program grows too large to be of use."""

ROUGH_STEPS = 100
"""Steps after which the prices tell the dear trains from the cheap ones."""

_KEPT_STEPS = 10
"""So many of the volume algorithm's last steps lend their runs to the master program."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a train does at given prices: its value and its run, None where it is refused."""

    value: float
    run: GridRun | None


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices to begin from, by resource and slot, of the resources that have any."""

    origin_s: int
    step_s: int
    rows: Mapping[str, Narrow]


class LagrangianBound:
    """Prices for the slots of every contested resource, and the best bound that they have proven so far.

    Parameters
    ----------
    problem : OperationsProblem
    grid : TimeGrid
        Must be `usable`.
    threads : int
        Threads for the trains' runs.
    overloads : sequence of Overload
        Optional trains of which so many are refused in every solution: the relaxation keeps to that as well.
    """

    def __init__(
        self, problem: OperationsProblem, grid: TimeGrid, threads: int = 1, overloads: Sequence[Overload] = ()
    ) -> None:
        self.problem, self.grid = problem, grid
        self.trains = [GridTrain(grid, index) for index in range(len(problem.trains))]
        self._terms: list[list[ObjectiveTerm]] = [[] for _ in problem.trains]
        for term in problem.objective:
            self._terms[term.train].append(term)
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._unit = cost_unit(problem, grid.step_s)
        self.capacity = np.array([0] + [problem.resource(name).capacity for name in grid.shared[1:]], np.float64)
        shape = (len(grid.shared), grid.slots)
        self._active = np.zeros(shape[0], np.bool_)
        """Rows that were overfull once; the others have no prices."""
        self._center: Narrow = np.zeros(shape, np.float32)
        self._price: Narrow = np.zeros(shape, np.float32)
        self._prefix: Table = np.zeros((shape[0], shape[1] + 1))
        self.best = -math.inf
        self._bests: list[float] = []
        """The best bound after each step of the volume algorithm."""
        self._payments: npt.NDArray[np.float64] | None = None
        self.iterations = 0
        self.alone = self._alone()
        self._overloads = apart(overloads, [self._refusal(i) - choice.value for i, choice in enumerate(self.alone)])
        self._alone_values = np.array([choice.value for choice in self.alone])
        self._paid = np.zeros(len(problem.trains))

    def _alone(self) -> list[Choice]:
        """Best runs without prices; the ceilings then begin an hour of delay above them."""
        choices = []
        for train in self.trains:
            refusal = self.problem.trains[train.train].refusal_cost
            run = cheapest_within(train, None)
            value = math.inf if run is None else run.value
            choices.append(Choice(value, run) if refusal is None or value <= refusal else Choice(refusal, None))
            train.limit_cost((0 if run is None else value) + train.an_hour)
        return choices

    @property
    def infeasible(self) -> bool:
        """Whether some mandatory train cannot run even alone."""
        return any(math.isinf(choice.value) for choice in self.alone)

    @property
    def payments(self) -> npt.NDArray[np.float64] | None:
        """What each train pays for its track at the best prices: its value at these less its value without any.

        Of an overload that refuses more trains than the prices do each also pays what the last one refused loses.
        None as long as the prices are rough.
        """
        return self._payments if self.iterations >= ROUGH_STEPS else None

    def _choose(self, train: GridTrain) -> Choice:
        """Return the train's cheapest run at the present prices, or its refusal.

        A run that is not within the train's ceiling costs more than the ceiling, so the ceiling rises until the answer
        lies below it or no run is left out any more.
        """
        if not train.meets(self._prefix):
            return self.alone[train.train]
        refusal = self.problem.trains[train.train].refusal_cost
        while True:
            run = train.cheapest(self._prefix)
            value = math.inf if run is None else run.value
            least = value if train.complete else min(value, train.ceiling)
            if refusal is not None and least >= refusal:
                return Choice(float(refusal), None)
            if value <= least:
                if not train.complete and train.ceiling > 2.0 * value + train.an_hour:
                    train.limit_cost(1.2 * value + train.an_hour)
                return Choice(value, run)
            # No run beyond a ceiling of `value` can cost less than `value`: one more walk settles it.
            ceiling = 1.05 * value + 1.0 if math.isfinite(value) else 2.0 * train.ceiling + 1.0
            train.limit_cost(ceiling if refusal is None else min(ceiling, float(refusal)))

    def evaluate(self, price: Narrow) -> tuple[float, list[Choice]]:
        """Return the bound that prices prove, and what every train does at them."""
        worth = sum_up(price, self.capacity, self._active, self._prefix)
        if self._pool is None:
            choices = [self._choose(train) for train in self.trains]
        else:
            choices = list(self._pool.map(self._choose, self.trains))
        self._paid = np.array([choice.value for choice in choices]) - self._alone_values
        for overload in self._overloads:
            self._refuse_enough(choices, overload)
        self.iterations += 1
        return sum(choice.value for choice in choices) - worth, choices

    def _refuse_enough(self, choices: list[Choice], overload: Overload) -> None:
        """Refuse the trains of an overload that cost least more by it, where too many run; all pay for that alike."""
        running = [train for train in overload.trains if choices[train].run is not None]
        lacking = overload.refused - (len(overload.trains) - len(running))
        if lacking <= 0:
            return
        refusals = sorted((self._refusal(train) - choices[train].value, train) for train in running)
        for extra, train in refusals:
            self._paid[train] += min(extra, refusals[lacking - 1][0])
        for _, train in refusals[:lacking]:
            choices[train] = Choice(self._refusal(train), None)

    def _refusal(self, train: int) -> float:
        cost = self.problem.trains[train].refusal_cost
        return math.inf if cost is None else float(cost)

    @property
    def prices(self) -> Narrow:
        """The best prices so far, shape (contested resources, slots), in the problem's cost units."""
        return self._center.copy()

    def best_prices(self) -> Prices:
        """Return the best prices so far, for `improve_from`."""
        grid, rows = self.grid, np.flatnonzero(self._center.any(axis=1)).tolist()
        return Prices(grid.origin_s, grid.step_s, {grid.shared[row]: self._center[row].copy() for row in rows})

    def improve_from(self, known: Prices, stop: Stop, upper: float, work: int) -> int:
        """Improve the bound from the best prices of a problem like this one; return it as an integer cost.

        Parameters
        ----------
        known : Prices
            Of a problem with the same grid; else there is nothing to begin from.
        upper : float
            Cost of the best schedule known.
        work : int
            Most evaluations.
        """
        grid = self.grid
        if (grid.origin_s, grid.step_s) == (known.origin_s, known.step_s):
            for row, name in enumerate(grid.shared):
                price = known.rows.get(name)
                if price is not None:
                    slots = min(grid.slots, len(price))
                    self._center[row, :slots] = price[:slots]
            self._active[:] = self._center.any(axis=1)
        self._volume(_Clock(stop, 0.0, work, self), lambda: upper, lambda _: None, FIRST_STEP)
        return self.bound()

    def run_of(self, train: int, run: GridRun) -> Run:
        """Return a train's run as a column of the master program."""
        starts = dict(run.route)
        cost = sum(term_cost(term, starts) for term in self._terms[train])
        return Run(train, float(cost), run.route, *self.trains[train].holds(run))

    def improve(
        self,
        stop: Stop,
        seconds: float,
        upper: Callable[[], float | None],
        on_bound: Callable[[int], None],
        known: Callable[[], list[Run]] = list,
        work: int | None = None,
    ) -> int:
        """Improve the bound until a limit; return it as an integer cost.

        Parameters
        ----------
        upper : callable
            Returns the cost of the best schedule known, None if there is none yet.
        on_bound : callable
            Receives each better bound, rounded up to a cost that schedules can have.
        known : callable
            Returns runs of good schedules found meanwhile, as columns of the master program.
        work : int, optional
            Count evaluations instead of seconds.
        """
        clock = _Clock(stop, seconds, work, self)
        is_small = sum(train.count for train in self.trains) <= MASTER_OPERATIONS
        if is_small and installed("ortools"):  # HiGHS and CBC run without it, with a bound by volume alone
            runs = self._volume(clock.part(VOLUME_SHARE), upper, on_bound, FIRST_STEP)
            if not clock.over:
                self._columns(clock, upper, on_bound, runs, known)
            return self.bound()
        first_step = FIRST_STEP
        while not (clock.over or self._stalled(upper())) and first_step > LAST_STEP:
            self._volume(clock, upper, on_bound, first_step, until_stalled=True)
            first_step *= 0.7
        return self.bound()

    def _stalled(self, cost: float | None) -> bool:
        """Whether the last steps gained next to nothing of the gap."""
        if cost is None or len(self._bests) <= 2 * ROUGH_STEPS:
            return False
        return self.best - self._bests[-ROUGH_STEPS] < STALLED * (cost - self.best)

    def _better(self, value: float, price: Narrow, on_bound: Callable[[int], None]) -> bool:
        if value <= self.best + 1e-7 * max(1.0, abs(self.best)):
            return False
        self.best = value
        self._center[:] = price
        self._payments = self._paid
        on_bound(self.bound())
        return True

    def _volume(
        self,
        clock: _Clock,
        upper: Callable[[], float | None],
        on_bound: Callable[[int], None],
        first_step: float,
        until_stalled: bool = False,
    ) -> list[Run]:
        """Follow the volume algorithm until its steps are too short; return the runs of its later steps."""
        value, choices = self.evaluate(self._center)
        self._better(value, self._center, on_bound)
        differences = np.zeros((self._center.shape[0], self._center.shape[1] + 1), np.float32)
        average = np.zeros(self._center.shape, np.float32)
        self._blend(choices, differences, average, 1.0)
        factor, worse, runs = first_step, 0, []
        while not clock.over and factor > LAST_STEP and not (until_stalled and self._stalled(upper())):
            length = slope(average, self.capacity, self._center, self._active)
            if length < 1e-9:
                break
            cost = upper()
            way = 0.05 * abs(self.best) + 1.0 if cost is None else GOAL * max(1.0, 1.05 * cost - self.best)
            step = factor * way / length
            step_from(self._center, average, self.capacity, self._active, step, self._price)
            value, choices = self.evaluate(self._price)
            self._blend(choices, differences, average, BLEND)
            runs.append(choices)
            better = self._better(value, self._price, on_bound)
            self._bests.append(self.best)
            if better:
                factor, worse = min(2.0, LONGER * factor), 0
            else:
                worse += 1
                if worse >= PATIENCE:
                    factor, worse = SHORTER * factor, 0
        return [
            self.run_of(train, choice.run)
            for step in runs[-_KEPT_STEPS:]
            for train, choice in enumerate(step)
            if choice.run is not None
        ]

    def _blend(self, choices: list[Choice], differences: Narrow, average: Narrow, share: float) -> None:
        for train, choice in zip(self.trains, choices, strict=True):
            if choice.run is not None:
                add_use(differences, *train.holds(choice.run), 1.0)
        blend(differences, average, share, self.capacity, self._active)

    def _columns(
        self,
        clock: _Clock,
        upper: Callable[[], float | None],
        on_bound: Callable[[int], None],
        runs: list[Run],
        known: Callable[[], list[Run]],
    ) -> None:
        """Generate columns: price by the master's duals, smoothed towards the best prices (Wentges 1997)."""
        master = Master(self.problem, self._center.shape, self.capacity, self._overloads)
        master.add(runs)
        master.add(self.run_of(i, choice.run) for i, choice in enumerate(self.alone) if choice.run is not None)
        smoothing = 0.8
        while not clock.over:
            master.add(known())
            if not master.solve(clock.stop, clock.deadline):
                return
            duals = master.prices(self._price)
            self._active |= duals.any(axis=1)
            np.multiply(duals, 1.0 - smoothing, out=duals)
            duals += smoothing * self._center
            value, choices = self.evaluate(duals)
            better = self._better(value, duals, on_bound)
            added = master.add(
                self.run_of(train, choice.run) for train, choice in enumerate(choices) if choice.run is not None
            )
            smoothing = min(0.95, smoothing + 0.03) if better else max(0.0, smoothing - 0.05)
            if not added and not better:
                if smoothing == 0.0:
                    return
                smoothing = max(0.0, smoothing - 0.3)
            cost = upper()
            if cost is not None and self.bound() >= cost:
                return

    def bound(self) -> int:
        """Return the best bound, rounded up to a cost that schedules can have."""
        if not math.isfinite(self.best):
            return 0
        exact = self.best / self._unit
        return math.ceil(exact - 1e-6 - 1e-11 * abs(exact)) * self._unit


class _Clock:
    """Tells when to stop: a request, a deadline, or an amount of work."""

    def __init__(self, stop: Stop, seconds: float, work: int | None, owner: LagrangianBound) -> None:
        self.stop, self._owner = stop, owner
        self._began = time.monotonic()
        self.deadline = math.inf if work is not None else self._began + seconds
        self._work = math.inf if work is None else owner.iterations + work

    @property
    def over(self) -> bool:
        return self.stop.requested or time.monotonic() >= self.deadline or self._owner.iterations >= self._work

    def part(self, share: float) -> _Clock:
        """Return a clock for the first share of what is left."""
        part = _Clock(self.stop, 0.0, None, self._owner)
        now = time.monotonic()
        part.deadline = now + share * (self.deadline - now)
        part._work = self._owner.iterations + share * (self._work - self._owner.iterations)
        return part


def cost_unit(problem: OperationsProblem, step_s: int) -> int:
    """Return a number that divides the cost of every schedule on the grid."""
    unit = math.gcd(*(train.refusal_cost or 0 for train in problem.trains))
    for term in problem.objective:
        unit = math.gcd(unit, term.coeff * step_s, term.increment if isinstance(term, DelayTerm) else 0)
    return unit or 1
