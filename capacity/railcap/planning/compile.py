"""From a scenario to an operations problem, exactly (docs/compile.md), with what is needed to find the way back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from railcap.corridor.bankers import Banked, banked_trains, light_engine
from railcap.corridor.expand import DAYS_BEFORE_S, train_requests
from railcap.corridor.routing import Route
from railcap.corridor.scenario import Scenario
from railcap.corridor.shortest import shortest_journey_s
from railcap.corridor.ties import tied_trains
from railcap.corridor.traffic import FixedPath, TrainRequest
from railcap.operations.problem import Link, Operation, OperationsProblem, Resource, ResourceUse, Train
from railcap.planning.compile_bankers import banker_links, pool_name, pool_uses
from railcap.planning.compile_cost import CostUnits, terms_of
from railcap.planning.compile_fit import Fitted, ends, fit
from railcap.planning.compile_guards import guard_uses
from railcap.planning.compile_journey import CannotRun, Journey, Journeys, StepPlan, asked_stop
from railcap.planning.compile_links import LinkedTrain, LinkEvents, links_between
from railcap.planning.compile_reason import why_blocked
from railcap.planning.compile_sections import SectionResources
from railcap.planning.compile_tracks import StationTracks, TrackUser
from railcap.planning.compile_train import Act, CallPlan, LegPlan, Role, StepWork, Template, TrackUses, build_template
from railcap.planning.compile_windows import Closures, LongestJourney, joined, least_between
from railcap.planning.compile_yards import YardResources


@dataclass(frozen=True, slots=True)
class CompiledTrain:
    """A train of the problem: whose it is, what its operations mean, and which are its departure and arrival.

    Exactly one of `request` and `fixed` is set. `shortest_s` is the physically shortest journey of a request. A light
    engine has a request of its own, and `light_for` names the train that it has helped.
    """

    id: str
    journey: Journey
    roles: tuple[Role, ...]
    depart: int
    arrive: int
    request: TrainRequest | None = None
    fixed: FixedPath | None = None
    shortest_s: int = 0
    light_for: str = ""

    @property
    def route(self) -> Route:
        """Its way over the network."""
        return self.journey.route


@dataclass(frozen=True, slots=True)
class ImpossibleTrain:
    """A train that cannot run even alone, with a proof, and is therefore no part of the problem."""

    id: str
    reason: str
    request: TrainRequest | None = None
    fixed: FixedPath | None = None

    @property
    def mandatory(self) -> bool:
        """Whether no timetable exists because of it."""
        return self.request is None or self.request.mandatory


@dataclass(frozen=True, slots=True)
class CompiledScenario:
    """A scenario as an operations problem.

    Parameters
    ----------
    trains : tuple of CompiledTrain
        As in ``problem.trains``.
    impossible : tuple of ImpossibleTrain
        Left out of the problem.
    constant_cost : int
        What refusing the impossible ones costs, in the problem's integer units; add it to every cost and bound.
    """

    scenario: Scenario
    problem: OperationsProblem
    trains: tuple[CompiledTrain, ...]
    impossible: tuple[ImpossibleTrain, ...] = ()
    constant_cost: int = 0

    def blocked(self) -> tuple[ImpossibleTrain, ...]:
        """Return the impossible trains that must run: with any of them, the scenario is infeasible."""
        return tuple(train for train in self.impossible if train.mandatory)


def compile_scenario(scenario: Scenario) -> CompiledScenario:
    """Compile a valid scenario.

    Returns
    -------
    CompiledScenario
        Also if some or all trains are impossible; they stand in `CompiledScenario.impossible` with their reasons.
    """
    return _Compiler(scenario).compile()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A train on its way to the problem."""

    id: str
    journey: Journey
    fitted: Fitted
    request: TrainRequest | None = None
    fixed: FixedPath | None = None
    light_for: str = ""


class _Compiler:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.requests = train_requests(scenario)
        self.banked = list(banked_trains(scenario, self.requests))
        self.journeys = Journeys(scenario, LinkEvents(tied_trains(scenario), self.banked))
        self.units = CostUnits(scenario, self.requests)
        self.yards = YardResources(scenario, len(self.requests))
        self.impossible: list[ImpossibleTrain] = []
        self._templates: dict[Journey, tuple[Template, list[Closures]]] = {}
        self._shortest: dict[Journey, int] = {}

    def compile(self) -> CompiledScenario:
        """Compile: journeys, then resources, then windows, then the problem."""
        journeys = list(self._journeys())
        lights = self._light_journeys(journeys)
        users: dict[str, list[TrackUser]] = defaultdict(list)
        distinct = dict.fromkeys([*(journey for _, journey in journeys), *lights.values()])
        for journey in distinct:
            for station, user in journey.users():
                users[station].append(user)
        self.tracks = StationTracks(self.scenario, users)
        self.sections = SectionResources(self.scenario, (run for journey in distinct for run in journey.runs))
        self.resources = self._resources()
        drafts = [draft for demand, journey in journeys if (draft := self._draft(demand, journey)) is not None]
        return self._problem(self._with_lights(self._fed(drafts), lights))

    def _journeys(self) -> Iterator[tuple[TrainRequest | FixedPath, Journey]]:
        demands: list[TrainRequest | FixedPath] = [*self.requests, *self.scenario.fixed_paths]
        for demand in demands:
            try:
                if isinstance(demand, FixedPath):
                    journey = self.journeys.of_fixed_path(demand)
                else:
                    journey = self.journeys.of_request(demand)
            except CannotRun as error:
                self._give_up(demand, str(error))
            else:
                yield demand, journey

    def _give_up(self, demand: TrainRequest | FixedPath, reason: str) -> None:
        if isinstance(demand, FixedPath):
            self.impossible.append(ImpossibleTrain(demand.id, reason, fixed=demand))
        else:
            self.impossible.append(ImpossibleTrain(demand.id, reason, request=demand))

    def _resources(self) -> dict[str, Resource]:
        found = {**self.sections.resources, **self.yards.resources}
        for banker in self.scenario.bankers:
            if banker.engines > 1:
                found[pool_name(banker.id)] = Resource(banker.engines)
        for group in self.tracks.groups():
            if len(group.tracks) > 1 or group.closures:
                found[group.resource] = group.as_resource()
        return found

    def _template(self, journey: Journey) -> tuple[Template, list[Closures]]:
        known = self._templates.get(journey)
        if known is None:
            calls = [self._call(journey, place) for place in range(len(journey.visits))]
            legs = [self._leg(journey, place) for place in range(len(journey.runs))]
            template = build_template(calls, legs, self.scenario.rules.track_release_s)
            known = self._templates[journey] = template, [closures_of(self.resources, uses) for uses in template.uses]
        return known

    def _call(self, journey: Journey, place: int) -> CallPlan:
        visit = journey.visits[place]
        arrival: tuple[ResourceUse, ...] = ()
        guarded = False
        if place:
            run = journey.runs[place - 1]
            arrival = self.sections.arrival(run.section, run.entering)
            guarded = self.sections.reception_guard(visit.station, run.section) > 0
        return CallPlan(
            visit.station,
            self.tracks.choices(visit.station, visit.stop) if visit.stop else (),
            self.tracks.choices(visit.station, visit.pass_) if visit.pass_ else (),
            visit.dwell_s,
            visit.longest_s,
            bool(arrival) or guarded or visit.arrival_tied,
            arrival,
            tuple(self._step(visit.station, step) for step in visit.steps),
            visit.departure_tied,
            visit.turned,
            visit.outside_s,
        )

    def _step(self, station: str, step: StepPlan) -> StepWork:
        groups = self.tracks.choices(station, step.user)
        uses, begin_uses = self.yards.uses(step.resource)
        return StepWork(step.name, step.duration_s, groups, uses, begin_uses)

    def _leg(self, journey: Journey, place: int) -> LegPlan:
        run = journey.runs[place]
        tracks = self.scenario.network.sections[run.section].tracks_from(run.entering)
        choices = tuple(
            TrackUses(
                track,
                self.sections.uses(run.section, run.entering, track),
                self.sections.clearing(run.section, run.entering, track),
            )
            for track in tracks
        )
        return LegPlan(run.section, run.blocks, run.stretch_s, run.start_s, run.stop_s, choices)

    def _draft(self, demand: TrainRequest | FixedPath, journey: Journey) -> _Draft | None:
        fitted = self._fit(demand, journey)
        if isinstance(fitted, str):
            self._give_up(demand, fitted)
            return None
        if isinstance(demand, FixedPath):
            return _Draft(demand.id, journey, fitted, fixed=demand)
        return _Draft(demand.id, journey, fitted, request=demand)

    def _fit(self, demand: TrainRequest | FixedPath, journey: Journey) -> Fitted | str:
        """Return a train's operations, or why it cannot run even alone."""
        template, closures = self._template(journey)
        longest = None
        if isinstance(demand, FixedPath):
            windows = _fixed_windows(template, demand)
        else:
            windows = request_windows(self.scenario, template, journey, demand)
            longest = _longest_journey(template, demand)
        fitted = fit(template, windows, closures, longest)
        return fitted or why_blocked(self.scenario, journey, template, windows, self.resources, longest)

    def _light_journeys(self, journeys: list[tuple[TrainRequest | FixedPath, Journey]]) -> dict[str, Journey]:
        """Return the journeys of light engines by id; trains whose light engine has none are given up."""
        found = {}
        for one in self.banked:
            place = next((i for i, (demand, _) in enumerate(journeys) if demand.id == one.train), None)
            if place is None:
                continue
            try:
                found[one.light] = self.journeys.of_request(light_engine(one, 0, 0))
            except CannotRun as error:
                self._give_up(journeys.pop(place)[0], f"its banker {one.banker.id} cannot come back: {error}")
        return found

    def _with_lights(self, drafts: list[_Draft], journeys: Mapping[str, Journey]) -> list[_Draft]:
        """Return the drafts with those of light engines; trains whose light engine cannot run are given up."""
        while True:
            by_id = {draft.id: draft for draft in drafts}
            self.banked = [one for one in self.banked if one.train in by_id]
            lights = []
            for one in self.banked:
                light = self._light(one, by_id[one.train], journeys[one.light])
                if isinstance(light, str):
                    helpless = by_id.pop(one.train)
                    assert helpless.request is not None, "bankers help requested trains only"
                    self._give_up(helpless.request, f"its banker {one.banker.id} cannot come back: {light}")
                    break
                lights.append(light)
            else:
                return [*drafts, *lights]
            drafts = self._fed(list(by_id.values()))

    def _light(self, one: Banked, train: _Draft, journey: Journey) -> _Draft | str:
        roles = train.fitted.roles
        arrive = next(i for i, role in enumerate(roles) if role.act is Act.ARRIVE and role.place == one.end)
        operation = train.fitted.operations[arrive]
        assert operation.start_ub_s is not None, "compiled operations have finite windows"
        request = light_engine(one, operation.start_lb_s, operation.start_ub_s)
        fitted = self._fit(request, journey)
        return fitted if isinstance(fitted, str) else _Draft(request.id, journey, fitted, request, light_for=train.id)

    def _fed(self, drafts: Sequence[_Draft]) -> list[_Draft]:
        """Return the drafts without those that must not run, as a train that they need cannot run."""
        lost = {train.id: train.reason for train in self.impossible}
        kept = {draft.id: draft for draft in drafts}
        ties = [pair for pair in tied_trains(self.scenario) if pair.link.refuse]
        while starved := {pair.second: pair for pair in ties if pair.first in lost and pair.second in kept}:
            for train, pair in starved.items():
                reason = f"it needs {pair.first} (link {pair.link.id}), which cannot run: {lost[pair.first]}"
                lost[train] = reason
                request = kept.pop(train).request
                assert request is not None, "links tie requested trains only"
                self._give_up(request, reason)
        return list(kept.values())

    def _problem(self, drafts: Sequence[_Draft]) -> CompiledScenario:
        trains = []
        links: list[Link] = []
        terms = []
        compiled = []
        for index, draft in enumerate(drafts):
            fitted, request = draft.fitted, draft.request
            operations, depart, arrive = fitted.operations, fitted.depart, fitted.arrive
            shortest, refusal = 0, None
            if draft.light_for:
                refusal = 0
            elif request is not None:
                shortest = self._shortest_s(draft.journey, request)
                refusal = None if request.mandatory else self.units.refusal(request)
                terms += terms_of(self.units, request, index, depart, arrive, shortest, operations[depart].start_lb_s)
                links += _journey_link(request, index, depart, arrive, operations)
            trains.append(Train(draft.id, operations, refusal))
            compiled.append(
                CompiledTrain(
                    draft.id,
                    draft.journey,
                    fitted.roles,
                    depart,
                    arrive,
                    request,
                    draft.fixed,
                    shortest,
                    draft.light_for,
                )
            )
        linked = {train.id: _linked(index, train) for index, train in enumerate(compiled)}
        links += [*links_between(self.scenario, linked), *banker_links(self.banked, linked)]
        trains = _with_uses(trains, pool_uses(self.banked, linked))
        trains = _with_uses(trains, guard_uses(self.sections, trains, [(one.roles, one.route) for one in compiled]))
        problem = OperationsProblem(
            tuple(trains), tuple(terms), self.resources, tuple(links), self.units.scale, self.scenario.name
        )
        constant = sum(
            self.units.refusal(train.request) for train in self.impossible if train.request and not train.mandatory
        )
        return CompiledScenario(self.scenario, problem, tuple(compiled), tuple(self.impossible), constant)

    def _shortest_s(self, journey: Journey, request: TrainRequest) -> int:
        if journey not in self._shortest:
            self._shortest[journey] = shortest_journey_s(self.scenario, request)
        return self._shortest[journey]


def closures_of(resources: Mapping[str, Resource], uses: Sequence[ResourceUse]) -> Closures:
    """Return when anything that an operation holds is closed, as `joined`."""
    shut = [resources[use.resource].closures for use in uses if use.resource in resources]
    shut = [closures for closures in shut if closures]
    return shut[0] if len(shut) == 1 else joined(one for closures in shut for one in closures)


def request_windows(
    scenario: Scenario, template: Template, journey: Journey, request: TrainRequest
) -> tuple[list[int], list[int]]:
    """Return the windows that a request gives its operations: departure, arrival, stops and horizon (rule 11)."""
    stops = [asked_stop(request.stops, visit.station) for visit in journey.visits]
    last = len(stops) - 1
    origin = journey.visits[0]
    before_s = origin.standing_s + origin.outside_s[1] + (DAYS_BEFORE_S if origin.steps or origin.turned else 0)
    earliest = [request.earliest_departure_s - before_s] * len(template.roles)
    latest = [scenario.end_s] * len(template.roles)
    for index, role in enumerate(template.roles):
        stop = stops[role.place] if role.place <= last else None
        arrives = (role.act is Act.STOP and role.place > 0 and not role.step) or role.act is Act.ARRIVE
        departs = role.act is Act.DEPART or (role.act is Act.RUN and role.first and role.place > 0)
        if stop and arrives:
            _narrow(earliest, latest, index, stop.arrive_from_s, stop.arrive_until_s)
        if stop and departs:
            _narrow(earliest, latest, index, stop.depart_from_s, stop.depart_until_s)
        if role.act is Act.DEPART and not role.place:
            _narrow(earliest, latest, index, request.earliest_departure_s, request.latest_departure_s)
        if role.act is Act.ARRIVE and role.place == last:
            _narrow(earliest, latest, index, None, request.latest_arrival_s)
    return earliest, latest


def _narrow(earliest: list[int], latest: list[int], index: int, from_s: int | None, until_s: int | None) -> None:
    if from_s is not None:
        earliest[index] = max(earliest[index], from_s)
    if until_s is not None:
        latest[index] = min(latest[index], until_s)


def _fixed_windows(template: Template, path: FixedPath) -> tuple[list[int], list[int]]:
    """Pin the entry of a fixed path; its durations are fixed and do the rest."""
    earliest = [path.calls[0].arrival_s] * len(template.roles)
    latest = [path.calls[-1].departure_s] * len(template.roles)
    latest[0] = earliest[0]
    return earliest, latest


def _longest_journey(template: Template, request: TrainRequest) -> LongestJourney | None:
    if request.longest_journey_s is None:
        return None
    depart, arrive = ends(template.roles)
    return LongestJourney(depart, arrive, request.longest_journey_s, least_between(template, depart, arrive))


def _journey_link(
    request: TrainRequest, index: int, depart: int, arrive: int, operations: Sequence[Operation]
) -> list[Link]:
    longest, until = request.longest_journey_s, operations[arrive].start_ub_s
    if longest is None or until is None or until - operations[depart].start_lb_s <= longest:
        return []
    return [Link(index, depart, index, arrive, 0, longest)]


def _linked(index: int, train: CompiledTrain) -> LinkedTrain:
    origin = train.journey.visits[0]
    return LinkedTrain(index, train.route.stations, train.roles, bool(origin.steps), origin.turned)


def _with_uses(trains: list[Train], extra: Mapping[tuple[int, int], Sequence[ResourceUse]]) -> list[Train]:
    """Return the trains with uses added, by (train, operation)."""
    if not extra:
        return trains
    return [
        replace(
            train,
            operations=tuple(
                replace(operation, resources=(*operation.resources, *extra.get((index, place), ())))
                for place, operation in enumerate(train.operations)
            ),
        )
        for index, train in enumerate(trains)
    ]
