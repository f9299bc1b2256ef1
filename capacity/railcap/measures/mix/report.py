"""The capacity of a corridor from a traffic mix: every part of the line by every method, `mix_capacity`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, Issue
from railcap.measures.formulas.cis_period import CisPeriods
from railcap.measures.formulas.running import Meets
from railcap.measures.formulas.thresholds import Thresholds
from railcap.measures.mix.flows import section_flows
from railcap.measures.mix.methods import CIS, METHODS, SCOTT, UIC_405, Figure, figure, meets, periods
from railcap.measures.mix.stretches import Stretch, stretches
from railcap.measures.mix.thresholds_for import Level, ThresholdsFor
from railcap.measures.names import station_name

_HOME = {1520: CIS, 1676: SCOTT}


@dataclass(frozen=True, slots=True)
class SectionCapacity:
    """The capacity of a stretch by every method.

    Parameters
    ----------
    figures : mapping of str to Figure
        By the names of the methods.
    periods : CisPeriods or None
        The period of a pair of trains by the schemes of railways of 1520 mm gauge; None on double track.
    meets : Meets or None
        Meets after Petersen if what is asked for runs; None on double track.
    """

    stretch: Stretch
    figures: Mapping[str, Figure]
    periods: CisPeriods | None
    meets: Meets | None


@dataclass(frozen=True, slots=True)
class MethodRow:
    """What a method says of a part of the line.

    Parameters
    ----------
    limiting : SectionCapacity
        The section of the least capacity, which is that of the line.
    fullest : SectionCapacity
        The section of the highest load; the limiting one where nothing is asked for.
    least_pairs, most_pairs : int
        Pairs of trains a day of the limiting section with those thresholds that give least and most.
    """

    method: str
    limiting: SectionCapacity
    fullest: SectionCapacity
    least_pairs: int
    most_pairs: int

    @property
    def figure(self) -> Figure:
        """The capacity of the limiting section."""
        return self.limiting.figures[self.method]

    @property
    def enough(self) -> bool:
        """Whether every section can carry what is asked for."""
        return self.fullest.figures[self.method].enough


@dataclass(frozen=True, slots=True)
class PartCapacity:
    """A part of the line: connected, of one gauge, in one country.

    Parameters
    ----------
    country : str
        That of the stations at which its sections start; ``""`` if the scenario does not say.
    gauge_mm : int
        That of the parallel trains.
    ends : tuple of str
        Its first and last station, by kilometre.
    home : str
        The method that railways of this gauge are used to.
    meets : float
        Meets a day of all trains on single track, after Petersen.
    """

    country: str
    gauge_mm: int
    ends: tuple[str, str]
    sections: tuple[SectionCapacity, ...]
    rows: tuple[MethodRow, ...]
    home: str
    meets: float

    def name(self, scenario: Scenario) -> str:
        """Return what it is called."""
        head = " ".join(part for part in (self.country, f"{self.gauge_mm} mm") if part)
        return f"{' - '.join(station_name(scenario, end) for end in self.ends)} ({head})"

    @property
    def length_m(self) -> int:
        """Length of all its sections."""
        return sum(one.stretch.length_m for one in self.sections)

    @property
    def home_row(self) -> MethodRow:
        """What the usual method says; the first one if that was not asked for."""
        return next((row for row in self.rows if row.method == self.home), self.rows[0])


@dataclass(frozen=True, slots=True)
class MixCapacity:
    """The capacity of a corridor from a traffic mix, in the parts of `PartCapacity`, in the order of the network."""

    methods: tuple[str, ...]
    mix: Mapping[str, float] | None
    administration: str
    parts: tuple[PartCapacity, ...]

    @property
    def sections(self) -> tuple[SectionCapacity, ...]:
        """All sections, part by part."""
        return tuple(section for part in self.parts for section in part.sections)


def mix_capacity(
    scenario: Scenario,
    thresholds: Thresholds,
    *,
    mix: Mapping[str, float] | None = None,
    methods: Sequence[str] = tuple(METHODS),
    administration: str = "",
    sections: Collection[str] | None = None,
) -> MixCapacity:
    """Return the capacity of a corridor by methods that need no timetable.

    Parameters
    ----------
    mix : mapping of str to float, optional
        As of `railcap.measures.mix.flows.section_flows`; by default what the scenario asks for.
    methods : sequence of str
        Some of `railcap.measures.mix.methods.METHODS`.
    administration : str
        Whose thresholds count where the table has some; by default each method's own.
    sections : collection of str, optional
        Only stretches that have one of these sections.

    Raises
    ------
    InputError
        If no train can run, the mix has an unknown type, or the table lacks what a method needs.
    """
    table = ThresholdsFor(thresholds, administration)
    levels = {level: table.at(level) for level in (Level.LEAST, Level.MOST)}
    found = [
        SectionCapacity(
            one, {method: figure(method, one, table) for method in methods}, periods(one, table), meets(one, table)
        )
        for one in stretches(scenario, section_flows(scenario, mix))
        if sections is None or not set(sections).isdisjoint(one.sections)
    ]
    if not found:
        message = "no train of the mix runs there; give another part of the line or another mix"
        raise InputError("the capacity cannot be told", [Issue("", "", "", message, "no-trains")])
    parts = tuple(_part(scenario, sections, methods, levels) for sections in _parts(scenario, found))
    return MixCapacity(tuple(methods), mix, administration, parts)


def _part(
    scenario: Scenario,
    sections: Sequence[SectionCapacity],
    methods: Sequence[str],
    levels: Mapping[Level, ThresholdsFor],
) -> PartCapacity:
    country, gauge_mm = _key(scenario, sections[0].stretch)
    rows = []
    for method in methods:
        limiting = min(sections, key=lambda one: one.figures[method].pairs_exact)
        loaded = [one for one in sections if one.figures[method].load_share is not None]
        fullest = max(loaded, key=lambda one: one.figures[method].load_share or 0.0, default=limiting)
        if loaded and limiting.figures[method].load_share == fullest.figures[method].load_share:
            fullest = limiting
        least, most = (figure(method, limiting.stretch, levels[level]).pairs for level in (Level.LEAST, Level.MOST))
        rows.append(MethodRow(method, limiting, fullest, least, most))
    return PartCapacity(
        country,
        gauge_mm,
        _ends(scenario, sections),
        tuple(sections),
        tuple(rows),
        _HOME.get(gauge_mm, UIC_405),
        sum(one.meets.meets_all for one in sections if one.meets is not None),
    )


def _key(scenario: Scenario, stretch: Stretch) -> tuple[str, int]:
    section = scenario.network.sections[stretch.sections[0]]
    return scenario.network.stations[section.start].country, scenario.train_types[stretch.there.train_type].gauge_mm


def _parts(scenario: Scenario, found: Sequence[SectionCapacity]) -> list[list[SectionCapacity]]:
    """Return the sections in connected groups of one country and gauge."""
    by_end: dict[tuple[str, tuple[str, int]], list[int]] = defaultdict(list)
    keys = [_key(scenario, one.stretch) for one in found]
    for place, one in enumerate(found):
        for end in one.stretch.ends:
            by_end[end, keys[place]].append(place)
    groups: list[list[SectionCapacity]] = []
    seen: set[int] = set()
    for first in range(len(found)):
        if first in seen:
            continue
        seen.add(first)
        group, reached = [first], [first]
        while reached:
            place = reached.pop()
            for end in found[place].stretch.ends:
                new = [one for one in by_end[end, keys[place]] if one not in seen]
                seen.update(new)
                group += new
                reached += new
        groups.append([found[place] for place in sorted(group)])
    return groups


def _ends(scenario: Scenario, sections: Sequence[SectionCapacity]) -> tuple[str, str]:
    """Return the outermost stations by kilometre; without kilometres those of the first and the last section."""
    counts = Counter(end for one in sections for end in one.stretch.ends)
    outer = [end for end, count in counts.items() if count == 1]
    posts = {end: km for end in outer if (km := scenario.network.stations[end].km) is not None}
    if len(outer) > 1 and len(posts) == len(outer):
        return min(posts, key=posts.__getitem__), max(posts, key=posts.__getitem__)
    return sections[0].stretch.ends[0], sections[-1].stretch.ends[1]
