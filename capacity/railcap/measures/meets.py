"""Where trains meet and pass each other, read off a timetable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from railcap.planning.timetable import Call, Leg, Timetable, TrainPath


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two trains at one station: opposing ones meet, of two in one direction `second` passes `first`.

    `first` is the one that is there first; `time_s` is when the second arrives.
    """

    station: str
    first: str
    second: str
    time_s: int
    same_direction: bool


@dataclass(frozen=True, slots=True)
class _Visit:
    train: str
    call: Call
    before: Leg | None
    after: Leg | None
    light_for: str

    def comes_with(self, other: _Visit) -> bool:
        """Return whether it is the light engine of the other train, to which it was coupled before."""
        return self.light_for == other.train


def meetings(timetable: Timetable) -> tuple[Meeting, ...]:
    """Return every meet and pass, by station and time.

    A *meet*: both are at the station at some time, and one leaves by the section track by which the other came. (On
    double track trains go by each other on tracks of their own; that is no meet.) A *pass*: both come by the same
    section and leave by the same section, and the one that came later leaves first. A train does not meet the light
    engine that has helped it.
    """
    found = []
    for station, visits in sorted(_visits(timetable).items()):
        found += [
            Meeting(station, first.train, second.train, second.call.arrival_s, same)
            for first, second in _together(visits)
            if (same := _passes(first, second)) or _meet(first, second)
        ]
    return tuple(found)


def _visits(timetable: Timetable) -> Mapping[str, list[_Visit]]:
    found: dict[str, list[_Visit]] = defaultdict(list)
    for path in timetable.paths:
        for place, call in enumerate(path.calls):
            before, after = _legs(path, place)
            found[call.station].append(_Visit(path.train, call, before, after, path.light_for))
    for visits in found.values():
        visits.sort(key=lambda visit: (visit.call.arrival_s, visit.call.departure_s, visit.train))
    return found


def _legs(path: TrainPath, place: int) -> tuple[Leg | None, Leg | None]:
    return path.legs[place - 1] if place else None, path.legs[place] if place < len(path.legs) else None


def _together(visits: list[_Visit]) -> Iterator[tuple[_Visit, _Visit]]:
    """Yield pairs that are at the station at one time, the earlier arrival first; no train with its own engine."""
    present: list[_Visit] = []
    for visit in visits:
        present = [other for other in present if other.call.departure_s >= visit.call.arrival_s]
        for other in present:
            if not (visit.comes_with(other) or other.comes_with(visit)):
                yield other, visit
        present.append(visit)


def _meet(one: _Visit, other: _Visit) -> bool:
    return _shared(one.before, other.after) or _shared(one.after, other.before)


def _shared(one: Leg | None, other: Leg | None) -> bool:
    return one is not None and one == other


def _passes(first: _Visit, second: _Visit) -> bool:
    if not (first.before and second.before and first.after and second.after):
        return False
    same = first.before.section == second.before.section and first.after.section == second.after.section
    turned = first.before.section == first.after.section
    return (
        same
        and not turned
        and first.call.arrival_s < second.call.arrival_s
        and second.call.departure_s < first.call.departure_s
    )
