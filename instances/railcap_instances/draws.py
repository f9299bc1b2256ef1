"""Random integers that are the same for a seed on every Python."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A stream of integer draws.

    Only ``Random.randrange`` is used: the other methods of `random` may change from one Python to the next, and
    floating point would bring rounding into the files. Different streams of one seed are independent, so that more
    trains leave the railway as it was.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._random = Random(seed * 64 + stream)

    def between(self, low: int, high: int, step: int = 1) -> int:
        """Return one of `low`, `low` + `step`, ... up to `high`; `low` itself where `high` is not above it."""
        return low + step * self._random.randrange(max(high - low, 0) // step + 1)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of the items; repeat an item to make it likelier."""
        return items[self._random.randrange(len(items))]

    def one_in(self, count: int) -> bool:
        """Return True once in `count` times."""
        return self._random.randrange(count) == 0
