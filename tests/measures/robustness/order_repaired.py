"""An independent judge of days on which trains change their order: each event against every other, over all pairs.

It takes the definitions from `event_by_event`, which shares nothing with `railcap.measures.robustness`, and only the
order from the times of the day: whoever came first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, combinations

from event_by_event import Day, Key, Use

from railcap.planning.timetable import Leg, TrainPath

Times = Mapping[Key, int]


class JudgedDay(Day):
    """A day of which the times are given."""

    def faults(self, times: Times, moments: set[int]) -> list[str]:
        """Return what breaks a rule, and who waits for nothing.

        `moments` are those at which an order was changed: a train may be let go just then.
        """
        self.chains = {train: list(self.chain(train)) for train in self.paths}
        self.waits, self.pools, self.shuts, self.caps = {}, {}, {}, {}
        for prepare in (self._close, self._links, self._tracks, self._resources, self._engines):
            prepare()
        self.reasons: dict[Key, set[int]] = {key: {self.planned_s(key), *moments} for key in times}
        found = [
            *self._own(times),
            *self._tied(times),
            *self._on_sections(times),
            *self._arriving(times),
            *self._sharing(times),
            *self._closed(times),
        ]
        found += [
            f"{key} at {time_s} waits for nothing" for key, time_s in times.items() if not self._needed(key, times)
        ]
        return found

    def _own(self, times: Times) -> Iterator[str]:
        for own in self.chains.values():
            for place, (key, least, delay) in enumerate(own):
                ready = self.planned_s(key)
                if place:
                    ready = times[own[place - 1][0]] + least + self.delay_s(delay, self.caps.get(delay))
                else:
                    ready += self.delay_s(delay)
                self.reasons[key].add(ready)
                if times[key] < max(ready, self.planned_s(key)):
                    yield f"{key} before its train is ready"

    def _after(self, later: Key, earlier: Key, lag_s: int, times: Times, what: str) -> Iterator[str]:
        self.reasons[later].add(times[earlier] + lag_s)
        if times[later] < times[earlier] + lag_s:
            yield f"{what}: {later} at {times[later]} too soon after {earlier} at {times[earlier]}"

    def _tied(self, times: Times) -> Iterator[str]:
        for later, waits in self.waits.items():
            for earlier, lag_s, _ in waits:
                yield from self._after(later, earlier, lag_s, times, "link")

    def _on_sections(self, times: Times) -> Iterator[str]:
        runs: dict[Leg, list[tuple[TrainPath, int]]] = {}
        for path in self.paths.values():
            for i, leg in enumerate(path.legs):
                runs.setdefault(leg, []).append((path, i))
        for (one, i), (other, j) in chain.from_iterable(combinations(on_track, 2) for on_track in runs.values()):
            if one.train == other.train:
                continue
            if times[self.departs(one.train, i)] > times[self.departs(other.train, j)]:
                yield from self._behind(other, j, one, i, times)
            else:
                yield from self._behind(one, i, other, j, times)

    def _behind(self, one: TrainPath, i: int, other: TrainPath, j: int, times: Times) -> Iterator[str]:
        """Judge the second of two trains on a section track."""
        section = self.network.sections[one.legs[i].section]
        if one.calls[i].station != other.calls[j].station:
            there = self.network.stations[one.calls[i + 1].station].crossing_interval_s
            cross_s = self.rules.crossing_interval_s if there is None else there
            enters = self.departs(other.train, j)
            yield from self._after(enters, ("arrive", one.train, i + 1, 0), cross_s, times, "opposing")
            return
        follow_s = section.following_interval_s
        if follow_s is None:
            follow_s = self.rules.following_interval_s if section.blocks == 1 else self.rules.block_release_s
        for block in range(section.blocks):
            enters = ("block", other.train, j, block) if block else self.departs(other.train, j)
            is_last = block == section.blocks - 1
            leaves = ("arrive", one.train, i + 1, 0) if is_last else ("block", one.train, i, block + 1)
            yield from self._after(enters, leaves, follow_s, times, "following")

    def _arriving(self, times: Times) -> Iterator[str]:
        here: dict[str, list[tuple[Key, str]]] = {}
        for path in self.paths.values():
            for i, leg in enumerate(path.legs, 1):
                if self.network.sections[leg.section].tracks == 1:
                    here.setdefault(path.calls[i].station, []).append((("arrive", path.train, i, 0), leg.section))
        pairs = ((id, *pair) for id, arrivals in here.items() for pair in combinations(arrivals, 2))
        for station_id, (one, way), (other, its) in pairs:
            station = self.network.stations[station_id]
            apart_s = station.non_simultaneous_arrival_s
            apart_s = self.rules.non_simultaneous_arrival_s if apart_s is None else apart_s
            if way == its or one[1] == other[1] or station.simultaneous_reception or apart_s <= 0:
                continue
            first, second = sorted((one, other), key=lambda key: (times[key], key))
            yield from self._after(second, first, apart_s, times, "arrivals")

    def _sharing(self, times: Times) -> Iterator[str]:
        for key, pools in self.pools.items():
            for uses, capacity, _ in pools:
                spans = [(use.train, times[use.take], self._done_s(use, times)) for use in uses]
                self.reasons[key] |= {done for _, _, done in spans}
                there = {train for train, begin, end in spans if begin <= times[key] < end}
                if len(there) > capacity:
                    yield f"{sorted(there)} have what is there for {capacity}: {key} at {times[key]}"

    def _done_s(self, use: Use, times: Times) -> int:
        return times[use.end] + use.lasting_s + self.delay_s(use.delay, self.caps.get(use.delay))

    def _closed(self, times: Times) -> Iterator[str]:
        for key, shuts in self.shuts.items():
            for closed, length_s, delay in shuts:
                until_s = times[key] + length_s + self.delay_s(delay, self.caps.get(delay))
                for begin, end in closed:
                    self.reasons[key].add(end)
                    if times[key] < end and until_s > begin and end > self.planned_s(key):
                        yield f"{key} at {times[key]} until {until_s} meets what is closed from {begin} to {end}"

    def _needed(self, key: Key, times: Times) -> bool:
        return times[key] in self.reasons[key]
