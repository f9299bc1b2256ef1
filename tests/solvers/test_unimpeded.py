"""The bound of trains that nobody is in the way of."""

from brute_force import brute_force
from random_problems import random_problem

from railcap.operations.problem import DelayTerm, JourneyTerm, Operation, OperationsProblem, ResourceUse, Train
from railcap_solvers.bounds.unimpeded import unimpeded_bound


def test_it_is_never_above_the_optimum():
    compared = reached = 0
    for seed in range(300):
        problem = random_problem(seed)
        bound, cost = unimpeded_bound(problem), brute_force(problem).cost
        if bound is not None and cost is not None:
            assert bound <= cost, seed
            compared += 1
            reached += bound == cost
    assert compared > 200
    assert reached > 20


def test_each_train_takes_the_route_that_costs_it_least():
    fork = (
        Operation((1, 2), 10),
        Operation((3,), 50, resources=(ResourceUse("r"),)),
        Operation((3,), 20),
        Operation(),
    )
    problem = OperationsProblem(
        (Train("a", fork), Train("b", fork), Train("c", fork, refusal_cost=4)),
        (
            DelayTerm(0, 3, 0, 1),  # 30 at the earliest
            DelayTerm(0, 2, 0, 0, 7),
            DelayTerm(1, 2, 5, 2, 100),  # by the other way it costs nothing
            DelayTerm(2, 0, 0, 0, 9),
        ),
    )
    assert unimpeded_bound(problem) == 30 + 0 + 4


def test_it_is_not_given_where_costs_fall_or_a_train_has_no_way():
    run = (Operation((1,), 10), Operation(start_ub_s=5))
    late = OperationsProblem((Train("a", run),), (DelayTerm(0, 0, 0, 1),))
    assert unimpeded_bound(late) is None
    assert unimpeded_bound(OperationsProblem((Train("a", run, 8),))) == 8
    free = (Operation((1,), 10), Operation())
    assert unimpeded_bound(OperationsProblem((Train("a", free),), (DelayTerm(0, 1, 0, -1),))) is None
    assert unimpeded_bound(OperationsProblem((Train("a", free),), (JourneyTerm(0, 0, 1, 0, 3),))) == 0
