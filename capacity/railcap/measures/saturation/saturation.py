"""What a saturation says: how many trains of a mix fit, the bound, and the timetable that holds them."""

from __future__ import annotations

from dataclasses import dataclass

from railcap.corridor.scenario import Scenario
from railcap.measures.saturation.candidates import Window
from railcap.measures.saturation.mix import Mix
from railcap.measures.saturation.places import Place
from railcap.planning.timetable import Timetable, TrainPath
from railcap.solving.result import Limit


@dataclass(frozen=True, slots=True)
class Saturation:
    """How many trains of a mix fit.

    Parameters
    ----------
    scenario : Scenario
        Asks for exactly the trains that were found; `timetable` is one of its timetables.
    counts : tuple of int
        Trains found by class; none if no answer was found.
    bound : int
        No timetable has more trains that keep the mix (or more trains, if the classes were chosen freely).
    limit : Limit or None
        What stopped the solver before a proof.
    place_bound : int
        The bound that the most restrictive place alone gives.
    places : tuple of Place
        Sections and yard resources that the mix uses.
    reason : str
        Why no train fits, if that is plain.
    wall_s : float
        Seconds of wall clock.
    """

    scenario: Scenario
    mix: Mix
    window: Window
    freely: bool
    counts: tuple[int, ...]
    bound: int
    place_bound: int
    places: tuple[Place, ...]
    timetable: Timetable | None = None
    limit: Limit | None = None
    reason: str = ""
    wall_s: float = 0.0
    backend: str = ""

    @property
    def trains(self) -> int:
        """The number: trains found."""
        return sum(self.counts)

    @property
    def proven(self) -> bool:
        """Whether no timetable has more."""
        return self.trains >= self.bound

    @property
    def paths(self) -> tuple[TrainPath, ...]:
        """The train paths of the mix, without the fixed traffic and light engines."""
        if self.timetable is None:
            return ()
        return tuple(path for path in self.timetable.paths if not path.fixed and not path.light_for)
