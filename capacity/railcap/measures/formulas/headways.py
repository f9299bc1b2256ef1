"""What follows from headways: cycles of a succession of trains, platforms behind a throat, heterogeneity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from railcap.errors import Issue
from railcap.measures.formulas.quantities import (
    Count,
    Counts,
    HeadwayMatrix,
    PerMinute,
    PositiveSeconds,
    Quantity,
    Seconds,
    SpanMinutes,
    SpanMinutesEach,
    TrainsPerHour,
    checked,
    each,
    refuse,
)
from railcap.units import HOUR_S


@dataclass(frozen=True, slots=True)
class Cycle:
    """A succession of trains at minimum headways, over and over.

    Parameters
    ----------
    trains_per_hour : float
        Trains in an hour.
    cycle_s : float
        From a train to its repeat.
    mean_headway_s : float
        ``t_fm``, mean minimum headway if trains in these numbers followed each other in random order.
    """

    trains_per_hour: TrainsPerHour
    cycle_s: Seconds
    mean_headway_s: Seconds


@dataclass(frozen=True, slots=True)
class Throat:
    """Trains at platforms behind a common throat.

    Parameters
    ----------
    interval_s : float
        Least mean interval between trains.
    trains_per_hour : float
        Trains in an hour.
    binding : str
        ``"platforms"`` or ``"throat"``: which of the two decides.
    """

    interval_s: Seconds
    trains_per_hour: TrainsPerHour
    binding: str


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How unevenly trains follow each other.

    Parameters
    ----------
    sshr : float
        Sum of the reciprocals of the shortest headways.
    sahr : float
        Sum of the reciprocals of the headways at arrival.
    least : float
        What both would be if the same trains ran alike and evenly: their least.
    ratio : float
        SSHR against that least; 1 if all is even.
    """

    sshr: PerMinute
    sahr: PerMinute
    least: PerMinute
    ratio: Annotated[float, Quantity()]


@checked
def headway_cycle(headways_s: HeadwayMatrix, order: Counts | None = None) -> Cycle:
    """Cycle time and trains per hour of a succession of trains, from a matrix of minimum headways.

    Parameters
    ----------
    headways_s : sequence of sequence of float
        ``h``, minimum headway of each kind of train (column) behind each kind (row).
    order : sequence of int, optional
        The kinds, from 1, in their order in the cycle; each kind once if not given.

    Raises
    ------
    InputError
        With every number out of range, a matrix that is not square, kinds that it does not have, a cycle of no length.

    Notes
    -----
    cycle = sum of h over each train and the next one, the first following the last; trains per hour = 3600 n / cycle;
    mean = sum of h over all ordered pairs of trains of the cycle / n^2.

    - A minimum headway holds between neighbours only; that of a train behind the one before the last is no longer.

    References
    ----------
    Pachl, Railway operation and control; the mean as in UIC Code 405, 1996. Professional knowledge.
    """
    kinds = list(range(1, len(headways_s) + 1)) if order is None else list(order)
    refuse("headway_cycle", _matrix_issues(headways_s, kinds))
    train = [int(kind) - 1 for kind in kinds]
    cycle = sum(headways_s[one][after] for one, after in zip(train, train[1:] + train[:1], strict=True))
    if not cycle:
        message = "the cycle has no length; give the headways in seconds"
        refuse("headway_cycle", [Issue("", "headways_s", "", message, "out-of-range")])
    mean = sum(headways_s[one][after] for one in train for after in train) / len(train) ** 2
    return Cycle(HOUR_S * len(train) / cycle, cycle, mean)


@checked
def platform_throat(platform_s: PositiveSeconds, throat_s: PositiveSeconds, platforms: Count) -> Throat:
    """Least interval between trains at a number of platforms behind a throat.

    Parameters
    ----------
    platform_s : float
        ``t_p``, time for which a train holds its platform track.
    throat_s : float
        ``t_t``, time for which a train holds the throat.
    platforms : int
        ``n``, platform tracks.

    Raises
    ------
    InputError
        With every number out of range.

    Notes
    -----
    interval = max(t_p / n, t_t); trains per hour = 3600 / interval.

    - Trains use the platform tracks in turn; every train passes the same part of the throat once.

    References
    ----------
    Bottleneck of stages in series, each with parallel places. Professional knowledge.
    """
    interval = max(platform_s / platforms, throat_s)
    binding = "platforms" if platform_s / platforms > throat_s else "throat"
    return Throat(interval, HOUR_S / interval, binding)


@checked
def heterogeneity(
    departure_min: SpanMinutesEach, arrival_min: SpanMinutesEach, window_min: SpanMinutes
) -> Heterogeneity:
    """Heterogeneity of the trains of one direction on a section: SSHR and SAHR.

    Parameters
    ----------
    departure_min : sequence of float
        ``departure``, when each train enters the section, in their order, within a cyclic window.
    arrival_min : sequence of float
        ``arrival``, when it leaves the section.
    window_min : float
        ``W``, length of the window, after which the same trains come again.

    Raises
    ------
    InputError
        With every number out of range, lists of different lengths, and trains that do not follow each other.

    Notes
    -----
    SSHR = sum(1 / h), h being the lesser of the headways of two trains at departure and at arrival; SAHR = sum(1 / h_A)
    with the headways at arrival; least = n^2 / W.

    - No train overtakes another on the section, so that the shortest headway stands at one of its ends.
    - SAHR is never above SSHR; both are least where all trains run alike and evenly.

    References
    ----------
    Vromans, Dekker and Kroon, Reliability and heterogeneity of railway services, European Journal of Operational
    Research 172, 2006; the definitions are given from professional knowledge.
    """
    calls = list(each("heterogeneity", {"departure_min": departure_min, "arrival_min": arrival_min}))
    following = [*calls[1:], (calls[0][0] + window_min, calls[0][1] + window_min)]
    headways = [(later[0] - one[0], later[1] - one[1]) for one, later in zip(calls, following, strict=True)]
    refuse("heterogeneity", _order_issues(headways))
    sshr = sum(1 / min(pair) for pair in headways)
    least = len(calls) ** 2 / window_min
    return Heterogeneity(sshr, sum(1 / arrival for _, arrival in headways), least, sshr / least)


def _matrix_issues(headways_s: HeadwayMatrix, order: Sequence[int]) -> list[Issue]:
    size = len(headways_s)
    issues = [
        Issue("", f"headways_s, row {row}", "", f"{len(line)} numbers stand here, {size} are needed", "wrong-length")
        for row, line in enumerate(headways_s, 1)
        if len(line) != size
    ]
    return issues + [
        Issue("", f"order, number {place}", str(kind), f"the matrix has kinds 1 to {size}", "out-of-range")
        for place, kind in enumerate(order, 1)
        if not (1 <= kind <= size and kind == int(kind))
    ]


def _order_issues(headways: Sequence[tuple[float, float]]) -> list[Issue]:
    message = "the next train comes no later; give the trains in their order, within one window"
    return [
        Issue("", f"{name}, number {place}", "", message, "contradiction")
        for place, pair in enumerate(headways, 1)
        for name, headway in zip(("departure_min", "arrival_min"), pair, strict=True)
        if headway <= 0
    ]
