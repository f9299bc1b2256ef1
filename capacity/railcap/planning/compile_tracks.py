"""Station tracks that are the same for all who use them, as one group each: one resource of capacity k."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.expand import station_track_closures
from railcap.corridor.infrastructure import Station, TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.operations.problem import Resource


@dataclass(frozen=True, slots=True)
class TrackGroup:
    """Interchangeable tracks of one station: any train that may use one of them may use every other."""

    station: str
    tracks: tuple[str, ...]
    closures: tuple[tuple[int, int], ...] = ()

    @property
    def resource(self) -> str:
        """The name of its resource."""
        return f"station {self.station} track {'+'.join(self.tracks)}"

    def as_resource(self) -> Resource:
        """Return it as a resource that holds as many trains as there are tracks."""
        return Resource(len(self.tracks), self.closures)


@dataclass(frozen=True, slots=True)
class TrackUser:
    """One way to use a station: trains of a type that stop or pass.

    `pinned` names the one track of a fixed path, `among` the tracks on which a step is done (none: any).
    """

    train_type: str
    stops: bool
    pinned: str = ""
    among: tuple[str, ...] = ()


def fitting_tracks(station: Station, train_type: TrainType, *, stops: bool) -> tuple[str, ...]:
    """Return the tracks on which a train may stop (gauge and length) or pass (main, gauge): rule 4."""
    return tuple(
        track.id
        for track in station.tracks
        if train_type.gauge_mm in track.gauges_mm
        and (track.length_m >= train_type.length_m if stops else track.kind is TrackKind.MAIN)
    )


class StationTracks:
    """The track groups of every station, for the trains that use it.

    Two tracks are in one group if the same users fit them and they are closed at the same times. As all trains leave
    the same release time behind, intervals on a group can always be coloured with its tracks, so the group loses
    nothing against its tracks one by one. A track on which a fixed path insists stands alone.
    """

    def __init__(self, scenario: Scenario, users: Mapping[str, Iterable[TrackUser]]) -> None:
        closures = station_track_closures(scenario)
        self._groups: dict[str, tuple[TrackGroup, ...]] = {}
        self._choices: dict[tuple[str, TrackUser], tuple[TrackGroup, ...]] = {}
        for station_id, at_station in users.items():
            station = scenario.network.stations[station_id]
            ordered = sorted(set(at_station), key=lambda user: (user.train_type, user.stops, user.pinned, user.among))
            allowed = {user: _allowed(station, scenario.train_types[user.train_type], user) for user in ordered}
            groups = _group(station, allowed, closures)
            self._groups[station_id] = groups
            for user, tracks in allowed.items():
                self._choices[station_id, user] = tuple(group for group in groups if group.tracks[0] in tracks)

    def choices(self, station: str, user: TrackUser) -> tuple[TrackGroup, ...]:
        """Return the groups that a user of a station may choose from, in the order of the station's tracks."""
        return self._choices[station, user]

    def groups(self) -> list[TrackGroup]:
        """Return all groups."""
        return [group for groups in self._groups.values() for group in groups]


def _allowed(station: Station, train_type: TrainType, user: TrackUser) -> tuple[str, ...]:
    fitting = fitting_tracks(station, train_type, stops=user.stops)
    wanted = (user.pinned,) if user.pinned else user.among
    return tuple(track for track in fitting if track in wanted) if wanted else fitting


def _group(
    station: Station,
    allowed: Mapping[TrackUser, Sequence[str]],
    closures: Mapping[tuple[str, str], tuple[tuple[int, int], ...]],
) -> tuple[TrackGroup, ...]:
    alike: dict[object, list[str]] = defaultdict(list)
    for track in station.tracks:
        users = frozenset(user for user, tracks in allowed.items() if track.id in tracks)
        # A pinned user fits one track only, so its track is alone in its group without a rule of its own.
        if users:
            alike[users, closures.get((station.id, track.id), ())].append(track.id)
    return tuple(
        TrackGroup(station.id, tuple(tracks), closures.get((station.id, tracks[0]), ())) for tracks in alike.values()
    )
