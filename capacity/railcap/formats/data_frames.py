"""Answers as pandas frames; pandas is imported with the first frame, since that takes half a second."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from railcap.operations.objective import gap
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.planning.timetable import Timetable
from railcap.solving.result import Result

if TYPE_CHECKING:
    import pandas as pd


def schedule_frame(problem: OperationsProblem, schedule: Schedule) -> pd.DataFrame:
    """Return a schedule, one row per operation in the solution, in the order of its events.

    That order is the order of the trains on every resource. A refused train has no rows.

    Returns
    -------
    DataFrame
        ``train`` (name), ``operation`` (index in its train), ``label``, ``start_s``, ``end_s`` and ``duration_s``
        (whole seconds; an exit never ends, so its end and duration are missing), ``resources`` (tuple of the names of
        what is held from start to end).
    """
    import pandas as pd

    rows = []
    next_start_s: dict[int, int] = {}
    for event in reversed(schedule.events):
        train = problem.trains[event.train]
        operation = train.operations[event.operation]
        end_s = next_start_s.get(event.train)
        duration_s = None if end_s is None else end_s - event.time_s
        resources = tuple(use.resource for use in operation.resources)
        rows.append((train.name, event.operation, operation.label, event.time_s, end_s, duration_s, resources))
        next_start_s[event.train] = event.time_s
    columns = ["train", "operation", "label", "start_s", "end_s", "duration_s", "resources"]
    frame = pd.DataFrame(rows[::-1], columns=columns)
    return frame.astype({"operation": "int64", "start_s": "int64", "end_s": "Int64", "duration_s": "Int64"})


def trace_frame(problem: OperationsProblem, result: Result) -> pd.DataFrame:
    """Return how cost and bound moved during a solve, one row per change.

    Returns
    -------
    DataFrame
        ``time_s`` (seconds since the solve began), ``objective`` and ``bound`` (in the units shown to people, the
        problem's integers by its ``cost_scale``), ``gap`` (a fraction); what is not known yet is missing.
    """
    import pandas as pd

    rows = [(point.time_s, *_shown(problem, point.objective, point.bound)) for point in result.trace]
    return pd.DataFrame(rows, columns=["time_s", "objective", "bound", "gap"], dtype="float64")


def results_frame(problem: OperationsProblem, results: Iterable[Result]) -> pd.DataFrame:
    """Return several results of one problem side by side, one row each.

    Returns
    -------
    DataFrame
        ``backend``, ``reason`` and ``limit`` (the words of `Reason` and `Limit`), ``objective`` and ``bound`` (in the
        units shown to people), ``gap`` (a fraction), ``wall_s`` (seconds), ``peak_memory_mb`` (of the solver's process
        and its children; missing for a solve that had none of its own), ``detail``. What does not exist is missing.
    """
    import pandas as pd

    rows = []
    for result in results:
        ended = result.termination
        limit = None if ended.limit is None else ended.limit.value
        costs = _shown(problem, result.objective, result.bound)
        memory_mb = result.statistics.get("peak_memory_mb")
        rows.append((result.backend, ended.reason.value, limit, *costs, result.wall_s, memory_mb, ended.detail))
    columns = ["backend", "reason", "limit", "objective", "bound", "gap", "wall_s", "peak_memory_mb", "detail"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(["objective", "bound", "gap", "wall_s", "peak_memory_mb"], "float64"))


def timetable_frame(timetable: Timetable) -> pd.DataFrame:
    """Return a timetable, one row per train and station of its path; refused trains have no rows.

    Returns
    -------
    DataFrame
        ``train`` and ``request`` (ids), ``number``, ``train_type``, ``fixed``, ``light_for`` (of a light engine, the
        train that it has helped; else empty), ``call`` (1 at the origin, and so on), ``station`` (id), ``track``,
        ``arrival`` and ``departure`` (moments in UTC; at the origin it arrives when it takes its track, at the
        destination it departs when it leaves it), ``stops``, ``section`` (id of that on which it goes on; missing at
        the destination).
    """
    import pandas as pd

    rows = []
    for path in timetable.paths:
        train = (path.train, path.request, path.number, path.train_type, path.fixed, path.light_for)
        sections = [*(leg.section for leg in path.legs), None]
        for number, (call, section) in enumerate(zip(path.calls, sections, strict=True), start=1):
            place = (number, call.station, call.track, call.arrival_s, call.departure_s, call.stops, section)
            rows.append((*train, *place))
    train_columns = ["train", "request", "number", "train_type", "fixed", "light_for"]
    call_columns = ["call", "station", "track", "arrival", "departure", "stops", "section"]
    frame = pd.DataFrame(rows, columns=train_columns + call_columns)
    for moment in ("arrival", "departure"):
        frame[moment] = pd.to_datetime(frame[moment], unit="s", utc=True)
    return frame


def yard_steps_frame(timetable: Timetable) -> pd.DataFrame:
    """Return what the trains of a timetable undergo in yards, one row per step.

    Returns
    -------
    DataFrame
        ``train`` and ``request`` (ids), ``number``, ``train_type``, ``call`` (1 at the origin, and so on), ``station``
        (id), ``step`` (name), ``resource`` (id; empty for none), ``track``, ``waited_min`` (since the arrival or the
        end of the step before), ``begin`` and ``end`` (moments in UTC).
    """
    import pandas as pd

    rows = []
    for path in timetable.paths:
        for number, call in enumerate(path.calls, start=1):
            place = (path.train, path.request, path.number, path.train_type, number, call.station)
            ready_s = call.arrival_s
            for step in call.steps:
                waited_min = (step.begin_s - ready_s) / 60
                rows.append((*place, step.name, step.resource, step.track, waited_min, step.begin_s, step.end_s))
                ready_s = step.end_s
    columns = ["train", "request", "number", "train_type", "call", "station"]
    columns += ["step", "resource", "track", "waited_min", "begin", "end"]
    frame = pd.DataFrame(rows, columns=columns).astype({"call": "int64", "waited_min": "float64"})
    for moment in ("begin", "end"):
        frame[moment] = pd.to_datetime(frame[moment], unit="s", utc=True)
    return frame


def _shown(
    problem: OperationsProblem, objective: int | None, bound: int | None
) -> tuple[float | None, float | None, float | None]:
    """Return cost and bound in the units shown to people, and their gap."""
    cost = None if objective is None else objective / problem.cost_scale
    least = None if bound is None else bound / problem.cost_scale
    return cost, least, None if cost is None or least is None else gap(cost, least)
