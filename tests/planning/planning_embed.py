"""Puts a timetable's times onto the operations of its compiled scenario, the way back of lifting."""

from __future__ import annotations

from itertools import pairwise

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import train_requests
from railcap.operations.schedule import NoValidOrder, Schedule, schedule_from_routes
from railcap.planning.compile import CompiledScenario, CompiledTrain
from railcap.planning.compile_train import Act
from railcap.planning.timetable import Timetable, TrainPath


class NotExpressible(Exception):
    """No operations, or no order of them, say what the timetable says."""


def embed(compiled: CompiledScenario, timetable: Timetable) -> Schedule:
    """Return the schedule with the timetable's times; raises `NotExpressible`."""
    paths = {path.train: path for path in timetable.paths}
    if not paths.keys() <= {train.id for train in compiled.trains}:
        raise NotExpressible("an impossible train runs")
    routes = [
        _route(compiled, index, train, paths[train.id]) if train.id in paths else None
        for index, train in enumerate(compiled.trains)
    ]
    banked = list(banked_trains(compiled.scenario, train_requests(compiled.scenario)))
    for train, route in zip(compiled.trains, routes, strict=True):
        if train.light_for and route and train.light_for in paths:
            # A light engine enters when its train arrives, and waits outside the plan.
            one = next(one for one in banked if one.light == train.id)
            route[0] = 0, paths[one.train].calls[one.end].arrival_s
    try:
        return schedule_from_routes(compiled.problem, routes)
    except NoValidOrder as error:
        raise NotExpressible(str(error)) from error


def _route(compiled: CompiledScenario, index: int, train: CompiledTrain, path: TrainPath) -> list[tuple[int, int]]:
    chosen = _chosen(compiled, index, train, path, [0])
    if chosen is None:
        raise NotExpressible(f"{train.id}: no operations do what it does")
    return list(zip(chosen, _starts(compiled, index, train, path, chosen), strict=True))


def _chosen(
    compiled: CompiledScenario, index: int, train: CompiledTrain, path: TrainPath, begun: list[int]
) -> list[int] | None:
    """Return a way to the exit that does what the path does, going on from where it has begun."""
    operations = compiled.problem.trains[index].operations
    if begun[-1] == len(operations) - 1:
        return begun
    for after in operations[begun[-1]].successors:
        if _fits(train, path, operations[after].label, after):
            found = _chosen(compiled, index, train, path, [*begun, after])
            if found is not None:
                return found
    return None


def _fits(train: CompiledTrain, path: TrainPath, label: str, after: int) -> bool:
    role = train.roles[after]
    if role.act is Act.RUN:
        stopping = label.startswith("stopping")
        return role.track == path.legs[role.place].track and (not stopping or path.calls[role.place + 1].stops)
    if role.group is not None:
        call = path.calls[role.place]
        if role.step > len(call.steps):
            return False
        track = call.steps[role.step - 1].track if role.step else call.track
        return call.stops == (role.act is not Act.PASS) and track in role.group.tracks
    return role.act is not Act.ARRIVE or path.calls[role.place].stops


def _starts(
    compiled: CompiledScenario, index: int, train: CompiledTrain, path: TrainPath, chosen: list[int]
) -> list[int]:
    operations = compiled.problem.trains[index].operations
    starts: dict[int, int] = {}
    for place, (here, there) in enumerate(pairwise(path.calls)):
        run = [op for op in chosen if train.roles[op].act is Act.RUN and train.roles[op].place == place]
        beyond = there.arrival_s - here.departure_s - sum(operations[op].min_duration_s for op in run)
        time_s = here.departure_s
        for op in run:
            starts[op] = time_s
            longest = operations[op].max_duration_s
            spare = (longest or 0) - operations[op].min_duration_s
            if spare or (beyond and op == run[-1]):
                time_s += beyond
                beyond = 0
            time_s += operations[op].min_duration_s
    for op in chosen:
        role = train.roles[op]
        if role.act is Act.RUN:
            continue
        call = path.calls[role.place]
        if role.act is Act.STEP:
            starts[op] = call.steps[role.step - 1].begin_s
        elif role.step:
            starts[op] = call.steps[role.step - 1].end_s
        else:
            starts[op] = call.departure_s if role.act in (Act.DEPART, Act.EXIT) else call.arrival_s
    return [starts[op] for op in chosen]
