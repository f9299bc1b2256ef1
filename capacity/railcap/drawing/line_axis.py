"""The vertical axis of the train graph: the stations of the main path by kilometre, and which of them get a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from railcap.corridor.expand import train_requests
from railcap.corridor.routing import NoRoute, Route, route
from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, Issue
from railcap.measures.names import station_name
from railcap.planning.timetable import Timetable


@dataclass(frozen=True, slots=True)
class LineAxis:
    """Stations in order, and the section between each and the next.

    `km` are distances from the first station, `posts` what stands on the kilometre posts: those of the stations, or the
    distances where stations have none or where they do not rise or fall all along.
    """

    stations: tuple[str, ...]
    km: tuple[float, ...]
    posts: tuple[float, ...]
    sections: tuple[str, ...]

    def places(self) -> Mapping[str, int]:
        """Return the place of each station along the axis."""
        return {station: place for place, station in enumerate(self.stations)}

    def spans(self) -> Mapping[str, tuple[float, float]]:
        """Return from where to where each section reaches."""
        return dict(zip(self.sections, pairwise(self.km), strict=True))


def line_axis(scenario: Scenario, timetable: Timetable, ends: tuple[str, str] | None = None) -> LineAxis:
    """Return the longest route that a train has or asked for, from its lower to its higher kilometre.

    Parameters
    ----------
    ends : tuple of two str, optional
        Station ids: only the part between them, in this order.

    Raises
    ------
    InputError
        If `ends` are not two different stations of that route, or the scenario has no train at all.
    """
    routes = _routes(scenario, timetable)
    if ends is not None:
        routes = [one for one in routes if set(ends) <= set(one.stations)]
        if not routes or ends[0] == ends[1]:
            message = "name two different stations that some train runs between"
            issue = Issue("", "stations", " - ".join(ends), message, "no-such-line")
            raise InputError("the stations to draw cannot be used", [issue])
    if not routes:
        raise InputError(
            f"there is nothing to draw: the timetable has no path, and no refused train of {scenario.name} has a route"
        )
    longest = max(routes, key=lambda one: (_length(scenario, one), one.stations))
    return _axis(scenario, _upward(scenario, longest) if ends is None else _between(longest, *ends))


def _routes(scenario: Scenario, timetable: Timetable) -> list[Route]:
    found = {
        (tuple(call.station for call in path.calls), tuple(leg.section for leg in path.legs))
        for path in timetable.paths
    }
    routes = [Route(*one) for one in sorted(found)]
    refused = {refusal.train for refusal in timetable.refused}
    asked = {
        (one.train_type, one.origin, one.vias, one.destination) for one in train_requests(scenario) if one.id in refused
    }
    for one in sorted(asked):
        try:
            routes.append(route(scenario, *one))
        except NoRoute:
            continue
    # A route that comes back to a station cannot be an axis.
    return [one for one in routes if len(set(one.stations)) == len(one.stations)]


def _length(scenario: Scenario, one: Route) -> int:
    return sum(scenario.network.sections[section].length_m for section in one.sections)


def _between(one: Route, first: str, last: str) -> Route:
    begin, end = one.stations.index(first), one.stations.index(last)
    if begin < end:
        return Route(one.stations[begin : end + 1], one.sections[begin:end])
    return Route(one.stations[end : begin + 1][::-1], one.sections[end:begin][::-1])


def _upward(scenario: Scenario, one: Route) -> Route:
    """Turn a route that runs against its kilometre posts; without posts, from the lower station id."""
    ends = one.stations[0], one.stations[-1]
    first, last = (scenario.network.stations[station].km for station in ends)
    falls = first > last if first is not None and last is not None and first != last else ends[0] > ends[1]
    return Route(one.stations[::-1], one.sections[::-1]) if falls else one


def _axis(scenario: Scenario, one: Route) -> LineAxis:
    posts = [km for station in one.stations if (km := scenario.network.stations[station].km) is not None]
    steps = [there - here for here, there in pairwise(posts)]
    if len(posts) == len(one.stations) and (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        return LineAxis(one.stations, tuple(abs(post - posts[0]) for post in posts), tuple(posts), one.sections)
    lengths = (scenario.network.sections[section].length_m / 1000 for section in one.sections)
    distances = tuple(accumulate(lengths, initial=0.0))
    return LineAxis(one.stations, distances, distances, one.sections)


def labelled(scenario: Scenario, timetable: Timetable, axis: LineAxis, least_km: float) -> Mapping[str, str]:
    """Return the names of the stations that get a label, so that labels stand at least `least_km` apart.

    The ends come first, then places where trains begin or end, junctions and other special places, places where many
    trains stop, and then the rest from the top down.
    """
    importance = _importance(scenario, timetable, axis)
    order = sorted(range(len(axis.stations)), key=lambda place: (-importance[place], place))
    chosen: list[int] = []
    for place in order:
        if all(abs(axis.km[place] - axis.km[other]) >= least_km for other in chosen):
            chosen.append(place)
    return {axis.stations[place]: station_name(scenario, axis.stations[place]) for place in sorted(chosen)}


def _importance(scenario: Scenario, timetable: Timetable, axis: LineAxis) -> Sequence[int]:
    ends: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    for path in timetable.paths:
        ends.update((path.calls[0].station, path.calls[-1].station))
        stops.update(call.station for call in path.calls if call.stops)
    found = []
    for place, station in enumerate(axis.stations):
        special = scenario.network.stations[station].kind not in ("", "station", "halt", "loop", "block")
        is_end = place in (0, len(axis.stations) - 1)
        found.append(10**6 * is_end + 10**4 * (station in ends) + 10**3 * special + stops[station])
    return found
