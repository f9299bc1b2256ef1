"""Why a train cannot run even alone: the closure that blocks it, or windows that no running time fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from railcap.corridor.expand import closures_at
from railcap.corridor.scenario import Scenario
from railcap.operations.problem import Resource
from railcap.planning.compile_fit import Windows, fit
from railcap.planning.compile_journey import Journey
from railcap.planning.compile_train import Act, Role, Template
from railcap.planning.compile_windows import Closures, LongestJourney, joined, least_between
from railcap.planning.compile_yards import is_yard_resource
from railcap.units import duration, stamp

Place = tuple[str, str, str]
"""``section`` or ``station``, its id, and the track; or ``yard``, the yard resource and its station."""


def why_blocked(
    scenario: Scenario,
    journey: Journey,
    template: Template,
    windows: Windows,
    resources: Mapping[str, Resource],
    longest: LongestJourney | None,
) -> str:
    """Return a sentence that says what keeps a train from running even on an empty line.

    Parameters
    ----------
    windows : earliest and latest starts by operation, as the train itself demands them
    resources : those that may be closed, by name
    """
    shut = _shut(journey, template, resources)
    if fit(template, windows, _only(shut, []), longest) is None:
        return _too_tight(scenario, journey, template, windows, longest)
    places = list(dict.fromkeys(place for here in shut for place in here))
    # Shut place after place along the way until it does not fit: the last one is what breaks it.
    fits, breaks = 0, len(places)
    while breaks - fits > 1:
        middle = (fits + breaks) // 2
        if fit(template, windows, _only(shut, places[:middle]), longest):
            fits = middle
        else:
            breaks = middle
    last = places[breaks - 1]
    alone = fit(template, windows, _only(shut, [last]), longest) is None
    others = "" if alone else ", with other closures on its way,"
    return f"{_named(scenario, journey, template, windows, last)}{others} leaves it no time to run within its windows"


def _shut(journey: Journey, template: Template, resources: Mapping[str, Resource]) -> list[dict[Place, Closures]]:
    """Return when the places are closed at which each operation needs something."""
    return [
        {
            _place(journey, role, use.resource): resources[use.resource].closures
            for use in uses
            if use.resource in resources and resources[use.resource].closures
        }
        for role, uses in zip(template.roles, template.uses, strict=True)
    ]


def _only(shut: Sequence[Mapping[Place, Closures]], places: Sequence[Place]) -> list[Closures]:
    """Return the closures at some places alone, by operation."""
    return [joined(one for place in places for one in here.get(place, ())) for here in shut]


def _place(journey: Journey, role: Role, resource: str = "") -> Place:
    """Return the place of an operation, that of what it holds if this is a resource of a yard."""
    if role.act is Act.RUN:
        return "section", journey.route.sections[role.place], role.track
    if role.act is Act.STEP and is_yard_resource(resource):
        return "yard", journey.visits[role.place].steps[role.step - 1].resource, journey.route.stations[role.place]
    return "station", journey.route.stations[role.place], "+".join(role.group.tracks) if role.group else ""


def _named(scenario: Scenario, journey: Journey, template: Template, windows: Windows, place: Place) -> str:
    kind, place_id, track = place
    if kind == "yard":
        return f"the closed time of {place_id} at {scenario.network.stations[track].name}"
    if kind == "station":
        return f"the closure of track {track} at {scenario.network.stations[place_id].name}"
    indices = [index for index, role in enumerate(template.roles) if _place(journey, role) == place]
    from_s = min(windows[0][index] for index in indices)
    until_s = max(windows[1][index] for index in indices)
    names = closures_at(scenario, place_id, track, from_s, until_s)
    return f"the closure of section {place_id} ({'; '.join(names)})" if names else f"the closure of section {place_id}"


def _too_tight(
    scenario: Scenario,
    journey: Journey,
    template: Template,
    windows: Windows,
    longest: LongestJourney | None,
) -> str:
    earliest, latest = windows
    depart = next(index for index, role in enumerate(template.roles) if role.act is Act.DEPART)
    last = template.roles[-1].place
    arrive = next(i for i, role in enumerate(template.roles) if role.act is Act.ARRIVE and role.place == last)
    shortest = least_between(template, depart, arrive)
    if longest is not None and longest.shortest_s > longest.longest_s:
        asked = duration(longest.longest_s)
        return f"its journey takes at least {duration(longest.shortest_s)}, at most {asked} was asked for"
    goal = scenario.network.stations[journey.route.stations[-1]]
    soonest = earliest[depart] + shortest
    if soonest > latest[arrive]:
        return (
            f"it cannot reach {goal.name} before {stamp(soonest, goal.time_zone)}, "
            f"but must be there by {stamp(latest[arrive], goal.time_zone)}"
        )
    return "no running time fits the windows of its departure, stops and arrival"
