"""The period of a pair of trains on single track, as railways of 1520 mm gauge reckon it by four schemes."""

from __future__ import annotations

from dataclasses import dataclass

from railcap.measures.formulas.quantities import (
    Minutes,
    MinutesEach,
    MinutesList,
    PositiveMinutesEach,
    checked,
    each,
)


@dataclass(frozen=True, slots=True)
class CisPeriods:
    """Periods of a pair of trains on each section.

    Parameters
    ----------
    period_min : float
        ``T``, period of the limiting section by its best scheme.
    limiting_section : int
        Place of the limiting section in the lists, from 1.
    scheme : str
        Its best scheme.
    a_min : tuple of float
        Scheme A on each section: both trains enter it without having stopped.
    b_min : tuple of float
        Scheme B on each section: both trains leave it without stopping.
    c_min : tuple of float
        Scheme C on each section: the trains there pass both its ends.
    d_min : tuple of float
        Scheme D on each section: the trains back pass both its ends.
    best : tuple of str
        The scheme of the least period on each section.
    """

    period_min: Minutes
    limiting_section: int
    scheme: str
    a_min: MinutesList
    b_min: MinutesList
    c_min: MinutesList
    d_min: MinutesList
    best: tuple[str, ...]

    @property
    def least_min(self) -> tuple[float, ...]:
        """The least period of each section, minutes."""
        return tuple(min(periods) for periods in zip(self.a_min, self.b_min, self.c_min, self.d_min, strict=True))


@checked
def cis_period(
    running_there_min: PositiveMinutesEach,
    running_back_min: PositiveMinutesEach,
    non_simultaneous_min: MinutesEach,
    crossing_min: MinutesEach,
    start_min: MinutesEach,
    stop_min: MinutesEach,
) -> CisPeriods:
    """Period of a pair of opposing trains on single-track sections, and the limiting section.

    Parameters
    ----------
    running_there_min : float or sequence of float
        ``t1``, running time of each section in one direction, without supplements.
    running_back_min : float or sequence of float
        ``t2``, running time of each section in the other direction, without supplements.
    non_simultaneous_min : float or sequence of float
        ``tau_np``, interval of non-simultaneous arrival: from the arrival of the first train at a loop to that of the
        opposing one.
    crossing_min : float or sequence of float
        ``tau_s``, crossing interval: from the arrival of a train to the departure of the opposing one into its section.
    start_min : float or sequence of float
        ``t_r``, supplement for accelerating.
    stop_min : float or sequence of float
        ``t_z``, supplement for braking.

    Raises
    ------
    InputError
        With every number out of range, or lists of different lengths.

    Notes
    -----
    A: t1 + t2 + 2 tau_np + 2 t_z; B: t1 + t2 + 2 tau_s + 2 t_r; C and D: t1 + t2 + tau_s + tau_np + t_r + t_z. Each
    section takes the scheme of the least period; the limiting section is the one whose least period is longest.

    - Trains run in pairs, one in each direction, none follows another through a section.
    - Every section can have its best scheme; how the schemes of neighbouring sections fit is a matter of the chart.
    - Both directions have the same supplements, both ends of a section the same intervals.

    References
    ----------
    Practice of the railways of 1520 mm gauge; worked examples: http://tlookup.ru/wocs-1042-1.html,
    https://ukrbukva.net/page,4,66990-Grafik-dvizheniya-poezdov.html.
    """
    rows = each(
        "cis_period",
        {
            "running_there_min": running_there_min,
            "running_back_min": running_back_min,
            "non_simultaneous_min": non_simultaneous_min,
            "crossing_min": crossing_min,
            "start_min": start_min,
            "stop_min": stop_min,
        },
    )
    schemes = [
        {
            "A": there + back + 2 * (arrival + stop),
            "B": there + back + 2 * (crossing + start),
            "C": there + back + crossing + arrival + start + stop,
            "D": there + back + crossing + arrival + start + stop,
        }
        for there, back, arrival, crossing, start, stop in rows
    ]
    best = [min(periods, key=lambda scheme: periods[scheme]) for periods in schemes]
    limiting = max(range(len(best)), key=lambda place: schemes[place][best[place]])
    a_min, b_min, c_min, d_min = (tuple(periods[scheme] for periods in schemes) for scheme in "ABCD")
    return CisPeriods(
        schemes[limiting][best[limiting]], limiting + 1, best[limiting], a_min, b_min, c_min, d_min, tuple(best)
    )
