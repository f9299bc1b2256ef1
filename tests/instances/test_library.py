"""The shipped instances: they load cleanly, say what is assumed, and hold the published facts."""

from __future__ import annotations

import csv
import re
from collections import Counter
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from railcap.corridor.expand import section_closures, train_requests
from railcap.corridor.infrastructure import TrackKind
from railcap.corridor.routing import Route, route
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.formats.scenario_folder import load_scenario, load_scenario_with_issues
from railcap.units import to_utc_s
from railcap_instances.catalogue import describe, folder, names

BALOCHISTAN_SECTIONS = 33


@pytest.fixture(scope="module")
def network() -> Scenario:
    return load_scenario(folder("karachi-uzen"))


@pytest.fixture(scope="module")
def three_days() -> Scenario:
    return load_scenario(folder("karachi-chaman-3days"))


def _way(scenario: Scenario, train_type: str, *stations: str) -> Route:
    return route(scenario, train_type, stations[0], stations[1:-1], stations[-1])


def _km(scenario: Scenario, way: Route) -> float:
    return sum(scenario.network.sections[section].length_m for section in way.sections) / 1000


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_the_catalogue_names_the_instances() -> None:
    assert names() == (
        "chaman-yard-day",
        "karachi-chaman-3days",
        "karachi-uzen",
        "karachi-uzen-optimistic",
        "karachi-uzen-week",
        "karachi-uzen-week-border-closed",
        "karachi-uzen-week-cautious",
        "karachi-uzen-week-optimistic",
        "quetta-chaman-day",
        "quetta-chaman-day-14",
    )
    for name in names():
        assert (folder(name) / "scenario.toml").is_file()
        assert len(describe(name)) > 40
    with pytest.raises(KeyError, match="quetta-chaman-day-14"):
        folder("karachi")


def test_hosts_find_the_library_by_entry_point() -> None:
    (library,) = entry_points(group="railcap.instances", name="library")
    assert library.load() is folder


@pytest.mark.parametrize("name", names())
def test_an_instance_loads_without_an_error_or_a_warning(name: str) -> None:
    scenario, issues = load_scenario_with_issues(folder(name))
    assert issues == []
    assert scenario.name == name


@pytest.mark.parametrize(
    ("train_type", "stations", "km"),
    [
        ("PK_CONT", ("pk_kiamari_karachi_port", "pk_rohri_junction"), 481),
        ("PK_CONT", ("pk_rohri_junction", "pk_chaman"), 526),
        ("PK_CONT", ("pk_kiamari_karachi_port", "pk_chaman"), 1007),
        ("PK_LOCAL", ("pk_quetta", "pk_chaman"), 142),
        ("PK_CONT", ("pk_chaman", "af_spin_boldak"), 11),
        ("CA_CONT", ("af_spin_boldak", "af_kandahar"), 96),
        ("CA_CONT", ("af_kandahar", "af_herat_airport_guzara"), 737.5),
        ("CA_CONT", ("af_herat_airport_guzara", "tm_serhetabat_kushka"), 164.5),
        ("CA_CONT", ("tm_serhetabat_kushka", "tm_mary"), 315),
        ("CA_CONT", ("tm_mary", "tm_ashgabat", "tm_bereket"), 660),
        ("CA_CONT", ("tm_bereket", "tm_serhetyaka"), 442),
        ("CA_CONT", ("kz_bolashak", "kz_uzen_zhanaozen"), 146),
        ("CA_CONT", ("kz_mangystau_mangyshlak", "kz_beyneu"), 404),
        ("CA_CONT", ("af_spin_boldak", "kz_uzen_zhanaozen"), 2569),
    ],
)
def test_distances_are_the_published_ones(
    network: Scenario, train_type: str, stations: tuple[str, ...], km: float
) -> None:
    assert _km(network, _way(network, train_type, *stations)) == pytest.approx(km, abs=0.05)


def test_kilometre_posts_agree_with_section_lengths(network: Scenario) -> None:
    for section in network.network.sections.values():
        start, end = network.network.stations[section.start], network.network.stations[section.end]
        assert start.km is not None
        assert end.km is not None
        # A branch and the onward line count on from their junction.
        assert abs(end.km - start.km) == pytest.approx(section.length_m / 1000, abs=0.11), section.id


def test_gauges_meet_at_spin_boldak_only(network: Scenario) -> None:
    both = {
        station.id
        for station in network.network.stations.values()
        if {1676, 1520} <= {gauge for track in station.tracks for gauge in track.gauges_mm}
    }
    assert both == {"af_spin_boldak"}
    boldak = network.network.stations["af_spin_boldak"]
    assert Counter(len(track.gauges_mm) for track in boldak.tracks) == {1: 10}
    assert {track.gauges_mm for track in network.network.stations["pk_chaman"].tracks} == {frozenset({1676})}
    dual = {section.id for section in network.network.sections.values() if len(section.gauges_mm) == 2}
    assert dual == {"af_herat_airport_guzara-chahar_khana", "af_chahar_khana-robat_paryan"}


@pytest.mark.parametrize(
    ("station", "mains", "others", "longest_other_m"),
    [
        ("pk_kiamari_karachi_port", 2, 6, 690),
        ("pk_jhimpir", 2, 2, 690),
        ("pk_rohri_junction", 2, 4, 690),
        ("pk_nuttall", 1, 2, 690),
        ("pk_ab_i_gum", 2, 1, 500),
        ("pk_kolpur", 2, 1, 500),
        ("pk_sanzala", 1, 1, 690),
        ("pk_chaman", 1, 7, 690),
        ("af_spin_boldak", 2, 8, 1050),
        ("tm_mary", 1, 5, 850),
        ("kz_bestortkol", 1, 1, 1050),
    ],
)
def test_station_tracks(network: Scenario, station: str, mains: int, others: int, longest_other_m: int) -> None:
    tracks = network.network.stations[station].tracks
    assert sum(track.kind is TrackKind.MAIN for track in tracks) == mains
    other = [track.length_m for track in tracks if track.kind is not TrackKind.MAIN]
    assert (len(other), max(other)) == (others, longest_other_m)


def test_double_track_and_blocks(network: Scenario) -> None:
    double = [section for section in network.network.sections.values() if section.tracks == 2]
    assert len(double) == 51
    ramp = [section.id for section in double if section.blocks == 1]
    assert ramp == ["pk_ab_i_gum-mach", "pk_mach-hirok", "pk_hirok-dozan", "pk_dozan-kolpur"]
    assert {section.blocks for section in double if section.id not in ramp} == {2}
    assert not any(section.bidirectional for section in double)


def test_daylight_running_from_jacobabad_to_spin_boldak(network: Scenario) -> None:
    closed = section_closures(network)
    way = _way(network, "PK_CONT", "pk_jacobabad_junction", "af_spin_boldak")
    assert {section for section, _ in closed} == set(way.sections)
    assert len(way.sections) == BALOCHISTAN_SECTIONS
    until = to_utc_s(network.start, 6 * 3600 + 1800, "Asia/Karachi")
    again = to_utc_s(network.start, 18 * 3600, "Asia/Karachi")
    for intervals in closed.values():
        assert any(end == until for _, end in intervals)
        assert any(begin == again for begin, _ in intervals)


def test_context_lines_are_left_out(network: Scenario) -> None:
    assert "tm_turkmenabat" not in network.network.stations
    assert not any("habib_kot" in one and "kotri" in one for one in network.network.sections)
    assert max(section.length_m for section in network.network.sections.values()) < 50_000


def test_clocks(network: Scenario) -> None:
    zones = {"PK": "Asia/Karachi", "AF": "Asia/Kabul", "TM": "Asia/Ashgabat", "KZ": "Asia/Aqtau"}
    assert all(station.time_zone == zones[station.country] for station in network.network.stations.values())


def test_the_optimistic_variant_halves_the_long_sections(network: Scenario) -> None:
    optimistic = load_scenario(folder("karachi-uzen-optimistic")).network
    cautious = network.network
    long = {key for key, section in cautious.sections.items() if section.length_m > 25_000}
    assert len(long) == 41
    assert set(cautious.sections) - set(optimistic.sections) == long
    assert len(optimistic.stations) - len(cautious.stations) == len(long)
    assert max(section.length_m for section in optimistic.sections.values()) <= 25_000
    assert sum(one.length_m for one in optimistic.sections.values()) == sum(
        one.length_m for one in cautious.sections.values()
    )
    for key in set(optimistic.stations) - set(cautious.stations):
        assert len(optimistic.stations[key].tracks) == 2
        assert "whole place" in optimistic.stations[key].assumed
    assert {key: optimistic.stations[key] for key in cautious.stations} == dict(cautious.stations)


def test_assumed_figures_are_marked_with_a_reason(network: Scenario) -> None:
    stations = network.network.stations.values()
    for station in stations:
        assert "simultaneous reception" in station.assumed
        assert all(track.assumed for track in station.tracks), station.id
    assert all(section.assumed for section in network.network.sections.values())
    assert all(train_type.assumed for train_type in network.train_types.values())
    loops = [station for station in stations if re.match(r"(af|kz)_\w\w_loop_", station.id)]
    assert len(loops) == 56
    assert all("place" in station.assumed for station in loops)


def test_every_source_that_is_named_is_listed() -> None:
    library = folder("karachi-uzen")
    listed = {row["key"]: row["address"] for row in _rows(library / "sources.csv")}
    assert all(address.startswith("http") for address in listed.values())
    named = set()
    tables = [library / name for name in ("stations.csv", "sections.csv", "train_types.csv")]
    for table in [*tables, folder("karachi-chaman-3days") / "requests.csv"]:
        for row in _rows(table):
            found = re.search(r"source: ([a-z0-9 -]+)$", row["note"])
            named |= set(found[1].split()) if found else set()
    assert named <= set(listed)
    # The town points of the coordinates have no row of their own.
    assert set(listed) - named == {"geonames"}


def test_every_station_that_is_not_assumed_has_a_source(network: Scenario) -> None:
    for station in network.network.stations.values():
        assert "source:" in station.note or "place" in station.assumed or "km (great-circle" in station.assumed


def test_three_days_of_traffic(three_days: Scenario) -> None:
    trains = train_requests(three_days)
    assert len(trains) == 156
    per_day = Counter(train.request for train in trains)
    assert {key: count // 3 for key, count in per_day.items()} == {
        "PAX_BOLAN_UP": 1,
        "PAX_BOLAN_DN": 1,
        "PAX_JAFFAR_UP": 1,
        "PAX_JAFFAR_DN": 1,
        "CONT_EXPORT_UP": 4,
        "CONT_EXPORT_DN": 4,
        "REKO_DIQ_UP": 2,
        "REKO_DIQ_DN": 2,
        "PAX_CHAMAN": 2,
        "ML1_PAX": 24,
        "ML1_FREIGHT": 10,
    }
    assert 5 <= (three_days.end_s - three_days.begin_s) / 86400 <= 6
    # No train is cut off by the end of the horizon.
    for train in trains:
        if train.longest_journey_s is not None:
            assert train.latest_departure_s + train.longest_journey_s <= three_days.end_s
            assert shortest_journey_s(three_days, train) < train.longest_journey_s
    assert (three_days.weights.value_point_min, three_days.weights.late_freight) == (20, 0.2)


def test_stops_depend_on_the_direction(three_days: Scenario) -> None:
    requests = {request.id: request for request in three_days.requests}
    assert requests["CONT_EXPORT_UP"].stops["pk_ab_i_gum"].dwell_s == 1200
    assert "pk_ab_i_gum" not in requests["CONT_EXPORT_DN"].stops
    assert set(requests["PAX_CHAMAN"].stops) == {"*"}


@pytest.mark.parametrize(("name", "containers"), [("quetta-chaman-day", 8), ("quetta-chaman-day-14", 14)])
def test_quetta_chaman_asks_for_optional_containers_and_the_mandatory_local_pair(name: str, containers: int) -> None:
    scenario = load_scenario(folder(name))
    trains = train_requests(scenario)
    optional = [train for train in trains if not train.mandatory]
    assert len(optional) == containers
    assert Counter(train.origin for train in optional) == {"pk_quetta": containers // 2, "pk_chaman": containers // 2}
    assert {train.train_type for train in optional} == {"PK_CONT"}
    assert {(train.origin, train.train_type) for train in trains if train.mandatory} == {
        ("pk_quetta", "PK_LOCAL"),
        ("pk_chaman", "PK_LOCAL"),
    }
    # Journeys lie inside one day, and windows leave hours to move.
    assert scenario.end_s - scenario.begin_s == 86400
    assert all(train.latest_departure_s - train.wished_departure_s >= 4 * 3600 for train in optional)
