"""What each train must and may do at every station and section of its route: the railway side of compiling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from railcap.corridor.infrastructure import Station
from railcap.corridor.routing import NoRoute, Route, fixed_route, route
from railcap.corridor.running import longest_running_s, running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import step_time_s, steps_of
from railcap.corridor.traffic import FixedPath, Stop, TrainRequest, TrainType
from railcap.corridor.yards import YardStep
from railcap.planning.compile_links import LinkEvents
from railcap.planning.compile_sections import SectionRun, split
from railcap.planning.compile_tracks import TrackUser, fitting_tracks


class CannotRun(ValueError):
    """A train that no timetable can hold; the message says why in a planner's words."""


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step that a train undergoes at a station: how long, by which yard resource (empty: none), on which tracks."""

    name: str
    duration_s: int
    resource: str
    user: TrackUser


@dataclass(frozen=True, slots=True)
class Visit:
    """A train at one station: how it may use it (None: not so), and how long it stays if it stops.

    `turned`: it comes from another train's rake, and may wait at this origin. `arrival_tied`, `departure_tied`: a link
    counts from or to that instant, so that it is an operation of its own. `outside_s`: how long it waits at least and
    at most before it takes a track of this origin.
    """

    station: str
    stop: TrackUser | None
    pass_: TrackUser | None
    dwell_s: int = 0
    longest_s: int | None = None
    steps: tuple[StepPlan, ...] = ()
    turned: bool = False
    arrival_tied: bool = False
    departure_tied: bool = False
    outside_s: tuple[int, int] = (0, 0)

    @property
    def standing_s(self) -> int:
        """How long it stands at least if it stops."""
        return self.dwell_s + sum(step.duration_s for step in self.steps)


@dataclass(frozen=True, slots=True)
class Journey:
    """A train's route with its visits and runs; trains of the same journey differ in their times only."""

    route: Route
    visits: tuple[Visit, ...]
    runs: tuple[SectionRun, ...]

    def users(self) -> Iterator[tuple[str, TrackUser]]:
        """Yield how it may use each station."""
        for visit in self.visits:
            if visit.stop is not None:
                yield visit.station, visit.stop
            if visit.pass_ is not None:
                yield visit.station, visit.pass_
            for step in visit.steps:
                yield visit.station, step.user


class Journeys:
    """Journeys of requests and fixed paths; the same demand gives the same object."""

    def __init__(self, scenario: Scenario, events: LinkEvents) -> None:
        self._scenario = scenario
        self._events = events
        self._known: dict[object, Journey | CannotRun] = {}
        self._runs: dict[tuple[str, str, str], SectionRun] = {}

    def of_request(self, request: TrainRequest) -> Journey:
        """Return the journey of a requested train; raises `CannotRun`."""
        stays = tuple(sorted((station, stop.dwell_s, stop.process) for station, stop in request.stops.items()))
        key = request.train_type, request.origin, request.vias, request.destination, stays, self._events.of(request.id)
        found = self._known.get(key)
        if found is None:
            try:
                found = self._make(request)
            except CannotRun as error:
                found = error
            self._known[key] = found
        if isinstance(found, CannotRun):
            raise found
        return found

    def _make(self, request: TrainRequest) -> Journey:
        try:
            way = route(self._scenario, request.train_type, request.origin, request.vias, request.destination)
        except NoRoute as error:
            raise CannotRun(f"there is no route: {error}") from None
        train_type = self._scenario.train_types[request.train_type]
        last = len(way.stations) - 1
        visits = [
            self._visit(train_type, station, asked_stop(request.stops, station), at_end=place in (0, last))
            for place, station in enumerate(way.stations)
        ]
        events = self._events.of(request.id)
        for place, visit in enumerate(visits):
            visits[place] = replace(
                visit,
                turned=place == 0 and events.turned,
                outside_s=(0, 0) if place else events.outside_s,
                arrival_tied=visit.station in events.arrivals,
                departure_tied=visit.station in events.departures,
            )
        return Journey(way, tuple(visits), self._runs_of(way, train_type))

    def _visit(self, train_type: TrainType, station: str, stop: Stop | None, *, at_end: bool) -> Visit:
        place = self._scenario.network.stations[station]
        dwell = stop.dwell_s if stop else 0
        can_stop = bool(fitting_tracks(place, train_type, stops=True))
        can_pass = bool(fitting_tracks(place, train_type, stops=False))
        if (stop or at_end) and not can_stop:
            raise CannotRun(_no_track(self._scenario, train_type, station))
        if not can_stop and not can_pass:
            raise CannotRun(f"no track of {place.name} has its gauge of {train_type.gauge_mm} mm and is long enough")
        must_stop = at_end or stop is not None
        return Visit(
            station,
            TrackUser(train_type.id, True) if can_stop else None,
            TrackUser(train_type.id, False) if can_pass and not must_stop else None,
            dwell,
            dwell if at_end else None,
            tuple(self._step(train_type, place, step) for step in steps_of(self._scenario, stop)),
        )

    def _step(self, train_type: TrainType, station: Station, step: YardStep) -> StepPlan:
        user = TrackUser(train_type.id, True, among=step.tracks)
        fitting = fitting_tracks(station, train_type, stops=True)
        if step.tracks and not set(step.tracks) & set(fitting):
            raise CannotRun(
                f"no track for its {step.name} at {station.name} ({', '.join(step.tracks)}) has its gauge of "
                f"{train_type.gauge_mm} mm and is {train_type.length_m} m long"
            )
        return StepPlan(step.name, step_time_s(self._scenario, step, train_type), step.resource, user)

    def _runs_of(self, way: Route, train_type: TrainType) -> tuple[SectionRun, ...]:
        runs = []
        for section, entering in zip(way.sections, way.stations, strict=False):
            key = section, entering, train_type.id
            if key not in self._runs:
                shortest = running_time_s(self._scenario, section, entering, train_type.id)
                longest = longest_running_s(self._scenario, section, entering, train_type.id)
                self._runs[key] = SectionRun(
                    section,
                    entering,
                    split(shortest, self._scenario.network.sections[section].blocks, self._scenario.rules.time_step_s),
                    max(0, longest - shortest),
                    train_type.start_supplement_s,
                    train_type.stop_supplement_s,
                )
            runs.append(self._runs[key])
        return tuple(runs)

    def of_fixed_path(self, path: FixedPath) -> Journey:
        """Return the journey of a fixed path, its times as given; raises `CannotRun` if they break a rule."""
        try:
            way = fixed_route(self._scenario, path)
        except NoRoute as error:
            raise CannotRun(f"there is no route: {error}") from None
        train_type = self._scenario.train_types[path.train_type]
        last = len(path.calls) - 1
        visits = []
        for place, call in enumerate(path.calls):
            stops = place in (0, last) or call.departure_s > call.arrival_s
            user = TrackUser(train_type.id, stops, call.track)
            fitting = fitting_tracks(self._scenario.network.stations[call.station], train_type, stops=stops)
            if not fitting or (call.track and call.track not in fitting):
                raise CannotRun(_unfit(self._scenario, train_type, call.station, call.track, stops=stops))
            if call.departure_s < call.arrival_s:
                raise CannotRun(f"it leaves {call.station} before it arrives")
            dwell = call.departure_s - call.arrival_s
            visits.append(Visit(call.station, user if stops else None, None if stops else user, dwell, dwell))
        runs = []
        for place, run in enumerate(self._runs_of(way, train_type)):
            here, there = visits[place], visits[place + 1]
            took = path.calls[place + 1].arrival_s - path.calls[place].departure_s
            runs.append(_as_given(run, took, starts=here.stop is not None, stops=there.stop is not None))
        return Journey(way, tuple(visits), tuple(runs))


def asked_stop(stops: Mapping[str, Stop], station: str) -> Stop | None:
    """Return the stop that is asked for at a station, ``"*"`` standing for every station."""
    return stops.get(station, stops.get("*"))


def _as_given(run: SectionRun, took_s: int, *, starts: bool, stops: bool) -> SectionRun:
    """Return a run that takes exactly `took_s`: what is beyond the shortest is spent in the last block (rule 7)."""
    start, stop = run.start_s if starts else 0, run.stop_s if stops else 0
    beyond = took_s - sum(run.blocks) - start - stop
    if beyond < 0:
        raise CannotRun(f"it takes {took_s} s over section {run.section}, at least {took_s - beyond} s are needed")
    return SectionRun(run.section, run.entering, (*run.blocks[:-1], run.blocks[-1] + beyond), 0, start, stop)


def _no_track(scenario: Scenario, train_type: TrainType, station: str) -> str:
    place = scenario.network.stations[station]
    fitting = [track.length_m for track in place.tracks if train_type.gauge_mm in track.gauges_mm]
    if not fitting:
        return f"it must stop at {place.name}, where no track has its gauge of {train_type.gauge_mm} mm"
    return (
        f"it must stop at {place.name}, where no track is long enough: it is {train_type.length_m} m long, "
        f"the longest track of its gauge has {max(fitting)} m"
    )


def _unfit(scenario: Scenario, train_type: TrainType, station: str, track: str, *, stops: bool) -> str:
    name = scenario.network.stations[station].name
    if not track:
        return (
            _no_track(scenario, train_type, station) if stops else f"{name} has no main track of its gauge to pass on"
        )
    need = f"stop ({train_type.length_m} m, {train_type.gauge_mm} mm)" if stops else "pass (a main track is needed)"
    return f"track {track} of {name} does not fit for it to {need}"
