"""What the exit codes of `railcap` mean."""

from __future__ import annotations

from enum import IntEnum

from railcap.solving.result import Limit, Reason, Result


class ExitCode(IntEnum):
    """The outer contract with the shell."""

    ANSWER = 0
    NO_ANSWER = 1
    BAD_INPUT = 2
    INFEASIBLE = 3
    INTERNAL_ERROR = 4
    INTERRUPTED = 130


def exit_code(result: Result) -> ExitCode:
    """Return the code for what a solve ended with; an answer is an answer, also at a limit or an interrupt."""
    if result.schedule is not None:
        return ExitCode.ANSWER
    if result.termination.reason is Reason.INFEASIBLE:
        return ExitCode.INFEASIBLE
    if result.termination.limit is Limit.INTERRUPTED:
        return ExitCode.INTERRUPTED
    return ExitCode.NO_ANSWER
