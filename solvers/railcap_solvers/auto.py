"""The backend `auto`: the portfolio of search, Lagrangian bound and CP-SAT, sized to the problem."""

from __future__ import annotations

from dataclasses import replace

from railcap.errors import InputError
from railcap.operations.problem import OperationsProblem
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress
from railcap.solving.result import Result
from railcap.solving.stop import Stop
from railcap_solvers.exact.backend import CpSatBackend


class AutoBackend:
    """What to take if nothing speaks for another one; see `railcap_solvers.portfolio`."""

    name = "auto"

    def __init__(self) -> None:
        self._cp_sat = CpSatBackend()
        self.features = self._cp_sat.features

    def is_available(self) -> str | None:
        """Return None if OR-Tools is installed, else what to install."""
        return self._cp_sat.is_available()

    def version(self) -> str | None:
        """Return the version of OR-Tools."""
        return self._cp_sat.version()

    def solve(self, problem: OperationsProblem, parameters: SolveParameters, stop: Stop, progress: Progress) -> Result:
        """Solve; see `railcap.solving.backend.Backend`."""
        if parameters.options.get(self.name):
            named = ", ".join(sorted(parameters.options[self.name]))
            raise InputError(f"unknown option of auto: {named}; there are none")
        return replace(self._cp_sat.solve(problem, parameters, stop, progress), backend=self.name)
