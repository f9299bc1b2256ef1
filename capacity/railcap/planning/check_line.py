"""The railway checker's rules between trains: sections, station tracks, reception, closures (docs/model.md, 5-10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from railcap.corridor.expand import section_closures, station_track_closures
from railcap.corridor.infrastructure import Section
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.planning.timetable import Call, TrainPath
from railcap.planning.violation import Violation
from railcap.units import duration, stamp

_LONG_AGO = -(10**15)


@dataclass(frozen=True, slots=True)
class _Run:
    """One train on one section: entry and leaving of each block in the order of the line, seen from its start."""

    train: str
    forward: bool
    departure_s: int
    arrival_s: int
    blocks: tuple[tuple[int, int], ...]


class _Latest:
    """The latest instant until which trains keep something, asked by a train that does not stand in its own way."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, str]] = []

    def put(self, until_s: int, train: str) -> None:
        """Note that a train keeps it until an instant."""
        others = [entry for entry in self._kept if entry[1] != train]
        own = max([until_s, *(entry[0] for entry in self._kept if entry[1] == train)])
        # Two different trains are enough: whoever asks is at most one of them.
        self._kept = sorted([*others, (own, train)], reverse=True)[:2]

    def before(self, train: str) -> tuple[int, str]:
        """Return the latest instant kept by another train, and which."""
        return next((entry for entry in self._kept if entry[1] != train), (_LONG_AGO, ""))


def section_violations(scenario: Scenario, paths: Iterable[TrainPath]) -> list[Violation]:
    """Return breaches of rules 7 to 10 on the sections."""
    runs: dict[tuple[str, str], list[_Run]] = defaultdict(list)
    for path in paths:
        for leg, here, there in zip(path.legs, path.calls, path.calls[1:], strict=False):
            section = scenario.network.sections[leg.section]
            runs[leg.section, leg.track].append(_run(scenario, path, section, here, there))
    closures = section_closures(scenario)
    found = []
    for (section_id, track), on_track in sorted(runs.items()):
        section = scenario.network.sections[section_id]
        on_track.sort(key=lambda run: (run.departure_s, run.arrival_s, run.train))
        found += _block_violations(scenario, section, track, on_track)
        found += _order_violations(scenario, section, track, on_track)
        for begin, end in closures.get((section_id, track), ()):
            zone = scenario.network.stations[section.start].time_zone
            for run in on_track:
                if run.departure_s < end and run.arrival_s > begin:
                    text = (
                        f"{run.train} is on {section_id} (track {track}) from {stamp(run.departure_s, zone)} to "
                        f"{stamp(run.arrival_s, zone)}, closed from {stamp(begin, zone)} to {stamp(end, zone)}"
                    )
                    found.append(Violation("runs-in-closure", text, (run.train,), section_id, run.departure_s))
    return found


def _run(scenario: Scenario, path: TrainPath, section: Section, here: Call, there: Call) -> _Run:
    """Split a run into its blocks: equal shares, supplements at the ends, whatever is beyond in the last (rule 7)."""
    kind = scenario.train_types[path.train_type]
    count = section.blocks
    running = running_time_s(scenario, section.id, here.station, path.train_type)
    step = scenario.rules.time_step_s if running >= count * scenario.rules.time_step_s else 1
    share, rest = divmod(running // step, count)
    marks = [here.departure_s]
    for block in range(count):
        start = kind.start_supplement_s if block == 0 and here.stops else 0
        marks.append(marks[-1] + (share + (block < rest)) * step + start)
    marks[-1] = there.arrival_s
    blocks = list(pairwise(marks))
    forward = here.station == section.start
    return _Run(path.train, forward, here.departure_s, there.arrival_s, tuple(blocks if forward else reversed(blocks)))


def _block_violations(scenario: Scenario, section: Section, track: str, runs: Sequence[_Run]) -> list[Violation]:
    rules, stations = scenario.rules, scenario.network.stations
    follow = section.following_interval_s
    if follow is None:
        follow = rules.following_interval_s if section.blocks == 1 else rules.block_release_s
    found = []
    reported = set()
    for block in range(section.blocks):
        last = {True: _Latest(), False: _Latest()}
        for run in sorted(runs, key=lambda run: (run.blocks[block], run.train)):
            enter, leave = run.blocks[block]
            for forward, latest in last.items():
                left, leader = latest.before(run.train)
                same = forward == run.forward
                arrival_station = stations[section.end if forward else section.start]
                crossing = arrival_station.crossing_interval_s
                need = follow if same else rules.crossing_interval_s if crossing is None else crossing
                if enter < left + need and (leader, run.train) not in reported:
                    reported.add((leader, run.train))
                    kind = "following-interval" if same else "crossing-interval"
                    if enter < left:
                        kind = "section-occupied"
                    apart = f"{duration(abs(enter - left))} {'before' if enter < left else 'after'}"
                    text = (
                        f"{run.train} enters {section.id} (track {track}, block {block + 1}) at "
                        f"{stamp(enter, stations[section.start].time_zone)}, {apart} {leader} "
                        f"has left it; {duration(need)} is needed between trains in "
                        f"{'the same direction' if same else 'opposite directions'}"
                    )
                    found.append(Violation(kind, text, (leader, run.train), section.id, enter))
            last[run.forward].put(leave, run.train)
    return found


def _order_violations(scenario: Scenario, section: Section, track: str, runs: Sequence[_Run]) -> list[Violation]:
    """Two trains never change their order inside a section, and never face each other on one track."""
    found = []
    zone = scenario.network.stations[section.start].time_zone
    active: list[_Run] = []
    for run in runs:
        active = [other for other in active if other.arrival_s > run.departure_s]
        for other in (other for other in active if other.train != run.train):
            where = f"on {section.id} (track {track}) at {stamp(run.departure_s, zone)}"
            if other.forward != run.forward:
                text = f"{other.train} and {run.train} face each other {where}"
                found.append(Violation("head-on", text, (other.train, run.train), section.id, run.departure_s))
            elif other.arrival_s >= run.arrival_s or other.departure_s == run.departure_s:
                text = f"{run.train} overtakes {other.train} on the open line, {where}"
                trains = (other.train, run.train)
                found.append(Violation("overtakes-on-line", text, trains, section.id, run.departure_s))
        active.append(run)
    return found


def station_violations(scenario: Scenario, paths: Iterable[TrainPath]) -> list[Violation]:
    """Return breaches of rules 5, 6 and 9 at the stations."""
    uses: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    arrivals: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for path in paths:
        for call in path.calls:
            for stay in call.stays:
                uses[call.station, stay.track].append((stay.from_s, stay.until_s, path.train))
        for leg, call in zip(path.legs, path.calls[1:], strict=False):
            if scenario.network.sections[leg.section].tracks == 1:
                arrivals[call.station].append((call.arrival_s, leg.section, path.train))
    found = _track_violations(scenario, uses)
    for station, here in sorted(arrivals.items()):
        if not scenario.network.stations[station].simultaneous_reception:
            found += _reception_violations(scenario, station, sorted(here))
    return found


def _track_violations(scenario: Scenario, uses: dict[tuple[str, str], list[tuple[int, int, str]]]) -> list[Violation]:
    found = []
    release = scenario.rules.track_release_s
    closures = station_track_closures(scenario)
    for (station, track), on_track in sorted(uses.items()):
        zone = scenario.network.stations[station].time_zone
        kept = _Latest()
        for arrival, departure, train in sorted(on_track):
            free_from, holder = kept.before(train)
            if arrival < free_from:
                text = (
                    f"{train} comes onto track {track} of {station} at {stamp(arrival, zone)}, but {holder} keeps it "
                    f"until {stamp(free_from, zone)}"
                )
                found.append(Violation("track-occupied", text, (holder, train), station, arrival))
            kept.put(departure + release, train)
            for begin, end in closures.get((station, track), ()):
                if arrival < end and departure > begin:
                    text = f"{train} is on track {track} of {station} at {stamp(arrival, zone)} while it is closed"
                    found.append(Violation("on-closed-track", text, (train,), station, arrival))
    return found


def _reception_violations(
    scenario: Scenario, station: str, arrivals: Sequence[tuple[int, str, str]]
) -> list[Violation]:
    own = scenario.network.stations[station].non_simultaneous_arrival_s
    need = scenario.rules.non_simultaneous_arrival_s if own is None else own
    zone = scenario.network.stations[station].time_zone
    found = []
    for place, (time_s, section, train) in enumerate(arrivals):
        for earlier, from_section, other in reversed(arrivals[:place]):
            if time_s - earlier >= need:
                break
            if from_section != section and other != train:
                text = (
                    f"{other} and {train} arrive at {station} from different sides within {duration(time_s - earlier)} "
                    f"({stamp(time_s, zone)}); without simultaneous reception {duration(need)} is needed"
                )
                found.append(Violation("simultaneous-arrival", text, (other, train), station, time_s))
    return found
