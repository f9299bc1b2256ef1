"""What holds of every compression: orders and rules are kept, nothing gets longer, and a plain calculation agrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from capacity_lines import open_always, orders, renamed, separation_faults
from hypothesis import example, given, settings
from hypothesis import strategies as st
from planning_random import random_scenario, random_timetable, random_yard_scenario

from railcap.corridor.scenario import Scenario
from railcap.measures.intervals import union
from railcap.measures.occupation.compression import Compression, compress, compressed_timetable, moved_path
from railcap.measures.occupation.consumption import line_consumption
from railcap.measures.occupation.headways import followings
from railcap.measures.occupation.nodes import node_uses
from railcap.measures.occupation.occupations import Occupations
from railcap.operations.schedule import schedule_from_routes
from railcap.planning.check import check_timetable
from railcap.planning.check_line import _run
from railcap.planning.check_yards import yard_violations
from railcap.planning.compile import compile_scenario
from railcap.planning.lift import lift
from railcap.planning.timetable import Timetable, TrainPath
from railcap_instances.generator import generate
from railcap_solvers.search import improve

SEEDS = st.integers(0, 10**6)
MIN = 60


def faults(scenario: Scenario, paths: list[TrainPath]) -> list[str]:
    """Return what the railway checker finds between trains, yards included, closures and hours aside."""
    full = yard_violations(open_always(scenario), paths)
    return [*separation_faults(scenario, paths), *(str(one) for one in full)]


def spaced(scenario: Scenario, seed: int, copies: int = 2) -> Timetable:
    """Return trains as they come, several of each, one after the other moved later until no rule stands against it."""
    draw = Random(seed)
    drawn = random_timetable(scenario, seed).paths
    placed: list[TrainPath] = []
    for number in range(copies):
        for path in drawn:
            path = renamed(moved_path(path, MIN * draw.randint(0, 40)), f"#{number}")
            while faults(scenario, [*placed, path]):
                path = moved_path(path, MIN * draw.choice([1, 1, 3]))
            placed.append(path)
    return Timetable(scenario.name, tuple(placed))


def whole(scenario: Scenario, table: Timetable) -> Compression:
    return compress(Occupations(scenario, table).whole())


def all_kinds(seed: int) -> Scenario:
    return random_yard_scenario(seed) if seed % 2 else random_scenario(seed)


def have_an_order(scenario: Scenario, table: Timetable) -> bool:
    """Whether no place has two uses without length at one instant, whose order no time tells."""
    uses = Occupations(scenario, table).whole().uses
    columns = uses.place.tolist(), uses.begin_s.tolist(), uses.end_s.tolist()
    instants = [(place, begin_s) for place, begin_s, end_s in zip(*columns, strict=True) if begin_s == end_s]
    return len(instants) == len(set(instants))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
@example(356567)  # two steps without length come to the same instant
def test_compressed_trains_keep_their_orders_and_the_rules_and_nothing_gets_longer(seed: int) -> None:
    scenario = all_kinds(seed)
    table = spaced(scenario, seed)
    found = whole(scenario, table)
    pushed = compressed_timetable(table, found)
    assert faults(scenario, list(pushed.paths)) == []
    assert orders(pushed) == orders(table)
    assert all(by_s <= 0 for by_s in found.moved_s)
    assert found.open_s <= found.planned_open_s
    again = whole(scenario, pushed)
    if have_an_order(scenario, pushed):
        assert set(again.moved_s) <= {0}
        assert (again.open_s, again.occupied_s) == (found.open_s, found.occupied_s)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_sections_consume_no_more_than_the_whole_line_and_no_more_than_planned(seed: int) -> None:
    scenario = open_always(all_kinds(seed))
    table = spaced(scenario, seed)
    if not table.paths:
        return
    span = min(path.calls[0].arrival_s for path in table.paths), max(path.calls[-1].departure_s for path in table.paths)
    found = line_consumption(scenario, table, recommended_rate=0.6, window=(span[0], span[1] + 1))
    (at_once,) = found.whole
    assert at_once.trains == len(table.paths)
    assert found.limiting is not None
    assert max(one.occupied_s for one in found.sections) == found.limiting.occupied_s <= at_once.occupied_s
    held = Occupations(scenario, table)
    for one in found.sections:
        assert one.line_section is not None
        stretch = held.stretch(one.line_section.sections)
        pairs = followings(stretch)
        assert all(pair.buffer_s >= 0 for pair in pairs)
        # On one track, where all trains run through, the chain is that of the headways.
        if one.line_section.tracks == 1 and len(one.line_section.sections) == 1 and len(pairs) > 1:
            assert sum(pair.minimum_s for pair in pairs) < one.occupied_s


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_moves_and_repeat_time_agree_with_a_plain_calculation(seed: int) -> None:
    scenario = random_scenario(seed)
    table = spaced(scenario, seed)
    if not table.paths:
        return
    found = whole(scenario, table)
    pairs = list(plain_pairs(scenario, table.paths))
    first_s = min(path.calls[0].arrival_s for path in table.paths)
    earliest = [first_s - path.calls[0].arrival_s for path in table.paths]
    still = [(one, other, least_s) for one, other, least_s, again in pairs if not again]
    moved = plain_longest(earliest, still)
    assert moved is not None
    by_train = dict(zip(found.trains, found.moved_s, strict=True))
    assert [by_train[path.train] for path in table.paths] == moved

    def repeats_after(repeat_s: int) -> bool:
        asked = [(one, other, least_s - again * repeat_s) for one, other, least_s, again in pairs]
        return plain_longest([0] * len(earliest), asked) is not None

    assert repeats_after(found.occupied_s)
    assert not repeats_after(found.occupied_s - 1)


def plain_longest(earliest: list[int], pairs: list[tuple[int, int, int]]) -> list[int] | None:
    """Return the earliest moves of trains, by trying until nothing changes; None if that never ends."""
    moved = list(earliest)
    for _ in range(len(moved) + 1):
        changed = False
        for one, other, least_s in pairs:
            if moved[one] + least_s > moved[other]:
                moved[other] = moved[one] + least_s
                changed = True
        if not changed:
            return moved
    return None


def plain_pairs(scenario: Scenario, paths: tuple[TrainPath, ...]) -> Iterator[tuple[int, int, int, bool]]:
    """Yield for each two uses of a place how much more the second train must be moved, and whether in the repeat.

    From the rules 5, 6 and 8 of docs/model.md, every use against every other one.
    """
    network, rules = scenario.network, scenario.rules
    blocks: dict[tuple[str, str, int], list[tuple[int, int, bool, int]]] = defaultdict(list)
    tracks: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    arrivals: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for number, path in enumerate(paths):
        for leg, here, there in zip(path.legs, path.calls, path.calls[1:], strict=False):
            section = network.sections[leg.section]
            run = _run(scenario, path, section, here, there)
            for block, (enter_s, leave_s) in enumerate(run.blocks):
                blocks[leg.section, leg.track, block].append((enter_s, leave_s, run.forward, number))
            if section.tracks == 1:
                arrivals[there.station].append((there.arrival_s, leg.section, number))
        for call in path.calls:
            tracks[call.station, call.track].append((call.arrival_s, call.departure_s, number))
    for (section_id, _, _), uses in blocks.items():
        section = network.sections[section_id]
        follow_s = rules.following_interval_s if section.blocks == 1 else rules.block_release_s
        if section.following_interval_s is not None:
            follow_s = section.following_interval_s
        for one in uses:
            own = network.stations[section.end if one[2] else section.start].crossing_interval_s
            cross_s = rules.crossing_interval_s if own is None else own
            for other in uses:
                least_s = one[1] + (follow_s if one[2] == other[2] else cross_s) - other[0]
                if (one[0], one[1]) < (other[0], other[1]) and one[3] != other[3]:
                    yield one[3], other[3], least_s, False
                yield one[3], other[3], least_s, True
    for held in tracks.values():
        for one, other in [*permutations(held, 2), *((use, use) for use in held)]:
            least_s = one[1] + rules.track_release_s - other[0]
            if one[0] < other[0] and one[2] != other[2]:
                yield one[2], other[2], least_s, False
            yield one[2], other[2], least_s, True
    for station, came in arrivals.items():
        place = network.stations[station]
        own = place.non_simultaneous_arrival_s
        apart_s = rules.non_simultaneous_arrival_s if own is None else own
        if place.simultaneous_reception or not apart_s:
            continue
        for one, other in permutations(came, 2):
            if one[1] != other[1]:
                least_s = one[0] + apart_s - other[0]
                if one[0] < other[0] and one[2] != other[2]:
                    yield one[2], other[2], least_s, False
                yield one[2], other[2], least_s, True


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_the_first_train_comes_again_after_the_occupied_time(seed: int) -> None:
    scenario = random_scenario(seed)
    table = spaced(scenario, seed)
    held = Occupations(scenario, table)
    for section in held.sections:
        found = compress(held.stretch([section.id]))
        alone = [_only(path, section.id) for path in compressed_timetable(table, found).paths]
        first = next(path for path in alone if path.train == found.trains[0])
        repeat = renamed(moved_path(first, found.occupied_s), " again")
        assert not [fault for fault in separation_faults(scenario, [*alone, repeat]) if f" {section.id} " in fault]


def _only(path: TrainPath, section: str) -> TrainPath:
    """Return the run of a train over one section alone: at both ends nothing is compared."""
    at = next(number for number, leg in enumerate(path.legs) if leg.section == section)
    return replace(path, calls=path.calls[at : at + 2], legs=path.legs[at : at + 1])


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_nodes_count_no_time_twice(seed: int) -> None:
    scenario = all_kinds(seed)
    table = random_timetable(scenario, seed)  # also with trains in conflict
    for use in node_uses(scenario, table):
        assert 0 <= use.occupied_s <= use.open_s <= use.window.until_s - use.window.from_s
    held: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for path in table.paths:
        for call in path.calls:
            for stay in call.stays:
                release_s = scenario.rules.track_release_s
                held[f"{call.station} {stay.track}"].append((stay.from_s, stay.until_s + release_s))
    found: dict[str, int] = defaultdict(int)
    for use in node_uses(replace(scenario, closures=()), table):
        if use.kind.value == "station track":
            found[f"{use.station} {use.name}"] += use.occupied_s
    assert found == {name: sum(end - begin for begin, end in union(spans)) for name, spans in held.items()}


@pytest.mark.parametrize("seed", range(4))
def test_planned_timetables_compress_to_sound_ones(seed: int) -> None:
    scenario = generate("line", seed, stations=5, trains=8, closures=0, fixed_paths=0)
    compiled = compile_scenario(scenario)
    routes = improve(compiled.problem, seed=seed, moves_limit=300)
    assert routes is not None
    table = lift(compiled, schedule_from_routes(compiled.problem, routes))
    assert check_timetable(scenario, table) == [] and len(table.paths) > 3
    capacity = line_consumption(scenario, table, recommended_rate=0.6)
    for one in (*capacity.sections, *capacity.whole):
        pushed = compressed_timetable(table, one.compression)
        if one.line_section is None:
            assert separation_faults(scenario, pushed.paths) == []
        else:
            names = set(one.line_section.sections)
            told = separation_faults(scenario, pushed.paths)
            assert not [fault for fault in told if any(f" {name} " in fault for name in names)]
        assert one.compression.open_s <= one.compression.planned_open_s
