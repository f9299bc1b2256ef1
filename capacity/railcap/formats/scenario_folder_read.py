"""From the tables of a scenario folder to the objects of a scenario, remembering where each record stood."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.traffic import FixedCall, FixedPath, PathRequest, Stop, TrainType
from railcap.corridor.validate_fault import Record, did_you_mean
from railcap.corridor.yards import (
    AtClose,
    Banker,
    LinkKind,
    OpeningHours,
    TrainLink,
    YardProcess,
    YardResource,
    YardStep,
)
from railcap.formats import table_cells as cells
from railcap.formats.scenario_folder_columns import default_of
from railcap.formats.table import Row, Table
from railcap.units import zone

T = TypeVar("T")


@dataclass(slots=True)
class Parts:
    """The objects that were read, and for each record its table and row."""

    network: Network
    train_types: dict[str, TrainType]
    requests: tuple[PathRequest, ...]
    fixed_paths: tuple[FixedPath, ...]
    closures: tuple[Closure, ...]
    daylight: tuple[Daylight, ...]
    yard_resources: dict[str, YardResource]
    opening_hours: tuple[OpeningHours, ...]
    processes: dict[str, YardProcess]
    links: tuple[TrainLink, ...]
    bankers: tuple[Banker, ...]
    places: dict[Record, tuple[Table, Row]]


def read_parts(tables: Mapping[str, Table], time_zone: str) -> Parts:
    """Return the objects that the tables hold; what is wrong goes to the tables' issues.

    A row without an id, or with that of a row before it, is read under a name of its own, so that its other faults are
    told as well; where others refer to records by their id, its record is then left out. A record with a fault is made
    all the same, with something harmless in place of what cannot be read, so that what refers to it does not count as
    wrong.

    Parameters
    ----------
    tables : by name; a table that is missing or could not be read has no columns
    time_zone : of stations that give none
    """
    return _Reader(tables, time_zone).read()


@dataclass(slots=True)
class _Reader:
    tables: Mapping[str, Table]
    time_zone: str
    places: dict[Record, tuple[Table, Row]] = field(default_factory=dict)
    stations: dict[str, Station] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    yard_resources: dict[str, YardResource] = field(default_factory=dict)

    def read(self) -> Parts:
        self.stations = dict(self._stations(self._tracks()))
        self.sections = dict(self._sections())
        running = dict(self._running_times())
        self.yard_resources = dict(self._yard_resources())
        return Parts(
            Network(self.stations, self.sections, running),
            dict(self._train_types()),
            tuple(self._requests(self._stops())),
            tuple(self._fixed_paths()),
            tuple(self._closures()),
            tuple(self._daylight()),
            self.yard_resources,
            tuple(self._opening_hours()),
            dict(self._processes()),
            tuple(self._links()),
            tuple(self._bankers()),
            self.places,
        )

    def _records(self, name: str, *columns: str) -> Iterator[tuple[tuple[str, ...], _Cells]]:
        """Yield the rows of a table with the keys that these columns make; one that is no key gets the row's number."""
        table = self.tables[name]
        for row in table.rows:
            key = tuple(table.text(row, column, required=True) for column in columns)
            known = self.places.get((name, key))
            if not all(key):
                table.incomplete = True
            elif known is not None:
                what = " and ".join(columns)
                message = f"row {known[1].number} has the same {what} already; a second one is not used"
                table.fault(row, columns[-1], message, "duplicate-id")
            spare = known is not None or not all(key)
            if spare:
                key = (*key[:-1], f"{key[-1]} (row {row.number})".lstrip())
            self.places[name, key] = table, row
            yield key, _Cells(table, row, spare)

    def _known_ids(self, name: str) -> frozenset[str]:
        """Return the ids of a table; none if it could not be read as a whole, so that nothing follows from them."""
        table = self.tables[name]
        ids = frozenset(row.cells.get("id", "") for row in table.rows)
        return frozenset() if table.incomplete or "" in ids else ids

    def _zone_of(self, station: str) -> str:
        known = self.stations.get(station)
        return _usable(known.time_zone if known else self.time_zone)

    def _tracks(self) -> dict[str, list[Track]]:
        found: dict[str, list[Track]] = defaultdict(list)
        known = self._known_ids("stations")
        for (station, track), entry in self._records("tracks", "station", "track"):
            if station:
                entry.refers("station", station, known, "station")
            made = Track(
                track,
                TrackKind(entry.value("kind", cells.one_of(kind.value for kind in TrackKind), "main", required=True)),
                entry.value("length_m", cells.whole, 1000, required=True),
                entry.value("gauges", cells.gauges, frozenset(), required=True),
                entry.text("assumed"),
            )
            if not entry.spare:
                found[station].append(made)
        return found

    def _stations(self, tracks: Mapping[str, list[Track]]) -> Iterator[tuple[str, Station]]:
        for (station,), entry in self._records("stations", "id"):
            made = Station(
                id=station,
                name=entry.text("name") or station,
                tracks=tuple(tracks.get(station, ())),
                time_zone=entry.text("time_zone") or self.time_zone,
                simultaneous_reception=entry.value("simultaneous_reception", cells.flag, False),
                non_simultaneous_arrival_s=entry.maybe("non_simultaneous_arrival_min", cells.minutes),
                crossing_interval_s=entry.maybe("crossing_interval_min", cells.minutes),
                province=entry.text("province"),
                country=entry.text("country"),
                km=entry.maybe("km", cells.number),
                lat=entry.maybe("lat", cells.number),
                lon=entry.maybe("lon", cells.number),
                kind=entry.text("kind"),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )
            if not entry.spare:
                yield station, made

    def _sections(self) -> Iterator[tuple[str, Section]]:
        for (section,), entry in self._records("sections", "id"):
            made = Section(
                id=section,
                start=entry.text("from", required=True),
                end=entry.text("to", required=True),
                length_m=entry.value("length_km", cells.kilometres, 1000, required=True),
                tracks=entry.value("tracks", cells.whole, 1),
                gauges_mm=entry.value("gauges", cells.gauges, frozenset(), required=True),
                speeds_kmh={
                    category: entry.value(f"speed_{category}_kmh", cells.number, 50.0, required=True)
                    for category in ("freight", "passenger")
                },
                blocks=entry.value("blocks", cells.whole, 1),
                bidirectional=entry.value("bidirectional", cells.flag, False),
                following_interval_s=entry.maybe("following_interval_min", cells.minutes),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )
            if not entry.spare:
                yield section, made

    def _running_times(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        for (section, station, train_type), entry in self._records("running_times", "section", "from", "train_type"):
            running_s = entry.value("running_min", cells.minutes, 60, required=True)
            if not entry.spare:
                yield (section, station, train_type), running_s

    def _train_types(self) -> Iterator[tuple[str, TrainType]]:
        for (train_type,), entry in self._records("train_types", "id"):
            made = TrainType(
                id=train_type,
                name=entry.text("name") or train_type,
                category=entry.value("category", cells.one_of(("freight", "passenger")), "freight", required=True),
                length_m=entry.value("length_m", cells.whole, 1, required=True),
                speed_kmh=entry.value("speed_kmh", cells.number, 50.0, required=True),
                gauge_mm=entry.value("gauge", cells.whole, 0, required=True),
                start_supplement_s=entry.value(
                    "start_supplement_min", cells.minutes, default_of(TrainType, "start_supplement_s")
                ),
                stop_supplement_s=entry.value(
                    "stop_supplement_min", cells.minutes, default_of(TrainType, "stop_supplement_s")
                ),
                wagons=entry.value("wagons", cells.whole, default_of(TrainType, "wagons")),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )
            if not entry.spare:
                yield train_type, made

    def _stops(self) -> dict[str, dict[str, Stop]]:
        found: dict[str, dict[str, Stop]] = defaultdict(dict)
        known = self._known_ids("requests")
        for (request, station), entry in self._records("stops", "request", "station"):
            if request:
                entry.refers("request", request, known, "request")
            made = Stop(
                station,
                entry.value("dwell_min", cells.minutes, 0),
                entry.maybe("arrive_from", cells.window_time),
                entry.maybe("arrive_until", cells.window_time),
                entry.maybe("depart_from", cells.window_time),
                entry.maybe("depart_until", cells.window_time),
                entry.text("process"),
            )
            if not entry.spare:
                found[request][station] = made
        return found

    def _requests(self, stops: Mapping[str, Mapping[str, Stop]]) -> Iterator[PathRequest]:
        for (request,), entry in self._records("requests", "id"):
            yield PathRequest(
                id=request,
                train_type=entry.text("train_type", required=True),
                origin=entry.text("from", required=True),
                destination=entry.text("to", required=True),
                departure_of_day_s=entry.value("departure", cells.time_of_day, 0, required=True),
                number=entry.text("number"),
                name=entry.text("name"),
                vias=entry.value("via", cells.words, ()),
                both=entry.value("direction", cells.one_of(("one", "both")), "one") == "both",
                earlier_s=entry.value("earlier_min", cells.minutes, 0),
                later_s=entry.value("later_min", cells.minutes, 0),
                per_day=entry.value("per_day", cells.whole, 1),
                every_s=entry.value("every_min", cells.minutes, 0),
                weekdays=entry.value("weekdays", cells.weekdays, frozenset(range(7))),
                first_day=entry.maybe("first_day", cells.day),
                last_day=entry.maybe("last_day", cells.day),
                stops=stops.get(request, {}),
                value=entry.value("value", cells.number, default_of(PathRequest, "value")),
                mandatory=entry.value("mandatory", cells.flag, False),
                longest_journey_s=entry.maybe("longest_journey_min", cells.minutes),
                arrive_until_s=entry.maybe("arrive_until", cells.window_time),
                note=entry.text("note"),
            )

    def _fixed_paths(self) -> Iterator[FixedPath]:
        table = self.tables["fixed_paths"]
        rows: dict[str, list[_Cells]] = defaultdict(list)
        for row in table.rows:
            if train := table.text(row, "train", required=True):
                rows[train].append(_Cells(table, row))
        for train, entries in rows.items():
            calls = []
            for place, entry in enumerate(entries):
                self.places["fixed_paths", (train, str(place))] = entry.table, entry.row
                calls.append(self._call(entry))
            first = entries[0]
            self.places["fixed_paths", (train,)] = first.table, first.row
            for entry in entries[1:]:
                for column in ("train_type", "number"):
                    if entry.text(column) not in ("", first.text(column)):
                        message = f"row {first.row.number} has {first.text(column)!r} for the same train"
                        entry.fault(column, message, "contradiction")
            yield FixedPath(train, first.text("train_type", required=True), tuple(calls), first.text("number"))

    def _call(self, entry: _Cells) -> FixedCall:
        """Read one call; of arrival and departure one may be empty: at the ends, and where the train passes."""
        station = entry.text("station", required=True)
        moment = cells.moment_in(self._zone_of(station))
        arrival, departure = entry.maybe("arrival", moment), entry.maybe("departure", moment)
        if not entry.text("arrival") and not entry.text("departure"):
            entry.fault("arrival", "an arrival or a departure is needed", "missing-value")
        if {"arrival", "departure"} & entry.row.bad:
            entry.row.bad.update(("arrival", "departure"))
        arrival = departure if arrival is None else arrival
        departure = arrival if departure is None else departure
        return FixedCall(station, arrival or 0, departure or 0, entry.text("track"))

    def _closures(self) -> Iterator[Closure]:
        for (closure,), entry in self._records("closures", "id"):
            section, station, resource = entry.text("section"), entry.text("station"), entry.text("yard_resource")
            line, yard = self.sections.get(section), self.yard_resources.get(resource)
            place = line.start if line else yard.station if yard else station
            zone_name = entry.text("time_zone")
            local_zone = _usable(zone_name) if zone_name else self._zone_of(place)
            yield Closure(
                id=closure,
                section=section,
                section_track=entry.text("section_track"),
                station=station,
                track=entry.text("track"),
                yard_resource=resource,
                weekdays=entry.value("weekdays", cells.weekdays, frozenset()),
                time_zone=zone_name,
                reason=entry.text("reason"),
                **_period(entry, local_zone),
            )

    def _daylight(self) -> Iterator[Daylight]:
        for place, row in enumerate(self.tables["daylight"].rows):
            entry = self._at("daylight", str(place + 1), row)
            yield Daylight(
                entry.text("section"),
                entry.text("province"),
                entry.value("from", cells.time_of_day, 0, required=True),
                entry.value("until", cells.time_of_day, 1, required=True),
                entry.text("time_zone"),
            )

    def _yard_resources(self) -> Iterator[tuple[str, YardResource]]:
        for (resource,), entry in self._records("yard_resources", "id"):
            at_close = cells.one_of(word.value for word in AtClose)
            made = YardResource(
                id=resource,
                station=entry.text("station", required=True),
                capacity=entry.value("capacity", cells.whole, default_of(YardResource, "capacity")),
                at_close=AtClose(entry.value("at_close", at_close, default_of(YardResource, "at_close").value)),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )
            if not entry.spare:
                yield resource, made

    def _opening_hours(self) -> Iterator[OpeningHours]:
        for place, row in enumerate(self.tables["opening_hours"].rows):
            entry = self._at("opening_hours", str(place + 1), row)
            yield OpeningHours(
                entry.text("resource", required=True),
                entry.value("from", cells.time_of_day, 0, required=True),
                entry.value("until", cells.time_of_day, 1, required=True),
                entry.value("weekdays", cells.weekdays, default_of(OpeningHours, "weekdays")),
                entry.text("time_zone"),
            )

    def _processes(self) -> Iterator[tuple[str, YardProcess]]:
        steps: dict[str, list[YardStep]] = defaultdict(list)
        for (process, step), entry in self._records("yard_steps", "process", "step"):
            made = YardStep(
                name=step,
                duration_s=entry.value("duration_min", cells.minutes, 0),
                per_wagon_s=entry.value("per_wagon_min", cells.minutes, default_of(YardStep, "per_wagon_s")),
                resource=entry.text("resource"),
                tracks=entry.value("tracks", cells.joined, ()),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )
            if not entry.spare:
                self.places.setdefault(("yard_steps", (process,)), (entry.table, entry.row))
                steps[process].append(made)
        for process, chain in steps.items():
            yield process, YardProcess(process, tuple(chain))

    def _links(self) -> Iterator[TrainLink]:
        for (link,), entry in self._records("links", "id"):
            kind = cells.one_of(word.value for word in LinkKind)
            yield TrainLink(
                id=link,
                kind=LinkKind(entry.value("kind", kind, LinkKind.CONNECTION.value, required=True)),
                first=entry.text("first", required=True),
                second=entry.text("second", required=True),
                first_count=entry.value("first_count", cells.whole, default_of(TrainLink, "first_count")),
                second_count=entry.value("second_count", cells.whole, default_of(TrainLink, "second_count")),
                days_later=entry.value("days_later", cells.whole, default_of(TrainLink, "days_later")),
                least_s=entry.value("least_min", cells.minutes, default_of(TrainLink, "least_s")),
                longest_s=entry.maybe("longest_min", cells.minutes),
                refuse=entry.value("if_refused", cells.one_of(("refuse", "run")), "refuse") == "refuse",
                station=entry.text("station"),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )

    def _bankers(self) -> Iterator[Banker]:
        for (banker,), entry in self._records("bankers", "id"):
            train_types: tuple[str, ...] = entry.value("train_types", cells.words, (), required=True)
            yield Banker(
                id=banker,
                start=entry.text("from", required=True),
                end=entry.text("to", required=True),
                train_types=frozenset(train_types),
                engine_type=entry.text("engine_type", required=True),
                engines=entry.value("engines", cells.whole, default_of(Banker, "engines")),
                least_s=entry.value("least_min", cells.minutes, default_of(Banker, "least_s")),
                longest_s=entry.value("longest_min", cells.minutes, default_of(Banker, "longest_s")),
                note=entry.text("note"),
                assumed=entry.text("assumed"),
            )

    def _at(self, name: str, place: str, row: Row) -> _Cells:
        """Return a row without an id of its own, whose record is its place in the table."""
        self.places[name, (place,)] = self.tables[name], row
        return _Cells(self.tables[name], row)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row; a spare one has no id, or that of a row before it."""

    table: Table
    row: Row
    spare: bool = False

    def text(self, column: str, *, required: bool = False) -> str:
        return self.table.text(self.row, column, required=required)

    def value(self, column: str, read: Callable[[str], T], default: T, *, required: bool = False) -> T:
        return self.table.value(self.row, column, read, default, required=required)

    def maybe(self, column: str, read: Callable[[str], T]) -> T | None:
        optional: Callable[[str], T | None] = read
        return self.table.value(self.row, column, optional, None)

    def fault(self, column: str, message: str, code: str) -> None:
        self.table.fault(self.row, column, message, code)

    def refers(self, column: str, id_: str, known: Collection[str], what: str) -> None:
        """Note a fault where an id is not among those that are known, if any are."""
        if known and id_ not in known:
            self.fault(column, f"there is no {what} of this id{did_you_mean(id_, known)}", f"unknown-{what}")
            self.table.incomplete = True


def _usable(zone_name: str) -> str:
    """Return a time zone, or UTC for one that is not known: that is found and said by the validation."""
    try:
        zone(zone_name)
    except (KeyError, ValueError, OSError):
        return "UTC"
    return zone_name


def _period(entry: _Cells, zone_name: str) -> dict[str, Any]:
    """Return the fields of a closure's period: two moments, or two times of day."""
    found = _period_fields(entry, zone_name)
    if {"from", "until"} & entry.row.bad:
        entry.row.bad.update(("from", "until"))
    return found


def _period_fields(entry: _Cells, zone_name: str) -> dict[str, Any]:
    begin, end = entry.text("from", required=True), entry.text("until", required=True)
    if not begin or not end:
        return {}
    once = [cells.is_moment(begin), cells.is_moment(end)]
    looks_like_date = [" " in text or text.count("-") >= 2 for text in (begin, end)]
    if (
        any(once)
        and not all(once)
        and not any(looks and not fits for looks, fits in zip(looks_like_date, once, strict=True))
    ):
        message = "from and until must both be moments (once) or both times of day (recurring)"
        entry.fault("until", message, "contradiction")
        return {}
    if any(once) or any(looks_like_date):
        moment = cells.moment_in(zone_name)
        return {"from_s": entry.maybe("from", moment), "until_s": entry.maybe("until", moment)}
    return {
        "from_of_day_s": entry.maybe("from", cells.time_of_day),
        "until_of_day_s": entry.maybe("until", cells.time_of_day),
    }
