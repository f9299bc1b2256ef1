"""What a simulation of delays says: punctuality, what trains pass on to each other and where, and how it grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from railcap.measures.robustness.delay_table import DelayKind, DelayTable
from railcap.measures.robustness.dispatching import DispatchingRule
from railcap.measures.robustness.events import Cause, Handover

PERCENTILES = (50, 90, 95)
"""The percentiles of delays that are told."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late some trains come to their destinations, over all simulated days.

    Parameters
    ----------
    name : str
        Of a category, request or train; empty: of all trains.
    trains : int
        How many trains they are.
    minutes : tuple of int
        How often a train was so many minutes late, minutes begun counted as whole ones: ``minutes[0]`` on time,
        ``minutes[1]`` up to a minute, and so on.
    withdrawn : int
        How often a train was withdrawn on its way.
    mean_s, alone_s : float
        Mean delay of a train that arrives, and what it would be without other trains.
    primary_s : float
        Mean of a train's primary delays.
    """

    name: str
    trains: int
    minutes: tuple[int, ...]
    withdrawn: int
    mean_s: float
    alone_s: float
    primary_s: float

    @property
    def knock_on_s(self) -> float:
        """Mean delay that other trains cause: what would not be without them."""
        return self.mean_s - self.alone_s

    @property
    def knock_on_per_primary(self) -> float:
        """Minutes of knock-on delay for each minute of primary delay, 0 without any.

        Withdrawn trains have primary delays, but arrive with no delay of either kind.
        """
        return self.knock_on_s * (1.0 - self.withdrawn_share) / self.primary_s if self.primary_s else 0.0

    @property
    def withdrawn_share(self) -> float:
        """Share of the trains that are withdrawn."""
        return self.withdrawn / self._runs if self._runs else 0.0

    def within(self, minutes: int) -> float:
        """Return the share of the trains that come, and at most so many minutes late."""
        return sum(self.minutes[: minutes + 1]) / self._runs if self._runs else 1.0

    def percentile_min(self, percent: float) -> int | None:
        """Return the least whole number of minutes within which that share of the trains come; None: so many never do.

        Percentiles are of all trains, withdrawn ones being the latest.
        """
        needed, seen = percent / 100 * self._runs, 0
        for minute, count in enumerate(self.minutes):
            seen += count
            if seen >= needed:
                return minute
        return None

    @property
    def _runs(self) -> int:
        return sum(self.minutes) + self.withdrawn


@dataclass(frozen=True, slots=True)
class TrainLateness:
    """One train: its id, request and category, and how late it comes; light engines are `light`."""

    train: str
    request: str
    category: str
    light: bool
    lateness: Lateness


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What is passed on somewhere, by day of simulation.

    Parameters
    ----------
    passed_s : float
        By how much events of a train are later than that train by itself would have them; the train may make some of
        it up again.
    eased_s : float
        The part of it that a buffer longer by `railcap.measures.robustness.tally.EASE_S` would keep back there.
    share : float
        Share of the days on which any delay is passed on.
    """

    handover: Handover
    passed_s: float
    eased_s: float
    share: float


@dataclass(frozen=True, slots=True)
class CallLateness:
    """Mean delay of a train's arrival at a station, and what it would be without other trains."""

    train: str
    place: int
    station: str
    mean_s: float
    alone_s: float


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Where a train is withdrawn, on which share of the days.

    Parameters
    ----------
    closed : str
        What it may have waited for to open; empty: for trains ahead alone.
    without : str
        It is not late, but nothing without this train, which is withdrawn.
    """

    train: str
    station: str
    share: float
    closed: str = ""
    without: str = ""


@dataclass(frozen=True, slots=True)
class VolumePoint:
    """The timetable with some of its trains only: means of a train, and the share that is withdrawn; as `Lateness`."""

    trains: int
    primary_s: float
    mean_s: float
    knock_on_s: float
    knock_on_per_primary: float
    withdrawn_share: float


@dataclass(frozen=True, slots=True)
class ChangedOrder:
    """Where one train is let go before another one that is to go first by the timetable.

    Parameters
    ----------
    cause : Cause
        What it would wait for: an opposing train or one ahead on the section, arrivals apart, a station track, a queue
        or a banker.
    place : str
        Id of the station.
    first, second : str
        The train that goes first, and the first of those that it goes before; empty: none is told.
    by_day : float
        How often in a day of simulation.
    """

    cause: Cause
    place: str
    first: str
    second: str
    by_day: float


@dataclass(frozen=True, slots=True)
class Repaired:
    """The same days with the order repaired by a rule; see `Robustness` for figures of the same name.

    Parameters
    ----------
    changes : float
        Changes of order by day of simulation.
    changed : tuple of ChangedOrder
        All of them, the most frequent first.
    """

    rule: DispatchingRule
    overall: Lateness
    error_s: float | None
    categories: tuple[Lateness, ...]
    requests: tuple[Lateness, ...]
    changes: float
    changed: tuple[ChangedOrder, ...]


@dataclass(frozen=True, slots=True)
class Robustness:
    """What came out of a simulation; light engines count where they pass delay on, and nowhere else.

    Parameters
    ----------
    days, asked_days : int
        Days simulated, and asked for: fewer where it was stopped.
    error_s : float or None
        Half the 95 % confidence interval of the mean delay of all trains, by the spread between days; None of one day,
        or where no train arrives.
    kinds_s : mapping of DelayKind to float
        Mean primary delay of a train, by kind.
    withdraw_min : int or None
        How late a train is withdrawn; None: never.
    passed_on : tuple of PassedOn
        All that passes any delay on, the most first.
    withdrawals : tuple of Withdrawal
        Where trains are withdrawn, the most often first.
    volume : tuple of VolumePoint
        The timetable with a part of its trains, and at last with all of them.
    repaired : Repaired or None
        The same days with the order repaired, if that was asked for.
    """

    table: DelayTable
    days: int
    asked_days: int
    seed: int
    within_min: tuple[int, ...]
    withdraw_min: int | None
    overall: Lateness
    error_s: float | None
    kinds_s: Mapping[DelayKind, float]
    categories: tuple[Lateness, ...]
    requests: tuple[Lateness, ...]
    trains: tuple[TrainLateness, ...]
    calls: tuple[CallLateness, ...]
    passed_on: tuple[PassedOn, ...]
    withdrawals: tuple[Withdrawal, ...]
    volume: tuple[VolumePoint, ...] = ()
    repaired: Repaired | None = None
