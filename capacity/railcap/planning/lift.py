"""From a schedule of operations back to a timetable: times, section tracks, and one concrete track at every station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from railcap.operations.schedule import Schedule
from railcap.planning.compile import CompiledScenario, CompiledTrain, ImpossibleTrain
from railcap.planning.compile_tracks import TrackGroup
from railcap.planning.compile_train import Act, Role
from railcap.planning.timetable import Call, Leg, Refusal, Step, Timetable, TrainPath

NO_PROOF = "no proof that it is impossible: it lost against other trains"
_RouteTimes = Sequence[tuple[int, int]]


def lift(compiled: CompiledScenario, schedule: Schedule) -> Timetable:
    """Return the timetable of a feasible schedule, with bare reasons for refused trains.

    The tracks of a group are given out in the schedule's order of events: the first one that is free. A group's
    capacity guarantees that there is one.
    """
    routes = schedule.routes(compiled.problem)
    tracks = _tracks(compiled, schedule, routes)
    helped = {train.id: index for index, train in enumerate(compiled.trains)}
    paths: list[TrainPath] = []
    refused = [_impossible(train) for train in compiled.impossible]
    for index, (train, route) in enumerate(zip(compiled.trains, routes, strict=True)):
        if train.light_for and (route is None or routes[helped[train.light_for]] is None):
            continue  # a light engine without its train is none
        if route is None:
            refused.append(_lost(train))
        else:
            paths.append(_path(train, route, tracks, index))
    return Timetable(compiled.scenario.name, tuple(paths), tuple(refused))


def _tracks(
    compiled: CompiledScenario, schedule: Schedule, routes: Sequence[_RouteTimes | None]
) -> Mapping[tuple[int, int], str]:
    """Return the track of every stop and pass, by (train, operation)."""
    release = compiled.scenario.rules.track_release_s
    ends = {
        (train, operation): after[1]
        for train, route in enumerate(routes)
        for (operation, _), after in pairwise(route or ())
    }
    holders: dict[tuple[TrackGroup, str], tuple[int, int]] = {}
    given: dict[tuple[int, int], str] = {}
    standing: dict[int, tuple[TrackGroup, str] | None] = {}
    for event in schedule.events:
        group = compiled.trains[event.train].roles[event.operation].group
        before = standing.get(event.train)
        standing[event.train] = None
        if group is not None:
            stays = before is not None and before[0] == group
            track = before[1] if before and stays else _free_track(group, event.time_s, event.train, holders)
            given[event.train, event.operation] = track
            standing[event.train] = group, track
            holders[group, track] = ends[event.train, event.operation] + release, event.train
    return given


def _free_track(
    group: TrackGroup, time_s: int, train: int, holders: Mapping[tuple[TrackGroup, str], tuple[int, int]]
) -> str:
    """Return the track that the train itself has just left and so keeps from others, else the first that is free."""
    kept = {track: holders.get((group, track), (time_s, train)) for track in group.tracks}
    for track, (until_s, holder) in kept.items():
        if holder == train and until_s > time_s:
            return track
    return next(track for track, (until_s, _) in kept.items() if until_s <= time_s)


def _path(train: CompiledTrain, route: _RouteTimes, tracks: Mapping[tuple[int, int], str], index: int) -> TrainPath:
    calls: list[Call] = []
    legs: list[Leg] = []
    for (operation, start), (_, end) in pairwise(route):
        role = train.roles[operation]
        if role.group is not None:
            track = tracks[index, operation]
            if not calls or len(calls) <= role.place:
                station = train.route.stations[role.place]
                calls.append(Call(station, track, start, end, role.act is not Act.PASS))
            calls[-1] = replace(
                calls[-1], departure_s=end, steps=_steps(train, role, calls[-1].steps, track, start, end)
            )
        elif role.act is Act.RUN and len(legs) == role.place:
            legs.append(Leg(train.route.sections[role.place], role.track))
    request, number, train_type = _demand(train)
    is_fixed = train.fixed is not None
    return TrainPath(train.id, request, number, train_type, tuple(calls), tuple(legs), is_fixed, train.light_for)


def _steps(
    train: CompiledTrain, role: Role, before: tuple[Step, ...], track: str, start: int, end: int
) -> tuple[Step, ...]:
    """Return the steps of a call after one more operation: a step, its begin, or a wait."""
    if role.act is not Act.STEP:
        return before
    plan = train.journey.visits[role.place].steps[role.step - 1]
    begin = before[-1].begin_s if len(before) == role.step else start
    return (*before[: role.step - 1], Step(plan.name, plan.resource, track, begin, end))


def _demand(train: CompiledTrain | ImpossibleTrain) -> tuple[str, str, str]:
    """Return request, number and train type."""
    if train.request is not None:
        return train.request.request, train.request.number, train.request.train_type
    assert train.fixed is not None
    return train.fixed.id, train.fixed.number, train.fixed.train_type


def _lost(train: CompiledTrain) -> Refusal:
    return Refusal(train.id, *_demand(train), NO_PROOF, False)


def _impossible(train: ImpossibleTrain) -> Refusal:
    return Refusal(train.id, *_demand(train), train.reason, True)
