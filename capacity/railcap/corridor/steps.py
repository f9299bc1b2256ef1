"""Processes of trains at their stops: which, and how long each step takes (rules 15 to 19 of docs/model.md)."""

from __future__ import annotations

from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import Stop, TrainType
from railcap.corridor.yards import YardStep
from railcap.units import round_up


def steps_of(scenario: Scenario, stop: Stop | None) -> tuple[YardStep, ...]:
    """Return the steps that a stop asks for, none if it has no process."""
    return scenario.processes[stop.process].steps if stop is not None and stop.process else ()


def step_time_s(scenario: Scenario, step: YardStep, train_type: TrainType) -> int:
    """Return how long a step takes for a train, rounded up to the rules' time step."""
    return round_up(step.duration_s + step.per_wagon_s * train_type.wagons, scenario.rules.time_step_s)


def longest_process_s(scenario: Scenario) -> int:
    """Return how long any process takes any train at most, without waits."""
    wagons = max((train_type.wagons for train_type in scenario.train_types.values()), default=0)
    return max(
        (
            sum(
                round_up(step.duration_s + step.per_wagon_s * wagons, scenario.rules.time_step_s)
                for step in process.steps
            )
            for process in scenario.processes.values()
        ),
        default=0,
    )


def standing_time_s(scenario: Scenario, stop: Stop | None, train_type: TrainType) -> int:
    """Return how long a train stands at a stop at least: for its dwell, or for all of its steps."""
    if stop is None:
        return 0
    return stop.dwell_s + sum(step_time_s(scenario, step, train_type) for step in steps_of(scenario, stop))
