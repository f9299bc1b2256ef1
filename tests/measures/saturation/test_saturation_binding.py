"""What the next path needs, on lines where it is plain: the section, the loop or the yard that is full."""

from __future__ import annotations

from dataclasses import replace

from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import OpeningHours
from railcap.measures.saturation.binding import Neighbour, binding_text, neighbours
from railcap.measures.saturation.candidates import Window
from railcap.measures.saturation.saturation import Saturation

from saturation_lines import MIN, saturated, uniform_line, with_yard  # isort: skip


def looked_at(line: Scenario, mix: str, minutes: int, most: int) -> tuple[Saturation, dict[tuple[str, str], Neighbour]]:
    window = Window(line.begin_s, line.begin_s + minutes * MIN)
    found = saturated(line, mix, window)
    assert found.proven

    def solve(scenario: Scenario, wanted: int) -> Saturation:
        return saturated(scenario, mix, window, 10, enough=wanted)

    seen = list(neighbours(found, most, solve))
    return found, {(one.relaxation.kind, one.relaxation.id): one for one in seen}


def test_the_longest_section_binds() -> None:
    """On double track a train every 24 min at the long section, every 14 min elsewhere."""
    line = uniform_line(3, 10, 10, tracks=2)
    times = {key: (20 * MIN if key[0] == "BC" else time) for key, time in line.network.running_times_s.items()}
    line = replace(line, network=replace(line.network, running_times_s=times))
    found, seen = looked_at(line, "T:A-D=1", 120, 3)
    assert found.trains == (120 - 40) // 24 + 1
    assert seen["running_time", "BC"].admits is True
    others = [one for key, one in seen.items() if key != ("running_time", "BC") and key[0] == "running_time"]
    assert others and all(one.admits is False for one in others)
    text = binding_text(found, list(seen.values()))
    assert "The next path needs half the running time of B - C" in text


def test_a_yard_binds_and_one_more_team_or_hour_helps() -> None:
    """Trains need 30 min of staff that works from 00:00 to 02:00; the line has room for one every 9 min."""
    line = with_yard(uniform_line(1, 5, 5, tracks=2, loops=6), "B", 1, 30)
    line = replace(line, opening_hours=(OpeningHours("staff", 0, 7200),))
    found, seen = looked_at(line, "IMPORT=1", 240, 4)
    assert found.trains == (120 - 5) // 30
    assert seen["capacity", "staff"].admits is True
    assert seen["hours", "staff"].admits is True
    assert seen["running_time", "AB"].admits is False
