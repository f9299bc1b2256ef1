"""Validation of scenarios that were never files: tables and records are named, and nonsense never crashes it."""

import math
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_strategy import scenarios
from scenario_texts import GOOD, write_folder

from railcap.corridor.infrastructure import Section
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop
from railcap.corridor.validate import validate
from railcap.formats.scenario_folder import load_scenario


@pytest.fixture
def good(tmp_path):
    return load_scenario(write_folder(tmp_path / "good", GOOD))


def with_station(scenario, id_, **changes):
    stations = dict(scenario.network.stations)
    stations[id_] = replace(stations[id_], **changes)
    return replace(scenario, network=replace(scenario.network, stations=stations))


def with_section(scenario, id_, **changes):
    sections = dict(scenario.network.sections)
    sections[id_] = replace(sections[id_], **changes)
    return replace(scenario, network=replace(scenario.network, sections=sections))


def with_request(scenario, number, **changes):
    requests = list(scenario.requests)
    requests[number] = replace(requests[number], **changes)
    return replace(scenario, requests=tuple(requests))


DAMAGES = {
    "section length": (lambda s: with_section(s, "B-G", length_m=-5), ("sections", "B-G, column length_km", "-0.005")),
    "section speed": (
        lambda s: with_section(s, "B-G", speeds_kmh={"freight": math.nan, "passenger": 60.0}),
        ("sections", "B-G, column speed_freight_kmh", "nan"),
    ),
    "section speed missing": (
        lambda s: with_section(s, "B-G", speeds_kmh={"freight": 60.0}),
        ("sections", "B-G, column speed_passenger_kmh", ""),
    ),
    "station zone": (
        lambda s: with_station(s, "bostan", time_zone="Asia/Bostan"),
        ("stations", "bostan, column time_zone", "Asia/Bostan"),
    ),
    "station under another id": (
        lambda s: with_station(s, "bostan", id="boston"),
        ("stations", "bostan, column id", "boston"),
    ),
    "track twice": (
        lambda s: with_station(
            s, "quetta", tracks=(*s.network.stations["quetta"].tracks, s.network.stations["quetta"].tracks[0])
        ),
        ("tracks", "quetta/1, column track", "1"),
    ),
    "request twice": (
        lambda s: replace(s, requests=(*s.requests, s.requests[0])),
        ("requests", "CONT, column id", "CONT"),
    ),
    "request type": (lambda s: with_request(s, 0, train_type="X"), ("requests", "CONT, column train_type", "X")),
    "weekday 7": (lambda s: with_request(s, 0, weekdays=frozenset({7})), ("requests", "CONT, column weekdays", "[7]")),
    "no weekday": (lambda s: with_request(s, 0, weekdays=frozenset()), ("requests", "CONT, column weekdays", "[]")),
    "stop under another station": (
        lambda s: with_request(s, 0, stops={"bostan": Stop("gulistan")}),
        ("stops", "CONT/bostan, column station", "gulistan"),
    ),
    "stop in a window too tight": (
        lambda s: with_request(s, 0, stops={"gulistan": Stop("gulistan", arrive_until_s=6 * 3600)}),
        ("stops", "CONT/gulistan, column arrive_until", "2026-03-02 06:00"),
    ),
    "stop that must leave before it may": (
        lambda s: with_request(
            s, 0, stops={"gulistan": Stop("gulistan", 3600, arrive_from_s=72000, depart_until_s=75000)}
        ),
        ("stops", "CONT/gulistan, column depart_until", ""),
    ),
    "fixed path twice": (
        lambda s: replace(s, fixed_paths=s.fixed_paths * 2),
        ("fixed_paths", "EXTRA, column train", "EXTRA"),
    ),
    "fixed path without calls": (
        lambda s: replace(s, fixed_paths=(FixedPath("F", "LOCAL", ()),)),
        ("fixed_paths", "F, column train", "F"),
    ),
    "closure without period": (
        lambda s: replace(s, closures=(Closure("c", "B-G"),)),
        ("closures", "c, column from", ""),
    ),
    "closure of both kinds": (
        lambda s: replace(s, closures=(Closure("c", "B-G", from_s=1, until_s=2, from_of_day_s=1, until_of_day_s=2),)),
        ("closures", "c, column from", ""),
    ),
    "daylight of nothing": (lambda s: replace(s, daylight=(Daylight(),)), ("daylight", "1, column section", "")),
    "days": (lambda s: replace(s, days=0), ("scenario", "days", "0")),
    "run out": (lambda s: replace(s, run_out_h=math.inf), ("scenario", "run_out_h", "inf")),
    "zone": (lambda s: replace(s, time_zone="Mars"), ("scenario", "time_zone", "Mars")),
    "name": (lambda s: replace(s, name=" "), ("scenario", "name", " ")),
    "rule": (
        lambda s: replace(s, rules=replace(s.rules, track_release_s=-60)),
        ("scenario", "rules.track_release_min", "-1"),
    ),
    "weight": (
        lambda s: replace(s, weights=replace(s.weights, late_freight=-1.0)),
        ("scenario", "cost.late_freight", "-1"),
    ),
    "start": (lambda s: replace(s, start=date(1066, 10, 14)), ("scenario", "start", "1066")),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_tables_and_records_are_named(name, good):
    damage, expected = DAMAGES[name]
    found = [issue for issue in validate(damage(good)) if issue.severity == "error"]
    assert [(issue.file, issue.where, issue.value) for issue in found] == [expected], [str(issue) for issue in found]


H = 3600
WINDOWS = {
    "origin": (
        {"stops": {"quetta": Stop("quetta", depart_from_s=11 * H)}},
        ("stops", "CONT/quetta, column depart_from"),
    ),
    "origin too early": (
        {"stops": {"quetta": Stop("quetta", depart_until_s=5 * H)}},
        ("stops", "CONT/quetta, column depart_until"),
    ),
    "arrival": ({"arrive_until_s": 8 * H}, ("requests", "CONT, column arrive_until")),
    "arrival after a window of arrival": (
        {"stops": {"gulistan": Stop("gulistan", arrive_from_s=20 * H)}, "arrive_until_s": 21 * H},
        ("requests", "CONT, column arrive_until"),
    ),
    "arrival after a window of departure": (
        {"stops": {"gulistan": Stop("gulistan", depart_from_s=20 * H)}, "arrive_until_s": 21 * H},
        ("requests", "CONT, column arrive_until"),
    ),
    "departure after a dwell": (
        {"stops": {"gulistan": Stop("gulistan", 2 * H, depart_until_s=9 * H)}},
        ("stops", "CONT/gulistan, column depart_until"),
    ),
    "journey with a wait": (
        {"stops": {"gulistan": Stop("gulistan", depart_from_s=20 * H)}, "longest_journey_s": 10 * H},
        ("requests", "CONT, column longest_journey_min"),
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_that_no_running_time_fits(name, good):
    """The container train leaves from 05:30 to 10:00 and needs 1:34 to Gulistan and 3:12 to Chaman."""
    changes, expected = WINDOWS[name]
    found = validate(with_request(good, 0, **changes))
    assert [(issue.file, issue.where) for issue in found] == [expected], [str(issue) for issue in found]
    assert found[0].severity == "error"


def test_windows_that_just_fit(good):
    stops = {"gulistan": Stop("gulistan", 20 * 60, arrive_until_s=7 * H + 4 * 60, depart_until_s=7 * H + 24 * 60)}
    fits = {"stops": stops, "arrive_until_s": 9 * H + 2 * 60, "longest_journey_s": 3 * H + 32 * 60}
    assert validate(with_request(good, 0, **fits)) == []
    for name in ("arrive_until_s", "longest_journey_s"):
        assert validate(with_request(good, 0, **fits | {name: fits[name] - 60})) != []


def test_a_station_of_a_gauge_of_its_own_splits_nothing(good):
    """Two gauges at a border yard are no fault."""
    assert validate(good) == []


def test_a_train_that_turns_back_without_a_stop_is_doubted(good):
    sections = dict(good.network.sections) | {
        "B-Z": Section("B-Z", "bostan", "spin_boldak", 5000, 1, frozenset({1676}), {"freight": 40.0, "passenger": 40.0})
    }
    network = replace(good.network, sections={key: one for key, one in sections.items() if key != "C-S"})
    request = PathRequest("R", "LOCAL", "quetta", "gulistan", 8 * 3600, vias=("spin_boldak",))
    turns = replace(good, network=network, requests=(request,), fixed_paths=(), daylight=())
    assert [(one.code, one.severity) for one in validate(turns)] == [("turns-back", "warning")]
    stops = {"spin_boldak": Stop("spin_boldak", 600)}
    assert validate(replace(turns, requests=(replace(request, stops=stops),))) == []


def test_a_fixed_path_may_run_beyond_the_period(good):
    path = good.fixed_paths[0]
    shift = 86400 * 10
    later = tuple(
        FixedCall(one.station, one.arrival_s + shift, one.departure_s + shift, one.track) for one in path.calls
    )
    assert validate(replace(good, fixed_paths=(replace(path, calls=later),))) == []


NONSENSE = st.sampled_from(
    [-1, 0, 10**12, -(10**12), math.nan, math.inf, "", "x", "quetta", None, (), frozenset({9}), frozenset({-1}), {}]
)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_nonsense_of_the_right_kind_never_crashes_it(data):
    """Numbers, texts and sets of every size in every field become issues (or none), never an exception."""
    scenario = BASE[0]
    kind = data.draw(st.sampled_from(["station", "section", "type", "request", "stop", "closure", "daylight", "fixed"]))
    sample = {
        "station": scenario.network.stations["bostan"],
        "section": scenario.network.sections["B-G"],
        "type": scenario.train_types["GOODS"],
        "request": scenario.requests[0],
        "stop": scenario.requests[0].stops["gulistan"],
        "closure": scenario.closures[0],
        "daylight": scenario.daylight[0],
        "fixed": scenario.fixed_paths[0].calls[1],
    }[kind]
    chosen = data.draw(
        st.sampled_from([one.name for one in fields(sample) if one.name not in ("first_day", "last_day")])
    )
    old = getattr(sample, chosen)
    new = data.draw(NONSENSE.filter(lambda value: alike(old, value)))
    broken = replace(sample, **{chosen: new})
    validate(put(scenario, kind, broken))


def alike(old, new):
    """Return whether a value has the type of another, as a type checker would ask."""
    if old is None:
        return new is None or isinstance(new, int)
    if isinstance(old, bool) or type(old) not in (int, float, str, tuple, frozenset, dict):
        return False
    if isinstance(old, float):
        return isinstance(new, int | float)
    return type(old) is type(new)


def put(scenario, kind, part):
    network = scenario.network
    if kind == "station":
        return replace(scenario, network=replace(network, stations=dict(network.stations) | {"bostan": part}))
    if kind == "section":
        return replace(scenario, network=replace(network, sections=dict(network.sections) | {"B-G": part}))
    if kind == "type":
        return replace(scenario, train_types=dict(scenario.train_types) | {"GOODS": part})
    if kind == "request":
        return replace(scenario, requests=(part, *scenario.requests[1:]))
    if kind == "stop":
        return with_request(scenario, 0, stops={"gulistan": part})
    if kind == "closure":
        return replace(scenario, closures=(part,))
    if kind == "daylight":
        return replace(scenario, daylight=(part,))
    path = scenario.fixed_paths[0]
    return replace(scenario, fixed_paths=(replace(path, calls=(path.calls[0], part, path.calls[2])),))


BASE = []


@pytest.fixture(autouse=True, scope="module")
def _base(tmp_path_factory):
    BASE[:] = [load_scenario(write_folder(tmp_path_factory.mktemp("base") / "good", GOOD))]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_drawn_scenarios_are_sound(scenario):
    assert [str(issue) for issue in validate(scenario) if issue.severity == "error"] == []
