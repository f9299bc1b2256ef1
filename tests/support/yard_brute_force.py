"""Least costs of small border yards, by enumeration of every timetable on a grid of whole time steps.

It is written from docs/model.md and shares nothing with the planner: of railcap it uses the data classes of a scenario
alone, and works out trains, ties, hours and rules by itself. All times of the scenario must be multiples of the
rules' time step, so that some best timetable lies on the grid. So that there are few timetables, nobody may stand in
the yard before the step `opens`, or at any station after the step `ends`.

A train's *timing* is when it is on the line, and decides what it costs; its *placements* are the ways to stand on
tracks and undergo steps that go with a timing. Combinations of timings are tried from the cheapest on, until one has
placements that get along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from heapq import heappop, heappush
from itertools import combinations, count, pairwise, product
from zoneinfo import ZoneInfo

from railcap.corridor.infrastructure import Section, TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainType
from railcap.corridor.yards import AtClose, LinkKind, TrainLink, YardStep

DAY_S = 86400


@dataclass(frozen=True)
class _Train:
    """A train, with its times in steps after the first midnight; `shift` is how much later than the day's first."""

    way: str
    number: int
    kind: TrainType
    stations: tuple[str, ...]
    wished: int
    earliest: int
    latest: int
    shift: int
    stops: Mapping[str, Stop]
    longest_journey: int | None
    latest_arrival: int | None
    refusal: Fraction | None


@dataclass(frozen=True)
class _Timing:
    """Arrival and departure at each call (the first and the last have one of them only), and where it stops."""

    calls: tuple[tuple[int, int], ...]
    stops: tuple[bool, ...]
    cost: Fraction


@dataclass(frozen=True)
class _Placement:
    """What a train takes, as sets of bits, and the instants that links count from and to.

    `tracks`: a bit for each track and step of time. `one` and `two`: of resources that serve one and two at a time, a
    bit for each step of time and for each instant between two of them; `one_points`, `two_points`: the instants of
    steps without length.
    """

    tracks: int
    one: int
    one_points: int
    two: int
    two_points: int
    entry: int
    loads: int
    exit: int

    def is_covered_by(self, other: _Placement) -> bool:
        """Whether it takes nothing that another one does not take."""
        return not (
            self.tracks & ~other.tracks
            or self.one & ~other.one
            or self.one_points & ~other.one_points
            or self.two & ~other.two
            or self.two_points & ~other.two_points
        )


_Stay = tuple[str, str, int, int]
"""Station, track, from, until."""
_Work = tuple[str, int, int]
"""Yard resource, from, until."""
_Taken = tuple[int, int, int, int, int, int]
"""What placements take together; see `_added`."""


@dataclass(frozen=True)
class _Call:
    """One way to be at a station: stays, work, and when the track is taken, goods are loaded, and the track is left."""

    stays: tuple[_Stay, ...]
    work: tuple[_Work, ...]
    entry: int
    loads: int
    exit: int


def least_cost(scenario: Scenario, opens: int, ends: int) -> Fraction | None:
    """Return the least cost of a small scenario in weighted minutes, None if its mandatory trains cannot all run."""
    return _Yard(scenario, opens, ends).least_cost()


class _Yard:
    def __init__(self, scenario: Scenario, opens: int, ends: int) -> None:
        rules = scenario.rules
        assert not scenario.fixed_paths and not scenario.daylight and not scenario.bankers and scenario.days == 1
        assert not any(request.vias or "*" in request.stops for request in scenario.requests)
        self.scenario, self.opens, self.step_s = scenario, opens, rules.time_step_s
        midnight = datetime.combine(scenario.start, datetime.min.time(), ZoneInfo(scenario.time_zone))
        assert (midnight + timedelta(days=9)).utcoffset() == midnight.utcoffset(), "the clocks change"
        self.begin_s = int(midnight.timestamp())
        self.end = min(ends, self.steps(DAY_S + round(scenario.run_out_h * 3600)))
        self.stations = scenario.network.stations
        assert {station.time_zone for station in self.stations.values()} == {scenario.time_zone}
        self.sections: dict[frozenset[str], Section] = {}
        for section in scenario.network.sections.values():
            assert section.blocks == 1 and not section.bidirectional
            self.sections[frozenset((section.start, section.end))] = section
        self.trains = [train for request in scenario.requests for train in self._trains_of(request)]
        self.pairs = [(link, one, other) for link in scenario.links for one, other in self._tied(link)]
        self.turned = {other for link, _, other in self.pairs if link.kind is LinkKind.TURN_ROUND}
        self.linked = {train for _, *both in self.pairs for train in both}
        self._width = 2 * (self.end + self.steps(rules.track_release_s)) + 2
        self._places: dict[tuple[str, str], int] = {}
        self._known: dict[tuple[int, _Timing], list[_Placement]] = {}
        self._together: dict[tuple[tuple[int, _Timing], ...], bool] = {}

    def steps(self, seconds: int) -> int:
        """Return seconds as whole time steps."""
        assert seconds % self.step_s == 0, f"{seconds} s are not on the grid"
        return seconds // self.step_s

    # Trains and ties

    def _trains_of(self, request: PathRequest) -> Iterator[_Train]:
        order = list(self.stations)
        for back in (False, True) if request.both else (False,):
            ends = [order.index(request.origin), order.index(request.destination)]
            first, last = ends[::-1] if back else ends
            way = tuple(order[first : last + 1] if first < last else order[last : first + 1][::-1])
            for number in range(request.per_day):
                shift = number * self.steps(request.every_s)
                wished = self.steps(request.departure_of_day_s) + shift
                price = _exact(request.value) * _exact(self.scenario.weights.value_point_min)
                yield _Train(
                    request.id + ("/back" if back else ""),
                    number,
                    self.scenario.train_types[request.train_type],
                    way,
                    wished,
                    wished - self.steps(request.earlier_s),
                    wished + self.steps(request.later_s),
                    shift,
                    request.stops,
                    None if request.longest_journey_s is None else self.steps(request.longest_journey_s),
                    None if request.arrive_until_s is None else self.steps(request.arrive_until_s) + shift,
                    None if request.mandatory else price,
                )

    def _tied(self, link: TrainLink) -> Iterator[tuple[int, int]]:
        assert link.days_later == 0
        for i, one in enumerate(self.trains):
            for j, other in enumerate(self.trains):
                if (one.way, other.way) != (link.first, link.second):
                    continue
                batch, place = divmod(one.number, link.first_count)
                other_batch, other_place = divmod(other.number, link.second_count)
                share = Fraction(place, link.first_count), Fraction(place + 1, link.first_count)
                taken = Fraction(other_place, link.second_count), Fraction(other_place + 1, link.second_count)
                if batch == other_batch and share[0] < taken[1] and taken[0] < share[1]:
                    yield i, j

    # Rules of one train

    def fitting(self, train: _Train, station: str, *, stops: bool) -> tuple[str, ...]:
        """Return the tracks on which a train may stop or pass (rule 4)."""
        return tuple(
            track.id
            for track in self.stations[station].tracks
            if train.kind.gauge_mm in track.gauges_mm
            and (track.length_m >= train.kind.length_m if stops else track.kind is TrackKind.MAIN)
        )

    @cached_property
    def _roomy(self) -> frozenset[str]:
        """Stations with a track for every train, whatever the others do."""
        asked = {station for train in self.trains for station, stop in train.stops.items() if stop.process}
        shut = {closure.station for closure in self.scenario.closures}
        return frozenset(
            name
            for name, station in self.stations.items()
            if name not in asked | shut
            and len(station.tracks) >= len(self.trains)
            and all(
                train.kind.gauge_mm in track.gauges_mm
                and track.length_m >= train.kind.length_m
                and track.kind is TrackKind.MAIN
                for train in self.trains
                for track in station.tracks
            )
        )

    def takes(self, train: _Train, step: YardStep) -> int:
        """Return how long a step takes: rounded up to the time step (rule 16)."""
        return -(-(step.duration_s + step.per_wagon_s * train.kind.wagons) // self.step_s)

    def work_of(self, stop: Stop | None) -> tuple[YardStep, ...]:
        """Return the steps that a stop asks for."""
        return self.scenario.processes[stop.process].steps if stop and stop.process else ()

    def standing(self, train: _Train, station: str) -> int:
        """Return how long a train stands at a stop at least."""
        stop = train.stops.get(station)
        if stop is None:
            return 0
        return self.steps(stop.dwell_s) + sum(self.takes(train, step) for step in self.work_of(stop))

    def running(self, train: _Train, here: str, there: str) -> int:
        """Return the running time without supplements (rule 3)."""
        section = self.sections[frozenset((here, there))]
        speed = min(_exact(section.speeds_kmh[train.kind.category]), _exact(train.kind.speed_kmh))
        seconds = section.length_m * Fraction(18, 5) / speed
        return int(-(-seconds // self.step_s))

    @cached_property
    def _closed_tracks(self) -> dict[tuple[str, str], set[int]]:
        """Steps of time in which tracks of sections (by id) and of stations are closed."""
        found: dict[tuple[str, str], set[int]] = {}
        for closure in self.scenario.closures:
            if closure.yard_resource:
                continue
            assert closure.from_s is not None and closure.until_s is not None
            times = range(self.steps(closure.from_s - self.begin_s), self.steps(closure.until_s - self.begin_s))
            if closure.station:
                known = [track.id for track in self.stations[closure.station].tracks]
                places = [closure.track] if closure.track else known
            else:
                count = self.scenario.network.sections[closure.section].tracks
                places = [closure.section_track] if closure.section_track else [str(n + 1) for n in range(count)]
            for place in places:
                found.setdefault((closure.station or f"section {closure.section}", place), set()).update(times)
        return found

    @cached_property
    def _closed_resources(self) -> dict[str, set[int]]:
        """Steps of time in which yard resources are closed (rule 15)."""
        found: dict[str, set[int]] = {}
        day = self.steps(DAY_S)
        span = set(range(-4 * day, self.end + day))
        for id_ in self.scenario.yard_resources:
            mine = [hours for hours in self.scenario.opening_hours if hours.resource == id_]
            opened: set[int] = set()
            for hours in mine:
                assert not hours.time_zone
                begin, end = self.steps(hours.from_of_day_s), self.steps(hours.until_of_day_s)
                for number in range(-6, 4):
                    if (self.scenario.start + timedelta(days=number)).weekday() in hours.weekdays:
                        opened |= set(range(number * day + begin, number * day + end + (day if end < begin else 0)))
            found[id_] = span - opened if mine else set()
        for closure in self.scenario.closures:
            if closure.yard_resource:
                assert closure.from_s is not None and closure.until_s is not None
                found[closure.yard_resource] |= set(
                    range(self.steps(closure.from_s - self.begin_s), self.steps(closure.until_s - self.begin_s))
                )
        return found

    def works(self, resource: str, begin: int, end: int) -> bool:
        """Whether a yard resource works for a step then (rule 17)."""
        if not resource:
            return True
        closed = self._closed_resources[resource]
        finish = self.scenario.yard_resources[resource].at_close is AtClose.FINISH
        return not _meets(closed, begin, end if finish else begin)

    # When a train is on the line

    def timings(self, train: _Train) -> list[_Timing]:
        """Return every timing of a train that its own windows and the closures of sections allow."""
        found = []
        stop = train.stops.get(train.stations[0])
        for departure in range(train.earliest, train.latest + 1):
            if self._in_window(train, stop, "depart", departure):
                for calls, stops in self._onward(train, ((departure, departure),), (True,)):
                    found.append(_Timing(calls, stops, self._cost(train, calls)))
        if train.refusal is not None and self.trains.index(train) not in self.linked:
            found = [timing for timing in found if timing.cost < train.refusal]
        return found

    def _in_window(self, train: _Train, stop: Stop | None, what: str, time: int) -> bool:
        if stop is None:
            return True
        least, most = getattr(stop, f"{what}_from_s"), getattr(stop, f"{what}_until_s")
        late_enough = least is None or time >= self.steps(least) + train.shift
        return late_enough and (most is None or time <= self.steps(most) + train.shift)

    def _onward(
        self, train: _Train, calls: tuple[tuple[int, int], ...], stops: tuple[bool, ...]
    ) -> Iterator[tuple[tuple[tuple[int, int], ...], tuple[bool, ...]]]:
        place = len(calls)
        if place == len(train.stations):
            journey = calls[-1][0] - calls[0][1]
            in_time = train.latest_arrival is None or calls[-1][0] <= train.latest_arrival
            if in_time and (train.longest_journey is None or journey <= train.longest_journey):
                yield calls, stops
            return
        here, there = train.stations[place - 1 : place + 1]
        stop, is_last = train.stops.get(there), place == len(train.stations) - 1
        shortest = self.running(train, here, there)
        stretch = int(shortest * _exact(self.scenario.rules.longest_running_factor)) - shortest
        for stopping in (True, False):
            if stopping and not self.fitting(train, there, stops=True):
                continue
            if not stopping and (stop or is_last or not self.fitting(train, there, stops=False)):
                continue
            run = shortest + (self.steps(train.kind.start_supplement_s) if stops[-1] else 0)
            run += self.steps(train.kind.stop_supplement_s) if stopping else 0
            for arrival in range(calls[-1][1] + run, calls[-1][1] + run + stretch + 1):
                if arrival > self.end or not self._in_window(train, stop, "arrive", arrival):
                    continue
                if _meets(self._closed_tracks.get(self.track_of(here, there), set()), calls[-1][1], arrival):
                    continue
                latest = self.end if stopping and not is_last else arrival
                earliest = arrival + (self.standing(train, there) if stopping and not is_last else 0)
                for departure in range(earliest, latest + 1):
                    if is_last or self._in_window(train, stop, "depart", departure):
                        yield from self._onward(train, (*calls, (arrival, departure)), (*stops, stopping))

    def track_of(self, here: str, there: str) -> tuple[str, str]:
        """Return the section, with the track that trains from `here` to `there` use (rule 7)."""
        section = self.sections[frozenset((here, there))]
        return f"section {section.id}", "2" if section.tracks == 2 and here == section.end else "1"

    def _cost(self, train: _Train, calls: Sequence[tuple[int, int]]) -> Fraction:
        weights, category = self.scenario.weights, train.kind.category
        supplements = self.steps(train.kind.start_supplement_s) + self.steps(train.kind.stop_supplement_s)
        shortest = supplements
        for place, (here, there) in enumerate(zip(train.stations, train.stations[1:], strict=False)):
            shortest += self.running(train, here, there)
            is_last = place == len(train.stations) - 2
            if not is_last and (there in train.stops or not self.fitting(train, there, stops=False)):
                shortest += supplements + self.standing(train, there)
        late = max(0, calls[0][1] - train.wished)
        longer = max(0, calls[-1][0] - calls[0][1] - shortest)
        minutes = Fraction(self.step_s, 60)
        return minutes * (late * _exact(weights.late(category)) + longer * _exact(weights.journey(category)))

    # Where it stands, and when it is served

    def placements(self, number: int, timing: _Timing) -> list[_Placement]:
        """Return the placements of a timing, without those that take more than another."""
        key = number, timing
        if key not in self._known:
            train = self.trains[number]
            ways = [list(self._calls(number, timing, place)) for place in range(len(train.stations))]
            found: dict[_Placement, None] = {}
            for calls in product(*ways):
                first, last = calls[0], calls[-1]
                tracks = one = one_points = two = two_points = 0
                for call in calls:
                    for stay in call.stays:
                        tracks |= self._track_bits(*stay)
                    for resource, begin, end in call.work:
                        bits, is_point = self._work_bits(resource, begin, end), begin == end
                        if self.scenario.yard_resources[resource].capacity == 1:
                            one, one_points = (one, one_points | bits) if is_point else (one | bits, one_points)
                        else:
                            two, two_points = (two, two_points | bits) if is_point else (two | bits, two_points)
                instants = (first.entry, first.loads, last.exit) if number in self.linked else (0, 0, 0)
                found[_Placement(tracks, one, one_points, two, two_points, *instants)] = None
            self._known[key] = _without_covered(found)
        return self._known[key]

    def _place(self, kind: str, name: str) -> int:
        return self._places.setdefault((kind, name), len(self._places)) * self._width

    def _track_bits(self, station: str, track: str, since: int, until: int) -> int:
        if not track:
            return 0
        length = until + self.steps(self.scenario.rules.track_release_s) - since
        return ((1 << length) - 1) << (self._place(station, track) + since)

    def _work_bits(self, resource: str, begin: int, end: int) -> int:
        capacity = self.scenario.yard_resources[resource].capacity
        assert capacity in (1, 2), "no more than two at a time"
        place = self._place("resource", resource)
        if begin == end:
            return 1 << (place + 2 * begin)
        return ((1 << (2 * (end - begin) - 1)) - 1) << (place + 2 * begin + 1)

    def _calls(self, number: int, timing: _Timing, place: int) -> Iterator[_Call]:
        train, (arrival, departure) = self.trains[number], timing.calls[place]
        station = train.stations[place]
        stop, is_last = train.stops.get(station), place == len(train.stations) - 1
        tracks = self.fitting(train, station, stops=timing.stops[place])
        if station in self._roomy:
            tracks = ("",)
        steps = self.work_of(stop)
        dwell = self.steps(stop.dwell_s) if stop else 0
        turned = number in self.turned
        at_once = not place and bool(steps) and not turned
        if at_once and steps[0].tracks:
            tracks = tuple(track for track in tracks if track in steps[0].tracks)
        begins: Sequence[int] = (arrival,) if place else (departure - dwell,)
        if not place and (steps or turned):
            begins = range(self.opens, departure - self.standing(train, station) + 1)
        for since, track in product(begins, tracks):
            until = self.end if is_last else departure
            for stays, work in self._chain(train, station, steps, track, since, since, until, at_once=at_once):
                *before, (_, now_on, came, done) = stays
                if is_last:
                    until = done if steps else arrival + dwell
                if until > self.end or _meets(self._closed_tracks.get((station, now_on), set()), came, until):
                    continue
                loads = work[0][1] if work and not turned else departure
                named = tuple(one for one in work if one[0])
                yield _Call((*before, (station, now_on, came, until)), named, since, loads, until)

    def _chain(
        self,
        train: _Train,
        station: str,
        steps: Sequence[YardStep],
        track: str,
        came: int,
        free: int,
        until: int,
        *,
        at_once: bool = False,
    ) -> Iterator[tuple[tuple[_Stay, ...], tuple[_Work, ...]]]:
        """Yield the ways to undergo steps by `until`; of the last stay, the end is that of the last step.

        `at_once`: without waiting before the first of them.
        """
        if not steps:
            yield ((station, track, came, free),), ()
            return
        step, takes = steps[0], self.takes(train, steps[0])
        fitting = self.fitting(train, station, stops=True)
        moves = bool(step.tracks) and track not in step.tracks
        for begin in range(free, min(until - takes, free if at_once else until) + 1):
            if not self.works(step.resource, begin, begin + takes):
                continue
            if moves and _meets(self._closed_tracks.get((station, track), set()), came, begin):
                continue
            for onto in [one for one in step.tracks if one in fitting] if moves else [track]:
                since = begin if moves else came
                for stays, work in self._chain(train, station, steps[1:], onto, since, begin + takes, until):
                    left = ((station, track, came, begin),) if moves else ()
                    yield (*left, *stays), ((step.resource, begin, begin + takes), *work)

    # Rules between trains

    def least_cost(self) -> Fraction | None:
        """Return the cost of the cheapest combination of timings that gets along."""
        options: list[list[tuple[Fraction, _Timing | None]]] = []
        for train in self.trains:
            priced: list[tuple[Fraction, _Timing | None]] = [(timing.cost, timing) for timing in self.timings(train)]
            if train.refusal is not None:
                priced.append((train.refusal, None))
            if not priced:
                return None
            options.append(sorted(priced, key=lambda one: one[0]))
        # Best first: what has been chosen, and what the others cost at least.
        rest = [sum((some[0][0] for some in options[place:]), Fraction(0)) for place in range(len(options) + 1)]
        number = count()
        queue: list[tuple[Fraction, int, Fraction, tuple[_Timing | None, ...]]] = [
            (rest[0], next(number), Fraction(0), ())
        ]
        while queue:
            _, _, cost, chosen = heappop(queue)
            place = len(chosen)
            if place == len(options):
                if self._gets_along(chosen):
                    return cost
                continue
            for price, timing in options[place]:
                if timing is not None and not self.placements(place, timing):
                    continue
                if all(self._on_the_line(i, other, place, timing) for i, other in enumerate(chosen)):
                    least = cost + price + rest[place + 1]
                    heappush(queue, (least, next(number), cost + price, (*chosen, timing)))
        return None

    def _on_the_line(self, i: int, one: _Timing | None, j: int, other: _Timing | None) -> bool:
        """Whether two trains keep apart on sections and at arrivals (rules 6 to 8), and links by their timings."""
        chosen = {i: one, j: other}
        for link, first, second in self.pairs:
            if {first, second} != {i, j}:
                continue
            feeder, fed = chosen[first], chosen[second]
            if fed is not None and feeder is None and link.refuse:
                return False
            if fed is not None and feeder is not None and link.kind is not LinkKind.TRANSSHIPMENT:
                station = link.station or self.trains[first].stations[-1]
                arrives = feeder.calls[self.trains[first].stations.index(station)][0]
                leaves = fed.calls[self.trains[second].stations.index(station)][1]
                if not self._lasts(link, leaves - arrives):
                    return False
        if one is None or other is None:
            return True
        return self._apart_on_sections(i, one, j, other) and self._apart_at_arrival(i, one, j, other)

    def _lasts(self, link: TrainLink, time: int) -> bool:
        return time >= self.steps(link.least_s) and (link.longest_s is None or time <= self.steps(link.longest_s))

    def _runs(self, number: int, timing: _Timing) -> Iterator[tuple[tuple[str, str], str, int, int]]:
        """Yield the track of each section, the station at its end, entry and leaving."""
        stations = self.trains[number].stations
        for place, (here, there) in enumerate(pairwise(stations)):
            yield self.track_of(here, there), there, timing.calls[place][1], timing.calls[place + 1][0]

    def _apart_on_sections(self, i: int, one: _Timing, j: int, other: _Timing) -> bool:
        rules = self.scenario.rules
        for track, to, enters, leaves in self._runs(i, one):
            for other_track, other_to, other_enters, other_leaves in self._runs(j, other):
                if track != other_track:
                    continue
                if to == other_to:
                    own = self.scenario.network.sections[track[0].removeprefix("section ")].following_interval_s
                    after = before = rules.following_interval_s if own is None else own
                else:
                    after, before = self._crossing_s(to), self._crossing_s(other_to)
                if other_enters < leaves + self.steps(after) and enters < other_leaves + self.steps(before):
                    return False
        return True

    def _crossing_s(self, station: str) -> int:
        own = self.stations[station].crossing_interval_s
        return self.scenario.rules.crossing_interval_s if own is None else own

    def _apart_at_arrival(self, i: int, one: _Timing, j: int, other: _Timing) -> bool:
        for place, station in enumerate(self.trains[i].stations):
            if station not in self.trains[j].stations or self.stations[station].simultaneous_reception:
                continue
            other_place = self.trains[j].stations.index(station)
            if not place or not other_place:
                continue
            sections = [
                self.sections[frozenset(self.trains[number].stations[at - 1 : at + 1])]
                for number, at in ((i, place), (j, other_place))
            ]
            if sections[0] == sections[1] or any(section.tracks == 2 for section in sections):
                continue
            own = self.stations[station].non_simultaneous_arrival_s
            need = self.steps(self.scenario.rules.non_simultaneous_arrival_s if own is None else own)
            if abs(one.calls[place][0] - other.calls[other_place][0]) < need:
                return False
        return True

    def _gets_along(self, combination: Sequence[_Timing | None]) -> bool:
        running = [(number, timing) for number, timing in enumerate(combination) if timing is not None]
        return all(
            self._found_places(some) for size in range(2, len(running) + 1) for some in combinations(running, size)
        )

    def _found_places(self, running: tuple[tuple[int, _Timing], ...]) -> bool:
        if running not in self._together:
            # Those with the fewest placements first.
            waiting = sorted(((number, self.placements(number, timing)) for number, timing in running), key=_few)
            self._together[running] = self._placed(waiting, {}, (0, 0, 0, 0, 0, 0), set())
        return self._together[running]

    def _placed(
        self,
        waiting: list[tuple[int, list[_Placement]]],
        placed: dict[int, _Placement],
        taken: _Taken,
        failed: set[object],
    ) -> bool:
        """Whether the waiting trains find placements beside those that have one."""
        if not waiting:
            return True
        key = taken, tuple((one.entry, one.loads, one.exit) for one in placed.values())
        if key in failed:
            return False
        (number, placements), *others = waiting
        for placement in placements:
            after = _added(taken, placement)
            if after is None or not self._links_hold(number, placement, placed):
                continue
            left = [
                (other, [one for one in some if not after[0] & one.tracks and _added(after, one)])
                for other, some in others
            ]
            if all(some for _, some in left) and self._placed(left, {**placed, number: placement}, after, failed):
                return True
        failed.add(key)
        return False

    def _links_hold(self, number: int, placement: _Placement, placed: Mapping[int, _Placement]) -> bool:
        """Whether a train keeps the links with those that have their places, as far as places matter (rule 21)."""
        for link, first, second in self.pairs:
            if number not in (first, second) or not placed.keys() & {first, second}:
                continue
            feeder = placement if first == number else placed[first]
            fed = placement if second == number else placed[second]
            if link.kind is LinkKind.TURN_ROUND:
                if fed.entry != feeder.exit + self.steps(self.scenario.rules.track_release_s):
                    return False
            elif link.kind is LinkKind.TRANSSHIPMENT and not self._lasts(link, fed.loads - feeder.exit):
                return False
        return True


def _few(one: tuple[int, list[_Placement]]) -> int:
    return len(one[1])


def _added(taken: _Taken, new: _Placement) -> _Taken | None:
    """Return what is taken with one more placement, None if it does not fit.

    Of what serves one at a time a step with a length meets nobody, and a step without length nobody's inside; of what
    serves two, `once` is held by one at least and `twice` by two.
    """
    tracks, one, one_points, once, twice, two_points = taken
    if tracks & new.tracks or new.one & (one | one_points) or new.one_points & one:
        return None
    both = once & new.two
    if twice & (new.two | new.two_points) or both & (two_points | new.two_points):
        return None
    return (
        tracks | new.tracks,
        one | new.one,
        one_points | new.one_points,
        once | new.two,
        twice | both,
        two_points | new.two_points,
    )


def _without_covered(placements: Iterable[_Placement]) -> list[_Placement]:
    """Return placements without those that take more than another of the same instants."""
    alike: dict[tuple[int, int, int], list[_Placement]] = {}
    for one in sorted(placements, key=lambda one: (one.tracks | one.one | one.two).bit_count()):
        kept = alike.setdefault((one.entry, one.loads, one.exit), [])
        if not any(other.is_covered_by(one) for other in kept):
            kept.append(one)
    return [one for kept in alike.values() for one in kept]


def _meets(closed: set[int], begin: int, end: int) -> bool:
    """Whether something lies strictly inside closed steps of time; an instant does between two of them."""
    if begin == end:
        return begin - 1 in closed and begin in closed
    return any(time in closed for time in range(begin, end))


def _exact(number: float) -> Fraction:
    return Fraction(repr(number))
