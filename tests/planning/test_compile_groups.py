"""Which resources a scenario becomes: no more than its trains can tell apart."""

from dataclasses import replace

from planning_lines import BROAD, line, request

from railcap.corridor.infrastructure import Station, Track, TrackKind
from railcap.corridor.rules import Closure, Rules
from railcap.corridor.traffic import FixedCall, FixedPath, Stop
from railcap.planning.compile import compile_scenario


def _resources(compiled, word):
    uses = {use.resource for train in compiled.problem.trains for op in train.operations for use in op.resources}
    return sorted(name for name in uses if word in name)


def _yard(*tracks):
    return Station("B", "B", tuple(Track(*track, BROAD) for track in tracks), "Asia/Karachi")


MIXED = _yard(
    ("1", TrackKind.MAIN, 750),
    ("2", TrackKind.LOOP, 750),
    ("3", TrackKind.PLATFORM, 900),
    ("4", TrackKind.LOOP, 500),
    ("5", TrackKind.MAIN, 500),
)


def test_tracks_that_fit_the_same_trains_are_one_group():
    compiled = compile_scenario(line(request("up", "A-C", "6:00"), stations={"B": MIXED}))
    # 700 m long: stops on 1, 2, 3, passes on 1 and 5; never uses 4.
    assert _resources(compiled, "station B track") == ["station B track 1", "station B track 2+3", "station B track 5"]
    assert compiled.problem.resource("station B track 2+3").capacity == 2


def test_where_all_trains_stop_main_and_loop_are_one_group():
    stops = {"B": Stop("B")}
    compiled = compile_scenario(line(request("up", "A-C", "6:00", stops=stops), stations={"B": MIXED}))
    assert _resources(compiled, "station B track") == ["station B track 1+2+3"]


def test_a_closed_track_and_a_pinned_track_stand_alone():
    base = line(request("up", "A-C", "6:00", stops={"B": Stop("B")}), stations={"B": MIXED})
    begin = base.begin_s
    shut = replace(base, closures=(Closure("x", station="B", track="2", from_s=begin + 22000, until_s=begin + 23000),))
    assert _resources(compile_scenario(shut), "station B track") == ["station B track 1+3", "station B track 2"]
    calls = tuple(
        FixedCall(name, begin + at, begin + at + stay, track)
        for name, at, stay, track in (("C", 50000, 0, ""), ("B", 50780, 60, "3"), ("A", 51620, 0, ""))
    )
    pinned = replace(base, fixed_paths=(FixedPath("fixed", "freight", calls),))
    assert _resources(compile_scenario(pinned), "station B track") == ["station B track 1+2", "station B track 3"]


def test_one_way_traffic_needs_one_resource_a_section():
    trains = [request(name, "A-C", "6:00") for name in ("one", "two")]
    assert _resources(compile_scenario(line(*trains)), "section") == ["section A-B track 1", "section B-C track 1"]
    assert _resources(compile_scenario(line(*trains)), "reception") == []


def test_a_long_crossing_interval_is_kept_by_the_instant_of_arrival():
    trains = request("one", "A-B", "6:00"), request("down", "B-A", "6:00")
    compiled = compile_scenario(line(*trains, names="AB", rules=Rules(crossing_interval_s=600)))
    # Followers arrive 4 + 10 minutes apart anyway.
    assert _resources(compiled, "cleared") == [
        "section A-B track 1 cleared from A",
        "section A-B track 1 cleared from B",
    ]
    assert _resources(compiled, "after") == []


def test_a_crossing_interval_longer_than_followers_are_apart_needs_guards_against_opposing_trains_only():
    trains = request("one", "A-B", "6:00"), request("two", "A-B", "6:00"), request("down", "B-A", "6:00")
    compiled = compile_scenario(line(*trains, names="AB", rules=Rules(crossing_interval_s=1200)))
    guards = _resources(compiled, "after")
    assert len(guards) == 3
    for train, others in (("one", {"down"}), ("two", {"down"}), ("down", {"one", "two"})):
        name = next(guard for guard in guards if f"after {train}" in guard)
        users = {
            compiled.trains[index].request.request
            for index, one in enumerate(compiled.problem.trains)
            if any(use.resource == name for op in one.operations for use in op.resources)
        }
        assert users == {train} | others


def test_equal_weights_make_one_delay_of_the_arrival():
    late = compile_scenario(line(request("up", "A-C", "6:00"))).problem
    both = compile_scenario(line(request("up", "A-C", "6:00", earlier_s=600))).problem
    assert [type(term).__name__ for term in late.objective] == ["DelayTerm"]
    assert [type(term).__name__ for term in both.objective] == ["DelayTerm", "JourneyTerm"]
    # 0.2 a minute is one unit a second at the least integer scale.
    assert late.cost_scale == 300
    assert late.objective[0].coeff == 1


def test_windows_of_a_compiled_train_are_tight():
    compiled = compile_scenario(line(request("up", "A-C", "6:00", later_s=600), run_out_h=0))
    operations = compiled.problem.trains[0].operations
    begin = compiled.scenario.begin_s
    arrive = operations[compiled.trains[0].arrive]
    assert arrive.start_lb_s == begin + 6 * 3600 + 23 * 60
    assert all(op.start_ub_s is not None for op in operations)
