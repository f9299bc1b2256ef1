"""A scenario: the railway, its rules and its traffic over a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from railcap.corridor.infrastructure import Network
from railcap.corridor.rules import Closure, CostWeights, Daylight, Rules
from railcap.corridor.traffic import FixedPath, PathRequest, TrainType
from railcap.corridor.yards import Banker, OpeningHours, TrainLink, YardProcess, YardResource
from railcap.units import HOUR_S, to_utc_s


@dataclass(frozen=True, slots=True)
class Scenario:
    """What `railcap plan` plans.

    Parameters
    ----------
    start : date
        First day of departures, local in `time_zone`.
    days : int
        Days of departures.
    run_out_h : float
        How long after the last day trains may still be on the way; the horizon ends then.
    """

    name: str
    time_zone: str
    start: date
    days: int
    network: Network
    train_types: Mapping[str, TrainType]
    requests: tuple[PathRequest, ...]
    fixed_paths: tuple[FixedPath, ...] = ()
    closures: tuple[Closure, ...] = ()
    daylight: tuple[Daylight, ...] = ()
    rules: Rules = field(default_factory=Rules)
    weights: CostWeights = field(default_factory=CostWeights)
    run_out_h: float = 48.0
    title: str = ""
    description: str = ""
    yard_resources: Mapping[str, YardResource] = field(default_factory=dict)
    opening_hours: tuple[OpeningHours, ...] = ()
    processes: Mapping[str, YardProcess] = field(default_factory=dict)
    links: tuple[TrainLink, ...] = ()
    bankers: tuple[Banker, ...] = ()

    @property
    def begin_s(self) -> int:
        """Local midnight at the start of the first day, UTC seconds."""
        return to_utc_s(self.start, 0, self.time_zone)

    @property
    def end_s(self) -> int:
        """End of the horizon, UTC seconds: every train has arrived by then."""
        return to_utc_s(self.start + timedelta(days=self.days), 0, self.time_zone) + int(self.run_out_h * HOUR_S)


def check_scenario(scenario: object, function: str) -> None:
    """Raise `TypeError` unless a function of the Python API was given a scenario, and not its name or folder."""
    if not isinstance(scenario, Scenario):
        raise TypeError(f"{function} needs a Scenario, not {type(scenario).__name__}; get one by railcap.load(...)")
