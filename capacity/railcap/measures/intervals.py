"""Sets of time as sorted, disjoint intervals of seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

Interval = tuple[int, int]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as sorted, disjoint intervals; empty and reversed ones are left out."""
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return merged


def without(intervals: Sequence[Interval], removed: Sequence[Interval]) -> list[Interval]:
    """Return sorted disjoint `intervals` less sorted disjoint `removed`."""
    left: list[Interval] = []
    for begin, end in intervals:
        for out_begin, out_end in removed:
            if out_end <= begin or out_begin >= end:
                continue
            if out_begin > begin:
                left.append((begin, out_begin))
            begin = out_end
        if begin < end:
            left.append((begin, end))
    return left


def clipped(intervals: Sequence[Interval], begin: int, end: int) -> list[Interval]:
    """Return the part of `intervals` between two moments."""
    return [(max(one, begin), min(other, end)) for one, other in intervals if one < end and other > begin]


def common(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """Return the time that two sets of sorted disjoint intervals share."""
    found: list[Interval] = []
    at = 0
    for begin, end in one:
        while at < len(other) and other[at][1] <= begin:
            at += 1
        reach = at
        while reach < len(other) and other[reach][0] < end:
            found.append((max(begin, other[reach][0]), min(end, other[reach][1])))
            reach += 1
    return found


def begun_before(intervals: Iterable[Interval], by_s: int) -> list[Interval]:
    """Return intervals that begin `by_s` earlier: when something that takes so long cannot begin without touching."""
    return union((begin - by_s, end) for begin, end in intervals)


def levels(intervals: Iterable[Interval]) -> list[tuple[int, int]]:
    """Return how many intervals run at once: (from when, how many) at each change; empty ones do not count."""
    changes: Counter[int] = Counter()
    for begin, end in intervals:
        if begin < end:
            changes[begin] += 1
            changes[end] -= 1
    found = []
    count = 0
    for time_s, change in sorted(changes.items()):
        if change:
            count += change
            found.append((time_s, count))
    return found


def at_least(intervals: Iterable[Interval], count: int) -> list[Interval]:
    """Return when at least `count` of the intervals run at once."""
    steps = levels(intervals)
    return union((begin, end) for (begin, many), (end, _) in pairwise(steps) if many >= count)


def length(intervals: Iterable[Interval]) -> int:
    """Return the total length in seconds."""
    return sum(end - begin for begin, end in intervals)
