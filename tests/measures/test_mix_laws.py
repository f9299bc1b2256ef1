"""What must hold of a capacity from a traffic mix, whatever the line."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from capacity_lines import MIN, PLAIN, line
from hypothesis import given, settings
from hypothesis import strategies as st

from railcap.corridor.infrastructure import Section
from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.formats.thresholds import shipped_thresholds
from railcap.measures.mix.report import mix_capacity

TABLE = shipped_thresholds()
minutes = st.integers(8, 60)
LINES = st.builds(
    lambda running, intervals, supplements: line(
        "ABCD"[: len(running) + 1],
        {
            way: time * MIN
            for (one, other), (there, back) in zip(pairwise("ABCD"), running, strict=False)
            for way, time in (((one, other), there), ((other, one), back))
        },
        rules=replace(
            PLAIN,
            non_simultaneous_arrival_s=intervals[0],
            crossing_interval_s=intervals[1],
            following_interval_s=intervals[2],
        ),
        supplements_s=supplements,
    ),
    st.lists(st.tuples(minutes, minutes), min_size=1, max_size=3),
    st.tuples(st.integers(60, 300), st.integers(0, 120), st.integers(60, 300)),
    st.tuples(st.integers(0, 180), st.integers(0, 120)),
)


def capacities(scenario: Scenario) -> dict[str, float]:
    found = mix_capacity(scenario, TABLE, mix={"T": 1.0})
    return {method: min(one.figures[method].pairs_exact for one in found.sections) for method in found.methods}


def no_more(less: dict[str, float], more: dict[str, float]) -> bool:
    return all(less[method] <= more[method] + 1e-9 for method in more)


@settings(max_examples=15, deadline=None)
@given(LINES, st.data())
def test_time_and_intervals_never_raise_it(scenario: Scenario, data: st.DataObject) -> None:
    before = capacities(scenario)
    times = dict(scenario.network.running_times_s)
    key = data.draw(st.sampled_from(sorted(times)))
    slower = replace(scenario, network=replace(scenario.network, running_times_s={**times, key: times[key] + 300}))
    assert no_more(capacities(slower), before)
    name = data.draw(st.sampled_from(["non_simultaneous_arrival_s", "crossing_interval_s", "following_interval_s"]))
    rules = replace(scenario.rules, **{name: getattr(scenario.rules, name) + 120})
    assert no_more(capacities(replace(scenario, rules=rules)), before)
    supplement = data.draw(st.sampled_from(["start_supplement_s", "stop_supplement_s"]))
    kind = scenario.train_types["T"]
    heavier = replace(kind, **{supplement: getattr(kind, supplement) + 120})
    assert no_more(capacities(replace(scenario, train_types={"T": heavier})), before)
    section = data.draw(st.sampled_from(sorted(scenario.network.sections)))
    hours = data.draw(st.integers(1, 20))
    shut = Closure("c", section=section, from_of_day_s=0, until_of_day_s=hours * 3600)
    assert no_more(capacities(replace(scenario, closures=(shut,))), before)


@settings(max_examples=15, deadline=None)
@given(LINES, st.data())
def test_a_second_track_never_lowers_it(scenario: Scenario, data: st.DataObject) -> None:
    sections = scenario.network.sections
    chosen = data.draw(st.sampled_from(sorted(sections)))
    doubled = {**sections, chosen: replace(sections[chosen], tracks=2)}
    assert no_more(
        capacities(scenario), capacities(replace(scenario, network=replace(scenario.network, sections=doubled)))
    )


@settings(max_examples=15, deadline=None)
@given(LINES, st.data())
def test_a_loop_never_lowers_it(scenario: Scenario, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(sorted(scenario.network.sections)))
    share = data.draw(st.integers(1, 4)) / 5
    assert no_more(capacities(scenario), capacities(with_loop(scenario, chosen, share)))


def with_loop(scenario: Scenario, chosen: str, share: float) -> Scenario:
    """Return a scenario with a loop in a section, which takes its share of the running time to there."""
    network = scenario.network
    old = network.sections[chosen]
    loop = replace(network.stations[old.start], id="X", name="X", km=None)
    halves = {
        "to_loop": replace(old, id="to_loop", end="X"),
        "from_loop": replace(old, id="from_loop", start="X"),
    }
    sections: dict[str, Section] = {}
    for one in network.sections.values():
        sections |= halves if one.id == chosen else {one.id: one}
    times = {key: time for key, time in network.running_times_s.items() if key[0] != chosen}
    for (section, entering, kind), time in network.running_times_s.items():
        if section == chosen:
            first = int(time * share)
            to_loop, from_loop = (first, time - first)
            times["to_loop", old.start if entering == old.start else "X", kind] = to_loop
            times["from_loop", "X" if entering == old.start else old.end, kind] = from_loop
    stations = {**network.stations, "X": loop}
    return replace(scenario, network=replace(network, stations=stations, sections=sections, running_times_s=times))
