"""An event graph while it is being made: events are added, tied together, and at last put into order."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from railcap.errors import InternalError
from railcap.measures.robustness.events import (
    NONE,
    Act,
    Ask,
    Cause,
    Coming,
    Event,
    EventGraph,
    Give,
    Handover,
    Interval,
    PoolUse,
    PrimaryDelay,
    Run,
    Shut,
    Wait,
)
from railcap.planning.timetable import TrainPath


class Moment(NamedTuple):
    """A moment a fixed time after an event."""

    event: int
    shift_s: int = 0


@dataclass(slots=True)
class _Tied:
    """What has been tied to an event so far."""

    waits: list[Wait]
    shuts: list[Shut]
    asks: list[Ask]
    gives: list[Give]


@dataclass(frozen=True, slots=True)
class Use:
    """A train that has one of several like things: from an event until a moment, and the primary delay if any."""

    train: str
    take: int
    done: Moment
    take_s: int
    done_s: int
    delay: int = NONE


@dataclass(frozen=True, slots=True)
class Pool:
    """Like things of which there are `capacity`, such as tracks, and the trains that use them."""

    uses: tuple[Use, ...]
    capacity: int
    cause: Cause
    place: str


@dataclass(slots=True)
class Line:
    """Trains that follow each other somewhere, and the event by which each of them is out of the way."""

    number: int
    trains: list[tuple[str, int]] = field(default_factory=list)

    def add(self, train: str, event: int) -> None:
        """Add the next train."""
        self.trains.append((train, event))

    def last_but(self, train: str) -> tuple[int, int] | None:
        """Return place and event of the last train that is not this one; None if there is none."""
        for place in range(len(self.trains) - 1, -1, -1):
            if self.trains[place][0] != train:
                return place, self.trains[place][1]
        return None


class GraphDraft:
    """Events by number, in the order in which they are added.

    Parameters
    ----------
    meets : mapping of (station, pair of train ids) to Handover
        Where two trains meet or pass: all that they hand on to each other there is told as one.
    """

    def __init__(
        self, paths: Sequence[TrainPath], meets: dict[tuple[str, frozenset[str]], tuple[Cause, str, str]]
    ) -> None:
        self.paths = tuple(paths)
        self.delays: list[PrimaryDelay] = []
        self._meets = meets
        self._events: list[Event] = []
        self._tied: list[_Tied] = []
        self._after: dict[int, list[int]] = defaultdict(list)
        self._handovers: dict[tuple[Cause, str, str, str], int] = {}
        self._buffers: list[int] = []
        self._pools: list[Pool] = []
        self._lines: list[Line] = []
        self._runs: list[Run] = []
        self._comings: list[Coming] = []
        self._uses: list[PoolUse] = []

    def add(self, event: Event) -> int:
        """Add an event; return its number."""
        number = len(self._events)
        self._events.append(event)
        self._tied.append(_Tied([], [], [], []))
        if event.before != NONE:
            self._after[event.before].append(number)
            self._must_hold(event.planned_s - self._events[event.before].planned_s - event.least_s, number)
        return number

    def delay(self, delay: PrimaryDelay) -> int:
        """Add a primary delay; return its number."""
        self.delays.append(delay)
        return len(self.delays) - 1

    def planned_s(self, moment: Moment) -> int:
        """Return when a moment is by the timetable."""
        return self._events[moment.event].planned_s + moment.shift_s

    def train(self, moment: Moment) -> str:
        """Return the id of the train whose moment it is."""
        return self.paths[self._events[moment.event].train].train

    def line(self) -> Line:
        """Return a new line, for trains that follow each other."""
        self._lines.append(Line(len(self._lines)))
        return self._lines[-1]

    def follow(self, line: Line, later: Moment, lag_s: int, cause: Cause, place: str, station: str = "") -> None:
        """Let an event of a train come at least `lag_s` after that of the last other train of a line.

        Parameters
        ----------
        station : str
            Where the two may meet, or one passes the other: then that is the cause.
        """
        before = line.last_but(self.train(later))
        if before is not None:
            at, event = before
            first, second = self.train(Moment(event)), self.train(later)
            key = self._met(station, first, second) or (cause, place, first, second)
            self._wait(later, Moment(event), Wait(event, lag_s, self._handover(*key), False, line.number, at))

    def wait(self, later: Moment, earlier: Moment, lag_s: int, cause: Cause, place: str, *, needed: bool) -> None:
        """Let a moment of a train come at least `lag_s` after one of another train.

        Parameters
        ----------
        needed : bool
            Whether it is nothing without the other train.
        """
        handover = self._handover(cause, place, self.train(earlier), self.train(later))
        shifted_s = lag_s + earlier.shift_s - later.shift_s
        self._wait(Moment(later.event), Moment(earlier.event), Wait(earlier.event, shifted_s, handover, needed))

    def _wait(self, later: Moment, earlier: Moment, wait: Wait) -> None:
        slack_s = self.planned_s(later) - self.planned_s(earlier) - wait.lag_s
        self._must_hold(slack_s, later.event, earlier.event)
        self._least(wait.handover, slack_s)
        self._tied[later.event].waits.append(wait)
        self._after[earlier.event].append(later.event)

    def shut(self, begin: Moment, closed: Sequence[Interval], length_s: int, delay: int, place: str) -> None:
        """Keep what lasts `length_s` from an event on out of closed times; only later ones than planned matter."""
        begin_s = self.planned_s(begin)
        ahead = tuple(one for one in closed if one[1] > begin_s)
        if ahead:
            slack_s = ahead[0][0] - begin_s - length_s
            self._must_hold(slack_s, begin.event)
            handover = self._handover(Cause.CLOSED, place, "", self.train(begin))
            self._least(handover, slack_s)
            self._tied[begin.event].shuts.append(Shut(ahead, length_s, delay, handover))

    def run(self, run: Run) -> None:
        """Note a train over a section track, so that its order can be another one than the timetable's."""
        self._runs.append(run)

    def come(self, coming: Coming) -> None:
        """Note an arrival that must be apart from others, for the same purpose."""
        self._comings.append(coming)

    def share(self, pool: Pool) -> None:
        """Let trains wait until one of several like things is free."""
        self._pools.append(pool)

    def finish(self, arrivals: Sequence[int]) -> EventGraph:
        """Return the graph; `arrivals` are the events of the trains' arrivals at their destinations."""
        pools = [replace(pool, uses=self._in_order(pool.uses)) for pool in self._pools]
        for pool in pools:
            self._let_go_first(pool.uses)
        order = self._ordered()
        place = [0] * len(order)
        for at, number_there in enumerate(order):
            place[number_there] = at
        for which, pool in enumerate(pools):
            self._tie_pool(which, pool, place)
        number = {old: new for new, old in enumerate(order)}
        events = []
        for old in order:
            event, tied = self._events[old], self._tied[old]
            events.append(
                replace(
                    event,
                    before=number.get(event.before, NONE),
                    waits=tuple(replace(wait, event=number[wait.event]) for wait in tied.waits),
                    shuts=tuple(tied.shuts),
                    asks=tuple(tied.asks),
                    gives=tuple(tied.gives),
                )
            )
        handovers = tuple(
            Handover(*key, buffer_s) for key, buffer_s in zip(self._handovers, self._buffers, strict=True)
        )
        return EventGraph(
            self.paths,
            tuple(events),
            tuple(self.delays),
            handovers,
            tuple(pool.capacity for pool in pools),
            tuple(tuple(number[event] for _, event in line.trains) for line in self._lines),
            tuple(number[event] for event in arrivals),
            tuple(replace(run, marks=tuple(number[mark] for mark in run.marks)) for run in self._runs),
            tuple(replace(one, event=number[one.event]) for one in self._comings),
            tuple(replace(use, take=number[use.take], end=number[use.end]) for use in self._uses),
        )

    @staticmethod
    def _in_order(uses: Sequence[Use]) -> tuple[Use, ...]:
        """Return uses as the timetable has them come; without those that a train gives up and takes again at once."""
        again: dict[str, int] = {}
        kept = []
        for use in sorted(uses, key=lambda use: (use.take_s, use.done_s, use.take), reverse=True):
            if use.done_s <= again.get(use.train, use.done_s):
                kept.append(use)
            again[use.train] = use.take_s
        return tuple(kept[::-1])

    def _let_go_first(self, uses: Sequence[Use]) -> None:
        """Have what is given back at an instant worked out before it is taken at that instant."""
        taken: dict[int, list[Use]] = defaultdict(list)
        for use in reversed(uses):
            if use.done_s == self._events[use.done.event].planned_s:
                for later in taken[use.done_s]:
                    if later.train != use.train:
                        self._after[use.done.event].append(later.take)
            taken[use.take_s].append(use)

    def _tie_pool(self, which: int, pool: Pool, place: Sequence[int]) -> None:
        """Tie the users of a pool, given the place of each event in the order in which they are worked out.

        A train takes one when at most ``capacity - 1`` of the trains before it still have theirs. Those whose end is
        worked out only later are taken to have theirs still; of the others as many as are then left over may be late.
        """
        uses = pool.uses
        ends = sorted((place[use.done.event], number) for number, use in enumerate(uses))
        ended, known_s = 0, list[int]()
        for number, use in sorted(enumerate(uses), key=lambda one: place[one[1].take]):
            while ended < len(ends) and ends[ended][0] < place[use.take]:
                insort(known_s, uses[ends[ended][1]].done_s)
                ended += 1
            # Of those that come at the same instant, some may be done before it is worked out when this one comes.
            beside = 0
            for _, other in reversed(ends[:ended]):
                if self._events[uses[other].done.event].planned_s < use.take_s:
                    break
                beside += other > number
            rank = pool.capacity - (number + beside - len(known_s))
            done = use.done
            self._uses.append(PoolUse(which, use.take, done.event, done.shift_s, use.delay, rank))
            if len(known_s) >= rank:
                first = uses[number - 1].train if pool.capacity == 1 and number else ""
                handover = self._handover(pool.cause, pool.place, first, use.train)
                buffer_s = use.take_s - known_s[-rank]
                self._must_hold(buffer_s, use.take)
                self._least(handover, buffer_s)
                self._tied[use.take].asks.append(Ask(which, rank, handover))
            self._tied[done.event].gives.append(Give(which, done.shift_s, use.delay))

    def _ordered(self) -> list[int]:
        """Return the events by planned time, those of one instant so that each follows what it waits for."""
        waiting = [0] * len(self._events)
        for others in self._after.values():
            for other in others:
                waiting[other] += 1
        ready = [(event.planned_s, number) for number, event in enumerate(self._events) if not waiting[number]]
        heapq.heapify(ready)
        order = []
        while ready:
            _, number = heapq.heappop(ready)
            order.append(number)
            for other in self._after[number]:
                waiting[other] -= 1
                if not waiting[other]:
                    heapq.heappush(ready, (self._events[other].planned_s, other))
        if len(order) < len(self._events):
            number = next(number for number, count in enumerate(waiting) if count)
            raise InternalError(f"events wait for each other in a circle: {self._text(number)}")
        return order

    def _met(self, station: str, one: str, other: str) -> tuple[Cause, str, str, str] | None:
        """Return the meet of two trains at a station, None if they do not meet there."""
        known = self._meets.get((station, frozenset((one, other))))
        return (known[0], station, *known[1:]) if known is not None else None

    def _handover(self, cause: Cause, place: str, first: str, second: str) -> int:
        key = cause, place, first, second
        number = self._handovers.setdefault(key, len(self._handovers))
        if number == len(self._buffers):
            self._buffers.append(_LONG_S)
        return number

    def _least(self, handover: int, slack_s: int) -> None:
        self._buffers[handover] = min(self._buffers[handover], slack_s)

    def _must_hold(self, slack_s: int, *events: int) -> None:
        """Raise `InternalError` if the timetable breaks what an event waits for: it has passed its check."""
        if slack_s < 0:
            told = " and ".join(self._text(event) for event in events)
            raise InternalError(f"a timetable that keeps all rules lacks {-slack_s} s: {told}")

    def _text(self, number: int) -> str:
        event = self._events[number]
        path = self.paths[event.train]
        act = Act(event.act).value
        return f"{path.train} {act} at {path.calls[event.place].station}, {event.planned_s}"


_LONG_S = 10**12
