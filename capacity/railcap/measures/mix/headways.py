"""The mean minimum headway of a traffic mix on a stretch, all successions of its trains being as likely as they are."""

from __future__ import annotations

from railcap.measures.mix.stretches import Kind, Stretch


def mean_headway_s(stretch: Stretch) -> float:
    """Return the mean minimum headway at the entry, of the direction in which it is longer on double track.

    It is the mean over all ordered pairs of trains by their shares (UIC Code 405, 1996). On single track trains come
    from a stop and pass at the other end, as in scheme B of the railways of 1520 mm gauge; on double track they pass
    both ends.
    """
    if stretch.tracks == 1:
        return _mean_s(stretch, stretch.kinds)
    directions = ([one for one in stretch.kinds if one.there is there] for there in (True, False))
    return max(_mean_s(stretch, kinds) for kinds in directions if kinds)


def headway_s(stretch: Stretch, first: Kind, second: Kind) -> float:
    """Return the least time from the entry of a train to that of the next one, which may come from the other end."""
    lost_s = first.start_s if stretch.tracks == 1 else 0
    if first.there is not second.there:
        return first.running_s + lost_s + stretch.crossing_s
    blocks = stretch.blocks
    begun_s = second.start_s if stretch.tracks == 1 else 0
    found = first.running_s / blocks + lost_s + stretch.following_s
    if blocks > 1:
        at_last_s = second.running_s * (blocks - 1) / blocks + begun_s
        found = max(found, first.running_s + lost_s + stretch.following_s - at_last_s)
    return found


def _mean_s(stretch: Stretch, kinds: list[Kind] | tuple[Kind, ...]) -> float:
    total = sum(one.share for one in kinds)
    return sum(
        first.share * second.share * headway_s(stretch, first, second) for first in kinds for second in kinds
    ) / (total * total)
