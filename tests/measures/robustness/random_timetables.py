"""Random small timetables that keep all rules, with yards or without."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from planning_random import random_scenario, random_timetable, random_yard_scenario

from railcap.corridor.scenario import Scenario
from railcap.planning.check import check_timetable
from railcap.planning.timetable import Timetable


def sound_timetables(seeds: range, *, yards: bool) -> Iterator[tuple[Scenario, Timetable]]:
    """Yield those of the random timetables that keep all rules and have at least two trains."""
    for seed in seeds:
        scenario = (random_yard_scenario if yards else random_scenario)(seed)
        timetable = random_timetable(scenario, seed)
        if len(timetable.paths) > 1 and not check_timetable(scenario, timetable):
            yield scenario, timetable


@cache
def random_timetables(*, yards: bool) -> tuple[tuple[Scenario, Timetable], ...]:
    """Return some dozens of them, with yards a few less."""
    return tuple(sound_timetables(range(1000 if yards else 350), yards=yards))
