"""The railway checker's rules between trains that a link ties together (docs/model.md, 20 to 22)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import steps_of
from railcap.corridor.ties import tied_trains, turned_trains
from railcap.corridor.traffic import TrainRequest
from railcap.corridor.yards import LinkKind, TiedTrains
from railcap.planning.check_yards import stop_at
from railcap.planning.timetable import Call, Refusal, TrainPath
from railcap.planning.violation import Violation
from railcap.units import duration, stamp

_TOO_EARLY = {
    LinkKind.CONNECTION: "connection-too-short",
    LinkKind.TRANSSHIPMENT: "containers-leave-too-early",
    LinkKind.TURN_ROUND: "turn-round-too-short",
}


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a train does at an instant from or to which a link counts."""

    time_s: int
    what: str


def link_violations(
    scenario: Scenario,
    requests: Mapping[str, TrainRequest],
    paths: Iterable[TrainPath],
    refused: Iterable[Refusal],
) -> list[Violation]:
    """Return breaches of rules 20 to 22, pair by pair.

    Parameters
    ----------
    requests : the single trains that were asked for, by id
    paths : those of the timetable that can be read
    """
    running = {path.train: path for path in paths}
    not_running = {refusal.train for refusal in refused}
    turned = turned_trains(scenario)
    found: list[Violation] = []
    for pair in tied_trains(scenario):
        first, second = running.get(pair.first), running.get(pair.second)
        if second is None:
            continue
        if first is None:
            if pair.link.refuse and pair.first in not_running:
                text = f"{pair.second} runs from {pair.station} without {pair.first}, which is refused"
                found.append(_violation("feeder-refused", text, pair, None))
            continue
        arriving, leaving = _call_at(reversed(first.calls), pair.station), _call_at(second.calls, pair.station)
        # A train that does not come there is not on its route, which is said already.
        if arriving is not None and leaving is not None:
            found += _time_between(scenario, requests, pair, arriving, leaving, pair.second in turned)
            if pair.link.kind is LinkKind.TURN_ROUND:
                found += _rake(scenario, pair, arriving, leaving)
    return found


def _call_at(calls: Iterable[Call], station: str) -> Call | None:
    return next((call for call in calls if call.station == station), None)


def _violation(kind: str, text: str, pair: TiedTrains, time_s: int | None) -> Violation:
    return Violation(kind, f"{text} (link {pair.link.id})", (pair.first, pair.second), pair.station, time_s)


def _time_between(
    scenario: Scenario,
    requests: Mapping[str, TrainRequest],
    pair: TiedTrains,
    arriving: Call,
    leaving: Call,
    turned: bool,
) -> Iterator[Violation]:
    link, zone = pair.link, scenario.network.stations[pair.station].time_zone
    since, until = _Moment(arriving.arrival_s, "arrives"), _Moment(leaving.departure_s, "leaves")
    if link.kind is LinkKind.TRANSSHIPMENT:
        since = _unloaded(scenario, requests[pair.first], arriving)
        until = _loaded(scenario, requests[pair.second], leaving, turned)
    between = until.time_s - since.time_s
    if between < link.least_s:
        kind, limit = _TOO_EARLY[link.kind], f"at least {duration(link.least_s)} is needed"
    elif link.longest_s is not None and between > link.longest_s:
        kind, limit = "link-too-long", f"at most {duration(link.longest_s)} is allowed"
    else:
        return
    text = (
        f"{pair.second} {until.what} at {pair.station} {stamp(until.time_s, zone)}, {duration(abs(between))} "
        f"{'after' if between >= 0 else 'before'} {pair.first} {since.what} ({stamp(since.time_s, zone)}); {limit}"
    )
    yield _violation(kind, text, pair, until.time_s)


def _unloaded(scenario: Scenario, request: TrainRequest, call: Call) -> _Moment:
    """Return from when on a transshipment counts at the first train's destination."""
    stop = stop_at(request, call.station)
    if call.steps and steps_of(scenario, stop):
        return _Moment(call.steps[-1].end_s, "ends its last step")
    return _Moment(call.arrival_s + (stop.dwell_s if stop else 0), "has stood for its dwell")


def _loaded(scenario: Scenario, request: TrainRequest, call: Call, turned: bool) -> _Moment:
    """Return until when a transshipment counts at the second train's origin."""
    if call.steps and steps_of(scenario, stop_at(request, call.station)) and not turned:
        return _Moment(call.steps[0].begin_s, "begins its first step")
    return _Moment(call.departure_s, "leaves")


def _rake(scenario: Scenario, pair: TiedTrains, arriving: Call, leaving: Call) -> Iterator[Violation]:
    """Compare when a rake leaves the track of the first train with when it comes onto that of the second."""
    zone = scenario.network.stations[pair.station].time_zone
    there_s = arriving.departure_s + scenario.rules.track_release_s
    if leaving.arrival_s == there_s:
        return
    kind = "rake-not-there" if leaving.arrival_s < there_s else "rake-comes-too-late"
    text = (
        f"{pair.second} comes onto its track at {pair.station} at {stamp(leaving.arrival_s, zone)}; its rake, "
        f"{pair.first}, leaves its own at {stamp(arriving.departure_s, zone)}, so it comes at {stamp(there_s, zone)}"
    )
    yield _violation(kind, text, pair, leaving.arrival_s)
