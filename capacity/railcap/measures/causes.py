"""Why trains stood longer than asked for, read off a scenario and its timetable alone.

A wait before a step ends when the step begins, a wait before a departure when the train departs. What kept it from
doing so earlier is taken from what the other trains do: first the parts of the wait in which something made it
impossible, then for the rest what blocks it one moment earlier than it was done.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import section_closures, station_track_closures, train_requests, yard_closed_times
from railcap.corridor.infrastructure import Track, TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import steps_of
from railcap.corridor.ties import tied_trains
from railcap.corridor.traffic import Stop, TrainRequest
from railcap.corridor.yards import AtClose, Banker, LinkKind
from railcap.measures.holds import Hold, resource_holds, track_holds, yard_stations
from railcap.measures.intervals import Interval, at_least, begun_before, clipped, common, union, without
from railcap.measures.meets import meetings
from railcap.measures.section_use import Run, section_runs, separation_s
from railcap.planning.compile_sections import crossing_interval, following_interval
from railcap.planning.timetable import Call, Timetable, TrainPath

OPENING_HOURS, YARD_TRACKS = "opening hours", "yard tracks"
ASKED_TIMES, NIGHT, CLOSURE = "asked times", "night", "closure"
MEET, PASS, LOOPS_FULL, LINK, FURTHER_ON, OTHER = "meet", "pass", "loops full", "link", "trains further on", "other"

_BLOCK_SLACK_S = 180
"""Where a section has several blocks their times are nearly equal only: supplements and rounding."""

_EVER = 10**15
_Reasons = Iterable[tuple[str, Sequence[Interval]]]


@dataclass(frozen=True, slots=True)
class CausedWait:
    """A part of a wait with what caused it."""

    cause: str
    from_s: int
    until_s: int


def queue_for(resource: str) -> str:
    """Return the cause of a wait for a yard resource that serves others."""
    return f"queue for {resource}"


def yard_full(station: str) -> str:
    """Return the cause of a wait outside a yard without a free track."""
    return f"yard full at {station}"


def engines_out(banker: str) -> str:
    """Return the cause of a wait for a banker."""
    return f"engines out of {banker}"


class Causes:
    """What held trains up, wait by wait."""

    def __init__(self, scenario: Scenario, timetable: Timetable) -> None:
        self._scenario = scenario
        self._runs = section_runs(timetable)
        self._longest_runs = {
            track: max(run.leave_s - run.enter_s for run in runs) for track, runs in self._runs.items()
        }
        self._tracks = track_holds(scenario, timetable)
        self._resources = resource_holds(timetable)
        self._overtaken = {(one.first, one.station) for one in meetings(timetable) if one.same_direction}
        self._shut = section_closures(scenario)
        self._nights = section_closures(replace(scenario, closures=()))
        self._tracks_shut = station_track_closures(scenario)
        self._resources_shut = yard_closed_times(scenario)
        self._yards = frozenset(yard_stations(scenario))
        self._engines = _engine_holds(scenario, timetable)
        self._ready = _ready_times(scenario, timetable)
        self._full: dict[tuple[str, tuple[str, ...]], list[Interval]] = {}

    def before_step(
        self, path: TrainPath, place: int, number: int, from_s: int, request: TrainRequest
    ) -> list[CausedWait]:
        """Return why a train waited from a moment until a step of its call at `place` began."""
        call = path.calls[place]
        step = call.steps[number]
        takes_s = step.end_s - step.begin_s
        to_do_s = sum(later.end_s - later.begin_s for later in call.steps[number:])
        return _split(
            (from_s, step.begin_s),
            [
                (OPENING_HOURS, self._unopened(step.resource, takes_s)),
                (queue_for(step.resource), self._served(step.resource, path.train, (from_s, step.begin_s), takes_s)),
                (YARD_TRACKS, self._no_track(path, place, number, request)),
                (ASKED_TIMES, [(-_EVER, _wanted_s(path, place, request) - to_do_s)]),
            ],
            OTHER,
        )

    def before_departure(self, path: TrainPath, place: int, from_s: int, request: TrainRequest) -> list[CausedWait]:
        """Return why a train waited from a moment until it departed from its call at `place`."""
        span = from_s, path.calls[place].departure_s
        if span[0] >= span[1]:
            return []
        if place == len(path.calls) - 1:
            return [CausedWait(OTHER, *span)]
        reasons = [(ASKED_TIMES, [(-_EVER, _wanted_s(path, place, request))]), *self._shut_departures(path, place)]
        label, full = self._yard_full(path, place)
        cause = self._last_blocker(path, place, label, full)
        reasons += [(label, full), *self._engines_out(path, place, span)]
        if cause == FURTHER_ON:
            reasons += self._shut_further_on(path, place)
        return _split(span, reasons, cause)

    def _unopened(self, resource: str, takes_s: int) -> Sequence[Interval]:
        """Return when a step cannot begin as its resource is closed, or closes before the step can end."""
        shut = self._resources_shut.get(resource, ())
        if shut and self._scenario.yard_resources[resource].at_close is AtClose.FINISH:
            return begun_before(shut, takes_s)
        return shut

    def _served(self, resource: str, train: str, span: Interval, takes_s: int) -> list[Interval]:
        """Return when a step cannot begin as other trains fill its resource, or fill it again before the step can end.

        Looks no further than the wait: those that come later had to wait themselves.
        """
        if not resource:
            return []
        others = [hold.interval for hold in self._resources[resource] if hold.train != train]
        capacity = self._scenario.yard_resources[resource].capacity
        return begun_before(at_least(clipped(others, *span), capacity), takes_s)

    def _no_track(self, path: TrainPath, place: int, number: int, request: TrainRequest) -> list[Interval]:
        """Return when no track of a step is free, for a train that has to come onto one for it."""
        call = path.calls[place]
        step = call.steps[number]
        if step.track == (call.steps[number - 1].track if number else call.track):
            return []
        asked = steps_of(self._scenario, _stop(request, call))
        named = asked[number].tracks if number < len(asked) else ()
        usable = [track.id for track in self._fitting(path, call.station) if not named or track.id in named]
        return self._taken(call.station, tuple(usable))

    def _shut_departures(self, path: TrainPath, place: int) -> list[tuple[str, list[Interval]]]:
        """Return when a departure is impossible as a closure would meet the run over the next section."""
        call, leg = path.calls[place], path.legs[place]
        run_s = path.calls[place + 1].arrival_s - call.departure_s
        tracks = self._scenario.network.sections[leg.section].tracks_from(call.station)

        def impossible(closed: Mapping[tuple[str, str], tuple[Interval, ...]]) -> list[Interval]:
            return _common(begun_before(closed.get((leg.section, track), ()), run_s) for track in tracks)

        # What a night does not close alone it may close together with a possession of the other track.
        return [(NIGHT, impossible(self._nights)), (CLOSURE, impossible(self._shut))]

    def _shut_further_on(self, path: TrainPath, place: int) -> list[tuple[str, list[Interval]]]:
        """Return when a departure is impossible as a closure would meet the run somewhere before the next stop."""
        found = []
        for later in range(place + 1, len(path.legs)):
            if path.calls[later].stops:
                break
            ahead_s = path.calls[later].departure_s - path.calls[place].departure_s
            for cause, intervals in self._shut_departures(path, later):
                found.append((cause, _earlier(intervals, ahead_s)))
        return found

    def _yard_full(self, path: TrainPath, place: int) -> tuple[str, list[Interval]]:
        """Return when the train could not have departed for want of a track in a yard ahead, and how that is called.

        The yard is the next station, or there are only full stations before it.
        """
        run_s = path.calls[place + 1].arrival_s - path.calls[place].departure_s
        full = self._full_for(path, place + 1)
        for ahead in range(place + 1, len(path.calls)):
            full = common(full, self._full_for(path, ahead))
            if path.calls[ahead].station in self._yards:
                return yard_full(path.calls[ahead].station), _earlier(full, run_s)
            if not full:
                break
        return OTHER, []

    def _engines_out(self, path: TrainPath, place: int, span: Interval) -> Iterator[tuple[str, list[Interval]]]:
        """Yield when the train could not have departed as all engines of a banker were out with others."""
        for banker, holds in self._engines.items():
            helped = any(hold.train == path.train for hold in holds)
            if helped and path.calls[place].station == banker.start:
                others = [hold.interval for hold in holds if hold.train != path.train]
                yield engines_out(banker.id), at_least(clipped(others, *span), banker.engines)

    def _last_blocker(self, path: TrainPath, place: int, label: str, full: Sequence[Interval]) -> str:
        """Return what makes it impossible to depart one moment earlier."""
        call = path.calls[place]
        if self._meets(path, place):
            return MEET
        if self._follows(path, place) or (path.train, call.station) in self._overtaken:
            return PASS
        if _holds(full, call.departure_s - 1):
            return label
        if _holds(self._full_for(path, place + 1), path.calls[place + 1].arrival_s - 1):
            return LOOPS_FULL
        if self._ready.get((path.train, call.station), -_EVER) >= call.departure_s:
            return LINK
        return FURTHER_ON

    def _meets(self, path: TrainPath, place: int) -> bool:
        """Return whether an opposing train has just come off the track onto which the train departs."""
        departure_s = path.calls[place].departure_s
        station = path.calls[place].station
        crossing = crossing_interval(self._scenario, station)
        return any(
            run.leaving == station and run.entering != station and 0 <= departure_s - run.leave_s <= crossing
            for run in self._others(path, place, crossing)
        )

    def _follows(self, path: TrainPath, place: int) -> bool:
        """Return whether a train ahead in the same direction keeps the train from departing earlier."""
        here, there = path.calls[place], path.calls[place + 1]
        own = Run(path.train, here.departure_s, there.arrival_s, here.station, there.station)
        section = self._scenario.network.sections[path.legs[place].section]
        slack = _BLOCK_SLACK_S if section.blocks > 1 else 0
        near_s = following_interval(self._scenario, section) + slack
        return any(
            run.entering == own.entering
            and run.enter_s < own.enter_s <= run.enter_s + separation_s(self._scenario, section, run, own) + slack
            for run in self._others(path, place, near_s)
        )

    def _others(self, path: TrainPath, place: int, near_s: int) -> Iterator[Run]:
        """Yield who else has come onto the track of a train's next section before it, and off not long before it."""
        key = path.legs[place].section, path.legs[place].track
        runs, departure_s = self._runs[key], path.calls[place].departure_s
        for at in range(bisect_right(runs, departure_s, key=lambda run: run.enter_s) - 1, -1, -1):
            if runs[at].enter_s + self._longest_runs[key] + near_s < departure_s:
                return
            if runs[at].train != path.train:
                yield runs[at]

    def _fitting(self, path: TrainPath, station: str) -> list[Track]:
        """Return the tracks on which a train may stop (rule 4)."""
        kind = self._scenario.train_types[path.train_type]
        tracks = self._scenario.network.stations[station].tracks
        return [track for track in tracks if kind.gauge_mm in track.gauges_mm and track.length_m >= kind.length_m]

    def _full_for(self, path: TrainPath, place: int) -> list[Interval]:
        """Return when a train finds no free track at a station of its path, by stopping or as it passes."""
        call = path.calls[place]
        usable = {track.id for track in self._fitting(path, call.station)}
        if not call.stops:
            gauge = self._scenario.train_types[path.train_type].gauge_mm
            tracks = self._scenario.network.stations[call.station].tracks
            usable |= {track.id for track in tracks if track.kind is TrackKind.MAIN and gauge in track.gauges_mm}
        return self._taken(call.station, tuple(sorted(usable)))

    def _taken(self, station: str, tracks: tuple[str, ...]) -> list[Interval]:
        """Return when all of some tracks are held by trains or closed.

        The train that asks is one of them where it stands there itself; it never asks about that time.
        """
        if (station, tracks) not in self._full:
            self._full[station, tracks] = _common(
                union(
                    [
                        *(hold.interval for hold in self._tracks.get((station, track), ())),
                        *self._tracks_shut.get((station, track), ()),
                    ]
                )
                for track in tracks
            )
        return self._full[station, tracks]


def _ready_times(scenario: Scenario, timetable: Timetable) -> Mapping[tuple[str, str], int]:
    """Return from when links let trains depart, by (train, station)."""
    paths = {path.train: path for path in timetable.paths}
    found: dict[tuple[str, str], int] = {}
    for pair in tied_trains(scenario):
        first = paths.get(pair.first)
        if first is None:
            continue
        call = next((call for call in first.calls[::-1] if call.station == pair.station), first.calls[-1])
        ready_s = call.departure_s if pair.link.kind is LinkKind.TRANSSHIPMENT else call.arrival_s
        key = pair.second, pair.station
        found[key] = max(found.get(key, -_EVER), ready_s + pair.link.least_s)
    return found


def _engine_holds(scenario: Scenario, timetable: Timetable) -> Mapping[Banker, list[Hold]]:
    """Return which trains have an engine of each banker out, until it has come back light (rule 23)."""
    found: dict[Banker, list[Hold]] = defaultdict(list)
    if scenario.bankers:
        paths = {path.train: path for path in timetable.paths}
        for banked in banked_trains(scenario, train_requests(scenario)):
            path, light = paths.get(banked.train), paths.get(banked.light)
            if path is not None and light is not None:
                out = next(call.departure_s for call in path.calls if call.station == banked.banker.start)
                found[banked.banker].append(Hold(path.train, out, light.arrival_s))
    return found


def _stop(request: TrainRequest, call: Call) -> Stop | None:
    return request.stops.get(call.station, request.stops.get("*"))


def _wanted_s(path: TrainPath, place: int, request: TrainRequest) -> int:
    """Return before when a train was not asked to depart: by its wish, or by the windows here and at the next call."""
    call = path.calls[place]
    wanted = [-_EVER]
    if place == 0:
        wanted.append(request.wished_departure_s)
    stop = _stop(request, call)
    if stop is not None and stop.depart_from_s is not None:
        wanted.append(stop.depart_from_s)
    if place + 1 < len(path.calls):
        there = path.calls[place + 1]
        stop = _stop(request, there)
        if stop is not None and stop.arrive_from_s is not None:
            wanted.append(stop.arrive_from_s - (there.arrival_s - call.departure_s))
    return max(wanted)


def _split(span: Interval, reasons: _Reasons, rest: str) -> list[CausedWait]:
    """Share a wait out: each part to the first reason that covers it, what is left to `rest`; by time."""
    left = [span] if span[0] < span[1] else []
    found = []
    for cause, intervals in reasons:
        found += [CausedWait(cause, *part) for part in common(left, intervals)]
        left = without(left, intervals)
    found += [CausedWait(rest, *part) for part in left]
    joined: list[CausedWait] = []
    for wait in sorted(found, key=lambda wait: wait.from_s):
        if joined and joined[-1].cause == wait.cause:
            wait = replace(joined.pop(), until_s=wait.until_s)
        joined.append(wait)
    return joined


def _common(sets: Iterable[list[Interval]]) -> list[Interval]:
    """Return the time that all of some sets share; none of no sets."""
    found: list[Interval] | None = None
    for one in sets:
        found = one if found is None else common(found, one)
    return found or []


def _earlier(intervals: Iterable[Interval], by_s: int) -> list[Interval]:
    return [(begin - by_s, end - by_s) for begin, end in intervals]


def _holds(intervals: Iterable[Interval], moment_s: int) -> bool:
    return any(begin <= moment_s < end for begin, end in intervals)
