"""How trains and places are called where people read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from railcap.corridor.bankers import LIGHT
from railcap.corridor.scenario import Scenario
from railcap.planning.timetable import Refusal, Timetable, TrainPath


def train_label(train: TrainPath | Refusal) -> str:
    """Return the train's number; without one its id, with the day of the month in place of the whole date.

    ``CONT_UP/2026-03-02/1`` becomes ``CONT_UP 02/1``.
    """
    return train.number or short_id(train.train)


def train_labels(timetable: Timetable) -> Mapping[str, str]:
    """Return how each train is called on a drawing, by id; trains that share a number get what tells them apart.

    That is the way back of a request for both directions, the day of the month and the number of the day, as few of
    them as do: ``11`` and ``11 back``, ``11 02`` and ``11 03``, ``11 02/1`` and ``11 02/2``.
    """
    groups: dict[str, list[TrainPath]] = defaultdict(list)
    for path in timetable.paths:
        groups[train_label(path)].append(path)
    found = {}
    for label, group in groups.items():
        named = next(
            (
                names
                for form in _FORMS
                if len(set(names := [_told_apart(label, path, form) for path in group])) == len(group)
            ),
            [short_id(path.train) for path in group],
        )
        found.update({path.train: name for path, name in zip(group, named, strict=True)})
    return found


_FORMS = ((), ("back",), ("day",), ("back", "day"), ("day", "count"), ("back", "day", "count"))


def _told_apart(label: str, path: TrainPath, form: tuple[str, ...]) -> str:
    head, _, count = path.train.rpartition("/")
    request, _, day = head.rpartition("/")
    parts = [label]
    if "back" in form and request.endswith("/back"):
        parts.append("back")
    if "day" in form and day:
        parts.append(day[8:] + (f"/{count}" if "count" in form else ""))
    return " ".join(parts)


def trains_text(timetable: Timetable) -> str:
    """Return how many trains were accepted and refused, in words; fixed paths and light engines are counted apart."""
    fixed, light = sum(path.fixed for path in timetable.paths), light_engines(timetable.paths)
    return counts_text(len(timetable.paths) - fixed - light, len(timetable.refused), fixed, light)


def counts_text(accepted: int, refused: int, fixed: int, light: int) -> str:
    """Return numbers of requested trains, fixed paths and light engines in words."""
    others = [f"{fixed} fixed"] if fixed else []
    others += [f"{light} light engine{'s'[: light != 1]}"] if light else []
    more = f", and {' and '.join(others)}" if others else ""
    return f"Accepted {accepted} of {accepted + refused} trains asked for{more}; refused {refused}"


def light_engines(paths: Iterable[TrainPath]) -> int:
    """Return how many of some trains are light engines, which nobody has asked for."""
    return sum(bool(path.light_for) for path in paths)


def short_id(train_id: str) -> str:
    """Return a train's id with the day of the month in place of the whole date; a light engine is that of its train."""
    if LIGHT in train_id:
        train, banker = train_id.split(LIGHT, 1)
        return f"{short_id(train)} light {banker}"
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
