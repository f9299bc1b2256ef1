"""How full the nodes are: station tracks, yard resources. Occupation is a union of times, never a sum of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.expand import station_track_closures, to_whole_days, yard_closed_times
from railcap.corridor.scenario import Scenario
from railcap.measures.days import days_around
from railcap.measures.fit import must_fit
from railcap.measures.holds import Hold, resource_holds, track_holds
from railcap.measures.intervals import Interval, at_least, clipped, length, union, without
from railcap.measures.occupation.consumption import Window
from railcap.measures.occupation.uses import PlaceKind
from railcap.planning.timetable import Timetable


@dataclass(frozen=True, slots=True)
class NodeUse:
    """A station track or a yard resource in a window.

    Parameters
    ----------
    kind : PlaceKind
        `TRACK` or `RESOURCE`.
    station, name : str
        Id of the station, and of the track or the resource.
    trains : int
        Trains that have it in the window.
    occupied_s : int
        Time in which it takes no other train: it is held, release times included; of a resource, by as many as it
        serves at a time. Times that overlap count once; closed time does not count.
    open_s : int
        The window without closed time.
    """

    kind: PlaceKind
    station: str
    name: str
    window: Window
    trains: int
    occupied_s: int
    open_s: int

    @property
    def share(self) -> float:
        """Occupied share of the open time; 0 if it is never open."""
        return self.occupied_s / self.open_s if self.open_s else 0.0


def node_uses(scenario: Scenario, timetable: Timetable, window: tuple[int, int] | None = None) -> tuple[NodeUse, ...]:
    """Return the use of every station track and yard resource, in each window in which trains have it.

    Parameters
    ----------
    window : tuple of int, optional
        From and until when, in UTC seconds; by default each local day of the station's zone.

    Raises
    ------
    InputError
        If the timetable does not belong to the scenario.
    """
    must_fit(scenario, timetable)
    longer = to_whole_days(scenario)
    tracks_closed, yards_closed = station_track_closures(longer), yard_closed_times(longer)
    found: list[NodeUse] = []
    for (station, track), holds in track_holds(scenario, timetable).items():
        closed = tracks_closed.get((station, track), ())
        found += _uses(scenario, (PlaceKind.TRACK, station, track), holds, 1, closed, window)
    for resource, holds in resource_holds(timetable).items():
        known = scenario.yard_resources[resource]
        place = PlaceKind.RESOURCE, known.station, resource
        found += _uses(scenario, place, holds, known.capacity, yards_closed.get(resource, ()), window)
    order = {station: place for place, station in enumerate(scenario.network.stations)}
    return tuple(sorted(found, key=lambda use: (order[use.station], use.kind, use.name, use.window.from_s)))


def busiest_nodes(uses: Sequence[NodeUse]) -> tuple[NodeUse, ...]:
    """Return each track and resource in the window in which it is the fullest, the fullest first."""
    found: Mapping[tuple[str, str, str], list[NodeUse]] = defaultdict(list)
    for use in uses:
        found[use.kind, use.station, use.name].append(use)
    fullest = [max(several, key=lambda use: use.share) for several in found.values()]
    return tuple(sorted(fullest, key=lambda use: (-use.share, use.station, use.kind, use.name)))


def _uses(
    scenario: Scenario,
    place: tuple[PlaceKind, str, str],
    holds: Sequence[Hold],
    capacity: int,
    closed: Sequence[Interval],
    window: tuple[int, int] | None,
) -> Iterator[NodeUse]:
    held = [hold.interval for hold in holds]
    full = union(held) if capacity == 1 else at_least(held, capacity)
    first, last = min(begin for begin, _ in held), max(end for _, end in held)
    zone = scenario.network.stations[place[1]].time_zone
    windows = [("", *window)] if window is not None else list(days_around(first, last, zone))
    for name, begin, end in windows:
        trains = len({hold.train for hold in holds if hold.from_s < end and hold.until_s > begin})
        if trains:
            occupied_s = length(without(clipped(full, begin, end), closed))
            open_s = length(without([(begin, end)], closed))
            yield NodeUse(*place, Window(name, begin, end), trains, occupied_s, open_s)
