"""Places that one train has at a time, and who has them: the words in which occupation is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from railcap.corridor.infrastructure import Section
from railcap.planning.timetable import TrainPath

Ints = npt.NDArray[np.int64]

NONE = -1
"""What stands for nothing in columns of numbers."""


class PlaceKind(StrEnum):
    """What a place is."""

    BLOCK = "block"
    TRACK = "station track"
    RESOURCE = "yard resource"
    ARRIVALS = "arrivals"


@dataclass(frozen=True, slots=True)
class Place:
    """What one train has at a time.

    Parameters
    ----------
    where : str
        Id of the section, or of the station.
    name : str
        Track of the section or the station, or id of the yard resource; of arrivals nothing.
    number : int
        Of a block its place from the section's start, of a yard resource which of the trains that it serves, from 1.
    """

    kind: PlaceKind
    where: str
    name: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Blocking:
    """A train that has a place: it comes, goes, and as long after that keeps the place from a follower of its kind."""

    place: Place
    train: str
    from_s: int
    until_s: int
    release_s: int


@dataclass(frozen=True, slots=True)
class Uses:
    """Uses of places as columns: by place, and of one place in the order in which the trains have it.

    `group` tells the uses of a place apart that keep each other away for different times, such as the directions.
    """

    place: Ints
    group: Ints
    train: Ints
    begin_s: Ints
    end_s: Ints

    def some(self, rows: npt.NDArray[np.bool_] | Ints) -> Uses:
        """Return some of the uses, in their order."""
        return Uses(self.place[rows], self.group[rows], self.train[rows], self.begin_s[rows], self.end_s[rows])


@dataclass(frozen=True)
class Stretch:
    """A part of the line with the trains that run there, in the order in which they enter it.

    Parameters
    ----------
    paths : tuple of TrainPath
        The trains; `Uses.train` counts them.
    places : tuple of Place
        `Uses.place` counts them.
    apart_s, again_s : array of int, shape (places, groups, groups)
        Least time from the end of a use of the first group to the begin of a later one of the second; -1: no matter.
        `again_s` is for the second one in a repeat of the traffic after the traffic itself.
    entry_s, leave_s : array of int, shape (trains,)
        When each train comes, and when it has gone.
    """

    paths: tuple[TrainPath, ...]
    places: tuple[Place, ...]
    uses: Uses
    apart_s: Ints
    again_s: Ints
    entry_s: Ints
    leave_s: Ints

    @cached_property
    def sections(self) -> frozenset[str]:
        """The sections of the stretch that trains run over."""
        return frozenset(place.where for place in self.places if place.kind is PlaceKind.BLOCK)

    def within(self, from_s: int, until_s: int) -> Stretch:
        """Return the stretch with those trains alone that come in a time, its end not included."""
        first, last = np.searchsorted(self.entry_s, [from_s, until_s])
        uses = self.uses.some((self.uses.train >= first) & (self.uses.train < last))
        chosen = slice(int(first), int(last))
        return replace(
            self,
            paths=self.paths[chosen],
            uses=replace(uses, train=uses.train - first),
            entry_s=self.entry_s[chosen],
            leave_s=self.leave_s[chosen],
        )


def legs_inside(stretch: Stretch, path: TrainPath) -> list[int]:
    """Return which legs of a path lie in a stretch."""
    return [number for number, leg in enumerate(path.legs) if leg.section in stretch.sections]


def joined_uses(several: Sequence[Uses]) -> Uses:
    """Return uses one after the other."""
    columns = zip(*((one.place, one.group, one.train, one.begin_s, one.end_s) for one in several), strict=True)
    return Uses(*(np.concatenate(column).astype(np.int64) for column in columns))


def ends_of_section(section: Section) -> tuple[str, str]:
    """Return the two stations of a section."""
    return section.start, section.end
