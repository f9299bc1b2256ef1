"""What the summary says of yards: where the time of trains goes, what is busy, and the ways across borders."""

from __future__ import annotations

from textwrap import wrap

from railcap.corridor.scenario import Scenario
from railcap.measures.causes import yard_full
from railcap.measures.names import station_name
from railcap.measures.standing import Doing, TimeUse
from railcap.measures.summary import Summary
from railcap.measures.text_columns import MOST_PLACES, WIDTH, columns, hm, more, short
from railcap.measures.yards import YardUse, tracks_text

_MOST_CAUSES = 6


def time_lines(scenario: Scenario, summary: Summary) -> list[str]:
    """Return where the time of all trains goes: running and stops, the longest steps, the greatest causes of waits."""
    whole = sum(use.seconds for use in summary.times)
    if not whole:
        return []
    kinds = {doing: [use for use in summary.times if use.doing is doing] for doing in Doing}
    shown = [use for doing in Doing for use in kinds[doing][: _MOST_CAUSES if doing is Doing.WAIT else MOST_PLACES]]
    head = ("Where the time of all trains goes", "hours", "share", "trains", "longest", "most of it at")
    rows = [
        (
            short(_use_name(scenario, use), 46),
            f"{use.seconds / 3600:.1f}",
            f"{100 * use.seconds / whole:.0f} %",
            str(use.trains),
            *(("", "") if use.doing is Doing.RUNNING else (hm(use.longest_s), _place(scenario, use))),
        )
        for use in shown
    ]
    return [*columns([head, *rows], "lrrrrl"), *more(len(summary.times) - len(shown), "uses of time")]


def _place(scenario: Scenario, use: TimeUse) -> str:
    return short(station_name(scenario, use.place), 30)


def _use_name(scenario: Scenario, use: TimeUse) -> str:
    """Return what time is used for; a wait for a full yard names the station as people know it."""
    if use.doing in (Doing.RUNNING, Doing.ASKED_STOP):
        return use.what
    full = (one for one in scenario.network.stations if use.what == yard_full(one))
    what = next((yard_full(station_name(scenario, one)) for one in full), use.what)
    return f"{use.doing.value}: {what}"


def yard_lines(scenario: Scenario, summary: Summary) -> list[str]:
    """Return the yard resources, the busiest first, and what binds each yard."""
    uses = [(yard, use) for yard in summary.yards for use in yard.resources]
    uses.sort(key=lambda one: -one[1].load.busiest_share)
    shown = uses[:_MOST_CAUSES]
    head = (
        "Yard resources",
        "trains",
        "busy h",
        "of open h",
        "share",
        "on its busiest day",
        "queue",
        "mean wait",
        "worst",
    )
    rows = [
        (
            short(f"{use.resource} ({use.capacity}) at {station_name(scenario, yard.station)}", 32),
            str(use.trains),
            f"{use.load.busy_s / 3600:.1f}",
            f"{use.load.open_s / 3600:.1f}",
            f"{100 * use.load.share:.0f} %",
            f"{100 * use.load.busiest_share:.0f} % ({use.load.busiest_day})",
            str(use.longest_queue),
            hm(use.wait_mean_s),
            hm(use.wait_max_s),
        )
        for yard, use in shown
    ]
    lines = [*columns([head, *rows], "lrrrrrrrr"), *more(len(uses) - len(shown), "yard resources")] if rows else []
    for yard in summary.yards[:MOST_PLACES]:
        lines += wrap(_yard(scenario, yard), WIDTH, subsequent_indent="  ")
    return [*lines, *more(len(summary.yards) - MOST_PLACES, "yards")]


def _yard(scenario: Scenario, yard: YardUse) -> str:
    """Return what a planner should know of a yard, in a few sentences."""
    tracks = yard.tracks[0]
    text = f"{yard.binding} At most {tracks.most} trains at once on {len(tracks.tracks)} tracks"
    for group in yard.tracks:
        if group.full_s:
            text += f", {tracks_text(group)} full for {hm(group.full_s)}"
            break
    if yard.held_out:
        text += f"; {yard.held_out} train{'s'[: yard.held_out != 1]} held out on the line for {hm(yard.held_out_s)}"
    return f"{text}."


def chain_lines(summary: Summary) -> list[str]:
    """Return the whole ways across borders, from train to train."""
    shown = summary.chains[:MOST_PLACES]
    if not shown:
        return []
    doings = (Doing.RUNNING, Doing.ASKED_STOP, Doing.STEP, Doing.WAIT, Doing.BETWEEN)
    head = (
        "From train to train (means)",
        "chains",
        "whole way",
        "longest",
        "running",
        "stops",
        "steps",
        "waits",
        "between",
    )
    rows = [
        (
            short(" > ".join(group.ways), 44),
            str(group.chains),
            hm(group.mean_s),
            hm(group.longest_s),
            *(hm(sum(use.seconds for use in group.uses if use.doing is doing) / group.chains) for doing in doings),
        )
        for group in shown
    ]
    return [*columns([head, *rows], "lrrrrrrrr"), *more(len(summary.chains) - len(shown), "kinds of chains")]
