"""Validation of scenarios that were never files: tables and records are named, and nonsense never crashes it."""

import math
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario_strategy import scenarios
from scenario_texts import GOOD, YARDS, write_folder

from railcap.corridor.infrastructure import Section
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop
from railcap.corridor.validate import validate
from railcap.corridor.yards import LinkKind, OpeningHours, TrainLink, YardProcess, YardStep
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


@pytest.fixture
def yards(tmp_path):
    return load_scenario(write_folder(tmp_path / "yards", YARDS))


def with_resource(scenario, id_, **changes):
    resources = dict(scenario.yard_resources)
    return replace(scenario, yard_resources=resources | {id_: replace(resources[id_], **changes)})


def with_process(scenario, id_, *steps):
    return replace(scenario, processes=dict(scenario.processes) | {id_: YardProcess(id_, steps)})


def with_link(scenario, number, **changes):
    links = list(scenario.links)
    links[number] = replace(links[number], **changes)
    return replace(scenario, links=tuple(links))


def with_banker(scenario, number, **changes):
    bankers = list(scenario.bankers)
    bankers[number] = replace(bankers[number], **changes)
    return replace(scenario, bankers=tuple(bankers))


def with_type(scenario, id_, **changes):
    """Return a scenario with a train type of this id, the light engine's but for some changes."""
    train_type = replace(scenario.train_types["LIGHT"], id=id_, **changes)
    return replace(scenario, train_types=dict(scenario.train_types) | {id_: train_type})


H = 3600
YARD_DAMAGES = {
    "resource under another id": (
        lambda s: with_resource(s, "crane", id="cranes"),
        ("yard_resources", "crane, column id", "cranes"),
    ),
    "resource's capacity": (
        lambda s: with_resource(s, "crane", capacity=-3),
        ("yard_resources", "crane, column capacity", "-3"),
    ),
    "hours on no day": (
        lambda s: replace(s, opening_hours=(OpeningHours("customs", 0, 20 * H, frozenset()),)),
        ("opening_hours", "1, column weekdays", "[]"),
    ),
    "process under another id": (
        lambda s: replace(s, processes=dict(s.processes) | {"READY": replace(s.processes["READY"], id="SET")}),
        ("yard_steps", "READY, column process", "SET"),
    ),
    "process without steps": (lambda s: with_process(s, "READY"), ("yard_steps", "READY, column step", "")),
    "two steps of one name": (
        lambda s: with_process(s, "READY", YardStep("test", 60), YardStep("test", 120)),
        ("yard_steps", "READY/test, column step", "test"),
    ),
    "step's track": (
        lambda s: with_process(s, "READY", YardStep("test", 60, tracks=("3", "3"))),
        ("yard_steps", "READY/test, column tracks", "3"),
    ),
    "step's name": (
        lambda s: with_process(s, "READY", YardStep("# test", 60)),
        ("yard_steps", "READY/# test, column step", "# test"),
    ),
    "process of no time": (
        lambda s: with_process(s, "READY", YardStep("test", 0), YardStep("again", 0)),
        ("yard_steps", "READY, column duration_min", ""),
    ),
    "link twice": (lambda s: replace(s, links=(*s.links, s.links[1])), ("links", "RAKE, column id", "RAKE")),
    "link's way": (
        lambda s: with_link(s, 0, second="BLOCK/back"),
        ("links", "BOXES, column second", "BLOCK/back"),
    ),
    "link's days": (lambda s: with_link(s, 1, days_later=61), ("links", "RAKE, column days_later", "61")),
    "closure of nothing": (
        lambda s: replace(s, closures=(Closure("c", from_s=s.begin_s, until_s=s.end_s),)),
        ("closures", "c, column section", ""),
    ),
    "banker twice": (lambda s: replace(s, bankers=(*s.bankers, s.bankers[1])), ("bankers", "HILL, column id", "HILL")),
    "banker's id": (lambda s: with_banker(s, 1, id="HILL/2"), ("bankers", "HILL/2, column id", "HILL/2")),
    "banker's end": (lambda s: with_banker(s, 1, end="quetta"), ("bankers", "HILL, column to", "quetta")),
    "banker's engines": (lambda s: with_banker(s, 1, engines=0), ("bankers", "HILL, column engines", "0")),
    "banker's longest time": (
        lambda s: with_banker(s, 1, least_s=3630),
        ("bankers", "HILL, column longest_min", "60"),
    ),
    "banker of no trains": (
        lambda s: with_banker(s, 1, train_types=frozenset()),
        ("bankers", "HILL, column train_types", ""),
    ),
    "banker of a type that a table cannot hold": (
        lambda s: with_banker(with_type(s, "LIGHT GOODS"), 1, train_types=frozenset({"LOCAL", "LIGHT GOODS"})),
        ("bankers", "HILL, column train_types", "LIGHT GOODS"),
    ),
    "banker's engine": (
        lambda s: with_banker(s, 1, engine_type="LOCAL"),
        ("bankers", "HILL, column engine_type", "LOCAL"),
    ),
    "banker's gauge": (
        lambda s: with_banker(with_type(s, "ENGINE", gauge_mm=1520), 1, engine_type="ENGINE"),
        ("bankers", "HILL, column engine_type", "ENGINE"),
    ),
    "banker's way back": (
        lambda s: with_banker(with_type(s, "ENGINE", length_m=650), 1, engine_type="ENGINE"),
        ("bankers", "HILL, column engine_type", "ENGINE"),
    ),
    "banker where a train may pass": (
        lambda s: with_banker(s, 1, train_types=frozenset({"GOODS", "LOCAL"})),
        ("bankers", "HILL, column to", "bostan"),
    ),
    "wagons": (
        lambda s: replace(s, train_types=dict(s.train_types) | {"LOCAL": replace(s.train_types["LOCAL"], wagons=-1)}),
        ("train_types", "LOCAL, column wagons", "-1"),
    ),
}


@pytest.mark.parametrize("name", YARD_DAMAGES)
def test_tables_and_records_of_yards_are_named(name, yards):
    damage, expected = YARD_DAMAGES[name]
    found = [issue for issue in validate(damage(yards)) if issue.severity == "error"]
    assert [(issue.file, issue.where, issue.value) for issue in found] == [expected], [str(issue) for issue in found]


def test_bankers_may_overlap_and_each_has_its_own_trains(yards):
    more = replace(yards.bankers[0], id="MORE", train_types=frozenset({"GOODS"})), replace(yards.bankers[0], id="TWIN")
    assert validate(replace(yards, bankers=(*yards.bankers, *more))) == []


@pytest.mark.parametrize(
    ("vias", "start", "end", "codes"),
    [
        (("gulistan", "bostan"), "quetta", "gulistan", []),  # quetta bostan GULISTAN bostan gulistan chaman
        (("gulistan", "bostan"), "gulistan", "bostan", []),
        (("gulistan", "bostan"), "bostan", "gulistan", ["ambiguous-way"]),  # twice up
        (("bostan", "quetta"), "bostan", "quetta", []),  # quetta bostan QUETTA bostan gulistan chaman
        (("bostan", "quetta"), "bostan", "gulistan", ["ambiguous-way"]),  # once up, from the second time at the foot
    ],
)
def test_a_way_that_comes_to_a_banker_twice(vias, start, end, codes, yards):
    request = PathRequest("R", "LOCAL", "quetta", "chaman", 8 * H, vias=vias, stops=ALL, longest_journey_s=30 * H)
    banker = replace(yards.bankers[1], start=start, end=end)
    turning = replace(yards, requests=(request,), links=(), bankers=(banker,), fixed_paths=())
    assert [issue.code for issue in validate(turning) if issue.file == "bankers"] == codes


def test_nothing_is_said_of_bankers_where_nothing_runs(yards):
    """A network alone may have bankers; its demand comes with the scenario that builds on it."""
    network = replace(yards, requests=(), links=(), fixed_paths=())
    assert [issue for issue in validate(network) if issue.file == "bankers"] == []


def test_what_only_follows_for_a_banker_is_not_said(yards):
    """Without a way of its request, nobody knows whether a train goes a banker's way, nor where it may pass."""
    apart = with_section(with_banker(yards, 1, train_types=frozenset({"GOODS", "LOCAL"})), "B-G", gauges_mm=frozenset())
    assert {issue.file for issue in validate(apart) if issue.severity == "error"} == {"sections"}
    assert not [issue for issue in validate(apart) if issue.file == "bankers"]


@pytest.mark.parametrize(("there_days", "back_days", "circle"), [(0, 0, True), (0, 1, False), (-1, 1, True)])
def test_links_may_lead_in_a_circle_over_days(there_days, back_days, circle, yards):
    """A rake that goes there and back day by day is no circle of trains."""
    there = TrainLink("there", LinkKind.CONNECTION, "PAIR", "CONT", days_later=there_days, station="gulistan")
    back = TrainLink("back", LinkKind.CONNECTION, "CONT", "PAIR", days_later=back_days, station="gulistan")
    codes = [issue.code for issue in validate(replace(yards, links=(there, back)))]
    assert codes == ["circle"] * circle


ALL = {"*": Stop("*")}


def test_two_rakes_for_one_request_may_take_turns(yards):
    """Of two requests on different days, each train has one rake."""
    more = PathRequest("MORE", "LOCAL", "quetta", "chaman", 8 * H, later_s=3600, first_day=date(2026, 3, 3), stops=ALL)
    second = TrainLink("SECOND", LinkKind.TURN_ROUND, "MORE", "PAIR/back", days_later=0, least_s=3600)
    early = with_request(yards, 1, departure_of_day_s=15 * H)
    links = replace(early, requests=(*early.requests, more), links=(yards.links[1], second))
    assert [issue.code for issue in validate(links)] == ["two-rakes"]
    monday = replace(links, requests=(*early.requests, replace(more, first_day=None, last_day=date(2026, 3, 2))))
    assert [issue.code for issue in validate(monday)] == []


def test_hours_that_touch_are_one_opening(yards):
    long = with_process(
        replace(yards, links=()),
        "EXIT",
        YardStep("papers", 20 * H, resource="customs"),
        *yards.processes["EXIT"].steps[1:],
    )
    assert [issue.code for issue in validate(long)] == ["never-open"]
    hours = [OpeningHours("customs", 0, 12 * H), OpeningHours("customs", 12 * H, 24 * H)]
    assert validate(replace(long, opening_hours=tuple(hours))) == []
    assert validate(replace(long, opening_hours=())) == []


def test_a_process_takes_its_time_on_the_way(yards):
    """The container train leaves from 5:30, needs 1:34 to Gulistan and 3:12 to Chaman, and 0:40 for the brake test."""
    stops = {"gulistan": Stop("gulistan", process="READY")}
    fits = {"stops": stops, "arrive_until_s": 9 * H + 22 * 60, "longest_journey_s": 3 * H + 52 * 60}
    alone = replace(yards, links=())
    assert [issue for issue in validate(with_request(alone, 0, **fits)) if issue.severity == "error"] == []
    for name in ("arrive_until_s", "longest_journey_s"):
        found = validate(with_request(alone, 0, **fits | {name: fits[name] - 60}))
        assert [issue.code for issue in found if issue.severity == "error"] == ["window-too-tight"]


def test_a_process_at_the_end_must_be_over_by_the_horizon(yards):
    """The second train is at Chaman 6:02 after the wished time of the first, and stays there for two hours."""
    for wished_s, codes in ((24 * H - 8 * H - 2 * 60, []), (24 * H - 8 * H - 60, ["beyond-horizon"])):
        found = validate(with_request(replace(yards, run_out_h=0), 0, departure_of_day_s=wished_s))
        assert [issue.code for issue in found] == codes, [str(issue) for issue in found]


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
    kinds = ["station", "section", "type", "request", "stop", "work", "closure", "daylight", "fixed"]
    kind = data.draw(st.sampled_from([*kinds, "resource", "hours", "step", "link", "banker"]))
    sample = {
        "station": scenario.network.stations["bostan"],
        "section": scenario.network.sections["B-G"],
        "type": scenario.train_types["GOODS"],
        "request": scenario.requests[0],
        "stop": scenario.requests[0].stops["gulistan"],
        "work": scenario.requests[0].stops["chaman"],
        "closure": data.draw(st.sampled_from(scenario.closures)),
        "daylight": scenario.daylight[0],
        "fixed": scenario.fixed_paths[0].calls[1],
        "resource": scenario.yard_resources["customs"],
        "hours": scenario.opening_hours[1],
        "step": scenario.processes["EXIT"].steps[0],
        "link": data.draw(st.sampled_from(scenario.links)),
        "banker": data.draw(st.sampled_from(scenario.bankers)),
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
    if kind == "work":
        return with_request(scenario, 0, stops=dict(scenario.requests[0].stops) | {"chaman": part})
    if kind == "resource":
        return replace(scenario, yard_resources=dict(scenario.yard_resources) | {"customs": part})
    if kind == "hours":
        return replace(scenario, opening_hours=(scenario.opening_hours[0], part))
    if kind == "step":
        return with_process(scenario, "EXIT", part, *scenario.processes["EXIT"].steps[1:])
    if kind == "link":
        return replace(scenario, links=(part, *scenario.links[1:]))
    if kind == "banker":
        return replace(scenario, bankers=(part, *scenario.bankers[1:]))
    if kind == "closure":
        return replace(scenario, closures=(part,))
    if kind == "daylight":
        return replace(scenario, daylight=(part,))
    path = scenario.fixed_paths[0]
    return replace(scenario, fixed_paths=(replace(path, calls=(path.calls[0], part, path.calls[2])),))


BASE = []


@pytest.fixture(autouse=True, scope="module")
def _base(tmp_path_factory):
    BASE[:] = [load_scenario(write_folder(tmp_path_factory.mktemp("base") / "good", YARDS))]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_drawn_scenarios_are_sound(scenario):
    assert [str(issue) for issue in validate(scenario) if issue.severity == "error"] == []
