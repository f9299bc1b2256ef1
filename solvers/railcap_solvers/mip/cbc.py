"""CBC by PuLP, which brings it along: a program of its own that is told to stop by a signal and talks in its log."""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from railcap.errors import BackendError, SolverCrashed
from railcap_solvers.installed import installed
from railcap_solvers.mip.imports import import_ortools_first
from railcap_solvers.mip.linear import Answer, LinearModel, Task
from railcap_solvers.mip.pulp_problem import pulp_problem
from railcap_solvers.status import Status

_BOUND = re.compile(r"best possible (-?[\d.]+(?:e[+-]?\d+)?)", re.IGNORECASE)
_LAST_BOUND = re.compile(r"^Lower bound:\s+(-?[\d.]+(?:e[+-]?\d+)?)", re.MULTILINE)
_RESULT = re.compile(r"^Result - (.*)$", re.MULTILINE)
_GRACE_S = 5.0
"""Seconds that CBC has for ending after it was told to, before it is killed."""


_IN_TIME = 0.8
"""An end before this share of the time limit was not made by it."""


class Cbc:
    """CBC; see `railcap_solvers.mip.linear.LinearSolver`."""

    name = "cbc"
    honours: Mapping[str, bool] = {"threads": True, "seed": True, "warm_start": True, "deterministic": False}

    def version(self) -> str | None:
        """Return the version of PuLP, which brings CBC along; None if it is missing."""
        return installed("pulp")

    def solve(self, model: LinearModel, task: Task) -> Answer:
        """Solve a model."""
        begun = time.monotonic()
        import_ortools_first()
        import pulp

        problem, variables, owners = pulp_problem(model)
        command = pulp.COIN_CMD(msg=False, path=pulp.PULP_CBC_CMD.pulp_cbc_path)
        if not command.available():
            raise BackendError(f"cbc cannot be run: there is no program at {command.path}")
        with tempfile.TemporaryDirectory(prefix="railcap-cbc-") as folder:
            files = _Files(Path(folder))
            listed, names, row_names, _ = problem.writeMPS(str(files.problem), rename=True)
            if task.start is not None:
                for variable, value in zip(variables, task.start, strict=True):
                    variable.varValue = value
                command.writesol(str(files.start), problem, listed, names, row_names)
            left = max(0.1, task.seconds - (time.monotonic() - begun))
            try:
                _Run(model, task, left).run(_arguments(command.path, files, task, left), files)
            except SolverCrashed:
                left = task.seconds - (time.monotonic() - begun)
                if task.start is None or left <= 0:
                    raise
                # Now and then it dies of a start that keeps all rows; without one it does not.
                _Run(model, task, left).run(_arguments(command.path, files, replace(task, start=None), left), files)
            in_time = time.monotonic() - begun < _IN_TIME * task.seconds
            return _answer(model, task, files, [names[variable.name] for variable in variables], owners, in_time)


class _Files:
    def __init__(self, folder: Path) -> None:
        self.problem, self.start = folder / "problem.mps", folder / "start.mst"
        self.solution, self.log = folder / "solution.sol", folder / "log.txt"


def _arguments(program: str, files: _Files, task: Task, seconds: float) -> list[str]:
    words = [program, str(files.problem)]
    if task.start is not None:
        words += ["-mips", str(files.start)]
    words += ["-sec", f"{seconds:.2f}", "-timeMode", "elapsed", "-randomCbcSeed", str(task.seed % (1 << 30))]
    words += ["-randomSeed", str(1 + task.seed % (1 << 30))]
    if task.threads > 1:
        words += ["-threads", str(task.threads)]
    if not task.relaxed:
        words += ["-ratio", f"{task.relative_gap:g}", "-allow", "1e-9", "-integerT", "1e-9"]
        # Strategy 1 may restart from a reduced model, after which CBC 2.10.3 has called the start optimal that was not.
        words += ["-strategy", "0"]
    words += ["-initialSolve" if task.relaxed else "-solve", "-printingOptions", "all"]
    return [*words, "-solution", str(files.solution)]


class _Run:
    """One run of the program: its log is read as it grows."""

    def __init__(self, model: LinearModel, task: Task, seconds: float) -> None:
        self._model, self._task, self._seconds = model, task, seconds
        self._told_to_stop = False

    def run(self, arguments: list[str], files: _Files) -> None:
        """Run to the end, a limit or a stop; raises `SolverCrashed` if the program dies by itself before its time.

        Some die of stopping when their time is over, which takes nothing away: it was over.
        """
        begun = time.monotonic()
        with files.log.open("w") as log:
            process = subprocess.Popen(
                arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
            )
            done = threading.Event()
            watcher = threading.Thread(target=self._watch, args=(process, done), daemon=True)
            watcher.start()
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    log.write(line)
                    self._hear(line)
                code = process.wait()
            finally:
                done.set()
                if process.poll() is None:
                    process.kill()
                watcher.join()
                if process.stdout is not None:
                    process.stdout.close()
        is_over = self._told_to_stop or time.monotonic() - begun >= self._seconds
        if code < 0 and not files.solution.exists() and not is_over:
            raise SolverCrashed(f"cbc was ended by {signal.Signals(-code).name} {_tail(files.log)}".rstrip())

    def _hear(self, line: str) -> None:
        found = _BOUND.search(line)
        if found and self._task.on_bound is not None and abs(float(found[1])) < 1e40:
            self._task.on_bound(float(found[1]) + self._model.constant)

    def _watch(self, process: subprocess.Popen[str], done: threading.Event) -> None:
        """Tell the program to stop when asked, or when it does not see that its time is over; then insist."""
        late_s = time.monotonic() + self._seconds + 1.0
        while not done.wait(0.1):
            if self._task.stop.requested or time.monotonic() > late_s:
                self._told_to_stop = True
                process.send_signal(signal.SIGINT)
                if not done.wait(_GRACE_S) and process.poll() is None:
                    process.kill()
                return


def _tail(log: Path) -> str:
    return " ".join(log.read_text().split("\n")[-3:]).strip() if log.exists() else ""


def _answer(
    model: LinearModel, task: Task, files: _Files, names: list[str], owners: list[int], in_time: bool
) -> Answer:
    """Read the solution file and, for the bound and the native words, the log."""
    log = files.log.read_text()
    words = _RESULT.search(log)
    first, values, duals = _solution(files, names, len(owners))
    native = words[1].strip() if words else first
    if first.startswith(("Infeasible", "Integer infeasible")):
        # A preprocessing that the time limit cuts short says so too.
        return Answer(Status.INFEASIBLE if in_time else Status.UNKNOWN, native=native)
    if not first:
        return Answer(Status.UNKNOWN, native=native or "no solution file", bound=_bound(log, model))
    # What CBC writes when it has found nothing is its relaxation's values, so they are judged.
    if values is not None and not task.relaxed and model.breach(values) > 1e-4:
        values = None
    optimal = first.startswith("Optimal") and values is not None and "Stopped" not in native
    objective = None if values is None else model.objective(values)
    if optimal:
        bound = objective if task.relaxed or task.relative_gap == 0 else _bound(log, model)
    else:
        bound = _bound(log, model)
    status = Status.OPTIMAL if optimal else Status.FEASIBLE if values is not None else Status.UNKNOWN
    shares = None
    if task.relaxed and optimal:
        shares = [0.0] * len(model.rows)
        for owner, dual in zip(owners, duals, strict=True):
            shares[owner] += dual
    return Answer(status, values, objective, bound, native, shares)


def _solution(files: _Files, names: list[str], rows: int) -> tuple[str, list[float] | None, list[float]]:
    """Return the first line of the solution file, the values by name and the duals of the rows, both in order."""
    if not files.solution.exists():
        return "", None, []
    with files.solution.open() as lines:
        first = lines.readline().strip()
        values: dict[str, float] = {}
        duals: dict[str, float] = {}
        for line in lines:
            parts = line.replace("**", "").split()
            if len(parts) < 4:
                continue
            if parts[1].startswith("X"):
                values[parts[1]] = float(parts[2])
            else:
                duals[parts[1]] = float(parts[3])
    if not values:
        return first, None, []
    return first, [values.get(name, 0.0) for name in names], [duals.get(f"C{row:07d}", 0.0) for row in range(rows)]


def _bound(log: str, model: LinearModel) -> float | None:
    """Return the last bound of the log."""
    found = _LAST_BOUND.findall(log) or _BOUND.findall(log)
    if not found or abs(float(found[-1])) >= 1e40:
        return None
    return float(found[-1]) + model.constant
