"""The railway itself: stations with their tracks, and the sections between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class TrackKind(Enum):
    """What a station track is for. Trains that pass without a stop use a main track."""

    MAIN = "main"
    LOOP = "loop"
    PLATFORM = "platform"
    YARD = "yard"


@dataclass(frozen=True, slots=True)
class Track:
    """One station track: usable length in metres, gauges in millimetres."""

    id: str
    kind: TrackKind
    length_m: int
    gauges_mm: frozenset[int]
    assumed: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """A place with tracks where trains meet, pass, stop, begin or end.

    Parameters
    ----------
    simultaneous_reception : bool
        Whether two trains may arrive from opposite sides at the same time.
    non_simultaneous_arrival_s, crossing_interval_s : int or None
        The station's own intervals; None: the scenario's rule.
    km : float or None
        Position along the line, for drawing only.
    assumed : str
        Which figures are assumed and why; empty if all are sourced.
    """

    id: str
    name: str
    tracks: tuple[Track, ...]
    time_zone: str
    simultaneous_reception: bool = False
    non_simultaneous_arrival_s: int | None = None
    crossing_interval_s: int | None = None
    province: str = ""
    country: str = ""
    km: float | None = None
    lat: float | None = None
    lon: float | None = None
    kind: str = ""
    note: str = ""
    assumed: str = ""

    def track(self, track_id: str) -> Track:
        """Return a track by id; raises ``KeyError``."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise KeyError(track_id)


@dataclass(frozen=True, slots=True)
class Section:
    """The line between two neighbouring stations, without any place to meet.

    Parameters
    ----------
    start, end : str
        Station ids. Track "1" is the normal track from `start` to `end`; on a double section track "2" is the normal
        track from `end` to `start`.
    tracks : int
        1 or 2.
    blocks : int
        Blocks per track: so many trains may follow each other.
    bidirectional : bool
        On a double section: whether either track may be used in either direction.
    speeds_kmh : mapping of str to float
        Line speed by train category (``"freight"``, ``"passenger"``).
    following_interval_s : int or None
        From the arrival of the leader (the clearing of its block) to the entry of a follower; None: the rule.
    """

    id: str
    start: str
    end: str
    length_m: int
    tracks: int
    gauges_mm: frozenset[int]
    speeds_kmh: Mapping[str, float]
    blocks: int = 1
    bidirectional: bool = False
    following_interval_s: int | None = None
    note: str = ""
    assumed: str = ""

    def other(self, station: str) -> str:
        """Return the other end."""
        return self.end if station == self.start else self.start

    def track_ids(self) -> tuple[str, ...]:
        """Return the ids of its tracks, ``("1",)`` or ``("1", "2")``."""
        return ("1", "2") if self.tracks == 2 else ("1",)

    def tracks_from(self, station: str) -> tuple[str, ...]:
        """Return the tracks that a train entering at `station` may use, the normal one first."""
        if self.tracks == 1:
            return ("1",)
        normal, wrong = ("1", "2") if station == self.start else ("2", "1")
        return (normal, wrong) if self.bidirectional else (normal,)


@dataclass(frozen=True, slots=True)
class Network:
    """Stations and sections by id; the sections form a graph, branches and parallel sections included."""

    stations: Mapping[str, Station]
    sections: Mapping[str, Section]
    running_times_s: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    """Running times given directly, by (section, entering station, train type), without supplements."""
