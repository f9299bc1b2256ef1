"""A campaign over generated corridors, as a page: tables and plots of proofs, gaps, times and memory by backend."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, NamedTuple

from railcap.formats.atomic import OutputFolder, write_text
from railcap_benchmarks.campaign import Rules, Run
from railcap_benchmarks.markdown import table, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOMENTS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""Moments at which gaps are compared, as far as they lie within the time limit."""

PLOTS = {
    "proofs.svg": "problems proven within so many seconds",
    "gaps.svg": "mean gap over time",
    "times.svg": "time to a proof against size",
    "memory.svg": "peak memory against size",
}

_COLOURS = ("#1b6ca8", "#d1495b", "#3a7d44", "#8d6a9f", "#e09f3e", "#444444", "#6aa6a6", "#b56576")
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")


def write_report(runs: Sequence[Run], rules: Rules, page: Path, command: str) -> None:
    """Write a page in Markdown and its plots into a folder beside it that has the page's name.

    The part of an existing page above the line `BELOW` is kept: it is written by hand.
    """
    backends = list(dict.fromkeys(run.backend for run in runs))
    folder = page.parent / page.stem
    with OutputFolder(folder) as output:
        _plots(runs, backends, rules, output.file)
    before = _written_by_hand(page)
    parts = [
        before + BELOW,
        f"    {command}",
        f"{len(runs)} runs. {_sentence(rules.text)}",
        _words(runs),
        "## By backend\n\n" + _by_backend(runs, backends),
        "## Proofs by family and size\n\n" + _by_size(runs, backends, _proofs),
        "## Mean gap by family and size\n\n" + _by_size(runs, backends, _gap),
        "## Median time by family and size\n\n" + _by_size(runs, backends, _time),
        "## Plots\n\n" + "\n\n".join(f"![{title}]({folder.name}/{name})" for name, title in PLOTS.items()),
        "## Disagreements\n\n" + ("\n".join(f"- {line}" for line in disagreements(runs)) or "None."),
        _failures(runs),
    ]
    write_text(page, "\n\n".join(part for part in parts if part) + "\n")


BELOW = "<!-- From here on: written by the command. -->"


def _written_by_hand(page: Path) -> str:
    kept = page.read_text(encoding="utf-8").partition(BELOW)[0] if page.exists() else ""
    return kept if kept.strip() else "# Backends measured against each other\n\n"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."


def _words(runs: Sequence[Run]) -> str:
    problems = {run.problem: run for run in runs}
    sizes = sorted(run.operations for run in problems.values())
    return (
        f"{len(problems)} problems, drawn from seeds by `railcap generate`, of {sizes[0]:,} to {sizes[-1]:,} "
        "operations. Each run has a process of its own; its time includes the start of that process, the building of "
        "the model and the check of the answer. The gap is (cost - best bound of that run) / cost, 100 % without an "
        "answer. Backends marked * are peers, which exist to be compared with."
    )


def disagreements(runs: Iterable[Run]) -> list[str]:
    """Return what backends said of one problem that cannot all be true."""
    found = []
    by_problem: dict[str, list[Run]] = {}
    for run in runs:
        by_problem.setdefault(run.problem, []).append(run)
    for problem, members in by_problem.items():
        costs = {run.backend: run.cost for run in members if run.cost is not None}
        for run in members:
            least = min(costs.values(), default=math.inf)
            if run.bound is not None and run.bound > least + 1e-6 * max(1.0, least):
                found.append(
                    f"{problem}: {run.backend} claims a bound of {run.bound:,.1f}, an answer costs {least:,.1f}"
                )
            if run.termination == "infeasible" and costs:
                found.append(f"{problem}: {run.backend} says infeasible, {', '.join(costs)} have answers")
    return found


def _shown(backend: str) -> str:
    return f"{backend} *" if backend.startswith("plain") else backend


def _by_backend(runs: Sequence[Run], backends: Sequence[str]) -> str:
    head = ["backend", "version", "runs", "answers", "proven", "mean gap", "mean time", "median time of proofs"]
    head += ["mean first answer", "most memory", "failed"]
    lines = []
    for backend in backends:
        own = [run for run in runs if run.backend == backend]
        proofs = [run.wall_s for run in own if run.proven]
        firsts = [run.first_answer_s for run in own if run.first_answer_s is not None]
        memory = [run.peak_memory_mb for run in own if run.peak_memory_mb is not None]
        lines.append(
            [
                _shown(backend),
                own[0].version or "-",
                str(len(own)),
                str(sum(run.cost is not None or run.termination == "infeasible" for run in own)),
                str(sum(run.proven for run in own)),
                text(fmean(map(_run_gap, own)), ".1%"),
                text(fmean(run.wall_s for run in own), ".1f", " s"),
                text(median(proofs) if proofs else None, ".1f", " s"),
                text(fmean(firsts) if firsts else None, ".1f", " s"),
                text(max(memory, default=None), ",.0f", " MB"),
                str(sum(bool(run.error) for run in own)),
            ]
        )
    return table(head, lines)


def _run_gap(run: Run) -> float:
    if run.proven:
        return 0.0
    return 1.0 if run.gap is None else run.gap


def _by_size(runs: Sequence[Run], backends: Sequence[str], cell: Callable[[Sequence[Run]], str]) -> str:
    groups: dict[tuple[str, int, str], list[Run]] = {}
    for run in runs:
        key = str(run.about["family"]), int(run.about["place"]), str(run.about["size"])
        groups.setdefault(key, []).append(run)
    head = ["family", "size", "operations", *map(_shown, backends)]
    lines = []
    for (family, _, size), members in sorted(groups.items()):
        operations = f"{fmean({run.problem: run.operations for run in members}.values()):,.0f}"
        cells = [cell([run for run in members if run.backend == backend]) for backend in backends]
        lines.append([family, size, operations, *cells])
    return table(head, lines)


def _proofs(runs: Sequence[Run]) -> str:
    return f"{sum(run.proven for run in runs)} of {len(runs)}" if runs else "-"


def _gap(runs: Sequence[Run]) -> str:
    return text(fmean(map(_run_gap, runs)), ".1%") if runs else "-"


def _time(runs: Sequence[Run]) -> str:
    return text(median(run.wall_s for run in runs), ".1f", " s") if runs else "-"


def _failures(runs: Sequence[Run]) -> str:
    failed = [f"- {run.problem}, {run.backend}: {run.error}" for run in runs if run.error]
    return "## Failures\n\n" + "\n".join(failed) if failed else ""


def _plots(runs: Sequence[Run], backends: Sequence[str], rules: Rules, file: Callable[[str], Path]) -> None:
    from matplotlib.figure import Figure

    drawers = {"proofs.svg": _draw_proofs, "gaps.svg": _draw_gaps, "times.svg": _draw_times, "memory.svg": _draw_memory}
    for name, draw in drawers.items():
        figure = Figure(figsize=(8.0, 4.5), layout="constrained")
        axes = figure.add_subplot()
        for place, backend in enumerate(backends):
            look = _Look(_shown(backend), _COLOURS[place % len(_COLOURS)], _MARKS[place % len(_MARKS)])
            draw(axes, [run for run in runs if run.backend == backend], rules, look)
        axes.set_xscale("log")
        axes.set_title(PLOTS[name].capitalize(), loc="left", fontsize=11)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
        figure.savefig(file(name), metadata={"Date": None})


class _Look(NamedTuple):
    label: str
    colour: str
    mark: str


def _draw_proofs(axes: Axes, runs: Sequence[Run], rules: Rules, look: _Look) -> None:
    times = sorted(run.wall_s for run in runs if run.proven)
    ends = [0.1, *times, rules.time_limit_s * 1.1]
    axes.step(ends, [0, *range(1, len(times) + 1), len(times)], where="post", label=look.label, color=look.colour)
    axes.set_xlabel("seconds")
    axes.set_ylabel(f"problems of {len(runs)}")


def _draw_gaps(axes: Axes, runs: Sequence[Run], rules: Rules, look: _Look) -> None:
    moments = [moment for moment in MOMENTS_S if moment < rules.time_limit_s] + [rules.time_limit_s]
    gaps = [100.0 * fmean(_gap_at(run, moment) for run in runs) for moment in moments]
    axes.plot(moments, gaps, marker=look.mark, markersize=4, label=look.label, color=look.colour)
    axes.set_xlabel("seconds")
    axes.set_ylabel("mean gap, %")


def _gap_at(run: Run, moment_s: float) -> float:
    if run.proven and run.wall_s <= moment_s:
        return 0.0
    known = [(cost, bound) for time_s, cost, bound in run.trace if time_s <= moment_s]
    cost, bound = known[-1] if known else (None, None)
    if cost is None:
        return 1.0
    return min(1.0, max(0.0, (cost - (bound or 0.0)) / max(cost, 1.0)))


def _draw_times(axes: Axes, runs: Sequence[Run], rules: Rules, look: _Look) -> None:
    _scatter(axes, [(run.operations, run.wall_s) for run in runs if run.proven], look)
    axes.set_ylabel("seconds to a proof (no mark: none)")


def _draw_memory(axes: Axes, runs: Sequence[Run], rules: Rules, look: _Look) -> None:
    _scatter(axes, [(run.operations, run.peak_memory_mb) for run in runs if run.peak_memory_mb is not None], look)
    axes.set_ylabel("peak memory, MB")


def _scatter(axes: Axes, points: Sequence[tuple[float, float]], look: _Look) -> None:
    along, up = [point[0] for point in points], [point[1] for point in points]
    axes.scatter(along, up, s=16, alpha=0.8, label=look.label, color=look.colour, marker=look.mark)
    axes.set_yscale("log")
    axes.set_xlabel("operations")
