"""The front door: from a scenario to a checked timetable with its cost, a proven bound and plain reasons."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario, check_scenario
from railcap.errors import InternalError
from railcap.operations.objective import gap
from railcap.operations.schedule import Schedule
from railcap.planning.alone import AloneRuns
from railcap.planning.check import check_timetable
from railcap.planning.compile import CompiledScenario, compile_scenario
from railcap.planning.compile_cost import CostUnits
from railcap.planning.conflict import conflicting_trains
from railcap.planning.cost import CostReport, CostTerms, cost_report, own_bests
from railcap.planning.explain import explain
from railcap.planning.lift import lift
from railcap.planning.settle import settle
from railcap.planning.timetable import Timetable
from railcap.solving.backend import Backend
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress, Silent
from railcap.solving.registry import backend_names, get_backend
from railcap.solving.result import Limit, Reason, Result, Termination, TracePoint
from railcap.solving.solve import check_parameters, check_watchers, solve
from railcap.solving.stop import Stop

_LEAST_TIME_S = 0.5

_CONFLICT_S = 20.0
"""Longest search for the trains that make a scenario infeasible; never longer than the time limit."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning a scenario ended with.

    Parameters
    ----------
    result : Result
        How the solve went. Objective, bound and trace are those of the whole scenario, trains included that cannot run
        at all; the bound is at least the sum of all own bests.
    timetable, cost : None if no answer was found
        Both checkers have passed the timetable.
    own_best : CostTerms
        What all trains cost at their own best, alone on the line; None if some train that must run cannot.

    Costs are read in weighted minutes.
    """

    scenario: Scenario
    compiled: CompiledScenario
    result: Result
    timetable: Timetable | None = None
    cost: CostReport | None = None
    own_best: CostTerms | None = None

    @property
    def termination(self) -> Termination:
        """Why planning ended and what it has."""
        return self.result.termination

    @property
    def objective(self) -> float | None:
        """The whole cost."""
        return self._minutes(self.result.objective)

    @property
    def bound(self) -> float | None:
        """What no timetable can cost less than."""
        return self._minutes(self.result.bound)

    @property
    def gap(self) -> float | None:
        """Relative gap of the whole cost, a fraction."""
        return _gap(self.objective, self.bound)

    @property
    def avoidable_objective(self) -> float | None:
        """The cost above the trains' own bests."""
        return self._minutes(self._above(self.result.objective))

    @property
    def avoidable_bound(self) -> float | None:
        """What no timetable can avoid above the trains' own bests."""
        return self._minutes(self._above(self.result.bound))

    @property
    def avoidable_gap(self) -> float | None:
        """Relative gap of the avoidable cost, a fraction."""
        return _gap(self.avoidable_objective, self.avoidable_bound)

    def _above(self, units: int | None) -> int | None:
        return None if units is None or self.own_best is None else max(0, units - self.own_best.total)

    def _minutes(self, units: int | None) -> float | None:
        return None if units is None else units / self.compiled.problem.cost_scale


def plan(
    scenario: Scenario,
    *,
    backend: str | Backend = "auto",
    parameters: SolveParameters | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    isolated: bool = True,
) -> Plan:
    """Plan a valid scenario.

    Parameters
    ----------
    backend : str or Backend
        Which solver.
    parameters : SolveParameters, optional
        The time limit counts from here on, compiling included (but not in deterministic mode, which must not look at
        the clock).
    stop, progress : optional
        To end early with the best answer, and to watch; objectives and bounds that progress sees are of the whole.
    isolated : bool
        Solve in a process of its own.

    Raises
    ------
    InputError
        If a parameter makes no sense.
    TypeError
        If an argument is of a wrong kind.
    BackendError
        If the backend cannot run, cannot handle the scenario, or crashed before it had an answer.
    InternalError
        If the answer breaks a rule: a defect of railcap.
    """
    begun_s = time.monotonic()
    parameters = SolveParameters() if parameters is None else parameters
    _check_arguments(scenario, backend, parameters, stop, progress)
    compiled = compile_scenario(scenario)
    alone = AloneRuns(compiled)
    blocked = compiled.blocked()
    if blocked:
        detail = "; ".join(f"{train.id} must run and cannot: {train.reason}" for train in blocked)
        termination = Termination(Reason.INFEASIBLE, None, detail)
        name = backend if isinstance(backend, str) else backend.name
        return Plan(scenario, compiled, Result(termination, wall_s=time.monotonic() - begun_s, backend=name))
    whole = _Whole(scenario, compiled, alone, progress or Silent())
    if compiled.problem.trains:
        rest = _remaining(parameters, begun_s)
        try:
            result = solve(compiled.problem, backend, rest, stop, whole, isolated)
        except KeyboardInterrupt:
            # The solver's process answers an interrupt itself, but not in every instant; an answer is kept in all.
            result = whole.kept(backend if isinstance(backend, str) else backend.name)
        if result.termination.reason is Reason.INFEASIBLE:
            whole.message(time.monotonic() - begun_s, "looks for the trains that cannot all run")
            detail = _conflict(compiled, backend, parameters, stop, isolated)
            result = replace(result, termination=replace(result.termination, detail=detail))
    else:
        result = Result(Termination(Reason.OPTIMAL, None, "no train can run"), Schedule(()), 0, 0)
    result = replace(whole.result(result), wall_s=time.monotonic() - begun_s)
    if result.schedule is None:
        return Plan(scenario, compiled, result, own_best=whole.own_best)
    result = replace(result, schedule=settle(compiled, result.schedule))
    assert result.schedule is not None
    timetable = explain(alone, result.schedule, lift(compiled, result.schedule))
    cost = cost_report(scenario, timetable, alone)
    _check(scenario, timetable, cost, result)
    return Plan(scenario, compiled, result, timetable, cost, whole.own_best)


def _check_arguments(
    scenario: Scenario,
    backend: str | Backend,
    parameters: SolveParameters,
    stop: Stop | None,
    progress: Progress | None,
) -> None:
    """Tell what cannot be used before any work; see `plan`."""
    check_scenario(scenario, "plan")
    solver = get_backend(backend) if isinstance(backend, str) else backend
    check_parameters(parameters, {*backend_names(), solver.name})
    check_watchers(stop, progress)


def _remaining(parameters: SolveParameters, begun_s: float) -> SolveParameters:
    """Take what compiling took off the time limit."""
    if parameters.deterministic:
        return parameters
    left_s = parameters.time_limit_s - (time.monotonic() - begun_s)
    return replace(parameters, time_limit_s=max(left_s, min(_LEAST_TIME_S, parameters.time_limit_s)))


def _conflict(
    compiled: CompiledScenario,
    backend: str | Backend,
    parameters: SolveParameters,
    stop: Stop | None,
    isolated: bool,
) -> str:
    """Name the trains that must run and cannot all run."""
    limit_s = min(_CONFLICT_S, parameters.time_limit_s)
    trains, least = conflicting_trains(compiled.problem, backend, parameters, limit_s, stop, isolated)
    names = ", ".join(compiled.problem.trains[train].name for train in trains)
    if least:
        return f"these must run and cannot all run, though any one less could: {names}"
    return f"among these, which must run, some cannot run together (perhaps fewer would do; time ran out): {names}"


class _Whole:
    """Turns costs and bounds of the problem into those of the whole scenario, on their way to whoever watches."""

    def __init__(self, scenario: Scenario, compiled: CompiledScenario, alone: AloneRuns, progress: Progress) -> None:
        self._scenario, self._alone, self._progress = scenario, alone, progress
        self._constant = compiled.constant_cost
        self._best: tuple[int, Schedule] | None = None
        self._best_bound: int | None = None

    @cached_property
    def own_best(self) -> CostTerms:
        """What all trains cost at their own best; counted when first asked for, while the solver's process starts."""
        bests = own_bests(self._alone, CostUnits(self._scenario, train_requests(self._scenario)))
        return sum(bests.values(), CostTerms())

    def kept(self, backend: str) -> Result:
        """Return the best answer of the problem that was heard of; raises `KeyboardInterrupt` if there is none."""
        if self._best is None:
            raise KeyboardInterrupt
        objective, schedule = self._best
        ending = Termination(Reason.FEASIBLE, Limit.INTERRUPTED, "killed by an interrupt")
        return Result(ending, schedule, objective, self._best_bound, backend=backend)

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Pass an incumbent on."""
        self._best = objective, schedule
        self._progress.incumbent(time_s, objective + self._constant, schedule)

    def bound(self, time_s: float, bound: int) -> None:
        """Pass a bound on."""
        self._best_bound = bound
        self._progress.bound(time_s, self._bound(bound))

    def message(self, time_s: float, text: str) -> None:
        """Pass a message on."""
        self._progress.message(time_s, text)

    def result(self, result: Result) -> Result:
        """Return a result of the whole scenario; it is optimal if its cost meets the bound."""
        if result.termination.reason is Reason.INFEASIBLE:
            return result
        objective = None if result.objective is None else result.objective + self._constant
        bound = self._bound(result.bound)
        termination = result.termination
        if objective is not None and objective <= bound:
            bound = objective
            termination = replace(termination, reason=Reason.OPTIMAL, limit=None)
        trace = tuple(
            TracePoint(
                point.time_s,
                None if point.objective is None else point.objective + self._constant,
                self._bound(point.bound),
            )
            for point in result.trace
        )
        return replace(result, objective=objective, bound=bound, termination=termination, trace=trace)

    def _bound(self, bound: int | None) -> int:
        floor = self.own_best.total
        return floor if bound is None else max(bound + self._constant, floor)


def _check(scenario: Scenario, timetable: Timetable, cost: CostReport, result: Result) -> None:
    """Raise `InternalError` if the timetable breaks a rule or costs something else than its schedule."""
    violations = check_timetable(scenario, timetable)
    if violations:
        listed = "\n".join(str(violation) for violation in violations[:10])
        raise InternalError(f"the timetable breaks {len(violations)} rules:\n{listed}")
    if cost.whole.total != result.objective:
        raise InternalError(f"the timetable costs {cost.whole.total}, its schedule {result.objective}")
    assert result.bound is not None and result.objective is not None
    if result.bound > result.objective:
        raise InternalError(f"the bound {result.bound} is above the cost {result.objective} of a timetable")


def _gap(cost: float | None, bound: float | None) -> float | None:
    return None if cost is None or bound is None else gap(cost, bound)
