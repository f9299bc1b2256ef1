"""The order of same-instant events: found whenever there is one, and never a wrong one."""

from __future__ import annotations

from random import Random

import pytest
from brute_force import brute_force, train_paths
from random_problems import random_problem

from railcap.operations.check import ViolationKind, check_schedule
from railcap.operations.order import ordered_events
from railcap.operations.problem import Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.operations.schedule import Event, NoValidOrder, Schedule, events_of, schedule_from_routes

RESOURCE_RULES = {ViolationKind.RESOURCE_TAKEN, ViolationKind.TIME_FALLS}


def chain(name: str, *resources: str, release_s: int = 0) -> Train:
    """A train whose operations use one resource each ('' for none), all the same release."""
    last = len(resources) - 1
    return Train(
        name,
        tuple(
            Operation((place + 1,) if place < last else (), 0, resources=(ResourceUse(r, release_s),) if r else ())
            for place, r in enumerate(resources)
        ),
    )


def order(problem: OperationsProblem, *times: list[int]) -> list[tuple[int, int]]:
    events = ordered_events(problem, [list(enumerate(own)) for own in times])
    return [(event.train, event.operation) for event in events]


def test_release_comes_before_the_acquire_that_needs_it() -> None:
    problem = OperationsProblem((chain("late", "r", ""), chain("early", "r", "")))
    assert order(problem, [5, 9], [0, 5]) == [(1, 0), (1, 1), (0, 0), (0, 1)]


def test_hand_overs_in_a_row_are_legal_whatever_their_direction() -> None:
    trains = tuple(chain(f"T{place}", f"r{place}", f"r{place + 1}") for place in range(4))
    problem = OperationsProblem(trains)
    assert order(problem, *[[0, 5]] * 4)[4:] == [(3, 1), (2, 1), (1, 1), (0, 1)]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_circle_of_hand_overs_is_refused(count: int) -> None:
    trains = tuple(chain(f"T{place}", f"r{place}", f"r{(place + 1) % count}") for place in range(count))
    with pytest.raises(NoValidOrder, match=r"starts at 5 .*T0"):
        order(OperationsProblem(trains), *[[0, 5]] * count)


def test_circle_with_a_second_track_is_legal() -> None:
    trains = (chain("up", "a", "b"), chain("down", "b", "a"))
    problem = OperationsProblem(trains, resources={"b": Resource(2)})
    assert order(problem, [0, 5], [0, 5])[2:] == [(0, 1), (1, 1)]


def test_zero_length_use_goes_through_before_the_one_that_stays() -> None:
    problem = OperationsProblem((chain("stays", "r"), chain("passes", "", "r", "")))
    assert order(problem, [0], [0, 0, 0]) == [(1, 0), (1, 1), (1, 2), (0, 0)]


def test_two_zero_length_uses_that_cross_each_go_whole() -> None:
    problem = OperationsProblem((chain("up", "a", "b", ""), chain("down", "b", "a", "")))
    found = order(problem, [3, 3, 3], [3, 3, 3])
    assert found in ([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], [(1, 0), (1, 1), (1, 2), (0, 0), (0, 1), (0, 2)])


def test_a_move_that_fits_but_blocks_all_others_is_not_taken_first() -> None:
    """Room for two on r: A may enter at once, but then B and C could never change places."""
    problem = OperationsProblem(
        (chain("A", "", "r"), chain("B", "s", "r"), chain("C", "r", "s")), resources={"r": Resource(2)}
    )
    assert order(problem, [0, 5], [0, 5], [0, 5])[3:] == [(1, 1), (2, 1), (0, 1)]


def test_release_time_keeps_a_resource_past_the_instant() -> None:
    problem = OperationsProblem((chain("A", "r", "", release_s=2), chain("B", "r", "", release_s=2)))
    assert order(problem, [0, 5], [7, 9]) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    with pytest.raises(NoValidOrder, match="resource r is full for train 1"):
        order(problem, [0, 5], [6, 9])


def test_longest_of_several_releases_counts() -> None:
    first, second = ResourceUse("r", 9), ResourceUse("r", 1)
    twice = Train("A", (Operation((1,), resources=(first,)), Operation((2,), resources=(second,)), Operation()))
    problem = OperationsProblem((twice, chain("B", "r", "")))
    assert order(problem, [0, 5, 7], [14, 20])[3:] == [(1, 0), (1, 1)]
    with pytest.raises(NoValidOrder, match="resource r is full for train 1"):
        order(problem, [0, 5, 7], [13, 20])


def test_own_release_does_not_keep_a_train_out() -> None:
    problem = OperationsProblem((chain("A", "r", "", "r", release_s=50),))
    assert order(problem, [0, 1, 2]) == [(0, 0), (0, 1), (0, 2)]


def test_overlap_and_exit_that_never_ends_are_refused() -> None:
    problem = OperationsProblem((chain("A", "r"), chain("B", "r", "")))
    with pytest.raises(NoValidOrder):
        order(problem, [0], [4, 5])
    assert order(problem, [5], [4, 5]) == [(1, 0), (1, 1), (0, 0)]


def test_times_that_fall_along_a_route_are_refused() -> None:
    with pytest.raises(NoValidOrder, match="operation 1 starts at 3, before 4"):
        order(OperationsProblem((chain("A", "", ""),)), [4, 3])


def test_refused_trains_have_no_events_and_ties_go_by_train() -> None:
    problem = OperationsProblem((chain("A", "a"), chain("B", "b"), chain("C", "c")))
    events = ordered_events(problem, [[(0, 1)], None, [(0, 1)]])
    assert events == [Event(1, 0, 0), Event(1, 2, 0)]


def random_routes(problem: OperationsProblem, draw: Random) -> list[list[tuple[int, int]] | None]:
    """Routes at times 0 to 3, so that nearly all events share an instant with others."""
    routes: list[list[tuple[int, int]] | None] = []
    for train in problem.trains:
        paths = train_paths(train)
        path = paths[draw.randrange(len(paths))]
        times = sorted(draw.randrange(4) for _ in path)
        routes.append(list(zip(path, times, strict=True)) if draw.randrange(5) else None)
    return routes


def some_order_exists(problem: OperationsProblem, routes: list[list[tuple[int, int]] | None]) -> bool:
    """Try every order of the events, judged by the checker alone."""
    waiting = [list(route or ()) for route in routes]

    def fits(events: tuple[Event, ...]) -> bool:
        violations = check_schedule(problem, Schedule(events))
        return not any(violation.kind in RESOURCE_RULES for violation in violations)

    dead: set[tuple[int, ...]] = set()

    def extend(events: tuple[Event, ...], taken: tuple[int, ...]) -> bool:
        if taken in dead:
            return False
        if not any(place < len(own) for place, own in zip(taken, waiting, strict=True)):
            return True
        now_s = min(own[place][1] for place, own in zip(taken, waiting, strict=True) if place < len(own))
        for train, (place, own) in enumerate(zip(taken, waiting, strict=True)):
            if place < len(own) and own[place][1] == now_s:
                longer = (*events, Event(now_s, train, own[place][0]))
                if fits(longer) and extend(longer, (*taken[:train], place + 1, *taken[train + 1 :])):
                    return True
        dead.add(taken)
        return False

    return extend((), (0,) * len(routes))


def verdict(seed: int) -> bool:
    """Order random routes; return whether an order exists, having compared with trying all."""
    problem = random_problem(seed)
    routes = random_routes(problem, Random(seed))
    try:
        schedule = schedule_from_routes(problem, routes)
    except NoValidOrder:
        assert not some_order_exists(problem, routes), f"seed {seed}: an order exists"
        return False
    kinds = {violation.kind for violation in check_schedule(problem, schedule)}
    assert not kinds & RESOURCE_RULES, f"seed {seed}: the order breaks {kinds}"
    assert sorted(schedule.events, key=str) == sorted(events_of(routes), key=str)
    return True


def test_order_is_found_exactly_when_one_exists() -> None:
    found = [verdict(seed) for seed in range(800)]
    assert 100 < sum(found) < 700, "the random routes should be of both kinds"


def test_order_of_optimal_schedules_is_found_again() -> None:
    for seed in range(300):
        problem = random_problem(seed)
        schedule = brute_force(problem).schedule
        if schedule is not None:
            again = schedule_from_routes(problem, schedule.routes(problem))
            assert check_schedule(problem, again) == [], f"seed {seed}"


def test_contrived_instant_is_given_up() -> None:
    """A circle of hand-overs, each by way of a buffer: millions of states, none of them leads on."""
    count = 14
    trains = tuple(
        Train(
            f"T{place}",
            (
                Operation((1,), resources=(ResourceUse(f"r{place}"),)),
                Operation((2,), resources=(ResourceUse(f"r{place}"), ResourceUse("buffer"))),
                Operation(resources=(ResourceUse(f"r{(place + 1) % count}"),)),
            ),
        )
        for place in range(count)
    )
    problem = OperationsProblem(trains, resources={"buffer": Resource(count // 2)})
    with pytest.raises(NoValidOrder, match="starts at 5"):
        order(problem, *[[0, 5, 5]] * count)
