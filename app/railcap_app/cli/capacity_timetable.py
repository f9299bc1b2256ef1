"""`railcap capacity SCENARIO TIMETABLE`: what a timetable consumes of the line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcap_app.cli.part import Part

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.measures.occupation.consumption import Consumption
    from railcap.measures.occupation.report import SectionCapacity, TimetableCapacity
    from railcap.planning.timetable import Timetable

_MOST_VIOLATIONS = 10


@dataclass(frozen=True, slots=True)
class TimetableOptions:
    """What is asked for on the command line, beside scenario and timetable."""

    recommended_rate: float
    stations: str | None
    begin: str | None
    until: str | None
    out: Path | None
    report: Path | None
    as_json: bool


def tell_timetable(scenario: str, timetable: Path, options: TimetableOptions) -> None:
    """Print how much of the line's capacity a timetable consumes, and write what is asked for."""
    from railcap.drawing.line_axis import line_axis
    from railcap.formats.timetable_json import read_timetable
    from railcap.measures.names import train_labels
    from railcap.measures.occupation.report import timetable_capacity
    from railcap.measures.occupation.report_text import capacity_text
    from railcap_app.cli.output import check_page, check_writable, print_written
    from railcap_app.cli.scenarios import load, warn_of_another_scenario

    loaded, read = load(scenario), read_timetable(timetable)
    warn_of_another_scenario(loaded, read)
    _must_be_sound(loaded, read)
    part = Part(loaded, read, options.stations, options.begin, options.until)
    out = options.out
    if out is not None:
        check_writable(out, _names())
    if options.report is not None:
        check_page(options.report)
    capacity = timetable_capacity(
        loaded,
        read,
        recommended_rate=options.recommended_rate,
        window=_window(loaded, read, part.from_s, part.until_s),
        sections=None if part.stations is None else line_axis(loaded, read, part.stations).sections,
    )
    text = capacity_text(loaded, capacity, train_labels(read))
    written = [] if out is None else _write(loaded, read, capacity, text, out, part.stations)
    if options.report is not None:
        written.append(_write_report(loaded, read, capacity, options.report, part.stations))
    if options.as_json:
        files = {"out": None if out is None else str(out)}
        files |= {} if options.report is None else {"report": str(options.report)}
        print(json.dumps(capacity_json(loaded, capacity) | files))
        return
    print(text, end="")
    print_written(written)


def capacity_json(scenario: Scenario, capacity: TimetableCapacity) -> dict[str, Any]:
    """Return the capacity as a JSON object: times in seconds, shares as fractions, moments in UTC seconds."""
    limiting = capacity.limiting
    return {
        "scenario": scenario.name,
        "trains": capacity.trains,
        "limiting": None if limiting is None else _section_json(scenario, limiting),
        "line_sections": [_consumption_json(scenario, one) for one in capacity.line.sections],
        "whole_line": [_consumption_json(scenario, one) for one in capacity.line.whole],
        "nodes": [
            {
                "kind": str(use.kind),
                "station": use.station,
                "name": use.name,
                "window": _window_json(use.window.name, use.window.from_s, use.window.until_s),
                "trains": use.trains,
                "occupied_s": use.occupied_s,
                "open_s": use.open_s,
                "occupancy_rate": use.share,
            }
            for use in capacity.nodes
        ],
        "waits": [
            {"cause": use.what, "seconds": use.seconds, "trains": use.trains, "most_at": use.place}
            for use in capacity.waits
        ],
    }


def _section_json(scenario: Scenario, section: SectionCapacity) -> dict[str, Any]:
    matrix = section.headways
    return _consumption_json(scenario, section.consumption) | {
        "followings": [
            {
                "first": one.first,
                "second": one.second,
                "entry_s": one.entry_s,
                "headway_s": one.headway_s,
                "minimum_headway_s": one.minimum_s,
                "buffer_s": one.buffer_s,
            }
            for one in section.followings
        ],
        "headways": {
            "classes": [asdict(one) for one in matrix.classes],
            "minimum_s": [list(row) for row in matrix.minimum_s],
            "mean_s": matrix.mean_s,
        },
        "regularity": [asdict(one) for one in section.regularity],
        "meets": section.encounters.meets,
        "passes": section.encounters.passes,
    }


def _consumption_json(scenario: Scenario, one: Consumption) -> dict[str, Any]:
    from railcap.measures.occupation.report_text import place_text

    place, line = one.critical_place, one.line_section
    return {
        "stations": [] if line is None else list(line.stations),
        "name": "whole line" if line is None else line.name(scenario),
        "tracks": None if line is None else line.tracks,
        "window": _window_json(one.window.name, one.window.from_s, one.window.until_s),
        "trains": one.trains,
        "occupied_s": one.occupied_s,
        "open_s": one.open_s,
        "occupancy_rate": one.occupancy_rate if one.open_s else None,
        "recommended_rate": one.recommended_rate,
        "consumption": one.consumption if one.open_s else None,
        "too_much": one.too_much,
        "critical_block": None if place is None else place_text(scenario, place),
        "chain": [{"first": link.first, "second": link.second, "again": link.again} for link in one.compression.chain],
    }


def _window_json(name: str, from_s: int, until_s: int) -> dict[str, Any]:
    return {"name": name or None, "from_s": from_s, "until_s": until_s}


def _must_be_sound(scenario: Scenario, timetable: Timetable) -> None:
    """Raise `InputError` if the timetable breaks the scenario's rules: what is in conflict cannot be compressed."""
    from railcap.errors import InputError, Issue
    from railcap.planning.check import check_timetable

    violations = check_timetable(scenario, timetable)
    if not violations:
        return
    issues = [
        Issue("", violation.place, " ".join(violation.trains), violation.message, str(violation.kind))
        for violation in violations[:_MOST_VIOLATIONS]
    ]
    text = f"the timetable breaks the rules of {scenario.name} {len(violations)} times; `railcap check` tells all"
    raise InputError(f"{text}. Plan it anew, or give the scenario that it was made for", issues)


def _window(
    scenario: Scenario, timetable: Timetable, from_s: int | None, until_s: int | None
) -> tuple[int, int] | None:
    """Return the window that is asked for: an end that is not given is that of the traffic; None: each day."""
    from railcap.drawing.time_axis import timetable_span

    if from_s is None and until_s is None:
        return None
    first, last = timetable_span(scenario, timetable)
    return first if from_s is None else from_s, last if until_s is None else until_s


def _names() -> list[str]:
    from railcap.drawing.capacity_pictures import drawing_names
    from railcap.formats.capacity_tables import FILES

    return [*FILES, *drawing_names()]


def _write(
    scenario: Scenario,
    timetable: Timetable,
    capacity: TimetableCapacity,
    text: str,
    out: Path,
    stations: tuple[str, str] | None,
) -> list[Path]:
    from railcap.drawing.capacity_pictures import draw_capacity
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.capacity_tables import write_capacity_tables
    from railcap.measures.occupation.occupations import Occupations

    with OutputFolder(out, _names()) as output:
        blockings = Occupations(scenario, timetable).blockings()
        write_capacity_tables(scenario, capacity, blockings, output.building, text.splitlines())
        if capacity.limiting is not None:
            draw_capacity(scenario, timetable, capacity, output.building, stations)
    return output.written


def _write_report(
    scenario: Scenario,
    timetable: Timetable,
    capacity: TimetableCapacity,
    path: Path,
    stations: tuple[str, str] | None,
) -> Path:
    from railcap.drawing.report_pictures import timetable_pictures
    from railcap.formats.atomic import write_text
    from railcap.formats.capacity_report import timetable_report
    from railcap.measures.names import train_labels

    pictures = list(timetable_pictures(scenario, timetable, capacity, stations))
    write_text(path, timetable_report(scenario, capacity, train_labels(timetable), pictures))
    return path
