"""The events of one train: what it does from coming onto its first track to leaving its last, and what may delay it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import steps_of
from railcap.corridor.traffic import Stop, TrainRequest
from railcap.corridor.yards import AtClose
from railcap.measures.robustness.delay_table import DelayKind, DelayTable
from railcap.measures.robustness.events import NONE, Act, Event, Interval, PrimaryDelay
from railcap.measures.robustness.graph_draft import GraphDraft, Moment
from railcap.planning.compile_journey import asked_stop
from railcap.planning.compile_sections import split
from railcap.planning.compile_tracks import TrackUser
from railcap.planning.timetable import Call, Step, TrainPath


@dataclass(frozen=True, slots=True)
class TrackStay:
    """A train on a station track, from an event to a moment; `user` says on which tracks it might stand as well."""

    station: str
    track: str
    user: TrackUser
    take: Moment
    leave: Moment


@dataclass(frozen=True, slots=True)
class StepEvent:
    """A step: its begin, how long it takes, and what may prolong it."""

    step: Step
    begin: Moment
    length_s: int
    delay: int


_NOTHING = Moment(NONE)


@dataclass(slots=True)
class TrainEvents:
    """The moments of a train that other trains may wait for, call by call and leg by leg.

    `marks` are, of each leg, when the train enters each block and when it leaves the last one. `come` is when it comes
    onto its first track, `end` when it leaves its last one.
    """

    path: TrainPath
    arrive: dict[int, Moment] = field(default_factory=dict)
    depart: dict[int, Moment] = field(default_factory=dict)
    marks: list[list[Moment]] = field(default_factory=list)
    stays: list[TrackStay] = field(default_factory=list)
    steps: list[StepEvent] = field(default_factory=list)
    come: Moment = _NOTHING
    end: Moment = _NOTHING


@dataclass(frozen=True, slots=True)
class ClosedTimes:
    """When section tracks, station tracks and yard resources are closed, for weeks beyond the end of the horizon."""

    sections: Mapping[tuple[str, str], Sequence[Interval]]
    tracks: Mapping[tuple[str, str], Sequence[Interval]]
    resources: Mapping[str, Sequence[Interval]]
    until_s: int

    def longest_beyond_s(self, closed: Sequence[Interval], from_s: int, length_s: int) -> int | None:
        """Return by how much something of a length may last longer and yet fit between closed times from a moment on.

        None: there are no closed times to come.
        """
        ahead = [one for one in closed if one[1] > from_s]
        if not ahead:
            return None
        begins = [*(begin for begin, _ in ahead[1:]), max(self.until_s, ahead[-1][1])]
        return max(0, max(begin - end for begin, (_, end) in zip(begins, ahead, strict=True)) - length_s)


class TrainEventsMaker:
    """Makes the events of trains, one train after the other.

    Parameters
    ----------
    turned : set of str
        The trains that are said to be the rake of another one, which may wait at their origin.
    rakes : set of str
        Those of them whose first train runs.
    """

    def __init__(
        self,
        scenario: Scenario,
        table: DelayTable,
        draft: GraphDraft,
        closed: ClosedTimes,
        requests: Mapping[str, TrainRequest],
        turned: frozenset[str],
        rakes: frozenset[str],
    ) -> None:
        self.scenario, self.table, self.draft, self.closed = scenario, table, draft, closed
        self.requests, self.turned, self.rakes = requests, turned, rakes
        self.fixed = {path.id: path for path in scenario.fixed_paths}

    def make(self, train: int) -> TrainEvents:
        """Add the events of a train to the draft."""
        return _OneTrain(self, train).make()


class _OneTrain:
    def __init__(self, maker: TrainEventsMaker, train: int) -> None:
        self._maker, self._draft, self._train = maker, maker.draft, train
        self._path = path = self._draft.paths[train]
        self._request = maker.requests.get(path.train)
        self._type = maker.scenario.train_types[path.train_type]
        self._classes = path.request, path.train_type, self._type.category
        self._events = TrainEvents(path)
        self._last, self._least_s, self._delay, self._running = NONE, 0, NONE, NONE
        self._named: Counter[tuple[str, ...]] = Counter()

    def make(self) -> TrainEvents:
        """Go through the calls and legs."""
        calls, last = self._path.calls, len(self._path.calls) - 1
        self._origin(calls[0])
        for place in range(last):
            self._leg(place)
            if place + 1 < last:
                self._stand(place + 1, calls[place + 1])
        self._destination(last, calls[last])
        return self._events

    def _origin(self, call: Call) -> None:
        train = self._path.train
        if train not in self._maker.rakes and not self._path.light_for:
            self._delay = self._primary(DelayKind.ENTRY, call.station)
        # Without a process and a dwell it stands outside the plan until it departs (rule 5).
        waits = train in self._maker.turned or (call.departure_s > call.arrival_s and not call.steps)
        come = self._then(0, Act.COME, call.arrival_s) if waits else None
        if call.steps:
            self._steps(0, call, come)
        else:
            self._least_s = self._dwell_s(call)
            leave = self._depart(0, call)
            self._stay(0, call, call.track, come or leave, leave, self._dwell_s(call))
        self._events.come = self._events.stays[0].take

    def _stand(self, place: int, call: Call) -> None:
        """Add a stop or a pass on the way."""
        arrive = self._events.arrive[place]
        if call.steps:
            self._steps(place, call, arrive)
            return
        dwell_s = self._dwell_s(call) if call.stops else 0
        if call.stops or self._fits(call):
            self._least_s = dwell_s
            if call.stops and self._is_asked(call):
                self._delay = self._primary(DelayKind.DWELL, call.station)
            self._depart(place, call)
        else:  # too long to stop there: it passes when all is clear for it to go on
            self._events.depart[place] = arrive
            self._into_section(place, arrive)
        self._stay(place, call, call.track, arrive, self._events.depart[place], dwell_s)

    def _destination(self, place: int, call: Call) -> None:
        arrive = self._events.arrive[place]
        if call.steps:
            self._steps(place, call, arrive)
        else:
            hold_s = call.departure_s - call.arrival_s
            self._events.end = Moment(arrive.event, hold_s)
            self._stay(place, call, call.track, arrive, self._events.end, hold_s)

    def _steps(self, place: int, call: Call, come: Moment | None) -> None:
        """Add the steps of a call, and the departure, or at the destination the end of it all.

        Without `come` the train comes onto its track when the first step begins.
        """
        track = call.track
        for step in call.steps:
            begin = self._then(place, Act.STEP, step.begin_s)
            come = begin if come is None else come
            if step.track != track:
                self._stay(place, call, track, come, begin)
                track, come = step.track, begin
            self._step(call, step, begin)
        if place == len(self._path.calls) - 1:
            leave = self._events.end = self._then(place, Act.LEAVE, call.departure_s)
        else:
            leave = self._depart(place, call)
        assert come is not None, "a process has steps"
        self._stay(place, call, track, come, leave)

    def _step(self, call: Call, step: Step, begin: Moment) -> None:
        length_s = step.end_s - step.begin_s
        closed = self._maker.closed.resources.get(step.resource, ())
        if closed and self._maker.scenario.yard_resources[step.resource].at_close is AtClose.RUN_OVER:
            self._draft.shut(begin, closed, 0, NONE, step.resource)
            closed = ()
        cap_s = self._maker.closed.longest_beyond_s(closed, step.begin_s, length_s)
        delay = self._primary(DelayKind.STEP, step.name, f"{call.station} {step.name}", cap_s)
        self._draft.shut(begin, closed, length_s, delay, step.resource)
        self._events.steps.append(StepEvent(step, begin, length_s, delay))
        self._least_s, self._delay = length_s, delay

    def _depart(self, place: int, call: Call) -> Moment:
        self._events.depart[place] = moment = self._then(place, Act.DEPART, call.departure_s)
        self._into_section(place, moment)
        return moment

    def _into_section(self, place: int, moment: Moment) -> None:
        """See to what may befall the run over the next section, which must not meet a closure of it."""
        leg = self._path.legs[place]
        closed = self._maker.closed.sections.get((leg.section, leg.track), ())
        length_s = sum(self._blocks_s(place))
        cap_s = self._maker.closed.longest_beyond_s(closed, self._draft.planned_s(moment), length_s)
        self._running = self._primary(DelayKind.RUNNING, leg.section, cap_s=cap_s)
        self._draft.shut(moment, closed, length_s, self._running, leg.section)

    def _leg(self, place: int) -> None:
        """Add the run over a section, its blocks and the arrival; time beyond the shortest is spent in the last."""
        marks = [self._events.depart[place]]
        blocks = self._blocks_s(place)
        planned_s = self._path.calls[place].departure_s
        for length_s in blocks[:-1]:
            planned_s += length_s
            self._least_s = length_s
            marks.append(self._then(place, Act.BLOCK, planned_s))
        self._least_s, self._delay = blocks[-1], self._running
        arrive = self._then(place + 1, Act.ARRIVE, self._path.calls[place + 1].arrival_s)
        self._events.arrive[place + 1] = arrive
        self._events.marks.append([*marks, arrive])

    def _blocks_s(self, place: int) -> list[int]:
        """Return the least time in each block of a leg, with the supplements of rule 3."""
        leg, here, there = self._path.legs[place], self._path.calls[place], self._path.calls[place + 1]
        scenario = self._maker.scenario
        running_s = running_time_s(scenario, leg.section, here.station, self._path.train_type)
        count = scenario.network.sections[leg.section].blocks
        blocks = list(split(running_s, count, scenario.rules.time_step_s))
        blocks[0] += self._type.start_supplement_s if here.stops else 0
        blocks[-1] += self._type.stop_supplement_s if there.stops else 0
        return blocks

    def _stay(self, place: int, call: Call, track: str, take: Moment, leave: Moment, length_s: int = 0) -> None:
        stops = call.stops or self._fits(call)
        user = TrackUser(self._path.train_type, stops, self._pinned(place), self._among(call, track))
        self._events.stays.append(TrackStay(call.station, track, user, take, leave))
        closed = self._maker.closed.tracks.get((call.station, track), ())
        self._draft.shut(take, closed, length_s, NONE, call.station)

    def _pinned(self, place: int) -> str:
        """Return the track on which a fixed path insists."""
        fixed = self._maker.fixed.get(self._path.train)
        return fixed.calls[place].track if fixed is not None else ""

    def _among(self, call: Call, track: str) -> tuple[str, ...]:
        """Return the tracks on one of which some of a train's steps on a track are done; none: on any."""
        among: set[str] = set()
        steps = steps_of(self._maker.scenario, self._asked(call)) if call.steps else ()
        for step, asked in zip(call.steps, steps, strict=True):
            if step.track == track and asked.tracks:
                among = among & set(asked.tracks) if among else set(asked.tracks)
        return tuple(sorted(among))

    def _then(self, place: int, act: Act, planned_s: int) -> Moment:
        """Add the next event; the least time from the last one and what may prolong it are used up by it."""
        event = Event(self._train, place, act, planned_s, self._last, self._least_s, self._delay)
        self._last, self._least_s, self._delay = self._draft.add(event), 0, NONE
        return Moment(self._last)

    def _primary(self, kind: DelayKind, where: str, place: str = "", cap_s: int | None = None) -> int:
        """Add what may befall the train, if the table has anything of it; drawn for `place`, by default `where`."""
        row = self._maker.table.row(kind, where, self._classes)
        if row is None:
            return NONE
        name = str(kind), self._path.train, place or where
        self._named[name] += 1
        again = (str(self._named[name]),) if self._named[name] > 1 else ()
        return self._draft.delay(PrimaryDelay(kind, self._train, (*name, *again), row, cap_s))

    def _asked(self, call: Call) -> Stop | None:
        return asked_stop(self._request.stops, call.station) if self._request is not None else None

    def _is_asked(self, call: Call) -> bool:
        return self._path.fixed or self._asked(call) is not None

    def _dwell_s(self, call: Call) -> int:
        """Return how long a train stands at least: its asked dwell; of a fixed path, all that is given."""
        if self._path.fixed:
            return call.departure_s - call.arrival_s
        stop = self._asked(call)
        return stop.dwell_s if stop is not None else 0

    def _fits(self, call: Call) -> bool:
        track = self._maker.scenario.network.stations[call.station].track(call.track)
        return track.length_m >= self._type.length_m
