"""Capacity by the leaflets of the UIC and its kin: UIC 405, the figures of UIC 406, practical capacity, the CUI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from railcap.measures.formulas.quantities import (
    DAY_MIN,
    Count,
    FromTable,
    Minutes,
    MinutesEach,
    PositiveMinutes,
    PositiveSeconds,
    Proportion,
    Seconds,
    Share,
    Trains,
    TrainsWhole,
    checked,
    each,
    not_more,
    whole_down,
)


@dataclass(frozen=True, slots=True)
class Uic405:
    """Capacity of a section by UIC 405.

    Parameters
    ----------
    trains : int
        ``L``, trains in the period, rounded down.
    trains_exact : float
        The same before rounding down.
    buffer_min : float
        ``t_r``, mean buffer time.
    additional_min : float
        ``t_zu``, additional time.
    """

    trains: TrainsWhole
    trains_exact: Trains
    buffer_min: Minutes
    additional_min: Minutes


@dataclass(frozen=True, slots=True)
class Uic406:
    """Capacity consumption by UIC 406.

    Parameters
    ----------
    consumption_share : float
        Occupancy time and additional time against the window.
    verdict : str
        ``"room left"`` or ``"refuse"``, the latter above 100 %.
    occupancy_share : float
        Occupancy time against the window.
    additional_rate : float
        ``ATR``, additional time against occupancy time.
    additional_s : float
        Additional time.
    left_s : float
        What of the window is left, for further paths and their additional time; negative if it is too short.
    """

    consumption_share: Proportion
    verdict: str
    occupancy_share: Proportion
    additional_rate: Proportion
    additional_s: Seconds
    left_s: Seconds


@dataclass(frozen=True, slots=True)
class Practical:
    """Theoretical and practical capacity.

    Parameters
    ----------
    practical_trains : int
        Trains that can run with acceptable punctuality, rounded down.
    theoretical_trains : int
        Trains at the least headway throughout, rounded down.
    theoretical_exact : float
        The same before rounding down.
    """

    practical_trains: TrainsWhole
    theoretical_trains: TrainsWhole
    theoretical_exact: Trains


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Capacity Utilisation Index.

    Parameters
    ----------
    utilisation_share : float
        ``CUI``, time of the compressed timetable against the period.
    verdict : str
        ``"within the limit"`` or ``"above the limit"``.
    compressed_min : float
        Time of the compressed timetable.
    """

    utilisation_share: Proportion
    verdict: str
    compressed_min: Minutes


@checked
def uic405(
    headway_min: PositiveMinutes,
    blocks: Count,
    headway_rate: Annotated[Share, FromTable("headway_rate", "{period}")],
    per_block_min: Annotated[Minutes, FromTable("per_block_min")],
    window_min: PositiveMinutes = DAY_MIN,
    buffer_min: Minutes | None = None,
) -> Uic405:
    """Capacity of a section by UIC 405: trains in a period.

    Parameters
    ----------
    headway_min : float
        ``t_fm``, mean minimum headway over all successions of trains.
    blocks : int
        ``a``, block sections of the decisive section.
    headway_rate : float
        ``q``, the most that the mean minimum headway may be of itself plus buffer time.
    per_block_min : float
        ``t_b``, additional time for each block section.
    window_min : float
        ``W``, length of the period.
    buffer_min : float, optional
        ``t_r``, mean buffer time; so much that the rate is just kept if not given.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    L = W / (t_fm + t_r + t_zu); t_r = t_fm (1 / q - 1); t_zu = a t_b.

    - Trains follow each other in random order, so that the mean of the minimum headways counts.
    - Buffer time stands for the quality of operations, whatever the delays.
    - On single track the headway of opposing trains counts as one.

    References
    ----------
    UIC Code 405, 1st edition, 1996; the formula also in Abril et al., An assessment of railway capacity,
    Transportation Research E 44, 2008. The rates and the 0.25 min are professional knowledge.
    """
    buffer = headway_min * (1 / headway_rate - 1) if buffer_min is None else buffer_min
    additional = blocks * per_block_min
    exact = window_min / (headway_min + buffer + additional)
    return Uic405(whole_down(exact), exact, buffer, additional)


@checked
def uic406(
    occupancy_s: Seconds,
    window_s: PositiveSeconds,
    occupancy_rate: Annotated[Share, FromTable("occupancy_rate", "{traffic}/{period}")],
    additional_s: Seconds | None = None,
) -> Uic406:
    """Capacity consumption of a line section or a node by UIC 406, and the verdict.

    Parameters
    ----------
    occupancy_s : float
        ``occupancy``, occupancy time of the compressed timetable, its cycle closed.
    window_s : float
        ``W``, length of the window.
    occupancy_rate : float
        ``OTR``, recommended occupancy time rate.
    additional_s : float, optional
        ``additional``, additional time; as the rate has it if not given.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    consumption = occupancy (1 + ATR) / W; ATR = 1 / OTR - 1.

    - The order of the trains, their running and dwell times and their meets are those of the timetable.
    - On single track an opposing train stands in the chain as a follower does.
    - The value of a line is the highest among its line sections; that of the whole line at once stands beside it.

    References
    ----------
    UIC Code 406, 2nd edition, 2013. The recommended rates are professional knowledge.
    """
    additional = occupancy_s * (1 / occupancy_rate - 1) if additional_s is None else additional_s
    consumption = (occupancy_s + additional) / window_s
    return Uic406(
        consumption,
        "room left" if not_more(consumption, 1) else "refuse",
        occupancy_s / window_s,
        additional / occupancy_s if occupancy_s else 0.0,
        additional,
        window_s - occupancy_s - additional,
    )


@checked
def practical_capacity(
    headway_min: PositiveMinutes,
    practical_share: Annotated[Share, FromTable("practical_share")],
    window_min: PositiveMinutes = DAY_MIN,
) -> Practical:
    """Theoretical and practical capacity of a section: trains in a period.

    Parameters
    ----------
    headway_min : float
        ``h``, least headway; on single track half the period of a pair of trains.
    practical_share : float
        ``p``, what of the theoretical capacity can be used.
    window_min : float
        ``W``, length of the period.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    theoretical = W / h; practical = p W / h; both rounded down.

    - All trains run alike and follow each other at the least headway.
    - What delays, mix and maintenance cost is in the share.

    References
    ----------
    Abril et al., An assessment of railway capacity, Transportation Research E 44, 2008, after Kraft 1982: practical
    capacity is 60 to 75 % of theoretical capacity.
    """
    exact = window_min / headway_min
    return Practical(whole_down(exact * practical_share), whole_down(exact), exact)


@checked
def capacity_utilisation(
    minimum_headway_min: MinutesEach,
    window_min: PositiveMinutes,
    utilisation_limit: Annotated[Share, FromTable("utilisation_limit")],
) -> Utilisation:
    """Capacity Utilisation Index of a section, and whether it keeps the limit.

    Parameters
    ----------
    minimum_headway_min : float or sequence of float
        ``h``, minimum headway of each train behind the one before it; or their sum.
    window_min : float
        ``W``, length of the period.
    utilisation_limit : float
        ``limit``, index above which punctuality suffers.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    CUI = sum(h) / W.

    - Trains are pressed together to the minimum headways of the planning rules; their order is kept.

    References
    ----------
    Strategic Rail Authority, Network Utilisation Strategy, 2003:
    http://www.bemrosebooth.com/intelligence/mass_transit_news_articles/1279/.
    """
    headways = each("capacity_utilisation", {"minimum_headway_min": minimum_headway_min})
    compressed = sum(headway for (headway,) in headways)
    share = compressed / window_min
    verdict = "within the limit" if not_more(share, utilisation_limit) else "above the limit"
    return Utilisation(share, verdict, compressed)
