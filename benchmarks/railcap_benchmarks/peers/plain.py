"""The peer: a plain full CP-SAT model, optional intervals with NoOverlap or Cumulative on every resource.

Written as a competent user of CP-SAT would write it, exact, with complete hints, and frozen: it is what the exact
backend is measured against. The one thing that intervals cannot say is that hand-overs at one instant may not form a
circle (and how uses without length share a resource of capacity k); where a solution does that, order literals and a
clause are added and the model is solved again.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from railcap.errors import InternalError
from railcap.operations.check import check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import DelayTerm, JourneyTerm, Link, OperationsProblem
from railcap.operations.schedule import Schedule, schedule_from_routes
from railcap.solving.backend import FEATURES
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Limit, Reason, Result, Termination, TracePoint
from railcap.solving.stop import Stop
from railcap_solvers.exact.conflicts import Findings, Use, analyse, escapes

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Routes = list[list[tuple[int, int]] | None]


def latest_time(problem: OperationsProblem) -> int:
    """Return a time after which nothing needs to happen in some best solution, in seconds.

    In a best solution every event is tied to a constant of the problem by a chain of tight durations, releases and
    lags, each used once; so no event need be later than the latest constant plus all of them together.
    """
    operations = [operation for train in problem.trains for operation in train.operations]
    constants = [operation.start_lb_s for operation in operations]
    constants += [operation.start_ub_s for operation in operations if operation.start_ub_s is not None]
    constants += [moment for resource in problem.resources.values() for pair in resource.closures for moment in pair]
    constants += [term.threshold_s for term in problem.objective if isinstance(term, DelayTerm)]
    lengths = sum(
        max(operation.min_duration_s, operation.max_duration_s or 0)
        + max((used.release_s for used in operation.resources), default=0)
        for operation in operations
    )
    lags = sum(abs(link.min_lag_s) + abs(link.max_lag_s or 0) for link in problem.links)
    journeys = sum(abs(term.threshold_s) for term in problem.objective if isinstance(term, JourneyTerm))
    return max(constants, default=0) + lengths + lags + journeys + 1


class PlainModel:
    """The model: presence, start and end of every operation, an interval for every use.

    `hints` gives each variable, in the order of creation, as a function of a solution's routes.
    """

    def __init__(self, problem: OperationsProblem) -> None:
        from ortools.sat.python import cp_model

        self.problem = problem
        self.model: cp_model.CpModel = cp_model.CpModel()
        self.horizon = latest_time(problem)
        self._release = max(
            (used.release_s for train in problem.trains for step in train.operations for used in step.resources),
            default=0,
        )
        self.hints: list[tuple[cp_model.IntVar, Callable[[_Values], int]]] = []
        self.present: list[cp_model.IntVar] = []
        self.chosen: list[list[cp_model.IntVar]] = []
        self.start: list[list[cp_model.IntVar]] = []
        self.end: list[list[cp_model.IntVar | None]] = []
        self.first: dict[tuple[Use, Use], Any] = {}
        self._costs: list[Any] = []
        for train in range(len(problem.trains)):
            self._add_train(train)
        self._add_uses()
        self._add_closures()
        for link in problem.links:
            self._add_link(link)
        self._span = self._longest_lateness()
        self._add_objective()

    def _longest_lateness(self) -> int:
        lows = [step.start_lb_s for train in self.problem.trains for step in train.operations]
        lows += [term.threshold_s for term in self.problem.objective if isinstance(term, DelayTerm)]
        journeys = [term.threshold_s for term in self.problem.objective if isinstance(term, JourneyTerm)]
        return max(0, self.horizon - min(lows, default=0) - min([0, *journeys]))

    def _bool(self, name: str, value: Callable[[_Values], int]) -> cp_model.IntVar:
        variable = self.model.new_bool_var(name)
        self.hints.append((variable, value))
        return variable

    def _int(self, low: int, high: int, name: str, value: Callable[[_Values], int]) -> cp_model.IntVar:
        variable = self.model.new_int_var(low, high, name)
        self.hints.append((variable, lambda values: min(max(value(values), low), high)))
        return variable

    def _add_train(self, t: int) -> None:
        train = self.problem.trains[t]
        last = len(train.operations) - 1
        present = self._bool(f"run_{t}", lambda values: values.runs(t))
        if train.refusal_cost is None:
            self.model.add(present == 1)
        else:
            self._costs.append(train.refusal_cost * (1 - present))
        chosen, starts = [], []
        ends: list[cp_model.IntVar | None] = []
        for i, step in enumerate(train.operations):
            high = self.horizon if step.start_ub_s is None else min(step.start_ub_s, self.horizon)
            chosen.append(self._bool(f"x_{t}_{i}", lambda values, i=i: values.has(t, i)))  # type: ignore[misc]
            if high < step.start_lb_s:
                self.model.add(chosen[i] == 0)
            low = min(step.start_lb_s, high)
            starts.append(
                self._int(low, high, f"s_{t}_{i}", lambda values, i=i: values.start(t, i))  # type: ignore[misc]
            )
            ends.append(
                self._int(low, self.horizon, f"e_{t}_{i}", lambda values, i=i: values.end(t, i))  # type: ignore[misc]
                if i < last
                else None
            )
        self.present.append(present)
        self.chosen.append(chosen)
        self.start.append(starts)
        self.end.append(ends)
        self._add_flow(t)

    def _add_flow(self, t: int) -> None:
        steps = self.problem.trains[t].operations
        chosen, starts = self.chosen[t], self.start[t]
        into: defaultdict[int, list[cp_model.IntVar]] = defaultdict(list)
        for i, step in enumerate(steps[:-1]):
            end = self.end[t][i]
            assert end is not None
            out = []
            for j in step.successors:
                arc = self._bool(f"a_{t}_{i}_{j}", lambda values, i=i, j=j: values.goes(t, i, j))  # type: ignore[misc]
                self.model.add(end == starts[j]).only_enforce_if(arc)
                out.append(arc)
                into[j].append(arc)
            self.model.add(sum(out) == chosen[i])
            self.model.add(end - starts[i] >= step.min_duration_s).only_enforce_if(chosen[i])
            if step.max_duration_s is not None:
                self.model.add(end - starts[i] <= step.max_duration_s).only_enforce_if(chosen[i])
        for j in range(1, len(steps)):
            self.model.add(sum(into[j]) == chosen[j])
        self.model.add(chosen[0] == self.present[t])
        self.model.add(chosen[-1] == self.present[t])

    def _add_uses(self) -> None:
        intervals: defaultdict[str, list[cp_model.IntervalVar]] = defaultdict(list)
        users: defaultdict[str, set[int]] = defaultdict(set)
        for t, train in enumerate(self.problem.trains):
            own: defaultdict[str, dict[int, int]] = defaultdict(dict)
            for i, step in enumerate(train.operations):
                for used in step.resources:
                    own[used.resource][i] = max(used.release_s, own[used.resource].get(i, 0))
            for resource, releases in own.items():
                users[resource].add(t)
                intervals[resource] += self._train_uses(t, resource, releases)
        for resource, listed in intervals.items():
            capacity = self.problem.resource(resource).capacity
            if len(users[resource]) <= capacity:
                continue
            if capacity == 1:
                self.model.add_no_overlap(listed)
            else:
                self.model.add_cumulative(listed, [1] * len(listed), capacity)

    def _train_uses(self, t: int, resource: str, releases: dict[int, int]) -> list[cp_model.IntervalVar]:
        """Return a train's intervals on a resource; they do not overlap each other.

        A use's interval reaches to the end of its release, or, where the train uses the resource again before that,
        to that next use, which then takes the rest of the release over.
        """
        ends = [self.end[t][i] for i in releases]
        if len(releases) == 1 or not any(releases.values()):
            return [
                self._interval(t, i, self._never() if end is None else end + release)
                for (i, release), end in zip(releases.items(), ends, strict=True)
            ]
        after = _reachable(self.problem, t)
        kept: dict[int, cp_model.IntVar] = {}
        found = []
        for (i, release), end in zip(releases.items(), ends, strict=True):
            if end is None:
                found.append(self._interval(t, i, self._never()))
                continue
            name = f"{t}_{i}_{resource}"
            low, high = self.problem.trains[t].operations[i].start_lb_s, self.horizon + self._release
            keep = self._int(
                low, high, f"k_{name}", lambda values, i=i: values.kept(t, i, releases)  # type: ignore[misc]
            )
            until = self._int(
                low, high, f"u_{name}", lambda values, i=i: values.until(t, i, releases)  # type: ignore[misc]
            )
            self.model.add(keep >= end + release).only_enforce_if(self.chosen[t][i])
            for before, variable in kept.items():
                if i in after[before]:
                    self.model.add(keep >= variable).only_enforce_if(self.chosen[t][before], self.chosen[t][i])
            kept[i] = keep
            self.model.add(until >= end).only_enforce_if(self.chosen[t][i])
            again = [
                self._again(t, i, j, until, releases) for j in releases if j in after[i]
            ]
            self.model.add(until >= keep).only_enforce_if([self.chosen[t][i], *(~literal for literal in again)])
            found.append(self._interval(t, i, until))
        return found

    def _again(self, t: int, i: int, j: int, until: cp_model.IntVar, releases: dict[int, int]) -> cp_model.IntVar:
        """Return a literal: the train uses the resource again with operation j, up to which the use by i reaches."""
        literal = self._bool(f"q_{t}_{i}_{j}", lambda values: values.follows(t, i, j, releases))
        self.model.add_implication(literal, self.chosen[t][j])
        self.model.add(until >= self.start[t][j]).only_enforce_if(literal)
        return literal

    def _never(self) -> int:
        return self.horizon + self._release + 1

    def _interval(self, t: int, i: int, until: Any) -> cp_model.IntervalVar:
        start = self.start[t][i]
        never = self._never()

        def length(values: _Values) -> int:
            end = until if isinstance(until, int) else values.of(until)
            return max(0, end - values.of(start))

        size = self._int(0, max(0, never - self.problem.trains[t].operations[i].start_lb_s), f"l_{t}_{i}", length)
        return self.model.new_optional_interval_var(start, size, until, self.chosen[t][i], f"i_{t}_{i}")

    def _add_closures(self) -> None:
        for t, train in enumerate(self.problem.trains):
            for i, step in enumerate(train.operations):
                closures = {
                    closure
                    for used in step.resources
                    for closure in self.problem.resource(used.resource).closures
                    if closure[1] > step.start_lb_s
                }
                for closure in sorted(closures):
                    self._add_closure(t, i, closure)

    def _add_closure(self, t: int, i: int, closure: tuple[int, int]) -> None:
        begin, until = closure
        start, end, chosen = self.start[t][i], self.end[t][i], self.chosen[t][i]
        if end is None:
            self.model.add(start >= until).only_enforce_if(chosen)
            return
        after = self._bool(f"c_{t}_{i}_{begin}", lambda values: values.of(start) >= until)
        self.model.add(start >= until).only_enforce_if(chosen, after)
        self.model.add(end <= begin).only_enforce_if(chosen, ~after)

    def _add_link(self, link: Link) -> None:
        source = self.chosen[link.from_train][link.from_operation]
        target = self.chosen[link.to_train][link.to_operation]
        lag = self.start[link.to_train][link.to_operation] - self.start[link.from_train][link.from_operation]
        self.model.add(lag >= link.min_lag_s).only_enforce_if(source, target)
        if link.max_lag_s is not None:
            self.model.add(lag <= link.max_lag_s).only_enforce_if(source, target)
        if link.required:
            self.model.add_implication(target, source)

    def _add_objective(self) -> None:
        for number, term in enumerate(self.problem.objective):
            starts, chosen = self.start[term.train], self.chosen[term.train]
            if isinstance(term, JourneyTerm):
                begin, end = term.from_operation, term.to_operation
                self._add_late(
                    f"j_{number}", starts[end] - starts[begin] - term.threshold_s, [chosen[begin], chosen[end]],
                    term.coeff, lambda values, k=term: values.journey(k),  # type: ignore[misc]
                )
                continue
            literals = [chosen[term.operation]]
            over = starts[term.operation] - term.threshold_s
            self._add_late(
                f"d_{number}", over, literals, term.coeff, lambda values, k=term: values.late(k)  # type: ignore[misc]
            )
            if term.increment:
                late = self._bool(f"b_{number}", lambda values, k=term: values.is_late(k))  # type: ignore[misc]
                self.model.add(over <= -1).only_enforce_if(*literals, ~late)
                self.model.add(over >= 0).only_enforce_if(late)
                self.model.add_implication(late, literals[0])
                self._costs.append(term.increment * late)
        self.model.minimize(sum(self._costs))

    def _add_late(
        self, name: str, over: Any, literals: Sequence[Any], coeff: int, value: Callable[[_Values], int]
    ) -> None:
        if not coeff:
            return
        late = self._int(0, self._span, name, value)
        self.model.add(late >= over).only_enforce_if(literals)
        self._costs.append(coeff * late)

    def add_hint(self, schedule: Schedule) -> None:
        """Hint every variable with its value in a feasible schedule."""
        self.model.clear_hints()
        values = _Values(self.problem, schedule.routes(self.problem), schedule)
        for variable, value in self.hints:
            number = int(value(values))
            values.known[variable.index] = number
            self.model.add_hint(variable, number)

    def decided(self, solution: Callable[[Any], int]) -> Callable[[Use, Use], bool]:
        """Return who comes first by the order literals' values."""

        def answer(first: Use, second: Use) -> bool:
            literal = self.first.get((first, second))
            return literal is not None and bool(solution(literal))

        return answer

    def forbid(self, findings: Findings) -> None:
        """Add what rules the findings out."""
        for first, second in findings.pairs:
            self._before(first, second)
        for cover in findings.covers:
            literals = [self._before(u, v) for u in cover for v in cover if u != v]
            self.model.add_bool_or(literals + [~self.chosen[u.train][u.operation] for u in cover])
        for circle in findings.circles:
            literals = [~self._before(first, second) for first, second in circle]
            uses = {use for pair in circle for use in pair}
            literals += [~self.chosen[u.train][u.operation] for u in sorted(uses)]
            literals += [self.chosen[train][operation] for train, operation in escapes(self.problem, circle)]
            self.model.add_bool_or(literals)

    def _before(self, first: Use, second: Use) -> Any:
        if (first, second) in self.first:
            return self.first[first, second]
        literal = self._bool(f"o_{len(self.first)}", lambda values: values.precedes(first, second))
        self.first[first, second] = literal
        self._add_precedence(first, second, literal)
        if self.problem.resource(first.resource).capacity == 1:
            self.first[second, first] = ~literal
            self._add_precedence(second, first, ~literal)
        return literal

    def _add_precedence(self, first: Use, second: Use, literal: Any) -> None:
        both = [self.chosen[first.train][first.operation], self.chosen[second.train][second.operation]]
        end = self.end[first.train][first.operation]
        if end is None:
            self.model.add_bool_or([~literal, *(~chosen for chosen in both)])
            return
        uses = self.problem.trains[first.train].operations[first.operation].resources
        release = max(used.release_s for used in uses if used.resource == first.resource)
        start = self.start[second.train][second.operation]
        self.model.add(end + release <= start).only_enforce_if(literal, *both)


class _Values:
    """A schedule's value of anything that the model has a variable for."""

    def __init__(self, problem: OperationsProblem, routes: Routes, schedule: Schedule) -> None:
        self.known: dict[int, int] = {}
        self._starts = [dict(route or ()) for route in routes]
        self._next: list[dict[int, int]] = []
        for route in routes:
            operations = [operation for operation, _ in route or ()]
            self._next.append(dict(zip(operations, operations[1:], strict=False)))
        self._place = {(event.train, event.operation): place for place, event in enumerate(schedule.events)}
        self._problem = problem

    def of(self, variable: Any) -> int:
        """Return the value of a variable, or of one plus a constant, that is hinted already."""
        from ortools.sat.python import cp_model

        if isinstance(variable, cp_model.IntVar):
            return self.known[variable.index]
        flat = cp_model.FlatIntExpr(variable)
        return flat.offset + sum(
            coeff * self.known[item.index] for item, coeff in zip(flat.vars, flat.coeffs, strict=True)
        )

    def runs(self, t: int) -> int:
        return int(bool(self._starts[t]))

    def has(self, t: int, i: int) -> int:
        return int(i in self._starts[t])

    def goes(self, t: int, i: int, j: int) -> int:
        return int(self._next[t].get(i) == j)

    def start(self, t: int, i: int) -> int:
        return self._starts[t].get(i, self._problem.trains[t].operations[i].start_lb_s)

    def end(self, t: int, i: int) -> int:
        following = self._next[t].get(i)
        return self.start(t, i) if following is None else self._starts[t][following]

    def kept(self, t: int, i: int, releases: dict[int, int]) -> int:
        if i not in self._starts[t]:
            return self.start(t, i)
        earlier = [j for j in releases if j <= i and j in self._starts[t]]
        return max(self.end(t, j) + releases[j] for j in earlier)

    def _following(self, t: int, i: int, releases: dict[int, int]) -> int | None:
        """Return the next operation that uses the resource before the release of `i` is over."""
        if i not in self._starts[t]:
            return None
        later = [j for j in releases if j > i and j in self._starts[t]]
        if later and self._starts[t][later[0]] <= self.kept(t, i, releases):
            return later[0]
        return None

    def until(self, t: int, i: int, releases: dict[int, int]) -> int:
        following = self._following(t, i, releases)
        return self.kept(t, i, releases) if following is None else self._starts[t][following]

    def follows(self, t: int, i: int, j: int, releases: dict[int, int]) -> int:
        return int(self._following(t, i, releases) == j)

    def late(self, term: DelayTerm) -> int:
        start = self._starts[term.train].get(term.operation)
        return 0 if start is None else max(0, start - term.threshold_s)

    def is_late(self, term: DelayTerm) -> int:
        start = self._starts[term.train].get(term.operation)
        return int(start is not None and start >= term.threshold_s)

    def journey(self, term: JourneyTerm) -> int:
        starts = self._starts[term.train]
        if term.from_operation not in starts or term.to_operation not in starts:
            return 0
        return max(0, starts[term.to_operation] - starts[term.from_operation] - term.threshold_s)

    def precedes(self, first: Use, second: Use) -> int:
        following = self._next[first.train].get(first.operation)
        end = self._place.get((first.train, following if following is not None else -1))
        begin = self._place.get((second.train, second.operation))
        if end is None or begin is None or end > begin:
            return 0
        uses = self._problem.trains[first.train].operations[first.operation].resources
        release = max(used.release_s for used in uses if used.resource == first.resource)
        return int(self.end(first.train, first.operation) + release <= self.start(second.train, second.operation))


def _reachable(problem: OperationsProblem, t: int) -> list[set[int]]:
    steps = problem.trains[t].operations
    after: list[set[int]] = [set() for _ in steps]
    for i in reversed(range(len(steps))):
        for j in steps[i].successors:
            after[i] |= {j} | after[j]
    return after


class PlainBackend:
    """The peer's backend; see the module."""

    name = "plain"
    features = FEATURES

    def is_available(self) -> str | None:
        """Return None if OR-Tools is installed, else what to install."""
        return None if importlib.util.find_spec("ortools") else "install ortools: pip install 'ortools>=9.15,<9.16'"

    def solve(
        self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress
    ) -> Result:
        """Solve the full model; see `railcap.solving.backend.Backend`."""
        return _Run(problem, parameters, stop, progress).result()


class _Run:
    """One solve: the model, the best schedule and bound so far."""

    def __init__(
        self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress
    ) -> None:
        self.begun = time.monotonic()
        self.problem, self.parameters, self.stop, self.progress = problem, parameters, stop, progress
        self.schedule: Schedule | None = None
        self.objective: int | None = None
        self.bound: int | None = None
        self.trace: list[TracePoint] = []
        self.rounds = 0
        self.statistics: dict[str, float | int | str] = {}

    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    def take(self, schedule: Schedule) -> None:
        """Keep a schedule if it is better; it must pass the check."""
        cost = schedule_cost(self.problem, schedule)
        if self.objective is not None and cost >= self.objective:
            return
        faults = check_schedule(self.problem, schedule)
        if faults:
            raise InternalError(f"the peer's schedule fails its check: {faults[0].message}")
        self.schedule, self.objective = schedule, cost
        self.trace.append(TracePoint(self.elapsed(), cost, self.bound))
        self.progress.incumbent(self.elapsed(), cost, schedule)

    def prove(self, bound: int) -> None:
        """Keep a better bound."""
        if self.bound is None or bound > self.bound:
            self.bound = bound
            self.trace.append(TracePoint(self.elapsed(), self.objective, bound))
            self.progress.bound(self.elapsed(), bound)

    def result(self) -> Result:
        """Solve, with further rounds where hand-overs form circles, and say how it ended."""
        start = self.parameters.warm_start or self._constructed()
        if start is not None and not check_schedule(self.problem, start):
            self.take(start)
        termination = self._rounds()
        return Result(
            termination,
            self.schedule,
            self.objective,
            self.bound,
            self.elapsed(),
            tuple(self.trace),
            {**self.statistics, "rounds": self.rounds},
            {"threads": True, "seed": True, "deterministic": True, "memory_limit_gb": False},
            PlainBackend.name,
        )

    def _constructed(self) -> Schedule | None:
        from railcap_solvers.search import construct

        deadline_s = self.begun + 0.2 * self.parameters.time_limit_s
        routes = construct(self.problem, self.parameters.seed, self.stop, deadline_s)
        if routes is None:
            return None
        try:
            return schedule_from_routes(self.problem, routes)
        except NoValidOrder:
            return None

    def _rounds(self) -> Termination:
        from ortools.sat.python import cp_model

        self.progress.message(self.elapsed(), "builds the plain model")
        plain = PlainModel(self.problem)
        while True:
            left = self.parameters.time_limit_s - self.elapsed()
            if left <= 0:
                return self._stopped(Limit.TIME)
            if self.stop.requested:
                return self._stopped(Limit.INTERRUPTED)
            if self.schedule is not None:
                plain.add_hint(self.schedule)
            self.rounds += 1
            solver = self._solver(left)
            callback = _callback(self, plain)
            solver.best_bound_callback = lambda value: self.prove(_whole(value))
            status = _watched(solver, plain.model, callback, self.stop)
            if callback.fault is not None:
                raise callback.fault
            self.statistics["branches"] = int(self.statistics.get("branches", 0)) + solver.num_branches
            if status == cp_model.INFEASIBLE:
                return Termination(Reason.INFEASIBLE)
            if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                self.prove(_whole(solver.best_objective_bound))
                findings = analyse(self.problem, callback.routes(solver), plain.decided(solver.boolean_value))
                if findings.schedule is not None:
                    self.take(findings.schedule)
                plain.forbid(findings)
            if self.objective is not None and self.bound is not None and self.bound >= self.objective:
                return Termination(Reason.OPTIMAL)
            if self._gap_reached():
                return self._stopped(Limit.GAP)
            if status == cp_model.MODEL_INVALID:
                raise InternalError(f"the peer's model is invalid: {plain.model.validate()}")
            if self.stop.requested:
                return self._stopped(Limit.INTERRUPTED)
            if status == cp_model.UNKNOWN:
                return self._stopped(Limit.WORK if self.parameters.deterministic else Limit.TIME)

    def _gap_reached(self) -> bool:
        if self.objective is None or self.bound is None:
            return False
        return (self.objective - self.bound) / max(self.objective, 1) <= self.parameters.relative_gap

    def _stopped(self, limit: Limit) -> Termination:
        return Termination(Reason.NO_SOLUTION_FOUND if self.schedule is None else Reason.FEASIBLE, limit)

    def _solver(self, left: float) -> cp_model.CpSolver:
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        settings = solver.parameters
        settings.max_time_in_seconds = left
        settings.num_workers = max(1, self.parameters.threads)
        settings.random_seed = self.parameters.seed % (1 << 31)
        settings.relative_gap_limit = self.parameters.relative_gap
        if self.parameters.memory_limit_gb is not None:
            settings.max_memory_in_mb = int(self.parameters.memory_limit_gb * 1024)
        if self.parameters.deterministic:
            settings.interleave_search = True
            settings.max_deterministic_time = self.parameters.time_limit_s
        return solver


def _whole(bound: float) -> int:
    """Return a bound on an integer cost as an integer, forgiving floating-point dust."""
    return int(-((-bound + 1e-6) // 1))


def _watched(solver: Any, model: Any, callback: Any, stop: Stop) -> Any:
    """Solve while a thread looks for a request to stop."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            if stop.requested:
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(model, callback)
    finally:
        done.set()
        watcher.join()


def _callback(run: _Run, plain: PlainModel) -> Any:
    """Return a solution callback that keeps every solution whose events can be put in order."""
    from ortools.sat.python import cp_model

    class Keeper(cp_model.CpSolverSolutionCallback):
        """Keeps schedules and bounds as they come; a fault waits for the end of the solve."""

        def __init__(self) -> None:
            super().__init__()
            self.fault: InternalError | None = None

        def routes(self, source: Any) -> Routes:
            """Return the routes of a solution."""
            found: Routes = []
            for t, chosen in enumerate(plain.chosen):
                route = [
                    (i, int(source.value(plain.start[t][i])))
                    for i, literal in enumerate(chosen)
                    if source.boolean_value(literal)
                ]
                found.append(route or None)
            return found

        def on_solution_callback(self) -> None:
            """Keep the solution."""
            findings = analyse(run.problem, self.routes(self), plain.decided(self.boolean_value))
            if findings.schedule is None:
                return
            try:
                run.take(findings.schedule)
            except InternalError as fault:
                self.fault = fault
                self.stop_search()

    return Keeper()
