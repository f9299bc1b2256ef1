"""Bankers on a ramp: the engine must be back before it helps again, over the same line (rule 23 of docs/model.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planning_lines import line, planned, request

from railcap.corridor.traffic import Stop, TrainType
from railcap.corridor.yards import Banker
from railcap.errors import InputError
from railcap.measures.saturation.candidates import beside
from railcap.measures.saturation.mix import read_mix
from railcap.planning.check import check_timetable
from railcap.planning.timetable import TrainPath

STOPS = {"B": Stop("B", 60), "C": Stop("C", 60)}
TWO = request("UP", "A-D", "6:00", per_day=2, every_s=1200, later_s=1200, stops=STOPS)


def ramp(*requests, engines=1, **fields):
    """Return line A - B - C - D with a ramp from B to C, until eight in the morning."""
    banker = Banker("ramp", "B", "C", frozenset({"freight"}), "light", engines, 300, 1800)
    scenario = line(*requests, names="ABCD", bankers=(banker,), run_out_h=-16, **fields)
    light = TrainType("light", "Light engine", "freight", 20, 60, 1676, 60, 60)
    return replace(scenario, train_types={**scenario.train_types, "light": light})


def minutes(path: TrainPath, begin_s: int) -> list[tuple[str, int, int]]:
    return [(call.station, (call.arrival_s - begin_s) // 60, (call.departure_s - begin_s) // 60) for call in path.calls]


@pytest.fixture(scope="module")
def two_trains():
    return planned(ramp(TWO))


def test_paths_kept_beside_a_mix_may_not_need_its_banker(two_trains):
    scenario, timetable = two_trains.scenario, two_trains.timetable
    with pytest.raises(InputError) as raised:
        beside(scenario, timetable, read_mix(scenario, "freight:A-D=1"))
    assert [(issue.value, issue.code) for issue in raised.value.issues] == [("ramp", "shared-banker")]
    kept = beside(scenario, timetable, read_mix(scenario, "freight:D-A=1"))
    assert len(kept.fixed_paths) == len(timetable.paths)


def test_one_engine_must_be_back_before_it_helps_again(two_trains):
    begin = two_trains.scenario.begin_s
    paths = {path.train.rpartition("2026-03-02/")[2]: path for path in two_trains.timetable.paths}
    # 13 minutes to each stop; the engine is back five minutes after the arrival at C and twelve for the way.
    assert minutes(paths["1"], begin) == [("A", 360, 360), ("B", 373, 374), ("C", 387, 388), ("D", 401, 401)]
    assert minutes(paths["1/light/ramp"], begin) == [("C", 392, 392), ("B", 404, 404)]
    # The second waits for it at B, and a minute for the crossing.
    assert minutes(paths["2"], begin)[1][2] == 405
    assert paths["1/light/ramp"].light_for == paths["1"].train
    assert {path.request for path in paths.values() if path.light_for} == {"ramp"}


def test_two_engines_let_trains_follow_each_other(two_trains):
    found = planned(ramp(TWO, engines=2))
    last = max(path.calls[1].departure_s for path in found.timetable.paths if path.request == "UP")
    # Only the first light engine is in the way, and it waits for the second train.
    assert (last - found.scenario.begin_s) // 60 == 394
    assert found.cost.whole.total == 0 < two_trains.cost.whole.total


def test_a_refused_train_needs_no_light_engine():
    # A train the other way, worth more, leaves no room for it.
    up = request("UP", "A-D", "6:00", stops=STOPS, later_s=0, value=1, arrive_until_s=7 * 3600)
    down = request("DOWN", "D-A", "6:00", later_s=0, value=1000, stops={"C": Stop("C", 3600)})
    found = planned(ramp(up, down))
    running = {path.request for path in found.timetable.paths}
    assert ("ramp" in running) == ("UP" in running)


def test_down_trains_need_no_banker():
    found = planned(ramp(request("DOWN", "D-A", "6:00", stops=STOPS)))
    assert [path.request for path in found.timetable.paths] == ["DOWN"]


def test_a_train_whose_engine_cannot_come_back_cannot_run():
    scenario = ramp(request("UP", "A-D", "6:00", stops=STOPS))
    light = replace(scenario.train_types["light"], gauge_mm=1435)
    found = planned(replace(scenario, train_types={**scenario.train_types, "light": light}))
    (refusal,) = found.timetable.refused
    assert refusal.proof
    assert "banker ramp cannot come back" in refusal.reason


def _damaged(timetable, damage):
    paths = [damage(path) for path in timetable.paths]
    return replace(timetable, paths=tuple(path for path in paths if path is not None))


def _is_light(path):
    return bool(path.light_for)


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("light-engine-missing", lambda path: None if path.train.endswith("1/light/ramp") else path),
        ("light-engine-without-train", lambda path: None if path.train.endswith("/2") else path),
        ("wrong-identity", lambda path: replace(path, light_for="")),
        ("departure-outside-window", lambda path: _moved(path, 7200) if _is_light(path) else path),
        ("no-banker-there", lambda path: _moved(path, -300) if path.train.endswith("/2") else path),
        ("missed-stop", lambda path: path if _is_light(path) else _passing(path, "C")),
    ],
)
def test_damage_is_found(two_trains, kind, damage):
    assert check_timetable(two_trains.scenario, two_trains.timetable) == []
    found = check_timetable(two_trains.scenario, _damaged(two_trains.timetable, damage))
    assert kind in {violation.kind for violation in found}


def _moved(path, by_s):
    calls = [replace(call, arrival_s=call.arrival_s + by_s, departure_s=call.departure_s + by_s) for call in path.calls]
    return replace(path, calls=tuple(calls))


def _passing(path, station):
    calls = [
        replace(call, stops=False, departure_s=call.arrival_s) if call.station == station else call
        for call in path.calls
    ]
    return replace(path, calls=tuple(calls))
