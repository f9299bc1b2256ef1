"""An independent simulation of one day: every event worked out from the definitions of docs/robustness.md, one by one.

It shares nothing with `railcap.measures.robustness`: each event asks those that it waits for, over all pairs of trains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import section_closures, station_track_closures, train_requests, yard_closed_times
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import steps_of
from railcap.corridor.ties import tied_trains
from railcap.corridor.yards import AtClose, LinkKind
from railcap.planning.timetable import Timetable, TrainPath

Key = tuple[str, str, int, int]
"""What (come, depart, block, arrive, step, leave), of which train, at which call, and the number of a block or step."""

WEEKS_S = 28 * 86400
Closed = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Use:
    """A train on a track, with a yard resource or an engine: from an event until so long after another one."""

    train: str
    take: Key
    take_s: int
    end: Key
    lasting_s: int
    done_s: int
    delay: tuple[str, ...] = ()


class Day:
    """One day; `delays_s` are its primary delays by name, `asked` collects the names that it needs.

    `places` tells in which order events of one instant are worked out, where nothing else does.
    """

    def __init__(
        self,
        scenario: Scenario,
        timetable: Timetable,
        delays_s: Mapping[tuple[str, ...], int],
        withdraw_s: int | None = None,
        places: Mapping[Key, int] | None = None,
    ) -> None:
        self.scenario, self.rules, self.network = scenario, scenario.rules, scenario.network
        self.paths = {path.train: path for path in timetable.paths}
        self.requests = {request.id: request for request in train_requests(scenario)}
        self.fixed = {path.id: path for path in scenario.fixed_paths}
        self.delays_s, self.withdraw_s = delays_s, withdraw_s
        self.places = places or {}
        self.asked: set[tuple[str, ...]] = set()
        longer = replace(scenario, run_out_h=scenario.run_out_h + WEEKS_S / 3600)
        self.end_s = longer.end_s
        self.section_closed = section_closures(longer)
        self.track_closed = station_track_closures(longer)
        self.resource_closed = yard_closed_times(longer)
        self.pairs = [pair for pair in tied_trains(scenario) if pair.first in self.paths and pair.second in self.paths]
        self.rakes = {pair.second for pair in self.pairs if pair.link.kind is LinkKind.TURN_ROUND}
        self.turned = {pair.second for pair in tied_trains(scenario) if pair.link.kind is LinkKind.TURN_ROUND}
        self.banked = [
            one
            for one in banked_trains(scenario, tuple(self.requests.values()))
            if one.train in self.paths and one.light in self.paths
        ]
        self.time_s: Callable[[Key], int | None] = cache(self._time_s)

    # What the timetable says

    def planned_s(self, key: Key) -> int:
        what, train, place, number = key
        call = self.paths[train].calls[place]
        if what in ("come", "arrive"):
            return call.arrival_s
        if what in ("depart", "leave"):
            return call.departure_s
        if what == "step":
            return call.steps[number].begin_s
        return call.departure_s + sum(self.blocks_s(train, place)[:number])

    def blocks_s(self, train: str, place: int) -> list[int]:
        """The shortest times in the blocks of a leg: equal shares in whole steps, supplements at the ends."""
        path = self.paths[train]
        leg, here, there = path.legs[place], path.calls[place], path.calls[place + 1]
        kind = self.scenario.train_types[path.train_type]
        count = self.network.sections[leg.section].blocks
        running = running_time_s(self.scenario, leg.section, here.station, path.train_type)
        step = self.rules.time_step_s if running >= count * self.rules.time_step_s else 1
        share, rest = divmod(running // step, count)
        times = [(share + (block < rest)) * step for block in range(count)]
        times[-1] = running - sum(times[:-1])
        times[0] += kind.start_supplement_s if here.stops else 0
        times[-1] += kind.stop_supplement_s if there.stops else 0
        return times

    def dwell_s(self, train: str, place: int) -> int:
        path, call = self.paths[train], self.paths[train].calls[place]
        if path.fixed:
            return call.departure_s - call.arrival_s
        stop = self.stop(train, place)
        return stop.dwell_s if stop is not None and call.stops else 0

    def stop(self, train: str, place: int):
        request = self.requests.get(train)
        station = self.paths[train].calls[place].station
        return None if request is None else request.stops.get(station, request.stops.get("*"))

    def comes_first(self, train: str) -> bool:
        """Whether coming onto its track at the origin is an event of its own."""
        call = self.paths[train].calls[0]
        return train in self.turned or (not call.steps and call.departure_s > call.arrival_s)

    def passes_only(self, train: str, place: int) -> bool:
        """Whether it passes without a track on which it could stop."""
        path, call = self.paths[train], self.paths[train].calls[place]
        track = self.network.stations[call.station].track(call.track)
        return not call.stops and track.length_m < self.scenario.train_types[path.train_type].length_m

    def departs(self, train: str, place: int) -> Key:
        return ("arrive" if self.passes_only(train, place) else "depart", train, place, 0)

    def chain(self, train: str) -> Iterator[tuple[Key, int, tuple[str, ...]]]:
        """The train's own events, with the least time from the one before and the name of what may prolong it."""
        path = self.paths[train]
        last = len(path.calls) - 1
        entry = () if train in self.rakes or path.light_for else ("entry", train, path.calls[0].station)
        seen: dict[tuple[str, ...], int] = {}

        def named(*name: str) -> tuple[str, ...]:
            seen[name] = seen.get(name, 0) + 1
            return name if seen[name] == 1 else (*name, str(seen[name]))

        least, delay, running = 0, entry, ()
        for place, call in enumerate(path.calls):
            if place:
                for number, block in enumerate(self.blocks_s(train, place - 1)):
                    if number:
                        yield ("block", train, place - 1, number), least, ()
                    least = block
                yield ("arrive", train, place, 0), least, running
                least, delay = 0, ()
            elif self.comes_first(train):
                yield ("come", train, 0, 0), 0, delay
                delay = ()
            for number, step in enumerate(call.steps):
                yield ("step", train, place, number), least, delay
                least, delay = step.end_s - step.begin_s, named("step", train, f"{call.station} {step.name}")
            if not call.steps:
                least = self.dwell_s(train, place)
                asked = path.fixed or self.stop(train, place) is not None
                if 0 < place < last and call.stops and asked:
                    delay = named("dwell", train, call.station)
            if place == last:
                if call.steps:
                    yield ("leave", train, place, 0), least, delay
                return
            if not self.passes_only(train, place):
                yield ("depart", train, place, 0), least, delay
            running = named("running", train, path.legs[place].section)
            least, delay = 0, ()

    # What happens

    def delay_s(self, name: tuple[str, ...], cap_s: int | None = None) -> int:
        if not name:
            return 0
        self.asked.add(name)
        drawn = self.delays_s.get(name, 0)
        return drawn if cap_s is None else min(drawn, cap_s)

    def longest_beyond_s(self, closed: Closed, from_s: int, length_s: int) -> int | None:
        """How much longer something may last and still fit between closed times."""
        ahead = [one for one in closed if one[1] > from_s]
        gaps = [after[0] - before[1] for before, after in pairwise(ahead)]
        gaps += [max(0, self.end_s - ahead[-1][1])] if ahead else []
        return max(0, max(gaps) - length_s) if gaps else None

    def _time_s(self, key: Key) -> int | None:
        """When an event takes place; None if its train is withdrawn by then."""
        what, train, _, _ = key
        chain = self.chains[train]
        number = [event for event, _, _ in chain].index(key)
        _, least, delay = chain[number]
        before = chain[number - 1][0] if number else None
        now = self.planned_s(key)
        if before is not None:
            then = self.time_s(before)
            if then is None:
                return None
            now = max(now, then + least + self.delay_s(delay, self.caps.get(delay)))
        else:
            now += self.delay_s(delay)
        for other, lag_s, needed in self.waits.get(key, ()):
            then = self.time_s(other)
            if then is None and needed:
                return None
            now = max(now, now if then is None else then + lag_s)
        for uses, capacity, number in self.pools.get(key, ()):
            now = max(now, self.free_s(uses, capacity, number))
        now = self.opened_s(key, now)
        at_station = what in ("come", "step", "depart")
        if self.withdraw_s is not None and at_station and now - self.planned_s(key) >= self.withdraw_s:
            return None
        return now

    def opened_s(self, key: Key, now: int) -> int:
        while True:
            later = now
            for closed, length_s, delay in self.shuts.get(key, ()):
                lasting = length_s + self.delay_s(delay, self.caps.get(delay))
                for begin, end in closed:
                    if later < end and later + lasting > begin and end > self.planned_s(key):
                        later = end
            if later == now:
                return now
            now = later

    def free_s(self, uses: Sequence[Use], capacity: int, number: int) -> int:
        """When at most `capacity - 1` of the trains before one of the users still have what it is to have."""
        use = uses[number]
        known = [
            other
            for other in uses
            if other is not use
            and (self.planned_s(other.end) < use.take_s or self.is_first(other.end, use.take))
            and other.take_s <= use.take_s
        ]
        before = [*uses[:number], *(other for other in uses[number:] if other in known)]
        left = capacity - (len(before) - len(known))
        done = []
        for other in known:
            then = self.time_s(other.end)
            if then is not None:
                done.append(then + other.lasting_s + self.delay_s(other.delay, self.caps.get(other.delay)))
        return sorted(done)[-left] if len(done) >= left else 0

    def is_first(self, one: Key, other: Key) -> bool:
        """Whether of two events of one instant the first is to be worked out first."""
        return self.planned_s(one) == self.planned_s(other) and self.places.get(one, 0) < self.places.get(other, 0)

    def run(self) -> dict[Key, int | None]:
        """Work out the whole day."""
        self.chains = {train: list(self.chain(train)) for train in self.paths}
        self.waits: dict[Key, list[tuple[Key, int, bool]]] = {}
        self.pools: dict[Key, list[tuple[Sequence[Use], int, int]]] = {}
        self.shuts: dict[Key, list[tuple[Closed, int, tuple[str, ...]]]] = {}
        self.caps: dict[tuple[str, ...], int] = {}
        self._close()
        self._sections()
        self._arrivals()
        self._links()
        self._tracks()
        self._resources()
        self._engines()
        return {event: self.time_s(event) for train in self.paths for event, _, _ in self.chains[train]}

    # Closed times

    def _close(self) -> None:
        for train, path in self.paths.items():
            chain = self.chains[train]
            for place, leg in enumerate(path.legs):
                key = self.departs(train, place)
                closed = self.section_closed.get((leg.section, leg.track), ())
                length = sum(self.blocks_s(train, place))
                (delay,) = [name for event, _, name in chain if event == ("arrive", train, place + 1, 0)]
                self._shut(key, closed, length, delay)
            for place, call in enumerate(path.calls):
                for number, step in enumerate(call.steps):
                    if not step.resource:
                        continue
                    key = "step", train, place, number
                    closed = self.resource_closed.get(step.resource, ())
                    after = chain[[event for event, _, _ in chain].index(key) + 1]
                    if self.scenario.yard_resources[step.resource].at_close is AtClose.FINISH:
                        self._shut(key, closed, after[1], after[2])
                    else:
                        self.shuts.setdefault(key, []).append((closed, 0, ()))

    def _shut(self, key: Key, closed: Closed, length_s: int, delay: tuple[str, ...]) -> None:
        self.shuts.setdefault(key, []).append((closed, length_s, delay))
        cap_s = self.longest_beyond_s(closed, self.planned_s(key), length_s)
        if cap_s is not None:
            self.caps[delay] = cap_s

    # The order between trains: over all pairs

    def _wait(self, later: Key, earlier: Key, lag_s: int, needed: bool = False) -> None:
        self.waits.setdefault(later, []).append((earlier, lag_s, needed))

    def _sections(self) -> None:
        for one in self.paths.values():
            for other in self.paths.values():
                if one.train != other.train:
                    self._sections_of(one, other)

    def _sections_of(self, one: TrainPath, other: TrainPath) -> None:
        """Let the second of two trains wait for the first wherever it comes after it onto a section track."""
        for i, first in enumerate(one.legs):
            for j, second in enumerate(other.legs):
                if first != second or one.calls[i].departure_s >= other.calls[j].departure_s:
                    continue
                section = self.network.sections[first.section]
                if one.calls[i].station == other.calls[j].station:
                    follow = section.following_interval_s
                    if follow is None:
                        follow = self.rules.following_interval_s if section.blocks == 1 else self.rules.block_release_s
                    for block in range(section.blocks):
                        enters = ("block", other.train, j, block) if block else self.departs(other.train, j)
                        last = block == section.blocks - 1
                        leaves = ("arrive", one.train, i + 1, 0) if last else ("block", one.train, i, block + 1)
                        self._wait(enters, leaves, follow)
                else:
                    cross = self.network.stations[one.calls[i + 1].station].crossing_interval_s
                    cross = self.rules.crossing_interval_s if cross is None else cross
                    self._wait(self.departs(other.train, j), ("arrive", one.train, i + 1, 0), cross)

    def _arrivals(self) -> None:
        here = [
            (path, place, leg.section)
            for path in self.paths.values()
            for place, leg in enumerate(path.legs, 1)
            if self.network.sections[leg.section].tracks == 1
        ]
        for one, i, came in here:
            for other, j, section in here:
                station = self.network.stations[one.calls[i].station]
                interval = station.non_simultaneous_arrival_s
                interval = self.rules.non_simultaneous_arrival_s if interval is None else interval
                if (
                    one.train != other.train
                    and came != section
                    and one.calls[i].station == other.calls[j].station
                    and not station.simultaneous_reception
                    and interval > 0
                    and one.calls[i].arrival_s < other.calls[j].arrival_s
                ):
                    self._wait(("arrive", other.train, j, 0), ("arrive", one.train, i, 0), interval)

    def _links(self) -> None:
        for pair in self.pairs:
            first, second = self.paths[pair.first], self.paths[pair.second]
            here = [place for place, call in enumerate(first.calls) if call.station == pair.station][-1]
            there = next(place for place, call in enumerate(second.calls) if call.station == pair.station)
            since: tuple[Key, int] = (("arrive", first.train, here, 0), 0)
            until = self.departs(second.train, there)
            first_event = self.chains[second.train][0][0]
            if pair.link.kind is LinkKind.TRANSSHIPMENT:
                since = self._ends(first)
                if second.calls[0].steps and second.train not in self.turned:
                    until = first_event
            self._wait(until, since[0], since[1] + pair.link.least_s, pair.link.refuse)
            if pair.link.kind is LinkKind.TURN_ROUND:
                end, lasting = self._ends(first)
                self._wait(first_event, end, lasting + self.rules.track_release_s, pair.link.refuse)
        for one in self.banked:
            light = self.chains[one.light][0][0]
            self._wait(light, ("arrive", one.train, one.end, 0), one.banker.least_s, True)

    def _ends(self, path: TrainPath) -> tuple[Key, int]:
        """When a train leaves its last track: so long after which event."""
        last, call = len(path.calls) - 1, path.calls[-1]
        if call.steps:
            return ("leave", path.train, last, 0), 0
        return ("arrive", path.train, last, 0), call.departure_s - call.arrival_s

    # What several trains share

    def _pool(self, uses: list[Use], capacity: int) -> None:
        order = {event: number for number, event in enumerate(key for c in self.chains.values() for key, _, _ in c)}
        uses.sort(key=lambda use: (use.take_s, use.done_s, order[use.take]))
        for number, use in enumerate(uses):
            self.pools.setdefault(use.take, []).append((uses, capacity, number))

    def _tracks(self) -> None:
        stays = [stay for path in self.paths.values() for stay in self._stays(path)]
        for station in self.network.stations.values():
            here = [stay for stay in stays if stay[0] == station.id]
            kinds: dict[object, list[str]] = {}
            for track in station.tracks:
                users = tuple(allowed(track) for _, _, _, allowed in here)
                if any(users):
                    closed = station_track_closures(self.scenario).get((station.id, track.id), ())
                    kinds.setdefault((users, closed), []).append(track.id)
            for tracks in kinds.values():
                uses = [use for _, track, use, _ in here if track in tracks]
                self._pool(uses, len(tracks))

    def _stays(self, path: TrainPath):
        """Each stay on a track: station, track, its use, and on which tracks it might be."""
        kind = self.scenario.train_types[path.train_type]
        last = len(path.calls) - 1
        for place, call in enumerate(path.calls):
            own = [event for event, _, _ in self.chains[path.train] if event[2] == place and event[0] != "block"]
            bounds: list[tuple[str, Key, list[object]]] = [(call.track, own[0], [])]
            asked = steps_of(self.scenario, self.stop(path.train, place)) if call.steps else ()
            for number, (step, wanted) in enumerate(zip(call.steps, asked, strict=True)):
                if step.track != bounds[-1][0]:
                    bounds.append((step.track, ("step", path.train, place, number), []))
                if wanted.tracks:
                    bounds[-1][2].append(wanted.tracks)
            end, lasting = self._ends(path) if place == last else (self.departs(path.train, place), 0)
            ends = [*((take, 0) for _, take, _ in bounds[1:]), (end, lasting)]
            pinned = self.fixed[path.train].calls[place].track if path.train in self.fixed else ""
            stops = call.stops or not self.passes_only(path.train, place)
            for (track, took, among), (leaves, more) in zip(bounds, ends, strict=True):

                def allowed(one, among=among, pinned=pinned, stops=stops) -> bool:
                    fits = one.length_m >= kind.length_m if stops else one.kind.value == "main"
                    named = all(one.id in tracks for tracks in among)
                    return kind.gauge_mm in one.gauges_mm and fits and named and (not pinned or one.id == pinned)

                lasting_s = more + self.rules.track_release_s
                done_s = self.planned_s(leaves) + lasting_s
                use = Use(path.train, took, self.planned_s(took), leaves, lasting_s, done_s)
                yield call.station, track, use, allowed
                closed = self.track_closed.get((call.station, track), ())
                least_s = self.dwell_s(path.train, place) if not call.steps and call.stops else 0
                if place in (0, last) and not call.steps:
                    least_s = self.dwell_s(path.train, place) if place == 0 else more
                self.shuts.setdefault(took, []).append((closed, least_s, ()))

    def _resources(self) -> None:
        for resource in self.scenario.yard_resources.values():
            uses = []
            for train in self.paths:
                chain = self.chains[train]
                for (event, _, _), (_, lasting, delay) in pairwise(chain):
                    if event[0] == "step":
                        step = self.paths[train].calls[event[2]].steps[event[3]]
                        if step.resource == resource.id:
                            uses.append(Use(train, event, step.begin_s, event, lasting, step.end_s, delay))
            self._pool(uses, resource.capacity)

    def _engines(self) -> None:
        for banker in self.scenario.bankers:
            uses = []
            for one in self.banked:
                if one.banker.id == banker.id:
                    take = self.departs(one.train, one.begin)
                    light = self.paths[one.light]
                    end = "arrive", one.light, len(light.calls) - 1, 0
                    uses.append(Use(one.train, take, self.planned_s(take), end, 0, self.planned_s(end)))
            self._pool(uses, banker.engines)
