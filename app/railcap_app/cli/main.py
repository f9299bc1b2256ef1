"""The command `railcap`: its commands, and what their errors mean to the shell.

Commands live in modules of their own that import railway code only when they run, so that `--help` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer

from railcap.errors import BackendError, InputError, InternalError, OutputError, RailcapError, SolverCrashed
from railcap_app.cli import bench, check, draw, generate, instances, plan, solve
from railcap_app.cli.exit_codes import ExitCode
from railcap_app.cli.interrupt import Interrupted

_UsageError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What a wrong command line raises; typer has its own copy of click from some version on, so it is asked for it."""

app = typer.Typer(
    name="railcap",
    help="Plan train paths on single-track rail corridors, with a proven bound on the cost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("plan")(plan.plan_command)
app.command("validate")(check.validate_command)
app.command("check")(check.check_command)
app.command("draw")(draw.draw_command)
app.command("solve")(solve.solve_command)
app.command("generate")(generate.generate_command)
app.add_typer(instances.app, name="instances")
app.add_typer(bench.app, name="bench")
app.command("backends")(solve.backends_command)
app.command("version")(instances.version_command)


def main() -> None:
    """Run the command line and exit with the code of the outer contract."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; errors are told in plain words on the error stream."""
    as_json = "--json" in arguments
    try:
        code = app(args=list(arguments), prog_name="railcap", standalone_mode=False)
        sys.stdout.flush()
        return int(code) if isinstance(code, int) else ExitCode.ANSWER
    except _UsageError as error:
        error.show()
        return ExitCode.BAD_INPUT
    except Interrupted as error:
        return _tell(error, ExitCode.INTERRUPTED, as_json)
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
        return _unexpected(error, as_json)


def _drop_output() -> None:
    """Let what is still to be printed go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception, as_json: bool) -> int:
    traceback.print_exc()
    return _tell(error, ExitCode.INTERNAL_ERROR, as_json)


def _tell(error: BaseException, code: ExitCode, as_json: bool) -> int:
    text = str(error) if isinstance(error, RailcapError | Interrupted) else f"{type(error).__name__}: {error}"
    print(f"railcap: {text}", file=sys.stderr)
    if code is ExitCode.INTERNAL_ERROR:
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
        message = error.message if isinstance(error, InputError) else text
        try:
            print(json.dumps({"error": {"kind": type(error).__name__, "message": message, "issues": told}}), flush=True)
        except OSError:
            _drop_output()  # it stands on the error stream
    return code
