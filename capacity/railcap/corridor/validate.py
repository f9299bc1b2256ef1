"""Validation: every fault of a scenario at once, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Collection

from railcap.corridor.scenario import Scenario
from railcap.corridor.validate_bankers import banker_faults
from railcap.corridor.validate_fault import Fault, Record
from railcap.corridor.validate_journeys import journey_faults
from railcap.corridor.validate_links import link_faults
from railcap.corridor.validate_network import PERIOD, closure_faults, connection_faults, network_faults, settings_faults
from railcap.corridor.validate_traffic import traffic_faults
from railcap.corridor.validate_yards import use_faults, yard_faults
from railcap.errors import Issue

_REFERRED = {
    "unknown-station": {"stations"},
    "unknown-section": {"sections"},
    "unknown-train-type": {"train_types"},
    "unknown-province": {"stations"},
    "unknown-track": {"tracks", "stations", "sections"},
    "unknown-yard-resource": {"yard_resources"},
    "unknown-process": {"yard_steps"},
    "unknown-request": {"requests"},
    "no-tracks": {"tracks"},
    "gauge-without-track": {"tracks", "stations"},
    "disconnected-network": {"sections", "stations"},
}
"""Faults that mean nothing if one of these tables could not be read."""


def validate(scenario: Scenario) -> list[Issue]:
    """Return every fault of a scenario, errors and warnings, with tables and records named; empty if there is none."""
    return [fault.as_issue() for fault in find_faults(scenario)]


def find_faults(scenario: Scenario, *, broken: Collection[Record] = (), unread: Collection[str] = ()) -> list[Fault]:
    """Return every fault of a scenario.

    Parameters
    ----------
    broken : collection of records
        Those with faults that are known already; what only follows from them is left out. ``("scenario", ())`` stands
        for the period.
    unread : collection of str
        Tables that could not be read.
    """
    found = settings_faults(scenario) + network_faults(scenario) + traffic_faults(scenario) + closure_faults(scenario)
    found += yard_faults(scenario) + link_faults(scenario) + banker_faults(scenario) + connection_faults(scenario)
    found = [fault for fault in found if not _REFERRED.get(fault.code, set()) & set(unread)]
    errors = {
        fault.record
        for fault in found
        if fault.severity == "error" and (fault.table != "scenario" or fault.column in PERIOD)
    }
    if ("scenario", ()) in errors | set(broken):
        found = [fault for fault in found if fault.code not in ("no-effect", "no-trains")]
    known = errors | set(broken)
    return found + use_faults(scenario, known, unread) + journey_faults(scenario, known, unread)
