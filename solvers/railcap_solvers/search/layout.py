"""An operations problem laid out as flat integer arrays for the compiled search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from railcap.operations.objective import rises
from railcap.operations.problem import DelayTerm, JourneyTerm, OperationsProblem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FOREVER = 1 << 40
"""Later than every instant of a problem, in seconds."""

HINGES = 4
"""Cost terms still ahead of an operation that its lower bound of the cost to come looks at."""

# Columns of `Static.train`.
FIRST, BEYOND, OCC_FROM, OPTIONAL, REFUSAL, ANCHOR, LIMIT, LIMIT_TO, HAS_LINKS, PAYS_AT_EXIT = range(10)
# Columns of `Static.op`.
MIN, MAX, LB, UB, SUCC, SUCC_END, USE, USE_END, CLOSED, CLOSED_END = range(10)
TERM, TERM_END, REMAINING, TRAIN, TO_EXIT = range(10, 15)


FREE, NEEDED, COMPANION = range(3)
"""Whether a link is required: by who is planned after the train that it needs, or by who is planned before it."""


class Static(NamedTuple):
    """What a problem says, never changed by the search; operations are numbered through all trains.

    `op_rate` and `op_constant` carry journey terms split into their two ends: exact where the journey cannot be
    shorter than the threshold. `ahead` bounds the cost to come from below: ``rate * t + constant`` and `HINGES` pairs
    ``(coeff, threshold)``. `use` says resource, release time and the release time before it was raised.
    """

    train: Ints
    op: Ints
    succ: Ints
    use: Ints
    closed: Ints
    term: Ints
    op_rate: Floats
    op_constant: Floats
    ahead: Floats
    journey_from: Ints
    journey: Ints
    resource: Ints
    link_from: Ints
    link: Ints
    own_link_from: Ints
    own_link: Ints


@dataclass(frozen=True, slots=True)
class Layout:
    """The arrays of a problem, and the instant that its times are counted from."""

    static: Static
    origin_s: int
    link_rank: Ints
    """Per train, a place in an order in which required links point forward."""


class LinkCircleError(ValueError):
    """Required links between trains form a circle: there is no order to plan them in."""


def lay_out(problem: OperationsProblem, least_release_s: int = 0) -> Layout:
    """Lay out a problem; a release time below `least_release_s` is raised to it (then no circle of hand-overs).

    Raises
    ------
    LinkCircleError
        If required links between trains form a circle.
    """
    origin_s = min((op.start_lb_s for train in problem.trains for op in train.operations), default=0)
    first = np.cumsum([0, *(len(train.operations) for train in problem.trains)]).astype(np.int64)
    resources = _resource_numbers(problem)
    companions = _companions(problem)
    rank = _link_rank(problem, companions)
    op_rows, succ, uses, closed, occ_from = _operations(problem, first, resources, origin_s, least_release_s)
    terms, op_rate, op_constant, journey_from, journey = _costs(problem, first, op_rows, origin_s)
    train_rows = _trains(problem, first, occ_from)
    _set_remaining(problem, first, train_rows, op_rows)
    link_from, links, own_from, own = _links(problem, first, train_rows, companions)
    _set_exits(problem, first, train_rows, op_rows)
    ahead = _ahead(problem, first, op_rows, succ, terms, op_rate, op_constant)
    static = Static(
        train_rows, op_rows, succ, uses, closed, terms, op_rate, op_constant, ahead,
        journey_from, journey, _resources(problem, resources), link_from, links, own_from, own,
    )  # fmt: skip
    return Layout(static, origin_s, rank)


def _resource_numbers(problem: OperationsProblem) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for train in problem.trains:
        for op in train.operations:
            for use in op.resources:
                numbers.setdefault(use.resource, len(numbers))
    return numbers


def _companions(problem: OperationsProblem) -> set[int]:
    """Return the trains that cost nothing, run or refused: they are there for the sake of those that need them."""
    priced = {term.train for term in problem.objective}
    return {number for number, train in enumerate(problem.trains) if train.refusal_cost == 0 and number not in priced}


def _link_rank(problem: OperationsProblem, companions: Collection[int]) -> Ints:
    """Return a rank per train such that a required link leads from a lower to a higher one, but from companions."""
    after: defaultdict[int, set[int]] = defaultdict(set)
    waiting = [0] * len(problem.trains)
    for link in problem.links:
        if not link.required or link.from_train == link.to_train or link.from_train in companions:
            continue
        if link.to_train not in after[link.from_train]:
            after[link.from_train].add(link.to_train)
            waiting[link.to_train] += 1
    rank = np.zeros(len(problem.trains), np.int64)
    ready = [train for train, count in enumerate(waiting) if not count]
    done = 0
    while ready:
        train = ready.pop()
        done += 1
        for follower in after[train]:
            rank[follower] = max(rank[follower], rank[train] + 1)
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    if done < len(problem.trains):
        raise LinkCircleError("required links between trains form a circle")
    return rank


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > begin:
            merged.append((begin, end))
    return merged


def _table(rows: Sequence[Sequence[int]], columns: int) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), columns)


def _operations(
    problem: OperationsProblem, first: Ints, resources: dict[str, int], origin_s: int, least_release_s: int
) -> tuple[Ints, Ints, Ints, Ints, list[int]]:
    rows: list[list[int]] = []
    succ: list[int] = []
    uses: list[tuple[int, int, int]] = []
    closed: list[tuple[int, int]] = []
    occ_from = [0]
    known: dict[tuple[str, ...], tuple[int, int]] = {}
    for number, train in enumerate(problem.trains):
        for op in train.operations:
            names = tuple(use.resource for use in op.resources)
            if names not in known:
                spans = _merged([span for name in names for span in problem.resource(name).closures])
                known[names] = (len(closed), len(closed) + len(spans))
                closed += [(begin - origin_s, end - origin_s) for begin, end in spans]
            succ_from, use_from = len(succ), len(uses)
            succ += [int(first[number]) + successor for successor in op.successors]
            releases: dict[int, tuple[int, int]] = {}
            # A use without length would lie between two gaps; with a second at least, gaps stay apart.
            least_s = max(least_release_s, int(op.min_duration_s == 0))
            for use in op.resources:
                index = resources[use.resource]
                raised, true = releases.get(index, (least_s, 0))
                releases[index] = max(raised, use.release_s), max(true, use.release_s)
            uses += [(index, *its_releases) for index, its_releases in releases.items()]
            rows.append([
                op.min_duration_s, -1 if op.max_duration_s is None else op.max_duration_s,
                op.start_lb_s - origin_s, FOREVER if op.start_ub_s is None else op.start_ub_s - origin_s,
                succ_from, len(succ), use_from, len(uses), *known[names], 0, 0, 0, number, 0,
            ])  # fmt: skip
        occ_from.append(len(uses))
    return _table(rows, 15), np.array(succ, np.int64), _table(uses, 3), _table(closed, 2), occ_from


def _costs(
    problem: OperationsProblem, first: Ints, op_rows: Ints, origin_s: int
) -> tuple[Ints, Floats, Floats, Ints, Ints]:
    """Fill the term columns of `op_rows`; return terms, rates, constants and the journey terms by train."""
    by_op: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rate = np.zeros(len(op_rows))
    constant = np.zeros(len(op_rows))
    journeys: list[list[tuple[int, int, int, int]]] = [[] for _ in problem.trains]
    for term in problem.objective:
        base = int(first[term.train])
        if isinstance(term, DelayTerm):
            by_op[base + term.operation].append((term.threshold_s - origin_s, term.coeff, term.increment))
        elif isinstance(term, JourneyTerm):
            begin, end = base + term.from_operation, base + term.to_operation
            journeys[term.train].append((begin, end, term.threshold_s, term.coeff))
            rate[begin] -= term.coeff
            rate[end] += term.coeff
            constant[end] -= term.coeff * term.threshold_s
    terms: list[tuple[int, int, int]] = []
    for op, row in enumerate(op_rows):
        row[TERM] = len(terms)
        terms += sorted(by_op.get(op, ()))
        row[TERM_END] = len(terms)
    journey_from = np.cumsum([0, *map(len, journeys)]).astype(np.int64)
    flat = [journey for of_train in journeys for journey in of_train]
    return _table(terms, 3), rate, constant, journey_from, _table(flat, 4)


def _trains(problem: OperationsProblem, first: Ints, occ_from: list[int]) -> Ints:
    rows = [
        [
            first[number], first[number + 1], occ_from[number], int(train.refusal_cost is not None),
            train.refusal_cost or 0, -1, -1, -1, 0, 0,
        ]
        for number, train in enumerate(problem.trains)
    ]  # fmt: skip
    table = _table(rows, 10)
    for link in problem.links:  # the tightest longest journey, and the operation that starts it, guide the planner
        if link.from_train == link.to_train and link.max_lag_s is not None:
            row = table[link.from_train]
            if row[LIMIT] < 0 or link.max_lag_s < row[LIMIT]:
                row[ANCHOR] = row[FIRST] + link.from_operation
                row[LIMIT], row[LIMIT_TO] = link.max_lag_s, row[FIRST] + link.to_operation
    return table


def _set_remaining(problem: OperationsProblem, first: Ints, train_rows: Ints, op_rows: Ints) -> None:
    """Write the least time from each operation's start to that of the operation that ends the longest journey."""
    for number, train in enumerate(problem.trains):
        base, goal = int(first[number]), int(train_rows[number][LIMIT_TO])
        for index in range(len(train.operations) - 1, -1, -1):
            op = train.operations[index]
            if goal < 0 or base + index == goal:
                continue
            if base + index > goal:  # behind the goal nothing is limited any more
                op_rows[base + index][REMAINING] = -FOREVER
                continue
            ahead = min(int(op_rows[base + successor][REMAINING]) for successor in op.successors)
            op_rows[base + index][REMAINING] = op.min_duration_s + ahead


def _set_exits(problem: OperationsProblem, first: Ints, train_rows: Ints, op_rows: Ints) -> None:
    """Write the least time from each operation's start to the exit, and which trains pay only for when they exit.

    Those may wait anywhere, and links within the train do not limit that.
    """
    priced = {
        (term.train, term.operation if isinstance(term, DelayTerm) and rises(term) else -1)
        for term in problem.objective
    }
    linked = {link.from_train for link in problem.links if link.from_train == link.to_train}
    for number, train in enumerate(problem.trains):
        base, last = int(first[number]), len(train.operations) - 1
        simple = number not in linked and all((number, place) not in priced for place in range(-1, last))
        for place in range(last - 1, -1, -1):
            op = train.operations[place]
            ahead = [int(op_rows[base + successor][TO_EXIT]) for successor in op.successors]
            op_rows[base + place][TO_EXIT] = op.min_duration_s + min(ahead, default=0)
            simple = simple and op.max_duration_s is None and bool(ahead)
        train_rows[number][PAYS_AT_EXIT] = int(simple)


def _links(
    problem: OperationsProblem, first: Ints, train_rows: Ints, companions: Collection[int]
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return links between trains by train (each under both), and links within trains by train."""
    between: list[list[tuple[int, ...]]] = [[] for _ in problem.trains]
    within: list[list[tuple[int, ...]]] = [[] for _ in problem.trains]
    for link in problem.links:
        row = (
            int(first[link.from_train]) + link.from_operation, int(first[link.to_train]) + link.to_operation,
            link.min_lag_s, FOREVER if link.max_lag_s is None else link.max_lag_s,
            (COMPANION if link.from_train in companions else NEEDED) if link.required else FREE,
        )  # fmt: skip
        if link.from_train == link.to_train:
            within[link.from_train].append(row)
            continue
        for train in (link.from_train, link.to_train):
            between[train].append(row)
            train_rows[train][HAS_LINKS] = 1
    tables = [
        (np.cumsum([0, *map(len, lists)]).astype(np.int64), _table([row for rows in lists for row in rows], 5))
        for lists in (between, within)
    ]
    return (*tables[0], *tables[1])


def _ahead(
    problem: OperationsProblem,
    first: Ints,
    op_rows: Ints,
    succ: Ints,
    terms: Ints,
    op_rate: Floats,
    op_constant: Floats,
) -> Floats:
    """Return per operation a lower bound of all cost from its start on, its own terms included."""
    ahead = np.zeros((len(op_rows), 2 + 2 * HINGES))
    for op in range(len(op_rows) - 1, -1, -1):
        row = op_rows[op]
        shift = float(row[MIN])
        rate, constant = 0.0, 0.0
        hinges: list[tuple[float, float]] = []
        for place, successor in enumerate(succ[row[SUCC] : row[SUCC_END]]):
            after = ahead[successor]
            its = [(after[2 + 2 * k], after[3 + 2 * k] - shift) for k in range(HINGES) if after[2 + 2 * k] > 0]
            its_rate, its_constant = after[0], after[1] + after[0] * shift
            if place == 0:
                rate, constant, hinges = its_rate, its_constant, its
                continue
            rate, constant = min(rate, its_rate), min(constant, its_constant)
            common = min(len(hinges), len(its))  # later terms stand last: they are what routes share
            hinges = [
                (min(a[0], b[0]), max(a[1], b[1]))
                for a, b in zip(hinges[len(hinges) - common :], its[len(its) - common :], strict=True)
            ]
        own = [(float(coeff), float(threshold)) for threshold, coeff, _ in terms[row[TERM] : row[TERM_END]] if coeff]
        hinges = own + hinges
        if len(hinges) > HINGES:
            hinges = sorted(hinges, key=lambda hinge: -hinge[0])[:HINGES]
        ahead[op, 0], ahead[op, 1] = rate + op_rate[op], constant + op_constant[op]
        for k, (coeff, threshold) in enumerate(hinges):
            ahead[op, 2 + 2 * k], ahead[op, 3 + 2 * k] = coeff, threshold
    return ahead


def _resources(problem: OperationsProblem, numbers: dict[str, int]) -> Ints:
    """Return per resource its first slot, capacity and slots: as many as operations use it."""
    counts = [0] * len(numbers)
    for train in problem.trains:
        for op in train.operations:
            for name in {use.resource for use in op.resources}:
                counts[numbers[name]] += 1
    begin = np.cumsum([0, *counts])
    rows = [[int(begin[index]), problem.resource(name).capacity, counts[index]] for name, index in numbers.items()]
    return _table(rows, 3)
