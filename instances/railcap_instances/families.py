"""The railways of the generator: a line, a corridor over a border, a network with branches and rings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from railcap.corridor.infrastructure import Section, Station, Track, TrackKind
from railcap.corridor.rules import Daylight
from railcap.units import HOUR_S
from railcap_instances.draws import Draws

HOME_ZONE = "Asia/Karachi"
ABROAD_ZONE = "Asia/Kabul"
HOME_GAUGE_MM = 1676
ABROAD_GAUGE_MM = 1520
DAYLIGHT_FROM_S = 6 * HOUR_S + HOUR_S // 2
DAYLIGHT_UNTIL_S = 18 * HOUR_S
PROVINCE = "Highlands"

# Line speed of freight and of passenger trains (km/h) and gradient: plain, hills, mountains.
_TERRAINS = ((75, 100, "1:300"), (60, 75, "1:100"), (40, 50, "1:50"))


@dataclass(frozen=True, slots=True)
class Part:
    """Stations that trains of one gauge can reach; trains begin and end mostly at the terminals."""

    gauge_mm: int
    stations: tuple[str, ...]
    terminals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A generated railway.

    Parameters
    ----------
    trunk : tuple of str
        Station ids along the main line, neighbours joined by a section.
    parts : tuple of Part
        One per gauge.
    uphill : tuple of (str, str)
        Sections that climb, with the station at their foot.
    standard_m : mapping of int to int
        Length by gauge for which loops are built; trains are at most as long.
    """

    stations: tuple[Station, ...]
    sections: tuple[Section, ...]
    trunk: tuple[str, ...]
    parts: tuple[Part, ...]
    uphill: tuple[tuple[str, str], ...]
    standard_m: dict[int, int]
    daylight: tuple[Daylight, ...] = ()


@dataclass(slots=True)
class _Plan:
    """A railway while it is being drawn; `kinds` overrides the kind of a station."""

    draws: Draws
    standard_m: dict[int, int]
    sections: list[Section] = field(default_factory=list)
    uphill: list[tuple[str, str]] = field(default_factory=list)
    metres: dict[str, int] = field(default_factory=dict)
    gauges: dict[str, tuple[int, ...]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    provinces: dict[str, str] = field(default_factory=dict)
    terrain: int = 0

    def join(self, start: str, end: str, gauge_mm: int, double: bool = False) -> None:
        """Draw the section from `start` to `end`."""
        draws = self.draws
        self.terrain = min(max(self.terrain + draws.pick((-1, 0, 0, 0, 1)), 0), len(_TERRAINS) - 1)
        freight, passenger, gradient = _TERRAINS[self.terrain]
        slower = draws.pick((0, 0, 5, 10))
        length_m = draws.between(4_000, 14_000, 100) if double else draws.between(8_000, 30_000, 100)
        automatic_block = double or draws.one_in(8)
        section = Section(
            id=f"{start}-{end}",
            start=start,
            end=end,
            length_m=length_m,
            tracks=2 if double else 1,
            gauges_mm=frozenset({gauge_mm}),
            speeds_kmh={"freight": float(freight - slower), "passenger": float(passenger - slower)},
            blocks=2 if automatic_block else 1,
            bidirectional=double and draws.one_in(3),
            note=f"gradient {gradient}",
        )
        self.sections.append(section)
        if self.terrain == len(_TERRAINS) - 1:
            self.uphill.append((section.id, draws.pick((start, end))))
        for station in (start, end):
            self.gauges[station] = tuple(sorted({*self.gauges.get(station, ()), gauge_mm}))
        self.metres.setdefault(start, 0)
        self.metres.setdefault(end, self.metres[start] + length_m)

    def layout(self, trunk: tuple[str, ...], parts: tuple[Part, ...], daylight: tuple[Daylight, ...] = ()) -> Layout:
        """Draw the stations, in the order of their ids, and put everything together."""
        degree: Counter[str] = Counter()
        for section in self.sections:
            degree[section.start] += 1
            degree[section.end] += 1
        for station, count in degree.items():
            self.kinds.setdefault(station, "junction" if count > 2 else "terminal" if count == 1 else "station")
        double = {end for section in self.sections if section.tracks == 2 for end in (section.start, section.end)}
        stations = tuple(self._station(station, 2 if station in double else 1) for station in sorted(self.gauges))
        return Layout(stations, tuple(self.sections), trunk, parts, tuple(self.uphill), dict(self.standard_m), daylight)

    def _station(self, station: str, mains: int) -> Station:
        draws, kind = self.draws, self.kinds[station]
        large = kind != "station"
        tracks: list[Track] = []
        for gauge_mm in self.gauges[station]:
            standard_m = self.standard_m[gauge_mm]
            # A few old loops are too short for the longest trains, which can only pass there.
            short = not large and draws.one_in(6)
            loop_m = draws.between(standard_m * 2 // 3, standard_m - 50, 10) if short else standard_m
            loops = draws.between(2, 4) if large else draws.pick((1, 1, 1, 2, 2, 3))
            lengths = [(TrackKind.MAIN, standard_m + 70)] * mains + [(TrackKind.LOOP, loop_m)] * loops
            for track_kind, length_m in lengths:
                tracks.append(Track(str(len(tracks) + 1), track_kind, length_m, frozenset({gauge_mm})))
        abroad = self.gauges[station] == (ABROAD_GAUGE_MM,)
        return Station(
            id=station,
            name=f"{kind.replace('_', ' ').capitalize()} {station[1:]}",
            tracks=tuple(tracks),
            time_zone=ABROAD_ZONE if abroad else HOME_ZONE,
            simultaneous_reception=large or draws.one_in(6),
            province=self.provinces.get(station, ""),
            km=self.metres[station] / 1000,
            kind=kind,
        )


def _ids(count: int) -> tuple[str, ...]:
    width = max(2, len(str(count)))
    return tuple(f"s{number:0{width}d}" for number in range(1, count + 1))


def _standard_m(draws: Draws, gauge_mm: int) -> int:
    return draws.pick((600, 690, 690, 750)) if gauge_mm == HOME_GAUGE_MM else draws.pick((850, 850, 1050))


def line(draws: Draws, count: int) -> Layout:
    """Return a line from end to end; now and then its first quarter is double track."""
    plan = _Plan(draws, {HOME_GAUGE_MM: _standard_m(draws, HOME_GAUGE_MM)})
    trunk = _ids(count)
    doubled = count // 4 if draws.one_in(3) else 0
    for index, (start, end) in enumerate(pairwise(trunk)):
        plan.join(start, end, HOME_GAUGE_MM, double=index < doubled)
    return plan.layout(trunk, (Part(HOME_GAUGE_MM, trunk, (trunk[0], trunk[-1])),))


def corridor(draws: Draws, count: int) -> Layout:
    """Return a line that crosses a border with a break of gauge and a change of clock, partly by daylight only."""
    plan = _Plan(draws, {gauge: _standard_m(draws, gauge) for gauge in (HOME_GAUGE_MM, ABROAD_GAUGE_MM)})
    trunk = _ids(count)
    border = max(1, count // 2)
    doubled = count // 6
    for index, (start, end) in enumerate(pairwise(trunk)):
        plan.join(start, end, HOME_GAUGE_MM if index < border else ABROAD_GAUGE_MM, double=index < doubled)
    plan.kinds[trunk[border]] = "border_yard"
    first = border - border // 3
    for station in trunk[first:border]:
        plan.provinces[station] = PROVINCE
    daylight = Daylight("", PROVINCE, DAYLIGHT_FROM_S, DAYLIGHT_UNTIL_S, HOME_ZONE)
    home, abroad = trunk[: border + 1], trunk[border:]
    parts = (
        Part(HOME_GAUGE_MM, home, (home[0], home[-1])),
        Part(ABROAD_GAUGE_MM, abroad, (abroad[0], abroad[-1])),
    )
    return plan.layout(trunk, parts, (daylight,) if first < border else ())


def network(draws: Draws, count: int) -> Layout:
    """Return a trunk with branches, some of which come back to it; with three stations a triangle."""
    plan = _Plan(draws, {HOME_GAUGE_MM: _standard_m(draws, HOME_GAUGE_MM)})
    ids = _ids(count)
    size = max(3, count * 3 // 5)
    trunk, rest = ids[:size], list(ids[size:])
    for start, end in pairwise(trunk):
        plan.join(start, end, HOME_GAUGE_MM)
    if not rest:
        plan.join(trunk[0], trunk[-1], HOME_GAUGE_MM)
    terminals = [trunk[0], trunk[-1]]
    while rest:
        branch = [rest.pop(0) for _ in range(draws.between(1, min(4, len(rest))))]
        root = draws.between(1, size - 2)
        for start, end in pairwise([trunk[root], *branch]):
            plan.join(start, end, HOME_GAUGE_MM)
        if draws.one_in(3):
            back = draws.between(0, size - 2)
            plan.join(branch[-1], trunk[back if back < root else back + 1], HOME_GAUGE_MM)
        else:
            terminals.append(branch[-1])
    return plan.layout(trunk, (Part(HOME_GAUGE_MM, ids, tuple(terminals)),))
