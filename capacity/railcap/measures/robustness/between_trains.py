"""What trains wait for of each other, in the order of the timetable: rules 5, 6, 8, 15 and 20 to 23 of docs/model.md.

The order is kept in every block and on the way into every station. Like tracks of a station, and yard resources that
serve several trains at a time, take trains in the order of the timetable, whichever track or place is free first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.bankers import Banked
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import Banker, LinkKind, TiedTrains
from railcap.measures.robustness.events import Cause, Coming, Run
from railcap.measures.robustness.graph_draft import GraphDraft, Line, Moment, Pool, Use
from railcap.measures.robustness.train_events import TrainEvents
from railcap.planning.compile_sections import arrival_interval, crossing_interval, following_interval
from railcap.planning.compile_tracks import StationTracks, TrackGroup, TrackUser

Running = Mapping[str, TrainEvents]
"""The trains that run, by id."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A train on a section track: the moments of entering each block, and of leaving the last."""

    train: str
    entering: str
    leaving: str
    marks: Sequence[Moment]


def tie_sections(scenario: Scenario, draft: GraphDraft, trains: Running) -> None:
    """Tie the trains on each section track: followers block by block, opposing trains by the crossing interval."""
    runs: dict[tuple[str, str], list[_Run]] = defaultdict(list)
    for train in trains.values():
        calls = train.path.calls
        for leg, here, there, marks in zip(train.path.legs, calls, calls[1:], train.marks, strict=False):
            runs[leg.section, leg.track].append(_Run(train.path.train, here.station, there.station, marks))
    for track, ((section_id, _), on_track) in enumerate(runs.items()):
        section = scenario.network.sections[section_id]
        follow_s = following_interval(scenario, section)
        out: dict[str, list[Line]] = {
            end: [draft.line() for _ in range(section.blocks)] for end in (section.start, section.end)
        }
        on_track.sort(key=lambda run: (draft.planned_s(run.marks[0]), draft.planned_s(run.marks[-1]), run.train))
        for run in on_track:
            for block, line in enumerate(out[run.entering]):
                station = "" if block else run.entering
                draft.follow(line, run.marks[block], follow_s, Cause.AHEAD, section_id, station)
            cross_s = crossing_interval(scenario, run.entering)
            draft.follow(out[run.leaving][-1], run.marks[0], cross_s, Cause.OPPOSING, run.entering, run.entering)
            for block, line in enumerate(out[run.entering]):
                line.add(run.train, run.marks[block + 1].event)
            entries = tuple(mark.event for mark in run.marks)
            draft.run(Run(track, run.entering == section.end, entries, follow_s, cross_s))


def tie_tracks(scenario: Scenario, draft: GraphDraft, trains: Running) -> None:
    """Tie the trains on the tracks of each station: the next one comes when any track like the one it has is free.

    Tracks are alike on which the same trains may stop and do the same steps, and that are closed at the same times.
    """
    users: dict[str, list[TrackUser]] = defaultdict(list)
    for train in trains.values():
        for stay in train.stays:
            users[stay.station].append(stay.user)
    like = StationTracks(scenario, users)
    group_of = {(group.station, track): group for group in like.groups() for track in group.tracks}
    uses: dict[TrackGroup, list[Use]] = defaultdict(list)
    release_s = scenario.rules.track_release_s
    for train in trains.values():
        for stay in train.stays:
            free = Moment(stay.leave.event, stay.leave.shift_s + release_s)
            use = Use(train.path.train, stay.take.event, free, draft.planned_s(stay.take), draft.planned_s(free))
            uses[group_of[stay.station, stay.track]].append(use)
    for group, on_tracks in uses.items():
        draft.share(Pool(tuple(on_tracks), len(group.tracks), Cause.TRACK, group.station))


def tie_arrivals(scenario: Scenario, draft: GraphDraft, trains: Running) -> None:
    """Tie arrivals from different single-track sections where reception is not simultaneous."""
    arrivals: dict[str, list[tuple[int, str, str, Moment]]] = defaultdict(list)
    for one in trains.values():
        for place, leg in enumerate(one.path.legs, 1):
            if scenario.network.sections[leg.section].tracks == 1:
                moment = one.arrive[place]
                station = one.path.calls[place].station
                arrivals[station].append((draft.planned_s(moment), one.path.train, leg.section, moment))
    for number, (station, here) in enumerate(arrivals.items()):
        interval_s = arrival_interval(scenario, station)
        if interval_s <= 0:
            continue
        here.sort(key=lambda one: one[:2])
        arrived: dict[str, Line] = {}
        ways = {section: way for way, section in enumerate(dict.fromkeys(section for _, _, section, _ in here))}
        for _, train, section, moment in here:
            draft.come(Coming(moment.event, number, ways[section], interval_s))
            for came, line in arrived.items():
                if came != section:
                    draft.follow(line, moment, interval_s, Cause.RECEPTION, station, station)
            if section not in arrived:
                arrived[section] = draft.line()
            arrived[section].add(train, moment.event)


def tie_resources(scenario: Scenario, draft: GraphDraft, trains: Running) -> None:
    """Tie the steps that need each yard resource."""
    uses: dict[str, list[Use]] = defaultdict(list)
    for train in trains.values():
        for one in train.steps:
            done = Moment(one.begin.event, one.length_s)
            use = Use(train.path.train, one.begin.event, done, one.step.begin_s, one.step.end_s, one.delay)
            uses[one.step.resource].append(use)
    uses.pop("", None)
    for resource, served in uses.items():
        draft.share(Pool(tuple(served), scenario.yard_resources[resource].capacity, Cause.QUEUE, resource))


def tie_links(
    scenario: Scenario, draft: GraphDraft, trains: Running, pairs: Sequence[TiedTrains], turned: frozenset[str]
) -> None:
    """Tie the trains that a link ties, as late as the first one may be: nobody leaves without what it waits for."""
    for pair in pairs:
        first, second = trains.get(pair.first), trains.get(pair.second)
        if first is None or second is None:
            continue
        here = max(place for place, call in enumerate(first.path.calls) if call.station == pair.station)
        there = min(place for place, call in enumerate(second.path.calls) if call.station == pair.station)
        since, until = first.arrive[here], second.depart[there]
        if pair.link.kind is LinkKind.TRANSSHIPMENT:
            since = first.end
            loads = bool(second.path.calls[0].steps) and pair.second not in turned
            until = second.come if loads else until
        needed = pair.link.refuse
        draft.wait(until, since, pair.link.least_s, Cause.LINK, pair.station, needed=needed)
        if pair.link.kind is LinkKind.TURN_ROUND:
            release_s = scenario.rules.track_release_s
            draft.wait(second.come, first.end, release_s, Cause.LINK, pair.station, needed=needed)


def tie_bankers(draft: GraphDraft, trains: Running, banked: Sequence[Banked]) -> None:
    """Tie trains to their light engines, and to the engines that must be back before they can be helped."""
    uses: dict[Banker, list[Use]] = defaultdict(list)
    for one in banked:
        train, light = trains.get(one.train), trains.get(one.light)
        if train is not None and light is not None:
            least_s, banker = one.banker.least_s, one.banker.id
            draft.wait(light.depart[0], train.arrive[one.end], least_s, Cause.BANKER, banker, needed=True)
            begin, back = train.depart[one.begin], light.arrive[len(light.path.calls) - 1]
            use = Use(one.train, begin.event, back, draft.planned_s(begin), draft.planned_s(back))
            uses[one.banker].append(use)
    for engines, out in uses.items():
        draft.share(Pool(tuple(out), engines.engines, Cause.BANKER, engines.id))
