"""What repeats, written out: single trains from path requests, and closures as intervals of UTC seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from railcap.corridor.rules import Closure, Daylight
from railcap.corridor.scenario import Scenario
from railcap.corridor.steps import longest_process_s
from railcap.corridor.traffic import PathRequest, Stop, TrainRequest
from railcap.units import DAY_S, HOUR_S, local, to_utc_s

Interval = tuple[int, int]

DAYS_BEFORE_S = 3 * DAY_S
"""How long before its steps, its dwell and its earliest departure a train may come onto its track (rule 19)."""


def train_requests(scenario: Scenario) -> tuple[TrainRequest, ...]:
    """Return every single train that is asked for.

    In the order of the requests; of a request first the way there and then the way back, each by day and by number.
    Times of day are local where they apply: departures at the train's origin, windows at the station of the stop. A
    train whose spacing carries it past midnight still belongs to the day of the first. The windows of a request are
    those of the day's first train: later trains of the day have them later by as much as they leave later. The spacing
    is real time, also over a night in which the clocks change.
    """
    return tuple(train for request in scenario.requests for train in trains_of(scenario, request))


def trains_of(scenario: Scenario, request: PathRequest) -> list[TrainRequest]:
    """Return the single trains of one request, as `train_requests`."""
    return [
        _train(scenario, request, day, number, back=back)
        for back in ((False, True) if request.both else (False,))
        for day in running_days(scenario, request)
        for number in range(request.per_day)
    ]


def running_days(scenario: Scenario, request: PathRequest) -> list[date]:
    """Return the days of the scenario on which a request asks for trains."""
    days = (scenario.start + timedelta(days=number) for number in range(scenario.days))
    return [
        day
        for day in days
        if day.weekday() in request.weekdays
        and (request.first_day is None or day >= request.first_day)
        and (request.last_day is None or day <= request.last_day)
    ]


def _train(scenario: Scenario, request: PathRequest, day: date, number: int, *, back: bool) -> TrainRequest:
    origin, destination, vias = request.origin, request.destination, request.vias
    if back:
        origin, destination, vias = destination, origin, vias[::-1]
    stations = scenario.network.stations
    shift = number * request.every_s

    def at(seconds_of_day: int | None, station: str) -> int | None:
        if seconds_of_day is None:
            return None
        return to_utc_s(day, seconds_of_day, stations[station].time_zone) + shift

    def absolute(stop: Stop) -> Stop:
        place = origin if stop.station == "*" else stop.station
        return replace(
            stop,
            arrive_from_s=at(stop.arrive_from_s, place),
            arrive_until_s=at(stop.arrive_until_s, place),
            depart_from_s=at(stop.depart_from_s, place),
            depart_until_s=at(stop.depart_until_s, place),
        )

    wished = to_utc_s(day, request.departure_of_day_s, stations[origin].time_zone) + shift
    return TrainRequest(
        id=f"{request.id}{'/back' if back else ''}/{day.isoformat()}/{number + 1}",
        request=request.id,
        number=request.number,
        name=request.name,
        train_type=request.train_type,
        origin=origin,
        destination=destination,
        vias=vias,
        wished_departure_s=wished,
        earliest_departure_s=wished - request.earlier_s,
        latest_departure_s=wished + request.later_s,
        stops={key: absolute(stop) for key, stop in request.stops.items()},
        value=request.value,
        mandatory=request.mandatory,
        longest_journey_s=request.longest_journey_s,
        latest_arrival_s=at(request.arrive_until_s, destination),
    )


def to_whole_days(scenario: Scenario) -> Scenario:
    """Return a scenario whose horizon goes beyond the local day in which it ends, fixed paths included.

    What measures whole days needs to know when things are closed until the end of the last one.
    """
    beyond_s = _span(scenario)[1] - scenario.end_s + 2 * DAY_S
    return replace(scenario, run_out_h=scenario.run_out_h + -(-beyond_s // HOUR_S))


def section_closures(scenario: Scenario) -> dict[tuple[str, str], tuple[Interval, ...]]:
    """Return when the tracks of sections are closed, by possessions and daylight running together.

    Returns
    -------
    dict
        By (section, track); only tracks that are closed at some time. Intervals in UTC seconds, sorted, merged where
        they touch, and cut to the time in which trains may be on the way: `Scenario.begin_s` to `Scenario.end_s`,
        and what departures before, other time zones and fixed paths add to it.
    """
    found: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for shut in _section_shuts(scenario):
        found[shut.place].extend(shut.intervals)
    return {key: tuple(_merged(intervals)) for key, intervals in sorted(found.items()) if intervals}


def station_track_closures(scenario: Scenario) -> dict[tuple[str, str], tuple[Interval, ...]]:
    """Return when station tracks are closed, by (station, track); as `section_closures`."""
    span = _span(scenario)
    found: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for closure in scenario.closures:
        if closure.station:
            station = scenario.network.stations[closure.station]
            intervals = tuple(_closed(closure, closure.time_zone or station.time_zone, span))
            tracks = [closure.track] if closure.track else [track.id for track in station.tracks]
            for track in tracks:
                found[closure.station, track].extend(intervals)
    return {key: tuple(_merged(intervals)) for key, intervals in sorted(found.items()) if intervals}


def yard_closed_times(scenario: Scenario) -> dict[str, tuple[Interval, ...]]:
    """Return when yard resources are closed: outside their opening hours, and by closures; as `section_closures`.

    A resource that is always open is not in it.
    """
    span = _span(scenario)
    found: dict[str, list[Interval]] = defaultdict(list)
    hours: dict[str, list[Interval]] = defaultdict(list)
    for open_ in scenario.opening_hours:
        zone_name = open_.time_zone or _yard_zone(scenario, open_.resource)
        hours[open_.resource] += _daily(open_.from_of_day_s, open_.until_of_day_s, open_.weekdays, zone_name, span)
    for resource, intervals in hours.items():
        found[resource].extend(_between(intervals, span))
    for closure in scenario.closures:
        if closure.yard_resource:
            zone_name = closure.time_zone or _yard_zone(scenario, closure.yard_resource)
            found[closure.yard_resource].extend(_closed(closure, zone_name, span))
    return {key: tuple(_merged(intervals)) for key, intervals in sorted(found.items()) if intervals}


def yard_openings(scenario: Scenario) -> dict[str, tuple[Interval, ...]]:
    """Return when the yard resources are open that are closed at some time; as `yard_closed_times`."""
    span = _span(scenario)
    return {resource: tuple(_between(closed, span)) for resource, closed in yard_closed_times(scenario).items()}


def _yard_zone(scenario: Scenario, resource: str) -> str:
    return scenario.network.stations[scenario.yard_resources[resource].station].time_zone


def closures_at(scenario: Scenario, section_id: str, track_id: str, from_s: int, until_s: int) -> tuple[str, ...]:
    """Return what closes a section's track at some time strictly inside ``from_s`` to ``until_s``, by plain names."""
    names = [
        shut.name
        for shut in _section_shuts(scenario, section_id)
        if shut.place[1] == track_id and any(begin < until_s and end > from_s for begin, end in shut.intervals)
    ]
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class _Shut:
    """A section track that is closed for one reason."""

    place: tuple[str, str]
    name: str
    intervals: tuple[Interval, ...]


def _section_shuts(scenario: Scenario, only: str = "") -> Iterator[_Shut]:
    """Yield what closes tracks of sections; of one section alone if `only` names it."""
    span = _span(scenario)
    network = scenario.network
    for closure in scenario.closures:
        if not closure.section or (only and closure.section != only):
            continue
        section = network.sections[closure.section]
        zone_name = closure.time_zone or network.stations[section.start].time_zone
        intervals = tuple(_closed(closure, zone_name, span))
        for track in (closure.section_track,) if closure.section_track else section.track_ids():
            yield _Shut((section.id, track), closure.reason or f"closure {closure.id}", intervals)
    nights: dict[tuple[int, int, str], tuple[Interval, ...]] = {}
    for daylight in scenario.daylight:
        for section_id in daylight_sections(scenario, daylight):
            if only and section_id != only:
                continue
            section = network.sections[section_id]
            zone_name = daylight.time_zone or network.stations[section.start].time_zone
            key = daylight.from_of_day_s, daylight.until_of_day_s, zone_name
            if key not in nights:
                nights[key] = tuple(_nights(*key, span))
            for track in section.track_ids():
                yield _Shut((section_id, track), _daylight_name(daylight), nights[key])


def daylight_sections(scenario: Scenario, daylight: Daylight) -> list[str]:
    """Return the sections that a daylight rule covers: the named one, and all with an end in the province."""
    stations = scenario.network.stations
    found = []
    for section in scenario.network.sections.values():
        provinces = stations[section.start].province, stations[section.end].province
        if section.id == daylight.section or (daylight.province and daylight.province in provinces):
            found.append(section.id)
    return found


def _daylight_name(daylight: Daylight) -> str:
    place = f" in {daylight.province}" if daylight.province else ""
    return f"daylight running{place}, {_clock(daylight.from_of_day_s)} to {_clock(daylight.until_of_day_s)}"


def _clock(seconds_of_day: int) -> str:
    return f"{seconds_of_day // 3600:02d}:{seconds_of_day // 60 % 60:02d}"


def _span(scenario: Scenario) -> Interval:
    """Return the time in which trains may be on the way, generously.

    Before the first midnight there may be departures that are earlier than wished, dwells at origins, and days that
    begin sooner in another zone; fixed paths may reach out at both ends.
    """
    early = max((_early_s(request) for request in scenario.requests), default=0)
    if scenario.links or scenario.processes:
        early += DAYS_BEFORE_S + longest_process_s(scenario)
    begin = min([scenario.begin_s - DAY_S - early, *(path.calls[0].arrival_s for path in scenario.fixed_paths)])
    end = max([scenario.end_s, *(path.calls[-1].departure_s for path in scenario.fixed_paths)])
    return begin, end


def _early_s(request: PathRequest) -> int:
    return request.earlier_s + max((stop.dwell_s for stop in request.stops.values()), default=0)


def _closed(closure: Closure, zone_name: str, span: Interval) -> Iterator[Interval]:
    if closure.from_s is not None and closure.until_s is not None:
        yield from _cut([(closure.from_s, closure.until_s)], span)
    elif closure.from_of_day_s is not None and closure.until_of_day_s is not None:
        yield from _cut(_daily(closure.from_of_day_s, closure.until_of_day_s, closure.weekdays, zone_name, span), span)


def _nights(from_of_day_s: int, until_of_day_s: int, zone_name: str, span: Interval) -> Iterator[Interval]:
    """Yield all that is not day."""
    yield from _between(_daily(from_of_day_s, until_of_day_s, frozenset(range(7)), zone_name, span), span)


def _between(intervals: Iterable[Interval], span: Interval) -> Iterator[Interval]:
    """Yield what a span has outside intervals."""
    free_from = span[0]
    for begin, end in sorted(intervals):
        yield from _cut([(free_from, begin)], span)
        free_from = max(free_from, end)
    yield from _cut([(free_from, span[1])], span)


def _daily(
    from_of_day_s: int, until_of_day_s: int, weekdays: frozenset[int], zone_name: str, span: Interval
) -> Iterator[Interval]:
    """Yield an interval of each local day (no weekdays: every day); an end before the start is on the next day."""
    if until_of_day_s < from_of_day_s:
        until_of_day_s += DAY_S
    # An interval may reach over a few days (`06:00+2`), so those that began before count as well.
    day = local(span[0], zone_name).date() - timedelta(days=1 + until_of_day_s // DAY_S)
    last = local(span[1], zone_name).date()
    while day <= last:
        if not weekdays or day.weekday() in weekdays:
            yield to_utc_s(day, from_of_day_s, zone_name), to_utc_s(day, until_of_day_s, zone_name)
        day += timedelta(days=1)


def _cut(intervals: Iterable[Interval], span: Interval) -> Iterator[Interval]:
    for begin, end in intervals:
        begin, end = max(begin, span[0]), min(end, span[1])
        if begin < end:
            yield begin, end


def _merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    current: Interval | None = None
    for begin, end in sorted(intervals):
        if current is not None and begin <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = begin, end
    if current is not None:
        yield current
