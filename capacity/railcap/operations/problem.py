"""The operations problem: trains as graphs of operations that hold resources; a superset of DISPLIB.

Semantics, shared by every backend and judged by `railcap.operations.check`:

* A train is a directed acyclic graph of operations in topological order; operation 0 is its entry, the last its exit.
  A chosen route is a path from entry to exit. An operation ends at the instant when the next of the route starts; the
  exit never ends.
* ``start_lb <= start <= start_ub``; ``min_duration <= end - start <= max_duration`` (the exit has no duration rule).
* From start to end an operation holds its resources. After its end, a use with a release time keeps every *other*
  train out until ``end + release``. Consecutive operations of a route that use the same resource hold it without a
  gap, each use with its own release after its own end.
* At no start event may more than ``capacity`` trains (the starting one included) hold or keep a resource. Events have
  an order, not only times: at one instant a hand-over is legal, a closed circle of hand-overs is not. For capacity 1
  this is DISPLIB's rule.
* A closure ``(from, until)`` of a resource forbids operations that use it with ``start < until and end > from``; the
  release time does not count. The exit's end is infinite.
* A link ties two starts: if both operations are in the solution,
  ``min_lag <= start(to) - start(from) <= max_lag``. A link that is ``required`` also forbids the `to` operation in a
  solution without the `from` operation. A link within one train limits, say, its journey.
* An optional train (``refusal_cost`` not None) may be left out at that cost.
* Cost = sum over objective terms of operations in the solution + refusal costs; an integer in units of
  ``1 / cost_scale``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """One operation's hold on a resource; `release_s` counts from the operation's end."""

    resource: str
    release_s: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """A step of a train; times in seconds since the epoch, durations in seconds, successors by index."""

    successors: tuple[int, ...] = ()
    min_duration_s: int = 0
    max_duration_s: int | None = None
    start_lb_s: int = 0
    start_ub_s: int | None = None
    resources: tuple[ResourceUse, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Train:
    """A train: its operations in topological order, and what refusing it costs (None: it must run)."""

    name: str
    operations: tuple[Operation, ...]
    refusal_cost: int | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """What is not the default about a resource: capacity above 1, closures as sorted disjoint ``(from, until)``."""

    capacity: int = 1
    closures: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Ties ``start(to) - start(from)`` into ``[min_lag_s, max_lag_s]`` (None: no upper end)."""

    from_train: int
    from_operation: int
    to_train: int
    to_operation: int
    min_lag_s: int = 0
    max_lag_s: int | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class DelayTerm:
    """``coeff * max(0, start - threshold_s) + increment * [start >= threshold_s]`` of one operation."""

    train: int
    operation: int
    threshold_s: int = 0
    coeff: int = 0
    increment: int = 0


@dataclass(frozen=True, slots=True)
class JourneyTerm:
    """``coeff * max(0, start(to) - start(from) - threshold_s)`` if both operations of the train are in the solution."""

    train: int
    from_operation: int
    to_operation: int
    threshold_s: int = 0
    coeff: int = 0


ObjectiveTerm = DelayTerm | JourneyTerm


@dataclass(frozen=True, slots=True)
class OperationsProblem:
    """Trains, the resources that are not plain, links and the cost; see the module for the semantics.

    Parameters
    ----------
    resources : mapping of str to Resource
        Only resources with a capacity above 1 or closures need an entry.
    cost_scale : int
        Cost units per unit shown to people: an integer cost of 300 at scale 300 reads 1.0.
    """

    trains: tuple[Train, ...]
    objective: tuple[ObjectiveTerm, ...] = ()
    resources: Mapping[str, Resource] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    cost_scale: int = 1
    name: str = ""

    def resource(self, name: str) -> Resource:
        """Return what is known of a resource; the plain one (capacity 1, no closures) if nothing is."""
        return self.resources.get(name, _PLAIN)


_PLAIN = Resource()
