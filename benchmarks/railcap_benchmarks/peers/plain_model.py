"""The plain full model: optional intervals with NoOverlap or Cumulative on every resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from railcap.errors import UnsupportedFeature
from railcap.operations.problem import DelayTerm, JourneyTerm, Link, OperationsProblem
from railcap.operations.schedule import Schedule
from railcap_benchmarks.peers.plain_values import Values
from railcap_solvers.exact.conflicts import Findings, Use, escapes

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def latest_time(problem: OperationsProblem) -> int:
    """Return a time after which nothing needs to happen in some best solution, in seconds.

    Where every train has a latest exit, that is the latest constant of the problem. Else in a best solution every event
    is tied to a constant by a chain of tight durations, releases and lags, each used once; so no event need be later
    than the latest constant plus all of them together.
    """
    operations = [operation for train in problem.trains for operation in train.operations]
    constants = [operation.start_lb_s for operation in operations]
    constants += [operation.start_ub_s for operation in operations if operation.start_ub_s is not None]
    constants += [moment for resource in problem.resources.values() for pair in resource.closures for moment in pair]
    constants += [term.threshold_s for term in problem.objective if isinstance(term, DelayTerm)]
    if constants and all(train.operations[-1].start_ub_s is not None for train in problem.trains):
        return max(constants)
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
        self.hints: list[tuple[cp_model.IntVar, Callable[[Values], int]]] = []
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

    def _bool(self, name: str, value: Callable[[Values], int]) -> cp_model.IntVar:
        variable = self.model.new_bool_var(name)
        self.hints.append((variable, value))
        return variable

    def _int(self, low: int, high: int, name: str, value: Callable[[Values], int]) -> cp_model.IntVar:
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
            if i == last:
                ends.append(None)
                continue
            soonest, latest = self._end_range(t, i)
            ends.append(
                self._int(soonest, latest, f"e_{t}_{i}", lambda values, i=i: values.end(t, i))  # type: ignore[misc]
            )
        self.present.append(present)
        self.chosen.append(chosen)
        self.start.append(starts)
        self.end.append(ends)
        self._add_flow(t)

    def _end_range(self, t: int, i: int) -> tuple[int, int]:
        """Return the soonest and the latest end of an operation."""
        steps = self.problem.trains[t].operations
        soonest = min(steps[i].start_lb_s + steps[i].min_duration_s, self.horizon)
        after = [steps[j].start_ub_s for j in steps[i].successors]
        latest = max((self.horizon if until is None else min(until, self.horizon) for until in after), default=0)
        return soonest, max(soonest, latest)

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
                low,
                high,
                f"k_{name}",
                lambda values, i=i: values.kept(t, i, releases),  # type: ignore[misc]
            )
            until = self._int(
                low,
                high,
                f"u_{name}",
                lambda values, i=i: values.until(t, i, releases),  # type: ignore[misc]
            )
            self.model.add(keep >= end + release).only_enforce_if(self.chosen[t][i])
            for before, variable in kept.items():
                if i in after[before]:
                    self.model.add(keep >= variable).only_enforce_if(self.chosen[t][before], self.chosen[t][i])
            kept[i] = keep
            self.model.add(until >= end).only_enforce_if(self.chosen[t][i])
            again = [self._again(t, i, j, until, releases) for j in releases if j in after[i]]
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
        """Return the interval of an operation; it reaches beyond its end by its release, and perhaps further.

        Its size has no least value: the rows of durations say it too, and with one CP-SAT proves fewer small problems.
        """
        start, step = self.start[t][i], self.problem.trains[t].operations[i]
        never = self._never()

        def length(values: Values) -> int:
            end = until if isinstance(until, int) else values.of(until)
            return max(0, end - values.of(start))

        size = self._int(0, max(0, never - step.start_lb_s), f"l_{t}_{i}", length)
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
            if term.coeff < 0 or (isinstance(term, DelayTerm) and term.increment < 0):
                raise UnsupportedFeature(f"objective[{number}] falls with time; plain needs costs that do not")
            starts, chosen = self.start[term.train], self.chosen[term.train]
            if isinstance(term, JourneyTerm):
                begin, end = term.from_operation, term.to_operation
                self._add_late(
                    f"j_{number}",
                    starts[end] - starts[begin] - term.threshold_s,
                    [chosen[begin], chosen[end]],
                    term.coeff,
                    lambda values, k=term: values.journey(k),  # type: ignore[misc]
                )
                continue
            literals = [chosen[term.operation]]
            over = starts[term.operation] - term.threshold_s
            self._add_late(
                f"d_{number}",
                over,
                literals,
                term.coeff,
                lambda values, k=term: values.late(k),  # type: ignore[misc]
            )
            if term.increment:
                late = self._bool(f"b_{number}", lambda values, k=term: values.is_late(k))  # type: ignore[misc]
                self.model.add(over <= -1).only_enforce_if(*literals, ~late)
                self.model.add(over >= 0).only_enforce_if(late)
                self.model.add_implication(late, literals[0])
                self._costs.append(term.increment * late)
        self.model.minimize(sum(self._costs))

    def _add_late(
        self, name: str, over: Any, literals: Sequence[Any], coeff: int, value: Callable[[Values], int]
    ) -> None:
        if not coeff:
            return
        late = self._int(0, self._span, name, value)
        self.model.add(late >= over).only_enforce_if(literals)
        self._costs.append(coeff * late)

    def add_hint(self, schedule: Schedule) -> None:
        """Hint every variable with its value in a feasible schedule."""
        self.model.clear_hints()
        values = Values(self.problem, schedule)
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


def _reachable(problem: OperationsProblem, t: int) -> list[set[int]]:
    steps = problem.trains[t].operations
    after: list[set[int]] = [set() for _ in steps]
    for i in reversed(range(len(steps))):
        for j in steps[i].successors:
            after[i] |= {j} | after[j]
    return after
