"""The answer in railway words: train paths with times and tracks, and the requests refused with their reasons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a train undergoes in a yard, with its yard resource (empty: none) and track."""

    name: str
    resource: str
    track: str
    begin_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A train on one station track."""

    track: str
    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Call:
    """A train at one station of its path, times in UTC seconds.

    `stops` tells a stop from a pass (then arrival equals departure). At the origin `arrival_s` is when the train takes
    its track, at the destination `departure_s` is when it leaves it. `track` is the one on which it arrives; `steps`
    are what it undergoes there, perhaps on other tracks.
    """

    station: str
    track: str
    arrival_s: int
    departure_s: int
    stops: bool
    steps: tuple[Step, ...] = ()

    @property
    def stays(self) -> tuple[Stay, ...]:
        """The tracks on which it stands, one after the other: it changes only when a step begins on another one."""
        found = []
        track, from_s = self.track, self.arrival_s
        for step in self.steps:
            if step.track != track:
                found.append(Stay(track, from_s, step.begin_s))
                track, from_s = step.track, step.begin_s
        return (*found, Stay(track, from_s, self.departure_s))


@dataclass(frozen=True, slots=True)
class Leg:
    """A train's run over one section, from call ``i`` to call ``i + 1`` of its path: section id and track id."""

    section: str
    track: str


@dataclass(frozen=True, slots=True)
class TrainPath:
    """An accepted train: n calls and the n - 1 legs between them; `train` is the id of its request or fixed path.

    `light_for` is, of a light engine, the train that it has helped.
    """

    train: str
    request: str
    number: str
    train_type: str
    calls: tuple[Call, ...]
    legs: tuple[Leg, ...]
    fixed: bool = False
    light_for: str = ""

    @property
    def departure_s(self) -> int:
        """Departure from the origin."""
        return self.calls[0].departure_s

    @property
    def arrival_s(self) -> int:
        """Arrival at the destination."""
        return self.calls[-1].arrival_s

    @property
    def journey_s(self) -> int:
        """From departure at the origin to arrival at the destination."""
        return self.arrival_s - self.departure_s


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused train and why.

    `proof` is True if it cannot run on this railway even alone; False: it lost against others, and there is no proof
    that it is impossible. `reason` is a sentence for a planner; `place` and `against` name where and to whom it lost.
    """

    train: str
    request: str
    number: str
    train_type: str
    reason: str
    proof: bool
    place: str = ""
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timetable:
    """Train paths and refusals of a scenario; every requested train and fixed path is in exactly one of the two."""

    scenario: str
    paths: tuple[TrainPath, ...]
    refused: tuple[Refusal, ...] = ()
