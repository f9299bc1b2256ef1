"""A single-track line with two tracks at each passing place, and a train standing at each of them from the start."""

from __future__ import annotations

import itertools
from random import Random

from railcap.operations.problem import DelayTerm, Operation, OperationsProblem, ResourceUse, Train

RELEASE_S = 5


def saturated_line(seed: int, places: int = 8, outside: int = 3) -> OperationsProblem:
    """Return a line of so many passing places with a train at each, and so many trains more that wait outside.

    A track is free at each place, so the trains can leave one by one; all at once they block each other easily.
    """
    random = Random(seed)
    trains = []
    for number in range(places + outside):
        run = random.choice((1, -1))
        inside = number < places
        place = number if inside else (0 if run > 0 else places - 1)
        ahead = range(place, places) if run > 0 else range(place, -1, -1)
        trains.append(Train(f"T{number}", _operations(random, list(ahead), inside)))
    terms = tuple(DelayTerm(k, len(train.operations) - 1, 0, 1) for k, train in enumerate(trains))
    return OperationsProblem(tuple(trains), terms, name=f"saturated {seed}")


def _operations(random: Random, ahead: list[int], inside: bool) -> tuple[Operation, ...]:
    """Return a run along the places ahead, on either track of each and through the blocks between."""
    steps: list[tuple[str, ...]] = [(f"{ahead[0]} left",) if inside else ("",)]
    if not inside:
        steps.append((f"{ahead[0]} left", f"{ahead[0]} right"))
    for here, there in itertools.pairwise(ahead):
        steps += [(f"block {min(here, there)}",), (f"{there} left", f"{there} right")]
    operations: list[Operation] = []
    for number, tracks in enumerate((*steps, ("",))):
        beyond = len(operations) + len(tracks)
        width = 0 if number == len(steps) else len((*steps, ("",))[number + 1])
        for track in tracks:
            operations.append(
                Operation(
                    successors=tuple(range(beyond, beyond + width)),
                    min_duration_s=random.randrange(10, 60) if track else 0,
                    start_lb_s=0 if inside or number else random.randrange(200),
                    start_ub_s=0 if inside and not number else None,
                    resources=(ResourceUse(track, RELEASE_S),) if track else (),
                )
            )
    return tuple(operations)
