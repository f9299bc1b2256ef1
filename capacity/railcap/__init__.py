"""railcap: train paths on single-track corridors that cross borders, and how much traffic they can carry.

    import railcap

    scenario = railcap.load("quetta-chaman-day")  # a folder, or the name of a shipped instance
    plan = railcap.plan(scenario)                 # compile, solve, check: a timetable with its cost and a proven bound
    print(railcap.summarise(plan))                # what a planner reads first
    railcap.write(plan, "out")                    # timetable files and drawings

How much a line carries is told by ``mix_capacity``, ``timetable_capacity``, ``saturate`` and ``formula``, how delays
spread in a timetable by ``simulate``. Below all that ``solve`` takes an `OperationsProblem` to any backend;
docs/embedding.md shows it in a program of its own.
Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from railcap import errors

if TYPE_CHECKING:
    from railcap.api import draw, formula, load, mix_capacity, summarise, timetable_capacity, write
    from railcap.corridor.scenario import Scenario
    from railcap.formats.data_frames import (
        results_frame,
        schedule_frame,
        timetable_frame,
        trace_frame,
        yard_steps_frame,
    )
    from railcap.formats.delay_table import load_delay_table
    from railcap.formats.thresholds import read_thresholds
    from railcap.measures.formulas.catalogue import Answer
    from railcap.measures.mix.report import MixCapacity
    from railcap.measures.occupation.report import TimetableCapacity
    from railcap.measures.robustness.results import Robustness
    from railcap.measures.robustness.simulate import simulate
    from railcap.measures.saturation.candidates import Window
    from railcap.measures.saturation.saturate import saturate
    from railcap.measures.saturation.saturation import Saturation
    from railcap.operations.problem import (
        DelayTerm,
        JourneyTerm,
        Link,
        Operation,
        OperationsProblem,
        Resource,
        ResourceUse,
        Train,
    )
    from railcap.operations.schedule import Event, Schedule
    from railcap.planning.plan import Plan, plan
    from railcap.solving.backend import Backend
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.progress import Progress
    from railcap.solving.registry import backends
    from railcap.solving.result import Limit, Reason, Result, Termination, TracePoint
    from railcap.solving.solve import solve
    from railcap.solving.stop import Stop

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Backend",
    "DelayTerm",
    "Event",
    "JourneyTerm",
    "Limit",
    "Link",
    "MixCapacity",
    "Operation",
    "OperationsProblem",
    "Plan",
    "Progress",
    "Reason",
    "Resource",
    "ResourceUse",
    "Result",
    "Robustness",
    "Saturation",
    "Scenario",
    "Schedule",
    "SolveParameters",
    "Stop",
    "Termination",
    "TimetableCapacity",
    "TracePoint",
    "Train",
    "Window",
    "__version__",
    "backends",
    "draw",
    "errors",
    "formula",
    "load",
    "load_delay_table",
    "mix_capacity",
    "plan",
    "read_thresholds",
    "results_frame",
    "saturate",
    "schedule_frame",
    "simulate",
    "solve",
    "summarise",
    "timetable_capacity",
    "timetable_frame",
    "trace_frame",
    "write",
    "yard_steps_frame",
]

_HOMES = {
    "Answer": "railcap.measures.formulas.catalogue",
    "Backend": "railcap.solving.backend",
    "DelayTerm": "railcap.operations.problem",
    "Event": "railcap.operations.schedule",
    "JourneyTerm": "railcap.operations.problem",
    "Limit": "railcap.solving.result",
    "Link": "railcap.operations.problem",
    "MixCapacity": "railcap.measures.mix.report",
    "Operation": "railcap.operations.problem",
    "OperationsProblem": "railcap.operations.problem",
    "Plan": "railcap.planning.plan",
    "Progress": "railcap.solving.progress",
    "Reason": "railcap.solving.result",
    "Resource": "railcap.operations.problem",
    "ResourceUse": "railcap.operations.problem",
    "Result": "railcap.solving.result",
    "Robustness": "railcap.measures.robustness.results",
    "Saturation": "railcap.measures.saturation.saturation",
    "Scenario": "railcap.corridor.scenario",
    "Schedule": "railcap.operations.schedule",
    "SolveParameters": "railcap.solving.parameters",
    "Stop": "railcap.solving.stop",
    "Termination": "railcap.solving.result",
    "TimetableCapacity": "railcap.measures.occupation.report",
    "TracePoint": "railcap.solving.result",
    "Train": "railcap.operations.problem",
    "Window": "railcap.measures.saturation.candidates",
    "backends": "railcap.solving.registry",
    "draw": "railcap.api",
    "formula": "railcap.api",
    "load": "railcap.api",
    "load_delay_table": "railcap.formats.delay_table",
    "mix_capacity": "railcap.api",
    "plan": "railcap.planning.plan",
    "read_thresholds": "railcap.formats.thresholds",
    "results_frame": "railcap.formats.data_frames",
    "saturate": "railcap.measures.saturation.saturate",
    "schedule_frame": "railcap.formats.data_frames",
    "simulate": "railcap.measures.robustness.simulate",
    "solve": "railcap.solving.solve",
    "summarise": "railcap.api",
    "timetable_capacity": "railcap.api",
    "timetable_frame": "railcap.formats.data_frames",
    "trace_frame": "railcap.formats.data_frames",
    "write": "railcap.api",
    "yard_steps_frame": "railcap.formats.data_frames",
}


def __getattr__(name: str) -> object:
    """Import what is asked for from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
