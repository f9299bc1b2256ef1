"""From a scenario and its timetable to the event graph: what can happen when, with the timetable's order kept."""

from __future__ import annotations

from dataclasses import replace

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import section_closures, station_track_closures, train_requests, yard_closed_times
from railcap.corridor.scenario import Scenario
from railcap.corridor.ties import tied_trains, turned_trains
from railcap.corridor.yards import LinkKind
from railcap.measures.meets import meetings
from railcap.measures.robustness.between_trains import (
    tie_arrivals,
    tie_bankers,
    tie_links,
    tie_resources,
    tie_sections,
    tie_tracks,
)
from railcap.measures.robustness.delay_table import DelayTable
from railcap.measures.robustness.events import Cause, EventGraph
from railcap.measures.robustness.graph_draft import GraphDraft
from railcap.measures.robustness.train_events import ClosedTimes, TrainEventsMaker
from railcap.planning.timetable import Timetable

BEYOND_H = 28 * 24
"""For so long after the horizon nights, possessions and opening hours go on for trains that are late."""


def event_graph(scenario: Scenario, timetable: Timetable, table: DelayTable) -> EventGraph:
    """Return the event graph of a timetable that keeps the rules of docs/model.md.

    Parameters
    ----------
    table : DelayTable
        The primary delays that may occur.

    Raises
    ------
    InternalError
        If an event would have to come later than planned although nothing is late: the timetable breaks a rule.
    """
    requests = train_requests(scenario)
    banked = list(banked_trains(scenario, requests))
    pairs = tied_trains(scenario)
    turned = turned_trains(scenario)
    running = {path.train for path in timetable.paths}
    rakes = frozenset(
        pair.second for pair in pairs if pair.link.kind is LinkKind.TURN_ROUND and {pair.first, pair.second} <= running
    )
    meets = {
        (one.station, frozenset((one.first, one.second))): (
            Cause.PASS if one.same_direction else Cause.MEET,
            one.first,
            one.second,
        )
        for one in meetings(timetable)
    }
    draft = GraphDraft(timetable.paths, meets)
    by_id = {request.id: request for request in requests}
    maker = TrainEventsMaker(scenario, table, draft, _closed_times(scenario), by_id, turned, rakes)
    trains = {path.train: maker.make(number) for number, path in enumerate(timetable.paths)}
    tie_sections(scenario, draft, trains)
    tie_tracks(scenario, draft, trains)
    tie_arrivals(scenario, draft, trains)
    tie_resources(scenario, draft, trains)
    tie_links(scenario, draft, trains, pairs, turned)
    tie_bankers(draft, trains, banked)
    return draft.finish([one.arrive[len(one.path.calls) - 1].event for one in trains.values()])


def _closed_times(scenario: Scenario) -> ClosedTimes:
    """Return when what is closed, on and beyond the horizon."""
    longer = replace(scenario, run_out_h=scenario.run_out_h + BEYOND_H)
    return ClosedTimes(
        section_closures(longer), station_track_closures(longer), yard_closed_times(longer), longer.end_s
    )
