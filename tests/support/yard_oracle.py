"""Yards of k equal tracks with optional trains, and their least costs by a min-cost flow; no code of railcap in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from random import Random

import networkx as nx

from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, Resource, ResourceUse, Train

MINUTE_S = 60


@dataclass(frozen=True)
class Visit:
    """A train that stands from a start of its choice (minutes) for `stay`; `late` is the cost of a minute's delay."""

    earliest: int
    latest: int
    stay: int
    weight: int
    late: int = 0


@dataclass(frozen=True)
class Yard:
    """`tracks` equal tracks; the next train comes `turnover` minutes after a departure at the earliest."""

    tracks: int
    turnover: int
    visits: tuple[Visit, ...]


def fixed_yard(seed: int, trains: int, tracks: int, day: int = 1440) -> Yard:
    """Return a yard whose trains all have a fixed arrival and departure."""
    random = Random(seed)
    visits = []
    for _ in range(trains):
        start = 5 * random.randrange(day // 5)
        visits.append(Visit(start, start, 5 * random.randrange(4, 60), random.randrange(1, 1000)))
    return Yard(tracks, 10, tuple(visits))


def even_yard(seed: int, trains: int, tracks: int, spread: int = 8, slots: int = 40) -> Yard:
    """Return a yard whose trains all stay for a quarter of an hour and may come up to `spread` quarters late."""
    random = Random(seed)
    visits = []
    for _ in range(trains):
        start = 15 * random.randrange(slots)
        latest = start + 15 * random.randrange(spread + 1)
        visits.append(Visit(start, latest, 15, random.randrange(100, 1000), random.randrange(1, 9)))
    return Yard(tracks, 0, tuple(visits))


def yard_problem(yard: Yard, waiting: bool = False) -> OperationsProblem:
    """Return a yard as an operations problem; `waiting` lets trains stay for longer than they must."""
    trains, terms = [], []
    for number, visit in enumerate(yard.visits):
        stay = visit.stay * MINUTE_S
        stand = Operation(
            (1,),
            stay,
            None if waiting else stay,
            visit.earliest * MINUTE_S,
            visit.latest * MINUTE_S,
            (ResourceUse("yard", yard.turnover * MINUTE_S),),
        )
        leave = Operation(start_ub_s=visit.latest * MINUTE_S + 2 * stay if waiting else None)
        trains.append(Train(f"t{number}", (stand, leave), visit.weight))
        if visit.late:
            terms.append(DelayTerm(number, 0, visit.earliest * MINUTE_S, visit.late))
    return OperationsProblem(tuple(trains), tuple(terms), {"yard": Resource(yard.tracks)}, name="yard")


def fixed_optimum(yard: Yard) -> int:
    """Return the least cost of a yard with fixed times: tracks flow through time, over trains or past them."""
    assert all(visit.earliest == visit.latest for visit in yard.visits)
    graph = nx.MultiDiGraph()
    times = sorted({t for visit in yard.visits for t in (visit.earliest, visit.earliest + visit.stay + yard.turnover)})
    for first, then in pairwise(times):
        graph.add_edge(first, then, capacity=yard.tracks, weight=0)
    for visit in yard.visits:
        graph.add_edge(visit.earliest, visit.earliest + visit.stay + yard.turnover, capacity=1, weight=-visit.weight)
    graph.nodes[times[0]]["demand"] = -yard.tracks
    graph.nodes[times[-1]]["demand"] = yard.tracks
    # networkx wants a plain graph where costs are negative: split each edge by a node of its own.
    plain = nx.DiGraph()
    for node, data in graph.nodes(data=True):
        plain.add_node(node, demand=data.get("demand", 0))
    for number, (first, then, data) in enumerate(graph.edges(data=True)):
        plain.add_edge(first, ("edge", number), **data)
        plain.add_edge(("edge", number), then, capacity=data["capacity"], weight=0)
    return sum(visit.weight for visit in yard.visits) + nx.min_cost_flow_cost(plain)


def even_optimum(yard: Yard) -> int:
    """Return the least cost of a yard where all stay for one slot of equal length: trains flow to slots."""
    slot = yard.visits[0].stay
    assert yard.turnover == 0
    assert all((visit.stay, visit.earliest % slot, visit.latest % slot) == (slot, 0, 0) for visit in yard.visits)
    graph = nx.DiGraph()
    graph.add_node("end", demand=len(yard.visits))
    for number, visit in enumerate(yard.visits):
        graph.add_node(("train", number), demand=-1)
        graph.add_edge(("train", number), "end", capacity=1, weight=visit.weight)
        for start in range(visit.earliest, visit.latest + 1, slot):
            cost = visit.late * MINUTE_S * (start - visit.earliest)
            graph.add_edge(("train", number), ("slot", start), capacity=1, weight=cost)
            graph.add_edge(("slot", start), "end", capacity=yard.tracks, weight=0)
    return nx.min_cost_flow_cost(graph)
