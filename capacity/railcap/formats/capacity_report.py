"""Reports of a capacity as one HTML page: the verdict first, then why, then tables, and what is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from railcap.corridor.scenario import Scenario
from railcap.formats.html_report import Block, Cells, Chapter, Paragraph, Picture, Points, html_page
from railcap.measures.mix.report import MixCapacity
from railcap.measures.mix.report_text import (
    METHOD_HEAD,
    SECTION_HEAD,
    THRESHOLD_HEAD,
    TITLES,
    assumption_lines,
    method_cells,
    part_lines,
    section_cells,
    threshold_cells,
    verdict_lines,
    why_text,
)
from railcap.measures.names import short_id, station_name
from railcap.measures.occupation.consumption import Consumption
from railcap.measures.occupation.nodes import busiest_nodes
from railcap.measures.occupation.report import SectionCapacity, TimetableCapacity
from railcap.measures.occupation.report_text import capacity_text, class_text, place_text, verdict_text
from railcap.measures.occupation.uses import Place
from railcap.measures.text_columns import hm
from railcap.units import DAY_S, MINUTE_S, duration, stamp

_MOST_NODES = 20
_ALONG = "Pairs of trains a day along the line by each method, and those that are asked for; what limits is in red"


def mix_report(scenario: Scenario, capacity: MixCapacity, picture: str | None) -> str:
    """Return the page of a capacity from a traffic mix.

    Parameters
    ----------
    picture : str or None
        The capacity along the line as the text of an SVG file; None: the scenario asks for no train, so has no line.
    """
    verdicts = verdict_lines(scenario, capacity)
    lead, told = verdicts[: len(verdicts) - len(capacity.parts)], verdicts[-len(capacity.parts) :]
    first: list[Block] = [Paragraph(text) for text in lead]
    first += [
        Paragraph(text, verdict=True, bad=not part.home_row.enough)
        for text, part in zip(told, capacity.parts, strict=True)
    ]
    methods: list[Block] = []
    for part in capacity.parts:
        rows = method_cells(scenario, part)
        head = [cell if cell != "asked" else "asked pairs/day" for cell in METHOD_HEAD]
        methods += [Cells(head, rows, part.name(scenario)), Points(part_lines(part))]
    methods.append(Paragraph("* the method that railways of this gauge are used to."))
    why: list[Block] = [] if picture is None else [Picture(picture, _alternative(_ALONG))]
    limiting = {id(row.limiting): row.limiting for part in capacity.parts for row in part.rows}
    why.append(Points([f"{one.stretch.name(scenario)}: {why_text(one)}." for one in limiting.values()]))
    head = [*SECTION_HEAD[:4], "there h:mm", "back h:mm", *SECTION_HEAD[6:8], "open h:mm", "asked pairs/day"]
    sections = Cells(
        [*head, *(f"{TITLES[method]}, pairs/day" for method in capacity.methods)],
        [section_cells(scenario, capacity, one) for one in capacity.sections],
        "From one place where trains can meet to the next; limiting sections are marked",
        frozenset(place for place, one in enumerate(capacity.sections) if id(one) in limiting),
    )
    return html_page(
        f"What the line can carry: {scenario.title or scenario.name}",
        f"Capacity from a traffic mix, without a timetable; {_days(scenario)}",
        [
            Chapter("In short", first),
            Chapter("Why: what limits", why),
            Chapter("Every method side by side", methods),
            Chapter("Sections", [sections]),
            Chapter("Assumptions", [Points(assumption_lines(capacity))]),
            Chapter("Thresholds", [Cells(THRESHOLD_HEAD, threshold_cells(capacity))]),
        ],
    )


def timetable_report(
    scenario: Scenario, capacity: TimetableCapacity, names: Mapping[str, str], pictures: Sequence[tuple[str, str]]
) -> str:
    """Return the page of what a timetable consumes.

    Parameters
    ----------
    names : mapping of str to str
        How trains are called, by id.
    pictures : sequence of (str, str)
        A caption and the text of an SVG file each.
    """
    verdict, *_ = capacity_text(scenario, capacity, names).split("\n\n")
    limiting = capacity.limiting
    bad = limiting is not None and limiting.consumption.too_much
    first: list[Block] = [Paragraph(" ".join(verdict.splitlines()), verdict=True, bad=bad)]
    why: list[Block] = [Picture(svg, _alternative(caption), caption) for caption, svg in pictures]
    chapters = [Chapter("In short", first), Chapter("Why: what binds", why)]
    if limiting is not None:
        chapters += [
            Chapter("Line sections", [_line_sections(scenario, capacity, limiting)]),
            Chapter("Buffers where it binds", [_followings(scenario, limiting, names)]),
            Chapter("Minimum headways where it binds", [_headways(scenario, limiting)]),
            Chapter("Stations and yards", _nodes(scenario, capacity)),
            Chapter("What trains wait for", _waits(scenario, capacity)),
            Chapter("Assumptions", [Points(_assumed(limiting.consumption))]),
        ]
    return html_page(
        f"What the timetable consumes: {scenario.title or scenario.name}",
        f"Capacity consumption by UIC 406 of {capacity.trains} trains; {_days(scenario)}",
        chapters,
    )


def _alternative(shown: str) -> str:
    return f"Drawing: {shown[:1].lower()}{shown[1:]}. Its figures stand in the tables below."


def _days(scenario: Scenario) -> str:
    last_s = scenario.begin_s + (scenario.days - 1) * DAY_S + DAY_S // 2
    first, last = scenario.start.isoformat(), stamp(last_s, scenario.time_zone)[:10]
    days = first if first == last else f"{first} to {last}"
    return f"{days}, times local, {scenario.time_zone} where no station is named"


def _line_sections(scenario: Scenario, capacity: TimetableCapacity, limiting: SectionCapacity) -> Cells:
    head = ("line section", "km", "tracks", "window", "trains", "occupied h:mm", "open h:mm", "rate", "consumption",
            "verdict", "critical block")  # fmt: skip
    rows, marked = [], set()
    for place, section in enumerate(capacity.sections):
        one = section.consumption
        line = one.line_section
        assert line is not None
        if section is limiting:
            marked.add(place)
        critical = one.critical_place
        rows.append(
            (
                line.name(scenario),
                f"{line.length_m / 1000:.1f}",
                str(line.tracks),
                _window(scenario, one),
                str(one.trains),
                hm(one.occupied_s),
                hm(one.open_s),
                _percent(one.occupancy_rate),
                _percent(one.consumption),
                verdict_text(one),
                "" if critical is None else place_text(scenario, critical),
            )
        )
    return Cells(
        head, rows, "Each in the window in which it consumes most; the one that binds is marked", frozenset(marked)
    )


def _followings(scenario: Scenario, limiting: SectionCapacity, names: Mapping[str, str]) -> Cells:
    line = limiting.consumption.line_section
    assert line is not None
    zone = scenario.network.stations[line.stations[0]].time_zone
    rows = [
        (
            names.get(one.first, short_id(one.first)),
            names.get(one.second, short_id(one.second)),
            stamp(one.entry_s, zone),
            duration(one.headway_s),
            duration(one.minimum_s),
            duration(one.buffer_s),
            "" if one.place is None else place_text(scenario, one.place),
        )
        for one in limiting.followings
    ]
    head = ("train", "next train", "enters", "headway h:mm", "least h:mm", "buffer h:mm", "critical block")
    return Cells(head, rows, f"{line.name(scenario)}; times of {zone}")


def _headways(scenario: Scenario, limiting: SectionCapacity) -> Cells:
    matrix = limiting.headways
    classes = [class_text(scenario, one) for one in matrix.classes]
    rows = [
        (name, str(one.trains), *(f"{seconds / MINUTE_S:.1f}" for seconds in minimum))
        for name, one, minimum in zip(classes, matrix.classes, matrix.minimum_s, strict=True)
    ]
    caption = f"Minutes, the train of the row first; mean over all pairs {matrix.mean_s / MINUTE_S:.1f} min"
    return Cells(("first", "trains", *classes), rows, caption)


def _nodes(scenario: Scenario, capacity: TimetableCapacity) -> list[Block]:
    rows = [
        (
            place_text(scenario, Place(use.kind, use.station, use.name)),
            str(use.trains),
            hm(use.occupied_s),
            hm(use.open_s),
            _percent(use.share),
            use.window.name,
        )
        for use in busiest_nodes(capacity.nodes)[:_MOST_NODES]
    ]
    head = ("track or yard resource", "trains", "occupied h:mm", "open h:mm", "rate", "day")
    return [Cells(head, rows, "The fullest; times that overlap count once")] if rows else []


def _waits(scenario: Scenario, capacity: TimetableCapacity) -> list[Block]:
    rows = [
        (use.what, hm(use.seconds), str(use.trains), hm(use.longest_s), station_name(scenario, use.place))
        for use in capacity.waits
    ]
    head = ("cause", "h:mm", "trains", "longest h:mm", "most of it at")
    return [Cells(head, rows)] if rows else []


def _assumed(one: Consumption) -> list[str]:
    return [
        "UIC Code 406, 2nd edition, 2013: trains are pushed together as a whole; their order, running times, dwells "
        "and meets stay; the cycle is closed.",
        f"Recommended occupancy time rate {_percent(one.recommended_rate)}, so an additional time rate of "
        f"{_percent(one.additional_rate)}; consumption = occupied time x (1 + additional time rate) / open time.",
        "Open time is the window less the time in which the line section is closed, by night or by possessions.",
        "Links and bankers do not count; station tracks at the ends of a line section belong to the node.",
    ]


def _window(scenario: Scenario, one: Consumption) -> str:
    zone = scenario.time_zone
    return one.window.name or f"{stamp(one.window.from_s, zone)} to {stamp(one.window.until_s, zone)}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
