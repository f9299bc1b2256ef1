"""The capacity of a corridor from a traffic mix as tables for people: CSV files and one Excel workbook.

They are written as the working timetable is (`railcap.formats.timetable_tables`); docs/capacity.md has every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from railcap.corridor.scenario import Scenario
from railcap.formats.tables_book import write_tables
from railcap.formats.timetable_rows import Table, Value
from railcap.measures.mix.methods import interval_s
from railcap.measures.mix.report import MixCapacity, SectionCapacity
from railcap.measures.mix.report_text import TITLES, cis_traffic, threshold_cells
from railcap.measures.names import station_name
from railcap.units import MINUTE_S

METHODS = "capacity_methods.csv"
SECTIONS = "capacity_sections.csv"
THRESHOLDS = "capacity_thresholds.csv"
WORKBOOK = "capacity_by_method.xlsx"

FILES = (METHODS, SECTIONS, THRESHOLDS, WORKBOOK)
"""The names of the files that `write_mix_tables` writes."""


def write_mix_tables(
    scenario: Scenario, capacity: MixCapacity, folder: str | Path, summary: Sequence[str] = ()
) -> list[Path]:
    """Write the tables into a folder that exists; each file whole or not at all.

    Parameters
    ----------
    summary : sequence of str
        Lines for the workbook's first sheet.

    Returns
    -------
    list of Path
        `FILES` in `folder`.

    Raises
    ------
    OutputError
        If a file cannot be written; names it.
    """
    tables = {
        METHODS: _methods(scenario, capacity),
        SECTIONS: _sections(scenario, capacity),
        THRESHOLDS: _thresholds(capacity),
    }
    return write_tables(scenario, tables, WORKBOOK, folder, summary)


def _methods(scenario: Scenario, capacity: MixCapacity) -> Table:
    columns = (
        "part",
        "country",
        "gauge_mm",
        "method",
        "usual_there",
        "pairs_per_day",
        "least_pairs_per_day",
        "most_pairs_per_day",
        "trains_per_day",
        "limiting_section",
        "fullest_section",
        "asked_pairs_per_day",
        "load",
        "permitted_load",
        "enough",
    )
    rows: list[tuple[Value, ...]] = []
    for part in capacity.parts:
        for row in part.rows:
            fullest = row.fullest.figures[row.method]
            rows.append(
                (
                    " - ".join(station_name(scenario, end) for end in part.ends),
                    part.country or None,
                    part.gauge_mm,
                    TITLES[row.method],
                    row.method == part.home,
                    row.figure.pairs,
                    row.least_pairs,
                    row.most_pairs,
                    row.figure.trains,
                    row.limiting.stretch.name(scenario),
                    row.fullest.stretch.name(scenario),
                    _rounded(row.fullest.stretch.asked_pairs()),
                    _share(fullest.load_share),
                    _share(fullest.permitted_share),
                    None if fullest.load_share is None else fullest.enough,
                )
            )
    return Table(columns, rows)


def _sections(scenario: Scenario, capacity: MixCapacity) -> Table:
    columns = (
        "from_id",
        "to_id",
        "section",
        "km_from",
        "km_to",
        "length_km",
        "tracks",
        "blocks",
        "parallel_train",
        "running_there_min",
        "running_back_min",
        "start_min",
        "stop_min",
        "arrival_interval_min",
        "crossing_interval_min",
        "following_interval_min",
        "period_a_min",
        "period_b_min",
        "period_c_min",
        "period_d_min",
        "scheme",
        "interval_min",
        "open_min_per_day",
        "asked_there_per_day",
        "asked_back_per_day",
        "meets_per_day",
        "cis_greatest_pairs",
        "cis_freight_pairs",
        "cis_required_pairs",
        "cis_reserve_pairs",
        *(f"{_column(method)}_{what}" for method in capacity.methods for what in ("pairs", "load")),
        "limits",
    )
    limiting = {id(row.limiting): [] for part in capacity.parts for row in part.rows}  # type: dict[int, list[str]]
    for part in capacity.parts:
        for row in part.rows:
            limiting[id(row.limiting)].append(TITLES[row.method])
    rows = [
        (*_section(scenario, capacity, one), "; ".join(limiting.get(id(one), [])) or None) for one in capacity.sections
    ]
    return Table(columns, rows)


def _section(scenario: Scenario, capacity: MixCapacity, section: SectionCapacity) -> tuple[Value, ...]:
    stretch, periods, traffic = section.stretch, section.periods, cis_traffic(section)
    schemes: tuple[Value, ...] = (None, None, None, None, None)
    if periods is not None:
        found = (periods.a_min[0], periods.b_min[0], periods.c_min[0], periods.d_min[0])
        schemes = (*map(_rounded, found), periods.scheme)
    cis: tuple[Value, ...] = (None, None, None, None)
    if traffic is not None:
        greatest, _, enough_for = traffic
        cis = (greatest, enough_for.freight_pairs, enough_for.required_pairs, enough_for.reserve_pairs)
    figures = [section.figures[method] for method in capacity.methods]
    return (
        *stretch.ends,
        stretch.name(scenario),
        *(scenario.network.stations[end].km for end in stretch.ends),
        stretch.length_m / 1000,
        stretch.tracks,
        stretch.blocks,
        stretch.there.train_type,
        *(_minutes(one) for one in (stretch.there.running_s, stretch.back.running_s)),
        *(_minutes(one) for one in (stretch.there.start_s, stretch.there.stop_s)),
        *(_minutes(one) for one in (stretch.arrival_s, stretch.crossing_s, stretch.following_s)),
        *schemes,
        _minutes(interval_s(stretch)) if periods is None else None,
        _minutes(stretch.open_s),
        _rounded(stretch.asked_there),
        _rounded(stretch.asked_back),
        None if section.meets is None else _rounded(section.meets.meets_all),
        *cis,
        *(value for figure in figures for value in (figure.pairs, _share(figure.load_share))),
    )


def _thresholds(capacity: MixCapacity) -> Table:
    columns = ("method", "threshold", "administration", "value", "seen", "source")
    return Table(columns, [tuple(cell or None for cell in row) for row in threshold_cells(capacity)])


def _column(method: str) -> str:
    return method.replace("-", "_")


def _minutes(seconds: float) -> float:
    return _rounded(seconds / MINUTE_S)


def _share(share: float | None) -> Value:
    if share is None or share == float("inf"):
        return None
    return round(share, 4)


def _rounded(value: float) -> float:
    return round(value, 2)
