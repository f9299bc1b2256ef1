"""Campaigns: runs are kept as they end, resumed by the same rules, and reported truthfully."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tiny_backends import two_trains

from railcap.errors import InputError
from railcap.operations.check import check_schedule
from railcap.solving.parameters import SolveParameters
from railcap.solving.stop import Stop
from railcap_benchmarks.backends_report import BELOW, PLOTS, disagreements, write_report
from railcap_benchmarks.campaign import Run, Store, Task, make_runs, parse_backend, rules
from railcap_benchmarks.known_table import faults, gap_to_best, report
from railcap_solvers.exact.backend import CpSatBackend

PARAMETERS = SolveParameters(time_limit_s=20, threads=1)
ABOUT: dict[str, str | int | float] = {"family": "pairs", "place": 1, "size": "2 trains", "best": 10}


def tasks(*backends: str) -> list[Task]:
    return [Task(name, backend, two_trains, ABOUT) for name in ("one", "two") for backend in backends]


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> Store:
    store = Store(tmp_path_factory.mktemp("campaign") / "runs.jsonl", rules("pairs", PARAMETERS))
    make_runs(store, tasks("cp-sat", "highs"), lambda run, done, left: None, Stop())
    return store


def test_each_problem_is_solved_by_each_backend_in_a_process_of_its_own(stored):
    assert set(stored.runs) == {(name, backend) for name in ("one", "two") for backend in ("cp-sat", "highs")}
    for run in stored.runs.values():
        assert (run.termination, run.cost, run.bound, run.error) == ("optimal", 10, 10, "")
        assert run.first_answer_s is not None and 0 < run.first_answer_s < PARAMETERS.time_limit_s
        assert run.peak_memory_mb is not None and run.peak_memory_mb > 20


def test_a_campaign_goes_on_where_it_was_killed(stored, tmp_path):
    lines = stored.path.read_bytes().splitlines()
    cut = tmp_path / "runs.jsonl"
    cut.write_bytes(b"\n".join(lines[:3]) + b"\n" + lines[3][:40])  # killed while it wrote the third run
    made = []
    store = Store(cut, rules("pairs", PARAMETERS))
    make_runs(store, tasks("cp-sat", "highs"), lambda run, done, left: made.append((run, done, left)), Stop())
    assert [(done, left) for _, done, left in made] == [(1, 2), (2, 2)]
    assert set(Store(cut, None).runs) == set(stored.runs)


def test_runs_side_by_side_are_all_kept(tmp_path):
    store = Store(tmp_path / "runs.jsonl", rules("pairs", PARAMETERS, workers=2))
    make_runs(store, tasks("cp-sat", "plain"), lambda run, done, left: None, Stop())
    assert len(Store(store.path, store.rules).runs) == 4


def test_a_stopped_campaign_keeps_no_run_that_was_cut_short(tmp_path):
    store, stop = Store(tmp_path / "runs.jsonl", rules("pairs", PARAMETERS)), Stop()
    stop.request()
    make_runs(store, tasks("cp-sat"), lambda run, done, left: None, stop)
    assert store.runs == {}


def test_other_rules_are_told_by_name(stored):
    with pytest.raises(InputError, match=r"time_limit_s 20.* against 7"):
        Store(stored.path, rules("pairs", replace(PARAMETERS, time_limit_s=7)))


def test_a_file_that_is_no_campaign_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    with pytest.raises(InputError, match="not a campaign"):
        Store(path, rules("pairs", PARAMETERS))
    assert path.read_text() == "dear diary\n"


def test_a_backend_that_fails_is_a_run_that_says_so(tmp_path, monkeypatch):
    store = Store(tmp_path / "runs.jsonl", rules("pairs", PARAMETERS))
    monkeypatch.setattr(CpSatBackend, "features", frozenset())
    optional = replace(two_trains(), trains=tuple(replace(train, refusal_cost=9) for train in two_trains().trains))
    make_runs(store, [Task("one", "cp-sat", lambda: optional, ABOUT)], lambda run, done, left: None, Stop())
    run = store.runs["one", "cp-sat"]
    assert run.termination == "error" and run.cost is None and "optional_trains" in run.error


def test_a_wrong_option_ends_the_campaign(tmp_path):
    store = Store(tmp_path / "runs.jsonl", rules("pairs", PARAMETERS))
    with pytest.raises(InputError, match="cuts"):
        make_runs(store, tasks("cp-sat:cuts=3"), lambda run, done, left: None, Stop())


def test_backends_with_options():
    assert parse_backend("highs") == ("highs", {})
    assert parse_backend("cp-sat:all_rows=10") == ("cp-sat", {"all_rows": 10})
    assert parse_backend("highs:formulation=packing") == ("highs", {"formulation": "packing"})
    with pytest.raises(InputError, match="NAME:OPTION=VALUE"):
        parse_backend("highs:packing")


def test_answers_are_handed_over_for_keeping(tmp_path):
    kept = []
    task = Task("one", "cp-sat", two_trains, ABOUT, lambda problem, schedule: kept.append((problem, schedule)))
    make_runs(Store(tmp_path / "runs.jsonl", rules("p", PARAMETERS)), [task], lambda run, done, left: None, Stop())
    ((problem, schedule),) = kept
    assert check_schedule(problem, schedule) == []


def test_the_table_of_known_values_compares_by_their_gap(stored):
    text = report(list(stored.runs.values()), stored.rules)
    assert "| cp-sat | **all** | 2 | 2 | 2 | 2 | 0 | 0.00% |" in text
    assert "| one | 2 | 4 | 10 | 10 | 0.00% | 10 | optimal |" in text
    assert "time limit 20 s, 1 thread, seed 0" in text


def run_of(**changed: object) -> Run:
    run = Run("one", "x", "1", {"best": 100.0}, 2, 4, "feasible", "time", 110.0, 90.0, 1.0, 0.5, 50.0, [], "")
    return msgspec.structs.replace(run, **changed)


def test_gaps_and_what_cannot_be_true_beside_known_values():
    assert gap_to_best(run_of()) == pytest.approx(0.1)
    assert gap_to_best(run_of(cost=95.0)) == pytest.approx(-0.05)
    assert gap_to_best(run_of(cost=None)) is None
    assert faults([run_of(), run_of(bound=100.0)]) == []
    assert "bound of 101" in faults([run_of(bound=101.0)])[0]
    assert "infeasible" in faults([run_of(termination="infeasible", cost=None, bound=None)])[0]


def test_backends_that_contradict_each_other_are_told():
    assert disagreements([run_of(), run_of(backend="y", bound=100.0)]) == []
    assert "x, y have" not in str(disagreements([run_of(), run_of(backend="y", cost=95.0)]))
    assert "bound of 111" in disagreements([run_of(), run_of(backend="y", cost=None, bound=111.0)])[0]
    said = disagreements([run_of(), run_of(backend="y", termination="infeasible", cost=None, bound=None)])
    assert said == ["one: y says infeasible, x have answers"]


def test_the_page_has_tables_and_plots_and_keeps_what_was_written_by_hand(stored, tmp_path):
    page = tmp_path / "benchmarks.md"
    runs = list(stored.runs.values())
    write_report(runs, stored.rules, page, "railcap bench backends")
    page.write_text("# Ours\n\nUse cp-sat.\n\n" + page.read_text().partition(BELOW)[1] + "stale")
    write_report(runs, stored.rules, page, "railcap bench backends")
    text = page.read_text()
    assert text.startswith("# Ours\n\nUse cp-sat.\n\n" + BELOW) and "stale" not in text
    assert "| pairs | 2 trains | 4 | 2 of 2 | 2 of 2 |" in text
    for name in PLOTS:
        assert f"(benchmarks/{name})" in text
        assert (tmp_path / "benchmarks" / name).read_text().startswith("<?xml")
    assert not [path for path in Path(tmp_path / "benchmarks").iterdir() if path.name not in PLOTS and path.suffix]
