"""What the exact backends say about whole scenarios: one optimum where all prove it, no contradiction where not."""

from __future__ import annotations

from pathlib import Path

import pytest

import railcap
from railcap.corridor.scenario import Scenario
from railcap.planning.compile import compile_scenario
from railcap.solving.cross_check import ask, contradictions
from railcap_app.cli.main import run

EXACT = ("cp-sat", "highs", "cbc", "scip")


def line(folder: Path, seed: int, stations: int, trains: int) -> Scenario:
    """Return the line that `railcap generate` draws from a seed."""
    wishes = ("--seed", seed, "--stations", stations, "--trains", trains, "-o", folder / "line")
    assert run(["generate", "line", *(str(wish) for wish in wishes)]) == 0
    return railcap.load(folder / "line")


@pytest.mark.parametrize(
    "drawn", [(5, 5, 6), (7, 6, 6), *(pytest.param(drawn, marks=pytest.mark.long) for drawn in ((2, 6, 8), (9, 7, 8)))]
)
def test_all_prove_the_same_optimum_of_a_line(drawn, tmp_path):
    scenario, costs = line(tmp_path, *drawn), set()
    for name in EXACT:
        found = railcap.plan(scenario, backend=name, parameters=railcap.SolveParameters(time_limit_s=120, threads=1))
        assert found.termination.reason is railcap.Reason.OPTIMAL, (name, found.termination, found.bound)
        costs.add(found.result.objective)
    assert len(costs) == 1


@pytest.mark.long
@pytest.mark.parametrize("name", ["quetta-chaman-day", "line"])
def test_where_not_all_have_a_proof_none_contradicts_another(name, tmp_path):
    """Of the line CBC had proven too much, after a restart; see `railcap_solvers.mip.cbc`."""
    problem = compile_scenario(line(tmp_path, 3, 8, 8) if name == "line" else railcap.load(name)).problem
    parameters = railcap.SolveParameters(time_limit_s=90)
    said = ask(EXACT, lambda backend: railcap.solve(problem, backend, parameters, isolated=True), railcap.Stop())
    assert [entry.problem for entry in said] == [""] * len(EXACT)
    assert contradictions(said) == []
    assert said[0].result.termination.reason is railcap.Reason.OPTIMAL
    assert all(entry.result.bound is not None for entry in said)
