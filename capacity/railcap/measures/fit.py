"""Whether a timetable belongs to a scenario at all, before anything is read off the two together."""

from __future__ import annotations

from collections.abc import Iterator

from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, Issue
from railcap.planning.timetable import Timetable, TrainPath
from railcap.units import DAY_S

_SLACK_S = 366 * DAY_S


def must_fit(scenario: Scenario, timetable: Timetable) -> None:
    """Raise `InputError` if the timetable names what the scenario does not have, or lies in another year.

    Whether it keeps the rules is the railway checker's question.
    """
    issues = list(dict.fromkeys(issue for path in timetable.paths for issue in _issues(scenario, path)))
    if issues:
        raise InputError(
            f"the timetable of {timetable.scenario!r} does not belong to scenario {scenario.name!r}", issues
        )


def _issues(scenario: Scenario, path: TrainPath) -> Iterator[Issue]:
    where = f"train {path.train}"
    if path.train_type not in scenario.train_types:
        yield Issue("", where, path.train_type, "the scenario has no such train type", "unknown-train-type")
    for call in path.calls:
        if call.station not in scenario.network.stations:
            yield Issue("", where, call.station, "the scenario has no such station", "unknown-station")
        for step in call.steps:
            if step.resource and step.resource not in scenario.yard_resources:
                message = "the scenario has no such yard resource"
                yield Issue("", where, step.resource, message, "unknown-yard-resource")
    for leg in path.legs:
        if leg.section not in scenario.network.sections:
            yield Issue("", where, leg.section, "the scenario has no such section", "unknown-section")
    for moment in (path.calls[0].arrival_s, path.departure_s, path.arrival_s, path.calls[-1].departure_s):
        if not scenario.begin_s - _SLACK_S <= moment <= scenario.end_s + _SLACK_S:
            message = "this time (UTC seconds) is more than a year from the scenario's days"
            yield Issue("", where, str(moment), message, "time-out-of-range")
