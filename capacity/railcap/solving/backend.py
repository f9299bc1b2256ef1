"""The contract of a solver backend."""

from __future__ import annotations

from typing import Protocol

from railcap.operations.problem import OperationsProblem
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Result
from railcap.solving.stop import Stop

FEATURES = frozenset({"routes", "optional_trains", "capacity", "links", "closures", "max_duration", "journey_terms"})
"""Everything beyond fixed routes on plain resources that a problem may ask for."""


class Backend(Protocol):
    """A solver: found by entry point (group ``railcap.backends``), made without arguments, cheap to make."""

    name: str
    features: frozenset[str]

    def is_available(self) -> str | None:
        """Return None if the backend can run, else what to install, in a sentence. Must be cheap: no heavy import."""

    def solve(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> Result:
        """Solve; never mutates the problem, keeps its limits, and says OPTIMAL or INFEASIBLE only with a proof."""
