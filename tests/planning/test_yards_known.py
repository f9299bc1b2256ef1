"""Yards whose throughput and times follow from arithmetic (rules 15 to 23 of docs/model.md).

Trains take 13 minutes from a stop to the next one (2 + 10 + 1) and 23 with a station passed between. Where only the
number of trains counts, waiting on the way costs nothing.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count, pairwise

import pytest
from planning_lines import BROAD, line, request, section, station

from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.rules import CostWeights
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop, TrainType
from railcap.corridor.yards import (
    AtClose,
    Banker,
    LinkKind,
    OpeningHours,
    TrainLink,
    YardProcess,
    YardResource,
    YardStep,
)
from railcap.planning.plan import Plan, plan
from railcap.planning.timetable import TrainPath
from railcap.solving.parameters import SolveParameters

MINUTE_S = 60
RUN, PASSING = 13, 23
"""Minutes from stop to stop, and with a station passed between."""
FOLLOWING = 4
RELEASE = 1
DAY = 1440


def proven(scenario: Scenario) -> Plan:
    found = plan(scenario, parameters=SolveParameters(time_limit_s=60, threads=1), isolated=False)
    assert found.termination.reason.value == "optimal", found.termination
    return found


def ran(found: Plan, name: str) -> list[TrainPath]:
    """Return the trains of a request that run, by number."""
    assert found.timetable is not None
    paths = [path for path in found.timetable.paths if path.request == name]
    return sorted(paths, key=lambda path: int(path.train.rpartition("/")[2]))


def departures(found: Plan, name: str) -> list[int]:
    """Return when they leave their origin, in minutes of the first day."""
    return [(path.departure_s - found.scenario.begin_s) // MINUTE_S for path in ran(found, name)]


def yard_tracks(number: int) -> tuple[Track, ...]:
    return tuple(Track(str(n + 1), TrackKind.YARD, 750, BROAD) for n in range(number))


def work(name: str, minutes: int, resource: str) -> YardProcess:
    return YardProcess(name, (YardStep(name, MINUTE_S * minutes, resource=resource),))


def hourly_yard(
    unload: int,
    *,
    tracks: int = 24,
    cranes: int = 24,
    at_close: AtClose = AtClose.FINISH,
    hours: tuple[tuple[int, int], ...] = (),
) -> Scenario:
    """Return line A - B on which a train leaves for the yard B every hour of a day, and all is over at midnight."""
    stops = {"B": Stop("B", process="unload")}
    return line(
        request("IN", "A-B", "0:00", per_day=24, every_s=3600, later_s=0, stops=stops),
        names="AB",
        stations={"B": station("B", tracks=yard_tracks(tracks))},
        yard_resources={"crane": YardResource("crane", "B", cranes, at_close)},
        opening_hours=tuple(OpeningHours("crane", 60 * begin, 60 * end) for begin, end in hours),
        processes={"unload": work("unload", unload, "crane")},
        run_out_h=0,
    )


@pytest.mark.parametrize(("cranes", "unload"), [(1, 60), (2, 100), (3, 170)])
def test_a_queue_free_yard_takes_all_that_can_be_done_by_midnight(cranes, unload):
    # With `cranes` hours for each train and no less there is always a crane free when one comes.
    assert unload <= 60 * cranes
    found = proven(hourly_yard(unload, cranes=cranes))
    assert len(ran(found, "IN")) == (DAY - RUN - unload) // 60 + 1
    assert found.avoidable_objective == 0


@pytest.mark.parametrize(("cranes", "unload"), [(1, 90), (1, 145), (2, 150)])
def test_a_crane_bound_yard_takes_what_its_cranes_can_serve(cranes, unload):
    # A train comes every hour, so crane j has its first one j hours after the first crane, and then never waits.
    assert unload > 60 * cranes
    expected = sum((DAY - RUN - 60 * crane) // unload for crane in range(cranes))
    assert len(ran(proven(hourly_yard(unload, cranes=cranes)), "IN")) == expected


@pytest.mark.parametrize("at_close", list(AtClose))
@pytest.mark.parametrize(("cranes", "unload"), [(1, 100), (1, 180), (1, 240), (2, 240)])
def test_an_hours_bound_yard_takes_what_its_hours_hold(cranes, unload, at_close):
    # From 8 to 16 o'clock. Eight trains are there before; where it may run over, a last one begins at 16:00 or before.
    opening = 8 * 60
    per_crane = opening // unload + (at_close is AtClose.RUN_OVER)
    found = proven(hourly_yard(unload, cranes=cranes, at_close=at_close, hours=((8 * 60, 16 * 60),)))
    assert len(ran(found, "IN")) == cranes * per_crane


def test_a_yard_with_two_shifts_takes_what_each_of_them_holds():
    # 150 minutes each: three in nine hours from 6:00, two in five hours from 17:00.
    found = proven(hourly_yard(150, cranes=1, hours=((6 * 60, 15 * 60), (17 * 60, 22 * 60))))
    assert len(ran(found, "IN")) == 9 * 60 // 150 + 5 * 60 // 150


@pytest.mark.parametrize(("tracks", "unload"), [(1, 59), (1, 60), (1, 100), (2, 119), (2, 120), (2, 170), (3, 180)])
def test_a_storage_bound_yard_takes_what_finds_a_track(tracks, unload):
    # Each train leaves at its own time, so a track takes every q-th: q hours are what a train and the release need.
    q = -(-(unload + RELEASE) // 60)
    done_by_midnight = (DAY - RUN - unload) // 60 + 1
    expected = sum(-(-(done_by_midnight - track) // q) for track in range(min(tracks, q)))
    assert len(ran(proven(hourly_yard(unload, tracks=tracks)), "IN")) == expected


@pytest.mark.parametrize(
    ("check", "unload", "trains", "every", "end"),
    [
        (60, 30, 10, 20, 420),
        (30, 60, 10, 20, 420),
        (60, 60, 10, 20, 420),
        (45, 100, 10, 20, 420),
        (100, 145, 24, 60, DAY),
        (150, 60, 24, 60, DAY),
    ],
)
def test_two_yards_in_series_let_through_what_the_slower_one_can(check, unload, trains, every, end):
    # Both serve one train at a time. It is 13 minutes to the first, and 26 from there to the second, as the train stops
    # in between: 23 with the station passed. Train n (from 0) is done after `n` turns of the slower one.
    done = [RUN + check + PASSING + unload + n * max(check, unload) for n in range(trains)]
    stops = {"B": Stop("B", process="check"), "D": Stop("D", process="unload")}
    tracks = yard_tracks(trains)
    found = proven(
        line(
            request("IN", "A-D", "0:00", per_day=trains, every_s=60 * every, later_s=0, stops=stops),
            names="ABCD",
            stations={"B": station("B", tracks=tracks), "D": station("D", tracks=tracks)},
            yard_resources={"staff": YardResource("staff", "B"), "crane": YardResource("crane", "D")},
            processes={"check": work("check", check, "staff"), "unload": work("unload", unload, "crane")},
            weights=CostWeights(journey_freight=0.0),
            run_out_h=end / 60 - 24,
        )
    )
    assert len(ran(found, "IN")) == sum(one <= end for one in done)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 1), (3, 2), (1, 2), (2, 3)])
def test_trains_of_a_batch_leave_when_the_last_that_fills_them_is_unloaded(n, m):
    # Two batches of n trains, an hour apart, each unloaded from its arrival for 45 minutes; m trains take it away half
    # an hour later. Train j of a batch is full with train ceil((j + 1) n / m) of those that bring.
    unload, transfer = 45, 30
    found = proven(
        line(
            request(
                "IN",
                "A-C",
                "6:00",
                per_day=2 * n,
                every_s=3600,
                later_s=0,
                stops={"C": Stop("C", process="unload")},
                mandatory=True,
            ),
            request("OUT", "C-D", "6:00", per_day=2 * m, every_s=60, later_s=8 * 3600, mandatory=True),
            names="ABCD",
            stations={"C": station("C", tracks=yard_tracks(12))},
            yard_resources={"crane": YardResource("crane", "C")},
            processes={"unload": work("unload", unload, "crane")},
            links=(
                TrainLink(
                    "L",
                    LinkKind.TRANSSHIPMENT,
                    "IN",
                    "OUT",
                    first_count=n,
                    second_count=m,
                    least_s=MINUTE_S * transfer,
                ),
            ),
            run_out_h=-8,
        )
    )
    expected: list[int] = []
    for j in range(2 * m):
        batch, place = divmod(j, m)
        filled_by = batch * n + -(-(place + 1) * n // m) - 1
        full = 6 * 60 + 60 * filled_by + PASSING + unload + transfer
        expected.append(max([full, *(before + RUN + FOLLOWING for before in expected[-1:])]))
    assert departures(found, "OUT") == expected


@pytest.mark.parametrize(("least", "unload"), [(0, 0), (10, 0), (45, 0), (0, 30), (45, 30)])
def test_one_rake_makes_four_trains(least, unload):
    # A - C and back, twice, all wished at 6:00. At C it is unloaded before it turns; there, as at A, it leaves its
    # track and comes onto it as the next train a minute later.
    stops = {"C": Stop("C", process="unload")} if unload else {}
    trains = [
        request(f"T{k}", "A-C" if k % 2 else "C-A", "6:00", later_s=12 * 3600, stops=stops if k % 2 else {})
        for k in range(1, 5)
    ]
    links = [
        TrainLink(f"L{k}", LinkKind.TURN_ROUND, f"T{k}", f"T{k + 1}", least_s=MINUTE_S * least) for k in range(1, 4)
    ]
    processes = {"unload": work("unload", unload, "")} if unload else {}
    found = proven(line(*trains, links=tuple(links), processes=processes))
    expected = [6 * 60]
    for k in range(1, 4):
        arrival = expected[-1] + PASSING
        stands = unload if k % 2 else 0
        expected.append(arrival + max(least, stands + RELEASE))
    assert [departures(found, f"T{k}")[0] for k in range(1, 5)] == expected
    paths = [ran(found, f"T{k}")[0] for k in range(1, 5)]
    for before, after in pairwise(paths):
        assert after.calls[0].arrival_s == before.calls[-1].departure_s + MINUTE_S * RELEASE


@pytest.mark.parametrize(("engines", "end"), [(1, 80), (1, 120), (2, 100), (3, 100)])
def test_bankers_and_their_way_back_bound_what_a_ramp_lets_through(engines, end):
    # Double track, so that nobody meets. B is reached at 0:13 and left at 0:14. An engine is out for 13 minutes up to
    # C, 5 there and 12 back; trains follow each other 13 + 4 minutes apart. The last engine is back by `end`.
    round_trip = RUN + 5 + 12
    expected: list[int] = []
    for n in count():
        leaves = [RUN + 1, *(before + RUN + FOLLOWING for before in expected[-1:])]
        leaves += [expected[n - engines] + round_trip] if n >= engines else []
        if max(leaves) + round_trip > end:
            break
        expected.append(max(leaves))
    trains = len(expected) + 2
    stops = {"B": Stop("B", MINUTE_S), "C": Stop("C", MINUTE_S)}
    scenario = line(
        request("UP", "A-D", "0:00", per_day=trains, every_s=60, stops=stops),
        names="ABCD",
        sections={one.id: one for one in (section(a, b, tracks=2) for a, b in ("AB", "BC", "CD"))},
        stations={"B": station("B", tracks=tuple(Track(str(n), TrackKind.MAIN, 750, BROAD) for n in range(trains)))},
        bankers=(Banker("ramp", "B", "C", frozenset({"freight"}), "light", engines, 5 * MINUTE_S, 30 * MINUTE_S),),
        weights=CostWeights(late_freight=0.0, journey_freight=0.0),
        run_out_h=end / 60 - 24,
    )
    light = TrainType("light", "Light engine", "freight", 20, 60, 1676, 60, 60)
    found = proven(replace(scenario, train_types={**scenario.train_types, "light": light}))
    assert len(ran(found, "UP")) == len(expected)
