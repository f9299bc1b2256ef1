"""The railway checker's rules in yards: steps, their tracks, yard resources (docs/model.md, 15 to 18)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from railcap.corridor.expand import Interval, yard_closed_times
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import step_time_s, steps_of
from railcap.corridor.traffic import Stop, TrainRequest, TrainType
from railcap.corridor.yards import AtClose, YardResource, YardStep
from railcap.planning.timetable import Call, Step, TrainPath
from railcap.planning.violation import Violation
from railcap.units import duration, stamp


def stop_at(request: TrainRequest, station: str) -> Stop | None:
    """Return the stop that a train was asked to make at a station, None if it was not."""
    return request.stops.get(station, request.stops.get("*"))


def step_violations(scenario: Scenario, path: TrainPath, call: Call, stop: Stop | None) -> list[Violation]:
    """Return breaches of rules 16 and 18 by the steps of one call, of a path whose names are all known.

    Parameters
    ----------
    stop : what was asked for there; None: nothing, so no steps
    """
    judge = _StepsJudge(scenario, path, call, steps_of(scenario, stop))
    judge.judge()
    return judge.found


@dataclass
class _StepsJudge:
    """Judges the steps of a train at one station."""

    scenario: Scenario
    path: TrainPath
    call: Call
    asked: Sequence[YardStep]
    found: list[Violation] = field(default_factory=list)

    def say(self, kind: str, message: str, time_s: int) -> None:
        """Note a violation at the station."""
        train, station = self.path.train, self.call.station
        self.found.append(Violation(kind, f"{train}, {station}: {message}", (train,), station, time_s))

    def clock(self, time_s: int) -> str:
        """Return a moment in the station's local time."""
        return stamp(time_s, self.scenario.network.stations[self.call.station].time_zone)

    def judge(self) -> None:
        """Compare with what was asked for, step by step."""
        track, free_s = self.call.track, self.call.arrival_s
        for step, want in zip(self.call.steps, self.wanted(), strict=True):
            if step.begin_s < self.call.arrival_s or step.end_s > self.call.departure_s:
                self.say(
                    "step-outside-stop",
                    f"{step.name} is from {self.clock(step.begin_s)} to {self.clock(step.end_s)}, but the train is "
                    f"there from {self.clock(self.call.arrival_s)} to {self.clock(self.call.departure_s)} only",
                    step.begin_s,
                )
            elif step.begin_s < free_s:
                self.say(
                    "steps-overlap",
                    f"{step.name} begins at {self.clock(step.begin_s)}, the step before it ends only at "
                    f"{self.clock(free_s)}",
                    step.begin_s,
                )
            if want is not None:
                self.content(step, want)
                self.track(step, want, track)
            track, free_s = step.track, step.end_s

    def wanted(self) -> list[YardStep | None]:
        """Return for each step the one of its name that was asked for; note what is missing, too much, out of order."""
        left = {want.name: want for want in self.asked}
        wanted = []
        for step in self.call.steps:
            wanted.append(left.pop(step.name, None))
            if wanted[-1] is None:
                self.say("step-not-asked-for", f"it undergoes {step.name!r}, which was not asked for", step.begin_s)
        for want in left.values():
            self.say("step-missing", f"it does not undergo {want.name}, as was asked for", self.call.arrival_s)
        order = [want.name for want in wanted if want is not None]
        right = [want.name for want in self.asked if want.name in order]
        if order != right:
            text = f"it undergoes {', '.join(order)}; the order is {', '.join(right)}"
            self.say("steps-out-of-order", text, self.call.arrival_s)
        return wanted

    def content(self, step: Step, want: YardStep) -> None:
        """Check resource and duration (rule 16)."""
        if step.resource != want.resource:
            here, there = step.resource or "nothing", want.resource or "nothing"
            self.say("wrong-yard-resource", f"{step.name} uses {here}, it needs {there}", step.begin_s)
        took, need = step.end_s - step.begin_s, step_time_s(self.scenario, want, self._type)
        if took != need:
            kind = "step-too-short" if took < need else "step-too-long"
            begin = self.clock(step.begin_s)
            text = f"{step.name} takes {duration(took)} from {begin} on, exactly {duration(need)} is needed"
            self.say(kind, text, step.begin_s)

    def track(self, step: Step, want: YardStep, before: str) -> None:
        """Check where a step is done, by a train that stands on the track `before` until then (rule 18)."""
        if want.tracks and step.track not in want.tracks:
            self.say(
                "wrong-step-track",
                f"{step.name} is done on track {step.track} at {self.clock(step.begin_s)}, "
                f"it can be done on {', '.join(want.tracks)} only",
                step.begin_s,
            )
        elif step.track != before and (not want.tracks or before in want.tracks) and self.may_stop_on(before):
            self.say(
                "needless-track-change",
                f"it changes from track {before} to {step.track} for {step.name} at {self.clock(step.begin_s)}, "
                f"which can be done on track {before} as well",
                step.begin_s,
            )

    def may_stop_on(self, track_id: str) -> bool:
        """Return whether the train may stop on a track of the station (rule 4)."""
        track = self.scenario.network.stations[self.call.station].track(track_id)
        return self._type.gauge_mm in track.gauges_mm and track.length_m >= self._type.length_m

    @property
    def _type(self) -> TrainType:
        return self.scenario.train_types[self.path.train_type]


@dataclass(frozen=True, slots=True, order=True)
class _Use:
    """A step that holds a yard resource."""

    begin_s: int
    end_s: int
    train: str
    step: str


def yard_violations(scenario: Scenario, paths: Iterable[TrainPath]) -> list[Violation]:
    """Return breaches of rules 15 and 17 at the yard resources."""
    uses: dict[str, list[_Use]] = defaultdict(list)
    for path in paths:
        for call in path.calls:
            for step in call.steps:
                if step.resource:
                    uses[step.resource].append(_Use(step.begin_s, step.end_s, path.train, step.name))
    closed = yard_closed_times(scenario)
    found: list[Violation] = []
    for resource_id, served in sorted(uses.items()):
        resource = scenario.yard_resources[resource_id]
        served.sort()
        found += _full(scenario, resource, served)
        found += _closed(scenario, resource, served, closed.get(resource_id, ()))
    return found


def _full(scenario: Scenario, resource: YardResource, uses: Sequence[_Use]) -> Iterator[Violation]:
    """Yield each step with which more trains hold a resource than it serves; `uses` in the order of their begins."""
    zone = scenario.network.stations[resource.station].time_zone
    active: list[_Use] = []
    for use in uses:
        # Of steps that begin at one instant those without length come first, and are over before the others.
        active = [other for other in active if other.end_s > use.begin_s]
        others = {other.train: other for other in active if other.train != use.train}
        if len(others) >= resource.capacity:
            held = ", ".join(f"{other.train} until {stamp(other.end_s, zone)}" for other in others.values())
            text = (
                f"{use.train}: {use.step} begins at {stamp(use.begin_s, zone)} with {resource.id} of "
                f"{resource.station}, which serves {resource.capacity} at a time and is held by {held}"
            )
            yield Violation("yard-resource-full", text, (*others, use.train), resource.station, use.begin_s)
        active.append(use)


def _closed(
    scenario: Scenario, resource: YardResource, uses: Iterable[_Use], closed: Sequence[Interval]
) -> Iterator[Violation]:
    zone = scenario.network.stations[resource.station].time_zone
    must_end = resource.at_close is AtClose.FINISH
    rule = "no part of it may lie in closed time" if must_end else "it must not begin in closed time"
    for use in uses:
        last_s = use.end_s if must_end else use.begin_s
        for begin, end in closed:
            if use.begin_s < end and last_s > begin:
                text = (
                    f"{use.train}: {use.step} with {resource.id} of {resource.station} is from "
                    f"{stamp(use.begin_s, zone)} to {stamp(use.end_s, zone)}, closed from {stamp(begin, zone)} to "
                    f"{stamp(end, zone)}: {rule}"
                )
                yield Violation("step-in-closed-time", text, (use.train,), resource.station, use.begin_s)
