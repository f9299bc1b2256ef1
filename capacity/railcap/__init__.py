"""railcap: train paths on single-track corridors that cross borders, and how much traffic they can carry.

    import railcap

    scenario = railcap.load("quetta-chaman-day")  # a folder, or the name of a shipped instance
    plan = railcap.plan(scenario)                 # compile, solve, check: a timetable with its cost and a proven bound
    print(railcap.summarise(plan))                # what a planner reads first
    railcap.write(plan, "out")                    # timetable files and drawings

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from railcap.api import draw, load, summarise, write
    from railcap.corridor.scenario import Scenario
    from railcap.planning.plan import Plan, plan
    from railcap.solving.parameters import SolveParameters
    from railcap.solving.progress import Progress
    from railcap.solving.stop import Stop

__version__ = "0.1.0"

__all__ = [
    "Plan",
    "Progress",
    "Scenario",
    "SolveParameters",
    "Stop",
    "__version__",
    "draw",
    "load",
    "plan",
    "summarise",
    "write",
]

_HOMES = {
    "Plan": "railcap.planning.plan",
    "Progress": "railcap.solving.progress",
    "Scenario": "railcap.corridor.scenario",
    "SolveParameters": "railcap.solving.parameters",
    "Stop": "railcap.solving.stop",
    "draw": "railcap.api",
    "load": "railcap.api",
    "plan": "railcap.planning.plan",
    "summarise": "railcap.api",
    "write": "railcap.api",
}


def __getattr__(name: str) -> object:
    """Import what is asked for from where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
