"""Populations: members have their turns, the better ones take the places of the worse, other searches' are met."""

import numpy as np
from orders_only import routes_in_force
from saturated_line import saturated_line

from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.schedule import schedule_from_routes
from railcap_solvers.search import improve
from railcap_solvers.search.anneal import Improver
from railcap_solvers.search.elites import ELITES, Elites, Member
from railcap_solvers.search.engine import Search, build
from railcap_solvers.search.population import ENOUGH_MOVES, MOST_MEMBERS, STAGES, Population


def member(cost: int) -> Member:
    return Member(cost, (np.array([cost]),) * 3)


def built_search(seed: int = 0) -> Search:
    search = Search(saturated_line(seed), seed)
    build(search, None, None)
    return search


def population_of(search: Search, size: int, elites: Elites) -> Population:
    return Population(search, size * ENOUGH_MOVES * len(search.problem.trains), elites)


def a_stage(
    search: Search, population: Population, size: int, stage: int, temperature: float, cooling: float
) -> tuple[list[int], list[int]]:
    """Let every member have its turn in a stage with a few moves; return the costs before and after each turn."""
    begun, left = [], []
    for turn in range(size):
        population.go_to((stage * size + turn + 0.5) / (size * STAGES), temperature, cooling)
        begun.append(search.cost)
        search.anneal(20, temperature, temperature, 10**9)
        left.append(search.cost)
    return begun, left


def test_elites_keep_the_best_and_prefer_them():
    elites = Elites()
    for cost in range(20, 0, -1):
        elites.add(member(cost))
    chosen = [int(elites.choose(chance / 100)[0][0]) for chance in range(100)]
    assert set(chosen) == set(range(1, ELITES + 1))
    assert chosen == sorted(chosen)
    assert chosen.count(1) > chosen.count(ELITES)


def test_members_meet_at_about_the_same_temperature_only():
    elites = Elites()
    assert elites.meet(1, 100.0, [member(1)]) == []
    assert elites.meet(2, 10.0, [member(2)]) == []
    assert [its.cost for its in elites.meet(3, 92.0, [member(3)])] == [1]
    assert [its.cost for its in elites.meet(2, 95.0, [member(4), member(5)])] == [1, 3]
    assert [its.cost for its in elites.meet(1, 100.0, [member(6)])] == [4, 5, 3]
    elites.part(2)
    assert [its.cost for its in elites.meet(1, 100.0, [member(6)])] == [3]


def test_a_population_grows_with_the_moves_that_it_has():
    search = built_search()
    trains = len(search.problem.trains)
    for moves, size in ((1.0, 1), (2.5 * ENOUGH_MOVES * trains, 2), (1e9, MOST_MEMBERS)):
        assert len(Population(search, moves, Elites()).members) == size


def test_each_member_goes_on_from_where_it_was():
    search = built_search()
    population = population_of(search, 3, Elites())
    first = search.cost
    left = []
    for turn in range(3):
        population.go_to((turn + 0.5) / (3 * STAGES), 1e12, 1.0 + 1e-9)
        assert search.cost == first
        search.anneal(50, 1000.0, 1000.0, 10**9)
        left.append(search.cost)
    assert len(set(left)) > 1
    assert sorted(a_stage(search, population, 3, 1, 1e12, 1.0 + 1e-9)[0]) == sorted(left)


def test_where_it_gets_much_colder_all_go_on_from_the_best():
    search = built_search()
    population = population_of(search, 6, Elites())
    _, left = a_stage(search, population, 6, 0, 3000.0, 1e9)
    begun, _ = a_stage(search, population, 6, 1, 1e-6, 1e9)
    assert len(set(left)) > 1
    assert set(begun) == {min(left)}


def test_the_better_of_two_searches_is_where_both_go_on():
    elites = Elites()
    one, other = built_search(), built_search()
    other.anneal(3000, 300.0, 1.0, 10**9)
    assert other.cost < one.cost
    populations = [population_of(search, 1, elites) for search in (other, one)]
    for population in populations:
        population.go_to(1.5 / STAGES, 1e-6, 1e9)
    assert one.cost == other.cost
    assert check_schedule(one.problem, schedule_from_routes(one.problem, routes_in_force(one))) == []


def test_the_best_member_is_among_the_elites_in_the_end():
    search, elites = built_search(), Elites()
    population = population_of(search, 4, elites)
    a_stage(search, population, 4, 0, 1000.0, 30.0)
    a_stage(search, population, 4, 1, 900.0, 30.0)
    population.end()
    search.restart_from(elites.choose(0.0))
    assert search.cost == min(member.cost for member in population.members)


def test_all_members_have_their_turns_in_all_stages(monkeypatch):
    """What an improver does with its population: the first anneal of a run counted in moves."""
    turns: list[int] = []
    go_to = Population.go_to

    def noted(self: Population, passed: float, temperature: float, cooling: float) -> None:
        turns.append(int(passed * STAGES * len(self.members)))
        go_to(self, passed, temperature, cooling)

    monkeypatch.setattr(Population, "go_to", noted)
    problem = saturated_line(2)
    size = 3
    limit = int(1.3 * size * ENOUGH_MOVES * len(problem.trains))
    improver = Improver(built_search(2), limit, None)
    while not turns or turns[-1] < STAGES * size - 1:
        improver.advance()
    assert set(turns) == set(range(STAGES * size))


def test_a_run_counted_in_moves_gives_the_same_answer_again():
    problem = saturated_line(3)
    answers = [improve(problem, seed=4, moves_limit=3 * ENOUGH_MOVES * len(problem.trains)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0] is not None
    assert routes_cost(problem, answers[0]) > 0
