"""The exact engine's parts: clashes, grids, windows, stays and who shares an order."""

from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap_solvers.exact.conflicts import Use, analyse, escapes
from railcap_solvers.exact.cp_sat import CpSatRelaxer
from railcap_solvers.exact.grid import grid_of
from railcap_solvers.exact.model import ExactModel
from railcap_solvers.exact.prepare import prepare
from railcap_solvers.exact.rows import OrderRows
from railcap_solvers.exact.train_graph import fixed_distances


def use(name: str, release_s: int = 0) -> tuple[ResourceUse, ...]:
    return (ResourceUse(name, release_s),)


def undecided(first: Use, second: Use) -> bool:
    return False


def through(*names: str, length: int = 5) -> tuple[Operation, ...]:
    return (*(Operation((i + 1,), length, resources=use(name)) for i, name in enumerate(names)), Operation())


def passing_place() -> tuple[Operation, ...]:
    """Return: line a, a stop on one of two tracks or a pass without length, line b, exit."""
    return (
        Operation((1, 2, 3), 10, 10, resources=use("a")),
        Operation((4,), 2, resources=use("track 1")),
        Operation((4,), 2, resources=use("track 2")),
        Operation((5,), 0, 0, resources=use("track 1")),
        Operation((5,), 3, 3, resources=use("b")),
        Operation((6,), 10, 10, resources=use("b")),
        Operation(),
    )


def test_uses_that_overlap_are_found_with_their_release() -> None:
    operations = (Operation((1,), 5, resources=use("a", 3)), Operation())
    problem = OperationsProblem((Train("A", operations), Train("B", operations)))
    clash = analyse(problem, [[(0, 0), (1, 5)], [(0, 7), (1, 12)]], undecided)
    assert clash.pairs == [(Use(0, 0, "a"), Use(1, 0, "a"))]
    assert clash.schedule is None
    assert analyse(problem, [[(0, 0), (1, 5)], [(0, 8), (1, 13)]], undecided).schedule is not None


def test_a_use_without_length_inside_another_is_found() -> None:
    trains = (Train("A", through("a")), Train("B", through("a", length=0)))
    problem = OperationsProblem(trains)
    assert analyse(problem, [[(0, 0), (1, 5)], [(0, 2), (1, 2)]], undecided).pairs
    assert analyse(problem, [[(0, 0), (1, 5)], [(0, 5), (1, 5)]], undecided).schedule is not None


def test_as_many_as_the_capacity_and_one_more() -> None:
    trains = tuple(Train(f"T{i}", through("yard")) for i in range(3))
    problem = OperationsProblem(trains, resources={"yard": Resource(2)})
    clash = analyse(problem, [[(0, 0), (1, 5)], [(0, 1), (1, 6)], [(0, 2), (1, 7)]], undecided)
    assert [sorted(used.train for used in cover) for cover in clash.covers] == [[0, 1, 2]]
    assert analyse(problem, [[(0, 0), (1, 5)], [(0, 1), (1, 6)], [(0, 5), (1, 10)]], undecided).schedule is not None


def test_an_earlier_release_outlasts_a_later_use_without_length() -> None:
    long = (Operation((1,), 2, resources=use("yard", 1)), Operation((2,), resources=use("yard")), Operation())
    brief = (Operation((1,), resources=use("yard")), Operation())
    trains = (Train("A", long), Train("B", brief), Train("C", through("yard", length=2)))
    problem = OperationsProblem(trains, resources={"yard": Resource(2)})
    clash = analyse(problem, [[(0, 0), (1, 2), (2, 2)], [(0, 2), (1, 2)], [(0, 0), (1, 2)]], undecided)
    # B may come at 2 s only after C has left, which nothing has decided: that is what has to be asked for.
    assert clash.covers == [(Use(0, 0, "yard"), Use(2, 0, "yard"), Use(1, 0, "yard"))]


def test_a_circle_of_hand_overs_is_found_whole() -> None:
    names = ("a", "b", "c")
    trains = tuple(Train(names[i], through(names[i], names[(i + 1) % 3])) for i in range(3))
    problem = OperationsProblem(trains)
    clash = analyse(problem, [[(0, 0), (1, 5), (2, 10)]] * 3, undecided)
    assert clash.schedule is None
    assert [len(circle) for circle in clash.circles] == [3]
    assert {first.resource for first, _ in clash.circles[0]} == {"a", "b", "c"}
    assert escapes(problem, clash.circles[0]) == []


def test_a_way_round_escapes_a_circle() -> None:
    detour = (
        Operation((1, 2), 5, resources=use("a")),
        Operation((2,)),
        Operation((3,), 5, resources=use("b")),
        Operation(),
    )
    other = through("b", "a")
    problem = OperationsProblem((Train("A", detour), Train("B", other)))
    circle = [(Use(0, 0, "a"), Use(1, 1, "a")), (Use(1, 0, "b"), Use(0, 2, "b"))]
    assert escapes(problem, circle) == [(0, 1)]


def test_the_grid_is_the_common_divisor_from_the_first_moment() -> None:
    trains = (Train("A", (Operation((1,), 90, start_lb_s=1_000_007), Operation(start_lb_s=1_000_067))),)
    problem = OperationsProblem(trains, (DelayTerm(0, 1, 1_000_127, 1),))
    grid = grid_of(problem)
    assert (grid.origin_s, grid.step_s) == (1_000_007, 30)
    assert grid.seconds(grid.steps(1_000_097)) == 1_000_097


def test_windows_keep_clear_of_closures_and_drop_what_cannot_be_used() -> None:
    operations = (
        Operation((1, 2), start_ub_s=20),
        Operation((3,), 10, 10, resources=use("shut")),
        Operation((3,), 10, 10, start_ub_s=-1, resources=use("open")),
        Operation(),
    )
    resources = {"shut": Resource(closures=((5, 15), (18, 30)))}
    problem = OperationsProblem((Train("A", operations),), resources=resources)
    graph = prepare(problem).graphs[0]
    assert graph is not None
    assert sorted(graph.steps) == [0, 1, 3]
    assert graph.mandatory == {0, 1, 3}
    assert graph.steps[1].start[0] * prepare(problem).grid.step_s + prepare(problem).grid.origin_s == 30


def test_a_train_that_cannot_run_is_refused_or_proves_the_problem_infeasible() -> None:
    operations = (Operation((1,), 10, start_lb_s=5), Operation(start_ub_s=14))
    assert prepare(OperationsProblem((Train("A", operations),))).impossible
    optional = prepare(OperationsProblem((Train("A", operations, refusal_cost=7),)))
    assert not optional.impossible
    assert optional.graphs == [None]
    assert ExactModel(optional, CpSatRelaxer().language).costs.constant == 7


def test_a_known_cost_narrows_windows() -> None:
    trains = (Train("A", through("a")), Train("B", through("a")))
    problem = OperationsProblem(trains, tuple(DelayTerm(i, 1, 0, 2) for i in range(2)))
    prepared = prepare(problem, upper_bound=30)
    graph = prepared.graphs[0]
    assert graph is not None
    # Both cost at least 10, so either costs at most 20, that is ends by 10 s.
    assert prepared.grid.seconds(graph.steps[1].start[1]) == 10


def test_stays_join_what_touches_and_know_what_every_route_has() -> None:
    trains = (Train("A", passing_place()), Train("B", passing_place()))
    prepared = prepare(OperationsProblem(trains))
    stays = {(stay.train, stay.resource): stay for stay in prepared.occupations}
    assert stays[0, "b"].operations == {4, 5}
    assert stays[0, "b"].mandatory
    assert stays[0, "track 1"].operations == {1, 3}
    assert not stays[0, "track 1"].mandatory


def test_steps_of_fixed_length_share_a_variable() -> None:
    prepared = prepare(OperationsProblem((Train("A", passing_place()),)))
    graph = prepared.graphs[0]
    assert graph is not None
    assert graph.merged
    parents = fixed_distances(graph)
    stop_leaves = graph.start_event[4]
    assert parents[stop_leaves] == (graph.start_event[5], -3)
    model = ExactModel(prepared, CpSatRelaxer().language)
    assert len({root for root, _ in model.root.values()}) == 2  # one before the place, one after


def test_a_return_to_a_resource_is_two_stays() -> None:
    trains = (Train("A", through("a", "b", "a")), Train("B", through("a")))
    prepared = prepare(OperationsProblem(trains))
    assert [sorted(stay.operations) for stay in prepared.occupations if stay.train == 0] == [[0], [2]]


def test_touching_resources_share_one_order() -> None:
    trains = (Train("A", through("a", "b", "c")), Train("B", through("c", "b", "a")))
    rows = OrderRows(ExactModel(prepare(OperationsProblem(trains)), CpSatRelaxer().language))
    assert rows.separate_all() == 3
    assert rows.literals == 1


def test_resources_with_a_wait_between_them_have_an_order_each() -> None:
    wait = (
        Operation((1,), 5, resources=use("a")),
        Operation((2,)),
        Operation((3,), 5, resources=use("b")),
        Operation(),
    )
    rows = OrderRows(
        ExactModel(prepare(OperationsProblem((Train("A", wait), Train("B", wait)))), CpSatRelaxer().language)
    )
    rows.separate_all()
    assert rows.literals == 2
