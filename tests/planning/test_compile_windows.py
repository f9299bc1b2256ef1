"""Windows: what closures leave free, against trying every second."""

from random import Random

from railcap.planning.compile_tracks import TrackGroup
from railcap.planning.compile_train import CallPlan, LegPlan, TrackUses, build_template
from railcap.planning.compile_windows import LongestJourney, after_closures, before_closures, tighten


def _free(closures, start, length):
    return not any(start < until and start + length > begin for begin, until in closures)


def _closures(draw):
    marks = sorted(draw.sample(range(40), 2 * draw.randint(0, 4)))
    return tuple(zip(marks[::2], marks[1::2], strict=True))


def test_next_and_last_free_starts_equal_trying_every_second():
    draw = Random(1)
    for _ in range(2000):
        closures, start, length = _closures(draw), draw.randint(0, 45), draw.randint(0, 8)
        after = next(s for s in range(start, 200) if _free(closures, s, length))
        assert after_closures(closures, start, length) == after
        before = next(s for s in range(start, -200, -1) if _free(closures, s, length))
        assert before_closures(closures, start, length) == before


def _line():
    """Three stations; two loops at the middle one, sections of 10 and 5, supplements of 2 and 1."""
    groups = [TrackGroup(name, ("1",)) for name in "ABC"]
    calls = [
        CallPlan("A", (groups[0],), (), 0, 0),
        CallPlan("B", (groups[1],), (groups[1],)),
        CallPlan("C", (groups[2],), (), 0, 0),
    ]
    legs = [
        LegPlan("A-B", (10,), 0, 2, 1, (TrackUses("1", ((),)),)),
        LegPlan("B-C", (5,), 0, 2, 1, (TrackUses("1", ((),)),)),
    ]
    return build_template(calls, legs, 0)


def _windows(template):
    return [100] * len(template.roles), [200] * len(template.roles)


def _index(template, label):
    return template.labels.index(label)


def test_supplements_that_every_train_pays_are_part_of_the_run():
    template = _line()
    assert template.least_s[_index(template, "run A-B 1")] == 12
    assert template.least_s[_index(template, "run B-C 1")] == 6
    assert "starting A-B 1" not in template.labels
    assert {"stopping A-B 1", "starting B-C 1"} <= set(template.labels)


def test_windows_follow_the_shortest_way_in_both_directions():
    template = _line()
    earliest, latest = _windows(template)
    kept = tighten(template, earliest, latest, [()] * len(template.roles))
    assert kept == list(range(len(template.roles)))
    assert earliest[_index(template, "arrive C")] == 100 + 12 + 6
    assert latest[_index(template, "depart A")] == 200 - 18


def test_what_no_train_can_reach_is_left_out():
    template = _line()
    earliest, latest = _windows(template)
    closures = [()] * len(template.roles)
    closures[_index(template, "run B-C 1")] = ((112, 130),)
    latest[_index(template, "depart A")] = 105
    kept = tighten(template, earliest, latest, closures)
    labels = {template.labels[index] for index in kept}
    # It arrives at 112 to 117 and cannot go on before 130: it stops.
    assert "pass B 1" not in labels
    assert "stop B 1" in labels
    assert earliest[_index(template, "starting B-C 1")] == 128


def test_no_way_at_all_gives_nothing():
    template = _line()
    earliest, latest = _windows(template)
    closures = [()] * len(template.roles)
    closures[_index(template, "run A-B 1")] = ((100, 200),)
    assert tighten(template, earliest, latest, closures) == []


def test_a_longest_journey_ties_departure_to_arrival():
    template = _line()
    earliest, latest = _windows(template)
    depart, arrive = _index(template, "depart A"), _index(template, "arrive C")
    earliest[arrive] = 180
    tighten(template, earliest, latest, [()] * len(template.roles), LongestJourney(depart, arrive, 30))
    assert earliest[depart] == 150
