"""A simulation of delays as one HTML page: the verdict first, then why, then tables, and what is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.formats.html_report import Block, Cells, Chapter, Paragraph, Picture, Points, html_page
from railcap.measures.names import section_name, station_name
from railcap.measures.robustness.delay_table import ANY, DelayKind, DelayRow
from railcap.measures.robustness.report_cells import (
    CHANGED_HEAD,
    EASE_MIN,
    PASSED_ON_HEAD,
    WITHDRAWN_HEAD,
    Row,
    arrival_cells,
    arrival_head,
    changed_cells,
    changes_by_cause,
    minutes_text,
    most_eased,
    number_text,
    order_cells,
    order_head,
    passed_on_cells,
    percent_text,
    place_text,
    told_groups,
    trains_text,
    volume_rows,
    where_trains_wait,
    withdrawn_cells,
)
from railcap.measures.robustness.report_text import (
    basis_lines,
    changes_text,
    days_text,
    error_text,
    hours_text,
    rule_text,
    sums_text,
)
from railcap.measures.robustness.results import Lateness, PassedOn, Repaired, Robustness
from railcap.measures.text_columns import counted, hm
from railcap.units import MINUTE_S

_MOST_ROWS = 20
_MOST_GROUPS = 100
_FIGURES = (
    "Trains on time or within so many minutes; all other figures in minutes. 90 %: within so many minutes 90 % of the "
    "trains arrive"
)
_KINDS = {
    DelayKind.ENTRY: "comes later onto its first track, or out of its first station",
    DelayKind.RUNNING: "runs longer over a section",
    DelayKind.DWELL: "stands longer at a stop that is asked for",
    DelayKind.STEP: "a step of a process, as in a yard, takes longer",
}


@dataclass(frozen=True, slots=True)
class DelayPictures:
    """The drawings of a simulation as the texts of SVG files; `volume` is None where there is no curve."""

    distribution: str
    along_line: str
    volume: str | None


def robustness_report(scenario: Scenario, found: Robustness, labels: Mapping[str, str], pictures: DelayPictures) -> str:
    """Return the page of a simulation of delays.

    Parameters
    ----------
    labels : mapping of str to str
        How trains are called, by id, as `railcap.measures.names.train_labels` gives it.
    """
    dispatcher = [] if found.repaired is None else list(_dispatcher(scenario, found, found.repaired, labels))
    return html_page(
        f"How robust the timetable is: {scenario.title or scenario.name}",
        f"{days_text(found)}; {counted(scenario.days, 'day')} from {scenario.start.isoformat()}",
        [
            Chapter("In short", _verdict(found)),
            Chapter("Why: where trains pass delay on", list(_why(scenario, found, labels, pictures))),
            Chapter("With a dispatcher who changes the order", dispatcher),
            Chapter("Punctuality", list(_punctuality(found, pictures))),
            Chapter("Where trains are withdrawn", _withdrawals(scenario, found, labels)),
            Chapter("Delay against volume", _volume(found, pictures)),
            Chapter("Primary delays", _primary(scenario, found)),
            Chapter("Assumptions", [Points(list(_assumed(scenario, found)))]),
        ],
    )


def _verdict(found: Robustness) -> list[Block]:
    whole, repaired, hours = found.overall, found.repaired, hours_text(found)
    trains = counted(whole.trains, "train")
    text = f"Of {trains}, with the order of the timetable kept, {_shares_text(found, whole)}. {sums_text(found)}"
    blocks: list[Block] = [Paragraph(text, verdict=True)]
    if repaired is not None:
        late = repaired.overall
        ratio = f", {late.knock_on_per_primary:.2f} for each minute of primary delay" if late.primary_s else ""
        text = (
            f"With a dispatcher who changes the order of trains, on the same days: {_shares_text(found, late)}. "
            f"A train is {minutes_text(late.mean_s)} min late on average ({error_text(repaired.error_s)}), "
            f"{minutes_text(late.knock_on_s)} min of that by knock-on delay{ratio}. "
            f"This takes {changes_text(repaired)}."
        )
        blocks.append(Paragraph(text, verdict=True))
    return [*blocks, Paragraph(f"{hours}.")] if hours else blocks


def _shares_text(found: Robustness, one: Lateness) -> str:
    """Return which shares of some trains come on time and within so many minutes, in words."""
    told = [f"{percent_text(one.within(0))} arrive on time"]
    told += [f"{percent_text(one.within(minutes))} within {minutes} min" for minutes in found.within_min]
    if one.withdrawn_share:
        told.append(f"{percent_text(one.withdrawn_share)} are withdrawn on their way")
    return " and ".join([", ".join(told[:-1]), told[-1]])


def _why(scenario: Scenario, found: Robustness, labels: Mapping[str, str], pictures: DelayPictures) -> Iterator[Block]:
    where, eased = where_trains_wait(found), most_eased(found, _MOST_ROWS)
    groups = [
        ("At meets and passes", "The weakest meets and passes", where.meets),
        ("Elsewhere between trains", "Elsewhere trains wait for trains", where.others),
        ("By closed times", "Nights, closures and openings missed", where.closed),
    ]
    points = [
        f"{kind}, most delay is passed on here: {_place(scenario, places[0], labels)}. It is "
        f"{minutes_text(places[0].passed_s)} min in a day of simulation, on {percent_text(places[0].share)} of the "
        f"days, with a buffer of {hm(places[0].handover.buffer_s)}."
        for kind, _, places in sorted(groups, key=lambda group: -max((one.passed_s for one in group[2]), default=0))
        if places
    ]
    if eased:
        points.append(
            f"More buffer helps most here: {_place(scenario, eased[0], labels)}. {EASE_MIN} min more keep "
            f"{minutes_text(eased[0].eased_s)} min back in a day of simulation."
        )
    yield Points(points) if points else Paragraph("No train passes any delay on to another one.")
    yield _picture(
        pictures.along_line, "mean delay at each station by category and direction, with other trains and without"
    )
    if not points:
        return
    yield Paragraph(
        "Passed on: by how much a train is later than it would be by itself, because of another train or a closed "
        "time, in a day of simulation. It may make some of that up again, and may pass it on in turn, so that all "
        "places together have more than the knock-on delay. Buffer (h:mm): the least time in the timetable beyond what "
        f"is needed; of closed time, until it begins. {EASE_MIN} min keep: what {EASE_MIN} min more of buffer would "
        "keep back there."
    )
    for _, title, places in groups:
        if places:
            yield _passed_on(scenario, places, labels, title, len(places))
    if eased:
        title = f"Where {EASE_MIN} min more of buffer would keep most delay back"
        yield _passed_on(scenario, eased, labels, title, sum(one.eased_s > 0 for one in found.passed_on))


def _place(scenario: Scenario, one: PassedOn, labels: Mapping[str, str]) -> str:
    return f"{place_text(scenario, one.handover)}, {trains_text(one.handover, labels)}"


def _passed_on(
    scenario: Scenario, places: Sequence[PassedOn], labels: Mapping[str, str], title: str, count: int
) -> Cells:
    rows = [passed_on_cells(scenario, one, labels) for one in places[:_MOST_ROWS]]
    return _most(("where and why", *PASSED_ON_HEAD), rows, title, count)


def _dispatcher(
    scenario: Scenario, found: Robustness, repaired: Repaired, labels: Mapping[str, str]
) -> Iterator[Block]:
    yield Paragraph(f"{rule_text(repaired.rule)}. Tables elsewhere on this page are of the order of the timetable.")
    pairs = list(zip(told_groups(found), told_groups(repaired), strict=True))
    rows = [row for kept, other in pairs[:_MOST_GROUPS] for row in order_cells(found, kept, other)]
    caption = f"Both orders on the same days. {_FIGURES}; +/-: error of the mean of all trains"
    yield _most(_page_head("which trains", order_head(found)), rows, caption, 2 * len(pairs))
    if repaired.changed:
        counts = [(what, number_text(count, 1)) for what, count in changes_by_cause(repaired)]
        total = ("all", number_text(repaired.changes, 1))
        yield Cells(("what is changed", "a day"), [*counts, total], "Changes of order in a day of simulation")
        changed = [changed_cells(scenario, one, labels) for one in repaired.changed[:_MOST_ROWS]]
        title = "Where the order is changed most often, and what the train would have waited for"
        yield _most(("at", *CHANGED_HEAD), changed, title, len(repaired.changed))


def _punctuality(found: Robustness, pictures: DelayPictures) -> Iterator[Block]:
    yield _picture(
        pictures.distribution, "which share of the trains arrives within how many minutes, by category and request"
    )
    groups = told_groups(found)
    sums = ("primary", "by itself", "knock-on", "per primary")
    rows = [(*arrival_cells(found, one), *_sums(one)) for one in groups[:_MOST_GROUPS]]
    yield _most(
        _page_head("which trains", (*arrival_head(found), *sums)),
        rows,
        f"{_FIGURES}. By itself: how late a train would be without other trains; per primary: knock-on delay for each "
        "minute of primary delay",
        len(groups),
    )


def _sums(one: Lateness) -> Row:
    ratio = f"{one.knock_on_per_primary:.2f}" if one.primary_s else "-"
    return minutes_text(one.primary_s), minutes_text(one.alone_s), minutes_text(one.knock_on_s), ratio


def _withdrawals(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[Block]:
    rows = [withdrawn_cells(scenario, one, labels) for one in found.withdrawals[:_MOST_ROWS]]
    if not rows:
        return []
    return [_most(("at", *WITHDRAWN_HEAD), rows, "Places and trains, the most frequent first", len(found.withdrawals))]


def _volume(found: Robustness, pictures: DelayPictures) -> list[Block]:
    if pictures.volume is None:
        return []
    head = ("trains of the timetable that run", *(str(point.trains) for point in found.volume))
    caption = "A part of the trains runs, each part within the next one; the others are taken away by chance"
    return [
        _picture(
            pictures.volume, "delay and knock-on delay for each minute of primary delay against the number of trains"
        ),
        Cells(head, volume_rows(found), caption),
    ]


def _primary(scenario: Scenario, found: Robustness) -> list[Block]:
    kinds = [(str(kind), _KINDS[kind], minutes_text(seconds)) for kind, seconds in found.kinds_s.items() if seconds]
    total = ("all", "", minutes_text(found.overall.primary_s))
    rows = [_delay_cells(scenario, row) for row in found.table.rows]
    head = ("kind", "trains", "where", "how often", "distribution", "mean min", "longest min", "source")
    blocks: list[Block] = []
    if kinds:
        blocks.append(Cells(("kind", "a train", "min"), [*kinds, total], "What was drawn, mean of a train"))
    if rows:
        caption = f"What they were drawn from, {found.table.name}; how often: of the times that one could occur"
        blocks.append(Cells(head, rows, caption))
    return blocks


def _delay_cells(scenario: Scenario, row: DelayRow) -> Row:
    where = row.where
    if row.kind is DelayKind.RUNNING:
        where = section_name(scenario, where)
    elif row.kind is not DelayKind.STEP:
        where = station_name(scenario, where)
    return (
        str(row.kind),
        "all" if row.trains == ANY else row.trains,
        where or "everywhere",
        f"{100 * row.probability:g} %",
        str(row.distribution),
        f"{row.mean_s / MINUTE_S:g}",
        "-" if row.cap_s is None else f"{row.cap_s / MINUTE_S:g}",
        row.source,
    )


def _assumed(scenario: Scenario, found: Robustness) -> Iterator[str]:
    yield from basis_lines(scenario, found)
    if found.withdraw_min is None:
        yield "No train is withdrawn, however late it is."
    if found.repaired is not None:
        yield f"{rule_text(found.repaired.rule)}. A best order of each day, known in hindsight, would do better."
    if found.error_s is not None:
        yield (
            "+/- is half the 95 % confidence interval of the mean delay, by how much it differs from day to day; it "
            "says nothing of how well the primary delays are known."
        )
    yield (
        "No train runs ahead of the timetable. A late train takes its shortest running times and stands no longer than "
        "it must, and so makes up what the timetable has in reserve; it takes whichever station track is like its own."
    )
    yield (
        "A run must be over before a closure or the night, and a step of a process before closing time where it has "
        "to; else the train waits for the next opening. Trains wait for those that they are linked to."
    )
    yield "Light engines count where they pass delay on, and in no other figure."
    yield (
        "Not simulated: what a train loses by a stop that was not planned; longest times and windows that were asked "
        "for; trains that are turned short, diverted or added; crews and locomotives that no link of the scenario "
        "ties; primary delays of kinds and trains that the table has no row for."
    )


def _page_head(first: str, head: Sequence[str]) -> Row:
    return (first, *("on time" if cell == "0 min" else cell for cell in head))


def _most(head: Sequence[str], rows: Sequence[Row], title: str, count: int) -> Cells:
    """Return a table whose caption says so if it has not all rows."""
    return Cells(head, rows, title if len(rows) == count else f"{title}: the first {len(rows)} of {count:,}")


def _picture(svg: str, shown: str) -> Picture:
    return Picture(svg, f"Drawing: {shown}.")
