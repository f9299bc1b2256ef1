"""Own best runs by intervals, against the walk over a time grid, which shares nothing with them."""

from dataclasses import replace

from planning_lines import clock_s, line, request
from planning_random import random_scenario

from railcap.corridor.rules import Daylight, Rules
from railcap.corridor.traffic import Stop
from railcap.operations.check import check_schedule
from railcap.operations.objective import routes_cost
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import schedule_from_routes
from railcap.operations.timegrid import GridTrain, TimeGrid, cheapest_within
from railcap.planning.alone import AloneRuns
from railcap.planning.compile import compile_scenario


def _problem_of(problem, train):
    """Return the problem of one train, without the others."""
    terms = tuple(replace(term, train=0) for term in problem.objective if term.train == train)
    links = tuple(replace(link, from_train=0, to_train=0) for link in problem.links if link.from_train == train)
    return OperationsProblem((problem.trains[train],), terms, problem.resources, links)


def test_own_bests_equal_those_of_the_grid_and_are_feasible():
    compared = costly = 0
    for seed in range(120):
        compiled = compile_scenario(random_scenario(seed))
        alone = AloneRuns(compiled)
        for index in range(len(compiled.trains)):
            problem, run = _problem_of(compiled.problem, index), alone.run(index)
            assert run.cost == round(cheapest_within(GridTrain(TimeGrid(problem), 0), None).value), (
                f"seed {seed}, train {index}"
            )
            assert run.cost == routes_cost(problem, [run.route])
            assert check_schedule(problem, schedule_from_routes(problem, [run.route])) == []
            compared += 1
            costly += run.cost > 0
    assert compared > 200
    assert costly > 20


def test_seconds_are_no_harder_than_minutes():
    scenario = line(
        request("up", "A-C", "17:50", later_s=13 * 3600 + 1),
        rules=Rules(time_step_s=1),
        daylight=(Daylight("B-C", "", 6 * 3600 + 17, 18 * 3600 - 1),),
    )
    weights = scenario.weights.__class__(late_freight=0.1, journey_freight=0.2)
    alone = AloneRuns(compile_scenario(replace(scenario, weights=weights)))
    # It passes B when the day begins, at 6:00:17.
    assert alone.ends(0)[0] - scenario.begin_s == 86400 + clock_s("5:48") + 17


def test_it_waits_as_late_on_its_way_as_it_can():
    stops = {"C": Stop("C", arrive_from_s=clock_s("7:00"))}
    alone = AloneRuns(compile_scenario(line(request("up", "A-C", "6:00", later_s=0, stops=stops))))
    labels = [alone.compiled.problem.trains[0].operations[index].label for index, _ in alone.run(0).route]
    times = dict(
        zip(labels, (time_s - alone.compiled.scenario.begin_s for _, time_s in alone.run(0).route), strict=True)
    )
    # 12 minutes to B and one more to stop there; it leaves 13 before 7:00.
    assert times["stop B 1"] == clock_s("6:13")
    assert times["starting B-C 1"] == clock_s("6:47")
