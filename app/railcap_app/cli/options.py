"""The options that plan, solve and bench share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario folder, or the name of a shipped instance.")
]
TimeLimit = Annotated[float, typer.Option("--time-limit", metavar="S", help="Wall-clock limit in seconds.")]
Threads = Annotated[int, typer.Option("--threads", metavar="N", help="Threads at most.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of everything random.")]
Deterministic = Annotated[
    bool, typer.Option("--deterministic", help="Same seed, same answer: work is counted, not timed.")
]
BackendName = Annotated[
    str,
    typer.Option("--backend", metavar="NAME", help="See `railcap backends`; several by comma, or `all`, in turn."),
]
Certificate = Annotated[
    Path | None,
    typer.Option("--certificate", metavar="FILE", help="Also write a certificate, for `railcap check`."),
]
MemoryLimit = Annotated[
    float | None, typer.Option("--memory-limit", metavar="GB", help="Limit of the solver's memory in GB.")
]
Gap = Annotated[float, typer.Option("--gap", metavar="FRACTION", help="Stop at this gap, 0.05 being 5 %.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Where to write (default out/NAME).")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
