"""A train's journey as a graph of operations, before its own times are known: a template that like trains share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from railcap.operations.problem import ResourceUse
from railcap.planning.compile_tracks import TrackGroup


class Act(Enum):
    """What an operation of a compiled train does."""

    ENTRY = "entry"
    STOP = "stop"
    PASS = "pass"
    DEPART = "depart"
    ARRIVE = "arrive"
    STEP = "step"
    RUN = "run"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Role:
    """What an operation means on the railway.

    Parameters
    ----------
    place : int
        Index of the call (STOP, STEP, PASS, DEPART, ARRIVE), or of the leg (RUN), on the train's route.
    group : TrackGroup or None
        The station tracks that a STOP, STEP or PASS chooses.
    track : str
        The section track of a RUN.
    first : bool
        Whether a RUN begins a leg: it starts when the train leaves the station.
    block : int
        The block of a RUN, in the order of the run.
    step : int
        Which step a STEP is, from 1; after how many steps a STOP waits.
    """

    act: Act
    place: int
    group: TrackGroup | None = None
    track: str = ""
    first: bool = False
    block: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class StepWork:
    """A step at a station: its groups of tracks, what it holds besides, and what its begin holds for an instant."""

    name: str
    duration_s: int
    groups: tuple[TrackGroup, ...]
    uses: tuple[ResourceUse, ...] = ()
    begin_uses: tuple[ResourceUse, ...] = ()


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What a train may do at a station: the track groups to stop on and to pass on (either may be empty).

    `longest_s` None: it may wait as long as it likes. `arrives_apart`: its arrival is an operation of its own, as it
    keeps others away, by what it holds at that instant (`arrival`) or by guards that come later, or as a link ties it.
    `departs_apart`: so is its departure. `turned`: it comes from another train's rake and may wait before its steps.
    `outside_s`: how long it waits at its origin at least and at most before it takes a track.
    """

    station: str
    stop_groups: tuple[TrackGroup, ...]
    pass_groups: tuple[TrackGroup, ...]
    dwell_s: int = 0
    longest_s: int | None = None
    arrives_apart: bool = False
    arrival: tuple[ResourceUse, ...] = ()
    steps: tuple[StepWork, ...] = ()
    departs_apart: bool = False
    turned: bool = False
    outside_s: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class TrackUses:
    """A section track that a leg may use, and what each of its blocks holds, and the instant of clearing the last."""

    track: str
    uses: tuple[tuple[ResourceUse, ...], ...]
    clearing: tuple[ResourceUse, ...] = ()


@dataclass(frozen=True, slots=True)
class LegPlan:
    """A run over a section: seconds per block, what the last may take longer, supplements, and the choice of tracks."""

    section: str
    blocks: tuple[int, ...]
    stretch_s: int
    start_s: int
    stop_s: int
    tracks: tuple[TrackUses, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """Operations of a train in topological order, column by column; index 0 is the entry, the last the exit."""

    roles: tuple[Role, ...]
    successors: tuple[tuple[int, ...], ...]
    predecessors: tuple[tuple[int, ...], ...]
    least_s: tuple[int, ...]
    longest_s: tuple[int | None, ...]
    uses: tuple[tuple[ResourceUse, ...], ...]
    labels: tuple[str, ...]


def build_template(calls: Sequence[CallPlan], legs: Sequence[LegPlan], track_release_s: int) -> Template:
    """Build the graph of a train that makes `calls` and runs over `legs` between them."""
    return _Builder(track_release_s).build(calls, legs)


@dataclass
class _Builder:
    track_release_s: int
    roles: list[Role] = field(default_factory=list)
    successors: list[list[int]] = field(default_factory=list)
    predecessors: list[tuple[int, ...]] = field(default_factory=list)
    least_s: list[int] = field(default_factory=list)
    longest_s: list[int | None] = field(default_factory=list)
    uses: list[tuple[ResourceUse, ...]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def add(
        self,
        role: Role,
        label: str,
        before: Sequence[int],
        least_s: int = 0,
        longest_s: int | None = 0,
        uses: tuple[ResourceUse, ...] = (),
    ) -> int:
        """Add an operation after those `before` it."""
        index = len(self.roles)
        self.roles.append(role)
        self.labels.append(label)
        self.successors.append([])
        self.predecessors.append(tuple(before))
        self.least_s.append(least_s)
        self.longest_s.append(longest_s)
        self.uses.append(uses)
        for predecessor in before:
            self.successors[predecessor].append(index)
        return index

    def build(self, calls: Sequence[CallPlan], legs: Sequence[LegPlan]) -> Template:
        """Build call by call."""
        origin, last = calls[0], len(calls) - 1
        entry = self.add(Role(Act.ENTRY, 0), f"entry {origin.station}", (), *origin.outside_s)
        held = self.stops(0, origin, [entry], is_origin=not origin.turned)
        started = [self.add(Role(Act.DEPART, 0), f"depart {origin.station}", held)]
        passed: list[int] = []
        for place, leg in enumerate(legs):
            call = calls[place + 1]
            stopping, passing = self.leg(place, leg, call, started, passed)
            if place + 1 == last:
                break
            if call.arrives_apart and stopping:
                label = f"arrive {call.station}"
                stopping = [self.add(Role(Act.ARRIVE, place + 1), label, stopping, uses=call.arrival)]
            started = self.stops(place + 1, call, stopping) if stopping else []
            if call.departs_apart and started:
                started = [self.add(Role(Act.DEPART, place + 1), f"depart {call.station}", started)]
            passed = [
                self.add(
                    Role(Act.PASS, place + 1, group),
                    f"pass {call.station} {'+'.join(group.tracks)}",
                    passing,
                    uses=(ResourceUse(group.resource, self.track_release_s), *call.arrival),
                )
                for group in call.pass_groups
            ]
        goal = calls[last]
        arrive = self.add(Role(Act.ARRIVE, last), f"arrive {goal.station}", stopping, uses=goal.arrival)
        held = self.stops(last, goal, [arrive], is_goal=True)
        self.add(Role(Act.EXIT, last), f"exit {goal.station}", held, longest_s=None)
        return Template(
            tuple(self.roles),
            tuple(tuple(after) for after in self.successors),
            tuple(self.predecessors),
            tuple(self.least_s),
            tuple(self.longest_s),
            tuple(self.uses),
            tuple(self.labels),
        )

    def stops(
        self, place: int, call: CallPlan, before: Sequence[int], *, is_origin: bool = False, is_goal: bool = False
    ) -> list[int]:
        """Add a stop on each group of tracks that fits, with all of its steps; return where it may end.

        At an origin nothing comes before the first step, at a destination nothing after the last.
        """
        standing: dict[TrackGroup, list[int]] = {}
        if not call.steps or not is_origin:
            longest_s = None if call.steps or call.turned else call.longest_s
            for group in call.stop_groups:
                standing[group] = [self.stop(place, call, group, 0, before, call.dwell_s, longest_s)]
        for number, work in enumerate(call.steps, 1):
            moving = [op for group, ops in standing.items() if group not in work.groups for op in ops]
            done: dict[TrackGroup, list[int]] = {}
            for group in work.groups:
                coming = [*standing.get(group, ()), *moving] if standing else list(before)
                if coming:
                    end = self.step(place, call, group, number, work, coming)
                    if not (is_goal and number == len(call.steps)):
                        end = self.stop(place, call, group, number, [end])
                    done[group] = [end]
            standing = done
        return [op for ops in standing.values() for op in ops]

    def stop(
        self,
        place: int,
        call: CallPlan,
        group: TrackGroup,
        step: int,
        before: Sequence[int],
        least_s: int = 0,
        longest_s: int | None = None,
    ) -> int:
        """Add a stop on a group of tracks, after so many steps."""
        role = Role(Act.STOP, place, group, step=step)
        label = f"stop {call.station} {'+'.join(group.tracks)}"
        return self.add(role, label, before, least_s, longest_s, self.held(group))

    def step(
        self, place: int, call: CallPlan, group: TrackGroup, number: int, work: StepWork, before: Sequence[int]
    ) -> int:
        """Add a step on a group of tracks, after the instant of its begin if that holds anything."""
        role = Role(Act.STEP, place, group, step=number)
        label = f"{work.name} {call.station} {'+'.join(group.tracks)}"
        if work.begin_uses:
            before = [self.add(role, f"begin {label}", before, uses=(*self.held(group), *work.begin_uses))]
        return self.add(role, label, before, work.duration_s, work.duration_s, (*self.held(group), *work.uses))

    def held(self, group: TrackGroup) -> tuple[ResourceUse, ...]:
        """Return what a train on a track of a group holds."""
        return (ResourceUse(group.resource, self.track_release_s),)

    def leg(
        self, place: int, leg: LegPlan, call: CallPlan, started: Sequence[int], passed: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """Add a run on each track; return the last operations of trains that stop next and of those that pass."""
        stopping: list[int] = []
        passing: list[int] = []
        for choice in leg.tracks:
            tail = self.run(place, leg, choice, call, started, passed)
            if call.pass_groups:
                passing.append(self.cleared(place, leg, choice, tail))
            if call.stop_groups and call.pass_groups and leg.stop_s:
                role = Role(Act.RUN, place, track=choice.track, block=len(leg.blocks) - 1)
                label = f"stopping {leg.section} {choice.track}"
                tail = self.add(role, label, [tail], leg.stop_s, leg.stop_s, choice.uses[-1])
                stopping.append(self.cleared(place, leg, choice, tail))
            elif call.stop_groups:
                stopping.append(passing[-1] if call.pass_groups else self.cleared(place, leg, choice, tail))
        return stopping, passing

    def cleared(self, place: int, leg: LegPlan, choice: TrackUses, tail: int) -> int:
        """Add the instant at which a run clears its track, if it holds anything."""
        if not choice.clearing:
            return tail
        role = Role(Act.RUN, place, track=choice.track, block=len(leg.blocks) - 1)
        return self.add(role, f"cleared {leg.section} {choice.track}", [tail], uses=choice.clearing)

    def run(
        self,
        place: int,
        leg: LegPlan,
        choice: TrackUses,
        call: CallPlan,
        started: Sequence[int],
        passed: Sequence[int],
    ) -> int:
        """Add the blocks of one track; supplements that every train pays there are part of the block."""
        before = [*started, *passed]
        first, head = True, 0 if passed else leg.start_s
        if passed and started and leg.start_s:
            role = Role(Act.RUN, place, track=choice.track, first=True)
            label = f"starting {leg.section} {choice.track}"
            starting = self.add(role, label, started, leg.start_s, leg.start_s, choice.uses[0])
            before = [starting, *passed]
        tail = -1
        for block, running_s in enumerate(leg.blocks):
            final = block == len(leg.blocks) - 1
            least = running_s + (head if block == 0 else 0)
            least += leg.stop_s if final and not call.pass_groups else 0
            longest = least + leg.stretch_s if final else least
            role = Role(Act.RUN, place, track=choice.track, first=first, block=block)
            label = f"run {leg.section} {choice.track}" + (f" block {block + 1}" if len(leg.blocks) > 1 else "")
            tail = self.add(role, label, before, least, longest, choice.uses[block])
            before, first = [tail], False
        return tail
