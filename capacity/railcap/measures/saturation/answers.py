"""Answers to the problem of candidates: trains behind a cost, one for other candidates, and a checked timetable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from railcap.corridor.scenario import Scenario
from railcap.errors import InternalError
from railcap.measures.saturation.candidates import Candidates, Window
from railcap.measures.saturation.mix import Mix
from railcap.operations.schedule import Schedule
from railcap.planning.check import check_timetable
from railcap.planning.lift import lift
from railcap.planning.settle import settle
from railcap.planning.timetable import Timetable, TrainPath


def least_refused(mix: Mix, cost: int) -> int:
    """Return how many trains are refused at least by an answer that keeps the mix and costs at least so much.

    A train of the last round costs 1, any other 1 more than the trains of a round; the last round is refused first.
    """
    if cost <= mix.round:
        return max(0, cost)
    return mix.round - (mix.round - cost) // (mix.round + 1)


def taken_over(found: Candidates, schedule: Schedule, counts: Sequence[int], other: Candidates) -> Schedule:
    """Return a schedule with the first trains of other candidates in place of so many that run, in their order."""
    starts = schedule.routes(found.compiled.problem)
    trains, others = found.compiled.trains, other.compiled.trains
    ids = {train.id: index for index, train in enumerate(others)}
    to: dict[int, int] = {}
    for group, new, count in zip(found.trains, other.trains, counts, strict=True):
        running = [train for train in group if starts[train] is not None]
        running.sort(key=lambda train: dict(starts[train] or ())[trains[train].depart])
        to.update(zip(running[:count], new, strict=False))
    names = {trains[old].id: others[new].id for old, new in to.items()}
    for index, train in enumerate(trains):
        if train.request is None:
            to[index] = ids[train.id]
        elif train.light_for in names and starts[index] is not None:
            to[index] = ids[names[train.light_for] + train.id.removeprefix(train.light_for)]
    return Schedule(tuple(replace(event, train=to[event.train]) for event in schedule.events if event.train in to))


def checked_timetable(
    wanted: Scenario, window: Window, found: Candidates, schedule: Schedule, counts: Sequence[int]
) -> Timetable:
    """Return the timetable of the first trains of an answer, so many of each class.

    Parameters
    ----------
    wanted : Scenario
        Asks for exactly these trains.

    Raises
    ------
    InternalError
        If the timetable breaks its rules, or one of its trains is not within the window.
    """
    schedule = settle(found.compiled, taken_over(found, schedule, counts, found))
    timetable = replace(lift(found.compiled, schedule), refused=())
    faults = [str(violation) for violation in check_timetable(wanted, timetable)]
    faults += [
        f"{path.train} is not within the window"
        for path in timetable.paths
        if not path.fixed and not path.light_for and not _is_inside(path, window)
    ]
    if faults:
        listed = "\n".join(faults[:10])
        raise InternalError(f"the timetable breaks {len(faults)} rules:\n{listed}")
    return timetable


def _is_inside(path: TrainPath, window: Window) -> bool:
    return window.from_s <= path.calls[0].arrival_s and path.calls[-1].departure_s <= window.until_s
