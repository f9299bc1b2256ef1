"""Trains that ask for a path anywhere in a window: a scenario of them, and its problem that counts those refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import train_requests
from railcap.corridor.infrastructure import Section
from railcap.corridor.rules import Closure
from railcap.corridor.running import running_time_s
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.corridor.traffic import FixedCall, FixedPath, TrainRequest
from railcap.corridor.yards import AtClose
from railcap.errors import InputError, Issue
from railcap.measures.saturation.mix import Mix, MixClass
from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Train
from railcap.planning.check import check_timetable
from railcap.planning.compile import CompiledScenario, CompiledTrain, compile_scenario
from railcap.planning.compile_sections import following_interval, split
from railcap.planning.timetable import Timetable
from railcap.units import DAY_S, HOUR_S, MINUTE_S, local, stamp, to_utc_s

_MOST_VIOLATIONS = 10
_MOST_SLACK = 100

_BESIDE = "beside/"
"""What ids of paths that are kept, and of closures for their steps, begin with: nothing of a scenario is called so."""


def is_kept_busy(scenario: Scenario, resource: str) -> bool:
    """Return whether a yard resource is closed for steps of paths beside the mix: then no more of it can be counted."""
    return any(one.yard_resource == resource and one.id.startswith(_BESIDE) for one in scenario.closures)


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which the trains come onto their first track, run, and leave their last; UTC seconds."""

    from_s: int
    until_s: int

    @property
    def length_s(self) -> int:
        """How long it is."""
        return self.until_s - self.from_s


def first_day(scenario: Scenario) -> Window:
    """Return the first day of a scenario, midnight to midnight in its zone, or as much of it as its horizon has."""
    return Window(scenario.begin_s, min(scenario.begin_s + DAY_S, scenario.end_s))


def check_window(scenario: Scenario, window: Window) -> None:
    """Raise `InputError` unless a window lies within the scenario's horizon."""
    if scenario.begin_s <= window.from_s < window.until_s <= scenario.end_s:
        return
    zone = scenario.time_zone
    text = f"{stamp(window.from_s, zone)} to {stamp(window.until_s, zone)}"
    issue = Issue(
        "",
        "window",
        text,
        f"give a time within {stamp(scenario.begin_s, zone)} to {stamp(scenario.end_s, zone)} ({zone}), "
        "or change start, days or run_out_h of the scenario",
        "bad-time-range",
    )
    raise InputError("the window cannot be used", [issue])


def slack_issues(slack: float | None, name: str = "slack") -> list[Issue]:
    """Return an issue unless a longest journey is a sensible multiple of the shortest; `name` as the user knows it."""
    if slack is None or 1 <= slack <= _MOST_SLACK:
        return []
    return [Issue("", name, f"{slack:g}", f"give a factor from 1 to {_MOST_SLACK}", "out-of-range")]


def beside(scenario: Scenario, timetable: Timetable, mix: Mix) -> Scenario:
    """Return a scenario whose fixed traffic is all paths of a timetable.

    A yard resource of capacity 1 is closed during their steps, which fixed paths do not have.

    Raises
    ------
    InputError
        If the timetable breaks the scenario's rules, or if something of its trains cannot be kept and would seem to be
        free: yard resources of a greater capacity or with steps that run over, and bankers that the mix needs too.
    """
    violations = check_timetable(scenario, timetable)
    if violations:
        raise InputError(
            f"the timetable breaks the rules of {scenario.name} {len(violations)} times; `railcap check` tells all",
            [
                Issue("", one.place, " ".join(one.trains), one.message, str(one.kind))
                for one in violations[:_MOST_VIOLATIONS]
            ],
        )
    fixed, closures = [], []
    shared = _shared_bankers(scenario, timetable, mix)
    for path in timetable.paths:
        calls = []
        for call in path.calls:
            track = call.track if len(call.stays) == 1 else ""
            calls.append(FixedCall(call.station, call.arrival_s, call.departure_s, track))
            for number, step in enumerate(call.steps):
                if not step.resource:
                    continue
                known = scenario.yard_resources[step.resource]
                if known.capacity > 1 or known.at_close is AtClose.RUN_OVER:
                    shared.add(("yard resource", step.resource))
                elif step.begin_s < step.end_s:
                    name = f"{_BESIDE}{path.train}/{call.station}/{number}"
                    span = {"from_s": step.begin_s, "until_s": step.end_s}
                    closures.append(Closure(name, yard_resource=step.resource, **span, reason=path.train))  # type: ignore[arg-type]
        fixed.append(FixedPath(f"{_BESIDE}{path.train}", path.train_type, tuple(calls), path.number))
    if shared:
        message = "paths beside use this {}, and what they take of it cannot be kept; leave out those trains"
        raise InputError(
            "the timetable cannot be kept beside the mix",
            [
                Issue("", "--beside", name, message.format(kind), f"shared-{kind.replace(' ', '-')}")
                for kind, name in sorted(shared)
            ],
        )
    return replace(scenario, fixed_paths=tuple(fixed), closures=(*scenario.closures, *closures))


def _shared_bankers(scenario: Scenario, timetable: Timetable, mix: Mix) -> set[tuple[str, str]]:
    """Return the bankers that help both trains of a timetable and trains of the mix."""
    kept = {path.train for path in timetable.paths}
    requests = tuple(request for request in train_requests(scenario) if request.id in kept)
    asked = tuple(_any_train(one, first_day(scenario)) for one in mix.classes)
    both = [{one.banker.id for one in banked_trains(scenario, trains)} for trains in (requests, asked)]
    return {("banker", banker) for banker in both[0] & both[1]}


def mix_scenario(
    scenario: Scenario, mix: Mix, counts: Sequence[int], window: Window, slack: float | None = None, every_s: int = 0
) -> Scenario:
    """Return a scenario that asks for so many trains of each class, each at any time of the window.

    Fixed paths, closures, hours and bankers stay; requests and links go.

    Parameters
    ----------
    counts : sequence of int
        Trains by class.
    slack : float, optional
        Longest journey as a multiple of the shortest one.
    every_s : int
        How much later each train of a class is wished than the one before. Scenario folders need a minute; the
        departures then have as much more room at both ends as the wishes are apart.
    """
    requests = []
    for one, count in zip(mix.classes, counts, strict=True):
        request, stations = one.request, scenario.network.stations
        longest = None
        if slack is not None:
            longest = int(slack * shortest_journey_s(scenario, _any_train(one, window)))
        zone = stations[request.origin].time_zone
        last = scenario.start + timedelta(days=scenario.days - 1)
        day = min(max(local(window.from_s, zone).date(), scenario.start), last)
        departure_s = min(max(_on_clock_s(day, window.from_s, zone), 0), DAY_S - MINUTE_S)
        wished_s = to_utc_s(day, departure_s, zone)
        requests.append(
            replace(
                request,
                departure_of_day_s=departure_s,
                earlier_s=max(0, wished_s - window.from_s) + every_s * count,
                later_s=window.until_s - wished_s,
                arrive_until_s=_on_clock_s(day, window.until_s, stations[request.destination].time_zone),
                longest_journey_s=longest,
                per_day=count,
                every_s=every_s,
                weekdays=frozenset(range(7)),
                first_day=day,
                last_day=day,
                mandatory=False,
            )
        )
    asked = tuple(request for request in requests if request.per_day)
    return replace(scenario, requests=asked, links=())


def _on_clock_s(day: date, time_s: int, zone: str) -> int:
    """Return a moment as seconds of a local day, perhaps below 0 or above a day."""
    moment = local(time_s, zone)
    days = (moment.date() - day).days
    return days * DAY_S + moment.hour * HOUR_S + moment.minute * MINUTE_S + moment.second


def _any_train(one: MixClass, window: Window) -> TrainRequest:
    request = one.request
    return TrainRequest(
        id=request.id,
        request=request.id,
        number=request.number,
        name=request.name,
        train_type=request.train_type,
        origin=request.origin,
        destination=request.destination,
        vias=request.vias,
        wished_departure_s=window.from_s,
        earliest_departure_s=window.from_s,
        latest_departure_s=window.until_s,
        stops=request.stops,
        value=request.value,
        mandatory=False,
    )


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate trains as a compiled scenario whose problem counts them.

    Parameters
    ----------
    compiled : CompiledScenario
        Its problem has no cost but the refusals, and no operation of a candidate outside the window.
    trains : tuple of tuple of int
        Of each class its trains by index, in the order in which they depart.
    impossible : str
        Why the trains of some class cannot run even alone in the window; empty if they can.
    """

    compiled: CompiledScenario
    trains: tuple[tuple[int, ...], ...]
    impossible: str = ""

    def early(self, window: Window) -> tuple[OperationsProblem, int]:
        """Return the problem with every second after the window's begin at which a train arrives as a tie-break.

        Solvers that fill a line from one end find room for one train more sooner than those that only count.

        Returns
        -------
        problem : OperationsProblem
        unit : int
            What a cost of 1 costs there: more than all arrivals together.
        """
        problem = self.compiled.problem
        group = [train for own in self.trains for train in own]
        unit = window.length_s * len(group) + 1
        terms = tuple(DelayTerm(train, self.compiled.trains[train].arrive, window.from_s, 1) for train in group)
        trains = tuple(
            train if train.refusal_cost is None else replace(train, refusal_cost=unit * train.refusal_cost)
            for train in problem.trains
        )
        return replace(problem, trains=trains, objective=terms), unit


def candidates(
    scenario: Scenario,
    mix: Mix,
    counts: Sequence[int],
    window: Window,
    *,
    slack: float | None = None,
    rounds_first: int = 0,
) -> Candidates:
    """Compile candidates.

    Trains of a class are alike, so that some best answer has them depart in the order of their numbers: the k-th of
    them (from 0) no sooner than k least headways after the first could.

    Parameters
    ----------
    rounds_first : int
        Refusing a train of so many first rounds costs more than refusing a whole round: 1 more than its trains; any
        other costs 1.

    Raises
    ------
    InputError
        If a fixed path cannot run.
    """
    compiled = compile_scenario(mix_scenario(scenario, mix, counts, window, slack))
    by_class = {one.id: number for number, one in enumerate(mix.classes)}
    blocked = [lost for lost in compiled.impossible if lost.request is None]
    if blocked:
        issues = [Issue("", "fixed path", lost.id, lost.reason, "cannot-run") for lost in blocked]
        raise InputError("the fixed traffic cannot run", issues)
    if compiled.impossible:
        lost = compiled.impossible[0]
        return Candidates(compiled, tuple(() for _ in mix.classes), f"{lost.id} cannot run even alone: {lost.reason}")
    found: list[list[int]] = [[] for _ in mix.classes]
    trains: list[Train] = []
    for index, (train, compiled_train) in enumerate(zip(compiled.problem.trains, compiled.trains, strict=True)):
        if compiled_train.request is None:
            trains.append(train)
            continue
        if compiled_train.light_for:
            trains.append(replace(train, operations=_inside(train.operations, window, 0, 0)))
            continue
        number = by_class[compiled_train.request.request]
        place = len(found[number])
        found[number].append(index)
        is_first = place < rounds_first * mix.classes[number].weight
        trains.append(
            Train(
                train.name,
                _inside(
                    train.operations, window, compiled_train.depart, _least_wait_s(scenario, compiled_train, place)
                ),
                mix.round + 1 if is_first else 1,
            )
        )
    late = [train.name for train in trains if _is_shut(train.operations[0]) or _is_shut(train.operations[-1])]
    problem: OperationsProblem = replace(compiled.problem, trains=tuple(trains), objective=(), cost_scale=1)
    reason = f"{late[0]} cannot come, run and leave within the window" if late else ""
    return Candidates(
        replace(compiled, problem=problem, constant_cost=0), tuple(tuple(group) for group in found), reason
    )


def _inside(operations: Sequence[Operation], window: Window, depart: int, wait_s: int) -> tuple[Operation, ...]:
    """Return operations that begin within the window, the departure no sooner than it could plus a wait.

    Windows are narrowed along the train by shortest durations; those of an operation that then is out of reach stay,
    but for entry and exit.
    """
    last = len(operations) - 1
    earliest = [max(operation.start_lb_s, window.from_s) for operation in operations]
    latest = [
        window.until_s if operation.start_ub_s is None else min(operation.start_ub_s, window.until_s)
        for operation in operations
    ]
    earliest[depart] += wait_s
    reached: list[int | None] = [earliest[0], *[None] * last]
    for index, operation in enumerate(operations):
        begin_s = reached[index]
        if begin_s is None:
            continue
        earliest[index] = max(earliest[index], begin_s)
        for after in operation.successors:
            soonest, known = earliest[index] + operation.min_duration_s, reached[after]
            reached[after] = soonest if known is None else min(known, soonest)
    for index in range(last - 1, -1, -1):
        after_s = max(latest[after] for after in operations[index].successors)
        latest[index] = min(latest[index], after_s - operations[index].min_duration_s)
    return tuple(
        replace(operation, start_lb_s=earliest[index], start_ub_s=latest[index])
        if earliest[index] <= latest[index] or index in (0, last)
        else operation
        for index, operation in enumerate(operations)
    )


def _is_shut(operation: Operation) -> bool:
    return operation.start_ub_s is not None and operation.start_lb_s > operation.start_ub_s


def _least_wait_s(scenario: Scenario, train: CompiledTrain, place: int) -> int:
    """Return how much later than the first train of a class the one at a place (from 0) departs at least."""
    origin, run = train.journey.visits[0], train.journey.runs[0]
    if origin.steps or origin.turned:
        return 0  # it waits as it likes before its steps, so that entries and departures are not tied to each other
    section = scenario.network.sections[run.section]
    assert train.request is not None, "candidates are requested trains"
    return (
        place
        // len(section.tracks_from(run.entering))
        * headway_s(scenario, section, run.entering, train.request.train_type)
    )


def headway_s(scenario: Scenario, section: Section, entering: str, train_type: str) -> int:
    """Return the least time between trains of a type that begin their journey into the same track of a section."""
    first = split(
        running_time_s(scenario, section.id, entering, train_type), section.blocks, scenario.rules.time_step_s
    )[0]
    return scenario.train_types[train_type].start_supplement_s + first + following_interval(scenario, section)
