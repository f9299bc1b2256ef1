"""A schedule as values of every variable of the big-M model: a complete start."""

from __future__ import annotations

from collections.abc import Mapping

from railcap.operations.problem import JourneyTerm
from railcap.operations.schedule import Schedule
from railcap_benchmarks.peers.big_m_model import BigMModel
from railcap_benchmarks.peers.plain_values import Values
from railcap_solvers.exact.conflicts import Use


def start_values(model: BigMModel, schedule: Schedule) -> list[float]:
    """Return a value for each variable; they keep all rows if the schedule is valid and within the horizon."""
    values = Values(model.problem, schedule)
    found = [0] * len(model.linear.lower)
    for t, variable in model.refused.items():
        found[variable] = 1 - values.runs(t)
    for t, chosen in enumerate(model.chosen):
        for i, literal in enumerate(chosen):
            found[literal] = values.has(t, i)
            found[model.start[t][i]] = values.start(t, i) - model.origin_s
    for (t, i), variable in model.own_ends.items():
        found[variable] = values.end(t, i) - model.origin_s
    for (t, i, j), variable in model.arcs.items():
        found[variable] = values.goes(t, i, j)
    for (t, i, until_s), variable in model.afters.items():
        found[variable] = int(values.start(t, i) >= until_s)
    for variable, term in model.late:
        if isinstance(term, JourneyTerm):
            found[variable] = values.journey(term)
        else:
            # What is late before the origin is no part of the variable.
            found[variable] = max(0, values.late(term) - max(0, model.origin_s - term.threshold_s))
    for variable, term in model.is_late:
        found[variable] = values.is_late(term)
    for (first, second), variable in model.first.items():
        found[variable] = values.precedes(first, second)
    _set_units(model, schedule, found)
    return [float(value) for value in found]


def _set_units(model: BigMModel, schedule: Schedule, found: list[int]) -> None:
    for resource, units in model.units.items():
        taken = _units_taken(model.contested[resource], model.problem.resource(resource).capacity, schedule)
        names: dict[int, int] = {}
        for use, variables in units.items():
            if use in taken:
                # Units are named in the order of their first use, as the model wants it.
                name = names.setdefault(taken[use], len(names))
                found[variables[name]] = 1
    for (first, second), variable in model.same.items():
        units = model.units[first.resource]
        shared = zip(units[first], units[second], strict=False)
        found[variable] = int(any(found[one] and found[other] for one, other in shared))


def _units_taken(releases: Mapping[Use, int], capacity: int, schedule: Schedule) -> dict[Use, int]:
    """Return a unit for each use of a resource in a valid schedule, such that no unit is with two trains at once."""
    resource = next(iter(releases)).resource
    current: dict[int, int] = {}
    holding: set[int] = set()
    until_s: dict[int, int] = {}
    unit: dict[int, int] = {}
    taken: dict[Use, int] = {}
    for event in schedule.events:
        train = event.train
        left = releases.get(Use(train, current.get(train, -1), resource))
        if left is not None:
            holding.discard(train)
            until_s[train] = max(event.time_s + left, until_s.get(train, event.time_s))
        current[train] = event.operation
        use = Use(train, event.operation, resource)
        if use not in releases:
            continue
        for other in [other for other in unit if other not in {*holding, train} and until_s[other] <= event.time_s]:
            del unit[other]
        if train not in unit:
            unit[train] = min(set(range(capacity)) - set(unit.values()))
        holding.add(train)
        taken[use] = unit[train]
    return taken
