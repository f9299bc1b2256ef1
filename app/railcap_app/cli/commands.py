"""The commands of `railcap`.

They live in modules of their own that import railway code only when they run, so that `--help` answers at once.
"""

from __future__ import annotations

from typing import Any

import typer

from railcap_app.cli import bench, capacity, check, draw, formula, generate, instances, plan, saturate, simulate, solve

UsageError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What a wrong command line raises; typer has its own copy of click from some version on, so it is asked for it."""

Abort = typer.Abort
"""What typer makes of a ``KeyboardInterrupt``."""

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
app.command("capacity")(capacity.capacity_command)
app.command("saturate")(saturate.saturate_command)
app.command("simulate")(simulate.simulate_command)
app.command("solve")(solve.solve_command)
app.command("generate")(generate.generate_command)
app.command("formula")(formula.formula_command)
app.add_typer(instances.app, name="instances")
app.add_typer(bench.app, name="bench")
app.command("backends")(solve.backends_command)
app.command("version")(instances.version_command)
