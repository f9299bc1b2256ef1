"""Running times over sections, without supplements (rule 3 of docs/model.md)."""

from __future__ import annotations

from math import floor

from railcap.corridor.scenario import Scenario
from railcap.units import round_up


def running_time_s(scenario: Scenario, section_id: str, entering_station: str, train_type_id: str) -> int:
    """Return the shortest running time over a section in seconds, for a train that passes both of its ends.

    A time that is given directly stands as it is; otherwise the length is run at the lower of the section's speed for
    the train's category and the train's own speed, rounded up to a multiple of the rules' time step.

    Raises
    ------
    KeyError
        If the scenario has no such section or train type, or the section no speed for the train's category.
    """
    network = scenario.network
    given = network.running_times_s.get((section_id, entering_station, train_type_id))
    if given is not None:
        return given
    section = network.sections[section_id]
    train_type = scenario.train_types[train_type_id]
    speed_kmh = min(section.speeds_kmh[train_type.category], train_type.speed_kmh)
    return round_up(section.length_m * 3.6 / speed_kmh, scenario.rules.time_step_s)


def longest_running_s(scenario: Scenario, section_id: str, entering_station: str, train_type_id: str) -> int:
    """Return the longest time that a train may take over a section in seconds, supplements not counted.

    Raises
    ------
    KeyError
        As `running_time_s`.
    """
    shortest = running_time_s(scenario, section_id, entering_station, train_type_id)
    # A millionth of a second is floating-point dust: 1.1 times 600 is 660, not 659.
    return floor(shortest * scenario.rules.longest_running_factor + 1e-6)
