"""Sections as resources: one per block and track, and what keeps followers, opposing trains and arrivals apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.expand import section_closures
from railcap.corridor.infrastructure import Section
from railcap.corridor.scenario import Scenario
from railcap.operations.problem import Resource, ResourceUse


@dataclass(frozen=True, slots=True)
class SectionRun:
    """How some trains run over a section in one direction, in seconds without supplements.

    `blocks` are the running times of its blocks in the order of the run, `stretch_s` what may be added in the last;
    both supplements are what a start and a stop add. For a fixed path all four are as its times prescribe.
    """

    section: str
    entering: str
    blocks: tuple[int, ...]
    stretch_s: int = 0
    start_s: int = 0
    stop_s: int = 0


def split(running_s: int, blocks: int, step_s: int) -> tuple[int, ...]:
    """Return a running time in equal blocks of whole time steps: the first take a step more, the last odd seconds.

    Where there are fewer steps than blocks, seconds take the place of steps.
    """
    step_s = step_s if running_s >= blocks * step_s else 1
    steps, odd = divmod(running_s, step_s)
    share, rest = divmod(steps, blocks)
    times = [(share + (block < rest)) * step_s for block in range(blocks)]
    times[-1] += odd
    return tuple(times)


def following_interval(scenario: Scenario, section: Section) -> int:
    """Return the interval between followers of one section (rule 8)."""
    if section.following_interval_s is not None:
        return section.following_interval_s
    return scenario.rules.following_interval_s if section.blocks == 1 else scenario.rules.block_release_s


def crossing_interval(scenario: Scenario, station: str) -> int:
    """Return the crossing interval of a station (rule 8)."""
    own = scenario.network.stations[station].crossing_interval_s
    return scenario.rules.crossing_interval_s if own is None else own


def arrival_interval(scenario: Scenario, station: str) -> int:
    """Return the least time between arrivals from different sections over single track; 0 where there is none."""
    place = scenario.network.stations[station]
    if place.simultaneous_reception:
        return 0
    own = place.non_simultaneous_arrival_s
    return scenario.rules.non_simultaneous_arrival_s if own is None else own


class SectionResources:
    """Resource uses of every block of every section track in every direction that trains use.

    Every block has one base resource for all trains. Its release is the following interval, except where a train
    leaves a section that opposing trains use as well: there it is the smaller of following and crossing interval.
    Where following needs more, trains of that direction share one more resource. Where crossing needs more, they hold
    one at the instant of their arrival that opposing trains use in their first block; or, where that would keep them
    apart from each other, each gets a guard against the opposing ones (see `compile_guards`).
    """

    def __init__(self, scenario: Scenario, runs: Iterable[SectionRun]) -> None:
        self.resources: dict[str, Resource] = {}
        self.guarded: dict[tuple[str, str, str], int] = {}
        """(section, entering, track) whose crossing interval needs guards, with that interval."""
        self._uses: dict[tuple[str, str, str], tuple[tuple[ResourceUse, ...], ...]] = {}
        self._cleared: dict[tuple[str, str, str], tuple[ResourceUse, ...]] = {}
        self._scenario = scenario
        closures = section_closures(scenario)
        least: dict[tuple[str, str], list[int]] = {}
        for run in runs:
            key = run.section, run.entering
            known = least.get(key, run.blocks)
            least[key] = [min(pair) for pair in zip(known, run.blocks, strict=True)]
        by_track: dict[tuple[str, str], list[str]] = defaultdict(list)
        for section_id, entering in sorted(least):
            for track in scenario.network.sections[section_id].tracks_from(entering):
                by_track[section_id, track].append(entering)
        for (section_id, track), directions in by_track.items():
            section = scenario.network.sections[section_id]
            shut = closures.get((section_id, track), ())
            if shut:
                for block in range(section.blocks):
                    self.resources[_base(section, track, block)] = Resource(1, shut)
            if len(directions) == 2:
                for entering in directions:
                    self._clear(section, track, entering, least)
            for entering in directions:
                self._uses[section_id, entering, track] = self._direction(section, track, entering, directions, least)
        self._reception = _receptions(scenario, least)

    def uses(self, section: str, entering: str, track: str) -> tuple[tuple[ResourceUse, ...], ...]:
        """Return the resource uses of each block, in the order of the run."""
        return self._uses[section, entering, track]

    def arrival(self, section: str, entering: str) -> tuple[ResourceUse, ...]:
        """Return what the instant of an arrival from a section holds, whatever track it came on."""
        shared = self._reception.shared.get((self.other(section, entering), section), ())
        only_track = len(self._scenario.network.sections[section].tracks_from(entering)) == 1
        return (*shared, *self._cleared.get((section, entering, "1"), ())) if only_track else shared

    def clearing(self, section: str, entering: str, track: str) -> tuple[ResourceUse, ...]:
        """Return what the instant of an arrival holds because it came on one track of several."""
        only_track = len(self._scenario.network.sections[section].tracks_from(entering)) == 1
        return () if only_track else self._cleared.get((section, entering, track), ())

    def reception_guard(self, station: str, section: str) -> int:
        """Return the interval for which an arrival from a section needs guards against others; 0 if it needs none."""
        return self._reception.guarded.get((station, section), 0)

    @property
    def has_reception_guards(self) -> bool:
        """Whether any station's arrivals need guards."""
        return bool(self._reception.guarded)

    def blocks(self, section: str) -> int:
        """Return the number of blocks of a section."""
        return self._scenario.network.sections[section].blocks

    def other(self, section: str, station: str) -> str:
        """Return the other end of a section."""
        return self._scenario.network.sections[section].other(station)

    def _clear(
        self, section: Section, track: str, entering: str, least: Mapping[tuple[str, str], Sequence[int]]
    ) -> None:
        """Find what keeps opposing trains away where crossing takes longer than following.

        One resource at the instant of arrival is exact if followers cannot arrive closer together than that anyway.
        """
        follow = following_interval(self._scenario, section)
        cross = crossing_interval(self._scenario, section.other(entering))
        if cross <= follow:
            return
        if follow + least[section.id, entering][-1] >= cross:
            name = f"section {section.id} track {track} cleared from {entering}"
            self._cleared[section.id, entering, track] = (ResourceUse(name, cross),)
        else:
            self.guarded[section.id, entering, track] = cross

    def _direction(
        self,
        section: Section,
        track: str,
        entering: str,
        directions: list[str],
        least: Mapping[tuple[str, str], list[int]],
    ) -> tuple[tuple[ResourceUse, ...], ...]:
        follow = following_interval(self._scenario, section)
        places = range(section.blocks) if entering == section.start else range(section.blocks - 1, -1, -1)
        if len(directions) == 1:
            return tuple((ResourceUse(_base(section, track, block), follow),) for block in places)
        leaving = section.other(entering)
        cross = crossing_interval(self._scenario, leaving)
        opposing = tuple(ResourceUse(use.resource) for use in self._cleared.get((section.id, leaving, track), ()))
        # An opposing train comes to a block before the last only after both have run through the last one.
        slack = cross + least[section.id, entering][-1] + least[section.id, leaving][0]
        uses = []
        for step, block in enumerate(places):
            room = cross if step == section.blocks - 1 else slack
            use: tuple[ResourceUse, ...] = (ResourceUse(_base(section, track, block), min(follow, room)),)
            if follow > room:
                use += (ResourceUse(f"{_base(section, track, block)} from {entering}", follow),)
            uses.append(use if step else use + opposing)
        return tuple(uses)


@dataclass(frozen=True, slots=True)
class _Receptions:
    shared: Mapping[tuple[str, str], tuple[ResourceUse, ...]]
    guarded: Mapping[tuple[str, str], int]


def _receptions(scenario: Scenario, least: Mapping[tuple[str, str], list[int]]) -> _Receptions:
    """Find where arrivals must keep apart, and whether one resource for all approaches is exact there.

    It is exact if followers from one section cannot arrive closer than the interval anyway.
    """
    approaches: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (section_id, entering), blocks in least.items():
        section = scenario.network.sections[section_id]
        if section.tracks == 1:
            apart = following_interval(scenario, section) + blocks[-1]
            approaches[section.other(entering)].append((section_id, apart))
    shared: dict[tuple[str, str], tuple[ResourceUse, ...]] = {}
    guarded: dict[tuple[str, str], int] = {}
    for station, sections in approaches.items():
        interval = arrival_interval(scenario, station)
        if interval <= 0 or len(sections) < 2:
            continue
        if all(apart >= interval for _, apart in sections):
            use = (ResourceUse(f"station {station} reception", interval),)
            shared.update({(station, section_id): use for section_id, _ in sections})
        else:
            guarded.update({(station, section_id): interval for section_id, _ in sections})
    return _Receptions(shared, guarded)


def _base(section: Section, track: str, block: int) -> str:
    name = f"section {section.id} track {track}"
    return name if section.blocks == 1 else f"{name} block {block + 1}"
