"""The summary as plain text, which a planner reads first: about sixty lines, eighty with yards, for any traffic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from textwrap import wrap

from railcap.corridor.scenario import Scenario
from railcap.measures.names import counts_text, section_name, short_id, station_name
from railcap.measures.section_use import SectionUse
from railcap.measures.summary import Journeys, Summary
from railcap.measures.text_columns import MOST_PLACES, WIDTH, columns, hm, more, short
from railcap.measures.yard_text import chain_lines, time_lines, yard_lines
from railcap.operations.objective import gap
from railcap.planning.cost import CostReport, CostTerms
from railcap.planning.timetable import Refusal
from railcap.units import duration, stamp

_MOST_REQUESTS = 12
_MOST_REFUSALS = 5
_MOST_TYPES = 6


def summary_text(
    scenario: Scenario,
    summary: Summary,
    cost: CostReport | None = None,
    bound: float | None = None,
    ending: str = "",
) -> str:
    """Return the summary as text of aligned columns, without colours, ending in a line end.

    Parameters
    ----------
    cost : CostReport, optional
        What the timetable costs.
    bound : float, optional
        What no timetable can cost less than, in weighted minutes, whole cost.
    ending : str
        How planning ended, in a few words, such as ``"stopped at the time limit"``.
    """
    parts = [
        _head(scenario, summary),
        _cost(cost, bound, ending) if cost else [],
        _requests(scenario, summary),
        _types(scenario, summary),
        _refused(summary),
        time_lines(scenario, summary),
        yard_lines(scenario, summary),
        chain_lines(summary),
        _sections(scenario, summary),
        _stations(scenario, summary),
        _waits(scenario, summary),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(scenario: Scenario, summary: Summary) -> list[str]:
    overall = summary.overall
    days = f"{scenario.days} day{'s' if scenario.days != 1 else ''}"
    refused = overall.asked - overall.accepted
    lines = [
        f"{scenario.title or scenario.name} ({days} from {scenario.start.isoformat()}, times of {scenario.time_zone})",
        f"{counts_text(overall.accepted, refused, summary.fixed, summary.light_engines)}.",
    ]
    if overall.accepted:
        lines.append(
            f"Mean journey {hm(overall.journey_mean_s)} against {hm(overall.unimpeded_mean_s)} unimpeded "
            f"({_stretch(overall)}); {overall.late} leave late (mean of all {hm(overall.late_mean_s)}, "
            f"most {hm(overall.late_max_s)}); {summary.meets} meets, {summary.passes} passes."
        )
    return lines


def _cost(cost: CostReport, bound: float | None, ending: str) -> list[str]:
    whole, above = cost.whole, cost.avoidable
    head = ("Cost in weighted minutes", "refused", "late", "journey", "total", "bound", "gap")
    own = cost.minutes(cost.own_best.total)
    rows = [
        ("whole", *_terms(cost, whole), *_bound(cost.minutes(whole.total), bound)),
        (
            "avoidable (above each train's own best)",
            *_terms(cost, above),
            *_bound(cost.minutes(above.total), None if bound is None else max(0.0, bound - own)),
        ),
    ]
    lines = columns([head, *rows], "lrrrrrr")
    proven = bound is not None and bound >= cost.minutes(whole.total)
    if proven:
        lines.append("Proven: no timetable costs less.")
    elif bound is not None:
        lines.append(f"No timetable costs less than {_number(bound)}; whether this one is the best is not proven.")
    if ending:
        lines.append(f"Planning {ending}.")
    return lines


def _terms(cost: CostReport, terms: CostTerms) -> tuple[str, ...]:
    return tuple(_number(cost.minutes(units)) for units in (terms.refused, terms.late, terms.journey, terms.total))


def _bound(cost: float, bound: float | None) -> tuple[str, str]:
    return ("-", "-") if bound is None else (_number(bound), f"{100 * gap(cost, bound):.1f} %")


def _requests(scenario: Scenario, summary: Summary) -> list[str]:
    names = {request.id: request.name for request in scenario.requests}
    shown = summary.by_request
    head = ("Request", "asked", "accepted", "late", "mean late", "worst", "mean journey", "unimpeded", "longer")
    rows = [_row(_titled(names.get(one.name, ""), one.name), one) for one in shown[:_MOST_REQUESTS]]
    return [*columns([head, *rows], "lrrrrrrrr"), *more(len(shown) - _MOST_REQUESTS, "requests")]


def _types(scenario: Scenario, summary: Summary) -> list[str]:
    if len(summary.by_type) < 2 or len(summary.by_type) == len(summary.by_request):
        return []
    head = ("Train type", "asked", "accepted", "late", "mean late", "worst", "mean journey", "unimpeded", "longer")
    rows = [_row(_titled(scenario.train_types[one.name].name, one.name), one) for one in summary.by_type[:_MOST_TYPES]]
    return [*columns([head, *rows], "lrrrrrrrr"), *more(len(summary.by_type) - _MOST_TYPES, "train types")]


def _row(name: str, one: Journeys) -> tuple[str, ...]:
    counts = short(name), str(one.asked), str(one.accepted)
    if not one.accepted:
        return (*counts, *("-",) * 6)
    return (
        *counts,
        str(one.late),
        hm(one.late_mean_s),
        hm(one.late_max_s),
        hm(one.journey_mean_s),
        hm(one.unimpeded_mean_s),
        _stretch(one),
    )


def _refused(summary: Summary) -> list[str]:
    if not summary.refused:
        return []
    lines = [f"Refused: {len(summary.refused)}"]
    groups: dict[tuple[str, str, bool], list[Refusal]] = defaultdict(list)
    for refusal in summary.refused:
        groups[refusal.request, refusal.reason, refusal.proof].append(refusal)
    for (_, reason, proof), group in list(groups.items())[:_MOST_REFUSALS]:
        trains = _list([short_id(one.train) for one in group], 4) + (" (proven)" if proof else "")
        lines += wrap(f"{trains}: {reason}", WIDTH, initial_indent="  ", subsequent_indent="      ")
    left = [one for group in list(groups.values())[_MOST_REFUSALS:] for one in group]
    if left:
        counts: dict[str, int] = defaultdict(int)
        for one in left:
            counts[one.request] += 1
        rest = ", ".join(f"{request} {count}" for request, count in counts.items())
        lines += wrap(
            f"and {len(left)} more, with their reasons in the tables: {rest}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="      ",
        )
    return lines


def _sections(scenario: Scenario, summary: Summary) -> list[str]:
    uses = summary.sections[:MOST_PLACES]
    if not uses:
        return []
    head = ("Busiest sections (headways counted)", "trains", "occupied h", "of open h", "share", "on its busiest day")
    rows = [
        (
            _track_name(scenario, use),
            str(use.trains),
            f"{use.occupied_s / 3600:.1f}",
            f"{use.open_s / 3600:.1f}",
            f"{100 * use.share:.0f} %",
            f"{100 * use.busiest_share:.0f} % ({use.busiest_day})",
        )
        for use in uses
    ]
    return columns([head, *rows], "lrrrrr")


def _track_name(scenario: Scenario, use: SectionUse) -> str:
    """Return a section's name, with the track where it has two: each of them is counted by itself."""
    track = f", track {use.track}" if scenario.network.sections[use.section].tracks > 1 else ""
    return short(section_name(scenario, use.section), 46 - len(track)) + track


def _stations(scenario: Scenario, summary: Summary) -> list[str]:
    shown = summary.stations[:MOST_PLACES]
    if not shown:
        return []
    head = ("Most meets and passes", "meets", "passes")
    rows = [(short(station_name(scenario, one.station)), str(one.meets), str(one.passes)) for one in shown]
    return [*columns([head, *rows], "lrr"), *more(len(summary.stations) - len(shown), "stations")]


def _waits(scenario: Scenario, summary: Summary) -> list[str]:
    shown = summary.waits[:MOST_PLACES]
    if not shown:
        return []
    head = ("Longest waits beyond what was asked", "at", "from (local)", "waits")
    rows = [
        (
            short(" ".join(part for part in (wait.number, short_id(wait.train)) if part)),
            short(station_name(scenario, wait.station)),
            stamp(wait.from_s, scenario.network.stations[wait.station].time_zone),
            duration(wait.beyond_asked_s),
        )
        for wait in shown
    ]
    return columns([head, *rows], "lllr")


def _list(items: Iterable[str], most: int) -> str:
    items = list(items)
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


def _titled(name: str, ident: str) -> str:
    return f"{ident} {name}" if name and name != ident else ident


def _stretch(one: Journeys) -> str:
    return f"{100 * (one.stretch - 1):+.0f} %"


def _number(value: float) -> str:
    return f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
