"""Running times by hand: the allowance on them, and how many trains a train meets on a single-track line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from railcap.errors import Issue
from railcap.measures.formulas.quantities import (
    Kilometres,
    Minutes,
    PositiveMinutes,
    Quantity,
    Trains,
    checked,
    refuse,
)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Running time with its allowance.

    Parameters
    ----------
    scheduled_min : float
        Running time in the timetable.
    allowance_min : float
        What of it is allowance.
    """

    scheduled_min: Minutes
    allowance_min: Minutes


@dataclass(frozen=True, slots=True)
class Meets:
    """Meets on a single-track line.

    Parameters
    ----------
    meets : float
        Opposing trains that one train meets on its way, on average.
    meets_all : float
        Meets of all trains in the window.
    transit_min : float
        Time on the line of a train of this direction, the delay at its meets included.
    """

    meets: Annotated[float, Quantity("meets/train")]
    meets_all: Annotated[float, Quantity("meets")]
    transit_min: Minutes


@checked
def running_allowance(
    running_min: PositiveMinutes,
    length_km: Kilometres,
    per_100km_min: Minutes,
    percent: Annotated[float, Quantity("%", 0, 100)] = 0.0,
) -> Allowance:
    """Running time in the timetable: the shortest one with a distance allowance and one in per cent.

    Parameters
    ----------
    running_min : float
        ``t``, shortest running time.
    length_km : float
        ``L``, length of the way.
    per_100km_min : float
        ``a``, allowance for each 100 km.
    percent : float
        ``p``, allowance on the running time.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    scheduled = t (1 + p / 100) + a L / 100.

    - The allowance is spread evenly along the way.

    References
    ----------
    UIC Code 451-1, 4th edition, 2000: recovery margins by distance and in per cent.
    """
    allowance = running_min * percent / 100 + per_100km_min * length_km / 100
    return Allowance(running_min + allowance, allowance)


@checked
def petersen_meets(
    running_there_min: PositiveMinutes,
    running_back_min: PositiveMinutes,
    trains_there: Trains,
    trains_back: Trains,
    window_min: PositiveMinutes,
    delay_min: Minutes = 0.0,
) -> Meets:
    """Meets of a train on a single-track line after Petersen, and what they add to its time on the line.

    Parameters
    ----------
    running_there_min : float
        ``t_i``, time on the line of the trains of this direction, without meets.
    running_back_min : float
        ``t_j``, that of the opposing trains.
    trains_there : float
        ``N_i``, trains of this direction in the window.
    trains_back : float
        ``N_j``, opposing trains in the window.
    window_min : float
        ``H``, length of the window.
    delay_min : float
        ``d``, mean delay of a train at a meet, of either direction.

    Raises
    ------
    InputError
        With every number out of range, and if the delays grow without end.

    Notes
    -----
    meets = N_j / H (T_i + T_j); T_i = t_i + d N_j / H (T_i + T_j), T_j = t_j + d N_i / H (T_i + T_j), so that
    T_i + T_j = (t_i + t_j) / (1 - d (N_i + N_j) / H).

    - Trains enter the line at any time with equal probability, whatever else runs.
    - Passes of trains of the same direction are not counted.
    - Without a delay at meets (d = 0) times on the line are those without meets.

    References
    ----------
    Petersen, Over-the-road transit time for a single track railway, Transportation Science 8, 1974. Given from
    professional knowledge.
    """
    load = delay_min * (trains_there + trains_back) / window_min
    if load >= 1:
        most = window_min / delay_min
        message = (
            f"with this delay at meets fewer than {most:.10g} trains can run in the window; "
            f"{trains_there + trains_back:.10g} would be delayed without end"
        )
        refuse("petersen_meets", [Issue("", "delay_min", f"{delay_min:.10g}", message, "out-of-range")])
    both = (running_there_min + running_back_min) / (1 - load)
    meets = trains_back / window_min * both
    return Meets(meets, trains_there * meets, running_there_min + delay_min * meets)
