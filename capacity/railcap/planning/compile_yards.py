"""Yard resources: what serves trains in a yard, in its hours (rules 15 and 17 of docs/model.md)."""

from __future__ import annotations

from railcap.corridor.expand import yard_closed_times
from railcap.corridor.scenario import Scenario
from railcap.corridor.yards import AtClose
from railcap.operations.problem import Resource, ResourceUse

Uses = tuple[ResourceUse, ...]
_SERVING, _BEGIN = "yard ", "begin in yard "
"""No id begins a name, so that no two resources have the same one."""


def is_yard_resource(name: str) -> bool:
    """Return whether a resource of an operations problem is one of a yard."""
    return name.startswith((_SERVING, _BEGIN))


class YardResources:
    """The yard resources of a scenario as resources of an operations problem.

    Where a step may run over closing time, the hours bind its begin alone: the closed times are those of another
    resource, which a begin holds for an instant and which has room for all of the `trains`.
    """

    def __init__(self, scenario: Scenario, trains: int) -> None:
        closed = yard_closed_times(scenario)
        self.resources: dict[str, Resource] = {}
        self._uses: dict[str, tuple[Uses, Uses]] = {"": ((), ())}
        for resource in scenario.yard_resources.values():
            name = f"{_SERVING}{resource.id}"
            shut = closed.get(resource.id, ())
            begin: Uses = ()
            if shut and resource.at_close is AtClose.RUN_OVER:
                begin = (ResourceUse(f"{_BEGIN}{resource.id}"),)
                self.resources[begin[0].resource] = Resource(trains + 1, shut)
                shut = ()
            if shut or resource.capacity > 1:
                self.resources[name] = Resource(resource.capacity, shut)
            self._uses[resource.id] = (ResourceUse(name),), begin

    def uses(self, resource: str) -> tuple[Uses, Uses]:
        """Return what a step by a yard resource holds, and what its begin holds for an instant; nothing for none."""
        return self._uses[resource]
