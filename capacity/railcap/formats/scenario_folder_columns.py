"""The tables of a scenario folder with their columns, and the keys of its ``scenario.toml`` (docs/scenario.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from railcap.corridor.rules import CostWeights, Rules

SCHEMA = 1
SETTINGS = "scenario.toml"


def _columns(names: str) -> Mapping[str, bool]:
    """Return columns and whether each is required, which the star behind its name says."""
    return {name.rstrip("*"): name.endswith("*") for name in names.split()}


TABLES: Mapping[str, Mapping[str, bool]] = {
    "stations": _columns(
        "id* name km country province time_zone lat lon simultaneous_reception non_simultaneous_arrival_min "
        "crossing_interval_min kind note assumed"
    ),
    "tracks": _columns("station* track* kind* length_m* gauges* assumed"),
    "sections": _columns(
        "id* from* to* length_km* tracks gauges* speed_freight_kmh* speed_passenger_kmh* blocks bidirectional "
        "following_interval_min note assumed"
    ),
    "running_times": _columns("section* from* train_type* running_min*"),
    "train_types": _columns(
        "id* name category* length_m* speed_kmh* gauge* start_supplement_min stop_supplement_min wagons note assumed"
    ),
    "requests": _columns(
        "id* number name train_type* from* to* via direction departure* earlier_min later_min per_day every_min "
        "weekdays first_day last_day arrive_until longest_journey_min value mandatory note"
    ),
    "stops": _columns("request* station* dwell_min arrive_from arrive_until depart_from depart_until process"),
    "fixed_paths": _columns("train* number train_type* station* arrival departure track"),
    "closures": _columns(
        "id* section section_track station track yard_resource from* until* weekdays time_zone reason"
    ),
    "daylight": _columns("section province from* until* time_zone"),
    "yard_resources": _columns("id* station* capacity at_close note assumed"),
    "opening_hours": _columns("resource* weekdays from* until* time_zone"),
    "yard_steps": _columns("process* step* resource tracks duration_min per_wagon_min note assumed"),
    "links": _columns(
        "id* kind* first* second* first_count second_count days_later least_min longest_min if_refused station note "
        "assumed"
    ),
    "bankers": _columns("id* from* to* train_types* engine_type* engines least_min longest_min note assumed"),
}
"""Every table, its columns, and whether each is required."""

NEEDED = ("stations", "tracks", "sections", "train_types", "requests")
"""The tables without which there is no scenario."""

RULE_KEYS: Mapping[str, str] = {
    name.removesuffix("_s") + "_min" if name.endswith("_s") else name: name for name in Rules.__dataclass_fields__
}
"""Keys of ``[rules]``, durations in minutes, and the fields of `Rules` that they set."""

COST_KEYS: tuple[str, ...] = tuple(CostWeights.__dataclass_fields__)
"""Keys of ``[cost]``, as the fields of `CostWeights`."""

TOP_KEYS = (
    "schema",
    "name",
    "title",
    "description",
    "time_zone",
    "start",
    "days",
    "run_out_h",
    "base",
    "rules",
    "cost",
)
"""Keys of ``scenario.toml`` outside its sections."""


def default_of(kind: type, field: str) -> Any:
    """Return the default of a dataclass's field, so that it stands in one place."""
    return next(one.default for one in fields(kind) if one.name == field)
