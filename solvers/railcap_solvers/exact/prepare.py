"""Prepares a problem for the exact model: grid time, windows, what cannot be used, events, occupations.

Times are counted in steps of the largest grid on which all times of the problem lie, from an origin on it. For a fixed
choice of routes and orders all rules are difference constraints, whose vertices lie on that grid, and so do the
breakpoints of the cost: nothing is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import gcd

from railcap.operations.problem import DelayTerm, JourneyTerm, OperationsProblem

ENDLESS = 1 << 60
"""The end of an exit, in grid steps."""

_MOST_PASSES = 60
"""Windows are valid after any pass; more than a few are needed only where a longest duration meets a closure."""

Routes = Sequence[Sequence[tuple[int, int]] | None]


@dataclass(frozen=True, slots=True)
class Grid:
    """Grid time: ``time = origin_s + steps * step_s``."""

    origin_s: int
    step_s: int

    def steps(self, time_s: int) -> int:
        """Return a moment in steps."""
        return (time_s - self.origin_s) // self.step_s

    def length(self, seconds: int) -> int:
        """Return a length in steps."""
        return seconds // self.step_s

    def seconds(self, steps: int) -> int:
        """Return the moment of a step in seconds."""
        return self.origin_s + steps * self.step_s


@dataclass(slots=True)
class Step:
    """A usable operation in grid time: duration, windows of start and end, uses, and when it is shut out.

    An interval ``(begin, until)`` of `shut` forbids ``start < until and end > begin``.
    """

    least: int
    most: int | None
    start: tuple[int, int]
    end: tuple[int, int]
    releases: dict[str, int]
    shut: list[tuple[int, int]]


@dataclass(slots=True)
class Occupation:
    """A train's stay on a resource: connected operations that use it, entered and left at most once on any route.

    `entries` and `lasts` are the operations whose start or end (with its release) bounds the stay; others are implied.
    """

    number: int
    train: int
    resource: str
    operations: frozenset[int]
    entries: tuple[int, ...]
    lasts: tuple[int, ...]
    mandatory: bool
    window: tuple[int, int]
    """Earliest start and latest end with release."""


@dataclass(slots=True)
class TrainGraph:
    """What is left of a train: usable steps by operation index, arcs, what every route contains, and events.

    An event is a moment that ends and starts of several steps share; `start_event` and `end_event` name them.
    With `merged` false each start and end is an event of its own.
    """

    train: int
    optional: bool
    steps: dict[int, Step]
    successors: dict[int, list[int]]
    predecessors: dict[int, list[int]]
    mandatory: frozenset[int]
    reach: dict[int, int]
    merged: bool
    start_event: dict[int, int]
    end_event: dict[int, int]
    events: int
    mandatory_events: frozenset[int]
    routes_into: dict[int, int]
    """How many ways lead from the entry to a step; `routes_out`: on to the exit."""
    routes_out: dict[int, int]


@dataclass(slots=True)
class Prepared:
    """A problem as the model needs it; see the module.

    `graphs` has None for a train that cannot run (or is frozen). `frozen` are the fixed uses of capacity-k resources by
    trains that keep their times: ``(train, operation, start, end with release)`` by resource.
    """

    problem: OperationsProblem
    grid: Grid
    graphs: list[TrainGraph | None]
    frozen_routes: list[Sequence[tuple[int, int]] | None]
    is_frozen: list[bool]
    occupations: list[Occupation] = field(default_factory=list)
    by_use: dict[tuple[int, int, str], int] = field(default_factory=dict)
    by_resource: dict[str, list[int]] = field(default_factory=dict)
    impossible: bool = False


def grid_of(problem: OperationsProblem) -> Grid:
    """Return the coarsest grid on which the problem can be solved exactly."""
    journeys = any(isinstance(term, JourneyTerm) for term in problem.objective)
    moments: list[int] = []
    step = 0
    for train in problem.trains:
        for operation in train.operations:
            moments.append(operation.start_lb_s)
            if operation.start_ub_s is not None:
                moments.append(operation.start_ub_s)
            step = gcd(step, operation.min_duration_s, operation.max_duration_s or 0)
            for use in operation.resources:
                step = gcd(step, use.release_s)
    for resource in problem.resources.values():
        moments += [moment for closure in resource.closures for moment in closure]
    for link in problem.links:
        step = gcd(step, link.min_lag_s, link.max_lag_s or 0)
    for term in problem.objective:
        if isinstance(term, JourneyTerm):
            step = gcd(step, term.threshold_s)
            continue
        moments.append(term.threshold_s)
        if term.increment and (journeys or term.increment < 0):
            # A journey term may want the last moment before an increment, which lies off any coarser grid.
            moments.append(term.threshold_s - 1)
    origin = min(moments, default=0)
    for moment in moments:
        step = gcd(step, moment - origin)
    return Grid(origin, step or 1)


def horizon_steps(problem: OperationsProblem, grid: Grid) -> int:
    """Return a step after which nothing needs to happen in some best schedule.

    In a best schedule every event is tied to a constant by a chain of tight durations, releases and lags, each used
    once. Without journey terms the earliest schedule of an order is a best one: then longest durations do not count.
    """
    earliest = not any(isinstance(term, JourneyTerm) for term in problem.objective)
    latest = [0]
    total = 0
    for train in problem.trains:
        longest: dict[int, int] = {}
        for index in reversed(range(len(train.operations))):
            operation = train.operations[index]
            latest.append(grid.steps(operation.start_lb_s))
            own = operation.min_duration_s if earliest else max(operation.min_duration_s, operation.max_duration_s or 0)
            own += max((use.release_s for use in operation.resources), default=0)
            longest[index] = own + max((longest.get(after, 0) for after in operation.successors), default=0)
            if not earliest and operation.start_ub_s is not None:
                latest.append(grid.steps(operation.start_ub_s))
        total += longest.get(0, 0)
    for resource in problem.resources.values():
        latest += [grid.steps(moment) for closure in resource.closures for moment in closure]
    for link in problem.links:
        total += abs(link.min_lag_s) + abs(link.max_lag_s or 0)
    for term in problem.objective:
        if isinstance(term, JourneyTerm):
            total += abs(term.threshold_s)
        elif not earliest:
            latest.append(grid.steps(term.threshold_s))
    return max(latest) + grid.length(total) + 1


def prepare(
    problem: OperationsProblem,
    *,
    free: frozenset[int] | None = None,
    routes: Routes | None = None,
    upper_bound: int | None = None,
) -> Prepared:
    """Prepare a problem, whole or around trains that keep their times.

    Parameters
    ----------
    free : frozenset of int or None
        Trains to plan; the others keep `routes`. None: all.
    routes : per train its route, needed with `free`
    upper_bound : int or None
        A cost that a known schedule reaches; schedules that cost more are cut off where a single train tells.
    """
    grid = grid_of(problem)
    if free is not None and routes is not None:
        grid = _grid_with(grid, routes, free)
    count = len(problem.trains)
    prepared = Prepared(problem, grid, [None] * count, [None] * count, [False] * count)
    horizon = horizon_steps(problem, grid)
    busy: dict[str, list[tuple[int, int]]] = {}
    if free is not None and routes is not None:
        for train in range(count):
            if train not in free:
                prepared.is_frozen[train] = True
                prepared.frozen_routes[train] = routes[train]
        busy = _busy(problem, grid, routes, free)
        latest = [grid.steps(route[-1][1]) for train, route in enumerate(routes) if route and train not in free]
        horizon += max(0, max(latest, default=0))
    latest_starts = _latest_starts(problem, prepared, horizon)
    shut = _Shut(problem, grid, busy)
    for train in range(count):
        if not prepared.is_frozen[train]:
            prepared.graphs[train] = _graph(problem, grid, train, horizon, shut, latest_starts)
    if upper_bound is not None:
        _cut_by_cost(prepared, upper_bound)
    for train in range(count):
        mandatory = problem.trains[train].refusal_cost is None
        if mandatory and not prepared.is_frozen[train] and prepared.graphs[train] is None:
            prepared.impossible = True
    _occupations(prepared)
    return prepared


def _grid_with(grid: Grid, routes: Routes, free: frozenset[int]) -> Grid:
    step = grid.step_s
    for train, route in enumerate(routes):
        if route and train not in free:
            for _, time_s in route:
                step = gcd(step, time_s - grid.origin_s)
    return Grid(grid.origin_s, step)


def _busy(
    problem: OperationsProblem, grid: Grid, routes: Routes, free: frozenset[int]
) -> dict[str, list[tuple[int, int]]]:
    """Return when frozen trains keep plain resources, releases included."""
    busy: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for train, route in enumerate(routes):
        if train in free or not route:
            continue
        for place, (operation, start) in enumerate(route):
            end = route[place + 1][1] if place + 1 < len(route) else None
            for use in problem.trains[train].operations[operation].resources:
                if problem.resource(use.resource).capacity == 1:
                    until = ENDLESS if end is None else grid.steps(end) + grid.length(use.release_s)
                    busy[use.resource].append((grid.steps(start), until))
    return busy


def _latest_starts(problem: OperationsProblem, prepared: Prepared, horizon: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Return windows of starts that links to frozen trains impose."""
    windows: dict[tuple[int, int], tuple[int, int]] = {}
    if not any(prepared.is_frozen):
        return windows
    grid = prepared.grid
    starts = [dict(route or ()) for route in prepared.frozen_routes]

    def narrow(train: int, operation: int, low: int, high: int) -> None:
        old = windows.get((train, operation), (0, horizon))
        windows[train, operation] = max(old[0], low), min(old[1], high)

    for link in problem.links:
        source, target = prepared.is_frozen[link.from_train], prepared.is_frozen[link.to_train]
        if source and not target:
            start = starts[link.from_train].get(link.from_operation)
            if start is None:
                if link.required:
                    narrow(link.to_train, link.to_operation, 1, 0)
                continue
            high = horizon if link.max_lag_s is None else grid.steps(start + link.max_lag_s)
            narrow(link.to_train, link.to_operation, grid.steps(start + link.min_lag_s), high)
        elif target and not source:
            start = starts[link.to_train].get(link.to_operation)
            if start is not None:
                low = 0 if link.max_lag_s is None else grid.steps(start - link.max_lag_s)
                narrow(link.from_train, link.from_operation, low, grid.steps(start - link.min_lag_s))
    return windows


class _Shut:
    """When an operation that uses given resources with given releases is shut out, merged and sorted."""

    def __init__(
        self, problem: OperationsProblem, grid: Grid, busy: Mapping[str, Sequence[tuple[int, int]]]
    ) -> None:
        self._closures = {
            name: [(grid.steps(begin), grid.steps(until)) for begin, until in resource.closures]
            for name, resource in problem.resources.items()
            if resource.closures
        }
        self._busy = busy
        self._known: dict[tuple[tuple[str, int], ...], list[tuple[int, int]]] = {}

    def of(self, releases: Mapping[str, int]) -> list[tuple[int, int]]:
        """Return the intervals; two that overlap are one, two that touch let a step without length through."""
        key = tuple(releases.items())
        known = self._known.get(key)
        if known is not None:
            return known
        found: list[tuple[int, int]] = []
        for resource, release in key:
            found += self._closures.get(resource, ())
            found += [(begin - release, until) for begin, until in self._busy.get(resource, ())]
        found = sorted(set(found))
        merged: list[tuple[int, int]] = []
        for begin, until in found:
            if merged and begin < merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], until)
            else:
                merged.append((begin, until))
        self._known[key] = merged
        return merged


def _graph(
    problem: OperationsProblem,
    grid: Grid,
    train: int,
    horizon: int,
    shut: _Shut,
    windows: Mapping[tuple[int, int], tuple[int, int]],
) -> TrainGraph | None:
    steps: dict[int, Step] = {}
    operations = problem.trains[train].operations
    for index, operation in enumerate(operations):
        high = horizon if operation.start_ub_s is None else min(horizon, grid.steps(operation.start_ub_s))
        low, high = max(0, grid.steps(operation.start_lb_s)), high
        if (train, index) in windows:
            low, high = max(low, windows[train, index][0]), min(high, windows[train, index][1])
        releases: dict[str, int] = {}
        for use in operation.resources:
            releases[use.resource] = max(releases.get(use.resource, 0), grid.length(use.release_s))
        last = index == len(operations) - 1
        most = None if operation.max_duration_s is None or last else grid.length(operation.max_duration_s)
        least = 0 if last else grid.length(operation.min_duration_s)
        end = (ENDLESS, ENDLESS) if last else (low, horizon)
        steps[index] = Step(least, most, (low, high), end, releases, shut.of(releases))
    successors = {index: list(operation.successors) for index, operation in enumerate(operations)}
    if not narrow_windows(steps, successors, len(operations) - 1):
        return None
    return build_graph(train, problem.trains[train].refusal_cost is not None, steps, successors)


def narrow_windows(steps: dict[int, Step], successors: dict[int, list[int]], last: int) -> bool:
    """Narrow the windows of a train's steps alone on the line and drop what cannot be used; False: nothing is left."""
    for _ in range(_MOST_PASSES):
        before: dict[int, list[int]] = {index: [] for index in steps}
        for index, step in list(steps.items()):
            if step.start[0] > step.start[1] or step.end[0] > step.end[1]:
                del steps[index]
        for index in sorted(steps):
            successors[index] = [after for after in successors[index] if after in steps]
            for after in successors[index]:
                before[after].append(index)
        alive = {0} & steps.keys()
        for index in sorted(steps):
            if any(previous in alive for previous in before[index]):
                alive.add(index)
        useful = {last} & alive
        for index in sorted(alive, reverse=True):
            if any(after in useful for after in successors[index]):
                useful.add(index)
        if 0 not in useful or last not in useful:
            return False
        dropped = [index for index in steps if index not in useful]
        for index in dropped:
            del steps[index]
        for index in steps:
            successors[index] = [after for after in successors[index] if after in steps]
            before[index] = [previous for previous in before[index] if previous in steps]
        changed = _forward(steps, successors, before) | _backward(steps, successors)
        if not changed:
            break
    return True


def _forward(
    steps: dict[int, Step], successors: Mapping[int, list[int]], before: Mapping[int, list[int]]
) -> bool:
    changed = False
    for index in sorted(steps):
        step = steps[index]
        low = step.start[0]
        if before[index]:
            low = max(low, min(steps[previous].end[0] for previous in before[index]))
        low = _later(step, low)
        if not successors[index]:
            changed |= low != step.start[0]
            step.start = low, step.start[1]
            continue
        end = max(step.end[0], low + step.least, min(steps[after].start[0] for after in successors[index]))
        for begin, until in step.shut:
            if end > begin and end - step.least < until:
                end = until + step.least
        if step.most is not None:
            low = _later(step, max(low, end - step.most))
        changed |= (low, end) != (step.start[0], step.end[0])
        step.start, step.end = (low, step.start[1]), (end, step.end[1])
    return changed


def _later(step: Step, low: int) -> int:
    for begin, until in step.shut:
        if low < until and (step.end[0] == ENDLESS or low + step.least > begin):
            low = until
    return low


def _backward(steps: dict[int, Step], successors: Mapping[int, list[int]]) -> bool:
    changed = False
    for index in sorted(steps, reverse=True):
        step = steps[index]
        if not successors[index]:
            continue
        high = min(step.end[1], max(steps[after].start[1] for after in successors[index]))
        if step.most is not None:
            high = min(high, step.start[1] + step.most)
        for begin, until in reversed(step.shut):
            if high > begin and high - step.least < until:
                high = begin
        start = min(step.start[1], high - step.least)
        for begin, until in reversed(step.shut):
            if start < until and start + step.least > begin:
                start = begin - step.least
        changed |= (start, high) != (step.start[1], step.end[1])
        step.start, step.end = (step.start[0], start), (step.end[0], high)
    return changed


def build_graph(
    train: int, optional: bool, steps: dict[int, Step], successors: dict[int, list[int]]
) -> TrainGraph:
    """Find what every route contains and merge ends and starts into events."""
    order = sorted(steps)
    successors = {index: successors[index] for index in order}
    predecessors: dict[int, list[int]] = {index: [] for index in order}
    reach: dict[int, int] = {}
    for index in reversed(order):
        reach[index] = 0
        for after in successors[index]:
            predecessors[after].append(index)
            reach[index] |= 1 << after | reach[after]
    into, out = {order[0]: 1}, {order[-1]: 1}
    for index in order[1:]:
        into[index] = sum(into[before] for before in predecessors[index])
    for index in reversed(order[:-1]):
        out[index] = sum(out[after] for after in successors[index])
    total = out[order[0]]
    mandatory = frozenset(index for index in order if into[index] * out[index] == total)
    merged, start_event, end_event, events = _events(order, successors, reach)
    paths = [0] * events
    for index in order:
        paths[start_event[index]] += into[index] * out[index]
    if not merged:
        for index in order[:-1]:
            paths[end_event[index]] += into[index] * out[index]
    return TrainGraph(
        train,
        optional,
        steps,
        successors,
        predecessors,
        mandatory,
        reach,
        merged,
        start_event,
        end_event,
        events,
        frozenset(event for event in range(events) if paths[event] == total),
        into,
        out,
    )


def _events(
    order: list[int], successors: Mapping[int, list[int]], reach: Mapping[int, int]
) -> tuple[bool, dict[int, int], dict[int, int], int]:
    """Put all successors of a step into one event, unless that would tie steps of one route together."""
    parent = {index: index for index in order}

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index in order:
        for after in successors[index][1:]:
            parent[find(after)] = find(successors[index][0])
    members: defaultdict[int, list[int]] = defaultdict(list)
    for index in order:
        members[find(index)].append(index)
    for group in members.values():
        mask = sum(1 << index for index in group)
        if any(reach[index] & mask for index in group):
            start = {index: place for place, index in enumerate(order)}
            end = {index: len(order) + place for place, index in enumerate(order[:-1])}
            return False, start, end, 2 * len(order) - 1
    numbers: dict[int, int] = {}
    for index in order:
        numbers.setdefault(find(index), len(numbers))
    start = {index: numbers[find(index)] for index in order}
    end = {index: start[successors[index][0]] for index in order[:-1]}
    return True, start, end, len(numbers)


def train_cost_bounds(prepared: Prepared) -> list[int]:
    """Return for every train the least cost of its terms, or of refusing it, that its windows allow."""
    problem, grid = prepared.problem, prepared.grid
    least = [0] * len(problem.trains)
    for term in problem.objective:
        graph = prepared.graphs[term.train]
        if graph is None or not isinstance(term, DelayTerm):
            continue
        if term.operation in graph.mandatory and term.coeff >= 0 and term.increment >= 0:
            start = grid.seconds(graph.steps[term.operation].start[0])
            least[term.train] += term.coeff * max(0, start - term.threshold_s)
            least[term.train] += term.increment * (start >= term.threshold_s)
        elif term.coeff < 0 or term.increment < 0:
            return [-ENDLESS] * len(problem.trains)
    for index, train in enumerate(problem.trains):
        if train.refusal_cost is not None and not prepared.is_frozen[index]:
            refused = prepared.graphs[index] is None
            least[index] = train.refusal_cost if refused else min(least[index], train.refusal_cost)
    return least


def _cut_by_cost(prepared: Prepared, upper_bound: int) -> None:
    """Narrow windows by what a single term may cost when everything costs at most `upper_bound` together."""
    problem, grid = prepared.problem, prepared.grid
    least = train_cost_bounds(prepared)
    if any(term.coeff < 0 for term in problem.objective) or min(least, default=0) < 0:
        return
    spare = upper_bound - frozen_cost(prepared) - sum(least)
    tied = {link.from_train for link in problem.links} | {link.to_train for link in problem.links}
    touched: set[int] = set()
    for term in problem.objective:
        graph = prepared.graphs[term.train]
        if graph is None or not isinstance(term, DelayTerm) or not term.coeff:
            continue
        refusal = problem.trains[term.train].refusal_cost
        most = spare + least[term.train]
        if refusal is not None and term.train not in tied:
            # Refusing a train frees what it holds, so one that costs more than its refusal is never worth it.
            most = min(most, refusal)
        step = graph.steps.get(term.operation)
        if step is None:
            continue
        high = grid.steps(term.threshold_s + max(most, -1) // term.coeff)
        if high < step.start[1]:
            step.start = step.start[0], high
            touched.add(term.train)
    for train in touched:
        graph = prepared.graphs[train]
        assert graph is not None
        steps, successors = graph.steps, graph.successors
        last = max(steps)
        possible = narrow_windows(steps, successors, last)
        prepared.graphs[train] = build_graph(train, graph.optional, steps, successors) if possible else None


def frozen_cost(prepared: Prepared) -> int:
    """Return what the frozen trains cost, refusals included."""
    from railcap.operations.objective import term_cost

    problem = prepared.problem
    cost = 0
    starts = {
        train: dict(route or ()) for train, route in enumerate(prepared.frozen_routes) if prepared.is_frozen[train]
    }
    for term in problem.objective:
        if term.train in starts:
            cost += term_cost(term, starts[term.train])
    for train, own in starts.items():
        if not own:
            cost += problem.trains[train].refusal_cost or 0
    return cost


def _occupations(prepared: Prepared) -> None:
    """Collect the stays on resources that several trains may use."""
    users: defaultdict[str, set[int]] = defaultdict(set)
    for graph in prepared.graphs:
        if graph is not None:
            for step in graph.steps.values():
                for resource in step.releases:
                    users[resource].add(graph.train)
    frozen = {
        use.resource
        for train, route in enumerate(prepared.frozen_routes)
        for operation, _ in route or ()
        for use in prepared.problem.trains[train].operations[operation].resources
        if prepared.problem.resource(use.resource).capacity > 1
    }
    shared = {resource for resource, trains in users.items() if len(trains) > 1 or resource in frozen}
    for graph in prepared.graphs:
        if graph is not None:
            for resource, operations in _stays(graph, shared):
                _add_occupation(prepared, graph, resource, operations)


def _stays(graph: TrainGraph, shared: set[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield the operations of each stay; a stay that a route could leave and enter again falls into operations."""
    users: defaultdict[str, list[int]] = defaultdict(list)
    for index, step in graph.steps.items():
        for resource in step.releases:
            if resource in shared:
                users[resource].append(index)
    for resource, operations in users.items():
        if not _returns(graph, operations):
            yield resource, operations
            continue
        for group in _connected(operations, graph.successors):
            for stay in [[index] for index in group] if _returns(graph, group) else [group]:
                yield resource, stay


def _returns(graph: TrainGraph, group: list[int]) -> bool:
    """Return whether a route can leave a group of steps and enter it again."""
    inside = sum(1 << index for index in group)
    return any(
        graph.reach[after] & inside for index in group for after in graph.successors[index] if not inside >> after & 1
    )


def _connected(operations: list[int], successors: Mapping[int, list[int]]) -> list[list[int]]:
    member = set(operations)
    parent = {index: index for index in operations}

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index in operations:
        for after in successors[index]:
            if after in member:
                parent[find(after)] = find(index)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for index in operations:
        groups[find(index)].append(index)
    return list(groups.values())


def _add_occupation(prepared: Prepared, graph: TrainGraph, resource: str, operations: list[int]) -> None:
    inside = frozenset(operations)
    steps = graph.steps
    entries = [i for i in operations if not graph.predecessors[i] or any(p not in inside for p in graph.predecessors[i])]
    lasts: list[int] = []
    follow: dict[int, int] = {}
    for index in sorted(operations, reverse=True):
        after = graph.successors[index]
        release = steps[index].releases[resource]
        if not after or any(j not in inside for j in after):
            lasts.append(index)
            follow[index] = release
            continue
        carried = min(follow[j] + steps[j].least for j in after)
        if release > carried:
            lasts.append(index)
        follow[index] = max(release, carried)
    if not graph.mandatory.intersection(entries):
        entries += sorted(graph.mandatory & inside)[:1]
    if not graph.mandatory.intersection(lasts):
        lasts += sorted(graph.mandatory & inside)[-1:]
    first = min(steps)
    visits = sum(
        graph.routes_out[i] * (sum(graph.routes_into[p] for p in graph.predecessors[i] if p not in inside) + (i == first))
        for i in operations
    )
    number = len(prepared.occupations)
    latest = max(
        ENDLESS if steps[i].end[0] == ENDLESS else steps[i].end[1] + steps[i].releases[resource] for i in operations
    )
    prepared.occupations.append(
        Occupation(
            number,
            graph.train,
            resource,
            inside,
            tuple(sorted(set(entries))),
            tuple(sorted(set(lasts))),
            visits == graph.routes_out[first],
            (min(steps[i].start[0] for i in operations), latest),
        )
    )
    prepared.by_resource.setdefault(resource, []).append(number)
    for index in operations:
        prepared.by_use[graph.train, index, resource] = number
