"""A made-up border yard: broad gauge from one side, standard gauge from the other, cranes and customs between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from railcap.corridor.infrastructure import Network, Section, Station, Track, TrackKind
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop, TrainType
from railcap.corridor.yards import YardProcess, YardResource, YardStep
from railcap.planning.timetable import Call, Leg, Step, TrainPath
from railcap.units import to_utc_s

BROAD, STANDARD = frozenset({1676}), frozenset({1435})
DAY = date(2026, 3, 2)
ZONE, FAR_ZONE = "Asia/Karachi", "Asia/Kabul"


def at(clock: str) -> int:
    """Return an instant of the sample's first day, local in `ZONE`; ``"30:00"`` is on the next day."""
    hours, minutes = clock.split(":")
    return to_utc_s(DAY, int(hours) * 3600 + int(minutes) * 60, ZONE)


def border_line(*requests: PathRequest, line: str = "AB", tracks: int = 2, cranes: int = 1, **fields: Any) -> Scenario:
    """Return a line A - B - Y of broad and Y - Z of standard gauge; in the yard Y trains are unloaded and loaded.

    Sections take ten minutes; trains need two more to start and one more to stop. Y has so many tracks of both gauges,
    "1" and so on, and track "K" with the crane; the others have two; Z has another clock.
    """
    main = Track("1", TrackKind.MAIN, 750, BROAD | STANDARD)
    loop = Track("2", TrackKind.LOOP, 750, BROAD | STANDARD)
    in_yard = [Track(str(number + 1), TrackKind.YARD, 750, BROAD | STANDARD) for number in range(tracks)]
    stations = {
        **{name: Station(name, f"Station {name}", (main, loop), ZONE) for name in line},
        "Y": Station("Y", "Border", (*in_yard, Track("K", TrackKind.YARD, 750, BROAD | STANDARD)), ZONE, kind="yard"),
        "Z": Station("Z", "Station Z", (main, loop), FAR_ZONE),
    }
    speeds = {"freight": 60.0, "passenger": 60.0}
    sections = [
        Section(one + other, one, other, 10_000, 1, STANDARD if other == "Z" else BROAD, speeds)
        for one, other in pairwise(f"{line}YZ")
    ]
    processes = [
        YardProcess("unload", (YardStep("customs", 1800), YardStep("unload", 3600, 0, "crane", ("K",)))),
        YardProcess("load", (YardStep("load", 3600, 0, "crane"), YardStep("brakes", 600))),
    ]
    base = Scenario(
        "border",
        ZONE,
        DAY,
        1,
        Network(stations, {section.id: section for section in sections}),
        {
            "broad": TrainType("broad", "Broad", "freight", 700, 60, 1676, 120, 60),
            "standard": TrainType("standard", "Standard", "freight", 700, 60, 1435, 120, 60),
        },
        requests,
        yard_resources={"crane": YardResource("crane", "Y", cranes)},
        processes={process.id: process for process in processes},
        run_out_h=24,
        title="A border yard",
    )
    return replace(base, **fields)


def asked(name: str, way: str, departure: str, process: str = "", **fields: Any) -> PathRequest:
    """Ask for a train over `way` (``"A-Y"``) that undergoes a process in the yard."""
    origin, destination = way.split("-")
    kind = "standard" if "Z" in way else "broad"
    hours, minutes = departure.split(":")
    values: dict[str, Any] = {"later_s": 7200, "stops": {"Y": Stop("Y", process=process)} if process else {}, **fields}
    return PathRequest(name, kind, origin, destination, int(hours) * 3600 + int(minutes) * 60, **values)


def step(name: str, track: str, begin: str, end: str, resource: str = "") -> Step:
    return Step(name, resource, track, at(begin), at(end))


def train(name: str, *calls: tuple[Any, ...]) -> TrainPath:
    """Return a train of calls ``(station, track, arrival, departure, *steps)``; `name` is ``"IN"`` or ``"IN/2"``."""
    request, _, number = name.partition("/")
    found = [Call(place, track, at(one), at(other), True, tuple(steps)) for place, track, one, other, *steps in calls]
    legs = [Leg("".join(sorted((here.station, there.station))), "1") for here, there in pairwise(found)]
    kind = "standard" if any(call.station == "Z" for call in found) else "broad"
    return TrainPath(f"{request}/{DAY.isoformat()}/{number or 1}", request, "", kind, tuple(found), tuple(legs))
