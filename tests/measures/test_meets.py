"""Meets and passes read off a timetable."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from railcap.measures.meets import meetings
from railcap.planning.timetable import Call, Leg, Timetable, TrainPath


def train(name: str, *calls: tuple[str, int, int], track: str = "1") -> TrainPath:
    """Sections are named after their stations, whichever the direction."""
    legs = [Leg("-".join(sorted((here[0], there[0]))), track) for here, there in pairwise(calls)]
    stops = [Call(station, "1", arrival, departure, arrival < departure) for station, arrival, departure in calls]
    return TrainPath(name, name, "", "T", tuple(stops), tuple(legs))


def found(*paths: TrainPath) -> list[tuple[str, str, str, bool]]:
    return [(one.station, one.first, one.second, one.same_direction) for one in meetings(Timetable("x", paths))]


UP = train("up", ("a", 0, 0), ("b", 100, 300), ("c", 400, 400))


def test_opposing_trains_meet_where_one_waits() -> None:
    down = train("down", ("c", 0, 0), ("b", 200, 200), ("a", 300, 300))
    assert found(UP, down) == [("b", "up", "down", False)]


def test_trains_that_are_there_at_different_times_do_not_meet() -> None:
    down = train("down", ("c", 500, 500), ("b", 600, 600), ("a", 700, 700))
    assert found(UP, down) == []


def test_trains_on_tracks_of_their_own_do_not_meet() -> None:
    down = train("down", ("c", 0, 0), ("b", 200, 200), ("a", 300, 300), track="2")
    assert found(UP, down) == []


def test_a_train_that_ends_meets_the_one_that_waits_for_it() -> None:
    ends = train("ends", ("a", 0, 0), ("b", 200, 200))
    waits = train("waits", ("c", 0, 0), ("b", 100, 260), ("a", 400, 400))
    assert found(ends, waits) == [("b", "waits", "ends", False)]


def test_a_train_does_not_meet_its_own_light_engine() -> None:
    light = train("light", ("b", 150, 150), ("a", 250, 250))
    assert found(UP, light) == [("b", "up", "light", False)]
    assert found(UP, replace(light, light_for="other")) == [("b", "up", "light", False)]
    assert found(UP, replace(light, light_for="up")) == []
    assert found(replace(UP, light_for="light"), light) == []


def test_a_later_train_that_leaves_first_passes() -> None:
    fast = train("fast", ("a", 100, 100), ("b", 200, 200), ("c", 280, 280))
    assert found(UP, fast) == [("b", "up", "fast", True)]


def test_a_later_train_that_leaves_later_does_not_pass() -> None:
    after = train("after", ("a", 100, 100), ("b", 200, 340), ("c", 440, 440))
    assert found(UP, after) == []


def test_trains_from_different_lines_do_not_pass() -> None:
    joins = train("joins", ("x", 100, 100), ("b", 200, 200), ("c", 280, 280))
    assert found(UP, joins) == []
