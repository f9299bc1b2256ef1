"""Answers as pandas frames."""

import subprocess
import sys
from dataclasses import replace

import pandas as pd
import tiny_backends as tiny

import railcap
from railcap.operations.problem import Operation, OperationsProblem, ResourceUse, Train
from railcap.operations.schedule import Event, Schedule
from railcap.planning.timetable import Call, Leg, Refusal, Step, Timetable, TrainPath
from railcap.solving.result import Limit, Reason, Result, Termination, TracePoint


def rows(frame):
    """The rows of a frame, None for what is missing."""
    return [
        tuple(None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in row)
        for row in frame.itertuples(index=False, name=None)
    ]


def test_a_schedule_has_a_row_per_operation_in_the_order_of_its_events():
    held = (ResourceUse("track 1"), ResourceUse("line", release_s=60))
    problem = OperationsProblem(
        (
            Train("A", (Operation((1, 2), label="wait"), Operation((2,)), Operation(resources=held, label="leave"))),
            Train("refused", (Operation(),), refusal_cost=1),
            Train("B", (Operation((1,), resources=held[:1]), Operation())),
        )
    )
    schedule = Schedule((Event(5, 2, 0), Event(7, 0, 0), Event(7, 2, 1), Event(1_800_000_007, 0, 2)))
    frame = railcap.schedule_frame(problem, schedule)
    assert list(frame.columns) == ["train", "operation", "label", "start_s", "end_s", "duration_s", "resources"]
    assert rows(frame) == [
        ("B", 0, "", 5, 7, 2, ("track 1",)),
        ("A", 0, "wait", 7, 1_800_000_007, 1_800_000_000, ()),
        ("B", 1, "", 7, None, None, ()),
        ("A", 2, "leave", 1_800_000_007, None, None, ("track 1", "line")),
    ]
    assert frame.explode("resources").groupby("resources")["train"].apply(list)["track 1"] == ["B", "A"]


def test_a_trace_has_costs_in_shown_units_and_the_gap():
    trace = (TracePoint(0.5, 40, None), TracePoint(1.0, 40, 14), TracePoint(2.0, 20, 20))
    problem = replace(tiny.two_trains(), cost_scale=2)
    frame = railcap.trace_frame(problem, Result(Termination(Reason.OPTIMAL), trace=trace))
    assert list(frame.columns) == ["time_s", "objective", "bound", "gap"]
    assert rows(frame) == [(0.5, 20, None, None), (1.0, 20, 7, 0.65), (2.0, 10, 10, 0)]


def test_results_stand_side_by_side():
    problem = replace(tiny.two_trains(), cost_scale=2)
    results = [
        Result(Termination(Reason.OPTIMAL), None, 10, 10, 1.5, statistics={"peak_memory_mb": 99}, backend="one"),
        Result(Termination(Reason.NO_SOLUTION_FOUND, Limit.TIME, "slow"), bound=8, wall_s=2.0, backend="other"),
    ]
    frame = railcap.results_frame(problem, results)
    assert list(frame.columns[:7]) == ["backend", "reason", "limit", "objective", "bound", "gap", "wall_s"]
    assert list(frame.columns[7:]) == ["peak_memory_mb", "detail"]
    assert rows(frame) == [
        ("one", "optimal", None, 5, 5, 0, 1.5, 99, ""),
        ("other", "no_solution_found", "time", None, 4, None, 2, None, "slow"),
    ]


def test_a_timetable_has_a_row_per_train_and_station_in_utc():
    calls = (Call("A", "1", 1_800_000_000, 1_800_000_060, True), Call("B", "2", 1_800_000_600, 1_800_000_600, False))
    path = TrainPath("up/1", "up", "101", "freight", calls, (Leg("A-B", "1"),))
    refused = Refusal("up/2", "up", "", "freight", "no room", False)
    light = replace(path, train="up/1/light/hill", request="hill", light_for="up/1")
    frame = railcap.timetable_frame(Timetable("line", (path, light), (refused,)))
    assert frame[frame["light_for"] != ""]["train"].unique() == ["up/1/light/hill"]
    frame = frame[frame["light_for"] == ""]
    train = ("up/1", "up", "101", "freight", False, "")
    at = {second: pd.Timestamp(1_800_000_000 + second, unit="s", tz="UTC") for second in (0, 60, 600)}
    assert rows(frame) == [
        (*train, 1, "A", "1", at[0], at[60], True, "A-B"),
        (*train, 2, "B", "2", at[600], at[600], False, None),
    ]
    assert frame["arrival"].dt.tz_convert("Asia/Karachi")[0].isoformat() == "2027-01-15T13:00:00+05:00"


def test_steps_in_yards_have_a_row_each():
    steps = (
        Step("customs", "", "1", 1_800_000_600, 1_800_001_200),
        Step("unload", "crane", "K", 1_800_001_290, 1_800_001_800),
    )
    calls = (
        Call("A", "1", 1_800_000_000, 1_800_000_000, True),
        Call("Y", "1", 1_800_000_570, 1_800_001_800, True, steps),
    )
    path = TrainPath("up/1", "up", "101", "freight", calls, (Leg("A-Y", "1"),))
    frame = railcap.yard_steps_frame(Timetable("line", (path,)))
    at = {second: pd.Timestamp(1_800_000_000 + second, unit="s", tz="UTC") for second in (600, 1200, 1290, 1800)}
    train = ("up/1", "up", "101", "freight", 2, "Y")
    assert rows(frame) == [
        (*train, "customs", "", "1", 0.5, at[600], at[1200]),
        (*train, "unload", "crane", "K", 1.5, at[1290], at[1800]),
    ]
    empty = railcap.yard_steps_frame(Timetable("line", ()))
    assert list(empty.columns) == list(frame.columns)
    assert (empty.dtypes["begin"].tz, empty.dtypes["call"]) == (frame.dtypes["begin"].tz, frame.dtypes["call"])


def test_frames_of_nothing_have_the_same_columns_and_kinds():
    problem, nothing = tiny.two_trains(), Result(Termination(Reason.NO_SOLUTION_FOUND, Limit.TIME))
    full = Result(Termination(Reason.OPTIMAL), trace=(TracePoint(0.0, 10, 10),))
    for empty, filled in (
        (railcap.schedule_frame(problem, Schedule(())), railcap.schedule_frame(problem, tiny.waiting(10))),
        (railcap.trace_frame(problem, nothing), railcap.trace_frame(problem, full)),
        (railcap.results_frame(problem, []), railcap.results_frame(problem, [nothing])),
    ):
        assert empty.empty
        numbers = filled.select_dtypes("number").dtypes.to_dict()
        assert empty.select_dtypes("number").dtypes.to_dict() == numbers
        assert list(empty.columns) == list(filled.columns)
    assert railcap.timetable_frame(Timetable("line", ())).dtypes["arrival"].tz is not None


def test_pandas_is_imported_with_the_first_frame_and_not_before():
    code = """
import sys, railcap
railcap.trace_frame
assert "pandas" not in sys.modules
railcap.trace_frame(railcap.OperationsProblem(()), railcap.Result(railcap.Termination(railcap.Reason.OPTIMAL)))
assert "pandas" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
