"""Faults of the period, the rules and the network: what can be said of each record by itself and its references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from railcap.corridor.infrastructure import Section, Station, Track
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import TrainType
from railcap.corridor.validate_fault import Fault, Faults, Record

_HIGHEST_SPEED_KMH = 500
_CATEGORIES = ("freight", "passenger")
_SETTINGS: Record = ("scenario", ())
PERIOD = ("time_zone", "start", "days", "run_out_h")
"""Settings without which nothing can be said of times."""


def settings_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of name, period, rules and weights."""
    found = Faults()
    found.zones = zones_of(scenario)
    if not scenario.name.strip():
        found.add(_SETTINGS, "name", scenario.name, "the scenario needs a name", "missing-value")
    found.zone(_SETTINGS, "time_zone", scenario.time_zone)
    found.bounds(_SETTINGS, "start", scenario.start.year, 1971, 2200, "as a year")
    found.bounds(_SETTINGS, "days", scenario.days, 1, 400, "days")
    found.bounds(_SETTINGS, "run_out_h", scenario.run_out_h, 0, 1000, "hours")
    rules, weights = scenario.rules, scenario.weights
    found.bounds(_SETTINGS, "rules.time_step_min", rules.time_step_s / 60, 1 / 60, 60, "minutes")
    for name in (
        "non_simultaneous_arrival",
        "crossing_interval",
        "following_interval",
        "block_release",
        "track_release",
    ):
        # A track needs a moment to clear, or two trains could change places in one instant.
        least = 1 / 60 if name == "track_release" else 0
        found.bounds(_SETTINGS, f"rules.{name}_min", getattr(rules, f"{name}_s") / 60, least, 240, "minutes")
    found.bounds(_SETTINGS, "rules.longest_running_factor", rules.longest_running_factor, 1, 100, "")
    for name in weights.__dataclass_fields__:
        found.bounds(_SETTINGS, f"cost.{name}", getattr(weights, name), 0, 1_000_000, "")
    return found


def network_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of stations, tracks, sections, running times and train types."""
    found = Faults()
    found.zones = zones_of(scenario)
    network = scenario.network
    for key, station in network.stations.items():
        same_id(found, ("stations", (key,)), station.id)
        _station(found, station)
    for key, section in network.sections.items():
        same_id(found, ("sections", (key,)), section.id)
        _section(found, section, network.stations)
    _parallel(found, network.sections.values())
    for id_, train_type in scenario.train_types.items():
        same_id(found, ("train_types", (id_,)), train_type.id)
        _train_type(found, train_type)
    _running_times(found, scenario)
    return found


def zones_of(scenario: Scenario) -> list[str]:
    """Return the time zones that a scenario uses."""
    return [scenario.time_zone, *(station.time_zone for station in scenario.network.stations.values())]


def same_id(found: Faults, record: Record, id_: str, column: str = "id") -> None:
    """Add a fault if a record of a mapping has another id than its key."""
    if record[1] != (id_,):
        found.add(record, column, id_, f"it stands under {record[1][0]!r} but has another id", "bad-id")


def _station(found: Faults, station: Station) -> None:
    record = "stations", (station.id,)
    found.id(record, "id", station.id, " ")
    if station.id == "*":
        found.add(record, "id", "*", "this sign stands for every station and cannot be the id of one", "bad-id")
    found.zone(record, "time_zone", station.time_zone)
    for column, interval_s in (
        ("non_simultaneous_arrival_min", station.non_simultaneous_arrival_s),
        ("crossing_interval_min", station.crossing_interval_s),
    ):
        found.bounds(record, column, None if interval_s is None else interval_s / 60, 0, 240, "minutes")
    found.bounds(record, "km", station.km, -1e5, 1e5, "km")
    found.bounds(record, "lat", station.lat, -90, 90, "degrees")
    found.bounds(record, "lon", station.lon, -180, 180, "degrees")
    if not station.tracks:
        message = "this station has no tracks, so no train can pass it; give them in the table tracks"
        found.add(record, "id", station.id, message, "no-tracks")
    for id_, count in Counter(track.id for track in station.tracks).items():
        if count > 1:
            found.add(("tracks", (station.id, id_)), "track", id_, f"{count} tracks have this id", "duplicate-id")
    for track in station.tracks:
        _track(found, station, track)


def _track(found: Faults, station: Station, track: Track) -> None:
    record = "tracks", (station.id, track.id)
    found.id(record, "track", track.id, "+")
    found.bounds(record, "length_m", track.length_m, 1, 20_000, "m")
    _gauges(found, record, track.gauges_mm)


def _gauges(found: Faults, record: Record, gauges_mm: Collection[int]) -> None:
    if not gauges_mm:
        found.add(record, "gauges", "", "at least one gauge is needed", "missing-value")
    for gauge in sorted(gauges_mm):
        found.bounds(record, "gauges", gauge, 300, 3000, "mm")


def _section(found: Faults, section: Section, stations: Collection[str]) -> None:
    record = "sections", (section.id,)
    found.id(record, "id", section.id)
    found.known(record, "from", section.start, stations, "station")
    found.known(record, "to", section.end, stations, "station")
    if section.start == section.end:
        found.add(record, "to", section.end, "a section must lead to another station", "section-to-itself")
    found.bounds(record, "length_km", section.length_m / 1000, 0.001, 1000, "km")
    if section.tracks not in (1, 2):
        message = "a section has 1 or 2 tracks; for more, add a parallel section"
        found.add(record, "tracks", section.tracks, message, "out-of-range")
    _gauges(found, record, section.gauges_mm)
    for category in _CATEGORIES:
        column, speed = f"speed_{category}_kmh", section.speeds_kmh.get(category)
        if speed is None:
            found.add(record, column, "", f"the speed of {category} trains is missing", "missing-value")
        found.bounds(record, column, speed, 1, _HIGHEST_SPEED_KMH, "km/h")
    found.bounds(record, "blocks", section.blocks, 1, 100, "blocks")
    interval_s = section.following_interval_s
    found.bounds(record, "following_interval_min", None if interval_s is None else interval_s / 60, 0, 240, "minutes")


def _parallel(found: Faults, sections: Collection[Section]) -> None:
    """Warn of sections that are alike: often a row that was copied."""
    alike: dict[object, str] = {}
    for section in sections:
        key = frozenset((section.start, section.end)), section.length_m, section.gauges_mm
        if key in alike:
            message = (
                f"section {alike[key]} joins the same stations with the same length and gauge; trains use the quicker "
                "one only. For a second track, give one section 2 tracks"
            )
            found.add(("sections", (section.id,)), "id", section.id, message, "parallel-section", "warning")
        alike.setdefault(key, section.id)


def _train_type(found: Faults, train_type: TrainType) -> None:
    record = "train_types", (train_type.id,)
    found.id(record, "id", train_type.id)
    if train_type.category not in _CATEGORIES:
        message = f"the category is {' or '.join(_CATEGORIES)}"
        found.add(record, "category", train_type.category, message, "unknown-word")
    found.bounds(record, "length_m", train_type.length_m, 1, 10_000, "m")
    found.bounds(record, "speed_kmh", train_type.speed_kmh, 1, _HIGHEST_SPEED_KMH, "km/h")
    found.bounds(record, "gauge", train_type.gauge_mm, 300, 3000, "mm")
    found.bounds(record, "start_supplement_min", train_type.start_supplement_s / 60, 0, 120, "minutes")
    found.bounds(record, "stop_supplement_min", train_type.stop_supplement_s / 60, 0, 120, "minutes")
    found.bounds(record, "wagons", train_type.wagons, 0, 1000, "wagons")


def _running_times(found: Faults, scenario: Scenario) -> None:
    network = scenario.network
    for key, running_s in network.running_times_s.items():
        record = "running_times", key
        section_id, entering, train_type_id = key
        section = network.sections.get(section_id)
        found.known(record, "section", section_id, network.sections, "section")
        if section and entering not in (section.start, section.end):
            message = f"the section has its ends at {section.start} and {section.end}"
            found.add(record, "from", entering, message, "not-an-end")
        train_type = scenario.train_types.get(train_type_id)
        found.known(record, "train_type", train_type_id, scenario.train_types, "train type")
        found.bounds(record, "running_min", running_s / 60, 1 / 60, 6000, "minutes")
        if section and train_type and running_s > 0:
            speed = section.length_m * 3.6 / running_s
            if speed > _HIGHEST_SPEED_KMH:
                message = f"{section.length_m / 1000:g} km in this time would be {speed:.0f} km/h"
                found.add(record, "running_min", running_s / 60, message, "out-of-range")
            elif speed > train_type.speed_kmh * 1.1:
                message = f"this would be {speed:.0f} km/h; the train type runs {train_type.speed_kmh:g} km/h at most"
                found.add(record, "running_min", running_s / 60, message, "faster-than-train", "warning")


def connection_faults(scenario: Scenario) -> list[Fault]:
    """Return warnings of a network in pieces, and of gauges that end nowhere."""
    found = Faults()
    for part in _pieces(scenario)[1:]:
        others = f" with {len(part) - 1} more" if len(part) > 1 else ""
        message = f"no section joins this station{others} to the rest of the network"
        found.add(("stations", (part[0],)), "id", part[0], message, "disconnected-network", "warning")
    for section in scenario.network.sections.values():
        for column, end in (("from", section.start), ("to", section.end)):
            station = scenario.network.stations.get(end)
            gauges = {gauge for track in station.tracks for gauge in track.gauges_mm} if station else section.gauges_mm
            if (missing := section.gauges_mm - gauges) and gauges:
                message = f"no track of this station has the section's gauge of {min(missing)} mm"
                found.add(("sections", (section.id,)), column, end, message, "gauge-without-track", "warning")
    return found


def _pieces(scenario: Scenario) -> list[list[str]]:
    """Return the connected parts of the network, the largest first; one if a section leads nowhere, which is told."""
    import networkx as nx

    stations = scenario.network.stations
    if any(not {section.start, section.end} <= stations.keys() for section in scenario.network.sections.values()):
        return [list(stations)]
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(scenario.network.stations)
    graph.add_edges_from((section.start, section.end) for section in scenario.network.sections.values())
    order = {station: place for place, station in enumerate(scenario.network.stations)}
    parts = [sorted(part, key=order.__getitem__) for part in nx.connected_components(graph)]
    return sorted(parts, key=lambda part: (-len(part), order[part[0]]))


def closure_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults of closures and daylight running."""
    found = Faults()
    found.zones = zones_of(scenario)
    found.unique("closures", (closure.id for closure in scenario.closures))
    for closure in scenario.closures:
        record = "closures", (closure.id,)
        found.id(record, "id", closure.id)
        _closed_place(found, record, closure, scenario)
        _closed_period(found, record, closure, scenario)
        if closure.time_zone:
            found.zone(record, "time_zone", closure.time_zone)
    provinces = {station.province for station in scenario.network.stations.values()} - {""}
    for number, daylight in enumerate(scenario.daylight, start=1):
        _daylight(found, ("daylight", (str(number),)), daylight, scenario, provinces)
    return found


def _closed_place(found: Faults, record: Record, closure: Closure, scenario: Scenario) -> None:
    network = scenario.network
    if sum(map(bool, (closure.section, closure.station, closure.yard_resource))) != 1:
        message = "a closure is of a section, of a station or of a yard resource: give one of them"
        found.add(record, "section", closure.section, message, "contradiction")
    for column, value, needs in (
        ("section_track", closure.section_track, closure.section),
        ("track", closure.track, closure.station),
    ):
        if value and not needs:
            message = f"this track needs a {'section' if column == 'section_track' else 'station'} beside it"
            found.add(record, column, value, message, "contradiction")
    if closure.section and found.known(record, "section", closure.section, network.sections, "section"):
        section = network.sections[closure.section]
        tracks = section.track_ids()
        if section.tracks in (1, 2) and closure.section_track and closure.section_track not in tracks:
            message = f"the section has no such track; it has {' and '.join(tracks)}"
            found.add(record, "section_track", closure.section_track, message, "unknown-track")
    if (
        closure.station
        and found.known(record, "station", closure.station, network.stations, "station")
        and closure.track
    ):
        found.known(
            record, "track", closure.track, (one.id for one in network.stations[closure.station].tracks), "track"
        )
    if closure.yard_resource:
        found.known(record, "yard_resource", closure.yard_resource, scenario.yard_resources, "yard resource")


def _closed_period(found: Faults, record: Record, closure: Closure, scenario: Scenario) -> None:
    once = (closure.from_s, closure.until_s)
    daily = (closure.from_of_day_s, closure.until_of_day_s)
    if (None in once) == (None in daily) or (None in once and once != (None, None)):
        message = "give both from and until, as moments (once) or as times of day (recurring)"
        found.add(record, "from", "", message, "contradiction")
        return
    begin, end = once
    if begin is not None and end is not None:
        if closure.weekdays:
            found.add(record, "weekdays", "", "only a recurring closure has weekdays", "contradiction")
        if end <= begin:
            found.add(record, "until", "", "the closure ends before it begins", "ends-before-begin")
        elif period_is_sound(scenario) and (end <= scenario.begin_s or begin >= scenario.end_s):
            message = "the closure lies outside the scenario's period, so it has no effect"
            found.add(record, "from", "", message, "no-effect", "warning")
    daily_faults(found, record, *daily, "closure")
    if not closure.weekdays <= set(range(7)):
        found.add(record, "weekdays", sorted(closure.weekdays), "days of the week are 0 to 6", "out-of-range")


def period_is_sound(scenario: Scenario) -> bool:
    """Whether nothing is wrong with the days of a scenario."""
    return not any(fault.column in PERIOD for fault in settings_faults(scenario))


def daily_faults(found: Faults, record: Record, begin: int | None, end: int | None, what: str) -> None:
    """Add the faults of what begins and ends on each day."""
    if begin is None or end is None:
        return
    found.bounds(record, "from", begin / 3600, 0, 24, "hours")
    found.bounds(record, "until", end / 3600, 0, 24 * 8, "hours")
    if begin == end:
        message = f"the {what} ends when it begins; for a whole day write 00:00 to 24:00"
        found.add(record, "until", "", message, "ends-before-begin")


def _daylight(
    found: Faults, record: Record, daylight: Daylight, scenario: Scenario, provinces: Collection[str]
) -> None:
    if bool(daylight.section) == bool(daylight.province):
        message = "daylight running is of a section or of a province: give one of them"
        found.add(record, "section", daylight.section, message, "contradiction")
    if daylight.section:
        found.known(record, "section", daylight.section, scenario.network.sections, "section")
    if daylight.province:
        found.known(record, "province", daylight.province, provinces, "province")
    if daylight.time_zone:
        found.zone(record, "time_zone", daylight.time_zone)
    daily_faults(found, record, daylight.from_of_day_s, daylight.until_of_day_s, "day")
