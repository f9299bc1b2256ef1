"""A campaign over problems with published values, as tables: each run, then families and backends side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean

from railcap_benchmarks.campaign import Rules, Run
from railcap_benchmarks.markdown import table, text

EQUAL = 1e-6
"""Values that differ by less than this are the same."""


def gap_to_best(run: Run) -> float | None:
    """Return ``(value - best known) / max(best known, 1)``; below 0 the run beats what is published."""
    best = run.about.get("best")
    if run.cost is None or not isinstance(best, int | float):
        return None
    return (run.cost - best) / max(best, 1.0)


def report(runs: Sequence[Run], rules: Rules) -> str:
    """Return all tables in Markdown; the first backend is the one that the others are compared with."""
    backends = list(dict.fromkeys(run.backend for run in runs))
    parts = [_summary(runs, backends)]
    if len(backends) > 1:
        parts.append(_ratios(runs, backends))
    parts += [_each([run for run in runs if run.backend == backend], backend) for backend in backends]
    return "\n\n".join([*parts, rules.text]) + "\n"


def _families(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Return the runs by family, and by the first word of families that share it."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(str(run.about["family"]), []).append(run)
    words: dict[str, list[str]] = {}
    for family in found:
        words.setdefault(family.split("_")[0], []).append(family)
    for word, families in words.items():
        if len(families) > 1:
            found[f"{word} (all)"] = [run for family in families for run in found[family]]
    return dict(sorted(found.items()))


def _summary(runs: Sequence[Run], backends: Sequence[str]) -> str:
    head = ["backend", "family", "runs", "answers", "proven", "best known reached", "better", "mean gap to best known"]
    head += ["mean first answer", "mean time", "most memory"]
    lines = []
    for backend in backends:
        own = [run for run in runs if run.backend == backend]
        lines += [[backend, family, *_totals(members)] for family, members in _families(own).items()]
        lines.append([backend, "**all**", *_totals(own)])
    return table(head, lines)


def _totals(runs: Sequence[Run]) -> list[str]:
    gaps = [gap for gap in map(gap_to_best, runs) if gap is not None]
    firsts = [run.first_answer_s for run in runs if run.first_answer_s is not None]
    memory = [run.peak_memory_mb for run in runs if run.peak_memory_mb is not None]
    return [
        str(len(runs)),
        str(sum(run.cost is not None or run.termination == "infeasible" for run in runs)),
        str(sum(run.proven for run in runs)),
        str(sum(gap <= EQUAL for gap in gaps)),
        str(sum(gap < -EQUAL for gap in gaps)),
        text(fmean(gaps) if gaps else None, ".2%"),
        text(fmean(firsts) if firsts else None, ".1f", " s"),
        text(fmean(run.wall_s for run in runs), ".1f", " s"),
        text(max(memory, default=None), ",.0f", " MB"),
    ]


def _ratios(runs: Sequence[Run], backends: Sequence[str]) -> str:
    """Compare each backend with the first one over the problems that both ran on."""
    first, *others = backends
    mine = {run.problem: run for run in runs if run.backend == first}
    lines = []
    for other in others:
        pairs = [(mine[run.problem], run) for run in runs if run.backend == other and run.problem in mine]
        if pairs:
            lines.append([other, *_compared(pairs)])
    words = (
        f"Against {first}, over the problems that both ran on: the geometric mean of the ratios of their times (a run "
        "that ends without a proof counts with the time that it had), and the mean gaps to the best known over the "
        "problems that both have an answer to."
    )
    head = ["backend", "problems", f"time against {first}", "answers", f"answers of {first}", "proven"]
    head += [f"proven by {first}", "mean gap", f"mean gap of {first}", "ratio of mean gaps"]
    return f"{words}\n\n{table(head, lines)}"


def _compared(pairs: Sequence[tuple[Run, Run]]) -> list[str]:
    times = [math.log(max(other.wall_s, 0.01) / max(own.wall_s, 0.01)) for own, other in pairs]
    gaps = [(gap_to_best(own), gap_to_best(other)) for own, other in pairs]
    both = [(own, other) for own, other in gaps if own is not None and other is not None]
    own_gap = fmean(own for own, _ in both) if both else None
    other_gap = fmean(other for _, other in both) if both else None
    ratio = None if own_gap is None or other_gap is None or own_gap <= EQUAL else other_gap / own_gap
    return [
        str(len(pairs)),
        text(math.exp(fmean(times)), ".2f", " times"),
        str(sum(other.cost is not None for _, other in pairs)),
        str(sum(own.cost is not None for own, _ in pairs)),
        str(sum(other.proven for _, other in pairs)),
        str(sum(own.proven for own, _ in pairs)),
        text(other_gap, ".2%"),
        text(own_gap, ".2%"),
        text(ratio, ".2f"),
    ]


def _each(runs: Sequence[Run], backend: str) -> str:
    head = ["instance", "trains", "operations", "value", "best known", "gap to best known", "bound", "proof"]
    head += ["first answer", "time", "peak memory"]
    lines = [
        [
            run.problem,
            str(run.trains),
            str(run.operations),
            text(run.cost, ",.10g"),
            text(_number(run.about.get("best")), ",.10g"),
            text(gap_to_best(run), ".2%"),
            text(run.bound, ",.10g"),
            *_ending(run),
        ]
        for run in runs
    ]
    return f"### {backend}\n\n{table(head, lines)}"


def _ending(run: Run) -> list[str]:
    """Return the cells for proof, first answer, time and peak memory."""
    return [
        run.termination if run.proven else run.error or "",
        text(run.first_answer_s, ".1f", " s"),
        text(run.wall_s, ".1f", " s"),
        text(run.peak_memory_mb, ",.0f", " MB"),
    ]


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) else None


def faults(runs: Sequence[Run]) -> list[str]:
    """Return what cannot be true beside published values: a bound above one, or a claim of infeasibility."""
    found = []
    for run in runs:
        best = _number(run.about.get("best"))
        if best is None:
            continue
        if run.bound is not None and run.bound > best + EQUAL * max(1.0, best):
            found.append(f"{run.problem}: {run.backend} claims a bound of {run.bound:,.10g}, {best:,.10g} is known")
        if run.termination == "infeasible":
            found.append(f"{run.problem}: {run.backend} says infeasible, {best:,.10g} is known")
    return found


def formulations(runs: Sequence[Run], rules: Rules) -> str:
    """Return the runs of a comparison of formulations in Markdown, gaps by the best bound of the run itself."""
    head = ["problem", "trains", "operations", "backend", "cost", "bound", "gap", "proof", "first answer", "time"]
    head += ["peak memory"]
    lines = [
        [
            run.problem,
            str(run.trains),
            str(run.operations),
            run.backend,
            text(run.cost, ",.1f"),
            text(run.bound, ",.1f"),
            text(run.gap, ".2%"),
            *_ending(run),
        ]
        for run in runs
    ]
    return f"{table(head, lines)}\n\n{rules.text}\n"
