"""Why a request was refused: a proof where there is one, else where and to whom it lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import tied_trains
from railcap.corridor.yards import TiedTrains
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.planning.alone import AloneRuns
from railcap.planning.compile import CompiledScenario, CompiledTrain
from railcap.planning.compile_train import Act, Role
from railcap.planning.lift import NO_PROOF
from railcap.planning.timetable import Refusal, Timetable
from railcap.units import clock, stamp

_TRAINS_NAMED = 3
_Route = Sequence[tuple[int, int]]
"""Operations and their starts."""


def explain(alone: AloneRuns, schedule: Schedule, timetable: Timetable) -> Timetable:
    """Return the timetable with a plain reason for every refused train.

    Parameters
    ----------
    alone : AloneRuns
        Of the compiled scenario that `schedule` solves and `timetable` was lifted from.
    """
    compiled = alone.compiled
    index_of = {train.id: index for index, train in enumerate(compiled.trains)}
    routes = schedule.routes(compiled.problem)
    holds = _holds_by_resource(compiled.problem, routes)
    runs = {path.train for path in timetable.paths}
    feeders = {
        pair.second: pair for pair in tied_trains(compiled.scenario) if pair.link.refuse and pair.first not in runs
    }
    refused = tuple(
        refusal
        if refusal.proof
        else _unfed(compiled.scenario, refusal, feeders[refusal.train])
        if refusal.train in feeders
        else _explained(alone, index_of, refusal, holds, routes)
        for refusal in timetable.refused
    )
    return replace(timetable, refused=refused)


def _unfed(scenario: Scenario, refusal: Refusal, pair: TiedTrains) -> Refusal:
    where = scenario.network.stations[pair.station].name
    text = f"it needs {pair.first} at {where} ({pair.link.kind.value} {pair.link.id}), which is refused itself"
    return replace(refusal, reason=text, place=pair.station, against=(pair.first,))


@dataclass(frozen=True, slots=True)
class _Hold:
    """A train on a resource, from its start until others may follow."""

    train: int
    operation: int
    start_s: int
    free_s: int


@dataclass(frozen=True, slots=True)
class _Clash:
    """Trains in the way of a refused train at a place: a section, or a station where all tracks are taken."""

    place: str
    role: Role
    from_s: int
    until_s: int
    trains: tuple[int, ...]


def _explained(
    alone: AloneRuns,
    index_of: Mapping[str, int],
    refusal: Refusal,
    holds: Mapping[str, Sequence[_Hold]],
    routes: Sequence[_Route | None],
) -> Refusal:
    compiled, index = alone.compiled, index_of[refusal.train]
    run = alone.run(index)
    price, scale = compiled.problem.trains[index].refusal_cost, compiled.problem.cost_scale
    if price is not None and run.cost > price:
        text = f"refusing it costs {price / scale:g}, its own best run alone on the line costs {run.cost / scale:g}"
        return replace(refusal, reason=text)
    clash = _worst(_clashes(compiled.problem, compiled.trains[index], index, run.route, holds))
    if clash is None:
        pair = _broken_tie(compiled, index_of, refusal.train, run.route, routes)
        if pair is not None:
            return _untied(compiled.scenario, refusal, pair)
        return replace(refusal, reason=f"{NO_PROOF}; its own best path is free here, so {_way_out(compiled, refusal)}")
    against = tuple(compiled.trains[other].id for other in clash.trains)
    where = _where(compiled.scenario, compiled.trains[index], clash)
    text = f"no proof that it is impossible: it lost against {_listed(against)} {where}"
    return replace(refusal, reason=text, place=clash.place, against=against)


def _way_out(compiled: CompiledScenario, refusal: Refusal) -> str:
    """Return what may be the matter with a train whose own best path is free and breaks no tie."""
    bankers = [train.request.request for train in compiled.trains if train.request and train.light_for == refusal.train]
    if not bankers:
        return "a longer search may find room"
    return f"either its banker {' or '.join(bankers)} finds no way back in time, or a longer search may find room"


def _broken_tie(
    compiled: CompiledScenario,
    index_of: Mapping[str, int],
    train: str,
    route: _Route,
    routes: Sequence[_Route | None],
) -> TiedTrains | None:
    """Return the first tie to a train that runs which a refused train's own best run would not keep."""
    for pair in tied_trains(compiled.scenario):
        if train not in (pair.first, pair.second) or not {pair.first, pair.second} <= index_of.keys():
            continue
        first, second = index_of[pair.first], index_of[pair.second]
        feeding = dict((route if pair.first == train else routes[first]) or ())
        fed = dict((route if pair.second == train else routes[second]) or ())
        for link in compiled.problem.links:
            if feeding and fed and (link.from_train, link.to_train) == (first, second):
                lag_s = fed[link.to_operation] - feeding[link.from_operation]
                if lag_s < link.min_lag_s or (link.max_lag_s is not None and lag_s > link.max_lag_s):
                    return pair
    return None


def _untied(scenario: Scenario, refusal: Refusal, pair: TiedTrains) -> Refusal:
    other = pair.first if refusal.train == pair.second else pair.second
    where = scenario.network.stations[pair.station].name
    text = (
        f"no proof that it is impossible: it lost against {other}, to which it is tied at {where} "
        f"({pair.link.kind.value} {pair.link.id})"
    )
    return replace(refusal, reason=text, place=pair.station, against=(other,))


def _holds_of(problem: OperationsProblem, index: int, route: _Route) -> Iterable[tuple[str, _Hold]]:
    """Yield what a train holds along a route; the exit holds nothing in a compiled problem."""
    operations = problem.trains[index].operations
    for (operation, start_s), (_, end_s) in pairwise(route):
        for use in operations[operation].resources:
            yield use.resource, _Hold(index, operation, start_s, end_s + use.release_s)


def _holds_by_resource(problem: OperationsProblem, routes: Sequence[_Route | None]) -> dict[str, list[_Hold]]:
    found: dict[str, list[_Hold]] = defaultdict(list)
    for index, route in enumerate(routes):
        for resource, hold in _holds_of(problem, index, route or ()):
            found[resource].append(hold)
    return found


def _clashes(
    problem: OperationsProblem,
    train: CompiledTrain,
    index: int,
    route: _Route,
    holds: Mapping[str, Sequence[_Hold]],
) -> list[_Clash]:
    """Return who stands in the way of a run, place by place along it."""
    blockers: dict[tuple[str, Role], dict[int, _Hold]] = {}
    for resource, mine in _holds_of(problem, index, route):
        others = _in_the_way(mine, holds.get(resource, ()), problem.resource(resource).capacity)
        if others:
            role = train.roles[mine.operation]
            blockers.setdefault((_place(train, role), role), {}).update(others)
    return [
        _Clash(
            place,
            role,
            min(hold.start_s for hold in found.values()),
            max(hold.free_s for hold in found.values()),
            tuple(sorted(found)),
        )
        for (place, role), found in blockers.items()
    ]


def _in_the_way(mine: _Hold, holds: Sequence[_Hold], capacity: int) -> dict[int, _Hold]:
    """Return the trains that fill a resource at some instant of a hold, none if there is always room."""
    during = [hold for hold in holds if hold.start_s < mine.free_s and mine.start_s < hold.free_s]
    found: dict[int, _Hold] = {}
    for instant in {max(hold.start_s, mine.start_s) for hold in during}:
        there = {hold.train: hold for hold in during if hold.start_s <= instant < max(hold.free_s, hold.start_s + 1)}
        if len(there) >= capacity:
            found.update(there)
    return found


def _worst(clashes: Sequence[_Clash]) -> _Clash | None:
    """Return the clash with most trains; the first along the way of several."""
    return max(clashes, key=lambda clash: len(clash.trains), default=None)


def _place(train: CompiledTrain, role: Role) -> str:
    return train.route.sections[role.place] if role.act is Act.RUN else train.route.stations[role.place]


def _where(scenario: Scenario, train: CompiledTrain, clash: _Clash) -> str:
    stations = scenario.network.stations
    here = stations[train.route.stations[clash.role.place]]
    times = f"({stamp(clash.from_s, here.time_zone)} to {clock(clash.until_s, here.time_zone)})"
    if clash.role.act is Act.STEP:
        return (
            f"for its {train.journey.visits[clash.role.place].steps[clash.role.step - 1].name} at {here.name} {times}"
        )
    if clash.role.act is not Act.RUN:
        return f"at {here.name} {times}"
    there = stations[train.route.stations[clash.role.place + 1]]
    return f"between {here.name} and {there.name} {times}"


def _listed(trains: Sequence[str]) -> str:
    named = ", ".join(trains[:_TRAINS_NAMED])
    more = len(trains) - _TRAINS_NAMED
    return f"{named} and {more} more" if more > 0 else named
