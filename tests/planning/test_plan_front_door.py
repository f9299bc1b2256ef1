"""The front door: impossible trains and proofs, reasons for refusals, bounds, and that nothing unchecked comes out."""

from dataclasses import replace

import pytest
from planning_lines import TRAIN, clock_s, line, planned, request, station

import railcap.planning.plan as plan_module
from railcap.corridor.rules import Closure, CostWeights, Daylight
from railcap.corridor.traffic import FixedCall, FixedPath, Stop
from railcap.errors import InternalError
from railcap.operations.schedule import Event, Schedule
from railcap.planning.plan import plan
from railcap.planning.violation import Violation
from railcap.solving.backend import FEATURES
from railcap.solving.result import Limit, Reason, Result, Termination


def _refusal(found, name):
    return next(refusal for refusal in found.timetable.refused if refusal.request == name)


def _whole_day(scenario, **place):
    return Closure("works", from_s=scenario.begin_s, until_s=scenario.end_s, reason="new rails", **place)


def test_no_route_is_a_proof_and_costs_the_value():
    broad = line(request("up", "A-C", "6:00"), request("lost", "A-C", "8:00", value=2))
    narrow = replace(TRAIN, id="narrow", gauge_mm=1000)
    requests = (broad.requests[0], replace(broad.requests[1], train_type="narrow"))
    found = planned(replace(broad, requests=requests, train_types={"freight": TRAIN, "narrow": narrow}))
    refusal = _refusal(found, "lost")
    assert refusal.proof
    assert "1000 mm" in refusal.reason
    assert found.objective == found.bound == 40
    assert found.avoidable_objective == 0


def test_a_stop_where_no_track_is_long_enough_is_named_with_its_length():
    stops = {"B": Stop("B", 60)}
    small = replace(station("B", loop_m=650), tracks=(replace(station("B").tracks[0], length_m=650),))
    refusal = _refusal(planned(line(request("up", "A-C", "6:00", stops=stops), stations={"B": small})), "up")
    assert refusal.proof
    assert "Station B" in refusal.reason
    assert "650 m" in refusal.reason


def test_a_closure_that_leaves_no_time_is_named():
    scenario = line(request("up", "A-C", "6:00"))
    shut = replace(scenario, closures=(_whole_day(scenario, section="B-C"),))
    refusal = _refusal(planned(shut), "up")
    assert refusal.proof
    assert "B-C" in refusal.reason
    assert "new rails" in refusal.reason


def test_windows_that_no_running_time_fits_say_when_it_could_be_there():
    stops = {"C": Stop("C", arrive_until_s=clock_s("6:20"))}
    refusal = _refusal(planned(line(request("up", "A-C", "6:00", stops=stops))), "up")
    assert refusal.proof
    assert "06:23" in refusal.reason
    assert "06:20" in refusal.reason


def test_a_journey_longer_than_asked_for_is_said_so():
    refusal = _refusal(planned(line(request("up", "A-C", "6:00", longest_journey_s=1200))), "up")
    assert refusal.proof
    assert "0:23" in refusal.reason
    assert "0:20" in refusal.reason


def test_a_journey_that_a_night_makes_too_long_names_the_closure():
    trains = (request("up", "A-C", "17:50", later_s=0, longest_journey_s=10 * 3600),)
    night = Daylight("B-C", "", 6 * 3600, 18 * 3600)
    refusal = _refusal(planned(line(*trains, daylight=(night,))), "up")
    assert refusal.proof
    assert "B-C" in refusal.reason


@pytest.mark.parametrize("way", ["mandatory", "fixed"])
def test_a_train_that_must_run_and_cannot_makes_the_plan_infeasible(way):
    scenario = line(request("up", "A-C", "6:00"))
    if way == "mandatory":
        scenario = replace(scenario, requests=(request("must", "A-C", "6:00", mandatory=True, longest_journey_s=60),))
    else:
        calls = (FixedCall("A", 0, scenario.begin_s), FixedCall("B", scenario.begin_s + 60, scenario.begin_s + 60))
        scenario = replace(scenario, fixed_paths=(FixedPath("must", "freight", calls),))
    found = plan(scenario, isolated=False)
    assert found.termination.reason is Reason.INFEASIBLE
    assert "must" in found.termination.detail
    assert found.timetable is None
    assert found.objective is None
    assert found.gap is None


def test_two_mandatory_trains_for_one_slot_are_proven_infeasible():
    scenario = line(*(request(name, "A-B", "6:00", mandatory=True, later_s=0) for name in ("one", "two")), names="AB")
    found = plan(scenario, isolated=False)
    assert found.termination.reason is Reason.INFEASIBLE
    assert found.timetable is None


def test_the_fewest_trains_that_cannot_all_run_are_named():
    """Two of seven trains want one slot; the others, of which one is optional, have nothing to do with it."""
    clash = [request(name, "A-B", "6:00", mandatory=True, later_s=0) for name in ("one", "two")]
    calm = [request(f"calm{hour}", "A-B", f"{hour}:00", mandatory=True) for hour in range(8, 12)]
    scenario = line(*calm[:2], clash[0], *calm[2:], clash[1], request("light", "A-B", "13:00"), names="AB")
    found = plan(scenario, isolated=False)
    assert found.termination.reason is Reason.INFEASIBLE
    assert (
        found.termination.detail
        == "these must run and cannot all run, though any one less could: one/2026-03-02/1, two/2026-03-02/1"
    )


def test_the_loser_of_a_slot_hears_to_whom_and_where_it_lost():
    scenario = line(request("strong", "A-C", "6:00", later_s=0), request("weak", "A-C", "6:00", later_s=0, value=10))
    found = planned(scenario)
    refusal = _refusal(found, "weak")
    assert not refusal.proof
    assert refusal.against == (found.timetable.paths[0].train,)
    assert refusal.place in {"A-B", "B-C"}
    assert "no proof" in refusal.reason
    assert "Station A" in refusal.reason
    assert "2026-03-02 06:" in refusal.reason
    # Refusing the weak one costs 200, all of it avoidable: alone it would run at no cost.
    assert found.objective == found.avoidable_objective == 200
    assert found.cost.whole.refused == found.cost.whole.total


def test_refusing_may_be_cheaper_than_the_own_best_run():
    stops = {"B": Stop("B", 0, depart_from_s=clock_s("9:00"))}
    scenario = line(request("slow", "A-C", "6:00", stops=stops, later_s=0, value=0.5))
    found = planned(scenario)
    refusal = _refusal(found, "slow")
    assert not refusal.proof
    assert "refusing it costs 10" in refusal.reason
    assert found.objective == 10
    assert found.avoidable_objective == 0


def test_no_trains_at_all_is_a_proven_empty_timetable():
    found = planned(line())
    assert found.timetable.paths == ()
    assert found.objective == 0


class _Lazy:
    """A backend that refuses every train and proves nothing."""

    name = "lazy"
    features = FEATURES

    def is_available(self):
        return None

    def solve(self, problem, parameters, stop, progress):
        cost = sum(train.refusal_cost for train in problem.trains)
        progress.incumbent(0.1, cost, Schedule(()))
        progress.bound(0.1, 0)
        return Result(Termination(Reason.FEASIBLE, Limit.TIME), Schedule(()), cost, None)


class _Watch:
    def __init__(self):
        self.seen = []

    def incumbent(self, time_s, objective, schedule):
        self.seen.append(("incumbent", objective))

    def bound(self, time_s, bound):
        self.seen.append(("bound", bound))

    def message(self, time_s, text):
        pass


def test_bounds_are_at_least_the_own_bests_and_progress_sees_the_whole():
    stops = {"B": Stop("B", 0, depart_from_s=clock_s("6:33"))}
    scenario = line(
        request("waits", "A-C", "6:00", stops=stops, later_s=0), request("never", "A-C", "6:00", longest_journey_s=60)
    )
    watch = _Watch()
    found = plan(scenario, backend=_Lazy(), progress=watch, isolated=False)
    # At its best it leaves B at 6:33 and not 6:13, 20 minutes more; the other can only be refused, at 1000.
    assert found.bound == pytest.approx(1000 + 20 * 0.2)
    assert found.objective == 2000
    assert found.avoidable_bound == 0
    assert found.avoidable_objective == pytest.approx(1000 - 20 * 0.2)
    assert found.gap == pytest.approx((2000 - 1004) / 2000)
    scale = found.compiled.problem.cost_scale
    assert watch.seen == [("incumbent", 2000 * scale), ("bound", 1004 * scale)]
    assert "longer search" in _refusal(found, "waits").reason


def test_a_cost_that_meets_the_own_bests_is_optimal_whatever_the_backend_says():
    weights = CostWeights(value_point_min=0)
    found = plan(line(request("up", "A-C", "6:00"), weights=weights), backend=_Lazy(), isolated=False)
    assert found.termination.reason is Reason.OPTIMAL
    assert found.termination.limit is None


class _Early(_Lazy):
    """Answers with a schedule in which the train runs a minute too early."""

    def solve(self, problem, parameters, stop, progress):
        events = tuple(Event(op.start_lb_s - 60, 0, index) for index, op in enumerate(problem.trains[0].operations))
        return Result(Termination(Reason.FEASIBLE), Schedule(events), 0, None)


def test_a_wrong_schedule_never_comes_out():
    with pytest.raises(InternalError, match="rules"):
        plan(line(request("up", "A-B", "6:00"), names="AB"), backend=_Early(), isolated=False)


def test_a_breach_on_the_railway_never_comes_out(monkeypatch):
    breach = [Violation("night-run", "A runs at night")]
    monkeypatch.setattr(plan_module, "check_timetable", lambda scenario, timetable: breach)
    with pytest.raises(InternalError, match="A runs at night"):
        plan(line(request("up", "A-B", "6:00"), names="AB"), isolated=False)
