"""Good plans that searches on one problem share."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

from railcap_solvers.search.engine import Plans

ELITES = 6

NEAR = 1.1
"""Searches whose temperatures differ by no more than this factor exchange members of their populations."""


class Member(NamedTuple):
    """Plans that a search has left, and what they cost; never changed."""

    cost: int
    plans: Plans


class Elites:
    """The best ends of anneals, and what is being annealed; for searches of the same layout, safe between threads."""

    def __init__(self) -> None:
        self._best: list[Member] = []
        self._annealed: dict[object, tuple[float, tuple[Member, ...]]] = {}
        self._others: dict[int, Elites] = {}
        self._lock = threading.Lock()

    def of_layout(self, number: int) -> Elites:
        """Return the elites of searches of another layout; number 0 are these."""
        with self._lock:
            return self._others.setdefault(number, Elites()) if number else self

    def add(self, member: Member) -> None:
        """Keep plans if they are among the best, and none of those cost the same."""
        with self._lock:
            if any(elite.cost == member.cost for elite in self._best):
                return
            self._best.append(member)
            self._best.sort(key=lambda elite: elite.cost)
            del self._best[ELITES:]

    def choose(self, chance: float) -> Plans:
        """Return plans by a number from 0 to 1: the smaller it is, the better they are."""
        with self._lock:
            return self._best[int(len(self._best) * chance**2)].plans

    def all(self) -> list[Member]:
        """Return what is kept, the best first."""
        with self._lock:
            return list(self._best)

    def meet(self, who: object, temperature: float, members: Sequence[Member]) -> list[Member]:
        """Show the members of a population, and return those that others have shown at about the same temperature."""
        with self._lock:
            self._annealed[who] = temperature, tuple(members)
            return [
                member
                for other, (its_temperature, its_members) in self._annealed.items()
                if other != who and temperature / NEAR <= its_temperature <= temperature * NEAR
                for member in its_members
            ]

    def part(self, who: object) -> None:
        """Forget what a population has shown: its anneal is over."""
        with self._lock:
            self._annealed.pop(who, None)
