"""The variants of karachi-uzen-week: what differs, who cannot run, and that nobody crosses a closed border."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import railcap
from railcap.corridor.expand import section_closures, train_requests
from railcap.corridor.scenario import Scenario
from railcap.planning.alone import AloneRuns
from railcap.planning.compile import CompiledScenario, compile_scenario
from railcap.planning.compile_train import Act
from railcap.planning.timetable import Timetable
from railcap.units import HOUR_S, to_utc_s
from railcap_app.cli.main import run
from railcap_instances.assumptions import LEVELS, assume, assumed_values

WEEK, CLOSED = "karachi-uzen-week", "karachi-uzen-week-border-closed"
CAUTIOUS, OPTIMISTIC = "karachi-uzen-week-cautious", "karachi-uzen-week-optimistic"
BORDER = "pk_chaman-af_spin_boldak"


@pytest.fixture(scope="module")
def week() -> Scenario:
    return railcap.load(WEEK)


@pytest.fixture(scope="module")
def closed() -> CompiledScenario:
    return compile_scenario(railcap.load(CLOSED))


def _named_as(scenario: Scenario, other: Scenario) -> Scenario:
    return replace(scenario, name=other.name, title=other.title, description=other.description)


def _three_days(scenario: Scenario) -> tuple[int, int]:
    """Return Wednesday to Friday, UTC seconds."""
    begin_s = to_utc_s(scenario.start, 48 * HOUR_S, "Asia/Karachi")
    return begin_s, begin_s + 72 * HOUR_S


def test_each_variant_differs_from_the_week_in_what_it_says(week: Scenario) -> None:
    optimistic, cautious, shut = (railcap.load(name) for name in (OPTIMISTIC, CAUTIOUS, CLOSED))
    loops = railcap.load("karachi-uzen-optimistic").network
    assert loops != week.network
    assert _named_as(optimistic, week) == replace(week, network=loops)
    unfavourable = assume(week, "unfavourable")
    assert unfavourable.daylight != week.daylight
    stops = {request.id: request.stops for request in unfavourable.requests if request.stops != {}}
    assert stops != {request.id: request.stops for request in week.requests if request.stops != {}}
    assert _named_as(cautious, week) == replace(week, daylight=unfavourable.daylight, requests=unfavourable.requests)
    assert _named_as(shut, week) == replace(week, closures=shut.closures)
    assert shut.closures[:-1] == week.closures
    assert (shut.closures[-1].section, shut.closures[-1].from_s, shut.closures[-1].until_s) == (
        BORDER, *_three_days(week),
    )  # fmt: skip


def test_assumed_values(week: Scenario) -> None:
    assert assume(week, "typical") == week
    assert len({assumed_values(level)["daylight_from"] for level in LEVELS}) == 3
    favourable = assume(week, "favourable")
    assert favourable.rules.following_interval_s == 180
    assert favourable.yard_resources["spin_boldak_pairs"].capacity == 3
    (customs,) = (hours for hours in favourable.opening_hours if hours.resource == "chaman_customs")
    assert (customs.until_of_day_s, len(customs.weekdays)) == (2 * HOUR_S, 7)
    with pytest.raises(ValueError, match="favourable, typical, unfavourable"):
        assume(week, "high")


@pytest.mark.parametrize("name", [OPTIMISTIC, pytest.param(CAUTIOUS, marks=pytest.mark.long)])
def test_every_train_of_the_other_variants_can_run_alone(name: str, week: Scenario) -> None:
    scenario = railcap.load(name)
    assert [train.id for train in train_requests(scenario)] == [train.id for train in train_requests(week)]
    assert compile_scenario(scenario).impossible == ()


def test_the_closed_border_keeps_at_home_who_could_cross_on_the_closed_days_only(closed: CompiledScenario) -> None:
    cannot = Counter(tuple(train.id.split("/")[:2]) for train in closed.impossible)
    # Trains wish for 12:00 to 15:00 on the way out and 13:30 to 16:30 on the way back, and may leave two days later:
    # those of Wednesday until Friday. Tuesday's last one back cannot be over at 17:00, when the gate closes.
    assert cannot == {
        ("TRANSFER_OUT", "2026-03-04"): 4,
        ("TRANSFER_IN", "2026-03-04"): 4,
        ("TRANSFER_IN", "2026-03-03"): 1,
    }
    for train in closed.impossible:
        assert "border closed for three days" in train.reason
        assert not train.mandatory


def test_no_train_would_cross_the_closed_border_even_alone(closed: CompiledScenario) -> None:
    begin_s, end_s = _three_days(closed.scenario)
    alone, crossings = AloneRuns(closed), []
    for index, train in enumerate(closed.trains):
        if BORDER in train.route.sections:
            place = train.route.sections.index(BORDER)
            run = [(train.roles[operation], start_s) for operation, start_s in alone.run(index).route]
            enters_s = min(start_s for role, start_s in run if role.act is Act.RUN and role.place == place)
            leaves_s = min(start_s for role, start_s in run if role.act is not Act.RUN and role.place == place + 1)
            crossings.append((enters_s, leaves_s))
    assert len(crossings) == 2 * 4 * 7 - len(closed.impossible)
    assert all(0 < leaves_s - enters_s < HOUR_S for enters_s, leaves_s in crossings)
    assert not any(enters_s < end_s and leaves_s > begin_s for enters_s, leaves_s in crossings)
    assert {leaves_s < begin_s for _, leaves_s in crossings} == {True, False}


def _crossings(timetable: Timetable) -> list[tuple[int, int]]:
    return [
        (path.calls[place].departure_s, path.calls[place + 1].arrival_s)
        for path in timetable.paths
        for place, leg in enumerate(path.legs)
        if leg.section == BORDER
    ]


def _nobody_crosses_while_it_is_closed(scenario: Scenario, timetable: Timetable) -> None:
    begin_s, end_s = _three_days(scenario)
    crossings = _crossings(timetable)
    assert not any(departure < end_s and arrival > begin_s for departure, arrival in crossings)
    # On both sides of the closed days trains do cross.
    assert {arrival <= begin_s for _, arrival in crossings} == {True, False}


def test_rakes_wait_until_the_border_opens_again() -> None:
    scenario = railcap.load(CLOSED)
    crossing = tuple(request for request in scenario.requests if request.id.startswith("TRANSFER_"))
    rakes = tuple(link for link in scenario.links if link.id == "rake_back")
    scenario = replace(scenario, requests=crossing, links=rakes, bankers=())
    plan = railcap.plan(
        scenario, parameters=railcap.SolveParameters(time_limit_s=120, threads=1, relative_gap=0.5), isolated=False
    )
    assert plan.timetable is not None
    _nobody_crosses_while_it_is_closed(scenario, plan.timetable)


@pytest.mark.long
def test_nobody_crosses_the_closed_border_in_a_plan_of_the_whole_week() -> None:
    scenario = railcap.load(CLOSED)
    plan = railcap.plan(scenario, parameters=railcap.SolveParameters(time_limit_s=60, threads=2))
    assert plan.timetable is not None
    _nobody_crosses_while_it_is_closed(scenario, plan.timetable)


def test_no_closure_is_lost_beside_the_closed_days(closed: CompiledScenario, week: Scenario) -> None:
    before, after = section_closures(week), section_closures(closed.scenario)
    assert {key for key in after if before[key] != after[key]} == {(BORDER, "1")}


def test_a_copy_of_an_instance_with_two_bases_stands_alone(tmp_path: Path) -> None:
    assert run(["instances", "copy", OPTIMISTIC, str(tmp_path / "copy")]) == 0
    assert railcap.load(tmp_path / "copy") == railcap.load(OPTIMISTIC)
