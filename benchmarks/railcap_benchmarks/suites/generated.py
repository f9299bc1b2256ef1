"""Problems of generated corridors, by family, size and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from railcap.errors import InputError
from railcap.operations.problem import OperationsProblem, Train
from railcap.operations.timegrid import GridTrain, TimeGrid, cheapest_within
from railcap.planning.compile import compile_scenario
from railcap_instances.generator import generate


@dataclass(frozen=True, slots=True)
class Size:
    """How large a generated scenario is."""

    stations: int
    trains: int
    days: int = 1

    @property
    def name(self) -> str:
        """The size in short, for tables."""
        days = "" if self.days == 1 else f" x {self.days} days"
        return f"{self.stations} stations, {self.trains} trains{days}"


SIZES: dict[str, tuple[Size, ...]] = {
    "line": (Size(4, 4), Size(6, 8), Size(9, 14), Size(14, 24), Size(20, 40)),
    "corridor": (Size(5, 4), Size(8, 8), Size(12, 14), Size(18, 24), Size(24, 24, 2)),
    "network": (Size(4, 4), Size(6, 8), Size(10, 14), Size(16, 20), Size(24, 40)),
}
"""Families of `railcap generate` with five sizes each, from tiny to a day of a long line."""


@dataclass(frozen=True, slots=True)
class Generated:
    """One generated problem: its family, the place of its size among those of the family (from 1), and its seed."""

    family: str
    place: int
    seed: int

    @property
    def size(self) -> Size:
        """How large it is."""
        return SIZES[self.family][self.place - 1]

    @property
    def name(self) -> str:
        """A name that says all that it takes to make the problem again."""
        return f"{self.family}-{self.size.stations}x{self.size.trains}x{self.size.days}-{self.seed}"

    def load(self) -> OperationsProblem:
        """Make the problem."""
        size = self.size
        scenario = generate(self.family, self.seed, stations=size.stations, trains=size.trains, days=size.days)
        return compile_scenario(scenario).problem


def generated(families: Sequence[str], places: Sequence[int], seeds: Sequence[int]) -> list[Generated]:
    """Return all combinations, small ones first.

    Raises
    ------
    InputError
        If a family or size is not there.
    """
    unknown = [family for family in families if family not in SIZES]
    if unknown:
        raise InputError(f"there is no family {', '.join(unknown)}; there are: {', '.join(SIZES)}")
    most = min(len(SIZES[family]) for family in families)
    if not all(1 <= place <= most for place in places):
        raise InputError(f"sizes are numbers from 1 to {most}, not {', '.join(map(str, places))}")
    return [Generated(family, place, seed) for place in places for family in families for seed in seeds]


def optional_line(seed: int, stations: int = 20, trains: int = 120, minutes: int = 0) -> OperationsProblem:
    """Return a day of a line in which every train may be refused: the question is which trains run.

    Parameters
    ----------
    minutes : int
        So much later than it could by itself a train may leave and arrive; 0: as its request says, which is hours.
    """
    scenario = generate("line", seed, stations=stations, trains=trains, days=1, closures=0, fixed_paths=0)
    requests = tuple(replace(request, mandatory=False) for request in scenario.requests)
    problem = compile_scenario(replace(scenario, requests=requests)).problem
    if not minutes:
        return problem
    grid = TimeGrid(problem)
    hurried = [_hurried(GridTrain(grid, index), train, minutes * 60) for index, train in enumerate(problem.trains)]
    return replace(problem, trains=tuple(hurried))


def _hurried(laid_out: GridTrain, train: Train, later_s: int) -> Train:
    """Return a train that leaves and arrives at most so much later than in its cheapest run alone, if it has one."""
    run = cheapest_within(laid_out, None)
    if run is None:
        return train
    operations = list(train.operations)
    for place, (_, start_s) in ((0, run.route[0]), (-1, run.route[-1])):
        latest_s, limit_s = operations[place].start_ub_s, start_s + later_s
        operations[place] = replace(
            operations[place], start_ub_s=limit_s if latest_s is None else min(latest_s, limit_s)
        )
    return replace(train, operations=tuple(operations))
