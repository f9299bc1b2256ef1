"""What a planner reads first of a corridor's capacity from a mix: each method's number, where it binds, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from textwrap import wrap

from railcap.corridor.scenario import Scenario
from railcap.measures.formulas.catalogue import Used
from railcap.measures.formulas.cis import CisDoubleTrack, CisSingleTrack, CisTraffic
from railcap.measures.formulas.quantities import whole_down
from railcap.measures.mix.methods import CHARTED, CIS, PRACTICAL, SCOTT, THEORETICAL, UIC_405, Figure, interval_s
from railcap.measures.mix.report import MethodRow, MixCapacity, PartCapacity, SectionCapacity
from railcap.measures.text_columns import WIDTH, columns, counted, hm, more, short
from railcap.units import MINUTE_S

TITLES: Mapping[str, str] = {
    CIS: "CIS 1520, available",
    SCOTT: "Scott",
    CHARTED: "Chart, at most",
    UIC_405: "UIC 405",
    THEORETICAL: "Theoretical",
    PRACTICAL: "Practical",
}
"""How the methods are called where people read them."""

METHOD_HEAD = (
    "method", "pairs/day", "range", "trains/day", "limiting section", "asked", "load", "permitted", "verdict", "fullest"
)  # fmt: skip
SECTION_HEAD = ("section", "km", "tracks", "parallel train", "there", "back", "pair takes", "scheme", "open", "asked")
THRESHOLD_HEAD = ("method", "threshold", "of", "value", "seen", "source")

_MOST_SECTIONS = 60
_NAME = 40


def mix_text(scenario: Scenario, capacity: MixCapacity) -> str:
    """Return the text, of aligned columns without colours, ending in a line end."""
    blocks = [[line for text in verdict_lines(scenario, capacity) for line in wrap(text, WIDTH)]]
    for part in capacity.parts:
        rows = [METHOD_HEAD, *method_cells(scenario, part)]
        lines = [*columns(rows, "lrrrlrrrll"), *part_lines(part)]
        blocks.append([part.name(scenario), *(f"  {line}" for line in lines)])
    blocks.append(_sections(scenario, capacity))
    blocks.append(_thresholds(capacity))
    blocks.append(["Assumptions", *(line for text in assumption_lines(capacity) for line in _item(text))])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def verdict_lines(scenario: Scenario, capacity: MixCapacity) -> list[str]:
    """Return a paragraph for each part of the line: its number by the method that is usual there, where and why."""
    title = scenario.title or scenario.name
    lead = "" if len(capacity.parts) == 1 else f"{len(capacity.parts)} parts of the line, each with its own number. "
    texts = [f"{title}: {lead}".rstrip() if lead else ""]
    for part in capacity.parts:
        row = part.home_row
        stretch, figure = row.limiting.stretch, row.figure
        others = [one.figure.pairs for one in part.rows]
        spread = f" ({min(others)} to {max(others)} by all methods)" if len(others) > 1 else ""
        texts.append(
            f"{part.name(scenario) if lead else title}: {_pairs(figure.pairs)} of trains a day by "
            f"{TITLES[row.method]}{spread}, bound by {stretch.name(scenario)}: {why_text(row.limiting)}. "
            f"{_judged(scenario, row)}"
        )
    return [text for text in texts if text]


def why_text(section: SectionCapacity) -> str:
    """Return what takes a section its time."""
    stretch = section.stretch
    there, back = (_min(one.running_s) for one in (stretch.there, stretch.back))
    tracks = "single" if stretch.tracks == 1 else "double"
    run = f"{there} min" if there == back else f"{there} and {back} min"
    text = f"{tracks} track, {stretch.length_m / 1000:.1f} km, {run} each way for {stretch.there.train_type}"
    if section.periods is not None:
        text += (
            f", a pair takes {section.periods.period_min:.4g} min by scheme {section.periods.scheme} (intervals "
            f"{_min(stretch.arrival_s)} and {_min(stretch.crossing_s)} min, supplements "
            f"{_min(stretch.there.start_s)} and {_min(stretch.there.stop_s)} min)"
        )
    else:
        text += f", trains follow every {_min(interval_s(stretch))} min"
    return f"{text}, open {hm(stretch.open_s)} h a day"


def method_cells(scenario: Scenario, part: PartCapacity) -> list[tuple[str, ...]]:
    """Return the rows of a part's methods below `METHOD_HEAD`; the method that is usual there has a star."""
    rows: list[tuple[str, ...]] = []
    for row in part.rows:
        figure, fullest = row.figure, row.fullest.figures[row.method]
        star = " *" if row.method == part.home else ""
        asked = row.fullest.stretch.asked_pairs()
        rows.append(
            (
                TITLES[row.method] + star,
                str(figure.pairs),
                f"{row.least_pairs}-{row.most_pairs}" if row.least_pairs != row.most_pairs else str(figure.pairs),
                str(figure.trains),
                short(row.limiting.stretch.name(scenario), _NAME),
                f"{asked:.4g}",
                "-" if fullest.load_share is None else _percent(fullest.load_share),
                _percent(fullest.permitted_share),
                _verdict(fullest),
                "" if row.fullest is row.limiting else short(row.fullest.stretch.name(scenario), _NAME),
            )
        )
    return rows


def part_lines(part: PartCapacity) -> list[str]:
    """Return what else is said of a part: the CIS figures at the limiting section, the meets after Petersen."""
    texts = []
    row = next((row for row in part.rows if row.method == CIS), None)
    traffic = None if row is None else cis_traffic(row.limiting)
    if traffic is not None and row is not None:
        greatest, available, found = traffic
        texts.append(
            f"CIS, pairs a day: greatest {greatest}, available {available}, of it freight {found.freight_pairs}; "
            f"required {found.required_pairs}, reserve {found.reserve_pairs}"
        )
    texts.append(f"Meets after Petersen: {part.meets:.3g} a day if all that is asked for runs")
    return texts


def section_cells(scenario: Scenario, capacity: MixCapacity, section: SectionCapacity) -> tuple[str, ...]:
    """Return the row of a section below `SECTION_HEAD` and the titles of the methods: pairs a day by each."""
    stretch, found = section.stretch, section.periods
    takes = interval_s(stretch) if found is None else found.period_min * MINUTE_S
    return (
        short(stretch.name(scenario), _NAME),
        f"{stretch.length_m / 1000:.1f}",
        str(stretch.tracks),
        stretch.there.train_type,
        hm(stretch.there.running_s),
        hm(stretch.back.running_s),
        f"{_min(takes)} min",
        "" if found is None else found.scheme,
        hm(stretch.open_s),
        f"{stretch.asked_pairs():.4g}",
        *(str(section.figures[method].pairs) for method in capacity.methods),
    )


def threshold_cells(capacity: MixCapacity) -> list[tuple[str, ...]]:
    """Return the rows of the table of thresholds that counted, below `THRESHOLD_HEAD`."""
    found: dict[tuple[str, ...], None] = {}
    for section in capacity.sections:
        for method, figure in section.figures.items():
            if method == THEORETICAL:  # its formula is that of practical capacity, whose share it leaves out
                continue
            for row in (row for use in _used(figure) for row in use.rows):
                seen = " to ".join(f"{one:g}" for one in (row.low, row.high) if one is not None)
                case = f" {row.case}" if row.case else ""
                cells = (TITLES[method], f"{row.name}{case}", row.administration, f"{row.typical:g}", seen, row.source)
                found[cells] = None
    return list(found)


def assumption_lines(capacity: MixCapacity) -> list[str]:
    """Return what is assumed: what goes into the formulas from the scenario, then each method's own assumptions."""
    asked = (
        "the scenario's requests, fixed paths and light engines" if capacity.mix is None else "the mix that was given"
    )
    texts = [
        f"Trains: {asked}, on an average day. The parallel train of a section is the slowest freight train there.",
        "A section of single track reaches from one station where two such trains can meet to the next; intervals are "
        "those of the scenario, the mean of both ends; the interval of arrival is at least that of crossing.",
        "Open: the day less daylight running and closures of the section, on average over the scenario's days. Not "
        "counted: that trains cannot be everywhere when it opens, station tracks, yards and their hours.",
        "Double track counts by the direction with the longer interval or the more trains. Pairs are rounded down.",
        "Range: with those thresholds of the table that give least and most.",
    ]
    told = set()
    for section in capacity.sections:
        for method, figure in section.figures.items():
            if figure.answer is None or figure.answer.formula.name in told:
                continue
            about = figure.answer.formula.about
            told.add(figure.answer.formula.name)
            said = " ".join([about.rule, *about.assumptions])
            texts.append(f"{TITLES[method]} ({figure.answer.formula.name}): {said}")
    texts.append(
        "CIS: while a section is closed there is time for maintenance; of closed time and window the longer one "
        "counts. Scott and the chart: the block operation takes the longer of the crossing and the following interval; "
        "the slowest train stops at both ends. Scott's day is cut to what is open. UIC 405: trains come from a stop "
        "and pass at the other end; on double track they pass. Meets: those of what is asked for, evenly over the open "
        "time."
    )
    return texts


def cis_traffic(section: SectionCapacity) -> tuple[int, int, CisTraffic] | None:
    """Return greatest and available pairs by CIS and what they are enough for; None if not asked for, or closed.

    The greatest capacity is that of the time in which the section is open.
    """
    figure = section.figures.get(CIS)
    if figure is None or not isinstance(figure.result, CisSingleTrack | CisDoubleTrack):
        return None
    capacity = figure.result.capacity
    greatest = whole_down(section.stretch.open_s / MINUTE_S / capacity.line_period_min)
    return greatest, capacity.available_pairs, capacity.traffic


def _sections(scenario: Scenario, capacity: MixCapacity) -> list[str]:
    limiting = {id(row.limiting) for part in capacity.parts for row in part.rows}
    shown = list(capacity.sections)
    if len(shown) > _MOST_SECTIONS:
        # The tightest of all, in their order along the line.
        by_pairs = sorted(shown, key=lambda one: min(figure.pairs_exact for figure in one.figures.values()))
        kept = {id(one) for one in by_pairs[:_MOST_SECTIONS]} | limiting
        shown = [one for one in shown if id(one) in kept]
    head = (*SECTION_HEAD, *(TITLES[method].split(",")[0] for method in capacity.methods), "")
    rows = [(*section_cells(scenario, capacity, one), "<- limits" if id(one) in limiting else "") for one in shown]
    lines = columns([head, *rows], "lrrlrrrlrr" + "r" * len(capacity.methods) + "l")
    return [
        "Sections: running times and open hours h:mm, pairs a day by each method",
        *lines,
        *more(len(capacity.sections) - len(shown), "roomier sections"),
    ]


def _thresholds(capacity: MixCapacity) -> list[str]:
    rows = [cells[:-1] for cells in threshold_cells(capacity)]
    return ["Thresholds", *(f"  {line}" for line in columns([THRESHOLD_HEAD[:-1], *rows], "lllrl"))] if rows else []


def _item(text: str) -> Iterator[str]:
    lines = wrap(text, WIDTH - 4)
    yield f"  - {lines[0]}"
    yield from (f"    {line}" for line in lines[1:])


def _judged(scenario: Scenario, row: MethodRow) -> str:
    figure = row.fullest.figures[row.method]
    if figure.load_share is None:
        return "No train is asked for."
    where = "" if row.fullest is row.limiting else f" at {row.fullest.stretch.name(scenario)}"
    asked = row.fullest.stretch.asked_pairs()
    told = f"{asked:.4g} pair{'s'[: asked != 1]} a day asked for{where}: {_verdict(figure)}"
    if figure.load_share == inf:
        return f"{told}, there is no room for one."
    return f"{told}, a load of {_percent(figure.load_share)} of permitted {_percent(figure.permitted_share)}."


def _verdict(figure: Figure) -> str:
    if figure.load_share is None:
        return "-"
    return "enough" if figure.enough else "not enough"


def _used(figure: Figure) -> Sequence[Used]:
    return () if figure.answer is None else figure.answer.used


def _pairs(count: int) -> str:
    return counted(count, "pair")


def _min(seconds: float) -> str:
    return f"{seconds / MINUTE_S:.4g}"


def _percent(share: float) -> str:
    return "no room" if share == inf else f"{100 * share:.0f} %"
