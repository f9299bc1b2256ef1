"""The mix of traffic that a line is to be filled with: kinds of trains and their shares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import gcd, lcm

from railcap.corridor.routing import NoRoute, route
from railcap.corridor.scenario import Scenario
from railcap.corridor.traffic import PathRequest, Stop
from railcap.corridor.validate_fault import did_you_mean
from railcap.errors import InputError, Issue
from railcap.measures.names import station_name

BACK = "/back"
_MOST_WEIGHT = 100
_SHARE = re.compile(r"\d{0,6}(\.\d{1,6})?(/\d{1,6})?")


@dataclass(frozen=True, slots=True)
class MixClass:
    """Trains of a mix that are all alike.

    Parameters
    ----------
    request : PathRequest
        What one of them asks for, in one direction; its times, windows and longest journey do not count.
    weight : int
        Trains of this class in a round of the mix.
    """

    request: PathRequest
    weight: int

    @property
    def id(self) -> str:
        """The id of its request."""
        return self.request.id


@dataclass(frozen=True, slots=True)
class Mix:
    """Classes of trains, by their least whole numbers in a round: ``up=1,down=1`` is a round of a pair.

    Trains keep the mix if they are whole rounds and a part of one more: of a class of weight w there are at least
    ``r w`` and at most ``(r + 1) w`` for some r, which in pairs means as many up as down, or one more.
    """

    classes: tuple[MixClass, ...]

    @property
    def weights(self) -> tuple[int, ...]:
        """Trains of each class in a round."""
        return tuple(one.weight for one in self.classes)

    @property
    def round(self) -> int:
        """Trains in a round."""
        return sum(self.weights)

    def kept(self, counts: Sequence[int]) -> tuple[int, ...]:
        """Return as many of some trains as keep the mix, by class."""
        rounds = min(count // weight for count, weight in zip(counts, self.weights, strict=True))
        return tuple(min(count, (rounds + 1) * weight) for count, weight in zip(counts, self.weights, strict=True))

    def parts(self) -> Iterator[tuple[int, ...]]:
        """Yield every part of a round that is less than a whole one, also the empty one."""
        for part in product(*(range(weight + 1) for weight in self.weights)):
            if part != self.weights:
                yield part


def read_mix(scenario: Scenario, text: str) -> Mix:
    """Read a mix from ``CLASS=share,...``.

    A class is a request of the scenario by its id (``REQUEST``, ``REQUEST/back`` its way back), which brings its vias,
    stops, dwells and processes, or ``TYPE:FROM-TO``, trains of a type between two stations by id. Shares are numbers
    above 0; they are brought to the least whole numbers.

    Raises
    ------
    InputError
        With everything that is wrong with it.
    """
    issues: list[Issue] = []
    found: list[tuple[PathRequest, Fraction]] = []
    for entry in text.split(","):
        name, sign, number = (part.strip() for part in entry.partition("="))
        share = _share(number) if sign else None
        if share is None:
            message = "give CLASS=SHARE with a share above 0, such as freight:A-B=1"
            issues.append(Issue("", "--mix", entry.strip(), message, "bad-share"))
            continue
        request = _named(scenario, name, issues) if ":" not in name else _typed(scenario, name, issues)
        if request is not None and any(other.id == request.id for other, _ in found):
            issues.append(Issue("", "--mix", name, "this class stands twice; add its shares up", "duplicate"))
        elif request is not None:
            found.append((request, share))
    weights = _least([share for _, share in found])
    if weights and max(weights) > _MOST_WEIGHT:
        message = f"a round would have {sum(weights)} trains; give shares that are small whole numbers"
        issues.append(Issue("", "--mix", text, message, "bad-share"))
    if issues:
        raise InputError("the mix cannot be used", issues)
    return Mix(tuple(MixClass(request, weight) for (request, _), weight in zip(found, weights, strict=True)))


def _share(text: str) -> Fraction | None:
    try:
        share = Fraction(text if _SHARE.fullmatch(text) else "")
    except (ValueError, ZeroDivisionError):
        return None
    return share if share > 0 else None


def _least(shares: Sequence[Fraction]) -> list[int]:
    scale = lcm(*(share.denominator for share in shares))
    whole = [int(share * scale) for share in shares]
    return [number // gcd(*whole) for number in whole]


def _named(scenario: Scenario, name: str, issues: list[Issue]) -> PathRequest | None:
    known = {request.id: request for request in scenario.requests}
    plain, back = (name.removesuffix(BACK), True) if name.endswith(BACK) and name not in known else (name, False)
    request = known.get(plain)
    if request is None:
        message = f"no request has this id; give one, or TYPE:FROM-TO{did_you_mean(plain, known)}"
        issues.append(Issue("", "--mix", name, message, "unknown-request"))
        return None
    if back and not request.both:
        issues.append(Issue("", "--mix", name, "this request has no way back", "unknown-request"))
        return None
    stops = {key: Stop(stop.station, stop.dwell_s, process=stop.process) for key, stop in request.stops.items()}
    one_way = replace(request, stops=stops, both=False)
    if not back:
        return one_way
    return replace(
        one_way,
        id=f"{request.id}_back",
        origin=request.destination,
        destination=request.origin,
        vias=request.vias[::-1],
    )


def _typed(scenario: Scenario, name: str, issues: list[Issue]) -> PathRequest | None:
    kind, _, way = (part.strip() for part in name.partition(":"))
    stations = scenario.network.stations
    ends = [
        (way[:place].strip(), way[place + 1 :].strip())
        for place, letter in enumerate(way)
        if letter == "-" and way[:place].strip() in stations and way[place + 1 :].strip() in stations
    ]
    before = len(issues)
    if kind not in scenario.train_types:
        message = f"no train type has this id{did_you_mean(kind, scenario.train_types)}"
        issues.append(Issue("", "--mix", name, message, "unknown-train-type"))
    if not ends:
        parts = [part.strip() for part in way.split("-")]
        unknown = next((part for part in parts if part not in stations), way)
        message = f"give two stations by id, FROM-TO{did_you_mean(unknown, stations)}"
        issues.append(Issue("", "--mix", name, message, "unknown-station"))
    if len(issues) > before:
        return None
    origin, destination = ends[0]
    try:
        route(scenario, kind, origin, (), destination)
    except NoRoute as error:
        issues.append(Issue("", "--mix", name, f"there is no route: {error}", "no-route"))
        return None
    called = f"{kind} {station_name(scenario, origin)} - {station_name(scenario, destination)}"
    return PathRequest(f"{kind}_{origin}_{destination}", kind, origin, destination, 0, name=called, number=called)
