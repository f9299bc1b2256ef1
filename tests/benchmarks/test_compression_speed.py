"""The benchmark of compression measures what it says: a sound timetable, and a peer that finds the same moves."""

from railcap.measures.occupation.compression import compress
from railcap.measures.occupation.occupations import Occupations
from railcap.planning.check_line import section_violations, station_violations
from railcap_benchmarks.compression_speed import big_timetable, plain_moves


def test_the_peer_finds_the_same_moves():
    for stations in (6, 7):
        scenario, table = big_timetable(stations, 24)
        assert section_violations(scenario, table.paths) + station_violations(scenario, table.paths) == []
        found = compress(Occupations(scenario, table).whole())
        moved = dict(zip(found.trains, found.moved_s, strict=True))
        assert plain_moves(scenario, table) == moved
        assert min(moved.values()) < 0
