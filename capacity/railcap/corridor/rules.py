"""What the operator prescribes: intervals, closures, daylight running, and what delay and refusal cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Planning rules of a scenario, in seconds.

    Parameters
    ----------
    time_step_s : int
        Computed running times are rounded up to a multiple of this.
    non_simultaneous_arrival_s : int
        Least time between arrivals from different sides over single track, where reception is not simultaneous.
    crossing_interval_s : int
        From a train's clearing of a single track to the entry of an opposing train.
    following_interval_s : int
        From the arrival of a leader to the departure of its follower into a section of one block.
    block_release_s : int
        From the clearing of a block to the entry of a follower, where a section has several blocks.
    track_release_s : int
        From a train's departure from a station track to the arrival of the next on it.
    longest_running_factor : float
        A train takes at most so many times its shortest running time over a section (supplements not stretched).
    """

    time_step_s: int = 60
    non_simultaneous_arrival_s: int = 240
    crossing_interval_s: int = 60
    following_interval_s: int = 240
    block_release_s: int = 60
    track_release_s: int = 60
    longest_running_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class CostWeights:
    """What things cost, in weighted minutes.

    `value_point_min`: refusing a request costs its value times this. The late weights count each minute that a train
    leaves its origin after the wished time, the journey weights each minute above the physically shortest journey.
    """

    value_point_min: float = 20.0
    late_passenger: float = 1.0
    late_freight: float = 0.2
    journey_passenger: float = 1.0
    journey_freight: float = 0.2

    def late(self, category: str) -> float:
        """Return the weight of a minute of late departure for a train category."""
        return self.late_passenger if category == "passenger" else self.late_freight

    def journey(self, category: str) -> float:
        """Return the weight of a minute of journey above the shortest for a train category."""
        return self.journey_passenger if category == "passenger" else self.journey_freight


@dataclass(frozen=True, slots=True)
class Closure:
    """A possession: a section, one of its tracks, a station, one of its tracks, or a yard resource, shut for some time.

    Once: `from_s` to `until_s` (UTC seconds). Recurring: on the `weekdays` (0 = Monday; none: every day), from
    `from_of_day_s` to `until_of_day_s` of the local day in `time_zone`; an end before the start means the next day.
    """

    id: str
    section: str = ""
    section_track: str = ""
    station: str = ""
    track: str = ""
    yard_resource: str = ""
    from_s: int | None = None
    until_s: int | None = None
    weekdays: frozenset[int] = frozenset()
    from_of_day_s: int | None = None
    until_of_day_s: int | None = None
    time_zone: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Daylight:
    """Daylight running: trains are on the named section, or on any section that touches the province, only by day.

    `time_zone` empty: the zone of the section's first station.
    """

    section: str = ""
    province: str = ""
    from_of_day_s: int = 6 * 3600
    until_of_day_s: int = 18 * 3600
    time_zone: str = ""
