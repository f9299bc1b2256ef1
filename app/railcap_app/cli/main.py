"""The command `railcap`: runs it, and tells the shell and people what its errors mean.

Little is imported before `run` can answer Ctrl-C.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import Any

from railcap.errors import BackendError, InputError, InternalError, OutputError, RailcapError, SolverCrashed
from railcap_app.cli.exit_codes import ExitCode
from railcap_app.cli.interrupt import NO_ANSWER, Interrupted


class _Signals:
    """Whether Ctrl-C came: libraries that are interrupted while they are imported raise whatever they like."""

    def __init__(self) -> None:
        self.came = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note it, and interrupt as Python does."""
        self.came = True
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line and exit with the code of the outer contract."""
    signals = _Signals()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where a shell has it ignored
        signal.signal(signal.SIGINT, signals.handle)
    try:
        code = run(sys.argv[1:], signals)
    except KeyboardInterrupt:  # another one, while the first was told
        code = ExitCode.INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; what is left is only cleared away
    sys.exit(code)


def run(arguments: Sequence[str], signals: _Signals | None = None) -> int:
    """Run one command and return its exit code; errors are told in plain words on the error stream."""
    as_json = "--json" in arguments
    try:
        return _run(arguments, as_json)
    except Interrupted as error:
        return _tell(error, ExitCode.INTERRUPTED, as_json)
    except KeyboardInterrupt:
        return _tell(Interrupted(NO_ANSWER), ExitCode.INTERRUPTED, as_json)
    except BrokenPipeError:
        _drop_output()  # whoever read us has seen enough
        return ExitCode.ANSWER
    except OSError as error:
        if error.filename is not None:
            return _unexpected(error, as_json)
        _drop_output()  # files are written by writers that raise OutputError, so this is the standard output
        text = f"cannot write to the standard output: {error.strerror or error}; free some space or print elsewhere"
        return _tell(OutputError(text), ExitCode.BAD_INPUT, as_json=False)
    except (InternalError, SolverCrashed) as error:
        return _tell(error, ExitCode.INTERNAL_ERROR, as_json)
    except (InputError, BackendError, OutputError) as error:
        return _tell(error, ExitCode.BAD_INPUT, as_json)
    except Exception as error:
        if signals is not None and signals.came:
            return _tell(Interrupted(NO_ANSWER), ExitCode.INTERRUPTED, as_json)
        return _unexpected(error, as_json)


def _run(arguments: Sequence[str], as_json: bool) -> int:
    from railcap_app.cli.commands import Abort, UsageError, app

    try:
        code = app(args=list(arguments), prog_name="railcap", standalone_mode=False)
        if code == ExitCode.INTERRUPTED and not isinstance(code, ExitCode):
            raise KeyboardInterrupt  # typer swallowed it, and tells nothing
        sys.stdout.flush()
    except Abort as error:
        raise KeyboardInterrupt from error
    except UsageError as error:
        error.show()
        if as_json:
            _print_error("UsageError", error.format_message())
        return ExitCode.BAD_INPUT
    return int(code) if isinstance(code, int) else ExitCode.ANSWER


def _drop_output() -> None:
    """Let what is still to be printed go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception, as_json: bool) -> int:
    traceback.print_exc()
    return _tell(error, ExitCode.INTERNAL_ERROR, as_json)


def _tell(error: BaseException, code: ExitCode, as_json: bool) -> int:
    text = str(error) if isinstance(error, RailcapError | Interrupted) else f"{type(error).__name__}: {error}"
    print(f"railcap: {text}", file=sys.stderr)
    if code is ExitCode.INTERNAL_ERROR and not _was_killed(error):
        notes = getattr(error, "__notes__", [])
        print(*notes, "railcap: this should not happen; please report it with the above.", sep="\n", file=sys.stderr)
    if as_json:
        issues = error.issues if isinstance(error, InputError) else ()
        told = [
            {
                "file": issue.file,
                "where": issue.where,
                "value": issue.value,
                "message": issue.message,
                "code": issue.code,
                "severity": issue.severity,
            }
            for issue in issues
        ]
        _print_error(type(error).__name__, error.message if isinstance(error, InputError) else text, told)
    return code


def _was_killed(error: BaseException) -> bool:
    """Return whether somebody else, or the system for want of memory, killed the solver: no defect of ours."""
    return isinstance(error, SolverCrashed) and "killed by SIGKILL" in str(error)


def _print_error(kind: str, message: str, issues: Sequence[dict[str, Any]] = ()) -> None:
    try:
        print(json.dumps({"error": {"kind": kind, "message": message, "issues": list(issues)}}), flush=True)
    except OSError:
        _drop_output()  # it stands on the error stream
