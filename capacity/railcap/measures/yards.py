"""How busy yards are: their resources, their tracks, who waits for them, and what binds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.expand import station_track_closures, to_whole_days, train_requests, yard_closed_times
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import steps_of
from railcap.corridor.yards import YardResource
from railcap.measures.causes import yard_full
from railcap.measures.days import days_around
from railcap.measures.holds import Hold, resource_holds, resource_queues, track_holds, yard_stations
from railcap.measures.intervals import Interval, clipped, common, length, levels, union, without
from railcap.measures.names import station_name
from railcap.measures.standing import Doing, TrainTime
from railcap.planning.timetable import Call, Timetable

_ROOM = 0.5
"""Nothing binds a yard of which everything is less busy than this on its busiest day."""
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Load:
    """How busy something is over the local days from the first to the last on which trains use it.

    `busy_s` and `open_s` count every train that it serves at a time; closed time is in neither. `share` is their ratio,
    `busiest_share` that of the day on which it is highest.
    """

    busy_s: int = 0
    open_s: int = 0
    share: float = 0.0
    busiest_day: str = ""
    busiest_share: float = 0.0


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A yard resource: the steps that it served, and the trains that stood in the yard and waited for it."""

    resource: str
    capacity: int
    trains: int
    load: Load
    longest_queue: int
    wait_mean_s: float
    wait_max_s: int


@dataclass(frozen=True, slots=True)
class TrackUse:
    """Some tracks of a yard: all, those of a gauge, or those that a step needs.

    Parameters
    ----------
    most : int
        Trains on them at once.
    full_s : int
        How long each of them was taken or closed.
    taken : Load
        With all waits and the release times.
    work : Load
        Steps, asked stops and release times alone: what the trains need, however long they wait there.
    """

    tracks: tuple[str, ...]
    every: bool
    most: int
    full_s: int
    taken: Load
    work: Load


@dataclass(frozen=True, slots=True)
class YardUse:
    """A station where trains undergo processes.

    `held_out` trains stood out on the line for `held_out_s` in all as no track of it was free. `binding` says in a
    sentence what limits it.
    """

    station: str
    trains: int
    resources: tuple[ResourceUse, ...]
    tracks: tuple[TrackUse, ...]
    held_out: int
    held_out_s: int
    binding: str


def yard_uses(scenario: Scenario, timetable: Timetable, times: Iterable[TrainTime]) -> tuple[YardUse, ...]:
    """Return the use of every yard that has trains, in the order of the network.

    Parameters
    ----------
    times : iterable of TrainTime
        What `railcap.measures.standing.standing` says of this timetable.
    """
    yards = _Yards(scenario, timetable, tuple(times))
    return tuple(yards.use(station) for station in yard_stations(scenario) if yards.calls[station])


class _Yards:
    def __init__(self, scenario: Scenario, timetable: Timetable, times: Sequence[TrainTime]) -> None:
        self._scenario = scenario
        self._times = times
        self._served = resource_holds(timetable)
        self._queues = resource_queues(timetable)
        self._holds = track_holds(scenario, timetable)
        self._work = _track_work(scenario, timetable)
        self._shut = station_track_closures(to_whole_days(scenario))
        self._resources_shut = yard_closed_times(to_whole_days(scenario))
        self.calls: dict[str, list[Call]] = defaultdict(list)
        for path in timetable.paths:
            for call in path.calls:
                self.calls[call.station].append(call)

    def use(self, station: str) -> YardUse:
        """Return the use of one yard."""
        resources = [
            self._resource(resource)
            for resource in self._scenario.yard_resources.values()
            if resource.station == station and self._served.get(resource.id)
        ]
        resources.sort(key=lambda use: (-use.load.busiest_share, use.resource))
        tracks = [self._tracks(station, group) for group in self._track_groups(station)]
        held = [
            (time.train, part.seconds)
            for time in self._times
            for part in time.parts
            if part.doing is Doing.WAIT and part.what == yard_full(station)
        ]
        return YardUse(
            station,
            sum(call.stops for call in self.calls[station]),
            tuple(resources),
            tuple(tracks),
            len({train for train, _ in held}),
            sum(seconds for _, seconds in held),
            _binding(station_name(self._scenario, station), resources, tracks),
        )

    def _resource(self, resource: YardResource) -> ResourceUse:
        served = self._served[resource.id]
        queue = self._queues[resource.id]
        waits = [hold.until_s - hold.from_s for hold in queue]
        zone = self._scenario.network.stations[resource.station].time_zone
        shut = self._resources_shut.get(resource.id, ())
        shuts = [shut] * resource.capacity
        return ResourceUse(
            resource.id,
            resource.capacity,
            len({hold.train for hold in served}),
            _load([part for hold in served for part in without([hold.interval], shut)], shuts, zone),
            _most(hold.interval for hold in queue),
            sum(waits) / len(waits),
            max(waits),
        )

    def _track_groups(self, station: str) -> list[tuple[str, ...]]:
        """Return the tracks of a station, then those of each gauge, and those that a step needs of its own."""
        places = self._scenario.network.stations[station].tracks
        tracks = tuple(track.id for track in places)
        gauges = sorted({gauge for track in places for gauge in track.gauges_mm})
        of_gauge = [tuple(track.id for track in places if gauge in track.gauges_mm) for gauge in gauges]
        asked = [
            step.tracks
            for request in self._scenario.requests
            for stop in request.stops.values()
            if stop.station == station
            for step in steps_of(self._scenario, stop)
        ]
        groups = [tuple(track for track in tracks if track in some) for some in asked]
        return list(dict.fromkeys(group for group in [tracks, *of_gauge, *groups] if group))

    def _tracks(self, station: str, group: tuple[str, ...]) -> TrackUse:
        every = len(group) == len(self._scenario.network.stations[station].tracks)
        zone = self._scenario.network.stations[station].time_zone
        shut = [self._shut.get((station, track), ()) for track in group]
        taken = [_spans(self._holds, station, track) for track in group]
        work = [_spans(self._work, station, track) for track in group]
        full = union(span for spans in taken for span in spans)
        for spans, closed in zip(taken, shut, strict=True):
            full = common(full, union([*spans, *closed]))
        loads = [
            _load(
                [span for spans, closed in zip(some, shut, strict=True) for span in without(spans, closed)], shut, zone
            )
            for some in (taken, work)
        ]
        stays = [
            span
            for call in self.calls[station]
            for span in union((stay.from_s, stay.until_s) for stay in call.stays if stay.track in group)
        ]
        return TrackUse(group, every, _most(stays), length(full), *loads)


def _spans(holds: Mapping[tuple[str, str], list[Hold]], station: str, track: str) -> list[Interval]:
    return union(hold.interval for hold in holds.get((station, track), ()))


def _track_work(scenario: Scenario, timetable: Timetable) -> Mapping[tuple[str, str], list[Hold]]:
    """Return the time that trains need station tracks for: steps, asked stops and release times, no waits.

    Trains that were not asked for, such as fixed paths, stand as they are told to.
    """
    requests = {request.id: request for request in train_requests(scenario)}
    release_s = scenario.rules.track_release_s
    found: dict[tuple[str, str], list[Hold]] = defaultdict(list)
    for path in timetable.paths:
        request = requests.get(path.train)
        for call in path.calls:
            needed = [(step.track, step.begin_s, step.end_s) for step in call.steps]
            if request is None:
                needed += [(stay.track, stay.from_s, stay.until_s) for stay in call.stays]
            elif not call.steps:
                stop = request.stops.get(call.station, request.stops.get("*"))
                needed.append((call.track, call.arrival_s, call.arrival_s + (stop.dwell_s if stop else 0)))
            needed += [(stay.track, stay.until_s, stay.until_s + release_s) for stay in call.stays]
            for track, from_s, until_s in needed:
                found[call.station, track].append(Hold(path.train, from_s, until_s))
    return found


def _load(busy: Sequence[Interval], shut: Sequence[Sequence[Interval]], zone: str) -> Load:
    """Return how busy units are of which each has an entry in `shut`; `busy` has each use of any of them."""
    if not busy:
        return Load()
    busy_s = open_s = 0
    busiest, highest = "", 0.0
    for day, begin, end in days_around(min(one for one, _ in busy), max(other for _, other in busy), zone):
        opened = sum(length(without([(begin, end)], closed)) for closed in shut)
        worked = length(clipped(busy, begin, end))
        busy_s, open_s = busy_s + worked, open_s + opened
        if opened and worked / opened > highest:
            busiest, highest = day, worked / opened
    return Load(busy_s, open_s, busy_s / open_s if open_s else 0.0, busiest, highest)


def _most(spans: Iterable[Interval]) -> int:
    return max((count for _, count in levels(spans)), default=0)


def _binding(name: str, resources: Sequence[ResourceUse], tracks: Sequence[TrackUse]) -> str:
    """Return which resource or track group is the busiest, by what trains need of it, in a sentence."""
    found = [(use.load, use.resource) for use in resources] + [(use.work, tracks_text(use)) for use in tracks]
    found.sort(key=lambda one: (-one[0].busiest_share, -one[0].share))
    load, what = found[0]
    busy = f"{what}, busy {100 * load.busiest_share:.0f} % of the open time on {load.busiest_day}"
    if load.busiest_share < _ROOM:
        return f"{name} has room: the busiest is {busy}."
    after = f"; next comes {found[1][1]} with {100 * found[1][0].busiest_share:.0f} %" if len(found) > 1 else ""
    return f"{name} is bound by {busy}{after}."


def tracks_text(use: TrackUse) -> str:
    """Return how a group of tracks is called."""
    if use.every:
        return "its tracks"
    more = f" and {len(use.tracks) - _MOST_NAMED} more" if len(use.tracks) > _MOST_NAMED else ""
    return f"track{'s'[: len(use.tracks) != 1]} {', '.join(use.tracks[:_MOST_NAMED])}{more}"
