"""The vertical axis of the train graph: the stations of the whole line by kilometre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from railcap.corridor.expand import train_requests
from railcap.corridor.routing import NoRoute, Route, route
from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, Issue
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

    def part(self, begin: int, end: int) -> LineAxis:
        """Return the axis from one place to another one further on."""
        km = tuple(km - self.km[begin] for km in self.km[begin : end + 1])
        return LineAxis(self.stations[begin : end + 1], km, self.posts[begin : end + 1], self.sections[begin:end])


def line_axis(scenario: Scenario, timetable: Timetable, ends: tuple[str, str] | None = None) -> LineAxis:
    """Return the whole line, from its lower to its higher kilometre.

    That is the longest route that a train has or asked for, and at its ends the routes of other trains that go on from
    there, so that trains that are tied end to end stand on one axis.

    Parameters
    ----------
    ends : tuple of two str, optional
        Station ids: only the part between them, in this order, of the line or of the longest route that has both.

    Raises
    ------
    InputError
        If `ends` are not two different stations of the line or of a route, or the scenario has no train at all.
    """
    routes = _routes(scenario, timetable)
    if not routes:
        raise InputError(
            f"there is nothing to draw: the timetable has no path, and no refused train of {scenario.name} has a route"
        )
    line = _upward(scenario, _joined(scenario, routes))
    if ends is None:
        return _axis(scenario, line)
    found = [one for one in (line, *routes) if set(ends) <= set(one.stations)]
    if not found or ends[0] == ends[1]:
        first, last = line.stations[0], line.stations[-1]
        message = f"name two different stations of the line from {first} to {last}, or of the route of one train"
        raise InputError(
            "the stations to draw cannot be used", [Issue("", "stations", " - ".join(ends), message, "no-such-line")]
        )
    return _axis(scenario, _between(max(found, key=lambda one: _rank(scenario, one)), *ends))


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
    return [one for one in routes if len(set(one.stations)) == len(one.stations) > 1]


def _rank(scenario: Scenario, one: Route) -> tuple[int, tuple[str, ...]]:
    """Return what longer routes have more of; there is no draw between two ways."""
    return sum(scenario.network.sections[section].length_m for section in one.sections), one.stations


def _joined(scenario: Scenario, routes: Sequence[Route]) -> Route:
    """Return the longest route, extended at its ends by others, the longest extension first, until none is left."""
    both_ways = [*routes, *(_turned(one) for one in routes)]
    pieces = sorted(both_ways, key=lambda one: _rank(scenario, one), reverse=True)
    line = pieces[0]
    while longer := next(filter(None, (_extended(line, one) for one in pieces)), None):
        line = longer
    return line


def _extended(line: Route, one: Route) -> Route | None:
    """Return a line with a route that begins at its end or ends at its beginning, if they share no other station."""
    if len(set(line.stations) & set(one.stations)) != 1:
        return None
    if one.stations[0] == line.stations[-1]:
        return Route(line.stations + one.stations[1:], line.sections + one.sections)
    if one.stations[-1] == line.stations[0]:
        return Route(one.stations + line.stations[1:], one.sections + line.sections)
    return None


def _turned(one: Route) -> Route:
    return Route(one.stations[::-1], one.sections[::-1])


def _between(one: Route, first: str, last: str) -> Route:
    begin, end = one.stations.index(first), one.stations.index(last)
    if begin < end:
        return Route(one.stations[begin : end + 1], one.sections[begin:end])
    return _turned(Route(one.stations[end : begin + 1], one.sections[end:begin]))


def _upward(scenario: Scenario, one: Route) -> Route:
    """Turn a route that runs against its kilometre posts; without posts, from the lower station id."""
    ends = one.stations[0], one.stations[-1]
    first, last = (scenario.network.stations[station].km for station in ends)
    falls = first > last if first is not None and last is not None and first != last else ends[0] > ends[1]
    return _turned(one) if falls else one


def _axis(scenario: Scenario, one: Route) -> LineAxis:
    posts = [km for station in one.stations if (km := scenario.network.stations[station].km) is not None]
    steps = [there - here for here, there in pairwise(posts)]
    if len(posts) == len(one.stations) and (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        return LineAxis(one.stations, tuple(abs(post - posts[0]) for post in posts), tuple(posts), one.sections)
    lengths = (scenario.network.sections[section].length_m / 1000 for section in one.sections)
    distances = tuple(accumulate(lengths, initial=0.0))
    return LineAxis(one.stations, distances, distances, one.sections)
