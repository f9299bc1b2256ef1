"""The most train paths of a mix that fit into a window, by a solver, with a proven bound (docs/saturation.md)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from railcap.corridor.scenario import Scenario, check_scenario
from railcap.errors import InputError, Issue
from railcap.measures.saturation.answers import checked_timetable, least_refused, taken_over
from railcap.measures.saturation.candidates import (
    Candidates,
    Window,
    candidates,
    check_window,
    first_day,
    mix_scenario,
    slack_issues,
)
from railcap.measures.saturation.find_places import places_of
from railcap.measures.saturation.mix import Mix, read_mix
from railcap.measures.saturation.packing import packings
from railcap.measures.saturation.places import Place, most_in_all, most_of_classes, most_trains
from railcap.measures.saturation.saturation import Saturation
from railcap.operations.check import check_schedule
from railcap.operations.problem import OperationsProblem
from railcap.operations.schedule import Schedule
from railcap.planning.timetable import Timetable
from railcap.solving.backend import Backend
from railcap.solving.parameters import SolveParameters
from railcap.solving.progress import Progress, Silent
from railcap.solving.registry import backend_names, get_backend
from railcap.solving.result import Limit, Reason
from railcap.solving.solve import check_parameters, check_watchers, solve
from railcap.solving.stop import Stop
from railcap.units import MINUTE_S

_LEAST_TIME_S = 0.5

_PACKING_SHARE = 0.2
"""Share of the time limit after which no further packing is begun."""

_EARLY_SHARE = 0.5
"""Share of the time that is left in which trains are packed from the begin of the window on."""


def saturate(
    scenario: Scenario,
    mix: Mix | str,
    window: Window | None = None,
    *,
    freely: bool = False,
    slack: float | None = None,
    enough: int | None = None,
    backend: str | Backend = "auto",
    parameters: SolveParameters | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    isolated: bool = True,
) -> Saturation:
    """Find the most train paths of a mix that fit into a window beside the fixed traffic.

    Parameters
    ----------
    scenario : Scenario
        A valid one; its fixed paths, closures, hours and bankers hold, its requests and links do not.
    mix : Mix or str
        Classes of trains and their shares; a text as `railcap.measures.saturation.mix.read_mix` has it.
    window : Window, optional
        UTC seconds; by default the scenario's first day.
    freely : bool
        Choose the classes freely, for the most trains in all, instead of keeping the mix.
    slack : float, optional
        Longest journey of each train as a multiple of its shortest.
    enough : int, optional
        Stop as soon as so many trains are found, or proven not to fit, and look for no more.
    backend, parameters, stop, progress, isolated
        As for `railcap.plan`; the time limit is for all together. Progress hears of numbers of trains by messages, and
        of answers by incumbents whose objective is the number of trains, negated.

    Raises
    ------
    InputError
        If the mix, the window, the slack or a parameter makes no sense, or a fixed path cannot run.
    TypeError
        If `scenario` is no Scenario.
    BackendError, InternalError
        As `railcap.plan`.
    """
    check_scenario(scenario, "saturate")
    mix = read_mix(scenario, mix) if isinstance(mix, str) else mix
    window = window or first_day(scenario)
    check_window(scenario, window)
    if issues := slack_issues(slack):
        raise InputError("the longest journey cannot be used", issues)
    parameters = parameters or SolveParameters()
    solver = get_backend(backend) if isinstance(backend, str) else backend
    check_parameters(parameters, {*backend_names(), solver.name})
    check_watchers(stop, progress)
    run = _Run(scenario, mix, window, freely, slack, enough, backend, parameters, progress, isolated)
    return run.saturate(stop or Stop())


class _Either(Stop):
    """A stop of our own that is also requested when the caller's is."""

    def __init__(self, outer: Stop) -> None:
        super().__init__()
        self._outer = outer

    @property
    def requested(self) -> bool:
        """Whether either is requested."""
        return self._outer.requested or super().requested


class _Run:
    """One saturation on its way: the best answer and the best bound so far."""

    def __init__(
        self,
        scenario: Scenario,
        mix: Mix,
        window: Window,
        freely: bool,
        slack: float | None,
        enough: int | None,
        backend: str | Backend,
        parameters: SolveParameters,
        progress: Progress | None,
        isolated: bool,
    ) -> None:
        self.scenario, self.mix, self.window, self.freely, self.slack = scenario, mix, window, freely, slack
        self.enough, self.backend, self.parameters, self.isolated = enough, backend, parameters, isolated
        self.progress: Progress = progress or Silent()
        self.begun_s = time.monotonic()
        self.bound = self.place_bound = 0
        self.found: Candidates
        self.counts: tuple[int, ...] = (0,) * len(mix.classes)
        self.best: tuple[Candidates, Schedule] | None = None
        self.stop = Stop()

    def saturate(self, outer: Stop) -> Saturation:
        """Ask for as many rounds as the bound allows, and for fewer as it falls, until the best answer meets it."""
        first = self._candidates([1] * len(self.mix.classes), 0)
        if first.impossible:
            self._refuse_impossible_classes()
            return self._nothing(first.impossible)
        places = tuple(places_of(self.scenario, self.mix, self.window, first))
        self.bound = self.place_bound = most_in_all(self.mix, places) if self.freely else most_trains(self.mix, places)
        self._tell()
        limit: Limit | None = None
        while self.bound > sum(self.counts) and self._is_possible() and not outer.requested and not self._is_enough():
            counts, rounds_first = self._asked(places)
            found = self._candidates(counts, rounds_first)
            before = self.bound, self.counts
            limit = self._solve(found, outer)
            if limit is not None or before == (self.bound, self.counts):
                break
        if self._is_enough() or self.bound <= sum(self.counts):
            limit = None  # what stopped the solver is that it had nothing left to find
        elif outer.requested:
            limit = Limit.INTERRUPTED
        return self._finished(places, limit)

    def _refuse_impossible_classes(self) -> None:
        """Raise `InputError` if trains of some classes cannot run even alone, but those of others can."""
        classes = self.mix.classes
        alone = [self._candidates([int(one is other) for other in classes], 0).impossible for one in classes]
        if not all(alone):
            issues = [
                Issue("", "--mix", one.id, f"{reason}; leave this class out, or give a longer window", "cannot-run")
                for one, reason in zip(classes, alone, strict=True)
                if reason
            ]
            raise InputError("some classes of the mix can never run in the window", issues)

    def _asked(self, places: Sequence[Place]) -> tuple[list[int], int]:
        """Return how many trains of each class to ask for, and how many of their rounds are to come first."""
        if self.freely:
            return [min(count, self.bound) for count in most_of_classes(self.mix, places)], 0
        wanted = self.bound if self.enough is None else min(self.bound, self.enough)
        rounds = -(-wanted // self.mix.round)
        return [rounds * weight for weight in self.mix.weights], rounds - 1

    def _candidates(self, counts: Sequence[int], rounds_first: int) -> Candidates:
        return candidates(self.scenario, self.mix, counts, self.window, slack=self.slack, rounds_first=rounds_first)

    def _is_possible(self) -> bool:
        return self.enough is None or self.bound >= self.enough

    def _is_enough(self) -> bool:
        return self.enough is not None and sum(self.counts) >= self.enough

    def _solve(self, found: Candidates, outer: Stop) -> Limit | None:
        """Solve once; what is found and proven is kept. Returns what stopped it before a proof.

        First trains are packed from the begin of the window on, then their number alone counts.
        """
        self.found, self.stop = found, _Either(outer)
        if self.best is None:
            for schedule in packings(found, self.mix.weights, self.stop):
                self.found_schedule(schedule)
                elapsed_s = time.monotonic() - self.begun_s
                if self.stop.requested or elapsed_s > _PACKING_SHARE * self.parameters.time_limit_s:
                    break
        if self.stop.requested:
            return None
        early, unit = found.early(self.window)
        limit = self._solve_one(early, unit, _EARLY_SHARE)
        if self.stop.requested or limit is None:
            return limit
        return self._solve_one(found.compiled.problem, 1, 1.0)

    def _solve_one(self, problem: OperationsProblem, unit: int, share: float) -> Limit | None:
        parameters = replace(self.parameters, warm_start=self._warm_start(problem))
        if not parameters.deterministic:
            left_s = parameters.time_limit_s - (time.monotonic() - self.begun_s)
            if left_s < _LEAST_TIME_S and self.best is not None:
                return Limit.TIME
            least_s = min(_LEAST_TIME_S, parameters.time_limit_s)
            parameters = replace(parameters, time_limit_s=max(share * left_s, least_s))
        try:
            result = solve(problem, self.backend, parameters, self.stop, _Ear(self, unit), self.isolated)
        except KeyboardInterrupt:
            # The solver's process answers an interrupt itself, but not in every instant; an answer is kept in all.
            if self.best is None:
                raise
            return Limit.INTERRUPTED
        if result.termination.reason is Reason.INFEASIBLE:
            raise _no_fixed_traffic(self.found)
        if result.schedule is not None:
            self.found_schedule(result.schedule)
        if result.bound is not None:
            self.bounded(result.bound // unit)
        return None if result.termination.reason is Reason.OPTIMAL else result.termination.limit or Limit.TIME

    def found_schedule(self, schedule: Schedule) -> None:
        """Keep a schedule with more trains that keep the mix."""
        runs = {event.train for event in schedule.events}
        counts = tuple(sum(train in runs for train in group) for group in self.found.trains)
        kept = counts if self.freely else self.mix.kept(counts)
        if self.best is not None and sum(kept) <= sum(self.counts):
            return
        self.counts, self.best = kept, (self.found, schedule)
        self.progress.incumbent(time.monotonic() - self.begun_s, -sum(kept), schedule)
        self._tell()

    def bounded(self, cost: int) -> None:
        """Keep a bound on the cost of refusals as one on the number of trains."""
        refused = cost if self.freely else least_refused(self.mix, cost)
        bound = sum(len(group) for group in self.found.trains) - refused
        if refused > 0 and bound < self.bound:
            self.bound = bound
            self._tell()

    def _tell(self) -> None:
        found = "none yet" if self.best is None else f"{sum(self.counts)} trains"
        self.progress.message(time.monotonic() - self.begun_s, f"{found}, at most {self.bound}")
        if self.best is not None and (sum(self.counts) >= self.bound or self._is_enough()):
            self.stop.request()

    def _warm_start(self, problem: OperationsProblem) -> Schedule | None:
        if self.best is None:
            return None
        schedule = taken_over(*self.best, self.counts, self.found)
        return None if check_schedule(problem, schedule) else schedule

    def _nothing(self, reason: str) -> Saturation:
        return self._saturation((), (0,) * len(self.mix.classes), None, None, reason)

    def _finished(self, places: tuple[Place, ...], limit: Limit | None) -> Saturation:
        if self.best is None:
            return self._saturation(places, self.counts, None, limit, "")
        found, schedule = self.best
        timetable = checked_timetable(self._wanted(self.counts), self.window, found, schedule, self.counts)
        return self._saturation(places, self.counts, timetable, limit, "")

    def _wanted(self, counts: Sequence[int]) -> Scenario:
        return mix_scenario(self.scenario, self.mix, counts, self.window, self.slack, MINUTE_S)

    def _saturation(
        self,
        places: tuple[Place, ...],
        counts: tuple[int, ...],
        timetable: Timetable | None,
        limit: Limit | None,
        reason: str,
    ) -> Saturation:
        return Saturation(
            self._wanted(counts),
            self.mix,
            self.window,
            self.freely,
            counts,
            self.bound,
            self.place_bound,
            places,
            timetable,
            limit,
            reason,
            time.monotonic() - self.begun_s,
            self.backend if isinstance(self.backend, str) else self.backend.name,
        )


class _Ear:
    """The `Progress` of one solve."""

    def __init__(self, run: _Run, unit: int) -> None:
        self._run, self._unit = run, unit

    def incumbent(self, time_s: float, objective: int, schedule: Schedule) -> None:
        """Hear of a schedule."""
        self._run.found_schedule(schedule)

    def bound(self, time_s: float, bound: int) -> None:
        """Hear of a bound."""
        self._run.bounded(bound // self._unit)

    def message(self, time_s: float, text: str) -> None:
        """Hear what the solver does: what counts here is how many trains it has."""


def _no_fixed_traffic(found: Candidates) -> InputError:
    names = [train.id for train in found.compiled.trains if train.fixed is not None]
    issue = Issue(
        "", "fixed paths", ", ".join(names[:10]), "they cannot all run; `railcap check` says why", "cannot-run"
    )
    return InputError("the fixed traffic is in conflict with itself", [issue])
