"""Which trains run over each section in a day: those that are asked for, or a mix in their place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from railcap.corridor.bankers import banked_trains
from railcap.corridor.expand import train_requests
from railcap.corridor.routing import NoRoute, Route, fixed_route, route
from railcap.corridor.scenario import Scenario
from railcap.errors import InputError, Issue


@dataclass(frozen=True, slots=True)
class Flow:
    """Trains of one type in one direction over a section.

    Parameters
    ----------
    entering : str
        The station at which they enter the section.
    per_day : float
        How many are asked for, on an average day of the scenario.
    share : float
        What of all trains of the section they are, a fraction; of a mix whose trains nobody asks for as well.
    light : bool
        Whether they are light engines of bankers.
    """

    train_type: str
    entering: str
    per_day: float
    share: float
    light: bool = False


def section_flows(scenario: Scenario, mix: Mapping[str, float] | None = None) -> Mapping[str, tuple[Flow, ...]]:
    """Return the trains of a day by section, in the order of the network.

    Requests count by their number in the days of the scenario, with fixed paths and the light engines of bankers; each
    train takes the route of rule 1 of docs/model.md.

    Parameters
    ----------
    mix : mapping of str to float, optional
        Shares of train types, of any sum. They replace the types that are asked for on the sections of their gauge, as
        many trains as are asked for, each type alike in both directions; other sections are left out. If the scenario
        asks for no train, the mix runs on all sections of its gauge.

    Raises
    ------
    InputError
        If no train can run, or the mix has a train type that the scenario has not.
    """
    asked = _asked(scenario)
    if mix is not None:
        asked = dict(_mixed(scenario, asked, mix))
    if not asked:
        message = "no train runs on any section; give requests, or a mix of train types whose gauge the sections have"
        raise InputError(
            f"the capacity of {scenario.name} cannot be told", [Issue("requests", "", "", message, "no-trains")]
        )
    return {section: asked[section] for section in scenario.network.sections if section in asked}


def _asked(scenario: Scenario) -> dict[str, tuple[Flow, ...]]:
    counts: dict[str, Counter[tuple[str, str, bool]]] = defaultdict(Counter)
    for way, train_type, light, number in _ways(scenario):
        for section, entering in zip(way.sections, way.stations[:-1], strict=True):
            counts[section][train_type, entering, light] += number
    return {section: tuple(_flows(found, scenario.days)) for section, found in counts.items()}


def _flows(counts: Counter[tuple[str, str, bool]], days: int) -> Iterator[Flow]:
    total = sum(counts.values())
    for (train_type, entering, light), number in sorted(counts.items()):
        yield Flow(train_type, entering, number / days, number / total, light)


def _ways(scenario: Scenario) -> Iterator[tuple[Route, str, bool, int]]:
    """Yield routes with the type of the trains that take them, whether they are light engines, and their number."""
    requests = train_requests(scenario)
    asked = Counter((one.train_type, one.origin, one.vias, one.destination) for one in requests)
    for way, number in asked.items():
        try:
            yield route(scenario, *way), way[0], False, number
        except NoRoute:  # what cannot run at all takes no capacity
            continue
    for path in scenario.fixed_paths:
        yield fixed_route(scenario, path), path.train_type, False, 1
    bankers = {one.id: one for one in scenario.bankers}
    for name, number in Counter(one.banker.id for one in banked_trains(scenario, requests)).items():
        banker = bankers[name]
        yield route(scenario, banker.engine_type, banker.end, (), banker.start), banker.engine_type, True, number


def _mixed(
    scenario: Scenario, asked: Mapping[str, tuple[Flow, ...]], mix: Mapping[str, float]
) -> Iterator[tuple[str, tuple[Flow, ...]]]:
    unknown = [name for name in mix if name not in scenario.train_types]
    if unknown:
        known = ", ".join(scenario.train_types)
        message = f"the scenario has no such train type; it has {known}"
        issues = [Issue("", "mix", name, message, "unknown-type") for name in unknown]
        raise InputError("the mix cannot be used", issues)
    sections = scenario.network.sections
    for section in [sections[one] for one in asked] or sections.values():
        fitting = {
            name: share
            for name, share in mix.items()
            if share > 0 and scenario.train_types[name].gauge_mm in section.gauges_mm
        }
        total = 2 * sum(fitting.values())
        trains = sum(flow.per_day for flow in asked.get(section.id, ()))
        if fitting:
            yield (
                section.id,
                tuple(
                    Flow(name, end, trains * share / total, share / total)
                    for name, share in fitting.items()
                    for end in (section.start, section.end)
                ),
            )
