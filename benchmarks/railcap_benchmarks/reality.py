"""Published times and counts of the Karachi - Uzen corridor beside what railcap makes of them.

Each figure is found with the favourable, the typical and the unfavourable values of what is assumed
(`railcap_instances.assumptions`): for every train alone on the line, in the traffic of a few days, and for a border
station by counting and by planning a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import railcap
from railcap.corridor.expand import train_requests
from railcap.corridor.rules import Closure
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop
from railcap.measures.causes import CLOSURE, NIGHT, OPENING_HOURS
from railcap.measures.standing import Doing, Part, standing
from railcap.measures.text_columns import hm
from railcap.operations.schedule import schedule_from_routes
from railcap.planning.alone import AloneRuns
from railcap.planning.compile import compile_scenario
from railcap.planning.lift import lift
from railcap.planning.timetable import Timetable, TrainPath
from railcap.solving.parameters import SolveParameters
from railcap.units import DAY_S, HOUR_S, MINUTE_S, to_utc_s
from railcap_benchmarks.machine import machine, software
from railcap_benchmarks.markdown import table, text
from railcap_instances.assumptions import assume

BROAD_MM = 1520
"""Gauge of the railways behind the border."""

BOLASHAK, INSPECTION = "kz_bolashak", "bolashak_inspection"


@dataclass(frozen=True, slots=True)
class PublishedTime:
    """A published time on the way, and the trains of the instances whose time it is.

    The time runs from the departure (at their origin) or the arrival at the first station to the departure from the
    last one (at their destination: the arrival); `requests` go either way between the two. `by_night` says that it was
    published while trains still ran by night on that way.
    """

    name: str
    published_h: float
    source: str
    requests: tuple[str, ...]
    ends: tuple[str, str]
    by_night: bool = False


KARACHI_CHAMAN = PublishedTime(
    "Karachi Port - Chaman, container train", 48, "container-48h", ("CONT_EXPORT_UP",),
    ("pk_kiamari_karachi_port", "pk_chaman"), by_night=True,
)  # fmt: skip
TURKMEN_TRANSIT = PublishedTime(
    "Serhetyaka - Serhetabat, transit", 60.5, "transit-60h", ("AF_THROUGH",), ("tm_serhetyaka", "tm_serhetabat_kushka")
)


@dataclass(frozen=True, slots=True)
class TimeRow:
    """What a published time is in railcap; means over the trains, in seconds.

    Parameters
    ----------
    traffic : str
        ``alone``, or what else runs.
    trains, refused : int
        Trains that the times are of, and those that found no path.
    running_s, asked_s, closed_s, others_s : float
        The parts of the mean: running; stops and steps that are asked for; waits for the day, for hours and for closed
        lines; all other waits, which are for other trains.
    """

    level: str
    traffic: str
    trains: int
    refused: int
    shortest_s: int
    mean_s: float
    longest_s: int
    running_s: float
    asked_s: float
    closed_s: float
    others_s: float


def alone_row(figure: PublishedTime, level: str, *, by_night: bool = False) -> TimeRow:
    """Return a published time for trains that have the railway to themselves, each at its own best.

    Parameters
    ----------
    by_night : bool
        Without daylight running.
    """
    week = assume(railcap.load("karachi-uzen-week"), level)
    asked = tuple(one for one in week.requests if one.id in figure.requests)
    scenario = replace(week, requests=asked, days=1, links=(), bankers=())
    if by_night:
        scenario = replace(scenario, daylight=())
    compiled = compile_scenario(scenario)
    alone = AloneRuns(compiled)
    parts = []
    for index, train in enumerate(compiled.trains):
        routes = [alone.run(index).route if other is train else None for other in compiled.trains]
        timetable = lift(compiled, schedule_from_routes(compiled.problem, routes))
        parts += _parts(figure, scenario, timetable)
    return _row(level, "alone, also by night" if by_night else "alone", parts, len(compiled.impossible))


def traffic_row(figure: PublishedTime, level: str, parameters: SolveParameters) -> TimeRow:
    """Return a published time for trains in traffic, of the best timetable found within the time limit."""
    name, scenario = _traffic(figure)
    plan = railcap.plan(assume(scenario, level), parameters=parameters)
    if plan.timetable is None:
        return _row(level, name, [], sum(one.request in figure.requests for one in train_requests(scenario)))
    refused = sum(one.request in figure.requests for one in plan.timetable.refused)
    return _row(level, name, _parts(figure, plan.scenario, plan.timetable), refused)


def _traffic(figure: PublishedTime) -> tuple[str, Scenario]:
    """Return the traffic that trains meet: on the Pakistani line for three days, or on the lines of 1520 mm."""
    if figure is KARACHI_CHAMAN:
        return "three days, Karachi - Chaman", replace(railcap.load("karachi-chaman-3days"), closures=())
    week = railcap.load("karachi-uzen-week")
    asked = tuple(one for one in week.requests if week.train_types[one.train_type].gauge_mm == BROAD_MM)
    return "three days, all of 1520 mm", replace(week, requests=asked, days=3, run_out_h=120, links=(), bankers=())


def _parts(figure: PublishedTime, scenario: Scenario, timetable: Timetable) -> list[list[Part]]:
    """Return what each train of a figure does between its stations, with what causes its waits."""
    paths = {path.train: path for path in timetable.paths}
    found = []
    for time in standing(scenario, timetable):
        if time.request in figure.requests:
            begin_s, end_s = _span(paths[time.train], figure.ends)
            clipped = [
                replace(part, from_s=max(part.from_s, begin_s), until_s=min(part.until_s, end_s)) for part in time.parts
            ]
            found.append([part for part in clipped if part.seconds > 0])
    return found


def _span(path: TrainPath, ends: tuple[str, str]) -> tuple[int, int]:
    """Return when a train enters and leaves the part of its way between two stations."""
    first, last = (call for call in path.calls if call.station in ends)
    begin_s = path.departure_s if first is path.calls[0] else first.arrival_s
    return begin_s, path.arrival_s if last is path.calls[-1] else last.departure_s


def _row(level: str, traffic: str, trains: Sequence[Sequence[Part]], refused: int) -> TimeRow:
    times_s = [sum(part.seconds for part in parts) for parts in trains]
    count = max(1, len(trains))

    def mean_s(doings: Iterable[Doing], closed: bool | None = None) -> float:
        chosen = [part for parts in trains for part in parts if part.doing in doings]
        shut = (NIGHT, CLOSURE, OPENING_HOURS)
        return sum(part.seconds for part in chosen if closed is None or (part.what in shut) is closed) / count

    return TimeRow(
        level,
        traffic,
        len(trains),
        refused,
        min(times_s, default=0),
        sum(times_s) / count,
        max(times_s, default=0),
        running_s=mean_s([Doing.RUNNING]),
        asked_s=mean_s([Doing.ASKED_STOP, Doing.STEP]),
        closed_s=mean_s([Doing.WAIT], closed=True),
        others_s=mean_s([Doing.WAIT], closed=False),
    )


@dataclass(frozen=True, slots=True)
class YardDay:
    """How the inspection at Bolashak works: minutes a train for its one team, and hours a day from 08:00."""

    inspection_min: int
    hours: int
    basis: str

    @property
    def by_counting(self) -> int:
        """Trains a day by arithmetic: a train whose inspection does not end in the hours waits for the next day."""
        return self.hours * 60 // self.inspection_min


YARD_DAYS = (
    YardDay(60, 24, "60 min published, as the week has it"),
    YardDay(60, 9, "the same in one shift"),
    YardDay(150, 24, "and the 90 min that a simpler hand-over saved in 2020"),
    YardDay(150, 9, "the same in one shift"),
    YardDay(180, 24, "customs and inspection, typical"),
    YardDay(180, 9, "the same in one shift"),
    YardDay(360, 24, "customs and inspection, unfavourable"),
)
BOLASHAK_PUBLISHED = 5
"""Trains that the station can receive and send a day, as its head said; 60 min for the inspection of a train
(https://jjtv.kz/en/kazakhstan-increases-transit-cargo-flow)."""


@dataclass(frozen=True, slots=True)
class YardRow:
    """Trains a day through the inspection at Bolashak: by arithmetic, and in a plan of one day if one was found."""

    inspection_min: int
    hours: int
    basis: str
    asked: int
    by_counting: int
    planned: int | None


def yard_row(day: YardDay, parameters: SolveParameters) -> YardRow:
    """Plan a day on which more trains ask for Bolashak than it can inspect, and count those that pass it."""
    scenario = bolashak_day(day)
    plan = railcap.plan(scenario, parameters=parameters)
    planned = None if plan.timetable is None else len(plan.timetable.paths)
    return YardRow(day.inspection_min, day.hours, day.basis, len(train_requests(scenario)), day.by_counting, planned)


def bolashak_day(day: YardDay) -> Scenario:
    """Return a day on which more trains than can be inspected ask for a path through Bolashak, to and from Uzen.

    The inspection works from 08:00 for the day's hours, and not before and after; trains are asked for from the
    midnight before until shortly before it closes, and may wait.
    """
    week = railcap.load("karachi-uzen-week")
    stop = Stop(BOLASHAK, process="bolashak")
    each_way = day.by_counting // 2 + 3
    request = PathRequest(
        "EXCHANGE", "CA_MIXED", "tm_serhetyaka", "kz_uzen_zhanaozen", 0, both=True, per_day=each_way,
        every_s=(6 + day.hours) * HOUR_S // each_way, later_s=4 * HOUR_S, stops={BOLASHAK: stop},
    )  # fmt: skip
    process = week.processes["bolashak"]
    steps = tuple(replace(step, duration_s=day.inspection_min * MINUTE_S) for step in process.steps)
    zone = week.network.stations[BOLASHAK].time_zone
    opens_s = to_utc_s(week.start, 8 * HOUR_S, zone)
    shut = [(opens_s - 2 * DAY_S, opens_s), (opens_s + day.hours * HOUR_S, opens_s + 4 * DAY_S)]
    return replace(
        week,
        name="bolashak-day",
        title="A day at Bolashak",
        requests=(request,),
        days=1,
        run_out_h=48,
        closures=tuple(
            Closure(f"shut-{number}", yard_resource=INSPECTION, from_s=begin_s, until_s=end_s)
            for number, (begin_s, end_s) in enumerate(shut, 1)
        ),
        daylight=(),
        processes={"bolashak": replace(process, steps=steps)},
        yard_resources={INSPECTION: week.yard_resources[INSPECTION]},
        opening_hours=(),
        links=(),
        bankers=(),
    )


def as_dicts(rows: Iterable[TimeRow | YardRow]) -> list[dict[str, object]]:
    """Return rows as plain data, ready for JSON."""
    return [asdict(row) for row in rows]


def time_table(figure: PublishedTime, rows: Sequence[TimeRow]) -> str:
    """Return the rows of a published time as a table in Markdown, times in hours and minutes."""
    head = ["assumed values", "traffic", "trains", "shortest", "mean", "longest", "running", "stops and steps"]
    head += ["night, hours", "other trains", "published / mean"]
    lines = [_time_cells(figure, row) for row in rows]
    return f"### {figure.name}: {hm(figure.published_h * HOUR_S)} published\n\n{table(head, lines)}\n"


def _time_cells(figure: PublishedTime, row: TimeRow) -> list[str]:
    of = f"{row.trains} of {row.trains + row.refused}"
    if not row.trains:
        return [row.level, row.traffic, of, *["-"] * 8]
    times = row.shortest_s, row.mean_s, row.longest_s, row.running_s, row.asked_s, row.closed_s, row.others_s
    ratio = figure.published_h * HOUR_S / row.mean_s
    return [row.level, row.traffic, of, *map(hm, times), text(ratio, ".2f")]


def yard_table(rows: Sequence[YardRow]) -> str:
    """Return the days at Bolashak as a table in Markdown."""
    head = [
        "inspection a train",
        "hours a day",
        "trains a day by arithmetic",
        "in a plan",
        "asked",
        "what stands behind it",
    ]
    lines = [
        [
            f"{row.inspection_min} min",
            str(row.hours),
            str(row.by_counting),
            text(row.planned, "d"),
            str(row.asked),
            row.basis,
        ]
        for row in rows
    ]
    return f"### Bolashak: {BOLASHAK_PUBLISHED} trains a day published\n\n{table(head, lines)}\n"


def conditions(parameters: SolveParameters | None) -> str:
    """Return under what conditions the tables were made."""
    limits = ""
    if parameters is not None:
        limits = f"plans of {parameters.time_limit_s:g} s, {parameters.threads} threads, seed {parameters.seed}; "
    return f"{limits}{machine()}; {software()}\n"
