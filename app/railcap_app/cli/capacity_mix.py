"""`railcap capacity SCENARIO`: what the line can carry, by every method, without a timetable."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from railcap_app.cli.part import Part

if TYPE_CHECKING:
    from railcap.corridor.scenario import Scenario
    from railcap.measures.formulas.thresholds import Thresholds
    from railcap.measures.mix.methods import Figure
    from railcap.measures.mix.report import MixCapacity, PartCapacity, SectionCapacity


@dataclass(frozen=True, slots=True)
class MixOptions:
    """What is asked for on the command line, beside the scenario."""

    method: str | None
    mix: str | None
    administration: str
    stations: str | None
    out: Path | None
    report: Path | None
    as_json: bool


def tell_mix(scenario: str, thresholds: Thresholds, options: MixOptions) -> None:
    """Print the capacity of a corridor by methods that need no timetable, and write what is asked for."""
    from railcap.drawing.capacity_by_method import asked_timetable
    from railcap.drawing.line_axis import line_axis
    from railcap.measures.mix.report import mix_capacity
    from railcap.measures.mix.report_text import mix_text
    from railcap_app.cli.output import check_page, check_writable, print_written
    from railcap_app.cli.scenarios import load

    methods, mix = _read(options)
    loaded = load(scenario)
    asked = asked_timetable(loaded)
    stations = None if options.stations is None else Part(loaded, asked, options.stations, None, None).stations
    if options.out is not None:
        check_writable(options.out, _names())
    if options.report is not None:
        check_page(options.report)
    capacity = mix_capacity(
        loaded,
        thresholds,
        mix=mix,
        methods=methods,
        administration=options.administration,
        sections=None if stations is None else line_axis(loaded, asked, stations).sections,
    )
    text = mix_text(loaded, capacity)
    written = [] if options.out is None else _write(loaded, capacity, text, options.out, stations)
    if options.report is not None:
        written.append(_write_report(loaded, capacity, options.report, stations))
    if options.as_json:
        files = {
            "out": None if options.out is None else str(options.out),
            "report": None if options.report is None else str(options.report),
        }
        print(json.dumps(mix_json(loaded, capacity) | files))
        return
    print(text, end="")
    print_written(written)


def mix_json(scenario: Scenario, capacity: MixCapacity) -> dict[str, Any]:
    """Return the capacity as a JSON object: times in minutes, loads as fractions, pairs and trains a day."""
    from railcap.measures.mix.report_text import THRESHOLD_HEAD, assumption_lines, threshold_cells

    return {
        "scenario": scenario.name,
        "methods": list(capacity.methods),
        "mix": None if capacity.mix is None else dict(capacity.mix),
        "administration": capacity.administration or None,
        "parts": [_part_json(scenario, part) for part in capacity.parts],
        "sections": [_section_json(scenario, capacity, one) for one in capacity.sections],
        "thresholds": [dict(zip(THRESHOLD_HEAD, row, strict=True)) for row in threshold_cells(capacity)],
        "assumptions": assumption_lines(capacity),
    }


def _part_json(scenario: Scenario, part: PartCapacity) -> dict[str, Any]:
    from railcap.measures.mix.report_text import why_text

    return {
        "name": part.name(scenario),
        "country": part.country or None,
        "gauge_mm": part.gauge_mm,
        "ends": list(part.ends),
        "length_km": part.length_m / 1000,
        "usual_method": part.home,
        "meets_per_day": part.meets,
        "methods": [
            {
                "method": row.method,
                "pairs_per_day": row.figure.pairs,
                "least_pairs_per_day": row.least_pairs,
                "most_pairs_per_day": row.most_pairs,
                "trains_per_day": row.figure.trains,
                "limiting_section": row.limiting.stretch.name(scenario),
                "why": why_text(row.limiting),
                "fullest_section": row.fullest.stretch.name(scenario),
                "asked_pairs_per_day": row.fullest.stretch.asked_pairs(),
                **_load_json(row.fullest.figures[row.method]),
            }
            for row in part.rows
        ],
    }


def _section_json(scenario: Scenario, capacity: MixCapacity, section: SectionCapacity) -> dict[str, Any]:
    from railcap.measures.mix.methods import interval_s
    from railcap.measures.mix.report_text import cis_traffic

    stretch, traffic = section.stretch, cis_traffic(section)
    return {
        "stations": list(stretch.stations),
        "name": stretch.name(scenario),
        "tracks": stretch.tracks,
        "length_km": stretch.length_m / 1000,
        "parallel_train": stretch.there.train_type,
        "running_there_min": stretch.there.running_s / 60,
        "running_back_min": stretch.back.running_s / 60,
        "open_min_per_day": stretch.open_s / 60,
        "asked_there_per_day": stretch.asked_there,
        "asked_back_per_day": stretch.asked_back,
        "periods": None if section.periods is None else asdict(section.periods),
        "interval_min": interval_s(stretch) / 60 if section.periods is None else None,
        "meets_per_day": None if section.meets is None else section.meets.meets_all,
        "cis": None
        if traffic is None
        else {"greatest_pairs": traffic[0], "available_pairs": traffic[1], **asdict(traffic[2])},
        "methods": {
            method: {
                "pairs_per_day": section.figures[method].pairs,
                "trains_per_day": section.figures[method].trains,
                **_load_json(section.figures[method]),
            }
            for method in capacity.methods
        },
    }


def _load_json(figure: Figure) -> dict[str, Any]:
    """Return the load of a figure; null where nothing is asked for, or where trains are and none can run."""
    load = figure.load_share
    return {
        "load": None if load is None or load == float("inf") else load,
        "permitted_load": figure.permitted_share,
        "enough": None if load is None else figure.enough,
    }


def _read(options: MixOptions) -> tuple[tuple[str, ...], dict[str, float] | None]:
    """Return the methods and the mix that are asked for.

    Raises
    ------
    InputError
        With every fault of `--method` and `--mix`.
    """
    from railcap.corridor.validate_fault import did_you_mean
    from railcap.errors import InputError, Issue
    from railcap.formats.table_cells import CellError, number
    from railcap.measures.mix.methods import METHODS

    issues = []
    wanted = [one.strip().lower() for one in options.method.split(",")] if options.method is not None else list(METHODS)
    for name in wanted:
        if name not in METHODS:
            message = f"there is no such method{did_you_mean(name, METHODS)}"
            issues.append(Issue("", "--method", name, message, "unknown-method"))
    mix: dict[str, float] | None = None if options.mix is None else {}
    for part in [] if options.mix is None else options.mix.split(","):
        name, _, text = (piece.strip() for piece in part.partition("="))
        try:
            share = number(text)
        except CellError:
            share = 0.0
        if not name or not 0 < share < float("inf"):
            message = "write a train type and its share, more than 0, such as PK_CONT=0.7,PK_PAX=0.3"
            issues.append(Issue("", "--mix", part, message, "not-a-share"))
        elif mix is not None and name in mix:
            issues.append(
                Issue("", "--mix", part, "this type stands there twice; leave one of them", "duplicate-value")
            )
        elif mix is not None:
            mix[name] = share
    if issues:
        raise InputError("the capacity cannot be told", issues)
    return tuple(dict.fromkeys(wanted)), mix


def _names() -> list[str]:
    from railcap.drawing.capacity_by_method import NAME
    from railcap.drawing.saving import SUFFIXES
    from railcap.formats.mix_tables import FILES

    return [*FILES, *(NAME + suffix for suffix in SUFFIXES)]


def _write(
    scenario: Scenario, capacity: MixCapacity, text: str, out: Path, stations: tuple[str, str] | None
) -> list[Path]:
    from railcap.drawing.capacity_by_method import NAME, draw_capacity_by_method
    from railcap.formats.atomic import OutputFolder
    from railcap.formats.mix_tables import write_mix_tables

    with OutputFolder(out, _names()) as output:
        write_mix_tables(scenario, capacity, output.building, text.splitlines())
        if scenario.requests:  # the axis of the line is the way of the trains that are asked for
            draw_capacity_by_method(scenario, capacity, output.building / NAME, stations=stations)
    return output.written


def _write_report(scenario: Scenario, capacity: MixCapacity, path: Path, stations: tuple[str, str] | None) -> Path:
    from railcap.drawing.report_pictures import mix_picture
    from railcap.formats.atomic import write_text
    from railcap.formats.capacity_report import mix_report

    picture = mix_picture(scenario, capacity, stations) if scenario.requests else None
    write_text(path, mix_report(scenario, capacity, picture))
    return path
