"""Cargo followed from train to train, worked out by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from planning_random import random_timetable, random_yard_scenario
from sample_yard import asked, at, border_line, step, train

from railcap.corridor.yards import LinkKind, TrainLink
from railcap.measures.chains import Chain, chain_groups, chains
from railcap.measures.standing import Doing, standing
from railcap.planning.timetable import Timetable, TrainPath

IN = asked("IN", "A-Y", "5:00", "unload", per_day=3)
OUT = asked("OUT", "Y-Z", "9:00", "load")
EMPTY = asked("EMPTY", "Y-A", "9:00")
CARGO = TrainLink("cargo", LinkKind.TRANSSHIPMENT, "IN", "OUT", first_count=2)
RAKE = TrainLink("rake", LinkKind.TURN_ROUND, "IN", "EMPTY")


def arriving(number: int, departure: str, arrival: str, customs_until: str, *unloaded: str) -> TrainPath:
    """Return a train that is with the customs from its arrival on, and then waits to be unloaded from when to when."""
    steps = step("customs", "K", arrival, customs_until), step("unload", "K", *unloaded, "crane")
    return train(
        f"IN/{number}",
        ("A", "1", departure, departure),
        ("B", "1", departure, departure),
        ("Y", "K", arrival, unloaded[1], *steps),
    )


ONE = arriving(1, "5:00", "5:26", "5:56", "5:56", "6:56")
TWO = arriving(2, "5:30", "5:56", "6:26", "7:00", "8:00")
GOES_ON = train(
    "OUT",
    ("Y", "1", "8:30", "9:45", step("load", "1", "8:30", "9:30", "crane"), step("brakes", "1", "9:30", "9:40")),
    ("Z", "1", "9:58", "9:58"),
)
TURNED = train("EMPTY", ("Y", "K", "6:57", "9:00"), ("B", "1", "9:13", "9:13"), ("A", "1", "9:26", "9:26"))


def found(*paths: TrainPath, links: tuple[TrainLink, ...] = (CARGO,)) -> tuple[Chain, ...]:
    scenario = border_line(IN, OUT, EMPTY, links=links)
    timetable = Timetable("x", paths)
    return chains(scenario, timetable, standing(scenario, timetable))


def minutes(chain: Chain, doing: Doing) -> int:
    return sum(part.seconds for part in chain.parts if part.doing is doing) // 60


def test_cargo_of_a_batch_follows_the_train_that_is_ready_last() -> None:
    (chain,) = found(ONE, TWO, GOES_ON)
    assert chain.trains == ("IN/2026-03-02/2", "OUT/2026-03-02/1")
    assert chain.ways == ("IN", "OUT")
    assert (chain.departure_s, chain.arrival_s) == (at("5:30"), at("9:58"))
    assert (chain.begin_s, chain.end_s) == (at("5:30"), at("9:58"))
    # 26 and 13 minutes on the line; customs, crane, crane, brakes; from 8:00 to 8:30 no train has the cargo.
    assert minutes(chain, Doing.RUNNING) == 39
    assert minutes(chain, Doing.STEP) == 30 + 60 + 60 + 10
    assert minutes(chain, Doing.BETWEEN) == 30
    assert minutes(chain, Doing.WAIT) == 34 + 5
    assert sum(part.seconds for part in chain.parts) == chain.seconds
    (between,) = (part for part in chain.parts if part.doing is Doing.BETWEEN)
    assert (between.place, between.from_s, between.until_s) == ("Y", at("8:00"), at("8:30"))


def test_a_train_that_stands_ready_for_late_cargo_counts_from_the_cargo_on() -> None:
    early = train(
        "OUT",
        ("Y", "1", "7:30", "9:45", step("load", "1", "8:30", "9:30", "crane"), step("brakes", "1", "9:30", "9:40")),
        ("Z", "1", "9:58", "9:58"),
    )
    (chain,) = found(TWO, early)
    assert minutes(chain, Doing.BETWEEN) == 0
    assert minutes(chain, Doing.WAIT) == 34 + 30 + 5
    assert sum(part.seconds for part in chain.parts) == chain.seconds == 268 * 60


def test_a_refused_feeder_counts_no_more() -> None:
    (chain,) = found(ONE, GOES_ON)
    assert chain.trains == ("IN/2026-03-02/1", "OUT/2026-03-02/1")
    assert minutes(chain, Doing.BETWEEN) == 94


def test_without_the_train_that_takes_on_there_is_no_chain() -> None:
    assert found(ONE, TWO) == ()


def test_a_rake_and_its_cargo_part_in_the_yard() -> None:
    both = found(ONE, TWO, GOES_ON, TURNED, links=(CARGO, RAKE))
    assert [chain.ways for chain in both] == [("IN", "EMPTY"), ("IN", "OUT")]
    # The rake stands from 6:57 on, and comes onto its track a minute after it has left it.
    assert minutes(both[0], Doing.BETWEEN) == 1
    assert (both[0].begin_s, both[0].end_s) == (at("5:00"), at("9:26"))


def test_connections_are_no_chains() -> None:
    assert found(ONE, GOES_ON, links=(TrainLink("c", LinkKind.CONNECTION, "IN", "OUT"),)) == ()


def test_chains_of_the_same_requests_are_counted_together() -> None:
    (group,) = chain_groups(found(ONE, TWO, GOES_ON))
    assert (group.ways, group.chains, group.mean_s, group.longest_s) == (("IN", "OUT"), 1, 268 * 60, 268 * 60)
    assert sum(use.seconds for use in group.uses) == 268 * 60


@pytest.mark.parametrize("seed", range(60))
def test_the_parts_of_any_chain_add_up(seed: int) -> None:
    scenario = random_yard_scenario(seed)
    timetable = random_timetable(scenario, seed)
    times = {time.train: time for time in standing(scenario, timetable)}
    for chain in chains(scenario, timetable, times.values()):
        if chain.seconds < 0:  # times drawn at random may break a link
            continue
        assert sum(part.seconds for part in chain.parts) == chain.seconds
        assert all(part.seconds >= 0 for part in chain.parts)
        assert all(before.until_s == after.from_s for before, after in pairwise(chain.parts))
