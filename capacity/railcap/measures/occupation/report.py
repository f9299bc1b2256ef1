"""All that a timetable says of a line's capacity, together: `timetable_capacity`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, Issue
from railcap.measures.meets import Meeting, meetings
from railcap.measures.occupation.consumption import Consumption, LineConsumption, line_consumption
from railcap.measures.occupation.headways import Following, HeadwayMatrix, followings, headway_matrix
from railcap.measures.occupation.nodes import NodeUse, node_uses
from railcap.measures.occupation.occupations import Occupations
from railcap.measures.occupation.regularity import Encounters, Regularity, encounters, regularities
from railcap.measures.standing import Doing, TimeUse, standing, time_uses
from railcap.planning.timetable import Timetable
from railcap.units import stamp


@dataclass(frozen=True, slots=True)
class SectionCapacity:
    """A line section in the window in which it consumes most.

    Parameters
    ----------
    followings : tuple of Following
        Its trains, each with the one after it: headways, minimum headways and buffers.
    headways : HeadwayMatrix
        Minimum headways by type and direction.
    """

    consumption: Consumption
    followings: tuple[Following, ...]
    headways: HeadwayMatrix
    regularity: tuple[Regularity, ...]
    encounters: Encounters


@dataclass(frozen=True, slots=True)
class TimetableCapacity:
    """What a timetable says of a line's capacity.

    Parameters
    ----------
    trains : int
        Train paths of the timetable, also those outside of the windows.
    line : LineConsumption
        Every line section in every window, and the whole line at once.
    sections : tuple of SectionCapacity
        Every line section in its busiest window, in the order of the network.
    nodes : tuple of NodeUse
        Station tracks and yard resources in every window.
    waits : tuple of TimeUse
        Waits of the requested trains by cause, the longest first, whatever the window.
    """

    trains: int
    line: LineConsumption
    sections: tuple[SectionCapacity, ...]
    nodes: tuple[NodeUse, ...]
    waits: tuple[TimeUse, ...]

    @property
    def limiting(self) -> SectionCapacity | None:
        """The line section with the highest consumption; None: no trains."""
        return max(self.sections, key=lambda one: one.consumption.consumption, default=None)


def timetable_capacity(
    scenario: Scenario,
    timetable: Timetable,
    *,
    recommended_rate: float,
    window: tuple[int, int] | None = None,
    sections: Collection[str] | None = None,
) -> TimetableCapacity:
    """Return all that a timetable says of a line's capacity; arguments and errors as `line_consumption`.

    Nodes are those of all stations, or of those at the given sections.

    Raises
    ------
    InputError
        Also if the window reaches beyond the horizon of the scenario and its traffic: closures are not known there.
    """
    if window is not None:
        _check_horizon(scenario, timetable, window)
    held = Occupations(scenario, timetable)
    line = line_consumption(
        scenario,
        timetable,
        recommended_rate=recommended_rate,
        window=window,
        sections=sections,
        occupations=held,
    )
    met = meetings(timetable)
    stations = None
    if sections is not None:
        known = scenario.network.sections
        stations = {station for one in sections for station in (known[one].start, known[one].end)}
    times = standing(scenario, timetable)
    return TimetableCapacity(
        len(timetable.paths),
        line,
        tuple(_section(held, one, met) for one in line.busiest),
        tuple(use for use in node_uses(scenario, timetable, window) if stations is None or use.station in stations),
        tuple(use for use in time_uses(times) if use.doing is Doing.WAIT),
    )


def _check_horizon(scenario: Scenario, timetable: Timetable, window: tuple[int, int]) -> None:
    first = min([scenario.begin_s, *(path.calls[0].arrival_s for path in timetable.paths)])
    last = max([scenario.end_s, *(path.calls[-1].departure_s for path in timetable.paths)])
    if window[0] >= first and window[1] <= last:
        return
    zone = scenario.time_zone
    given, known = (f"{stamp(one, zone)} to {stamp(other, zone)}" for one, other in (window, (first, last)))
    message = f"give a time within {known} ({zone}), the scenario's horizon: what is closed elsewhere is not known"
    issue = Issue("", "window", given, message, "bad-time-range")
    raise InputError("the window cannot be used", [issue])


def _section(held: Occupations, consumption: Consumption, met: Collection[Meeting]) -> SectionCapacity:
    line_section, window = consumption.line_section, consumption.window
    assert line_section is not None
    stretch = held.stretch(line_section.sections)
    inside = stretch.within(window.from_s, window.until_s)
    return SectionCapacity(
        consumption,
        followings(inside),
        headway_matrix(inside),
        regularities(stretch, window),
        encounters(line_section, met, window),
    )
