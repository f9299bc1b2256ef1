"""The capacity method of the railways of 1520 mm gauge: pairs of trains a day on single and double track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import Issue
from railcap.measures.formulas.cis_period import CisPeriods, cis_period
from railcap.measures.formulas.quantities import (
    DAY_MIN,
    Count,
    DayMinutes,
    Factor,
    FromTable,
    Minutes,
    MinutesEach,
    NamedFactors,
    NamedPairs,
    Pairs,
    PairsWhole,
    PositiveMinutes,
    PositiveMinutesEach,
    Proportion,
    Share,
    checked,
    each,
    not_more,
    refuse,
    whole_down,
)


@dataclass(frozen=True, slots=True)
class CisTraffic:
    """What the available pairs are enough for.

    Parameters
    ----------
    freight_pairs : int
        Pairs of freight trains beside the other trains.
    removed_pairs : float
        Freight pairs that the other trains take the place of.
    required_pairs : int or None
        Capacity that the traffic needs, rounded down; if freight traffic is given.
    required_exact : float or None
        The same before rounding down.
    reserve_pairs : int or None
        Available less required pairs; negative if they are not enough.
    fill_share : float or None
        Traffic against the available pairs; the permitted fill is its limit.
    verdict : str
        Whether the available pairs are enough: ``"sufficient"`` or ``"not sufficient"``.
    """

    freight_pairs: PairsWhole
    removed_pairs: Pairs
    required_pairs: PairsWhole | None
    required_exact: Pairs | None
    reserve_pairs: PairsWhole | None
    fill_share: Proportion | None
    verdict: str


@dataclass(frozen=True, slots=True)
class CisCapacity:
    """Capacity of a line in pairs of trains a day.

    Parameters
    ----------
    available_pairs : int
        ``N``, available capacity: pairs of parallel freight trains, rounded down.
    available_exact : float
        The same before rounding down.
    max_pairs : int
        Greatest capacity: without maintenance and failures, rounded down.
    line_period_min : float
        Period of the limiting section with all trains of a packet.
    traffic : CisTraffic
        What that is enough for.
    """

    available_pairs: PairsWhole
    available_exact: Pairs
    max_pairs: PairsWhole
    line_period_min: Minutes
    traffic: CisTraffic


@dataclass(frozen=True, slots=True)
class CisSingleTrack:
    """Capacity of a single-track line in pairs of trains a day, and the periods behind it."""

    capacity: CisCapacity
    periods: CisPeriods


@dataclass(frozen=True, slots=True)
class CisDoubleTrack:
    """Capacity of a double-track line in pairs of trains a day.

    Parameters
    ----------
    limiting_section : int
        The section of the longest interval: its place in the list, from 1.
    """

    capacity: CisCapacity
    limiting_section: int


@checked
def cis_traffic(
    available_pairs: Pairs,
    fill: Annotated[Share, FromTable("fill", "{track}")],
    removal: Annotated[NamedFactors, FromTable("removal", "*")],
    unevenness: Annotated[Factor, FromTable("unevenness")],
    others: NamedPairs | None = None,
    freight_asked: Pairs | None = None,
) -> CisTraffic:
    """Freight pairs beside other trains, required capacity, reserve and fill of a line.

    Parameters
    ----------
    available_pairs : float
        ``N``, available capacity in pairs of parallel freight trains.
    fill : float
        ``K``, permitted fill of the available capacity.
    removal : mapping of str to float
        ``eps``, freight pairs that one pair of each category takes the place of.
    unevenness : float
        ``k_n``, coefficient of uneven traffic: the busiest days against the mean.
    others : mapping of str to float, optional
        ``N_c``, pairs of other trains by category, such as passenger, express and local.
    freight_asked : float, optional
        ``N_fr``, pairs of freight trains that are to run.

    Raises
    ------
    InputError
        With every number out of range, and every category without a coefficient of removal.

    Notes
    -----
    freight = N - sum(eps N_c); required = k_n (N_fr + sum(eps N_c)) / K; reserve = N - required; fill = K required / N.

    - One pair of a category takes the place of the same number of freight pairs whatever else runs.
    - Pairs are rounded down, required ones too; sources differ.

    References
    ----------
    Practice of the railways of 1520 mm gauge; worked examples: http://tlookup.ru/wocs-1044-1.html (single track),
    https://helpiks.su/2-134235.html (double track).
    """
    others = others or {}
    refuse(
        "cis_traffic",
        [
            Issue(
                "",
                "others",
                category,
                f"this category has no coefficient of removal{did_you_mean(category, removal)}",
                "unknown-category",
            )
            for category in others
            if category not in removal
        ],
    )
    removed = sum(removal[category] * pairs for category, pairs in others.items())
    freight = max(0, whole_down(available_pairs - removed))
    if freight_asked is None:
        return CisTraffic(freight, removed, None, None, None, None, "")
    load = unevenness * (freight_asked + removed)
    required = load / fill
    enough = not_more(required, available_pairs)
    return CisTraffic(
        freight,
        removed,
        whole_down(required),
        required,
        whole_down(available_pairs) - whole_down(required),
        load / available_pairs if available_pairs else None,
        "sufficient" if enough else "not sufficient",
    )


@checked
def cis_single_track(
    running_there_min: PositiveMinutesEach,
    running_back_min: PositiveMinutesEach,
    non_simultaneous_min: MinutesEach,
    crossing_min: MinutesEach,
    start_min: MinutesEach,
    stop_min: MinutesEach,
    window_min: Annotated[DayMinutes, FromTable("window_min", "single")],
    reliability: Annotated[Share, FromTable("reliability", "single")],
    fill: Annotated[Share, FromTable("fill", "single")],
    removal: Annotated[NamedFactors, FromTable("removal", "*")],
    unevenness: Annotated[Factor, FromTable("unevenness")],
    others: NamedPairs | None = None,
    freight_asked: Pairs | None = None,
    packet: Count = 1,
    following_min: Minutes = 0.0,
) -> CisSingleTrack:
    """Capacity of a single-track line in pairs of trains a day, as on railways of 1520 mm gauge.

    Parameters
    ----------
    running_there_min : float or sequence of float
        ``t1``, running time of each section in one direction, without supplements.
    running_back_min : float or sequence of float
        ``t2``, running time of each section in the other direction, without supplements.
    non_simultaneous_min : float or sequence of float
        ``tau_np``, interval of non-simultaneous arrival.
    crossing_min : float or sequence of float
        ``tau_s``, crossing interval.
    start_min : float or sequence of float
        ``t_r``, supplement for accelerating.
    stop_min : float or sequence of float
        ``t_z``, supplement for braking.
    window_min : float
        ``t_w``, time of the day that is kept for maintenance.
    reliability : float
        ``alpha``, share of the time in which the equipment works.
    fill : float
        ``K``, permitted fill of the available capacity.
    removal : mapping of str to float
        ``eps``, freight pairs that one pair of each category takes the place of.
    unevenness : float
        ``k_n``, coefficient of uneven traffic.
    others : mapping of str to float, optional
        ``N_c``, pairs of other trains by category, such as passenger, express and local.
    freight_asked : float, optional
        ``N_fr``, pairs of freight trains that are to run.
    packet : int
        ``k``, trains of one direction that follow each other in a packet.
    following_min : float
        ``I``, interval between trains of a packet, the same in both directions.

    Raises
    ------
    InputError
        With every number out of range, and a packet without an interval.

    Notes
    -----
    T: the period of the limiting section, as of cis-period, + 2 (k - 1) I; greatest = 1440 k / T; available =
    (1440 - t_w) / T alpha k; then as cis-traffic.

    - The chart is parallel: all freight trains run alike; other trains count by their coefficients of removal.
    - The section with the longest period limits the line; stations and traction are no narrower.
    - Pairs are rounded down.

    References
    ----------
    Practice of the railways of 1520 mm gauge; worked examples: http://tlookup.ru/wocs-1042-1.html,
    http://www.tlookup.ru/wocs-1043-1.html; packets: professional knowledge.
    """
    if packet > 1 and not following_min:
        message = f"{packet} trains follow each other in a packet; give their interval in minutes"
        refuse("cis_single_track", [Issue("", "following_min", f"{following_min:g}", message, "missing-value")])
    periods = cis_period(running_there_min, running_back_min, non_simultaneous_min, crossing_min, start_min, stop_min)
    period_min = periods.period_min + 2 * (packet - 1) * following_min
    capacity = _capacity(period_min, packet, window_min, reliability, fill, removal, unevenness, others, freight_asked)
    return CisSingleTrack(capacity, periods)


@checked
def cis_double_track(
    interval_min: PositiveMinutesEach,
    window_min: Annotated[DayMinutes, FromTable("window_min", "double")],
    reliability: Annotated[Share, FromTable("reliability", "double")],
    fill: Annotated[Share, FromTable("fill", "double")],
    removal: Annotated[NamedFactors, FromTable("removal", "*")],
    unevenness: Annotated[Factor, FromTable("unevenness")],
    others: NamedPairs | None = None,
    freight_asked: Pairs | None = None,
) -> CisDoubleTrack:
    """Capacity of a double-track line in pairs of trains a day, as on railways of 1520 mm gauge.

    Parameters
    ----------
    interval_min : float or sequence of float
        ``I``, on each section: the interval between following trains; where only one may be in the section, its
        running time plus the following interval.
    window_min : float
        ``t_w``, time of the day that is kept for maintenance.
    reliability : float
        ``alpha``, share of the time in which the equipment works.
    fill : float
        ``K``, permitted fill of the available capacity.
    removal : mapping of str to float
        ``eps``, freight pairs that one pair of each category takes the place of.
    unevenness : float
        ``k_n``, coefficient of uneven traffic.
    others : mapping of str to float, optional
        ``N_c``, pairs of other trains by category, such as passenger, express and local.
    freight_asked : float, optional
        ``N_fr``, pairs of freight trains that are to run.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    greatest = 1440 / I; available = (1440 - t_w) alpha / I, I being the longest interval; then as cis-traffic.

    - Each direction has a track of its own; both have the same interval.
    - The chart is parallel: all freight trains run alike; other trains count by their coefficients of removal.
    - Pairs are rounded down; sources differ: that of the example of 20 min rounds 62.7 up to 63.

    References
    ----------
    Practice of the railways of 1520 mm gauge; worked examples: http://tlookup.ru/wocs-1044-1.html,
    https://helpiks.su/2-134235.html.
    """
    intervals = [interval for (interval,) in each("cis_double_track", {"interval_min": interval_min})]
    longest = max(intervals)
    capacity = _capacity(longest, 1, window_min, reliability, fill, removal, unevenness, others, freight_asked)
    return CisDoubleTrack(capacity, intervals.index(longest) + 1)


def _capacity(
    period_min: PositiveMinutes,
    packet: int,
    window_min: float,
    reliability: float,
    fill: float,
    removal: Mapping[str, float],
    unevenness: float,
    others: Mapping[str, float] | None,
    freight_asked: float | None,
) -> CisCapacity:
    available = (DAY_MIN - window_min) / period_min * reliability * packet
    pairs = whole_down(available)
    traffic = cis_traffic(pairs, fill, removal, unevenness, others, freight_asked)
    return CisCapacity(pairs, available, whole_down(DAY_MIN * packet / period_min), period_min, traffic)
