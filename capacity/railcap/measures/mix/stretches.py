"""The line in the pieces of which each has a capacity: from one place where trains can meet to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from railcap.corridor.expand import section_closures
from railcap.corridor.infrastructure import Section
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.validate_meets import can_meet
from railcap.measures.intervals import clipped, length, union
from railcap.measures.mix.flows import Flow
from railcap.measures.names import station_name
from railcap.units import DAY_S, round_up, to_utc_s


@dataclass(frozen=True, slots=True)
class Kind:
    """Trains of one type in one direction over a stretch, `there` being from its first to its last station.

    `per_day` and `share` are those of `Flow`; `running_s` is the time from end to end without supplements.
    """

    train_type: str
    there: bool
    per_day: float
    share: float
    passenger: bool
    light: bool
    running_s: int
    start_s: int
    stop_s: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of line whose order of trains cannot change inside.

    On single track it reaches from one station where two freight trains can meet to the next; on double track it is one
    section.

    Parameters
    ----------
    sections : tuple of str
        ``sections[i]`` joins two neighbours of `stations`.
    blocks : int
        Blocks on each track.
    kinds : tuple of Kind
        All trains, by type and direction.
    there, back : Kind
        The parallel train in each direction: the slowest freight train that is asked for; without freight trains the
        slowest of all.
    arrival_s : float
        ``tau_np``, from the arrival of a train to that of an opposing one that passes into the stretch, mean of both
        ends; never less than the crossing interval.
    crossing_s : float
        ``tau_s``, crossing interval, mean of both ends.
    following_s : int
        From when a train has left the stretch (or a block, of several) to the entry of the one behind.
    step_s : int
        Blocks are of whole steps.
    open_s : float
        What of an average day the stretch is open, on double track in the direction in which it is less.
    """

    stations: tuple[str, ...]
    sections: tuple[str, ...]
    tracks: int
    blocks: int
    length_m: int
    kinds: tuple[Kind, ...]
    there: Kind
    back: Kind
    arrival_s: float
    crossing_s: float
    following_s: int
    step_s: int
    open_s: float

    @property
    def ends(self) -> tuple[str, str]:
        """Its first and last station."""
        return self.stations[0], self.stations[-1]

    @property
    def asked_there(self) -> float:
        """Trains a day that are asked for from the first to the last station."""
        return sum(one.per_day for one in self.kinds if one.there)

    @property
    def asked_back(self) -> float:
        """Trains a day that are asked for from the last to the first station."""
        return sum(one.per_day for one in self.kinds if not one.there)

    def asked_pairs(self, *, passenger: bool | None = None) -> float:
        """Return the pairs a day that are asked for, of all or one category: the trains of the busier direction."""
        chosen = [one for one in self.kinds if passenger in (None, one.passenger)]
        there = sum(one.per_day for one in chosen if one.there)
        return max(there, sum(one.per_day for one in chosen) - there)

    def block_s(self, running_s: int) -> int:
        """Return the time in the longest block of a train that takes `running_s` over the stretch."""
        return min(running_s, round_up(running_s / self.blocks, self.step_s))

    def name(self, scenario: Scenario) -> str:
        """Return what it is called."""
        return " - ".join(station_name(scenario, station) for station in self.ends)


def stretches(scenario: Scenario, flows: Mapping[str, tuple[Flow, ...]]) -> tuple[Stretch, ...]:
    """Return the stretches of the sections that have trains, in the order of the network.

    Two parallel trains can meet at a station if one of them can stop there on a track of its length while the other
    passes or stops on another one; where they cannot, sections of single track are one stretch.
    """
    network = scenario.network
    used = {section: network.sections[section] for section in flows}
    beside: dict[str, list[Section]] = defaultdict(list)
    for section in used.values():
        beside[section.start].append(section)
        beside[section.end].append(section)
    parallel = {section: _parallel(scenario, used[section], flows[section]) for section in used}

    def joined(station: str) -> bool:
        around = beside[station]
        if len(around) != 2 or any(section.tracks > 1 for section in around):
            return False
        one, other = (scenario.train_types[parallel[section.id]] for section in around)
        return not can_meet(network.stations[station], one, other)

    closed = section_closures(scenario)
    open_s = {
        (section.id, track): closed.get((section.id, track), ())
        for section in used.values()
        for track in section.track_ids()
    }
    return tuple(
        _stretch(scenario, stations, chain, flows, [parallel[section.id] for section in chain], beside, open_s)
        for stations, chain in _chains(used, beside, {station for station in beside if joined(station)})
    )


def _parallel(scenario: Scenario, section: Section, flows: Collection[Flow]) -> str:
    """Return the type of the slowest freight train there and back; of equal ones that with most trains."""
    types = scenario.train_types
    own = [flow for flow in flows if not flow.light] or list(flows)
    freight = [flow for flow in own if types[flow.train_type].category != "passenger"] or own
    trains: dict[str, float] = defaultdict(float)
    for flow in freight:
        trains[flow.train_type] += flow.share

    def rank(name: str) -> tuple[int, float, str]:
        both = sum(running_time_s(scenario, section.id, end, name) for end in (section.start, section.end))
        return both + 2 * (types[name].start_supplement_s + types[name].stop_supplement_s), trains[name], name

    return max(trains, key=rank)


def _chains(
    used: Mapping[str, Section], beside: Mapping[str, Sequence[Section]], joined: Collection[str]
) -> Iterator[tuple[list[str], list[Section]]]:
    """Yield the stations and sections of each chain that goes on at joined stations."""
    left = dict(used)
    while left:
        first = left.pop(next(iter(left)))
        stations, chain = [first.start, first.end], [first]
        for _ in range(2):
            while stations[-1] in joined:
                onward = next((one for one in beside[stations[-1]] if one.id in left), None)
                if onward is None:
                    break
                chain.append(left.pop(onward.id))
                stations.append(onward.other(stations[-1]))
            stations.reverse()
            chain.reverse()
        yield stations, chain


def _stretch(
    scenario: Scenario,
    stations: Sequence[str],
    chain: Sequence[Section],
    flows: Mapping[str, tuple[Flow, ...]],
    parallel: Sequence[str],
    beside: Mapping[str, Sequence[Section]],
    closed: Mapping[tuple[str, str], Iterable[tuple[int, int]]],
) -> Stretch:
    rules = scenario.rules
    single = chain[0].tracks == 1
    blocks = 1 if len(chain) > 1 else chain[0].blocks
    types = sorted({flow.train_type for section in chain for flow in flows[section.id]})
    running = {
        (name, there): _running_s(scenario, stations, chain, name, there=there)
        for name in {*types, *parallel}
        for there in (True, False)
    }
    slowest = max(parallel, key=lambda name: running[name, True] + running[name, False])
    kinds = tuple(_kinds(scenario, stations, chain, flows, running))
    ends = [(station, sum(one.tracks == 1 for one in beside[station])) for station in (stations[0], stations[-1])]
    intervals = [_intervals(scenario, station, meets=single and count > 1) for station, count in ends]
    usual_s = rules.following_interval_s if blocks == 1 else rules.block_release_s
    own_s = [usual_s if one.following_interval_s is None else one.following_interval_s for one in chain]
    tracks = [[(section.id, track) for section in chain] for track in chain[0].track_ids()]
    return Stretch(
        tuple(stations),
        tuple(section.id for section in chain),
        chain[0].tracks,
        blocks,
        sum(section.length_m for section in chain),
        kinds,
        _kind(scenario, slowest, running[slowest, True], there=True),
        _kind(scenario, slowest, running[slowest, False], there=False),
        sum(arrival for arrival, _ in intervals) / 2,
        sum(crossing for _, crossing in intervals) / 2,
        max(own_s),
        rules.time_step_s,
        min(_open_s(scenario, [one for place in places for one in closed[place]]) for places in tracks),
    )


def _running_s(
    scenario: Scenario, stations: Sequence[str], chain: Sequence[Section], train_type: str, *, there: bool
) -> int:
    """Return the running time over a chain; over a section of another gauge nothing runs, and it counts nothing."""
    gauge = scenario.train_types[train_type].gauge_mm
    legs = zip(chain, pairwise(stations), strict=True)
    return sum(
        running_time_s(scenario, section.id, here if there else other, train_type)
        for section, (here, other) in legs
        if gauge in section.gauges_mm
    )


def _kinds(
    scenario: Scenario,
    stations: Sequence[str],
    chain: Sequence[Section],
    flows: Mapping[str, tuple[Flow, ...]],
    running: Mapping[tuple[str, bool], int],
) -> Iterator[Kind]:
    """Yield the trains of a chain: of each type and direction as many as its busiest section has."""
    most: dict[tuple[str, bool, bool], tuple[float, float]] = {}
    for section, here in zip(chain, stations[:-1], strict=True):
        for flow in flows[section.id]:
            key = flow.train_type, flow.entering == here, flow.light
            most[key] = max(most.get(key, (0.0, 0.0)), (flow.per_day, flow.share))
    total = sum(share for _, share in most.values())
    for (name, there, light), (per_day, share) in sorted(most.items()):
        yield _kind(scenario, name, running[name, there], there=there, flow=(per_day, share / total), light=light)


def _kind(
    scenario: Scenario,
    name: str,
    running_s: int,
    *,
    there: bool,
    flow: tuple[float, float] = (0.0, 0.0),
    light: bool = False,
) -> Kind:
    one = scenario.train_types[name]
    passenger = one.category == "passenger"
    return Kind(name, there, *flow, passenger, light, running_s, one.start_supplement_s, one.stop_supplement_s)


def _intervals(scenario: Scenario, station: str, *, meets: bool) -> tuple[int, int]:
    """Return the intervals of arrival and of crossing at a station; `meets`: single track leads on behind it."""
    one, rules = scenario.network.stations[station], scenario.rules
    crossing_s = rules.crossing_interval_s if one.crossing_interval_s is None else one.crossing_interval_s
    arrival_s = (
        rules.non_simultaneous_arrival_s if one.non_simultaneous_arrival_s is None else one.non_simultaneous_arrival_s
    )
    # Rule 8 holds also where rule 6 does not: a train that passes into the stretch comes after the one out of it.
    return (max(arrival_s, crossing_s) if meets and not one.simultaneous_reception else crossing_s), crossing_s


def _open_s(scenario: Scenario, closed: Iterable[tuple[int, int]]) -> float:
    """Return what of a day is not closed, on average over the days of the scenario."""
    begin_s = scenario.begin_s
    end_s = to_utc_s(scenario.start, scenario.days * DAY_S, scenario.time_zone)
    shut_s = length(clipped(union(closed), begin_s, end_s))
    return DAY_S * (1 - shut_s / (end_s - begin_s))
