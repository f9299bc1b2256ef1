"""Does everything once on a tiny railway, so that kernels are compiled and fonts are found before the first plan."""

from __future__ import annotations

import tempfile

import railcap
from railcap_instances.generator import generate


def main() -> None:
    """Plan, write and draw a generated line, in this process; called by the install step of the Makefile."""
    scenario = generate("line", seed=1, stations=5, trains=4, days=1)
    plan = railcap.plan(scenario, parameters=railcap.SolveParameters(time_limit_s=120.0), isolated=False)
    with tempfile.TemporaryDirectory() as folder:
        railcap.write(plan, folder)


if __name__ == "__main__":
    main()
