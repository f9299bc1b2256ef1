"""How long delays take to be simulated, beside a plain peer: ``python -m railcap_benchmarks.delay_speed``.

Needs a scenario and a timetable of it, as `railcap plan` writes it. The peer goes through the same events one by one,
day by day, in plain Python; both must say the same of the days that the peer simulates.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

import railcap
from railcap.formats.delay_table import SHIPPED, load_delay_table
from railcap.formats.timetable_json import read_timetable
from railcap.measures.robustness.dispatching import Dispatcher, DispatchingRule
from railcap.measures.robustness.event_graph import event_graph
from railcap.measures.robustness.events import NONE, EventGraph
from railcap.measures.robustness.propagation import Propagation
from railcap.measures.robustness.simulate import primary_delays_s, simulate
from railcap.units import MINUTE_S
from railcap_benchmarks.machine import machine, software


def plain_day(graph: EventGraph, primary_s: list[int]) -> list[int]:
    """Return how late every event is on a day with these primary delays, in plain Python."""
    time_s: list[int] = []
    pools: list[list[int]] = [[] for _ in graph.pools]
    for event in graph.events:
        now = event.planned_s
        if event.before != NONE:
            now = max(now, time_s[event.before] + event.least_s + (primary_s[event.delay] if event.delay >= 0 else 0))
        elif event.delay != NONE:
            now += primary_s[event.delay]
        for wait in event.waits:
            now = max(now, time_s[wait.event] + wait.lag_s)
        for ask in event.asks:
            done = sorted(pools[ask.pool])
            now = max(now, done[-ask.rank] if len(done) >= ask.rank else now)
        moved = True
        while moved:
            moved = False
            for shut in event.shuts:
                lasting = shut.length_s + (primary_s[shut.delay] if shut.delay != NONE else 0)
                for begin, end in shut.closed:
                    if now < end and now + lasting > begin:
                        now, moved = end, True
        for give in event.gives:
            pools[give.pool].append(now + give.length_s + (primary_s[give.delay] if give.delay != NONE else 0))
        time_s.append(now)
    return [now - event.planned_s for now, event in zip(time_s, graph.events, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("scenario")
    parser.add_argument("timetable", type=Path)
    parser.add_argument("--days", type=int, default=10_000)
    parser.add_argument("--plain-days", type=int, default=20)
    parser.add_argument("--delays", default=SHIPPED[0])
    parser.add_argument("--withdraw", type=int, default=None)
    parser.add_argument("--repair", type=int, default=None, help="also a dispatcher who saves so many minutes")
    parser.add_argument("--repair-days", type=int, default=100)
    asked = parser.parse_args()
    scenario, timetable = railcap.load(asked.scenario), read_timetable(asked.timetable)
    table, _ = load_delay_table(asked.delays, scenario)
    marks = [_now()]
    found = simulate(  # the check of the timetable and all that is counted included
        scenario, timetable, table, days=asked.days, withdraw_min=asked.withdraw, volume=False
    )
    marks.append(_now())
    graph = event_graph(scenario, timetable, table)
    primary_s = primary_delays_s(graph, 0, 0, asked.plain_days)
    late_s = Propagation(graph).delays_s(primary_s)
    marks.append(_now())
    plain = [plain_day(graph, column.tolist()) for column in primary_s.T]
    marks.append(_now())
    same = all((late_s[:, day] == plain[day]).all() for day in range(asked.plain_days))
    print(f"{software()}; {machine()}")
    print(f"{len(timetable.paths)} trains, {len(graph.events):,} events, {len(graph.delays):,} primary delays a day")
    _tell("railcap", found.days, marks[0], marks[1])
    _tell("plain peer", asked.plain_days, marks[2], marks[3])
    peer_s = (marks[3][1] - marks[2][1]) / asked.plain_days * asked.days
    said = "the same" if same else "OTHERWISE"
    print(f"the peer says {said}, and would take {peer_s:,.0f} s of a processor for all days")
    if asked.repair is not None:
        _repair(graph, asked.repair, asked.repair_days)


def _repair(graph: EventGraph, least_gain_min: int, days: int) -> None:
    """Measure a dispatcher, once it is compiled, and say what becomes of the delays."""
    dispatcher = Dispatcher(graph, DispatchingRule(least_gain_min * MINUTE_S))
    primary_s = primary_delays_s(graph, 0, 0, days)
    begin = _now()
    dispatcher.day(np.zeros(len(graph.delays), np.int64))
    compiled = _now()
    late_s, changes = dispatcher.delays_s(primary_s)
    end = _now()
    arrivals = list(graph.arrivals)
    kept_s = Propagation(graph).delays_s(primary_s)[arrivals]
    _tell("compiler", 1, begin, compiled)
    _tell("dispatcher", days, compiled, end)
    repaired_s = late_s[arrivals]
    print(
        f"mean delay {kept_s.mean() / MINUTE_S:.1f} min in the kept order, {repaired_s.mean() / MINUTE_S:.1f} min "
        f"repaired, with {sum(map(len, changes)) / max(1, days):.1f} changes a day"
    )


def _now() -> tuple[float, float]:
    """Return wall clock and processor time."""
    return time.perf_counter(), time.process_time()


def _tell(name: str, days: int, begin: tuple[float, float], end: tuple[float, float]) -> None:
    print(f"{name:12}{days:7,} days  {end[0] - begin[0]:8.2f} s, {end[1] - begin[1]:8.2f} s of a processor")


if __name__ == "__main__":
    main()
