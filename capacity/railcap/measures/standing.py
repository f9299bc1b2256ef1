"""Where the time of every train goes: running, asked stops, steps in yards, and waits with what caused them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from railcap.corridor.expand import train_requests
from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import turned_trains
from railcap.corridor.traffic import TrainRequest
from railcap.measures.causes import Causes
from railcap.measures.fit import must_fit
from railcap.planning.timetable import Timetable, TrainPath


class Doing(StrEnum):
    """What a train does with its time."""

    RUNNING = "running"
    ASKED_STOP = "asked stop"
    STEP = "step"
    WAIT = "wait"
    BETWEEN = "between trains"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a train's time: `what` names the step or the cause of the wait, `place` is its station or section."""

    doing: Doing
    what: str
    place: str
    from_s: int
    until_s: int

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.until_s - self.from_s


@dataclass(frozen=True, slots=True)
class TrainTime:
    """The time of an accepted train.

    It begins with the departure, or when the train comes onto its track if it undergoes a process at its origin or has
    the rake of another train; it ends when the train leaves the plan. The parts follow each other without gaps.
    """

    train: str
    request: str
    begin_s: int
    end_s: int
    parts: tuple[Part, ...]

    @property
    def seconds(self) -> int:
        """The whole time, which is that of all parts together."""
        return self.end_s - self.begin_s


@dataclass(frozen=True, slots=True)
class TimeUse:
    """What some trains spend time on.

    Parameters
    ----------
    trains : int
        Those that spend time on it.
    seconds, longest_s : int
        All of it, and the longest part of one train.
    place, place_s : str, int
        The station or section where most of it is spent, and how much.
    """

    doing: Doing
    what: str
    trains: int
    seconds: int
    longest_s: int
    place: str
    place_s: int


@dataclass(frozen=True, slots=True)
class RequestTime:
    """Where the time of a request's accepted trains goes."""

    request: str
    trains: int
    seconds: int
    uses: tuple[TimeUse, ...]


def standing(scenario: Scenario, timetable: Timetable) -> tuple[TrainTime, ...]:
    """Return the time of every accepted requested train, in the order of the requests."""
    must_fit(scenario, timetable)
    causes = Causes(scenario, timetable)
    paths = {path.train: path for path in timetable.paths}
    turned = turned_trains(scenario)
    return tuple(
        _train_time(causes, request, path, turned=request.id in turned)
        for request in train_requests(scenario)
        if (path := paths.get(request.id)) is not None
    )


def time_uses(times: Iterable[TrainTime]) -> tuple[TimeUse, ...]:
    """Return what trains spend their time on, all together: running, asked stops, steps, waits; the most first."""
    found: dict[tuple[Doing, str], list[tuple[str, Part]]] = defaultdict(list)
    for time in times:
        for part in time.parts:
            found[part.doing, part.what].append((time.train, part))
    uses = [_use(doing, what, parts) for (doing, what), parts in found.items()]
    order = list(Doing)
    return tuple(sorted(uses, key=lambda use: (order.index(use.doing), -use.seconds, use.what)))


def times_by_request(times: Iterable[TrainTime]) -> tuple[RequestTime, ...]:
    """Return the same by request, in the order of the trains."""
    groups: dict[str, list[TrainTime]] = defaultdict(list)
    for time in times:
        groups[time.request].append(time)
    return tuple(
        RequestTime(request, len(group), sum(time.seconds for time in group), time_uses(group))
        for request, group in groups.items()
    )


def _use(doing: Doing, what: str, parts: list[tuple[str, Part]]) -> TimeUse:
    places: dict[str, int] = defaultdict(int)
    for _, part in parts:
        places[part.place] += part.seconds
    place = max(sorted(places), key=lambda one: places[one])
    trains = {train for train, _ in parts}
    longest = max(part.seconds for _, part in parts)
    return TimeUse(doing, what, len(trains), sum(places.values()), longest, place, places[place])


def _train_time(causes: Causes, request: TrainRequest, path: TrainPath, *, turned: bool) -> TrainTime:
    from_track = turned or bool(path.calls[0].steps)
    parts = _Parts(path.calls[0].arrival_s if from_track else path.departure_s)
    begin_s = parts.now_s
    for place, call in enumerate(path.calls):
        if place:
            parts.add(Doing.RUNNING, Doing.RUNNING, path.legs[place - 1].section, call.arrival_s)
        elif not from_track:
            continue
        for number, step in enumerate(call.steps):
            for wait in causes.before_step(path, place, number, parts.now_s, request):
                parts.add(Doing.WAIT, wait.cause, call.station, wait.until_s)
            parts.add(Doing.STEP, step.name, call.station, step.end_s)
        stop = request.stops.get(call.station, request.stops.get("*"))
        if stop is not None and not call.steps:
            until_s = min(call.arrival_s + stop.dwell_s, call.departure_s)
            parts.add(Doing.ASKED_STOP, Doing.ASKED_STOP, call.station, until_s)
        for wait in causes.before_departure(path, place, parts.now_s, request):
            parts.add(Doing.WAIT, wait.cause, call.station, wait.until_s)
    return TrainTime(path.train, path.request, begin_s, parts.now_s, tuple(parts.found))


@dataclass
class _Parts:
    """The parts of a train's time so far, and until when they reach."""

    now_s: int
    found: list[Part] = field(default_factory=list)

    def add(self, doing: Doing, what: str, place: str, until_s: int) -> None:
        """Add what is done until a moment."""
        if until_s > self.now_s:
            self.found.append(Part(doing, str(what), place, self.now_s, until_s))
            self.now_s = until_s
