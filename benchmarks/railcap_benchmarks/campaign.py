"""Campaigns: many problems by many backends, each run in a process of its own, resumed where they were cut off.

A campaign's runs stand in a file of JSON lines: first the rules, then one line per run, written when it ends. A run
that is in the file is not made again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from railcap.errors import BackendError, InputError, InternalError
from railcap.operations.objective import gap
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Silent
from railcap.solving.registry import version_of
from railcap.solving.result import Reason, Result, Termination, TracePoint
from railcap.solving.solve import solve
from railcap.solving.stop import Stop
from railcap_benchmarks.machine import machine, software
from railcap_benchmarks.watch import Watch

FORMAT = "railcap-campaign-1"


class Rules(msgspec.Struct, frozen=True):
    """What holds for all runs of a campaign."""

    campaign: str
    time_limit_s: float
    threads: int
    seed: int
    memory_limit_gb: float | None
    workers: int
    machine: str
    software: str
    format: str = FORMAT

    @property
    def text(self) -> str:
        """The rules in a sentence for people."""
        memory = "" if self.memory_limit_gb is None else f", memory limit {self.memory_limit_gb:g} GB"
        side = "" if self.workers == 1 else f", {self.workers} runs side by side"
        threads = f"{self.threads} thread" + "s" * (self.threads > 1)
        return (
            f"time limit {self.time_limit_s:g} s, {threads}, seed {self.seed}{memory}{side}; "
            f"{self.machine}; {self.software}"
        )

    @property
    def parameters(self) -> SolveParameters:
        """The parameters of every run."""
        return SolveParameters(self.time_limit_s, self.threads, self.seed, memory_limit_gb=self.memory_limit_gb)


def rules(campaign: str, parameters: SolveParameters, workers: int = 1) -> Rules:
    """Return the rules of a campaign on this machine, with this version of railcap."""
    return Rules(
        campaign,
        parameters.time_limit_s,
        parameters.threads,
        parameters.seed,
        parameters.memory_limit_gb,
        workers,
        machine(),
        software(),
    )


@dataclass(frozen=True, slots=True)
class Task:
    """A run to be made.

    Parameters
    ----------
    backend : str
        A backend's name, alone or with an option: ``highs:formulation=packing``.
    about : mapping
        What the report wants to know of the problem, such as its family and size.
    keep : function of the problem and its best schedule, optional
        Takes the answer, to write it to a file, say.
    """

    problem: str
    backend: str
    load: Callable[[], OperationsProblem]
    about: Mapping[str, str | int | float]
    keep: Callable[[OperationsProblem, Schedule], None] | None = None


class Run(msgspec.Struct, frozen=True):
    """What one run came to; costs in the units shown to people, times in seconds.

    Parameters
    ----------
    wall_s, first_answer_s : float
        Of the whole run, the start of its process included; of its first answer, None without one.
    trace : list of (seconds, cost or None, bound or None)
        By the backend's own clock.
    error : str
        Why there is no result; empty if there is one.
    """

    problem: str
    backend: str
    version: str | None
    about: dict[str, str | int | float]
    trains: int
    operations: int
    termination: str
    limit: str | None
    cost: float | None
    bound: float | None
    wall_s: float
    first_answer_s: float | None
    peak_memory_mb: float | None
    trace: list[tuple[float, float | None, float | None]]
    native: str
    error: str = ""

    @property
    def proven(self) -> bool:
        """Whether there is a proof: of an optimum, or that there is no solution."""
        return self.termination in ("optimal", "infeasible")

    @property
    def gap(self) -> float | None:
        """Relative gap, a fraction; None without cost or bound."""
        return None if self.cost is None or self.bound is None else gap(self.cost, self.bound)


class Store:
    """The file of a campaign.

    Parameters
    ----------
    rules : Rules or None
        None: whatever the file says, to read it only.

    Raises
    ------
    InputError
        If the file is none of a campaign, or was begun by other rules.
    """

    def __init__(self, path: Path, rules: Rules | None) -> None:
        self.path = path
        self._lock = threading.Lock()
        self.runs: dict[tuple[str, str], Run] = {}
        if path.exists() and path.stat().st_size:
            self.rules = self._read(rules)
        elif rules is None:
            raise InputError(f"{path} holds no campaign yet")
        else:
            self.rules = rules
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(rules) + b"\n")

    def _read(self, wished: Rules | None) -> Rules:
        first, *lines = self.path.read_bytes().split(b"\n")
        try:
            begun = msgspec.json.decode(first, type=Rules)
        except msgspec.DecodeError as error:
            raise InputError(f"{self.path} is not a campaign's file: {error}") from error
        other = [] if wished is None else [name for name in _HELD if getattr(begun, name) != getattr(wished, name)]
        if other:
            text = ", ".join(f"{name} {getattr(begun, name)!r} against {getattr(wished, name)!r}" for name in other)
            raise InputError(f"{self.path} was begun by other rules ({text}); take another file")
        whole = []
        for line in lines:
            try:
                run = msgspec.json.decode(line, type=Run)
            except msgspec.DecodeError:
                continue  # the line that was being written when the campaign was cut off
            whole.append(line)
            self.runs[run.problem, run.backend] = run
        self.path.write_bytes(b"\n".join([first, *whole]) + b"\n")
        return begun

    def add(self, run: Run) -> None:
        """Append a run; from any thread."""
        with self._lock:
            self.runs[run.problem, run.backend] = run
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(run) + b"\n")


_HELD = ("format", "campaign", "time_limit_s", "threads", "seed", "memory_limit_gb", "workers", "machine", "software")


def make_runs(store: Store, tasks: Iterable[Task], told: Callable[[Run, int, int], None], stop: Stop) -> None:
    """Make the runs that are not in the store yet, as many side by side as its rules say, until `stop`.

    Parameters
    ----------
    told : function of a run, of how many have ended, and of how many there are to make
        Is called when a run has ended.
    """
    left = [task for task in tasks if (task.problem, task.backend) not in store.runs]
    ended = iter(range(1, len(left) + 1))

    def make(task: Task) -> None:
        if stop.requested:
            return
        run = run_of(task, store.rules.parameters, stop)
        if not stop.requested:  # a run that was cut short is made again
            store.add(run)
            told(run, next(ended), len(left))

    with ThreadPoolExecutor(store.rules.workers) as pool:
        try:
            for made in [pool.submit(make, task) for task in left]:
                made.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def run_of(task: Task, parameters: SolveParameters, stop: Stop) -> Run:
    """Solve a task's problem in a process of its own; a failure is a run that says so."""
    problem = task.load()
    name, options = parse_backend(task.backend)
    wished = replace(parameters, options={name: options} if options else {})
    watch = Watch(Silent())
    result, error = None, ""
    try:
        result = solve(problem, name, wished, stop, watch, isolated=True)
    except (BackendError, InternalError) as failure:
        error = f"{type(failure).__name__}: {str(failure).splitlines()[0]}"
    if task.keep is not None and result is not None and result.schedule is not None:
        task.keep(problem, result.schedule)
    return _run(task, problem, version_of(name), watch, result, error)


def parse_backend(text: str) -> tuple[str, dict[str, str | int]]:
    """Return the name and the options of ``name:option=value:option=value``; whole numbers are numbers."""
    name, *pairs = text.split(":")
    options: dict[str, str | int] = {}
    for pair in pairs:
        option, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"{text!r} must be a backend, alone or as NAME:OPTION=VALUE")
        options[option] = int(value) if value.isdecimal() else value
    return name, options


def _run(
    task: Task, problem: OperationsProblem, version: str | None, watch: Watch, result: Result | None, error: str
) -> Run:
    def shown(cost: int | None) -> float | None:
        return None if cost is None else cost / problem.cost_scale

    result = result or Result(Termination(Reason.ERROR), wall_s=watch.elapsed_s)
    limit = result.termination.limit
    memory = result.statistics.get("peak_memory_mb")
    return Run(
        problem=task.problem,
        backend=task.backend,
        version=version,
        about=dict(task.about),
        trains=len(problem.trains),
        operations=sum(len(train.operations) for train in problem.trains),
        termination=result.termination.reason.value,
        limit=None if limit is None else limit.value,
        cost=shown(result.objective),
        bound=shown(result.bound),
        wall_s=result.wall_s,
        first_answer_s=watch.answers[0][0] if watch.answers else None,
        peak_memory_mb=None if memory is None else float(memory),
        trace=[(point.time_s, shown(point.objective), shown(point.bound)) for point in _thinned(result)],
        native=str(result.statistics.get("native", "")),
        error=error,
    )


def _thinned(result: Result) -> Iterator[TracePoint]:
    """Give a trace without points that follow another one closely, the last one kept."""
    last_s = -1.0
    for place, point in enumerate(result.trace):
        if point.time_s - last_s >= 0.1 or place == len(result.trace) - 1:
            last_s = point.time_s
            yield point
