"""Four cases of single-track rules with proven optima."""

import pytest
from brute_force import brute_force
from known_material import material
from proof import BACKENDS, proven_cost

from railcap_benchmarks.suites.single_track_rules import single_track_cases

CASES = single_track_cases(material("single_track_rules"))
EACH = pytest.mark.parametrize("case", CASES, ids=[case.answer.name for case in CASES])


def test_there_are_four_cases() -> None:
    assert len(CASES) == 4


@EACH
def test_enumeration_finds_the_optimum_and_its_delays(case) -> None:
    optimum = brute_force(case.answer.problem)
    assert optimum.cost == case.answer.cost
    starts = {(event.train, event.operation): event.time_s for event in optimum.schedule.events}
    for (train, operation), delay_s in case.delays_s.items():
        earliest_s = case.answer.problem.trains[train].operations[operation].start_lb_s
        assert starts[train, operation] - earliest_s == delay_s


def test_the_other_order_costs_what_the_source_says() -> None:
    turned = [case.reversed for case in CASES if case.reversed is not None]
    assert len(turned) == 1
    assert brute_force(turned[0].problem).cost == turned[0].cost


@pytest.mark.parametrize("backend", BACKENDS)
@EACH
def test_backend_proves_the_optimum(case, backend) -> None:
    assert proven_cost(case.answer.problem, backend) == case.answer.cost
