"""What a simulation says, as text that a planner reads first: punctuality, the weakest meets, where buffer helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from railcap.corridor.scenario import Scenario
from railcap.measures.robustness.dispatching import DispatchingRule
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
    place_text,
    told_groups,
    trains_text,
    volume_rows,
    where_trains_wait,
    withdrawn_cells,
)
from railcap.measures.robustness.results import PassedOn, Repaired, Robustness
from railcap.measures.text_columns import MOST_PLACES, WIDTH, columns, counted, more, short
from railcap.units import MINUTE_S

_MOST_GROUPS = 12
_MOST_MEETS = 6
_HOURS_MIN = 240


def robustness_text(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> str:
    """Return a simulation as text of aligned columns, ending in a line end.

    Parameters
    ----------
    labels : mapping of str to str
        How trains are called, by id, as `railcap.measures.names.train_labels` gives it.
    """
    where = where_trains_wait(found)
    meets = f"Weakest meets and passes (of {len(where.meets)})"
    elsewhere, closed = "Elsewhere trains wait for trains", "Nights, closures and openings missed"
    parts = [
        _head(scenario, found),
        _arrivals(found),
        _sums(found),
        *_repaired(scenario, found, labels),
        _places(scenario, meets, where.meets, labels, _MOST_MEETS, "meets"),
        _places(scenario, elsewhere, where.others, labels, MOST_PLACES, "places and pairs"),
        _places(scenario, closed, where.closed, labels, MOST_PLACES, "trains and places"),
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


def sums_text(found: Robustness) -> str:
    """Return how late a train is on average, by itself and by others, in sentences."""
    whole = found.overall
    if not whole.primary_s:
        return "No primary delays were drawn: every train keeps its times."
    kinds = ", ".join(f"{kind} {minutes_text(seconds)}" for kind, seconds in found.kinds_s.items() if seconds)
    return (
        f"A train has {minutes_text(whole.primary_s)} min of primary delay on average ({kinds}). By itself it would "
        f"arrive {minutes_text(whole.alone_s)} min late; other trains make that {minutes_text(whole.mean_s)} min "
        f"({error_text(found.error_s)}). The {minutes_text(whole.knock_on_s)} min of knock-on delay are "
        f"{whole.knock_on_per_primary:.2f} for each minute of primary delay."
    )


def error_text(error_s: float | None) -> str:
    """Return how far a mean of the simulated days may be off, in words."""
    if error_s is None:
        return "their spread between days is not known"
    return f"+/- {minutes_text(error_s)}, 95 % confidence"


def hours_text(found: Robustness) -> str:
    """Return why delays are of hours, where they are: a sentence without its end; else an empty text."""
    late = found.overall.percentile_min(95)
    if found.withdraw_min is not None or found.repaired is not None or late is None or late <= _HOURS_MIN:
        return ""
    return (
        f"One train in twenty is more than {_HOURS_MIN // 60} hours late, and as the order is kept others wait for it"
    )


def changes_text(repaired: Repaired) -> str:
    """Return how often a dispatcher changes the order, and what, without an end."""
    if not repaired.changes:
        return "no change of order"
    told = ", ".join(f"{number_text(count, 1)} {what}" for what, count in changes_by_cause(repaired))
    return f"{number_text(repaired.changes, 1)} changes of order by day ({told})"


def basis_lines(scenario: Scenario, found: Robustness) -> list[str]:
    """Return what the figures are based on, in sentences."""
    lines = [f"Primary delays from {found.table.name}, seed {found.seed}; the order of the timetable is kept."]
    if found.withdraw_min is not None:
        lines.append(f"Trains that could go on only {found.withdraw_min} min late or later are withdrawn there.")
    if scenario.days > 1:
        lines.append(f"A simulated day is the whole timetable of {scenario.days} days.")
    return lines


def days_text(found: Robustness) -> str:
    """Return how many days of how many trains were simulated, and whether that was stopped."""
    stopped = f" (stopped; {found.asked_days:,} were asked for)" if found.days < found.asked_days else ""
    return f"{counted(found.days, 'simulated day')}{stopped} of {counted(found.overall.trains, 'train')}"


def _head(scenario: Scenario, found: Robustness) -> list[str]:
    return [f"{scenario.title or scenario.name}: {days_text(found)}", *basis_lines(scenario, found)]


def _arrivals(found: Robustness) -> list[str]:
    head = ("Arrivals on time, or within", *arrival_head(found))
    groups = told_groups(found)
    shown = groups[: 1 + len(found.categories) + _MOST_GROUPS]
    rows = [_cut(arrival_cells(found, one)) for one in shown]
    return [*columns([head, *rows], "l" + "r" * (len(head) - 1)), *more(len(groups) - len(shown), "requests")]


def _sums(found: Robustness) -> list[str]:
    lines = _wrapped(sums_text(found))
    hours = hours_text(found)
    if hours:
        lines += _wrapped(
            f"{hours}: --withdraw {_HOURS_MIN} shows the timetable if trains are withdrawn that are so late, "
            "--repair 10 what a dispatcher makes of it."
        )
    return lines


def _repaired(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[list[str]]:
    """Return both orders side by side, and where the order is changed most often."""
    repaired = found.repaired
    if repaired is None:
        return []
    head = ("On the same days", *order_head(found))
    rows = []
    kept = (found.overall, *found.categories)
    for one, other in zip(kept, (repaired.overall, *repaired.categories), strict=True):
        before, after = order_cells(found, one, other)
        rows += [before, ("", *after[1:])]
    table = columns([head, *rows], "ll" + "r" * (len(head) - 2))
    parts = [[*table, "", *_wrapped(f"{rule_text(repaired.rule)}: {changes_text(repaired)}.")]]
    shown = repaired.changed[:_MOST_MEETS]
    if shown:
        title = ("Where the order is changed most often", *CHANGED_HEAD)
        lines = [_cut(changed_cells(scenario, one, labels)) for one in shown]
        left = len(repaired.changed) - len(shown)
        parts.append([*columns([title, *lines], "llllr"), *more(left, "places and pairs")])
    return parts


def _places(
    scenario: Scenario, title: str, found: Sequence[PassedOn], labels: Mapping[str, str], most: int, what: str
) -> list[str]:
    if not found:
        return []
    rows = [_cut(passed_on_cells(scenario, one, labels), 40, 42) for one in found[:most]]
    return [*columns([(title, *PASSED_ON_HEAD), *rows], "llrrrr"), *more(len(found) - most, what)]


def _withdrawals(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[str]:
    shown = found.withdrawals[:_MOST_MEETS]
    if not shown:
        return []
    head = ("Where trains are withdrawn", *WITHDRAWN_HEAD)
    rows = [_cut(withdrawn_cells(scenario, one, labels), 38, 38, 38, 46) for one in shown]
    return [*columns([head, *rows], "llrl"), *more(len(found.withdrawals) - len(shown), "trains and places")]


def _eased(scenario: Scenario, found: Robustness, labels: Mapping[str, str]) -> list[str]:
    best = most_eased(found, MOST_PLACES)
    if not best:
        return []
    lines = [f"Where {EASE_MIN} minutes more of buffer would keep most delay back, by day:"]
    for one in best:
        trains = trains_text(one.handover, labels)
        lines.append(f"  {minutes_text(one.eased_s)} min  {place_text(scenario, one.handover)}: {trains}")
    return lines


def _volume(found: Robustness) -> list[str]:
    if len(found.volume) < 2:
        return []
    head = ("Delay against volume: trains", *(str(point.trains) for point in found.volume))
    return columns([head, *volume_rows(found)], "l" + "r" * len(found.volume))


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, break_on_hyphens=False)


def _cut(cells: Row, *most: int) -> Row:
    """Return cells cut to these widths, further ones to the usual one."""
    return tuple(short(cell, *most[place : place + 1]) for place, cell in enumerate(cells))
