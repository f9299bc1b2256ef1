"""Plans annealed side by side at one temperature; as it falls, the better ones take the places of the worse.

Where an anneal ends is decided early and is a matter of luck. A population (population annealing: Hukushima and Iba
2003; Machta 2010) sees which of several early decisions were good while there is still time to follow them.
"""

from __future__ import annotations

import math

from railcap_solvers.search.elites import Elites, Member
from railcap_solvers.search.engine import Search
from railcap_solvers.search.work import uniform

STAGES = 40
"""Stages of an anneal: each member has its turn in each, and between two of them some take the places of others."""

MOST_MEMBERS = 16

ENOUGH_MOVES = 3_000
"""Moves per train and member; with more, there are more members."""


def stage_begins(passed: float) -> float:
    """Return the share of an anneal that has passed when the stage at hand began: its temperature is that of then."""
    return math.floor(passed * STAGES) / STAGES


class Population:
    """The members of one anneal of a search, in whose state one of them after another has its turn.

    Parameters
    ----------
    search : Search
        The plans in force are those that all members begin with.
    moves : float
        How many moves the anneal is likely to have.
    elites : Elites
        Where the members of other searches at the same temperature are met.
    """

    def __init__(self, search: Search, moves: float, elites: Elites) -> None:
        self._search, self._elites = search, elites
        size = min(MOST_MEMBERS, max(1, int(moves / (ENOUGH_MOVES * max(1, len(search.problem.trains))))))
        self.members = [Member(search.cost, search.plans_in_force())] * size
        """Each as its last turn left it."""
        self.moves_in_turn = max(1, int(moves / (STAGES * size)))
        """About how many moves a turn has."""
        self._turn = 0

    def go_to(self, passed: float, temperature: float, cooling: float) -> None:
        """Let the member whose turn it is take over, when a share of the anneal has passed.

        `cooling` is how many times cooler the anneal ends than it began.
        """
        size = len(self.members)
        turn = int(passed * STAGES * size)
        if turn == self._turn:
            return
        self._note()
        stages = turn // size - self._turn // size
        if stages:
            self._draw(temperature, (cooling ** (stages / STAGES) - 1.0) / temperature)
        self._turn = turn
        self._search.restart_from(self.members[turn % size].plans)

    def end(self) -> None:
        """Leave the best of the members to the elites."""
        self._note()
        self._elites.add(min(self.members, key=lambda member: member.cost))

    def part(self) -> None:
        """Show the members to nobody any more."""
        self._elites.part(self)

    def _note(self) -> None:
        search = self._search
        self.members[self._turn % len(self.members)] = Member(search.cost, search.plans_in_force())

    def _draw(self, temperature: float, colder: float) -> None:
        """Draw the members of the next stage, which is colder by so much per unit of cost, from those here and met."""
        pool = self.members + self._elites.meet(self, temperature, self.members)
        least = min(member.cost for member in pool)
        weights = [math.exp(-colder * (member.cost - least)) for member in pool]
        step = sum(weights) / len(self.members)
        at, place, reached = uniform(self._search.work.random) * step, 0, weights[0]
        drawn: list[Member] = []
        for _ in self.members:
            while reached < at and place + 1 < len(pool):
                place += 1
                reached += weights[place]
            drawn.append(pool[place])
            at += step
        self.members = drawn
