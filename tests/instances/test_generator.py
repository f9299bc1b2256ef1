"""Generated scenarios: the same bytes for a seed, valid, of the size asked for, and with fixed paths that can run."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from railcap.corridor.expand import section_closures, train_requests
from railcap.corridor.routing import fixed_route
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.validate import validate
from railcap.formats.scenario_folder import load_scenario, save_scenario
from railcap_instances.draws import Draws
from railcap_instances.generator import MOST_STATIONS, generate, kinds

SMALL = {"stations": 3, "trains": 2, "days": 1}

# Of the saved folders; they change only with the generator or the folder's format, never with the Python.
HASHES = {"line": "a6b2fbe4169c358c", "corridor": "3056e35135f11d3b", "network": "4445b1b6e8d128ae"}


def _hash(folder: Path) -> str:
    files = sorted(path for path in folder.iterdir() if path.is_file())
    whole = b"".join(path.name.encode() + b"\0" + path.read_bytes() + b"\0" for path in files)
    return hashlib.sha256(whole).hexdigest()[:16]


def _errors(scenario: Scenario) -> list[str]:
    return [str(issue) for issue in validate(scenario) if issue.severity == "error"]


@pytest.mark.parametrize("kind", kinds())
def test_the_same_seed_gives_the_same_bytes_on_every_python(kind: str, tmp_path: Path) -> None:
    save_scenario(generate(kind, 7), tmp_path / "first")
    save_scenario(generate(kind, 7), tmp_path / "second")
    assert _hash(tmp_path / "first") == _hash(tmp_path / "second") == HASHES[kind]


def test_integer_draws_are_those_of_every_python() -> None:
    draws = Draws(1, 0)
    assert [draws.between(0, 1000) for _ in range(6)] == [487, 127, 645, 627, 413, 549]


@pytest.mark.parametrize("kind", kinds())
def test_different_seeds_give_different_scenarios(kind: str) -> None:
    drawn = {repr(replace(generate(kind, seed), name="", title="")) for seed in range(20)}
    assert len(drawn) == 20


@pytest.mark.parametrize("kind", kinds())
def test_scenarios_are_valid(kind: str) -> None:
    for seed in range(40):
        assert _errors(generate(kind, seed)) == [], f"{kind} {seed}"
    for seed in range(100):
        assert _errors(generate(kind, seed, **SMALL)) == [], f"small {kind} {seed}"


@pytest.mark.parametrize("kind", kinds())
def test_the_largest_scenarios_are_valid(kind: str) -> None:
    assert _errors(generate(kind, 1, stations=MOST_STATIONS, trains=1, days=1)) == []


@pytest.mark.long
@pytest.mark.parametrize("kind", kinds())
def test_scenarios_of_all_sizes_are_valid(kind: str) -> None:
    for seed in range(400):
        size = {"stations": 3 + seed % 40, "trains": 1 + seed % 30, "days": 1 + seed % 9}
        assert _errors(generate(kind, seed, closures=seed % 7, fixed_paths=seed % 5 % 4, **size)) == [], (kind, seed)


@pytest.mark.parametrize("kind", kinds())
def test_a_saved_scenario_is_read_back_the_same(kind: str, tmp_path: Path) -> None:
    for seed in range(4):
        scenario = generate(kind, seed, closures=2, fixed_paths=1)
        save_scenario(scenario, tmp_path / f"{seed}")
        assert load_scenario(tmp_path / f"{seed}") == scenario


@pytest.mark.parametrize("kind", kinds())
def test_sizes_are_kept(kind: str) -> None:
    for seed in range(20):
        scenario = generate(kind, seed, stations=11, trains=13, days=3, closures=2, fixed_paths=1)
        assert len(scenario.network.stations) == 11
        assert (scenario.days, len(scenario.closures)) == (3, 2)
        assert sum(one.per_day * (1 + one.both) for one in scenario.requests) == 13
        # The first day is a Monday, so that every request runs on all three.
        assert len(train_requests(scenario)) == 39


def test_more_trains_leave_the_railway_as_it_is() -> None:
    few, many = generate("network", 5, trains=2), generate("network", 5, trains=30)
    assert (few.network, few.rules, few.closures) == (many.network, many.rules, many.closures)


def test_railways_are_as_promised() -> None:
    for seed in range(30):
        corridor = generate("corridor", seed)
        gauges = Counter(gauge for section in corridor.network.sections.values() for gauge in section.gauges_mm)
        assert set(gauges) == {1676, 1520}
        assert {station.time_zone for station in corridor.network.stations.values()} == {"Asia/Karachi", "Asia/Kabul"}
        assert corridor.daylight
        for kind in kinds():
            for section in generate(kind, seed).network.sections.values():
                low, high = (4_000, 14_000) if section.tracks == 2 else (8_000, 30_000)
                assert low <= section.length_m <= high
    sections = [generate("network", seed).network.sections for seed in range(30)]
    ends = [Counter(end for one in network.values() for end in (one.start, one.end)) for network in sections]
    assert all(max(degrees.values()) > 2 for degrees in ends)
    assert any(len(network) >= len(degrees) for network, degrees in zip(sections, ends, strict=True)), "no ring at all"


@pytest.mark.parametrize("kind", kinds())
def test_fixed_paths_keep_running_times_and_closures(kind: str) -> None:
    seen = 0
    for seed in range(30):
        scenario = generate(kind, seed, days=2, closures=2, fixed_paths=8)
        shut = section_closures(scenario)
        busy: list[tuple[int, int]] = []
        for path in scenario.fixed_paths:
            seen += 1
            way = fixed_route(scenario, path)
            train_type = scenario.train_types[path.train_type]
            for section, before, after in zip(way.sections, path.calls, path.calls[1:], strict=False):
                took = after.arrival_s - before.departure_s
                took -= train_type.start_supplement_s if before is path.calls[0] else 0
                took -= train_type.stop_supplement_s if after is path.calls[-1] else 0
                assert took == running_time_s(scenario, section, before.station, path.train_type)
                for track in scenario.network.sections[section].tracks_from(before.station):
                    closed = shut.get((section, track), ())
                    assert not any(before.departure_s < end and after.arrival_s > begin for begin, end in closed)
            busy.append((path.calls[0].arrival_s, path.calls[-1].departure_s))
        busy.sort()
        assert all(after[0] - before[1] >= 900 for before, after in pairwise(busy))
        assert all(scenario.begin_s <= begin and end <= scenario.end_s for begin, end in busy)
    assert seen > 60


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        ("circle", {"seed": 1}, "line, corridor, network"),
        ("line", {"seed": -1}, "seed must be between 0"),
        ("network", {"seed": 1, "stations": 2}, "stations must be between 3 and 1000, not 2"),
        ("line", {"seed": 1, "trains": 0}, "trains must be between 1"),
        ("line", {"seed": 1, "days": 0}, "days must be between 1"),
        ("line", {"seed": 1, "fixed_paths": 5}, "fixed_paths must be between 0 and 4"),
        ("line", {"seed": 1, "closures": -1}, "closures must be between 0"),
    ],
)
def test_sizes_out_of_range_say_what_is_right(kind: str, arguments: dict[str, int], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        generate(kind, **arguments)
