"""The capacity of one stretch by each method: what of the stretch goes into which formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from railcap.measures.formulas.catalogue import Answer
from railcap.measures.formulas.cis import CisCapacity
from railcap.measures.formulas.cis_period import CisPeriods
from railcap.measures.formulas.india import Charted, Scott
from railcap.measures.formulas.quantities import DAY_MIN, not_more, whole_down
from railcap.measures.formulas.running import Meets
from railcap.measures.formulas.uic import Practical, Uic405
from railcap.measures.mix.headways import mean_headway_s
from railcap.measures.mix.stretches import Kind, Stretch
from railcap.measures.mix.thresholds_for import ThresholdsFor
from railcap.units import DAY_S, MINUTE_S

CIS, SCOTT, CHARTED, UIC_405, THEORETICAL, PRACTICAL = "cis", "scott", "charted", "uic-405", "theoretical", "practical"


@dataclass(frozen=True, slots=True)
class Figure:
    """The capacity of a stretch by one method.

    Parameters
    ----------
    pairs_exact : float
        Pairs of trains a day, before rounding down.
    trains : int
        Trains a day of both directions together, rounded down.
    load_share : float or None
        Trains that are asked for against the capacity, as the method counts them; None: none are asked for.
    permitted_share : float
        The load that the method still finds good.
    answer : Answer or None
        What the formula gave and what went in; None: the stretch is never open.
    """

    method: str
    pairs_exact: float
    trains: int
    load_share: float | None
    permitted_share: float
    answer: Answer | None

    @property
    def pairs(self) -> int:
        """Pairs of trains a day, rounded down."""
        return whole_down(self.pairs_exact)

    @property
    def enough(self) -> bool:
        """Whether the capacity is enough for what is asked for."""
        return self.load_share is None or not_more(self.load_share, self.permitted_share)

    @property
    def result(self) -> Any:
        """The formula's own result."""
        return None if self.answer is None else self.answer.result


def figure(method: str, stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    """Return the capacity of a stretch by one of `METHODS`.

    Raises
    ------
    InputError
        If the table of thresholds lacks what the method needs.
    """
    if stretch.open_s < 1:
        load = float("inf") if stretch.asked_there + stretch.asked_back else None
        return Figure(method, 0.0, 0, load, 1.0, None)
    return METHODS[method](stretch, thresholds)


def meets(stretch: Stretch, thresholds: ThresholdsFor) -> Meets | None:
    """Return the meets on a stretch after Petersen, if what is asked for runs; None on double track or if closed."""
    if stretch.tracks > 1 or stretch.open_s < 1:
        return None
    values = {
        "running_there_min": _minutes(_mean_s(stretch, there=True)),
        "running_back_min": _minutes(_mean_s(stretch, there=False)),
        "trains_there": stretch.asked_there,
        "trains_back": stretch.asked_back,
        "window_min": _minutes(stretch.open_s),
    }
    result = thresholds.evaluate("meets", values).result
    assert isinstance(result, Meets)
    return result


def periods(stretch: Stretch, thresholds: ThresholdsFor) -> CisPeriods | None:
    """Return the periods of a pair of parallel trains by the four schemes; None on double track."""
    if stretch.tracks > 1:
        return None
    result = thresholds.evaluate("cis-period", _period_values(stretch)).result
    assert isinstance(result, CisPeriods)
    return result


def interval_s(stretch: Stretch) -> int:
    """Return the interval of parallel trains on double track: that of the slower direction."""
    return max(stretch.block_s(one.running_s) for one in (stretch.there, stretch.back)) + stretch.following_s


def _cis(stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    closed_min = DAY_MIN - _minutes(stretch.open_s)
    answer, capacity = _cis_answer(stretch, thresholds, {})
    if closed_min > _used(answer, "window_min"):
        # While the line is closed there is time for maintenance: the longer of the two counts.
        answer, capacity = _cis_answer(stretch, thresholds, {"window_min": closed_min})
    fill = capacity.traffic.fill_share
    load = None if not stretch.asked_pairs() else float("inf") if fill is None else fill
    exact = capacity.available_exact
    return Figure(CIS, exact, 2 * capacity.available_pairs, load, _used(answer, "fill"), answer)


def _cis_answer(stretch: Stretch, thresholds: ThresholdsFor, given: Mapping[str, object]) -> tuple[Answer, CisCapacity]:
    passengers = stretch.asked_pairs(passenger=True)
    values: dict[str, object] = {"freight_asked": stretch.asked_pairs(passenger=False), **given}
    if passengers:
        values["others"] = {"passenger": passengers}
    if stretch.tracks == 1:
        answer = thresholds.evaluate("cis-single", _period_values(stretch) | values)
    else:
        answer = thresholds.evaluate("cis-double", {"interval_min": _minutes(interval_s(stretch)), **values})
    result: Any = answer.result
    capacity: CisCapacity = result.capacity
    return answer, capacity


def _scott(stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    open_share = stretch.open_s / DAY_S
    running_min, block_min = _block_times(stretch)
    answer = thresholds.evaluate("scott", {"running_min": running_min, "block_min": block_min})
    result = answer.result
    assert isinstance(result, Scott)
    exact = result.trains_exact * open_share
    return _figure(SCOTT, stretch, exact, _against(stretch, exact), _used(answer, "saturation"), answer)


def _charted(stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    running_min, block_min = _block_times(stretch)
    values: dict[str, object] = {
        "running_min": running_min,
        "block_min": block_min,
        "maintenance_min": DAY_MIN - _minutes(stretch.open_s),
    }
    passengers = [one for one in _busier(stretch) if one.passenger and one.per_day]
    times = [_minutes(_whole_s(stretch, one)) for one in passengers]
    trains = [one.per_day for one in passengers]
    taken = sum(number * (time + block_min) for number, time in zip(trains, times, strict=True))
    if passengers and taken <= _minutes(stretch.open_s):
        values |= {"scheduled_trains": trains, "scheduled_running_min": times}
    elif passengers:  # not even they fit: how many of them do
        values["running_min"] = sum(map(float.__mul__, trains, times)) / sum(trains)
    answer = thresholds.evaluate("charted", values)
    result = answer.result
    assert isinstance(result, Charted)
    return _figure(
        CHARTED, stretch, result.trains, _against(stretch, result.trains), _used(answer, "saturation"), answer
    )


def _uic_405(stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    values = {
        "headway_min": _minutes(mean_headway_s(stretch)),
        "blocks": stretch.blocks,
        "window_min": _minutes(stretch.open_s),
    }
    answer = thresholds.evaluate("uic-405", values)
    result = answer.result
    assert isinstance(result, Uic405)
    return _figure(UIC_405, stretch, result.trains_exact, _against(stretch, result.trains_exact), 1.0, answer)


def _theoretical(stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    answer, result = _practical_answer(stretch, thresholds)
    exact = result.theoretical_exact
    return _figure(THEORETICAL, stretch, exact, _against(stretch, exact), 1.0, answer)


def _practical(stretch: Stretch, thresholds: ThresholdsFor) -> Figure:
    answer, result = _practical_answer(stretch, thresholds)
    exact = result.theoretical_exact * _used(answer, "practical_share")
    return _figure(PRACTICAL, stretch, exact, _against(stretch, exact), 1.0, answer)


def _practical_answer(stretch: Stretch, thresholds: ThresholdsFor) -> tuple[Answer, Practical]:
    found = periods(stretch, thresholds)
    headway_min = _minutes(interval_s(stretch)) if found is None else found.period_min / 2
    values = {"headway_min": headway_min, "window_min": _minutes(stretch.open_s)}
    answer = thresholds.evaluate("practical", values)
    assert isinstance(answer.result, Practical)
    return answer, answer.result


METHODS: Mapping[str, Callable[[Stretch, ThresholdsFor], Figure]] = MappingProxyType(
    {
        CIS: _cis,
        SCOTT: _scott,
        CHARTED: _charted,
        UIC_405: _uic_405,
        THEORETICAL: _theoretical,
        PRACTICAL: _practical,
    }
)
"""How each method finds the capacity of a stretch, by name."""


def _figure(
    method: str, stretch: Stretch, trains_exact: float, load: float | None, permitted: float, answer: Answer
) -> Figure:
    """Return the figure of a method that counts trains: of both directions on single track, of one on double."""
    load = load if _asked(stretch) else None
    if stretch.tracks == 1:
        return Figure(method, trains_exact / 2, whole_down(trains_exact), load, permitted, answer)
    return Figure(method, trains_exact, 2 * whole_down(trains_exact), load, permitted, answer)


def _asked(stretch: Stretch) -> float:
    """Return the trains that are asked for: of both directions on single track, of the busier one on double."""
    if stretch.tracks == 1:
        return stretch.asked_there + stretch.asked_back
    return stretch.asked_pairs()


def _against(stretch: Stretch, capacity: float) -> float:
    return _asked(stretch) / capacity if capacity else float("inf")


def _busier(stretch: Stretch) -> tuple[Kind, ...]:
    """Return the trains that share a track: all on single track, those of the busier direction on double."""
    if stretch.tracks == 1:
        return stretch.kinds
    return tuple(one for one in stretch.kinds if one.there is (stretch.asked_there >= stretch.asked_back))


def _block_times(stretch: Stretch) -> tuple[float, float]:
    """Return the minutes that the slowest parallel train takes over its block, and those of the block operation."""
    running_s = max(_whole_s(stretch, one) for one in (stretch.there, stretch.back))
    operation_s = max(stretch.crossing_s, stretch.following_s) if stretch.tracks == 1 else stretch.following_s
    return _minutes(running_s), _minutes(operation_s)


def _whole_s(stretch: Stretch, one: Kind) -> int:
    """Return a train's time: on single track over the stretch with a stop at both ends, on double over a block."""
    if stretch.tracks == 1:
        return one.running_s + one.start_s + one.stop_s
    return stretch.block_s(one.running_s)


def _mean_s(stretch: Stretch, *, there: bool) -> float:
    """Return the mean running time of the trains of a direction; that of the parallel train if there are none."""
    chosen = [one for one in stretch.kinds if one.there is there]
    total = sum(one.share for one in chosen)
    if not total:
        return (stretch.there if there else stretch.back).running_s
    return sum(one.share * one.running_s for one in chosen) / total


def _period_values(stretch: Stretch) -> dict[str, object]:
    return {
        "running_there_min": _minutes(stretch.there.running_s),
        "running_back_min": _minutes(stretch.back.running_s),
        "non_simultaneous_min": _minutes(stretch.arrival_s),
        "crossing_min": _minutes(stretch.crossing_s),
        "start_min": _minutes(stretch.there.start_s),
        "stop_min": _minutes(stretch.there.stop_s),
    }


def _used(answer: Answer, name: str) -> float:
    value: Any = next(use.value for use in answer.used if use.input.name == name)
    return float(value)


def _minutes(seconds: float) -> float:
    return seconds / MINUTE_S
