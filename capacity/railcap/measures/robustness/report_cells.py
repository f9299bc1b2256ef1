"""What a simulation says as the cells of tables, for the terminal and for a page: heads, rows, names of places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.measures.names import section_name, short_id, station_name
from railcap.measures.robustness.events import Cause, Handover
from railcap.measures.robustness.results import (
    PERCENTILES,
    ChangedOrder,
    Lateness,
    PassedOn,
    Repaired,
    Robustness,
    Withdrawal,
)
from railcap.measures.robustness.tally import EASE_S
from railcap.measures.text_columns import hm
from railcap.units import MINUTE_S

Row = tuple[str, ...]

MEETS = (Cause.MEET, Cause.PASS)
"""What is told as meets: two trains at one station at one time."""

EASE_MIN = EASE_S // MINUTE_S
"""How many minutes more of buffer it is that is asked for the effect of."""

PASSED_ON_HEAD = ("trains", "buffer", "of days", "passed on", f"{EASE_MIN} min keep")
CHANGED_HEAD = ("goes first", "before", "waits else for", "a day")
WITHDRAWN_HEAD = ("train", "of days", "as")
"""The heads of tables behind the first column, which says where."""


@dataclass(frozen=True, slots=True)
class WhereTrainsWait:
    """All that passes delay on, the most first: at meets and passes, at other places, and at closed times."""

    meets: Sequence[PassedOn]
    others: Sequence[PassedOn]
    closed: Sequence[PassedOn]


def where_trains_wait(found: Robustness) -> WhereTrainsWait:
    """Return what passes delay on as it is told."""
    return WhereTrainsWait(
        [one for one in found.passed_on if one.handover.cause in MEETS],
        [one for one in found.passed_on if one.handover.cause not in (*MEETS, Cause.CLOSED)],
        [one for one in found.passed_on if one.handover.cause is Cause.CLOSED],
    )


def most_eased(found: Robustness, most: int) -> list[PassedOn]:
    """Return where more buffer would keep most delay back, at most so many; none where it would keep none."""
    return [one for one in sorted(found.passed_on, key=lambda one: -one.eased_s)[:most] if one.eased_s]


def told_groups(found: Robustness | Repaired) -> list[Lateness]:
    """Return the groups of trains that are told: all, by category, and by request where there are several."""
    return [found.overall, *found.categories, *(found.requests if len(found.requests) > 1 else ())]


def group_name(one: Lateness) -> str:
    """Return how a group of trains is called."""
    return one.name or "all trains"


def arrival_head(found: Robustness) -> Row:
    """Return the head of the table of arrivals behind the first column, which names the trains."""
    withdrawn = ("withdrawn",) if found.withdraw_min is not None else ()
    return ("trains", "0 min", *_within_head(found), *withdrawn, "mean", *(f"{one} %" for one in PERCENTILES))


def arrival_cells(found: Robustness, one: Lateness) -> Row:
    """Return a row of the table of arrivals; its first cell names the trains."""
    return (
        group_name(one),
        str(one.trains),
        *_shares(found, one),
        *((percent_text(one.withdrawn_share),) if found.withdraw_min is not None else ()),
        minutes_text(one.mean_s),
        *_percentiles(one),
    )


def order_head(found: Robustness) -> Row:
    """Return the head of the table of both orders behind the first column, which names the trains."""
    return ("order", "0 min", *_within_head(found), "mean", "+/-", "knock-on", *(f"{one} %" for one in PERCENTILES))


def order_cells(found: Robustness, kept: Lateness, repaired: Lateness) -> tuple[Row, Row]:
    """Return two rows of the table of both orders, with the order kept and repaired; of all trains with the error."""

    def row(order: str, one: Lateness, error_s: float | None) -> Row:
        error = "" if one.name or error_s is None else minutes_text(error_s)
        late = minutes_text(one.mean_s), error, minutes_text(one.knock_on_s)
        return (group_name(one), order, *_shares(found, one), *late, *_percentiles(one))

    assert found.repaired is not None
    return row("kept", kept, found.error_s), row("repaired", repaired, found.repaired.error_s)


def changes_by_cause(repaired: Repaired) -> list[tuple[str, float]]:
    """Return what is changed, in words, and how often a day; the most frequent first."""
    counts: dict[str, float] = {}
    for change in repaired.changed:
        counts[_CHANGED[change.cause]] = counts.get(_CHANGED[change.cause], 0) + change.by_day
    return sorted(counts.items(), key=lambda one: -one[1])


def changed_cells(scenario: Scenario, one: ChangedOrder, labels: Mapping[str, str]) -> Row:
    """Return where and between which trains an order is changed, and how often; see `CHANGED_HEAD`."""
    return (
        station_name(scenario, one.place),
        train_text(one.first, labels),
        train_text(one.second, labels) if one.second else "-",
        str(one.cause),
        number_text(one.by_day, 2),
    )


def passed_on_cells(scenario: Scenario, one: PassedOn, labels: Mapping[str, str]) -> Row:
    """Return where and between which trains delay is passed on, and how much; see `PASSED_ON_HEAD`."""
    return (
        place_text(scenario, one.handover),
        trains_text(one.handover, labels),
        hm(one.handover.buffer_s),
        percent_text(one.share),
        f"{minutes_text(one.passed_s)} min",
        f"{minutes_text(one.eased_s)} min",
    )


def withdrawn_cells(scenario: Scenario, one: Withdrawal, labels: Mapping[str, str]) -> Row:
    """Return where a train is withdrawn, how often and why; see `WITHDRAWN_HEAD`."""
    reason = f"perhaps closed: {closed_place(scenario, one.closed)}" if one.closed else "late behind other trains"
    if one.without:
        reason = f"{train_text(one.without, labels)} is withdrawn"
    return station_name(scenario, one.station), train_text(one.train, labels), percent_text(one.share), reason


def volume_rows(found: Robustness) -> list[Row]:
    """Return the table of delay against volume behind its head, which has the numbers of trains."""
    rows: list[Row] = [
        ("minutes late", *(minutes_text(point.mean_s) for point in found.volume)),
        ("knock-on per minute of primary delay", *(f"{point.knock_on_per_primary:.2f}" for point in found.volume)),
    ]
    if found.withdraw_min is not None:
        rows.append(("withdrawn", *(percent_text(point.withdrawn_share) for point in found.volume)))
    return rows


def place_text(scenario: Scenario, handover: Handover) -> str:
    """Return where and why a train waits."""
    place = handover.place
    if handover.cause is Cause.CLOSED:
        return f"closed: {closed_place(scenario, place)}"
    if handover.cause is Cause.AHEAD:
        return f"train ahead: {section_name(scenario, place)}"
    if handover.cause is Cause.QUEUE:
        return f"queue for {place}"
    if handover.cause is Cause.BANKER:
        return f"engines of {place}"
    return f"{_AT[handover.cause]} {station_name(scenario, place)}"


def closed_place(scenario: Scenario, place: str) -> str:
    """Return the name of a section, yard resource or station that is closed at times."""
    if place in scenario.network.sections:
        return section_name(scenario, place)
    return place if place in scenario.yard_resources else station_name(scenario, place)


def trains_text(handover: Handover, labels: Mapping[str, str]) -> str:
    """Return the two trains of a handover, or the one."""
    names = [train_text(train, labels) for train in (handover.first, handover.second) if train]
    return (" / " if handover.cause in MEETS else ", then ").join(names)


def train_text(train: str, labels: Mapping[str, str]) -> str:
    """Return how a train is called."""
    return labels.get(train) or short_id(train)


def minutes_text(seconds: float) -> str:
    """Return seconds as minutes, to a tenth."""
    return f"{seconds / MINUTE_S:,.1f}"


def percent_text(share: float) -> str:
    """Return a share in whole percent; what is not nothing is never told as 0 %."""
    return f"{number_text(100 * share, 0)} %"


def number_text(value: float, digits: int) -> str:
    """Return a number to so many digits; what is not nothing is never told as 0, but as less than the least."""
    text = f"{value:,.{digits}f}"
    return f"<{10**-digits:.{digits}f}" if value > 0 and not float(text.replace(",", "")) else text


_AT = {
    Cause.MEET: "meet at",
    Cause.PASS: "pass at",
    Cause.OPPOSING: "opposing train at",
    Cause.RECEPTION: "arrivals apart at",
    Cause.TRACK: "tracks full at",
    Cause.LINK: "link at",
}

_CHANGED = {
    Cause.OPPOSING: "meets",
    Cause.AHEAD: "trains of one direction",
    Cause.RECEPTION: "arrivals",
    Cause.TRACK: "at station tracks",
    Cause.QUEUE: "in queues of yards",
    Cause.BANKER: "for bankers",
}
"""What is changed where a train would have waited for this."""


def _within_head(found: Robustness) -> Iterator[str]:
    return (f"{minutes} min" for minutes in found.within_min)


def _shares(found: Robustness, one: Lateness) -> Iterator[str]:
    return (percent_text(one.within(minutes)) for minutes in (0, *found.within_min))


def _percentiles(one: Lateness) -> Iterator[str]:
    return ("-" if (late := one.percentile_min(percent)) is None else f"{late:,}" for percent in PERCENTILES)
