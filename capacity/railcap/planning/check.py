"""The railway checker: judges a timetable against its scenario in railway words, rule by rule of docs/model.md.

It knows nothing of operations, compilation or solvers, so that a wrong translation is found as well as a wrong solve.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import DAYS_BEFORE_S, train_requests
from railcap.corridor.routing import NoRoute, fixed_route, route
from railcap.corridor.running import longest_running_s, running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import standing_time_s, steps_of
from railcap.corridor.ties import turned_trains
from railcap.corridor.traffic import FixedPath, Stop, TrainRequest
from railcap.planning.check_bankers import banker_violations, light_engines
from railcap.planning.check_line import section_violations, station_violations
from railcap.planning.check_links import link_violations
from railcap.planning.check_yards import step_violations, stop_at, yard_violations
from railcap.planning.timetable import Call, Refusal, Timetable, TrainPath
from railcap.planning.violation import Violation
from railcap.units import DAY_S, duration, stamp

_FIRST_S, _LAST_S = -(10**10), 10**11
"""Instants outside of these have no date that could be printed."""


def check_timetable(scenario: Scenario, timetable: Timetable) -> list[Violation]:
    """Return every breach of the rules of docs/model.md, train by train and then place by place; empty if none.

    Raises
    ------
    Nothing: whatever a timetable holds, also nonsense, becomes violations.
    """
    requests = {request.id: request for request in train_requests(scenario)}
    fixed = {path.id: path for path in scenario.fixed_paths}
    turned = turned_trains(scenario)
    banked = list(banked_trains(scenario, tuple(requests.values())))
    lights = light_engines(banked, requests, timetable.paths)
    found = _completeness(timetable, requests, fixed, lights)
    found += _names_of_refusals(scenario, timetable.refused, {*requests, *fixed, *lights})
    sound = []
    for path in timetable.paths:
        judge = _PathJudge(scenario, path)
        if judge.can_be_read():
            judge.running()
            judge.tracks()
            if path.train in requests:
                judge.request(requests[path.train], turned=path.train in turned)
            elif path.train in fixed:
                judge.fixed(fixed[path.train])
            elif path.train in lights:
                judge.request(lights[path.train], turned=False)
            sound.append(path)
        found += judge.found
    found += section_violations(scenario, sound)
    found += station_violations(scenario, sound)
    found += yard_violations(scenario, sound)
    found += link_violations(scenario, requests, sound, timetable.refused)
    found += banker_violations(scenario, banked, sound, timetable)
    return found


def _completeness(
    timetable: Timetable,
    requests: dict[str, TrainRequest],
    fixed: dict[str, FixedPath],
    lights: dict[str, TrainRequest],
) -> list[Violation]:
    found = []
    seen = Counter([path.train for path in timetable.paths] + [refusal.train for refusal in timetable.refused])
    for train, count in seen.items():
        if count > 1:
            found.append(Violation("listed-twice", f"{train} is listed {count} times", (train,)))
        if train not in requests and train not in fixed and train not in lights:
            found.append(Violation("unknown-train", f"{train} was not asked for", (train,)))
    for train in [*requests, *fixed]:
        if train not in seen:
            found.append(Violation("missing-train", f"{train} is neither accepted nor refused", (train,)))
    entries: list[TrainPath | Refusal] = [*timetable.paths, *timetable.refused]
    for entry in entries:
        asked = requests.get(entry.train) or fixed.get(entry.train) or lights.get(entry.train)
        found += _identity(entry, asked)
    for refusal in timetable.refused:
        if refusal.train in fixed:
            text = f"the fixed path {refusal.train} is refused"
            found.append(Violation("fixed-path-refused", text, (refusal.train,)))
        elif refusal.train in requests and requests[refusal.train].mandatory:
            found.append(Violation("mandatory-refused", f"{refusal.train} is mandatory but refused", (refusal.train,)))
    return found


def _names_of_refusals(scenario: Scenario, refused: Sequence[Refusal], trains: Collection[str]) -> Iterator[Violation]:
    """Find trains and places that no refusal can have lost against or at, since they do not exist."""
    network = scenario.network
    for refusal in refused:
        if refusal.place and refusal.place not in network.stations and refusal.place not in network.sections:
            text = f"{refusal.train}: is refused at {refusal.place!r}, which is no station and no section"
            yield Violation("unknown-place", text, (refusal.train,), refusal.place)
        for other in refusal.against:
            if other not in trains:
                text = f"{refusal.train}: is refused against {other!r}, a train that was not asked for"
                yield Violation("unknown-train", text, (refusal.train,))


def _identity(entry: TrainPath | Refusal, asked: TrainRequest | FixedPath | None) -> Iterator[Violation]:
    """Compare what an entry says of its train with what was asked for."""
    if asked is None:
        return
    is_fixed = isinstance(asked, FixedPath)
    if entry.train_type != asked.train_type:
        text = f"{entry.train}: runs as {entry.train_type}, {asked.train_type} was asked for"
        yield Violation("wrong-train-type", text, (entry.train,))
    said = [("request", entry.request, asked.id if isinstance(asked, FixedPath) else asked.request)]
    said.append(("number", entry.number, asked.number))
    for what, here, there in said:
        if here != there:
            text = f"{entry.train}: its {what} is given as {here!r}, the scenario says {there!r}"
            yield Violation("wrong-identity", text, (entry.train,))
    if isinstance(entry, TrainPath) and entry.fixed is not is_fixed:
        kind = "a fixed path" if is_fixed else "no fixed path"
        yield Violation("wrong-identity", f"{entry.train}: is {kind}, the timetable says otherwise", (entry.train,))


@dataclass
class _PathJudge:
    """Judges one train path by itself."""

    scenario: Scenario
    path: TrainPath

    def __post_init__(self) -> None:
        self.found: list[Violation] = []
        self.train = self.path.train
        self.type = self.scenario.train_types.get(self.path.train_type)

    def say(self, kind: str, message: str, place: str = "", time_s: int | None = None) -> None:
        """Note a violation of this train."""
        self.found.append(Violation(kind, f"{self.train}: {message}", (self.train,), place, time_s))

    def clock(self, time_s: int, station: str) -> str:
        """Return a moment in a station's local time."""
        return stamp(time_s, self.scenario.network.stations[station].time_zone)

    def can_be_read(self) -> bool:
        """Check shape and names; the other rules need them right."""
        network, path = self.scenario.network, self.path
        before = len(self.found)
        if self.type is None:
            self.say("unknown-train-type", f"there is no train type {path.train_type!r}")
        if len(path.calls) < 2 or len(path.legs) != len(path.calls) - 1:
            self.say("broken-path", f"{len(path.calls)} calls and {len(path.legs)} legs do not make a path")
            return False
        for call in path.calls:
            self.call_can_be_read(call)
        for place, leg in enumerate(path.legs):
            section = network.sections.get(leg.section)
            if section is None:
                self.say("unknown-section", f"there is no section {leg.section!r}", leg.section)
                continue
            here, there = path.calls[place].station, path.calls[place + 1].station
            if {here, there} != {section.start, section.end}:
                self.say("broken-path", f"section {leg.section} does not join {here} and {there}", leg.section)
            elif leg.track not in section.tracks_from(here):
                self.say(
                    "wrong-section-track",
                    f"track {leg.track!r} of {leg.section} is not for trains from {here}",
                    leg.section,
                    path.calls[place].departure_s,
                )
        shape = [found for found in self.found[before:] if found.kind != "wrong-section-track"]
        tracks_known = all(
            leg.section in network.sections and leg.track in network.sections[leg.section].track_ids()
            for leg in path.legs
        )
        return not shape and tracks_known

    def call_can_be_read(self, call: Call) -> None:
        """Check names and instants of a call and its steps."""
        station = self.scenario.network.stations.get(call.station)
        times = [call.arrival_s, call.departure_s]
        for step in call.steps:
            times += step.begin_s, step.end_s
            if step.resource and step.resource not in self.scenario.yard_resources:
                self.say("unknown-yard-resource", f"there is no yard resource {step.resource!r}", call.station)
        if not all(_FIRST_S <= time_s <= _LAST_S for time_s in times):
            self.say("impossible-time", f"is at {call.station} at an instant that no calendar has", call.station)
        if station is None:
            self.say("unknown-station", f"there is no station {call.station!r}", call.station)
            return
        known = {track.id for track in station.tracks}
        for track in dict.fromkeys(stay.track for stay in call.stays):
            if track not in known:
                self.say("unknown-track", f"{call.station} has no track {track!r}", call.station, call.arrival_s)

    def running(self) -> None:
        """Rules 2 and 3: passes have no length, running times lie between shortest and longest, time never falls."""
        calls = self.path.calls
        fixed = self.path.train in {path.id for path in self.scenario.fixed_paths}
        for call in calls:
            if call.departure_s < call.arrival_s:
                self.say("time-runs-back", f"leaves {call.station} before it arrives", call.station, call.arrival_s)
            elif not call.stops and call.departure_s != call.arrival_s:
                self.say("pass-with-length", f"passes {call.station} but stays there", call.station, call.arrival_s)
        for end in (calls[0], calls[-1]):
            if not end.stops:
                self.say("no-stop-at-end", f"does not stop at {end.station}, an end of its path", end.station)
        for leg, here, there in zip(self.path.legs, calls, calls[1:], strict=False):
            took = there.arrival_s - here.departure_s
            extra = self.supplements(here, there)
            shortest = running_time_s(self.scenario, leg.section, here.station, self.path.train_type) + extra
            longest = longest_running_s(self.scenario, leg.section, here.station, self.path.train_type) + extra
            if took < shortest:
                self.say(
                    "running-too-short",
                    f"takes {duration(took)} over {leg.section}, at least {duration(shortest)} is needed",
                    leg.section,
                    here.departure_s,
                )
            elif took > longest and not fixed:
                self.say(
                    "dwells-on-the-line",
                    f"takes {duration(took)} over {leg.section}, at most {duration(longest)} is allowed on the line",
                    leg.section,
                    here.departure_s,
                )

    def supplements(self, here: Call, there: Call) -> int:
        """Return the supplements of a run for starting at one end and stopping at the other."""
        assert self.type is not None
        start = self.type.start_supplement_s if here.stops else 0
        return start + (self.type.stop_supplement_s if there.stops else 0)

    def tracks(self) -> None:
        """Rules 1, 4 and 18: gauge everywhere, a main track to pass, a track long enough to stop."""
        assert self.type is not None
        network, gauge, length = self.scenario.network, self.type.gauge_mm, self.type.length_m
        for leg in self.path.legs:
            if gauge not in network.sections[leg.section].gauges_mm:
                self.say("wrong-gauge", f"{gauge} mm does not fit section {leg.section}", leg.section)
        for call in self.path.calls:
            for stay in call.stays:
                track = network.stations[call.station].track(stay.track)
                where = f"track {stay.track} of {call.station}"
                if gauge not in track.gauges_mm:
                    self.say("wrong-gauge", f"{gauge} mm does not fit {where}", call.station, stay.from_s)
                if call.stops and track.length_m < length:
                    self.say(
                        "too-long-for-track",
                        f"{length} m long, stops on {where} of {track.length_m} m",
                        call.station,
                        stay.from_s,
                    )
                if not call.stops and track.kind.value != "main":
                    self.say("passes-off-main", f"passes on {where}, which is no main track", call.station, stay.from_s)

    def request(self, request: TrainRequest, *, turned: bool) -> None:
        """Rules 1, 5, 11 and 16 to 21: the route asked for, its windows, stops with their steps, and limits.

        `turned`: whether it comes from the rake of another train.
        """
        path, calls = self.path, self.path.calls
        try:
            way = route(self.scenario, request.train_type, request.origin, request.vias, request.destination)
        except NoRoute as error:
            self.say("wrong-route", f"runs although there is no route: {error}")
            return
        if tuple(call.station for call in calls) != way.stations or tuple(leg.section for leg in path.legs) != (
            way.sections
        ):
            self.say("wrong-route", f"does not take the shortest route from {request.origin} to {request.destination}")
            return
        self.window("departure", path.departure_s, request.earliest_departure_s, request.latest_departure_s, calls[0])
        self.window("arrival", path.arrival_s, None, request.latest_arrival_s, calls[-1])
        if request.longest_journey_s is not None and path.journey_s > request.longest_journey_s:
            self.say(
                "journey-too-long",
                f"takes {duration(path.journey_s)}, at most {duration(request.longest_journey_s)} was asked for",
            )
        if calls[-1].departure_s > self.scenario.end_s:
            self.say("after-horizon", "is on its way after the end of the horizon", calls[-1].station)
        self.stops(request, turned=turned)

    def window(self, what: str, time_s: int, earliest: int | None, latest: int | None, call: Call) -> None:
        """Check one instant against its window."""
        if earliest is not None and time_s < earliest:
            limit = f"not before {self.clock(earliest, call.station)}"
        elif latest is not None and time_s > latest:
            limit = f"not after {self.clock(latest, call.station)}"
        else:
            return
        self.say(
            f"{what}-outside-window",
            f"{what} at {call.station} {self.clock(time_s, call.station)}, {limit} was asked for",
            call.station,
            time_s,
        )

    def stops(self, request: TrainRequest, *, turned: bool) -> None:
        """Stops that were asked for are made, long enough and in their windows; ends hold their track for the dwell."""
        last = len(self.path.calls) - 1
        for place, call in enumerate(self.path.calls):
            stop = stop_at(request, call.station)
            dwell = stop.dwell_s if stop and not stop.process else 0
            stayed = call.departure_s - call.arrival_s
            if stop and not call.stops:
                self.say("missed-stop", f"passes {call.station} where a stop was asked for", call.station)
            elif steps_of(self.scenario, stop) and place in (0, last):
                self.hold_for_steps(call, first=place == 0, turned=turned)
            elif place == last or (place == 0 and not turned):
                if stayed != dwell:
                    self.say(
                        "wrong-hold-at-end",
                        f"holds its track at {call.station} for {duration(stayed)} instead of {duration(dwell)}",
                        call.station,
                        call.arrival_s,
                    )
            elif call.stops and stayed < dwell:
                self.say(
                    "dwell-too-short",
                    f"stays {duration(stayed)} at {call.station}, at least {duration(dwell)} was asked for",
                    call.station,
                    call.arrival_s,
                )
            if place == 0 and (turned or steps_of(self.scenario, stop)):
                self.not_too_early(request, call, stop)
            self.found += step_violations(self.scenario, self.path, call, stop)
            if stop:
                self.stop_windows(stop, call, first=place == 0, last=place == last)

    def hold_for_steps(self, call: Call, *, first: bool, turned: bool) -> None:
        """Rules 19 and 21: the track at an end is held from the first step or until the last, unless it waits there."""
        if not call.steps or (first and turned):
            return
        if first and call.track != call.steps[0].track:
            text = f"comes onto track {call.track} of {call.station}, its first step is done on {call.steps[0].track}"
            self.say("needless-track-change", text, call.station, call.arrival_s)
        if first and call.arrival_s != call.steps[0].begin_s:
            held, step, limit_s = call.arrival_s, "first step begins", call.steps[0].begin_s
        elif not first and call.departure_s != call.steps[-1].end_s:
            held, step, limit_s = call.departure_s, "last step ends", call.steps[-1].end_s
        else:
            return
        self.say(
            "wrong-hold-at-end",
            f"{'comes onto' if first else 'leaves'} its track at {call.station} at {self.clock(held, call.station)} "
            f"instead of {self.clock(limit_s, call.station)}, when its {step}",
            call.station,
            held,
        )

    def not_too_early(self, request: TrainRequest, call: Call, stop: Stop | None) -> None:
        """Rules 19 and 21: how early a train may come onto its track at its origin."""
        assert self.type is not None
        earliest_s = request.earliest_departure_s - standing_time_s(self.scenario, stop, self.type) - DAYS_BEFORE_S
        if call.arrival_s < earliest_s:
            self.say(
                "on-track-too-early",
                f"comes onto its track at {call.station} at {self.clock(call.arrival_s, call.station)}, not before "
                f"{self.clock(earliest_s, call.station)} is allowed: {DAYS_BEFORE_S // DAY_S} days, and what it needs "
                "there, before its earliest departure",
                call.station,
                call.arrival_s,
            )

    def stop_windows(self, stop: Stop, call: Call, *, first: bool, last: bool) -> None:
        """Check the windows of a stop; there is no arrival at the origin and no departure at the destination."""
        if not first:
            self.window("arrival", call.arrival_s, stop.arrive_from_s, stop.arrive_until_s, call)
        if not last:
            self.window("departure", call.departure_s, stop.depart_from_s, stop.depart_until_s, call)

    def fixed(self, fixed: FixedPath) -> None:
        """Rules 12 and 19: a fixed path is exactly as given, and has no steps."""
        way = fixed_route(self.scenario, fixed)
        asked = [(call.station, call.arrival_s, call.departure_s) for call in fixed.calls]
        given = [(call.station, call.arrival_s, call.departure_s) for call in self.path.calls]
        if given != asked or tuple(leg.section for leg in self.path.legs) != way.sections:
            self.say("fixed-path-moved", "differs from the fixed path that was given")
        for call, want in zip(self.path.calls, fixed.calls, strict=False):
            if want.track and call.track != want.track:
                self.say(
                    "fixed-path-moved", f"is on track {call.track} of {call.station}, not {want.track}", call.station
                )
        for place, call in enumerate(self.path.calls[1:-1], start=1):
            asked_stop = place < len(fixed.calls) and fixed.calls[place].departure_s > fixed.calls[place].arrival_s
            if call.stops != asked_stop:
                self.say("fixed-path-moved", f"stops and passes differ at {call.station}", call.station)
        for call in self.path.calls:
            self.found += step_violations(self.scenario, self.path, call, None)
