"""A long line in parts that are good to read: cut where many trains begin or end, at borders and junctions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log1p

from railcap.corridor.scenario import Scenario
from railcap.drawing.line_axis import LineAxis
from railcap.drawing.station_labels import is_special
from railcap.planning.timetable import Timetable

# What parts and cuts cost, so that a full part is cut in two only if it must be.
_PART, _FULL = 0.2, 0.4
_ANYWHERE, _SPECIAL, _ENDS = 1.0, 0.6, 0.5
_ENDS_AT_BORDER = 0.125


def line_parts(scenario: Scenario, timetable: Timetable, line: LineAxis, most_stations: int) -> list[LineAxis]:
    """Cut a line into parts of at most so many stations; neighbouring parts share a station.

    Cuts cost the less the more trains begin or end there, least at borders, and less at junctions and yards than
    elsewhere; few and even parts cost less than others.
    """
    cuts = _cut_costs(scenario, timetable, line)
    cheapest: list[tuple[float, int]] = [(0.0, 0)]  # by station: cost of all parts up to there, begin of the last one
    for end in range(1, len(line.stations)):
        begins = range(max(0, end - most_stations + 1), end)
        costs = [
            (cheapest[begin][0] + cuts[begin] + _PART + _FULL * ((end - begin + 1) / most_stations) ** 2, begin)
            for begin in begins
        ]
        cheapest.append(min(costs))
    places = [len(line.stations) - 1]
    while places[-1] > 0:
        places.append(cheapest[places[-1]][1])
    return [line.part(begin, end) for begin, end in pairwise(reversed(places))]


def _cut_costs(scenario: Scenario, timetable: Timetable, line: LineAxis) -> Sequence[float]:
    ends = Counter(call.station for path in timetable.paths for call in (path.calls[0], path.calls[-1]))
    most = max((ends[station] for station in line.stations[1:-1]), default=0)
    countries = [scenario.network.stations[station].country for station in line.stations]
    found = [0.0]
    for place, station in enumerate(line.stations[1:], 1):
        at_border = len(set(countries[place - 1 : place + 2])) > 1
        if ends[station]:
            few = 1 - min(1.0, log1p(ends[station]) / log1p(most)) if most else 0.0
            found.append(few * (_ENDS_AT_BORDER if at_border else _ENDS))
        else:
            found.append(_SPECIAL if at_border or is_special(scenario, station) else _ANYWHERE)
    return found
