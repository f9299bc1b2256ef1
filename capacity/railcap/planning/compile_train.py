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
    RUN = "run"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Role:
    """What an operation means on the railway.

    Parameters
    ----------
    place : int
        Index of the call (STOP, PASS, DEPART, ARRIVE), or of the leg (RUN), on the train's route.
    group : TrackGroup or None
        The station tracks that a STOP or PASS chooses.
    track : str
        The section track of a RUN.
    first : bool
        Whether a RUN begins a leg: it starts when the train leaves the station.
    block : int
        The block of a RUN, in the order of the run.
    """

    act: Act
    place: int
    group: TrackGroup | None = None
    track: str = ""
    first: bool = False
    block: int = 0


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What a train may do at a station: the track groups to stop on and to pass on (either may be empty).

    `longest_s` None: it may wait as long as it likes. `kept_apart`: its arrival keeps others away, by what it holds at
    that instant (`arrival`) or by guards that come later; then it is an operation of its own.
    """

    station: str
    stop_groups: tuple[TrackGroup, ...]
    pass_groups: tuple[TrackGroup, ...]
    dwell_s: int = 0
    longest_s: int | None = None
    kept_apart: bool = False
    arrival: tuple[ResourceUse, ...] = ()


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
        entry = self.add(Role(Act.ENTRY, 0), f"entry {origin.station}", ())
        held = self.stops(0, origin, [entry])
        started = [self.add(Role(Act.DEPART, 0), f"depart {origin.station}", held)]
        passed: list[int] = []
        for place, leg in enumerate(legs):
            call = calls[place + 1]
            stopping, passing = self.leg(place, leg, call, started, passed)
            if place + 1 == last:
                break
            if call.kept_apart and stopping:
                label = f"arrive {call.station}"
                stopping = [self.add(Role(Act.ARRIVE, place + 1), label, stopping, uses=call.arrival)]
            started = self.stops(place + 1, call, stopping) if stopping else []
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
        held = self.stops(last, goal, [arrive])
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

    def stops(self, place: int, call: CallPlan, before: Sequence[int]) -> list[int]:
        """Add a stop on each group of tracks that fits."""
        return [
            self.add(
                Role(Act.STOP, place, group),
                f"stop {call.station} {'+'.join(group.tracks)}",
                before,
                call.dwell_s,
                call.longest_s,
                (ResourceUse(group.resource, self.track_release_s),),
            )
            for group in call.stop_groups
        ]

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
