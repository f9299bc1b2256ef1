"""What a formula's numbers are: unit and range stand in the types of its arguments, and every call checks them."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, wraps
from numbers import Real
from typing import Annotated, Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from railcap.errors import InputError, Issue

P = ParamSpec("P")
R = TypeVar("R")

DAY_MIN = 1440
_WEEK_MIN = 7 * DAY_MIN
_WEEK_S = 60 * _WEEK_MIN
_YEAR_MIN = 366 * DAY_MIN
_MOST_TRAINS = 10_000
_DUST = 1e-9


class Shape(Enum):
    """How many numbers an argument holds, and how they are arranged."""

    NUMBER = "a number"
    WHOLE = "a whole number"
    LIST = "a list of numbers, or one for all"
    MATRIX = "rows of numbers"
    INTERVALS = "intervals"
    BLOCKS = "for each train, an interval on each block or none"
    NAMED = "names with numbers"


@dataclass(frozen=True, slots=True)
class Quantity:
    """Unit, shape and allowed range of an argument, and the unit of a result.

    Parameters
    ----------
    unit : str
        As people write it, ``""`` for a pure number; ``"share"`` for a fraction that is shown in per cent.
    least, most : float
        Allowed range of each number.
    shape : Shape
        How the numbers are arranged.
    positive : bool
        Whether `least` itself is excluded.
    """

    unit: str = ""
    least: float = 0.0
    most: float = math.inf
    shape: Shape = Shape.NUMBER
    positive: bool = False

    @property
    def range_text(self) -> str:
        """The allowed range in words, with the unit."""
        begin = f"more than {self.least:,.10g}" if self.positive else f"at least {self.least:,.10g}"
        end = "" if math.isinf(self.most) else f" and at most {self.most:,.10g}"
        return f"{begin}{end} {'' if self.unit == 'share' else self.unit}".rstrip()

    def fault(self, value: object) -> tuple[str, str] | None:
        """Return what is wrong with one number, as a message and a code; None if nothing is."""
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            return "this is not a number", "not-a-number"
        number = float(value)
        if self.shape in (Shape.WHOLE, Shape.INTERVALS, Shape.BLOCKS) and not number.is_integer():
            return "this must be a whole number", "not-a-number"
        if not self.least <= number <= self.most or (self.positive and number == self.least):
            hint = "; write a fraction, 0.75 for 75 %" if self.unit == "share" and number > 1 else ""
            return f"this must be {self.range_text}{hint}", "out-of-range"
        return None


@dataclass(frozen=True, slots=True)
class FromTable:
    """Where an argument comes from if it is not given: the table of thresholds.

    `case` may name choices of the user, such as ``"{traffic}/{period}"``; ``"*"`` means all cases, by name.
    """

    name: str
    case: str = ""


Seconds = Annotated[float, Quantity("s", 0, _WEEK_S)]
PositiveSeconds = Annotated[float, Quantity("s", 0, _WEEK_S, positive=True)]
Minutes = Annotated[float, Quantity("min", 0, _WEEK_MIN)]
PositiveMinutes = Annotated[float, Quantity("min", 0, _WEEK_MIN, positive=True)]
DayMinutes = Annotated[float, Quantity("min", 0, DAY_MIN)]
MinutesEach = Annotated[float | Sequence[float], Quantity("min", 0, _WEEK_MIN, Shape.LIST)]
SpanMinutes = Annotated[float, Quantity("min", 0, _YEAR_MIN, positive=True)]
SpanMinutesEach = Annotated[float | Sequence[float], Quantity("min", 0, _YEAR_MIN, Shape.LIST)]
PositiveMinutesEach = Annotated[float | Sequence[float], Quantity("min", 0, _WEEK_MIN, Shape.LIST, positive=True)]
Metres = Annotated[float, Quantity("m", 0, 1e6)]
Kilometres = Annotated[float, Quantity("km", 0, 1e5)]
Speed = Annotated[float, Quantity("km/h", 0, 1000, positive=True)]
Share = Annotated[float, Quantity("share", 0, 1, positive=True)]
Trains = Annotated[float, Quantity("trains", 0, _MOST_TRAINS)]
TrainsEach = Annotated[float | Sequence[float], Quantity("trains", 0, _MOST_TRAINS, Shape.LIST)]
Pairs = Annotated[float, Quantity("pairs/day", 0, _MOST_TRAINS)]
NamedPairs = Annotated[Mapping[str, float], Quantity("pairs/day", 0, _MOST_TRAINS, Shape.NAMED)]
Count = Annotated[int, Quantity("", 1, 1000, Shape.WHOLE)]
Counts = Annotated[Sequence[int], Quantity("", 1, 1000, Shape.LIST)]
Factor = Annotated[float, Quantity("", 0, 100, positive=True)]
NamedFactors = Annotated[Mapping[str, float], Quantity("", 0, 100, Shape.NAMED, positive=True)]
HeadwayMatrix = Annotated[Sequence[Sequence[float]], Quantity("s", 0, _WEEK_S, Shape.MATRIX)]
Intervals = Annotated[Sequence[tuple[int, int]], Quantity("s", -_WEEK_S, _WEEK_S, Shape.INTERVALS)]
Blocks = Annotated[Sequence[Sequence[tuple[int, int] | None]], Quantity("s", -_WEEK_S, _WEEK_S, Shape.BLOCKS)]

# Of results only; their ranges say nothing.
PairsWhole = Annotated[int, Quantity("pairs/day")]
TrainsWhole = Annotated[int, Quantity("trains")]
TrainsPerHour = Annotated[float, Quantity("trains/h")]
Proportion = Annotated[float, Quantity("share")]
MinutesList = Annotated[tuple[float, ...], Quantity("min", shape=Shape.LIST)]
SecondsList = Annotated[tuple[int, ...], Quantity("s", shape=Shape.LIST)]
PerMinute = Annotated[float, Quantity("1/min")]


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function raise `InputError`, with every argument that is out of its range, before it computes."""
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        arguments = signature.bind(*args, **kwargs).arguments
        refuse(function.__name__, range_issues(call, arguments))
        return function(*args, **kwargs)

    return call


def range_issues(function: Callable[..., object], arguments: Mapping[str, object]) -> list[Issue]:
    """Return an issue for every number among `arguments` that is none or is out of its range."""
    known, types = quantities(function), hints(function)
    return [
        issue
        for name, value in arguments.items()
        if name in known and (value is not None or not _optional(types[name]))
        for issue in _issues(name, value, known[name])
    ]


def _optional(hint: Any) -> bool:
    return get_origin(hint) is not Annotated and type(None) in get_args(hint)


@lru_cache(maxsize=256)
def quantities(described: object) -> Mapping[str, Quantity]:
    """Return the quantities of a function's arguments, or of a dataclass's fields, by name; those that have one."""
    found = {name: metadata(hint, Quantity) for name, hint in hints(described).items()}
    return {name: quantity for name, quantity in found.items() if quantity is not None}


def hints(described: object) -> Mapping[str, Any]:
    """Return the types of arguments or fields with what is noted in them."""
    found = get_type_hints(described, include_extras=True)
    return {name: hint for name, hint in found.items() if name != "return"}


T = TypeVar("T")


def metadata(hint: Any, kind: type[T]) -> T | None:
    """Return what of `kind` is noted in a type; looks into ``X | None``."""
    if get_origin(hint) is Annotated:
        return next((noted for noted in hint.__metadata__ if isinstance(noted, kind)), None)
    return next((found for part in get_args(hint) if (found := metadata(part, kind)) is not None), None)


def refuse(what: str, issues: Sequence[Issue]) -> None:
    """Raise `InputError` if there are issues."""
    if issues:
        raise InputError(f"{what} cannot be computed", issues)


def whole_down(value: float) -> int:
    """Return trains or pairs rounded down, forgiving floating-point dust below a billionth."""
    return math.floor(value + _DUST)


def not_more(value: float, limit: float) -> bool:
    """Return whether a value keeps a limit, forgiving floating-point dust below a billionth."""
    return value <= limit + _DUST


def each(what: str, lists: Mapping[str, float | Sequence[float]]) -> Iterator[tuple[float, ...]]:
    """Return the rows of several lists of equal length; a single number stands in every row.

    Raises
    ------
    InputError
        Naming every list whose length differs from that of the longest.
    """
    full = {name: _as_list(values) for name, values in lists.items()}
    length = max(len(values) for values in full.values())
    issues = [
        Issue("", name, _text(values), f"{len(values)} numbers stand here, {length} elsewhere", "wrong-length")
        for name, values in full.items()
        if len(values) not in (1, length)
    ]
    refuse(what, issues)
    return zip(*(values * length if len(values) == 1 else values for values in full.values()), strict=True)


def _as_list(values: float | Sequence[float]) -> list[float]:
    return list(values) if isinstance(values, Iterable) else [values]


def _text(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    text = ",".join(f"{one:.10g}" if isinstance(one, (int, float)) else str(one) for one in parts)
    return text if len(text) <= 60 else text[:57] + "..."


def _issues(name: str, value: object, quantity: Quantity) -> Iterator[Issue]:
    try:
        numbers = list(_numbers(value, quantity.shape))
    except (TypeError, ValueError, AttributeError):
        yield Issue("", name, _text(value), f"{quantity.shape.value} is expected here", "wrong-shape")
        return
    if not numbers and quantity.shape is not Shape.NAMED:
        yield Issue("", name, "", "at least one number is needed", "missing-value")
    for place, number in numbers:
        where = ", ".join(part for part in (name, place) if part)
        if fault := quantity.fault(number):
            yield Issue("", where, _text(number), *fault)
    for place, begin, end in _pairs(value, quantity.shape):
        if end <= begin:
            message = "an interval must end after it begins"
            yield Issue("", f"{name}, {place}", f"{begin}-{end}", message, "contradiction")


def _numbers(value: Any, shape: Shape) -> Iterator[tuple[str, object]]:
    """Yield the numbers of an argument, each with its place in words."""
    if shape in (Shape.NUMBER, Shape.WHOLE) or (shape is Shape.LIST and isinstance(value, Real)):
        yield "", value
    elif shape is Shape.LIST:
        yield from ((f"number {place}", number) for place, number in enumerate(value, 1))
    elif shape is Shape.MATRIX:
        for row, numbers in enumerate(value, 1):
            yield from ((f"row {row}, number {place}", number) for place, number in enumerate(numbers, 1))
    elif shape is Shape.NAMED:
        yield from value.items()
    else:
        for place, begin, end in _pairs(value, shape):
            yield from ((place, begin), (place, end))


def _pairs(value: Any, shape: Shape) -> Iterator[tuple[str, Any, Any]]:
    if shape is Shape.INTERVALS:
        yield from ((f"interval {place}", begin, end) for place, (begin, end) in enumerate(value, 1))
    elif shape is Shape.BLOCKS:
        for train, blocks in enumerate(value, 1):
            for block, interval in enumerate(blocks, 1):
                if interval is not None:
                    yield f"train {train}, block {block}", *interval
