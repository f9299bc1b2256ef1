"""The operations checker: a schedule worked out by hand is sound, and each kind of damage to it is found and named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from brute_force import brute_force
from random_problems import random_problem

from railcap.operations.check import OperationsViolation, ViolationKind, check_schedule
from railcap.operations.objective import schedule_cost
from railcap.operations.problem import Link, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.operations.schedule import Event, Schedule

K = ViolationKind


def problem() -> OperationsProblem:
    """Two trains through a yard of two tracks and one single-track line, a third that may be refused.

    Train 0: enters 100-110, line 20-30 s, yard, exit. Train 1 the same without latest times. Train 2 chooses between
    the line and a bypass, and may only run if train 0 does, 10 to 500 s after it.
    """

    def entry(lower: int, upper: int | None, successors: tuple[int, ...] = (1,)) -> Operation:
        return Operation(successors, 0, None, lower, upper, label="enters")

    line = Operation((2,), 20, 30, resources=(ResourceUse("line", 5),), label="line")
    yard = Operation((3,), 40, resources=(ResourceUse("yard", 10),), label="yard")
    bypass = Operation((3,), 60, 60, label="bypass")
    leave = Operation(label="leaves")
    return OperationsProblem(
        trains=(
            Train("mail", (entry(100, 110), line, yard, leave)),
            Train("goods", (entry(100, None), line, yard, leave)),
            Train("local", (entry(0, None, (1, 2)), replace(line, successors=(3,)), bypass, leave), refusal_cost=7),
        ),
        resources={"yard": Resource(capacity=2), "line": Resource(closures=((200, 300), (400, 500)))},
        links=(
            Link(0, 0, 2, 0, min_lag_s=10, max_lag_s=500, required=True),
            Link(1, 0, 1, 3, max_lag_s=90),
        ),
    )


def schedule() -> Schedule:
    """Mail 100-160, goods behind it (line from 125 after the release), the local on the line from 300."""
    return Schedule(
        (
            Event(100, 0, 0),
            Event(100, 0, 1),
            Event(120, 0, 2),
            Event(125, 1, 0),
            Event(125, 1, 1),
            Event(150, 1, 2),
            Event(160, 0, 3),
            Event(190, 1, 3),
            Event(300, 2, 0),
            Event(300, 2, 1),
            Event(320, 2, 3),
        )
    )


def judge(changed: Schedule, changed_problem: OperationsProblem | None = None) -> list[OperationsViolation]:
    return check_schedule(changed_problem or problem(), changed)


def moved(**times: int) -> Schedule:
    """The schedule with events such as ``t1o3=200`` moved, in order of time (stable)."""
    new = dict(times)
    events = [
        replace(event, time_s=new.pop(f"t{event.train}o{event.operation}", event.time_s)) for event in schedule().events
    ]
    assert not new
    return Schedule(tuple(sorted(events, key=lambda event: event.time_s)))


def without(*names: str) -> Schedule:
    gone = {f"t{event.train}o{event.operation}": event for event in schedule().events}
    dropped = {gone[name] for name in names}
    return Schedule(tuple(event for event in schedule().events if event not in dropped))


def added(*events: Event) -> Schedule:
    return Schedule(tuple(sorted((*schedule().events, *events), key=lambda event: event.time_s)))


def test_sound_schedule_has_no_violation() -> None:
    assert judge(schedule()) == []


@pytest.mark.parametrize(
    "sound",
    [
        moved(t0o2=130, t1o0=135, t1o1=135, t1o2=155, t0o3=170, t1o3=195),  # longest line time, least yard time
        moved(t1o3=215),  # latest by the link within the train
        moved(t2o0=110),  # earliest by the link
        moved(t2o0=300, t2o1=380, t2o3=400),  # off the line when it closes
        without("t2o0", "t2o1", "t2o3"),  # refused
    ],
)
def test_values_on_the_edge_are_sound(sound: Schedule) -> None:
    assert judge(sound) == []


DAMAGE: list[tuple[Callable[[], Schedule], list[ViolationKind], str]] = [
    (lambda: moved(t0o0=99), [K.TOO_EARLY], r"train 0 \(mail\) operation 0 \(enters\) starts at 99.* 100$"),
    (
        lambda: moved(t0o0=111, t0o1=111, t0o2=131, t1o0=140, t1o1=140, t1o2=160, t0o3=171, t1o3=200),
        [K.TOO_LATE],
        r"starts at 111, after its latest start 110$",
    ),
    (lambda: moved(t0o3=159), [K.TOO_SHORT], r"operation 2 \(yard\) lasts 39 s from 120 to 159; .* 40 s"),
    (lambda: moved(t1o2=156, t1o3=196), [K.TOO_LONG], r"operation 1 \(line\) lasts 31 s from 125 to 156; .* 30 s"),
    (
        lambda: moved(t1o1=124, t1o0=124, t1o2=149),
        [K.RESOURCE_TAKEN],
        r"goods.* starts at 124 on resource line \(capacity 1\) while train 0 \(mail\) .* keeps it until 125$",
    ),
    (
        lambda: moved(t1o0=119, t1o1=119, t1o2=149),
        [K.RESOURCE_TAKEN],
        r"starts at 119 on resource line .* while train 0 \(mail\) operation 1 \(line\) holds it$",
    ),
    (lambda: moved(t2o0=299, t2o1=299), [K.CLOSED], r"local.* resource line from 299 to 320.* from 200 until 300$"),
    (
        lambda: moved(t2o0=190, t2o1=190, t2o3=401),
        [K.TOO_LONG, K.CLOSED, K.CLOSED],
        r"from 400 until 500$",
    ),
    (lambda: moved(t2o0=109), [K.LINK_TOO_CLOSE], r"starts at 109, 9 s after .*mail.* at 100; .* 10 s"),
    (
        lambda: moved(t2o0=601, t2o1=601, t2o3=621),
        [K.LINK_TOO_FAR],
        r"starts at 601, 501 s after train 0 \(mail\) operation 0 \(enters\) at 100; at most 500 s",
    ),
    (lambda: moved(t1o3=216), [K.LINK_TOO_FAR], r"starts at 216, 91 s after train 1"),
    (lambda: without("t1o0", "t1o1", "t1o2", "t1o3"), [K.MISSING_TRAIN], r"train 1 \(goods\) must run"),
    (
        lambda: without("t0o0", "t0o1", "t0o2", "t0o3"),
        [K.MISSING_TRAIN, K.LINK_PARTNER_MISSING],
        r"local.* needs train 0 \(mail\) operation 0 \(enters\), which is not in the solution",
    ),
    (lambda: without("t2o0"), [K.WRONG_ENTRY], r"begins at 300 with operation 1, not its entry 0"),
    (lambda: without("t2o3"), [K.NO_EXIT, K.CLOSED], r"ends at 300 in operation 1, not in its exit 3"),
    (lambda: without("t1o2"), [K.NOT_A_SUCCESSOR, K.TOO_LONG], r"at 190 does not succeed operation 1.*\[2\]"),
    (lambda: added(Event(330, 2, 3)), [K.NOT_A_SUCCESSOR], r"does not succeed operation 3, whose successors are \[\]"),
    (lambda: added(Event(400, 3, 0)), [K.UNKNOWN_TRAIN], r"event 11 at 400 names train 3; there are 3 trains"),
    (lambda: added(Event(400, -1, 0)), [K.UNKNOWN_TRAIN], r"names train -1"),
    (lambda: added(Event(400, 2, 4)), [K.UNKNOWN_OPERATION], r"operation 4 of train 2 \(local\), which has 4"),
    (lambda: added(Event(400.0, 2, 3)), [K.NOT_AN_INTEGER], r"not an integer"),  # type: ignore[arg-type]
    (lambda: added(Event(True, 2, 3)), [K.NOT_AN_INTEGER], r"not an integer"),
    (lambda: added(Event(400, 2.0, 3)), [K.NOT_AN_INTEGER], r"not an integer"),  # type: ignore[arg-type]
    (lambda: added(Event(400, 2, "3")), [K.NOT_AN_INTEGER], r"not an integer"),  # type: ignore[arg-type]
    (
        lambda: Schedule((schedule().events[-1], *schedule().events[:-1])),
        [K.TIME_FALLS, K.WRONG_ENTRY, K.NOT_A_SUCCESSOR, K.NO_EXIT],
        r"times fall: train 0 .* starts at 100 but is listed after train 2 .* at 320",
    ),
]


@pytest.mark.parametrize(("damaged", "kinds", "text"), DAMAGE, ids=[f"{d[1][0]}-{i}" for i, d in enumerate(DAMAGE)])
def test_damage_is_found_and_named(damaged: Callable[[], Schedule], kinds: list[ViolationKind], text: str) -> None:
    violations = judge(damaged())
    assert set(kinds) <= {violation.kind for violation in violations}
    assert any(re.search(text, violation.message) for violation in violations), violations


def test_only_the_damage_is_reported() -> None:
    """Where one rule is broken, no other is claimed to be."""
    for damaged, kinds, _ in DAMAGE:
        if len(kinds) == 1 and kinds[0] is not K.NOT_A_SUCCESSOR:
            assert {violation.kind for violation in judge(damaged())} == set(kinds)


def test_three_trains_do_not_fit_where_two_do() -> None:
    crowded = problem()
    third = replace(crowded.trains[1], name="third")
    crowded = replace(crowded, trains=(*crowded.trains, third), resources={"yard": Resource(2)})
    events = (*schedule().events[:8], Event(155, 3, 0), Event(155, 3, 1))
    at = sorted((*events, Event(175, 3, 2), Event(215, 3, 3)), key=lambda event: event.time_s)
    # mail left the yard at 160 and keeps it until 170: at 175 there is room.
    assert judge(Schedule(tuple(at)), crowded) == []
    late_mail = tuple(
        sorted((replace(e, time_s=166) if e == Event(160, 0, 3) else e for e in at), key=lambda e: e.time_s)
    )
    violations = judge(Schedule(late_mail), crowded)
    assert [(v.kind, v.train, v.operation, v.resource) for v in violations] == [(K.RESOURCE_TAKEN, 3, 2, "yard")]
    assert "keeps it until 176" in violations[0].message
    assert "goods) operation 2 (yard) holds it" in violations[0].message


def uses(*steps: tuple[str, int]) -> tuple[Operation, ...]:
    last = len(steps) - 1
    return tuple(
        Operation((place + 1,) if place < last else (), resources=(ResourceUse(name, release),) if name else ())
        for place, (name, release) in enumerate(steps)
    )


def kinds_of(problem: OperationsProblem, *events: tuple[int, int, int]) -> list[ViolationKind]:
    return [violation.kind for violation in check_schedule(problem, Schedule(tuple(Event(*event) for event in events)))]


def test_the_order_of_the_list_decides_at_one_instant() -> None:
    two = OperationsProblem((Train("A", uses(("r", 0), ("", 0))), Train("B", uses(("r", 0), ("", 0)))))
    assert kinds_of(two, (0, 0, 0), (5, 0, 1), (5, 1, 0), (9, 1, 1)) == []
    assert kinds_of(two, (0, 0, 0), (5, 1, 0), (5, 0, 1), (9, 1, 1)) == [K.RESOURCE_TAKEN]
    zero_length = ((5, 0, 0), (5, 1, 0), (5, 0, 1), (5, 1, 1))
    assert kinds_of(two, *zero_length) == [K.RESOURCE_TAKEN]


def test_longest_of_several_releases_counts() -> None:
    """The second use in a row has no release of its own; the first one's still runs."""
    two = OperationsProblem((Train("A", uses(("r", 9), ("r", 0), ("", 0))), Train("B", uses(("r", 0)))))
    assert kinds_of(two, (0, 0, 0), (5, 0, 1), (7, 0, 2), (13, 1, 0)) == [K.RESOURCE_TAKEN]
    assert kinds_of(two, (0, 0, 0), (5, 0, 1), (7, 0, 2), (14, 1, 0)) == []


def test_own_release_keeps_only_others_out() -> None:
    one = OperationsProblem((Train("A", uses(("r", 9), ("", 0), ("r", 9))),))
    assert kinds_of(one, (0, 0, 0), (1, 0, 1), (2, 0, 2)) == []


def test_exit_holds_for_ever_and_meets_every_later_closure() -> None:
    ends = OperationsProblem((Train("A", uses(("r", 0))), Train("B", uses(("r", 0)))))
    assert kinds_of(ends, (0, 0, 0), (10**9, 1, 0)) == [K.RESOURCE_TAKEN]
    closed = OperationsProblem((Train("A", uses(("r", 0))),), resources={"r": Resource(closures=((50, 60),))})
    assert kinds_of(closed, (59, 0, 0)) == [K.CLOSED]
    assert kinds_of(closed, (0, 0, 0)) == [K.CLOSED]
    assert kinds_of(closed, (60, 0, 0)) == []


def test_closure_does_not_count_the_release_and_spares_its_edges() -> None:
    closed = OperationsProblem((Train("A", uses(("r", 99), ("", 0))),), resources={"r": Resource(closures=((50, 60),))})
    assert kinds_of(closed, (0, 0, 0), (50, 0, 1)) == []
    assert kinds_of(closed, (0, 0, 0), (51, 0, 1)) == [K.CLOSED]
    assert kinds_of(closed, (55, 0, 0), (55, 0, 1)) == [K.CLOSED]
    assert kinds_of(closed, (50, 0, 0), (50, 0, 1)) == []


def test_link_without_its_partner_is_free_unless_required() -> None:
    trains = (Train("A", uses(("", 0)), 1), Train("B", uses(("", 0)), 1))
    loose = OperationsProblem(trains, links=(Link(0, 0, 1, 0, 5),))
    assert kinds_of(loose, (0, 1, 0)) == []
    bound = OperationsProblem(trains, links=(Link(0, 0, 1, 0, 5, required=True),))
    assert kinds_of(bound, (0, 1, 0)) == [K.LINK_PARTNER_MISSING]
    assert kinds_of(bound, (0, 0, 0)) == []


def test_all_violations_are_reported_at_once() -> None:
    shifted = Schedule(tuple(replace(event, time_s=event.time_s - 50) for event in schedule().events))
    found = [(violation.kind, violation.train, violation.operation) for violation in judge(shifted)]
    assert found == [(K.TOO_EARLY, 0, 0), (K.TOO_EARLY, 1, 0), (K.CLOSED, 2, 1)]


def test_schedules_of_random_problems_survive_no_shift_that_costs_less() -> None:
    """Moving one event of an optimum never gives a cheaper schedule that is accepted: the checker is not too lax."""
    tried = 0
    for seed in range(120):
        random = random_problem(seed)
        optimum = brute_force(random)
        for place, event in enumerate(optimum.schedule.events if optimum.schedule else ()):
            for shift in (-2, -1, 1, 2):
                events = list(optimum.schedule.events)
                events[place] = replace(event, time_s=event.time_s + shift)
                changed = Schedule(tuple(sorted(events, key=lambda e: e.time_s)))
                if not check_schedule(random, changed):
                    tried += 1
                    assert schedule_cost(random, changed) >= optimum.cost
    assert tried > 100
