"""What a simulation says, as text that a planner reads first: punctuality, the weakest meets, where buffer helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from railcap.corridor.scenario import Scenario
from railcap.measures.names import section_name, short_id, station_name
from railcap.measures.robustness.dispatching import DispatchingRule
from railcap.measures.robustness.events import Cause, Handover
from railcap.measures.robustness.results import PERCENTILES, Lateness, PassedOn, Robustness, Withdrawal
from railcap.measures.robustness.tally import EASE_S
from railcap.measures.text_columns import MOST_PLACES, WIDTH, columns, counted, hm, more, short
from railcap.units import MINUTE_S

MEETS = (Cause.MEET, Cause.PASS)
"""What is told as meets: two trains at one station at one time."""

_MOST_GROUPS = 12
_MOST_MEETS = 6
_HOURS_MIN = 240
_EASE_MIN = EASE_S // MINUTE_S


def robustness_text(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> str:
    """Return a simulation as text of aligned columns, ending in a line end.

    Parameters
    ----------
    labels : mapping of str to str
        How trains are called, by id, as `railcap.measures.names.train_labels` gives it.
    """
    meets = [one for one in found.passed_on if one.handover.cause in MEETS]
    closed = [one for one in found.passed_on if one.handover.cause is Cause.CLOSED]
    others = [one for one in found.passed_on if one.handover.cause not in (*MEETS, Cause.CLOSED)]
    parts = [
        _head(scenario, found),
        _arrivals(found),
        _sums(found),
        *_repaired(scenario, found, labels),
        _places(scenario, f"Weakest meets and passes (of {len(meets)})", meets, labels, _MOST_MEETS, "meets"),
        _places(scenario, "Elsewhere trains wait for trains", others, labels, MOST_PLACES, "places and pairs"),
        _places(scenario, "Nights, closures and openings missed", closed, labels, MOST_PLACES, "trains and places"),
        _withdrawals(scenario, found, labels),
        _eased(scenario, found, labels),
        _volume(found),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def rule_text(rule: DispatchingRule) -> str:
    """Return what the rule of a dispatcher is, in a sentence without its end."""
    return (
        f"A dispatcher lets a train that waits for its turn alone go first where all trains of the next "
        f"{rule.ahead_s // MINUTE_S} min are then expected to be {rule.least_gain_s // MINUTE_S} min less late in all"
    )


def conditions_text(found: Robustness) -> str:
    """Return under what conditions the days were simulated, in a line."""
    days = counted(found.days, "simulated day")
    text = f"{days}, primary delays from {found.table.name}, seed {found.seed}, order kept"
    return text if found.withdraw_min is None else f"{text}, trains withdrawn from {found.withdraw_min} min late on"


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


_AT = {
    Cause.MEET: "meet at",
    Cause.PASS: "pass at",
    Cause.OPPOSING: "opposing train at",
    Cause.RECEPTION: "arrivals apart at",
    Cause.TRACK: "tracks full at",
    Cause.LINK: "link at",
}


def closed_place(scenario: Scenario, place: str) -> str:
    """Return the name of a section, yard resource or station that is closed at times."""
    if place in scenario.network.sections:
        return section_name(scenario, place)
    return place if place in scenario.yard_resources else station_name(scenario, place)


def trains_text(handover: Handover, labels: Mapping[str, str]) -> str:
    """Return the two trains of a handover, or the one."""
    names = [_train(train, labels) for train in (handover.first, handover.second) if train]
    return (" / " if handover.cause in MEETS else ", then ").join(names)


def _head(scenario: Scenario, found: Robustness) -> list[str]:
    stopped = f" (stopped; {found.asked_days:,} were asked for)" if found.days < found.asked_days else ""
    lines = [
        f"{scenario.title or scenario.name}: {counted(found.days, 'simulated day')}{stopped} of "
        f"{counted(found.overall.trains, 'train')}",
        f"Primary delays from {found.table.name}, seed {found.seed}; the order of the timetable is kept.",
    ]
    if found.withdraw_min is not None:
        lines.append(f"Trains that could go on only {found.withdraw_min} min late or later are withdrawn there.")
    if scenario.days > 1:
        lines.append(f"A simulated day is the whole timetable of {scenario.days} days.")
    return lines


def _arrivals(found: Robustness) -> list[str]:
    within = [f"{minutes} min" for minutes in found.within_min]
    withdrawn = ("withdrawn",) if found.withdraw_min is not None else ()
    percentiles = (f"{one} %" for one in PERCENTILES)
    head = ("Arrivals on time, or within", "trains", "0 min", *within, *withdrawn, "mean", *percentiles)
    groups = [found.overall, *found.categories]
    shown = found.requests[:_MOST_GROUPS]
    rows = [_row(found, one) for one in (*groups, *(shown if len(found.requests) > 1 else ()))]
    left = max(0, len(found.requests) - _MOST_GROUPS)
    return [*columns([head, *rows], "l" + "r" * (len(head) - 1)), *more(left, "requests")]


def _row(found: Robustness, one: Lateness) -> tuple[str, ...]:
    return (
        short(one.name or "all trains"),
        str(one.trains),
        _percent(one.within(0)),
        *(_percent(one.within(minutes)) for minutes in found.within_min),
        *((_percent(one.withdrawn_share),) if found.withdraw_min is not None else ()),
        _minutes(one.mean_s),
        *("-" if (late := one.percentile_min(percent)) is None else str(late) for percent in PERCENTILES),
    )


def _sums(found: Robustness) -> list[str]:
    whole = found.overall
    kinds = ", ".join(f"{kind} {_minutes(seconds)}" for kind, seconds in found.kinds_s.items() if seconds)
    if not whole.primary_s:
        return ["No primary delays were drawn: every train keeps its times."]
    text = (
        f"A train has {_minutes(whole.primary_s)} min of primary delay on average ({kinds}). By itself it would arrive "
        f"{_minutes(whole.alone_s)} min late; other trains make that {_minutes(whole.mean_s)} min "
        f"({_error(found.error_s)}). The {_minutes(whole.knock_on_s)} min of knock-on delay are "
        f"{whole.knock_on_s / whole.primary_s:.2f} for each minute of primary delay."
    )
    lines = wrap(text, WIDTH, break_on_hyphens=False)
    if found.withdraw_min is None and found.repaired is None and _is_hours(whole):
        text = (
            f"One train in twenty is more than {_HOURS_MIN // 60} hours late, and as the order is kept others wait for "
            f"it: --withdraw {_HOURS_MIN} shows the timetable if trains are withdrawn that are so late, --repair 10 "
            "what a dispatcher makes of it."
        )
        lines += wrap(text, WIDTH, break_on_hyphens=False)
    return lines


def _repaired(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[list[str]]:
    """Return both orders side by side, and where the order is changed most often."""
    repaired = found.repaired
    if repaired is None:
        return []
    within = (f"{minutes} min" for minutes in found.within_min)
    head = (
        "On the same days",
        "order",
        "0 min",
        *within,
        "mean",
        "+/-",
        "knock-on",
        *(f"{one} %" for one in PERCENTILES),
    )
    kept = {one.name: one for one in (found.overall, *found.categories)}
    rows = []
    for one in (repaired.overall, *repaired.categories):
        for order, what, error_s in (("kept", kept[one.name], found.error_s), ("repaired", one, repaired.error_s)):
            rows.append(
                (
                    (one.name or "all trains") if order == "kept" else "",
                    order,
                    _percent(what.within(0)),
                    *(_percent(what.within(minutes)) for minutes in found.within_min),
                    _minutes(what.mean_s),
                    "" if one.name or error_s is None else _minutes(error_s),
                    _minutes(what.knock_on_s),
                    *(str(what.percentile_min(percent)) for percent in PERCENTILES),
                )
            )
    table = columns([head, *rows], "ll" + "r" * (len(head) - 2))
    counts: dict[str, float] = {}
    for change in repaired.changed:
        counts[_CHANGED[change.cause]] = counts.get(_CHANGED[change.cause], 0) + change.by_day
    told = ", ".join(f"{count:,.1f} {what}" for what, count in sorted(counts.items(), key=lambda one: -one[1]))
    text = f"{rule_text(repaired.rule)}: {repaired.changes:,.1f} changes of order by day" + (
        f" ({told})." if told else "."
    )
    parts = [[*table, "", *wrap(text, WIDTH, break_on_hyphens=False)]]
    shown = repaired.changed[:_MOST_MEETS]
    if shown:
        title = ("Where the order is changed most often", "goes first", "before", "waits else for", "a day")
        lines = [
            (
                short(station_name(scenario, one.place)),
                short(_train(one.first, labels)),
                short(_train(one.second, labels)) if one.second else "-",
                str(one.cause),
                f"{one.by_day:.2f}",
            )
            for one in shown
        ]
        left = len(repaired.changed) - len(shown)
        parts.append([*columns([title, *lines], "llllr"), *more(left, "places and pairs")])
    return parts


_CHANGED = {
    Cause.OPPOSING: "meets",
    Cause.AHEAD: "trains of one direction",
    Cause.RECEPTION: "arrivals",
    Cause.TRACK: "at station tracks",
    Cause.QUEUE: "in queues of yards",
    Cause.BANKER: "for bankers",
}
"""What is changed where a train would have waited for this."""


def _train(train: str, labels: Mapping[str, str]) -> str:
    return labels.get(train) or short_id(train)


def _is_hours(whole: Lateness) -> bool:
    late = whole.percentile_min(95)
    return late is not None and late > _HOURS_MIN


def _places(
    scenario: Scenario, title: str, found: Sequence[PassedOn], labels: Mapping[str, str], most: int, what: str
) -> list[str]:
    if not found:
        return []
    head = (title, "trains", "buffer", "of days", "passed on", f"{_EASE_MIN} min keep")
    rows = [
        (
            short(place_text(scenario, one.handover), 40),
            short(trains_text(one.handover, labels), 42),
            hm(one.handover.buffer_s),
            _percent(one.share),
            f"{_minutes(one.passed_s)} min",
            f"{_minutes(one.eased_s)} min",
        )
        for one in found[:most]
    ]
    return [*columns([head, *rows], "llrrrr"), *more(len(found) - most, what)]


def _withdrawals(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[str]:
    shown = found.withdrawals[:_MOST_MEETS]
    if not shown:
        return []
    head = ("Where trains are withdrawn", "train", "of days", "as")
    rows = [
        (
            short(station_name(scenario, one.station)),
            short(_train(one.train, labels)),
            _percent(one.share),
            short(_reason(scenario, one, labels), 46),
        )
        for one in shown
    ]
    return [*columns([head, *rows], "llrl"), *more(len(found.withdrawals) - len(shown), "trains and places")]


def _reason(scenario: Scenario, one: Withdrawal, labels: Mapping[str, str]) -> str:
    if one.without:
        return f"{_train(one.without, labels)} is withdrawn"
    return f"closed: {closed_place(scenario, one.closed)}" if one.closed else "late behind other trains"


def _eased(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[str]:
    best = sorted(found.passed_on, key=lambda one: -one.eased_s)[:MOST_PLACES]
    if not best or not best[0].eased_s:
        return []
    lines = [f"Where {_EASE_MIN} minutes more of buffer would keep most delay back, by day:"]
    for one in best:
        trains = trains_text(one.handover, labels)
        lines.append(f"  {_minutes(one.eased_s)} min  {place_text(scenario, one.handover)}: {trains}")
    return lines


def _volume(found: Robustness) -> list[str]:
    if len(found.volume) < 2:
        return []
    head = ("Delay against volume: trains", *(str(point.trains) for point in found.volume))
    rows = [
        ("minutes late", *(_minutes(point.mean_s) for point in found.volume)),
        ("knock-on per minute of primary delay", *(f"{point.knock_on_per_primary:.2f}" for point in found.volume)),
    ]
    if found.withdraw_min is not None:
        rows.append(("withdrawn", *(_percent(point.withdrawn_share) for point in found.volume)))
    return columns([head, *rows], "l" + "r" * len(found.volume))


def _error(error_s: float | None) -> str:
    return (
        "of one day, which tells nothing of the spread"
        if error_s is None
        else f"+/- {_minutes(error_s)}, 95 % confidence"
    )


def _minutes(seconds: float) -> str:
    return f"{seconds / MINUTE_S:,.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
