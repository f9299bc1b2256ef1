"""The exception tree.

RailcapError
├── InputError            a file, folder or argument that cannot be used; carries every `Issue` found
├── BackendError          a solver backend could not do its work
│   ├── UnknownBackend    no backend of that name
│   ├── BackendMissing    its library is not installed; says what to install
│   ├── UnsupportedFeature  the problem has a feature that the backend lacks
│   └── SolverCrashed     the solver process died, ran out of memory or hung
├── OutputError           an answer could not be written; nothing half-written is left
└── InternalError         our own answer failed its check: a defect of railcap
    └── ProofsDisagree    two backends have proven what cannot both be true
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault in an input.

    Parameters
    ----------
    file : str
        Name of the file, relative to the scenario folder.
    where : str
        Row and column (``"row 4, column length_km"``), JSON path (``"trains[2][0].resources"``) or ``""``.
    value : str
        The offending value as it stands in the file, ``""`` if something is missing.
    message : str
        What is wrong and what would be right, in one sentence.
    code : str
        A stable short word for the kind of fault, such as ``"unknown-station"``.
    severity : str
        ``"error"`` or ``"warning"``.
    """

    file: str
    where: str
    value: str
    message: str
    code: str
    severity: str = "error"

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, self.where) if part)
        value = f" ({self.value!r})" if self.value else ""
        return f"{self.severity}: {place}{value}: {self.message} [{self.code}]"


class RailcapError(Exception):
    """Root of every error that railcap raises on purpose."""


class InputError(RailcapError):
    """An input that cannot be used, with all the issues found in it."""

    def __init__(self, message: str, issues: Sequence[Issue] = ()) -> None:
        self.message = message
        self.issues = tuple(issues)
        super().__init__("\n".join([message, *(str(issue) for issue in self.issues)]))

    def __reduce__(self) -> tuple[type[InputError], tuple[str, tuple[Issue, ...]]]:
        return type(self), (self.message, self.issues)


class BackendError(RailcapError):
    """A solver backend could not do its work."""


class UnknownBackend(BackendError):
    """No backend has that name."""


class BackendMissing(BackendError):
    """The library of a backend is not installed."""


class UnsupportedFeature(BackendError):
    """The problem has a feature that the backend lacks."""


class SolverCrashed(BackendError):
    """The solver's process died, ran out of memory or stopped answering."""


class OutputError(RailcapError):
    """An answer could not be written."""


class InternalError(RailcapError):
    """Our own answer failed its check: a defect of railcap, please report it."""


class ProofsDisagree(InternalError):
    """Two backends have proven what cannot both be true; names the files that hold what each of them says."""
