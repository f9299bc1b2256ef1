"""Capacity as India and Pakistan reckon it: Scott's formula, and the most that a chart can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from railcap.errors import Issue
from railcap.measures.formulas.quantities import (
    DAY_MIN,
    DayMinutes,
    FromTable,
    Minutes,
    PositiveMinutes,
    PositiveMinutesEach,
    Proportion,
    Share,
    Trains,
    TrainsEach,
    TrainsWhole,
    checked,
    each,
    not_more,
    refuse,
    whole_down,
)


@dataclass(frozen=True, slots=True)
class Scott:
    """Line capacity of a section by Scott's formula.

    Parameters
    ----------
    trains : int
        ``C``, line capacity in trains a day, rounded down; on single track, of both directions together.
    trains_exact : float
        The same before rounding down.
    utilisation_share : float or None
        Trains that run against the capacity, if their number is given.
    verdict : str
        Whether the section is ``"saturated"`` or ``"not saturated"``.
    """

    trains: TrainsWhole
    trains_exact: Trains
    utilisation_share: Proportion | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Charted:
    """The most trains that a chart of a critical block section can hold.

    Parameters
    ----------
    trains : int
        Trains a day, scheduled trains and goods paths.
    goods_paths : int
        Goods paths that fill the rest.
    left_min : float
        Time that scheduled trains and maintenance leave.
    utilisation_share : float or None
        Trains that run against that, if their number is given.
    verdict : str
        Whether the section is ``"saturated"`` or ``"not saturated"``.
    """

    trains: TrainsWhole
    goods_paths: TrainsWhole
    left_min: Minutes
    utilisation_share: Proportion | None
    verdict: str


@checked
def scott(
    running_min: PositiveMinutes,
    block_min: Minutes,
    efficiency: Annotated[Share, FromTable("efficiency")],
    saturation: Annotated[Share, FromTable("saturation")],
    trains_run: Trains | None = None,
) -> Scott:
    """Line capacity of a section by Scott's formula, trains a day.

    Parameters
    ----------
    running_min : float
        ``T``, running time of the slowest goods train over the critical block section.
    block_min : float
        ``t``, time of the block operation.
    efficiency : float
        ``E``, efficiency factor.
    saturation : float
        ``S``, utilisation from which a section is saturated.
    trains_run : float, optional
        ``N``, trains a day that run, to be set against the capacity.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    C = 1440 / (T + t) E; utilisation = N / C.

    - The critical block section, the one of the longest T + t, limits the line.
    - On single track C counts the trains of both directions, on double track those of one.
    - All trains take as long as the slowest goods train; mix, maintenance and failures are in E.

    References
    ----------
    Indian Railways: http://indianrailwayemployee.com/content/line-capacity; worked example:
    https://calculator.academy/line-capacity-calculator/; saturation from 80 %:
    https://www.appendix3exam.com/search/label/Line%20Capacity%20works.
    """
    exact = DAY_MIN / (running_min + block_min) * efficiency
    return Scott(whole_down(exact), exact, *_utilisation(trains_run, exact, saturation))


@checked
def charted(
    running_min: PositiveMinutes,
    block_min: Minutes,
    maintenance_min: DayMinutes,
    saturation: Annotated[Share, FromTable("saturation")],
    scheduled_trains: TrainsEach = 0.0,
    scheduled_running_min: PositiveMinutesEach | None = None,
    trains_run: Trains | None = None,
) -> Charted:
    """The most trains a day that a chart can hold on its critical block section.

    Parameters
    ----------
    running_min : float
        ``T``, running time of a goods train over the critical block section.
    block_min : float
        ``t``, time of the block operation after each train.
    maintenance_min : float
        ``B``, maintenance block in the day.
    saturation : float
        ``S``, utilisation from which a section is saturated.
    scheduled_trains : float or sequence of float
        ``N_s``, scheduled trains a day, of each kind.
    scheduled_running_min : float or sequence of float, optional
        ``T_s``, running time of each kind of scheduled train over the section; that of a goods train if not given.
    trains_run : float, optional
        ``N``, trains a day that run, to be set against the most.

    Raises
    ------
    InputError
        With every number out of range, and if scheduled trains and maintenance do not fit in the day.

    Notes
    -----
    goods paths = (1440 - B - sum(N_s (T_s + t))) / (T + t), rounded down; trains = sum(N_s) + goods paths.

    - Only the critical block section is looked at, and trains follow each other there without a gap: no chart of the
      line holds more, and most hold less. What really fits is found by drawing the chart, that is by saturation.
    - Scheduled trains first, then the maintenance block, then goods paths until the chart is full.

    References
    ----------
    The order of charting: http://indianrailwayemployee.com/content/line-capacity; the bound by the critical section is
    arithmetic.
    """
    kinds = list(
        each(
            "charted",
            {
                "scheduled_trains": scheduled_trains,
                "scheduled_running_min": running_min if scheduled_running_min is None else scheduled_running_min,
            },
        )
    )
    taken = sum(number * (time + block_min) for number, time in kinds)
    left = DAY_MIN - maintenance_min - taken
    if left < 0:
        message = f"they take {taken:.10g} min and maintenance {maintenance_min:.10g} min, together more than the day"
        numbers = ",".join(f"{number:.10g}" for number, _ in kinds)
        refuse("charted", [Issue("", "scheduled_trains", numbers, message, "contradiction")])
    goods = whole_down(left / (running_min + block_min))
    trains = whole_down(sum(number for number, _ in kinds)) + goods
    return Charted(trains, goods, left, *_utilisation(trains_run, trains, saturation))


def _utilisation(run: float | None, capacity: float, saturation: float) -> tuple[float | None, str]:
    if run is None or not capacity:
        return None, "saturated" if run else ""
    share = run / capacity
    return share, "saturated" if not_more(saturation, share) else "not saturated"
