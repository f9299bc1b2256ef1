"""How trains and places are called where people read them."""

from __future__ import annotations

from railcap.corridor.scenario import Scenario
from railcap.planning.timetable import Refusal, TrainPath


def train_label(train: TrainPath | Refusal) -> str:
    """Return the train's number; without one its id, with the day of the month in place of the whole date.

    ``CONT_UP/2026-03-02/1`` becomes ``CONT_UP 02/1``.
    """
    return train.number or short_id(train.train)


def short_id(train_id: str) -> str:
    """Return a train's id with the day of the month in place of the whole date."""
    head, _, rest = train_id.rpartition("/")
    request, _, day = head.rpartition("/")
    if not (request and len(day) == 10 and day[4] == day[7] == "-"):
        return train_id
    return f"{request} {day[8:]}/{rest}"


def station_name(scenario: Scenario, station: str) -> str:
    """Return a station's name; its id if it has none or is unknown."""
    known = scenario.network.stations.get(station)
    return (known.name or known.id) if known else station


def section_name(scenario: Scenario, section: str) -> str:
    """Return a section as its two stations; its id if it is unknown."""
    known = scenario.network.sections.get(section)
    if known is None:
        return section
    return f"{station_name(scenario, known.start)} - {station_name(scenario, known.end)}"
