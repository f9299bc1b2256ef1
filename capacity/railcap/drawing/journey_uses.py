"""What trains and their cargo spend their time on, in as few kinds as a legend can have, and the colour of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.measures.causes import (
    ASKED_TIMES,
    CLOSURE,
    FURTHER_ON,
    LINK,
    LOOPS_FULL,
    MEET,
    NIGHT,
    OPENING_HOURS,
    OTHER,
    PASS,
    YARD_TRACKS,
    engines_out,
    queue_for,
    yard_full,
)
from railcap.measures.chains import Chain
from railcap.measures.standing import Doing


@dataclass(frozen=True, slots=True)
class Use:
    """A kind of use of time: its name in a legend, and its colour."""

    name: str
    colour: str


RUNNING, ASKED_STOP = Use("running", "#B0BEC5"), Use("asked stops", "#607D8B")
_STEPS = ("#1E88E5", "#00897B", "#8BC34A", "#00BCD4", "#3949AB")
_MORE_STEPS = Use("other steps", "#80CBC4")
_NEXT_TRAIN = Use("wait: next train", "#9575CD")
_BEHIND_OTHERS, _QUEUE = Use("wait: line ahead taken", "#FFAB91"), Use("wait: queue for a yard resource", "#D81B60")
_YARD, _OTHER = Use("wait: yard tracks taken", "#F48FB1"), Use("wait: other", "#EDE0C8")
_WAITS = {
    MEET: Use("wait: meet", "#D32F2F"),
    PASS: Use("wait: pass", "#F57C00"),
    FURTHER_ON: _BEHIND_OTHERS,
    LOOPS_FULL: _BEHIND_OTHERS,
    NIGHT: Use("wait: night", "#212A4A"),
    CLOSURE: Use("wait: closure", "#8D6E63"),
    OPENING_HOURS: Use("wait: opening hours", "#FDD835"),
    YARD_TRACKS: _YARD,
    LINK: _NEXT_TRAIN,
    ASKED_TIMES: Use("wait: asked times", "#D7B98E"),
    OTHER: _OTHER,
}
_ENGINES = Use("wait: engines out", "#6D4C41")


class JourneyUses:
    """The kinds of use of the time of some chains: which there are, in the order of a legend, and how long each is."""

    def __init__(self, scenario: Scenario, chains: Iterable[Chain]) -> None:
        seconds = Counter[tuple[Doing, str]]()
        for chain in chains:
            for part in chain.parts:
                seconds[part.doing, part.what] += part.seconds
        steps = sorted((-took, what) for (doing, what), took in seconds.items() if doing is Doing.STEP)
        self._steps = {what: Use(what, colour) for (_, what), colour in zip(steps, _STEPS, strict=False)}
        self._waits = {
            **_WAITS,
            **{queue_for(resource): _QUEUE for resource in scenario.yard_resources},
            **{yard_full(station): _YARD for station in scenario.network.stations},
            **{engines_out(banker.id): _ENGINES for banker in scenario.bankers},
        }
        order = [RUNNING, ASKED_STOP, *self._steps.values(), _MORE_STEPS, *_WAITS.values(), _QUEUE, _YARD, _ENGINES]
        self._order = [*dict.fromkeys(use for use in order if use not in (_NEXT_TRAIN, _OTHER)), _NEXT_TRAIN, _OTHER]
        self.totals = self.sums([(doing, what, took) for (doing, what), took in seconds.items()])

    def use(self, doing: Doing, what: str) -> Use:
        """Return the kind of a part of the time."""
        if doing is Doing.RUNNING:
            return RUNNING
        if doing is Doing.ASKED_STOP:
            return ASKED_STOP
        if doing is Doing.STEP:
            return self._steps.get(what, _MORE_STEPS)
        return _NEXT_TRAIN if doing is Doing.BETWEEN else self._waits.get(what, _OTHER)

    def sums(self, parts: Sequence[tuple[Doing, str, int]]) -> Mapping[Use, int]:
        """Return the seconds of each kind that there is, in the order of the legend, of (doing, what, seconds)."""
        found = Counter[Use]()
        for doing, what, seconds in parts:
            found[self.use(doing, what)] += seconds
        return {use: found[use] for use in self._order if found[use]}
