"""Sets of time as sorted, disjoint intervals of seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def length(intervals: Iterable[Interval]) -> int:
    """Return the total length in seconds."""
    return sum(end - begin for begin, end in intervals)
