"""Fixed paths that collide are an error that names both."""

from dataclasses import replace

from sample_line import line_scenario

from railcap.corridor.traffic import FixedCall, FixedPath
from railcap.corridor.validate import validate

SCENARIO = line_scenario(4)
BEGIN = SCENARIO.begin_s + 12 * 3600


def fixed(name, stations, begin_s, track=""):
    calls = [FixedCall(one, begin_s + 900 * place, begin_s + 900 * place, track) for place, one in enumerate(stations)]
    return FixedPath(name, "FRT", tuple(calls))


def collisions(*paths):
    found = validate(replace(SCENARIO, fixed_paths=paths, daylight=()))
    return [issue.message for issue in found if issue.code == "fixed-paths-collide"]


def test_trains_that_face_each_other_on_a_section_are_named():
    (message,) = collisions(fixed("F1", ["s02", "s03"], BEGIN), fixed("F2", ["s03", "s02"], BEGIN + 600))
    assert "F1" in message and "F2" in message and "s02-s03" in message


def test_one_track_twice_is_told_and_another_time_is_not():
    (message,) = collisions(fixed("F1", ["s02", "s03"], BEGIN, "1"), fixed("F2", ["s02", "s03"], BEGIN, "1"))
    assert "F1" in message and "F2" in message
    assert collisions(fixed("F1", ["s02", "s03"], BEGIN), fixed("F2", ["s03", "s02"], BEGIN + 7200)) == []


def test_an_unknown_zone_gets_the_near_name_and_those_in_use():
    (issue,) = [one for one in validate(replace(SCENARIO, time_zone="Pakistan/Karachi")) if one.code == "unknown-zone"]
    assert "'Asia/Karachi'? The scenario also uses Asia/Karachi" in issue.message
